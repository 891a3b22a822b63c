"""Which messages have been answered, and how?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from carecoord.store.engine import Tx
from carecoord.store.tables import message


@dataclass(frozen=True, slots=True)
class Answered:
    """A message by sender and number, the hash of what it said, and the first answer."""

    id: str
    at: datetime
    content_hash: str
    answer: str


def read(tx: Tx, id_: str) -> Answered | None:
    """The first answer to a message, or None."""
    row = tx.execute(select(message).filter_by(id=id_)).one_or_none()
    return None if row is None else Answered(**row._asdict())


def keep(tx: Tx, id_: str, at: datetime, content_hash: str, answer: str) -> None:
    """Remember how a message was answered."""
    tx.execute(insert(message).values(id=id_, at=at, content_hash=content_hash, answer=answer))
