"""The order search: published instances, and agreement with the judge."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from solver import Options, Weights, check, solve
from solver.model import build
from solver.ordered import improve_order, suits
from solver.sample import linked_day

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.formats import bredstrom, mankowska, solomon  # noqa: E402


def folder(name: str) -> Path:
    shared = Path(os.environ.get("CARECOORD_SHARED", ROOT.parent / "shared"))
    if not shared.exists():
        pytest.skip("the public data folder is not here")
    return shared / "benchmarks" / name


@pytest.mark.parametrize("family", ["mankowska2014", "ceschia2024_italian"])
def test_published_solutions_have_their_published_cost(family: str) -> None:
    data = folder(family)
    best = mankowska.best_known(data)
    seen = 0
    for path in sorted((data / "instances").iterdir())[::3]:
        name = path.name.removesuffix(".xz").removesuffix(".json").removesuffix(".txt")
        (published,) = (data / "solutions").glob(f"sol-{name}-*")
        problem = mankowska.read(path)
        solution = mankowska.read_solution(published, problem)
        verdict = check(problem, solution, Options(weights=mankowska.WEIGHTS))
        seen += 1
        assert verdict.violations == ()
        assert verdict.total / mankowska.SCALE == pytest.approx(best[name], abs=0.05)

    assert seen >= 5


def test_the_smallest_published_instances_are_solved_to_their_best_known() -> None:
    data = folder("mankowska2014")
    best = mankowska.best_known(data)
    options = Options(seconds=120, iterations=600_000, weights=mankowska.WEIGHTS)
    for number in (1, 4, 6):
        name = f"InstanzCPLEX_HCSRP_10_{number}"
        problem = mankowska.read(data / "instances" / f"{name}.txt.xz")
        solution = solve(problem, options)
        assert check(problem, solution, options).violations == ()
        assert solution.total / mankowska.SCALE <= best[name] + 0.05


def test_synchronised_pairs_with_hard_windows_are_kept() -> None:
    path = folder("bredstrom2008") / "instances" / "case_1_20_4_2_3.dat"
    problem = bredstrom.read(path)
    options = Options(seconds=120, iterations=2_000, weights=bredstrom.WEIGHTS)
    solution = solve(problem, options)

    assert check(problem, solution, options).violations == ()
    assert solution.unserved == ()


def test_vrptw_distances_are_counted_as_published() -> None:
    data = folder("vrptw")
    problem = solomon.read(next(data.glob("solomon/[cC]101.txt")))
    options = Options(seconds=120, iterations=3_000, weights=solomon.WEIGHTS)
    solution = solve(problem, options)

    assert check(problem, solution, options).violations == ()
    assert solution.total == solomon.best_known(data, "C101") == 8273


@pytest.mark.parametrize("seed", range(6))
def test_the_order_search_and_the_judge_agree_to_the_unit(seed: int) -> None:
    problem = linked_day(seed)
    weights = Weights(largest_late=3, late=2, early=0)
    options = Options(seconds=60, iterations=20_000, seed=seed, weights=weights)
    model = build(problem, weights)
    assert suits(model)
    told: list[int] = []
    found = improve_order(
        model, options, time.monotonic() + 60, lambda _, cost, look: bool(told.append(cost))
    )
    assert found is not None
    solution = solve(problem, options)
    verdict = check(problem, solution, options)

    assert verdict.violations == ()
    assert verdict.total <= told[-1]
    assert solution.total == verdict.total


def test_a_search_started_from_a_complete_plan_never_gets_worse() -> None:
    problem = linked_day(3)
    weights = Weights(largest_late=1, early=0)
    options = Options(seconds=60, iterations=5_000, weights=weights)
    first = solve(problem, options)
    again = solve(problem, options, start=first)

    assert again.total <= first.total
    assert check(problem, again, options).violations == ()
