"""What happened is written down: absences, visits, doors; and what it leaves of the plan in force.

Each event names at most one visit or person; a fault of one entry is answered with its place, and
nothing of the list is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from carecoord.access import Caller
from carecoord.errors import CareError, Conflict, Missing
from carecoord.flows import absences, register, stay, visits
from carecoord.flows import plan as whole
from carecoord.flows.door import progress_of
from carecoord.flows.visits import Extra
from carecoord.model import happenings as told
from carecoord.model import time
from carecoord.model.demands import VisitDemand
from carecoord.model.edits import VisitEdit
from carecoord.model.events import EventKind, Progress, VisitEvent
from carecoord.model.happenings import NAMES, Happening
from carecoord.model.ids import DemandId, ElderId, PlanId, StaffId
from carecoord.model.policy import Rules
from carecoord.model.visits import DayKey, DayPlan, Stop, Unserved
from carecoord.planning.withdraw import without
from carecoord.store import demands, edits, visit_events
from carecoord.store.engine import Tx


@dataclass(slots=True)
class Scene:
    """One day while what happened is taken in.

    until
        Seconds after 00:00 before which nothing is changed any more.
    plan
        The plan in force, without what is not made after all.
    undone
        Visits not made, with the reason.
    written
        Events as they are kept, with what they came to.
    afterwards
        What follows on other days once this one is stored.
    """

    tx: Tx
    caller: Caller
    key: DayKey
    rules: Rules
    id: str
    until: int
    plan: DayPlan
    wanted: dict[DemandId, VisitDemand]
    progress: Mapping[DemandId, Progress]
    people: frozenset[str]
    undone: dict[DemandId, Unserved] = field(default_factory=dict)
    written: list[dict[str, Any]] = field(default_factory=list)
    afterwards: list[Callable[[], object]] = field(default_factory=list)

    def visit(self, demand: DemandId, *, open_: bool = True) -> VisitDemand:
        """A visit of the day; `open_`: one that nobody has begun."""
        found = self.wanted.get(demand)
        if found is None:
            raise Missing("repair.visit", field="visit", visit=demand, day=self.key.day.isoformat())
        if open_ and self.progress.get(demand) in (Progress.STARTED, Progress.FINISHED):
            raise Conflict("repair.begun", field="visit", visit=demand)
        return found

    def require_staff(self, staff: StaffId) -> None:
        """Somebody of the street."""
        if staff not in self.people:
            raise Missing("repair.staff", field="staff", staff=staff, street=self.key.street)

    def drop(self, demand: DemandId, code: str, **facts: str | int) -> None:
        """The visit is not made."""
        self.undone[demand] = Unserved(demand, code, facts)
        self.plan = without(self.plan, {demand: self.undone[demand]})

    def of(self, staff: StaffId) -> list[Stop]:
        """Stops of a person in order."""
        return sorted((s for s in self.plan.stops if s.staff == staff), key=lambda s: s.start)

    def shift(self, demand: DemandId, seconds: int, *, start: bool) -> None:
        """A visit that is under way ends later; with `start` it begins later, too."""
        self.plan = replace(
            self.plan,
            stops=tuple(
                replace(
                    s,
                    arrival=s.arrival + seconds * start,
                    start=s.start + seconds * start,
                    end=s.end + seconds,
                )
                if s.demand == demand
                else s
                for s in self.plan.stops
            ),
        )


def scene(
    tx: Tx, caller: Caller, key: DayKey, rules: Rules, id_: str, until: int, plan: DayPlan
) -> Scene:
    """A day as it stands, before anything of the list is taken in."""
    return Scene(
        tx=tx,
        caller=caller,
        key=key,
        rules=rules,
        id=id_,
        until=until,
        plan=plan,
        wanted={one.id: one for one in demands.on(tx, key.street, key.day)},
        progress=progress_of(visit_events.on(tx, key)),
        people=frozenset(register.practitioner_roles(tx, register.street(tx, key.street)).values()),
    )


def take_in(here: Scene, events: Sequence[Happening], reason: str) -> None:
    """Write down everything of a list, in order.

    Raises
    ------
    CareError
        Whatever an entry is refused for; `field` begins with its place in the list.
    """
    for row, event in enumerate(events):
        try:
            more = _DEEDS[type(event)](here, event, reason)
        except CareError as error:
            place = error.field.strip("/")
            error.field = f"/events/{row}" + (f"/{place}" if place else "")
            raise
        facts = {k: _plain(v) for k, v in asdict(event).items()}
        here.written.append({"kind": NAMES[type(event)]} | facts | more)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _absent(here: Scene, event: told.StaffAbsent, reason: str) -> dict[str, Any]:
    here.require_staff(event.staff)
    start = event.start or time.instant(here.key.day, here.until)
    made = absences.record(
        here.tx,
        here.caller,
        here.key.street,
        event.staff,
        start,
        event.end,
        event.reason or reason,
    )
    here.afterwards.append(lambda: absences.show(here.tx, made))
    return {"absence": made.id, "start": made.start.isoformat()}


def _late(here: Scene, event: told.RunningLate, _reason: str) -> dict[str, Any]:
    """Whoever is late begins later: the visit they should be at, or the way to the next."""
    here.require_staff(event.staff)
    seconds = 60 * event.minutes
    own = here.of(event.staff)
    begun = [s for s in own if s.start < here.until]
    if begun and begun[-1].end > here.until:
        at = begun[-1]
        reported = here.progress.get(at.demand) in (Progress.STARTED, Progress.FINISHED)
        if not reported:
            here.shift(at.demand, seconds, start=True)
        # They are on the way there: nobody sends them elsewhere first.
        return {"ready": at.end + seconds, "held": at.demand}
    following = next((s for s in own if s.start >= here.until), None)
    leaving = here.until if following is None else following.arrival - following.travel
    return {"ready": max(here.until, leaving) + seconds}


def _overrun(here: Scene, event: told.VisitOverrun, _reason: str) -> dict[str, Any]:
    asked = here.visit(event.demand, open_=False)
    seconds = 60 * event.minutes
    longer = replace(asked, duration=asked.duration + seconds)
    demands.put(here.tx, [longer])
    here.wanted[asked.id] = longer
    begun = here.progress.get(asked.id) in (Progress.STARTED, Progress.FINISHED)
    if begun or any(s.demand == asked.id and s.start < here.until for s in here.plan.stops):
        here.shift(asked.id, seconds, start=False)
    return {}


def _not_there(here: Scene, event: told.ClientAbsent, _reason: str) -> dict[str, Any]:
    here.visit(event.demand)
    here.drop(event.demand, "unserved.client_absent")
    return {}


def _unanswered(here: Scene, event: told.DoorUnanswered, _reason: str) -> dict[str, Any]:
    """Nobody opened: whoever stands there goes on from that door."""
    here.visit(event.demand)
    now = time.now()
    at = min(event.at or time.instant(here.key.day, here.until), now)
    visit_events.append(
        here.tx,
        [
            VisitEvent(
                str(uuid5(NAMESPACE_URL, f"{here.id}/{event.demand}/{stop.staff}")),
                here.key,
                event.demand,
                stop.staff,
                EventKind.UNANSWERED,
                at,
                now,
                here.caller.id,
            )
            for stop in here.plan.stops
            if stop.demand == event.demand
        ],
    )
    here.drop(event.demand, "unserved.unanswered")
    return {}


def _admitted(here: Scene, event: told.ClientAdmitted, _reason: str) -> dict[str, Any]:
    """Every visit that has not begun is held; beds and the coming days follow."""
    at = min(event.at or time.now(), time.now())
    mine = [d for d in here.wanted.values() if d.elder == event.elder]
    if not mine:
        raise Missing(
            "repair.elder", field="elder", elder=event.elder, day=here.key.day.isoformat()
        )
    since = at.astimezone(time.ZONE).date().isoformat()
    for demand in mine:
        begun = here.progress.get(demand.id) in (Progress.STARTED, Progress.FINISHED)
        if not begun and not any(
            s.demand == demand.id and s.start < here.until for s in here.plan.stops
        ):
            here.drop(demand.id, "unserved.hospital", since=since)
    here.afterwards.append(lambda: stay.admit(here.tx, here.caller, event.elder, here.rules, at=at))
    return {}


def _cancelled(here: Scene, event: told.VisitCancelled, reason: str) -> dict[str, Any]:
    asked = here.visit(event.demand)
    here.drop(event.demand, "unserved.cancelled", reason=event.reason or reason or "-")
    _decide(here, asked, None, event.reason or reason)
    return {}


def _window(here: Scene, event: told.WindowChanged, reason: str) -> dict[str, Any]:
    asked = here.visit(event.demand)
    changed = replace(asked, windows=(event.window,), wish=None, edited=True)
    demands.put(here.tx, [changed])
    here.wanted[asked.id] = changed
    _decide(here, asked, changed, reason)
    return {}


def _decide(here: Scene, asked: VisitDemand, now: VisitDemand | None, reason: str) -> None:
    """Keep a decision about a visit, so that the plan made anew asks for no other."""
    kind = "skipped" if now is None else "added" if asked.origin == "hand" else "changed"
    edits.put(
        here.tx,
        here.key.street,
        VisitEdit(
            asked.plan,
            asked.day,
            asked.group,
            asked.occasion,
            kind,  # type: ignore[arg-type]
            asked.parts or ((asked.group, asked.occasion),),
            now,
            reason,
            here.caller.id,
            time.now(),
        ),
    )


def _urgent(here: Scene, event: told.UrgentVisit, reason: str) -> dict[str, Any]:
    plan = whole.integrated(here.tx, event.elder)
    if plan is None or plan.resource.get("status") != "active":
        raise Missing("repair.no_plan", field="elder", elder=event.elder)
    programme = event.programme or _first_programme(here, event.elder)
    added = visits.add(
        here.tx,
        here.caller,
        PlanId(plan.id),
        Extra(
            day=here.key.day,
            programme=programme,
            items=event.items,
            window=event.window,
            minutes=event.minutes,
            carers=event.carers,
            carer=event.carer,
            order=event.order,
            level=event.level,
        ),
        reason,
        here.rules,
        on_board=True,
    )
    assert added.demand is not None
    here.wanted[added.demand.id] = added.demand
    # On a draft the plan made anew brings it, on a day that people know it is written here.
    demands.put(here.tx, [added.demand])
    return {"visit": added.demand.id}


def _first_programme(here: Scene, elder: ElderId) -> str:
    known = [d.programmes[0] for d in here.wanted.values() if d.elder == elder and d.programmes]
    return min(known, default="station")


def _vehicle(here: Scene, event: told.VehicleBroken, _reason: str) -> dict[str, Any]:
    here.require_staff(event.staff)
    return {"from": here.until}


_DEEDS: dict[type, Callable[[Scene, Any, str], dict[str, Any]]] = {
    told.StaffAbsent: _absent,
    told.RunningLate: _late,
    told.VisitOverrun: _overrun,
    told.ClientAbsent: _not_there,
    told.DoorUnanswered: _unanswered,
    told.ClientAdmitted: _admitted,
    told.VisitCancelled: _cancelled,
    told.UrgentVisit: _urgent,
    told.WindowChanged: _window,
    told.VehicleBroken: _vehicle,
}
