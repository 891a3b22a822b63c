"""Somebody is away from work: recorded, listed, ended. Every plan made from then on knows it."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import uuid4

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Missing
from carecoord.flows import register
from carecoord.model import time
from carecoord.model.absences import Absence
from carecoord.model.ids import StaffId, StreetId
from carecoord.model.staff import Staff
from carecoord.planning.absence import present
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
    """Record that somebody is away. Planned days stay as they are until they are repaired.

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
    return absences.read(tx, street, id_)


def of_days(
    tx: Tx, caller: Caller, street: StreetId, first: date, last: date | None
) -> tuple[Absence, ...]:
    """Absences that touch the days from `first` to `last`, both included."""
    require(caller, "day.read", street)
    register.street(tx, street)
    until = None if last is None else time.instant(last, time.DAY)
    return absences.between(tx, street, time.instant(first, 0), until)


def at_work(tx: Tx, street: StreetId, staff: Iterable[Staff], day: date) -> list[Staff]:
    """These people with the hours of a day that their absences leave them."""
    # A shift may end on the next day.
    away = absences.between(tx, street, time.instant(day, 0), time.instant(day, 2 * time.DAY))
    return [present(one, away, day) for one in staff]
