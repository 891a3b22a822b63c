"""How is a proposed plan followed as far as it goes together with what people decided? Pure."""

from collections.abc import Mapping
from dataclasses import replace

from carecoord.model.ids import DemandId
from carecoord.planning.changes import Promise
from solver import MAX_COST, Options, Pin, Problem, Route, Solution, Stop, Visit

ACCEPT = Options(seconds=20, seed=1, mild=True)
"""How the plan is completed; with a step limit, so that the answer is always the same."""

_STEPS = (0, 2_000)
"""First only what is missing is put in; a short search where that does not keep every decision."""


def kept(problem: Problem, decided: Mapping[DemandId, Promise | None]) -> Problem:
    """The problem in which these visits are made exactly so; None = not at all."""
    everybody = frozenset(one.id for one in problem.staff)
    pinned = {
        visit: Pin(visit, promise.staff, promise.start)
        for visit, promise in decided.items()
        if promise is not None and problem.has_visit(visit)
    }

    def held(visit: Visit) -> Visit:
        if visit.id not in decided:
            return visit
        if decided[DemandId(visit.id)] is None:
            return replace(visit, required=frozenset(), forbidden=everybody)
        return replace(visit, penalty=MAX_COST)

    pins = [pin for pin in problem.pins if pin.visit not in decided]
    return replace(
        problem,
        visits=tuple(held(visit) for visit in problem.visits),
        pins=(*pins, *pinned.values()),
    )


def joined(
    problem: Problem,
    wanted: Solution,
    present: Solution | None,
    decided: Mapping[DemandId, Promise | None],
    options: Options,
) -> Solution | None:
    """A plan that follows `wanted` and keeps every decision; None: the search found none.

    Parameters
    ----------
    problem
        As `kept` made it.
    present
        The plan in force, from which the decisions are taken.
    """
    # The compiled search is loaded when somebody takes a proposal over, not with the web server.
    from solver import solve

    start = _start(wanted, present, decided)
    for steps in _STEPS:
        found = solve(problem, replace(options, iterations=steps), start=start)
        if _keeps(problem, found, decided):
            return found
    return None


def _keeps(problem: Problem, found: Solution, decided: Mapping[DemandId, Promise | None]) -> bool:
    made: dict[str, Promise] = {}
    for route in found.routes:
        for stop in route.stops:
            before = made[stop.visit].staff if stop.visit in made else ()
            staff = tuple(sorted((*before, route.staff)))
            made[stop.visit] = Promise(staff, stop.start, stop.end)  # type: ignore[arg-type]
    return all(
        made.get(visit) == promise for visit, promise in decided.items() if problem.has_visit(visit)
    )


def _start(
    wanted: Solution, present: Solution | None, decided: Mapping[DemandId, Promise | None]
) -> Solution:
    """The proposal around the stops that people decided; what is in their way is left out."""
    routes: dict[tuple[str, int], list[Stop]] = {}
    for route in present.routes if present else ():
        own = [stop for stop in route.stops if stop.visit in decided]
        if own:
            routes[route.staff, route.shift] = own
    for route in wanted.routes:
        fixed = routes.setdefault((route.staff, route.shift), [])
        free = [
            stop
            for stop in route.stops
            if stop.visit not in decided
            and all(stop.end <= one.arrival or one.end <= stop.arrival for one in fixed)
        ]
        routes[route.staff, route.shift] = sorted([*fixed, *free], key=lambda stop: stop.start)
    return Solution(
        routes=tuple(
            Route(staff, shift, stops[0].arrival, stops[-1].end, tuple(stops))
            for (staff, shift), stops in sorted(routes.items())
            if stops
        ),
        unserved=(),
        cost={},
    )
