"""Which visits are wanted on which day?"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from carecoord.errors import Missing
from carecoord.model.demands import After, VisitDemand
from carecoord.model.ids import DemandId, ElderId, PlanId, StaffId, StreetId
from carecoord.model.staff import Level
from carecoord.store import canonical, projections
from carecoord.store.documents import hold
from carecoord.store.engine import Tx
from carecoord.store.tables import demand

_COLUMNS = ("id", "street", "day", "elder", "plan")


def replace(
    tx: Tx,
    street: StreetId,
    first: date,
    days: int,
    wanted: Iterable[VisitDemand],
    *,
    keep: Collection[date] = (),
) -> int:
    """Make `wanted` the demands of a street in `days` days from `first`; return how many changed.

    keep
        Days that are not touched, because people have been told.
    """
    hold(tx, f"demand/{street}")
    span = [first + timedelta(days=k) for k in range(days)]
    open_days = [day for day in span if day not in keep]
    present = {
        row.id: row.body
        for row in tx.execute(
            select(demand.c.id, demand.c.body)
            .where(demand.c.street == street)
            .where(demand.c.day.in_(open_days))
        )
    }
    new = {d.id: (d, _body(d)) for d in wanted if d.day in set(open_days)}
    gone = [id_ for id_, body in present.items() if id_ not in new or new[id_][1] != body]
    fresh = [d for id_, (d, body) in new.items() if present.get(id_) != body]
    _delete(tx, gone)
    if fresh:
        tx.execute(insert(demand), [_row(d) for d in fresh])
    changed = {DemandId(id_) for id_ in gone} | {d.id for d in fresh}
    projections.of_visits(tx, changed)
    return len(changed)


def on(tx: Tx, street: StreetId, day: date) -> tuple[VisitDemand, ...]:
    """Demands of one street-day, by id."""
    rows = tx.execute(select(demand).filter_by(street=street, day=day).order_by(demand.c.id))
    return tuple(_demand(row) for row in rows)


def coming(
    tx: Tx, street: StreetId, elder: ElderId, first: date
) -> dict[date, tuple[VisitDemand, ...]]:
    """Demands of one person from `first` on, by day."""
    rows = tx.execute(
        select(demand)
        .filter_by(street=street, elder=elder)
        .where(demand.c.day >= first)
        .order_by(demand.c.day, demand.c.id)
    )
    found: dict[date, tuple[VisitDemand, ...]] = {}
    for row in rows:
        found[row.day] = (*found.get(row.day, ()), _demand(row))
    return found


def last_day(tx: Tx, street: StreetId) -> date | None:
    """The last day for which the plans of a street have been expanded."""
    found: date | None = tx.execute(
        select(func.max(demand.c.day)).where(demand.c.street == street)
    ).scalar_one()
    return found


def put(tx: Tx, wanted: Iterable[VisitDemand]) -> None:
    """Add demands, or store them anew."""
    rows = [_row(d) for d in wanted]
    ids = [DemandId(row["id"]) for row in rows]
    _delete(tx, ids)
    if rows:
        tx.execute(insert(demand), rows)
    projections.of_visits(tx, ids)


def remove(tx: Tx, ids: Collection[str]) -> None:
    """Take demands back; those of a planned day stay in it as long as its rows name them."""
    held = [DemandId(id_) for id_ in ids]
    _delete(tx, held)
    projections.of_visits(tx, held)


def _delete(tx: Tx, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), 500):
        tx.execute(delete(demand).where(demand.c.id.in_(ids[start : start + 500])))


def read(tx: Tx, id_: DemandId) -> VisitDemand:
    """One demand.

    Raises
    ------
    Missing
        There is none of that id.
    """
    row = tx.execute(select(demand).filter_by(id=id_)).one_or_none()
    if row is None:
        raise Missing("visit.none", visit=id_)
    return _demand(row)


def to_json(wanted: VisitDemand) -> str:
    """A whole demand as canonical JSON."""
    facts = {name: getattr(wanted, name) for name in _COLUMNS}
    return json.dumps(
        json.loads(_body(wanted)) | facts | {"day": wanted.day.isoformat()},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )


def from_json(text: str) -> VisitDemand:
    """Back from `to_json`."""
    facts = json.loads(text)
    return _of(facts | {"day": date.fromisoformat(facts["day"])}, facts)


def _body(wanted: VisitDemand) -> str:
    facts = {k: v for k, v in asdict(wanted).items() if k not in _COLUMNS}
    return canonical.dumps(facts)


def _row(wanted: VisitDemand) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in _COLUMNS} | {"body": _body(wanted)}


def _demand(row: Row[Any]) -> VisitDemand:
    return _of({name: getattr(row, name) for name in _COLUMNS}, json.loads(row.body))


def _of(columns: Mapping[str, Any], facts: Mapping[str, Any]) -> VisitDemand:
    """A demand; what bodies of older installations lack has its default."""
    return VisitDemand(
        id=DemandId(columns["id"]),
        street=StreetId(columns["street"]),
        day=columns["day"],
        elder=ElderId(columns["elder"]),
        plan=PlanId(columns["plan"]),
        items=tuple(facts["items"]),
        windows=tuple((start, end) for start, end in facts["windows"]),
        duration=facts["duration"],
        level=Level(facts["level"]),
        carers=facts["carers"],
        priority=facts["priority"],
        programmes=tuple(facts["programmes"]),
        preferred=tuple(StaffId(s) for s in facts["preferred"]),
        gender=facts["gender"],
        wish=(facts["wish"][0], facts["wish"][1]) if facts["wish"] else None,
        language=facts.get("language", ""),
        group=facts.get("group", ""),
        occasion=facts.get("occasion", 0),
        parts=tuple((group, occasion) for group, occasion in facts.get("parts", ())),
        origin=facts.get("origin", "plan"),
        edited=facts.get("edited", False),
        after=tuple(
            After(DemandId(one["demand"]), one["min_gap"], one["max_gap"], one["carers"])
            for one in facts.get("after", ())
        ),
        organization=facts.get("organization", ""),
    )
