"""Whatever goes wrong under /fhir is told in the language that the client asks for."""

import json
from typing import Any

from fastapi.testclient import TestClient

FHIR = {"content-type": "application/fhir+json"}
PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:card", "value": "1"}]}
WRONG = {"resourceType": "Patient", "gender": "robot"}
ONE = "identifier=urn:card|1"


def bundle(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


ADD = {"request": {"method": "POST", "url": "Patient"}, "resource": WRONG}
REQUESTS: dict[str, tuple[str, str, Any, dict[str, str]]] = {
    "read": ("GET", "/Patient/nobody", None, {}),
    "unknown type": ("GET", "/Robot/1", None, {}),
    "version": ("GET", "/Patient/p/_history/9", None, {}),
    "history": ("GET", "/Patient/nobody/_history", None, {}),
    "count": ("GET", "/Patient?_count=many", None, {}),
    "strict": ("GET", "/Patient?colour=red", None, {"prefer": "handling=strict"}),
    "value": ("GET", "/Patient?birthdate=yesterday", None, {}),
    "system search": ("GET", "?name=x", None, {}),
    "compartment": ("GET", "/Patient/p/Organization", None, {}),
    "format": ("GET", "/Patient/p", None, {"accept": "application/fhir+xml"}),
    "create": ("POST", "/Patient", WRONG, {}),
    "other type": ("POST", "/Patient", {"resourceType": "Task"}, {}),
    "malformed": ("POST", "/Patient", '{"resourceType":', {}),
    "media type": ("POST", "/Patient", "<a/>", {"content-type": "application/xml"}),
    "conditional create, several": ("POST", "/Patient", PATIENT, {"if-none-exist": ONE}),
    "conditional create, invalid": ("POST", "/Patient", WRONG, {"if-none-exist": "_id=new"}),
    "conditional create, no criteria": ("POST", "/Patient", PATIENT, {"if-none-exist": "a"}),
    "conditional update, several": ("PUT", f"/Patient?{ONE}", PATIENT, {}),
    "conditional update, invalid": ("PUT", "/Patient?_id=new", WRONG, {}),
    "conditional delete": ("DELETE", f"/Patient?{ONE}", None, {}),
    "update": ("PUT", "/Patient/p", {**WRONG, "id": "p"}, {}),
    "no id": ("PUT", "/Patient/p", PATIENT, {}),
    "stale": ("PUT", "/Patient/p", {**PATIENT, "id": "p"}, {"if-match": 'W/"9"'}),
    "etag": ("PUT", "/Patient/p", {**PATIENT, "id": "p"}, {"if-match": "nine"}),
    "patch": ("PATCH", "/Patient/p", "[]", {}),
    "merge patch": (
        "PATCH",
        "/Patient/p",
        {"gender": "robot"},
        {"content-type": "application/merge-patch+json"},
    ),
    "transaction": ("POST", "", bundle("transaction", ADD), {}),
    "batch": ("POST", "", bundle("batch", ADD), {}),
    "no bundle": ("POST", "", PATIENT, {}),
    "validate": ("POST", "/Patient/$validate", WRONG, {}),
    "valid": ("POST", "/Patient/$validate", PATIENT, {}),
    "match": ("POST", "/Patient/$match", {"resourceType": "Task"}, {}),
    "expand": ("GET", "/ValueSet/$expand", None, {}),
    "expand what": ("GET", "/ValueSet/$expand?url=urn:none", None, {}),
    "lookup": ("GET", "/CodeSystem/$lookup", None, {}),
    "everything": ("GET", "/Patient/nobody/$everything", None, {}),
    "message": ("POST", "/$process-message", PATIENT, {}),
    "quality": ("GET", "/$data-quality", None, {}),
    "no route": ("GET", "/Patient/p/x/y/z", None, {}),
    "no method": ("DELETE", "/Patient/p/_history", None, {}),
    "said after a write": (
        "POST",
        "/Patient",
        PATIENT,
        {"prefer": "return=OperationOutcome", "if-none-exist": "identifier=urn:new|1"},
    ),
}


def texts(answer: Any) -> list[str]:
    """What every issue of an answer says, inside the answer to a batch too."""
    found: list[str] = []
    if isinstance(answer, dict):
        if answer.get("resourceType") == "OperationOutcome":
            found += [issue["details"]["text"] for issue in answer["issue"]]
        found += [text for value in answer.values() for text in texts(value)]
    elif isinstance(answer, list):
        found += [text for value in answer for text in texts(value)]
    return found


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_an_outcome_speaks_the_language_of_accept_language(client: TestClient) -> None:
    for id_ in ("p", "q"):
        client.put(f"/fhir/Patient/{id_}", json={**PATIENT, "id": id_})
    silent, mixed = [], {}
    for name, (method, path, body, headers) in REQUESTS.items():
        content = body if isinstance(body, str) or body is None else json.dumps(body)
        for language in ("en", "zh-CN"):
            sent = {**FHIR, **headers, "accept-language": language}
            if name == "said after a write":
                sent["if-none-exist"] += language
            answer = client.request(method, f"/fhir{path}", content=content, headers=sent)
            said = texts(answer.json())
            if not said:
                silent.append(name)
            if any(is_chinese(one) != (language == "zh-CN") for one in said):
                mixed[name, language] = said

    assert silent == []
    assert mixed == {}
