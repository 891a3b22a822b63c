"""History of a street-day: undo, redo, restore, telling people, and what happened meanwhile."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from carecoord.errors import Conflict, Forbidden, Missing, Stale
from carecoord.flows import day, versions
from carecoord.flows.standing import stand
from carecoord.flows.telling import SLACK
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning.changes import changes
from carecoord.store import day_versions, days
from carecoord.store.engine import Database, Tx
from solver import Options, check
from tests import build
from tests.build import BOSS, DAY, ON_SQLITE, STREET
from tests.flows.plans import planned, swapped

KEY = DayKey(STREET, DAY)
RULES = build.rules()


@pytest.fixture
def street(database: Database) -> Database:
    """The tiny street with a plan by the solver: version 1, a draft."""
    build.store(database, *build.street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        days.replace_plan(tx, planned(tx, Path("unused")), expected=0, why=Why("run", "engine"))
    return database


def hand(tx: Tx, plan: DayPlan, expected: int, reason: str = "") -> int:
    return days.replace_plan(tx, plan, expected=expected, why=Why("hand", "test", reason))


def step(name: str, tx: Tx, expected: int, **more: object) -> versions.Step:
    """Undo, redo or restore."""
    how: Any = versions.restore if name == "restore" else partial(versions.walk, to=name)
    found: versions.Step = how(
        tx, BOSS, STREET, DAY, Path("unused"), RULES, expected=expected, **more
    )
    return found


def test_undo_and_redo_walk_over_changes_and_each_makes_a_version(street: Database) -> None:
    with street.write() as tx:
        first = days.read(tx, KEY)
        other = swapped(tx, first)
        hand(tx, other, 1)
        assert step("undo", tx, 2).version == 3
        assert days.read(tx, KEY) == first
        assert step("redo", tx, 3, reason="after all").version == 4
        assert days.read(tx, KEY) == other
        with pytest.raises(Conflict) as caught:
            step("redo", tx, 4)
        found = versions.listed(tx, BOSS, STREET, DAY)
    assert caught.value.code == "day.nothing_to_redo"
    assert [(v.why.cause, v.why.based_on) for v in found.rows] == [
        ("run", 0),
        ("hand", 1),
        ("undo", 1),
        ("redo", 2),
    ]
    assert (found.current, found.told, found.history.back) == (4, 0, 1)
    assert found.rows[3].why.reason == "after all"


def test_the_first_plan_cannot_be_undone_and_an_unplanned_day_has_no_history(
    street: Database,
) -> None:
    with street.write() as tx:
        with pytest.raises(Conflict) as caught:
            step("undo", tx, 1)
        with pytest.raises(Missing):
            versions.listed(tx, BOSS, STREET, DAY + timedelta(days=1))
    assert caught.value.code == "day.nothing_to_undo"


def test_who_decided_on_an_old_version_changes_nothing_and_learns_what_happened(
    street: Database,
) -> None:
    with street.write() as tx:
        hand(tx, swapped(tx, days.read(tx, KEY)), 1, "ill")
        for name, more in (("undo", {}), ("redo", {}), ("restore", {"version": 1, "reason": "x"})):
            with pytest.raises(Stale) as caught:
                step(name, tx, 1, **more)
            assert caught.value.code == "day.moved"
        (moved,) = versions.since(tx, BOSS, KEY, 1)
    assert (moved.version.version, moved.version.why.by, moved.version.why.reason) == (
        2,
        "test",
        "ill",
    )
    assert "carer" in {n.change.kind for n in moved.news} <= {"carer", "start"}
    assert all(n.elder and n.facts["elder"] == f"{n.elder} name" for n in moved.news)


def test_a_restore_of_what_is_not_possible_now_is_refused_or_made_in_part(
    street: Database,
) -> None:
    with street.write() as tx:
        first = days.read(tx, KEY)
        hand(tx, replace(first, stops=(), homeward=(), pauses=()), 1)
        absent = first.stops[0].staff
    (role,) = (
        one
        for one in build.street()
        if one["resourceType"] == "PractitionerRole" and one["id"] == absent
    )
    build.store(street, role | {"availableTime": [build.hours("08:00:00", "09:00:00", "sun")]})
    mine = {s.demand for s in first.stops if s.staff == absent}
    with street.write() as tx:
        with pytest.raises(versions.NotFeasible) as caught:
            step("restore", tx, 2, version=1, reason="back")
        assert {one.demand for one in caught.value.lost} == mine
        assert days.version(tx, KEY) == 2
        found = step("restore", tx, 2, version=1, reason="back", partly=True)
        now = days.read(tx, KEY)
        standing = stand(tx, STREET, DAY, Path("unused"), RULES)
    assert {one.demand for one in found.lost} == mine
    assert {s.demand for s in now.stops} == {s.demand for s in first.stops} - mine
    assert {u.demand for u in now.unserved} >= mine
    assert standing.solution is not None
    assert check(standing.built.problem, standing.solution, Options()).ok


def test_a_visit_cancelled_since_is_left_out_and_a_new_one_is_unserved(street: Database) -> None:
    with street.write() as tx:
        first = days.read(tx, KEY)
        hand(tx, swapped(tx, first), 1)
    build.store(
        street,
        build.care_plan("plan-e1", "e1", build.detail(), status="revoked", meta={"versionId": "1"}),
        build.patient("e4", 2, 2),
        build.care_plan("plan-e4", "e4", build.detail()),
    )
    with street.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        with pytest.raises(versions.NotFeasible) as caught:
            step("undo", tx, 2)
        found = step("undo", tx, 2, partly=True)
        now = days.read(tx, KEY)
    assert [one.rule for one in caught.value.lost] == ["wanted"]
    assert len(found.lost) == 1
    assert len({s.demand for s in now.stops}) == 2
    assert [u.code for u in now.unserved] == ["unserved.since"]


def test_people_are_told_once_and_then_only_those_whose_visits_changed(street: Database) -> None:
    with street.write() as tx:
        first = days.read(tx, KEY)
        told = versions.publish(tx, BOSS, STREET, DAY, expected=1, reason="tomorrow")
        assert told.version == 2
        assert {p.reference for p in told.told} >= {"Patient/e1", "Patient/e2", "Patient/e3"}
        assert versions.publish(tx, BOSS, STREET, DAY, expected=2).told == ()
        other = swapped(tx, first)
        changed = set().union(*(c.staff for c in changes(first, other, slack=SLACK)))
        hand(tx, other, 2)
        assert days.state(tx, KEY).state == "published"  # type: ignore[union-attr]
        waiting = versions.to_tell(tx, BOSS, STREET, DAY)
        again = versions.publish(tx, BOSS, STREET, DAY, expected=3, reason="ill")
        assert versions.to_tell(tx, BOSS, STREET, DAY) == ()
    assert again.version == 4
    assert {p.reference for p in waiting} == {p.reference for p in again.told}
    assert {p.reference for p in again.told if p.kind == "staff"} == {
        f"PractitionerRole/{one}" for one in changed
    }
    assert {p.reason for p in again.told} == {"ill"}


def test_undoing_what_people_were_told_stays_published_and_says_whom_to_tell(
    street: Database,
) -> None:
    with street.write() as tx:
        first = days.read(tx, KEY)
        hand(tx, swapped(tx, first), 1)
        versions.publish(tx, BOSS, STREET, DAY, expected=2)
        found = step("undo", tx, 3, reason="mistake")
        state = days.state(tx, KEY)
    assert state is not None and (state.version, state.state) == (4, "published")
    assert any(p.kind == "staff" for p in found.told)
    assert {p.reason for p in found.told} == {"mistake"}


@ON_SQLITE
def test_the_difference_of_two_versions_is_visit_by_visit_and_in_figures(
    street: Database,
) -> None:
    with street.write() as tx:
        first = days.read(tx, KEY)
        hand(tx, swapped(tx, first), 1)
        found = versions.difference(tx, BOSS, STREET, DAY, 1, 2)
        whole = versions.difference(tx, BOSS, STREET, DAY, 0, 1)
        row, plan = versions.read(tx, BOSS, STREET, DAY, 1)
        with pytest.raises(Missing):
            versions.read(tx, BOSS, STREET, DAY, 9)
    assert found.before is not None and found.before.served == found.after.served == 3
    assert "carer" in {n.change.kind for n in found.news} <= {"carer", "start"}
    assert whole.before is None and {n.change.kind for n in whole.news} == {"added"}
    assert (row.version, plan) == (1, first)


@ON_SQLITE
def test_reading_and_changing_the_history_needs_the_scope_of_the_street(street: Database) -> None:
    with street.write() as tx:
        for who in (build.caller("day.read", "day.write", streets=("other",)), build.caller()):
            for call in (
                lambda who=who: versions.listed(tx, who, STREET, DAY),
                lambda who=who: versions.since(tx, who, KEY, 1),
                lambda who=who: versions.publish(tx, who, STREET, DAY, expected=1),
                lambda who=who: versions.walk(
                    tx, who, STREET, DAY, Path("unused"), RULES, to="undo", expected=1
                ),
            ):
                with pytest.raises(Forbidden):
                    call()
        assert day_versions.told(tx, KEY) == 0
