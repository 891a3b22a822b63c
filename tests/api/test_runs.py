"""Runs over HTTP: asked for once, listed, ended, compared, taken over; events that never repeat."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient

from carecoord.flows import day
from carecoord.model.ids import RunId
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey
from carecoord.settings import Settings
from carecoord.store import days, runs
from carecoord.store.engine import Database
from carecoord.store.runs import Run
from tests import build
from tests.api.test_scheduler import problem
from tests.build import BOSS, DAY, ON_SQLITE, STREET
from tests.flows.plans import planned, swapped
from tests.serving import create

KEY = DayKey(STREET, DAY)
RUNS = f"/v1/streets/{STREET}/runs"
ASKED: dict[str, Any] = {"day": DAY.isoformat(), "seconds": 300, "iterations": 20}


@pytest.fixture
def street(database: Database) -> Database:
    """The tiny street, its plans expanded, with a plan: version 1."""
    build.store(database, *build.street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, build.rules())
        days.replace_plan(tx, planned(tx, Path("unused")), expected=0, why=Why("run", "engine"))
    return database


@pytest.fixture
def http(street: Database, tmp_path: Path) -> Iterator[TestClient]:
    """The whole application, with nobody who works runs off."""
    app = create(street, Settings(tmp_path), work=False)
    with TestClient(app, raise_server_exceptions=False) as made:
        made.headers["accept-language"] = "en"
        yield made


@contextmanager
def served(database: Database, folder: Path) -> Iterator[str]:
    """Address of a real server on loopback, for answers that do not end at once."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    app = create(database, Settings(folder), work=False)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listening.close()


def claimed(database: Database, run: str) -> Run:
    with database.write() as tx:
        asked = runs.read(tx, RunId(run))
        found = runs.claim(
            tx, asked.id, now=asked.requested_at, until=asked.requested_at + timedelta(hours=1)
        )
    assert found is not None
    return found


