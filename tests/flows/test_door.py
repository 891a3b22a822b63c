"""Reports from the door: kept once, in any order, all of a list or nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from carecoord.errors import CareError
from carecoord.flows import day, door
from carecoord.flows.door import Received, Report
from carecoord.model import time
from carecoord.model.events import EventKind, Progress
from carecoord.model.ids import DemandId, StaffId
from carecoord.store import demands, visit_events
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, DAY, STREET

NINE = time.instant(DAY, 9 * 3600)


def street(database: Database) -> DemandId:
    """The tiny street with its visits of the day; the first of them."""
    build.store(database, *build.street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, build.rules())
        return demands.on(tx, STREET, DAY)[0].id


def told(visit: DemandId, kind: EventKind, minute: int = 0, id_: str = "") -> Report:
    at = NINE + timedelta(minutes=minute)
    return Report(id_ or f"{kind}-{minute}", visit, StaffId("c1"), kind, at)


def send(tx: Tx, *reports: Report) -> Received:
    return door.report(tx, BOSS, STREET, DAY, reports)


def test_reports_that_come_late_twice_and_out_of_order_are_kept_once(database: Database) -> None:
    visit = street(database)
    started, finished = told(visit, EventKind.STARTED), told(visit, EventKind.FINISHED, 30)
    with database.write() as tx:
        assert send(tx, finished) == Received(1, 0)
        assert send(tx, started, finished, started) == Received(1, 2)
        found = door.reported(tx, BOSS, STREET, DAY)
    assert [one.kind for one in found] == [EventKind.STARTED, EventKind.FINISHED]
    assert door.progress_of(found) == {visit: Progress.FINISHED}


def future(one: Report) -> Report:
    return replace(one, at=time.now() + timedelta(hours=1))


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        (lambda one: replace(one, demand=DemandId("none")), "door.visit", "/events/1/visit"),
        (lambda one: replace(one, staff=StaffId("none")), "door.staff", "/events/1/staff"),
        (future, "door.future", "/events/1/at"),
        (lambda one: replace(one, id="a", note="other"), "door.differs", "/events/1/id"),
    ],
)
def test_one_wrong_entry_is_named_and_nothing_is_kept(
    database: Database, wrong: Callable[[Report], Report], code: str, field: str
) -> None:
    visit = street(database)
    right = told(visit, EventKind.STARTED, id_="a")
    with pytest.raises(CareError) as caught, database.write() as tx:
        send(tx, right, wrong(replace(right, id="b")))
    assert (caught.value.code, caught.value.field) == (code, field)
    with database.read() as tx:
        assert visit_events.between(tx, STREET, DAY, DAY) == ()


def test_an_id_that_is_known_with_other_facts_is_a_conflict(database: Database) -> None:
    visit = street(database)
    first = told(visit, EventKind.ARRIVED, id_="a")
    with database.write() as tx:
        send(tx, first)
        with pytest.raises(CareError) as caught:
            send(tx, told(visit, EventKind.STARTED, 5), replace(first, kind=EventKind.REFUSED))
    assert (caught.value.code, caught.value.field) == ("door.differs", "/events/1/id")


def test_reporting_and_reading_need_the_street(database: Database) -> None:
    visit = street(database)
    elsewhere = build.caller("door.write", "day.read", streets=["990101002"])
    with database.write() as tx:
        for step in (
            lambda: door.report(tx, elsewhere, STREET, DAY, [told(visit, EventKind.STARTED)]),
            lambda: door.reported(tx, elsewhere, STREET, DAY),
        ):
            with pytest.raises(CareError) as caught:
                step()
            assert caught.value.code == "access.street"
