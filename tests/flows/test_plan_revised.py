"""A plan in force is revised by a draft that replaces it; nothing done by hand is lost."""

from datetime import timedelta

import pytest

from carecoord.errors import Conflict
from carecoord.fhir import integrated, read
from carecoord.flows import bed, overview, plan, register, visits
from carecoord.flows.drafting import Wishes
from carecoord.model import time
from carecoord.model.beds import BedKind
from carecoord.model.edits import Change, Which
from carecoord.model.ids import ElderId, PlanId, StaffId
from carecoord.model.plans import FamilyCare
from carecoord.model.staff import Role
from carecoord.store import documents, edits
from carecoord.store.documents import Document
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, DAY, STATION
from tests.flows import steps

RULES = build.rules()
LATER = DAY + timedelta(days=7)


@pytest.fixture
def street(database: Database) -> Database:
    """A street whose e1 has a family bed and both levels."""
    people = [one for one in build.street() if one["resourceType"] != "CarePlan"]
    levels = [build.level("e1", scale, 4) for scale in ("LTC37", "GB42195")]
    relative = {
        "resourceType": "RelatedPerson",
        "id": "son",
        "patient": build.ref("Patient", "e1"),
    }
    build.store(database, *people, *levels, relative)
    with database.write() as tx:
        bed.open_bed(tx, BOSS, ElderId("e1"), BedKind.FAMILY, STATION, DAY, RULES)
    return database


def signed(tx: Tx, document: Document) -> Document:
    return plan.sign(tx, BOSS, PlanId(document.id), RULES)


def revised(tx: Tx, old: Document, *programmes: str) -> Document:
    return plan.draft(tx, BOSS, ElderId("e1"), programmes, LATER, RULES, replaces=PlanId(old.id))


def test_the_plan_before_ends_the_day_before_the_new_one(street: Database) -> None:
    with street.write() as tx:
        old = signed(tx, steps.drafted(tx, "e1", "family-bed"))
        new = revised(tx, old, "family-bed", "ltci")
        assert plan.integrated(tx, ElderId("e1")) == old
        signed(tx, new)
        before = documents.read(tx, "CarePlan", old.id).resource
        parts = [one.resource["status"] for one in plan.parts(tx, old.id)]
        now = plan.integrated(tx, ElderId("e1"))

    assert (before["status"], before["period"]["end"]) == (
        "completed",
        (LATER - timedelta(days=1)).isoformat(),
    )
    assert parts == ["completed"]
    assert now is not None and now.id == new.id


def test_there_is_never_a_second_draft(street: Database) -> None:
    with street.write() as tx:
        old = signed(tx, steps.drafted(tx, "e1", "family-bed"))
        revised(tx, old, "family-bed")
        with pytest.raises(Conflict) as caught:
            revised(tx, old, "ltci")

    assert caught.value.code == "plan.exists"


def test_decisions_by_hand_and_care_by_the_family_go_over(street: Database) -> None:
    son = FamilyCare("son", 600, ("7",))
    with street.write() as tx:
        drafted = plan.draft(tx, BOSS, ElderId("e1"), ["family-bed"], DAY, RULES, family=[son])
        old = signed(tx, drafted)
        calendar = visits.calendar(tx, BOSS, PlanId(old.id), LATER, 7, RULES)
        visit = calendar.visits[0]
        which = Which(visit.day, visit.group)
        visits.edit(tx, BOSS, PlanId(old.id), which, "this", Change(minutes=200), "-", RULES)
        new = signed(tx, revised(tx, old, "family-bed"))
        (kept,) = edits.between(tx, [PlanId(new.id)], LATER, LATER + timedelta(days=7))
        again = visits.calendar(tx, BOSS, PlanId(new.id), LATER, 7, RULES)
        shown = overview.overview(tx, BOSS, PlanId(new.id), RULES)

    assert kept.demand is not None and kept.demand.duration == 200 * 60
    assert [v.duration for v in again.visits if v.edited] == [200 * 60]
    assert shown.family == (son,)