def told(lines: Iterator[str]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Number, kind and body of each event of a stream."""
    number, kind = 0, ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "id":
            number = int(value)
        elif name == "event":
            kind = value
        elif name == "data":
            yield number, kind, json.loads(value)


def test_a_run_is_asked_for_once_however_often_its_key_is_sent(http: TestClient) -> None:
    key = {"Idempotency-Key": "tomorrow-1"}
    first = http.post(RUNS, json=ASKED, headers=key)
    again = http.post(RUNS, json=ASKED, headers=key)
    assert first.status_code == again.status_code == 202
    assert first.headers["Location"] == again.headers["Location"]
    assert first.headers["Retry-After"] == "1"
    other = http.post(RUNS, json=ASKED | {"seed": 5}, headers=key)
    found = problem(other, 422)
    assert (found["code"], found["field"]) == ("run.key_used", "Idempotency-Key")


@ON_SQLITE
@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"profile": "nobody-made-this"}, 404, "profile.none"),
        ({"idle": 0}, 422, "http.too_small"),
        ({"wait": 5}, 422, "http.field_unknown"),
        ({"seconds": 3601}, 422, "http.too_big"),
    ],
)
def test_options_that_do_not_exist_are_refused(
    http: TestClient, wrong: dict[str, Any], status: int, code: str
) -> None:
    assert problem(http.post(RUNS, json=ASKED | wrong), status)["code"] == code


@ON_SQLITE
def test_runs_are_listed_by_pages(http: TestClient) -> None:
    for seed in range(5):
        assert http.post(RUNS, json=ASKED | {"seed": seed}).status_code == 202
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = http.get(RUNS, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [one["id"] for one in page["runs"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 5
    assert len(http.get(RUNS, params={"state": ["queued", "failed"]}).json()["runs"]) == 5
    assert http.get(RUNS, params={"state": "failed"}).json()["runs"] == []
    assert problem(http.get(RUNS, params={"cursor": "nonsense"}), 400)["code"] == "run.cursor"
    assert problem(http.get(RUNS, params={"state": "odd"}), 422)["code"] == "http.choice"


def test_a_run_is_ended_by_delete_or_by_its_verb(http: TestClient, street: Database) -> None:
    queued = http.post(RUNS, json=ASKED).json()["id"]
    ended = http.delete(f"/v1/runs/{queued}")
    assert (ended.status_code, ended.json()["state"]) == (200, "cancelled")
    assert ended.json()["text"].startswith("Cancelled")
    working = http.post(RUNS, json=ASKED | {"seed": 2}).json()["id"]
    claimed(street, working)
    found = http.post(f"/v1/runs/{working}:cancel")
    assert (found.status_code, found.json()["cancelling"]) == (202, True)


def test_a_proposal_over_http_is_compared_and_taken_over_on_a_named_version(
    http: TestClient, street: Database
) -> None:
    run = claimed(street, http.post(RUNS, json=ASKED).json()["id"])
    with street.write() as tx:
        first = days.read(tx, KEY)
        days.replace_plan(tx, swapped(tx, first), expected=1, why=Why("hand", "nurse", "asked"))
        day.commit(tx, run, first, attribution="", problem_hash="", outcome={})
    here = f"/v1/runs/{run.id}"
    compared = http.get(f"{here}/difference").json()
    assert {one["kind"] for one in compared["changes"]} >= {"carer"}
    assert compared["before"]["served"] == compared["after"]["served"] == 3
    assert problem(http.post(f"{here}:accept"), 428)["code"] == "document.precondition"
    stale = problem(http.post(f"{here}:accept", headers={"If-Match": 'W/"1"'}), 412)
    assert [(one["version"], one["by"], one["cause"]) for one in stale["since"]] == [
        (2, "nurse", "hand")
    ]
    assert stale["since"][0]["changes"][0]["text"]
    taken = http.post(f"{here}:accept", headers={"If-Match": 'W/"2"'}, json={"reason": "ok"})
    assert taken.status_code == 200, taken.text
    assert taken.headers["ETag"] == 'W/"3"' and len(taken.json()["conflicts"]) >= 1
    assert problem(http.post(f"{here}:drop"), 409)["code"] == "run.no_proposal"


def test_events_resume_without_loss_or_doubling_over_a_real_server(
    street: Database, tmp_path: Path
) -> None:
    with street.write() as tx:
        asked = day.request(tx, BOSS, STREET, DAY)
    run = claimed(street, asked.id)
    until = run.requested_at + timedelta(hours=1)

    def beat(total: int) -> None:
        with street.write() as tx:
            assert runs.beat(tx, run, at=run.requested_at, until=until, progress={"total": total})

    seen: list[tuple[int, str, dict[str, Any]]] = []
    with served(street, tmp_path) as address:
        where = f"{address}/v1/runs/{run.id}/events"
        for total in (9, 8):
            beat(total)
        # The first connection breaks after three events, while the run goes on.
        with httpx.stream("GET", where, timeout=60) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            for one in told(answer.iter_lines()):
                seen.append(one)
                if len(seen) == 3:
                    break
        beat(7)
        # The second one is open when the run ends.
        with httpx.stream(
            "GET", where, headers={"Last-Event-ID": str(seen[-1][0])}, timeout=60
        ) as answer:
            for one in told(answer.iter_lines()):
                seen.append(one)
                if one[2].get("total") == 7:
                    with street.write() as tx:
                        plan = days.read(tx, KEY)
                        day.commit(tx, run, plan, attribution="", problem_hash="", outcome={})
        after = httpx.get(where, headers={"Last-Event-ID": str(seen[-1][0])}, timeout=60)
        whole = httpx.get(where, timeout=60)
    assert [number for number, _, _ in seen] == list(range(1, len(seen) + 1))
    assert [kind for _, kind, _ in seen] == ["state", "state", *3 * ["progress"], "end"]
    assert [body["total"] for _, kind, body in seen if kind == "progress"] == [9, 8, 7]
    assert seen[-1][2]["state"] == "committed"
    assert after.status_code == 204
    assert list(told(iter(whole.text.splitlines()))) == seen


@ON_SQLITE
def test_events_of_no_run_are_missing(http: TestClient) -> None:
    assert problem(http.get("/v1/runs/none/events"), 404)["code"] == "run.none"
