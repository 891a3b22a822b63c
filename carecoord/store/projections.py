"""Which resources show planning, and are they up to date?

Appointment, Encounter, Schedule and Slot of our own visits lie beside the documents of others, with
their versions and in the same index tables, so that one search, include and count finds both. They
are rewritten in the transaction that changes the tables, and only where their content changes.
`docs/decisions/0105-projections.md` says why.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, insert, select, update

from carecoord.model.ids import DemandId, StreetId
from carecoord.model.visits import DayKey
from carecoord.store import documents, index, visit_facts
from carecoord.store.documents import CURRENT, Document, as_document, stamped
from carecoord.store.engine import Tx
from carecoord.store.shift_resources import schedule, slots
from carecoord.store.tables import (
    day_plan,
    demand,
    document,
    document_version,
    projection,
    store_note,
)
from carecoord.store.visit_facts import chunks
from carecoord.store.visit_resources import (
    Person,
    Shown,
    of_visit,
    own_id,
    schedule_of,
    withdrawn,
)
from fhir_profiles.wire import Json, dumps

_Place = tuple[str, str]
"""Type and id of a resource."""

_Change = tuple[Document, Json | None]
"""A stored resource and what it becomes; None: it is deleted."""

_NOTE, _FORMAT = "projections", "1"
"""Written down beside the data: another format is built anew when the database is opened."""


def of_day(tx: Tx, key: DayKey) -> None:
    """Bring everything that shows a street-day up to date; nothing is shown of one not planned.

    Holds the day's row until the transaction ends, so that what two writers change of a day is
    shown one after the other.
    """
    state = _hold(tx, key)
    if state is None:
        return
    published = state == "published"
    calls = visit_facts.calls_of(tx, key, None)
    visits = list(visit_facts.visits_of(tx, key, None, calls, published=published))
    routes = visit_facts.routes_of(tx, key, chain.from_iterable(calls.values()))
    people = visit_facts.people_of(tx, {*routes, *(s for visit in visits for s in visit.staff)})
    shown = [one for visit in visits for one in of_visit(visit, people)]
    for route in routes.values():
        shown += slots(key, route, published=published)
    present = _shown(tx, key, None)
    _bring(tx, key, shown, present)
    _schedules(tx, key.day, {staff: people.get(staff, Person()) for staff in routes})


def of_visits(tx: Tx, visits: Iterable[DemandId]) -> None:
    """Bring what shows these visits up to date, on the days where they are and where they were."""
    by_day: dict[tuple[str, date], set[DemandId]] = defaultdict(set)
    for some in chunks(sorted(set(visits))):
        for one, street, day in tx.execute(_planned(some)):
            by_day[street, day].add(DemandId(one))
        names = {own_id(one): one for one in some}
        c = projection.c
        shown = select(c.id, c.street, c.day).where(c.type == "Appointment", c.id.in_(names))
        for id_, street, day in tx.execute(shown):
            by_day[street, day].add(names[id_])
    for (street, day), those in sorted(by_day.items()):
        _some_of_day(tx, DayKey(StreetId(street), day), those)


def _some_of_day(tx: Tx, key: DayKey, visits: Collection[DemandId]) -> None:
    state = _hold(tx, key)
    if state is None:
        return
    calls = visit_facts.calls_of(tx, key, visits)
    found = list(visit_facts.visits_of(tx, key, visits, calls, published=state == "published"))
    people = visit_facts.people_of(tx, {s for visit in found for s in visit.staff})
    shown = [one for visit in found for one in of_visit(visit, people)]
    _bring(tx, key, shown, _shown(tx, key, [own_id(one) for one in visits]))


def home(tx: Tx, type: str, id: str) -> DayKey | None:  # noqa: A002 - FHIR's own words
    """The street-day that a resource of ours shows; None for any other, and for a Schedule."""
    row = tx.execute(
        select(projection.c.street, projection.c.day).filter_by(type=type, id=id)
    ).one_or_none()
    return DayKey(StreetId(row.street), row.day) if row else None


def staff_of(tx: Tx, schedule_id: str) -> str:
    """The PractitionerRole whose Schedule of ours this is, or an empty text."""
    found = documents.peek(tx, "Schedule", schedule_id)
    if found is None or found.deleted:
        return ""
    return str(found.resource["actor"][0]["reference"]).partition("/")[2]


def follow(tx: Tx) -> bool:
    """Build anew what shows planning, if that was never done, or by another version of this."""
    name = store_note.c.name == _NOTE
    present = tx.execute(select(store_note.c.value).where(name)).scalar_one_or_none()
    if present == _FORMAT:
        return False
    days = tx.execute(select(day_plan.c.street, day_plan.c.day).order_by(*day_plan.primary_key))
    for street, day in days.all():
        of_day(tx, DayKey(StreetId(street), day))
    tx.execute(delete(store_note).where(name))
    tx.execute(insert(store_note), {"name": _NOTE, "value": _FORMAT})
    return True


# ---- what planning knows ----


def _hold(tx: Tx, key: DayKey) -> str | None:
    found = select(day_plan.c.state).filter_by(street=key.street, day=key.day).with_for_update()
    state: str | None = tx.execute(found).scalar_one_or_none()
    return state


def _planned(visits: Sequence[DemandId]) -> Select[Any]:
    """Those of these visits that are wanted on a planned day, with street and day."""
    same = and_(day_plan.c.street == demand.c.street, day_plan.c.day == demand.c.day)
    columns = (demand.c.id, demand.c.street, demand.c.day)
    return select(*columns).join(day_plan, same).where(demand.c.id.in_(visits))


# ---- what is shown ----


def _shown(tx: Tx, key: DayKey, only: Sequence[str] | None) -> dict[_Place, Document]:
    """What shows a day now, or only Appointments and Encounters of these ids."""
    same = and_(document.c.type == projection.c.type, document.c.id == projection.c.id)
    day = (
        select(*CURRENT)
        .join(projection, same)
        .where(projection.c.street == key.street, projection.c.day == key.day)
    )
    found: dict[_Place, Document] = {}
    for some in [None] if only is None else chunks(only):
        # A visit and the Slots in which it is made never share an id.
        query = day if some is None else day.where(projection.c.id.in_(some))
        found |= {(row.type, row.id): as_document(row) for row in tx.execute(query)}
    return found


def _bring(tx: Tx, key: DayKey, shown: Sequence[Shown], present: Mapping[_Place, Document]) -> None:
    """Make `shown` what shows a day, of which `present` shows it now."""
    known = {**_named(tx, [one.place for one in shown if one.place not in present]), **present}
    new: list[Shown] = []
    changed: list[_Change] = []
    for one in shown:
        old = known.get(one.place)
        if old is None and not one.optional:
            new.append(one)
        elif old is not None and not (one.optional and old.deleted) and _differs(old, one.resource):
            changed.append((old, one.resource))
    here = {one.place for one in shown}
    ended = _ended(tx, [old for place, old in present.items() if place not in here])
    if new:
        documents.create_all(tx, [(one.id, "PUT", one.resource) for one in new])
    _rewrite(tx, changed + ended)
    moved = [
        one.place
        for one in shown
        if one.place not in present
        and not (one.optional and (one.place not in known or known[one.place].deleted))
    ]
    _unmark(tx, [place for place in moved if place in known])
    _unmark(tx, [(old.type, old.id) for old, left in ended if left is None])
    if moved:
        where = {"street": key.street, "day": key.day}
        tx.execute(insert(projection), [where | {"type": t, "id": id_} for t, id_ in moved])


def _ended(tx: Tx, gone: Sequence[Document]) -> list[_Change]:
    """What becomes of resources whose visit or stretch is no longer there."""
    found: list[_Change] = []
    never_told = _never_told(tx, gone)
    for old in gone:
        left = None if old.id in never_told else withdrawn(old.resource)
        if left is None or _differs(old, left):
            found.append((old, left))
    return found


def _never_told(tx: Tx, gone: Sequence[Document]) -> set[str]:
    """Appointments that were never more than a draft."""
    drafts = {
        d.id
        for d in gone
        if d.type == "Appointment" and d.resource["status"] in ("proposed", "waitlist")
    }
    c = document_version.c
    for some in chunks(sorted(drafts)):
        booked = c.text.contains('"status":"booked"', autoescape=True)
        told = select(c.id).where(c.type == "Appointment", c.id.in_(some), booked)
        drafts -= set(tx.execute(told).scalars())
    return drafts


def _schedules(tx: Tx, day: date, people: Mapping[str, Person]) -> None:
    """Show everybody's Schedule; days are planned side by side, so whoever writes one holds it."""

    def wanted() -> tuple[list[Shown], list[_Change]]:
        known = _named(tx, [("Schedule", schedule_of(staff)) for staff in people])
        new: list[Shown] = []
        changed: list[_Change] = []
        for staff, person in people.items():
            old = known.get(("Schedule", schedule_of(staff)))
            one = schedule(staff, person, day, old.resource if old and not old.deleted else None)
            if old is None:
                new.append(one)
            elif _differs(old, one.resource):
                changed.append((old, one.resource))
        return new, changed

    new, changed = wanted()
    if not new and not changed:
        return
    documents.claim(tx, [*(one.place for one in new), *((old.type, old.id) for old, _ in changed)])
    new, changed = wanted()
    if new:
        documents.create_all(tx, [(one.id, "PUT", one.resource) for one in new])
    _rewrite(tx, changed)


