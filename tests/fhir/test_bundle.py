"""A Bundle is carried out whole or not at all, in whatever order its entries stand."""

import copy
from typing import Any

import pytest

from carecoord.errors import CareError, Conflict, Invalid, Stale
from carecoord.fhir import bundle
from carecoord.fhir.outcome import Refused
from carecoord.store import documents
from carecoord.store.engine import Database

PATIENT = {
    "resourceType": "Patient",
    "identifier": [{"system": "urn:card", "value": "1"}],
    "name": [{"text": "王秀英"}],
}


def task(patient: str) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "for": {"reference": patient},
    }


def entry(resource: dict[str, Any] | None, method: str, url: str, **more: Any) -> dict[str, Any]:
    full_url = more.pop("fullUrl", None)
    made: dict[str, Any] = {"request": {"method": method, "url": url, **more}}
    if resource is not None:
        made["resource"] = copy.deepcopy(resource)
    return made | {"fullUrl": full_url} if full_url else made


def transaction(*entries: dict[str, Any], kind: str = "transaction") -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def refused(database: Database, *entries: dict[str, Any]) -> CareError:
    with pytest.raises(CareError) as caught, database.write() as tx:
        bundle.process(tx, transaction(*entries))
    return caught.value


URN = "urn:uuid:11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize("backwards", [False, True])
def test_entries_refer_to_one_another_in_any_order(database: Database, backwards: bool) -> None:
    entries = [entry(PATIENT, "POST", "Patient", fullUrl=URN), entry(task(URN), "POST", "Task")]
    with database.write() as tx:
        done = bundle.process(tx, transaction(*(reversed(entries) if backwards else entries)))
        patient = documents.find(tx, "Patient", identifier="urn:card|1")[0]

        assert documents.find(tx, "Task", patient=patient.reference)[0] in done.stored
        statuses = [e["response"]["status"] for e in done.response["entry"]]
        assert statuses == ["201 Created", "201 Created"]


def test_relative_references_follow_the_full_url_of_their_entry(database: Database) -> None:
    theirs = "https://hospital.example/fhir"
    with database.write() as tx:
        bundle.process(
            tx,
            transaction(
                entry(task("Patient/7"), "POST", "Task", fullUrl=f"{theirs}/Task/9"),
                entry(PATIENT, "POST", "Patient", fullUrl=f"{theirs}/Patient/7"),
            ),
        )
        patient = documents.find(tx, "Patient")[0]

        assert documents.find(tx, "Task", patient=patient.reference)


def test_a_conditional_reference_finds_what_the_same_bundle_creates(database: Database) -> None:
    with database.write() as tx:
        bundle.process(
            tx,
            transaction(
                entry(task("Patient?identifier=urn:card|1"), "POST", "Task"),
                entry(PATIENT, "POST", "Patient"),
            ),
        )
        patient = documents.find(tx, "Patient")[0]

        assert documents.find(tx, "Task", patient=patient.reference)


def test_a_conditional_reference_that_matches_nothing_is_refused(database: Database) -> None:
    error = refused(database, entry(task("Patient?identifier=urn:card|1"), "POST", "Task"))

    assert error.code == "bundle.reference_matches"
    assert error.field == "Bundle.entry[0].resource.for.reference"


def test_a_conditional_create_sent_twice_stores_one(database: Database) -> None:
    sent = transaction(
        entry(PATIENT, "POST", "Patient", fullUrl=URN, ifNoneExist="identifier=urn:card|1"),
        entry(task(URN), "POST", "Task"),
    )
    for _ in range(2):
        with database.write() as tx:
            bundle.process(tx, copy.deepcopy(sent))

    with database.read() as tx:
        patients = documents.find(tx, "Patient")
        assert len(patients) == 1
        assert len(documents.find(tx, "Task", patient=patients[0].reference)) == 2


def test_a_faulty_entry_changes_nothing_and_is_named(database: Database) -> None:
    broken = {**task(URN), "status": 7}
    error = refused(
        database, entry(PATIENT, "POST", "Patient", fullUrl=URN), entry(broken, "POST", "Task")
    )

    assert isinstance(error, Refused)
    assert error.field == "Bundle.entry[1].resource.status"
    with database.read() as tx:
        assert documents.find(tx, "Patient") == []


