"""Run the compiled search on one plan: cool down by steps or by the clock, read the best back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from solver.cooling import rounds
from solver.kernels.arrays import (
    BIG,
    BREAK,
    BREAK_END,
    BROKEN,
    CLUSTER,
    HELD,
    PENALTY,
    SIZE,
    TIED,
    TRAVEL,
    UNTIL,
    VISIT,
    WAY,
    WHO,
    Fixed,
    Live,
    fixed_of,
    live_of,
)
from solver.kernels.clock import price_order
from solver.kernels.moves import held_cost, put_in
from solver.kernels.route import refresh
from solver.kernels.ruin import SKIPPED, Bench, bench_of, copy_plan, fill, largest_cost, search
from solver.model import Model
from solver.options import Options
from solver.routes import Plan, in_pinned_order
from solver.timing import Timed, route_cost, schedule, timed_from

__all__ = ["improve", "warm"]

#: Rounds between two looks at the clock, the caller's wish to stop, and the temperature.
_CHUNK = 100
#: Starting temperature as a share of the first plan's mean way, the end as a share of the start.
_HOT, _COLD = 5.0, 0.001
#: Of the starting temperature, where a mild search begins.
_MILD = 0.04

Look = Callable[[], Plan | None]
"""The best plan so far, read out when it is asked for."""

Watch = Callable[[int, int, Look], bool]


def improve(
    model: Model,
    start: Plan,
    options: Options,
    until: float,
    watch: Watch | None = None,
    *,
    exact: bool = True,
    seen: list[int] | None = None,
) -> tuple[Plan, int]:
    """The best plan found from `start`, and the number of rounds made.

    until
        `time.monotonic` at which to stop whatever happens.
    watch
        Called between chunks with (rounds, cost so far, look); True stops the search.
    exact
        Time each final route again with breaks placed exactly, where that is cheaper.
    seen
        Receives the cost the compiled search ended with.
    """
    fixed = fixed_of(model)
    bench = bench_of(fixed, options.seed)
    now = _load(model, fixed, bench, start)
    fill(fixed, now, bench, 0, 0)
    bench.marks[:] = 0
    kept, best = live_of(fixed), live_of(fixed)
    copy_plan(now, kept)
    copy_plan(now, best)
    hot = max(1.0, _HOT * _mean_way(fixed, now))
    cold = hot * _COLD
    if options.mild:
        hot *= _MILD

    def look() -> Plan:
        # With a bench of its own: looking must not change what the search does next.
        return _read(model, fixed, bench_of(fixed, options.seed), best, exact=False)

    def total() -> int:
        return int(best.total[0]) + int(largest_cost(fixed, best)) + model.promises

    made = 0
    for done, steps, share in rounds(options, until, _CHUNK):
        if watch is not None and watch(done, total(), look):
            break
        heat = hot * (cold / hot) ** share
        search(fixed, now, kept, best, bench, steps, heat, heat, SKIPPED)
        made = done + steps
    if seen is not None:
        seen.append(total())
    return _read(model, fixed, bench, best, exact=exact), made


def warm() -> float:
    """Compile everything the search needs, or load it from the cache of an earlier time.

    Returns the seconds it took: well under one when the cache was there. Where the package folder
    cannot be written, the cache goes to the user's own cache folder (or `NUMBA_CACHE_DIR`).
    """
    from dataclasses import replace

    from solver.insertion import Insertion
    from solver.options import Weights
    from solver.plan import Solution
    from solver.sample import linked_day, street_day
    from solver.search import solve

    begun = time.monotonic()
    quick = Options(iterations=20)
    solve(street_day(12, 5, 1, rich=True), quick)
    solve(street_day(12, 5, 1), quick)
    solve(linked_day(1), replace(quick, weights=Weights(largest_late=1, early=0)))
    # Nobody makes anything yet: two visits go into empty routes.
    day = street_day(12, 5, 1)
    Insertion(day, Solution((), (), {})).pair(day.visits[0].id, day.visits[1].id)
    return time.monotonic() - begun


def _mean_way(fixed: Fixed, live: Live) -> float:
    """Travel cost per stop of a plan."""
    sizes = live.route[:, SIZE]
    ways = [int(live.stop[v, : n + 1, WAY].sum()) for v, n in enumerate(sizes.tolist())]
    return float(fixed.weight[TRAVEL]) * sum(ways) / max(1, int(sizes.sum()))


def _load(model: Model, fixed: Fixed, bench: Bench, plan: Plan) -> Live:
    """The plan as arrays; clusters that do not fit as they stand become absent."""
    live = live_of(fixed)
    for row, start in plan.held.items():
        live.agreed[row, HELD] = start
    fits: dict[int, list[int]] = {}
    for vehicle, timed in sorted(plan.routes.items()):
        rows = in_pinned_order(model, timed.visits)
        order = np.array(rows, dtype=np.int64)
        scratch = (bench.scratch, bench.starts, bench.pauses)
        cost = price_order(fixed, live.agreed, vehicle, order, len(order), True, *scratch)
        if cost < BIG:
            fits[vehicle] = rows
    return _only_whole(model, fixed, bench, plan.held, fits)


def _only_whole(
    model: Model,
    fixed: Fixed,
    bench: Bench,
    held: Mapping[int, int],
    routes: Mapping[int, list[int]],
) -> Live:
    """Routes without clusters that lack people, or whose pinned order is lost with others."""
    whole: list[int] = list(range(len(model.clusters)))
    left = dict(routes)
    clean = live_of(fixed)
    while True:
        people = Counter(row for rows in left.values() for row in rows)
        whole = [
            k
            for k, cluster in enumerate(model.clusters)
            if all(people[row] == model.carers[row] for row in cluster)
        ]
        keep = {row for k in whole for row in model.clusters[k]}
        again = {
            v: in_pinned_order(model, [r for r in rows if r in keep]) for v, rows in left.items()
        }
        if again != left:
            left = again
            continue
        clean = _laid_in(fixed, bench, {row: held[row] for row in keep & held.keys()}, left)
        if clean.total[2] == 0:
            break
        # A way that is too long without what was dropped: a broken route is given up.
        broken = [v for v in left if clean.route[v, BROKEN]] or [v for v in left if left[v]][-1:]
        left = {v: [] if v in broken else rows for v, rows in left.items()}
    for row in keep:
        clean.total[0] += held_cost(fixed, clean, row)
    absent = [k for k in range(len(model.clusters)) if k not in set(whole)]
    clean.absent[: len(absent)] = absent
    clean.total[1] = len(absent)
    clean.total[0] -= int(fixed.cluster[whole, PENALTY].sum()) if whole else 0
    return clean


def _laid_in(
    fixed: Fixed, bench: Bench, held: Mapping[int, int], routes: Mapping[int, list[int]]
) -> Live:
    """Whole clusters in given orders as arrays; without the cost of held starts."""
    live = live_of(fixed)
    for row, start in held.items():
        if fixed.cluster[fixed.visit[row, CLUSTER], TIED]:
            live.agreed[row, HELD] = start
    for vehicle, rows in sorted(routes.items()):
        staff = int(fixed.vehicle[vehicle, WHO])
        for at, row in enumerate(rows):
            put_in(fixed, live, row, vehicle, at)
            until = live.agreed[row, HELD] + fixed.long[staff, row]
            live.agreed[row, UNTIL] = max(int(live.agreed[row, UNTIL]), int(until))
        refresh(fixed, live, vehicle, bench.order, bench.scratch, bench.starts, bench.pauses)
    return live


def _read(model: Model, fixed: Fixed, bench: Bench, live: Live, *, exact: bool) -> Plan:
    """Arrays as a plan; each route timed as the search did, or exactly if that is cheaper."""
    plan = Plan(model)
    for row in range(len(fixed.visit)):
        if live.agreed[row, HELD] >= 0:
            plan.held[row] = int(live.agreed[row, HELD])
    for vehicle in range(len(live.route)):
        size = int(live.route[vehicle, SIZE])
        if size == 0:
            continue
        order = live.stop[vehicle, :size, VISIT].copy()
        price_order(
            fixed,
            live.agreed,
            vehicle,
            order,
            size,
            True,
            bench.scratch,
            bench.starts,
            bench.pauses,
        )
        rows = order.tolist()
        breaks = int(fixed.vehicle[vehicle, BREAK_END] - fixed.vehicle[vehicle, BREAK])
        pauses = [(int(b), int(g)) for b, g in bench.pauses[:breaks]]
        timed = timed_from(model, vehicle, rows, bench.starts[:size].tolist(), pauses)
        again = schedule(model, vehicle, rows, plan.held) if exact else None
        if again is not None and _better(model, again, timed):
            timed = again
        plan.put(timed)
    return plan


def _better(model: Model, one: Timed, two: Timed) -> bool:
    """Whether a timing costs less, and nobody gets later where the latest counts."""
    if model.weights.largest_late > 0 and _worst(model, one) > _worst(model, two):
        return False
    return route_cost(model, one) < route_cost(model, two)


def _worst(model: Model, timed: Timed) -> int:
    wishes = [model.problem.visits[row].preferred for row in timed.visits]
    late = [s - w.latest for s, w in zip(timed.starts, wishes, strict=True) if w is not None]
    return max([0, *late])
