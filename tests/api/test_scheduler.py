"""Planning over HTTP: steps, days, runs, and what bad input is answered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from carecoord.settings import Settings
from carecoord.store import documents
from carecoord.store.engine import Database
from carecoord.store.runs import OPEN
from tests import build
from tests.build import CENTRE, DAY, ON_SQLITE, STREET
from tests.serving import create

DAYS = f"/v1/streets/{STREET}/days/{DAY.isoformat()}"
RUNS = f"/v1/streets/{STREET}/runs"
ASKED: dict[str, Any] = {"day": DAY.isoformat(), "seconds": 300, "iterations": 20}


@pytest.fixture
def http(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """The tiny street behind the whole application, with nobody who works runs off."""
    build.store(database, *build.street())
    app = create(database, Settings(tmp_path), work=False)
    with TestClient(app, raise_server_exceptions=False) as made:
        made.headers["accept-language"] = "en"
        yield made


@pytest.fixture
def working(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """As `http`, with the embedded worker."""
    build.store(database, *build.street())
    with TestClient(create(database, Settings(tmp_path))) as made:
        made.headers["accept-language"] = "en"
        yield made


def problem(answer: Response, status: int) -> dict[str, Any]:
    """The problem JSON of a refusal, as RFC 9457 shapes it."""
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["type"] == f"urn:carecoord:problem:{found['code']}"
    assert found["detail"] and "{" not in found["detail"]
    return found


def settled(http: TestClient, where: str) -> dict[str, Any]:
    """A run, polled until it is no longer open."""
    return build.ended(lambda: http.get(where).json(), lambda run: run["state"] in OPEN)


def planned(http: TestClient) -> dict[str, Any]:
    """The day as it stands after the embedded worker has planned it."""
    assert http.post(f"{DAYS}:expand", params={"count": 1}).json()["visits"] == 3
    answer = http.post(RUNS, json=ASKED)
    assert answer.status_code == 202
    where = answer.headers["location"]
    run = settled(http, where)
    assert run["state"] == "committed"
    found: dict[str, Any] = http.get(DAYS).json()
    return found


def test_a_run_is_accepted_polled_until_committed_and_then_published(working: TestClient) -> None:
    day = planned(working)

    assert (day["state"], day["version"], day["unserved"]) == ("draft", 1, [])
    assert sorted(v["elder"] for r in day["routes"] for v in r["visits"]) == ["e1", "e2", "e3"]
    told = working.post(f"{DAYS}:publish", headers={"If-Match": 'W/"1"'})
    assert (told.status_code, told.json()["version"]) == (200, 2)
    assert told.headers["etag"] == 'W/"2"'
    again = working.post(f"{DAYS}:publish", headers={"If-Match": 'W/"2"'})
    assert again.json() == {"version": 2, "lost": [], "to_tell": []}
    stale = problem(working.post(f"{DAYS}:publish", headers={"If-Match": 'W/"1"'}), 412)
    assert stale["code"] == "day.moved"
    found = working.get(DAYS)
    assert (found.json()["state"], found.headers["etag"]) == ("published", 'W/"2"')


@ON_SQLITE
def test_times_of_a_route_are_told_with_the_offset_of_the_street(working: TestClient) -> None:
    day = planned(working)
    route = next(r for r in day["routes"] if r["visits"])

    visit = route["visits"][0]
    assert visit["start"].startswith(DAY.isoformat()) and visit["start"].endswith("+08:00")
    assert visit["arrival"] <= visit["start"] < visit["end"]
    one = working.get(f"{DAYS}/routes/{route['staff']}").json()
    assert one == route


def test_publishing_needs_the_version_that_was_looked_at(http: TestClient) -> None:
    found = problem(http.post(f"{DAYS}:publish"), 428)

    assert (found["code"], found["field"]) == ("document.precondition", "If-Match")


@ON_SQLITE
@pytest.mark.parametrize("sent", ["yes", "*", 'W/"x"'])
def test_a_version_that_cannot_be_read_is_refused(http: TestClient, sent: str) -> None:
    found = problem(http.post(f"{DAYS}:publish", headers={"If-Match": sent}), 400)

    assert (found["code"], found["field"]) == ("fhir.etag", "If-Match")


@ON_SQLITE
def test_a_day_that_was_never_planned_is_empty_and_cannot_be_published(http: TestClient) -> None:
    found = http.get(DAYS).json()

    assert (found["state"], found["version"], found["routes"]) == ("empty", 0, [])
    refused = http.post(f"{DAYS}:publish", headers={"If-Match": 'W/"0"'})
    assert problem(refused, 404)["code"] == "day.none"


def test_the_same_request_is_answered_with_the_same_run(http: TestClient) -> None:
    first, second = (http.post(RUNS, json=ASKED) for _ in range(2))

    assert first.headers["location"] == second.headers["location"]
    assert first.json()["state"] == "queued"
    assert http.get(first.headers["location"]).json() == first.json()


@ON_SQLITE
def test_expanding_twice_changes_nothing_and_lists_what_cannot_be_planned(
    http: TestClient, database: Database
) -> None:
    build.store(
        database, build.patient("e4", None), build.care_plan("p4", "e4", build.detail("9999"))
    )
    first = http.post(f"{DAYS}:expand", params={"count": 2}).json()
    again = http.post(f"{DAYS}:expand", params={"count": 2}).json()

    assert (first["visits"], first["changed"], again["changed"]) == (6, 6, 0)
    assert {p["code"] for p in first["problems"]} == {"address.position", "plan.activity.no_level"}
    assert all(p["text"] and p["subject"] and p["path"] for p in first["problems"])


@ON_SQLITE
@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", RUNS, ASKED | {"sede": 1}, "/body/sede"),
        ("POST", RUNS, {}, "/body/day"),
        ("POST", RUNS, ASKED | {"day": "soon"}, "/body/day"),
        ("POST", RUNS, ASKED | {"seconds": 0}, "/body/seconds"),
        ("POST", RUNS, ASKED | {"seed": -1}, "/body/seed"),
        ("POST", RUNS, ASKED | {"iterations": -1}, "/body/iterations"),
        ("GET", f"/v1/streets/{STREET}/days/soon", None, "/path/day"),
        ("POST", f"{DAYS}:expand?count=many", None, "/query/count"),
        ("POST", "/v1/plans", {"elder": "e1", "programmes": []}, "/body/programmes"),
        ("POST", "/v1/plans", {"elder": "e1", "programmes": ["x"], "wish": {}}, "/body/wish"),
        (
            "POST",
            "/v1/plans",
            {"elder": "e1", "programmes": ["station"], "wishes": {"gender": "any"}},
            "/body/wishes/gender",
        ),
    ],
)
def test_input_that_does_not_fit_is_answered_with_the_place_of_the_fault(
    http: TestClient, method: str, path: str, body: Any, field: str
) -> None:
    found = problem(http.request(method, path, json=body), 422)

    assert found["field"] == field
    assert found["code"].startswith("http.")


@ON_SQLITE
def test_a_body_that_is_no_json_is_refused(http: TestClient) -> None:
    answer = http.post(RUNS, content=b"{", headers={"Content-Type": "application/json"})

    assert problem(answer, 422)["code"].startswith("http.")


@ON_SQLITE
@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", f"/v1/streets/990101009/days/{DAY.isoformat()}", "street.none"),
        ("GET", "/v1/runs/none", "run.none"),
        ("GET", f"{DAYS}/routes/nobody", "day.no_route"),
        ("POST", "/v1/referrals/none:accept", "document.missing"),
        ("POST", "/v1/plans/none:sign", "document.missing"),
        ("GET", "/v1/nothing", "http.not_found"),
    ],
)
def test_what_is_not_there_is_missing(http: TestClient, method: str, path: str, code: str) -> None:
    assert problem(http.request(method, path), 404)["code"] == code


@ON_SQLITE
def test_a_code_that_is_no_division_is_refused(http: TestClient) -> None:
    found = problem(http.post(f"/v1/streets/x/days/{DAY.isoformat()}:expand"), 400)

    assert (found["code"], found["facts"]) == ("pack.jurisdiction", {"jurisdiction": "x"})


@ON_SQLITE
@pytest.mark.parametrize(
    ("header", "query", "tag", "said"),
    [
        ("en", "", "en", "There is no street"),
        ("zh-CN,en;q=0.5", "", "zh-CN", "街道"),
        ("en", "?lang=zh-CN", "zh-CN", "街道"),
        ("fr", "", "zh-CN", "街道"),
    ],
)
def test_refusals_are_said_in_the_language_asked_for(
    http: TestClient, header: str, query: str, tag: str, said: str
) -> None:
    path = f"/v1/streets/990101009/days/{DAY.isoformat()}{query}"
    answer = http.get(path, headers={"accept-language": header})

    assert answer.headers["content-language"] == tag
    assert said in problem(answer, 404)["detail"]


def test_a_referral_is_accepted_once_and_only_at_the_version_seen(
    http: TestClient, database: Database
) -> None:
    sent = http.post("/fhir", json=build.referral())
    assert sent.status_code == 200
    with database.read() as tx:
        (task,) = documents.find(tx, "Task")
    path = f"/v1/referrals/{task.id}:accept"

    stale = problem(http.post(path, headers={"If-Match": 'W/"1"'}), 412)
    done = http.post(path, headers={"If-Match": 'W/"2"'})
    again = http.post(path, headers={"If-Match": 'W/"3"'})

    assert stale["code"] == "document.moved"
    answer = {"reference": task.reference, "version": 3, "status": "accepted"}
    assert answer.items() <= done.json().items()
    assert again.json() == done.json()


def test_a_plan_is_drafted_and_signed_and_a_second_one_is_a_conflict(http: TestClient) -> None:
    http.delete("/fhir/CarePlan/plan-e1")
    asked = {"elder": "e1", "programmes": ["station"], "start": DAY.isoformat()}

    drafted = http.post("/v1/plans", json=asked)
    assert drafted.status_code == 201
    name = drafted.json()["reference"].partition("/")[2]
    signed = http.post(f"/v1/plans/{name}:sign", headers={"If-Match": 'W/"1"'})
    second = problem(http.post("/v1/plans", json=asked), 409)

    assert (signed.json()["status"], signed.json()["version"]) == ("active", 2)
    assert second["code"] == "plan.exists"


@ON_SQLITE
def test_a_task_that_cannot_be_planned_keeps_its_plan_unsigned(
    http: TestClient, database: Database
) -> None:
    plan = build.care_plan("odd", "e1", build.detail("9999"), status="draft")
    build.store(database, plan)

    found = problem(http.post("/v1/plans/odd:sign"), 400)

    assert found["field"] == "CarePlan.activity[0].detail.code"
    assert http.get("/fhir/CarePlan/odd").json()["status"] == "draft"


def test_a_faulty_bundle_changes_nothing_and_names_the_entry(
    http: TestClient, database: Database
) -> None:
    sent = build.referral()
    sent["entry"][-1]["resource"]["birthDate"] = "yesterday"

    answer = http.post("/fhir", json=sent)

    assert answer.status_code in (400, 422)
    issue = answer.json()["issue"][0]
    assert issue["expression"] == ["Bundle.entry[2].resource.birthDate"]
    with database.read() as tx:
        assert documents.find(tx, "Task") == []
        assert documents.peek(tx, "Patient", "e9") is None


@ON_SQLITE
def test_a_run_that_failed_says_why_in_words(working: TestClient, database: Database) -> None:
    odd = build.organization("odd", "street", division="12345")
    build.store(database, odd)
    asked = working.post("/v1/streets/12345/runs", json=ASKED)
    where = asked.headers["location"]
    run = settled(working, where)

    assert run["state"] == "failed"
    assert run["outcome"]["code"] == "pack.jurisdiction"
    assert "12345" in run["text"]


@ON_SQLITE
def test_an_organisation_that_is_nowhere_keeps_no_bed(http: TestClient) -> None:
    asked = {"elder": "e1", "kind": "home-hospital-bed", "organization": "nowhere"}

    assert problem(http.post("/v1/beds", json=asked), 404)["code"] == "document.missing"
    wrong = asked | {"kind": "waterbed", "organization": CENTRE}
    assert problem(http.post("/v1/beds", json=wrong), 422)["field"] == "/body/kind"
