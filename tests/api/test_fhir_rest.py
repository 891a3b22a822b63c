"""FHIR over HTTP: what is sent comes back, versions are kept, failures are OperationOutcomes."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

PATIENT = {
    "resourceType": "Patient",
    "identifier": [{"system": "urn:card", "value": "1"}],
    "name": [{"text": "王秀英"}],
}
FHIR = {"content-type": "application/fhir+json"}


def code(response: Any) -> str:
    """Code of the first issue."""
    body = response.json()
    assert body["resourceType"] == "OperationOutcome", body
    assert body["issue"][0]["details"]["text"]
    return str(body["issue"][0]["details"]["coding"][0]["code"])


def test_a_created_resource_is_read_back_with_every_digit(client: TestClient) -> None:
    text = (
        '{"resourceType":"Observation","status":"final","code":{"text":"t"},'
        '"effectiveInstant":"2024-02-29T10:00:00.715Z",'
        '"valueQuantity":{"value":0.40,"unit":"mmol/L"}}'
    )
    made = client.post("/fhir/Observation", content=text, headers=FHIR)
    assert made.status_code == 201
    location = made.headers["location"]
    assert location.endswith("/_history/1")
    assert made.headers["etag"] == 'W/"1"'

    found = client.get(location.removesuffix("/_history/1"))
    assert '"value":0.40' in found.text
    assert '"2024-02-29T10:00:00.715Z"' in found.text
    assert found.headers["content-type"].startswith("application/fhir+json")
    assert client.get(location).text == found.text == made.text


def test_an_update_needs_the_version_it_names(client: TestClient) -> None:
    client.put("/fhir/Patient/p", json={**PATIENT, "id": "p"})
    changed = {**PATIENT, "id": "p", "gender": "female"}

    second = client.put("/fhir/Patient/p", json=changed, headers={"if-match": 'W/"1"'})
    assert (second.status_code, second.headers["etag"]) == (200, 'W/"2"')

    third = client.put("/fhir/Patient/p", json=PATIENT | {"id": "p"}, headers={"if-match": 'W/"1"'})
    assert (third.status_code, code(third)) == (412, "document.moved")


def test_a_deleted_resource_is_gone_and_its_history_stays(client: TestClient) -> None:
    client.put("/fhir/Patient/p", json={**PATIENT, "id": "p"})
    assert client.delete("/fhir/Patient/p").status_code == 204

    gone = client.get("/fhir/Patient/p")
    assert (gone.status_code, code(gone)) == (410, "document.gone")
    assert client.get("/fhir/Patient/p/_history/1").status_code == 200
    history = client.get("/fhir/Patient/p/_history").json()
    assert [e["request"]["method"] for e in history["entry"]] == ["DELETE", "PUT"]
    assert client.delete("/fhir/Patient/p").status_code == 204


def test_a_client_with_the_newest_version_gets_304(client: TestClient) -> None:
    client.put("/fhir/Patient/p", json={**PATIENT, "id": "p"})

    assert client.get("/fhir/Patient/p", headers={"if-none-match": 'W/"1"'}).status_code == 304
    assert client.get("/fhir/Patient/p", headers={"if-none-match": 'W/"0"'}).status_code == 200


def test_a_conditional_create_stores_one(client: TestClient) -> None:
    condition = {"if-none-exist": "identifier=urn:card|1"}
    first = client.post("/fhir/Patient", json=PATIENT, headers=condition)
    second = client.post("/fhir/Patient", json=PATIENT, headers=condition)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["location"] == second.headers["location"]


def test_a_conditional_update_and_delete_find_their_resource(client: TestClient) -> None:
    made = client.put("/fhir/Patient?identifier=urn:card|1", json=PATIENT)
    again = client.put("/fhir/Patient?identifier=urn:card|1", json=PATIENT | {"gender": "male"})

    assert (made.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == made.json()["id"]
    assert client.delete("/fhir/Patient?identifier=urn:card|1").status_code == 204
    assert client.get(f"/fhir/Patient/{made.json()['id']}").status_code == 410


def test_a_refused_conditional_request_speaks_of_what_was_sent(client: TestClient) -> None:
    faulty = client.post(
        "/fhir/Patient", json=PATIENT | {"gender": "x"}, headers={"if-none-exist": "identifier=a|b"}
    )
    vague = client.delete("/fhir/Patient")

    assert faulty.json()["issue"][0]["expression"] == ["Patient.gender"]
    assert vague.status_code == 400
    assert vague.json()["issue"][0]["expression"] == ["url"]


@pytest.mark.parametrize(("wanted", "length"), [("minimal", 0), ("representation", None)])
def test_the_answer_to_a_write_is_as_long_as_preferred(
    client: TestClient, wanted: str, length: int | None
) -> None:
    made = client.post("/fhir/Patient", json=PATIENT, headers={"prefer": f"return={wanted}"})

    assert made.status_code == 201
    assert length is None or len(made.content) == length


def test_a_transaction_answers_each_entry(client: TestClient) -> None:
    sent = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": PATIENT, "request": {"method": "POST", "url": "Patient"}}],
    }
    done = client.post("/fhir", json=sent)

    assert done.status_code == 200
    assert done.json()["entry"][0]["response"]["status"] == "201 Created"


def test_a_faulty_transaction_names_the_entry_and_stores_nothing(client: TestClient) -> None:
    sent = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": PATIENT, "request": {"method": "POST", "url": "Patient"}},
            {
                "resource": {"resourceType": "Patient", "birthDate": "1940-13-01"},
                "request": {"method": "POST", "url": "Patient"},
            },
        ],
    }
    refused = client.post("/fhir", json=sent)

    assert refused.status_code == 400
    assert refused.json()["issue"][0]["expression"] == ["Bundle.entry[1].resource.birthDate"]
    assert client.get("/fhir/Patient").json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "status", "wanted"),
    [
        ("{", 400, "json.syntax"),
        ("[]", 400, "json.object"),
        ('{"resourceType":"Patient","active":NaN}', 400, "json.number"),
        ('{"resourceType":"Patient","active":true,"active":true}', 400, "json.duplicate"),
        ('{"resourceType":"Patient","name":[]}', 400, "json.empty"),
        ('{"resourceType":"Patient","gender":null}', 400, "json.null"),
        ('{"resourceType":"Patient","gender":"\\ud800"}', 400, "json.text"),
        ('{"a":' * 3000 + "1" + "}" * 3000, 400, "json.depth"),
        ('{"resourceType":"Task"}', 400, "document.type"),
        ("{}", 400, "json.empty"),
    ],
)
def test_a_faulty_body_is_answered_with_its_fault(
    client: TestClient, body: str, status: int, wanted: str
) -> None:
    refused = client.post("/fhir/Patient", content=body, headers=FHIR)

    assert (refused.status_code, code(refused)) == (status, wanted)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "wanted"),
    [
        ("GET", "/fhir/Wizard/1", {}, 404, "fhir.type_unknown"),
        ("GET", "/fhir/Patient/none", {}, 404, "document.missing"),
        ("GET", "/fhir/Patient/none/_history", {}, 404, "document.missing"),
        ("GET", "/fhir/Patient/none/_history/x", {}, 404, "document.version"),
        ("GET", "/fhir/Patient", {"accept": "application/fhir+xml"}, 406, "http.format"),
        ("POST", "/fhir/Patient", {"content-type": "text/plain"}, 415, "http.content_type"),
        ("GET", "/fhir/a/b/c/d/e", {}, 404, "http.not_found"),
        ("TRACE", "/fhir/Patient", {}, 405, "http.method"),
        ("PUT", "/fhir/Patient/p", {"if-match": "what"}, 400, "fhir.etag"),
        ("GET", "/fhir", {}, 400, "search.types"),
    ],
)
def test_an_impossible_request_is_answered_with_its_fault(
    client: TestClient, method: str, path: str, headers: dict[str, str], status: int, wanted: str
) -> None:
    refused = client.request(method, path, headers=headers)

    assert (refused.status_code, code(refused)) == (status, wanted)


def test_a_body_beyond_the_limit_is_refused(client: TestClient, application: FastAPI) -> None:
    application.state.body_limit = 100
    refused = client.post("/fhir/Patient", content=json.dumps(PATIENT) + " " * 100, headers=FHIR)

    assert (refused.status_code, code(refused)) == (413, "http.too_large")


def test_a_failure_is_told_in_the_language_asked_for(client: TestClient) -> None:
    english = client.get("/fhir/Patient/none", headers={"accept-language": "en-GB,en"})
    chinese = client.get("/fhir/Patient/none", headers={"accept-language": "zh-CN"})

    assert english.json()["issue"][0]["details"] != chinese.json()["issue"][0]["details"]


def test_the_capability_statement_names_every_type_once(client: TestClient) -> None:
    said = client.get("/fhir/metadata").json()
    types = [r["type"] for r in said["rest"][0]["resource"]]

    assert said["fhirVersion"] == "4.0.1"
    assert len(types) == len(set(types)) == 146