def test_a_reference_to_no_entry_is_refused_with_its_path(database: Database) -> None:
    error = refused(database, entry(task(URN), "POST", "Task"))

    assert (error.code, error.field) == (
        "bundle.unresolved",
        "Bundle.entry[0].resource.for.reference",
    )


@pytest.mark.parametrize(
    "entries",
    [
        [entry({**PATIENT, "id": "p"}, "PUT", "Patient/p")] * 2,
        [entry({**PATIENT, "id": "p"}, "PUT", "Patient/p"), entry(None, "DELETE", "Patient/p")],
        [entry(PATIENT, "POST", "Patient", fullUrl=URN)] * 2,
        [entry(PATIENT, "POST", "Patient", ifNoneExist="identifier=urn:card|1")] * 2,
    ],
)
def test_two_entries_for_one_identity_are_refused(
    database: Database, entries: list[dict[str, Any]]
) -> None:
    assert refused(database, *copy.deepcopy(entries)).code == "bundle.duplicate"


def test_a_stale_entry_undoes_the_bundle(database: Database) -> None:
    with database.write() as tx:
        documents.update(tx, "Patient", "p", PATIENT)
    error = refused(
        database,
        entry(PATIENT, "POST", "Patient"),
        entry({**PATIENT, "id": "p", "gender": "male"}, "PUT", "Patient/p", ifMatch='W/"4"'),
    )

    assert isinstance(error, Stale)
    with database.read() as tx:
        assert [d.version for d in documents.find(tx, "Patient")] == [1]


@pytest.mark.parametrize(
    ("faulty", "code"),
    [
        (entry({**PATIENT, "id": "q"}, "PUT", "Patient/p"), "document.id_differs"),
        (entry(PATIENT, "PUT", "Patient/p_1"), "document.id"),
        (entry(PATIENT, "PUT", "Patient/p", ifMatch='W/"1"'), "document.moved"),
    ],
)
def test_a_put_under_a_wrong_address_is_refused_with_its_entry(
    database: Database, faulty: dict[str, Any], code: str
) -> None:
    error = refused(database, copy.deepcopy(faulty))

    assert error.code == code
    assert error.field.startswith("Bundle.entry[0]")


def test_deleting_comes_before_creating(database: Database) -> None:
    with database.write() as tx:
        documents.update(tx, "Patient", "p", PATIENT)
        bundle.process(
            tx,
            transaction(
                entry(PATIENT, "POST", "Patient", ifNoneExist="identifier=urn:none|1"),
                entry(None, "DELETE", "Patient?identifier=urn:card|1"),
            ),
        )

        assert [d.id == "p" for d in documents.find(tx, "Patient")] == [False]


def test_reading_sees_what_the_transaction_wrote(database: Database) -> None:
    with database.write() as tx:
        done = bundle.process(
            tx,
            transaction(
                entry(None, "GET", "Patient/p"),
                entry({**PATIENT, "id": "p"}, "PUT", "Patient/p"),
            ),
        )

    assert done.response["entry"][0]["resource"]["name"] == PATIENT["name"]


def test_a_search_inside_a_bundle_answers_a_searchset(database: Database) -> None:
    with database.write() as tx:
        done = bundle.process(
            tx,
            transaction(
                entry(None, "GET", "Patient?identifier=urn:card|1"),
                entry(None, "GET", "Patient/p/_history/1"),
                entry({**PATIENT, "id": "p"}, "PUT", "Patient/p"),
            ),
        )

    found, version, _ = done.response["entry"]
    assert found["resource"]["total"] == 1
    assert version["resource"]["id"] == "p"


def test_an_unknown_criterion_of_a_conditional_create_is_refused(database: Database) -> None:
    error = refused(database, entry(PATIENT, "POST", "Patient", ifNoneExist="colour=red"))

    assert error.code == "search.parameter"
    assert error.field.startswith("Bundle.entry[0].request")


def test_the_entries_of_a_batch_fail_alone(database: Database) -> None:
    with database.write() as tx:
        done = bundle.process(
            tx,
            transaction(
                entry({"resourceType": "Patient", "gender": 3}, "POST", "Patient"),
                entry(PATIENT, "POST", "Patient"),
                entry(None, "GET", "Patient/nobody"),
                kind="batch",
            ),
        )

    responses = [e["response"] for e in done.response["entry"]]
    assert [r["status"][:3] for r in responses] == ["400", "201", "404"]
    assert responses[0]["outcome"]["resourceType"] == "OperationOutcome"
    assert len(done.stored) == 1


