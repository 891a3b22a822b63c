"""Drive the compiled search for days of single visits, the plainest and fastest one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from solver.cooling import QUIET, cooled, rounds
from solver.improve import Watch
from solver.kernels import arrays
from solver.kernels.arrays import I8, Fixed
from solver.kernels.lone import (
    PENALTY,
    SIZE,
    VISIT,
    WAY,
    Alone,
    Routes,
    alone_of,
    copy_routes,
    desk_of,
    rebuild,
    routes_of,
)
from solver.kernels.single import fill, search
from solver.model import Model
from solver.options import Options
from solver.routes import Plan
from solver.timing import schedule

__all__ = ["improve_single", "suits"]

#: Rounds between two looks at the clock, the caller's wish to stop, and the temperature.
_CHUNK = 500
#: Starting temperature as a share of the first plan's mean way, the end as a share of the start.
_HOT, _COLD = 1.0, 0.02
#: Of the starting temperature, where a mild search begins.
_MILD = 0.1
#: Visits taken out per round on average.
_REMOVED = 10.0
#: Exchanges of tails tried after each round.
_TAILS = 4
#: Of 1024 places, how many are passed over by chance.
_SKIPPED = 10


def suits(model: Model, fixed: Fixed) -> bool:
    """Whether nothing ties two visits, or two shifts, to each other, and time costs nothing."""
    problem = model.problem
    several = {v.group for v in problem.visits if v.group is not None and v.access > 0}
    shared_doors = len(several) < sum(v.group in several for v in problem.visits)
    return bool(
        not shared_doors
        and not fixed.cluster[:, arrays.TIED].any()
        and not fixed.visit[:, arrays.TIMED].any()
        and (fixed.vehicle[:, arrays.PLAIN] == 1).all()
        and (model.leader == -1).all()
        and all(len(windows) == 1 for windows in model.windows)
        and all((s.max_travel, s.max_leg, s.cost_km) == (None, None, 0) for s in problem.staff)
        and not (model.weights.hard and any(v.hard for v in problem.visits))
        and bool((model.long == model.duration).all())
        and all(len(person.shifts) <= 1 for person in problem.staff)
    )


def improve_single(
    model: Model,
    fixed: Fixed,
    start: Plan,
    options: Options,
    until: float,
    watch: Watch | None = None,
) -> tuple[Plan, int]:
    """The best plan found from `start`, and the number of rounds made; for what `suits`.

    until
        `time.monotonic` at which to stop whatever happens.
    watch
        Called between chunks with (rounds, cost so far, look); True stops the search.
    """
    alone = _alone(model, fixed)
    desk, now = (
        desk_of(alone, options.seed),
        _load(alone, {v: start.order(v) for v in start.routes}),
    )
    fill(alone, now, desk, 0, 0)
    kept, best = routes_of(alone), routes_of(alone)
    copy_routes(now, kept)
    copy_routes(now, best)
    hot = max(1.0, _HOT * _mean_way(alone, now))
    cold = hot * _COLD
    if options.mild:
        hot *= _MILD
    made, quiet = 0, False
    for done, steps, share in rounds(options, until, _CHUNK):
        if watch is not None and watch(done, int(best.total[0]), lambda: _read(model, best)):
            break
        if share >= QUIET and not quiet:
            quiet = True
            copy_routes(best, now)
            copy_routes(best, kept)
        heat = cooled(share, hot, cold)
        search(alone, now, kept, best, desk, steps, heat, _SKIPPED, _REMOVED, _TAILS)
        made = done + steps
    return _read(model, best), made


def _alone(model: Model, fixed: Fixed) -> Alone:
    nowhere = fixed.travel.shape[1]
    visit, vehicle, staff = fixed.visit, fixed.vehicle, fixed.staff[model.staff_of]
    access = visit[:, arrays.ACCESS]
    place = visit[:, arrays.PLACE]
    vehicles = np.column_stack(
        [
            vehicle[:, arrays.MODE],
            *(_somewhere(vehicle[:, c], nowhere) for c in (arrays.FROM, arrays.TO)),
            *(
                vehicle[:, column]
                for column in (arrays.OPENS, arrays.HARD, arrays.KIND, arrays.ROOM)
            ),
            *(staff[:, column] for column in (arrays.MOST, arrays.USE, arrays.SHARE)),
        ]
    )
    visits = np.column_stack(
        [
            place,
            visit[:, arrays.LONG] + access,
            visit[:, arrays.FIRST] - access,
            visit[:, arrays.FINAL] - access,
            visit[:, arrays.GOODS],
            fixed.cluster[visit[:, arrays.CLUSTER], arrays.PENALTY],
            visit[:, arrays.REMOTE],
            visit[:, arrays.LONG],
        ]
    )
    return alone_of(
        fixed.travel,
        vehicles,
        visits,
        fixed.usable,
        np.ascontiguousarray(fixed.likes[:, model.staff_of]),
        fixed.near,
        fixed.weight[[arrays.TRAVEL, arrays.LOAD]],
    )


def _somewhere(place: I8, nowhere: int) -> I8:
    return np.where(place < 0, nowhere, place)


def _load(alone: Alone, orders: Mapping[int, tuple[int, ...]]) -> Routes:
    plan = routes_of(alone)
    served = [row for order in orders.values() for row in order]
    for vehicle, order in sorted(orders.items()):
        plan.stop[vehicle, 1 : len(order) + 1, VISIT] = order
        plan.route[vehicle, SIZE] = len(order)
        rebuild(alone, plan, vehicle)
    left = sorted(set(range(len(alone.visit))) - set(served))
    plan.absent[: len(left)] = left
    plan.total[1] = len(left)
    plan.total[0] -= int(alone.visit[served, PENALTY].sum())
    return plan


def _mean_way(alone: Alone, plan: Routes) -> float:
    """Travel cost per stop of a plan."""
    sizes = plan.route[:, SIZE].tolist()
    ways = sum(int(plan.stop[v, 1 : n + 2, WAY].sum()) for v, n in enumerate(sizes))
    return float(int(alone.weight[0]) * ways / max(1, sum(sizes)))


def _read(model: Model, found: Routes) -> Plan:
    plan = Plan(model)
    for vehicle, size in enumerate(found.route[:, SIZE].tolist()):
        rows = found.stop[vehicle, 1 : size + 1, VISIT].tolist()
        timed = schedule(model, vehicle, rows, {}) if rows else None
        if timed is not None:
            plan.put(timed)
    return plan
