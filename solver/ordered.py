"""Drive the compiled order search: for days with linked visits, soft ends and no breaks."""

from __future__ import annotations

import numpy as np

from solver.cooling import rounds
from solver.improve import Watch
from solver.kernels.arrays import FAR, I4, I8, fixed_of
from solver.kernels.chain import (
    AFTER,
    BROKEN,
    COST,
    NEVER,
    START,
    Chain,
    chain_of,
    copy_chain,
    task_of,
)
from solver.kernels.chain_search import anneal
from solver.model import Model
from solver.options import Options
from solver.order_start import lay, soonest
from solver.routes import Plan
from solver.timing import timed_from

__all__ = ["improve_order", "suits"]

_CHUNK = 5000
#: Temperatures as shares of the median way: of a cycle that begins anew, and of the last one, which
#: starts again from the best plan.
_FRESH, _LAST = (3.0, 0.02), (0.5, 0.004)
#: Moves of a fresh cycle per visit, most of such cycles, and their share of the budget. What one
#: ends in differs far more by chance than by its length.
_PER_VISIT, _MOST, _SHARE = 100_000, 12, 0.85
#: With a clock, the share of the time after which the speed is known; cold moves are faster.
_LOOK, _FASTER = 0.01, 1.5
#: Share of the budget after which a search that has not kept hard ends once gives up.
_PATIENCE = 0.4
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
    weights_ok = w.waiting == 0 and w.load == 0 and w.hard == 0 and not problem.previous
    tied = sum(len(c) > 1 for c in model.clusters)
    free_order = bool((model.leader == -1).all()) and not problem.apart
    return (
        free_order
        and staff_ok
        and visits_ok
        and soft
        and apart
        and _latest(model) < NEVER
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
    task = task_of(fixed_of(model), _close(model))
    now, best = chain_of(task, options.seed), chain_of(task, options.seed)
    told = None if start is None else _carers_of(model, start)
    order = _first_order(model) if start is None or told is None else _order_of(model, start)
    carers = soonest(task, order) if told is None else told
    if carers is None:
        return None
    lay(task, now, order, carers)
    copy_chain(now, best)
    median = max(1.0, _median_way(model))
    cycles = [(1.0, *_LAST)] if told is not None else _cycles(model, options.iterations or 0)
    counts = np.zeros(4, dtype=np.int64)
    known, cycle, made = told is not None or options.iterations is not None, 0, 0
    for done, steps, share in rounds(options, until, _CHUNK):
        if watch is not None and watch(done, int(best.sums[COST]), lambda: _read(model, best)):
            break
        if share > _PATIENCE and best.sums[BROKEN] > 0:
            return None
        if not known and share >= _LOOK:
            known, cycles = True, _cycles(model, int(_FASTER * done / share))
        if share >= cycles[cycle][0]:
            cycle += 1
            copy_chain(best, now)
        since = cycles[cycle - 1][0] if cycle else 0.0
        until_share, hot, cold = cycles[cycle]
        heat = median * hot * (cold / hot) ** ((share - since) / (until_share - since))
        anneal(task, now, best, steps, heat, heat, counts)
        made = done + steps
    plan = _read(model, best)
    return None if plan is None else (plan, made)


def _cycles(model: Model, moves: int) -> list[tuple[float, float, float]]:
    """For a budget of moves: by which share of it each cycle ends, its temperatures."""
    many = round(_SHARE * moves / (_PER_VISIT * len(model.problem.visits)))
    many = max(1, min(_MOST, many))
    fresh = [(_SHARE * (k + 1) / many, *_FRESH) for k in range(many)]
    return [*fresh, (1.0, *_LAST)]


def _latest(model: Model) -> int:
    """No way of making the visits takes longer than this, whatever waits for whatever."""
    visits = model.problem.visits
    end = max((s.latest_return for s in model.shifts), default=0)
    way = min(end + 1, max(int(matrix.max()) for matrix in model.problem.travel))
    gap = max((link.min_gap for link in model.problem.links), default=0)
    first = max((v.windows[0].earliest for v in visits), default=0)
    return first + sum(v.duration + v.access for v in visits) + (len(visits) + 1) * (way + gap)


def _first_order(model: Model) -> list[tuple[int, ...]]:
    def due(cluster: tuple[int, ...]) -> int:
        visits = [model.problem.visits[row] for row in cluster]
        return min(v.preferred.latest if v.preferred else v.windows[-1].latest for v in visits)

    return sorted(model.clusters, key=lambda cluster: (due(cluster), cluster))


def _carers_of(model: Model, plan: Plan) -> I8 | None:
    """Vehicle per visit, or None when a visit has none."""
    out = np.full(len(model.problem.visits), -1, dtype=np.int64)
    for vehicle, timed in plan.routes.items():
        for row in timed.visits:
            out[row] = vehicle
    return None if (out < 0).any() else out


def _order_of(model: Model, plan: Plan) -> list[tuple[int, ...]]:
    """Clusters by the first start of their visits; routes and common starts agree with it."""
    first = {
        row: start
        for timed in plan.routes.values()
        for row, start in zip(timed.visits, timed.starts, strict=True)
    }
    return sorted(model.clusters, key=lambda cluster: (min(first[r] for r in cluster), cluster))


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
    if chain.sums[BROKEN] > 0:
        return None
    plan, visits = Plan(model), len(model.problem.visits)
    for cluster in model.clusters:
        if len(cluster) > 1:
            plan.held.update({row: int(chain.node[row, START]) for row in cluster})
    for vehicle in range(len(model.shifts)):
        rows: list[int] = []
        row = int(chain.node[visits + vehicle, AFTER])
        while row < visits:
            rows.append(row)
            row = int(chain.node[row, AFTER])
        if rows:
            starts = [int(chain.node[row, START]) for row in rows]
            plan.put(timed_from(model, vehicle, rows, starts, []))
    return plan
