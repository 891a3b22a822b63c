"""A stroke patient with a family bed comes home from hospital into a home hospital bed too.

Over HTTP: one integrated plan, the bathing that both ask for done once, and on the mornings that
have both, one arrival of caregiver and nurse in the right order.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.fhir import wire
from carecoord.model import time
from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import CENTRE, STATION, STREET
from tests.journeys.test_referral_to_route import planned, task_of
from tests.serving import create

Json = dict[str, Any]
FHIR = {"Content-Type": "application/fhir+json"}
SPONGE_BATH, WOUND_DRESSING = "5", "37"
CARE, DRESSING = "family-bed.care", "home-hospital-bed.order-37"


@pytest.fixture
def today() -> date:
    return time.today()


@pytest.fixture
def client(database: Database, tmp_path: Path, today: date) -> Iterator[TestClient]:
    """The tiny street; e9 lives with a daughter and was assessed as severely disabled."""
    daughter: Json = {
        "resourceType": "RelatedPerson",
        "id": "daughter",
        "active": True,
        "patient": build.ref("Patient", "e9"),
        "name": [{"text": "daughter name"}],
    }
    levels = [
        build.level("e9", scale, 4, (today - timedelta(days=20)).isoformat())
        for scale in ("LTC37", "GB42195")
    ]
    people = [one for one in build.street() if one["resourceType"] != "CarePlan"]
    with TestClient(create(database, Settings(data=tmp_path))) as found:
        bundle = build.bundle(*people, build.patient("e9", 4, 1), daughter, *levels)
        sent(found, bundle)
        yield found


def sent(client: TestClient, bundle: Json) -> Json:
    answer = client.post("/fhir", content=wire.dumps(build.read(bundle)), headers=FHIR)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def post(client: TestClient, path: str, body: Json | None = None) -> Json:
    answer = client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    found: Json = answer.json()
    return found


def read(client: TestClient, path: str) -> Json:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def id_of(made: Json) -> str:
    return str(made["reference"].split("/")[1])


def family_bed(client: TestClient) -> Json:
    """The bed and the plan that e9 had before the stroke, in force."""
    body = {"elder": "e9", "kind": "family-bed", "organization": STATION}
    bed = post(client, "/v1/beds", body)
    asked = {
        "elder": "e9",
        "programmes": ["family-bed"],
        "family": [{"related_person": "daughter", "hours_per_week": 21, "items": ["7"]}],
    }
    drafted = post(client, "/v1/plans", asked)
    post(client, f"/v1/plans/{id_of(drafted)}:sign")
    return {"bed": bed, "plan": drafted}


def home_hospital_bed(client: TestClient) -> None:
    """The hospital discharges e9, orders dressings and sponge baths; the centre opens a bed."""
    answer = sent(client, build.referral("e9", orders=(WOUND_DRESSING, SPONGE_BATH)))
    task = task_of(answer)
    version = read(client, f"/fhir/Task/{task}")["meta"]["versionId"]
    accepted = client.post(f"/v1/referrals/{task}:accept", headers={"If-Match": f'W/"{version}"'})
    assert accepted.status_code == 200, accepted.text
    body = {
        "elder": "e9",
        "kind": "home-hospital-bed",
        "organization": CENTRE,
        "referral": task,
    }
    post(client, "/v1/beds", body)


def joint_plan(client: TestClient, before: str) -> Json:
    asked = {
        "elder": "e9",
        "programmes": ["family-bed", "home-hospital-bed"],
        "coordinator": "n1",
        "replaces": before,
    }
    return post(client, "/v1/plans", asked)


def test_the_joint_morning_of_two_beds_is_one_arrival_in_the_right_order(
    client: TestClient, today: date
) -> None:
    tomorrow = today + timedelta(days=1)
    before = id_of(family_bed(client)["plan"])
    home_hospital_bed(client)

    # The hospital's own discharge plan asks for the sponge bath that the family bed gives already.
    discharge = discharge_plan(today)
    put(client, discharge)
    (found,) = duplicates(client)
    assert found["facts"]["item"] == SPONGE_BATH

    drafted = joint_plan(client, before)
    plan = id_of(drafted)

    # The sponge bath of both is found and merged: more often is kept, the reason is on record.
    (merged,) = drafted["merged"]
    assert merged["item"] == SPONGE_BATH
    assert (merged["programme"], merged["kept_by"]) == ("home-hospital-bed", "family-bed")
    assert merged["rule_id"] == "detect.same_item_days"
    assert [t["programme"] for t in drafted["tasks"] if t["item"] == SPONGE_BATH] == ["family-bed"]

    # A named coordinator, the family, and a part for each bed, in API and FHIR alike.
    assert drafted["coordinator"]["reference"] == "PractitionerRole/n1"
    assert drafted["coordinator"]["name"] == "pn name"
    assert drafted["family"] == [
        {"related_person": "daughter", "hours_per_week": 21.0, "items": ["7"]}
    ]
    parts = read(client, f"/fhir/CarePlan?part-of=CarePlan/{plan}")["entry"]
    assert {one["resource"]["partOf"][0]["reference"] for one in parts} == {f"CarePlan/{plan}"}
    assert {one["programme"] for one in drafted["parts"]} == {"family-bed", "home-hospital-bed"}
    assert all(one["bed"] for one in drafted["parts"])

    assert post(client, f"/v1/plans/{plan}:sign")["status"] == "active"
    assert read(client, f"/fhir/CarePlan/{before}")["status"] == "completed"
    assert {read(client, f"/fhir/{one['reference']}")["status"] for one in drafted["parts"]} == {
        "active"
    }

    # Taken over by the centre, the discharge plan is over, and nothing is there twice.
    put(client, discharge | {"status": "completed"})
    assert duplicates(client) == []

    day = joint_day(client, plan, tomorrow)
    post(client, f"/v1/streets/{STREET}/days/{tomorrow}:expand?count=14")
    planned(client, STREET, day)

    board = read(client, f"/v1/streets/{STREET}/days/{day}")
    calls = sorted(
        (visit["start"], visit["end"], route["role"], visit["items"])
        for route in board["routes"]
        for visit in route["visits"]
        if visit["elder"] == "e9"
    )
    assert [one["code"] for one in board["unserved"] if one["elder"] == "e9"] == []
    assert [role for _, _, role, _ in calls] == ["caregiver", "nurse"]
    care, nursing = calls
    apart = (datetime.fromisoformat(nursing[0]) - datetime.fromisoformat(care[1])).total_seconds()
    assert 0 <= apart <= 15 * 60


def discharge_plan(today: date) -> Json:
    """What the hospital thinks should happen at home, in force from today."""
    asked = build.detail(
        SPONGE_BATH,
        build.own("programme", valueCode="home-hospital-bed"),
        build.window("08:00:00", "11:00:00"),
        repeat={"frequency": 7, "period": 1, "periodUnit": "wk"},
    )
    category = {"category": [{"text": "discharge plan"}]}
    period = {"period": {"start": today.isoformat()}}
    return build.care_plan("discharge", "e9", asked, **category, **period)


def put(client: TestClient, resource: Json) -> None:
    answer = client.put(
        f"/fhir/{resource['resourceType']}/{resource['id']}",
        content=wire.dumps(build.read(resource)),
        headers=FHIR,
    )
    assert answer.status_code in (200, 201), answer.text


def duplicates(client: TestClient) -> list[Json]:
    """Items done twice as the detectors see it now."""
    post(client, f"/v1/streets/{STREET}/issues:detect")
    path = f"/v1/streets/{STREET}/issues?code=duplicate.item&elder=e9"
    found: list[Json] = read(client, path)["issues"]
    return found


def joint_day(client: TestClient, plan: str, first: date) -> date:
    """The first day with both visits and nothing else; one arrival by the plan's own count."""
    found = read(client, f"/v1/plans/{plan}/visits?first={first}&days=14")
    assert found["arrivals_limit"] == 2
    for offset in range(14):
        day = (first + timedelta(days=offset)).isoformat()
        groups = {one["group"] for one in found["visits"] if one["day"] == day}
        if groups == {CARE, DRESSING}:
            assert found["arrivals"][day] == 1
            return date.fromisoformat(day)
    raise AssertionError("no joint day in two weeks")


