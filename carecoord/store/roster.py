"""Who works when on each planned day?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select

from carecoord.model.ids import StaffId
from carecoord.model.staff import Shift
from carecoord.model.visits import DayKey
from carecoord.store.engine import Tx
from carecoord.store.tables import day_shift


def on(tx: Tx, key: DayKey) -> dict[StaffId, tuple[Shift, ...]]:
    """Shifts of a planned day as they were written down last, by staff."""
    chosen = select(day_shift).filter_by(street=key.street, day=key.day)
    found: dict[StaffId, list[Shift]] = defaultdict(list)
    for row in tx.execute(chosen.order_by(day_shift.c.staff, day_shift.c.start)):
        found[StaffId(row.staff)].append(Shift(row.start, row.end))
    return {staff: tuple(shifts) for staff, shifts in found.items()}


def replace(tx: Tx, key: DayKey, shifts: Mapping[StaffId, Sequence[Shift]]) -> bool:
    """Write down who works when on a day; whether that was news."""
    where = {"street": key.street, "day": key.day}
    new = {staff: tuple(some) for staff, some in sorted(shifts.items()) if some}
    if on(tx, key) == new:
        return False
    tx.execute(delete(day_shift).filter_by(**where))
    rows = [
        where | {"staff": staff, "start": one.start, "end": one.end}
        for staff, some in new.items()
        for one in some
    ]
    if rows:
        tx.execute(insert(day_shift), rows)
    return True
