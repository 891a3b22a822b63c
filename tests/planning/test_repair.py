"""Whatever happens: begun visits stay, pins are respected or reported, the judge agrees."""

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.model.ids import DemandId, StaffId
from carecoord.model.pins import VisitPin
from carecoord.model.staff import Shift
from carecoord.model.visits import DayKey, DayPlan, Unserved
from carecoord.planning import figures
from carecoord.planning.absence import without as shift_without
from carecoord.planning.offers import solution_of
from carecoord.planning.past import Past, past_of
from carecoord.planning.pinned import unmet
from carecoord.planning.problem import Built, Costs, DayInput, build, places
from carecoord.planning.repair import Repaired, Told, repair
from carecoord.planning.result import day_plan
from carecoord.planning.withdraw import without
from carecoord.streets import EBIKE, WALK, estimate
from solver import Options, Solution, check, solve
from solver import Unserved as SolverUnserved
from tests.build import DAY, HOUR, STREET, demand, elder, place, rules, staff

RULES = figures.day_rules(rules())
KEY = DayKey(STREET, DAY)
STEPS = Options(seconds=60, iterations=80)


@dataclass(frozen=True)
class Case:
    """A planned day and what happened on it.

    until
        Nothing before is changed; `begun`: visits reported as begun.
    """

    day: DayInput
    plan: DayPlan
    until: int
    begun: frozenset[DemandId]
    absent: tuple[StaffId, ...]
    late: dict[StaffId, int]
    on_foot: frozenset[StaffId]
    undone: tuple[DemandId, ...]
    pins: tuple[VisitPin, ...]


def built(day: DayInput) -> Built:
    at = places(day)
    modes = {"e-bike": EBIKE, "walk": WALK}
    return build(day, at, {m: estimate(at.rows, modes[m]) for m in modes}, RULES, Costs())


