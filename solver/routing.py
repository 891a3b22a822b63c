"""A whole day by OR-Tools routing, with the start of every shared or linked visit already held.

With those starts held, routes no longer depend on each other's times; linked time variables across
routes, which make this library's local search collapse, never appear.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from solver.mend import mend
from solver.model import FIRST, Model
from solver.options import Options
from solver.placing import place_all
from solver.price import absent_of, cost_of
from solver.routes import Plan, in_pinned_order
from solver.timing import schedule
from solver.types import MAX_TIME, UNREACHABLE

__all__ = ["route"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Task:
    """One carer's part in a visit; `only` are the vehicles it may use."""

    visit: int
    only: tuple[int, ...]
    start: int | None


def _orders_by_routing(
    model: Model,
    tasks: Sequence[_Task],
    first: Sequence[Sequence[int]],
    options: Options,
    until: float,
    stop: Callable[[], bool],
) -> list[list[int]]:
    """Orders of task rows per vehicle; tasks in no route are left out.

    first
        Orders to start from, task rows per vehicle; they must be feasible or are ignored.
    """
    vehicles = len(model.shifts)
    nodes = len(tasks)
    starts = [nodes + 2 * v for v in range(vehicles)]
    ends = [nodes + 2 * v + 1 for v in range(vehicles)]
    manager = pywrapcp.RoutingIndexManager(nodes + 2 * vehicles, vehicles, starts, ends)
    routing = pywrapcp.RoutingModel(manager)
    kinds, ways, busies = _transits(model, tasks)
    _time(model, tasks, routing, manager, kinds, ways, busies)
    _most_travel(model, routing, kinds, ways)
    _likes(model, tasks, routing)
    _most_visits(model, tasks, routing)
    _goods(model, tasks, routing)
    _orders(model, tasks, routing, manager)
    for row, task in enumerate(tasks):
        index = manager.NodeToIndex(row)
        routing.AddDisjunction([index], int(model.penalty[task.visit]))
        routing.VehicleVar(index).SetValues([-1, *task.only])
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    parameters.time_limit.FromMilliseconds(1000)
    if options.iterations is not None:
        # Rejected neighbours are the steps: a limit on solutions alone would never be met on a
        # small day whose best plan is found at once.
        routing.AddSearchMonitor(routing.solver().FailuresLimit(max(1, options.iterations)))
    routing.AddSearchMonitor(routing.solver().CustomLimit(stop))
    routing.CloseModelWithParameters(parameters)
    # Laying out the model takes its time too; reading the plan back does after the search.
    left = 0.95 * (until - time.monotonic())
    if left <= 0:
        return [list(r) for r in first]
    parameters.time_limit.FromMilliseconds(max(1, int(left * 1000)))
    hint = routing.ReadAssignmentFromRoutes([list(r) for r in first], True)
    found = (
        routing.SolveWithParameters(parameters)
        if hint is None
        else routing.SolveFromAssignmentWithParameters(hint, parameters)
    )
    if found is None:
        return [list(r) for r in first]
    return [_order(routing, manager, found, v) for v in range(vehicles)]


def _order(routing: Any, manager: Any, found: Any, vehicle: int) -> list[int]:
    order: list[int] = []
    index = found.Value(routing.NextVar(routing.Start(vehicle)))
    while not routing.IsEnd(index):
        order.append(int(manager.IndexToNode(index)))
        index = found.Value(routing.NextVar(index))
    return order


def _transits(model: Model, tasks: Sequence[_Task]) -> tuple[list[int], list[Ints], list[Ints]]:
    """Kind of each vehicle; per kind: travel between nodes, and with service before and access.

    Vehicles are of one kind when mode, longest leg and the carer's durations are equal.
    """
    vehicles = len(model.shifts)
    rows = np.array([t.visit for t in tasks], dtype=np.int64)
    count = len(tasks) + 2 * vehicles
    place = np.full(count, -1, dtype=np.int64)
    place[: len(tasks)] = model.place[rows]
    for v, shift in enumerate(model.shifts):
        for slot, at in ((0, shift.start_place), (1, shift.end_place)):
            place[len(tasks) + 2 * v + slot] = -1 if at is None else at
    access = np.zeros(count, dtype=np.int64)
    group = np.full(count, -1, dtype=np.int64)
    access[: len(tasks)] = model.access[rows]
    group[: len(tasks)] = model.group[rows]
    together = (group[:, None] == group[None, :]) & (group[:, None] >= 0)
    ways: list[Ints] = []
    busies: list[Ints] = []
    nowhere = (place[:, None] < 0) | (place[None, :] < 0)
    kinds: list[int] = []
    known: dict[tuple[int, int | None, bytes], int] = {}
    for v in range(vehicles):
        staff = int(model.staff_of[v])
        most, long = model.problem.staff[staff].max_leg, model.long[staff, rows]
        key = (int(model.mode[v]), most, long.tobytes())
        kinds.append(known.setdefault(key, len(known)))
        if kinds[-1] < len(ways):
            continue
        service = np.zeros(count, dtype=np.int64)
        service[: len(tasks)] = long
        matrix = model.problem.travel[key[0]]
        way = matrix[np.ix_(np.maximum(place, 0), np.maximum(place, 0))].astype(np.int64)
        way[nowhere] = 0
        # Beyond every shift's end, yet small enough to add up.
        way[way >= UNREACHABLE] = 4 * MAX_TIME
        if most is not None:
            way[way > most] = 4 * MAX_TIME
        ways.append(way)
        busies.append(way + np.where(together, 0, access[None, :]) + service[:, None])
    return kinds, ways, busies


