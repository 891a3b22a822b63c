"""Other solvers on our problems, judged like ours.

They can say: windows, skills, modes, shifts, capacity. Not: pairs, links, breaks, preferred times,
continuity. `cannot` names what of a problem a peer has no words for (OR-Tools has for all).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec

import numpy as np

from solver import Options, Problem, Solution, Unserved, solve
from solver.model import Model, build
from solver.timing import schedule, to_route

__all__ = ["BY_NAME", "cannot", "installed"]


def ortools(problem: Problem, options: Options) -> Solution:
    """Plain OR-Tools: guided local search from parallel cheapest insertion."""
    return solve(problem, replace(options, engine="routing", threads=1))


def pyvrp(problem: Problem, options: Options) -> Solution:
    """PyVRP; a vehicle kind per set of allowed visits, mode and shift, forbidden ways dear."""
    import pyvrp as peer

    model = build(problem, options.weights)
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

    model = build(problem, options.weights)
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


def installed(name: str) -> bool:
    """Whether the package of a peer can be imported."""
    return find_spec(name) is not None


def cannot(name: str, problem: Problem) -> str | None:
    """The first thing a problem asks that a peer cannot be told; None when it can be told all."""
    if name == "ortools":
        return None
    visits, staff = problem.visits, problem.staff
    shifts = [shift for person in staff for shift in person.shifts]
    asked = {
        "links between visits": bool(problem.links or problem.apart),
        "pins or a previous plan": bool(problem.pins or problem.previous),
        "visits of several carers": any(v.carers > 1 for v in visits),
        "preferred times": any(v.preferred for v in visits),
        "several windows": name == "pyvrp" and any(len(v.windows) > 1 for v in visits),
        "optional visits": any(not v.mandatory or v.penalty is not None for v in visits),
        "access times": any(v.access for v in visits),
        "continuity": any(v.continuity or v.unfamiliar or v.preference for v in visits),
        "areas or hard work": any(v.area or v.hard for v in visits),
        "durations by carer": any(v.paces or v.duration_by for v in visits),
        "breaks": any(shift.breaks for shift in shifts),
        "open routes": any(None in (s.start_place, s.end_place) for s in shifts),
        "overtime": any(s.latest_return > s.end for s in shifts),
        "limits or costs of carers": any(
            p.max_visits is not None
            or p.max_travel is not None
            or p.max_leg is not None
            or p.cost_use
            or p.cost_hour
            or p.cost_km
            for p in staff
        ),
    }
    return next((words for words, said in asked.items() if said), None)


BY_NAME: dict[str, Callable[[Problem, Options], Solution]] = {
    "ortools": ortools,
    "pyvrp": pyvrp,
    "vroom": vroom,
}
