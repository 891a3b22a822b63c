"""Which limits of referrals are running, and which have fired? The database remembers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, insert, select, update

from carecoord.model.ids import ReferralId
from carecoord.store.engine import Tx
from carecoord.store.tables import referral_clock


@dataclass(frozen=True, slots=True)
class Clock:
    """One limit of one referral.

    kind
        `accept`, `first-contact`, `first-visit`, `feedback`, `follow-up`.
    next_at
        When it fires next; None: no more.
    level
        Firings so far: 0 none, 1 reminded, 2 and more escalated.
    state
        `running`, `met`, `late` (met after it was due), `stopped`.
    """

    id: str
    task: ReferralId
    street: str
    kind: str
    started_at: datetime
    due_at: datetime
    next_at: datetime | None
    level: int = 0
    state: str = "running"
    ended_at: datetime | None = None


def start(tx: Tx, clock: Clock) -> None:
    """Let a clock run; one that has been started before is left alone."""
    if tx.execute(select(referral_clock.c.id).filter_by(id=clock.id)).first() is None:
        tx.execute(
            insert(referral_clock).values(
                id=clock.id,
                task=clock.task,
                street=clock.street,
                kind=clock.kind,
                started_at=clock.started_at,
                due_at=clock.due_at,
                next_at=clock.next_at,
                level=clock.level,
                state=clock.state,
                ended_at=None,
            )
        )


def end(
    tx: Tx, task: ReferralId, at: datetime, *, kinds: Collection[str] = (), stopped: bool = False
) -> None:
    """End running clocks of a referral: met (or late), or stopped without having been met.

    kinds
        Which; empty = all.
    """
    for clock in of_task(tx, task):
        if clock.state != "running" or (kinds and clock.kind not in kinds):
            continue
        state = "stopped" if stopped else "met" if at <= clock.due_at else "late"
        tx.execute(
            update(referral_clock)
            .filter_by(id=clock.id, state="running")
            .values(state=state, ended_at=at, next_at=None)
        )


def due(tx: Tx, now: datetime, limit: int = 100) -> tuple[Clock, ...]:
    """Running clocks that should have fired by now, the longest overdue first."""
    rows = tx.execute(
        select(referral_clock)
        .where(referral_clock.c.state == "running", referral_clock.c.next_at <= now)
        .order_by(referral_clock.c.next_at, referral_clock.c.id)
        .limit(limit)
    )
    return tuple(_clock(row) for row in rows)


def fire(tx: Tx, clock: Clock, next_at: datetime | None) -> bool:
    """Note one firing; False when another process has fired it or the clock has ended."""
    done = tx.execute(
        update(referral_clock)
        .filter_by(id=clock.id, level=clock.level, state="running")
        .values(level=clock.level + 1, next_at=next_at)
    )
    return done.rowcount == 1


def of_task(tx: Tx, task: ReferralId) -> tuple[Clock, ...]:
    """Every clock of a referral, oldest first."""
    rows = tx.execute(
        select(referral_clock)
        .filter_by(task=task)
        .order_by(referral_clock.c.started_at, referral_clock.c.id)
    )
    return tuple(_clock(row) for row in rows)


def overdue(tx: Tx, streets: Collection[str] | None, now: datetime) -> tuple[Clock, ...]:
    """Running clocks past their limit, the longest overdue first.

    streets
        Those of these streets; None = all.
    """
    query = select(referral_clock).where(
        referral_clock.c.state == "running", referral_clock.c.due_at < now
    )
    if streets is not None:
        query = query.where(referral_clock.c.street.in_(sorted(streets)))
    rows = tx.execute(query.order_by(referral_clock.c.due_at, referral_clock.c.id))
    return tuple(_clock(row) for row in rows)


def _clock(row: Row[tuple[object, ...]]) -> Clock:
    return Clock(**row._asdict())
