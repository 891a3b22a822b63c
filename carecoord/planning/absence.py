"""What is left of somebody's shifts while they are away? Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from carecoord.model import time
from carecoord.model.absences import Absence
from carecoord.model.staff import Shift, Staff

_FOR_EVER = 3 * time.DAY


def present(staff: Staff, absences: Iterable[Absence], day: date) -> Staff:
    """A person on a day without the hours of their absences; others' absences do nothing."""
    shifts = staff.shifts
    for one in absences:
        if one.staff == staff.id:
            gone = (
                time.seconds_of(one.start, day),
                _FOR_EVER if one.end is None else time.seconds_of(one.end, day),
            )
            shifts = tuple(left for shift in shifts for left in without(shift, *gone))
    return replace(staff, shifts=shifts) if shifts != staff.shifts else staff


def without(shift: Shift, start: int, end: int) -> tuple[Shift, ...]:
    """The parts of a shift outside an absence, seconds after 00:00.

    Overtime falls away where the end of the shift does. What would begin on the next day does not
    count: it is no shift of this one.
    """
    if end <= max(start, shift.start) or shift.latest_return <= start:
        return (shift,)
    found = []
    if shift.start < start:
        found.append(replace(shift, end=min(shift.end, start), hard_end=None))
    if end < shift.end and end < time.DAY:
        found.append(replace(shift, start=max(shift.start, end)))
    return tuple(found)
