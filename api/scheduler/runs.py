"""Planning runs over HTTP: asked for, followed, ended, compared, taken over."""

import base64
import binascii
import json
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

import anyio
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.change_bodies import DifferenceOut, PromiseOut, ToTellOut
from api.context import CallerNow, Named, ReadTx, Speak, WriteTx, database
from api.scheduler.profiles import DataFolder, ProfileName, Single
from api.scheduler.rules import PacksNow, on
from carecoord.access import Caller
from carecoord.errors import Fact, Invalid
from carecoord.flows import day as days
from carecoord.flows import runs
from carecoord.model.ids import RunId, StreetId
from carecoord.planning.weights import STANDARD
from carecoord.store.engine import Database
from carecoord.store.runs import Run, RunEvent
from carecoord.text import Language, sentence

router = APIRouter(tags=["runs"])

LOOK = 0.4
"""Seconds between two looks for new events."""

HEARTBEAT = 15.0
"""Seconds of silence after which a comment says that the connection lives."""

State = Literal[
    "queued", "validating", "solving", "checking", "committed", "proposal", "failed", "cancelled"
]

_KEPT = {
    "committed": "run.cancelled_committed",
    "proposal": "run.cancelled_proposal",
    "none": "run.cancelled_none",
}


class RunIn(BaseModel):
    """A day to be planned."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"day": "2026-03-05", "seconds": 60, "idle": 10, "profile": "continuity"}]
        },
    )

    day: date
    seconds: int = Field(default=30, ge=1, le=3600, description="Hard limit, wall clock")
    idle: int | None = Field(
        default=None, ge=1, le=3600, description="End after so many seconds without a better plan"
    )
    iterations: int | None = Field(
        default=None, ge=0, description="Step limit: same input and seed, same plan"
    )
    seed: int = Field(default=1, ge=0)
    profile: ProfileName = STANDARD
    weights: Single = Field(default_factory=dict)


class ProgressOut(BaseModel):
    """How far the search is: seconds, cost in all and by rule, visits not served so far."""

    seconds: float = 0
    total: int | None = None
    unserved: int | None = None
    cost: dict[str, int] = Field(default_factory=dict)


class RunOut(BaseModel):
    """A planning run; `outcome` says what came of it."""

    id: str
    street: str
    day: date
    state: State = Field(examples=["committed"])
    base_version: int
    options: dict[str, Any]
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    cancelling: bool = Field(description="Somebody wants it to end; its best plan is kept")
    progress: ProgressOut
    outcome: dict[str, Any]
    text: str = Field(description="Why it failed, or what a cancelled run left; else empty")

    @classmethod
    def of(cls, run: Run, language: Language) -> "RunOut":
        """One run."""
        return cls.model_validate(
            {
                "id": run.id,
                "street": run.key.street,
                "day": run.key.day,
                "state": run.state,
                "base_version": run.base_version,
                "options": run.options,
                "requested_by": run.requested_by,
                "requested_at": run.requested_at,
                "finished_at": run.finished_at,
                "cancelling": run.open and run.cancel,
                "progress": run.progress,
                "outcome": run.outcome,
                "text": _text(run, language),
            }
        )


class RunsOut(BaseModel):
    """Runs of a street, the newest first; `next` is the `cursor` of the following page."""

    runs: list[RunOut]
    next: str | None


class ClashOut(BaseModel):
    """A visit where the run wanted something else than people had decided meanwhile."""

    demand: str
    kept: PromiseOut | None
    run: PromiseOut | None


class TakenOut(BaseModel):
    """What came of taking a proposal over; `version` is the new ETag of the day."""

    version: int
    conflicts: list[ClashOut]
    to_tell: list[ToTellOut]


class AcceptIn(BaseModel):
    """Why a proposal is taken over."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "less travel"}]}
    )

    reason: str = Field(default="", max_length=500)


Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Chosen by the client: asking again with it makes no second run",
    ),
]


@router.post("/streets/{street}/runs", status_code=202)
def request_run(
    street: str,
    body: RunIn,
    caller: CallerNow,
    tx: WriteTx,
    language: Speak,
    data: DataFolder,
    response: Response,
    idempotency_key: Key = None,
) -> RunOut:
    """Ask for a plan of a day. 202: follow `Location` until the state is no longer open."""
    run = days.request(
        tx,
        caller,
        StreetId(street),
        body.day,
        seconds=body.seconds,
        idle=body.idle,
        iterations=body.iterations,
        seed=body.seed,
        profile=body.profile,
        single=body.weights,
        data=data,
        idempotency_key=idempotency_key,
    )
    response.headers["Location"] = f"/v1/runs/{run.id}"
    response.headers["Retry-After"] = "1"
    return RunOut.of(run, language)


@router.get("/streets/{street}/runs")
def list_runs(
    street: str,
    caller: CallerNow,
    tx: ReadTx,
    language: Speak,
    day: date | None = None,
    state: Annotated[list[State] | None, Query()] = None,
    limit: int = Query(default=50, ge=1, le=200),
    cursor: str | None = Query(default=None, description="`next` of the page before"),
) -> RunsOut:
    """Runs of a street, the newest first."""
    found = runs.listed(
        tx,
        caller,
        StreetId(street),
        day=day,
        states=state or (),
        before=_place(cursor) if cursor else None,
        limit=limit + 1,
    )
    page = found[:limit]
    return RunsOut(
        runs=[RunOut.of(run, language) for run in page],
        next=_cursor(page[-1]) if len(found) > limit else None,
    )


