"""Who works when on a planned day: written down once, whoever writes at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from carecoord.model.ids import StaffId, StreetId
from carecoord.store import roster
from carecoord.store.engine import Database
from tests import visit_day
from tests.build import DAY, HOUR, STREET
from tests.visit_day import C1, C2, KEY

SHIFTS = {C1: [(8 * HOUR, 12 * HOUR), (20 * HOUR, 30 * HOUR)], C2: [(8 * HOUR, 16 * HOUR)]}


def test_shifts_come_back_and_the_same_ones_are_no_news(database: Database) -> None:
    with database.write() as tx:
        assert roster.replace(tx, KEY, SHIFTS)
        assert not roster.replace(tx, KEY, {**SHIFTS, StaffId("off"): []})
        assert roster.on(tx, KEY) == {who: tuple(some) for who, some in SHIFTS.items()}
        assert roster.replace(tx, KEY, {C2: SHIFTS[C2]})
        assert set(roster.on(tx, KEY)) == {C2}


def test_days_without_shifts_are_the_planned_ones_from_a_day_on(database: Database) -> None:
    with database.write() as tx:
        visit_day.draft(tx)
        assert roster.unknown(tx, STREET, DAY) == []
        roster.replace(tx, KEY, {})
        assert roster.unknown(tx, STREET, DAY) == [DAY]
        assert roster.unknown(tx, STREET, DAY + timedelta(days=1)) == []
        assert roster.unknown(tx, StreetId("990101002"), DAY) == []


@pytest.mark.parametrize("planned", [False, True])
def test_who_writes_shifts_at_the_same_time_waits(database: Database, planned: bool) -> None:
    if planned:
        with database.write() as tx:
            visit_day.draft(tx)
    start = Barrier(4)

    def write(hour: int) -> None:
        start.wait()
        with database.write() as tx:
            roster.replace(tx, KEY, {who: [(hour * HOUR, 17 * HOUR)] for who in (C1, C2)})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, (7, 8, 9, 10)))
    with database.read() as tx:
        found = roster.on(tx, KEY)

    assert found[C1] == found[C2]
