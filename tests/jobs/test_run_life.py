"""A run at work: followed, cancelled, out of patience, taken over from a worker that was killed."""

import os
import signal
import subprocess
import sys
import time as clock
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from carecoord.flows import day
from carecoord.flows import runs as run_flow
from carecoord.jobs.worker import work
from carecoord.model import time
from carecoord.model.ids import RunId
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey
from carecoord.store import day_versions, days, runs
from carecoord.store.engine import Database
from carecoord.store.runs import Run
from tests import build
from tests.build import BOSS, DAY, ON_SQLITE, STREET
from tests.flows.plans import planned

KEY = DayKey(STREET, DAY)
RULES = build.rules()


@pytest.fixture
def street(database: Database) -> Database:
    """The tiny street with its plans expanded, and nothing planned yet."""
    build.store(database, *build.street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
    return database


def asked(database: Database, **more: int) -> RunId:
    with database.write() as tx:
        return day.request(tx, BOSS, STREET, DAY, **more).id  # type: ignore[arg-type]


def seen(database: Database, run: RunId, look: Callable[[Run], bool]) -> Run:
    """The run as soon as `look` is satisfied; ten minutes are a guard, not a promise."""

    def now() -> Run:
        with database.read() as tx:
            return runs.read(tx, run)

    return build.ended(now, lambda found: not look(found))


def kinds(database: Database, run: RunId) -> list[str]:
    with database.read() as tx:
        told = runs.events(tx, run)
    assert [e.number for e in told] == list(range(1, len(told) + 1))
    return [e.body["state"] if e.kind != "progress" else "progress" for e in told]


def test_a_run_passes_through_its_states_and_tells_its_cost_by_rule(
    street: Database, tmp_path: Path
) -> None:
    run = asked(street, seconds=300, iterations=2_000)
    found = work(street, tmp_path, RULES, run)
    assert found is not None and found.state == "committed"
    steps = kinds(street, run)
    assert [one for one in steps if one != "progress"] == [
        "queued",
        "validating",
        "solving",
        "checking",
        "committed",
    ]
    assert "progress" in steps
    assert found.progress["total"] == sum(found.progress["cost"].values())
    assert found.progress["unserved"] == found.outcome["unserved"] == 0
    assert found.progress["cost"] == found.outcome["cost"]


def test_a_cancelled_search_keeps_its_best_plan_as_a_version(
    street: Database, tmp_path: Path
) -> None:
    run = asked(street, seconds=3000)
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work, street, tmp_path, RULES, run)
        seen(street, run, lambda found: bool(found.progress) or not found.open)
        with street.write() as tx:
            assert run_flow.cancel(tx, BOSS, run).open
        found = working.result()
    assert found is not None
    assert (found.state, found.outcome["kept"], found.outcome["version"]) == (
        "cancelled",
        "committed",
        1,
    )
    with street.read() as tx:
        assert len({s.demand for s in days.read(tx, KEY).stops}) == 3
        (row,) = day_versions.of_day(tx, KEY)
    assert (row.why.cause, row.why.source) == ("run", run)
    assert kinds(street, run)[-1] == "cancelled"


@ON_SQLITE
def test_a_run_cancelled_before_there_is_any_plan_leaves_nothing(
    street: Database, tmp_path: Path
) -> None:
    run = asked(street, seconds=3000)
    with street.write() as tx:
        now = time.now()
        runs.claim(tx, run, now=now - timedelta(hours=2), until=now - timedelta(hours=1))
        run_flow.cancel(tx, BOSS, run)
    # The worker died before it saw the wish: whoever takes over ends the run.
    found = work(street, tmp_path, RULES, run)
    assert found is not None
    assert (found.state, found.outcome) == ("cancelled", {"kept": "none"})
    with street.read() as tx:
        assert days.version(tx, KEY) == 0


@ON_SQLITE
def test_a_search_without_progress_ends_when_patience_ends(
    street: Database, tmp_path: Path
) -> None:
    run = asked(street, seconds=3000, idle=1)
    found = work(street, tmp_path, RULES, run)
    assert found is not None
    assert (found.state, found.outcome["ended"]) == ("committed", "idle")


WORKER = """
import sys
from datetime import timedelta
from pathlib import Path
from carecoord.jobs.worker import work
from carecoord.model.ids import RunId
from carecoord.store.engine import Database
from tests import build
url, folder, run = sys.argv[1:]
work(Database.open(url), Path(folder), build.rules(), RunId(run), lease=timedelta(seconds=4))
"""


def test_a_run_whose_worker_is_killed_is_taken_over_and_told_on(
    street: Database, database_url: str, tmp_path: Path
) -> None:
    run = asked(street, seconds=3000, idle=1)
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, database_url, str(tmp_path), run],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as worker:
        seen(street, run, lambda found: bool(found.progress) or not found.open)
        worker.send_signal(signal.SIGKILL)
    assert work(street, tmp_path, RULES, run) is None
    until = clock.monotonic() + 120
    taken = None
    while taken is None and clock.monotonic() < until:
        clock.sleep(0.5)
        taken = work(street, tmp_path, RULES, run)
    assert taken is not None and (taken.state, taken.lease) == ("committed", 2)
    steps = [one for one in kinds(street, run) if one != "progress"]
    assert steps == [
        "queued",
        *("validating", "solving"),
        *("validating", "solving", "checking", "committed"),
    ]


def test_the_same_input_seed_and_step_limit_give_the_same_plan(
    street: Database, tmp_path: Path
) -> None:
    plans = []
    for _ in range(2):
        found = work(street, tmp_path, RULES, asked(street, seconds=300, iterations=500, seed=7))
        assert found is not None and found.state == "committed"
        with street.write() as tx:
            plans.append(days.read(tx, KEY))
            days.replace_plan(
                tx, planned(tx, tmp_path), expected=days.version(tx, KEY), why=Why("hand", "x")
            )
    assert plans[0] == plans[1]


@ON_SQLITE
def test_a_person_who_changes_the_day_meanwhile_is_never_overwritten(
    street: Database, tmp_path: Path
) -> None:
    run = asked(street, seconds=3000)
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work, street, tmp_path, RULES, run)
        seen(street, run, lambda found: bool(found.progress) or not found.open)
        with street.write() as tx:
            by_hand = planned(tx, tmp_path)
            days.replace_plan(tx, by_hand, expected=0, why=Why("hand", "nurse"))
            run_flow.cancel(tx, BOSS, run)
        found = working.result()
    assert found is not None
    assert (found.state, found.outcome["kept"]) == ("cancelled", "proposal")
    with street.read() as tx:
        assert days.read(tx, KEY) == by_hand
        assert run_flow.undecided(found)