@router.get("/runs/{run}")
def get_run(run: str, caller: CallerNow, tx: ReadTx, language: Speak, response: Response) -> RunOut:
    """One run with its progress; poll it, or follow its events."""
    found = runs.read(tx, caller, RunId(run))
    if found.open:
        response.headers["Retry-After"] = "1"
    return RunOut.of(found, language)


@router.delete("/runs/{run}")
def delete_run(
    run: str, caller: CallerNow, tx: WriteTx, language: Speak, response: Response
) -> RunOut:
    """End a run. 200: it has ended; 202: it ends at its next step and keeps its best plan."""
    found = runs.cancel(tx, caller, RunId(run))
    response.status_code = 202 if found.open else 200
    return RunOut.of(found, language)


@router.post("/runs/{run}:cancel")
def cancel_run(
    run: str, caller: CallerNow, tx: WriteTx, language: Speak, response: Response
) -> RunOut:
    """As DELETE."""
    return delete_run(run, caller, tx, language, response)


@router.get("/runs/{run}/difference")
def get_difference(run: str, caller: CallerNow, tx: ReadTx, language: Speak) -> DifferenceOut:
    """What the plan of a run has otherwise than the day: visit by visit, and in figures."""
    found = runs.difference(tx, caller, RunId(run))
    return DifferenceOut.of(found, runs.read(tx, caller, RunId(run)).key.day, language)


@router.post("/runs/{run}:accept")
def accept(
    run: str,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    data: DataFolder,
    language: Speak,
    expected: Named,
    response: Response,
    body: AcceptIn | None = None,
) -> TakenOut:
    """Take a proposal over. `If-Match` names the version of the day that was looked at.

    What people changed since the run began stays as they wanted it; `conflicts` lists where the
    run had planned something else.
    """
    found = runs.read(tx, caller, RunId(run))
    rules = on(packs, found.key.street, found.key.day)
    reason = body.reason if body else ""
    taken = runs.accept(tx, caller, RunId(run), data, rules, expected=expected, reason=reason)
    response.headers["ETag"] = f'W/"{taken.version}"'
    day = found.key.day
    return TakenOut(
        version=taken.version,
        conflicts=[
            ClashOut(
                demand=one.demand,
                kept=PromiseOut.of(one.person, day),
                run=PromiseOut.of(one.run, day),
            )
            for one in taken.clashes
        ],
        to_tell=[ToTellOut.of(one, day, language) for one in taken.told],
    )


@router.post("/runs/{run}:drop")
def drop(run: str, caller: CallerNow, tx: WriteTx, language: Speak) -> RunOut:
    """Decide that a proposal is not wanted; it stays on record."""
    return RunOut.of(runs.drop(tx, caller, RunId(run)), language)


@router.get("/runs/{run}/events", response_class=StreamingResponse)
async def follow(
    run: str,
    request: Request,
    caller: CallerNow,
    last_event_id: Annotated[int | None, Header(ge=0)] = None,
) -> Response:
    """Server-sent events: `state`, `progress`, and one `end`, after which the stream ends.

    Every event is stored and numbered: a client that comes back with `Last-Event-ID` misses
    nothing and sees nothing twice, whatever process answers. One that has seen the end gets 204.
    """
    following = _Following(database(request), caller, RunId(run), last_event_id or 0)
    first = await anyio.to_thread.run_sync(following.look)
    if following.ended and not first:
        return Response(status_code=204)
    return StreamingResponse(
        following.stream(first),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


class _Following:
    """One client that follows one run."""

    def __init__(self, known: Database, caller: Caller, run: RunId, seen: int) -> None:
        self._database, self._caller, self._run, self._seen = known, caller, run, seen
        self.ended = False

    def look(self) -> tuple[RunEvent, ...]:
        """Events that the client has not seen; the state is read first, so that none is missed."""
        with self._database.read() as tx:
            over = not runs.read(tx, self._caller, self._run).open
        with self._database.read() as tx:
            found = runs.events(tx, self._caller, self._run, after=self._seen)
        self._seen = found[-1].number if found else self._seen
        self.ended = found[-1].kind == "end" if found else over
        return found

    async def stream(self, first: tuple[RunEvent, ...]) -> AsyncIterator[str]:
        """Events as text, comments in between, until the run has ended."""
        yield "retry: 2000\n\n"
        found, silent = first, 0.0
        while True:
            for event in found:
                yield _sent(event)
            if self.ended:
                return
            silent = 0.0 if found else silent + LOOK
            if silent >= HEARTBEAT:
                silent = 0.0
                yield ": still at work\n\n"
            await anyio.sleep(LOOK)
            found = await anyio.to_thread.run_sync(self.look)


def _sent(event: RunEvent) -> str:
    body = json.dumps(
        event.body | {"at": event.at.isoformat()}, ensure_ascii=False, separators=(",", ":")
    )
    return f"id: {event.number}\nevent: {event.kind}\ndata: {body}\n\n"


def _text(run: Run, language: Language) -> str:
    if run.state == "failed":
        facts: Mapping[str, Fact] = run.outcome.get("facts", {})
        return sentence(run.outcome["code"], facts, language)
    if run.state == "cancelled":
        version = int(run.outcome.get("version", 0))
        return sentence(_KEPT[run.outcome.get("kept", "none")], {"version": version}, language)
    return ""


def _cursor(run: Run) -> str:
    place = f"{run.requested_at.isoformat()} {run.id}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, id_ = base64.urlsafe_b64decode(padded).decode().split(" ")
        found = datetime.fromisoformat(at)
        if found.tzinfo is None:
            raise ValueError(at)
    except (ValueError, binascii.Error) as error:
        raise Invalid("run.cursor", field="cursor") from error
    return found, id_
