"""Plans of days: versions, states, and no lost update."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import insert

from carecoord.errors import Missing, Stale
from carecoord.model.ids import DemandId, ElderId, StaffId, StreetId
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Homeward, Pause, Stop, Unserved
from carecoord.store import days, demands
from carecoord.store.engine import Database, Tx
from carecoord.store.tables import day_plan
from tests.build import DAY, STREET, demand

KEY = DayKey(STREET, DAY)
AT = datetime(2026, 3, 4, 11, tzinfo=UTC)
TOLD = Why("publish", "test", at=AT)


def stop(staff: str = "s", visit: str = "v1", order: int = 1, start: int = 30_000) -> Stop:
    line = ((116.31, 39.99), (116.3123456, 39.9912345))
    return Stop(StaffId(staff), DemandId(visit), order, start - 200, start, start + 900, 300, line)


PLAN = DayPlan(
    key=KEY,
    stops=(stop(), stop(order=2, visit="v2", start=34_000), stop("t", "v2", start=34_000)),
    pauses=(Pause(StaffId("s"), 40_000, 41_800),),
    homeward=(
        Homeward(StaffId("s"), 300, 50_000, ((1.5, 2.5),)),
        Homeward(StaffId("t"), 9, 44_000),
    ),
    unserved=(Unserved(DemandId("v3"), "unserved.no_skill", {"skill": "N", "at_work": 2}),),
    cost={"travel": 600, "unserved": 10**12},
    estimated=True,
)


def put(tx: Tx, plan: DayPlan = PLAN, expected: int = 0) -> int:
    return days.replace_plan(
        tx, plan, expected=expected, why=Why("run", "test"), attribution="© somebody"
    )


def test_a_plan_comes_back_as_it_was_stored(database: Database) -> None:
    with database.write() as tx:
        assert put(tx) == 1
    with database.read() as tx:
        assert days.read(tx, KEY) == PLAN
        assert days.state(tx, KEY) == days.DayState(KEY, 1, "draft", None, True, "© somebody")


def test_a_day_without_a_plan_has_version_nought_and_cannot_be_read(database: Database) -> None:
    with database.write() as tx:
        assert (days.version(tx, KEY), days.state(tx, KEY)) == (0, None)
        with pytest.raises(Missing) as caught:
            days.read(tx, KEY)
        with pytest.raises(Missing):
            days.publish(tx, KEY, TOLD, expected=0)

    assert caught.value.code == "day.none"


def test_another_plan_replaces_every_row_and_raises_the_version(database: Database) -> None:
    less = replace(PLAN, stops=(stop(start=31_000),), pauses=(), homeward=(), unserved=(), cost={})
    with database.write() as tx:
        put(tx)
        assert put(tx, less, expected=1) == 2
        assert days.read(tx, KEY) == less


def test_an_equal_plan_keeps_version_and_state_whatever_its_order(database: Database) -> None:
    mixed = replace(PLAN, stops=PLAN.stops[::-1], homeward=PLAN.homeward[::-1])
    with database.write() as tx:
        put(tx)
        version = days.publish(tx, KEY, TOLD, expected=1)
        assert put(tx, mixed, expected=version) == version
        found = days.state(tx, KEY)

    assert found is not None
    assert (found.version, found.state, found.published_at) == (2, "published", AT)


def test_a_changed_plan_makes_a_published_day_a_draft_again(database: Database) -> None:
    with database.write() as tx:
        put(tx)
        days.publish(tx, KEY, TOLD, expected=1)
        assert put(tx, replace(PLAN, cost={}), expected=2) == 3
        found = days.state(tx, KEY)

    assert found is not None
    assert (found.state, found.published_at) == ("draft", None)


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_who_decided_on_another_version_is_stale_and_writes_nothing(
    database: Database, expected: int
) -> None:
    with database.write() as tx:
        put(tx)
        put(tx, replace(PLAN, cost={}), expected=1)
        for attempt in (
            lambda: put(tx, replace(PLAN, stops=()), expected=expected),
            lambda: days.publish(tx, KEY, TOLD, expected=expected),
        ):
            with pytest.raises(Stale) as caught:
                attempt()
            assert caught.value.code == "day.moved"
        assert days.version(tx, KEY) == 2
        assert days.read(tx, KEY) == replace(PLAN, cost={})


def test_days_and_streets_do_not_touch_one_another(database: Database) -> None:
    other = DayKey(StreetId("990101002"), DAY)
    later = DayKey(STREET, DAY + timedelta(days=1))
    with database.write() as tx:
        for key in (KEY, other, later):
            put(tx, replace(PLAN, key=key))
        put(tx, replace(PLAN, stops=()), expected=1)
        assert days.read(tx, other).stops == days.read(tx, later).stops == PLAN.stops
        assert [s.key for s in days.of_street(tx, STREET)] == [KEY, later]


def test_counts_take_a_visit_for_two_once(database: Database) -> None:
    with database.write() as tx:
        put(tx)
        assert days.counts(tx, STREET) == {DAY: (2, 1)}
        assert days.counts(tx, StreetId("990101002")) == {}


def test_only_published_days_are_told_and_make_a_carer_known(database: Database) -> None:
    before = DayKey(STREET, DAY - timedelta(days=1))
    with database.write() as tx:
        wanted = [demand("v1", "e1"), demand("v2", "e2")]
        demands.replace(tx, STREET, DAY, 1, wanted)
        put(tx)
        put(tx, replace(PLAN, key=before, stops=()))
        assert days.published(tx, STREET) == frozenset()
        assert days.calls(tx, STREET, DAY, DAY + timedelta(days=1)) == []
        days.publish(tx, KEY, TOLD, expected=1)
        assert days.published(tx, STREET) == {DAY}
        found = days.calls(tx, STREET, DAY, DAY + timedelta(days=1))
        assert sorted(found) == [
            (ElderId("e1"), StaffId("s"), 1),
            (ElderId("e2"), StaffId("s"), 1),
            (ElderId("e2"), StaffId("t"), 1),
        ]
        assert days.calls(tx, STREET, DAY - timedelta(days=5), DAY) == []
        assert days.calls(tx, StreetId("990101002"), date.min, date.max) == []


def test_a_published_instant_comes_back_aware(database: Database) -> None:
    with database.write() as tx:
        put(tx)
        days.publish(tx, KEY, TOLD, expected=1)
        found = days.state(tx, KEY)

    assert found is not None and found.published_at == AT


def test_a_first_plan_never_overwrites_one_that_came_between(database: Database) -> None:
    with database.write() as tx:
        values = {
            "version": 5,
            "state": "draft",
            "estimated": False,
            "attribution": "",
            "cost": "{}",
        }
        tx.execute(insert(day_plan).values(street=STREET, day=DAY, **values))
        with pytest.raises(Stale):
            put(tx)


def test_of_two_first_plans_at_once_one_is_stale(database: Database) -> None:
    ready = Barrier(2)

    def write(visit: str) -> bool:
        ready.wait()
        try:
            with database.write() as tx:
                put(tx, replace(PLAN, stops=(stop(visit=visit),)))
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(2) as workers:
        done = list(workers.map(write, ("v1", "v2")))
    with database.read() as tx:
        found = days.read(tx, KEY)

    assert sorted(done) == [False, True]
    assert [s.demand for s in found.stops] == [("v1", "v2")[done.index(True)]]
