"""What did people decide by hand about single visits?"""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from carecoord.model.edits import VisitEdit
from carecoord.model.ids import PlanId, StreetId
from carecoord.store.demands import from_json, to_json
from carecoord.store.engine import Tx
from carecoord.store.tables import visit_edit

_AT_ONCE = 200


def put(tx: Tx, street: StreetId, edit: VisitEdit) -> None:
    """Keep a decision; an earlier one about the same visit gives way."""
    remove(tx, edit.plan, edit.group, edit.day, edit.occasion)
    tx.execute(
        insert(visit_edit).values(
            plan=edit.plan,
            visit=edit.group,
            day=edit.day,
            occasion=edit.occasion,
            street=street,
            falls_on=edit.falls_on,
            kind=edit.kind,
            parts=json.dumps(edit.parts, ensure_ascii=False, separators=(",", ":")),
            body=to_json(edit.demand) if edit.demand else "",
            reason=edit.reason,
            by=edit.by,
            at=edit.at,
        )
    )


def remove(tx: Tx, plan: PlanId, group: str, day: date, occasion: int) -> bool:
    """Forget the decision about one visit; whether there was one."""
    done = tx.execute(
        delete(visit_edit).filter_by(plan=plan, visit=group, day=day, occasion=occasion)
    )
    return bool(done.rowcount)


def between(tx: Tx, plans: Iterable[PlanId], first: date, last: date) -> list[VisitEdit]:
    """Decisions about visits of some plans that were or are due from `first` to `last`."""
    wanted = sorted(set(plans))
    found: list[VisitEdit] = []
    for start in range(0, len(wanted), _AT_ONCE):
        rows = tx.execute(
            select(visit_edit)
            .where(visit_edit.c.plan.in_(wanted[start : start + _AT_ONCE]))
            .where(
                or_(
                    visit_edit.c.day.between(first, last),
                    visit_edit.c.falls_on.between(first, last),
                )
            )
            .order_by(visit_edit.c.plan, visit_edit.c.day, visit_edit.c.visit)
        )
        found += [_edit(row) for row in rows]
    return found


def following(tx: Tx, plan: PlanId, group: str, first: date) -> list[VisitEdit]:
    """Decisions about visits of one group due on `first` or later."""
    rows = tx.execute(
        select(visit_edit)
        .filter_by(plan=plan, visit=group)
        .where(visit_edit.c.day >= first)
        .order_by(visit_edit.c.day, visit_edit.c.occasion)
    )
    return [_edit(row) for row in rows]


def hand_over(tx: Tx, old: PlanId, new: PlanId, first: date) -> int:
    """A plan takes over from another: decisions about visits from `first` on go with it."""
    moved = tx.execute(
        update(visit_edit)
        .where(visit_edit.c.plan == old, visit_edit.c.day >= first)
        .values(plan=new)
    )
    return int(moved.rowcount)


def _edit(row: Row[Any]) -> VisitEdit:
    return VisitEdit(
        plan=PlanId(row.plan),
        day=row.day,
        group=row.visit,
        occasion=row.occasion,
        kind=row.kind,
        parts=tuple((group, occasion) for group, occasion in json.loads(row.parts)),
        demand=from_json(row.body) if row.body else None,
        reason=row.reason,
        by=row.by,
        at=row.at,
    )
