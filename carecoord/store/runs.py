"""Planning runs: asked for, claimed by a worker, finished once, each step told as an event."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, and_, func, insert, or_, select, update

from carecoord.errors import Conflict, Missing
from carecoord.model.ids import RunId, StreetId
from carecoord.model.visits import DayKey, DayPlan
from carecoord.store import canonical, day_versions
from carecoord.store.documents import hold
from carecoord.store.engine import Tx
from carecoord.store.tables import run, run_event, run_plan

WORKING = ("validating", "solving", "checking")
OPEN = ("queued", *WORKING)
STATES = (*OPEN, "committed", "proposal", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Run:
    """One request to plan one street-day.

    state
        `queued`, `validating`, `solving`, `checking`; then `committed`, `proposal` (the day had
        moved), `failed` or `cancelled`.
    base_version
        Version of the day the result is meant for.
    options
        `seconds`, `idle`, `iterations` (None = no such limit), `seed`, `profile`.
    lease
        Raised by every claim; only the newest holder may finish the run.
    cancel
        Somebody wants it to end.
    progress
        The newest of what the search told: seconds, total cost, cost by component, unserved.
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
    cancel: bool = False
    progress: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether something may still come of it."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One thing that happened to a run; numbered from 1 without a gap.

    kind
        `state`, `progress`, or `end` for the last one.
    """

    number: int
    kind: str
    at: datetime
    body: dict[str, Any]


def request(
    tx: Tx,
    key: DayKey,
    *,
    base_version: int,
    options: dict[str, Any],
    by: str,
    at: datetime,
    idempotency_key: str | None = None,
) -> Run:
    """Queue a run; an open one for the same day, version and options is answered instead.

    idempotency_key
        Chosen by whoever asks: asking again with it is answered by the same run for ever.

    Raises
    ------
    Conflict
        `run.key_used`: the key was used for another day or other options.
    """
    asked = canonical.dumps(options)
    hold(tx, f"run/{key.street}/{key.day.isoformat()}")
    if idempotency_key is not None:
        # One key may be sent for two days at once: the lock of a day does not order those.
        hold(tx, f"run-key/{by}/{idempotency_key}")
        used = tx.execute(
            select(run).filter_by(requested_by=by, idempotency_key=idempotency_key)
        ).one_or_none()
        if used is not None:
            if (used.street, used.day, used.options) != (key.street, key.day, asked):
                raise Conflict("run.key_used", field="Idempotency-Key", run=used.id)
            return _run(used)
    twin = tx.execute(
        select(run)
        .filter_by(street=key.street, day=key.day, base_version=base_version, options=asked)
        .where(run.c.state.in_(OPEN), run.c.cancel.is_(False))
    ).first()
    if twin is not None and idempotency_key is None:
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
            cancel=False,
            progress="{}",
            idempotency_key=idempotency_key,
        )
    )
    _tell(tx, id_, "state", at, {"state": "queued"})
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


def of_street(
    tx: Tx,
    street: StreetId,
    *,
    day: date | None = None,
    states: Sequence[str] = (),
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[Run, ...]:
    """Runs of a street, the newest first; `before` is the place (asked at, id) of the last seen."""
    wanted = select(run).filter_by(street=street)
    if day is not None:
        wanted = wanted.filter_by(day=day)
    if states:
        wanted = wanted.where(run.c.state.in_(states))
    if before is not None:
        at, id_ = before
        wanted = wanted.where(
            or_(run.c.requested_at < at, and_(run.c.requested_at == at, run.c.id < id_))
        )
    newest = wanted.order_by(run.c.requested_at.desc(), run.c.id.desc()).limit(limit)
    return tuple(_run(row) for row in tx.execute(newest))


def waiting(tx: Tx, now: datetime) -> tuple[RunId, ...]:
    """Runs that a worker may claim: queued, or left by a worker whose lease ended."""
    rows = tx.execute(select(run.c.id).where(_claimable(now)).order_by(run.c.requested_at))
    return tuple(RunId(id_) for (id_,) in rows)


def claim(tx: Tx, id_: RunId, *, now: datetime, until: datetime) -> Run | None:
    """Take a run for this worker; None when another holds it or it is finished."""
    claimed = tx.execute(
        update(run)
        .where(run.c.id == id_)
        .where(_claimable(now))
        .values(state="validating", lease=run.c.lease + 1, lease_until=until)
    )
    if not claimed.rowcount:
        return None
    _tell(tx, id_, "state", now, {"state": "validating"})
    return read(tx, id_)


def advance(tx: Tx, claimed: Run, state: str, *, at: datetime, until: datetime) -> bool:
    """Say what the worker does now; False when the lease has passed to another worker."""
    moved = tx.execute(_held(claimed).values(state=state, lease_until=until))
    if moved.rowcount:
        _tell(tx, claimed.id, "state", at, {"state": state})
    return bool(moved.rowcount)


def beat(
    tx: Tx, claimed: Run, *, at: datetime, until: datetime, progress: dict[str, Any] | None
) -> Run | None:
    """Renew the lease and tell how far the search is; None when the lease has passed."""
    values: dict[str, Any] = {"lease_until": until}
    if progress is not None:
        values["progress"] = canonical.dumps(progress)
    held = tx.execute(_held(claimed).values(**values))
    if not held.rowcount:
        return None
    if progress is not None:
        _tell(tx, claimed.id, "progress", at, progress)
    return read(tx, claimed.id)


def cancel(tx: Tx, id_: RunId, *, at: datetime) -> Run:
    """Want a run to end: at once while it waits, else as soon as its worker sees it.

    A run that is over stays as it is.
    """
    queued = tx.execute(
        update(run)
        .filter_by(id=id_, state="queued")
        .values(state="cancelled", cancel=True, finished_at=at, outcome='{"kept":"none"}')
    )
    if queued.rowcount:
        _tell(tx, id_, "end", at, {"state": "cancelled", "outcome": {"kept": "none"}})
    else:
        tx.execute(update(run).where(run.c.id == id_, run.c.state.in_(WORKING)).values(cancel=True))
    return read(tx, id_)


def lock(tx: Tx, claimed: Run) -> Run | None:
    """The run as it is now, kept so till the end of the transaction; None: the lease passed."""
    held = tx.execute(_held(claimed).values(lease=claimed.lease))
    return read(tx, claimed.id) if held.rowcount else None


def finish(
    tx: Tx, claimed: Run, state: str, *, at: datetime, problem_hash: str, outcome: dict[str, Any]
) -> bool:
    """Write the end of a run; False when the lease has passed to another worker."""
    done = tx.execute(
        _held(claimed).values(
            state=state,
            finished_at=at,
            lease_until=None,
            problem_hash=problem_hash,
            outcome=canonical.dumps(outcome),
        )
    )
    if done.rowcount:
        _tell(tx, claimed.id, "end", at, {"state": state, "outcome": outcome})
    return done.rowcount == 1


def hold_decision(tx: Tx, id_: RunId) -> None:
    """Let nobody else decide about the result of a run till the end of the transaction."""
    hold(tx, f"run-decision/{id_}")


def decide(tx: Tx, id_: RunId, outcome: dict[str, Any]) -> None:
    """Write down what people decided about the result of a finished run."""
    tx.execute(update(run).filter_by(id=id_).values(outcome=canonical.dumps(outcome)))


def keep_plan(tx: Tx, id_: RunId, plan: DayPlan, attribution: str) -> None:
    """Keep a result that did not become the plan of its day."""
    text = day_versions.to_json(plan)
    tx.execute(insert(run_plan).values(run=id_, plan=text, attribution=attribution))


def kept_plan(tx: Tx, of: Run) -> tuple[DayPlan, str]:
    """The result that was kept, and whose map its ways were drawn on.

    Raises
    ------
    Missing
        `run.no_plan`: nothing was kept.
    """
    row = tx.execute(select(run_plan).filter_by(run=of.id)).one_or_none()
    if row is None:
        raise Missing("run.no_plan", run=of.id)
    return day_versions.from_json(of.key, row.plan), row.attribution


def events(tx: Tx, id_: RunId, *, after: int = 0, limit: int = 1000) -> tuple[RunEvent, ...]:
    """What happened to a run after event `after`, in order."""
    rows = tx.execute(
        select(run_event)
        .filter_by(run=id_)
        .where(run_event.c.number > after)
        .order_by(run_event.c.number)
        .limit(limit)
    )
    return tuple(RunEvent(r.number, r.kind, r.at, json.loads(r.body)) for r in rows)


def latest(tx: Tx, street: StreetId, day: date) -> Run | None:
    """The newest run of a day."""
    return next(iter(of_street(tx, street, day=day, limit=1)), None)


def _claimable(now: datetime) -> Any:
    return or_(run.c.state == "queued", and_(run.c.state.in_(WORKING), run.c.lease_until < now))


def _held(claimed: Run) -> Any:
    return update(run).where(
        run.c.id == claimed.id, run.c.lease == claimed.lease, run.c.state.in_(WORKING)
    )


def _tell(tx: Tx, id_: RunId, kind: str, at: datetime, body: dict[str, Any]) -> None:
    """Add an event; the run's own row was written before, so that no two count at once."""
    last = tx.execute(select(func.max(run_event.c.number)).filter_by(run=id_)).scalar_one()
    tx.execute(
        insert(run_event).values(
            run=id_, number=(last or 0) + 1, kind=kind, at=at, body=canonical.dumps(body)
        )
    )


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
        cancel=row.cancel,
        progress=json.loads(row.progress),
    )
