"""Continuity, fairness and equity over HTTP, from published days."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from carecoord.model import time
from carecoord.model.events import EventKind, VisitEvent
from carecoord.model.ids import ElderId, StaffId
from carecoord.model.visits import DayKey
from carecoord.settings import Settings
from carecoord.store import demands, visit_events
from carecoord.store.engine import Database
from tests import build
from tests.api.test_payers import coverage
from tests.build import DAY, ON_SQLITE, STREET
from tests.planned import MORNING, planned
from tests.serving import create

AT = f"/v1/streets/{STREET}/continuity"
SPAN = {"from": DAY.isoformat(), "to": (DAY + timedelta(days=6)).isoformat()}
EARLIER, NEXT, DRAFT = DAY - timedelta(days=9), DAY + timedelta(days=1), DAY + timedelta(days=2)
SWAPPED = MORNING | {"e1": ("c2", 30_000), "e3": ("c1", 30_600)}
Json = dict[str, Any]


@pytest.fixture
def http(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """Two published days, on the second of which two elders change hands; a draft; a day before."""
    build.store(database, *build.street(), coverage("e1", "ltci"))
    planned(database, tmp_path, {"e1": ("c1", 30_000)}, EARLIER, publish=True)
    planned(database, tmp_path, MORNING, DAY, publish=True)
    planned(database, tmp_path, SWAPPED, NEXT, publish=True)
    planned(database, tmp_path, SWAPPED, DRAFT)
    with TestClient(create(database, Settings(tmp_path), work=False)) as made:
        made.headers["accept-language"] = "en"
        yield made


def report(http: TestClient, **params: str) -> Json:
    answer = http.get(AT, params={**SPAN, **params})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def test_only_published_days_of_the_span_count(http: TestClient) -> None:
    found = report(http)

    assert (found["days"], found["visits"]) == (2, 6)
    clients = {one["elder"]: one for one in found["clients"]}
    assert {elder: one["carers"] for elder, one in clients.items()} == {"e1": 2, "e2": 1, "e3": 2}
    assert clients["e1"]["main_share"] == 0.5
    assert clients["e2"]["main_name"] == "p1 name"
    assert found["main_share"] == pytest.approx(4 / 6)
    assert found["within"] == pytest.approx(1 / 3)


def test_who_came_in_the_days_before_is_not_new(http: TestClient) -> None:
    clients = {one["elder"]: one["new"] for one in report(http)["clients"]}

    assert clients == {"e1": ["c2"], "e2": ["c1"], "e3": ["c1", "c2"]}
    whole = {"from": EARLIER.isoformat(), "to": SPAN["to"]}
    months = [
        (one["month"], one["new"])
        for one in report(http, **whole)["clients"]
        if one["elder"] == "e1"
    ]
    assert months == [("2026-02", ["c1"]), ("2026-03", ["c2"])]


def test_load_and_its_spread_are_told_for_everybody_at_work(http: TestClient) -> None:
    found = report(http)

    staff = {one["staff"]: one for one in found["staff"]}
    assert set(staff) == {"c1", "c2", "d1", "n1"}
    assert (staff["c1"]["visits"], staff["c2"]["visits"], staff["n1"]["visits"]) == (4, 2, 0)
    assert staff["c1"]["at_work"] == 2 * 9 * 3600
    assert staff["c1"]["share"] == pytest.approx(staff["c1"]["service"] / staff["c1"]["at_work"])
    spread = {one["role"]: one for one in found["spread"]}
    assert spread["caregiver"]["load_busiest"] == pytest.approx(4 / 3)
    assert spread["caregiver"]["load_gini"] == pytest.approx(1 / 6)


def report_at_the_door(database: Database, day: date, *facts: tuple[str, EventKind, int]) -> None:
    """What phones told of a day: elder, kind, seconds of the day."""
    with database.write() as tx:
        wanted = {one.elder: one.id for one in demands.on(tx, STREET, day)}
        visit_events.append(
            tx,
            [
                VisitEvent(
                    id=str(uuid4()),
                    key=DayKey(STREET, day),
                    demand=wanted[ElderId(elder)],
                    staff=StaffId("c1"),
                    kind=kind,
                    at=time.instant(day, at),
                    recorded_at=time.now(),
                    by="test",
                )
                for elder, kind, at in facts
            ],
        )


def test_a_closed_door_is_no_visit(http: TestClient, database: Database) -> None:
    report_at_the_door(database, DAY, ("e3", EventKind.UNANSWERED, 30_600))

    found = report(http)

    assert found["visits"] == 5
    assert {one["elder"]: one["carers"] for one in found["clients"]}["e3"] == 1
    assert found["equity"][0]["hidden"]


def test_groups_are_shown_from_five_people_on(
    http: TestClient, database: Database, tmp_path: Path
) -> None:
    more = [build.patient(f"x{k}", 1, k, birthDate="1930-01-01") for k in range(6)]
    plans = [build.care_plan(f"plan-{one['id']}", one["id"], build.detail()) for one in more]
    build.store(database, *more, *plans)
    day = DAY + timedelta(days=4)
    planned(database, tmp_path, MORNING, day, publish=True)
    half_an_hour = 30_000 + 30 * 60
    report_at_the_door(
        database,
        day,
        ("e1", EventKind.STARTED, half_an_hour + 1),
        ("e2", EventKind.STARTED, 32_400),
        ("e3", EventKind.UNANSWERED, 30_600),
    )

    found = report(http, **{"from": day.isoformat(), "to": day.isoformat()})

    cells = {(one["dimension"], one["group"]): one for one in found["equity"]}
    whole = cells["all", "*"]
    assert (whole["people"], whole["asked"], whole["unserved"]) == (9, 9, 7)
    assert whole["unserved_rate"] == pytest.approx(7 / 9)
    assert (whole["late"], whole["late_rate"]) == (1, 0.5)
    assert (whole["strange"], whole["strange_rate"]) == (0, 0)
    ages = {group: one["hidden"] for (name, group), one in cells.items() if name == "age"}
    assert ages["90+"] is True and all(ages.values())
    payers = {group: one["hidden"] for (name, group), one in cells.items() if name == "payer"}
    assert payers == {"ltci": True, "self": True}


@ON_SQLITE
@pytest.mark.parametrize(
    ("table", "first", "rows"),
    [
        ("clients", "Elder id", 3),
        ("staff", "Staff id", 4),
        ("spread", "Role", 4),
        ("equity", "Dimension", 0),
    ],
)
def test_every_table_is_exported_without_formulas(
    http: TestClient, database: Database, table: str, first: str, rows: int
) -> None:
    build.store(database, build.patient("e1", 1, 1, name=[{"text": "=1+1"}]))

    answer = http.get(AT, params={**SPAN, "form": "csv", "table": table})

    assert answer.content.startswith("\ufeff".encode())
    found = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert found[0][0] == first
    assert len(found) - 1 == rows or (table == "equity" and len(found) > 4)
    assert all(len(row) == len(found[0]) for row in found)
    assert not any(cell.startswith(("=", "+", "@")) for row in found for cell in row)


@ON_SQLITE
@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"from": "2026-03-05", "to": "2026-03-04"}, 400, "continuity.span"),
        ({"from": "2024-03-05", "to": "2026-03-04"}, 400, "continuity.span"),
        ({"from": "soon", "to": "2026-03-04"}, 422, "http.date"),
        ({"to": "2026-03-04"}, 422, "http.field_missing"),
    ],
)
def test_a_span_that_is_none_is_refused(
    http: TestClient, params: dict[str, str], status: int, code: str
) -> None:
    answer = http.get(AT, params=params)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@ON_SQLITE
def test_a_street_without_published_days_says_nothing_of_anybody(http: TestClient) -> None:
    later = date(2026, 6, 1).isoformat()

    found = report(http, **{"from": later, "to": later})

    assert (found["days"], found["visits"], found["main_share"]) == (0, 0, None)
    assert found["clients"] == [] and found["staff"] == []
