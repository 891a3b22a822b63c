"""Where do new visits fit into given routes, and what would each place cost?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from solver.errors import ProblemError
from solver.model import Model, build
from solver.options import Options
from solver.plan import Route, Solution
from solver.routes import Plan, in_pinned_order
from solver.timing import schedule
from solver.types import Apart, Link, Pin, Problem, Visit

if TYPE_CHECKING:
    from solver.asking import Desk

__all__ = ["Insertion", "Offer", "Placed", "plan_of", "suggest"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to take a visit in.

    staff
        Who would make it, as many as the visit asks for.
    start
        Of the service. Seconds.
    cost
        Change of cost by rule, the visit's own unserved cost given back included.
    routes
        The routes that change, as they would be.
    """

    staff: tuple[str, ...]
    start: int
    cost: Mapping[str, int]
    routes: tuple[Route, ...]

    @property
    def total(self) -> int:
        """Sum of the change of cost."""
        return sum(self.cost.values())


@dataclass(frozen=True, slots=True)
class Placed:
    """One way to take several visits in together.

    staff, starts
        Per visit, in the order they were asked for. Seconds.
    cost, routes
        As in `Offer`, of all visits together.
    """

    visits: tuple[str, ...]
    staff: tuple[tuple[str, ...], ...]
    starts: tuple[int, ...]
    cost: Mapping[str, int]
    routes: tuple[Route, ...]

    @property
    def total(self) -> int:
        """Sum of the change of cost."""
        return sum(self.cost.values())


class Insertion:
    """Cheapest places for visits nobody makes yet, in routes that stand: build once, ask often.

    Exact: of all ways to take the visits asked for into the routes, under every rule of the
    problem, none costs less than the first offer (as `solver.check` counts it). Every position of
    every shift, every crew and every whole second is covered, with all other stops free to move in
    time and all breaks free to be taken elsewhere. What stands is who makes the other visits and
    in which order, and the agreed starts of those of them that are shared, linked or kept apart.
    Two things are left out: links to visits that nobody makes and that were not asked for in the
    same question, and `Weights.largest_late`, which is counted in the cost but not weighed when
    times are chosen.

    Parameters
    ----------
    problem, solution
        The day and its routes. A route whose times cannot be is timed anew; its last stops go
        where that is impossible.
    options
        Only the weights matter.
    """

    def __init__(
        self, problem: Problem, solution: Solution, options: Options | None = None
    ) -> None:
        from solver.asking import Desk

        self.problem = problem
        self.solution = solution
        self.options = options or Options()
        self._desk: Desk = Desk(build(problem, self.options.weights), solution)

    def one(self, visit: str | Visit, top: int = 3) -> tuple[Offer, ...]:
        """The `top` cheapest ways to take one visit in, cheapest first, one per crew.

        visit
            Of the problem and made by nobody; or a new one.

        Raises
        ------
        ProblemError
            ``suggest.visit``: not a visit of the problem, or already served.
        """
        if isinstance(visit, Visit):
            return self.also((visit,)).one(visit.id, top)
        return self._desk.one(self._row(visit), top)

    def pair(self, first: str, second: str, top: int = 3) -> tuple[Placed, ...]:
        """The cheapest ways to take two visits in, both or neither; see `series`."""
        return self.series((first, second), top)

    def series(self, visits: Sequence[str], top: int = 3) -> tuple[Placed, ...]:
        """The `top` cheapest ways to take in all of up to four visits, one per choice of crews.

        Links and `Apart` between them hold. Raises ProblemError ``suggest.visit`` as `one`, and
        ``suggest.series`` when a visit is named twice or there are more than four.
        """
        rows = tuple(self._row(v) for v in visits)
        if not 1 <= len(set(rows)) == len(rows) <= 4:
            raise ProblemError("suggest.series", "visits", given=len(rows), most=4)
        return self._desk.series(rows, top)

    def also(
        self,
        visits: Iterable[Visit],
        *,
        links: Iterable[Link] = (),
        apart: Iterable[Apart] = (),
        pins: Iterable[Pin] = (),
    ) -> Insertion:
        """The same routes with more visits asked for, made by nobody yet.

        Laid out anew, which takes as long as the first time; this object stays as it was.
        """
        problem = replace(
            self.problem,
            visits=(*self.problem.visits, *visits),
            links=(*self.problem.links, *links),
            apart=(*self.problem.apart, *apart),
            pins=(*self.problem.pins, *pins),
        )
        more = object.__new__(Insertion)
        more.problem, more.solution, more.options = problem, self.solution, self.options
        more._desk = self._desk.also(build(problem, self.options.weights), self.solution)
        return more

    def _row(self, visit: str) -> int:
        if not self.problem.has_visit(visit):
            raise ProblemError("suggest.visit", "visit", visit=visit)
        row = self.problem.visit_row(visit)
        if row in self._desk.served:
            raise ProblemError("suggest.visit", "visit", visit=visit)
        return row


def suggest(
    problem: Problem,
    solution: Solution,
    visit: str,
    *,
    top: int = 3,
    options: Options | None = None,
) -> tuple[Offer, ...]:
    """The `top` cheapest ways to add `visit` to `solution`, cheapest first, one per crew.

    One question to an `Insertion`, which says what is exact about it.

    Raises
    ------
    ProblemError
        ``suggest.visit``: not a visit of the problem, or already served.
    """
    if not problem.has_visit(visit):
        raise ProblemError("suggest.visit", "visit", visit=visit)
    return Insertion(problem, solution, options).one(visit, top)


def plan_of(model: Model, solution: Solution) -> Plan:
    """The solution's orders, timed anew; starts of shared and linked visits held as they are.

    A route that cannot be timed (the problem changed since) loses its last stops until it can.
    """
    problem = model.problem
    plan = Plan(model)
    tied = {row for c in model.clusters if model.tied(c) for row in c}
    vehicles = {
        (problem.staff[int(s)].id, int(k)): v
        for v, (s, k) in enumerate(zip(model.staff_of, model.shift_of, strict=True))
    }
    for route in solution.routes:
        for stop in route.stops:
            if problem.has_visit(stop.visit) and (row := problem.visit_row(stop.visit)) in tied:
                plan.held[row] = stop.start
    for route in solution.routes:
        vehicle = vehicles.get((route.staff, route.shift))
        rows = [problem.visit_row(s.visit) for s in route.stops if problem.has_visit(s.visit)]
        rows = in_pinned_order(model, rows)
        while vehicle is not None and rows:
            timed = schedule(model, vehicle, rows, plan.held)
            if timed is not None:
                plan.put(timed)
                break
            rows.pop()
    return plan
