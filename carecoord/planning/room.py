"""How much working time do people have left on a day, by what they may do? Pure."""

from collections.abc import Iterable, Mapping, Sequence

from carecoord.model.demands import VisitDemand
from carecoord.model.ids import StaffId
from carecoord.model.staff import Level, Staff
from carecoord.model.visits import DayPlan


def left(
    staff: Iterable[Staff],
    wanted: Sequence[VisitDemand],
    plan: DayPlan | None,
    *,
    share: int,
    way: int,
) -> dict[Level, int]:
    """Level → seconds that people who may work at it have left.

    A planned day says who is where. Of an unplanned one only a share of working time may be filled,
    and every visit that nobody else may make is taken off, with its way.

    Parameters
    ----------
    share
        Percent of working time.
    way
        Seconds to each visit.
    """
    people = [one for one in staff if one.shifts]
    if plan is not None:
        busy = _busy(plan)
        free = {one.id: max(0, _hours(one) - busy.get(one.id, 0)) for one in people}
        return {level: sum(free[p.id] for p in people if level in p.levels) for level in Level}
    return {level: _estimate(people, wanted, level, share, way) for level in Level}


def _estimate(
    people: Sequence[Staff], wanted: Sequence[VisitDemand], level: Level, share: int, way: int
) -> int:
    able = [one for one in people if level in one.levels]
    ids = {one.id for one in able}
    bound = {
        other
        for other in Level
        if (can := [p.id for p in people if other in p.levels]) and ids.issuperset(can)
    }
    load = sum((d.duration + way) * d.carers for d in wanted if d.level in bound)
    return max(0, sum(map(_hours, able)) * share // 100 - load)


def _hours(one: Staff) -> int:
    return sum(shift.end - shift.start for shift in one.shifts)


def _busy(plan: DayPlan) -> Mapping[StaffId, int]:
    """Seconds on the way, at work and in breaks; waiting counts as time left."""
    busy: dict[StaffId, int] = {}
    for stop in plan.stops:
        busy[stop.staff] = busy.get(stop.staff, 0) + stop.travel + stop.end - stop.start
    for pause in plan.pauses:
        busy[pause.staff] = busy.get(pause.staff, 0) + pause.end - pause.start
    for home in plan.homeward:
        busy[home.staff] = busy.get(home.staff, 0) + home.travel
    return busy
