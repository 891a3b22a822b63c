"""Working hours: what is left of a day, and the judge that counts again from the start."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.model.ids import DemandId, StaffId
from carecoord.model.staff import Rest, Shift, Staff
from carecoord.model.time import DAY
from carecoord.model.visits import Homeward, Pause, Stop
from carecoord.planning.hours import breaches, worked
from carecoord.planning.labour import Work, allowance, labour_rules, limited
from carecoord.planning.rests import at_work, rests
from tests import build
from tests.build import HOUR

RULES = labour_rules(build.rules())
MONDAY = date(2026, 3, 2)
ME = StaffId("c1")
MEAL = (RULES.meal, RULES.meal_window)


def work(hours: float, start: int = 8 * HOUR) -> Work:
    return Work(start, start + int(hours * HOUR), int(hours * HOUR))


def on(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


def faults(days: dict[date, Work], overtime: int = 0) -> set[str]:
    per_day = {day: {ME: one} for day, one in days.items()}
    return {one.rule for one in breaches(per_day, RULES, {ME: overtime})}


def person(*shifts: Shift, overtime: int = 0) -> Staff:
    return replace(build.staff("c1", shifts=shifts), overtime=overtime)


def minutes(shifts: tuple[Shift, ...]) -> int:
    return sum(at_work(one, *MEAL) for one in shifts) // 60


starts = st.sampled_from([0, 6 * HOUR, 8 * HOUR, 14 * HOUR, 22 * HOUR])
wishes = st.tuples(starts, st.sampled_from([2, 5, 7, 8, 9, 11]))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.none(), wishes), min_size=30, max_size=45), st.booleans())
def test_whoever_works_all_that_the_limits_leave_breaks_none_of_them(
    roster: list[tuple[int, int] | None], agreed: bool
) -> None:
    overtime = HOUR if agreed else 0
    days: dict[date, Work] = {}
    for offset, wish in enumerate(roster):
        if wish is None:
            continue
        shift = Shift(wish[0], wish[0] + wish[1] * HOUR)
        left, _ = limited(person(shift, overtime=overtime), on(offset), days, RULES)
        if left.shifts:
            one = left.shifts[0]
            seconds = at_work(replace(one, end=one.latest_return, hard_end=None), *MEAL)
            days[on(offset)] = Work(one.start, one.latest_return, seconds)

    assert faults(days, overtime) == set()


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.integers(0, 27), st.sampled_from([4, 6, 8, 9]), max_size=28),
    st.integers(0, 27),
)
def test_a_minute_more_than_is_left_breaks_a_limit(planned: dict[int, int], offset: int) -> None:
    others = {on(k): work(h) for k, h in planned.items() if k != offset}
    if faults(others, HOUR):
        return
    may = allowance(on(offset), others, RULES, HOUR)

    def with_it(seconds: int) -> set[str]:
        return faults(others | {on(offset): Work(9 * HOUR, 9 * HOUR + seconds, seconds)}, HOUR)

    assert with_it(may.seconds + may.overtime + 60) != set()
    if may.seconds:
        assert with_it(may.seconds + may.overtime) == set()


def test_after_six_days_a_row_comes_a_day_of_rest_and_it_says_why() -> None:
    others = {on(k): work(5) for k in range(6)}
    rested, cuts = limited(person(Shift(8 * HOUR, 12 * HOUR)), on(6), others, RULES)

    assert rested.shifts == ()
    assert {(one.rule, one.code) for one in cuts} == {
        ("work.rest_days_per_week", "labour.cut.rest_day"),
        ("work.days_in_a_row", "labour.cut.in_a_row"),
    }


def test_the_week_leaves_what_forty_hours_leave() -> None:
    others = {on(k): work(7.5) for k in range(5)}
    left, cuts = limited(person(Shift(7 * HOUR, 14 * HOUR)), on(5), others, RULES)

    assert minutes(left.shifts) == 150
    (cut,) = cuts
    assert cut.rule == "work.week_hours_standard"
    assert (cut.facts["worked"], cut.facts["limit"], cut.facts["left"]) == (2250, 2400, 150)


def test_days_that_were_told_after_it_count_for_the_week_as_well() -> None:
    others = {on(k): work(8) for k in (1, 2, 3, 4)}
    left, _ = limited(person(Shift(8 * HOUR, 17 * HOUR)), on(0), others, RULES)

    assert minutes(left.shifts) == 480
    assert (
        limited(person(Shift(8 * HOUR, 17 * HOUR)), on(0), others | {on(5): work(8)}, RULES)[
            0
        ].shifts
        == ()
    )


def test_a_late_evening_shortens_the_next_morning_by_the_rest_it_is_owed() -> None:
    late = {on(0): Work(14 * HOUR, 23 * HOUR, 8 * HOUR)}
    left, cuts = limited(person(Shift(7 * HOUR, 15 * HOUR)), on(1), late, RULES)

    assert left.shifts[0].start == 10 * HOUR
    assert [one.code for one in cuts] == ["labour.cut.before"]
    assert cuts[0].facts["earliest"] == "10:00"


def test_a_night_that_ends_in_the_morning_belongs_to_the_day_it_began() -> None:
    night = {on(0): Work(22 * HOUR, 30 * HOUR, 8 * HOUR)}
    left, _ = limited(
        person(Shift(8 * HOUR, 12 * HOUR), Shift(13 * HOUR, 19 * HOUR)), on(1), night, RULES
    )

    assert [(s.start, s.end) for s in left.shifts] == [(17 * HOUR, 19 * HOUR)]


def test_overtime_needs_agreement_and_a_week_that_still_holds_the_day() -> None:
    shift = Shift(8 * HOUR, 16 * HOUR)

    def latest(agreed: int, others: dict[date, Work]) -> int:
        return (
            limited(person(shift, overtime=agreed), on(5), others, RULES)[0].shifts[0].latest_return
        )

    assert latest(0, {}) == 16 * HOUR
    # The meal break is no work.
    assert latest(HOUR, {}) == 17 * HOUR
    assert latest(3 * HOUR, {}) == 17 * HOUR + 1800
    assert latest(HOUR, {on(k): work(8) for k in range(4)}) == 17 * HOUR
    assert latest(HOUR, {on(k): work(8.5) for k in range(4)}) == 17 * HOUR


def test_the_month_ends_overtime_when_it_has_had_its_hours() -> None:
    others = {on(-7 * k - 1 - j): work(9) for k in range(1, 5) for j in range(4)}
    march = {d: w for d, w in others.items() if d.month == MONDAY.month}
    many = {date(2026, 3, d): Work(8 * HOUR, 18 * HOUR, 10 * HOUR) for d in range(10, 28)}
    may = allowance(date(2026, 3, 31), many | march, replace(RULES, average=10**9), HOUR)

    assert may.overtime == 0
    assert "work.overtime_month_hours" in {cut.rule for cut in may.cuts}


def test_a_break_of_the_roster_takes_the_place_of_the_meal() -> None:
    fixed = Rest(12 * HOUR, 12 * HOUR, HOUR)
    shift = Shift(8 * HOUR, 18 * HOUR, rests=(fixed,))

    assert rests(shift, *MEAL) == (fixed,)
    assert at_work(shift, *MEAL) == 9 * HOUR
    left, cuts = limited(person(shift), MONDAY, {}, RULES)
    assert (left.shifts[0].end, left.shifts[0].rests) == (17 * HOUR, (fixed,))
    assert [one.code for one in cuts] == ["labour.cut.day"]


def test_a_split_day_loses_the_end_of_its_second_shift() -> None:
    split = person(Shift(7 * HOUR, 11 * HOUR), Shift(14 * HOUR, 20 * HOUR))
    left, _ = limited(split, MONDAY, {}, RULES)

    assert [(s.start // HOUR, s.end // HOUR) for s in left.shifts] == [(7, 11), (14, 18)]


@pytest.mark.parametrize("earlier", [False, True])
def test_work_is_the_way_out_to_the_way_home_without_breaks(earlier: bool) -> None:
    def stop(order: int, arrival: int, end: int, travel: int = 600) -> Stop:
        return Stop(ME, DemandId(f"v{order}"), order, arrival, arrival + 60, end, travel)

    stops = [
        stop(1, 8 * HOUR, 9 * HOUR),
        stop(2, 13 * HOUR, 14 * HOUR),
        stop(3, 20 * HOUR, 21 * HOUR, 900),
    ]
    homes = [Homeward(ME, 300, 14 * HOUR + 300), Homeward(ME, 600, 21 * HOUR + 600)]
    pause = Pause(ME, 6 * HOUR, 7 * HOUR) if earlier else Pause(ME, 12 * HOUR, 12 * HOUR + 1800)
    (found,) = worked(stops, homes, [pause]).values()

    way_out = 8 * HOUR - 600
    assert (found.start, found.end) == (way_out, 21 * HOUR + 600)
    first, second = 14 * HOUR + 300 - way_out, 21 * HOUR + 600 - (20 * HOUR - 900)
    assert found.seconds == first + second - (0 if earlier else 1800)


def test_a_break_on_the_way_out_means_leaving_earlier_and_is_no_work() -> None:
    stop = Stop(ME, DemandId("v"), 1, 12 * HOUR, 12 * HOUR, 13 * HOUR, 1200)
    pause = Pause(ME, 12 * HOUR - 2400, 12 * HOUR - 600)
    (found,) = worked([stop], [Homeward(ME, 0, 13 * HOUR)], [pause]).values()

    assert found == Work(12 * HOUR - 3000, 13 * HOUR, HOUR + 1200)


def test_the_judge_names_each_limit_that_is_broken() -> None:
    days = {on(k): work(9) for k in range(7)}
    days[on(6)] = Work(4 * HOUR, 13 * HOUR, 9 * HOUR)
    days[on(5)] = Work(16 * HOUR, DAY + HOUR, 9 * HOUR)

    assert faults(days) == {
        "work.day_hours",
        "work.week_hours_standard",
        "work.rest_days_per_week",
        "work.days_in_a_row",
        "work.rest_between_hours",
    }
