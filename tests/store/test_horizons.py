"""Plannings of days ahead and choices of the spread in the store."""

from datetime import UTC, date, datetime, timedelta

import pytest

from carecoord.errors import Missing
from carecoord.model.horizon import Horizon, night
from carecoord.model.ids import DemandId, PlanId, RunId, StaffId
from carecoord.model.spread import Placed
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Homeward, Pause, Stop
from carecoord.store import days, horizons, spread, worked
from carecoord.store.engine import Database, Tx
from tests.build import DAY, STREET

NOW = datetime(2026, 3, 5, 11, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


def ask(tx: Tx, id_: str = night(STREET, DAY), at: datetime = NOW) -> Horizon:
    return horizons.ask(tx, id_, STREET, DAY, 3, options={"seed": 1}, by="clock", at=at)


def test_a_planning_is_asked_for_once_under_its_key(database: Database) -> None:
    with database.write() as tx:
        first = ask(tx)
        assert ask(tx, at=LATER) == first
        assert horizons.known(tx, first.id)
        assert horizons.waiting(tx, NOW) == (first.id,)
        assert horizons.latest(tx, STREET) == horizons.unfinished(tx, STREET) == first
        assert horizons.latest_night(tx, STREET) == first
        assert first.span == [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]


def test_an_unknown_planning_is_missing(database: Database) -> None:
    with database.read() as tx, pytest.raises(Missing):
        horizons.read(tx, "hand/none")


def test_whoever_claimed_last_may_write_and_nobody_else(database: Database) -> None:
    with database.write() as tx:
        id_ = ask(tx).id
        first = horizons.claim(tx, id_, now=NOW, until=LATER)
        assert first is not None
        assert horizons.claim(tx, id_, now=NOW, until=LATER) is None
        assert horizons.waiting(tx, NOW) == ()
        second = horizons.claim(tx, id_, now=LATER + timedelta(1), until=LATER + timedelta(2))
        assert second is not None
        assert not horizons.save(tx, first, "done", {})
        assert horizons.save(tx, second, "done", {"days": {}}, finished=LATER)
        done = horizons.read(tx, id_)
        assert (done.state, done.outcome, done.finished_at) == ("done", {"days": {}}, LATER)
        assert horizons.unfinished(tx, STREET) is None
        assert horizons.claim(tx, id_, now=LATER + timedelta(9), until=LATER) is None


def test_what_a_day_was_planned_from_is_remembered(database: Database) -> None:
    key = DayKey(STREET, DAY)
    with database.write() as tx:
        assert horizons.planned_from(tx, key) is None
        horizons.plan_from(tx, key, "abc", RunId("r1"))
        horizons.plan_from(tx, key, "def", RunId("r2"))
        assert horizons.planned_from(tx, key) == ("def", "r2")


def placed(due: date = DAY, day: date = DAY, *staff: str) -> Placed:
    return Placed(PlanId("p"), "g", due, 0, day, tuple(StaffId(one) for one in staff))


def test_a_choice_replaces_the_one_before_and_is_found_by_due_and_by_chosen_day(
    database: Database,
) -> None:
    moved = DAY + timedelta(days=3)
    with database.write() as tx:
        assert spread.replace(tx, STREET, [], "n") == 0
        assert spread.replace(tx, STREET, [placed(DAY, DAY, "a"), placed(moved, moved)], "n") == 2
        assert spread.replace(tx, STREET, [placed(DAY, DAY, "a"), placed(moved, moved)], "n") == 0
        assert spread.replace(tx, STREET, [placed(DAY, moved, "b", "c")], "n") == 1
        by_due = spread.between(tx, [PlanId("p")], DAY, DAY)
        by_day = spread.on(tx, STREET, moved)
        assert by_due == [placed(DAY, moved, "b", "c")]
        assert sorted(by_day, key=lambda one: one.due) == [
            placed(DAY, moved, "b", "c"),
            placed(moved, moved),
        ]
        assert spread.between(tx, [PlanId("other")], DAY, moved) == []
        assert spread.on(tx, STREET, DAY) == []


def test_routes_of_later_days_count_only_when_people_know_them(database: Database) -> None:
    with database.write() as tx:
        for offset in (-1, 0, 1, 2):
            day = DAY + timedelta(days=offset)
            stop = Stop(StaffId("c1"), DemandId(f"v{offset}"), 1, 30_000, 30_100, 31_000, 60)
            plan = DayPlan(
                DayKey(STREET, day),
                (stop,),
                (Pause(StaffId("c1"), 40_000, 41_000),),
                (Homeward(StaffId("c1"), 60, 31_060),),
                (),
                {},
                estimated=True,
            )
            version = days.replace_plan(tx, plan, expected=0, why=Why("run", "test"))
            if offset == 2:
                days.publish(tx, plan.key, Why("publish", "test"), expected=version)
        first, last = DAY - timedelta(days=5), DAY + timedelta(days=5)
        every = worked.routes(tx, STREET, first, last)
        known = worked.routes(tx, STREET, first, last, only_published_after=DAY)

    assert [(day - DAY).days for day in sorted(every)] == [-1, 0, 1, 2]
    assert [(day - DAY).days for day in sorted(known)] == [-1, 0, 2]
    stops, homeward, pauses = known[DAY]
    assert [(s.staff, s.start, s.travel) for s in stops] == [("c1", 30_100, 60)]
    assert [h.arrival for h in homeward] == [31_060]
    assert [(p.start, p.end) for p in pauses] == [(40_000, 41_000)]
