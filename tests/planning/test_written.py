"""Days and times as people write them."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.planning.written import Cell, day_of, plain, start_of

HALF_PAST_EIGHT = 8 * 3600 + 1800
DAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "8:30",
            "08:30",
            "8：30",
            "０８：３０",
            " 8:30 ",
            "8点半",
            "8点30分",
            "8时30分",
            "八点半",
        ),
        *(
            "上午8:30",
            "上午八点半",
            "早上8点30",
            "0830",
            "830",
            "08:30:00",
            "8:30-9:15",
            "8:30~9:00",
        ),
        *("8:30至9:00", "8:30 AM", "8:30am", "2026-03-05 08:30", "2026年3月5日 8:30", "'8:30"[1:]),
        *("2026-03-05T08:30:00", "0.354166666666667", 0.354166666666667, 46086.3541666667),
        *(time(8, 30), datetime.combine(DAY, time(8, 30)), timedelta(hours=8, minutes=30)),
    ],
)
def test_half_past_eight_is_understood_however_it_is_written(cell: Cell) -> None:
    assert start_of(cell) == HALF_PAST_EIGHT


@pytest.mark.parametrize(
    ("cell", "hours"),
    [
        ("下午2点", 14),
        ("下午两点", 14),
        ("晚上十点一刻", 22.25),
        ("中午12点", 12),
        ("中午1点", 13),
        ("凌晨12点", 0),
        ("十二点三刻", 12.75),
        ("2:00 pm", 14),
        ("12:00 am", 0),
        ("次日02:00", 26),
        ("8", 8),
        ("24:00", 24),
        ("8:00:18", 8.005),
        (0, 0),
    ],
)
def test_parts_of_the_day_are_understood(cell: Cell, hours: float) -> None:
    assert start_of(cell) == round(hours * 3600)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "",
            "早班",
            "8:61",
            "25:00",
            "24:30",
            "8:30:60",
            "99",
            "8.30",
            "8.5",
            "周一",
            "=1+1",
            "12345",
        ),
        None,
        DAY,
    ],
)
def test_what_is_no_time_is_none(cell: Cell) -> None:
    assert start_of(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        *("2026-03-05", "2026/3/5", "2026.3.5", "2026年3月5日", "2026年3月5日（星期四）", "3月5日"),
        *(
            "3月5日 周四",
            "3/5",
            "20260305",
            "46086",
            46086,
            46086.35,
            "二〇二六年三月五日",
            "三月五日",
        ),
        *("2026-03-05 00:00:00", "2026-03-05T08:30:00", DAY, datetime.combine(DAY, time(8))),
    ],
)
def test_a_day_is_understood_however_it_is_written(cell: Cell) -> None:
    assert day_of(cell, 2026) == DAY


@pytest.mark.parametrize("cell", ["", "周四", "2026-13-05", "2月30日", "5", "12", "99999", None])
def test_what_is_no_day_is_none(cell: Cell) -> None:
    assert day_of(cell, 2026) is None


@given(st.integers(0, 24 * 60 - 1))
def test_every_minute_written_as_a_clock_or_as_a_fraction_is_read_back(minute: int) -> None:
    seconds = 60 * minute
    clock = f"{minute // 60}:{minute % 60:02d}"

    assert start_of(clock) == start_of(f"{minute // 60}点{minute % 60}分") == seconds
    if minute:
        assert start_of(minute / 1440) == seconds
        assert start_of(46086 + minute / 1440) == seconds


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_back_from_its_serial_number(day: date) -> None:
    assert day_of((day - date(1899, 12, 30)).days, 2026) == day


@given(st.text(max_size=20))
def test_no_text_fails(text: str) -> None:
    plain(text)
    day_of(text, 2026)
    start_of(text)
