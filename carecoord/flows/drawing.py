"""How does a solution of the solver become the stored plan of a day, with ways along streets?"""

from collections.abc import Mapping
from itertools import pairwise

from carecoord.errors import Conflict
from carecoord.flows.standing import MODES
from carecoord.model.ids import StaffId
from carecoord.model.places import Place
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning.problem import Built, DayInput, Places
from carecoord.planning.result import Line, Lines, day_plan
from carecoord.streets import Network
from solver import Options, Solution, check


def judged(built: Built, solution: Solution, options: Options) -> None:
    """Let the independent judge look at a plan before anybody follows it.

    Raises
    ------
    Conflict
        `plan.refused`: a rule is broken or the cost is not what was claimed. Nothing is stored.
    """
    verdict = check(built.problem, solution, options)
    if not verdict.ok:
        first = verdict.violations[0]
        raise Conflict(
            "plan.refused", rule=first.rule, broken=first.code, count=len(verdict.violations)
        )


def drawn(
    key: DayKey,
    built: Built,
    at: Places,
    solution: Solution,
    given: DayInput,
    network: Network | None,
) -> DayPlan:
    """The plan with the way of each leg along the streets."""
    modes = {one.id: one.mode for one in given.staff}
    return day_plan(
        key,
        built,
        at,
        solution,
        modes,
        _lines(network, built, at, solution, modes),
        estimated=network is None,
    )


def _lines(
    network: Network | None,
    built: Built,
    at: Places,
    solution: Solution,
    modes: Mapping[StaffId, str],
) -> Lines:
    """All legs of all routes at once: each start is searched from only once."""
    if network is None:
        return lambda _start, _end, _mode: ()
    legs: dict[str, dict[tuple[Place, Place], None]] = {}
    for route in solution.routes:
        person = built.problem.staff[built.problem.staff_row(route.staff)]
        shift = person.shifts[route.shift]
        rows = [
            shift.start_place,
            *(built.problem.visits[built.problem.visit_row(s.visit)].place for s in route.stops),
            shift.end_place,
        ]
        known = [at.rows[row] for row in rows if row is not None]
        mode = modes.get(built.person(route.staff), "walk")
        for leg in pairwise(known):
            legs.setdefault(mode, {})[leg] = None
    found: dict[tuple[Place, Place, str], Line] = {}
    for mode, pairs in legs.items():
        ways = network.lines(list(pairs), MODES[mode])
        for (start, end), way in zip(pairs, ways, strict=True):
            found[start, end, mode] = tuple((lon, lat) for lon, lat in way)

    def way_of(start: Place, end: Place, mode: str) -> Line:
        # Ways to and from visits that are set apart belong to no route of the solver.
        known = found.get((start, end, mode))
        return tuple(network.line(start, end, MODES[mode])) if known is None else known

    return way_of
