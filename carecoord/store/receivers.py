"""Who is told, where, with which secret; and every delivery with its attempts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, func, insert, or_, select, update

from carecoord.errors import Missing
from carecoord.store.engine import Tx
from carecoord.store.tables import delivery, delivery_attempt, receiver


@dataclass(frozen=True, slots=True)
class Receiver:
    """One address that wants to hear of something.

    kind
        `webhook` or `subscription` (then `id` is that of the Subscription).
    wishes
        Topics, filters, headers, payload, heartbeat seconds.
    state
        `requested` (not yet shaken hands), `active`, `error`, `off`.
    events
        Number of the last event meant for it.
    """

    id: str
    kind: str
    url: str
    wishes: Mapping[str, Any]
    secret: str
    old_secret: str
    old_until: datetime | None
    state: str
    events: int
    heartbeat_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one receiver; those of one receiver go out in the order of `row`.

    kind
        `handshake`, `heartbeat` or `event`.
    number
        Event number of this receiver.
    state
        `waiting`, `delivered` or `dead`.
    """

    row: int
    id: str
    receiver: str
    kind: str
    number: int
    event: str
    state: str
    attempts: int
    next_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try; `status` 0 = no answer."""

    delivery: str
    at: datetime
    status: int
    milliseconds: int
    error: str


def put(tx: Tx, one: Receiver) -> None:
    """Store a receiver, new or changed; its event number is kept."""
    values: dict[str, Any] = {
        "kind": one.kind,
        "url": one.url,
        "wishes": json.dumps(dict(one.wishes), sort_keys=True),
        "secret": one.secret,
        "old_secret": one.old_secret,
        "old_until": one.old_until,
        "state": one.state,
        "heartbeat_at": one.heartbeat_at,
    }
    if not tx.execute(update(receiver).filter_by(id=one.id).values(**values)).rowcount:
        tx.execute(
            insert(receiver).values(
                id=one.id, events=0, lease="", created_at=one.created_at, **values
            )
        )


def read(tx: Tx, id_: str) -> Receiver:
    """One receiver.

    Raises
    ------
    Missing
        `receiver.none`.
    """
    row = tx.execute(select(receiver).filter_by(id=id_)).one_or_none()
    if row is None:
        raise Missing("receiver.none", receiver=id_)
    return _receiver(row)


def all_of(tx: Tx, *, state: str = "", kind: str = "") -> tuple[Receiver, ...]:
    """Every receiver, by id."""
    query = select(receiver).order_by(receiver.c.id)
    if state:
        query = query.where(receiver.c.state == state)
    if kind:
        query = query.where(receiver.c.kind == kind)
    return tuple(_receiver(row) for row in tx.execute(query))


def set_state(tx: Tx, id_: str, state: str) -> None:
    """Switch a receiver on or off."""
    tx.execute(update(receiver).filter_by(id=id_).values(state=state))


def heard(tx: Tx, id_: str, heartbeat_at: datetime | None) -> None:
    """Something was delivered: the next heartbeat may wait until then."""
    tx.execute(update(receiver).filter_by(id=id_).values(heartbeat_at=heartbeat_at))


def say(tx: Tx, one: Receiver, kind: str, at: datetime) -> str:
    """Line up a handshake or heartbeat; the id of the delivery."""
    id_ = f"{one.id}.{kind}.{uuid4()}"
    tx.execute(
        insert(delivery).values(
            id=id_,
            receiver=one.id,
            kind=kind,
            number=one.events,
            event="",
            state="waiting",
            attempts=0,
            next_at=at,
        )
    )
    return id_


def with_work(tx: Tx, now: datetime) -> tuple[str, ...]:
    """Receivers whose next delivery is due and which no process is delivering to."""
    head = (
        select(delivery.c.receiver, func.min(delivery.c.row).label("row"))
        .where(delivery.c.state == "waiting")
        .group_by(delivery.c.receiver)
        .subquery()
    )
    rows = tx.execute(
        select(receiver.c.id)
        .join(head, head.c.receiver == receiver.c.id)
        .join(delivery, delivery.c.row == head.c.row)
        .where(delivery.c.next_at <= now, receiver.c.state.in_(("requested", "active")))
        .where(or_(receiver.c.lease_until.is_(None), receiver.c.lease_until < now))
        .order_by(delivery.c.next_at)
    )
    return tuple(id_ for (id_,) in rows)


def lease(tx: Tx, id_: str, token: str, now: datetime, until: datetime) -> bool:
    """Take a receiver for this process; False when another one holds it."""
    taken = tx.execute(
        update(receiver)
        .where(receiver.c.id == id_)
        .where(or_(receiver.c.lease_until.is_(None), receiver.c.lease_until < now))
        .values(lease=token, lease_until=until)
    )
    return taken.rowcount == 1


def release(tx: Tx, id_: str, token: str) -> None:
    """Give a receiver back."""
    tx.execute(update(receiver).filter_by(id=id_, lease=token).values(lease="", lease_until=None))


def head(tx: Tx, id_: str, now: datetime) -> Delivery | None:
    """The next delivery of a receiver, if it is due: none overtakes another."""
    row = tx.execute(
        select(delivery).filter_by(receiver=id_, state="waiting").order_by(delivery.c.row).limit(1)
    ).one_or_none()
    found = None if row is None else Delivery(**row._asdict())
    return found if found is not None and found.next_at <= now else None


def tried(tx: Tx, one: Delivery, attempt: Attempt, *, state: str, next_at: datetime) -> None:
    """Log one try, and where it leaves the delivery."""
    tx.execute(
        insert(delivery_attempt).values(
            delivery=attempt.delivery,
            at=attempt.at,
            status=attempt.status,
            milliseconds=attempt.milliseconds,
            error=attempt.error,
        )
    )
    tx.execute(
        update(delivery)
        .filter_by(id=one.id, state="waiting")
        .values(
            state=state,
            attempts=one.attempts + 1,
            next_at=next_at,
            ended_at=None if state == "waiting" else attempt.at,
        )
    )


def deliveries(tx: Tx, id_: str, *, limit: int = 100) -> tuple[Delivery, ...]:
    """The newest deliveries of a receiver, newest first."""
    rows = tx.execute(
        select(delivery).filter_by(receiver=id_).order_by(delivery.c.row.desc()).limit(limit)
    )
    return tuple(Delivery(**row._asdict()) for row in rows)


def events(tx: Tx, id_: str, since: int, until: int, *, limit: int) -> tuple[Delivery, ...]:
    """Deliveries of a receiver's events numbered from `since` to `until`, in order."""
    rows = tx.execute(
        select(delivery)
        .filter_by(receiver=id_, kind="event")
        .where(delivery.c.number.between(since, until))
        .order_by(delivery.c.number)
        .limit(limit)
    )
    return tuple(Delivery(**row._asdict()) for row in rows)


def attempts(tx: Tx, delivery_id: str) -> tuple[Attempt, ...]:
    """Every try of a delivery, oldest first."""
    rows = tx.execute(
        select(
            delivery_attempt.c.delivery,
            delivery_attempt.c.at,
            delivery_attempt.c.status,
            delivery_attempt.c.milliseconds,
            delivery_attempt.c.error,
        )
        .filter_by(delivery=delivery_id)
        .order_by(delivery_attempt.c.row)
    )
    return tuple(Attempt(*row) for row in rows)


def replay(tx: Tx, id_: str, since: int, at: datetime) -> int:
    """Send every event from number `since` again, in order, under the same keys; how many."""
    done = tx.execute(
        update(delivery)
        .where(delivery.c.receiver == id_, delivery.c.kind == "event")
        .where(delivery.c.number >= since, delivery.c.state != "waiting")
        .values(state="waiting", attempts=0, next_at=at, ended_at=None)
    )
    return done.rowcount


def _receiver(row: Row[Any]) -> Receiver:
    found = row._asdict()
    return Receiver(
        **{name: found[name] for name in Receiver.__dataclass_fields__ if name not in ("wishes",)},
        wishes=json.loads(found["wishes"]),
    )
