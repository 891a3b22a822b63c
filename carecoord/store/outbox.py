"""What happened that others must hear, and for whom? Written in the deciding transaction."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Row, insert, select, update

from carecoord.store import receivers
from carecoord.store.documents import hold
from carecoord.store.engine import Tx
from carecoord.store.receivers import Receiver
from carecoord.store.tables import delivery, outbox, receiver


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    id
        The key by which a receiver knows that it has heard this before.
    topic
        Such as `referral.accepted`.
    facts
        What filters may ask about; never a name or number of a person.
    """

    id: str
    at: datetime
    topic: str
    reference: str
    version: int
    facts: Mapping[str, str]


def append(
    tx: Tx,
    at: datetime,
    topic: str,
    reference: str,
    version: int,
    facts: Mapping[str, str],
    wanted: Callable[[Receiver, Event], bool],
) -> Event:
    """Write an event, and one numbered delivery for each active receiver that wants it."""
    # One writer at a time, so that numbers of a receiver follow the order of commits.
    hold(tx, "outbox")
    event = Event(str(uuid4()), at, topic, reference, version, dict(facts))
    tx.execute(
        insert(outbox).values(
            id=event.id,
            at=at,
            topic=topic,
            reference=reference,
            version=version,
            facts=json.dumps(event.facts, sort_keys=True),
        )
    )
    for one in receivers.all_of(tx, state="active"):
        if wanted(one, event):
            number = one.events + 1
            tx.execute(update(receiver).filter_by(id=one.id).values(events=number))
            tx.execute(
                insert(delivery).values(
                    id=f"{one.id}.{event.id}",
                    receiver=one.id,
                    kind="event",
                    number=number,
                    event=event.id,
                    state="waiting",
                    attempts=0,
                    next_at=at,
                )
            )
    return event


def read(tx: Tx, id_: str) -> Event | None:
    """One event, or None."""
    row = tx.execute(select(outbox).filter_by(id=id_)).one_or_none()
    return None if row is None else _event(row)


def about(tx: Tx, reference: str) -> tuple[Event, ...]:
    """Events about one resource, oldest first."""
    rows = tx.execute(select(outbox).filter_by(reference=reference).order_by(outbox.c.row))
    return tuple(_event(row) for row in rows)


def _event(row: Row[tuple[object, ...]]) -> Event:
    found = row._asdict()
    return Event(
        found["id"],
        found["at"],
        found["topic"],
        found["reference"],
        found["version"],
        json.loads(found["facts"]),
    )
