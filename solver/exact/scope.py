"""Which visits may change, and what of a plan stays as it is?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from solver.check import check
from solver.model import Model
from solver.options import Options
from solver.plan import Route, Solution, Unserved
from solver.types import Problem

__all__ = ["Lane", "Scope", "around", "everything", "sliding"]

Lane = tuple[int, int]
"""Row of a carer and position of the shift."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of a day.

    free
        Rows of visits that may change carer, order and start, or be left out.
    orders
        Lanes that take part → rows of the visits kept there, in order; their starts may slide.
    frozen
        Routes that nothing of this can touch.
    late
        Largest lateness of the frozen routes. Seconds.
    cost
        Of the frozen routes and of visits outside of this part that nobody makes.
    """

    model: Model
    free: frozenset[int]
    orders: Mapping[Lane, tuple[int, ...]]
    frozen: tuple[Route, ...] = ()
    late: int = 0
    cost: int = 0

    @property
    def rows(self) -> tuple[int, ...]:
        """Visits that take part."""
        kept = {row for order in self.orders.values() for row in order}
        return tuple(sorted(kept | self.free))


def everything(model: Model) -> Scope:
    """All visits and shifts of a day."""
    people = enumerate(model.problem.staff)
    lanes = [(who, k) for who, one in people for k in range(len(one.shifts))]
    free = frozenset(range(len(model.problem.visits)))
    return Scope(model, free, dict.fromkeys(lanes, ()))


def sliding(model: Model, options: Options, solution: Solution) -> Scope:
    """All routes in their order; only starts and breaks move."""
    lanes = {(model.problem.staff_row(r.staff), r.shift) for r in solution.routes}
    return around(model, options, solution, frozenset(), lanes)


def around(
    model: Model, options: Options, solution: Solution, free: frozenset[int], lanes: set[Lane]
) -> Scope:
    """`lanes` and what ties pull in, without the free visits; all other routes are frozen."""
    problem = model.problem
    before = {(problem.staff_row(r.staff), r.shift): r for r in solution.routes}
    orders = {
        lane: tuple(row for s in r.stops if (row := problem.visit_row(s.visit)) not in free)
        for lane, r in before.items()
    }
    taken = sorted(_pulled_in(problem, orders, free, lanes))
    frozen = tuple(route for lane, route in before.items() if lane not in set(taken))
    late, cost = _alone(problem, options, frozen)
    kept = {lane: orders.get(lane, ()) for lane in taken}
    scope = Scope(model, free, kept, frozen, late, 0)
    inside = sum(int(model.penalty[row]) for row in scope.rows)
    return Scope(model, free, kept, frozen, late, cost - inside)


def _pulled_in(
    problem: Problem,
    orders: Mapping[Lane, tuple[int, ...]],
    free: Iterable[int],
    lanes: Iterable[Lane],
) -> set[Lane]:
    """Lanes whose times or limits depend on `lanes` or on the free visits."""
    where: dict[int, set[Lane]] = {}
    for lane, order in orders.items():
        for row in order:
            where.setdefault(row, set()).add(lane)
    tied: dict[int, set[int]] = {}
    ends = [(k.first, k.second) for k in problem.links]
    for first, second in (*ends, *((k.first, k.second) for k in problem.apart)):
        a, b = problem.visit_row(first), problem.visit_row(second)
        tied.setdefault(a, set()).add(b)
        tied.setdefault(b, set()).add(a)
    queue = [lane for row in free for other in tied.get(row, ()) for lane in where.get(other, ())]
    queue += lanes
    taken: set[Lane] = set()
    while queue:
        lane = queue.pop()
        if lane in taken:
            continue
        taken.add(lane)
        queue += [(lane[0], k) for k in range(len(problem.staff[lane[0]].shifts))]
        for row in orders.get(lane, ()):
            queue += where[row]
            queue += [at for other in tied.get(row, ()) for at in where.get(other, ())]
    return taken


def _alone(problem: Problem, options: Options, routes: tuple[Route, ...]) -> tuple[int, int]:
    """Largest lateness of some routes, and what a plan of them alone costs without it."""
    made = {s.visit for r in routes for s in r.stops}
    absent = tuple(Unserved(v.id, "no_capacity") for v in problem.visits if v.id not in made)
    verdict = check(problem, Solution(routes, absent, {}), options)
    late = 0
    for route in routes:
        for stop in route.stops:
            wish = problem.visits[problem.visit_row(stop.visit)].preferred
            late = late if wish is None else max(late, stop.start - wish.latest)
    return late, verdict.total - verdict.cost["largest_late"]
