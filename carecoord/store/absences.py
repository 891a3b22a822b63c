"""Who is away from work, and since when?"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from carecoord.errors import Missing
from carecoord.model.absences import Absence
from carecoord.model.ids import StaffId, StreetId
from carecoord.store.engine import Tx
from carecoord.store.tables import staff_absence


def add(tx: Tx, one: Absence) -> None:
    """Keep an absence."""
    tx.execute(
        insert(staff_absence).values(
            id=one.id,
            street=one.street,
            staff=one.staff,
            start=one.start,
            end=one.end,
            reason=one.reason,
            by=one.by,
            at=one.at,
        )
    )


def end(tx: Tx, id_: str, at: datetime) -> None:
    """The person is back at `at`."""
    tx.execute(update(staff_absence).filter_by(id=id_).values(end=at))


def read(tx: Tx, street: StreetId, id_: str) -> Absence:
    """One absence.

    Raises
    ------
    Missing
        `absence.none`: the street has none of that id.
    """
    row = tx.execute(select(staff_absence).filter_by(id=id_, street=street)).one_or_none()
    if row is None:
        raise Missing("absence.none", absence=id_)
    return _absence(row)


def between(
    tx: Tx, street: StreetId, first: datetime, last: datetime | None
) -> tuple[Absence, ...]:
    """Absences that touch `first` to `last` (None = for ever), by their start."""
    chosen = (
        select(staff_absence)
        .filter_by(street=street)
        .where(or_(staff_absence.c.end.is_(None), staff_absence.c.end > first))
        .order_by(staff_absence.c.start, staff_absence.c.id)
    )
    if last is not None:
        chosen = chosen.where(staff_absence.c.start < last)
    return tuple(_absence(row) for row in tx.execute(chosen))


def _absence(row: Row[Any]) -> Absence:
    return Absence(
        id=row.id,
        street=StreetId(row.street),
        staff=StaffId(row.staff),
        start=row.start,
        end=row.end,
        reason=row.reason,
        by=row.by,
        at=row.at,
    )
