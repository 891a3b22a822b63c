"""Definitions of `omission.*`."""

from typing import Any

import pytest

from carecoord.model.facts import Bed, Contact, Order
from tests.planning.detect.build import ago, assessed, found, person, task, visit

BOTH = (task("7"), task("32", "home-hospital-bed"))


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({"assessments": (assessed(14),)}, 1),
        ({"assessments": (assessed(13),)}, 0),
        ({"assessments": (assessed(60, 2),)}, 0),
        ({"assessments": (assessed(800),)}, 0),
        ({"assessments": (assessed(60),), "visits": (visit(14),)}, 0),
        ({"assessments": (assessed(60),), "visits": (visit(15),)}, 1),
        ({"assessments": (assessed(60),), "visits": (visit(3, state="missed"),)}, 1),
        ({"assessments": (assessed(60),), "in_hospital": True}, 0),
        ({"assessments": (assessed(60),), "dead": True}, 0),
    ],
)
def test_entitled_and_nobody_came_in_the_days_of_k3(facts: dict[str, Any], count: int) -> None:
    assert len(found(person(**facts), "omission.unserved")) == count


def test_the_finding_of_k3_does_not_change_as_days_go_by() -> None:
    (one,) = found(person(assessments=(assessed(60),), visits=(visit(20),)), "omission.unserved")

    assert one.facts["last"] == ago(20).isoformat()
    assert one.evidence[1].refs[0] == "demand:ltci-20"


@pytest.mark.parametrize(
    ("order", "count"),
    [
        (Order("ServiceRequest/1", "37", ago(3), None), 1),
        (Order("ServiceRequest/1", "37", ago(2), None), 0),
        (Order("ServiceRequest/1", "37", ago(9), ago(1)), 0),
        (Order("ServiceRequest/1", "37", None, ago(0)), 1),
        (Order("ServiceRequest/1", "7", ago(9), None), 0),
    ],
    ids=["forgotten", "in the days of grace", "over", "no start", "planned"],
)
def test_ordered_but_unplanned(order: Order, count: int) -> None:
    assert len(found(person(orders=(order,), tasks=BOTH), "omission.order")) == count


def bed(days: int | None, kind: str = "home-hospital-bed") -> Bed:
    return Bed("EpisodeOfCare/b", kind, None if days is None else ago(days))


@pytest.mark.parametrize(
    ("beds", "visits", "count"),
    [
        (bed(40), (), 1),
        (bed(40), (visit(7, programme="home-hospital-bed"),), 0),
        (bed(40), (visit(8, programme="home-hospital-bed"),), 1),
        (bed(40), (visit(2),), 1),
        (bed(6), (), 0),
        (bed(7), (), 1),
        (bed(None), (), 0),
        (bed(40, "family-bed"), (visit(3, programme="family-bed"),), 0),
        (bed(40, "family-bed"), (visit(3, programme="ltci"),), 1),
    ],
)
def test_a_bed_without_a_visit_of_its_programme_in_its_period(
    beds: Bed, visits: tuple[Any, ...], count: int
) -> None:
    assert len(found(person(beds=(beds,), visits=visits), "omission.bed")) == count


MISSED = visit(6, state="missed", items=("5",))


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ({"visits": (MISSED,)}, 1),
        ({"visits": (MISSED, visit(4, items=("5", "7")))}, 0),
        ({"visits": (MISSED, visit(4, items=("7",)))}, 1),
        ({"visits": (MISSED, visit(2, items=("5",)))}, 1),
        ({"visits": (MISSED,), "contacts": (Contact("Communication/1", ago(3)),)}, 0),
        ({"visits": (MISSED,), "contacts": (Contact("Communication/1", ago(2)),)}, 1),
        ({"visits": (visit(3, state="missed"),)}, 0),
    ],
    ids=["alone", "made up", "another item", "too late", "asked", "asked late", "still time"],
)
def test_a_missed_visit_without_follow_up(more: dict[str, Any], count: int) -> None:
    assert len(found(person(**more), "omission.follow_up")) == count


@pytest.mark.parametrize(
    ("tasks", "days", "level", "strands"),
    [
        (BOTH, 60, 3, set()),
        ((task("7"),), 60, 3, {"medical"}),
        ((task("32", "home-hospital-bed"),), 60, 3, {"care"}),
        ((task("32", "home-hospital-bed"), task("7", "informal")), 60, 3, set()),
        ((), 60, 3, {"medical", "care"}),
        ((), 6, 3, set()),
        ((), 60, 2, set()),
    ],
)
def test_a_strand_that_is_empty_for_a_disabled_person(
    tasks: tuple[Any, ...], days: int, level: int, strands: set[str]
) -> None:
    facts = person(assessments=(assessed(days, level),), tasks=tasks)

    assert {one.facts["strand"] for one in found(facts, "omission.strand")} == strands
