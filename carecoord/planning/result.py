"""How does a solution become stops that people follow?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from carecoord.errors import Fact
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.places import Place
from carecoord.model.visits import DayKey, DayPlan, Homeward, Pause, Stop, Unserved
from carecoord.planning.problem import Built, Places
from solver import UNREACHABLE, Problem, Route, Solution
from solver import Stop as SolverStop

Line = tuple[tuple[float, float], ...]
Lines = Callable[[Place, Place, str], Line]
"""From, to, travel mode → the way along the streets."""


def day_plan(
    key: DayKey,
    built: Built,
    at: Places,
    solution: Solution,
    modes: Mapping[StaffId, str],
    lines: Lines,
    *,
    estimated: bool,
) -> DayPlan:
    """The plan of a day as it is stored and shown.

    Parameters
    ----------
    modes
        Staff → travel mode.
    lines
        Geometry of a leg; an empty line where travel is only estimated.
    """
    stops: list[Stop] = []
    homeward: list[Homeward] = []
    pauses: list[Pause] = []
    whose: dict[StaffId, list[Route]] = {}
    for route in sorted(solution.routes, key=lambda r: (r.staff, r.shift)):
        if route.stops:
            whose.setdefault(built.person(route.staff), []).append(route)
    for staff, routes in sorted(whose.items()):
        day = _Day(built, at, staff, modes.get(staff, "walk"), lines)
        for route in routes:
            day.add(route)
        own = day.stops()
        stops += [replace(stop, order=k) for k, stop in enumerate(own, start=1)]
        homeward += day.homeward(own)
        pauses += day.pauses
    resting = [p for p in built.past.pauses if p.staff in whose]
    pauses += [p for p in resting if p not in pauses]
    unserved = [
        Unserved(DemandId(u.visit), f"unserved.{u.reason}", _told(u.facts))
        for u in solution.unserved
    ]
    return DayPlan(
        key=key,
        stops=tuple(sorted(stops, key=lambda s: (s.staff, s.order))),
        pauses=tuple(sorted(pauses, key=lambda p: (p.staff, p.start))),
        homeward=tuple(sorted(homeward, key=lambda h: (h.staff, h.arrival))),
        unserved=tuple(sorted([*built.kept_out, *unserved], key=lambda u: u.demand)),
        cost=dict(solution.cost),
        estimated=estimated,
    )


def _told(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Facts of the solver for people: `skills` (`N:1`) is the performer level that is short."""
    told = dict(facts)
    if skills := str(told.pop("skills", "")):
        told["skill"] = ", ".join(one.partition(":")[0] for one in skills.split(","))
    return told


class _Day:
    """Stops, breaks and ways home of one person, from all routes that are theirs."""

    def __init__(self, built: Built, at: Places, staff: StaffId, mode: str, lines: Lines) -> None:
        self._built, self._at, self._staff = built, at, staff
        self._mode, self._lines = mode, lines
        self._base = built.bases.get(staff)
        self._past = {s.demand: s for s in built.past.stops if s.staff == staff}
        self._stops: list[Stop] = []
        self._homeward: list[Homeward] = []
        self._from: dict[str, int | None] = {}
        self.pauses: list[Pause] = []

    def add(self, route: Route) -> None:
        """Take in one route."""
        problem = self._built.problem
        if route.staff in self._built.stand_ins:
            self._stops += [self._fixed(stop) for stop in route.stops]
            return
        shift = problem.staff[problem.staff_row(route.staff)].shifts[route.shift]
        legs = _Legs(problem, self._at, route, self._mode, self._lines)
        self._from[route.stops[0].visit] = shift.start_place
        for stop in route.stops:
            travel, line = legs.to(self._place(stop.visit))
            self._stops.append(self._stop(stop, travel, line))
        travel, line = legs.home()
        # Where a visit set apart interrupts a shift, its first part does not end at the base.
        if self._base is None or shift.end_place in (None, self._base):
            self._homeward.append(Homeward(self._staff, travel, route.finish, line))
        self.pauses += [Pause(self._staff, p.start, p.end) for p in route.pauses]

    def stops(self) -> list[Stop]:
        """All stops in order; a visit set apart is reached from wherever the person was before."""
        own = sorted(self._stops, key=lambda s: (s.start, s.end, s.demand))
        for k, stop in enumerate(own):
            if stop.travel < 0:
                here = self._base if k == 0 else self._place(own[k - 1].demand)
                travel, line = self._leg(here, self._place(stop.demand))
                own[k] = replace(stop, travel=travel, line=line)
        return own

    def homeward(self, own: Sequence[Stop]) -> list[Homeward]:
        """Ways home: of the routes, those made already, and one after what is set apart."""
        found = list(self._homeward)
        found += [
            home
            for home in self._built.past.homeward
            if home.staff == self._staff and not self._goes_on(home, own)
        ]
        last = max(own, key=lambda s: s.end)
        fixed = last.demand in self._past or last.demand in self._built.fixed
        if fixed and self._base is not None and all(h.arrival < last.end for h in found):
            travel, line = self._leg(self._place(last.demand), self._base)
            found.append(Homeward(self._staff, travel, last.end + travel, line))
        return found

    def _goes_on(self, home: Homeward, own: Sequence[Stop]) -> bool:
        """Whether the person goes on to another visit in place of going home."""
        before = [s for s in own if s.demand in self._past and s.end <= home.arrival]
        if not before:
            return True
        last = max(before, key=lambda s: s.end)
        following = next((s for s in own if s.start >= last.end and s is not last), None)
        return following is not None and (
            self._from.get(following.demand, self._place(following.demand)) != self._base
        )

    def _fixed(self, stop: SolverStop) -> Stop:
        """A row as it was; or, for a visit set apart, one whose way is still to be found."""
        before = self._past.get(DemandId(stop.visit))
        return before or self._stop(stop, -1, ())

    def _stop(self, stop: SolverStop, travel: int, line: Line) -> Stop:
        return Stop(
            staff=self._staff,
            demand=DemandId(stop.visit),
            order=0,
            arrival=stop.arrival,
            start=stop.start,
            end=stop.end,
            travel=travel,
            line=line,
        )

    def _place(self, visit: str) -> int:
        problem = self._built.problem
        return problem.visits[problem.visit_row(visit)].place

    def _leg(self, here: int | None, there: int) -> tuple[int, Line]:
        """The way between two rows by the person's own means; none where there is no way."""
        problem = self._built.problem
        if here is None or here == there or not problem.has_staff(self._staff):
            return 0, ()
        mode = problem.staff[problem.staff_row(self._staff)].mode
        seconds = int(problem.travel[mode][here, there])
        if seconds >= UNREACHABLE:
            return 0, ()
        return seconds, self._lines(self._at.rows[here], self._at.rows[there], self._mode)


class _Legs:
    """Travel time and line from one place of a route to the next."""

    def __init__(self, problem: Problem, at: Places, route: Route, mode: str, lines: Lines) -> None:
        person = problem.staff[problem.staff_row(route.staff)]
        shift = person.shifts[route.shift]
        self._travel = problem.travel[person.mode]
        self._at, self._mode, self._lines = at, mode, lines
        self._here, self._base = shift.start_place, shift.end_place

    def to(self, place: int) -> tuple[int, Line]:
        """Go on to `place` (a row)."""
        here, self._here = self._here, place
        if here is None or here == place:
            return 0, ()
        line = self._lines(self._at.rows[here], self._at.rows[place], self._mode)
        return int(self._travel[here, place]), line

    def home(self) -> tuple[int, Line]:
        """Go back to the base."""
        return self.to(self._base) if self._base is not None else (0, ())
