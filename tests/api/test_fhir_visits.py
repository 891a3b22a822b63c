"""Our own visits and those of others, side by side: one search, one page set, one total."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.model.events import EventKind
from carecoord.store.engine import Database
from tests import build, visit_day
from tests.build import HOUR, ref
from tests.visit_day import report

Json = dict[str, Any]
OWN = ("carecoord.v1", "carecoord.v2", "carecoord.v3")
VISIT = "https://carecoord.example/fhir/sid/visit"


def appointment(id: str, elder: str, start: str, *actors: str, **more: Any) -> Json:  # noqa: A002
    """An Appointment that a hospital keeps in its own system."""
    named = [ref("Patient", elder), *({"reference": actor} for actor in actors)]
    return {
        "resourceType": "Appointment",
        "id": id,
        "identifier": [{"system": "urn:hospital", "value": id}],
        "status": "booked",
        "start": f"2026-03-05T{start}:00+08:00",
        "end": f"2026-03-05T{start[:2]}:59:00+08:00",
        "participant": [{"actor": one, "status": "accepted"} for one in named],
    } | more


def foreign() -> list[Json]:
    hall = {"resourceType": "Location", "id": "hall", "name": "Hall"}
    clinic = {
        "resourceType": "Encounter",
        "id": "clinic",
        "identifier": [{"system": "urn:hospital", "value": "clinic"}],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": ref("Patient", "e1"),
        "participant": [{"individual": ref("Practitioner", "pd")}],
        "appointment": [ref("Appointment", "check-up")],
        "location": [{"location": ref("Location", "hall")}],
        "period": {"start": "2026-03-05T14:00:00+08:00", "end": "2026-03-05T14:20:00+08:00"},
    }
    rota = {
        "resourceType": "Schedule",
        "id": "rota",
        "actor": [ref("Practitioner", "pd")],
        "planningHorizon": {"start": "2026-03-01", "end": "2026-03-31"},
    }
    hour = {
        "resourceType": "Slot",
        "id": "hour",
        "schedule": ref("Schedule", "rota"),
        "status": "free",
        "start": "2026-03-05T14:00:00+08:00",
        "end": "2026-03-05T15:00:00+08:00",
    }
    return [
        hall,
        appointment(
            "check-up",
            "e1",
            "14:00",
            "Practitioner/pd",
            "Location/hall",
            slot=[ref("Slot", "hour")],
        ),
        appointment("x-ray", "e2", "15:00", "Location/hall"),
        clinic,
        rota,
        hour,
    ]


@pytest.fixture
def both(database: Database, client: TestClient) -> TestClient:
    """A street with a published day of our own and the documents of a hospital."""
    plan = build.care_plan("plan", "e1", build.detail())
    build.store(database, *build.street(), plan, *foreign())
    with database.write() as tx:
        visit_day.published(tx)
    return client


def get(client: TestClient, path: str) -> Json:
    answer = client.get(f"/fhir/{path}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def names(bundle: Json, mode: str = "match") -> set[str]:
    """What a search found, our own ids without their beginning."""
    return {
        f"{e['resource']['resourceType']}/{e['resource']['id']}".replace("carecoord.", "~")
        for e in bundle.get("entry", ())
        if e["search"]["mode"] == mode
    }


SEARCHES: tuple[tuple[str, str], ...] = (
    ("Appointment?patient=e1", "~v1 check-up"),
    ("Appointment?actor=Patient/e2", "~v2 x-ray"),
    ("Appointment?actor=PractitionerRole/c1", "~v1 ~v2"),
    ("Appointment?practitioner=pd,p1", "~v1 ~v2 check-up"),
    ("Appointment?location=hall", "check-up x-ray"),
    ("Appointment?status=booked", "~v1 ~v2 check-up x-ray"),
    ("Appointment?status:not=booked", "~v3"),
    ("Appointment?date=2026-03-05", "~v1 ~v2 check-up x-ray"),
    ("Appointment?date=ge2026-03-05T10:00:00%2B08:00", "~v2 check-up x-ray"),
    (
        "Appointment?date=lt2026-03-05T10:15:00%2B08:00&end=gt2026-03-05T09:15:00%2B08:00",
        "~v1 ~v2",
    ),
    (f"Appointment?identifier={VISIT}|v1", "~v1"),
    ("Appointment?identifier=x-ray", "x-ray"),
    ("Appointment?supporting-info=CarePlan/plan", "~v1 ~v2 ~v3"),
    ("Appointment?service-type=7", "~v1 ~v2 ~v3"),
    ("Appointment?service-category=ltci", "~v1"),
    ("Appointment?part-status=needs-action", ""),
    ("Appointment?slot=Slot/carecoord.v1.c1", "~v1"),
    ("Appointment?slot=hour", "check-up"),
    ("Appointment?_source=urn:carecoord:planning", "~v1 ~v2 ~v3"),
    ("Appointment?_id=carecoord.v1,x-ray", "~v1 x-ray"),
    ("Appointment?patient.organization.name=office", "~v1 ~v2 ~v3 check-up x-ray"),
    ("Appointment?actor:PractitionerRole.practitioner.name=p2", "~v2"),
    ("Appointment?slot.schedule.actor=Practitioner/p1", "~v1 ~v2"),
    ("Appointment?_has:Encounter:appointment:status=finished", "check-up"),
    ("Appointment?_has:Encounter:appointment:class=HH", "~v1 ~v2"),
    ("Encounter?patient=e1", "~v1 clinic"),
    ("Encounter?subject=Patient/e2", "~v2"),
    ("Encounter?practitioner=p1,pd", "~v1 ~v2 clinic"),
    ("Encounter?participant=PractitionerRole/c2", "~v2"),
    ("Encounter?class=HH", "~v1 ~v2"),
    ("Encounter?status=planned,finished", "~v1 ~v2 clinic"),
    ("Encounter?date=2026-03-05", "~v1 ~v2 clinic"),
    ("Encounter?location=hall", "clinic"),
    ("Encounter?location:identifier=https://carecoord.example/fhir/sid/home|e1", "~v1"),
    ("Encounter?service-provider=station", "~v1 ~v2"),
    ("Encounter?type=7", "~v1 ~v2"),
    ("Encounter?appointment=carecoord.v2", "~v2"),
    ("Encounter?identifier=urn:hospital|clinic", "clinic"),
    ("Encounter?appointment.date=ge2026-03-05T10:00:00%2B08:00", "~v2 clinic"),
    ("Schedule?actor=Practitioner/pd,Practitioner/p1", "~c1 rota"),
    ("Schedule?actor=PractitionerRole/c2", "~c2"),
    ("Schedule?active=true", "~c1 ~c2"),
    ("Schedule?date=2026-03-05", "~c1 ~c2"),
    ("Schedule?date=ap2026-03-05", "~c1 ~c2 rota"),
    ("Schedule?_has:Slot:schedule:status=free", "~c1 ~c2 rota"),
    ("Slot?schedule=rota", "hour"),
    ("Slot?status=busy", "~v1.c1 ~v2.c1 ~v2.c2"),
    (
        "Slot?status=free&start=le2026-03-05T14:10:00%2B08:00&end=ge2026-03-05T14:50:00%2B08:00",
        "~c1.20260305.f4 ~c2.20260305.f2 hour",
    ),
)
"""Queries, and the ids that they find, our own without their beginning."""


def test_one_search_finds_both(both: TestClient) -> None:
    for query, expected in SEARCHES:
        kind, _, form = query.partition("?")
        wanted = {f"{kind}/{name}" for name in expected.split()}
        found = get(both, f"{query}&_count=100")
        sent = both.post(
            f"/fhir/{kind}/_search",
            content=f"{form}&_count=100",
            headers={"content-type": "application/x-www-form-urlencoded"},
        )

        assert (names(found), found["total"]) == (wanted, len(wanted)), query
        assert get(both, f"{query}&_summary=count")["total"] == len(wanted), query
        assert names(sent.json()) == wanted, query


def test_includes_lead_from_both_and_to_both(both: TestClient) -> None:
    found = get(
        both, "Appointment?patient=e1&_include=Appointment:slot&_include:iterate=Slot:schedule"
    )
    assert names(found, "include") == {"Slot/~v1.c1", "Slot/hour", "Schedule/~c1", "Schedule/rota"}
    found = get(
        both, "Patient?_id=e1&_revinclude=Appointment:patient&_revinclude=Encounter:patient"
    )
    assert names(found, "include") == {
        "Appointment/~v1",
        "Appointment/check-up",
        "Encounter/~v1",
        "Encounter/clinic",
    }
    found = get(both, "Appointment?patient=e1&_include=Appointment:practitioner")
    assert names(found, "include") == {"Practitioner/p1", "Practitioner/pd"}


def test_both_are_sorted_and_cut_alike(both: TestClient) -> None:
    found = get(both, "Appointment?status=booked&_sort=-date&_elements=start")
    starts = [e["resource"]["start"][11:16] for e in found["entry"]]
    assert starts == ["15:00", "14:00", "10:00", "09:00"]
    assert {tuple(sorted(e["resource"])) for e in found["entry"]} == {
        ("id", "meta", "resourceType", "start")
    }
    found = get(both, "Appointment?_summary=true&_id=carecoord.v1,x-ray")
    for entry in found["entry"]:
        assert "SUBSETTED" in [tag["code"] for tag in entry["resource"]["meta"]["tag"]]


def test_pages_do_not_shift_when_a_day_is_planned_again(
    both: TestClient, database: Database
) -> None:
    page = get(both, "Appointment?_count=2&_total=accurate")
    assert page["total"] == 5
    seen = list(names(page))
    with database.write() as tx:
        visit_day.published(
            tx, visit_day.moved(visit_day.PLAN, "v2", 600), [*visit_day.WANTED, build.demand("v9")]
        )
    build.store(database, appointment("later", "e3", "16:00"))
    while link := next((one for one in page["link"] if one["relation"] == "next"), None):
        page = get(both, link["url"].partition("/fhir/")[2])
        seen += names(page)

    assert sorted(seen) == sorted(
        ["Appointment/check-up", "Appointment/x-ray", *(f"Appointment/~v{n}" for n in (1, 2, 3))]
    )
    assert get(both, "Appointment?_summary=count")["total"] == 7


def test_the_system_and_the_compartment_know_both(both: TestClient) -> None:
    found = get(both, "?_type=Appointment,Encounter&_count=100")
    assert found["total"] == 5 + 3
    found = get(both, "Patient/e1/Appointment")
    assert names(found) == {"Appointment/~v1", "Appointment/check-up"}
    found = get(both, "Patient/e1/*?_count=100")
    assert {"Encounter/~v1", "Encounter/clinic", "Appointment/~v1"} <= names(found)


def test_everything_of_a_patient_and_of_a_plan_has_their_visits(both: TestClient) -> None:
    found = get(both, "Patient/e1/$everything")
    assert {"Appointment/~v1", "Appointment/check-up", "Encounter/~v1"} <= names(found)
    assert {"Slot/~v1.c1", "Slot/hour", "PractitionerRole/c1"} <= names(found, "include")
    found = get(both, "CarePlan/plan/$everything")
    assert names(found) == {
        "CarePlan/plan",
        *(f"Appointment/~v{n}" for n in (1, 2, 3)),
        "Encounter/~v1",
        "Encounter/~v2",
    }
    assert {"PractitionerRole/c2", "Patient/e2"} <= names(found, "include")


def test_versions_of_a_visit_are_read_like_those_of_any_document(
    both: TestClient, database: Database
) -> None:
    answer = both.get("/fhir/Appointment/carecoord.v1")
    assert (answer.headers["etag"], answer.json()["status"]) == ('W/"2"', "booked")
    same = both.get("/fhir/Appointment/carecoord.v1", headers={"If-None-Match": 'W/"2"'})
    assert same.status_code == 304
    with database.write() as tx:
        report(tx, "v1", EventKind.ARRIVED, 9 * HOUR)
    assert get(both, "Appointment/carecoord.v1/_history/1")["status"] == "proposed"
    past = get(both, "Appointment/carecoord.v1/_history")
    assert past["total"] == 3
    assert [e["resource"]["status"] for e in past["entry"]] == ["arrived", "booked", "proposed"]
    every = get(both, "Appointment/_history?_count=100")
    ids = {e["fullUrl"].rpartition("/")[2] for e in every["entry"]}
    assert {*OWN, "check-up"} <= ids


PLACES = (
    ("Appointment/carecoord.v1", f"/v1/streets/{build.STREET}/days/2026-03-05"),
    ("Encounter/carecoord.v1", f"/v1/streets/{build.STREET}/days/2026-03-05/events"),
    ("Slot/carecoord.v1.c1", f"/v1/streets/{build.STREET}/days/2026-03-05"),
    ("Schedule/carecoord.c1", "/fhir/PractitionerRole/c1"),
)
"""Resources of our own, and where each is changed."""


def test_our_own_are_read_only_and_say_where_they_are_changed(both: TestClient) -> None:
    for name, where in PLACES:
        before = both.get(f"/fhir/{name}")
        kind = name.partition("/")[0]
        patch = {"content-type": "application/json-patch+json"}
        merge = {"content-type": "application/merge-patch+json"}
        step = b'[{"op": "add", "path": "/language", "value": "zh"}]'
        answers = [
            both.put(f"/fhir/{name}", json=before.json()),
            both.put(f"/fhir/{name}", json=before.json(), headers={"If-Match": 'W/"99"'}),
            both.patch(f"/fhir/{name}", content=step, headers=patch),
            both.patch(f"/fhir/{name}", content=b'{"language": "zh"}', headers=merge),
            both.delete(f"/fhir/{name}"),
            both.delete(f"/fhir/{kind}?_id={name.partition('/')[2]}"),
            both.put(f"/fhir/{kind}?_id={name.partition('/')[2]}", json=before.json()),
        ]

        for answer in answers:
            issue = answer.json()["issue"][0]
            assert (answer.status_code, issue["details"]["coding"][0]["code"]) == (
                405,
                "fhir.read_only",
            )
            assert where in issue["details"]["text"]
            assert answer.headers["allow"] == "GET, HEAD"
        assert both.get(f"/fhir/{name}").content == before.content


def entry(method: str, url: str, resource: Json | None = None) -> Json:
    made: Json = {"request": {"method": method, "url": url}}
    return made if resource is None else made | {"resource": resource}


def test_bundles_are_refused_what_single_requests_are(both: TestClient) -> None:
    own = both.get("/fhir/Appointment/carecoord.v1").json()
    entries = [
        entry("PUT", "Appointment/carecoord.v1", own),
        entry("DELETE", "Encounter/carecoord.v1"),
        entry("PUT", "Appointment/x-ray", appointment("x-ray", "e3", "15:00")),
        entry("GET", "Appointment/carecoord.v1"),
    ]
    batch = both.post("/fhir", json={"resourceType": "Bundle", "type": "batch", "entry": entries})
    statuses = [e["response"]["status"][:3] for e in batch.json()["entry"]]
    assert statuses == ["405", "405", "200", "200"]
    whole = {"resourceType": "Bundle", "type": "transaction", "entry": entries[2:] + entries[:1]}
    answer = both.post("/fhir", json=whole)
    issue = answer.json()["issue"][0]
    assert issue["details"]["coding"][0]["code"] == "fhir.read_only"
    assert issue["expression"][0].startswith("Bundle.entry[2]")


RESERVED: tuple[tuple[str, Json, str], ...] = (
    ("Appointment", {"id": "carecoord.mine"}, "fhir.own_id"),
    ("Appointment", {"identifier": [{"system": VISIT, "value": "v1"}]}, "fhir.own_identifier"),
    ("Appointment", {"meta": {"source": "urn:carecoord:planning"}}, "fhir.own_source"),
    ("Encounter", {"id": "carecoord.v3"}, "fhir.own_id"),
    ("Encounter", {"identifier": [{"system": VISIT, "value": "new"}]}, "fhir.own_identifier"),
    ("Slot", {"id": "carecoord.c1.20260305.f9"}, "fhir.own_id"),
    ("Schedule", {"id": "carecoord.d1"}, "fhir.own_id"),
)


def test_nobody_else_writes_what_could_be_taken_for_ours(both: TestClient) -> None:
    for kind, change, code in RESERVED:
        example = next(one for one in foreign() if one["resourceType"] == kind)
        sent = example | {"id": "other"} | change
        total = get(both, f"{kind}?_summary=count")["total"]
        answers = [both.put(f"/fhir/{kind}/{sent['id']}", json=sent)]
        if "id" not in change:
            answers.append(both.post(f"/fhir/{kind}", json=sent))
        method = "PUT" if "id" in change else "POST"
        url = f"{kind}/{sent['id']}" if "id" in change else kind
        bundle = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [entry(method, url, sent)],
        }
        answers.append(both.post("/fhir", json=bundle))

        for answer in answers:
            issue = answer.json()["issue"][0]
            assert (answer.status_code, issue["details"]["coding"][0]["code"]) == (400, code)
            assert issue["expression"]
        assert get(both, f"{kind}?_summary=count")["total"] == total


def test_what_others_write_beside_ours_is_written(both: TestClient) -> None:
    made = both.post("/fhir/Appointment", json=appointment("any", "e1", "08:00"))
    assert made.status_code == 201
    changed = both.put("/fhir/Appointment/x-ray", json=appointment("x-ray", "e2", "16:00"))
    assert changed.status_code == 200
    assert both.delete("/fhir/Slot/hour").status_code == 204
    # An id that begins like ours is nothing special elsewhere.
    person = {"resourceType": "Patient", "id": "carecoord.me"}
    assert both.put("/fhir/Patient/carecoord.me", json=person).status_code == 201


def test_the_capability_statement_says_which_are_read_only(both: TestClient) -> None:
    stated = get(both, "metadata")["rest"][0]["resource"]
    said = {one["type"]: one.get("documentation", "") for one in stated}

    for kind in ("Appointment", "Encounter", "Schedule", "Slot"):
        assert "carecoord." in said[kind] and "405" in said[kind]
    assert not said["Patient"]
