"""Resources come in: whole or not at all, each with its audit row."""

from pathlib import Path

import pytest

from carecoord.errors import CareError, Missing
from carecoord.fhir.outcome import Refused
from carecoord.flows import networks, record
from carecoord.store import audit, documents, territory
from carecoord.store.engine import Database
from carecoord.store.territory import NetworkSource
from tests import build
from tests.build import BOSS, STREET
from tests.flows import steps


def test_every_resource_of_a_bundle_leaves_one_entry(database: Database) -> None:
    with database.write() as tx:
        record.submit_bundle(tx, BOSS, build.read(build.bundle(*build.organizations())))
        record.submit_bundle(tx, BOSS, build.read(build.bundle(*build.organizations())))
        found = audit.of_target(tx, "Organization/centre")

    assert [row.action for row in found] == ["fhir.created"]


def test_one_faulty_entry_leaves_everything_as_it_was_and_is_named(database: Database) -> None:
    wrong = build.patient("e2") | {"birthDate": "yesterday"}
    with database.read() as tx:
        before = steps.everything(tx)
    with pytest.raises(Refused) as caught, database.write() as tx:
        sent = build.bundle(build.patient("e1"), wrong, build.patient("e3"), type="transaction")
        record.submit_bundle(tx, BOSS, build.read(sent))
    with database.read() as tx:
        assert steps.everything(tx) == before

    assert caught.value.field == "Bundle.entry[1].resource.birthDate"


def test_single_writes_are_recorded_with_what_was_done(database: Database) -> None:
    sent = build.organization("far", "hospital")
    with database.write() as tx:
        made = record.create(tx, BOSS, sent, id="far")
        assert record.update(tx, BOSS, "Organization", "far", sent).deed == "unchanged"
        changed = sent | {"name": "other"}
        assert record.update(tx, BOSS, "Organization", "far", changed).document.version == 2
        assert record.delete(tx, BOSS, "Organization", "far") is not None
        assert record.delete(tx, BOSS, "Organization", "far") is None
        actions = [row.action for row in audit.of_target(tx, made.reference)]

    assert actions == ["fhir.created", "fhir.updated", "fhir.deleted"]


def test_a_referral_created_alone_is_answered_as_it_stands_after_receipt(
    database: Database,
) -> None:
    build.store(database, *build.organizations(), build.patient("e1"))
    (request,) = (
        one["resource"]
        for one in build.referral()["entry"]
        if one["resource"]["resourceType"] == "ServiceRequest"
    )
    build.store(database, request | {"id": "r1", "subject": build.ref("Patient", "e1")})
    task = build.referral()["entry"][0]["resource"] | {
        "focus": build.ref("ServiceRequest", "r1"),
        "for": build.ref("Patient", "e1"),
    }
    with database.write() as tx:
        made = record.create(tx, BOSS, task)
        actions = [row.action for row in audit.of_target(tx, made.reference)]
        assert made == documents.read(tx, "Task", made.id)

    assert "referral.received" in actions
    assert made.resource["status"] != "requested"


def test_nobody_is_counted_to_a_street_that_does_not_exist(database: Database) -> None:
    with database.write() as tx, pytest.raises(Missing) as caught:
        record.count_to_street(tx, BOSS, (), STREET)

    assert caught.value.code == "street.none"


def test_a_street_travels_on_the_network_that_was_set_and_setting_it_again_changes_nothing(
    database: Database,
) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        network = networks.use_synthetic(tx, BOSS, STREET, 3)
        before = steps.everything(tx)
        networks.use_synthetic(tx, BOSS, STREET, 3)
        assert steps.everything(tx) == before
        found = networks.of_street(tx, STREET, Path("unused"))

    assert found is not None and found.content_hash == network.content_hash


def test_a_network_file_that_is_gone_is_missed_by_name(database: Database) -> None:
    with database.write() as tx:
        territory.set_network(tx, STREET, NetworkSource("osm", "gone.osm.pbf", "h"))
        with pytest.raises(Missing) as caught:
            networks.of_street(tx, STREET, Path("nowhere"))

    assert (caught.value.code, caught.value.facts["file"]) == (
        "street.network_file",
        "gone.osm.pbf",
    )


def test_a_street_without_a_network_has_none(database: Database) -> None:
    with database.read() as tx:
        assert networks.of_street(tx, STREET, Path("nowhere")) is None


def test_a_map_file_that_does_not_exist_is_refused(database: Database) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx, pytest.raises(CareError) as caught:
        networks.use_file(tx, BOSS, STREET, Path("gone.osm.pbf"), Path("nowhere"))

    assert caught.value.code == "streets.file_missing"
