"""What the compiled search says a place costs is what the plan then costs more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solver import Problem, Weights
from solver.kernels.arrays import BIG, CLUSTER, MEMBER, MEMBER_END, TIED, fixed_of, live_of
from solver.kernels.moves import put_in
from solver.kernels.places import best_single
from solver.kernels.route import refresh
from solver.kernels.ruin import bench_of, largest_cost
from solver.model import build
from solver.sample import full_day, street_day

SOFT = Weights(largest_late=3, load=2, hard=900, overtime=7, late=3, early=2, change_start=2)
PAID = replace(SOFT, waiting=1)


def days() -> list[Problem]:
    odd = [full_day(seed, visits=14, staff=4) for seed in range(12)]
    return [street_day(60, 9, 4, rich=True), *odd]


@pytest.mark.parametrize("weights", [Weights(), SOFT, PAID])
def test_the_price_of_a_place_is_what_the_plan_then_costs_more(weights: Weights) -> None:
    placed = 0
    for problem in days():
        model = build(problem, weights)
        fixed = fixed_of(model)
        plan, bench = live_of(fixed), bench_of(fixed, 1)
        scratch = (bench.order, bench.scratch, bench.starts, bench.pauses)
        out = np.zeros(3, dtype=np.int64)
        for row in range(len(fixed.visit)):
            cluster = fixed.cluster[fixed.visit[row, CLUSTER]]
            if cluster[TIED] or cluster[MEMBER_END] - cluster[MEMBER] > 1:
                continue
            state = (bench.random, bench.tried, bench.offer, *scratch)
            best_single(fixed, plan, row, BIG, 0, *state, out)
            if out[0] >= BIG:
                continue
            before = int(plan.total[0]) + largest_cost(fixed, plan)
            put_in(fixed, plan, row, int(out[1]), int(out[2]))
            refresh(fixed, plan, int(out[1]), *scratch)
            placed += 1
            assert plan.total[2] == 0
            assert int(plan.total[0]) + largest_cost(fixed, plan) - before == out[0]
    assert placed > 100
