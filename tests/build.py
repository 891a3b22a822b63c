"""Builders for tests: a tiny valid street as FHIR resources, and domain values with defaults."""

# ruff: noqa: A002 - `id` and `type` are FHIR's own words

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from time import sleep
from typing import Any, TypeVar

import pytest

from carecoord.access import Caller, everything
from carecoord.fhir import wire
from carecoord.fhir.read import BASE, DIVISION, GEOLOCATION, extension_url, system
from carecoord.flows import record
from carecoord.model.demands import VisitDemand
from carecoord.model.elders import Elder, Home
from carecoord.model.ids import DemandId, ElderId, OrganizationId, PlanId, StaffId, StreetId
from carecoord.model.places import Place
from carecoord.model.plans import DayTimes, Plan, Recurrence, Task
from carecoord.model.policy import Rules
from carecoord.model.staff import Level, Role, Shift, Staff, TravelMode
from carecoord.packs.load import load
from carecoord.store.engine import Database

Json = dict[str, Any]
Seen = TypeVar("Seen")

STREET = StreetId("990101001")
DAY = date(2026, 3, 5)
"""A Thursday."""

OFFICE, CENTRE, STATION = "office", "centre", "station"
SENDER = "hospital"
"""The hospital that refers down; only some tests hold its Organization."""

