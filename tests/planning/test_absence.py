"""Absences take hours out of shifts, and only those."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from carecoord.model import time
from carecoord.model.absences import Absence
from carecoord.model.ids import StaffId
from carecoord.model.staff import Shift
from carecoord.planning.absence import present, without
from tests import build
from tests.build import DAY, HOUR, STREET

SHIFTS = st.tuples(st.integers(0, 23), st.integers(1, 14)).map(
    lambda p: Shift(p[0] * HOUR, (p[0] + p[1]) * HOUR)
)


def absence(start: datetime, end: datetime | None, staff: str = "c1") -> Absence:
    return Absence("a", STREET, StaffId(staff), start, end, "", "boss", start)


def minutes(shifts: tuple[Shift, ...]) -> set[int]:
    return {m for s in shifts for m in range(s.start // 60, s.end // 60)}


@given(SHIFTS, st.integers(-600, 3000), st.integers(0, 1500))
def test_what_is_left_is_the_shift_without_the_absence(shift: Shift, start: int, long: int) -> None:
    left = without(shift, 60 * start, 60 * (start + long))
    gone = set(range(start, start + long))
    wanted = minutes((shift,)) - gone
    # A part that would begin on the next day is no shift of this one.
    if long and shift.start // 60 < start + long < shift.end // 60 and start + long >= 1440:
        wanted = {m for m in wanted if m < start}
    assert minutes(left) == wanted
    assert all(a.end <= b.start for a, b in pairwise(left))


def test_an_absence_of_somebody_else_or_of_another_day_changes_nothing() -> None:
    one = build.staff("c1")
    nine = time.instant(DAY, 9 * HOUR)
    others = [
        absence(nine, None, "c2"),
        absence(nine - timedelta(days=3), nine - timedelta(days=1)),
    ]
    assert present(one, others, DAY) is one


def test_somebody_away_without_an_end_keeps_what_was_before() -> None:
    one = build.staff("c1")
    left = present(one, [absence(time.instant(DAY, 9 * HOUR), None)], DAY)
    assert left.shifts == (Shift(8 * HOUR, 9 * HOUR),)
    assert present(one, [absence(time.instant(DAY, 0), None)], DAY + timedelta(days=9)).shifts == ()


def test_overtime_falls_away_with_the_end_of_the_shift() -> None:
    late = Shift(8 * HOUR, 17 * HOUR, hard_end=18 * HOUR)
    assert without(late, 16 * HOUR, 20 * HOUR) == (Shift(8 * HOUR, 16 * HOUR),)
    assert without(late, 9 * HOUR, 10 * HOUR)[1].hard_end == 18 * HOUR
