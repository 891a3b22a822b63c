"""Which shifts do planned days show? Those that the day would be planned with now."""

from collections.abc import Iterable
from datetime import date

from carecoord.fhir import read
from carecoord.fhir.documents import Change
from carecoord.flows import register, roster
from carecoord.model import time
from carecoord.model.ids import StreetId
from carecoord.model.visits import DayKey
from carecoord.packs.load import load
from carecoord.store import days, documents, projections
from carecoord.store import roster as written
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
    """Somebody's PractitionerRole came in: their shifts on planned days to come are other ones."""
    keepers: set[str] = set()
    for change in changes:
        one = change.document
        if one.type != "PractitionerRole" or change.deed == "unchanged":
            continue
        versions = [one] if not one.deleted else []
        if one.version > 1:
            versions += [
                d for d in documents.history(tx, one.type, one.id, limit=2) if not d.deleted
            ]
        keepers |= {
            read.reference(v.resource.get("organization"), "Organization") for v in versions
        }
    streets = {
        street for keeper in sorted(keepers - {""}) if (street := register.street_of(tx, keeper))
    }
    for street in sorted(streets):
        follow_planned(tx, street, time.today())