def _time(
    model: Model,
    tasks: Sequence[_Task],
    routing: Any,
    manager: Any,
    kinds: list[int],
    ways: list[Ints],
    busies: list[Ints],
) -> None:
    busy = [routing.RegisterTransitMatrix(m.tolist()) for m in busies]
    cost = [routing.RegisterTransitMatrix((model.weights.travel * m).tolist()) for m in ways]
    horizon = max([s.latest_return for s in model.shifts], default=0)
    routing.AddDimensionWithVehicleTransits([busy[k] for k in kinds], horizon, horizon, False, "t")
    time = routing.GetDimensionOrDie("t")
    for v, shift in enumerate(model.shifts):
        routing.SetArcCostEvaluatorOfVehicle(cost[kinds[v]], v)
        hour = model.problem.staff[int(model.staff_of[v])].cost_hour
        if hour + model.weights.waiting:
            time.SetSpanCostCoefficientForVehicle(model.weights.waiting + hour // 3600, v)
        time.CumulVar(routing.Start(v)).SetRange(shift.start, shift.latest_return)
        time.CumulVar(routing.End(v)).SetRange(shift.start, shift.latest_return)
        if shift.latest_return > shift.end:
            time.SetCumulVarSoftUpperBound(routing.End(v), shift.end, model.weights.overtime)
        if shift.breaks:
            solver = routing.solver()
            service = [model.lasts(v, t.visit) for t in tasks] + [0] * (2 * len(model.shifts))
            pauses = [
                solver.FixedDurationIntervalVar(
                    b.earliest, b.latest, b.duration, False, f"b{v}.{k}"
                )
                for k, b in enumerate(shift.breaks)
            ]
            time.SetBreakIntervalsOfVehicle(pauses, v, service)
    for row, task in enumerate(tasks):
        index = manager.NodeToIndex(row)
        start = time.CumulVar(index)
        if task.start is not None:
            start.SetRange(task.start, task.start)
            continue
        windows = model.windows[task.visit]
        start.SetRange(windows[0].earliest, min(horizon, windows[-1].latest))
        for before, after in pairwise(windows):
            start.RemoveInterval(before.latest + 1, after.earliest - 1)
        wish = model.problem.visits[task.visit].preferred
        if wish is not None:
            time.SetCumulVarSoftUpperBound(index, wish.latest, model.weights.late)
            time.SetCumulVarSoftLowerBound(index, wish.earliest, model.weights.early)


def _most_travel(model: Model, routing: Any, kinds: list[int], ways: list[Ints]) -> None:
    """Nobody is longer on the way than allowed, all shifts together."""
    limits = [model.problem.staff[int(s)].max_travel for s in model.staff_of]
    if all(limit is None for limit in limits):
        return
    each = [routing.RegisterTransitMatrix(m.tolist()) for m in ways]
    high = 8 * MAX_TIME
    routing.AddDimensionWithVehicleTransits([each[k] for k in kinds], 0, high, True, "road")
    road = routing.GetDimensionOrDie("road")
    for staff in sorted({int(s) for s in model.staff_of}):
        most = model.problem.staff[staff].max_travel
        if most is not None:
            mine = [v for v in range(len(model.shifts)) if int(model.staff_of[v]) == staff]
            total = sum(road.CumulVar(routing.End(v)) for v in mine)
            routing.solver().Add(total <= most)


def _likes(model: Model, tasks: Sequence[_Task], routing: Any) -> None:
    """Continuity and preference: a count that starts at 0 and costs what it ends at."""
    if not tasks or not model.affinity.any():
        return
    rows = np.array([t.visit for t in tasks], dtype=np.int64)
    # Costs may be gains; only differences between carers matter, so the least becomes 0.
    liking = model.affinity - model.affinity.min(axis=1, keepdims=True)
    by_staff: dict[int, int] = {}
    for staff in sorted(set(model.staff_of.tolist())):
        vector = np.zeros(len(tasks) + 2 * len(model.shifts), dtype=np.int64)
        vector[: len(tasks)] = liking[rows, staff]
        by_staff[staff] = routing.RegisterUnaryTransitVector(vector.tolist())
    most = int(liking[rows].max(axis=1).sum()) + 1
    routing.AddDimensionWithVehicleTransits(
        [by_staff[int(s)] for s in model.staff_of], 0, most, True, "likes"
    )
    likes = routing.GetDimensionOrDie("likes")
    for v in range(len(model.shifts)):
        likes.SetCumulVarSoftUpperBound(routing.End(v), 0, 1)


def _most_visits(model: Model, tasks: Sequence[_Task], routing: Any) -> None:
    limits = [model.problem.staff[int(s)].max_visits for s in model.staff_of]
    if all(limit is None for limit in limits):
        return
    one = routing.RegisterUnaryTransitVector([1] * len(tasks) + [0] * (2 * len(model.shifts)))
    routing.AddDimension(one, 0, len(tasks) + 1, True, "visits")
    count = routing.GetDimensionOrDie("visits")
    for staff in sorted(set(model.staff_of.tolist())):
        most = model.problem.staff[staff].max_visits
        if most is None:
            continue
        mine = [v for v in range(len(model.shifts)) if int(model.staff_of[v]) == staff]
        total = sum(count.CumulVar(routing.End(v)) for v in mine)
        routing.solver().Add(total <= most)


def _goods(model: Model, tasks: Sequence[_Task], routing: Any) -> None:
    if all(shift.capacity is None for shift in model.shifts):
        return
    goods = [model.problem.visits[t.visit].goods for t in tasks]
    each = routing.RegisterUnaryTransitVector(goods + [0] * (2 * len(model.shifts)))
    most = [sum(goods) if s.capacity is None else s.capacity for s in model.shifts]
    routing.AddDimensionWithVehicleCapacity(each, 0, most, True, "goods")


def _orders(model: Model, tasks: Sequence[_Task], routing: Any, manager: Any) -> None:
    """A pinned visit is made only directly after its leader, or first of its route."""
    solver = routing.solver()
    for row, task in enumerate(tasks):
        lead = int(model.leader[task.visit])
        if lead == -1:
            continue
        mine = manager.NodeToIndex(row)
        before = (
            [routing.Start(v) for v in range(len(model.shifts))]
            if lead == FIRST
            else [manager.NodeToIndex(k) for k, t in enumerate(tasks) if t.visit == lead]
        )
        direct = [solver.IsEqualCstVar(routing.NextVar(k), mine) for k in before]
        solver.Add(solver.Sum(direct) >= routing.ActiveVar(mine))


def route(plan: Plan, options: Options, until: float, stop: Callable[[], bool]) -> Plan:
    """The better of `plan`, filled up by cheapest insertion, and what OR-Tools makes of it.

    Parameters
    ----------
    until
        `time.monotonic` at which to stop. Half of the time is for OR-Tools.
    stop
        Asked between insertions, and by OR-Tools at each neighbour.
    """
    begun = time.monotonic()
    filling = begun + (until - begun) / 2
    _fill(plan, lambda: stop() or time.monotonic() > filling)
    if options.iterations == 0 or stop():
        return plan
    model = plan.model
    tasks, first = _tasks(plan)
    orders = _orders_by_routing(model, tasks, first, options, until, stop)
    new = Plan(model, held=dict(plan.held))
    for vehicle, order in enumerate(orders):
        _follow(new, vehicle, [tasks[row].visit for row in order])
    mend(new)
    _fill(new, lambda: time.monotonic() > until)
    return min(plan, new, key=lambda one: sum(cost_of(one).values()))


def _fill(plan: Plan, stop: Callable[[], bool]) -> None:
    absent = absent_of(plan)
    place_all(plan, [c for c in plan.model.clusters if set(c) <= absent], stop)


def _tasks(plan: Plan) -> tuple[list[_Task], list[list[int]]]:
    """One task per carer of each visit that may still be placed, and the orders of `plan`."""
    model = plan.model
    served = plan.served()
    tied_people = {
        row
        for link in model.problem.links
        if link.carers != "any"
        for row in (model.problem.visit_row(link.first), model.problem.visit_row(link.second))
    }
    tasks: list[_Task] = []
    rows: dict[tuple[int, int], int] = {}
    where: dict[int, list[int]] = {}
    for vehicle, timed in sorted(plan.routes.items()):
        for visit in timed.visits:
            where.setdefault(visit, []).append(vehicle)
    for cluster in model.clusters:
        if model.tied(cluster) and not set(cluster) <= served:
            continue
        for row in cluster:
            free = tuple(int(v) for v in np.flatnonzero(model.usable[row]))
            homes = where.get(row, [-1] * int(model.carers[row]))
            for home in homes:
                rows[row, home] = len(tasks)
                only = (home,) if row in tied_people and home >= 0 else free
                if only:
                    tasks.append(_Task(visit=row, only=only, start=plan.held.get(row)))
    first: list[list[int]] = []
    for vehicle in range(len(model.shifts)):
        first.append([rows[row, vehicle] for row in plan.order(vehicle)])
    return tasks, first


def _follow(plan: Plan, vehicle: int, order: Sequence[int]) -> None:
    """Time an order in a vehicle; what does not fit is left out, dearest kept."""
    model = plan.model
    left = in_pinned_order(model, order)
    while left:
        timed = schedule(model, vehicle, left, plan.held)
        if timed is not None:
            plan.put(timed)
            return
        left.remove(min(left, key=lambda row: (int(model.penalty[row]), row)))
        left = in_pinned_order(model, left)
