"""Definitions of `duplicate.*`."""

from datetime import datetime, timedelta

import pytest

from carecoord.model.assessment import Change
from carecoord.model.facts import Bill
from carecoord.model.time import ZONE
from tests.planning.detect.build import ago, assessed, found, person, task

NINE = datetime(2026, 2, 20, 9, tzinfo=ZONE)


def test_one_item_of_two_programmes_in_overlapping_windows_is_a_duplicate() -> None:
    (one,) = found(person(tasks=(task("9"), task("9", "family-bed"))), "duplicate.item")

    assert one.facts == {"item": "9", "programme": "family-bed", "other": "ltci", "days": 0}
    assert one.evidence[0].refs == ("CarePlan/p",)
    assert "detect.same_item_days" in {ref.rule_id for ref in one.rules}


@pytest.mark.parametrize(
    "other",
    [
        task("9", "family-bed", window=(40000, 50000)),
        task("9", "ltci", group="again"),
        task("10", "family-bed"),
        task("9", ""),
    ],
    ids=["another time", "one programme", "another item", "no programme"],
)
def test_what_is_no_duplicate_item(other: object) -> None:
    assert found(person(tasks=(task("9"), other)), "duplicate.item") == []


@pytest.mark.parametrize(("apart", "count"), [(0, 1), (3, 1), (4, 0)])
def test_a_bath_is_one_too_many_within_the_days_of_the_pack(apart: int, count: int) -> None:
    tasks = (task("6", every=99), task("6", "family-bed", every=99, offset=apart))

    assert len(found(person(tasks=tasks), "duplicate.item")) == count


def test_another_length_or_window_is_another_fingerprint() -> None:
    before = found(person(tasks=(task("9"), task("9", "family-bed"))), "duplicate.item")
    longer = found(person(tasks=(task("9"), task("9", "family-bed", minutes=50))), "duplicate.item")

    assert before[0].id == longer[0].id
    assert before[0].fingerprint != longer[0].fingerprint


def test_one_task_with_two_payers_is_found_and_with_one_is_not() -> None:
    (one,) = found(person(tasks=(task(payers=("ltci", "subsidy")),)), "duplicate.payer")

    assert (one.facts["payer"], one.facts["other"], one.severity) == ("ltci", "subsidy", "high")
    assert found(person(tasks=(task(payers=("ltci", "ltci")),)), "duplicate.payer") == []


def test_two_tasks_of_one_item_and_time_with_two_payers_are_found() -> None:
    paid = (task("9", payers=("ltci",)), task("9", "family-bed", payers=("subsidy",)))

    assert len(found(person(tasks=paid), "duplicate.payer")) == 1


def bill(payer: str, minutes_later: int, item: str = "6") -> Bill:
    start = NINE + timedelta(minutes=minutes_later)
    return Bill(f"Claim/{payer}{minutes_later}", item, payer, start, start + timedelta(minutes=40))


@pytest.mark.parametrize(
    ("bills", "count"),
    [
        ((bill("ltci", 0), bill("subsidy", 39)), 1),
        ((bill("ltci", 0), bill("subsidy", 40)), 0),
        ((bill("ltci", 0), bill("ltci", 10)), 0),
        ((bill("ltci", 0), bill("subsidy", 10, "5")), 0),
    ],
    ids=["overlap", "one after the other", "one payer", "two items"],
)
def test_one_item_billed_to_two_payers_in_overlapping_time(
    bills: tuple[Bill, ...], count: int
) -> None:
    assert len(found(person(bills=bills), "duplicate.payer")) == count


def test_an_assessment_while_one_is_valid_is_a_repeat_and_names_the_earlier() -> None:
    (one,) = found(person(assessments=(assessed(200), assessed(60))), "duplicate.assessment")

    assert one.key == ("QuestionnaireResponse/60",)
    assert one.facts["earlier"] == ago(200).isoformat()


@pytest.mark.parametrize("reason", ["immediate", "dispute"])
def test_reasons_of_the_pack_allow_another_assessment(reason: str) -> None:
    again = (assessed(200), assessed(60, reason=reason))

    assert found(person(assessments=again), "duplicate.assessment") == []


def test_a_change_in_between_calls_for_another_assessment() -> None:
    again = (assessed(200), assessed(60))
    changes = (Change("fall", ago(100)),)

    assert found(person(assessments=again, changes=changes), "duplicate.assessment") == []


@pytest.mark.parametrize(("left", "count"), [(29, 0), (45, 1)])
def test_shortly_before_the_end_another_assessment_is_in_time(left: int, count: int) -> None:
    later = assessed(10)
    earlier = assessed(10 + 730 - left)

    codes = found(person(assessments=(earlier, later)), "duplicate.assessment")
    assert len(codes) == count


def test_nothing_about_a_dead_person_is_a_duplicate() -> None:
    assert found(person(dead=True, tasks=(task("9"), task("9", "family-bed")))) == []
