"""Which days and people did the spread choose for the visits of plans?"""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select

from carecoord.model.ids import PlanId, StaffId, StreetId
from carecoord.model.spread import Placed
from carecoord.store.engine import Tx
from carecoord.store.tables import spread

_AT_ONCE = 200


def between(tx: Tx, plans: Iterable[PlanId], first: date, last: date) -> list[Placed]:
    """Choices for visits of some plans that are due, or were put, from `first` to `last`."""
    wanted = sorted(set(plans))
    found: list[Placed] = []
    for start in range(0, len(wanted), _AT_ONCE):
        rows = tx.execute(
            select(spread)
            .where(spread.c.plan.in_(wanted[start : start + _AT_ONCE]))
            .where(or_(spread.c.due.between(first, last), spread.c.day.between(first, last)))
            .order_by(spread.c.plan, spread.c.visit, spread.c.due, spread.c.occasion)
        )
        found += [_placed(row) for row in rows]
    return found


def on(tx: Tx, street: StreetId, day: date) -> list[Placed]:
    """Choices for one street-day."""
    rows = tx.execute(select(spread).filter_by(street=street, day=day))
    return [_placed(row) for row in rows]


def replace(tx: Tx, street: StreetId, placed: Iterable[Placed], source: str) -> int:
    """Keep choices in place of earlier ones about the same visits; how many are new or changed."""
    new = {(one.plan, one.group, one.due, one.occasion): one for one in placed}
    if not new:
        return 0
    days = [one.due for one in new.values()]
    known = between(tx, [one.plan for one in new.values()], min(days), max(days))
    present = {(one.plan, one.group, one.due, one.occasion): one for one in known}
    fresh = [one for key, one in new.items() if present.get(key) != one]
    for one in fresh:
        if (one.plan, one.group, one.due, one.occasion) in present:
            tx.execute(
                delete(spread).filter_by(
                    plan=one.plan, visit=one.group, due=one.due, occasion=one.occasion
                )
            )
    if fresh:
        tx.execute(insert(spread), [_row(street, one, source) for one in fresh])
    return len(fresh)


def _row(street: StreetId, one: Placed, source: str) -> dict[str, Any]:
    return {
        "plan": one.plan,
        "visit": one.group,
        "due": one.due,
        "occasion": one.occasion,
        "street": street,
        "day": one.day,
        "staff": json.dumps(list(one.staff)),
        "source": source,
    }


def _placed(row: Row[Any]) -> Placed:
    return Placed(
        plan=PlanId(row.plan),
        group=row.visit,
        due=row.due,
        occasion=row.occasion,
        day=row.day,
        staff=tuple(StaffId(one) for one in json.loads(row.staff)),
    )
