"""How does a solution become stops that people follow?"""

from collections.abc import Callable, Mapping

from carecoord.errors import Fact
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.places import Place
from carecoord.model.visits import DayKey, DayPlan, Homeward, Pause, Stop, Unserved
from carecoord.planning.problem import Built, Places
from solver import Problem, Route, Solution

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
    orders: dict[str, int] = {}
    for route in sorted(solution.routes, key=lambda r: (r.staff, r.shift)):
        if not route.stops:
            continue
        legs = _Legs(built.problem, at, route, modes[StaffId(route.staff)], lines)
        for stop in route.stops:
            orders[route.staff] = orders.get(route.staff, 0) + 1
            travel, line = legs.to(built.problem.visits[built.problem.visit_row(stop.visit)].place)
            stops.append(
                Stop(
                    staff=StaffId(route.staff),
                    demand=DemandId(stop.visit),
                    order=orders[route.staff],
                    arrival=stop.arrival,
                    start=stop.start,
                    end=stop.end,
                    travel=travel,
                    line=line,
                )
            )
        travel, line = legs.home()
        homeward.append(Homeward(StaffId(route.staff), travel, route.finish, line))
        pauses.extend(Pause(StaffId(route.staff), p.start, p.end) for p in route.pauses)
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
