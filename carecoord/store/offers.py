"""What was offered to whoever sent a referral, and what became of it?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from carecoord.errors import Missing
from carecoord.model.ids import ReferralId, StreetId
from carecoord.store.engine import Tx
from carecoord.store.tables import offer


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer; `state` is `open`, `taken` or `gone`."""

    id: str
    task: ReferralId
    street: StreetId
    created_at: datetime
    state: str
    body: Mapping[str, Any]


def put(tx: Tx, one: Offer) -> None:
    """Store a new offer."""
    tx.execute(
        insert(offer).values(
            id=one.id,
            task=one.task,
            street=one.street,
            created_at=one.created_at,
            state=one.state,
            body=json.dumps(dict(one.body), ensure_ascii=False, sort_keys=True),
        )
    )


def read(tx: Tx, id_: str) -> Offer:
    """One offer.

    Raises
    ------
    Missing
        `offer.none`.
    """
    row = tx.execute(select(offer).filter_by(id=id_)).one_or_none()
    if row is None:
        raise Missing("offer.none", offer=id_)
    return _offer(row._asdict())


def of_task(tx: Tx, task: ReferralId) -> tuple[Offer, ...]:
    """Every offer of a referral, newest first."""
    rows = tx.execute(
        select(offer).filter_by(task=task).order_by(offer.c.created_at.desc(), offer.c.id)
    )
    return tuple(_offer(row._asdict()) for row in rows)


def close(tx: Tx, task: ReferralId, *, taken: str = "") -> None:
    """No offer of a referral is open any more; `taken` is the one that was accepted."""
    tx.execute(update(offer).filter_by(task=task, state="open").values(state="gone"))
    if taken:
        tx.execute(update(offer).filter_by(id=taken).values(state="taken"))


def _offer(found: dict[str, Any]) -> Offer:
    return Offer(**(found | {"body": json.loads(found["body"])}))
