"""Pins are kept as people wanted them, possible or not, and what a rule forbids is reported."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.model.ids import DemandId, StaffId
from carecoord.model.pins import VisitPin
from carecoord.model.staff import Level, Shift, Staff
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning import figures
from carecoord.planning.offers import solution_of
from carecoord.planning.pinned import unmet
from carecoord.planning.problem import Built, Costs, DayInput, build, places
from carecoord.planning.result import day_plan
from carecoord.streets import EBIKE, WALK, estimate
from solver import Options, check, solve
from tests.build import DAY, HOUR, STREET, demand, elder, place, rules, staff

RULES = figures.day_rules(rules())
KEY = DayKey(STREET, DAY)
STEPS = Options(seconds=30, iterations=1000)


def built(day: DayInput) -> Built:
    at = places(day)
    modes = {"e-bike": EBIKE, "walk": WALK}
    used = {one.mode for one in day.staff} or {"walk"}
    return build(day, at, {m: estimate(at.rows, modes[m]) for m in used}, RULES, Costs())


def planned(day: DayInput) -> tuple[Built, DayPlan]:
    """The day planned, judged, and judged again from what would be stored."""
    made = built(day)
    solution = solve(made.problem, STEPS)
    assert check(made.problem, solution, STEPS).ok
    modes = {one.id: one.mode for one in day.staff}
    plan = day_plan(KEY, made, places(day), solution, modes, lambda _a, _b, _m: (), estimated=True)
    assert check(made.problem, solution_of(made, plan), STEPS).violations == ()
    return made, plan


def street(count: int = 6, people: int = 3) -> DayInput:
    """So many elders on a line, one visit each in the morning, and caregivers at its end."""
    return DayInput(
        demands=tuple(
            demand(f"v{k}", f"e{k}", windows=((8 * HOUR, 11 * HOUR),)) for k in range(count)
        ),
        elders={e.id: e for e in (elder(f"e{k}", place(k + 1)) for k in range(count))},
        staff=tuple(staff(f"c{k}") for k in range(people)),
    )


def pin(visit: str, *who: str, start: int | None = None, after: str | None = None) -> VisitPin:
    carers = tuple(StaffId(one) for one in who)
    return VisitPin(DemandId(visit), carers, start, DemandId(after) if after else None)


def found(plan: DayPlan, visit: str) -> tuple[set[str], int]:
    stops = [s for s in plan.stops if s.demand == visit]
    return {s.staff for s in stops}, stops[0].start if stops else -1


@st.composite
def pinned_days(draw: st.DrawFn) -> DayInput:
    """A small street, some of it with pairs, links of absence, and pins of every kind."""
    count = draw(st.integers(2, 7))
    day = street(count, 3)
    off = draw(st.sampled_from(["", "c0", "c1"]))
    hours = draw(st.sampled_from([(8, 17), (8, 10), (10, 15)]))
    people = tuple(
        replace(one, shifts=() if one.id == off else (Shift(hours[0] * HOUR, hours[1] * HOUR),))
        if one.id in (off, "c2")
        else one
        for one in day.staff
    )
    pair = draw(st.sampled_from(["", "v0", "v1"]))
    wanted = tuple(replace(d, carers=2) if d.id == pair else d for d in day.demands)
    pins = []
    for visit in draw(st.lists(st.sampled_from([d.id for d in wanted]), max_size=4, unique=True)):
        carers = draw(st.sampled_from([0, 0, 1, 1, 1]))
        if carers:
            carers = 2 if visit == pair else 1
        who = draw(st.permutations(["c0", "c1", "c2"]))[:carers]
        start = draw(st.sampled_from([None, 7, 8, 9, 9.25, 10, 16, 18]))
        after = draw(st.sampled_from([None, None, "v0", "v1"]))
        at = None if start is None else int(start * HOUR)
        if who or at is not None or (after and after != visit):
            pins.append(pin(visit, *who, start=at, after=after if after != visit else None))
    return replace(day, staff=people, demands=wanted, pins=tuple(pins))


@given(pinned_days())
@settings(max_examples=60, deadline=None)
def test_pins_are_respected_or_reported_and_the_judge_passes(day: DayInput) -> None:
    made, plan = planned(day)
    blamed = {one.demand for one in made.breaches}
    for one in day.pins:
        who, start = found(plan, one.demand)
        if one.carers:
            # Who is named comes, whatever rule it breaks.
            assert who == set(one.carers)
        if one.carers and one.start is not None:
            assert start == one.start
    missed = {one.demand for one in unmet(day.pins, plan, made.breaches)}
    assert not missed - blamed


@given(pinned_days())
@settings(max_examples=15, deadline=None)
def test_which_pins_are_contested_does_not_depend_on_chance(day: DayInput) -> None:
    assert built(day).breaches == built(day).breaches


@given(st.lists(st.integers(0, 5), unique=True, max_size=3), st.integers(9, 10))
@settings(max_examples=20, deadline=None)
def test_pins_that_are_possible_are_no_breach(visits: list[int], hour: int) -> None:
    day = street()
    starts = [hour * HOUR + 2700 * k for k in range(len(visits))]
    pins = tuple(
        pin(f"v{v}", "c1", start=at) for v, at in zip(visits, starts, strict=True) if at < 11 * HOUR
    )
    made, _ = planned(replace(day, pins=pins))
    assert made.breaches == ()
    assert made.stand_ins == {}


@pytest.mark.parametrize(
    ("pins", "codes"),
    [
        ((pin("v0", "c9", start=9 * HOUR),), ["pin.unknown"]),
        ((pin("v0", "off", start=9 * HOUR),), ["pin.absent"]),
        ((pin("v0", "off"),), ["pin.absent"]),
        ((pin("v0", "c1", start=18 * HOUR),), ["pin.outside_shift"]),
        ((pin("v0", "c1", start=8 * HOUR),), ["pin.no_way"]),
        ((pin("v0", "late"),), ["pin.shift_windows"]),
        ((pin("v0", "c0", "c1", start=9 * HOUR),), ["pin.carers"]),
        ((pin("v0", "nurse", start=9 * HOUR),), ["pin.level"]),
        ((pin("v0", "c1", start=12 * HOUR),), ["pin.window"]),
        ((pin("v0", "c1", start=9 * HOUR), pin("v1", "c1", start=9 * HOUR)), ["pin.overlaps"]),
        ((pin("v0", "c1", start=9 * HOUR), pin("v5", "c1", start=34230)), ["pin.too_far"]),
        ((pin("v0", "c1", after="v1"), pin("v1", "c0")), ["pin.order"]),
        ((pin("v0", after="v1"), pin("v1", after="v0")), ["pin.order"]),
        ((pin("v0", start=5 * HOUR),), ["pin.nobody"]),
        (tuple(pin(f"v{k}", "short") for k in range(4)), ["pin.full", "pin.full"]),
    ],
)
def test_a_pin_that_cannot_be_met_names_its_rule(
    pins: tuple[VisitPin, ...], codes: list[str]
) -> None:
    day = street()
    more: tuple[Staff, ...] = (
        staff("off", shifts=()),
        staff("late", shifts=(Shift(13 * HOUR, 17 * HOUR),)),
        staff("short", shifts=(Shift(9 * HOUR, 10 * HOUR + 1500),)),
        staff("nurse", levels=(Level.DOCTOR,)),
    )
    made, plan = planned(replace(day, staff=(*day.staff, *more), pins=pins))
    assert [one.code for one in made.breaches if one.code != "pin.window"] == codes or [
        one.code for one in made.breaches
    ] == codes
    for one in pins:
        who, start = found(plan, one.demand)
        assert not one.carers or who == set(one.carers)
        assert not one.carers or one.start is None or start == one.start


def test_of_two_pins_at_once_the_carer_keeps_the_day_around_both() -> None:
    day = street()
    twice = (pin("v0", "c1", start=9 * HOUR), pin("v1", "c1", start=9 * HOUR + 600))
    made, plan = planned(replace(day, pins=twice))
    assert [(b.demand, b.code) for b in made.breaches] == [("v1", "pin.overlaps")]
    assert not plan.unserved
    busy = [
        (s.start, s.end) for s in plan.stops if s.staff == "c1" and s.demand not in ("v0", "v1")
    ]
    assert all(end <= 9 * HOUR or start >= 9 * HOUR + 2400 for start, end in busy)


def test_a_pin_of_a_visit_that_is_not_planned_says_so() -> None:
    day = street()
    dead = {k: replace(e, dead=True) if k == "e0" else e for k, e in day.elders.items()}
    made = built(replace(day, elders=dead, pins=(pin("v0", "c1"),)))
    assert [b.code for b in made.breaches] == ["pin.kept_out"]
