"""Plans for tests of a stored street-day: by the solver, and with two carers changed over."""

from dataclasses import replace
from pathlib import Path

from carecoord.flows.drawing import drawn
from carecoord.flows.standing import Standing, stand
from carecoord.model.visits import DayPlan
from carecoord.store.engine import Tx
from solver import Options, Pin, Problem, solve
from tests import build
from tests.build import DAY, STREET

QUICK = Options(seconds=300, iterations=50)


def solved(standing: Standing, problem: Problem, options: Options = QUICK) -> DayPlan:
    """A plan of one problem of the day as it stands."""
    built = replace(standing.built, problem=problem)
    solution = solve(problem, options)
    return drawn(standing.key, built, standing.at, solution, standing.given, standing.network)


def planned(tx: Tx, data: Path, options: Options = QUICK) -> DayPlan:
    """What the solver makes of the day as it stands."""
    standing = stand(tx, STREET, DAY, data, build.rules())
    return solved(standing, standing.built.problem, options)


def swapped(tx: Tx, plan: DayPlan, staff: str = "") -> DayPlan:
    """A plan in which somebody else makes the first visit of `plan`."""
    standing = stand(tx, STREET, DAY, Path("unused"), build.rules())
    problem = standing.built.problem
    first = min(plan.stops, key=lambda s: (s.start, s.demand))
    able = [
        one.id
        for one in problem.staff
        if one.shifts and one.skills.get("C") and one.id != first.staff
    ]
    pins = [Pin(s.demand, (s.staff,)) for s in plan.stops if s.demand != first.demand]
    pins.append(Pin(first.demand, (staff or able[0],)))
    return solved(standing, replace(problem, pins=tuple(pins)))