def test_a_plan_drafted_for_a_bed_that_closed_is_not_signed(street: Database) -> None:
    with street.write() as tx:
        drafted = steps.drafted(tx, "e1", "family-bed")
        (stay,) = bed.active_beds(tx, ElderId("e1"))
        documents.update(tx, "EpisodeOfCare", stay.id, {**stay.resource, "status": "finished"})
        with pytest.raises(Conflict) as caught:
            signed(tx, drafted)

    assert caught.value.code == "plan.no_bed"


def test_an_item_put_in_twice_from_outside_is_not_signed(street: Database) -> None:
    twice = [
        build.detail("7", build.own("programme", valueCode=programme))
        for programme in ("ltci", "family-bed")
    ]
    draft = build.care_plan("outside", "e1", *twice, status="draft")
    build.store(street, draft)
    with street.write() as tx, pytest.raises(Conflict) as caught:
        plan.sign(tx, BOSS, PlanId("outside"), RULES)

    assert (caught.value.code, caught.value.facts["item"]) == ("plan.duplicate", "7")
    assert caught.value.facts["rule"] == "detect.same_item_days"


@pytest.mark.parametrize(
    ("asked", "wishes", "found"),
    [
        ("c2", Wishes(), "c2"),
        ("", Wishes(carers={Role.NURSE: StaffId("n1")}), "n1"),
    ],
)
def test_the_coordinator_is_who_was_named_or_wished(
    street: Database, asked: str, wishes: Wishes, found: str
) -> None:
    with street.write() as tx:
        drafted = plan.draft(
            tx, BOSS, ElderId("e1"), ["family-bed"], DAY, RULES, wishes, coordinator=asked
        )
        shown = overview.overview(tx, BOSS, PlanId(drafted.id), RULES).coordinator

    assert shown is not None and shown.member.id == found


def test_without_a_name_one_of_the_staff_of_the_bed_coordinates(street: Database) -> None:
    with street.write() as tx:
        drafted = steps.drafted(tx, "e1", "family-bed")
        team = documents.read(
            tx, "CareTeam", read.reference(drafted.resource["careTeam"][0], "CareTeam")
        )

    first = integrated.members(team.resource)[0]
    assert (first.role, first.kind) == ("coordinator", "PractitionerRole")
    assert first.id in {"c1", "c2"}


def test_a_heavy_item_takes_two_carers_from_the_level_of_the_pack_on(database: Database) -> None:
    build.store(
        database,
        *build.organizations(),
        build.patient("e9", 4, 1),
        *(build.level("e9", scale, 4) for scale in ("LTC37", "GB42195")),
    )
    with database.write() as tx:
        steps.home_bed(tx, "e9", referral=steps.accepted(tx, orders=("6",)))
        drafted = steps.drafted(tx, "e9", "home-hospital-bed")
        shown = overview.overview(tx, BOSS, PlanId(drafted.id), RULES)

    assert {t.carers for t in shown.tasks if t.item == "6"} == {2}


def test_a_plan_from_outside_gets_a_team_when_it_is_signed(street: Database) -> None:
    build.store(street, build.care_plan("outside", "e1", build.detail("7"), status="draft"))
    with street.write() as tx:
        plan.sign(tx, BOSS, PlanId("outside"), RULES)
        shown = overview.overview(tx, BOSS, PlanId("outside"), RULES)

    assert shown.coordinator is not None
    assert shown.coordinator.member.kind == "PractitionerRole"


def test_until_the_new_plan_begins_the_old_one_is_in_force(street: Database) -> None:
    begins = time.today() + timedelta(days=10)
    with street.write() as tx:
        old = signed(tx, steps.drafted(tx, "e1", "family-bed"))
        new = plan.draft(
            tx,
            BOSS,
            ElderId("e1"),
            ["family-bed"],
            begins,
            RULES,
            replaces=PlanId(old.id),
        )
        signed(tx, new)
        before = documents.read(tx, "CarePlan", old.id).resource
        now = plan.integrated(tx, ElderId("e1"))
        last, first = (
            [one["id"] for one in register.active_plans(tx, [ElderId("e1")], day, 1)]
            for day in (begins - timedelta(days=1), begins)
        )

    assert (before["status"], read.day(before["period"]["end"])) == (
        "active",
        begins - timedelta(days=1),
    )
    assert now is not None and now.id == new.id
    assert (last, first) == ([old.id], [new.id])
