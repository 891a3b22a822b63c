"""What blocks a first run of a street, over HTTP and as a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.flows import networks
from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS, DAY, ON_SQLITE, STREET
from tests.flows.steps import everything
from tests.serving import create

AT = f"/v1/streets/{STREET}/readiness"
Json = dict[str, Any]


@pytest.fixture
def http(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    build.store(database, *build.organizations())
    with TestClient(create(database, Settings(tmp_path), work=False)) as made:
        made.headers["accept-language"] = "en"
        yield made


def report(http: TestClient, **params: Any) -> Json:
    answer = http.get(AT, params={"from": DAY.isoformat(), **params})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def items(found: Json) -> dict[str, Json]:
    return {one["code"].removeprefix("readiness."): one for one in found["items"]}


def subjects(item: Json) -> list[str]:
    return [row["subject"] for row in item["rows"]]


def test_an_empty_street_is_blocked_by_everything_it_lacks(http: TestClient) -> None:
    found = report(http)

    assert not found["ready"]
    assert set(items(found)) == {"no_elder", "no_staff", "no_network"}
    assert found["blocking"] == 2
    assert [one["severity"] for one in found["items"]] == ["blocks", "blocks", "weakens"]


def test_a_whole_street_with_a_network_and_demands_lacks_nothing(
    http: TestClient, database: Database
) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        networks.use_synthetic(tx, BOSS, STREET, 1)
    at = f"/v1/streets/{STREET}/days/{DAY.isoformat()}:expand"
    assert set(items(report(http))) == {"not_expanded"}
    assert http.post(at, params={"count": 14}).status_code == 200
    with database.read() as tx:
        before = everything(tx)

    found = report(http)

    assert (found["ready"], found["items"]) == (True, [])
    assert (found["elders"], found["planned"], found["staff"]) == (3, 3, 4)
    assert found["visits"] == 3 * 14
    with database.read() as tx:
        assert everything(tx) == before


def test_every_lack_is_listed_with_its_rows(http: TestClient, database: Database) -> None:
    build.store(
        database,
        *build.street(),
        build.practitioner("p3"),
        build.role("c3", "p3"),
        build.practitioner("p4", "caregiver", end="2026-01-31"),
        build.role("c4", "p4", kind="caregiver", times=[]),
        build.practitioner("p5", "caregiver", end="2026-03-25"),
        build.role("c5", "p5", kind="caregiver"),
        build.patient("e4", None),
        build.patient("e5", 2, 2),
        build.care_plan("plan-e4", "e4", build.detail("9999"), build.detail()),
        build.care_plan("plan-e5", "e5", build.detail(), status="draft"),
    )

    found = items(report(http))

    assert subjects(found["staff_role"]) == ["PractitionerRole/c3"]
    assert subjects(found["staff_licence"]) == ["PractitionerRole/c3"]
    assert subjects(found["licence_ended"]) == ["PractitionerRole/c4"]
    assert subjects(found["staff_shift"]) == ["PractitionerRole/c4"]
    assert subjects(found["licence_ends"]) == ["PractitionerRole/c5"]
    assert subjects(found["address"]) == ["Patient/e4"]
    assert subjects(found["unsigned"]) == ["CarePlan/plan-e5"]
    assert subjects(found["elder_without_plan"]) == ["Patient/e5"]
    assert subjects(found["plan_unclear"]) == ["CarePlan/plan-e4"]
    assert found["address"]["rows"][0]["href"] == "/fhir/Patient/e4"
    assert http.get(found["address"]["rows"][0]["href"]).status_code == 200
    for one in found.values():
        assert "{" not in one["text"] + one["next"]


@ON_SQLITE
def test_days_without_anybody_at_work_are_listed(http: TestClient, database: Database) -> None:
    workdays = [build.hours("08:00:00", "17:00:00", *"mon tue wed thu fri".split())]
    build.store(database, *build.street())
    build.store(
        database,
        build.role("d1", "pd", kind="doctor", times=workdays),
        build.role("n1", "pn", kind="nurse", times=workdays),
        build.role("c1", "p1", kind="caregiver", times=workdays),
        build.role("c2", "p2", kind="caregiver", times=workdays),
    )

    found = items(report(http))

    assert subjects(found["no_roster"]) == ["2026-03-07", "2026-03-08", "2026-03-14", "2026-03-15"]
    assert found["no_roster"]["rows"][0]["href"].endswith("/days/2026-03-07")


@ON_SQLITE
def test_nobody_who_can_be_sent_blocks(http: TestClient, database: Database) -> None:
    build.store(database, *build.street())
    build.store(
        database,
        *(build.role(id_, "pd", kind="doctor", times=[]) for id_ in ("d1", "n1", "c1", "c2")),
    )

    found = report(http)

    assert items(found)["nobody_usable"]["severity"] == "blocks"
    assert items(found)["level_nobody"]["facts"]["level"] == "C"


@ON_SQLITE
def test_the_page_says_the_same_in_both_languages(http: TestClient, database: Database) -> None:
    build.store(database, *build.street(), *(build.patient(f"x{k}", None) for k in range(9)))

    for lang, title, ready in (
        ("en", "Readiness", "Not ready for a run."),
        ("zh-CN", "数据准备", "还不能排班"),
    ):
        params = {"from": DAY.isoformat(), "lang": lang}
        html = http.get(f"/streets/{STREET}/readiness", params=params).text
        assert title in html and ready in html
        assert html.count('href="/fhir/Patient/x') == 2 * 9
    assert (
        "List all 9"
        in http.get(
            f"/streets/{STREET}/readiness", params={"from": DAY.isoformat(), "lang": "en"}
        ).text
    )


@ON_SQLITE
@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        (AT + "?days=0", 400, "readiness.days"),
        (AT + "?days=29", 400, "readiness.days"),
        (AT + "?from=soon", 422, "http.date"),
        ("/v1/streets/990101999/readiness", 404, "street.none"),
    ],
)
def test_bad_questions_are_refused(http: TestClient, address: str, status: int, code: str) -> None:
    answer = http.get(address)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
