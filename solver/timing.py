"""Times of one route in a given order: breaks placed exactly, then starts moved to preferred.

The earliest possible schedule is found over (stop, breaks taken so far): being earlier never hurts
feasibility, so one number per pair is enough, and the break placement is optimal, not greedy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from solver.model import Model
from solver.plan import Pause, Route, Stop
from solver.types import UNREACHABLE, Break

__all__ = [
    "Timed",
    "distance_cost",
    "metres_of",
    "on_duty",
    "paid",
    "route_cost",
    "schedule",
    "timed_from",
    "to_route",
    "ways_of",
]

_NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Timed:
    """A route with times. Seconds; `pauses` are (index, start)."""

    vehicle: int
    visits: tuple[int, ...]
    starts: tuple[int, ...]
    arrivals: tuple[int, ...]
    pauses: tuple[tuple[int, int], ...]
    departure: int
    finish: int
    way: int


@dataclass(slots=True)
class _Label:
    """Free at `time` with `taken` breaks behind; how it came about."""

    time: int
    taken: int
    before: _Label | None
    start: int
    pauses: tuple[int, ...]


def ways_of(model: Model, vehicle: int, visits: Sequence[int]) -> list[tuple[int, int]] | None:
    """(travel, access) before each stop and to the end place; None when there is no way."""
    travel = model.problem.travel[int(model.mode[vehicle])]
    shift = model.shifts[vehicle]
    longest = model.problem.staff[int(model.staff_of[vehicle])].max_leg
    most = UNREACHABLE - 1 if longest is None else longest
    here, group = shift.start_place, -1
    out: list[tuple[int, int]] = []
    for visit in visits:
        place = int(model.place[visit])
        way = 0 if here is None else int(travel[here, place])
        if way > most:
            return None
        mine = int(model.group[visit])
        out.append((way, 0 if mine >= 0 and mine == group else int(model.access[visit])))
        here, group = place, mine
    way = 0
    if here is not None and shift.end_place is not None:
        way = int(travel[here, shift.end_place])
    if way > most:
        return None
    out.append((way, 0))
    return out


def _after_breaks(
    time: int, way: int, breaks: Sequence[Break], taken: int
) -> list[tuple[int, tuple[int, ...]]]:
    """Earliest readiness at the next stop after 0, 1, 2 … further breaks on the way."""
    out: list[tuple[int, tuple[int, ...]]] = [(time + way, ())]
    starts: tuple[int, ...] = ()
    for one in breaks[taken:]:
        begin = max(time, one.earliest)
        if begin > one.latest:
            break
        way -= min(way, begin - time)
        time = begin + one.duration
        starts = (*starts, begin)
        out.append((time + way, starts))
    return out


def _open(model: Model, visit: int, ready: int, fixed: int | None) -> int:
    """First allowed start at or after `ready`, or `_NEVER`."""
    if fixed is not None:
        return fixed if ready <= fixed else _NEVER
    for window in model.windows[visit]:
        if ready <= window.latest:
            return max(ready, window.earliest)
    return _NEVER


def schedule(
    model: Model, vehicle: int, visits: Sequence[int], fixed: Mapping[int, int]
) -> Timed | None:
    """Earliest times of `visits` in this order, starts of `fixed` visits held; None: impossible.

    Starts before the preferred time are then moved later as far as nothing else moves.
    """
    ways = ways_of(model, vehicle, visits)
    if ways is None:
        return None
    shift = model.shifts[vehicle]
    labels = [_Label(shift.start, 0, None, -1, ())]
    for position, visit in enumerate(visits):
        way, access = ways[position]
        best: dict[int, _Label] = {}
        for label in labels:
            found = _after_breaks(label.time, way + access, shift.breaks, label.taken)
            for more, (ready, pauses) in enumerate(found):
                start = _open(model, visit, ready, fixed.get(visit))
                taken = label.taken + more
                if start == _NEVER:
                    continue
                end = start + model.lasts(vehicle, visit)
                if taken not in best or end < best[taken].time:
                    best[taken] = _Label(end, taken, label, start, pauses)
        if not best:
            return None
        labels = list(best.values())
    done = _come_home(labels, ways[-1][0], shift.breaks, shift.latest_return)
    if done is None:
        return None
    return _read_back(model, vehicle, visits, ways, *done, fixed)


def _come_home(
    labels: list[_Label], way: int, breaks: Sequence[Break], latest: int
) -> tuple[_Label, int, tuple[int, ...], tuple[int, ...]] | None:
    """Last stop's label, finish, breaks on the way home, breaks after it; earliest finish."""
    best: tuple[_Label, int, tuple[int, ...], tuple[int, ...]] | None = None
    for label in labels:
        for more, (finish, pauses) in enumerate(
            _after_breaks(label.time, way, breaks, label.taken)
        ):
            free, at_home = finish, []
            for one in breaks[label.taken + more :]:
                begin = max(free, one.earliest)
                if begin > one.latest:
                    break
                at_home.append(begin)
                free = begin + one.duration
            complete = label.taken + more + len(at_home) == len(breaks)
            if complete and finish <= latest and (best is None or finish < best[1]):
                best = (label, finish, pauses, tuple(at_home))
    return best


