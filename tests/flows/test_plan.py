"""The one integrated plan: drafted from templates and orders, signed once."""

from typing import Any

import pytest

from carecoord.errors import CareError, Conflict, Invalid, Stale
from carecoord.fhir import plans, read
from carecoord.flows import assess, plan
from carecoord.flows.plan import Wishes
from carecoord.model.ids import ElderId, PlanId, StaffId
from carecoord.model.plans import Task
from carecoord.model.staff import Level, Role
from carecoord.planning import figures
from carecoord.store import audit, documents
from carecoord.store.documents import Document
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, DAY, ON_SQLITE
from tests.flows import steps

RULES = build.rules()
GROUPS = {"home-hospital-bed": {"round", "senior", "nurse"}}


def tasks(document: Document) -> dict[str, list[Task]]:
    found, problems = plans.plan(document.resource, RULES.catalogue(), figures.day_times(RULES), {})
    assert problems == []
    groups: dict[str, list[Task]] = {}
    for task in found.tasks:
        groups.setdefault(task.group, []).append(task)
    return groups


def with_elder(database: Database, *resources: dict[str, Any]) -> None:
    build.store(database, *build.organizations(), build.patient("e1"), *resources)


def sign(tx: Tx, name: str, **more: Any) -> Document:
    return plan.sign(tx, BOSS, PlanId(name), RULES, **more)


def test_a_home_hospital_bed_brings_rounds_nursing_and_what_the_hospital_ordered(
    database: Database,
) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        steps.home_bed(tx, "e9", referral=steps.accepted(tx, orders=("37",)))
        found = tasks(steps.drafted(tx, "e9", "home-hospital-bed"))

    assert set(found) == {
        *(f"home-hospital-bed.{key}" for key in GROUPS["home-hospital-bed"]),
        "home-hospital-bed.order-37",
    }
    (ordered,) = found["home-hospital-bed.order-37"]
    assert (ordered.recurrence.frequency, ordered.recurrence.period) == (2, 7)
    assert ordered.level is Level.NURSE
    assert found["home-hospital-bed.round"][0].level is Level.DOCTOR


def test_an_order_for_an_item_that_has_no_block_is_refused_and_named(database: Database) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        steps.home_bed(tx, "e9", referral=steps.accepted(tx, orders=("121",)))
        with pytest.raises(Conflict) as caught:
            steps.drafted(tx, "e9", "home-hospital-bed")

    assert (caught.value.code, caught.value.facts["item"]) == ("plan.order", "121")
    assert caught.value.facts["reason"] == "rule.unknown"


@ON_SQLITE
@pytest.mark.parametrize("programme", ["home-hospital-bed", "family-bed"])
def test_a_programme_of_a_bed_needs_the_bed(database: Database, programme: str) -> None:
    with_elder(database, build.level("e1", "LTC37", 4))
    with database.write() as tx, pytest.raises(Conflict) as caught:
        steps.drafted(tx, "e1", programme)

    assert (caught.value.code, caught.value.field) == ("plan.no_bed", "programmes")


@ON_SQLITE
def test_a_programme_that_goes_by_a_level_needs_one(database: Database) -> None:
    with_elder(database)
    with database.write() as tx, pytest.raises(Conflict) as caught:
        steps.drafted(tx, "e1", "ltci")

    assert caught.value.code == "plan.no_level"


@ON_SQLITE
def test_insurance_goes_by_its_own_scale_only(database: Database) -> None:
    with_elder(database, build.level("e1", "GB42195", 4))
    with database.write() as tx, pytest.raises(Conflict) as caught:
        steps.drafted(tx, "e1", "ltci")

    assert caught.value.code == "plan.no_level"


@ON_SQLITE
def test_a_programme_that_does_not_exist_is_refused(database: Database) -> None:
    with_elder(database)
    with database.write() as tx, pytest.raises(CareError) as caught:
        steps.drafted(tx, "e1", "wellness")

    assert caught.value.code == "rule.unknown"


def test_a_person_has_one_integrated_plan(database: Database) -> None:
    with_elder(database)
    with database.write() as tx:
        first = steps.drafted(tx, "e1", "station")
        with pytest.raises(Conflict) as caught:
            steps.drafted(tx, "e1", "station")
        assert plan.integrated(tx, ElderId("e1")) == first

    assert caught.value.code == "plan.exists"


@ON_SQLITE
def test_wishes_go_where_they_matter(database: Database) -> None:
    with_elder(database, build.level("e1", "LTC37", 5))
    wishes = Wishes(
        gender="female",
        parts={"ltci.morning": "afternoon"},
        carers={Role.CAREGIVER: StaffId("c1"), Role.DOCTOR: StaffId("d1")},
    )
    with database.write() as tx:
        found = tasks(steps.drafted(tx, "e1", "ltci", wishes=wishes))

    assert {t.preferred for group in found.values() for t in group} == {("c1",)}
    assert found["ltci.morning"][0].occasions == (RULES.windows("afternoon"),)
    assert found["ltci.evening"][0].occasions == (RULES.windows("evening"),)
    intimate = {item.code for item in RULES.catalogue() if item.intimate}
    for group in found.values():
        wished = "female" if any(t.item in intimate for t in group) else ""
        assert {t.gender for t in group} == {wished}
    assert {t.priority for group in found.values() for t in group} == {
        RULES.entry("plan.priority", "ltci")
    }


