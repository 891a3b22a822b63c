"""What remains of a planned day when some of its visits are not made after all?

Nobody else is moved: every other visit keeps its carer and its times.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from carecoord.model.board import Line
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.visits import DayPlan, Homeward, Stop, Unserved


def without(plan: DayPlan, undone: Mapping[DemandId, Unserved]) -> DayPlan:
    """The plan with these visits undone, each with its reason.

    The next stop of a route, or the way home, takes over the way to the stop that is left out: a
    way along the streets that fits into the times people were told, if not the shortest one.
    """
    stops: list[Stop] = []
    homeward: list[Homeward] = []
    working: set[StaffId] = set()
    for staff in sorted({s.staff for s in plan.stops} | {h.staff for h in plan.homeward}):
        own = sorted((s for s in plan.stops if s.staff == staff), key=lambda s: s.order)
        shifts = sorted((h for h in plan.homeward if h.staff == staff), key=lambda h: h.arrival)
        kept: list[Stop] = []
        for part, back in _by_shift(own, shifts):
            left, way = _closed_up(part, back, undone)
            kept += left
            if left and way is not None:
                homeward.append(way)
        if kept:
            working.add(staff)
        stops += [replace(stop, order=k) for k, stop in enumerate(kept, start=1)]
    told = {u.demand: u for u in plan.unserved} | dict(undone)
    return replace(
        plan,
        stops=tuple(stops),
        homeward=tuple(homeward),
        pauses=tuple(p for p in plan.pauses if p.staff in working),
        unserved=tuple(told[demand] for demand in sorted(told)),
    )


def _by_shift(
    stops: list[Stop], shifts: list[Homeward]
) -> Iterable[tuple[list[Stop], Homeward | None]]:
    """Stops of one person, cut where they go home; each part with its way home."""
    rest = stops
    for back in shifts:
        yield [s for s in rest if s.end <= back.arrival], back
        rest = [s for s in rest if s.end > back.arrival]
    if rest:
        yield rest, None


def _closed_up(
    stops: list[Stop], back: Homeward | None, undone: Mapping[DemandId, Unserved]
) -> tuple[list[Stop], Homeward | None]:
    kept: list[Stop] = []
    travel = 0
    line: Line = ()
    for stop in stops:
        if stop.demand in undone:
            travel, line = travel + stop.travel, _joined(line, stop.line)
            continue
        kept.append(replace(stop, travel=travel + stop.travel, line=_joined(line, stop.line)))
        travel, line = 0, ()
    if back is not None:
        back = replace(back, travel=travel + back.travel, line=_joined(line, back.line))
    return kept, back


def _joined(first: Line, second: Line) -> Line:
    return first + second[first[-1:] == second[:1] :] if first and second else first or second
