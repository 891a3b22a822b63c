"""Findings are stored once, follow the facts, and keep what people decided."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from carecoord.errors import Conflict, Forbidden, Invalid, Missing, Stale
from carecoord.fhir.issues import Issue
from carecoord.flows import detect, findings, record
from carecoord.jobs.clock import Clock
from carecoord.model import time
from carecoord.model.ids import StreetId
from carecoord.packs.load import load
from carecoord.store import documents
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS, STREET

TODAY = time.today()


def clashing(elder: str = "e1", other: str = "family-bed", minutes: int = 10) -> build.Json:
    """A plan with one item from two programmes at the same time."""
    repeat = {
        "frequency": 1,
        "period": 1,
        "periodUnit": "d",
        "duration": minutes,
        "durationUnit": "min",
    }
    window = build.window("07:00:00", "10:00:00")
    tasks = [
        build.detail("9", window, build.own("programme", valueCode=one), repeat=repeat)
        for one in ("ltci", other)
    ]
    return build.care_plan(f"plan-{elder}", elder, *tasks)


def issues(database: Database, *states: str, street: StreetId = STREET) -> list[Issue]:
    with database.read() as tx:
        return list(findings.listing(tx, BOSS, street, states=states).issues)


@pytest.fixture
def street(database: Database) -> Database:
    """A street where one plan has one item twice."""
    build.store(database, *build.street())
    build.store(database, clashing())
    return database


def only(database: Database) -> Issue:
    (found,) = [one for one in issues(database) if one.code == "duplicate.item"]
    return found


def nightly(database: Database) -> detect.Outcome:
    with database.write() as tx:
        return detect.street(tx, BOSS, STREET, load().on(TODAY, STREET))


def test_a_change_through_fhir_is_looked_at_at_once_and_its_end_closes_it(
    street: Database,
) -> None:
    found = only(street)
    assert (found.state, found.elder) == ("open", "e1")
    assert found.facts["item"] == "9"

    build.store(street, clashing(other="ltci"))

    assert issues(street, "open", "acknowledged") == []
    (closed,) = issues(street, "closed")
    assert closed.id == found.id
    assert [deed.action for deed in closed.deeds] == ["closed"]
    assert closed.deeds[0].text


def test_the_finding_is_a_detected_issue_with_evidence_rules_and_a_stable_number(
    street: Database,
) -> None:
    found = only(street)
    with street.read() as tx:
        stored = documents.read(tx, "DetectedIssue", found.id).resource
        by_patient = documents.find(
            tx, "DetectedIssue", patient="Patient/e1", implicated="CarePlan/plan-e1"
        )

    assert [one.id for one in by_patient] == [found.id]
    assert stored["status"] == "preliminary"
    assert stored["code"]["coding"][0]["code"] == "duplicate.item"
    assert stored["identifier"][0]["value"] == found.id
    assert stored["evidence"][0]["detail"] == [{"reference": "CarePlan/plan-e1"}]
    assert "协助更衣" in stored["detail"]
    assert [ref.rule_id for ref in found.rules] == ["detect.same_item_days"]


def test_running_again_changes_nothing(street: Database) -> None:
    before = only(street)

    assert nightly(street) == detect.Outcome(found=1)
    assert nightly(street) == detect.Outcome(found=1)
    assert only(street) == before


def test_what_came_back_is_opened_again_under_the_same_id(street: Database) -> None:
    found = only(street)
    build.store(street, clashing(other="ltci"))
    build.store(street, clashing())

    again = only(street)
    assert again.id == found.id
    assert [deed.action for deed in again.deeds] == ["closed", "reopened"]


def test_a_dismissed_finding_stays_dismissed_until_its_facts_change(street: Database) -> None:
    found = only(street)
    with street.write() as tx:
        dismissed = findings.dismiss(
            tx, BOSS, STREET, found.id, reason="both were ordered", expected=found.version
        )
    assert dismissed.state == "dismissed"
    assert dismissed.deeds[-1].text == "both were ordered"

    assert nightly(street) == detect.Outcome(found=1)
    build.store(street, clashing(other="ltci"))
    build.store(street, clashing())
    assert [one.id for one in issues(street, "dismissed")] == [found.id]

    build.store(street, clashing(minutes=50))
    again = only(street)
    assert (again.id, again.state) == (found.id, "open")
    assert [deed.action for deed in again.deeds] == ["dismissed", "reopened"]


def test_the_workflow_keeps_every_step_and_who_took_it(street: Database) -> None:
    found = only(street)
    with street.write() as tx:
        seen = findings.acknowledge(
            tx, BOSS, STREET, found.id, note="calling", expected=found.version
        )
    with street.write() as tx:
        done = findings.resolve(
            tx, BOSS, STREET, found.id, action="moved to LTC", expected=seen.version
        )

    assert [(d.action, d.text, d.who) for d in done.deeds] == [
        ("acknowledged", "calling", "test"),
        ("resolved", "moved to LTC", "test"),
    ]
    with street.read() as tx:
        origins = documents.find(tx, "Provenance", target=f"DetectedIssue/{found.id}")
        stored = documents.read(tx, "DetectedIssue", found.id).resource
    assert len(origins) == 2
    assert [m["action"]["text"] for m in stored["mitigation"]] == ["calling", "moved to LTC"]


def test_decisions_need_the_present_version_a_reason_and_an_open_issue(street: Database) -> None:
    found = only(street)
    with street.write() as tx:
        with pytest.raises(Conflict) as refused:
            findings.acknowledge(tx, BOSS, STREET, found.id, note="", expected=None)
        assert refused.value.code == "document.precondition"
        with pytest.raises(Stale):
            findings.acknowledge(tx, BOSS, STREET, found.id, note="", expected=found.version + 1)
        with pytest.raises(Invalid) as invalid:
            findings.resolve(tx, BOSS, STREET, found.id, action=" ", expected=found.version)
        assert (invalid.value.code, invalid.value.field) == ("issue.action_missing", "action")
        with pytest.raises(Invalid) as invalid:
            findings.dismiss(tx, BOSS, STREET, found.id, reason="", expected=found.version)
        assert invalid.value.code == "issue.reason_missing"
        done = findings.dismiss(tx, BOSS, STREET, found.id, reason="no", expected=found.version)
        with pytest.raises(Conflict) as refused:
            findings.resolve(tx, BOSS, STREET, found.id, action="yes", expected=done.version)
        assert refused.value.code == "issue.move"


def test_an_issue_belongs_to_its_street_and_to_callers_of_it(street: Database) -> None:
    found = only(street)
    reader = build.caller("issue.read")
    with street.write() as tx:
        assert findings.one(tx, reader, STREET, found.id) == found
        with pytest.raises(Missing) as missing:
            findings.one(tx, BOSS, StreetId("990101002"), found.id)
        assert missing.value.code == "issue.none"
        with pytest.raises(Forbidden):
            findings.dismiss(tx, reader, STREET, found.id, reason="no", expected=found.version)
        with pytest.raises(Forbidden):
            findings.listing(tx, build.caller("issue.read", streets=["990101009"]), STREET)
        with pytest.raises(Invalid) as invalid:
            findings.listing(tx, BOSS, STREET, states=["new"])
        assert invalid.value.code == "issue.state"


def test_listing_filters_by_kind_severity_and_person_and_counts_everything(
    street: Database,
) -> None:
    build.store(street, clashing("e2"))
    with street.read() as tx:
        every = findings.listing(tx, BOSS, STREET)
        family = findings.listing(tx, BOSS, STREET, codes=["duplicate"])
        none = findings.listing(tx, BOSS, STREET, codes=["omission"])
        mine = findings.listing(tx, BOSS, STREET, elder="e2")
        paged = findings.listing(tx, BOSS, STREET, offset=1, limit=1)

    assert (every.total, every.states, every.codes) == (2, {"open": 2}, {"duplicate.item": 2})
    assert family.total == 2
    assert (none.total, none.states) == (0, {"open": 2})
    assert [one.elder for one in mine.issues] == ["e2"]
    assert paged.issues == every.issues[1:]


def test_the_evening_clock_looks_over_every_street(street: Database) -> None:
    twin = build.patient("e4", 1, 1, name=[{"text": "e1 name"}])
    with street.write() as tx:
        documents.create(tx, twin | {"telecom": []}, id="e4")
    Clock(street).nightly()

    assert "duplicate.person" in {one.code for one in issues(street)}


def test_deleting_what_was_found_closes_it(street: Database) -> None:
    with street.write() as tx:
        record.delete(tx, BOSS, "CarePlan", "plan-e1")

    assert issues(street, "open") == []


def test_a_finding_moves_with_the_person_to_another_street_and_keeps_its_history(
    street: Database,
) -> None:
    found = only(street)
    with street.write() as tx:
        findings.acknowledge(tx, BOSS, STREET, found.id, note="mine", expected=found.version)
    other = StreetId("990101002")
    build.store(
        street,
        build.organization("office2", "street", division=other),
        build.patient("e1", 1, 1, managed_by="office2"),
    )

    assert [one.id for one in issues(street, street=other)] == [found.id]
    assert issues(street) == []
    (moved,) = issues(street, street=other)
    assert [deed.action for deed in moved.deeds] == ["acknowledged"]
    assert nightly(street).closed == 0


def test_changes_of_one_street_at_the_same_time_do_not_disturb_each_other(
    street: Database,
) -> None:
    def change(elder: str) -> None:
        for other in ("family-bed", "ltci") * 4:
            build.store(street, clashing(elder, other))

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(change, elder) for elder in ("e1", "e2", "e3")]
        done += [pool.submit(nightly, street) for _ in range(4)]
    for one in done:
        one.result()

    nightly(street)
    assert issues(street, "open") == []
    assert {one.elder for one in issues(street, "closed")} == {"e1", "e2", "e3"}
