"""Searches find what they say, on both databases."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.store.engine import Database
from tests.api.conftest import served
from tests.conftest import KINDS, Shelf

RESOURCES: list[dict[str, Any]] = [
    {
        "resourceType": "Organization",
        "id": "o",
        "name": "清华园街道",
        "partOf": {"reference": "Organization/top"},
    },
    {"resourceType": "Organization", "id": "top", "name": "海淀区"},
    {
        "resourceType": "Patient",
        "id": "a",
        "active": True,
        "identifier": [{"system": "urn:card", "value": "1"}],
        "name": [{"text": "王秀英", "family": "Müller"}],
        "birthDate": "1940-05-01",
        "gender": "female",
        "managingOrganization": {"reference": "Organization/o"},
        "meta": {"tag": [{"system": "urn:t", "code": "demo"}]},
    },
    {
        "resourceType": "Patient",
        "id": "b",
        "identifier": [{"system": "urn:card", "value": "2"}],
        "name": [{"text": "李建国", "family": "Mullen"}],
        "birthDate": "1935-11-30",
        "gender": "male",
        "deceasedDateTime": "2024-01-01",
        "meta": {
            "source": "urn:hospital:1",
            "profile": ["http://example.org/fhir/StructureDefinition/elder|1.0"],
            "security": [{"system": "urn:s", "code": "R"}],
        },
    },
    {
        "resourceType": "Observation",
        "id": "x",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
        "subject": {"reference": "Patient/a"},
        "effectiveDateTime": "2024-03-01T08:30:00+08:00",
        "valueQuantity": {
            "value": 150,
            "unit": "mmHg",
            "system": "http://unitsofmeasure.org",
            "code": "mm[Hg]",
        },
    },
    {
        "resourceType": "Observation",
        "id": "y",
        "status": "preliminary",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": "Patient/b", "identifier": {"system": "urn:card", "value": "2"}},
        "effectivePeriod": {"start": "2024-03-02", "end": "2024-03-05"},
        "valueQuantity": {"value": 72.5, "unit": "/min"},
    },
    {
        "resourceType": "RiskAssessment",
        "id": "r",
        "status": "final",
        "subject": {"reference": "Patient/a"},
        "prediction": [{"probabilityDecimal": 0.25}],
    },
    {
        "resourceType": "Appointment",
        "id": "v",
        "status": "booked",
        "start": "2024-03-01T09:00:00+08:00",
        "end": "2024-03-01T10:00:00+08:00",
        "participant": [{"actor": {"reference": "Patient/a"}, "status": "accepted"}],
    },
    {
        "resourceType": "Slot",
        "id": "l",
        "status": "busy",
        "schedule": {"reference": "Schedule/k"},
        "start": "2024-03-01T09:00:00+08:00",
        "end": "2024-03-01T12:00:00+08:00",
    },
    {
        "resourceType": "ValueSet",
        "id": "s",
        "status": "active",
        "url": "http://example.org/fhir/ValueSet/colours",
    },
]


@pytest.fixture
def filled(client: TestClient) -> TestClient:
    """A server with two patients and what was recorded of them."""
    return fill(client)


@pytest.fixture(scope="module", params=KINDS)
def asked(
    request: pytest.FixtureRequest, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """The same server, shared by the tests that only ask."""
    with shelf.url(request, request.param, tmp_path_factory.mktemp("asked")) as url:
        database = Database.open(url)
        with TestClient(served(database), raise_server_exceptions=False) as client:
            yield fill(client)
        database.close()


def fill(client: TestClient) -> TestClient:
    sent = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "resource": r,
                "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"},
            }
            for r in RESOURCES
        ],
    }
    assert client.post("/fhir", json=sent).status_code == 200
    return client


CASES = [
    # token
    ("Patient?identifier=urn:card|1", "a"),
    ("Patient?identifier=2", "b"),
    ("Patient?identifier=urn:card|", "ab"),
    ("Patient?identifier=urn:card|1,urn:card|2", "ab"),
    ("Patient?identifier=|1", ""),
    ("Patient?identifier:not=1", "b"),
    ("Patient?gender=female", "a"),
    ("Patient?gender=http://hl7.org/fhir/administrative-gender|female", "a"),
    ("Patient?gender:not=female", "b"),
    ("Patient?active=true", "a"),
    ("Patient?active:missing=true", "b"),
    ("Patient?active:missing=false", "a"),
    ("Patient?deceased=true", "b"),
    ("Patient?deceased=false", "a"),
    ("Patient?_tag=urn:t|demo", "a"),
    ("Patient?_id=a,b", "ab"),
    ("Patient?_id=a&gender=male", ""),
    # string
    ("Patient?family=mul", "ab"),
    ("Patient?family=muller", "a"),
    ("Patient?family:exact=Müller", "a"),
    ("Patient?family:exact=müller", ""),
    ("Patient?family:contains=LLE", "ab"),
    ("Patient?name=王秀", "a"),
    ("Patient?name=李,王", "ab"),
    # date
    ("Patient?birthdate=1940", "a"),
    ("Patient?birthdate=1940-05-01", "a"),
    ("Patient?birthdate=gt1940-05-01", ""),
    ("Patient?birthdate=ge1940-05-01", "a"),
    ("Patient?birthdate=lt1940", "b"),
    ("Patient?birthdate=ne1940", "b"),
    ("Patient?birthdate=sa1936", "a"),
    ("Patient?birthdate=eb1936", "b"),
    ("Patient?birthdate=ge1935&birthdate=lt1936", "b"),
    ("Observation?date=2024-03-01", "x"),
    ("Observation?date=2024-03-01T00:30:00Z", "x"),
    ("Observation?date=2024-03", "xy"),
    ("Observation?date=gt2024-03-03", "y"),
    ("Observation?date=lt2024-03-02", "x"),
    # quantity and number
    ("Observation?value-quantity=150", "x"),
    ("Observation?value-quantity=gt150", ""),
    ("Observation?value-quantity=ge150", "x"),
    ("Observation?value-quantity=lt150", "y"),
    ("Observation?value-quantity=150|http://unitsofmeasure.org|mm[Hg]", "x"),
    ("Observation?value-quantity=150||mmHg", "x"),
    ("Observation?value-quantity=150||mg", ""),
    ("Observation?value-quantity=72.5", "y"),
    ("Observation?value-quantity=72", ""),
    ("Observation?value-quantity=ap140", "x"),
    ("RiskAssessment?probability=gt0.2", "r"),
    ("RiskAssessment?probability=lt0.2", ""),
    # reference
    ("Observation?subject=Patient/a", "x"),
    ("Observation?patient=a", "x"),
    ("Observation?subject:Patient=a", "x"),
    ("Observation?subject:Group=a", ""),
    ("Observation?subject:identifier=urn:card|2", "y"),
    ("Observation?patient=a,b", "xy"),
    # uri
    ("ValueSet?url=http://example.org/fhir/ValueSet/colours", "s"),
    ("ValueSet?url:below=http://example.org/fhir", "s"),
    ("ValueSet?url:above=http://example.org/fhir/ValueSet/colours/red", "s"),
    ("ValueSet?url=http://example.org/fhir", ""),
    # chains
    ("Observation?patient.identifier=urn:card|1", "x"),
    ("Observation?subject:Patient.name=李", "y"),
    ("Observation?patient.organization.name=清华", "x"),
    ("Observation?patient.organization.partof.name=海淀", "x"),
    ("Patient?_has:Observation:patient:code=8480-6", "a"),
    ("Patient?_has:Observation:patient:status=cancelled", ""),
    ("Organization?_has:Patient:organization:_has:Observation:patient:status=final", "o"),
    # our own
    ("Appointment?date=lt2024-03-01T10:00:00%2B08:00&end=gt2024-03-01T09:30:00%2B08:00", "v"),
    ("Appointment?end=gt2024-03-01T10:00:00%2B08:00", ""),
    ("Slot?start=lt2024-03-01T11:00:00%2B08:00&end=gt2024-03-01T10:00:00%2B08:00", "l"),
    ("Slot?end=le2024-03-01T11:00:00%2B08:00", ""),
    # of every type
    ("Patient?_lastUpdated=gt2000", "ab"),
    ("Patient?_lastUpdated=lt2000", ""),
    ("Patient?_lastUpdated=ge2000-01-01T00:00:00Z&_id=a", "a"),
    ("Patient?_profile=http://example.org/fhir/StructureDefinition/elder", "b"),
    ("Patient?_profile=http://example.org/fhir/StructureDefinition/elder|1.0", "b"),
    ("Patient?_profile=http://example.org/fhir/StructureDefinition/elder|2.0", ""),
    ("Patient?_profile:missing=true", "a"),
    ("Patient?_tag:not=urn:t|demo", "b"),
    ("Patient?_security=urn:s|R", "b"),
    ("Patient?_source=urn:hospital:1", "b"),
    ("Patient?_source=urn:hospital:2", ""),
    # and, or, and both
    ("Patient?identifier=1,2&gender=male,female&birthdate=lt1940", "b"),
    ("Patient?birthdate=gt1930&birthdate=lt1950&birthdate=ne1940", "b"),
    ("Observation?date=ge2024-03-02&date=le2024-03-05", "y"),
    ("Observation?subject:missing=false", "xy"),
    ("Observation?value-quantity:missing=true", ""),
    ("Observation?status:not=final,amended", "y"),
    # several types
    ("?_type=Patient,Organization&_id=a,o", "ao"),
]


@pytest.mark.parametrize(("query", "wanted"), CASES)
def test_a_search_finds_exactly_what_it_asks(asked: TestClient, query: str, wanted: str) -> None:
    found = asked.get(f"/fhir/{query}" if not query.startswith("?") else f"/fhir{query}")

    assert found.status_code == 200, found.text
    assert {e["resource"]["id"] for e in found.json().get("entry", [])} == set(wanted)


def test_a_form_searches_like_an_address(asked: TestClient) -> None:
    found = asked.post("/fhir/Patient/_search", data={"identifier": "urn:card|1"})

    assert [e["resource"]["id"] for e in found.json()["entry"]] == ["a"]


def test_included_resources_come_along(asked: TestClient) -> None:
    query = "Observation?_id=x&_include=Observation:patient&_include:iterate=Patient:organization"
    found = asked.get(f"/fhir/{query}").json()

    modes = {e["resource"]["id"]: e["search"]["mode"] for e in found["entry"]}
    assert modes == {"x": "match", "a": "include", "o": "include"}


def test_resources_that_refer_here_come_along(asked: TestClient) -> None:
    found = asked.get("/fhir/Patient?_id=b&_revinclude=Observation:subject").json()

    assert {e["resource"]["id"] for e in found["entry"]} == {"b", "y"}


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ("birthdate", "ba"),
        ("-birthdate", "ab"),
        ("_id", "ab"),
        ("-_id", "ba"),
        ("family,_id", "ba"),
    ],
)
def test_matches_are_sorted(asked: TestClient, sort: str, wanted: str) -> None:
    found = asked.get(f"/fhir/Patient?_sort={sort}").json()

    assert "".join(e["resource"]["id"] for e in found["entry"]) == wanted


@pytest.mark.parametrize("sort", ["", "&_sort=-_id", "&_sort=-_lastUpdated", "&_sort=created,_id"])
def test_pages_cover_every_match_once_while_others_are_written(
    filled: TestClient, sort: str
) -> None:
    for nth in range(1, 8):
        assert filled.put(f"/fhir/Basic/n{nth}", json=_basic(f"n{nth}")).status_code == 201
    seen: list[str] = []
    url = f"/fhir/Basic?_count=3{sort}"
    while url:
        page = filled.get(url).json()
        seen += [e["resource"]["id"] for e in page["entry"]]
        filled.put(f"/fhir/Basic/z{len(seen)}", json=_basic(f"z{len(seen)}"))
        url = next((k["url"] for k in page["link"] if k["relation"] == "next"), "")

    assert sorted(seen) == [f"n{nth}" for nth in range(1, 8)]


def _basic(name: str) -> dict[str, Any]:
    made = {"resourceType": "Basic", "id": name, "code": {"text": "note"}}
    # Some have no date: they come last.
    return made if name[-1] in "135" else made | {"created": "2024-01-0" + name[-1]}


def test_counting_answers_no_entries(asked: TestClient) -> None:
    for query in ("_summary=count", "_count=0"):
        found = asked.get(f"/fhir/Patient?{query}").json()
        assert (found["total"], found.get("entry")) == (2, None)


def test_included_resources_refer_on_in_both_directions(asked: TestClient) -> None:
    query = "Organization?_id=o&_revinclude=Patient:organization"
    found = asked.get(f"/fhir/{query}&_revinclude:iterate=Observation:patient").json()

    modes = {e["resource"]["id"]: e["search"]["mode"] for e in found["entry"]}
    assert modes == {"o": "match", "a": "include", "x": "include"}


def test_a_total_is_told_when_it_is_asked_for(asked: TestClient) -> None:
    counted = asked.get("/fhir/Patient?_count=1&_total=accurate").json()
    uncounted = asked.get("/fhir/Patient?_count=1&_total=none").json()

    assert (counted["total"], len(counted["entry"])) == (2, 1)
    assert "total" not in uncounted


def test_a_summary_is_marked_as_part_of_the_whole(asked: TestClient) -> None:
    entry = asked.get("/fhir/Patient?_id=a&_summary=true").json()["entry"][0]["resource"]

    assert entry["gender"] == "female"
    assert entry["meta"]["tag"][-1]["code"] == "SUBSETTED"


def test_a_system_search_by_form_needs_types(asked: TestClient) -> None:
    found = asked.post("/fhir/_search", data={"_type": "Patient,Organization", "_id": "a,top"})
    untyped = asked.post("/fhir/_search", data={"_id": "a"})

    assert {e["resource"]["id"] for e in found.json()["entry"]} == {"a", "top"}
    assert untyped.status_code == 400


def test_a_search_by_value_is_the_same_however_often_it_is_asked(asked: TestClient) -> None:
    # Statements are kept by shape: other values of the same shape must not answer for them.
    for _ in range(2):
        for query, wanted in CASES:
            found = asked.get(f"/fhir{'' if query.startswith('?') else '/'}{query}").json()
            assert {e["resource"]["id"] for e in found.get("entry", [])} == set(wanted), query


def test_elements_leave_the_rest_out(asked: TestClient) -> None:
    entry = asked.get("/fhir/Patient?_id=a&_elements=gender").json()["entry"][0]["resource"]

    assert set(entry) == {"resourceType", "id", "meta", "gender"}
    assert entry["meta"]["tag"][-1]["code"] == "SUBSETTED"


def test_an_unknown_parameter_is_ignored_unless_handling_is_strict(asked: TestClient) -> None:
    lenient = asked.get("/fhir/Patient?colour=red&gender=male")
    strict = asked.get("/fhir/Patient?colour=red", headers={"prefer": "handling=strict"})

    assert "colour" not in lenient.json()["link"][0]["url"]
    assert len(lenient.json()["entry"]) == 1
    assert strict.status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "Patient?birthdate=yesterday",
        "Patient?_count=many",
        "Patient?_sort=colour",
        "Patient?_include=Patient",
        "Patient?_include=Patient:gender",
        "Patient?_page=zzz",
        "Patient?gender:wild=x",
        "Patient?_has:Observation:code=1",
        "Patient?active:missing=perhaps",
        "Observation?value-quantity=1|2",
        "Observation?value-quantity=big",
    ],
)
def test_a_faulty_search_is_refused_with_its_parameter(asked: TestClient, query: str) -> None:
    refused = asked.get(f"/fhir/{query}")

    assert refused.status_code == 400
    assert refused.json()["issue"][0]["expression"]