def test_signing_puts_a_draft_in_force_with_the_signer_on_record(database: Database) -> None:
    with_elder(database)
    with database.write() as tx:
        drafted = steps.drafted(tx, "e1", "station")
        signed = sign(tx, drafted.id, expected=1)
        (origin,) = documents.find(tx, "Provenance", target=signed.reference)
        actions = [row.action for row in audit.of_target(tx, signed.reference)]

    assert (signed.resource["status"], signed.version) == ("active", 2)
    assert origin.resource["agent"][0]["who"]["display"] == "test"
    assert origin.resource["target"][0]["reference"] == f"{signed.reference}/_history/2"
    assert actions == ["plan.draft", "plan.sign"]


def test_signing_twice_is_signing_once(database: Database) -> None:
    with_elder(database)
    with database.write() as tx:
        signed = sign(tx, steps.drafted(tx, "e1", "station").id)
        before = steps.everything(tx)
        assert sign(tx, signed.id) == signed
        assert steps.everything(tx) == before


def test_who_signs_an_old_version_is_stale(database: Database) -> None:
    with_elder(database)
    with database.write() as tx:
        drafted = steps.drafted(tx, "e1", "station")
        documents.update(tx, "CarePlan", drafted.id, drafted.resource | {"title": "other"})
        with pytest.raises(Stale):
            sign(tx, drafted.id, expected=1)


@ON_SQLITE
@pytest.mark.parametrize("status", ["revoked", "completed", "on-hold"])
def test_a_plan_that_is_no_draft_cannot_be_signed(database: Database, status: str) -> None:
    with_elder(database, build.care_plan("p", "e1", build.detail(), status=status))
    with database.write() as tx, pytest.raises(Conflict) as caught:
        sign(tx, "p")

    assert caught.value.code == "plan.state"


@ON_SQLITE
@pytest.mark.parametrize(
    ("details", "code", "path"),
    [
        ((), "plan.empty", "CarePlan.activity"),
        (
            (build.detail(), build.detail("9999")),
            "plan.activity.no_level",
            "CarePlan.activity[1].detail.code",
        ),
        (
            (build.detail(repeat={"frequency": 1, "period": 1, "periodUnit": "mo"}),),
            "plan.activity.period",
            "CarePlan.activity[0].detail.scheduledTiming.repeat.period",
        ),
    ],
)
def test_a_plan_that_cannot_be_planned_is_not_signed_and_the_task_is_named(
    database: Database, details: tuple[dict[str, Any], ...], code: str, path: str
) -> None:
    with_elder(database, build.care_plan("p", "e1", *details, status="draft"))
    with database.write() as tx, pytest.raises(Invalid) as caught:
        sign(tx, "p")
    with database.read() as tx:
        assert documents.read(tx, "CarePlan", "p").resource["status"] == "draft"

    assert (caught.value.code, caught.value.field) == (code, path)


@ON_SQLITE
def test_a_plan_that_breaks_our_profile_is_not_signed(database: Database) -> None:
    sent = build.care_plan("p", "e1", build.detail(), status="draft")
    sent["category"].append({"text": "second"})
    with_elder(database, sent)
    with database.write() as tx, pytest.raises(Invalid) as caught:
        sign(tx, "p")

    assert caught.value.code == "fhir.profile_max"
    assert str(caught.value.facts["profile"]).endswith("/integrated-care-plan")


@ON_SQLITE
def test_an_assessment_that_breaks_our_profile_is_not_recorded(database: Database) -> None:
    with_elder(database)
    sent = build.interview("e1", steps.answers(0.5))
    sent["questionnaire"] = "https://elsewhere.example/Questionnaire/own"
    with database.write() as tx, pytest.raises(Invalid) as caught:
        assess.record(tx, BOSS, build.read(sent), RULES)

    assert caught.value.code == "fhir.profile_invariant"
    assert caught.value.facts["key"] == "ltc37-instrument"


def test_an_interview_gives_a_level_on_each_scale_and_recording_it_again_changes_nothing(
    database: Database,
) -> None:
    with_elder(database)
    sent = build.interview("e1", steps.answers(0.5))
    with database.write() as tx:
        done = assess.record(tx, BOSS, build.read(sent), RULES)
        before = len(documents.history(tx))
        again = assess.record(tx, BOSS, build.read(sent), RULES)
        assert len(documents.history(tx)) == before

    scales = [c for d in done.levels
              for c in read.codes(d.resource["code"], read.system("assessment-scale"))]  # fmt: skip
    assert scales == ["LTC37", "GB42195"]
    assert again == done
    assert {d.resource["derivedFrom"][0]["reference"] for d in done.levels} == {
        "QuestionnaireResponse/interview-e1"
    }


@ON_SQLITE
def test_an_interview_with_answers_of_one_scale_gives_only_that_level(database: Database) -> None:
    with_elder(database)
    some = dict(list(steps.answers().items())[:3])
    with database.write() as tx:
        done = assess.record(tx, BOSS, build.read(build.interview("e1", some)), RULES)

    assert done.levels == ()
    assert done.results.ltc37.missing


@ON_SQLITE
def test_an_interview_that_was_given_up_is_refused(database: Database) -> None:
    with_elder(database)
    sent = build.interview("e1", steps.answers(), status="stopped")
    with database.write() as tx, pytest.raises(Invalid) as caught:
        assess.record(tx, BOSS, sent, RULES)

    assert caught.value.code == "assessment.not_completed"
    assert DAY.isoformat() in sent["authored"]
