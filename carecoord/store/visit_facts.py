"""What does planning know of the visits and the people of a day?"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, Table, select

from carecoord.model.events import VisitEvent
from carecoord.model.ids import DemandId
from carecoord.model.visits import DayKey
from carecoord.store import roster
from carecoord.store.engine import Tx
from carecoord.store.event_rows import as_event
from carecoord.store.shift_resources import Route
from carecoord.store.tables import (
    demand,
    document,
    homeward,
    index_text,
    pause,
    stop,
    unserved,
    visit_event,
)
from carecoord.store.visit_resources import Call, Person, Visit
from fhir_profiles import search as parameters

_Name = TypeVar("_Name", bound=str)
_AT_ONCE = 500


def calls_of(tx: Tx, key: DayKey, only: Collection[DemandId] | None) -> dict[str, list[Call]]:
    """Who is sent to each visit, or to those of `only`."""
    found: dict[str, list[Call]] = defaultdict(list)
    for r in _rows(tx, key, stop, "demand", only, "staff"):
        found[r.demand].append(Call(r.staff, r.demand, r.arrival, r.start, r.end, r.travel))
    return found


def visits_of(
    tx: Tx,
    key: DayKey,
    only: Collection[DemandId] | None,
    calls: Mapping[str, Sequence[Call]],
    *,
    published: bool,
) -> Iterator[Visit]:
    """Visits of a planned day, or those of `only` that are among them."""
    refused = {
        r.demand: (r.code, json.loads(r.facts)) for r in _rows(tx, key, unserved, "demand", only)
    }
    events: dict[str, list[VisitEvent]] = defaultdict(list)
    for r in _rows(tx, key, visit_event, "demand", only, "at", "recorded_at", "id"):
        events[r.demand].append(as_event(r))
    for r in _rows(tx, key, demand, "id", only):
        yield Visit(
            demand=r.id,
            key=key,
            elder=r.elder,
            plan=r.plan,
            published=published,
            body=json.loads(r.body),
            calls=tuple(calls.get(r.id, ())),
            refusal=refused.get(r.id),
            events=tuple(events[r.id]),
        )


def _rows(
    tx: Tx,
    key: DayKey,
    table: Table,
    visit: str,
    only: Collection[DemandId] | None,
    *order: str,
) -> Iterator[Row[Any]]:
    """Rows of a day, or those whose column `visit` is one of `only`."""
    day = select(table).filter_by(street=key.street, day=key.day)
    for some in [None] if only is None else chunks(sorted(only)):
        chosen = day if some is None else day.where(table.c[visit].in_(some))
        yield from tx.execute(chosen.order_by(table.c[visit], *(table.c[name] for name in order)))


def routes_of(tx: Tx, key: DayKey, calls: Iterable[Call]) -> dict[str, Route]:
    """The day of everybody who works or is sent."""
    found: dict[str, Route] = {}

    def of(staff: str) -> Route:
        return found.setdefault(staff, Route(staff))

    for staff, shifts in roster.on(tx, key).items():
        of(staff).shifts.extend(shifts)
    where = {"street": key.street, "day": key.day}
    for r in tx.execute(select(pause).filter_by(**where)):
        of(r.staff).pauses.append((r.start, r.end))
    columns = (homeward.c.staff, homeward.c.arrival, homeward.c.travel)
    for r in tx.execute(select(*columns).filter_by(**where)):
        of(r.staff).homeward.append((r.arrival - r.travel, r.arrival))
    for call in calls:
        of(call.staff).calls.append(call)
    return dict(sorted(found.items()))


def people_of(tx: Tx, staff: Collection[str]) -> dict[str, Person]:
    """Whom each PractitionerRole names, as its index says."""
    person = parameters.number_of("PractitionerRole.practitioner")
    keeper = parameters.number_of("PractitionerRole.organization")
    named: dict[str, dict[int, str]] = defaultdict(dict)
    t = index_text.c
    for some in chunks(sorted(staff)):
        rows = tx.execute(
            select(document.c.id, t.param, t.value)
            .join_from(document, index_text, document.c.row == t.row)
            .where(document.c.type == "PractitionerRole", document.c.id.in_(some))
            .where(t.param.in_((person, keeper)), t.detail.in_(("Practitioner", "Organization")))
            .order_by(t.value.desc())
        )
        for id_, param, value in rows:
            named[id_][param] = value
    return {id_: Person(n.get(person, ""), n.get(keeper, "")) for id_, n in named.items()}


def chunks(values: Sequence[_Name]) -> Iterator[Sequence[_Name]]:
    """The values in pieces that one statement can name."""
    for first in range(0, len(values), _AT_ONCE):
        yield values[first : first + _AT_ONCE]
