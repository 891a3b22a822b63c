"""Demands: replaced as a whole, told days kept."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

from carecoord.model.ids import StaffId, StreetId
from carecoord.model.staff import Level
from carecoord.store import demands
from carecoord.store.engine import Database
from tests.build import DAY, STREET, demand

NEXT = DAY + timedelta(days=1)
RICH = replace(
    demand("v1", windows=((28_800, 30_000), (50_000, 51_000)), level=Level.NURSE, carers=2),
    programmes=("family-bed", "ltci"),
    preferred=(StaffId("b"), StaffId("a")),
    wish=(28_800, 29_400),
    gender="female",
    priority=9,
)


def test_a_demand_comes_back_with_every_fact(database: Database) -> None:
    with database.write() as tx:
        assert demands.replace(tx, STREET, DAY, 1, [RICH]) == 1
    with database.read() as tx:
        assert demands.on(tx, STREET, DAY) == (RICH,)


def test_asking_for_the_same_again_changes_nothing(database: Database) -> None:
    wanted = [RICH, demand("v2", day=NEXT)]
    with database.write() as tx:
        assert demands.replace(tx, STREET, DAY, 2, wanted) == 2
        assert demands.replace(tx, STREET, DAY, 2, wanted[::-1]) == 0


def test_what_is_no_longer_asked_goes_and_what_differs_is_altered(database: Database) -> None:
    with database.write() as tx:
        demands.replace(tx, STREET, DAY, 1, [demand("a"), demand("b"), demand("c")])
        altered = demand("b", duration=2400)
        assert demands.replace(tx, STREET, DAY, 1, [demand("a"), altered, demand("d")]) == 3
        assert demands.on(tx, STREET, DAY) == (demand("a"), altered, demand("d"))


def test_a_told_day_keeps_its_demands(database: Database) -> None:
    first, second = demand("a"), demand("b", day=NEXT)
    with database.write() as tx:
        demands.replace(tx, STREET, DAY, 2, [first, second])
        new = [demand("c"), demand("d", day=NEXT)]
        assert demands.replace(tx, STREET, DAY, 2, new, keep={DAY}) == 2
        assert demands.on(tx, STREET, DAY) == (first,)
        assert demands.on(tx, STREET, NEXT) == (demand("d", day=NEXT),)


def test_days_outside_the_span_and_other_streets_stay(database: Database) -> None:
    other = StreetId("990101002")
    with database.write() as tx:
        demands.replace(tx, STREET, DAY, 2, [demand("a"), demand("b", day=NEXT)])
        demands.replace(tx, other, DAY, 1, [demand("x", street=other)])
        assert demands.replace(tx, STREET, DAY, 1, [demand("z", day=NEXT)]) == 1
        assert demands.on(tx, STREET, DAY) == ()
        assert [d.id for d in demands.on(tx, STREET, NEXT)] == ["b"]
        assert [d.id for d in demands.on(tx, other, DAY)] == ["x"]


def test_more_demands_than_one_statement_takes_are_replaced(database: Database) -> None:
    with database.write() as tx:
        demands.replace(tx, STREET, DAY, 1, [demand(f"a{k:04d}") for k in range(1200)])
        assert demands.replace(tx, STREET, DAY, 1, [demand("b")]) == 1201
        assert [d.id for d in demands.on(tx, STREET, DAY)] == ["b"]


def test_two_who_expand_the_same_at_once_leave_each_demand_once(database: Database) -> None:
    ready = Barrier(2)
    wanted = [demand(f"a{k}") for k in range(20)]

    def expand(_: int) -> int:
        ready.wait()
        with database.write() as tx:
            return demands.replace(tx, STREET, DAY, 1, wanted)

    with ThreadPoolExecutor(2) as workers:
        assert sorted(workers.map(expand, range(2))) == [0, 20]