def _read_back(
    model: Model,
    vehicle: int,
    visits: Sequence[int],
    ways: list[tuple[int, int]],
    last: _Label,
    finish: int,
    homeward: tuple[int, ...],
    at_home: tuple[int, ...],
    fixed: Mapping[int, int],
) -> Timed:
    chain: list[_Label] = []
    label: _Label | None = last
    while label is not None and label.before is not None:
        chain.append(label)
        label = label.before
    chain.reverse()
    starts = [one.start for one in chain]
    gaps = [*(one.pauses for one in chain), homeward, at_home]
    _later(model, vehicle, visits, starts, gaps, ways, fixed)
    if visits and not homeward:
        finish = starts[-1] + model.lasts(vehicle, visits[-1]) + ways[-1][0]
    return _complete(model, vehicle, visits, ways, starts, gaps, finish)


def timed_from(
    model: Model,
    vehicle: int,
    visits: Sequence[int],
    starts: Sequence[int],
    pauses: Sequence[tuple[int, int]],
    leave: int | None = None,
) -> Timed:
    """A route whose starts and breaks, as (begin, gap) pairs, were found elsewhere.

    Gap k lies before stop k, the last but one on the way home, the last at home. Without `leave`
    it begins so that nobody waits at the first stop.
    """
    ways = ways_of(model, vehicle, visits)
    assert ways is not None
    gaps: list[tuple[int, ...]] = [() for _ in range(len(visits) + 2)]
    for begin, gap in pauses:
        gaps[gap] = (*gaps[gap], begin)
    now, way = starts[-1] + model.lasts(vehicle, visits[-1]), ways[-1][0]
    for index, (begin, gap) in enumerate(pauses):
        if gap == len(visits):
            way = max(0, way - (begin - now))
            now = begin + model.shifts[vehicle].breaks[index].duration
    return _complete(model, vehicle, visits, ways, starts, gaps, now + way, leave)


def _complete(
    model: Model,
    vehicle: int,
    visits: Sequence[int],
    ways: list[tuple[int, int]],
    starts: Sequence[int],
    gaps: Sequence[tuple[int, ...]],
    finish: int,
    leave: int | None = None,
) -> Timed:
    """Departure, if not given, and arrivals around given starts and breaks."""
    shift = model.shifts[vehicle]
    lengths = [b.duration for b in shift.breaks]
    given = leave is not None
    if leave is None:
        leave = starts[0] - sum(ways[0]) if visits else shift.start
    if visits and gaps[0] and not given:
        # A break that would cut the way to the first stop: leave at the shift's start.
        rested = gaps[0][-1] + lengths[len(gaps[0]) - 1]
        leave = leave if leave >= rested else shift.start
    arrivals: list[int] = []
    free, taken = leave, 0
    for position, visit in enumerate(visits):
        way = ways[position][0]
        for begin in gaps[position]:
            if free + way > begin >= free:
                way -= begin - free
                free = begin + lengths[taken]
            taken += 1
        arrivals.append(free + way)
        free = starts[position] + model.lasts(vehicle, visit)
    return Timed(
        vehicle=vehicle,
        visits=tuple(visits),
        starts=tuple(starts),
        arrivals=tuple(arrivals),
        pauses=tuple(enumerate(begin for gap in gaps for begin in gap)),
        departure=leave,
        finish=finish,
        way=sum(w for w, _ in ways),
    )


