"""Drive the compiled order search: for days with linked visits, soft ends and no breaks."""

from __future__ import annotations

import time

import numpy as np

from solver.improve import Watch
from solver.kernels.arrays import FAR, I4, I8, fixed_of
from solver.kernels.chain import COSTS, Chain, anneal, chain_of, copy_chain, start_chain
from solver.model import Model
from solver.options import Options
from solver.routes import Plan
from solver.timing import timed_from
from solver.types import MAX_TIME

__all__ = ["improve_order", "suits"]

_CHUNK = 2000
#: Cycles: share of the budget by which each ends, temperatures as shares of the median way. A hot
#: one finds the right people, the cooler ones start again from its best plan.
_CYCLES = ((0.7, 3.0, 0.01), (1.0, 0.8, 0.004))
_CLOSE = 24


def suits(model: Model) -> bool:
    """Whether the order search can say everything this problem asks."""
    problem, w = model.problem, model.weights
    staff_ok = all(
        len(s.shifts) == 1
        and s.max_visits is None
        and s.cost_use == 0
        and not s.shifts[0].breaks
        and s.shifts[0].latest_return == s.shifts[0].end
        and s.shifts[0].capacity is None
        and (s.max_travel, s.max_leg, s.cost_hour, s.cost_km) == (None, None, 0, 0)
        for s in problem.staff
    )
    visits_ok = all(
        v.carers == 1
        and len(model.windows[row]) == 1
        and v.group is None
        and v.mandatory
        and not v.paces
        and not v.duration_by
        for row, v in enumerate(problem.visits)
    )
    soft = all(
        v.preferred is None or v.preferred.earliest <= v.windows[0].earliest for v in problem.visits
    )
    # Two visits of one cluster in one route would have to be timed one after the other.
    apart = all(len(c) <= 2 for c in model.clusters) and all(
        link.carers == "different" for link in problem.links
    )
    reachable = bool((np.stack(problem.travel) <= MAX_TIME).all())
    weights_ok = w.waiting == 0 and w.load == 0 and w.hard == 0 and not problem.previous
    tied = sum(len(c) > 1 for c in model.clusters)
    free_order = bool((model.leader == -1).all()) and not problem.apart
    return (
        free_order
        and staff_ok
        and visits_ok
        and soft
        and apart
        and reachable
        and weights_ok
        and (tied > 0 or w.largest_late > 0)
        and len(problem.visits) > 1
    )


def improve_order(
    model: Model,
    options: Options,
    until: float,
    watch: Watch | None = None,
    *,
    start: Plan | None = None,
) -> tuple[Plan, int] | None:
    """The best complete plan found and the number of moves; None when none keeps hard ends.

    start
        A plan to begin with; used when it is complete, and then searched around mildly.
    """
    fixed = fixed_of(model)
    now, best = chain_of(fixed, options.seed), chain_of(fixed, options.seed)
    largest = model.weights.largest_late
    told = None if start is None else _carers_of(model, start)
    order = _first_order(model) if start is None or told is None else _order_of(model, start)
    if not start_chain(fixed, now, order, told if told is not None else _nobody(model), largest):
        return None
    cycles = _CYCLES[-1:] if told is not None else _CYCLES
    copy_chain(now, best)
    close = _close(model)
    median = max(200.0, _median_way(model))
    begun, done, cycle = time.monotonic(), 0, 0
    while True:
        clock = time.monotonic()
        share = (
            (clock - begun) / max(1e-9, until - begun)
            if options.iterations is None
            else (done / options.iterations if options.iterations else 1.0)
        )
        if share >= 1 or clock >= until:
            break
        if watch is not None and watch(done, int(best.sums[COSTS]), lambda: _read(model, best)):
            break
        steps = _CHUNK
        if options.iterations is not None:
            steps = min(steps, options.iterations - done)
        if share >= cycles[cycle][0]:
            cycle += 1
            copy_chain(best, now)
        since = cycles[cycle - 1][0] if cycle else 0.0
        until_share, hot, cold = cycles[cycle]
        passed = (share - since) / (until_share - since)
        heat = median * hot * (cold / hot) ** passed
        anneal(fixed, now, best, close, steps, heat, heat, largest, True)
        done += steps
    plan = _read(model, best)
    return None if plan is None else (plan, done)


def _first_order(model: Model) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    def due(cluster: tuple[int, ...]) -> int:
        visits = [model.problem.visits[row] for row in cluster]
        return min(v.preferred.latest if v.preferred else v.windows[-1].latest for v in visits)

    numbers = sorted(range(len(model.clusters)), key=lambda k: (due(model.clusters[k]), k))
    return np.array(numbers, dtype=np.int64)


def _nobody(model: Model) -> I8:
    return np.full(len(model.problem.visits), -1, dtype=np.int64)


def _carers_of(model: Model, plan: Plan) -> I8 | None:
    """Vehicle per visit, or None when a visit has none."""
    out = _nobody(model)
    for vehicle, timed in plan.routes.items():
        for row in timed.visits:
            out[row] = vehicle
    return None if (out < 0).any() else out


def _order_of(model: Model, plan: Plan) -> I8:
    """Clusters by the first start of their visits; routes and common starts agree with it."""
    first = {
        row: start
        for timed in plan.routes.values()
        for row, start in zip(timed.visits, timed.starts, strict=True)
    }
    clusters = model.clusters
    numbers = sorted(range(len(clusters)), key=lambda k: (min(first[r] for r in clusters[k]), k))
    return np.array(numbers, dtype=np.int64)


def _ways(model: Model) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    quickest = np.minimum.reduce([np.asarray(m) for m in model.problem.travel]).astype(np.int64)
    out: np.ndarray[tuple[int, int], np.dtype[np.int64]] = quickest[
        np.ix_(model.place, model.place)
    ]
    return out


def _median_way(model: Model) -> float:
    return float(np.median(_ways(model))) * model.weights.travel


def _close(model: Model) -> I4:
    """For each visit the others that could come next to it with little travel, wait, lateness."""
    way = _ways(model)
    visits = model.problem.visits
    first = np.array([v.windows[0].earliest for v in visits], dtype=np.int64)
    due = np.array(
        [min(v.preferred.latest if v.preferred else FAR, v.windows[-1].latest) for v in visits],
        dtype=np.int64,
    )
    ready = first[:, None] + model.duration[:, None] + way
    late = np.maximum(0, ready - due[None, :])
    wait = np.maximum(0, first[None, :] - (due[:, None] + model.duration[:, None] + way))
    both = way + late + wait // 2
    both = np.minimum(both, both.T)
    np.fill_diagonal(both, FAR)
    keep = min(len(visits) - 1, _CLOSE)
    return np.argsort(both, axis=1, kind="stable")[:, :keep].astype(np.int32)


def _read(model: Model, chain: Chain) -> Plan | None:
    plan = Plan(model)
    for row in range(len(chain.carer)):
        if chain.start[row] > model.windows[row][-1].latest:
            return None
    for cluster in model.clusters:
        if len(cluster) > 1:
            plan.held.update({row: int(chain.start[row]) for row in cluster})
    for vehicle in range(len(chain.first)):
        rows: list[int] = []
        row = int(chain.first[vehicle])
        while row >= 0:
            rows.append(row)
            row = int(chain.after[row])
        if rows:
            starts = [int(chain.start[row]) for row in rows]
            timed = timed_from(model, vehicle, rows, starts, [])
            if timed.finish > model.shifts[vehicle].latest_return:
                return None
            plan.put(timed)
    return plan