def _named(tx: Tx, places: Iterable[_Place]) -> dict[_Place, Document]:
    """Stored resources of these names, deleted ones too."""
    by_type: dict[str, list[str]] = defaultdict(list)
    for type_, id_ in places:
        by_type[type_].append(id_)
    found: dict[_Place, Document] = {}
    for type_, ids in sorted(by_type.items()):
        for some in chunks(sorted(ids)):
            rows = select(*CURRENT).where(document.c.type == type_, document.c.id.in_(some))
            found |= {(type_, row.id): as_document(row) for row in tx.execute(rows)}
    return found


def _differs(old: Document, resource: Json) -> bool:
    return old.deleted or dumps(stamped(resource, old.id, old.version, old.updated)) != old.text


def _rewrite(tx: Tx, changes: Sequence[_Change]) -> None:
    """Give each document its next version; without a resource it is deleted."""
    if not changes:
        return
    now = datetime.now(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    kept = ("type", "id", "version", "updated", "method", "text")
    tx.execute(
        insert(document_version),
        [{name: getattr(old, name) for name in kept} for old, _ in changes],
    )
    rows: list[dict[str, object]] = []
    fresh: list[tuple[int, Json]] = []
    for old, resource in changes:
        made = {"at_row": old.row, "version": old.version + 1, "updated": max(now, old.updated)}
        if resource is None:
            rows.append(made | {"method": "DELETE", "text": ""})
            continue
        stored = stamped(resource, old.id, old.version + 1, max(now, old.updated))
        rows.append(made | {"method": "PUT", "text": dumps(stored)})
        fresh.append((old.row, stored))
    names = ("version", "updated", "method", "text")
    tx.execute(
        update(document)
        .where(document.c.row == bindparam("at_row"))
        .values({name: bindparam(name) for name in names}),
        rows,
    )
    index.clear_all(tx, [old.row for old, _ in changes])
    index.add_all(tx, fresh)


def _unmark(tx: Tx, places: Iterable[_Place]) -> None:
    by_type: dict[str, list[str]] = defaultdict(list)
    for type_, id_ in places:
        by_type[type_].append(id_)
    for type_, ids in by_type.items():
        for some in chunks(ids):
            c = projection.c
            tx.execute(delete(projection).where(c.type == type_, c.id.in_(some)))
