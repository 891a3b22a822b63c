"""Two records of one person: merged with both histories kept, and taken apart again."""

import pytest

from carecoord.errors import Conflict, Missing, Stale
from carecoord.flows import aliases, bed, condition, findings, person, plan, register
from carecoord.model import time
from carecoord.model.identifiers import synthetic_resident_id
from carecoord.model.ids import ElderId
from carecoord.packs.load import load
from carecoord.store import documents
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS, STREET

TODAY = time.today()
A, B = ElderId("a1"), ElderId("b1")
RESIDENT = "urn:oid:2.16.840.1.113883.2.23.1.19.1"


def record(id: str, **more: object) -> build.Json:  # noqa: A002
    return build.patient(
        id,
        2,
        2,
        name=[{"text": "王秀英"}],
        telecom=[{"system": "phone", "value": "19900001234"}],
        active=True,
        **more,
    )


@pytest.fixture
def twice(database: Database) -> Database:
    """One person in two records, each with a plan."""
    build.store(
        database,
        *build.street(),
        record(A),
        record(B),
        build.care_plan("plan-a", A, build.detail("7")),
        build.care_plan("plan-b", B, build.detail("8")),
    )
    return database


def version(database: Database, id: str) -> int:  # noqa: A002
    with database.read() as tx:
        return documents.read(tx, "Patient", id).version


def merge(database: Database, survivor: ElderId = A, other: ElderId = B) -> person.Merged:
    with database.write() as tx:
        return person.merge(tx, BOSS, survivor, other, expected=version(database, survivor))


def pairs(database: Database) -> list[tuple[str, str]]:
    with database.read() as tx:
        found = person.duplicates(tx, BOSS, STREET, load().on(TODAY, STREET))
        return [(pair.first.id, pair.second.id) for pair in found]


def codes(database: Database, *states: str) -> set[str]:
    with database.read() as tx:
        return {one.code for one in findings.listing(tx, BOSS, STREET, states=states).issues}


def test_a_new_record_is_compared_at_once_and_both_are_shown_for_review(twice: Database) -> None:
    assert "duplicate.person" in codes(twice, "open")
    assert pairs(twice) == [(A, B)]


def test_a_merge_links_both_records_keeps_both_and_closes_the_finding(twice: Database) -> None:
    done = merge(twice)

    assert done.survivor.resource["link"] == [
        {"other": {"reference": "Patient/b1"}, "type": "replaces"}
    ]
    assert done.other.resource["link"] == [
        {"other": {"reference": "Patient/a1"}, "type": "replaced-by"}
    ]
    assert done.other.resource["active"] is False
    assert "duplicate.person" not in codes(twice, "open")
    assert "duplicate.person" in codes(twice, "closed")
    assert pairs(twice) == []
    with twice.read() as tx:
        assert documents.read(tx, "CarePlan", "plan-b").resource["subject"] == {
            "reference": "Patient/b1"
        }
        assert len(documents.find(tx, "Provenance", target="Patient/b1")) == 1


def test_what_names_the_replaced_record_is_read_as_the_survivors(twice: Database) -> None:
    merge(twice)

    with twice.read() as tx:
        assert aliases.known_as(tx, B) == (A, B)
        found = register.active_plans(tx, [A, B], TODAY, 1)
    assert [(one["id"], one["subject"]["reference"]) for one in found] == [
        ("plan-a", "Patient/a1"),
        ("plan-b", "Patient/a1"),
    ]


def test_findings_of_a_merged_person_come_from_both_records(twice: Database) -> None:
    window = build.window("07:00:00", "10:00:00")
    for id_, elder, programme in (("plan-a", A, "ltci"), ("plan-b", B, "family-bed")):
        task = build.detail("9", window, build.own("programme", valueCode=programme))
        build.store(twice, build.care_plan(id_, elder, task))
    assert "duplicate.item" not in codes(twice, "open")

    merge(twice)

    with twice.read() as tx:
        (found,) = findings.listing(tx, BOSS, STREET, codes=["duplicate.item"]).issues
    assert found.elder == A
    assert {ref for one in found.evidence for ref in one.refs} == {
        "CarePlan/plan-a",
        "CarePlan/plan-b",
    }


def test_a_merge_can_be_taken_back_and_both_stand_as_before(twice: Database) -> None:
    with twice.read() as tx:
        before = [documents.read(tx, "Patient", id_).resource for id_ in (A, B)]
    merge(twice)
    with twice.write() as tx:
        done = person.unmerge(tx, BOSS, A, B, expected=version(twice, A))

    for was, now in zip(before, (done.survivor.resource, done.other.resource), strict=True):
        assert {k: v for k, v in now.items() if k != "meta"} == {
            k: v for k, v in was.items() if k != "meta"
        }
    assert pairs(twice) == [(A, B)]
    assert "duplicate.person" in codes(twice, "open")


def test_three_records_of_one_person_are_followed_through_each_other(twice: Database) -> None:
    build.store(twice, record("c1"))
    merge(twice, A, B)
    merge(twice, ElderId("c1"), A)

    with twice.read() as tx:
        assert set(aliases.known_as(tx, B)) == {"a1", "b1", "c1"}
        assert aliases.known_as(tx, B)[0] == "c1"


def test_merges_that_cannot_be_are_refused_with_their_reason(twice: Database) -> None:
    born = build.DAY.replace(year=1940, month=5, day=1)
    for id_, sequence in (("x1", 1), ("x2", 2)):
        number = synthetic_resident_id("990101", born, sequence, "female")
        build.store(twice, record(id_, identifier=[{"system": RESIDENT, "value": number}]))

    def refused(survivor: str, other: str, expected: int | None) -> str:
        with twice.write() as tx, pytest.raises(Conflict) as error:
            person.merge(tx, BOSS, ElderId(survivor), ElderId(other), expected=expected)
        return error.value.code

    assert refused(A, A, 1) == "person.same"
    assert refused(A, B, None) == "document.precondition"
    assert refused("x1", "x2", 1) == "person.two_numbers"
    with twice.write() as tx:
        with pytest.raises(Stale):
            person.merge(tx, BOSS, A, B, expected=9)
        with pytest.raises(Missing):
            person.merge(tx, BOSS, A, ElderId("nobody"), expected=1)
        with pytest.raises(Conflict) as error:
            person.unmerge(tx, BOSS, A, B, expected=1)
        assert error.value.code == "person.not_merged"
    merge(twice)
    assert refused("x1", B, 1) == "person.replaced"


def test_plan_beds_and_levels_of_the_replaced_record_are_the_persons(twice: Database) -> None:
    bed_of_b = {
        "resourceType": "EpisodeOfCare",
        "id": "bed-b",
        "status": "active",
        "type": [build.concept("bed-kind", "family-bed")],
        "patient": build.ref("Patient", B),
        "managingOrganization": build.ref("Organization", build.STATION),
        "period": {"start": "2026-01-01"},
    }
    with twice.write() as tx:
        documents.create(tx, bed_of_b, id="bed-b")
        documents.remove(tx, "CarePlan", "plan-a")
    merge(twice)

    with twice.read() as tx:
        found = plan.integrated(tx, A)
        assert found is not None
        assert found.id == "plan-b"
        assert [one.id for one in bed.active_beds(tx, A)] == ["bed-b"]
        assert condition.person(tx, A) == (A, (A, B))
