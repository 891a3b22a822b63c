"""Plannings of the days ahead: asked for once, claimed by a worker, advanced step by step."""

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, or_, select, update

from carecoord.errors import Missing
from carecoord.model.horizon import OPEN, Horizon
from carecoord.model.ids import RunId, StreetId
from carecoord.model.visits import DayKey
from carecoord.store import canonical
from carecoord.store.documents import hold
from carecoord.store.engine import Tx
from carecoord.store.tables import horizon, horizon_day


def ask(
    tx: Tx,
    id_: str,
    street: StreetId,
    first: date,
    days: int,
    *,
    options: dict[str, Any],
    by: str,
    at: datetime,
) -> Horizon:
    """Queue a planning; one of that id that is there already is answered instead."""
    hold(tx, f"horizon/{street}")
    if not known(tx, id_):
        tx.execute(
            insert(horizon).values(
                id=id_,
                street=street,
                first=first,
                days=days,
                state="queued",
                options=canonical.dumps(options),
                requested_by=by,
                requested_at=at,
                lease=0,
                outcome="{}",
            )
        )
    return read(tx, id_)


def read(tx: Tx, id_: str) -> Horizon:
    """One planning.

    Raises
    ------
    Missing
        `horizon.none`.
    """
    row = tx.execute(select(horizon).filter_by(id=id_)).one_or_none()
    if row is None:
        raise Missing("horizon.none", horizon=id_)
    return _horizon(row)


def waiting(tx: Tx, now: datetime) -> tuple[str, ...]:
    """Plannings that a worker may advance, the oldest first."""
    rows = tx.execute(select(horizon.c.id).where(_free(now)).order_by(horizon.c.requested_at))
    return tuple(id_ for (id_,) in rows)


def unfinished(tx: Tx, street: StreetId) -> Horizon | None:
    """The oldest planning of a street that is not over, or None."""
    row = tx.execute(
        select(horizon)
        .where(horizon.c.street == street, horizon.c.state.in_(OPEN))
        .order_by(horizon.c.requested_at)
    ).first()
    return _horizon(row) if row else None


def latest(tx: Tx, street: StreetId) -> Horizon | None:
    """The newest planning of a street, or None."""
    row = tx.execute(
        select(horizon).filter_by(street=street).order_by(horizon.c.requested_at.desc()).limit(1)
    ).one_or_none()
    return _horizon(row) if row else None


def latest_night(tx: Tx, street: StreetId) -> Horizon | None:
    """The newest planning that the clock asked for, or None."""
    row = tx.execute(
        select(horizon)
        .where(horizon.c.street == street, horizon.c.id.startswith("night/"))
        .order_by(horizon.c.first.desc())
        .limit(1)
    ).one_or_none()
    return _horizon(row) if row else None


def known(tx: Tx, id_: str) -> bool:
    """Whether a planning was asked for."""
    return tx.execute(select(horizon.c.id).filter_by(id=id_)).first() is not None


def claim(tx: Tx, id_: str, *, now: datetime, until: datetime) -> Horizon | None:
    """Take a planning for one step; None when another worker has it or it is over."""
    done = tx.execute(
        update(horizon)
        .where(horizon.c.id == id_, _free(now))
        .values(lease=horizon.c.lease + 1, lease_until=until)
    )
    return read(tx, id_) if done.rowcount else None


def save(
    tx: Tx,
    claimed: Horizon,
    state: str,
    outcome: dict[str, Any],
    *,
    finished: datetime | None = None,
    until: datetime | None = None,
) -> bool:
    """Write how far a planning is; False when another worker has taken it over.

    until
        When somebody may look at it again; None = at once.
    """
    done = tx.execute(
        update(horizon)
        .filter_by(id=claimed.id, lease=claimed.lease)
        .values(
            state=state,
            outcome=canonical.dumps(outcome),
            lease_until=until,
            finished_at=finished,
        )
    )
    return done.rowcount == 1


def planned_from(tx: Tx, key: DayKey) -> tuple[str, RunId] | None:
    """Hash of what a day was last asked to be planned from, and that run; None: never."""
    row = tx.execute(select(horizon_day).filter_by(street=key.street, day=key.day)).one_or_none()
    return (row.problem_hash, RunId(row.run)) if row else None


def plan_from(tx: Tx, key: DayKey, problem_hash: str, run: RunId) -> None:
    """Remember what a day was asked to be planned from."""
    tx.execute(delete(horizon_day).filter_by(street=key.street, day=key.day))
    tx.execute(
        insert(horizon_day).values(
            street=key.street, day=key.day, problem_hash=problem_hash, run=run
        )
    )


def _free(now: datetime) -> ColumnElement[bool]:
    return horizon.c.state.in_(OPEN) & or_(
        horizon.c.lease_until.is_(None), horizon.c.lease_until < now
    )


def _horizon(row: Row[Any]) -> Horizon:
    return Horizon(
        id=row.id,
        street=StreetId(row.street),
        first=row.first,
        days=row.days,
        state=row.state,
        options=json.loads(row.options),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        lease=row.lease,
        finished_at=row.finished_at,
        outcome=json.loads(row.outcome),
    )