def _later(
    model: Model,
    vehicle: int,
    visits: Sequence[int],
    starts: list[int],
    gaps: list[tuple[int, ...]],
    ways: list[tuple[int, int]],
    fixed: Mapping[int, int],
) -> None:
    """Move starts later as far as nothing behind moves: towards the preferred time, and where the
    hours between leaving and coming home cost, as far as it makes no visit late."""
    shorter = paid(model, vehicle)
    for position in range(len(visits) - 2, -1, -1):
        visit = visits[position]
        wish = model.problem.visits[visit].preferred
        if visit in fixed or gaps[position + 1]:
            continue
        aim = starts[position + 1] - sum(ways[position + 1]) - model.lasts(vehicle, visit)
        if wish is not None:
            aim = min(aim, wish.latest if shorter else wish.earliest)
        elif not shorter:
            continue
        for window in reversed(model.windows[visit]):
            if window.earliest <= aim:
                starts[position] = max(starts[position], min(aim, window.latest))
                break


def paid(model: Model, vehicle: int) -> bool:
    """Whether time between leaving and coming home costs."""
    staff = model.problem.staff[int(model.staff_of[vehicle])]
    return model.weights.waiting > 0 or staff.cost_hour > 0


def on_duty(model: Model, timed: Timed) -> tuple[int, int]:
    """Seconds between leaving and coming home without breaks, and those of them spent idle."""
    shift = model.shifts[timed.vehicle]
    rest = 0
    for index, begin in timed.pauses:
        end = begin + shift.breaks[index].duration
        if begin < timed.finish and timed.departure < end:
            rest += end - begin
    duty = timed.finish - timed.departure - rest
    access, group = 0, -1
    for row in timed.visits:
        mine = int(model.group[row])
        access += 0 if mine >= 0 and mine == group else int(model.access[row])
        group = mine
    service = sum(model.lasts(timed.vehicle, row) for row in timed.visits)
    return duty, duty - timed.way - access - service


def route_cost(model: Model, timed: Timed) -> int:
    """What one route costs by itself: travel, overtime, hours, kilometres, lateness, likes.

    Use of staff, load, largest lateness and moved promises are priced over the whole plan only.
    """
    weights, shift = model.weights, model.shifts[timed.vehicle]
    staff = int(model.staff_of[timed.vehicle])
    cost = weights.travel * timed.way + weights.overtime * max(0, timed.finish - shift.end)
    if paid(model, timed.vehicle):
        duty, idle = on_duty(model, timed)
        cost += weights.waiting * idle + model.problem.staff[staff].cost_hour * duty // 3600
    cost += distance_cost(model, timed)
    for visit, start in zip(timed.visits, timed.starts, strict=True):
        cost += int(model.affinity[visit, staff])
        wish = model.problem.visits[visit].preferred
        if wish is not None:
            cost += weights.late * max(0, start - wish.latest)
            cost += weights.early * max(0, wish.earliest - start)
    return cost


def distance_cost(model: Model, timed: Timed) -> int:
    """Cost of the kilometres of a route."""
    rate = model.problem.staff[int(model.staff_of[timed.vehicle])].cost_km
    return 0 if rate == 0 else rate * metres_of(model, timed) // 1000


def metres_of(model: Model, timed: Timed) -> int:
    """Metres of a route; 0 where nobody is paid by them."""
    if not timed.visits or not model.problem.metres:
        return 0
    metres, shift = (
        model.problem.metres[int(model.mode[timed.vehicle])],
        model.shifts[timed.vehicle],
    )
    ends = (shift.start_place, *(int(model.place[row]) for row in timed.visits), shift.end_place)
    known = [(a, b) for a, b in pairwise(ends) if a is not None and b is not None]
    return sum(int(metres[a, b]) for a, b in known)


def to_route(model: Model, timed: Timed) -> Route:
    """The public form of a timed route."""
    vehicle = timed.vehicle
    stops = tuple(
        Stop(
            visit=model.problem.visits[visit].id,
            arrival=arrival,
            start=start,
            end=start + model.lasts(timed.vehicle, visit),
        )
        for visit, arrival, start in zip(timed.visits, timed.arrivals, timed.starts, strict=True)
    )
    breaks = model.shifts[vehicle].breaks
    return Route(
        staff=model.problem.staff[int(model.staff_of[vehicle])].id,
        shift=int(model.shift_of[vehicle]),
        departure=timed.departure,
        finish=timed.finish,
        stops=stops,
        pauses=tuple(
            Pause(index=k, start=begin, end=begin + breaks[k].duration) for k, begin in timed.pauses
        ),
    )
