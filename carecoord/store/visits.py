"""Which visits were wanted, routed and left undone for certain elders?"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, select

from carecoord.model.ids import DemandId, ElderId, PlanId, StaffId, StreetId
from carecoord.model.plans import Window
from carecoord.model.staff import Level
from carecoord.store.engine import Tx
from carecoord.store.tables import day_plan, demand, stop, unserved


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One wanted visit and what the routes say of it.

    published
        People have been told the routes of its day.
    start
        Seconds after 00:00 at the bedside; None when nobody is sent.
    refused
        The routes leave it undone.
    """

    demand: DemandId
    day: date
    elder: ElderId
    plan: PlanId
    items: tuple[str, ...]
    programmes: tuple[str, ...]
    windows: tuple[Window, ...]
    wish: Window | None
    level: Level
    published: bool
    start: int | None
    staff: tuple[StaffId, ...]
    refused: bool


def of_elders(
    tx: Tx, street: StreetId, elders: Sequence[ElderId], first: date, end: date
) -> list[VisitRow]:
    """Visits wanted from `first` up to before `end`, by day and id."""
    routed = and_(
        stop.c.demand == demand.c.id,
        stop.c.street == demand.c.street,
        stop.c.day == demand.c.day,
    )
    undone = and_(
        unserved.c.demand == demand.c.id,
        unserved.c.street == demand.c.street,
        unserved.c.day == demand.c.day,
    )
    known = and_(day_plan.c.street == demand.c.street, day_plan.c.day == demand.c.day)
    query = (
        select(
            demand.c.id,
            demand.c.day,
            demand.c.elder,
            demand.c.plan,
            demand.c.body,
            stop.c.staff,
            stop.c.start,
            day_plan.c.state,
            unserved.c.code,
        )
        .outerjoin(stop, routed)
        .outerjoin(unserved, undone)
        .outerjoin(day_plan, known)
        .where(demand.c.street == street, demand.c.elder.in_(elders))
        .where(demand.c.day >= first, demand.c.day < end)
        .order_by(demand.c.day, demand.c.id, stop.c.staff)
    )
    rows: dict[str, list[Any]] = {}
    for row in tx.execute(query):
        rows.setdefault(row.id, []).append(row)
    return [_visit(several) for several in rows.values()]


def _visit(rows: list[Any]) -> VisitRow:
    row = rows[0]
    facts = json.loads(row.body)
    wish = facts.get("wish")
    return VisitRow(
        demand=DemandId(row.id),
        day=row.day,
        elder=ElderId(row.elder),
        plan=PlanId(row.plan),
        items=tuple(facts["items"]),
        programmes=tuple(facts["programmes"]),
        windows=tuple((a, b) for a, b in facts["windows"]),
        wish=(wish[0], wish[1]) if wish else None,
        level=Level(facts["level"]),
        published=row.state == "published",
        start=row.start,
        staff=tuple(StaffId(one.staff) for one in rows if one.staff is not None),
        refused=row.code is not None,
    )
