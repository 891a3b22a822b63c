"""Two plans of a day side by side over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.flows import day as days_of
from carecoord.model.visits import DayKey
from carecoord.settings import Settings
from carecoord.store import day_versions, runs
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS, DAY, ON_SQLITE, STREET
from tests.planned import MORNING, calls_of, planned, store_plan
from tests.serving import create

DAYS = f"/v1/streets/{STREET}/days/{DAY.isoformat()}"
OTHER = MORNING | {"e1": ("c2", 30_000), "e3": ("c1", 30_600)}
Json = dict[str, Any]


@pytest.fixture
def http(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """A day whose second version gives two visits to the other caregiver."""
    build.store(database, *build.street())
    planned(database, tmp_path, publish=True)
    with database.write() as tx:
        store_plan(tx, tmp_path, calls_of(tx, tmp_path, OTHER, DAY), cause="hand")
    with TestClient(create(database, Settings(tmp_path), work=False)) as made:
        made.headers["accept-language"] = "en"
        yield made


def compared(http: TestClient, other: str, status: int = 200, **params: Any) -> Json:
    answer = http.get(f"{DAYS}/compare", params={"with": other, **params})
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


def figures(found: Json) -> dict[str, tuple[Any, Any]]:
    return {one["name"]: (one["before"], one["after"]) for one in found["indicators"]}


def changed(found: Json) -> dict[str, list[str]]:
    return {one["elder"]: one["changes"] for one in found["visits"]}


def test_an_earlier_version_is_compared_visit_by_visit(http: TestClient) -> None:
    found = compared(http, "version:1")

    assert (found["before"], found["after"]) == ("current", "version:1")
    assert changed(found) == {"e1": ["carer"], "e3": ["carer"]}
    first = next(one for one in found["visits"] if one["elder"] == "e1")
    assert (first["before"]["staff"], first["after"]["staff"]) == (["c2"], ["c1"])
    assert first["after"]["names"] == ["p1 name"]
    assert first["after"]["start"].startswith("2026-03-05T08:20:00+08:00")
    assert found["same"] == 1
    assert figures(found)["changes"] == (2, 0)
    assert figures(found)["coverage"] == (1.0, 1.0)
    assert figures(found)["broken_rules"] == (0, 0)


def test_a_plan_compared_with_itself_has_no_difference(http: TestClient) -> None:
    found = compared(http, "current")

    assert found["visits"] == [] and found["same"] == 3
    assert all(one["difference"] in (0, None) for one in found["indicators"])
    assert all(one["before"] == one["after"] for one in found["rules"])
    assert len(compared(http, "current", all="true")["visits"]) == 3


def test_turning_the_sides_round_turns_the_differences_round(http: TestClient) -> None:
    there = compared(http, "version:1")
    back = compared(http, "current", of="version:1")

    assert figures(back) == {name: (b, a) for name, (a, b) in figures(there).items()}
    assert changed(back) == changed(there)


def test_a_roster_made_by_hand_is_compared_and_judged(http: TestClient) -> None:
    roster = "人员编号,老人编号,开始\nc1,e1,8:20\nc1,e3,8:20\n"
    kept = http.post(f"{DAYS}/rosters", content=roster.encode()).json()["roster"]["id"]

    found = compared(http, f"roster:{kept}")

    assert changed(found) == {"e1": ["carer"], "e2": ["removed"], "e3": ["start"]}
    assert figures(found)["served"] == (3, 2)
    broken = figures(found)["broken_rules"]
    assert broken[0] == 0 and broken[1] >= 1
    rules = {one["rule"]: (one["before"], one["after"]) for one in found["rules"]}
    assert rules["unserved"] == (0, 60_000_000)


def test_the_result_of_a_run_that_was_not_taken_is_compared(
    http: TestClient, database: Database, tmp_path: Path
) -> None:
    with database.write() as tx:
        run = days_of.request(tx, BOSS, STREET, DAY)

        old = day_versions.plan(tx, DayKey(STREET, DAY), 1)
        runs.keep_plan(tx, run.id, old, "")

    found = compared(http, f"run:{run.id}")

    assert changed(found) == {"e1": ["carer"], "e3": ["carer"]}


@ON_SQLITE
def test_cost_is_compared_under_the_profile_that_is_asked_for(http: TestClient) -> None:
    def travel(found: Json) -> int:
        return next(int(one["after"]) for one in found["rules"] if one["rule"] == "travel")

    standard = travel(compared(http, "version:1"))

    assert travel(compared(http, "version:1", profile="economy")) == 2 * standard


@ON_SQLITE
@pytest.mark.parametrize(
    ("other", "status", "code"),
    [
        ("nonsense", 400, "compare.source"),
        ("version:", 400, "compare.source"),
        ("version:x", 400, "compare.source"),
        ("version:99", 404, "day.no_version"),
        ("roster:none", 404, "roster.none"),
        ("run:none", 404, "run.none"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    http: TestClient, other: str, status: int, code: str
) -> None:
    assert compared(http, other, status)["code"] == code


@ON_SQLITE
def test_a_day_without_a_plan_can_only_be_compared_from_another_side(http: TestClient) -> None:
    at = f"/v1/streets/{STREET}/days/2026-03-06"
    http.post(f"{at}:expand", params={"count": 1})
    roster = "人员编号,老人编号,开始\nc1,e1,8:30\n"
    kept = http.post(f"{at}/rosters", content=roster.encode()).json()["roster"]["id"]

    missing = http.get(f"{at}/compare", params={"with": f"roster:{kept}"})
    both = http.get(f"{at}/compare", params={"with": f"roster:{kept}", "of": f"roster:{kept}"})

    assert (missing.status_code, missing.json()["code"]) == (404, "day.none")
    assert both.status_code == 200 and both.json()["visits"] == []
