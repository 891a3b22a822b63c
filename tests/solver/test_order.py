"""The order search: published instances, and agreement with the judge."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from solver import (
    UNREACHABLE,
    Link,
    Options,
    Problem,
    Shift,
    Staff,
    Visit,
    Weights,
    Window,
    check,
    solve,
)
from solver.kernels.arrays import fixed_of
from solver.kernels.chain import CARER, chain_of, copy_chain, task_of
from solver.kernels.chain_search import anneal
from solver.model import build
from solver.order_start import lay, soonest
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


@pytest.mark.parametrize("seed", range(3))
def test_what_the_order_search_counts_as_it_goes_is_what_a_fresh_count_says(seed: int) -> None:
    model = build(linked_day(seed), Weights(largest_late=3, late=2, early=0))
    fixed = fixed_of(model)
    size = len(model.problem.visits)
    near = np.array([[b for b in range(size) if b != a] for a in range(size)], dtype=np.int32)
    task = task_of(fixed, near)
    order = sorted(model.clusters)
    carer = soonest(task, order)
    assert carer is not None
    now, best, anew = chain_of(task, seed), chain_of(task, seed), chain_of(task, seed)
    lay(task, now, order, carer)
    copy_chain(now, best)
    counts = np.zeros(4, dtype=np.int64)
    for _ in range(5):
        anneal(task, now, best, 2_000, 500.0, 50.0, counts)
        for plan in (now, best):
            order.sort(key=lambda cluster: int(plan.key[cluster[0]]))
            lay(task, anew, order, plan.node[:size, CARER].astype(np.int64))
            assert plan.sums[:-1].tolist() == anew.sums[:-1].tolist()
            assert (plan.node[:size] == anew.node[:size]).all()
    assert counts[3] > 100


def test_ways_that_do_not_exist_and_hard_ends_are_kept_by_the_order_search() -> None:
    travel = np.full((4, 4), UNREACHABLE, dtype=np.int32)
    np.fill_diagonal(travel, 0)
    travel[0, :] = travel[:, 0] = 300
    visits = tuple(Visit(f"v{k}", k % 3 + 1, 600, (Window(0, 7200),)) for k in range(9))
    staff = tuple(Staff(f"s{k}", (Shift(0, 9000, 0, 0),)) for k in range(4))
    problem = Problem(visits, staff, (travel,), links=(Link("v0", "v1", 0, 0, "different"),))
    options = Options(seconds=60, iterations=20_000)
    assert suits(build(problem, options.weights))
    solution = solve(problem, options)

    assert check(problem, solution, options).violations == ()
    assert solution.unserved == ()


def test_a_day_the_order_search_cannot_complete_is_left_to_the_other_search() -> None:
    travel = np.zeros((1, 1), dtype=np.int32)
    visits = tuple(Visit(f"v{k}", 0, 3600, (Window(0, 600),)) for k in range(3))
    staff = tuple(Staff(f"s{k}", (Shift(0, 9000, 0, 0),)) for k in range(2))
    problem = Problem(visits, staff, (travel,), links=(Link("v0", "v1", 0, 0, "different"),))
    options = Options(seconds=60, iterations=20_000)
    model = build(problem, options.weights)
    assert suits(model)
    assert improve_order(model, options, time.monotonic() + 60) is None
    solution = solve(problem, options)

    assert check(problem, solution, options).violations == ()
    assert len(solution.unserved) == 1
