"""From a hospital's referral over HTTP to the published route of one caregiver."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from time import sleep
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.access import everything
from carecoord.demo.street import FictionalStreet, generate
from carecoord.fhir import wire
from carecoord.flows import networks
from carecoord.model import time
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store.engine import Database
from carecoord.streets import synthetic
from tests.serving import create

SEED = 11
FHIR = {"Content-Type": "application/fhir+json"}


@pytest.fixture
def today() -> date:
    return time.today()


@pytest.fixture
def street(today: date) -> FictionalStreet:
    rules = load().on(today, "CN")
    return generate(SEED, 12, today, synthetic.network(SEED).buildings, rules)


@pytest.fixture
def client(database: Database, tmp_path: Any, street: FictionalStreet) -> Iterator[TestClient]:
    with TestClient(create(database, Settings(data=tmp_path))) as found:
        for bundle in street.register:
            sent(found, bundle)
        with database.write() as tx:
            networks.use_synthetic(tx, everything("test"), street.street, SEED)
        yield found


def sent(client: TestClient, bundle: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/fhir", content=wire.dumps(bundle), headers=FHIR)
    assert answer.status_code == 200, answer.text
    return answer.json()


def posted(client: TestClient, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    content = None if body is None else wire.dumps(body)
    answer = client.post(
        path, content=content, headers={"Content-Type": "application/json", **headers}
    )
    assert answer.status_code in (200, 201, 202), answer.text
    return answer.json()


def planned(client: TestClient, street: str, day: date) -> int:
    """Plan a day step by step as a scheduler's program would; the version to publish."""
    asked = {"day": day.isoformat(), "seconds": 60, "iterations": 200}
    run = client.post(f"/v1/streets/{street}/runs", json=asked)
    assert run.status_code == 202, run.text
    # As long as a machine takes that also compiles the search at that moment.
    for _ in range(3000):
        state = client.get(run.headers["Location"]).json()
        if state["state"] not in ("queued", "validating", "solving", "checking"):
            break
        sleep(0.1)
    assert state["state"] == "committed", state
    return int(state["outcome"]["version"])


def task_of(answer: dict[str, Any]) -> str:
    places = (entry["response"]["location"] for entry in answer["entry"])
    return next(p.split("/")[1] for p in places if re.search(r"(^|/)Task/", p))


def test_a_referral_over_http_ends_in_the_published_route_of_one_caregiver(
    client: TestClient, street: FictionalStreet, today: date
) -> None:
    tomorrow = today + timedelta(days=1)
    bundle = street.referrals[0]
    task = task_of(sent(client, bundle))
    received = client.get(f"/fhir/Task/{task}").json()
    assert received["status"] == "received"
    elder = received["for"]["reference"].removeprefix("Patient/")
    care = street.care[elder]  # type: ignore[index]

    seen = f'W/"{received["meta"]["versionId"]}"'
    accepted = posted(client, f"/v1/referrals/{task}:accept", **{"If-Match": seen})
    assert accepted["status"] == "accepted"

    levels = posted(client, "/v1/assessments", street.assessments[elder])["levels"]  # type: ignore[index]
    assert {one["scale"]: one["level"] for one in levels} == {
        "LTC37": care.ltc37,
        "GB42195": care.gb42195,
    }
    bed = posted(
        client,
        "/v1/beds",
        {
            "elder": elder,
            "kind": "home-hospital-bed",
            "organization": care.centre,
            "referral": task,
        },
    )
    assert bed["status"] == "active"
    assert client.get(f"/fhir/Task/{task}").json()["status"] == "in-progress"

    programmes = ["home-hospital-bed", "ltci"] if care.ltc37 >= 3 else ["home-hospital-bed"]
    plan = posted(client, "/v1/plans", {"elder": elder, "programmes": programmes})
    signed = posted(client, f"/v1/plans/{plan['reference'].split('/')[1]}:sign")
    assert signed["status"] == "active"

    visits = posted(client, f"/v1/streets/{street.street}/days/{tomorrow}:expand")
    assert visits["visits"] > 0
    day = first_day_with_a_visit(client, street, tomorrow, elder)
    version = planned(client, street.street, day)
    published = posted(
        client, f"/v1/streets/{street.street}/days/{day}:publish", **{"If-Match": f'W/"{version}"'}
    )
    assert published["version"] == version + 1

    board = client.get(f"/v1/streets/{street.street}/days/{day}").json()
    assert board["state"] == "published"
    assert board["unserved"] == []
    route = next(r for r in board["routes"] if any(v["elder"] == elder for v in r["visits"]))
    alone = client.get(f"/v1/streets/{street.street}/days/{day}/routes/{route['staff']}").json()
    assert alone == route
    sheet = client.get(f"/streets/{street.street}/days/{day}/staff/{route['staff']}?lang=zh-CN")
    name = client.get(f"/fhir/Patient/{elder}").json()["name"][0]["text"]
    assert name in sheet.text

    again = sent(client, bundle)
    assert task_of(again) == task
    assert client.get("/fhir/Task?_summary=count").json()["total"] == 1


