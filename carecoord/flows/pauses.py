"""The visits of one person stop at once, or come back: in plans, demands and planned days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from carecoord.access import Caller, audit
from carecoord.errors import Fact, Stale
from carecoord.fhir import amend, read
from carecoord.fhir import documents as checked
from carecoord.flows import day as service_days
from carecoord.flows import provenance, register
from carecoord.model import time
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import DemandId, ElderId, StaffId
from carecoord.model.policy import Rules
from carecoord.model.versions import Why
from carecoord.model.visits import HELD, DayKey, DayPlan, Unserved
from carecoord.planning.withdraw import without
from carecoord.store import days, demands, documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

BACK = "unserved.back"
"""The person is at home again, and the day was planned without the visit."""

_TRIES = 5
_AHEAD = 14
"""Days for which demands are made, as `POST /v1/streets/…:expand` does."""

_DEEDS: dict[amend.Deed, str] = {
    "hold": "plan-tasks-held",
    "release": "plan-tasks-resumed",
    "stop": "plan-tasks-stopped",
}


@dataclass(slots=True)
class Touched:
    """What changed in the coming days of one person.

    cancelled
        Staff → days on which they would have called and now do not.
    dropped, back
        Visits no longer wanted, and visits wanted again.
    days
        Planned days with their new version.
    """

    cancelled: dict[StaffId, list[date]] = field(default_factory=dict)
    dropped: int = 0
    back: int = 0
    days: dict[date, int] = field(default_factory=dict)


def hold_plans(tx: Tx, caller: Caller, elder: ElderId, reason: str) -> list[Document]:
    """Put every plan of a person that is in force on hold, because of `reason`."""
    return [
        _plan_changed(tx, caller, plan, amend.plan_held(plan.resource, reason), "plan-on-hold")
        for plan in _plans(tx, elder, "active")
    ]


def release_plans(tx: Tx, caller: Caller, elder: ElderId) -> list[Document]:
    """Put the plans in force again that `hold_plans` had put on hold."""
    return [
        _plan_changed(tx, caller, plan, released, "plan-resumed")
        for plan in _plans(tx, elder, "on-hold")
        if (released := amend.plan_released(plan.resource)) is not None
    ]


def stop_plans(tx: Tx, caller: Caller, elder: ElderId) -> list[Document]:
    """Revoke every plan of a person that is not over."""
    return [
        _plan_changed(tx, caller, plan, amend.with_status(plan.resource, "revoked"), "plan-stopped")
        for plan in _plans(tx, elder, "draft", "active", "on-hold")
    ]


def programme(tx: Tx, caller: Caller, elder: ElderId, kind: str, deed: amend.Deed) -> None:
    """Hold, release or stop the tasks of a bed in every plan of a person that is not over."""
    for plan in _plans(tx, elder, "draft", "active", "on-hold"):
        changed = amend.programme_tasks(plan.resource, kind, deed)
        if changed is not None:
            _plan_changed(tx, caller, plan, changed, _DEEDS[deed])


def _plans(tx: Tx, elder: ElderId, *states: str) -> list[Document]:
    return documents.find(tx, "CarePlan", subject=f"Patient/{elder}", status=states)


def _plan_changed(
    tx: Tx, caller: Caller, plan: Document, changed: read.Json, deed: str
) -> Document:
    stored = checked.update(tx, "CarePlan", plan.id, changed, expected=plan.version).document
    provenance.sign(tx, caller, stored, deed)
    audit.record(tx, caller, deed.replace("-", ".", 1), stored.reference)
    return stored


def settle(
    tx: Tx,
    caller: Caller,
    elder: ElderId,
    cut: datetime,
    rules: Rules,
    code: str,
    facts: Mapping[str, Fact] | None = None,
) -> Touched:
    """Bring the coming days in line with what the plans of a person ask for now.

    Days without a plan get or lose the visits. On a planned day, draft or published, no other
    visit moves: what is no longer wanted becomes unserved for the reason `code`, what is wanted
    again becomes unserved as `unserved.back` until the day is planned anew, and the version of
    the day grows. What began before `cut` stays as it was.
    """
    touched = Touched()
    patient = documents.read(tx, "Patient", elder)
    street = register.elder_street(tx, patient.resource)
    if street is None:
        return touched
    moment = max(cut, time.now())
    today = moment.astimezone(time.ZONE).date()
    last = demands.last_day(tx, street)
    if last is None or last < today:
        # Nobody else has visits, so that nothing says how far ahead the street is planned.
        last = today + timedelta(days=_AHEAD - 1)
    documents.hold(tx, f"demand/{street}")
    of = register.street(tx, street)
    alive = not patient.resource.get("deceasedBoolean") and (
        "deceasedDateTime" not in patient.resource
    )
    asked, _ = service_days.asked_for(
        tx, of, [elder] if alive else [], today, (last - today).days + 1, rules
    )
    present = demands.coming(tx, street, elder, today)
    planned = {s.key.day for s in days.of_street(tx, street) if s.key.day >= today}
    wanted: dict[date, dict[DemandId, VisitDemand]] = {}
    for one in asked:
        wanted.setdefault(one.day, {})[one.id] = one
    for on in sorted(present.keys() | wanted.keys()):
        before = {d.id: d for d in present.get(on, ())}
        after = wanted.get(on, {})
        if on in planned:
            change = _Change(before, after, time.seconds_of(moment, on), code, facts or {})
            _planned_day(tx, caller, DayKey(street, on), change, touched)
        else:
            _open_day(tx, before, after, touched)
    return touched


def _open_day(
    tx: Tx,
    before: Mapping[DemandId, VisitDemand],
    after: Mapping[DemandId, VisitDemand],
    touched: Touched,
) -> None:
    gone = before.keys() - after.keys()
    demands.remove(tx, sorted(gone))
    demands.put(tx, [d for id_, d in after.items() if before.get(id_) != d])
    touched.dropped += len(gone)
    touched.back += len(after.keys() - before.keys())


@dataclass(frozen=True, slots=True)
class _Change:
    """What one person wanted and wants on a planned day, and from which second on it counts."""

    before: Mapping[DemandId, VisitDemand]
    after: Mapping[DemandId, VisitDemand]
    cut: int
    code: str
    facts: Mapping[str, Fact]

    def gone(self, plan: DayPlan) -> dict[DemandId, Unserved]:
        """Visits that are not made, unless somebody has set out for them already."""
        started = {s.demand for s in plan.stops if s.start < self.cut}
        said = {u.demand: u for u in plan.unserved}
        new = {
            d: Unserved(d, self.code, self.facts) for d in self.before.keys() - self.after.keys()
        }
        return {d: u for d, u in new.items() if d not in started and said.get(d) != u}

    def altered(self) -> list[VisitDemand]:
        """Visits that lose or regain the tasks of one of several programmes."""
        return [
            one
            for id_, one in self.after.items()
            if id_ in self.before and set(one.programmes) != set(self.before[id_].programmes)
        ]

    def back(self, plan: DayPlan) -> dict[DemandId, Unserved]:
        """Visits that the day was planned without and that can still be made."""
        served = {s.demand for s in plan.stops}
        held = {u.demand for u in plan.unserved if u.code in HELD}
        return {
            id_: Unserved(id_, BACK, {})
            for id_, one in self.after.items()
            if id_ not in served
            and (id_ in held or id_ not in self.before)
            and one.windows[-1][1] >= self.cut
        }


def _planned_day(tx: Tx, caller: Caller, key: DayKey, change: _Change, touched: Touched) -> None:
    for attempt in range(_TRIES):
        version = days.version(tx, key)
        plan = days.read(tx, key)
        gone, back = change.gone(plan), change.back(plan)
        if not gone and not back and not change.altered():
            return
        try:
            now = days.replace_plan(
                tx,
                without(plan, gone | back),
                expected=version,
                why=Why("pause", caller.id),
                even_equal=True,
            )
        except Stale:
            # Somebody moved the day between the two reads; look again.
            if attempt == _TRIES - 1:
                raise
            continue
        break
    demands.put(tx, [change.after[id_] for id_ in back if id_ not in change.before])
    demands.put(tx, change.altered())
    for stop in plan.stops:
        if stop.demand in gone:
            called = touched.cancelled.setdefault(stop.staff, [])
            if key.day not in called:
                called.append(key.day)
    touched.dropped += len(gone)
    touched.back += len(back)
    touched.days[key.day] = now
    audit.record(tx, caller, "day.write", f"{key.street}/{key.day.isoformat()}@{now}")


def callers_of(tx: Tx, touched: Touched) -> dict[str, list[StaffId]]:
    """Organisation → its people whose visits were cancelled."""
    found: dict[str, list[StaffId]] = {}
    for staff in touched.cancelled:
        organization = organization_of(tx, staff)
        if organization:
            found.setdefault(organization, []).append(staff)
    return found


def organization_of(tx: Tx, staff: str) -> str:
    """The organisation of a PractitionerRole, or an empty text."""
    found = documents.peek(tx, "PractitionerRole", staff)
    if found is None or found.deleted:
        return ""
    return read.reference(found.resource.get("organization"), "Organization")