LON, LAT = 116.310, 39.991
HOUR = 3600
BOSS = everything("test")

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For rules that no statement of SQL decides: one database tells as much as two."""


def rules(day: date = DAY, place: str = STREET) -> Rules:
    """The bundled policy rows in force."""
    return load().on(day, place)


def caller(*scopes: str, streets: Iterable[str] = (STREET,), organization: str = CENTRE) -> Caller:
    """Somebody with these scopes in these streets only."""
    return Caller("somebody", organization, frozenset(streets), frozenset(scopes))


def ended(look: Callable[[], Seen], is_open: Callable[[Seen], bool]) -> Seen:
    """What `look` sees once it is no longer open; ten minutes are a guard, not a promise."""
    for _ in range(6000):
        if not is_open(found := look()):
            return found
        sleep(0.1)
    raise AssertionError("still open after ten minutes")


def store(database: Database, *resources: Json) -> None:
    """Store resources through the flow that HTTP and files use."""
    with database.write() as tx:
        record.submit_bundle(tx, BOSS, read(bundle(*resources)))


def read(resource: Json) -> Json:
    """A resource as it comes in from outside: decimals keep their text."""
    return wire.loads(json.dumps(resource))


def bundle(*resources: Json, type: str = "collection") -> Json:
    """A Bundle; in a transaction each resource is put under its id."""
    entries: list[Json] = [{"resource": one} for one in resources]
    if type != "collection":
        for entry in entries:
            one = entry["resource"]
            url = f"{one['resourceType']}/{one['id']}"
            entry["request"] = {"method": "PUT", "url": url}
    return {"resourceType": "Bundle", "type": type, "entry": entries}


# ---- FHIR resources ----


def ref(kind: str, id: str) -> Json:
    return {"reference": f"{kind}/{id}"}


def concept(name: str, code: str) -> Json:
    """A CodeableConcept of one of our systems."""
    return {"coding": [{"system": system(name), "code": code}]}


def own(name: str, **value: object) -> Json:
    """One of our own extensions."""
    return {"url": extension_url(name), **value}


def organization(id: str, kind: str, *, part_of: str = "", division: str = "") -> Json:
    found: Json = {
        "resourceType": "Organization",
        "id": id,
        "type": [concept("organization-kind", kind)],
        "name": f"{id} name",
    }
    if part_of:
        found["partOf"] = ref("Organization", part_of)
    if division:
        found["identifier"] = [{"system": DIVISION, "value": division}]
    return found


def location(id: str, organization: str, east: int = 0, north: int = 0) -> Json:
    """A Location so many steps of about 100 m from the middle."""
    at = place(east, north)
    return {
        "resourceType": "Location",
        "id": id,
        "managingOrganization": ref("Organization", organization),
        "position": {"longitude": at.lon, "latitude": at.lat},
    }


def place(east: int = 0, north: int = 0) -> Place:
    return Place(round(LON + east * 0.00117, 6), round(LAT + north * 0.0009, 6))


def practitioner(
    id: str, *licences: str, start: str = "2020-01-01", end: str = "2030-12-31", **more: Any
) -> Json:
    found: Json = {
        "resourceType": "Practitioner",
        "id": id,
        "name": [{"text": f"{id} name"}],
        "gender": "female",
    }
    if licences:
        found["qualification"] = [
            {"code": concept("licence", one), "period": {"start": start, "end": end}}
            for one in licences
        ]
    return found | more


def hours(start: str = "08:00:00", end: str = "17:00:00", *days: str) -> Json:
    """One entry of `availableTime`; without days it is every day."""
    found: Json = {"availableStartTime": start, "availableEndTime": end}
    return {"daysOfWeek": list(days)} | found if days else found


def role(
    id: str,
    practitioner: str,
    *,
    kind: str = "",
    organization: str = STATION,
    times: Sequence[Json] | None = None,
    mode: str = "e-bike",
    **more: Any,
) -> Json:
    found: Json = {
        "resourceType": "PractitionerRole",
        "id": id,
        "practitioner": ref("Practitioner", practitioner),
        "organization": ref("Organization", organization),
        "availableTime": list(times) if times is not None else [hours()],
    }
    if not found["availableTime"]:
        del found["availableTime"]
    if kind:
        found["code"] = [concept("staff-role", kind)]
    if mode:
        found["extension"] = [own("travel-mode", valueCode=mode)]
    return found | more


def geolocation(at: Place) -> Json:
    return {
        "url": GEOLOCATION,
        "extension": [
            {"url": "latitude", "valueDecimal": at.lat},
            {"url": "longitude", "valueDecimal": at.lon},
        ],
    }


def address(east: int | None = 0, north: int = 0, *extensions: Json) -> Json:
    """A home address; `east` None: without a position."""
    found: Json = {"use": "home", "text": f"Lane {east}-{north}"}
    inside = [*([] if east is None else [geolocation(place(east, north))]), *extensions]
    return found | {"extension": inside} if inside else found


def patient(
    id: str,
    east: int | None = 0,
    north: int = 0,
    *,
    managed_by: str = OFFICE,
    born: str = "1940-05-01",
    **more: Any,
) -> Json:
    found: Json = {
        "resourceType": "Patient",
        "id": id,
        "name": [{"text": f"{id} name"}],
        "gender": "female",
        "birthDate": born,
        "address": [address(east, north)],
    }
    if managed_by:
        found["managingOrganization"] = ref("Organization", managed_by)
    return found | more


def window(start: str, end: str) -> Json:
    """A `visit-window` extension."""
    parts = [{"url": "start", "valueTime": start}, {"url": "end", "valueTime": end}]
    return {"url": extension_url("visit-window"), "extension": parts}


def detail(item: str = "7", *extensions: Json, repeat: Json | None = None, **more: Any) -> Json:
    """A task of a plan: item 7 (help with eating), every day unless said otherwise."""
    found: Json = {
        "code": {"coding": [{"system": system("service-item"), "code": item}]},
        "status": "scheduled",
    }
    if repeat is None:
        repeat = {"frequency": 1, "period": 1, "periodUnit": "d"}
    if repeat:
        found["scheduledTiming"] = {"repeat": repeat}
    if extensions:
        found["extension"] = list(extensions)
    return found | more


def care_plan(id: str, elder: str, *details: Json, status: str = "active", **more: Any) -> Json:
    found: Json = {
        "resourceType": "CarePlan",
        "id": id,
        "status": status,
        "intent": "plan",
        "category": [concept("plan-category", "integrated")],
        "subject": ref("Patient", elder),
        "period": {"start": "2026-01-01"},
    }
    if details:
        found["activity"] = [{"detail": one} for one in details]
    return found | more


def organizations() -> list[Json]:
    """A street with a health centre and a care station, 500 m apart."""
    return [
        organization(OFFICE, "street", division=STREET),
        organization(CENTRE, "health-centre", part_of=OFFICE),
        organization(STATION, "care-station", part_of=OFFICE),
        location("centre-door", CENTRE),
        location("station-door", STATION, 5),
    ]


def street() -> list[Json]:
    """Organisations, a doctor, a nurse, two caregivers and three elders with a daily meal."""
    elders = [patient(f"e{k}", k, k) for k in (1, 2, 3)]
    return [
        *organizations(),
        practitioner("pd", "doctor"),
        practitioner("pn", "nurse"),
        practitioner("p1", "caregiver"),
        practitioner("p2", "caregiver-medical"),
        role("d1", "pd", kind="doctor", organization=CENTRE),
        role("n1", "pn", kind="nurse", organization=CENTRE),
        role("c1", "p1", kind="caregiver"),
        role("c2", "p2", kind="caregiver", mode="walk"),
        *elders,
        *(care_plan(f"plan-{e['id']}", e["id"], detail()) for e in elders),
    ]


def referral(elder: str = "e9", *, owner: str = CENTRE, orders: Sequence[str] = ()) -> Json:
    """A hospital's discharge: one transaction with new Patient, request, orders and Task."""
    who, asked, task = "urn:uuid:patient", "urn:uuid:request", "urn:uuid:task"
    request: Json = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": [concept("referral-direction", "down")],
        "code": concept("bed-kind", "home-hospital-bed"),
        "subject": {"reference": who},
        "identifier": [{"system": f"{BASE}/sid/referral", "value": f"R-{elder}"}],
        "authoredOn": "2026-03-01T09:00:00+08:00",
        "requester": ref("Organization", SENDER),
        "performer": [ref("Organization", owner)],
        "reasonCode": [{"text": "stroke, recovering"}],
        "note": [{"text": "stable; weekly round and nursing at home"}],
    }
    coordination: Json = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": {
            "coding": [
                {"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"},
            ]
        },
        "focus": {"reference": asked},
        "for": {"reference": who},
        "requester": ref("Organization", SENDER),
        "owner": ref("Organization", owner),
    }
    ordered = [
        {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "basedOn": [{"reference": asked}],
            "code": concept("service-item", item),
            "subject": {"reference": who},
            "occurrenceTiming": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "wk"}},
        }
        for item in orders
    ]
    new = patient(elder, 4, 1, managed_by=owner)
    if elder:
        new["identifier"] = [{"system": f"{BASE}/sid/referral", "value": elder}]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            _post(task, coordination),
            *(_post(f"urn:uuid:order-{k}", one) for k, one in enumerate(ordered)),
            _post(asked, request),
            {
                "fullUrl": who,
                "resource": new,
                "request": {"method": "PUT", "url": f"Patient/{elder}"},
            },
        ],
    }


