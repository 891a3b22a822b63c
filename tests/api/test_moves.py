"""A visit moved by hand over HTTP: verdict first, refusal, override, history."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.flows import day
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan
from carecoord.settings import Settings
from carecoord.store import days
from carecoord.store.engine import Database
from tests import build
from tests.api.test_scheduler import problem
from tests.build import BOSS, DAY, STREET
from tests.flows.plans import planned
from tests.serving import create

KEY = DayKey(STREET, DAY)
DAYS = f"/v1/streets/{STREET}/days/{DAY.isoformat()}"


@pytest.fixture
def http(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """The tiny street with a plan: version 1."""
    build.store(database, *build.street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, build.rules())
        days.replace_plan(tx, planned(tx, Path("unused")), expected=0, why=Why("run", "engine"))
    app = create(database, Settings(tmp_path), work=False)
    with TestClient(app, raise_server_exceptions=False) as made:
        made.headers["accept-language"] = "en"
        yield made


def stored(database: Database) -> DayPlan:
    with database.read() as tx:
        return days.read(tx, KEY)


def ask(http: TestClient, expected: int | None, **body: Any) -> Any:
    headers = {} if expected is None else {"If-Match": f'W/"{expected}"'}
    return http.post(f"{DAYS}:move", json=body, headers=headers)


def test_a_move_is_looked_at_first_then_made_and_can_be_undone(
    http: TestClient, database: Database
) -> None:
    before = stored(database)
    visit = before.stops[0]
    other = next(s for s in ("c1", "c2") if s != visit.staff)
    wish = {"demand": visit.demand, "staff": [other]}

    seen = ask(http, None, **wish, dry_run=True).json()
    assert (seen["version"], seen["allowed"], seen["broken"]) == (None, True, [])
    assert seen["cost"] and seen["total"] == sum(seen["cost"].values())
    assert {one["kind"] for one in seen["changes"]} >= {"carer"}
    assert stored(database) == before

    assert problem(ask(http, None, **wish), 428)["code"] == "document.precondition"
    done = ask(http, 1, **wish, reason="daughter asked")
    assert (done.status_code, done.json()["version"], done.headers["ETag"]) == (200, 2, 'W/"2"')
    assert done.json()["cost"] == seen["cost"]
    now = {s.demand: s.staff for s in stored(database).stops}
    kept = {s.demand: s.staff for s in before.stops}
    assert now == kept | {visit.demand: other}
    assert problem(ask(http, 1, **wish), 412)["since"][0]["reason"] == "daughter asked"
    undone = http.post(f"{DAYS}:undo", headers={"If-Match": 'W/"2"'})
    assert undone.status_code == 200
    assert stored(database) == before


def test_a_move_that_breaks_a_rule_needs_to_be_overridden_with_a_reason(
    http: TestClient, database: Database
) -> None:
    visit = stored(database).stops[0]
    wish = {"demand": visit.demand, "staff": ["d1"]}
    refused = problem(ask(http, 1, **wish), 409)
    assert refused["code"] == "move.refused"
    assert {one["rule"] for one in refused["move"]["broken"]} == {"skills"}
    assert all(one["text"] and "{" not in one["text"] for one in refused["move"]["broken"])
    assert problem(ask(http, 1, **wish, override=True), 400)["field"] == "reason"
    done = ask(http, 1, **wish, override=True, reason="only one there")
    assert done.status_code == 200, done.text
    assert [one["rule"] for one in done.json()["broken"]] == ["skills"]
    by_hand = stored(database)
    assert {s.demand: s.staff for s in by_hand.stops}[visit.demand] == "d1"
    here = {"If-Match": 'W/"2"'}
    assert http.post(f"{DAYS}:undo", headers=here).status_code == 200
    # What was done on purpose can be done again on purpose, and not by chance.
    here = {"If-Match": 'W/"3"'}
    assert problem(http.post(f"{DAYS}:redo", headers=here), 409)["lost"][0]["rule"] == "skills"
    again = {"override": True, "reason": "still only one there"}
    assert http.post(f"{DAYS}:redo", headers=here, json=again).status_code == 200
    assert stored(database) == by_hand


def test_a_move_on_a_told_day_says_whom_to_tell(http: TestClient, database: Database) -> None:
    visit = stored(database).stops[0]
    other = next(s for s in ("c1", "c2") if s != visit.staff)
    http.post(f"{DAYS}:publish", headers={"If-Match": 'W/"1"'})
    done = ask(http, 2, demand=visit.demand, staff=[other], reason="ill").json()
    assert {f"PractitionerRole/{visit.staff}", f"PractitionerRole/{other}"} <= {
        one["reference"] for one in done["to_tell"]
    }
    assert http.get(DAYS).json()["state"] == "published"


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"demand": "none"}, 400, "move.visit"),
        ({"staff": ["nobody"]}, 400, "move.staff"),
        ({"staff": ["c1", "c2"]}, 400, "move.staff"),
        ({"start": "9:30"}, 422, "http.pattern"),
        ({"after": "none"}, 400, "move.after"),
        ({"when": "now"}, 422, "http.field_unknown"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_by_its_field(
    http: TestClient, database: Database, wrong: dict[str, Any], status: int, code: str
) -> None:
    body = {"demand": stored(database).stops[0].demand, "staff": ["c1"]} | wrong
    assert problem(ask(http, 1, **body), status)["code"] == code
