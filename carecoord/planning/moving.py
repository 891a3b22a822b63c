"""What becomes of a day when somebody moves one visit by hand? Pure.

Every other visit keeps its carers and its place in the order; it begins later only where the way or
the moved visit before it leaves no choice. Nothing is searched, so that a person sees exactly what
they did, and the judge says what it costs and which rules it breaks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from carecoord.errors import Invalid
from carecoord.model.ids import DemandId, StaffId
from carecoord.planning.pace import lasts
from solver import (
    UNREACHABLE,
    Options,
    Pause,
    Problem,
    Route,
    Solution,
    Staff,
    Stop,
    Unserved,
    Violation,
    Visit,
    check,
)

_ROUNDS = 8
"""How often starts shared by two people are brought together before the judge is asked anyway."""

Key = tuple[str, int]
"""Staff and shift of a route."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Where somebody wants a visit.

    staff
        Exactly these people, as many as the visit asks for.
    start
        Seconds after 00:00; None = as early as it goes there.
    after
        The visit directly before, in the route of one of them; None = where it costs least.
    """

    demand: DemandId
    staff: tuple[StaffId, ...]
    start: int | None = None
    after: DemandId | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a move leads to.

    solution
        The day with the visit moved.
    cost
        Cost by rule of the day now and then.
    violations
        Rules that the move breaks and that were not broken before.
    """

    solution: Solution
    before: Mapping[str, int]
    after: Mapping[str, int]
    violations: tuple[Violation, ...]

    @property
    def change(self) -> dict[str, int]:
        """Rules whose cost changes, and by how much."""
        return {
            rule: self.after[rule] - self.before.get(rule, 0)
            for rule in self.after
            if self.after[rule] != self.before.get(rule, 0)
        }


def move(problem: Problem, present: Solution, wish: Wish, options: Options) -> Verdict:
    """The day with one visit moved, and the judge's word on it.

    Of several places in the routes of these people the one with the fewest broken rules is taken,
    then the cheapest, then the earliest.

    Raises
    ------
    Invalid
        `move.visit`: not a visit that is planned; `move.staff`: somebody is not at work, or it is
        not the number of people the visit asks for; `move.after`: none of them makes that visit.
    """
    _require_sense(problem, present, wish)
    before = check(problem, present, options)
    known = {_named(one) for one in before.violations}
    found: list[tuple[tuple[int, int, int], Verdict]] = []
    for routes in _placings(problem, present, wish):
        solution = _timed(problem, present, routes, wish)
        verdict = check(problem, solution, options)
        new = tuple(one for one in verdict.violations if _named(one) not in known)
        start = next(s.start for r in solution.routes for s in r.stops if s.visit == wish.demand)
        rank = (len(new), verdict.total, start)
        found.append((rank, Verdict(solution, before.cost, verdict.cost, new)))
    return min(found, key=lambda one: one[0])[1]


def _named(violation: Violation) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """A violation apart from its times: the same fault a minute later is no new one."""
    names = ("visit", "staff", "first", "second", "shift")
    return (
        violation.rule,
        violation.code,
        tuple((n, str(violation.facts[n])) for n in names if n in violation.facts),
    )


def _require_sense(problem: Problem, present: Solution, wish: Wish) -> None:
    if not problem.has_visit(wish.demand):
        raise Invalid("move.visit", field="demand", visit=wish.demand)
    at_work = {one.id for one in problem.staff if one.shifts}
    carers = problem.visits[problem.visit_row(wish.demand)].carers
    for staff in wish.staff:
        if staff not in at_work:
            raise Invalid("move.staff", field="staff", staff=staff, carers=carers)
    if len(set(wish.staff)) != len(wish.staff) or len(wish.staff) != carers:
        raise Invalid("move.staff", field="staff", staff=", ".join(wish.staff), carers=carers)
    if wish.after is not None and not any(
        stop.visit == wish.after and route.staff in wish.staff
        for route in present.routes
        for stop in route.stops
    ):
        raise Invalid("move.after", field="after", visit=wish.after)


def _placings(problem: Problem, present: Solution, wish: Wish) -> Iterator[dict[Key, list[str]]]:
    """Orders of all routes with the visit in each place that the wish leaves open."""
    orders = {
        (route.staff, route.shift): [s.visit for s in route.stops if s.visit != wish.demand]
        for route in present.routes
    }
    starts = {stop.visit: stop.start for route in present.routes for stop in route.stops}
    choices = [list(_spots(problem, orders, starts, staff, wish)) for staff in wish.staff]
    for spots in product(*choices):
        placed = {key: list(order) for key, order in orders.items()}
        for key, at in spots:
            placed.setdefault(key, []).insert(at, wish.demand)
        yield {key: order for key, order in placed.items() if order}


def _spots(
    problem: Problem,
    orders: Mapping[Key, Sequence[str]],
    starts: Mapping[str, int],
    staff: str,
    wish: Wish,
) -> Iterator[tuple[Key, int]]:
    """Shift and place in the order for one person."""
    shifts = problem.staff[problem.staff_row(staff)].shifts
    mine = [(staff, k) for k in range(len(shifts))]
    if wish.after is not None:
        for key in mine:
            if wish.after in orders.get(key, ()):
                yield key, list(orders[key]).index(wish.after) + 1
                return
    if wish.start is not None:
        at = wish.start
        inside = [k for k in mine if shifts[k[1]].start <= at < shifts[k[1]].latest_return]
        key = inside[0] if inside else mine[0]
        yield key, sum(starts[visit] <= at for visit in orders.get(key, ()))
        return
    for key in mine:
        for place in range(len(orders.get(key, ())) + 1):
            yield key, place


