"""Patches, operations, compartments and summaries do what FHIR says of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "identifier": [{"system": "urn:card", "value": "1"}],
    "name": [{"text": "王秀英", "given": ["秀英"], "family": "王"}],
    "telecom": [{"system": "phone", "value": "138 0013 8000"}],
    "birthDate": "1940-05-01",
    "managingOrganization": {"reference": "Organization/o"},
}
OTHERS: list[dict[str, Any]] = [
    {"resourceType": "Organization", "id": "o", "name": "站点"},
    {
        "resourceType": "Observation",
        "id": "x",
        "status": "final",
        "code": {"text": "t"},
        "subject": {"reference": "Patient/p"},
    },
    {
        "resourceType": "Observation",
        "id": "other",
        "status": "final",
        "code": {"text": "t"},
        "subject": {"reference": "Patient/q"},
    },
    {
        "resourceType": "CarePlan",
        "id": "whole",
        "status": "active",
        "intent": "plan",
        "subject": {"reference": "Patient/p"},
        "goal": [{"reference": "Goal/g"}],
    },
    {
        "resourceType": "CarePlan",
        "id": "part",
        "status": "active",
        "intent": "plan",
        "subject": {"reference": "Patient/p"},
        "partOf": [{"reference": "CarePlan/whole"}],
    },
    {
        "resourceType": "Goal",
        "id": "g",
        "lifecycleStatus": "active",
        "description": {"text": "walk"},
        "subject": {"reference": "Patient/p"},
    },
    {
        "resourceType": "CodeSystem",
        "id": "c",
        "url": "urn:test:colours",
        "name": "Colours",
        "status": "active",
        "content": "complete",
        "concept": [
            {
                "code": "r",
                "display": "red",
                "designation": [{"language": "zh-CN", "value": "红"}],
            },
            {"code": "g", "display": "green"},
        ],
    },
    {
        "resourceType": "ValueSet",
        "id": "v",
        "url": "urn:test:some",
        "status": "active",
        "compose": {"include": [{"system": "urn:test:colours"}]},
    },
]


@pytest.fixture
def filled(client: TestClient) -> Iterator[TestClient]:
    """A server with a patient and what belongs to them."""
    entries = [
        {"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}}
        for r in (PATIENT, *OTHERS)
    ]
    sent = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert client.post("/fhir", json=sent).status_code == 200
    yield client


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.text
    return [e["resource"]["id"] for e in response.json().get("entry", [])]


JSON_PATCH = {"content-type": "application/json-patch+json"}
MERGE_PATCH = {"content-type": "application/merge-patch+json"}


def test_a_json_patch_changes_what_it_names(filled: TestClient) -> None:
    steps = [
        {"op": "test", "path": "/birthDate", "value": "1940-05-01"},
        {"op": "add", "path": "/gender", "value": "female"},
        {"op": "add", "path": "/name/0/given/-", "value": "英"},
        {"op": "replace", "path": "/name/0/text", "value": "王英"},
        {"op": "copy", "from": "/name/0", "path": "/name/1"},
        {"op": "move", "from": "/name/1", "path": "/name/0"},
        {"op": "remove", "path": "/telecom"},
    ]
    patched = filled.patch("/fhir/Patient/p", json=steps, headers=JSON_PATCH)

    assert patched.status_code == 200, patched.text
    assert patched.headers["etag"] == 'W/"2"'
    assert patched.json()["name"][0]["given"] == ["秀英", "英"]
    assert patched.json()["gender"] == "female"
    assert "telecom" not in patched.json()


def test_a_merge_patch_takes_away_what_is_null(filled: TestClient) -> None:
    patch = {"gender": "female", "telecom": None, "maritalStatus": {"text": "丧偶"}}
    patched = filled.patch("/fhir/Patient/p", json=patch, headers=MERGE_PATCH)

    assert patched.status_code == 200
    assert patched.json()["maritalStatus"] == {"text": "丧偶"}
    assert "telecom" not in patched.json()


@pytest.mark.parametrize(
    ("steps", "headers", "status"),
    [
        ([{"op": "test", "path": "/birthDate", "value": "1941"}], JSON_PATCH, 409),
        ([{"op": "remove", "path": "/colour"}], JSON_PATCH, 400),
        ([{"op": "add", "path": "/name/9", "value": {}}], JSON_PATCH, 400),
        ([{"op": "jump", "path": "/name"}], JSON_PATCH, 400),
        ([{"op": "add", "path": "/gender", "value": "woman"}], JSON_PATCH, 400),
        ([{"op": "add", "path": "/gender", "value": None}], JSON_PATCH, 400),
        ([{"op": "replace", "path": "/id", "value": "z"}], JSON_PATCH, 400),
        ({"op": "add"}, JSON_PATCH, 400),
        ([], MERGE_PATCH, 400),
        ({}, {"content-type": "application/json"}, 415),
    ],
)
def test_a_patch_that_cannot_be_applied_changes_nothing(
    filled: TestClient, steps: Any, headers: dict[str, str], status: int
) -> None:
    assert filled.patch("/fhir/Patient/p", json=steps, headers=headers).status_code == status
    assert filled.get("/fhir/Patient/p").headers["etag"] == 'W/"1"'


def test_a_patch_for_an_old_version_is_refused(filled: TestClient) -> None:
    headers = MERGE_PATCH | {"if-match": 'W/"7"'}

    assert (
        filled.patch("/fhir/Patient/p", json={"gender": "male"}, headers=headers).status_code == 412
    )


def test_validate_judges_without_storing(filled: TestClient) -> None:
    good = filled.post("/fhir/Patient/$validate", json=PATIENT)
    bad = filled.post("/fhir/Patient/$validate", json=PATIENT | {"gender": "woman"})
    wrapped = {
        "resourceType": "Parameters",
        "parameter": [{"name": "resource", "resource": PATIENT | {"birthDate": "x"}}],
    }

    assert good.json()["issue"][0]["severity"] == "information"
    assert bad.status_code == 200
    assert bad.json()["issue"][0]["expression"] == ["Patient.gender"]
    assert filled.post("/fhir/Patient/$validate", json=wrapped).json()["issue"][0][
        "expression"
    ] == ["Patient.birthDate"]
    assert filled.get("/fhir/Patient/p/$validate").json()["issue"][0]["severity"] == "information"
    assert filled.get("/fhir/Patient/p").headers["etag"] == 'W/"1"'


def test_validate_asks_for_a_profile(filled: TestClient) -> None:
    profile = "http://hl7.org/fhir/StructureDefinition/bodyweight"
    asked = filled.get("/fhir/Observation/x/$validate", params={"profile": profile}).json()

    assert "fhir.profile_min" in [i["details"]["coding"][0]["code"] for i in asked["issue"]]


def test_everything_of_a_patient_comes_with_what_it_refers_to(filled: TestClient) -> None:
    assert set(ids(filled.get("/fhir/Patient/p/$everything"))) == {
        "p",
        "x",
        "whole",
        "part",
        "g",
        "o",
    }
    assert set(ids(filled.get("/fhir/Patient/p/$everything?_type=Goal"))) == {"p", "g", "o"}
    assert filled.get("/fhir/Patient/nobody/$everything").status_code == 404


def test_everything_of_a_plan_has_its_parts(filled: TestClient) -> None:
    assert set(ids(filled.get("/fhir/CarePlan/whole/$everything"))) == {"whole", "part", "g", "p"}


@pytest.mark.parametrize(
    ("described", "grade"),
    [
        ({"identifier": [{"system": "urn:card", "value": "1"}]}, "certain"),
        (
            {
                "name": [{"family": "王", "given": ["秀英"]}],
                "birthDate": "1940-05-01",
                "telecom": [{"value": "13800138000"}],
            },
            "probable",
        ),
        ({"name": [{"text": "王 秀英"}], "birthDate": "1940-05-01"}, "possible"),
    ],
)
def test_likely_duplicates_are_graded(
    filled: TestClient, described: dict[str, Any], grade: str
) -> None:
    sent = {
        "resourceType": "Parameters",
        "parameter": [{"name": "resource", "resource": {"resourceType": "Patient", **described}}],
    }
    found = filled.post("/fhir/Patient/$match", json=sent).json()

    assert [e["search"]["extension"][0]["valueCode"] for e in found["entry"]] == [grade]


def test_a_stranger_matches_nobody(filled: TestClient) -> None:
    stranger = {"resourceType": "Patient", "name": [{"text": "李"}], "birthDate": "1940-05-01"}

    assert filled.post("/fhir/Patient/$match", json=stranger).json()["total"] == 0


def test_a_value_set_is_expanded_in_the_language_asked_for(filled: TestClient) -> None:
    by_url = filled.get("/fhir/ValueSet/$expand", params={"url": "urn:test:some"}).json()
    chinese = filled.get("/fhir/ValueSet/v/$expand?displayLanguage=zh-CN&filter=r&count=1").json()

    assert [c["display"] for c in by_url["expansion"]["contains"]] == ["red", "green"]
    assert chinese["expansion"]["contains"] == [
        {"system": "urn:test:colours", "code": "r", "display": "红"}
    ]
    assert filled.get("/fhir/ValueSet/$expand?url=urn:nobody").status_code == 404
    assert filled.get("/fhir/ValueSet/$expand").status_code == 400


def test_a_code_is_looked_up(filled: TestClient) -> None:
    found = filled.get("/fhir/CodeSystem/$lookup?system=urn:test:colours&code=g").json()

    assert {"name": "display", "valueString": "green"} in found["parameter"]
    assert filled.get("/fhir/CodeSystem/$lookup?system=urn:test:colours&code=x").status_code == 404


def test_a_profile_that_was_posted_takes_effect(filled: TestClient) -> None:
    profile = {
        "resourceType": "StructureDefinition",
        "url": "urn:test:coloured",
        "name": "Coloured",
        "status": "active",
        "kind": "resource",
        "abstract": False,
        "type": "Basic",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Basic",
        "derivation": "constraint",
        "snapshot": {
            "element": [
                {
                    "id": "Basic",
                    "path": "Basic",
                    "definition": "x",
                    "min": 0,
                    "max": "*",
                    "base": {"path": "Basic", "min": 0, "max": "*"},
                },
                {
                    "id": "Basic.code",
                    "path": "Basic.code",
                    "definition": "x",
                    "min": 1,
                    "max": "1",
                    "base": {"path": "Basic.code", "min": 1, "max": "1"},
                    "type": [{"code": "CodeableConcept"}],
                    "binding": {"strength": "required", "valueSet": "urn:test:some"},
                },
            ]
        },
    }
    made = filled.post("/fhir/StructureDefinition", json=profile)
    assert made.status_code == 201, made.text

    def basic(code: str) -> dict[str, Any]:
        return {
            "resourceType": "Basic",
            "meta": {"profile": ["urn:test:coloured"]},
            "code": {"coding": [{"system": "urn:test:colours", "code": code}]},
        }

    assert filled.post("/fhir/Basic", json=basic("r")).status_code == 201
    assert filled.post("/fhir/Basic", json=basic("blue")).status_code == 400


def test_a_patients_compartment_holds_only_what_is_theirs(filled: TestClient) -> None:
    assert ids(filled.get("/fhir/Patient/p/Observation")) == ["x"]
    assert ids(filled.get("/fhir/Patient/p/Observation?status=cancelled")) == []
    assert set(ids(filled.get("/fhir/Patient/p/*"))) == {"x", "whole", "part", "g"}
    assert filled.get("/fhir/Patient/p/ValueSet").status_code == 400


def test_a_summary_shows_what_is_marked(filled: TestClient) -> None:
    shown = filled.get("/fhir/CarePlan?_id=whole&_summary=true").json()["entry"][0]["resource"]

    assert "goal" not in shown
    assert {"status", "intent", "subject"} <= set(shown)


def test_references_to_what_is_not_here_are_listed(filled: TestClient) -> None:
    listed = filled.get("/fhir/$data-quality").json()["issue"]

    assert [(i["severity"], i["expression"][0]) for i in listed] == [
        ("warning", "Observation/other")
    ]
    filled.put("/fhir/Patient/q", json={"resourceType": "Patient", "id": "q"})
    assert filled.get("/fhir/$data-quality").json()["issue"][0]["severity"] == "information"
