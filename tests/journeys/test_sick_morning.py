"""Seven in the morning: three people call in sick, and the street is told who comes instead."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import DAY, STREET
from tests.flows.test_repair import planned
from tests.serving import create

DAYS = f"/v1/streets/{STREET}/days/{DAY.isoformat()}"
SEVEN = f"{DAY.isoformat()}T07:00:00+08:00"
TEN = f"{DAY.isoformat()}T10:00:00+08:00"


@pytest.fixture
def http(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """A published day of nine visits and four caregivers behind the whole application."""
    planned(database, tmp_path)
    with TestClient(create(database, Settings(tmp_path), work=False)) as made:
        made.headers["accept-language"] = "en"
        yield made


def sick(*staff: str) -> list[dict[str, Any]]:
    return [{"kind": "staff_absent", "staff": one, "reason": "sick"} for one in staff]


def repair(http: TestClient, version: int, events: list[dict[str, Any]], **more: Any) -> Response:
    body = {"events": events, "reason": "calls at seven", "frozen_before": SEVEN} | more
    return http.post(f"{DAYS}:repair", json=body, headers={"If-Match": f'W/"{version}"'})


def test_three_people_call_in_sick_at_seven(http: TestClient) -> None:
    before = http.get(DAYS).json()
    version = before["version"]

    asked = repair(http, version, sick("c1", "c2", "c3"), dry_run=True)
    assert asked.status_code == 200, asked.text
    assert http.get(DAYS).json() == before

    done = repair(http, version, sick("c1", "c2", "c3"))
    assert done.status_code == 200, done.text
    found = done.json()
    assert (found["version"], done.headers["etag"]) == (version + 1, f'W/"{version + 1}"')
    assert found["changes"] == asked.json()["changes"]
    after = http.get(DAYS).json()
    assert after["state"] == "published"
    assert {r["staff"] for r in after["routes"] if r["visits"]} == {"c4"}
    made = {v["demand"] for r in after["routes"] for v in r["visits"]}
    assert made | {u["demand"] for u in after["unserved"]} == {
        v["demand"] for r in before["routes"] for v in r["visits"]
    }
    assert all(u["text"] and u["code"] for u in found["unserved"])
    told = {one["reference"] for one in found["to_tell"]}
    assert "PractitionerRole/c4" in told
    assert any(one.startswith("Patient/") for one in told)
    assert all(one["changes"] and one["reason"] == "calls at seven" for one in found["to_tell"])
    assert set(found["cost_before"]) == set(found["cost_after"])

    away = http.get(f"/v1/streets/{STREET}/absences", params={"first": DAY.isoformat()}).json()
    assert sorted(one["staff"] for one in away) == ["c1", "c2", "c3"]
    (kept,) = http.get(f"{DAYS}/repairs").json()
    assert (kept["version"], len(kept["events"])) == (version + 1, 3)
    newest = http.get(f"{DAYS}/versions").json()["versions"][-1]
    assert (newest["cause"], newest["reason"]) == ("repair", "calls at seven")

    late = repair(http, version, sick("c4"))
    assert (late.status_code, late.json()["code"]) == (412, "day.moved")

    back = http.post(f"/v1/streets/{STREET}/absences/{away[0]['id']}:end", json={"at": TEN})
    assert back.status_code == 200
    assert back.json()["end"] == TEN


def test_the_door_is_heard_and_what_has_begun_stays(http: TestClient) -> None:
    day = http.get(DAYS).json()
    route = max(day["routes"], key=lambda r: len(r["visits"]))
    first = route["visits"][0]
    event = {
        "id": str(uuid4()),
        "visit": first["demand"],
        "staff": route["staff"],
        "kind": "started",
        "at": first["start"],
    }
    for new, known in ((1, 0), (0, 1)):
        told = http.post(f"{DAYS}/events", json={"events": [event]})
        assert told.json() == {"new": new, "known": known}
    assert http.get(f"{DAYS}/events").json()["progress"] == {first["demand"]: "started"}

    done = repair(http, day["version"], sick(route["staff"]), frozen_before=SEVEN).json()
    after = http.get(DAYS).json()
    (mine,) = (r for r in after["routes"] if r["staff"] == route["staff"])
    assert mine["visits"] == [first]
    assert first["demand"] not in {c["demand"] for c in done["changes"]}


def test_pins_are_fixed_listed_reported_and_let_go(http: TestClient) -> None:
    day = http.get(DAYS).json()
    version = {"If-Match": f'W/"{day["version"]}"'}
    route = next(r for r in day["routes"] if r["visits"])
    visit = route["visits"][0]["demand"]
    where = f"{DAYS}/visits/{visit}/pins"

    assert http.put(where, json={"carers": ["c1"]}).status_code == 428
    wrong = http.put(where, json={"carers": ["none"]}, headers=version)
    assert (wrong.status_code, wrong.json()["code"]) == (404, "pin.staff")
    late = {"carers": [route["staff"]], "start": "22:00", "reason": "asked by the son"}
    put = http.put(where, json=late, headers=version)
    assert put.status_code == 200, put.text
    (pin,) = put.json()["pins"]
    assert (pin["carers"], pin["start"]) == ([route["staff"]], "22:00")
    assert {part["reason"] for part in pin["decided"]} == {"asked by the son"}
    (breach,) = put.json()["breaches"]
    assert (breach["visit"], breach["code"]) == (visit, "pin.outside_shift")
    assert "22:00" in breach["text"]

    done = repair(http, day["version"], sick("c4")).json()
    assert [(b["visit"], b["code"]) for b in done["breaches"]] in (
        [(visit, "pin.outside_shift")],
        [(visit, "pin.absent")],
    )
    version = {"If-Match": f'W/"{done["version"]}"'}
    gone = http.delete(where, params={"kind": "start"}, headers=version)
    assert gone.status_code == 204
    (left,) = http.get(f"{DAYS}/pins").json()["pins"]
    assert (left["start"], left["carers"]) == (None, [route["staff"]])
    assert http.delete(where, headers=version).status_code == 204
    assert http.delete(where, headers=version).status_code == 404


@build.ON_SQLITE
@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"kind": "staff_ill", "staff": "c1"}, "/body/events/0"),
        ({"kind": "staff_absent"}, "/body/events/0/staff_absent/staff"),
        (
            {"kind": "running_late", "staff": "c1", "minutes": 0},
            "/body/events/0/running_late/minutes",
        ),
        ({"kind": "vehicle_broken", "staff": "c1", "x": 1}, "/body/events/0/vehicle_broken/x"),
    ],
)
def test_an_event_that_does_not_fit_is_answered_with_its_place(
    http: TestClient, event: dict[str, Any], field: str
) -> None:
    found = repair(http, http.get(DAYS).json()["version"], [event])
    assert (found.status_code, found.json()["field"]) == (422, field)
    unseen = http.post(f"{DAYS}:repair", json={"events": []})
    assert unseen.status_code == 428


def test_a_run_goes_on_from_the_repaired_plan_if_asked(http: TestClient) -> None:
    version = http.get(DAYS).json()["version"]
    done = repair(http, version, sick("c1"), improve=True)
    run = http.get(done.headers["location"]).json()
    assert (run["id"], run["state"]) == (done.json()["run"], "queued")
    assert run["base_version"] == version + 1
