"""Runs that people follow, end, compare and take over; a proposal never overwrites a person."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from carecoord.errors import Conflict, Forbidden, Missing, Stale
from carecoord.flows import day, runs, versions
from carecoord.flows.standing import stand
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning.changes import promises
from carecoord.store import days
from carecoord.store import runs as rows
from carecoord.store.engine import Database, Tx
from carecoord.store.runs import Run
from solver import Options, check
from tests import build
from tests.build import BOSS, DAY, ON_SQLITE, STREET
from tests.flows.plans import planned, swapped

KEY = DayKey(STREET, DAY)
RULES = build.rules()
HERE = Path("unused")


@pytest.fixture
def street(database: Database) -> Database:
    """The tiny street, its plans expanded, with a plan: version 1."""
    build.store(database, *build.street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        days.replace_plan(tx, planned(tx, HERE), expected=0, why=Why("run", "engine"))
    return database


def claimed(tx: Tx, **more: object) -> Run:
    asked = day.request(tx, BOSS, STREET, DAY, **more)  # type: ignore[arg-type]
    found = rows.claim(
        tx, asked.id, now=asked.requested_at, until=asked.requested_at + timedelta(hours=1)
    )
    assert found is not None
    return found


def commit(tx: Tx, run: Run, plan: DayPlan, *, better: bool = True) -> str:
    return day.commit(
        tx, run, plan, attribution="", problem_hash="h", outcome={}, better=lambda: better
    )


def proposal(tx: Tx, by_hand: DayPlan, wanted: DayPlan) -> Run:
    """A run whose day a person changed meanwhile."""
    run = claimed(tx)
    days.replace_plan(tx, by_hand, expected=1, why=Why("hand", "nurse", "family asked"))
    assert commit(tx, run, wanted) == "proposal"
    return runs.read(tx, BOSS, run.id)


def test_a_queued_run_is_cancelled_at_once_and_twice_is_no_fault(street: Database) -> None:
    with street.write() as tx:
        asked = day.request(tx, BOSS, STREET, DAY)
        found = runs.cancel(tx, BOSS, asked.id)
        assert (found.state, found.outcome) == ("cancelled", {"kept": "none"})
        assert runs.cancel(tx, BOSS, asked.id) == found
        assert rows.waiting(tx, asked.requested_at) == ()
        told = runs.events(tx, BOSS, asked.id)
    assert [(e.number, e.kind) for e in told] == [(1, "state"), (2, "end")]


def test_a_run_at_work_learns_that_it_is_not_wanted_and_keeps_its_best(street: Database) -> None:
    with street.write() as tx:
        run = claimed(tx)
        assert runs.cancel(tx, BOSS, run.id).state == "validating"
        until = run.requested_at + timedelta(hours=1)
        beat = rows.beat(tx, run, at=run.requested_at, until=until, progress={"total": 5})
        assert beat is not None and beat.cancel and beat.progress == {"total": 5}
        other = swapped(tx, days.read(tx, KEY))
        assert commit(tx, run, other) == "cancelled"
        found = runs.read(tx, BOSS, run.id)
        assert days.read(tx, KEY) == other
    assert (found.outcome["kept"], found.outcome["version"]) == ("committed", 2)


def test_a_cancelled_run_that_found_nothing_better_leaves_the_plan_alone(street: Database) -> None:
    with street.write() as tx:
        run, before = claimed(tx), days.read(tx, KEY)
        runs.cancel(tx, BOSS, run.id)
        assert commit(tx, run, swapped(tx, before), better=False) == "cancelled"
        assert (days.version(tx, KEY), days.read(tx, KEY)) == (1, before)
        assert runs.read(tx, BOSS, run.id).outcome["kept"] == "none"


def test_a_run_that_is_over_cannot_be_cancelled(street: Database) -> None:
    with street.write() as tx:
        run = claimed(tx)
        commit(tx, run, days.read(tx, KEY))
        with pytest.raises(Conflict) as caught:
            runs.cancel(tx, BOSS, run.id)
    assert caught.value.code == "run.over"


def test_the_same_key_is_the_same_run_and_another_wish_under_it_is_refused(
    street: Database,
) -> None:
    with street.write() as tx:
        first = day.request(tx, BOSS, STREET, DAY, idempotency_key="a")
        assert day.request(tx, BOSS, STREET, DAY, idempotency_key="a").id == first.id
        assert day.request(tx, BOSS, STREET, DAY, idempotency_key="b").id != first.id
        runs.cancel(tx, BOSS, first.id)
        assert day.request(tx, BOSS, STREET, DAY, idempotency_key="a").state == "cancelled"
        with pytest.raises(Conflict) as caught:
            day.request(tx, BOSS, STREET, DAY, seed=9, idempotency_key="a")
        with pytest.raises(Missing):
            day.request(tx, BOSS, STREET, DAY, profile="no-such-profile")
    assert (caught.value.code, caught.value.field) == ("run.key_used", "Idempotency-Key")


@ON_SQLITE
def test_runs_of_a_street_are_listed_page_by_page_newest_first(street: Database) -> None:
    with street.write() as tx:
        asked = [day.request(tx, BOSS, STREET, DAY, seed=k) for k in range(5)]
        runs.cancel(tx, BOSS, asked[3].id)
        seen: list[str] = []
        before = None
        while page := runs.listed(tx, BOSS, STREET, before=before, limit=2):
            seen += [one.id for one in page]
            before = (page[-1].requested_at, page[-1].id)
        assert sorted(seen) == sorted(one.id for one in asked) and len(set(seen)) == 5
        assert [r.id for r in runs.listed(tx, BOSS, STREET, states=("cancelled",))] == [asked[3].id]
        assert runs.listed(tx, BOSS, STREET, day=DAY + timedelta(days=1)) == ()


def test_a_proposal_is_shown_as_a_difference_to_the_day_as_it_is_now(street: Database) -> None:
    with street.write() as tx:
        first = days.read(tx, KEY)
        by_hand = swapped(tx, first)
        run = proposal(tx, by_hand, first)
        found = runs.difference(tx, BOSS, run.id)
        assert days.read(tx, KEY) == by_hand
    assert "carer" in {n.change.kind for n in found.news} <= {"carer", "start"}
    assert found.before is not None and found.after.served == 3


def test_accepting_a_proposal_keeps_what_a_person_decided_and_lists_the_clash(
    street: Database,
) -> None:
    with street.write() as tx:
        first = days.read(tx, KEY)
        by_hand = swapped(tx, first)
        decided = {
            visit
            for visit, promise in promises(by_hand).items()
            if promise != promises(first)[visit]
        }
        assert decided
        run = proposal(tx, by_hand, first)
        with pytest.raises(Stale):
            runs.accept(tx, BOSS, run.id, HERE, RULES, expected=1)
        taken = runs.accept(tx, BOSS, run.id, HERE, RULES, expected=2, reason="fine")
        now = promises(days.read(tx, KEY))
        assert {visit: now[visit] for visit in decided} == {
            visit: promises(by_hand)[visit] for visit in decided
        }
        assert {clash.demand for clash in taken.clashes} == decided
        standing = stand(tx, STREET, DAY, HERE, RULES)
        assert standing.solution is not None
        assert check(standing.built.problem, standing.solution, Options()).ok
        assert versions.listed(tx, BOSS, STREET, DAY).rows[-1].why.cause == "accept"
        with pytest.raises(Conflict) as caught:
            runs.accept(tx, BOSS, run.id, HERE, RULES, expected=3)
    assert caught.value.code == "run.no_proposal"
    assert taken.version == 3


def test_a_visit_that_a_person_took_off_the_day_stays_off(street: Database) -> None:
    with street.write() as tx:
        first = days.read(tx, KEY)
        without = replace(first, stops=(), homeward=(), pauses=())
        run = proposal(tx, without, first)
        taken = runs.accept(tx, BOSS, run.id, HERE, RULES, expected=2)
        assert days.read(tx, KEY).stops == ()
    assert len(taken.clashes) == len(promises(first))
    assert {clash.person for clash in taken.clashes} == {None}


def test_a_later_run_is_no_decision_and_gives_way(street: Database) -> None:
    with street.write() as tx:
        first = days.read(tx, KEY)
        other = swapped(tx, first)
        late, quick = claimed(tx), claimed(tx, seed=2)
        assert commit(tx, quick, other) == "committed"
        assert commit(tx, late, first) == "proposal"
        taken = runs.accept(tx, BOSS, late.id, HERE, RULES, expected=2)
        now = promises(days.read(tx, KEY))
    assert taken.clashes == ()
    assert {v: p.staff for v, p in now.items()} == {v: p.staff for v, p in promises(first).items()}


def test_a_dropped_proposal_changes_nothing_and_cannot_be_accepted(street: Database) -> None:
    with street.write() as tx:
        first = days.read(tx, KEY)
        by_hand = swapped(tx, first)
        run = proposal(tx, by_hand, first)
        dropped = runs.drop(tx, BOSS, run.id)
        assert (dropped.outcome["decision"], dropped.outcome["by"]) == ("dropped", BOSS.id)
        with pytest.raises(Conflict):
            runs.accept(tx, BOSS, run.id, HERE, RULES, expected=2)
        assert days.read(tx, KEY) == by_hand


@ON_SQLITE
def test_runs_are_for_callers_of_their_street(street: Database) -> None:
    stranger = build.caller("day.read", "day.write", streets=("other",))
    reader = build.caller("day.read")
    with street.write() as tx:
        run = day.request(tx, BOSS, STREET, DAY)
        assert runs.read(tx, reader, run.id).id == run.id
        for call in (
            lambda: runs.listed(tx, stranger, STREET),
            lambda: runs.read(tx, stranger, run.id),
            lambda: runs.events(tx, stranger, run.id),
            lambda: runs.cancel(tx, reader, run.id),
            lambda: runs.drop(tx, reader, run.id),
            lambda: runs.accept(tx, stranger, run.id, HERE, RULES, expected=1),
        ):
            with pytest.raises(Forbidden):
                call()
