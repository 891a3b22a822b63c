"""Visits of several programmes on one day: one visit, one arrival, or an order; and edits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from carecoord.errors import Invalid
from carecoord.model.demands import VisitDemand
from carecoord.model.edits import VisitEdit
from carecoord.model.ids import ElderId, PlanId
from carecoord.model.plans import FamilyCare, Follow, Plan, Recurrence, Task
from carecoord.model.staff import Level
from carecoord.planning.bundle import arrivals
from carecoord.planning.expand import demands
from tests.build import HOUR, STREET, task

MONDAY = date(2026, 3, 2)
MORNING = (((8 * HOUR, 11 * HOUR),),)
CARE = task("care", occasions=MORNING, item="5", programme="ltci")
NURSE = task("nurse", occasions=MORNING, item="37", level=Level.NURSE, programme="home")


def joined(*tasks: Task, follow: Follow | None = None) -> Plan:
    follows = (follow,) if follow else ()
    return Plan(PlanId("p"), 1, ElderId("e1"), tasks, follows)


def day(plan: Plan, *edits: VisitEdit, on: date = MONDAY) -> list[VisitDemand]:
    return demands(plan, STREET, on, 1, edits)[0]


def decided(visit: VisitDemand, kind: str, changed: VisitDemand | None) -> VisitEdit:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return VisitEdit(
        PlanId("p"), visit.day, visit.group, visit.occasion, kind,  # type: ignore[arg-type]
        visit.parts, changed, "-", "test", at,
    )  # fmt: skip


def test_one_carer_of_the_higher_level_does_both_in_one_visit() -> None:
    (found,) = day(joined(CARE, NURSE, follow=Follow("care", "nurse", how="one-visit")))

    assert found.items == ("5", "37")
    assert (found.group, found.level, found.duration) == ("nurse", Level.NURSE, 3600)
    assert found.programmes == ("home", "ltci")
    assert set(found.parts) == {("care", 0), ("nurse", 0)}


def test_an_item_that_both_visits_bring_is_done_once_in_the_joined_one() -> None:
    also = replace(NURSE, item="5", minutes=20)
    plan = joined(CARE, NURSE, also, follow=Follow("care", "nurse", how="one-visit"))

    (found,) = day(plan)

    assert found.items == ("5", "37")
    assert found.duration == 3600


def test_on_a_day_without_the_nurse_the_care_is_as_it_was() -> None:
    weekly = replace(NURSE, recurrence=Recurrence(1, 7, (2,)))
    plan = joined(CARE, weekly, follow=Follow("care", "nurse", how="one-visit"))

    (alone,) = day(plan)
    (both,) = day(plan, on=MONDAY + timedelta(days=2))

    assert (alone.group, alone.level) == ("care", Level.CAREGIVER)
    assert both.level is Level.NURSE


@pytest.mark.parametrize("how", ["joint", "order", "one-visit"])
def test_two_people_come_in_order_where_one_visit_cannot_be(how: str) -> None:
    two = replace(CARE, carers=2)
    follow = Follow("care", "nurse", 0, 900, how=how)  # type: ignore[arg-type]

    care, nurse = day(joined(two, NURSE, follow=follow))

    assert care.after == ()
    (before,) = nurse.after
    assert (before.demand, before.min_gap, before.max_gap) == (care.id, 0, 900)
    assert arrivals([care, nurse], 900) == 1


def test_visits_far_apart_are_two_arrivals() -> None:
    late = replace(NURSE, occasions=(((15 * HOUR, 17 * HOUR),),))

    found = day(joined(CARE, late, follow=Follow("care", "nurse", 0, 900, how="joint")))

    assert [one.after for one in found] == [(), ()]
    assert arrivals(found, 900) == 2


def test_an_order_of_care_that_windows_forbid_is_a_data_problem_and_both_stay() -> None:
    early = replace(NURSE, occasions=(((6 * HOUR, 7 * HOUR),),))
    plan = joined(CARE, early, follow=Follow("care", "nurse", reason="nurse-after-bath"))

    found, problems = demands(plan, STREET, MONDAY, 3)

    assert len(found) == 6
    assert [(p.code, p.facts["reason"]) for p in problems] == [
        ("plan.follow_windows", "nurse-after-bath")
    ]


def test_linked_visits_meet_on_as_many_days_as_their_frequencies_allow() -> None:
    care = replace(CARE, recurrence=Recurrence(4, 7))
    nurse = replace(NURSE, recurrence=Recurrence(2, 7))
    plan = joined(care, nurse, follow=Follow("care", "nurse", 0, 900, how="joint"))

    found = demands(plan, STREET, MONDAY, 70)[0]

    nursing = {one.day for one in found if one.group == "nurse"}
    caring = {one.day for one in found if one.group == "care"}
    assert len(nursing & caring) >= len(nursing) / 2


def test_a_moved_visit_is_where_it_was_put_and_nowhere_else() -> None:
    plan = joined(CARE)
    (visit,) = day(plan)
    tuesday = MONDAY + timedelta(days=1)
    moved = replace(visit, day=tuesday, windows=((15 * HOUR, 16 * HOUR),))

    found, _ = demands(plan, STREET, MONDAY, 2, [decided(visit, "changed", moved)])

    assert sorted((one.day, one.edited) for one in found) == [(tuesday, False), (tuesday, True)]


def test_an_edited_visit_keeps_its_place_in_the_order() -> None:
    plan = joined(CARE, NURSE, follow=Follow("care", "nurse", 0, 900, how="joint"))
    care, _ = day(plan)
    longer = replace(care, duration=5400)

    edited, nurse = day(plan, decided(care, "changed", longer))

    assert (edited.id, edited.duration, edited.edited) == (care.id, 5400, True)
    assert [before.demand for before in nurse.after] == [care.id]


def test_a_part_that_was_decided_is_not_joined_again() -> None:
    plan = joined(CARE, NURSE)
    care, _ = day(plan)
    both = replace(plan, follows=(Follow("care", "nurse", how="one-visit"),))

    found = day(both, decided(care, "changed", care))

    assert {(one.group, one.edited) for one in found} == {("care", True), ("nurse", False)}


def test_a_decision_about_a_group_that_the_plan_no_longer_has_is_void() -> None:
    (visit,) = day(joined(CARE))

    assert [d.group for d in day(joined(NURSE), decided(visit, "changed", visit))] == ["nurse"]


def test_an_added_visit_stays_whatever_the_groups() -> None:
    (visit,) = day(joined(CARE))
    extra = replace(visit, group="added.1", parts=(("added.1", 0),), origin="hand")

    found = day(joined(NURSE), decided(extra, "added", extra))

    assert {one.origin for one in found} == {"plan", "hand"}


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: Follow("a", "a"), "plan.follow_self"),
        (lambda: Follow("a", "b", 60, 30), "plan.follow_gap"),
        (lambda: FamilyCare("r", 0), "plan.family_minutes"),
        (lambda: FamilyCare("r", 20_000), "plan.family_minutes"),
        (lambda: task(recurrence=Recurrence(9, 7)), "plan.frequency"),
        (lambda: task(recurrence=Recurrence(3, 7, (0, 1))), "plan.frequency"),
        (lambda: Recurrence(1, 7, (0, 1), spacing=2), "plan.spacing"),
    ],
)
def test_what_contradicts_itself_is_refused(make: object, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        make()  # type: ignore[operator]

    assert caught.value.code == code
