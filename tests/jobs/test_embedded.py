"""Runs are worked off inside one process, and the clock asks for tomorrow."""

import time as clock
from datetime import timedelta
from pathlib import Path

from carecoord.flows import day
from carecoord.jobs.clock import Clock
from carecoord.jobs.embedded import Embedded
from carecoord.jobs.memory import peak_mb
from carecoord.model import time
from carecoord.model.ids import RunId, StreetId
from carecoord.settings import Settings
from carecoord.store import horizons, runs
from carecoord.store.engine import Database
from carecoord.store.runs import OPEN, Run
from tests import build
from tests.build import BOSS, DAY, ON_SQLITE, STREET

ODD = StreetId("12345")


def ended(database: Database, run: RunId) -> Run:
    """A run once it is no longer open."""

    def look() -> Run:
        with database.read() as tx:
            return runs.read(tx, run)

    return build.ended(look, lambda found: found.state in OPEN)


def test_queued_runs_are_worked_off_and_one_that_cannot_begin_blocks_no_other(
    database: Database, tmp_path: Path
) -> None:
    odd = build.organization("odd", "street", division=ODD)
    build.store(database, *build.street(), odd)
    with database.write() as tx:
        blocked = day.request(tx, BOSS, ODD, DAY)
        day.expand_plans(tx, BOSS, STREET, DAY, 1, build.rules())
        wanted = day.request(tx, BOSS, STREET, DAY, seconds=300, iterations=10)
    worker = Embedded(database, Settings(tmp_path))
    worker.start()
    try:
        found, refused = ended(database, wanted.id), ended(database, blocked.id)
    finally:
        worker.stop()

    assert (found.state, found.outcome["served"]) == ("committed", 3)
    assert (refused.state, refused.outcome["code"]) == ("failed", "pack.jurisdiction")


@ON_SQLITE
def test_a_worker_that_was_stopped_claims_nothing_more(database: Database, tmp_path: Path) -> None:
    build.store(database, *build.street())
    worker = Embedded(database, Settings(tmp_path))
    worker.start()
    worker.stop()
    with database.write() as tx:
        run = day.request(tx, BOSS, STREET, DAY)
    clock.sleep(0.5)
    with database.read() as tx:
        assert runs.read(tx, run.id).state == "queued"


def test_each_evening_every_street_is_asked_for_and_a_faulty_one_leaves_out_no_other(
    database: Database,
) -> None:
    odd = build.organization("odd", "street", division=ODD)
    build.store(database, *build.street(), odd)
    tomorrow = time.today() + timedelta(days=1)

    asked = Clock(database).nightly()
    with database.read() as tx:
        found = horizons.latest(tx, STREET)

    assert asked == [STREET]
    assert found is not None
    assert (found.state, found.requested_by, found.first) == ("queued", "clock", tomorrow)


@ON_SQLITE
def test_a_clock_can_be_stopped_before_and_after_it_was_started(database: Database) -> None:
    ticking = Clock(database)
    ticking.stop()
    ticking.start()
    ticking.stop()


def test_memory_is_counted_in_mebibytes() -> None:
    assert 10 < peak_mb() < 1_000_000