def test_a_faulty_entry_of_a_batch_leaves_no_trace_in_the_references_of_others(
    database: Database,
) -> None:
    search = "Patient?identifier=urn:card|1"
    sent = [
        entry(PATIENT, "POST", "Patient", ifNoneExist="identifier=urn:card|1"),
        entry(task(search), "POST", "Task"),
        entry({"resourceType": "Patient", "gender": 3}, "POST", "Patient"),
        entry(PATIENT, "POST", "Patient", ifNoneExist="identifier=urn:card|1"),
    ]
    with database.write() as tx:
        done = bundle.process(tx, transaction(*sent, kind="batch"))
        patients = documents.find(tx, "Patient", identifier="urn:card|1")
        tasks = documents.find(tx, "Task", patient=patients[0].reference)

    statuses = [e["response"]["status"][:3] for e in done.response["entry"]]
    assert statuses == ["201", "201", "400", "200"]
    assert len(patients) == 1
    assert [t.resource["for"] for t in tasks] == [{"reference": patients[0].reference}]


def test_entries_of_a_batch_do_not_refer_to_each_other(database: Database) -> None:
    sent = (entry(PATIENT, "POST", "Patient", fullUrl=URN), entry(task(URN), "POST", "Task"))
    with database.write() as tx:
        done = bundle.process(tx, transaction(*sent, kind="batch"))

    responses = [e["response"] for e in done.response["entry"]]
    assert [r["status"][:3] for r in responses] == ["201", "400"]
    assert responses[1]["outcome"]["issue"][0]["details"]["coding"][0]["code"] == (
        "bundle.unresolved"
    )


def test_a_definition_in_a_batch_holds_for_the_entries_behind_it(database: Database) -> None:
    codes = {
        "resourceType": "CodeSystem",
        "url": "urn:colours",
        "status": "active",
        "content": "complete",
        "concept": [{"code": "red"}],
    }
    sent = (entry(PATIENT, "POST", "Patient"), entry(codes, "POST", "CodeSystem"))
    with database.write() as tx:
        done = bundle.process(tx, transaction(*sent, kind="batch"))

    assert [d.type for d in done.stored] == ["Patient", "CodeSystem"]


def test_a_collection_is_put_under_its_ids_and_repeats_change_nothing(database: Database) -> None:
    sent = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"resource": {**PATIENT, "id": "p"}},
            {"resource": {**task("Patient/p"), "id": "t"}},
        ],
    }
    with database.write() as tx:
        first = bundle.process(tx, copy.deepcopy(sent))
        second = bundle.process(tx, copy.deepcopy(sent))

    assert [d.reference for d in first.stored] == ["Patient/p", "Task/t"]
    assert second.stored == ()


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({"request": {"method": "FETCH", "url": "Patient"}}, "Bundle.entry[0].request"),
        ({"request": {"method": "POST", "url": "Patient/1/2"}}, "Bundle.entry[0].request.url"),
        ({"request": {"method": "POST", "url": "Patient"}}, "Bundle.entry[0].resource"),
        ({}, "Bundle.entry[0].request"),
        ({"resource": 7}, "Bundle.entry[0].resource"),
        (
            {"resource": PATIENT, "request": {"method": "POST", "url": "Task"}},
            "Bundle.entry[0].resource.resourceType",
        ),
        (
            {"resource": PATIENT, "request": {"method": "PUT", "url": "Patient/x", "ifMatch": "y"}},
            "Bundle.entry[0].request.ifMatch",
        ),
    ],
)
def test_a_faulty_request_names_its_place(
    database: Database, broken: dict[str, Any], field: str
) -> None:
    assert refused(database, broken).field == field


def test_several_matches_of_a_conditional_create_are_refused(database: Database) -> None:
    with database.write() as tx:
        documents.update(tx, "Patient", "a", PATIENT)
        documents.update(tx, "Patient", "b", PATIENT)

    error = refused(
        database, entry(PATIENT, "POST", "Patient", ifNoneExist="identifier=urn:card|1")
    )
    assert isinstance(error, Conflict)


def test_more_entries_than_allowed_are_refused(database: Database) -> None:
    many = transaction(*[entry(PATIENT, "POST", "Patient")] * 3)
    with database.write() as tx, pytest.raises(Invalid) as caught:
        bundle.process(tx, many, limit=2)

    assert caught.value.code == "bundle.too_many"
