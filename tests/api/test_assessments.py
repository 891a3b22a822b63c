"""Assess once: searched, recognised, counted; disputed by others; due again."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.model import time
from carecoord.model.assessment import gb42195, ltc37
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import STREET
from tests.serving import create

RESIDENT = "urn:oid:2.16.840.1.113883.2.23.1.19.1"
NURSES = ["n1", "d1"]


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    build.store(database, *build.street())
    with TestClient(create(database, Settings(data=tmp_path), work=False)) as found:
        yield found


def best() -> dict[str, int]:
    """Full scores on both instruments: nobody needs help."""
    rules = load().on(time.today(), STREET)
    items = {**ltc37(rules).items, **gb42195(rules).items}
    return {code: max(item.scores) for code, item in items.items()}


def posted(client: TestClient, path: str, body: Any, status: int = 201) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def assessed(client: TestClient, elder: str = "e1", **more: Any) -> Any:
    """A whole interview of today as plain JSON."""
    body = {"elder": elder, "answers": best(), "assessors": NURSES, "programme": "ltci", **more}
    return posted(client, "/v1/assessments:answers", body)


def opened(client: TestClient, status: int = 201, **more: Any) -> Any:
    body = {"elder": "e1", "programme": "family-bed", **more}
    return posted(client, "/v1/assessments:open", body, status)


def burden(client: TestClient) -> Any:
    return client.get(f"/v1/streets/{STREET}/assessments:burden").json()


def days_ago(count: int) -> str:
    return (time.today() - timedelta(days=count)).isoformat()


@pytest.mark.parametrize("name", ["ltc37", "gb42195", "interview"])
def test_the_instruments_are_served_as_questionnaires(client: TestClient, name: str) -> None:
    answer = client.get(f"/fhir/Questionnaire/{name}")

    assert answer.status_code == 200
    assert answer.json()["url"].endswith(f"/Questionnaire/{name}")
    found = client.get("/fhir/Questionnaire", params={"url": answer.json()["url"]}).json()
    assert found["total"] == 1


def test_serving_again_writes_no_new_version_of_a_form(
    client: TestClient, database: Database, tmp_path: Path
) -> None:
    with TestClient(create(database, Settings(data=tmp_path), work=False)) as again:
        answer = again.get("/fhir/Questionnaire/interview/_history")

    assert answer.json()["total"] == 1


def test_plain_answers_give_both_levels_and_a_questionnaire_response(client: TestClient) -> None:
    done = assessed(client)

    assert {(one["scale"], one["level"]) for one in done["levels"]} == {
        ("LTC37", 0),
        ("GB42195", 0),
    }
    stored = client.get(f"/fhir/{done['response']['reference']}").json()
    assert stored["status"] == "completed"
    assert stored["author"] == {"reference": "PractitionerRole/n1"}
    again = client.post("/v1/assessments", json=stored)
    assert again.json()["levels"] == done["levels"]
    assert again.json()["response"]["version"] == 1


def test_every_level_lists_its_rules_document_and_whether_confirmed(client: TestClient) -> None:
    done = assessed(client)

    for level in done["levels"]:
        rules = {one["rule_id"]: one for one in level["rules"]}
        assert rules[f"{level['scale'].lower()}.assessors"]["confirmed"] is False
        assert all(one["doc_no"] and one["in_force"] for one in rules.values())
        assert level["confirmed"] is all(one["confirmed"] for one in rules.values())
        stored = client.get(f"/fhir/{level['observation']}").json()
        kept = [e for e in stored["extension"] if e["url"].endswith("/policy-rule")]
        assert len(kept) == len(rules)


def test_unfinished_answers_are_stored_and_give_no_level(client: TestClient) -> None:
    done = assessed(client, answers={"B.1.1": 4}, finished=False, assessors=[])

    assert [one["level"] for one in done["levels"]] == [None, None]
    stored = client.get(f"/fhir/{done['response']['reference']}").json()
    assert stored["status"] == "in-progress"
    found = client.get("/fhir/Observation", params={"subject": "Patient/e1"}).json()
    assert found["total"] == 0


def test_a_missing_answer_leaves_one_scale_without_a_level(client: TestClient) -> None:
    answers = best()
    del answers["a4"]

    done = assessed(client, answers=answers)

    levels = {one["scale"]: one for one in done["levels"]}
    assert (levels["LTC37"]["level"], levels["LTC37"]["missing"]) == (None, ["a4"])
    assert levels["GB42195"]["level"] == 0


def test_suggestions_count_when_the_assessor_confirms_them(client: TestClient) -> None:
    answers = {code: score for code, score in best().items() if code not in ("a1", "c1")}

    first = assessed(client, answers=answers, finished=False)
    done = assessed(client, answers=answers, confirm=["*"])

    assert {one["item"] for one in first["suggestions"]} == {"a1", "c1"}
    assert [one["level"] for one in done["levels"]] == [0, 0]


def test_fewer_assessors_than_the_pack_asks_for_are_refused(client: TestClient) -> None:
    body = {"elder": "e1", "answers": best(), "assessors": ["n1"]}

    problem = posted(client, "/v1/assessments:answers", body, 409)

    assert problem["code"] == "assessment.assessors"
    assert (problem["facts"]["named"], problem["facts"]["needed"]) == (1, 2)
    assert problem["facts"]["rule"] == "ltc37.assessors"


def test_a_valid_assessment_of_another_programme_is_offered_and_nothing_opened(
    client: TestClient,
) -> None:
    made = assessed(client)

    answer = opened(client, 200)

    assert answer["opened"] is None
    offer = answer["search"]["offer"]
    assert offer["reused_from"] == made["response"]["reference"]
    assert offer["programme"] == "ltci"
    searched = client.get("/v1/elders/e1/assessments:search").json()
    assert searched["offer"] == offer
    assert burden(client)["assessments"] == 1


def test_recognition_leaves_a_provenance_and_counts_one_saved_visit(client: TestClient) -> None:
    assessed(client)
    offer = opened(client, 200)["search"]["offer"]
    body = {"elder": "e1", "programme": "family-bed", "assessment": offer["assessment"]}

    first = posted(client, "/v1/assessments:recognise", body, 200)
    second = posted(client, "/v1/assessments:recognise", body, 200)

    assert first == second
    stored = client.get(f"/fhir/{first['provenance']}").json()
    assert stored["entity"][0]["what"]["reference"] == offer["reused_from"]
    assert first["reused_from"] == f"Observation/{offer['assessment']}"
    found = burden(client)
    assert (found["recognised"], found["saved_visits"], found["repeated"]) == (1, 1, 0)


def test_an_assessment_opened_nevertheless_counts_as_repeated(client: TestClient) -> None:
    assessed(client)

    opening = opened(client, despite="the family asks for it")

    assert opening["opened"]["status"] == "in-progress"
    found = burden(client)
    assert (found["assessments"], found["repeated"]) == (2, 1)
    assert found["repeat_assessment_rate"] == 0.5
    id_ = opening["opened"]["reference"].split("/")[1]
    done = assessed(client, assessment=id_, answers=best())
    assert done["response"]["reference"] == opening["opened"]["reference"]
    assert burden(client)["repeated"] == 1


def test_a_repeated_interview_that_comes_in_directly_counts_too(client: TestClient) -> None:
    assessed(client)
    assessed(client)

    assert (burden(client)["assessments"], burden(client)["repeated"]) == (2, 1)


def test_without_a_valid_assessment_one_is_opened(client: TestClient) -> None:
    opening = opened(client)

    assert opening["search"] == {"offer": None, "refused": [], "rules": opening["search"]["rules"]}
    assert opening["opened"]["status"] == "in-progress"
    assert burden(client)["repeat_assessment_rate"] == 0


def test_the_same_person_under_another_record_is_recognised(
    client: TestClient, database: Database
) -> None:
    number = [{"system": RESIDENT, "value": "990101194001010016"}]
    twins = [build.patient(id_, identifier=number) for id_ in ("t1", "t2")]
    build.store(database, *twins)
    assessed(client, "t1")

    offer = client.get("/v1/elders/t2/assessments:search").json()["offer"]

    assert offer is not None and offer["programme"] == "ltci"


def test_an_expired_assessment_is_not_recognised_and_the_rule_is_named(client: TestClient) -> None:
    made = assessed(client, on=days_ago(800))
    level = made["levels"][0]["observation"].split("/")[1]
    body = {"elder": "e1", "programme": "family-bed", "assessment": level}

    problem = posted(client, "/v1/assessments:recognise", body, 409)

    assert problem["code"] == "assessment.not_valid"
    assert (problem["facts"]["reason"], problem["facts"]["rule"]) == (
        "expired",
        "ltc37.valid_months",
    )
    assert {one["reason"] for one in opened(client)["search"]["refused"]} == {"expired"}


def test_a_change_of_condition_ends_recognition_and_makes_a_reassessment_due(
    client: TestClient,
) -> None:
    assessed(client, on=days_ago(30))
    posted(client, "/v1/elders/e1/changes", {"kind": "stroke", "day": days_ago(10)})

    assert {r["reason"] for r in opened(client)["search"]["refused"]} == {"changed"}
    due = client.get(f"/v1/streets/{STREET}/assessments:due").json()
    assert {(one["elder"], one["trigger"], one["due"], one["overdue"]) for one in due} == {
        ("e1", "stroke", days_ago(3), True)
    }
    assert {rule["rule_id"] for one in due for rule in one["rules"]} >= {"assessment.change_days"}


def test_a_discharge_from_hospital_is_a_change(client: TestClient, database: Database) -> None:
    assessed(client, on=days_ago(30))
    stay = {
        "resourceType": "Encounter",
        "id": "stay",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": build.ref("Patient", "e1"),
        "period": {"start": days_ago(9), "end": days_ago(2)},
    }
    build.store(database, stay)

    due = client.get(f"/v1/streets/{STREET}/assessments:due").json()

    assert {one["trigger"] for one in due} == {"hospital_discharge"}


def test_expiry_is_listed_when_its_notice_begins(client: TestClient) -> None:
    assessed(client, on=days_ago(340))

    due = client.get(f"/v1/streets/{STREET}/assessments:due").json()

    assert [(one["scale"], one["trigger"]) for one in due] == [("GB42195", "expiry")]
    later = client.get(f"/v1/streets/{STREET}/assessments:due", params={"within": 366}).json()
    assert {one["scale"] for one in later} == {"GB42195", "LTC37"}


def test_a_dispute_goes_to_other_assessors_and_stops_recognition(client: TestClient) -> None:
    made = assessed(client)
    id_ = made["response"]["reference"].split("/")[1]
    posted(client, f"/v1/assessments/{id_}:dispute", {"text": "too low"})
    ask = {"elder": "e1", "programme": "ltci", "reason": "dispute", "disputes": id_}

    assert client.get("/v1/elders/e1/assessments:search").json()["offer"] is None
    same = posted(client, "/v1/assessments:open", {**ask, "assessors": ["n1", "c1"]}, 409)
    assert same["code"] == "assessment.same_assessors"
    opening = posted(client, "/v1/assessments:open", {**ask, "assessors": ["c1", "c2"]})
    again = opening["opened"]["reference"].split("/")[1]
    done = assessed(client, assessment=again, assessors=["c1", "c2"])

    assert [one["level"] for one in done["levels"]] == [0, 0]
    task = client.get("/fhir/Task", params={"subject": "Patient/e1"}).json()["entry"][0]
    assert task["resource"]["status"] == "completed"
    offer = client.get("/v1/elders/e1/assessments:search").json()["offer"]
    assert offer["reused_from"] == opening["opened"]["reference"]
    assert burden(client)["repeated"] == 0


def test_a_decision_under_a_replaced_row_keeps_saying_so(
    client: TestClient, tmp_path: Path
) -> None:
    made = assessed(client, on=days_ago(20))
    app: Any = client.app
    path = tmp_path / "street.toml"
    path.write_text(
        f'''format = 1
pack = "street"
jurisdiction = "{STREET}"
zh = "街道"
en = "street"
[[document]]
doc_no = "1"
valid_from = {days_ago(5)}
[[document.rule]]
rule_id = "gb42195.valid_months"
mark = "V"
zh = "间隔"
en = "Interval"
value = 6
''',
        encoding="utf-8",
    )
    app.state.packs = load(path)
    id_ = made["response"]["reference"].split("/")[1]

    kept = client.get(f"/v1/assessments/{id_}").json()

    rows = {r["rule_id"]: r for one in kept["levels"] for r in one["rules"]}
    assert rows["gb42195.valid_months"]["jurisdiction"] == "CN"
    assert rows["gb42195.valid_months"]["in_force"] is False
    assert rows["gb42195.assessors"]["in_force"] is True
    gb = next(one for one in kept["levels"] if one["scale"] == "GB42195")
    assert date.fromisoformat(gb["valid_until"]) > time.today() + timedelta(days=300)
    offer = client.get("/v1/elders/e1/assessments:search").json()
    assert {
        r["jurisdiction"] for r in offer["rules"] if r["rule_id"] == "gb42195.valid_months"
    } == {STREET}


def test_withdrawn_consent_stops_recognition(client: TestClient, database: Database) -> None:
    assessed(client)
    offer = opened(client, 200)["search"]["offer"]
    withdrawn = {
        "resourceType": "Consent",
        "id": "consent",
        "status": "inactive",
        "scope": {"text": "privacy"},
        "category": [{"text": "sharing"}],
        "patient": build.ref("Patient", "e1"),
        "policy": [{"uri": "https://carecoord.example/consent"}],
    }
    build.store(database, withdrawn)
    body = {"elder": "e1", "programme": "family-bed", "assessment": offer["assessment"]}

    problem = posted(client, "/v1/assessments:recognise", body, 409)

    assert (problem["code"], problem["facts"]["rule"]) == (
        "consent.withdrawn",
        "privacy.sharing_consent",
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"programme": "gym"}, "assessment.programme"),
        ({"programme": "ltci", "reason": "whim"}, "assessment.reason"),
        ({"programme": "ltci", "reason": "dispute"}, "assessment.no_dispute"),
        ({"programme": "ltci", "assessors": ["nobody"]}, "document.missing"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_a_code(
    client: TestClient, body: dict[str, Any], code: str
) -> None:
    answer = client.post("/v1/assessments:open", json={"elder": "e1", **body})

    assert answer.status_code in (400, 404, 409)
    assert answer.json()["code"] == code


def test_an_interview_entered_in_error_takes_its_levels_back(client: TestClient) -> None:
    made = assessed(client)
    stored = client.get(f"/fhir/{made['response']['reference']}").json()

    client.post("/v1/assessments", json={**stored, "status": "entered-in-error"})

    assert client.get("/v1/elders/e1/assessments:search").json()["offer"] is None
    level = client.get(f"/fhir/{made['levels'][0]['observation']}").json()
    assert level["status"] == "entered-in-error"


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"answers": {"B.9.9": 1}}, "assessment.item_unknown", "B.9.9"),
        ({"answers": {"B.1.1": 9}}, "assessment.off_ladder", "B.1.1"),
        ({"confirm": ["a1"]}, "assessment.not_suggested", "a1"),
        ({"diagnoses": [{"code": "dementia"}]}, "assessment.icd", "diagnosis.code"),
        ({"programme": "ltci", "assessors": ["ghost", "n1"]}, "document.missing", ""),
        ({"on": "2199-01-01"}, "assessment.authored", "QuestionnaireResponse.authored"),
        ({"assessment": "no-such"}, "document.missing", ""),
    ],
)
def test_answers_that_cannot_be_are_refused_with_the_place(
    client: TestClient, more: dict[str, Any], code: str, field: str
) -> None:
    body = {"elder": "e1", "answers": best(), "assessors": NURSES, **more}

    answer = client.post("/v1/assessments:answers", json=body)

    assert answer.status_code in (400, 404)
    assert (answer.json()["code"], answer.json().get("field", "")) == (code, field)


def test_a_diagnosis_and_care_risks_make_the_level_worse_as_the_pack_says(
    client: TestClient,
) -> None:
    falls = [{"kind": "fall", "day": days_ago(n)} for n in (3, 9)]

    done = assessed(client, diagnoses=[{"code": "F00.1"}], risk_events=falls)

    gb = next(one for one in done["levels"] if one["scale"] == "GB42195")
    assert (gb["level"], gb["changes"]) == (1, ["diagnosis", "risk"])
    assert {"gb42195.change.diagnosis", "gb42195.gb_stack"} <= {
        rule["rule_id"] for rule in gb["rules"]
    }


def test_an_answer_form_opened_for_one_person_is_not_filled_for_another(
    client: TestClient,
) -> None:
    id_ = opened(client)["opened"]["reference"].split("/")[1]
    body = {"elder": "e2", "answers": best(), "assessors": NURSES, "assessment": id_}

    assert posted(client, "/v1/assessments:answers", body, 404)["code"] == "assessment.other_elder"


def test_a_finished_interview_does_not_become_unfinished(client: TestClient) -> None:
    made = assessed(client)
    stored = client.get(f"/fhir/{made['response']['reference']}").json()

    answer = client.post("/v1/assessments", json={**stored, "status": "in-progress"})

    assert (answer.status_code, answer.json()["code"]) == (409, "assessment.closed")
