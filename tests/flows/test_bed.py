"""Beds: who may have one, and what opening does."""

from typing import Any

import pytest

from carecoord.errors import Conflict, Missing
from carecoord.fhir import read
from carecoord.flows import bed
from carecoord.model.beds import BedKind
from carecoord.model.ids import ElderId
from carecoord.store import audit, documents
from carecoord.store.documents import Document
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, CENTRE, DAY, ON_SQLITE, STATION
from tests.flows import steps

RULES = build.rules()


def family(tx: Tx, elder: str = "e1", organization: str = STATION) -> Document:
    return bed.open_bed(tx, BOSS, ElderId(elder), BedKind.FAMILY, organization, DAY, RULES)


def refused(database: Database, *resources: dict[str, Any], elder: str = "e1") -> Conflict:
    build.store(database, *build.organizations(), *resources)
    with database.write() as tx:
        before = steps.everything(tx)
        with pytest.raises(Conflict) as caught:
            family(tx, elder)
        assert steps.everything(tx) == before
    return caught.value


def test_a_home_hospital_bed_is_an_episode_with_provenance_and_audit(database: Database) -> None:
    build.store(database, *build.organizations(), build.patient("e1"))
    with database.write() as tx:
        opened = steps.home_bed(tx, "e1")
        (origin,) = documents.find(tx, "Provenance", target=opened.reference)
        actions = [row.action for row in audit.of_target(tx, opened.reference)]

    assert opened.resource["status"] == "active"
    assert opened.resource["period"] == {"start": DAY.isoformat()}
    assert origin.resource["target"][0]["reference"].endswith("/_history/1")
    assert actions == ["bed.open"]


def test_opening_the_same_bed_again_changes_nothing(database: Database) -> None:
    build.store(database, *build.organizations(), build.patient("e1"))
    with database.write() as tx:
        first = steps.home_bed(tx, "e1")
        before = steps.everything(tx)
        assert steps.home_bed(tx, "e1") == first
        assert steps.everything(tx) == before


def test_one_person_holds_one_home_hospital_bed_whoever_keeps_it(database: Database) -> None:
    build.store(database, *build.organizations(), build.patient("e1"))
    with database.write() as tx:
        steps.home_bed(tx, "e1")
        with pytest.raises(Conflict) as caught:
            bed.open_bed(tx, BOSS, ElderId("e1"), BedKind.HOME_HOSPITAL, STATION, DAY, RULES)

    assert caught.value.code == "bed.limit"
    assert caught.value.facts["rule"] == "home_bed.active_per_person"


def test_a_referral_that_was_accepted_moves_on_when_its_bed_opens(database: Database) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        task = steps.accepted(tx)
        opened = steps.home_bed(tx, "e9", referral=task)
        moved = documents.read(tx, "Task", task)

    assert moved.resource["status"] == "in-progress"
    request = opened.resource["referralRequest"][0]["reference"]
    assert request == moved.resource["focus"]["reference"]


def test_a_referral_that_nobody_accepted_opens_no_bed(database: Database) -> None:
    build.store(database, *build.organizations())
    with pytest.raises(Conflict) as caught, database.write() as tx:
        steps.home_bed(tx, "e9", referral=steps.receive(tx).id)
    with database.read() as tx:
        assert documents.find(tx, "EpisodeOfCare") == []

    assert caught.value.code == "referral.move"


@ON_SQLITE
def test_the_dead_get_no_bed(database: Database) -> None:
    dead = build.patient("e1", deceasedBoolean=True)

    assert refused(database, dead).code == "bed.dead"


@ON_SQLITE
def test_a_family_bed_needs_the_packs_age_on_the_day_it_opens(database: Database) -> None:
    young = build.patient("e1", born="1966-03-06")
    error = refused(database, young, build.level("e1", "LTC37", 4))

    assert (error.code, error.facts["age"], error.facts["least"]) == ("bed.too_young", 59, 60)
    build.store(database, build.patient("e2", born="1966-03-05"), build.level("e2", "LTC37", 4))
    with database.write() as tx:
        assert family(tx, "e2").resource["status"] == "active"


@ON_SQLITE
def test_a_family_bed_needs_a_birth_date(database: Database) -> None:
    unknown = build.patient("e1")
    del unknown["birthDate"]

    assert refused(database, unknown).code == "bed.no_birth_date"


@ON_SQLITE
@pytest.mark.parametrize("levels", [[], [("LTC37", 1)], [("LTC37", 1), ("GB42195", 1)]])
def test_a_family_bed_needs_a_level_and_levels_of_two_scales_do_not_add_up(
    database: Database, levels: list[tuple[str, int]]
) -> None:
    found = [build.level("e1", scale, number) for scale, number in levels]

    assert refused(database, build.patient("e1"), *found).code == "bed.level"


@ON_SQLITE
@pytest.mark.parametrize("scale", ["LTC37", "GB42195"])
def test_one_scale_suffices_for_a_family_bed(database: Database, scale: str) -> None:
    build.store(database, *build.organizations(), build.patient("e1"), build.level("e1", scale, 2))
    with database.write() as tx:
        opened = family(tx)

    assert read.codes(opened.resource["type"], read.system("bed-kind")) == ["family-bed"]


@ON_SQLITE
def test_the_newest_level_of_a_scale_counts(database: Database) -> None:
    old = build.level("e1", "LTC37", 4, "2025-03-01")
    new = build.level("e1", "LTC37", 1, "2026-02-01")

    assert refused(database, build.patient("e1"), new, old).code == "bed.level"


def test_an_unknown_elder_or_organisation_is_missing(database: Database) -> None:
    build.store(database, *build.organizations(), build.patient("e1"))
    with database.write() as tx:
        for elder, organization in (("nobody", CENTRE), ("e1", "nowhere")):
            with pytest.raises(Missing) as caught:
                bed.open_bed(
                    tx, BOSS, ElderId(elder), BedKind.HOME_HOSPITAL, organization, DAY, RULES
                )
            assert caught.value.code == "document.missing"
