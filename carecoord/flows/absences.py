"""Somebody is away from work: recorded, listed, ended. Every plan made from then on knows it."""

from datetime import date, datetime, timedelta
from uuid import uuid4

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Missing
from carecoord.flows import register, shifts
from carecoord.model import time
from carecoord.model.absences import Absence
from carecoord.model.ids import StaffId, StreetId
from carecoord.store import absences
from carecoord.store.engine import Tx


def add(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    staff: StaffId,
    start: datetime,
    end: datetime | None,
    reason: str,
) -> Absence:
    """Record that somebody is away. Planned days stay as they are until they are repaired."""
    made = record(tx, caller, street, staff, start, end, reason)
    show(tx, made)
    return made


def record(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    staff: StaffId,
    start: datetime,
    end: datetime | None,
    reason: str,
) -> Absence:
    """Record that somebody is away; `show` is to follow.

    Raises
    ------
    Missing
        `absence.staff`: nobody of that id works in the street.
    Invalid
        `absence.order`: it ends before it begins.
    """
    require(caller, "absence.write", street)
    people = register.practitioner_roles(tx, register.street(tx, street)).values()
    if staff not in people:
        raise Missing("absence.staff", field="staff", staff=staff, street=street)
    made = Absence(str(uuid4()), street, staff, start, end, reason, caller.id, time.now())
    absences.add(tx, made)
    audit.record(tx, caller, "absence.add", f"PractitionerRole/{staff}")
    return made


def show(tx: Tx, made: Absence) -> None:
    """Let the shifts of planned days say that somebody is away."""
    shifts.follow_planned(tx, made.street, *_touched(made))


def end(tx: Tx, caller: Caller, street: StreetId, id_: str, at: datetime | None) -> Absence:
    """The person is back, by default now. An absence that had not begun yet ends as it begins.

    Raises
    ------
    Missing
        `absence.none`.
    Conflict
        `absence.ended`: it was over before that.
    """
    require(caller, "absence.write", street)
    found = absences.read(tx, street, id_)
    back = max(at or time.now(), found.start)
    if found.end is not None and found.end <= back:
        raise Conflict("absence.ended", absence=id_, end=found.end.isoformat())
    absences.end(tx, id_, back)
    audit.record(tx, caller, "absence.end", f"PractitionerRole/{found.staff}")
    shifts.follow_planned(tx, street, *_touched(found))
    return absences.read(tx, street, id_)


def of_days(
    tx: Tx, caller: Caller, street: StreetId, first: date, last: date | None
) -> tuple[Absence, ...]:
    """Absences that touch the days from `first` to `last`, both included."""
    require(caller, "day.read", street)
    register.street(tx, street)
    until = None if last is None else time.instant(last, time.DAY)
    return absences.between(tx, street, time.instant(first, 0), until)


def _touched(one: Absence) -> tuple[date, date | None]:
    """First and last day whose shifts an absence may cut; a shift may end on the next day."""
    first = one.start.astimezone(time.ZONE).date() - timedelta(days=1)
    return first, None if one.end is None else one.end.astimezone(time.ZONE).date()
