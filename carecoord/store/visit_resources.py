"""How does a visit of our own look as Appointment and Encounter?

Pure: rows in, FHIR JSON out. What is made here is shown and searched like any document, and changed
only where planning is changed; `docs/fhir-mapping.md` is the contract.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from carecoord.errors import Fact
from carecoord.model import time
from carecoord.model.events import EventKind, Progress, VisitEvent, progress
from carecoord.model.visits import DayKey
from carecoord.store.documents import ID
from carecoord.text import catalogue
from fhir_profiles.questionnaires import BASE
from fhir_profiles.wire import Json

TYPES = ("Appointment", "Encounter", "Schedule", "Slot")
"""Resource types that show planning beside the documents of others."""

PREFIX = "carecoord."
"""How every id of a resource begins that shows planning; nobody else may use it."""

VISIT = f"{BASE}/sid/visit"
"""Identifier system of Appointment and Encounter of a visit: the id of its demand."""

SOURCE = "urn:carecoord:planning"
"""`meta.source` of a resource that shows planning."""

PROFILE = f"{BASE}/StructureDefinition/visit-appointment"

_V3 = "http://terminology.hl7.org/CodeSystem/v3"


@dataclass(frozen=True, slots=True)
class Person:
    """Ids of the Practitioner and the Organization that a PractitionerRole names, or empty."""

    practitioner: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One carer at one visit: seconds after 00:00 Asia/Shanghai of the day."""

    staff: str
    demand: str
    arrival: int
    start: int
    end: int
    travel: int


