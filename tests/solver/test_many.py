"""Several processes: one repeatable plan, told as one search tells it, whoever dies on the way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from solver import Options, Solution, check, many, solve
from solver.sample import linked_day, street_day

PROBLEM = street_day(40, 10, 6, rich=True)
TWO = Options(seconds=300, iterations=600, seed=3, threads=2)


@pytest.fixture(scope="module")
def alone() -> Solution:
    """What two processes find that nobody disturbs."""
    return solve(PROBLEM, TWO)


@pytest.fixture
def hired(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every process a search has started."""
    found: list[Any] = []
    for name in ("_forked", "_spawned"):
        real = getattr(many, name)

        def start(*args: Any, real: Any = real) -> Any:
            found.append(real(*args))
            return found[-1]

        monkeypatch.setattr(many, name, start)
    yield found
    assert all(_ended(process) for process in found)


def _ended(process: Any) -> bool:
    code = process.poll() if isinstance(process, subprocess.Popen) else process.exitcode
    return code is not None


def test_several_processes_say_what_they_took(alone: Solution) -> None:
    stats = alone.stats

    assert check(PROBLEM, alone, TWO).violations == ()
    assert (stats["processes"], stats["lost"], stats["rounds"]) == (2, 0, 1200)
    assert stats["cpu_milli"] > 0 and stats["peak_kb"] > 50_000


def test_programs_of_their_own_find_what_copies_find(
    alone: Solution, hired: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "_may_fork", lambda: False)
    other = solve(PROBLEM, TWO)

    assert all(isinstance(process, subprocess.Popen) for process in hired)
    assert (other.routes, other.cost) == (alone.routes, alone.cost)


def test_processes_tell_the_way_on_as_one_search_does(
    alone: Solution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "REPORT", 0.0)
    told: list[dict[str, int]] = []
    watched = solve(PROBLEM, TWO, progress=told.append)

    assert (watched.routes, watched.cost) == (alone.routes, alone.cost)
    assert all({"seconds_milli", "rounds", "cost"} <= set(one) for one in told)
    full = [one for one in told if "unserved" in one]
    assert len(full) >= 2
    for one in full:
        assert one["cost"] == sum(v for k, v in one.items() if k.startswith("cost."))
    costs = [one["cost"] for one in told]
    assert costs == sorted(costs, reverse=True)
    assert (costs[-1], full[-1]) == (alone.total, told[-1])


def test_a_wish_to_stop_ends_all_processes_with_the_best_plan_so_far(hired: list[Any]) -> None:
    told: list[dict[str, int]] = []
    solution = solve(
        PROBLEM,
        Options(seconds=300, threads=2),
        progress=told.append,
        cancelled=lambda: any("unserved" in one for one in told),
    )

    assert check(PROBLEM, solution).violations == ()
    assert solution.total <= min(one["cost"] for one in told)
    assert len(hired) == 2
    # Far from the limit, however busy the machine is.
    assert solution.stats["seconds_milli"] < 200_000


def test_what_a_dead_process_was_at_is_done_by_another(alone: Solution, hired: list[Any]) -> None:
    def kill_one() -> bool:
        if len(hired) == 2 and not _ended(hired[0]):
            hired[0].kill()
        return False

    solution = solve(PROBLEM, TWO, cancelled=kill_one)

    assert (solution.routes, solution.cost) == (alone.routes, alone.cost)
    assert solution.stats["lost"] == 1
    assert solution.stats["rounds"] == alone.stats["rounds"]


def test_when_every_process_dies_there_is_still_a_judged_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stillborn(*_: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", ""])

    monkeypatch.setattr(many, "_forked", stillborn)
    monkeypatch.setattr(many, "_spawned", stillborn)
    with pytest.warns(RuntimeWarning, match="OR-Tools"):
        solution = solve(PROBLEM, replace(TWO, iterations=10, seconds=20))

    assert check(PROBLEM, solution).violations == ()
    assert (solution.stats["lost"], solution.stats["fallback"]) == (3, 1)


def test_linked_days_are_searched_by_several_processes_too() -> None:
    problem = linked_day(1)
    options = replace(Options.preset("mankowska"), threads=2, iterations=4_000, seconds=300)
    one, two = solve(problem, options), solve(problem, options)

    assert (one.routes, one.cost) == (two.routes, two.cost)
    assert check(problem, one, options).violations == ()
