"""Could this one carer make this visit in the routes as they are, and with which rules taken away?

Each question is a small problem of its own - one shift, the stops it has, the visit - in which
every position is tried with every rule. Nothing is guessed from numbers that only look right: what
the rest of the day decides (fair shares, the worst delay, what must not overlap, ways of the
carer's other shifts) is reckoned from the whole day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from carecoord.planning.pace import lasts
from carecoord.planning.rest_of_day import RestOfDay, cut, ways
from solver import (
    MAX_TIME,
    Options,
    Pin,
    Problem,
    Route,
    Shift,
    Solution,
    Staff,
    Stop,
    Unserved,
    Visit,
    Weights,
    Window,
    suggest,
)

Rule = Literal[
    "skills", "allowed", "window", "reach", "break", "hours", "gap", "visits", "links", "pins"
]
"""A rule that can stand between a visit and one carer.

`window` the times allowed; `reach` the way there and back; `break` the carer's breaks; `hours` the
end of the shift; `gap` the other stops of the route; `visits` most visits a day, and the load;
`links` times that other visits of the elder leave, those not to be overlapped among them; `pins`
what was fixed by hand.
"""

NONE: frozenset[Rule] = frozenset()
_SPAN = 2 * 86_400
_EARLIEST = Weights(
    unserved_mandatory=1_000_000_000,
    overtime=0,
    late=1,
    early=0,
    travel=0,
    continuity=0,
    preference=0,
    change_carer=0,
    change_start=0,
)
_SHORTEST = replace(_EARLIEST, late=0, overtime=1)


@dataclass(frozen=True, slots=True)
class Loose:
    """Rules taken away or loosened; by default none.

    windows
        In place of the visit's own; what links leave of them still holds.
    longer
        Seconds by which the carer may be back later than the shift allows.
    gone
        A visit that is not in the carer's route any more.
    unpinned
        Visits whose pins do not hold.
    duration
        Of the visit, in place of its own.
    more
        Visits a day above the carer's most.
    """

    without: frozenset[Rule] = NONE
    windows: tuple[Window, ...] | None = None
    longer: int = 0
    gone: str = ""
    unpinned: frozenset[str] = frozenset()
    duration: int | None = None
    more: int = 0


AS_IS = Loose()


@dataclass(frozen=True, slots=True)
class Found:
    """One way to take the visit in.

    start
        Of the service, seconds.
    extra
        What the route costs more, dimensionless.
    over
        Seconds after the latest return of the shift.
    route
        The carer's route with the visit in it.
    """

    start: int
    extra: int
    over: int
    route: Route


class Insertions:
    """Insertion of one visit, for as many carers as it asks for, into one carer's routes.

    The other stops keep their order. Starts agreed between several people, and starts that links
    or pins name, are kept; every other stop may move inside its windows.
    """

    def __init__(
        self, problem: Problem, solution: Solution, visit: str, weights: Weights | None = None
    ) -> None:
        self.problem = problem
        self.visit = problem.visits[problem.visit_row(visit)]
        self._weights = weights or Weights()
        self._rest = RestOfDay(problem, solution)
        self._starts = {s.visit: s.start for r in solution.routes for s in r.stops}
        self._crew: dict[str, set[str]] = {}
        for route in solution.routes:
            for stop in route.stops:
                self._crew.setdefault(stop.visit, set()).add(route.staff)
        self._tied = {end for k in problem.links for end in (k.first, k.second)}
        self._tied |= {end for k in problem.apart for end in (k.first, k.second)}
        self._pins: Mapping[str, Pin] = {pin.visit: pin for pin in problem.pins}
        self._seen: dict[tuple[str, Loose, int | None, str], Found | None] = {}

    # ---- questions ----

    def best(self, staff: str, loose: Loose = AS_IS) -> Found | None:
        """The cheapest way for a carer; None: there is none."""
        return self._asked(staff, loose, None, "best")

    def first(self, staff: str, loose: Loose = AS_IS, *, after: int = 0) -> Found | None:
        """The way with the earliest start at or after `after`."""
        return self._asked(staff, loose, after, "first")

    def shortest(self, staff: str, loose: Loose = AS_IS) -> Found | None:
        """The way that ends earliest, however late that is; its `over` is the least overtime."""
        return self._asked(staff, replace(loose, longer=_SPAN), None, "shortest")

    def stops(self, staff: str) -> tuple[Stop, ...]:
        """What a carer makes now, all shifts together."""
        return self._rest.stops(staff)

    def served(self, visit: str) -> bool:
        """Whether somebody makes a visit."""
        return visit in self._starts

    def bounds(self, staff: str) -> tuple[int, int] | None:
        """Starts that links to visits in the plan leave a carer; None: they leave none."""
        low, high = 0, _SPAN
        me = self.visit.id
        for link in self.problem.links:
            if me not in (link.first, link.second):
                continue
            other = link.second if me == link.first else link.first
            if other not in self._starts:
                return None
            at = self._starts[other]
            if me == link.second:
                low = max(low, at + link.min_gap)
                high = high if link.max_gap is None else min(high, at + link.max_gap)
            else:
                high = min(high, at - link.min_gap)
                low = low if link.max_gap is None else max(low, at - link.max_gap)
            mine = staff in self._crew[other]
            if (link.carers == "same" and not mine) or (link.carers == "different" and mine):
                return None
        return (low, high) if low <= high else None

    # ---- one small problem per shift ----

    def _asked(self, staff: str, loose: Loose, after: int | None, kind: str) -> Found | None:
        key = (staff, loose, after, kind)
        if key not in self._seen:
            person = self.problem.staff[self.problem.staff_row(staff)]
            target = self._target(person, loose, after)
            found: list[Found] = []
            if target is not None:
                weights = {"best": self._weights, "first": _EARLIEST, "shortest": _SHORTEST}[kind]
                if kind != "best":
                    person = replace(person, cost_hour=0, cost_km=0)
                for k in range(len(person.shifts)):
                    one = self._in_shift(person, k, target, loose, weights)
                    found += [] if one is None else [one]
            by = {
                "best": lambda f: (f.extra, f.start),
                "first": lambda f: (f.start, f.extra),
                "shortest": lambda f: (f.over, f.extra),
            }[kind]
            self._seen[key] = min(found, key=by, default=None)
        return self._seen[key]

    def _target(self, person: Staff, loose: Loose, after: int | None) -> Visit | None:
        """The visit as this carer would have to make it; None: ruled out without looking."""
        visit, without = self.visit, loose.without
        pin = self._pins.get(visit.id)
        if "pins" in without or visit.id in loose.unpinned:
            pin = None
        if pin is not None and pin.staff:
            if person.id not in pin.staff:
                return None
        else:
            if "skills" not in without and any(
                person.skills.get(name, 0) < need for name, need in visit.skills.items()
            ):
                return None
            outside = visit.required and person.id not in visit.required
            if "allowed" not in without and (outside or person.id in visit.forbidden):
                return None
        windows = visit.windows if loose.windows is None else loose.windows
        if pin is not None and pin.start is not None:
            windows = (Window(pin.start, pin.start),)
        if "window" in without:
            windows = (Window(0, _SPAN),)
        low, high = (0, _SPAN) if "links" in without else self.bounds(person.id) or (1, 0)
        windows = cut(windows, max(low, after or 0), high)
        long = lasts(visit, person) if loose.duration is None else loose.duration
        if "links" not in without:
            windows = self._rest.beside(visit.id, windows, long, loose.gone)
        if not windows:
            return None
        return replace(
            visit,
            windows=windows,
            preferred=visit.preferred if after is None else Window(after, after),
            carers=1,
            skills={},
            required=frozenset(),
            forbidden=frozenset(),
            duration=long,
            paces=(),
            duration_by={},
            access=0 if "reach" in without else visit.access,
            group=None if "reach" in without else visit.group,
        )

    def _in_shift(
        self, person: Staff, k: int, target: Visit, loose: Loose, weights: Weights
    ) -> Found | None:
        without = loose.without
        route = self._rest.routes.get((person.id, k))
        stops = tuple(s for s in route.stops if s.visit != loose.gone) if route else ()
        if "gap" in without:
            stops = ()
        if not self._room(person, loose):
            return None
        pins = self._order(stops, loose)
        if pins is None:
            return None
        others = [self._other(stop, person, loose, weights) for stop in stops]
        small = _small(self.problem, person, k, [*others, target], "reach" in without)
        mapped = self._alone(person, k, _shift(person.shifts[k], small.ends, loose), loose)
        one = Problem(
            small.visits,
            (mapped,),
            (small.travel,),
            pins=pins,
            previous=self._rest.promised(small.visits),
            metres=(small.metres,) if person.cost_km else (),
        )
        had = Solution(
            routes=(self._now(person, route, stops, loose),) if route and stops else (),
            unserved=(Unserved(target.id, "no_capacity"),),
            cost={},
        )
        # Fair shares are of the whole day; a place in the route does not change them.
        inside = replace(weights, load=0, hard=0)
        offers = suggest(one, had, target.id, top=1, options=Options(weights=inside))
        # A route that breaks a rule as it stands loses stops when it is timed: no way in.
        if not offers or len(offers[0].routes[0].stops) != len(stops) + 1:
            return None
        made = offers[0].routes[0]
        latest = person.shifts[k].latest_return
        extra = sum(c for rule, c in offers[0].cost.items() if rule != "unserved")
        extra += self._rest.share(person, target.duration, int(target.hard), weights, loose.gone)
        own = offers[0].cost["largest_late"]
        extra += self._rest.delay((person.id, k), made, own, weights.largest_late)
        return Found(
            start=offers[0].start,
            extra=extra,
            over=max(0, made.finish - latest),
            route=replace(made, shift=k),
        )

    def _now(self, person: Staff, route: Route, stops: tuple[Stop, ...], loose: Loose) -> Route:
        """The route as it is timed; where rules are loosened, only who is visited and when."""
        if loose == AS_IS:
            return replace(route, shift=0)
        return Route(person.id, 0, 0, 0, stops)

    def _room(self, person: Staff, loose: Loose) -> bool:
        """Most visits a day over all shifts; what a shift can carry is asked when it is timed."""
        if person.max_visits is None or "visits" in loose.without or "gap" in loose.without:
            return True
        made = sum(1 for s in self.stops(person.id) if s.visit != loose.gone)
        return made < person.max_visits + loose.more

    def _order(self, stops: tuple[Stop, ...], loose: Loose) -> tuple[Pin, ...] | None:
        """Pins on what comes directly before what; None: the visit's own cannot be kept here."""
        if "pins" in loose.without:
            return ()
        here = {s.visit for s in stops} | {self.visit.id}
        found: list[Pin] = []
        for id_ in sorted(here - loose.unpinned):
            pin = self._pins.get(id_)
            if pin is None or (pin.after is None and not pin.first):
                continue
            if pin.first or pin.after in here:
                found.append(Pin(id_, after=pin.after, first=pin.first))
            elif id_ == self.visit.id:
                return None
        return tuple(found)

    def _alone(self, person: Staff, k: int, shift: Shift, loose: Loose) -> Staff:
        """A carer with this one shift, and what the others leave of limits for all together."""
        elsewhere = () if "gap" in loose.without else self._rest.elsewhere(person.id, k)
        most, leg = person.max_travel, person.max_leg
        if "reach" in loose.without:
            most = leg = None
        if most is not None:
            most = max(0, most - sum(ways(self.problem, route) for route in elsewhere))
        return replace(
            person,
            shifts=(shift,),
            skills={},
            mode=0,
            max_visits=None,
            max_travel=most,
            max_leg=leg,
            cost_use=0 if elsewhere else person.cost_use,
        )

    def _other(self, stop: Stop, person: Staff, loose: Loose, weights: Weights) -> Visit:
        """A visit the carer makes already, with what is agreed about its start."""
        visit = self.problem.visits[self.problem.visit_row(stop.visit)]
        pin = self._pins.get(visit.id)
        if "pins" in loose.without or visit.id in loose.unpinned:
            pin = None
        windows = visit.windows
        if pin is not None and pin.start is not None:
            windows = (Window(pin.start, pin.start),)
        if visit.carers > 1 or visit.id in self._tied:
            windows = (Window(stop.start, stop.start),)
        return replace(
            visit,
            windows=windows,
            preferred=visit.preferred if weights is self._weights else None,
            duration=lasts(visit, person),
            paces=(),
            duration_by={},
            carers=1,
            skills={},
            required=frozenset(),
            forbidden=frozenset(),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Small:
    """Places of one route only: a few rows of the travel matrix."""

    visits: tuple[Visit, ...]
    ends: tuple[int | None, int | None]
    travel: npt.NDArray[np.int32]
    metres: npt.NDArray[np.int32]


def _small(problem: Problem, person: Staff, k: int, visits: list[Visit], near: bool) -> _Small:
    """`visits` with the new one last; `near`: the way to that one takes no time."""
    shift = person.shifts[k]
    ends = [p for p in (shift.start_place, shift.end_place) if p is not None]
    rows = [*dict.fromkeys([*ends, *(v.place for v in visits[:-1])]), visits[-1].place]
    at = {row: new for new, row in enumerate(rows[:-1])}
    here = np.ix_(rows, rows)
    travel = problem.travel[person.mode][here].copy()
    metres = problem.metres[person.mode][here].copy() if person.cost_km else travel
    if near:
        travel[-1, :] = travel[:, -1] = 0
    last = len(rows) - 1
    return _Small(
        visits=(
            *(replace(v, place=at[v.place]) for v in visits[:-1]),
            replace(visits[-1], place=last),
        ),
        ends=(
            None if shift.start_place is None else at[shift.start_place],
            None if shift.end_place is None else at[shift.end_place],
        ),
        travel=travel,
        metres=metres,
    )


def _shift(shift: Shift, ends: tuple[int | None, int | None], loose: Loose) -> Shift:
    free = "hours" in loose.without
    latest = shift.latest_return + loose.longer
    return replace(
        shift,
        start_place=ends[0],
        end_place=ends[1],
        hard_end=MAX_TIME if free else min(latest, MAX_TIME),
        breaks=() if "break" in loose.without else shift.breaks,
        capacity=None if "visits" in loose.without else shift.capacity,
    )
