"""Readmission, discharge and death over HTTP: what they do to beds, plan, visits and people."""

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
from tests.build import CENTRE, OFFICE, STATION, STREET
from tests.journeys.test_referral_to_route import planned
from tests.serving import create

Json = dict[str, Any]
FHIR = {"Content-Type": "application/fhir+json"}
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@pytest.fixture
def today() -> date:
    return time.today()


@pytest.fixture
def client(database: Database, tmp_path: Path, today: date) -> Iterator[TestClient]:
    """The tiny street over HTTP; e1 has a daughter, a doctor and every paper."""
    away = build.organization("hospital", "hospital")
    daughter: Json = {
        "resourceType": "RelatedPerson",
        "id": "daughter",
        "active": True,
        "patient": build.ref("Patient", "e1"),
    }
    levels = [
        build.level("e1", scale, 4, (today - timedelta(days=20)).isoformat())
        for scale in ("LTC37", "GB42195")
    ]
    plan = build.care_plan(
        "plan-e1",
        "e1",
        build.detail("7", build.own("programme", valueCode="family-bed")),
        build.detail("36", build.own("programme", valueCode="home-hospital-bed")),
        build.detail("13", build.own("programme", valueCode="ltci")),
        period={"start": (today - timedelta(days=30)).isoformat()},
    )
    others = [one for one in build.street() if one["id"] != "plan-e1"]
    for one in others:
        if one["resourceType"] == "CarePlan":
            one["period"] = {"start": (today - timedelta(days=30)).isoformat()}
    with TestClient(create(database, Settings(data=tmp_path))) as found:
        sent(found, build.bundle(*others, away, daughter, *levels, plan))
        yield found


def sent(client: TestClient, bundle: Json) -> None:
    answer = client.post("/fhir", content=wire.dumps(build.read(bundle)), headers=FHIR)
    assert answer.status_code == 200, answer.text


def put(client: TestClient, resource: Json) -> Json:
    answer = client.put(
        f"/fhir/{resource['resourceType']}/{resource['id']}",
        content=wire.dumps(build.read(resource)),
        headers=FHIR,
    )
    assert answer.status_code in (200, 201), answer.text
    found: Json = answer.json()
    return found


def done(client: TestClient, path: str, body: Json, version: int | None = None) -> Json:
    headers = {} if version is None else {"If-Match": f'W/"{version}"'}
    answer = client.post(path, json=body, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    found: Json = answer.json()
    return found


def read(client: TestClient, path: str) -> Json:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def both_beds(client: TestClient) -> dict[str, str]:
    """Open a family bed and a home hospital bed; kind → id."""
    found = {}
    for kind, organization in (("family-bed", STATION), ("home-hospital-bed", CENTRE)):
        body = {"elder": "e1", "kind": kind, "organization": organization}
        bed = done(client, "/v1/beds", body)
        found[kind] = bed["reference"].split("/")[1]
        done(client, f"/v1/beds/{found[kind]}:record", {"performer": "d1"}, bed["version"])
    return found


def states(client: TestClient) -> dict[str, tuple[str, str]]:
    """Kind → (state, EpisodeOfCare.status) as API and FHIR say alike."""
    found = {}
    for bed in read(client, "/v1/elders/e1/beds"):
        episode = read(client, f"/fhir/{bed['reference']}")
        assert episode["status"] == bed["status"]
        found[bed["kind"]] = (bed["state"], bed["status"])
    return found


def visits(client: TestClient, day: date, elder: str = "e1") -> list[Json]:
    board = read(client, f"/v1/streets/{STREET}/days/{day}")
    return [v for route in board["routes"] for v in route["visits"] if v["elder"] == elder]


def unserved(client: TestClient, day: date, elder: str = "e1") -> set[str]:
    board = read(client, f"/v1/streets/{STREET}/days/{day}")
    return {one["code"] for one in board["unserved"] if one["elder"] == elder}


def published(client: TestClient, day: date) -> int:
    version = planned(client, STREET, day)
    path = f"/v1/streets/{STREET}/days/{day}:publish"
    answer = client.post(path, headers={"If-Match": f'W/"{version}"'})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["version"])


def notices(client: TestClient, code: str) -> set[str]:
    """Who was told about something concerning e1."""
    found = read(client, f"/fhir/Communication?subject=Patient/e1&category={code}&_count=100")
    return {one["resource"]["recipient"][0]["reference"] for one in found.get("entry", ())}


