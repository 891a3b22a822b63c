"""Who works when on each planned day?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import delete, exists, insert, select

from carecoord.model.ids import StaffId, StreetId
from carecoord.model.visits import DayKey
from carecoord.store.documents import hold
from carecoord.store.engine import Tx
from carecoord.store.tables import day_plan, day_shift

Span = tuple[int, int]
"""From and to, seconds after 00:00 Asia/Shanghai of the day; the end may lie past midnight."""


def on(tx: Tx, key: DayKey) -> dict[StaffId, tuple[Span, ...]]:
    """Shifts of a planned day as they were written down last, by staff."""
    chosen = select(day_shift).filter_by(street=key.street, day=key.day)
    found: dict[StaffId, list[Span]] = defaultdict(list)
    for row in tx.execute(chosen.order_by(day_shift.c.staff, day_shift.c.start)):
        found[StaffId(row.staff)].append((row.start, row.end))
    return {staff: tuple(shifts) for staff, shifts in found.items()}


def replace(tx: Tx, key: DayKey, shifts: Mapping[StaffId, Sequence[Span]]) -> bool:
    """Write down who works when on a day; whether that was news.

    Whoever else changes the day waits until this transaction ends.
    """
    where = {"street": key.street, "day": key.day}
    planned = select(day_plan.c.state).filter_by(**where).with_for_update()
    if tx.execute(planned).first() is None:
        hold(tx, f"day/{key.street}/{key.day.isoformat()}")
    new = {staff: tuple(sorted(some)) for staff, some in sorted(shifts.items()) if some}
    if on(tx, key) == new:
        return False
    tx.execute(delete(day_shift).filter_by(**where))
    rows = [
        where | {"staff": staff, "start": start, "end": end}
        for staff, some in new.items()
        for start, end in some
    ]
    if rows:
        tx.execute(insert(day_shift), rows)
    return True


def unknown(tx: Tx, street: StreetId, first: date) -> list[date]:
    """Planned days from `first` on of which nobody has written down who works."""
    there = exists().where(
        day_shift.c.street == day_plan.c.street, day_shift.c.day == day_plan.c.day
    )
    days = select(day_plan.c.day).filter_by(street=street).where(day_plan.c.day >= first, ~there)
    return list(tx.execute(days.order_by(day_plan.c.day)).scalars())
