"""The input of a day over HTTP: as data, and what is wrong with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.flows import networks
from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.api.test_payers import coverage, task
from tests.build import BOSS, DAY, ON_SQLITE, STREET
from tests.flows.steps import everything
from tests.serving import create

DAYS = f"/v1/streets/{STREET}/days/{DAY.isoformat()}"
Json = dict[str, Any]


@pytest.fixture
def http(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    build.store(
        database,
        *build.street(),
        build.practitioner("p3", "caregiver", end="2026-03-20"),
        build.role("c3", "p3", kind="caregiver"),
        build.patient("e4", None),
        build.care_plan("plan-e4", "e4", build.detail()),
    )
    with TestClient(create(database, Settings(tmp_path), work=False)) as made:
        made.headers["accept-language"] = "en"
        made.post(f"{DAYS}:expand", params={"count": 1})
        yield made


def validated(http: TestClient, body: Json | None = None, **params: str) -> Json:
    answer = http.post(f"{DAYS}:validate", json=body, params=params)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def codes(found: Json) -> list[tuple[str, str]]:
    return [(one["code"], one["pointer"]) for one in found["findings"]]


def test_the_dataset_is_what_a_run_would_plan_from(http: TestClient) -> None:
    data = http.get(f"{DAYS}/dataset").json()

    assert {one["elder"] for one in data["visits"]} == {"e1", "e2", "e3", "e4"}
    assert {one["id"]: one["place"] for one in data["elders"]}["e4"] is None
    staff = {one["id"]: one for one in data["staff"]}
    assert set(staff) == {"d1", "n1", "c1", "c2", "c3"}
    assert staff["n1"]["levels"] == ["N", "C+", "C"]
    assert staff["c3"]["licences"] == [
        {"licence": "caregiver", "start": "2020-01-01", "end": "2026-03-20"}
    ]
    assert [shift["start"] for shift in staff["c1"]["shifts"]] == [8 * 3600]


def test_what_is_stored_is_looked_at_without_a_change(http: TestClient, database: Database) -> None:
    with database.read() as tx:
        before = everything(tx)

    found = validated(http)

    data = http.get(f"{DAYS}/dataset").json()
    places = {one["id"]: f"/elders/{row}/place" for row, one in enumerate(data["elders"])}
    people = {one["id"]: f"/staff/{row}" for row, one in enumerate(data["staff"])}
    assert codes(found) == [
        ("dataset.no_place", places["e4"]),
        ("dataset.licence_ends", f"{people['c3']}/licences/0"),
    ]
    assert (found["errors"], found["warnings"]) == (1, 1)
    assert "e4" in found["findings"][0]["text"]
    assert "p3 name (p3 name)" not in found["findings"][1]["text"]
    assert "ends on 2026-03-20, in 15 days" in found["findings"][1]["text"]
    assert found["findings"][1]["right"].startswith("Renew it before 2026-03-20")
    with database.read() as tx:
        assert everything(tx) == before


@ON_SQLITE
def test_the_same_dataset_sent_has_the_same_findings_and_faults_put_in_are_found(
    http: TestClient,
) -> None:
    data = http.get(f"{DAYS}/dataset").json()
    assert codes(validated(http, data)) == codes(validated(http))

    data["visits"][0]["level"] = "N+"
    data["visits"][1]["windows"] = [{"start": 9, "end": 8}]
    data["staff"] = [one for one in data["staff"] if one["id"] == "d1"]
    data["pins"] = [{"visit": data["visits"][2]["id"], "staff": ["gone"]}]

    found = codes(validated(http, data))

    assert ("dataset.level", "/visits/0/level") in found
    assert ("dataset.window", "/visits/1/windows/0") in found
    assert ("dataset.no_skill", "/visits/2/level") in found
    assert ("dataset.pin_staff", "/pins/0/staff/0") in found


@ON_SQLITE
def test_sentences_are_in_the_language_of_the_caller(http: TestClient) -> None:
    texts = [one["text"] + one["right"] for one in validated(http, lang="zh-CN")["findings"]]

    assert any("没有坐标" in text for text in texts)


@ON_SQLITE
@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"colour": 1}, "http.field_unknown", "colour"),
        ({"day": "2026-03-06"}, "dataset.of_other", "/day"),
        ({"street": "1"}, "dataset.of_other", "/street"),
        ({"visits": 3}, "http.invalid", "visits"),
        ({"format": 2}, "http.choice", "format"),
    ],
)
def test_what_is_no_dataset_of_this_day_is_refused(
    http: TestClient, change: Json, code: str, field: str
) -> None:
    data = http.get(f"{DAYS}/dataset").json() | change

    answer = http.post(f"{DAYS}:validate", json=data)

    assert answer.status_code in (400, 422)
    assert answer.json()["code"] == code
    assert field in answer.json()["field"]


@ON_SQLITE
def test_an_unknown_street_is_missing(http: TestClient) -> None:
    for answer in (
        http.get(f"/v1/streets/990101999/days/{DAY.isoformat()}/dataset"),
        http.post(f"/v1/streets/990101999/days/{DAY.isoformat()}:validate"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "street.none")


@ON_SQLITE
def test_a_home_off_the_street_network_is_found(http: TestClient, database: Database) -> None:
    build.store(database, build.patient("e1", 500, 500))
    with database.write() as tx:
        networks.use_synthetic(tx, BOSS, STREET, 1)

    found = codes(validated(http))

    data = http.get(f"{DAYS}/dataset").json()
    row = next(k for k, one in enumerate(data["elders"]) if one["id"] == "e1")
    assert ("dataset.off_the_map", f"/elders/{row}/place") in found


def test_visits_beyond_the_quota_of_the_week_are_told(http: TestClient, database: Database) -> None:
    tasks = [
        task(
            item,
            "ltci",
            item,
            scheduledTiming={
                "repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "when": [when]}
            },
        )
        for item, when in (("5", "MORN"), ("15", "NOON"), ("16", "AFT"))
    ]
    build.store(
        database,
        coverage("e2", "ltci"),
        build.level("e2", "LTC37", 3, "2026-02-01"),
        build.care_plan("paid", "e2", *tasks),
    )
    monday_on = f"/v1/streets/{STREET}/days/2026-03-02:expand"
    assert http.post(monday_on, params={"count": 7}).status_code == 200

    found = validated(http)

    told = [one for one in found["findings"] if one["code"] == "dataset.entitlement"]
    assert told and told[0]["severity"] == "warning"
    assert told[0]["facts"]["payer"] == "ltci"
