from datetime import UTC, date, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from carecoord.model.time import DAY, clock, instant, now, of_clock, seconds_of, today


@given(st.dates(date(1995, 1, 1), date(2060, 12, 31)), st.integers(-DAY, 2 * DAY))
def test_a_moment_of_a_service_day_comes_back_as_the_same_seconds(day: date, at: int) -> None:
    assert seconds_of(instant(day, at), day) == at


def test_midnight_in_shanghai_is_sixteen_hours_utc_of_the_day_before() -> None:
    assert instant(date(2026, 3, 5), 0) == datetime(2026, 3, 4, 16, tzinfo=UTC)


def test_an_hour_past_midnight_belongs_to_the_day_on_which_the_shift_began() -> None:
    assert instant(date(2026, 3, 5), 25 * 3600) == datetime(2026, 3, 5, 17, tzinfo=UTC)


@given(st.times())
def test_clock_times_become_seconds_and_read_the_same(at: time) -> None:
    assert clock(of_clock(at)) == f"{at.hour:02d}:{at.minute:02d}"


def test_a_time_after_midnight_reads_on_from_twenty_four() -> None:
    assert clock(DAY + 3600 + 59) == "25:00"


def test_the_service_day_begins_at_midnight_in_shanghai() -> None:
    before = now()

    assert before.tzinfo is UTC
    assert instant(today(), 0) <= now() < instant(today(), DAY)
