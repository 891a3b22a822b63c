"""Public holidays and make-up workdays of the mainland, as the State Council sets them.

The days of a year are announced in the autumn before; `chinesecalendar` carries them. In years it
does not know yet, only the week counts: planning says so (`calendar.unknown_year`) instead of
guessing the Spring Festival.
"""

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

_ONE = timedelta(days=1)


@lru_cache(maxsize=4096)
def _detail(day: date) -> tuple[bool, str | None] | None:
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    return bool(off), name


def known(day: date) -> bool:
    """Whether the holidays of that year are known."""
    return _detail(day) is not None


def is_public_holiday(day: date) -> bool:
    """A day off because of a festival, weekends inside it included; a plain weekend is none."""
    found = _detail(day)
    return found is not None and found[0] and found[1] is not None


def is_make_up_workday(day: date) -> bool:
    """A Saturday or Sunday on which people work in place of a day of a holiday."""
    found = _detail(day)
    return found is not None and not found[0] and day.weekday() >= 5


def is_working_day(day: date) -> bool:
    """Whether offices are open."""
    found = _detail(day)
    return day.weekday() < 5 if found is None else not found[0]


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    day += _ONE
    while not is_working_day(day):
        day += _ONE
    return day
