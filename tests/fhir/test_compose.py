from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from carecoord.fhir import amend, beds, compose, plans, read
from carecoord.fhir.compose import VisitBlock, derived_id
from carecoord.model.beds import BedKind, BedState
from carecoord.model.catalogue import PARTS, PlanBlock
from carecoord.model.staff import Level
from carecoord.model.time import instant
from fhir_profiles import check
from tests import build
from tests.build import TIMES, rules

RULES = rules()
CATALOGUE = RULES.catalogue()
ITEMS = [item for item in CATALOGUE if item.performer is not Level.DOCTOR]
START = date(2026, 3, 1)


def care_plan(*blocks: VisitBlock, **more: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"author": "", "addresses": (), "beds": ()} | more
    return compose.care_plan(
        "p", "e1", start=START, title="plan", blocks=blocks, catalogue=CATALOGUE, **facts
    )


@st.composite
def visit_blocks(draw: st.DrawFn, group: str = "g") -> VisitBlock:
    items = draw(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4, unique=True))
    weekly = draw(st.booleans())
    block = PlanBlock(
        key="k",
        programme=draw(st.sampled_from(["ltci", "family-bed", "home-hospital-bed", "station"])),
        items=tuple(item.code for item in items),
        frequency=draw(st.integers(1, 7)) if weekly else 1,
        period=7 * draw(st.integers(1, 4)) if weekly else draw(st.integers(1, 40)),
        part_of_day="day",
        minutes=draw(st.integers(5, 180)),
        carers=draw(st.integers(1, 2)),
        performer=draw(st.sampled_from([None, Level.NURSE, Level.CAREGIVER_MEDICAL])),
        rule_id="plan.test",
    )
    days = st.dates(START, date(2026, 12, 31))
    first = draw(days)
    return VisitBlock(
        group=group,
        block=block,
        windows=draw(st.sampled_from([RULES.windows(part) for part in PARTS])),
        first=first,
        last=draw(st.none() | days.map(lambda day: max(day, first))),
        wish=draw(st.none() | st.integers(8 * 60, 16 * 60).map(lambda minute: 60 * minute)),
        performers=tuple(draw(st.lists(st.sampled_from(["c1", "n1"]), unique=True))),
        # More visits than days named contradict each other.
        weekdays=tuple(sorted(draw(st.sets(st.integers(0, 6), max_size=3))))
        if block.frequency == 1
        else (),
        gender=draw(st.sampled_from(["", "female", "male"])),
        priority=draw(st.integers(1, 9)),
    )


@given(st.lists(visit_blocks(), min_size=1, max_size=3))
def test_a_composed_plan_reads_back_as_the_tasks_it_was_made_from(
    blocks: list[VisitBlock],
) -> None:
    found, problems = plans.plan(care_plan(*blocks), CATALOGUE, TIMES, {})

    assert problems == []
    wanted = [(b, code) for b in blocks for code in b.block.items]
    assert len(found.tasks) == len(wanted)
    for task, (visit, code) in zip(found.tasks, wanted, strict=True):
        block, item = visit.block, CATALOGUE.item(code)
        assert (task.item, task.group, task.minutes) == (code, "g", item.minutes)
        assert task.level is (block.performer or item.performer)
        assert (task.recurrence.frequency, task.recurrence.period) == (
            block.frequency,
            block.period,
        )
        assert task.recurrence.weekdays == visit.weekdays
        assert (task.recurrence.first, task.recurrence.last) == (visit.first, visit.last)
        assert task.occasions == (visit.windows,)
        assert task.wishes == (
            ()
            if visit.wish is None
            else ((visit.wish - TIMES.tolerance, visit.wish + TIMES.tolerance),)
        )
        assert (task.carers, task.visit_minutes) == (block.carers, block.minutes)
        assert (task.programme, task.priority) == (block.programme, visit.priority)
        assert (task.gender, task.preferred) == (visit.gender, visit.performers)
        assert task.order_needed == item.order_needed