def _post(url: str, resource: Json) -> Json:
    return {
        "fullUrl": url,
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def interview(
    elder: str,
    answers: dict[str, int],
    *,
    status: str = "completed",
    assessors: Sequence[str] = ("n1", "d1"),
) -> Json:
    """A QuestionnaireResponse of the one interview; item code → score."""
    signed: Json = {}
    if assessors:
        signed["author"] = ref("PractitionerRole", assessors[0])
    if assessors[1:]:
        others = [ref("PractitionerRole", one) for one in assessors[1:]]
        signed["extension"] = [own("assessor", valueReference=one) for one in others]
    return signed | {
        "resourceType": "QuestionnaireResponse",
        "id": f"interview-{elder}",
        "questionnaire": f"{BASE}/Questionnaire/interview",
        "status": status,
        "subject": ref("Patient", elder),
        "authored": f"{DAY.isoformat()}T09:00:00+08:00",
        "item": [
            {"linkId": code, "answer": [{"valueInteger": score}]}
            for code, score in sorted(answers.items())
        ],
    }


def level(elder: str, scale: str, number: int, at: str = "2026-03-01") -> Json:
    """An assessed level as the engine writes it."""
    return {
        "resourceType": "Observation",
        "id": f"level-{elder}-{scale}-{at}",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "survey",
                    }
                ]
            }
        ],
        "code": concept("assessment-scale", scale),
        "subject": ref("Patient", elder),
        "effectiveDateTime": at,
        "valueInteger": number,
    }


# ---- Domain values ----

TIMES = DayTimes(
    day=(7 * HOUR, 18 * HOUR),
    when={
        "MORN": (7 * HOUR, 10 * HOUR),
        "NOON": (11 * HOUR, 13 * HOUR),
        "AFT": (13 * HOUR, 17 * HOUR),
        "EVE": (16 * HOUR, 18 * HOUR),
        "NIGHT": (18 * HOUR, 21 * HOUR),
    },
    tolerance=1800,
)


def task(
    group: str = "g",
    *,
    recurrence: Recurrence | None = None,
    occasions: tuple[tuple[tuple[int, int], ...], ...] = (((8 * HOUR, 10 * HOUR),),),
    level: Level = Level.CAREGIVER,
    minutes: int = 30,
    **more: Any,
) -> Task:
    return Task(
        item=more.pop("item", "7"),
        label="",
        group=group,
        level=level,
        minutes=minutes,
        recurrence=recurrence or Recurrence(1, 1),
        occasions=occasions,
        **more,
    )


def plan(*tasks: Task, id: str = "plan") -> Plan:
    return Plan(PlanId(id), 1, ElderId("e1"), tasks)


def demand(
    id: str = "v1",
    elder: str = "e1",
    *,
    windows: tuple[tuple[int, int], ...] = ((8 * HOUR, 10 * HOUR),),
    duration: int = 1800,
    level: Level = Level.CAREGIVER,
    day: date = DAY,
    **more: Any,
) -> VisitDemand:
    return VisitDemand(
        id=DemandId(id),
        street=more.pop("street", STREET),
        day=day,
        elder=ElderId(elder),
        plan=PlanId("plan"),
        items=("7",),
        windows=windows,
        duration=duration,
        level=level,
        **more,
    )


def elder(id: str = "e1", at: Place | None = None, *, floor: int = 1, **more: Any) -> Elder:
    home = Home(f"home of {id}", at, floor, more.pop("lift", None))
    return Elder(ElderId(id), id, "female", date(1940, 5, 1), STREET, home, **more)


def staff(
    id: str = "c1",
    *,
    base: Place | None = Place(LON, LAT),  # noqa: B008 - frozen
    levels: tuple[Level, ...] = (Level.CAREGIVER,),
    shifts: tuple[Shift, ...] = (Shift(8 * HOUR, 17 * HOUR),),
    mode: TravelMode = "walk",
    gender: str = "female",
    role: Role = Role.CAREGIVER,
) -> Staff:
    return Staff(
        id=StaffId(id),
        name=id,
        organization=OrganizationId(STATION),
        street=STREET,
        role=role,
        gender=gender,
        mode=mode,
        base=base,
        levels=levels,
        shifts=shifts,
    )