def encounter(status: str, start: datetime, end: datetime | None = None) -> Json:
    period = {"start": start.isoformat()}
    if end is not None:
        period["end"] = end.isoformat()
    return {
        "resourceType": "Encounter",
        "id": "stay",
        "status": status,
        "class": {"system": ACT, "code": "IMP"},
        "subject": build.ref("Patient", "e1"),
        "serviceProvider": build.ref("Organization", "hospital"),
        "period": period,
    }


def two_days(client: TestClient, today: date) -> tuple[date, date]:
    """Tomorrow planned and published, the day after only expanded."""
    tomorrow, after = today + timedelta(days=1), today + timedelta(days=2)
    done(client, f"/v1/streets/{STREET}/days/{tomorrow}:expand?count=3", {})
    published(client, tomorrow)
    return tomorrow, after


def test_readmission_suspends_both_beds_and_discharge_resumes_after_review(
    client: TestClient, today: date
) -> None:
    beds = both_beds(client)
    tomorrow, after = two_days(client, today)
    others = visits(client, tomorrow, "e2")
    before = len(visits(client, tomorrow))
    version = read(client, f"/v1/streets/{STREET}/days/{tomorrow}")["version"]
    assert before == 3, read(client, f"/v1/streets/{STREET}/days/{tomorrow}")["unserved"]
    assert states(client) == dict.fromkeys(beds, ("active", "active"))

    start = time.now() - timedelta(minutes=5)
    put(client, encounter("in-progress", start))

    assert states(client) == dict.fromkeys(beds, ("suspended", "onhold"))
    assert read(client, "/fhir/CarePlan/plan-e1")["status"] == "on-hold"
    day = read(client, f"/v1/streets/{STREET}/days/{tomorrow}")
    assert (day["state"], day["version"]) == ("published", version + 1)
    assert visits(client, tomorrow) == []
    assert unserved(client, tomorrow) == {"unserved.hospital"}
    assert visits(client, tomorrow, "e2") == others
    planned(client, STREET, after)
    assert (visits(client, after), unserved(client, after)) == ([], set())
    assert notices(client, "notice.hospital") >= {
        f"Organization/{CENTRE}",
        f"Organization/{STATION}",
    }
    again = planned(client, STREET, tomorrow)
    assert visits(client, tomorrow) == []
    assert unserved(client, tomorrow) == {"unserved.hospital"}

    version = states_version(client, beds["family-bed"])
    early = client.post(
        f"/v1/beds/{beds['family-bed']}:review",
        json={},
        headers={"If-Match": f'W/"{version}"'},
    )
    assert (early.status_code, early.json()["code"]) == (409, "bed.inpatient")
    assert early.json()["facts"]["rule"] == "home_bed.overlap_inpatient_days"

    put(client, encounter("finished", start, time.now()))

    assert states(client) == dict.fromkeys(beds, ("resume_review", "onhold"))
    assert visits(client, tomorrow) == []
    for kind, performer in (("home-hospital-bed", "d1"), ("family-bed", "c1")):
        version = states_version(client, beds[kind])
        body = {"performer": performer, "note": "恢复服务"}
        done(client, f"/v1/beds/{beds[kind]}:resume", body, version)

    assert states(client) == dict.fromkeys(beds, ("active", "active"))
    plan = read(client, "/fhir/CarePlan/plan-e1")
    assert plan["status"] == "active"
    assert {a["detail"]["status"] for a in plan["activity"]} == {"scheduled"}
    assert unserved(client, tomorrow) == {"unserved.back"}
    assert read(client, f"/v1/streets/{STREET}/days/{tomorrow}")["version"] > again
    planned(client, STREET, tomorrow)
    assert len(visits(client, tomorrow)) == before
    assert unserved(client, tomorrow) == set()
    planned(client, STREET, after)
    assert len(visits(client, after)) == before
    activities = provenance(client, f"EpisodeOfCare/{beds['family-bed']}")
    assert activities == [
        "bed-opened",
        "bed-active",
        "bed-linked",
        "bed-suspended",
        "bed-resume-review",
        "bed-active",
    ]


def states_version(client: TestClient, bed: str) -> int:
    return int(read(client, f"/v1/beds/{bed}")["version"])


def provenance(client: TestClient, target: str) -> list[str]:
    found = read(client, f"/fhir/Provenance?target={target}&_count=100").get("entry", ())
    signed = sorted((p["resource"] for p in found), key=version_in)
    return [p["activity"]["coding"][0]["code"] for p in signed]


def version_in(origin: Json) -> int:
    return int(origin["target"][0]["reference"].rpartition("/")[2])


