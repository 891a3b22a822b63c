"""A referral from arrival to work begun."""

import pytest

from carecoord.errors import Conflict, Missing, Stale
from carecoord.fhir import read
from carecoord.flows import record, referral
from carecoord.model.ids import ReferralId
from carecoord.store import audit, clocks, documents, outbox
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS
from tests.flows import steps


def provenances(database: Database, task: str) -> list[str]:
    with database.read() as tx:
        found = documents.find(tx, "Provenance", target=f"Task/{task}")
    return [
        c for one in found for c in read.codes(one.resource["activity"], read.system("activity"))
    ]


def test_a_referral_to_an_organisation_of_a_street_is_received_at_once(database: Database) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        task = steps.receive(tx)
        assert task.resource["status"] == "received"
        assert task.version == 2
        actions = [row.action for row in audit.of_target(tx, task.reference)]

    assert actions == ["fhir.created", "referral.received"]
    assert provenances(database, task.id) == ["referral-received"]


def test_a_referral_to_somebody_else_is_stored_and_left_alone(database: Database) -> None:
    build.store(database, *build.organizations(), build.organization("far", "hospital"))
    with database.write() as tx:
        task = steps.receive(tx, owner="far")
        assert (task.resource["status"], task.version) == ("requested", 1)
        with pytest.raises(Missing) as caught:
            referral.accept(tx, BOSS, ReferralId(task.id))

    assert caught.value.code == "referral.none"


def test_a_referral_whose_patient_is_nowhere_is_refused_as_a_whole(database: Database) -> None:
    build.store(database, *build.organizations())
    sent = build.referral()
    sent["entry"][0]["resource"]["for"] = {"reference": "Patient/nobody"}
    with pytest.raises(Conflict) as caught, database.write() as tx:
        record.submit_bundle(tx, BOSS, build.read(sent))
    with database.read() as tx:
        stored = documents.find(tx, "Task")

    assert (caught.value.code, caught.value.field) == ("referral.unresolved", "Task.for")
    assert stored == []


def test_accepting_twice_is_accepting_once(database: Database) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        task = steps.accepted(tx)
        again = referral.accept(tx, BOSS, task)

    assert (again.resource["status"], again.version) == ("accepted", 3)
    assert sorted(provenances(database, task)) == ["referral-accepted", "referral-received"]


def test_who_accepts_an_old_version_is_stale(database: Database) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        task = steps.receive(tx)
        with pytest.raises(Stale) as caught:
            referral.accept(tx, BOSS, ReferralId(task.id), expected=1)
        assert referral.accept(tx, BOSS, ReferralId(task.id), expected=2).version == 3

    assert caught.value.facts["present"] == 2


def test_a_rejected_referral_cannot_be_accepted(database: Database) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        task = steps.receive(tx)
        changed = task.resource | {"status": "rejected"}
        documents.update(tx, "Task", task.id, changed)
        with pytest.raises(Conflict) as caught:
            referral.accept(tx, BOSS, ReferralId(task.id))

    assert caught.value.code == "referral.move"


def test_work_begins_on_an_accepted_referral_only_and_once(database: Database) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        task = ReferralId(steps.receive(tx).id)
        with pytest.raises(Conflict):
            referral.start(tx, BOSS, task)
        referral.accept(tx, BOSS, task)
        begun = referral.start(tx, BOSS, task)
        assert begun.resource["status"] == "in-progress"
        assert referral.start(tx, BOSS, task).version == begun.version
        assert referral.accept(tx, BOSS, task).version == begun.version


def test_orders_that_came_with_a_referral_are_found_by_its_request(database: Database) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        task = documents.read(tx, "Task", steps.accepted(tx, orders=("37", "26")))
        orders = referral.orders_of(tx, referral.request_of(tx, task).id)
        assert referral.elder_of(task) == "e9"

    items = [c for o in orders for c in read.codes(o["code"], read.system("service-item"))]
    assert sorted(items) == ["26", "37"]


def test_what_the_sender_wrote_beside_survives_every_move(database: Database) -> None:
    build.store(database, *build.organizations())
    sent = build.referral()
    extra = {"url": "http://hospital/x", "valueDecimal": 1.50}
    sent["entry"][0]["resource"]["extension"] = [extra]
    with database.write() as tx:
        outcome = record.submit_bundle(tx, BOSS, build.read(sent))
        task = outcome.changes[0].document
        referral.accept(tx, BOSS, ReferralId(task.id))
        found = documents.read(tx, "Task", task.id)

    assert '"valueDecimal":1.5' in found.text.replace(" ", "")
    assert found.resource["focus"] == task.resource["focus"]


def test_a_task_that_is_no_referral_is_nobodys_business(database: Database) -> None:
    build.store(database, *build.organizations())
    other = {
        "resourceType": "Task",
        "id": "t1",
        "status": "requested",
        "intent": "order",
        "owner": build.ref("Organization", build.CENTRE),
    }
    build.store(database, other)
    with database.read() as tx:
        assert documents.read(tx, "Task", "t1").version == 1


def test_death_ends_a_referral_as_a_referral_with_clocks_provenance_and_an_event(
    database: Database,
) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        task = steps.receive(tx)
        elder = referral.elder_of(task)
        person = documents.read(tx, "Patient", elder).resource
        referral.act(
            tx,
            BOSS,
            ReferralId(task.id),
            "awaiting-information",
            referral.Brought(text="which wound?"),
            expected=task.version,
        )
        record.update(tx, BOSS, "Patient", elder, person | {"deceasedBoolean": True})
        over = documents.read(tx, "Task", task.id).resource
        told = outbox.about(tx, task.reference)
        running = [c for c in clocks.of_task(tx, ReferralId(task.id)) if c.state == "running"]

    assert (over["status"], over["businessStatus"]["coding"][0]["code"]) == ("cancelled",) * 2
    assert read.codes(over["statusReason"], read.system("referral-reason")) == ["died"]
    assert "referral-cancelled" in provenances(database, task.id)
    assert told[-1].topic == "referral.cancelled"
    assert running == []