def first_day_with_a_visit(
    client: TestClient, street: FictionalStreet, tomorrow: date, elder: str
) -> date:
    """The first of the coming days on which the elder's plan asks for somebody."""
    from carecoord.model.ids import StreetId
    from carecoord.store import demands

    database: Database = client.app.state.database  # type: ignore[attr-defined]
    with database.read() as tx:
        for offset in range(7):
            day = tomorrow + timedelta(days=offset)
            if any(d.elder == elder for d in demands.on(tx, StreetId(street.street), day)):
                return day
    raise AssertionError("a plan that asks for nobody in a week")


def test_a_bundle_with_one_faulty_entry_changes_nothing_and_names_it(
    client: TestClient, street: FictionalStreet
) -> None:
    before = client.get("/fhir/ServiceRequest?_summary=count").json()["total"]
    bundle = wire.loads(wire.dumps(street.referrals[0]))
    at = next(i for i, e in enumerate(bundle["entry"]) if e["resource"]["resourceType"] == "Task")
    bundle["entry"][at]["resource"]["status"] = "no-such-status"

    answer = client.post("/fhir", content=wire.dumps(bundle), headers=FHIR)

    assert answer.status_code in (400, 422)
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    places = [p for issue in outcome["issue"] for p in issue.get("expression", ())]
    assert any(p.startswith(f"Bundle.entry[{at}].resource") for p in places), outcome
    assert client.get("/fhir/ServiceRequest?_summary=count").json()["total"] == before
    assert client.get("/fhir/Task?_summary=count").json()["total"] == 0


def test_a_day_without_staff_leaves_every_visit_unserved_with_that_reason(
    client: TestClient, street: FictionalStreet, today: date
) -> None:
    tomorrow = today + timedelta(days=1)
    elder = next(e for e, c in street.care.items() if "station" in c.programmes)
    posted(client, "/v1/assessments", street.assessments[elder])
    plan = posted(client, "/v1/plans", {"elder": elder, "programmes": ["station"]})
    posted(client, f"/v1/plans/{plan['reference'].split('/')[1]}:sign")
    roles = client.get("/fhir/PractitionerRole?_count=100").json()["entry"]
    for entry in roles:
        role = {**entry["resource"], "active": False}
        answer = client.put(
            f"/fhir/PractitionerRole/{role['id']}", content=wire.dumps(role), headers=FHIR
        )
        assert answer.status_code == 200, answer.text
    posted(client, f"/v1/streets/{street.street}/days/{tomorrow}:expand?count=7")
    day = first_day_with_a_visit(client, street, tomorrow, elder)

    planned(client, street.street, day)

    board = client.get(f"/v1/streets/{street.street}/days/{day}").json()
    assert {one["code"] for one in board["unserved"]} == {"unserved.no_staff"}