@given(visit_blocks())
def test_a_composed_plan_is_valid_fhir(block: VisitBlock) -> None:
    made = build.read(care_plan(block, author="centre", addresses=["c1"], beds=["b1"]))

    assert [f for f in check.findings(made) if f.severity == "error"] == []


def test_a_composed_plan_is_a_draft_from_its_start() -> None:
    made = care_plan()

    assert (made["status"], made["intent"]) == ("draft", "plan")
    assert made["period"] == {"start": "2026-03-01"}
    assert "author" not in made and "addresses" not in made


def test_a_bed_is_an_active_episode_that_names_the_request() -> None:
    made = beds.moved(
        beds.new("b1", BedKind.HOME_HOSPITAL, "e1", "centre", "r1"),
        BedState.OPENED,
        instant(START, 0),
    )

    assert check.findings(made) == []
    assert made["status"] == "active"
    assert read.codes(made["type"], read.system("bed-kind")) == ["home-hospital-bed"]
    assert made["referralRequest"] == [{"reference": "ServiceRequest/r1"}]


def test_a_level_is_an_observation_of_one_scale_derived_from_the_response() -> None:
    made = compose.assessment_level(
        "o1", "e1", "qr1", "LTC37", 4, "重度", "2026-03-01", ["ltc37.level"]
    )

    assert check.findings(made) == []
    assert read.codes(made["code"], read.system("assessment-scale")) == ["LTC37"]
    assert made["valueInteger"] == 4
    assert made["derivedFrom"] == [{"reference": "QuestionnaireResponse/qr1"}]


def test_provenance_names_one_version_and_who_decided() -> None:
    at = datetime(2026, 3, 5, 1, 2, 3, tzinfo=UTC)
    made = compose.provenance("Task/1", 3, "referral-accepted", "nurse-7", "centre", at)

    assert check.findings(made) == []
    assert made["target"] == [{"reference": "Task/1/_history/3"}]
    assert made["recorded"] == "2026-03-05T09:02:03+08:00"
    assert made["agent"][0]["onBehalfOf"] == {"reference": "Organization/centre"}


def test_the_same_parts_give_the_same_id_and_others_another() -> None:
    assert derived_id("bed", "1") == derived_id("bed", "1") != derived_id("bed", "2")


@given(st.integers(0, 86_399))
def test_a_clock_time_reads_back_as_its_seconds(seconds: int) -> None:
    assert read.seconds(compose.clock_time(seconds)) == seconds


EXTENSION = {"url": "http://elsewhere/x", "valueString": "kept"}


def test_another_status_changes_nothing_else_and_not_the_given_resource() -> None:
    task = {"resourceType": "Task", "status": "requested", "extension": [EXTENSION]}

    changed = amend.with_status(task, "accepted", {"text": "yes"})

    assert task["status"] == "requested"
    assert changed == task | {"status": "accepted", "businessStatus": {"text": "yes"}}
    assert amend.with_status(task, "failed") == task | {"status": "failed"}


def test_a_bed_keeps_the_history_of_its_states_and_ends_when_it_is_closed() -> None:
    new = beds.new("b", BedKind.FAMILY, "e", "o") | {"extension": [EXTENSION]}
    opened = amend.bed_status(new, "active", START.isoformat())
    opened["period"] = {"start": START.isoformat()}

    held = amend.bed_status(opened, "onhold", "2026-03-10")
    closed = amend.bed_status(held, "finished", "2026-03-20")

    assert closed["statusHistory"] == [
        {"status": "active", "period": {"start": "2026-03-01", "end": "2026-03-10"}},
        {"status": "onhold", "period": {"start": "2026-03-10", "end": "2026-03-20"}},
        {"status": "finished", "period": {"start": "2026-03-20"}},
    ]
    assert closed["period"] == {"start": "2026-03-01", "end": "2026-03-20"}
    assert "end" not in held["period"]
    assert closed["extension"] == [EXTENSION]
