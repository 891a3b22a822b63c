"""What did people fix of the visits of a day?"""

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select

from carecoord.model.ids import DemandId
from carecoord.model.pins import KINDS, Decided, PinKind, VisitPin
from carecoord.model.visits import DayKey
from carecoord.store import canonical
from carecoord.store.engine import Tx
from carecoord.store.tables import visit_pin


def put(tx: Tx, key: DayKey, pin: VisitPin, *, reason: str, by: str, at: datetime) -> None:
    """Fix the parts of a visit that `pin` names; parts fixed before and not named stay."""
    values: dict[PinKind, object] = {
        "carers": list(pin.carers),
        "start": pin.start,
        "after": pin.after,
    }
    remove(tx, key, pin.demand, pin.kinds)
    for kind in pin.kinds:
        tx.execute(
            insert(visit_pin).values(
                street=key.street,
                day=key.day,
                demand=pin.demand,
                kind=kind,
                value=canonical.dumps(values[kind]),
                reason=reason,
                by=by,
                at=at,
            )
        )


def remove(tx: Tx, key: DayKey, demand: DemandId, kinds: Collection[PinKind] = KINDS) -> int:
    """Let go of parts of a visit; how many had been fixed."""
    done = tx.execute(
        delete(visit_pin)
        .filter_by(street=key.street, day=key.day, demand=demand)
        .where(visit_pin.c.kind.in_(kinds))
    )
    return int(done.rowcount)


def on(tx: Tx, key: DayKey) -> tuple[VisitPin, ...]:
    """Everything fixed on a day, by visit."""
    rows = tx.execute(
        select(visit_pin)
        .filter_by(street=key.street, day=key.day)
        .order_by(visit_pin.c.demand, visit_pin.c.kind)
    )
    parts: dict[DemandId, dict[str, object]] = {}
    decided: dict[DemandId, list[Decided]] = {}
    for row in rows:
        demand = DemandId(row.demand)
        value = json.loads(row.value)
        parts.setdefault(demand, {})[row.kind] = tuple(value) if row.kind == "carers" else value
        decided.setdefault(demand, []).append(Decided(row.kind, row.by, row.at, row.reason))
    return tuple(
        VisitPin(demand, **found, decided=tuple(decided[demand]))  # type: ignore[arg-type]
        for demand, found in parts.items()
    )
