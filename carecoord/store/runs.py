"""Planning runs: asked for, claimed by a worker, finished once."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, insert, or_, select, update

from carecoord.errors import Missing
from carecoord.model.ids import RunId, StreetId
from carecoord.model.visits import DayKey
from carecoord.store import canonical
from carecoord.store.documents import hold
from carecoord.store.engine import Tx
from carecoord.store.tables import run

OPEN = ("queued", "solving")


@dataclass(frozen=True, slots=True)
class Run:
    """One request to plan one street-day.

    state
        `queued`, `solving`, `committed`, `proposal` (the day had moved) or `failed`.
    base_version
        Version of the day the result is meant for.
    options
        `seconds`, `iterations` (None = until `seconds`), `seed`.
    lease
        Raised by every claim; only the newest holder may finish the run.
    outcome
        What came of it: `version`, counts and seconds, or `code` and `facts` of a failure.
    """

    id: RunId
    key: DayKey
    state: str
    base_version: int
    options: dict[str, Any]
    requested_by: str
    requested_at: datetime
    lease: int
    problem_hash: str
    outcome: dict[str, Any]
    finished_at: datetime | None


def request(
    tx: Tx, key: DayKey, *, base_version: int, options: dict[str, Any], by: str, at: datetime
) -> Run:
    """Queue a run; an open one for the same day, version and options is answered instead."""
    asked = canonical.dumps(options)
    hold(tx, f"run/{key.street}/{key.day.isoformat()}")
    twin = tx.execute(
        select(run)
        .filter_by(street=key.street, day=key.day, base_version=base_version, options=asked)
        .where(run.c.state.in_(OPEN))
    ).first()
    if twin is not None:
        return _run(twin)
    id_ = RunId(str(uuid4()))
    tx.execute(
        insert(run).values(
            id=id_,
            street=key.street,
            day=key.day,
            state="queued",
            base_version=base_version,
            options=asked,
            requested_by=by,
            requested_at=at,
            lease=0,
            problem_hash="",
            outcome="{}",
        )
    )
    return read(tx, id_)


def read(tx: Tx, id_: RunId) -> Run:
    """One run.

    Raises
    ------
    Missing
        There is no such run.
    """
    row = tx.execute(select(run).filter_by(id=id_)).one_or_none()
    if row is None:
        raise Missing("run.none", run=id_)
    return _run(row)


def waiting(tx: Tx, now: datetime) -> tuple[RunId, ...]:
    """Runs that a worker may claim: queued, or left by a worker whose lease ended."""
    rows = tx.execute(
        select(run.c.id)
        .where(
            or_(
                run.c.state == "queued",
                (run.c.state == "solving") & (run.c.lease_until < now),
            )
        )
        .order_by(run.c.requested_at)
    )
    return tuple(RunId(id_) for (id_,) in rows)


def claim(tx: Tx, id_: RunId, *, now: datetime, until: datetime) -> Run | None:
    """Take a run for this worker; None when another holds it or it is finished."""
    claimed = tx.execute(
        update(run)
        .where(run.c.id == id_)
        .where(
            or_(
                run.c.state == "queued",
                (run.c.state == "solving") & (run.c.lease_until < now),
            )
        )
        .values(state="solving", lease=run.c.lease + 1, lease_until=until)
    )
    return read(tx, id_) if claimed.rowcount else None


def finish(
    tx: Tx, claimed: Run, state: str, *, at: datetime, problem_hash: str, outcome: dict[str, Any]
) -> bool:
    """Write the end of a run; False when the lease has passed to another worker."""
    done = tx.execute(
        update(run)
        .filter_by(id=claimed.id, lease=claimed.lease, state="solving")
        .values(
            state=state,
            finished_at=at,
            lease_until=None,
            problem_hash=problem_hash,
            outcome=canonical.dumps(outcome),
        )
    )
    return done.rowcount == 1


def latest(tx: Tx, street: StreetId, day: date) -> Run | None:
    """The newest run of a day."""
    row = tx.execute(
        select(run).filter_by(street=street, day=day).order_by(run.c.requested_at.desc()).limit(1)
    ).one_or_none()
    return _run(row) if row else None


def _run(row: Row[Any]) -> Run:
    return Run(
        id=RunId(row.id),
        key=DayKey(StreetId(row.street), row.day),
        state=row.state,
        base_version=row.base_version,
        options=json.loads(row.options),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        lease=row.lease,
        problem_hash=row.problem_hash,
        outcome=json.loads(row.outcome),
        finished_at=row.finished_at,
    )
