"""What does the rest of a planned day say about one more visit in one carer's route? Pure."""

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise

from carecoord.planning.pace import lasts
from carecoord.planning.score import shares
from solver import MAX_TIME, Problem, Route, Solution, Staff, Stop, Visit, Weights, Window


class RestOfDay:
    """A planned day, asked from within one route of it."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.routes = {(r.staff, r.shift): r for r in solution.routes}
        self._promised: dict[str, list[Route]] = {}
        for route in problem.previous:
            for stop in route.stops:
                one = Route(route.staff, 0, 0, 0, (stop,))
                self._promised.setdefault(stop.visit, []).append(one)

    def stops(self, staff: str) -> tuple[Stop, ...]:
        """What a carer makes now, all shifts together."""
        person = self.problem.staff[self.problem.staff_row(staff)]
        return tuple(
            stop
            for k in range(len(person.shifts))
            if (staff, k) in self.routes
            for stop in self.routes[staff, k].stops
        )

    def elsewhere(self, staff: str, shift: int) -> tuple[Route, ...]:
        """The carer's routes in other shifts."""
        return tuple(
            route
            for (who, k), route in self.routes.items()
            if who == staff and k != shift and route.stops
        )

    def promised(self, visits: Iterable[Visit]) -> tuple[Route, ...]:
        """What the previous plan says of some visits."""
        return tuple(r for v in visits for r in self._promised.get(v.id, ()))

    def beside(
        self, visit: str, windows: tuple[Window, ...], long: int, gone: str
    ) -> tuple[Window, ...]:
        """What is left of windows beside visits that one of `long` seconds must not overlap.

        gone
            A visit that is not made any more.
        """
        for pair in self.problem.apart:
            if visit not in (pair.first, pair.second):
                continue
            other = pair.second if visit == pair.first else pair.first
            made = [s for r in self.routes.values() for s in r.stops if s.visit == other != gone]
            if made:
                before = min(s.start for s in made) - pair.gap - long
                after = max(s.end for s in made) + pair.gap
                left = (*cut(windows, 0, before), *cut(windows, after, MAX_TIME))
                windows = tuple(sorted(left))
        return windows

    def share(self, person: Staff, long: int, hard: int, weights: Weights, gone: str) -> int:
        """Cost of `long` more seconds of service, and of hard visits, above a fair share."""
        if not (weights.load or weights.hard):
            return 0
        service, heavy = self._shares[person.id]
        stops = [s.visit for s in self.stops(person.id) if s.visit != gone]
        mine = [self._visit(v) for v in stops]
        over = _above(sum(lasts(v, person) for v in mine), long, service)
        return weights.load * over + weights.hard * _above(sum(v.hard for v in mine), hard, heavy)

    def delay(self, shift: tuple[str, int], made: Route, alone: int, each: int) -> int:
        """What the day's largest delay costs more or less than the route's own largest does.

        Parameters
        ----------
        shift
            Staff and shift of the route.
        made
            The route with the visit in it.
        alone
            What its own largest delay costs more than without the visit.
        each
            Cost per second of the largest delay.
        """
        if not each:
            return 0
        rest = max((self._lateness(r) for key, r in self.routes.items() if key != shift), default=0)
        after = self._lateness(made)
        before = after - alone // each
        return each * (max(rest, after) - max(rest, before)) - alone

    @cached_property
    def _shares(self) -> dict[str, tuple[int, int]]:
        return shares(self.problem)

    def _lateness(self, route: Route) -> int:
        """The largest delay of a route, seconds after the time preferred."""
        wishes = ((s.start, self._visit(s.visit).preferred) for s in route.stops)
        late = (start - wish.latest for start, wish in wishes if wish is not None)
        return max((0, *late))

    def _visit(self, visit: str) -> Visit:
        return self.problem.visits[self.problem.visit_row(visit)]


def ways(problem: Problem, route: Route) -> int:
    """Seconds on the way, from the start place to the end place of a route."""
    person = problem.staff[problem.staff_row(route.staff)]
    shift, way = person.shifts[route.shift], problem.travel[person.mode]
    homes = [problem.visits[problem.visit_row(s.visit)].place for s in route.stops]
    places = [p for p in (shift.start_place, *homes, shift.end_place) if p is not None]
    return sum(int(way[a, b]) for a, b in pairwise(places))


def cut(windows: Iterable[Window], low: int, high: int) -> tuple[Window, ...]:
    """The parts of windows between two bounds, both included."""
    return tuple(
        Window(max(w.earliest, low), min(w.latest, high))
        for w in windows
        if max(w.earliest, low) <= min(w.latest, high)
    )


def _above(had: int, more: int, share: int) -> int:
    """How much of `more` lies above a share."""
    return max(0, had + more - share) - max(0, had - share)
