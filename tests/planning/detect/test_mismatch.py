"""Definitions of `mismatch.*`, and the rates."""

from typing import Any

import pytest

from carecoord.model.facts import Order
from carecoord.model.ids import StaffId
from carecoord.model.staff import Level
from carecoord.planning.detect import rates
from carecoord.planning.detect.rates import CODES
from tests.planning.detect.build import (
    INTACT,
    RULES,
    ago,
    assessed,
    found,
    person,
    task,
    visit,
)

CARE = (task("7"), task("9"), task("15"), task("6", every=7))


def test_planned_minutes_without_an_assessed_need_are_above_it() -> None:
    facts = person(assessments=(assessed(60, 1, scores=INTACT),), tasks=(task("7"), task("10")))
    (one,) = found(facts, "mismatch.above")

    assert one.facts["items"] == "7"
    assert one.evidence[0].facts == {"percent": 50, "minutes": 280, "of": 560}


@pytest.mark.parametrize(
    ("tasks", "orders"),
    [
        ((*CARE, task("18", minutes=10)), ()),
        ((*CARE, task("29", "home-hospital-bed", minutes=90)), ()),
        ((*CARE, task("30", minutes=90)), (Order("ServiceRequest/1", "30", ago(9), None),)),
        ((task("101", "home-hospital-bed"),), ()),
    ],
    ids=["a small share", "an answered need", "ordered", "no matter of need"],
)
def test_what_is_not_above_the_need(tasks: Any, orders: Any) -> None:
    facts = person(assessments=(assessed(),), tasks=tasks, orders=orders)

    assert found(facts, "mismatch.above") == []


def test_more_than_half_of_the_needs_without_an_item_is_below_it() -> None:
    enough = person(assessments=(assessed(),), tasks=CARE)
    little = person(assessments=(assessed(),), tasks=(task("15"),))

    assert found(enough, "mismatch.below") == []
    (one,) = found(little, "mismatch.below")
    assert one.facts["unmet"] == 5
    assert str(one.facts["needs"]).split(",")[0] == "eating"


def test_without_valid_answers_nobody_says_what_is_needed() -> None:
    tasks = (task("18"), task("7"))

    for known in ((), (assessed(800),), (assessed(scores={}),)):
        codes = {one.code for one in found(person(assessments=known, tasks=tasks))}
        assert not codes & {"mismatch.above", "mismatch.below"}


def test_the_other_scale_shows_the_need_where_the_first_was_not_asked() -> None:
    gb = assessed(60, levels={"GB42195": 1}, scores={"B.1.1": 4, "B.1.3": 1})
    facts = person(assessments=(gb,), tasks=(task("7"), task("6")))
    (one,) = found(facts, "mismatch.above")

    assert one.facts["items"] == "7"


@pytest.mark.parametrize(
    ("level", "needed", "count"),
    [
        (Level.CAREGIVER, Level.NURSE, 1),
        (Level.NURSE, Level.CAREGIVER, 0),
        (Level.NURSE, Level.CAREGIVER_MEDICAL, 0),
        (Level.DOCTOR, Level.NURSE, 1),
        (Level.CAREGIVER, None, 0),
    ],
)
def test_a_task_planned_below_the_level_of_its_item(
    level: Level, needed: Level | None, count: int
) -> None:
    facts = person(tasks=(task("37", level=level, needed=needed),))

    assert len(found(facts, "mismatch.performer")) == count


@pytest.mark.parametrize(
    ("who", "days", "count"),
    [("nurse", 3, 0), ("carer", 3, 1), ("lapsed", 3, 1), ("lapsed", 20, 0), ("nobody", 3, 1)],
)
def test_somebody_was_sent_whose_licence_did_not_allow_it_that_day(
    who: str, days: int, count: int
) -> None:
    sent = visit(days, level=Level.NURSE, staff=(StaffId(who),))

    assert len(found(person(visits=(sent,)), "mismatch.performer")) == count


@pytest.mark.parametrize(("who", "count"), [("nurse", 0), ("carer", 1), ("lapsed", 1)])
def test_somebody_is_named_who_may_not_do_it(who: str, count: int) -> None:
    named = task("38", level=Level.NURSE, needed=Level.NURSE, performers=(who,))

    assert len(found(person(tasks=(named,)), "mismatch.performer")) == count


@pytest.mark.parametrize(
    ("starts", "count"),
    [
        ((40000, 40000, 40000), 1),
        ((40000, 40000), 0),
        ((40000, 40000, 36000), 0),
        ((40000, 20000, 36001), 1),
        ((40000, 40000, None), 0),
    ],
    ids=["never", "too few", "once, on the bound", "early or late", "one unknown"],
)
def test_a_window_that_is_never_met(starts: tuple[int | None, ...], count: int) -> None:
    visits = tuple(visit(3 + k, start=start) for k, start in enumerate(starts))

    assert len(found(person(visits=visits), "mismatch.window")) == count


@pytest.mark.parametrize(
    ("level", "minutes", "count"),
    [(3, 60, 0), (3, 69, 1), (4, 69, 0), (2, 10, 1)],
)
def test_more_of_the_insurance_than_the_level_gives(level: int, minutes: int, count: int) -> None:
    facts = person(
        assessments=(assessed(60, level),),
        tasks=(task("7", group="m", minutes=5, visit_minutes=minutes),),
    )

    assert len(found(facts, "mismatch.hours")) == count


def test_minutes_of_another_programme_in_the_same_visit_are_not_counted() -> None:
    shared = (
        task("7", group="m", minutes=60, visit_minutes=90),
        task("32", "home-hospital-bed", group="m", minutes=30, visit_minutes=90),
    )

    assert found(person(assessments=(assessed(),), tasks=shared), "mismatch.hours") == []


def test_rates_count_what_they_say() -> None:
    people = [
        person(assessments=(assessed(60),), tasks=(task("7"),)),
        person(assessments=(assessed(60, 1, scores=INTACT),), tasks=(task("7"),)),
        person(dead=True),
    ]
    known = [one for facts in people for one in found(facts)]
    by_indicator = {r.indicator: r for r in rates(people, known, RULES, persons=3) if r.indicator}
    by_code = {r.code: r for r in rates(people, known, RULES, persons=3) if not r.indicator}

    assert list(by_indicator) == ["K1", "K2", "K3", "K4", "K5", "K6"]
    assert (by_indicator["K3"].count, by_indicator["K3"].of) == (1, 1)
    assert set(by_code) == set(CODES)
    assert (by_code["omission.strand"].count, by_code["omission.strand"].of) == (1, 2)
    above = next(r for r in rates(people, known, RULES, persons=3) if r.unit == "minutes")
    assert (above.count, above.of, above.share) == (280, 560, 0.5)