@dataclass(frozen=True, slots=True)
class Visit:
    """What planning knows of one visit.

    published
        People have been told the routes of its day.
    body
        The VisitDemand without its columns.
    calls
        Who is sent; empty while nobody is.
    refusal
        Code and facts of why nobody is sent, where the routes say so.
    events
        What was reported from the door, as it happened.
    """

    demand: str
    key: DayKey
    elder: str
    plan: str
    published: bool
    body: Mapping[str, Any]
    calls: tuple[Call, ...] = ()
    refusal: tuple[str, Mapping[str, Fact]] | None = None
    events: tuple[VisitEvent, ...] = ()

    @property
    def staff(self) -> tuple[str, ...]:
        """Who is sent, else who reported; each once."""
        named = [c.staff for c in self.calls] or [e.staff for e in self.events]
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class Shown:
    """A resource to be shown; an `optional` one only brings one that is there up to date."""

    resource: Json
    id: str
    optional: bool = False
    key: DayKey | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Type and id."""
        return str(self.resource["resourceType"]), self.id


def own_id(*parts: str) -> str:
    """The id of what planning knows under these natural parts: readable where FHIR allows it."""
    name = PREFIX + ".".join(parts)
    if ID.fullmatch(name):
        return name
    return PREFIX + hashlib.sha256("/".join(parts).encode()).hexdigest()[:48]


def slot_of(demand: str, staff: str) -> str:
    """The id of the Slot in which somebody makes a visit."""
    return own_id(demand, staff)


def schedule_of(staff: str) -> str:
    """The id of the Schedule of one bookable person."""
    return own_id(staff)


def of_visit(visit: Visit, people: Mapping[str, Person]) -> Iterator[Shown]:
    """Appointment of a visit, and its Encounter once people expect it."""
    yield Shown(_appointment(visit, people), own_id(visit.demand), key=visit.key)
    status = _encounter_status(visit)
    if status:
        # A visit that was told and is being planned again stays expected.
        expected = visit.published or bool(visit.events)
        made = _encounter(visit, people, status)
        yield Shown(made, own_id(visit.demand), optional=not expected, key=visit.key)


def withdrawn(resource: Json) -> Json | None:
    """How an Appointment or Encounter ends that planning no longer knows; None: it is deleted.

    What took place stays as it is.
    """
    kind, status = resource["resourceType"], resource["status"]
    if kind == "Appointment" and status in ("proposed", "waitlist", "booked"):
        reason = {"text": catalogue.sentence("visit.withdrawn", {})}
        return resource | {"status": "cancelled", "cancelationReason": reason}
    if kind == "Encounter" and status == "planned":
        # Without a period nobody takes it for a visit that was missed.
        return {k: v for k, v in resource.items() if k != "period"} | {"status": "cancelled"}
    return resource if kind in ("Appointment", "Encounter") else None


# ---- Appointment ----


def _appointment(visit: Visit, people: Mapping[str, Person]) -> Json:
    status, reason = _appointment_status(visit)
    span = _span(visit)
    meta: Json = {"source": SOURCE}
    if span and visit.staff:
        meta["profile"] = [PROFILE]
    made: Json = {
        "resourceType": "Appointment",
        "meta": meta,
        "identifier": [{"system": VISIT, "value": visit.demand}],
        "status": status,
    }
    if reason:
        made["cancelationReason"] = reason
    if programmes := visit.body.get("programmes"):
        made["serviceCategory"] = [_concept("programme", code) for code in programmes]
    if items := visit.body.get("items"):
        made["serviceType"] = [_concept("service-item", code) for code in items]
    # iCalendar counts the other way round: 1 comes first.
    made["priority"] = 10 - int(visit.body.get("priority", 5))
    made["supportingInformation"] = [ref("CarePlan", visit.plan)]
    if span:
        made |= {"start": _local(span[0]), "end": _local(span[1])}
        made["minutesDuration"] = max(1, round((span[1] - span[0]).total_seconds() / 60))
    if visit.calls:
        made["slot"] = [ref("Slot", slot_of(visit.demand, c.staff)) for c in visit.calls]
    made["participant"] = list(_participants(visit, people))
    made["requestedPeriod"] = [
        {"start": at(visit.key.day, first), "end": at(visit.key.day, last)}
        for first, last in visit.body.get("windows", ())
    ]
    return made


def _appointment_status(visit: Visit) -> tuple[str, Json | None]:
    match progress(visit.events):
        case Progress.FINISHED:
            return "fulfilled", None
        case Progress.STARTED | Progress.ARRIVED:
            return "arrived", None
        case Progress.NOT_MADE:
            code = "visit.unanswered" if _unanswered(visit) else "visit.refused"
            reason = {"text": catalogue.sentence(code, {})}
            return ("noshow" if _unanswered(visit) else "cancelled"), reason
    if visit.calls:
        return ("booked" if visit.published else "proposed"), None
    if visit.refusal is None:
        return "proposed", None
    if not visit.published:
        return "waitlist", None
    code, facts = visit.refusal
    return "cancelled", {
        "coding": [{"system": "urn:carecoord:message", "code": code}],
        "text": catalogue.sentence(code, facts),
    }


def _unanswered(visit: Visit) -> bool:
    return visit.events[-1].kind is EventKind.UNANSWERED


def _participants(visit: Visit, people: Mapping[str, Person]) -> Iterator[Json]:
    told = "accepted" if visit.published or visit.events else "needs-action"
    yield {"actor": ref("Patient", visit.elder), "required": "required", "status": told}
    for n, staff in enumerate(visit.staff):
        yield {
            "type": [_performer(n)],
            "actor": ref("PractitionerRole", staff),
            "required": "required",
            "status": told,
        }
        if person := people.get(staff, Person()).practitioner:
            # The same carer as a person, so that `practitioner` finds the visit too.
            yield {
                "actor": ref("Practitioner", person),
                "required": "information-only",
                "status": told,
            }


def _performer(n: int) -> Json:
    code = "SPRF" if n else "PPRF"
    return {"coding": [{"system": f"{_V3}-ParticipationType", "code": code}]}


def _span(visit: Visit) -> tuple[datetime, datetime] | None:
    """When the visit is planned; where it no longer is, when it took place."""
    if visit.calls:
        day = visit.key.day
        return (
            time.instant(day, min(c.start for c in visit.calls)),
            time.instant(day, max(c.end for c in visit.calls)),
        )
    begun, ended = _taken(visit)
    return (begun, ended) if begun and ended and begun < ended else None


# ---- Encounter ----


def _encounter_status(visit: Visit) -> str:
    match progress(visit.events):
        case Progress.FINISHED:
            return "finished"
        case Progress.STARTED:
            return "in-progress"
        case Progress.ARRIVED:
            return "arrived"
        case Progress.NOT_MADE:
            return "cancelled"
    return "planned" if visit.calls else ""


def _encounter(visit: Visit, people: Mapping[str, Person], status: str) -> Json:
    made: Json = {"resourceType": "Encounter", "meta": {"source": SOURCE}}
    if proof := list(_proof(visit.events)):
        made["extension"] = proof
    made |= {
        "identifier": [{"system": VISIT, "value": visit.demand}],
        "status": status,
        "class": {"system": f"{_V3}-ActCode", "code": "HH", "display": "home health"},
    }
    if items := visit.body.get("items"):
        made["type"] = [_concept("service-item", code) for code in items]
    made["subject"] = ref("Patient", visit.elder)
    named: list[Json] = []
    for n, staff in enumerate(visit.staff):
        named.append({"type": [_performer(n)], "individual": ref("PractitionerRole", staff)})
        if person := people.get(staff, Person()).practitioner:
            named.append({"individual": ref("Practitioner", person)})
    if named:
        made["participant"] = named
    made["appointment"] = [ref("Appointment", own_id(visit.demand))]
    if period := _period(visit, status):
        made["period"] = period
    home = {"system": f"{BASE}/sid/home", "value": visit.elder}
    made["location"] = [{"location": {"type": "Location", "identifier": home, "display": "住家"}}]
    keepers = (people.get(staff, Person()).organization for staff in visit.staff)
    if keeper := next(filter(None, keepers), ""):
        made["serviceProvider"] = ref("Organization", keeper)
    return made


def _period(visit: Visit, status: str) -> Json:
    """From the first at the door to the last to leave; before that, as it is planned."""
    begun, ended = _taken(visit)
    if status in ("planned", "cancelled") or begun is None:
        span = _span(visit)
        return {"start": _local(span[0]), "end": _local(span[1])} if span else {}
    made = {"start": _local(begun)}
    return made | {"end": _local(max(ended, begun))} if ended and status == "finished" else made


def _taken(visit: Visit) -> tuple[datetime | None, datetime | None]:
    at_door = (EventKind.ARRIVED, EventKind.STARTED)
    begun = min((e.at for e in visit.events if e.kind in at_door), default=None)
    ended = max((e.at for e in visit.events if e.kind is EventKind.FINISHED), default=None)
    return begun or ended, ended


def _proof(events: Sequence[VisitEvent]) -> Iterator[Json]:
    measured = [e.metres for e in events if e.metres is not None]
    if measured:
        yield _extension("check-in-metres", valueUnsignedInt=min(measured))
    if any(e.confirmed for e in events):
        yield _extension("person-confirmed", valueBoolean=True)
    for item in dict.fromkeys(item for e in events for item in e.items):
        yield _extension("item-done", valueCode=item)


# ---- small parts ----


def ref(kind: str, id_: str) -> Json:
    """A Reference to a local resource."""
    return {"reference": f"{kind}/{id_}"}


def _concept(name: str, code: str) -> Json:
    return {"coding": [{"system": f"{BASE}/CodeSystem/{name}", "code": code}]}


def _extension(name: str, **value: object) -> Json:
    return {"url": f"{BASE}/StructureDefinition/{name}", **value}


def at(day: date, seconds: int) -> str:
    """A FHIR instant so many seconds after 00:00 Asia/Shanghai of a day."""
    return _local(time.instant(day, seconds))


def _local(moment: datetime) -> str:
    return moment.astimezone(time.ZONE).isoformat(timespec="seconds")
