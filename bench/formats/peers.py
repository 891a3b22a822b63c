"""Other solvers on our problems, judged like ours.

They can say: one window per visit, skills, modes, shifts, capacity. Not: pairs, links, breaks,
preferred times, continuity. A problem with any of these is refused here (OR-Tools excepted).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from solver import Options, Problem, Solution, Unserved, solve
from solver.model import Model, build
from solver.timing import schedule, to_route

__all__ = ["BY_NAME"]


def ortools(problem: Problem, options: Options) -> Solution:
    """Plain OR-Tools: guided local search from parallel cheapest insertion."""
    return solve(problem, replace(options, engine="routing", threads=1))


def pyvrp(problem: Problem, options: Options) -> Solution:
    """PyVRP; a vehicle kind per set of allowed visits, mode and shift, forbidden ways dear."""
    import pyvrp as peer

    model = _plain(problem, options)
    far = 10**7
    kinds: dict[tuple[object, ...], list[int]] = {}
    for v, shift in enumerate(model.shifts):
        key = (model.usable[:, v].tobytes(), int(model.mode[v]), shift)
        kinds.setdefault(key, []).append(v)
    places = sorted({s.start_place for s in model.shifts} | {s.end_place for s in model.shifts})
    at = np.array([*places, *model.place.tolist()])
    distances, durations, types = [], [], []
    for (_, mode, shift), members in kinds.items():
        way = problem.travel[mode][np.ix_(at, at)].astype(np.int64)
        barred = np.concatenate([np.zeros(len(places), bool), ~model.usable[:, members[0]]])
        distance = np.where(barred[:, None] | barred[None, :], far, way)
        np.fill_diagonal(distance, 0)
        distances.append(distance)
        durations.append(np.where(barred[:, None] | barred[None, :], far, way))
        np.fill_diagonal(durations[-1], 0)
        types.append(
            peer.VehicleType(
                num_available=len(members),
                capacity=[min(10**9, shift.capacity or 10**9)],
                start_depot=places.index(shift.start_place),
                end_depot=places.index(shift.end_place),
                tw_early=shift.start,
                tw_late=shift.latest_return,
                profile=len(types),
            )
        )
    clients = [
        peer.Client(
            location=len(places) + k,
            delivery=[v.goods],
            service_duration=v.duration,
            tw_early=v.windows[0].earliest,
            tw_late=v.windows[0].latest,
        )
        for k, v in enumerate(problem.visits)
    ]
    locations = [peer.Location(0, 0) for _ in at]
    depots = [peer.Depot(location=k) for k in range(len(places))]
    data = peer.ProblemData(locations, clients, depots, types, distances, durations)
    found = peer.solve(
        data, stop=peer.stop.MaxRuntime(options.seconds), seed=options.seed, display=False
    )
    lists = list(kinds.values())
    left = [list(members) for members in lists]
    orders: dict[int, list[int]] = {}
    for route in found.best.routes():
        orders[left[route.vehicle_type()].pop()] = _visited(route)
    return _judgeable(model, orders)


def _visited(route: object) -> list[int]:
    return [a.idx for a in route if getattr(a, "is_client", lambda: True)()]  # type: ignore[attr-defined]


def vroom(problem: Problem, options: Options) -> Solution:
    """VROOM at its highest exploration level; skills are the sets of vehicles a visit may use."""
    import vroom as peer

    model = _plain(problem, options)
    work = peer.Input()
    for mode, matrix in enumerate(problem.travel):
        work.set_durations_matrix(profile=f"m{mode}", matrix_input=matrix.astype(np.uint32))
    sets: dict[bytes, int] = {}
    for row in range(len(problem.visits)):
        sets.setdefault(model.usable[row].tobytes(), len(sets) + 1)
    masks = {number: np.frombuffer(raw, dtype=np.bool_) for raw, number in sets.items()}
    for v, shift in enumerate(model.shifts):
        more = {} if shift.capacity is None else {"capacity": [shift.capacity]}
        work.add_vehicle(
            peer.Vehicle(
                v + 1,
                start=shift.start_place,
                end=shift.end_place,
                profile=f"m{int(model.mode[v])}",
                skills={number for number, mask in masks.items() if mask[v]},
                time_window=(shift.start, shift.latest_return),
                **more,
            )
        )
    with_goods = any(s.capacity is not None for s in model.shifts)
    for row, visit in enumerate(problem.visits):
        work.add_job(
            peer.Job(
                row + 1,
                location=visit.place,
                default_service=visit.duration,
                skills={sets[model.usable[row].tobytes()]},
                time_windows=[(w.earliest, w.latest) for w in visit.windows],
                **({"delivery": [visit.goods]} if with_goods else {}),
            )
        )
    found = work.solve(exploration_level=5, nb_threads=options.threads, timeout=_limit(options))
    orders: dict[int, list[int]] = {}
    for step in found.routes.to_dict("records"):
        if step["type"] == "job":
            orders.setdefault(int(step["vehicle_id"]) - 1, []).append(int(step["id"]) - 1)
    return _judgeable(model, orders)


def _limit(options: Options) -> object:
    from datetime import timedelta

    return timedelta(seconds=options.seconds)


def _plain(problem: Problem, options: Options) -> Model:
    if (
        problem.links
        or problem.pins
        or any(v.carers > 1 or v.preferred or v.access for v in problem.visits)
    ):
        raise ValueError("this solver cannot express the case")
    return build(problem, options.weights)


def _judgeable(model: Model, orders: dict[int, list[int]]) -> Solution:
    """Our form of someone's orders; a route that breaks a rule stays out and shows as unserved."""
    routes, served = [], set()
    for vehicle, order in sorted(orders.items()):
        timed = schedule(model, vehicle, order, {}) if order else None
        if timed is not None:
            routes.append(to_route(model, timed))
            served.update(order)
    absent = [v.id for row, v in enumerate(model.problem.visits) if row not in served]
    return Solution(tuple(routes), tuple(Unserved(a, "no_capacity") for a in absent), {})


BY_NAME: dict[str, Callable[[Problem, Options], Solution]] = {
    "ortools": ortools,
    "pyvrp": pyvrp,
    "vroom": vroom,
}