def drawn(day: DayInput, made: Built, solution: Solution) -> DayPlan:
    modes = {one.id: one.mode for one in day.staff}
    return day_plan(KEY, made, places(day), solution, modes, lambda *_: (), estimated=True)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Nine elders on a grid, four caregivers; pairs, several shifts, and things that happen."""
    count = 9
    doors = [(k % 5 + 1, k // 3) for k in draw(st.permutations(range(count)))]
    elders = [elder(f"e{k}", place(*doors[k])) for k in range(count)]
    pair = draw(st.sampled_from([-1, 0, 4]))
    wanted = tuple(
        demand(
            f"v{k}",
            f"e{k}",
            windows=(((8 + k % 3) * HOUR, (10 + k % 4) * HOUR),),
            carers=2 if k == pair else 1,
        )
        for k in range(count)
    )
    split = (Shift(8 * HOUR, 10 * HOUR + 1800), Shift(11 * HOUR, 17 * HOUR))
    people = tuple(
        replace(staff(f"c{k}", mode="e-bike"), shifts=split if k == 3 else (Shift(28800, 61200),))
        for k in range(4)
    )
    day = DayInput(wanted, {e.id: e for e in elders}, people)
    made = built(day)
    plan = drawn(day, made, solve(made.problem, STEPS))
    until = draw(st.sampled_from([0, 7, 8.5, 9, 9.75, 10.5, 12, 14]))
    starts = sorted({(s.start, s.demand) for s in plan.stops})
    early = [d for at, d in starts if at < until * HOUR + 1200]
    ids = [one.id for one in people]
    pins = [
        VisitPin(s.demand, (s.staff,), draw(st.sampled_from([s.start, None, 20 * HOUR])))
        for s in draw(st.lists(st.sampled_from(plan.stops), max_size=2, unique=True))
        if s.demand != f"v{pair}"
    ]
    return Case(
        day=day,
        plan=plan,
        until=int(until * HOUR),
        begun=frozenset(draw(st.lists(st.sampled_from(early), unique=True)) if early else []),
        absent=tuple(draw(st.lists(st.sampled_from(ids), max_size=2, unique=True))),
        late={
            who: int(until * HOUR) + 2400 for who in draw(st.sets(st.sampled_from(ids), max_size=2))
        },
        on_foot=frozenset(draw(st.sets(st.sampled_from(ids), max_size=1))),
        undone=tuple(
            draw(st.lists(st.sampled_from([d.id for d in wanted]), max_size=2, unique=True))
        ),
        pins=tuple({p.demand: p for p in pins}.values()),
    )


def happened(case: Case) -> tuple[DayInput, Built, DayPlan]:
    """The day as it is known afterwards, and what is left of its plan."""
    undone = {d: Unserved(d, "unserved.cancelled", {}) for d in case.undone if d not in case.begun}
    plan = without(case.plan, undone)
    past = replace(past_of(plan, case.begun, case.until), ready=case.late)
    people = tuple(
        replace(
            one,
            mode="walk" if one.id in case.on_foot else one.mode,
            shifts=tuple(
                left for s in one.shifts for left in shift_without(s, case.until, 99 * HOUR)
            )
            if one.id in case.absent
            else one.shifts,
        )
        for one in case.day.staff
    )
    day = replace(
        case.day,
        staff=people,
        held=undone,
        past=past,
        pins=case.pins,
        starts={s.demand: s.start for s in plan.stops},
    )
    return day, built(day), plan


def told(made: Built, plan: DayPlan) -> Told:
    routes = solution_of(made, plan).routes
    return Told(routes, frozenset(s.demand for s in plan.stops[:2]), 7200)


def repaired(case: Case) -> tuple[DayInput, Built, Repaired, DayPlan, DayPlan]:
    day, made, plan = happened(case)
    done = repair(made, solution_of(made, plan), told(made, plan), STEPS)
    return day, made, done, plan, drawn(day, made, done.solution)


@given(cases())
@settings(max_examples=40, deadline=None)
def test_a_repair_keeps_what_has_begun_and_the_judge_passes(case: Case) -> None:
    day, made, done, plan, after = repaired(case)
    assert done.verdict.ok
    assert check(made.problem, solution_of(made, after)).violations == ()
    assert {s.demand for s in after.stops} | {u.demand for u in after.unserved} == {
        d.id for d in day.demands
    }
    for stop in plan.stops:
        if stop.demand in case.begun or stop.start < case.until:
            (now,) = (s for s in after.stops if (s.staff, s.demand) == (stop.staff, stop.demand))
            assert replace(now, order=0) == replace(stop, order=0)
    began = {s.demand for s in made.past.stops}
    for stop in after.stops:
        if stop.demand not in began and stop.demand not in made.fixed:
            assert stop.start >= max(case.until, case.late.get(stop.staff, 0))
            assert stop.demand not in case.undone


@given(cases())
@settings(max_examples=20, deadline=None)
def test_pins_are_respected_or_reported_whatever_happens(case: Case) -> None:
    day, made, _, _, after = repaired(case)
    missed = unmet(day.pins, after, made.breaches)
    assert not missed


@given(cases())
@settings(max_examples=20, deadline=None)
def test_a_repair_never_costs_more_than_leaving_undone_whatever_is_affected(case: Case) -> None:
    _, made, done, plan = repaired(case)[:4]
    # Everybody absent, late or on foot loses all that has not happened, as do all pinned visits.
    hurt = {*case.absent, *case.late, *case.on_foot}
    present = solution_of(made, plan)
    fixed = made.fixed
    pinned = {p.demand for p in case.pins}
    routes = [
        replace(
            r,
            stops=tuple(
                s
                for s in r.stops
                if s.visit in fixed or not (made.person(r.staff) in hurt or s.visit in pinned)
            ),
        )
        for r in present.routes
        if made.problem.has_staff(r.staff)
    ]
    together: dict[str, int] = {}
    for r in routes:
        for s in r.stops:
            together[s.visit] = together.get(s.visit, 0) + 1
    carers = {v.id: v.carers for v in made.problem.visits}
    routes = [
        replace(r, stops=tuple(s for s in r.stops if together[s.visit] == carers[s.visit]))
        for r in routes
    ]
    served = {s.visit for r in routes for s in r.stops}
    rest = tuple(
        SolverUnserved(v.id, "no_capacity") for v in made.problem.visits if v.id not in served
    )
    bare = Solution(tuple(r for r in routes if r.stops), rest, {})
    verdict = check(replace(made.problem, previous=told(made, plan).routes), bare)
    if verdict.ok:
        assert done.verdict.cost["unserved"] <= verdict.cost["unserved"]
    if done.dropped is not None:
        assert done.weighed <= done.dropped


def calls(plan: DayPlan) -> list[tuple[StaffId, DemandId, int, int]]:
    """Who calls where and when; whoever waits at a door may set out later."""
    return [(s.staff, s.demand, s.start, s.end) for s in plan.stops]


@given(cases())
@settings(max_examples=15, deadline=None)
def test_a_repair_of_nothing_changes_nothing(case: Case) -> None:
    same = replace(
        case, absent=(), late={}, on_foot=frozenset(), undone=(), pins=(), begun=frozenset()
    )
    _, made, done, plan, after = repaired(same)
    assert made.breaches == ()
    assert done.lost == ()
    assert calls(after) == calls(plan)


def test_an_open_day_has_no_past() -> None:
    assert Past().empty
    assert not Past(until=1).empty
