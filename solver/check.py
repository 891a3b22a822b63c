"""Judge a plan: is it possible, and what does it cost? Works from the routes alone.

Deliberately shares no code with the search: it reads the problem's own values, walks each route
once and recomputes everything, so that a fault of the search cannot hide in a shared helper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from solver.check_cost import RULES, reckon
from solver.check_desk import Desk, Violation
from solver.check_routes import judge_routes, readable
from solver.check_visits import judge_visits
from solver.options import Options
from solver.plan import Solution
from solver.types import Problem

__all__ = ["RULES", "Verdict", "Violation", "check"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge found; `cost` has one entry per rule of cost, zeros included."""

    violations: tuple[Violation, ...]
    cost: Mapping[str, int]

    @property
    def ok(self) -> bool:
        """No rule is broken."""
        return not self.violations

    @property
    def total(self) -> int:
        """Sum of the cost of all rules."""
        return sum(self.cost.values())


def check(problem: Problem, solution: Solution, options: Options | None = None) -> Verdict:
    """Recompute every hard rule and every cost of `solution`.

    Also compares the solution's own `cost` when it has one. Never raises on a broken plan: what
    is wrong is a violation.
    """
    desk = Desk(problem, (options or Options()).weights)
    desk.cost.update(dict.fromkeys(RULES, 0))
    if readable(desk, solution):
        judge_routes(desk, solution)
        judge_visits(desk, solution)
        reckon(desk, solution)
        _compare(desk, solution.cost)
    return Verdict(tuple(desk.found), dict(desk.cost))


def _compare(desk: Desk, stated: Mapping[str, int]) -> None:
    """What a plan says of its own cost must be what it costs."""
    if stated and dict(stated) != dict(desk.cost):
        wrong = [r for r in RULES if stated.get(r, 0) != desk.cost[r]]
        name = wrong[0] if wrong else "unknown"
        facts = {"stated": stated.get(name, 0), "found": desk.cost[name]}
        desk.blame("cost", "cost.differs", rule=name, **facts)
