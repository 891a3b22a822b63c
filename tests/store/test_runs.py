"""Runs: asked for once, claimed by one, finished by the newest claim only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from carecoord.errors import Missing
from carecoord.model.ids import RunId, StreetId
from carecoord.model.visits import DayKey
from carecoord.store import runs
from carecoord.store.engine import Database, Tx
from carecoord.store.runs import Run
from tests.build import DAY, STREET

KEY = DayKey(STREET, DAY)
NOW = datetime(2026, 3, 4, 11, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OPTIONS: dict[str, Any] = {"seconds": 30, "iterations": None, "seed": 1}


def ask(tx: Tx, at: datetime = NOW, **more: Any) -> Run:
    facts: dict[str, Any] = {"base_version": 0, "options": OPTIONS, "by": "me", "at": at} | more
    return runs.request(tx, facts.pop("key", KEY), **facts)


def end(tx: Tx, run: Run, state: str = "committed") -> bool:
    return runs.finish(tx, run, state, at=NOW, problem_hash="h", outcome={"version": 1})


def test_a_run_comes_back_as_it_was_asked_for(database: Database) -> None:
    with database.write() as tx:
        made = ask(tx)
    with database.read() as tx:
        found = runs.read(tx, made.id)

    assert found == made
    assert (found.state, found.lease, found.options) == ("queued", 0, OPTIONS)
    assert (found.requested_at, found.requested_by, found.finished_at) == (NOW, "me", None)


def test_a_run_that_is_not_there_is_missing(database: Database) -> None:
    with database.read() as tx, pytest.raises(Missing) as caught:
        runs.read(tx, RunId("no"))

    assert caught.value.code == "run.none"


def test_the_same_request_is_answered_by_the_open_run(database: Database) -> None:
    with database.write() as tx:
        made = ask(tx)
        assert ask(tx, NOW + MINUTE).id == made.id
        runs.claim(tx, made.id, now=NOW, until=NOW + MINUTE)
        assert ask(tx).id == made.id


@pytest.mark.parametrize(
    "other",
    [
        {"base_version": 1},
        {"options": OPTIONS | {"seed": 2}},
        {"key": DayKey(STREET, DAY + timedelta(days=1))},
        {"key": DayKey(StreetId("990101002"), DAY)},
    ],
)
def test_another_request_is_another_run(database: Database, other: dict[str, Any]) -> None:
    with database.write() as tx:
        assert ask(tx).id != ask(tx, **other).id


def test_a_finished_run_answers_no_new_request(database: Database) -> None:
    with database.write() as tx:
        made = ask(tx)
        claimed = runs.claim(tx, made.id, now=NOW, until=NOW + MINUTE)
        assert claimed is not None and end(tx, claimed)
        assert ask(tx).id != made.id


def test_a_claimed_run_is_not_claimed_again_before_its_lease_ends(database: Database) -> None:
    with database.write() as tx:
        made = ask(tx)
        first = runs.claim(tx, made.id, now=NOW, until=NOW + MINUTE)
        assert first is not None and (first.state, first.lease) == ("validating", 1)
        assert runs.claim(tx, made.id, now=NOW + MINUTE, until=NOW + 2 * MINUTE) is None
        assert runs.waiting(tx, NOW) == ()


def test_when_a_lease_ends_another_worker_takes_over_and_the_late_one_cannot_finish(
    database: Database,
) -> None:
    with database.write() as tx:
        made = ask(tx)
        late = runs.claim(tx, made.id, now=NOW, until=NOW + MINUTE)
        after = NOW + 2 * MINUTE
        assert runs.waiting(tx, after) == (made.id,)
        newer = runs.claim(tx, made.id, now=after, until=after + MINUTE)
        assert late is not None and newer is not None
        assert newer.lease == 2
        assert not end(tx, late, "failed")
        assert end(tx, newer)
        found = runs.read(tx, made.id)

    assert (found.state, found.problem_hash, found.outcome) == ("committed", "h", {"version": 1})
    assert found.finished_at == NOW


def test_a_run_is_finished_once(database: Database) -> None:
    with database.write() as tx:
        claimed = runs.claim(tx, ask(tx).id, now=NOW, until=NOW + MINUTE)
        assert claimed is not None
        assert end(tx, claimed)
        assert not end(tx, claimed, "failed")
        assert runs.claim(tx, claimed.id, now=NOW + 9 * MINUTE, until=NOW + 10 * MINUTE) is None


def test_of_many_workers_at_once_exactly_one_claims(database: Database) -> None:
    with database.write() as tx:
        made = ask(tx)
    ready = Barrier(4)

    def claim(_: int) -> bool:
        ready.wait()
        with database.write() as tx:
            return runs.claim(tx, made.id, now=NOW, until=NOW + MINUTE) is not None

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(claim, range(4))) == 1


def test_an_undone_claim_leaves_the_run_to_others(database: Database) -> None:
    with database.write() as tx:
        made = ask(tx)
    with pytest.raises(RuntimeError), database.write() as tx:
        runs.claim(tx, made.id, now=NOW, until=NOW + MINUTE)
        raise RuntimeError
    with database.read() as tx:
        assert runs.waiting(tx, NOW) == (made.id,)


def test_waiting_runs_come_oldest_first(database: Database) -> None:
    with database.write() as tx:
        second = ask(tx, NOW + MINUTE, base_version=1)
        first = ask(tx, NOW)
        assert runs.waiting(tx, NOW) == (first.id, second.id)
        assert runs.latest(tx, STREET, DAY) == second
        assert runs.latest(tx, STREET, DAY + timedelta(days=1)) is None


def test_of_many_requests_at_once_one_run_comes(database: Database) -> None:
    ready = Barrier(4)

    def request(_: int) -> RunId:
        ready.wait()
        with database.write() as tx:
            return ask(tx).id

    with ThreadPoolExecutor(4) as callers:
        assert len(set(callers.map(request, range(4)))) == 1
