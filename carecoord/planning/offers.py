"""Do the visits of a new person fit into a day, and what would they move? Pure.

A day with a plan is answered by insertion into its real routes under every rule; a day without
one by an estimate against the roster.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from carecoord.errors import Fact
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.staff import Level, Staff
from carecoord.model.visits import DayPlan
from carecoord.model.visits import Stop as PlannedStop
from carecoord.planning import fit, ground
from carecoord.planning.ground import Worse
from carecoord.planning.problem import Built
from solver import Pause, Route, Solution, Stop, Weights, suggest
from solver import Shift as SolverShift
from solver import Unserved as SolverUnserved

_SHIFT_SLACK = 6 * 3600


@dataclass(frozen=True, slots=True)
class Placed:
    """A visit that fits.

    staff, start
        Who and when, seconds after 00:00; empty and 0 on a day that is only estimated.
    """

    demand: DemandId
    staff: tuple[StaffId, ...] = ()
    start: int = 0


@dataclass(frozen=True, slots=True)
class Missed:
    """A visit that does not fit, and the rule that forbids it."""

    demand: DemandId
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """A visit of somebody else that would begin at another time, seconds after 00:00."""

    demand: DemandId
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class DayFit:
    """What a day says to the new visits; `solution` is the day with those that fit.

    overtime, travel
        Seconds more over all carers than without them.
    worse
        Soft rules of other people's visits that would be kept less well.
    """

    placed: tuple[Placed, ...]
    missed: tuple[Missed, ...]
    moved: tuple[Moved, ...]
    solution: Solution | None = None
    overtime: int = 0
    travel: int = 0
    worse: tuple[Worse, ...] = ()


def insert(built: Built, solution: Solution, wanted: Sequence[VisitDemand]) -> DayFit:
    """Insert visits one by one, the narrowest first, each at its cheapest place.

    Parameters
    ----------
    built
        The day with the new visits among its visits.
    solution
        Its plan in force, without them.
    """
    kept_out = {one.demand: one for one in built.kept_out}
    by_id = {str(d.id): d for d in wanted}
    missed = [
        Missed(d.id, kept_out[d.id].code, kept_out[d.id].facts) for d in wanted if d.id in kept_out
    ]
    order = [d.id for d in sorted(wanted, key=_narrow_first) if d.id not in kept_out]
    day = ground.of(built.problem, solution, Weights(), promises=False)
    found, without, after = fit.insert_all(day, order)
    missed += [Missed(by_id[id_].id, *_why(built, by_id[id_])) for id_ in without]
    placed: list[Placed] = []
    for place in found:
        one = (place.visit, place.staff, place.start)
        others = ((c.visit, c.staff, c.start) for c in place.companions if c.visit in by_id)
        placed += [
            Placed(DemandId(visit), tuple(StaffId(s) for s in staff), start)
            for visit, staff, start in (one, *others)
        ]
    return DayFit(
        tuple(placed),
        tuple(missed),
        _moved(solution, after.solution),
        after.solution,
        overtime=sum(place.step.overtime for place in found),
        travel=sum(place.step.travel for place in found),
        worse=_worse(found, by_id),
    )


def estimate(
    staff: Iterable[Staff],
    planned: Iterable[VisitDemand],
    wanted: Sequence[VisitDemand],
    *,
    share: int,
    way: int,
) -> DayFit:
    """Whether the roster of an unplanned day has room left.

    A visit counts as fitting when enough able people are at work in one of its windows, and all
    visits that only such people can do, ways included, fill no more than a share of their time.

    Parameters
    ----------
    share
        Percent of working time.
    way
        Seconds to each visit.
    """
    people = [one for one in staff if one.shifts]
    load = list(planned)
    placed: list[Placed] = []
    missed: list[Missed] = []
    for demand in sorted(wanted, key=_narrow_first):
        able = [one for one in people if demand.level in one.levels]
        here = [one for one in able if _at_work(one, demand)]
        needed = [d for d in [*load, demand] if _only(d.level, able, people)]
        seconds = sum((d.duration + way) * d.carers for d in needed)
        capacity = sum(s.end - s.start for one in able for s in one.shifts) * share // 100
        if len(here) < demand.carers:
            code = "unserved.no_window" if len(able) >= demand.carers else "unserved.no_skill"
            facts: dict[str, Fact] = {"carers": demand.carers, "skill": demand.level.value}
            missed.append(Missed(demand.id, code, facts | _window(demand)))
        elif seconds > capacity:
            facts = {"needed": seconds // 60, "free": capacity // 60, "share": share}
            missed.append(Missed(demand.id, "offer.roster_full", facts))
        else:
            placed.append(Placed(demand.id))
            load.append(demand)
    return DayFit(tuple(placed), tuple(missed), ())


def solution_of(built: Built, plan: DayPlan) -> Solution:
    """The stored plan of a day as the solver knows it.

    Stops of somebody without working time are in a shift that is not there: the judge says so.
    """
    problem = built.problem
    people = {one.id: one for one in problem.staff}
    fixed = {
        (built.stand_ins[who], pin.visit): who
        for pin in problem.pins
        for who in pin.staff
        if who in built.stand_ins
    }
    rows: dict[tuple[str, int], list[PlannedStop]] = {}
    for stop in sorted(plan.stops, key=lambda s: (s.staff, s.start, s.order)):
        who = fixed.get((stop.staff, stop.demand), stop.staff)
        if problem.has_visit(stop.demand) and who in people:
            rows.setdefault((who, _shift(people[who].shifts, stop.start)), []).append(stop)
    served = {s.demand for inside in rows.values() for s in inside}
    return Solution(
        routes=tuple(_route(built, plan, *key, rows[key]) for key in sorted(rows)),
        unserved=tuple(
            SolverUnserved(v.id, "no_capacity") for v in problem.visits if v.id not in served
        ),
        cost={},
    )


def _route(built: Built, plan: DayPlan, who: str, at: int, stops: Sequence[PlannedStop]) -> Route:
    problem = built.problem
    person = problem.staff[problem.staff_row(who)]
    first, last = stops[0], stops[-1]
    made = tuple(Stop(s.demand, s.arrival, s.start, s.end) for s in stops)
    if not person.shifts:
        return Route(who, 0, first.arrival - first.travel, last.end, made)
    shift = person.shifts[at]
    departure = first.arrival - first.travel
    if who in built.stand_ins:
        departure = min(first.arrival, shift.start)
    elif built.fixed or built.past.until:
        departure = max(shift.start, departure)
        made = (_reached(built, person.mode, shift, departure, made[0]), *made[1:])
        departure = min(departure, made[0].arrival)
    pauses = [
        p
        for p in plan.pauses
        if p.staff == who and p not in built.past.pauses and _shift(person.shifts, p.start) == at
    ]
    finish = last.end
    if shift.end_place is not None:
        base = built.bases.get(StaffId(who), shift.end_place)
        way = problem.travel[person.mode]
        there = last.end + int(
            way[problem.visits[problem.visit_row(last.demand)].place, shift.end_place]
        )
        later = (h.arrival for h in plan.homeward if h.staff == who and h.arrival >= last.end)
        finish = min(later, default=last.end) if shift.end_place == base else there
    return Route(
        staff=who,
        shift=at,
        departure=departure,
        finish=finish,
        stops=made,
        pauses=tuple(Pause(k, p.start, p.end) for k, p in enumerate(pauses)),
    )


def _reached(built: Built, mode: int, shift: SolverShift, left: int, stop: Stop) -> Stop:
    """A first stop, reached later if the person sets out later, as long as it begins in time."""
    problem = built.problem
    visit = problem.visits[problem.visit_row(stop.visit)]
    way = (
        0
        if shift.start_place is None
        else int(problem.travel[mode][shift.start_place, visit.place])
    )
    arrival = max(stop.arrival, left + way)
    return replace(stop, arrival=arrival) if arrival + visit.access <= stop.start else stop


def _narrow_first(demand: VisitDemand) -> tuple[int, int, str]:
    return -demand.carers, sum(b - a for a, b in demand.windows), demand.id


def _moved(before: Solution, after: Solution) -> tuple[Moved, ...]:
    old = {s.visit: s.start for r in before.routes for s in r.stops}
    new = {s.visit: s.start for r in after.routes for s in r.stops}
    return tuple(
        Moved(DemandId(visit), start, new[visit])
        for visit, start in sorted(old.items())
        if visit in new and new[visit] != start
    )


def _worse(found: Iterable[fit.Place], new: Collection[str]) -> tuple[Worse, ...]:
    """What all insertions together worsen for others: from before the first to after the last."""
    kept: dict[tuple[str, str, str], Worse] = {}
    for place in found:
        for one in place.step.worse:
            if one.visit in new or one.rule == "overtime":
                continue
            key = (one.rule, one.visit, one.staff)
            first = kept.get(key, one)
            kept[key] = replace(one, before=first.before)
    return tuple(kept[key] for key in sorted(kept))


def _why(built: Built, demand: VisitDemand) -> tuple[str, Mapping[str, Fact]]:
    """Ruled out by who is at work, or crowded out by the plan: known by insertion into nothing."""
    empty = Solution(
        routes=(),
        unserved=tuple(SolverUnserved(v.id, "no_capacity") for v in built.problem.visits),
        cost={},
    )
    alone = suggest(built.problem, empty, demand.id, top=1)
    able = sum(1 for s in built.problem.staff if s.skills.get(demand.level.value) and s.shifts)
    facts: dict[str, Fact] = {"carers": demand.carers, "skilled": able}
    if alone:
        return "unserved.no_capacity", facts
    if able < demand.carers:
        return "unserved.no_skill", facts | {"skill": demand.level.value}
    return "unserved.no_window", facts | _window(demand)


def _window(demand: VisitDemand) -> dict[str, Fact]:
    return {"earliest": demand.windows[0][0], "latest": demand.windows[-1][1]}


def _at_work(one: Staff, demand: VisitDemand) -> bool:
    return any(
        shift.start <= latest and earliest + demand.duration <= shift.end
        for shift in one.shifts
        for earliest, latest in demand.windows
    )


def _only(level: Level, able: Sequence[Staff], people: Sequence[Staff]) -> bool:
    """Whether nobody but these can do visits of a level."""
    inside = {one.id for one in able}
    can = [one.id for one in people if level in one.levels]
    return bool(can) and all(who in inside for who in can)


def _shift(shifts: Sequence[SolverShift], start: int) -> int:
    for at, shift in enumerate(shifts):
        if shift.start <= start <= shift.end + _SHIFT_SLACK and (
            at + 1 == len(shifts) or start < shifts[at + 1].start
        ):
            return at
    return max(0, len(shifts) - 1)
