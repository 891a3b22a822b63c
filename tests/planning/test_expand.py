from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.model.ids import PlanId
from carecoord.model.plans import Plan, Recurrence
from carecoord.model.staff import Level
from carecoord.planning.expand import anchor, demands, due
from tests.build import HOUR, STREET, plan, task

MONDAY = date(2026, 3, 2)
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
starts = st.integers(0, 6)
windows = st.tuples(st.integers(0, 80_000), st.integers(0, 6_399)).map(lambda w: (w[0], sum(w)))


def visits(recurrence: Recurrence, first: date, count: int, start: int) -> list[date]:
    found = [first + timedelta(days=k) for k in range(count)]
    return [day for day in found if due(recurrence, day, start)]


@given(st.integers(1, 7), days, starts)
def test_n_a_week_gives_exactly_n_in_every_week_of_ninety_days(
    n: int, first: date, start: int
) -> None:
    found = visits(Recurrence(n, 7), first, 91, start)

    for week in range(13):
        begins = first + timedelta(days=7 * week)
        assert sum(begins <= day < begins + timedelta(days=7) for day in found) == n


@given(st.integers(1, 30), days, starts)
def test_every_k_days_has_gaps_of_exactly_k(k: int, first: date, start: int) -> None:
    found = visits(Recurrence(1, k), first, 90, start)

    assert len(found) in (90 // k, 90 // k + 1)
    assert {(b - a).days for a, b in pairwise(found)} <= {k}


@given(st.integers(1, 14), st.integers(1, 28), days, starts)
def test_n_in_a_period_are_spread_as_evenly_as_days_allow(
    n: int, period: int, first: date, start: int
) -> None:
    found = visits(Recurrence(n, period), first, 4 * period, start)
    gaps = [(b - a).days for a, b in pairwise(found)]
    count = min(n, period)

    assert len(found) == 4 * count
    assert set(gaps) <= {period // count, -(-period // count)}


@given(st.sets(st.integers(0, 6), min_size=1), days, starts)
def test_given_weekdays_are_the_days_whatever_the_plan(
    weekdays: set[int], first: date, start: int
) -> None:
    found = visits(Recurrence(1, 7, tuple(sorted(weekdays))), first, 91, start)

    assert Counter(day.weekday() for day in found) == dict.fromkeys(weekdays, 13)


@given(st.integers(0, 6), days)
def test_a_weekday_every_second_week_counts_from_the_week_of_the_first_day(
    weekday: int, first: date
) -> None:
    found = visits(Recurrence(1, 14, (weekday,), first=first), first, 84, 0)

    assert {(b - a).days for a, b in pairwise(found)} == {14}
    assert found[0] - first < timedelta(days=14)
    if weekday >= first.weekday():
        assert found[0] - first < timedelta(days=7)


@given(days, st.integers(0, 40), st.integers(1, 60))
def test_bounds_include_both_ends_and_nothing_beyond(first: date, lead: int, length: int) -> None:
    begins = first + timedelta(days=lead)
    ends = begins + timedelta(days=length - 1)

    found = visits(Recurrence(1, 1, first=begins, last=ends), first, 120, 0)

    assert found[0] == begins and found[-1] == ends and len(found) == length


@given(st.integers(1, 7), days, st.text("abc", min_size=1, max_size=6))
def test_expanding_again_from_another_day_gives_the_same_demands(
    n: int, first: date, name: str
) -> None:
    own = plan(task(recurrence=Recurrence(n, 7)), id=name)

    whole, _ = demands(own, STREET, first, 28)
    later, _ = demands(own, STREET, first + timedelta(days=9), 19)

    assert later == [d for d in whole if d.day >= first + timedelta(days=9)]
    assert len({d.id for d in whole}) == len(whole)


def test_plans_do_not_all_begin_on_the_same_day() -> None:
    found = Counter(anchor(PlanId(f"plan-{k}"), "g") % 7 for k in range(700))

    assert set(found) == set(range(7))
    assert max(found.values()) < 2 * min(found.values())


def test_tasks_of_one_group_and_frequency_fall_on_the_same_days() -> None:
    weekly = Recurrence(3, 7)
    own = plan(task(recurrence=weekly, item="7"), task(recurrence=weekly, item="10"))

    found, problems = demands(own, STREET, MONDAY, 28)

    assert problems == []
    assert len(found) == 12
    assert {d.items for d in found} == {("7", "10")}


def test_twice_a_day_gives_two_visits_with_their_own_windows() -> None:
    morning, evening = (7 * HOUR, 9 * HOUR), (16 * HOUR, 18 * HOUR)
    own = plan(task(occasions=((morning,), (evening,))))

    found, _ = demands(own, STREET, MONDAY, 1)

    assert [d.windows for d in found] == [(morning,), (evening,)]
    assert found[0].id != found[1].id


@given(st.lists(windows, min_size=1, max_size=4), st.lists(windows, min_size=1, max_size=4))
def test_a_group_may_start_only_when_each_of_its_tasks_may(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    own = plan(task(occasions=(tuple(left),)), task(occasions=(tuple(right),)))
    found, problems = demands(own, STREET, MONDAY, 1)
    edges = {t for w in (*left, *right) for t in w}
    both = {t for t in edges if all(any(a <= t <= b for a, b in w) for w in (left, right))}

    assert bool(found) != bool(problems)
    allowed = found[0].windows if found else ()
    assert both == {t for t in edges if any(a <= t <= b for a, b in allowed)}
    assert [p.code for p in problems] == ([] if both else ["plan.group_windows"])


def test_minutes_of_a_group_add_up_but_a_stated_length_of_the_visit_is_its_least() -> None:
    short = plan(task(minutes=20), task(minutes=25))
    long = plan(task(minutes=20, visit_minutes=60), task(minutes=25, visit_minutes=60))

    assert demands(short, STREET, MONDAY, 1)[0][0].duration == 45 * 60
    assert demands(long, STREET, MONDAY, 1)[0][0].duration == 60 * 60


def test_a_group_needs_the_highest_level_most_carers_and_highest_priority_of_its_tasks() -> None:
    own = plan(
        task(level=Level.CAREGIVER, priority=3, carers=2, programme="ltci", preferred=("a",)),
        task(level=Level.NURSE, priority=8, programme="home-hospital-bed", preferred=("b", "a")),
        task(level=Level.CAREGIVER_MEDICAL, gender="female"),
    )

    (found,), _ = demands(own, STREET, MONDAY, 1)

    assert (found.level, found.carers, found.priority) == (Level.NURSE, 2, 8)
    assert found.programmes == ("home-hospital-bed", "ltci")
    assert found.preferred == ("a", "b")
    assert found.gender == "female"


def test_a_wish_belongs_to_its_own_occasion() -> None:
    morning, evening = (7 * HOUR, 9 * HOUR), (16 * HOUR, 18 * HOUR)
    wishes = ((8 * HOUR, 8 * HOUR + 1800), (17 * HOUR, 17 * HOUR + 1800))

    found, _ = demands(
        plan(task(occasions=((morning,), (evening,)), wishes=wishes)), STREET, MONDAY, 1
    )

    assert tuple(d.wish for d in found) == wishes


def test_doctors_and_carers_tasks_in_one_visit_are_a_data_problem_said_once() -> None:
    own = plan(task(level=Level.DOCTOR), task(level=Level.CAREGIVER), task(group="other"))

    found, problems = demands(own, STREET, MONDAY, 7)

    assert [p.code for p in problems] == ["level.mixed"]
    assert problems[0].subject == "CarePlan/plan"
    assert len(found) == 7


def test_a_plan_without_tasks_asks_for_nothing() -> None:
    assert demands(Plan(PlanId("p"), 1, plan().elder, ()), STREET, MONDAY, 14) == ([], [])


@pytest.mark.parametrize(("frequency", "period"), [(0, 7), (1, 0), (-1, 7)])
def test_an_impossible_recurrence_is_refused(frequency: int, period: int) -> None:
    with pytest.raises(Invalid) as caught:
        Recurrence(frequency, period)

    assert caught.value.code == "plan.recurrence"
