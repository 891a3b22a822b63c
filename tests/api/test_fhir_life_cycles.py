"""What has a life cycle of its own is changed only by those who say which version they saw."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.store import documents
from carecoord.store.engine import Database
from tests.build import BASE

SYSTEM = f"{BASE}/CodeSystem"


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"{SYSTEM}/{system}", "code": code}]}


WHO = {"reference": "Patient/p"}
REQUEST: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "id": "request",
    "status": "active",
    "intent": "order",
    "identifier": [{"system": f"{BASE}/sid/referral", "value": "R-1"}],
    "category": [concept("referral-direction", "down")],
    "code": concept("bed-kind", "home-hospital-bed"),
    "subject": WHO,
    "authoredOn": "2026-03-01T09:00:00+08:00",
    "requester": {"reference": "Organization/hospital"},
    "performer": [{"reference": "Organization/centre"}],
}
TASK: dict[str, Any] = {
    "resourceType": "Task",
    "id": "task",
    "status": "requested",
    "intent": "order",
    "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
    "focus": {"reference": "ServiceRequest/request"},
    "for": WHO,
    "requester": {"reference": "Organization/hospital"},
    "owner": {"reference": "Organization/centre"},
}
BED: dict[str, Any] = {
    "resourceType": "EpisodeOfCare",
    "id": "bed",
    "status": "planned",
    "type": [concept("bed-kind", "family-bed")],
    "patient": WHO,
    "managingOrganization": {"reference": "Organization/centre"},
}
PLAN: dict[str, Any] = {
    "resourceType": "CarePlan",
    "id": "plan",
    "status": "draft",
    "intent": "plan",
    "category": [concept("plan-category", "integrated")],
    "subject": WHO,
}
FINDING: dict[str, Any] = {
    "resourceType": "DetectedIssue",
    "id": "finding",
    "status": "preliminary",
    "code": concept("detected-issue", "duplicate.item"),
    "patient": WHO,
    "extension": [
        {"url": f"{BASE}/StructureDefinition/issue-fingerprint", "valueString": "f"},
    ],
}
SIGNED: dict[str, Any] = {
    "resourceType": "Provenance",
    "target": [{"reference": "CarePlan/plan/_history/1"}],
    "recorded": "2026-03-02T10:00:00+08:00",
    "activity": concept("activity", "plan-signed"),
    "agent": [{"who": {"display": "coordinator"}}],
}
PLACES: list[dict[str, Any]] = [
    {
        "resourceType": "Organization",
        "id": "street",
        "type": [concept("organization-kind", "street")],
        "identifier": [{"system": f"{BASE}/sid/division", "value": "990101001"}],
        "name": "街道",
    },
    {
        "resourceType": "Organization",
        "id": "centre",
        "type": [concept("organization-kind", "health-centre")],
        "name": "中心",
        "partOf": {"reference": "Organization/street"},
    },
    {"resourceType": "Organization", "id": "hospital", "name": "医院"},
    {"resourceType": "Patient", "id": "p", "name": [{"text": "王秀英"}]},
]
MANAGED = {one["resourceType"]: one for one in (TASK, REQUEST, BED, PLAN, FINDING)}


@pytest.fixture
def filled(client: TestClient, database: Database) -> Iterator[TestClient]:
    with database.write() as tx:
        for one in (*PLACES, *MANAGED.values()):
            documents.create(tx, one, id=one["id"])
        documents.create(tx, SIGNED)
    yield client


def noted(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource with a change that no rule of its own forbids."""
    return {**resource, "language": "zh-CN"}


def put(client: TestClient, body: dict[str, Any], **headers: str) -> Any:
    return client.put(f"/fhir/{body['resourceType']}/{body['id']}", json=body, headers=headers)


def test_a_managed_resource_is_changed_only_with_a_version(filled: TestClient) -> None:
    bare, patched, bundled = {}, {}, {}
    merge = {"content-type": "application/merge-patch+json"}
    for kind, one in MANAGED.items():
        place = f"{kind}/{one['id']}"
        bare[kind] = put(filled, noted(one)).status_code
        patched[kind] = filled.patch(
            f"/fhir/{place}", content='{"language":"zh-CN"}', headers=merge
        ).status_code
        entry = {"request": {"method": "PUT", "url": place}, "resource": noted(one)}
        sent = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
        bundled[kind] = filled.post("/fhir", json=sent).status_code

    assert bare == patched == bundled == dict.fromkeys(MANAGED, 428)


def test_an_old_version_is_refused_and_the_body_may_name_it(filled: TestClient) -> None:
    old, inside, newest = {}, {}, {}
    for kind, one in MANAGED.items():
        stale = noted(one) | {"meta": {"versionId": "7"}}
        inside[kind] = put(filled, stale).status_code
        old[kind] = put(filled, noted(one), **{"if-match": 'W/"7"'}).status_code
        present = filled.get(f"/fhir/{kind}/{one['id']}").json()
        newest[kind] = put(filled, noted(present)).status_code

    assert inside == old == dict.fromkeys(MANAGED, 412)
    assert newest == dict.fromkeys(MANAGED, 200)


def test_the_same_kinds_of_others_are_written_as_ordinary_clients_do(filled: TestClient) -> None:
    foreign = [
        TASK | {"id": "t", "code": {"text": "call back"}},
        REQUEST | {"id": "r"},
        BED | {"id": "b", "managingOrganization": {"reference": "Organization/hospital"}},
        PLAN | {"id": "c", "category": [{"text": "hospital"}]},
        PLAN | {"id": "sent"},
        FINDING | {"id": "d", "code": {"text": "interaction"}, "extension": [GUESS]},
    ]
    for one in foreign:
        assert put(filled, one).status_code == 201, one
        assert put(filled, noted(one)).status_code == 200, one


GUESS = {"url": "urn:x", "valueString": "y"}
