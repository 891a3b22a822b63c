"""Whatever a plan says, its expansion over 90 days keeps frequency, spacing and windows."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.model import holidays
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import ElderId, PlanId
from carecoord.model.plans import Follow, Plan, Recurrence, Task
from carecoord.model.staff import Level
from carecoord.planning.expand import demands
from tests.build import STREET, task

DAYS = 90
LEVELS = (Level.CAREGIVER, Level.CAREGIVER_MEDICAL, Level.NURSE)
firsts = st.dates(date(2024, 1, 1), date(2027, 6, 30))
"""With the holidays of some years known and of others not."""


@st.composite
def recurrences(draw: st.DrawFn) -> Recurrence:
    kind = draw(st.sampled_from(["daily", "weekly", "every", "weekdays"]))
    frequency, period, weekdays = 1, 1, ()
    if kind == "weekly":
        frequency, period = draw(st.integers(1, 7)), 7 * draw(st.integers(1, 3))
    elif kind == "every":
        period = draw(st.integers(1, 30))
    elif kind == "weekdays":
        weekdays = tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1))))
        period = 7 * draw(st.integers(1, 2))
    plain = Recurrence(frequency, period, weekdays)
    return Recurrence(
        frequency,
        period,
        weekdays,
        spacing=draw(st.integers(0, plain.least_gap)),
        holidays=draw(st.sampled_from(["keep", "skip", "next-working-day"])),
        make_up=draw(st.booleans()),
        anchor=draw(st.none() | firsts),
    )


@st.composite
def windows(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    start = 60 * draw(st.integers(6 * 60, 18 * 60))
    return ((start, start + 60 * draw(st.integers(0, 4 * 60))),)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    tasks: list[Task] = []
    names = [f"g{k}" for k in range(draw(st.integers(1, 4)))]
    for name in names:
        recurrence = draw(recurrences())
        occasions = tuple(draw(windows()) for _ in range(draw(st.integers(1, 2))))
        level, carers = draw(st.sampled_from(LEVELS)), draw(st.integers(1, 2))
        for item in range(draw(st.integers(1, 2))):
            tasks.append(
                task(
                    name,
                    recurrence=recurrence,
                    occasions=occasions,
                    level=level,
                    carers=carers,
                    minutes=draw(st.integers(5, 90)),
                    item=str(item),
                )
            )
    follows = [
        Follow(
            a,
            b,
            60 * (least := draw(st.integers(0, 30))),
            draw(st.none() | st.integers(least, 120).map(lambda m: 60 * m)),
            how=draw(st.sampled_from(["order", "joint", "one-visit"])),
        )
        for k, a in enumerate(names)
        for b in names[k + 1 :]
        if draw(st.booleans())
    ]
    return Plan(PlanId("p"), 1, ElderId("e1"), tuple(tasks), tuple(follows))


def expanded(plan: Plan, first: date, days: int = DAYS) -> list[VisitDemand]:
    return demands(plan, STREET, first, days)[0]


def days_of(found: list[VisitDemand]) -> dict[tuple[str, int], list[date]]:
    """Visit group and occasion → its days, in order."""
    on: dict[tuple[str, int], list[date]] = defaultdict(list)
    for one in found:
        for part in one.parts:
            on[part].append(one.day)
    return on


@settings(max_examples=50, deadline=None)
@given(plans(), firsts)
def test_every_visit_may_start_only_when_each_of_its_tasks_may(plan: Plan, first: date) -> None:
    for one in expanded(plan, first):
        for group, occasion in one.parts:
            for mine in (t for t in plan.tasks if t.group == group):
                allowed = mine.occasions[occasion]
                assert all(any(a <= w and z <= b for a, b in allowed) for w, z in one.windows)


@settings(max_examples=50, deadline=None)
@given(plans(), firsts)
def test_frequency_holds_in_every_period_except_where_a_holiday_says_otherwise(
    plan: Plan, first: date
) -> None:
    on = days_of(expanded(plan, first))
    for mine in plan.tasks:
        asked = mine.recurrence
        per = len(asked.weekdays) if asked.weekdays else min(asked.frequency, asked.period)
        span = [first + timedelta(days=k) for k in range(DAYS)]
        for occasion in range(len(mine.occasions)):
            got = set(on[mine.group, occasion])
            for k in range(DAYS - asked.period + 1):
                days = span[k : k + asked.period]
                count = sum(day in got for day in days)
                special = any(
                    holidays.is_public_holiday(d) or holidays.is_make_up_workday(d) for d in span
                )
                plain = asked.holidays == "keep" and not asked.make_up
                if plain or not special:
                    assert count == per
                elif asked.holidays == "skip" and not asked.make_up:
                    off = sum(holidays.is_public_holiday(day) for day in days)
                    assert per - off <= count <= per


@settings(max_examples=50, deadline=None)
@given(plans(), firsts)
def test_days_of_a_visit_keep_their_spacing_and_never_repeat(plan: Plan, first: date) -> None:
    on = days_of(expanded(plan, first))
    for mine in plan.tasks:
        for occasion in range(len(mine.occasions)):
            gaps = [(b - a).days for a, b in pairwise(on[mine.group, occasion])]
            assert all(gap >= max(1, mine.recurrence.spacing) for gap in gaps)


@settings(max_examples=50, deadline=None)
@given(plans(), firsts)
def test_who_does_not_come_on_holidays_never_comes_on_one(plan: Plan, first: date) -> None:
    on = days_of(expanded(plan, first))
    for mine in plan.tasks:
        if mine.recurrence.holidays != "keep":
            for occasion in range(len(mine.occasions)):
                assert not any(map(holidays.is_public_holiday, on[mine.group, occasion]))


@settings(max_examples=50, deadline=None)
@given(plans(), firsts, st.integers(0, DAYS - 1), st.integers(1, DAYS))
def test_expanding_any_part_again_gives_the_same_visits(
    plan: Plan, first: date, lead: int, count: int
) -> None:
    begin = first + timedelta(days=lead)
    end = begin + timedelta(days=count)

    whole = expanded(plan, first, DAYS + 90)

    assert expanded(plan, begin, count) == [d for d in whole if begin <= d.day < end]
    assert len({d.id for d in whole}) == len(whole)


@settings(max_examples=50, deadline=None)
@given(plans(), firsts)
def test_what_comes_first_is_a_visit_of_the_same_day_with_time_for_both(
    plan: Plan, first: date
) -> None:
    found = {one.id: one for one in expanded(plan, first, 28)}
    for one in found.values():
        for before in one.after:
            other = found[before.demand]
            assert other.day == one.day
            latest = max(z for _, z in one.windows)
            earliest = min(a for a, _ in other.windows) + other.duration + before.min_gap
            assert earliest <= latest
            assert one.id not in {a.demand for a in other.after}
