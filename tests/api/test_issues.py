"""Issues of a street and records that may be one person, over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import STREET
from tests.serving import create

Json = dict[str, Any]
BASE = f"/v1/streets/{STREET}"


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    window = build.window("07:00:00", "10:00:00")
    tasks = [
        build.detail("6", window, build.own("programme", valueCode=one))
        for one in ("ltci", "family-bed")
    ]
    known = {
        "name": [{"text": "王秀英"}],
        "telecom": [{"system": "phone", "value": "19900001234"}],
    }
    build.store(
        database,
        *build.street(),
        build.patient("a1", 3, 3, **known),
        build.patient("b1", 3, 3, **known),
    )
    build.store(database, build.care_plan("plan-e1", "e1", *tasks))
    with TestClient(create(database, Settings(data=tmp_path), work=False)) as found:
        found.headers["accept-language"] = "en"
        yield found


def listed(client: TestClient, **query: Any) -> Json:
    answer = client.get(f"{BASE}/issues", params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def decide(
    client: TestClient, issue: Json, deed: str, body: Json, version: int | None = None
) -> Any:
    match = {"If-Match": f'W/"{version or issue["version"]}"'}
    return client.post(f"{BASE}/issues/{issue['id']}:{deed}", json=body, headers=match)


def test_issues_are_listed_with_counts_and_filtered_in_either_language(client: TestClient) -> None:
    both = listed(client)
    bath = listed(client, code="duplicate.item")
    chinese = listed(client, code="duplicate.item", lang="zh-CN")

    assert both["codes"] == {"duplicate.item": 1, "duplicate.person": 1}
    assert both["states"] == {"open": 2}
    assert bath["total"] == 1
    assert bath["issues"][0]["text"] == (
        "Bath or shower is planned twice, by family bed and by long-term care insurance "
        "(within 3 days; 0: the same day, overlapping windows)."
    )
    assert "沐浴" in chinese["issues"][0]["text"]
    assert "家庭养老床位" in chinese["issues"][0]["text"]
    assert listed(client, elder="e1")["total"] == 1
    assert listed(client, severity="high")["total"] == 0
    assert listed(client, state="closed")["total"] == 0
    assert listed(client, limit=1)["total"] == 2


def test_one_issue_shows_evidence_the_rows_that_decided_and_where_to_look(
    client: TestClient,
) -> None:
    (one,) = listed(client, code="duplicate.item")["issues"]
    answer = client.get(f"{BASE}/issues/{one['id']}")
    found = answer.json()

    assert answer.headers["ETag"] == f'W/"{found["version"]}"'
    assert found["evidence"][0]["documents"] == ["CarePlan/plan-e1"]
    assert client.get(f"/fhir/{found['evidence'][0]['documents'][0]}").status_code == 200
    assert found["rules"][0]["rule_id"] == "detect.same_item_days"
    assert found["rules"][0]["confirmed"] is False
    stored = client.get(f"/fhir/DetectedIssue/{one['id']}").json()
    assert stored["patient"] == {"reference": "Patient/e1"}
    assert client.get("/fhir/DetectedIssue?patient=Patient/e1").json()["total"] == 1


def test_an_issue_is_acknowledged_and_resolved_and_its_history_kept(client: TestClient) -> None:
    (one,) = listed(client, code="duplicate.item")["issues"]
    seen = decide(client, one, "acknowledge", {"note": "calling the station"})
    assert seen.status_code == 200, seen.text
    done = decide(client, seen.json(), "resolve", {"action": "one bath only"})

    assert done.json()["state"] == "resolved"
    assert [h["action"] for h in done.json()["history"]] == ["acknowledged", "resolved"]
    assert listed(client, code="duplicate.item")["total"] == 0
    again = client.post(f"{BASE}/issues:detect").json()
    assert (again["opened"], again["reopened"], again["closed"]) == (0, 0, 0)
    mitigation = client.get(f"/fhir/DetectedIssue/{one['id']}").json()["mitigation"]
    assert [m["action"]["coding"][0]["code"] for m in mitigation] == ["acknowledged", "resolved"]


def test_decisions_that_cannot_be_are_refused_with_coded_problems(client: TestClient) -> None:
    (one,) = listed(client, code="duplicate.item")["issues"]
    path = f"{BASE}/issues/{one['id']}"
    missing = client.post(f"{path}:dismiss", json={"reason": "no"})
    assert (missing.status_code, missing.json()["code"]) == (428, "document.precondition")
    stale = decide(client, one, "dismiss", {"reason": "no"}, version=99)
    assert (stale.status_code, stale.json()["code"]) == (412, "document.moved")
    empty = decide(client, one, "dismiss", {"reason": "  "})
    assert (empty.status_code, empty.json()["code"]) == (400, "issue.reason_missing")
    unknown = decide(client, one, "dismiss", {"why": "no"})
    assert unknown.status_code == 422
    dismissed = decide(client, one, "dismiss", {"reason": "ordered so"}).json()
    over = decide(client, dismissed, "resolve", {"action": "done"})
    assert (over.status_code, over.json()["code"]) == (409, "issue.move")
    none = client.get(f"{BASE}/issues/nothing")
    assert (none.status_code, none.json()["code"]) == (404, "issue.none")
    state = client.get(f"{BASE}/issues?state=new")
    assert (state.status_code, state.json()["code"]) == (400, "issue.state")


def test_rates_name_the_indicators_and_what_they_are_shares_of(client: TestClient) -> None:
    rates = client.get(f"{BASE}/rates").json()
    k1 = next(rate for rate in rates if rate["indicator"] == "K1")

    assert (k1["count"], k1["of"], k1["unit"], k1["share"]) == (1, 5, "persons", 0.2)
    assert {rate["indicator"] for rate in rates} == {"K1", "K2", "K3", "K4", "K5", "K6", ""}


def test_two_records_are_reviewed_merged_and_taken_apart(client: TestClient) -> None:
    (pair,) = client.get(f"/v1/persons/duplicates?street={STREET}").json()
    assert (pair["grade"], pair["first"]["id"], pair["second"]["id"]) == ("probable", "a1", "b1")
    assert listed(client, code="duplicate.person")["issues"][0]["id"] == pair["issue"]

    version = client.get("/fhir/Patient/a1").json()["meta"]["versionId"]
    match = {"If-Match": f'W/"{version}"'}
    merged = client.post("/v1/persons/a1:merge", json={"other": "b1"}, headers=match)
    assert merged.status_code == 200, merged.text
    assert client.get(f"/v1/persons/duplicates?street={STREET}").json() == []
    assert client.get("/fhir/Patient/b1").json()["link"][0]["type"] == "replaced-by"
    assert listed(client, code="duplicate.person")["total"] == 0

    match = {"If-Match": merged.headers["ETag"]}
    apart = client.post("/v1/persons/a1:unmerge", json={"other": "b1"}, headers=match)
    assert apart.status_code == 200, apart.text
    assert "link" not in client.get("/fhir/Patient/b1").json()
    assert listed(client, code="duplicate.person")["total"] == 1
    twice = client.post(
        "/v1/persons/a1:unmerge",
        json={"other": "b1"},
        headers={"If-Match": apart.headers["ETag"]},
    )
    assert (twice.status_code, twice.json()["code"]) == (409, "person.not_merged")


def test_a_dismissed_pair_is_two_persons_until_their_records_change(client: TestClient) -> None:
    (one,) = listed(client, code="duplicate.person")["issues"]
    assert decide(client, one, "dismiss", {"reason": "cousins"}).status_code == 200

    assert client.post(f"{BASE}/issues:detect").json()["reopened"] == 0
    assert listed(client, code="duplicate.person")["total"] == 0
