"""On which days does a task fall?"""

from bisect import bisect_left
from datetime import date, timedelta

from carecoord.model import holidays
from carecoord.model.plans import Recurrence

_EPOCH = date(2001, 1, 1)
"""A Monday."""

_LATE = 14
"""Days after a holiday within which its visit is made up; later, the next regular one serves."""

_AROUND = 60
"""Days looked at on either side of a range: more than any holiday can move a visit, so that a
range gives the same days whatever range it is part of."""


FARTHEST = 6
"""Days by which the spread may move a visit from where its recurrence puts it."""


def movable(recurrence: Recurrence) -> bool:
    """Whether the spread may choose the days: no weekday is named, no day agreed, not daily."""
    return (
        not recurrence.weekdays
        and recurrence.anchor is None
        and recurrence.period > recurrence.frequency
    )


def allowed(recurrence: Recurrence, day: date) -> bool:
    """Whether a visit may be on `day`, spacing to others left aside."""
    if recurrence.first and day < recurrence.first:
        return False
    if recurrence.last and day > recurrence.last:
        return False
    return recurrence.holidays == "keep" or not holidays.is_public_holiday(day)


def due(recurrence: Recurrence, day: date, start: int) -> bool:
    """Whether a recurrence falls on `day`, holidays left aside; `n` in a period are spread evenly.

    start
        Days after a Monday on which a period of an open recurrence begins; `anchor` wins.
    """
    if recurrence.first and day < recurrence.first:
        return False
    if recurrence.last and day > recurrence.last:
        return False
    if recurrence.weekdays:
        if day.weekday() not in recurrence.weekdays:
            return False
        since = recurrence.first or _EPOCH
        monday = since.toordinal() - since.weekday()
        return (day.toordinal() - monday) // 7 % max(1, recurrence.period // 7) == 0
    if recurrence.period == 1:
        return True
    if recurrence.anchor:
        start = recurrence.anchor.toordinal() - _EPOCH.toordinal()
    position = (day.toordinal() - _EPOCH.toordinal() - start) % recurrence.period
    count = min(recurrence.frequency, recurrence.period)
    return position in {k * recurrence.period // count for k in range(count)}


def days_of(recurrence: Recurrence, start: int, first: date, count: int) -> list[date]:
    """The days on which a recurrence falls in `count` days from `first`, in order.

    A visit due on a public holiday stays, is left out or moves to the first working day after it
    that keeps the spacing, as the recurrence says; on a make-up workday there is one more where it
    says so and the spacing allows.
    """
    span = [first + timedelta(days=k) for k in range(count)]
    if recurrence.holidays == "keep" and not recurrence.make_up:
        return [day for day in span if due(recurrence, day, start)]
    around = [first + timedelta(days=k) for k in range(-_AROUND, count + _AROUND)]
    base = [day for day in around if due(recurrence, day, start)]
    off = [day for day in base if holidays.is_public_holiday(day)]
    found = base
    if recurrence.holidays != "keep":
        found = [day for day in base if not holidays.is_public_holiday(day)]
    if recurrence.holidays == "next-working-day":
        for day in off:
            _make_up_for(day, recurrence, found)
    if recurrence.make_up:
        for day in around:
            if holidays.is_make_up_workday(day) and _fits(day, recurrence, found):
                found.insert(bisect_left(found, day), day)
    return [day for day in found if span[0] <= day <= span[-1]]


def _make_up_for(missed: date, recurrence: Recurrence, found: list[date]) -> None:
    day = missed
    while (day := holidays.next_working_day(day)) <= missed + timedelta(days=_LATE):
        if _fits(day, recurrence, found):
            found.insert(bisect_left(found, day), day)
            return


def _fits(day: date, recurrence: Recurrence, found: list[date]) -> bool:
    """Whether one more visit on `day` keeps the bounds and the spacing to its neighbours."""
    if recurrence.first and day < recurrence.first:
        return False
    if recurrence.last and day > recurrence.last:
        return False
    gap = max(1, recurrence.spacing)
    at = bisect_left(found, day)
    near = found[max(0, at - 1) : at + 1]
    return all(abs((day - other).days) >= gap for other in near)


def unknown_holidays(recurrence: Recurrence, first: date, count: int) -> date | None:
    """The first of the days whose holidays are not known yet, for a recurrence that heeds them."""
    if recurrence.holidays == "keep" and not recurrence.make_up:
        return None
    days = (first + timedelta(days=k) for k in range(count))
    return next((day for day in days if not holidays.known(day)), None)
