"""What does a day plan look like in numbers?"""

from collections import defaultdict
from dataclasses import dataclass

from carecoord.model.demands import VisitDemand
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.visits import DayPlan, Unserved
from carecoord.planning.fairness import gini, most_to_mean
from carecoord.planning.problem import DayInput


@dataclass(frozen=True, slots=True)
class Indicators:
    """Figures of one street-day.

    available
        Staff with a shift, a licence in force and a place to start from.
    service, travel
        Seconds of all staff together, the way back included.
    late
        Seconds that visits start after the time agreed with the elder: the wish, else the window.
    late_visits, latest
        How many visits those are, and the seconds of the worst.
    overtime
        Seconds after the end of the shift, the way back included, of all staff together.
    continuity
        Share of calls at elders with a named or known carer that this carer makes; None where
        nobody has one. Between 0 and 1.
    unevenness
        Gini coefficient of service ÷ time at work over everybody available: 0 = all alike.
    busiest
        The largest such share ÷ their mean.
    """

    asked: int
    served: int
    unserved: tuple[Unserved, ...]
    available: int
    used: int
    service: int
    travel: int
    late: int
    continuity: float | None
    late_visits: int = 0
    latest: int = 0
    overtime: int = 0
    unevenness: float | None = None
    busiest: float | None = None

    @property
    def coverage(self) -> float:
        """Served ÷ asked; 1 when nothing is asked."""
        return self.served / self.asked if self.asked else 1.0

    @property
    def travel_share(self) -> float:
        """Travel ÷ (travel + service), indicator K11."""
        whole = self.travel + self.service
        return self.travel / whole if whole else 0.0


def indicators(plan: DayPlan, given: DayInput) -> Indicators:
    """Figures of a plan, recomputed from its stops."""
    wanted = {d.id: d for d in given.demands}
    calls: dict[DemandId, set[StaffId]] = defaultdict(set)
    for stop in plan.stops:
        calls[stop.demand].add(stop.staff)
    starts = {stop.demand: stop.start for stop in plan.stops}
    delays = [
        start - _agreed_until(wanted[demand])
        for demand, start in starts.items()
        if demand in wanted and start > _agreed_until(wanted[demand])
    ]
    loads = _loads(plan, given)
    return Indicators(
        asked=len(wanted),
        served=len(calls),
        unserved=plan.unserved,
        available=sum(bool(s.shifts and s.levels and s.base) for s in given.staff),
        used=len({stop.staff for stop in plan.stops}),
        service=sum(stop.end - stop.start for stop in plan.stops),
        travel=sum(stop.travel for stop in plan.stops) + sum(h.travel for h in plan.homeward),
        late=sum(delays),
        continuity=_continuity(calls, wanted, given),
        late_visits=len(delays),
        latest=max(delays, default=0),
        overtime=_overtime(plan, given),
        unevenness=gini(loads),
        busiest=most_to_mean(loads),
    )


def _loads(plan: DayPlan, given: DayInput) -> list[float]:
    """Service ÷ time at work, of everybody available."""
    service: dict[StaffId, int] = defaultdict(int)
    for stop in plan.stops:
        service[stop.staff] += stop.end - stop.start
    return [
        service[one.id] / sum(shift.end - shift.start for shift in one.shifts)
        for one in given.staff
        if one.shifts and one.levels and one.base
    ]


def _overtime(plan: DayPlan, given: DayInput) -> int:
    """Seconds by which each last return of a shift lies after its end."""
    shifts = {one.id: one.shifts for one in given.staff}
    back: dict[tuple[StaffId, int], int] = {}
    for home in plan.homeward:
        begun = [s.end for s in shifts.get(home.staff, ()) if s.start <= home.arrival]
        if begun:
            key = (home.staff, begun[-1])
            back[key] = max(back.get(key, 0), home.arrival)
    return sum(max(0, arrival - end) for (_, end), arrival in back.items())


def _agreed_until(demand: VisitDemand) -> int:
    return demand.wish[1] if demand.wish else demand.windows[-1][1]


def _continuity(
    calls: dict[DemandId, set[StaffId]], wanted: dict[DemandId, VisitDemand], given: DayInput
) -> float | None:
    kept = possible = 0
    for id_, people in calls.items():
        demand = wanted.get(id_)
        named = (demand.preferred or given.known.get(demand.elder, ())) if demand else ()
        if named:
            possible += 1
            kept += bool(people & set(named))
    return kept / possible if possible else None
