"""Which shifts do planned days show? Those that the day would be planned with now."""

from collections.abc import Iterable
from datetime import date, timedelta

from carecoord.fhir import read
from carecoord.fhir.documents import Change
from carecoord.flows import register, roster
from carecoord.model import time
from carecoord.model.ids import StreetId
from carecoord.model.visits import DayKey
from carecoord.packs.load import load
from carecoord.store import days, documents, projections
from carecoord.store import roster as written
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


def follow(tx: Tx, street: StreetId, day: date) -> bool:
    """Write down who works when on a day, and show it; whether that was news."""
    staff, _ = register.staff_on(tx, register.street(tx, street), day)
    here = roster.at_work(tx, street, staff, day)
    left, _ = roster.within_limits(tx, street, day, here, load().on(day, street))
    key = DayKey(street, day)
    spans = {one.id: [(shift.start, shift.end) for shift in one.shifts] for one in left}
    if not written.replace(tx, key, spans):
        return False
    projections.of_day(tx, key)
    return True


def follow_planned(tx: Tx, street: StreetId, first: date, last: date | None = None) -> None:
    """Show the shifts of planned days from `first` to `last` as they are now."""
    for state in days.of_street(tx, street):
        if first <= state.key.day and (last is None or state.key.day <= last):
            follow(tx, street, state.key.day)


def complete(tx: Tx, street: StreetId) -> None:
    """Show the shifts of days to come that were planned before this engine wrote them down."""
    for day in written.unknown(tx, street, time.today()):
        follow(tx, street, day)


def react(tx: Tx, changes: Iterable[Change]) -> None:
    """Hours of somebody came in, or what takes them elsewhere: planned days show it at once."""
    keepers: set[str] = set()
    taken: set[tuple[str, date]] = set()
    for change in changes:
        if change.deed == "unchanged" or change.document.type not in _TELLING:
            continue
        for one in _before_and_after(tx, change.document):
            if one.type == "PractitionerRole":
                keepers.add(read.reference(one.resource.get("organization"), "Organization"))
            else:
                taken |= {(keeper, day) for day in _days(one) for keeper in _employers(tx, one)}
    today = time.today()
    for street in _streets(tx, keepers):
        follow_planned(tx, street, today)
    for day in sorted({day for _, day in taken}):
        for street in _streets(tx, {keeper for keeper, on in taken if on == day}):
            follow_planned(tx, street, day, day)


_TELLING = ("PractitionerRole", "Appointment", "Slot")


def _before_and_after(tx: Tx, written: Document) -> list[Document]:
    if written.version == 1:
        return [written]
    return [d for d in documents.history(tx, written.type, written.id, limit=2) if not d.deleted]


def _days(one: Document) -> list[date]:
    """Days to come that an Appointment or Slot touches; a night belongs to the day it began."""
    first, last = read.day(one.resource.get("start")), read.day(one.resource.get("end"))
    if first is None or last is None:
        return []
    span = range(max(first - _NIGHT, time.today()).toordinal(), last.toordinal() + 1)
    return [date.fromordinal(n) for n in span[:_LONGEST]]


_NIGHT = timedelta(days=1)
_LONGEST = 62
"""Days of one Appointment that are looked at; longer ones are seen when the day is planned."""


def _employers(tx: Tx, one: Document) -> set[str]:
    """Organisations of those whom an Appointment or Slot takes."""
    actors = [p.get("actor") for p in one.resource.get("participant", ())]
    if schedule := read.reference(one.resource.get("schedule"), "Schedule"):
        found = documents.peek(tx, "Schedule", schedule)
        actors = found.resource.get("actor", []) if found and not found.deleted else []
    roles = {id_ for actor in actors if (id_ := read.reference(actor, "PractitionerRole"))}
    people = {id_ for actor in actors if (id_ := read.reference(actor, "Practitioner"))}
    found_roles = documents.find(tx, "PractitionerRole", _id=sorted(roles)) if roles else []
    if people:
        named = [f"Practitioner/{id_}" for id_ in sorted(people)]
        found_roles += documents.find(tx, "PractitionerRole", practitioner=named)
    return {
        read.reference(role.resource.get("organization"), "Organization") for role in found_roles
    }


def _streets(tx: Tx, keepers: Iterable[str]) -> list[StreetId]:
    found = {register.street_of(tx, keeper) for keeper in sorted(set(keepers) - {""})}
    return sorted(street for street in found if street)
