"""The history of a day over HTTP: versions, steps, two schedulers at once, who is told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from carecoord.flows import day
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey
from carecoord.settings import Settings
from carecoord.store import days
from carecoord.store.engine import Database
from tests import build
from tests.api.test_scheduler import problem
from tests.build import BOSS, DAY, ON_SQLITE, STREET
from tests.flows.plans import planned, swapped
from tests.serving import create

KEY = DayKey(STREET, DAY)
DAYS = f"/v1/streets/{STREET}/days/{DAY.isoformat()}"


@pytest.fixture
def http(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """The tiny street behind the whole application: version 1 by a run, version 2 by hand."""
    build.store(database, *build.street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, build.rules())
        first = planned(tx, Path("unused"))
        days.replace_plan(tx, first, expected=0, why=Why("run", "engine"))
        days.replace_plan(tx, swapped(tx, first), expected=1, why=Why("hand", "nurse", "ill"))
    app = create(database, Settings(tmp_path), work=False)
    with TestClient(app, raise_server_exceptions=False) as made:
        made.headers["accept-language"] = "en"
        yield made


def step(http: TestClient, verb: str, expected: int, **body: object) -> Response:
    found: Response = http.post(
        f"{DAYS}:{verb}", headers={"If-Match": f'W/"{expected}"'}, json=body or None
    )
    return found


def test_the_history_names_author_cause_and_reason_and_where_undo_leads(http: TestClient) -> None:
    answer = http.get(f"{DAYS}/versions")
    found = answer.json()
    assert answer.headers["ETag"] == 'W/"2"'
    assert (found["current"], found["told"], found["undo"], found["redo"]) == (2, 0, 1, 0)
    assert [(v["cause"], v["by"], v["reason"], v["text"]) for v in found["versions"]] == [
        ("run", "engine", "", "planning run"),
        ("hand", "nurse", "ill", "moved by hand"),
    ]
    assert step(http, "undo", 2).json()["version"] == 3
    assert http.get(f"{DAYS}/versions").json()["redo"] == 2
    assert step(http, "redo", 3, reason="yes").json()["version"] == 4
    assert step(http, "restore", 4, version=1, reason="start again").json()["version"] == 5
    assert problem(step(http, "redo", 5), 409)["code"] == "day.nothing_to_redo"


def test_one_version_is_read_whole_and_two_are_compared(http: TestClient) -> None:
    first = http.get(f"{DAYS}/versions/1").json()
    assert len(first["stops"]) == 3 and first["cost"] and first["not_made"] == []
    found = http.get(f"{DAYS}/versions/1/difference", params={"with": 2}).json()
    assert {one["kind"] for one in found["changes"]} >= {"carer"}
    assert found["before"]["asked"] == 3
    assert problem(http.get(f"{DAYS}/versions/7"), 404)["code"] == "day.no_version"
    assert problem(http.get(f"{DAYS}/versions/1/difference"), 422)


@ON_SQLITE
@pytest.mark.parametrize("verb", ["undo", "redo", "restore", "publish"])
def test_every_step_asks_for_the_version_that_was_looked_at(http: TestClient, verb: str) -> None:
    body = {"version": 1, "reason": "x"} if verb == "restore" else {}
    assert problem(http.post(f"{DAYS}:{verb}", json=body or None), 428)["field"] == "If-Match"
    stale = problem(step(http, verb, 1, **body), 412)
    assert stale["code"] == "day.moved"
    (since,) = stale["since"]
    assert (since["version"], since["by"], since["reason"]) == (2, "nurse", "ill")
    assert {one["kind"] for one in since["changes"]} >= {"carer"}


def test_of_two_schedulers_at_once_one_learns_what_the_other_changed(http: TestClient) -> None:
    ready = Barrier(2)

    def act(verb: str) -> Response:
        ready.wait()
        return step(http, verb, 2)

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(act, ("undo", "publish")))
    assert sorted(one.status_code for one in answers) == [200, 412]
    lost = next(one for one in answers if one.status_code == 412).json()
    won = next(one for one in answers if one.status_code == 200).json()
    assert [one["version"] for one in lost["since"]] == [won["version"]] == [3]
    assert len(http.get(f"{DAYS}/versions").json()["versions"]) == 3


def test_publishing_answers_who_is_to_be_told_and_then_only_the_concerned(
    http: TestClient, database: Database
) -> None:
    told = step(http, "publish", 2, reason="tomorrow").json()
    assert told["version"] == 3
    assert {one["kind"] for one in told["to_tell"]} == {"staff", "elder"}
    assert http.get(f"{DAYS}/to-tell").json() == []
    undone = step(http, "undo", 3, reason="mistake").json()
    assert undone["to_tell"] and {one["reason"] for one in undone["to_tell"]} == {"mistake"}
    waiting = http.get(f"{DAYS}/to-tell").json()
    again = step(http, "publish", 4).json()
    assert [p["reference"] for p in waiting] == [p["reference"] for p in again["to_tell"]]
    assert len(again["to_tell"]) < len(told["to_tell"])
    assert all(change["text"] for one in again["to_tell"] for change in one["changes"])


def test_a_restore_that_is_not_possible_any_more_lists_what_is_lost(
    http: TestClient, database: Database
) -> None:
    build.store(
        database,
        build.care_plan("plan-e1", "e1", build.detail(), status="revoked", meta={"versionId": "1"}),
    )
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, build.rules())
    found = problem(step(http, "restore", 2, version=1, reason="x"), 409)
    assert found["code"] == "day.not_feasible"
    assert [one["rule"] for one in found["lost"]] == ["wanted"]
    done = step(http, "restore", 2, version=1, reason="x", partly=True).json()
    assert (done["version"], len(done["lost"])) == (3, 1)
