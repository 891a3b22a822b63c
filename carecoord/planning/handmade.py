"""How does a list of who starts where and when become a plan that can be judged? Pure.

Somebody who plans by hand gives staff, visit and start. What follows from it is filled in: ends,
ways, when people leave and are back, and where their breaks can lie. Nothing is repaired: where
the list is impossible the judge says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from carecoord.planning.pace import lasts
from solver import UNREACHABLE, Break, Pause, Problem, Route, Shift, Solution, Staff, Stop, Unserved

_EARLY = 2 * 3600
"""How long before a shift a start still belongs to it rather than to the one before, seconds."""


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody starts at a visit, seconds after 00:00."""

    staff: str
    visit: str
    start: int


def solution(problem: Problem, calls: Iterable[Call]) -> Solution:
    """The plan that a list means.

    Raises
    ------
    KeyError
        Staff or visit that the problem does not have.
    ValueError
        Somebody without a shift.
    """
    by_shift: dict[tuple[str, int], list[Call]] = {}
    for call in sorted(set(calls), key=lambda c: (c.staff, c.start, c.visit)):
        person = problem.staff[problem.staff_row(call.staff)]
        if not person.shifts:
            raise ValueError(call.staff)
        key = (call.staff, _shift(person.shifts, call.start))
        by_shift.setdefault(key, []).append(call)
    routes = tuple(
        _route(problem, who, shift, mine) for (who, shift), mine in sorted(by_shift.items())
    )
    made = {stop.visit for route in routes for stop in route.stops}
    return Solution(
        routes=routes,
        unserved=tuple(
            Unserved(one.id, "no_capacity") for one in problem.visits if one.id not in made
        ),
        cost={},
    )


def _route(problem: Problem, who: str, at: int, calls: Sequence[Call]) -> Route:
    person = problem.staff[problem.staff_row(who)]
    shift = person.shifts[at]
    legs = _Legs(problem, person, shift)
    stops: list[Stop] = []
    access: list[int] = []
    clock = 0
    for call in calls:
        visit = problem.visits[problem.visit_row(call.visit)]
        way, door = legs.to(call.visit)
        if not stops:
            clock = call.start - door - way
        arrival = max(clock + way, 0)
        end = call.start + lasts(visit, person)
        stops.append(Stop(visit.id, min(arrival, call.start), call.start, end))
        access.append(way + door)
        clock = end
    home = legs.home()
    leaving = max(0, calls[0].start - access[0])
    pauses, departure, finish = _pauses(shift, stops, access, leaving, stops[-1].end + home)
    return Route(
        staff=who,
        shift=at,
        departure=departure,
        finish=finish,
        stops=tuple(stops),
        pauses=tuple(pauses),
    )


def _pauses(
    shift: Shift, stops: Sequence[Stop], needed: Sequence[int], departure: int, finish: int
) -> tuple[list[Pause], int, int]:
    """Where each break lies, when people leave for it, and when they are back with it.

    Before leaving if it may, else after coming home, else in a gap that is long enough, else on
    the way out or home; where it fits nowhere it lies where it should, over what is in its way.
    """
    placed: list[Pause] = []
    for index, asked in enumerate(shift.breaks):
        length = asked.duration
        if asked.earliest + length <= departure:
            start: int | None = asked.earliest
        elif asked.latest >= finish:
            start = max(asked.earliest, finish)
        else:
            start = _gap(asked, stops, needed, placed)
            if start is None and (out := _way_out(asked, shift, stops, needed, placed)):
                start, departure = out
            elif start is None and stops[-1].end <= asked.latest:
                start = max(asked.earliest, stops[-1].end)
                finish += length
        start = asked.earliest if start is None else start
        placed.append(Pause(index, start, start + length))
    return placed, departure, finish


def _way_out(
    asked: Break,
    shift: Shift,
    stops: Sequence[Stop],
    needed: Sequence[int],
    placed: Sequence[Pause],
) -> tuple[int, int] | None:
    """A start before the first visit, and when to leave then; None when there is no time."""
    free = max([shift.start, asked.earliest, *(p.end for p in placed)])
    leave = min(free, stops[0].start - needed[0] - asked.duration)
    fits = free <= asked.latest and free + asked.duration <= stops[0].start
    return (free, leave) if fits and leave >= max([shift.start, *(p.end for p in placed)]) else None


def _gap(
    asked: Break, stops: Sequence[Stop], needed: Sequence[int], placed: Sequence[Pause]
) -> int | None:
    """A start between two visits that leaves time for the way to the second."""
    for k in range(1, len(stops)):
        left, until = stops[k - 1].end, stops[k].start
        others = [p for p in placed if left <= p.start < until]
        free = max([left, *(p.end for p in others)])
        taken = sum(p.end - p.start for p in others)
        start = max(asked.earliest, free)
        fits = until - left - needed[k] - taken >= asked.duration
        if fits and start <= asked.latest and start + asked.duration <= until:
            return start
    return None


class _Legs:
    """Seconds from one place of a route to the next, and from the street to the bedside."""

    def __init__(self, problem: Problem, person: Staff, shift: Shift) -> None:
        self._problem, self._travel = problem, problem.travel[person.mode]
        self._here, self._end = shift.start_place, shift.end_place
        self._group: str | None = None

    def to(self, visit: str) -> tuple[int, int]:
        """Way and access to a visit."""
        one = self._problem.visits[self._problem.visit_row(visit)]
        way = self._way(one.place)
        door = 0 if one.group is not None and one.group == self._group else one.access
        self._here, self._group = one.place, one.group
        return way, door

    def home(self) -> int:
        """Way back."""
        return 0 if self._end is None else self._way(self._end)

    def _way(self, place: int) -> int:
        way = 0 if self._here is None else int(self._travel[self._here, place])
        return 0 if way == UNREACHABLE else way


def _shift(shifts: Sequence[Shift], start: int) -> int:
    """The last shift that has begun by then, or is about to."""
    begun = [k for k, shift in enumerate(shifts) if shift.start - _EARLY <= start]
    inside = [k for k, shift in enumerate(shifts) if shift.start <= start < shift.end]
    return inside[-1] if inside else begun[-1] if begun else 0
