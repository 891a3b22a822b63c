"""Documents keep every version, lose no update and are found by what they say."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from carecoord.errors import Conflict, Gone, Invalid, Missing, Stale
from carecoord.store import documents
from carecoord.store.engine import Database

PATIENT = {
    "resourceType": "Patient",
    "identifier": [{"system": "urn:card", "value": "110108"}],
    "name": [{"text": "王秀英"}],
    "birthDate": "1940-05-01",
}


FEMALE = {**PATIENT, "gender": "female"}


def test_a_document_comes_back_with_its_version_and_instant(database: Database) -> None:
    with database.write() as tx:
        made = documents.create(tx, PATIENT)
    with database.read() as tx:
        found = documents.read(tx, "Patient", made.id)

    assert found == made
    assert found.resource["meta"]["versionId"] == "1"
    assert found.resource["name"] == PATIENT["name"]
    assert found.updated.isoformat(timespec="milliseconds").startswith(
        found.resource["meta"]["lastUpdated"][:-1]
    )


def test_an_update_keeps_the_older_version(database: Database) -> None:
    with database.write() as tx:
        documents.update(tx, "Patient", "p", PATIENT)
        newer = documents.update(tx, "Patient", "p", FEMALE, expected=1)

        assert newer.version == 2
        assert "gender" not in documents.read_version(tx, "Patient", "p", 1).resource
        assert [d.version for d in documents.history(tx, "Patient", "p")] == [2, 1]


def test_a_second_writer_on_one_version_is_stale(database: Database) -> None:
    with database.write() as tx:
        documents.update(tx, "Patient", "p", PATIENT)
        documents.update(tx, "Patient", "p", FEMALE, expected=1)
        with pytest.raises(Stale) as caught:
            documents.update(tx, "Patient", "p", PATIENT, expected=1)

    assert caught.value.code == "document.moved"


def test_an_unchanged_document_keeps_its_version(database: Database) -> None:
    with database.write() as tx:
        first = documents.update(tx, "Patient", "p", PATIENT)
        again = documents.update(tx, "Patient", "p", first.resource)

        assert documents.update(tx, "Patient", "p", PATIENT) == again == first


def test_an_exception_undoes_the_whole_transaction(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as tx:
        documents.create(tx, PATIENT)
        raise RuntimeError

    with database.read() as tx:
        assert documents.find(tx, "Patient") == []


def test_a_deleted_document_is_gone_but_its_versions_stay(database: Database) -> None:
    with database.write() as tx:
        documents.update(tx, "Patient", "p", PATIENT)
        documents.remove(tx, "Patient", "p")

        with pytest.raises(Gone):
            documents.read(tx, "Patient", "p")
        assert documents.read_version(tx, "Patient", "p", 1).resource["birthDate"] == "1940-05-01"
        assert documents.find(tx, "Patient", identifier="urn:card|110108") == []
        assert documents.update(tx, "Patient", "p", PATIENT).version == 3


@pytest.mark.parametrize("wrong", ["x/y", "", "a" * 65, "１"])
def test_an_impossible_id_is_refused(database: Database, wrong: str) -> None:
    with database.write() as tx, pytest.raises(Invalid):
        documents.update(tx, "Patient", wrong, PATIENT)


def test_what_never_was_is_missing(database: Database) -> None:
    with database.read() as tx, pytest.raises(Missing):
        documents.read(tx, "Patient", "nobody")


@pytest.mark.parametrize(
    "criteria",
    [
        {"identifier": "urn:card|110108"},
        {"identifier": "110108"},
        {"name": "王秀"},
        {"birthdate": "1940-05-01"},
        {"birthdate": "1940"},
        {"_id": "p"},
        {"identifier": ("urn:card|1", "urn:card|110108"), "name": "王"},
    ],
)
def test_a_document_is_found_by_each_kind_of_value(
    database: Database, criteria: dict[str, Any]
) -> None:
    with database.write() as tx:
        documents.update(tx, "Patient", "p", PATIENT)
        documents.update(tx, "Patient", "other", {"resourceType": "Patient"})

        assert [d.id for d in documents.find(tx, "Patient", **criteria)] == ["p"]


@pytest.mark.parametrize("criteria", [{"identifier": "urn:x|110108"}, {"birthdate": "1940-05-02"}])
def test_other_values_do_not_find_it(database: Database, criteria: dict[str, Any]) -> None:
    with database.write() as tx:
        documents.update(tx, "Patient", "p", PATIENT)

        assert documents.find(tx, "Patient", **criteria) == []


def test_a_reference_is_found_by_type_and_id(database: Database) -> None:
    task = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "for": {"reference": "Patient/p"},
    }
    with database.write() as tx:
        made = documents.create(tx, task)

        assert documents.find(tx, "Task", patient="Patient/p", status="requested") == [made]
        assert documents.find(tx, "Task", patient="Patient/q") == []
        assert documents.find(tx, "Task", subject="Group/p") == []


def test_an_unknown_parameter_is_named(database: Database) -> None:
    with database.read() as tx, pytest.raises(Invalid) as caught:
        documents.find(tx, "Task", colour="red")

    assert caught.value.field == "colour"


def test_parallel_conditional_creates_store_one_document(database: Database) -> None:
    def create(_: int) -> tuple[str, bool]:
        with database.write() as tx:
            made, new = documents.create_unless(tx, PATIENT, identifier="urn:card|110108")
            return made.id, new

    with ThreadPoolExecutor(10) as pool:
        made = list(pool.map(create, range(10)))

    assert len({name for name, _ in made}) == 1
    assert [new for _, new in made].count(True) == 1


def test_of_parallel_updates_of_one_version_one_wins(database: Database) -> None:
    with database.write() as tx:
        documents.update(tx, "Patient", "p", PATIENT)

    def change(nth: int) -> bool:
        changed = {**PATIENT, "multipleBirthInteger": nth}
        try:
            with database.write() as tx:
                documents.update(tx, "Patient", "p", changed, expected=1)
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(change, range(12))).count(True) == 1


def test_parallel_creates_by_update_of_one_id_lose_nothing(database: Database) -> None:
    def put(nth: int) -> int:
        changed = {**PATIENT, "multipleBirthInteger": nth}
        with database.write() as tx:
            return documents.update(tx, "Patient", "p", changed).version

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(put, range(8))) == list(range(1, 9))


def test_an_id_in_use_is_a_conflict(database: Database) -> None:
    with database.write() as tx:
        documents.create(tx, PATIENT, id="p")
        with pytest.raises(Conflict):
            documents.create(tx, PATIENT, id="p")