def test_a_stay_that_the_street_records_itself_suspends_and_resumes_alike(
    client: TestClient, today: date
) -> None:
    beds = both_beds(client)

    admitted = done(client, "/v1/elders/e1:admit", {"organization": "hospital", "note": "胸痛"})
    twice = done(client, "/v1/elders/e1:admit", {})

    assert twice["reference"] == admitted["reference"]
    assert {bed["state"] for bed in admitted["beds"]} == {"suspended"}
    assert {bed["reason"] for bed in admitted["beds"]} == {"hospital_stay"}
    assert read(client, f"/fhir/{admitted['reference']}")["class"]["code"] == "IMP"
    body = {"elder": "e1", "kind": "home-hospital-bed", "organization": CENTRE}
    assert client.post("/v1/beds:apply", json=body).status_code == 201
    home = done(client, "/v1/elders/e1:discharge", {}, admitted["version"])
    assert {b["state"] for b in home["beds"] if b["kind"] in beds} >= {"resume_review"}
    none = client.post("/v1/elders/e1:discharge", json={})
    assert (none.status_code, none.json()["code"]) == (409, "stay.none")


@pytest.mark.parametrize("by_fhir", [True, False])
def test_death_closes_beds_stops_the_plan_cancels_visits_and_tells_everybody(
    client: TestClient, today: date, by_fhir: bool
) -> None:
    beds = both_beds(client)
    tomorrow, after = two_days(client, today)
    callers = {
        route["staff"]
        for route in read(client, f"/v1/streets/{STREET}/days/{tomorrow}")["routes"]
        if any(v["elder"] == "e1" for v in route["visits"])
    }
    patient = read(client, "/fhir/Patient/e1")
    order: Json = {
        "resourceType": "ServiceRequest",
        "id": "order",
        "status": "active",
        "intent": "order",
        "code": build.concept("service-item", "36"),
        "subject": build.ref("Patient", "e1"),
    }
    put(client, order)
    at = time.now() - timedelta(minutes=1)

    if by_fhir:
        put(client, {**patient, "deceasedDateTime": at.isoformat()})
    else:
        version = int(patient["meta"]["versionId"])
        done(client, "/v1/elders/e1:died", {"at": at.isoformat()}, version)

    assert states(client) == {
        "family-bed": ("closed", "finished"),
        "home-hospital-bed": ("closing", "finished"),
    }
    reasons = {b["kind"]: b["reason"] for b in read(client, "/v1/elders/e1/beds")}
    assert reasons == {"family-bed": "death", "home-hospital-bed": "died"}
    assert read(client, "/fhir/CarePlan/plan-e1")["status"] == "revoked"
    assert read(client, "/fhir/ServiceRequest/order")["status"] == "revoked"
    assert visits(client, tomorrow) == []
    assert unserved(client, tomorrow) == {"unserved.dead"}
    planned(client, STREET, after)
    assert visits(client, after) == []
    assert notices(client, "notice.died") >= {
        "RelatedPerson/daughter",
        f"Organization/{CENTRE}",
        f"Organization/{STATION}",
        f"Organization/{OFFICE}",
        *(f"PractitionerRole/{one}" for one in callers),
    }
    due = read(client, f"/v1/beds/{beds['home-hospital-bed']}")["due"]
    assert [(d["what"], d["rule_id"]) for d in due] == [
        ("close_summary", "home_bed.close_summary_hours")
    ]
    told = read(client, "/fhir/Communication?subject=Patient/e1&_summary=count")["total"]
    put(client, {**read(client, "/fhir/Patient/e1"), "active": False})
    assert read(client, "/fhir/Communication?subject=Patient/e1&_summary=count")["total"] == told
    refused = client.post(
        "/v1/beds", json={"elder": "e1", "kind": "family-bed", "organization": STATION}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "bed.dead")


def test_opening_one_bed_asks_the_other_beds_keeper_to_confirm_the_notice_in_time(
    client: TestClient,
) -> None:
    beds = both_beds(client)

    (entry,) = read(client, f"/fhir/Task?owner=Organization/{STATION}")["entry"]
    task = entry["resource"]
    assert task["focus"]["reference"] == f"EpisodeOfCare/{beds['home-hospital-bed']}"
    assert notices(client, "notice.opened") == {f"Organization/{STATION}"}
    due = datetime.fromisoformat(task["restriction"]["period"]["end"])
    assert time.now() < due < time.now() + timedelta(days=12)
    linked = {b["kind"]: b["linked"] for b in read(client, "/v1/elders/e1/beds")}
    assert linked == {
        "family-bed": [beds["home-hospital-bed"]],
        "home-hospital-bed": [beds["family-bed"]],
    }
    confirmed = done(
        client, f"/v1/notices/{task['id']}:confirm", {}, int(task["meta"]["versionId"])
    )
    assert confirmed["status"] == "completed"