def _timed(
    problem: Problem, present: Solution, orders: Mapping[Key, Sequence[str]], wish: Wish
) -> Solution:
    """The orders with times: what is not touched keeps them, the rest begins no earlier."""
    was = {(route.staff, route.shift): route for route in present.routes}
    touched = {
        key
        for key in was.keys() | orders.keys()
        if key not in was or [s.visit for s in was[key].stops] != list(orders.get(key, ()))
    }
    earliest = {stop.visit: stop.start for route in present.routes for stop in route.stops}
    visit = problem.visits[problem.visit_row(wish.demand)]
    earliest[wish.demand] = visit.windows[0].earliest if wish.start is None else wish.start
    routes = {key: route for key, route in was.items() if key not in touched}
    for _ in range(_ROUNDS):
        for key in sorted(touched & orders.keys()):
            pauses = was[key].pauses if key in was else None
            routes[key] = _walked(problem, key, orders[key], earliest, pauses, wish)
        later = {
            stop.visit: stop.start
            for route in routes.values()
            for stop in route.stops
            if stop.start > earliest[stop.visit]
        }
        if not later:
            break
        earliest |= later
        touched |= {key for key, order in orders.items() if set(order) & later.keys()}
    made = {stop.visit for route in routes.values() for stop in route.stops}
    return Solution(
        routes=tuple(routes[key] for key in sorted(routes)),
        unserved=tuple(one for one in _absent(problem, present) if one.visit not in made),
        cost={},
    )


def _absent(problem: Problem, present: Solution) -> list[Unserved]:
    known = {one.visit: one for one in present.unserved}
    return [known.get(v.id, Unserved(v.id, "no_capacity")) for v in problem.visits]


def _walked(
    problem: Problem,
    key: Key,
    order: Sequence[str],
    earliest: Mapping[str, int],
    pauses: Sequence[Pause] | None,
    wish: Wish,
) -> Route:
    """One route, each visit at its earliest start or as soon as one can be there."""
    staff = problem.staff[problem.staff_row(key[0])]
    shift = staff.shifts[key[1]]
    rests = tuple(pauses) if pauses is not None else _breaks(staff, key[1])
    asked = (problem.visits[problem.visit_row(one)] for one in order)
    visits = [replace(one, duration=lasts(one, staff)) for one in asked]
    way = _way(problem, staff, shift.start_place, visits[0].place)
    first = max(earliest[visits[0].id], shift.start + way + visits[0].access)
    left, here, group = max(shift.start, first - visits[0].access - way), shift.start_place, None
    departure = left
    stops: list[Stop] = []
    for visit in visits:
        way = _way(problem, staff, here, visit.place)
        access = 0 if visit.group is not None and visit.group == group else visit.access
        exact = visit.id == wish.demand and wish.start is not None
        start = _start(visit, left, way + access, earliest[visit.id], rests, exact=exact)
        stops.append(Stop(visit.id, left + way, start, start + visit.duration))
        left, here, group = start + visit.duration, visit.place, visit.group
    home = left + _way(problem, staff, here, shift.end_place)
    finish = home
    while (rested := home + _resting(rests, left, finish)) != finish:
        finish = rested
    return Route(key[0], key[1], departure, finish, tuple(stops), _within(rests))


def _start(
    visit: Visit, left: int, needed: int, earliest: int, rests: Sequence[Pause], *, exact: bool
) -> int:
    """When a visit can begin: not before anybody is there, outside breaks and inside a window."""
    start = max(left + needed, earliest)
    for _ in range(len(rests) + len(visit.windows) + 2):
        begun = start
        start = max(start, left + needed + _resting(rests, left, start))
        for pause in rests:
            if pause.start < start + visit.duration and start < pause.end:
                start = pause.end
        if not exact and not any(w.earliest <= start <= w.latest for w in visit.windows):
            start = next((w.earliest for w in visit.windows if w.earliest >= start), start)
        if start == begun:
            break
    return start


def _breaks(staff: Staff, shift: int) -> tuple[Pause, ...]:
    """Breaks of somebody who had no visit so far, as early as they may be."""
    asked = staff.shifts[shift].breaks
    return tuple(Pause(k, b.earliest, b.earliest + b.duration) for k, b in enumerate(asked))


def _within(rests: Sequence[Pause]) -> tuple[Pause, ...]:
    return tuple(sorted((replace(one) for one in rests), key=lambda p: p.index))


def _resting(rests: Sequence[Pause], since: int, until: int) -> int:
    return sum(
        min(p.end, until) - max(p.start, since) for p in rests if p.start < until and since < p.end
    )


def _way(problem: Problem, staff: Staff, here: int | None, there: int | None) -> int:
    if here is None or there is None:
        return 0
    seconds = int(problem.travel[staff.mode][here, there])
    return 0 if seconds == UNREACHABLE else seconds
