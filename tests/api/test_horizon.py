"""The days ahead over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from carecoord.model import time
from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import ON_SQLITE, STREET
from tests.serving import create

TOMORROW = time.today() + timedelta(days=1)
AT = f"/v1/streets/{STREET}"


@pytest.fixture
def http(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    build.store(database, *build.street())
    with TestClient(create(database, Settings(tmp_path), work=False)) as made:
        made.headers["accept-language"] = "en"
        yield made


@ON_SQLITE
def test_the_horizon_shows_each_day_and_a_planning_that_was_asked_for(
    http: TestClient,
) -> None:
    empty = http.get(f"{AT}/horizon").json()
    asked = http.post(f"{AT}/horizon:plan", json={"days": 3, "iterations": 50})
    after = http.get(f"{AT}/horizon").json()

    assert empty["last"] is None
    assert [day["zone"] for day in empty["days"]] == ["historic"] * 7 + ["draft"] * 15
    assert asked.status_code == 202
    assert asked.headers["Location"] == f"{AT}/horizon"
    assert after["last"]["id"] == asked.json()["id"]
    assert (after["last"]["state"], after["last"]["days"]) == ("queued", 3)


@ON_SQLITE
def test_a_planning_of_too_many_days_or_with_unknown_words_is_refused(
    http: TestClient,
) -> None:
    for body in (
        {"days": 0},
        {"days": 63},
        {"weeks": 2},
        {"first": "2020-01-01"},
        {"profile": "x"},
    ):
        answer = http.post(f"{AT}/horizon:plan", json=body)
        assert answer.status_code in (400, 404, 422), body
    assert http.get(f"{AT}/horizon").json()["last"] is None


@ON_SQLITE
def test_hours_say_what_is_left_and_which_rule_cuts(http: TestClient, database: Database) -> None:
    long = build.role("c1", "p1", kind="caregiver", times=[build.hours("08:00:00", "20:00:00")])
    build.store(database, long)
    found = http.get(f"{AT}/days/{TOMORROW}/hours").json()
    mine = next(one for one in found if one["staff"] == "c1")

    assert (mine["roster_minutes"], mine["left_minutes"], mine["planned_minutes"]) == (690, 480, 0)
    assert [cut["rule"] for cut in mine["cuts"]] == ["work.day_hours"]
    assert "690" in mine["cuts"][0]["text"]
    breaches = http.get(f"{AT}/hours/breaches", params={"first": TOMORROW, "last": TOMORROW})
    assert breaches.json() == []
