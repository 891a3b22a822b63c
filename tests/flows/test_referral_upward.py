"""What is measured at home proposes a referral with its pack; the stay and follow-up after it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from carecoord.fhir import referrals as papers
from carecoord.flows import hospital, record, referral, upward
from carecoord.model import time
from carecoord.model.ids import ElderId, ReferralId
from carecoord.store import clocks, documents
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, CENTRE

E1 = ElderId("e1")


@pytest.fixture
def street(database: Database) -> Iterator[Database]:
    elder = build.patient("e1", 1, 1, managed_by=CENTRE)
    build.store(
        database,
        *build.organizations(),
        build.organization("hospital", "hospital"),
        elder,
        build.care_plan("plan-e1", "e1", build.detail()),
        {
            "resourceType": "AllergyIntolerance",
            "id": "a1",
            "patient": build.ref("Patient", "e1"),
            "code": {"text": "青霉素"},
            "clinicalStatus": {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/"
                        "allergyintolerance-clinical",
                        "code": "active",
                    }
                ]
            },
        },
    )
    yield database


def pressure(sbp: int, hours: float = 0.1, id: str = "bp") -> dict[str, Any]:  # noqa: A002
    def part(code: str, value: int) -> dict[str, Any]:
        return {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value, "unit": "mmHg"},
        }

    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        "subject": build.ref("Patient", "e1"),
        "effectiveDateTime": (time.now() - timedelta(hours=hours)).isoformat(timespec="seconds"),
        "component": [part("8480-6", sbp), part("8462-4", 80)],
    }


def sign(code: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"sign-{code.replace('_', '-')}",
        "status": "final",
        "code": build.concept("referral-sign", code),
        "subject": build.ref("Patient", "e1"),
        "effectiveDateTime": time.now().isoformat(timespec="seconds"),
        "valueBoolean": True,
    }


def put(tx: Tx, resource: dict[str, Any]) -> None:
    record.update(tx, BOSS, resource["resourceType"], resource["id"], build.read(resource))


def test_a_critical_pressure_proposes_one_referral_with_its_pack(street: Database) -> None:
    with street.write() as tx:
        put(tx, pressure(185))
        put(tx, pressure(190, id="bp2"))
        (task,) = [t for t in documents.find(tx, "Task") if papers.is_referral(t.resource)]
        request = referral.request_of(tx, task).resource
        pack = documents.read(
            tx, "Bundle", task.resource["input"][0]["valueReference"]["reference"].split("/")[1]
        ).resource

    assert (task.resource["status"], request["priority"]) == ("draft", "urgent")
    assert request["reasonCode"][0]["coding"][0]["code"] == "U2"
    assert pack["type"] == "document"
    kinds = [e["resource"]["resourceType"] for e in pack["entry"]]
    assert kinds[0] == "Composition"
    assert {"Patient", "CarePlan", "Observation", "AllergyIntolerance"} <= set(kinds)
    titles = [s["title"] for s in pack["entry"][0]["resource"]["section"]]
    assert len(titles) == 9


def test_a_sign_beside_it_makes_the_same_proposal_an_emergency(street: Database) -> None:
    with street.write() as tx:
        put(tx, pressure(185))
        put(tx, sign("chest_pain"))
        (task,) = [t for t in documents.find(tx, "Task") if papers.is_referral(t.resource)]
        request = referral.request_of(tx, task).resource

    assert (request["priority"], task.resource["priority"]) == ("stat", "stat")


def report(status: str = "final") -> dict[str, Any]:
    """A laboratory's report: a glucose that it contains, and what it concludes."""
    glucose = {
        "resourceType": "Observation",
        "id": "glucose",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "1558-6"}]},
        "valueQuantity": {"value": 17.2, "unit": "mmol/L"},
    }
    return {
        "resourceType": "DiagnosticReport",
        "id": "lab",
        "status": status,
        "contained": [glucose],
        "code": {"text": "空腹血糖"},
        "subject": build.ref("Patient", "e1"),
        "issued": time.now().isoformat(timespec="seconds"),
        "result": [{"reference": "#glucose"}],
        "conclusionCode": [build.concept("referral-sign", "ketotic_breath")],
    }


def test_a_report_proposes_by_what_it_contains_and_concludes(street: Database) -> None:
    with street.write() as tx:
        put(tx, report("preliminary"))
        early = upward.opened(tx, E1)
        put(tx, report())
        task = upward.opened(tx, E1)
        assert early is None
        assert task is not None
        request = referral.request_of(tx, task).resource

    assert request["priority"] == "stat"
    assert [r["coding"][0]["code"] for r in request["reasonCode"]] == ["U3"]


@pytest.mark.parametrize("given", [pressure(179), pressure(200, hours=30)])
def test_what_is_normal_or_old_proposes_nothing(street: Database, given: dict[str, Any]) -> None:
    with street.write() as tx:
        put(tx, given)
        tasks = [t for t in documents.find(tx, "Task") if papers.is_referral(t.resource)]

    assert tasks == []


def test_admission_stops_visits_and_the_return_starts_the_follow_up(street: Database) -> None:
    with street.write() as tx:
        put(tx, pressure(185))
        draft = upward.opened(tx, E1)
        assert draft is not None
        id_ = ReferralId(draft.id)
        sent = upward.send(tx, BOSS, id_, "hospital", expected=draft.version)
        assert papers.owner(sent.resource) == "hospital"
        version = sent.version
        for to in ("accepted", "in-progress"):
            body = documents.read(tx, "Task", id_).resource | {"status": to}
            version = record.update(
                tx, BOSS, "Task", id_, build.read(body), expected=version
            ).document.version
        inside = hospital.stays(tx, E1)
        body = documents.read(tx, "Task", id_).resource | {
            "status": "completed",
            "output": [papers.output("feedback", text="血压平稳，继续观察")],
        }
        record.update(tx, BOSS, "Task", id_, build.read(body), expected=version)
        home = hospital.stays(tx, E1)
        limits = {c.kind: c.state for c in clocks.of_task(tx, id_)}

    assert [one.present for one in inside] == [True]
    assert [one.present for one in home] == [False]
    assert limits == {"accept": "met", "feedback": "met", "follow-up": "running"}
