"""What does a day plan look like in numbers?"""

from collections import defaultdict
from dataclasses import dataclass

from carecoord.model.demands import VisitDemand
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.visits import DayPlan, Unserved
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
    continuity
        Share of calls at elders with a named or known carer that this carer makes; None where
        nobody has one. Between 0 and 1.
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
    return Indicators(
        asked=len(wanted),
        served=len(calls),
        unserved=plan.unserved,
        available=sum(bool(s.shifts and s.levels and s.base) for s in given.staff),
        used=len({stop.staff for stop in plan.stops}),
        service=sum(stop.end - stop.start for stop in plan.stops),
        travel=sum(stop.travel for stop in plan.stops) + sum(h.travel for h in plan.homeward),
        late=sum(
            max(0, start - _agreed_until(wanted[demand]))
            for demand, start in starts.items()
            if demand in wanted
        ),
        continuity=_continuity(calls, wanted, given),
    )


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
