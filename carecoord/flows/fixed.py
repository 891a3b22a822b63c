"""What of a day is fixed before anybody plans it: what has happened, and what people pinned."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from carecoord.flows.door import progress_of
from carecoord.model import time
from carecoord.model.demands import VisitDemand
from carecoord.model.elders import Elder
from carecoord.model.events import EventKind, Progress, VisitEvent
from carecoord.model.ids import DemandId, ElderId, StaffId
from carecoord.model.pins import VisitPin
from carecoord.model.places import Place
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning.past import Past, past_of
from carecoord.planning.problem import DayInput
from carecoord.store import days, pins, repairs, visit_events
from carecoord.store.engine import Tx
from carecoord.store.repairs import Repaired

_BEGUN = (Progress.STARTED, Progress.FINISHED)
_AT_THE_DOOR = (EventKind.ARRIVED, EventKind.UNANSWERED, EventKind.REFUSED)


@dataclass(frozen=True, slots=True)
class Fixed:
    """What is fixed of a day.

    on_foot
        Staff whose vehicle broke down.
    starts
        Visit → start in the plan in force.
    """

    pins: tuple[VisitPin, ...] = ()
    past: Past = field(default_factory=Past)
    starts: Mapping[DemandId, int] = field(default_factory=dict)
    on_foot: frozenset[str] = frozenset()


def into(tx: Tx, key: DayKey, given: DayInput) -> DayInput:
    """The input of a day with what is fixed of it as stored now."""
    pinned = pins.on(tx, key)
    events = visit_events.on(tx, key)
    told = repairs.on(tx, key)
    if not (pinned or events or told):
        return given
    plan = days.read(tx, key) if days.state(tx, key) is not None else None
    return with_fixed(given, of(key, pinned, plan, given.demands, given.elders, events, told))


def with_fixed(given: DayInput, found: Fixed) -> DayInput:
    """The input of a day with what is fixed of it."""
    staff = tuple(
        replace(one, mode="walk") if one.id in found.on_foot else one for one in given.staff
    )
    return replace(given, staff=staff, pins=found.pins, past=found.past, starts=found.starts)


def of(
    key: DayKey,
    pinned: tuple[VisitPin, ...],
    plan: DayPlan | None,
    demands: tuple[VisitDemand, ...],
    elders: Mapping[ElderId, Elder],
    events: tuple[VisitEvent, ...],
    told: tuple[Repaired, ...],
) -> Fixed:
    """What is fixed of a day; without a plan, only what people pinned."""
    if plan is None:
        return Fixed(pinned)
    return Fixed(
        pins=pinned,
        past=happened(key, plan, demands, elders, events, told),
        starts={s.demand: s.start for s in plan.stops},
        on_foot=frozenset(
            str(one["staff"]) for r in told for one in r.events if one["kind"] == "vehicle_broken"
        ),
    )


def happened(
    key: DayKey,
    plan: DayPlan,
    demands: tuple[VisitDemand, ...],
    elders: Mapping[ElderId, Elder],
    events: tuple[VisitEvent, ...],
    told: tuple[Repaired, ...],
) -> Past:
    """What stays of a plan after all that was reported and answered."""
    begun = {d for d, far in progress_of(events).items() if far in _BEGUN}
    begun |= {DemandId(one["held"]) for r in told for one in r.events if "held" in one}
    until = max((r.frozen for r in told), default=0)
    homes = {
        d.id: elders[d.elder].home.place
        for d in demands
        if d.elder in elders and elders[d.elder].home.place is not None
    }
    ready: dict[StaffId, int] = {}
    for one in (one for r in told for one in r.events if "ready" in one):
        who = StaffId(one["staff"])
        ready[who] = max(ready.get(who, 0), int(one["ready"]))
    return replace(past_of(plan, begun, until), ready=ready, seen=_seen(key, events, homes))


def _seen(
    key: DayKey, events: tuple[VisitEvent, ...], homes: Mapping[DemandId, Place | None]
) -> dict[StaffId, tuple[Place, int]]:
    """Where everybody who stood at a door last was, and when."""
    last = {one.staff: one for one in sorted(events, key=lambda e: (e.at, e.recorded_at))}
    return {
        who: (place, max(0, time.seconds_of(one.at, key.day)))
        for who, one in sorted(last.items())
        if one.kind in _AT_THE_DOOR and (place := homes.get(one.demand)) is not None
    }