def test_no_day_of_the_integrated_plan_has_the_merged_item_twice(
    client: TestClient, today: date
) -> None:
    before = id_of(family_bed(client)["plan"])
    home_hospital_bed(client)
    plan = id_of(joint_plan(client, before))

    found = read(client, f"/v1/plans/{plan}/visits?first={today}&days=90")["visits"]

    baths = [(one["day"], one["items"].count(SPONGE_BATH)) for one in found]
    by_day: dict[str, int] = {}
    for day, count in baths:
        by_day[day] = by_day.get(day, 0) + count
    assert set(by_day.values()) == {0, 1}


def test_an_item_that_another_programme_does_cannot_be_added_in_the_same_time(
    client: TestClient,
) -> None:
    before = id_of(family_bed(client)["plan"])
    home_hospital_bed(client)
    plan = id_of(joint_plan(client, before))
    body = {
        "name": "again",
        "programme": "home-hospital-bed",
        "items": [SPONGE_BATH],
        "frequency": 7,
        "period_days": 7,
        "windows": [{"start": "08:00:00", "end": "11:00:00"}],
    }

    answer = client.post(f"/v1/plans/{plan}/tasks", json=body)

    assert answer.status_code == 409
    problem = answer.json()
    assert problem["code"] == "plan.duplicate"
    assert problem["facts"]["rule"] == "detect.same_item_days"
