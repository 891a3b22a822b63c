"""What do resources tell the detectors? Visits of the record, orders, beds, bills, assessments."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from carecoord.errors import CareError
from carecoord.fhir import evidence, project, read
from carecoord.fhir.read import Json
from carecoord.model.assessment import answers_from
from carecoord.model.assessment.levels import SCALES
from carecoord.model.facts import Assessed, Bed, Bill, Contact, Order, Visit
from carecoord.model.issues import DEMAND
from carecoord.model.time import ZONE, of_clock

INPATIENT = ("IMP", "ACUTE", "NONAC")
_MADE = {
    "arrived": "made",
    "in-progress": "made",
    "finished": "made",
    "fulfilled": "made",
    "cancelled": "missed",
    "noshow": "missed",
}
_IN_HOUSE = ("in-progress", "onleave", "arrived")
SAYING = (*_MADE, "onleave")
"""Statuses of an Encounter or Appointment that says something here; what is planned, routes say."""


def assessments(levels: Iterable[Json], responses: Iterable[Json]) -> tuple[Assessed, ...]:
    """Completed assessments: each response with the levels derived from it, in order of time."""
    by_source: dict[str, dict[str, int]] = {}
    days: dict[str, date] = {}
    for level in levels:
        source = next(
            (
                str(one["reference"])
                for one in level.get("derivedFrom", ())
                if read.reference(one, "QuestionnaireResponse")
            ),
            f"Observation/{level['id']}",
        )
        on = read.day(level.get("effectiveDateTime"))
        for scale in read.codes(level.get("code"), read.system("assessment-scale")):
            if scale in SCALES and "valueInteger" in level and on is not None:
                by_source.setdefault(source, {})[scale] = level["valueInteger"]
                days[source] = max(on, days.get(source, on))
    found = []
    known = {f"QuestionnaireResponse/{one['id']}": one for one in responses}
    for ref in sorted(by_source):
        response = known.get(ref)
        found.append(
            Assessed(
                ref,
                days[ref],
                by_source[ref],
                _scores(response) if response else {},
                _reason(response.get("item", ())) if response else "",
            )
        )
    return tuple(sorted(found, key=lambda one: (one.on, one.ref)))


def _scores(response: Json) -> Mapping[str, int]:
    try:
        return answers_from(response).scores
    except CareError:
        # A faulty form keeps its level; it only tells nothing about single needs.
        return {}


def _reason(items: Iterable[Json]) -> str:
    for item in items:
        if item.get("linkId") == "reason":
            for answer in item.get("answer", ()):
                return str(answer.get("valueCoding", {}).get("code", ""))
        if found := _reason(item.get("item", ())):
            return found
    return ""


def bed(episode: Json) -> Bed | None:
    """A bed at home and since when it serves without a break; None for another episode."""
    kinds = read.codes(episode.get("type"), read.system("bed-kind"))
    if not kinds:
        return None
    since = None
    if episode.get("status") == "active":
        active = [
            start
            for entry in episode.get("statusHistory", ())
            if entry.get("status") == "active" and "end" not in entry.get("period", {})
            if (start := read.day(entry.get("period", {}).get("start")))
        ]
        since = max(active, default=read.day(episode.get("period", {}).get("start")))
    return Bed(f"EpisodeOfCare/{episode['id']}", kinds[0], since)


def orders(request: Json) -> Iterator[Order]:
    """The service items that a ServiceRequest in force orders."""
    if request.get("status") != "active" or request.get("intent") not in _ORDERED:
        return
    period = request.get("occurrencePeriod") or request.get("occurrenceTiming", {}).get(
        "repeat", {}
    ).get("boundsPeriod", {})
    starts = [read.day(request.get("authoredOn")), read.day(period.get("start"))]
    since = max((day for day in starts if day), default=None)
    last = read.last_day(period.get("end"))
    for item in read.codes(request.get("code"), read.system("service-item")):
        yield Order(f"ServiceRequest/{request['id']}", item, since, last)


_ORDERED = ("order", "original-order", "reflex-order", "filler-order", "instance-order")


def in_hospital(encounter: Json) -> bool:
    """Whether an Encounter is an inpatient stay that has not ended."""
    inpatient = encounter.get("class", {}).get("code") in INPATIENT
    return inpatient and encounter.get("status") in _IN_HOUSE


def visit(resource: Json) -> Visit | None:
    """What an Encounter or Appointment says about a visit at home; None where it says nothing."""
    if resource["resourceType"] == "Appointment" and project.shows_planning(resource):
        # The routes say it, and its Encounter what became of it.
        return None
    state = _MADE.get(str(resource.get("status")))
    if state is None or resource.get("class", {}).get("code") in INPATIENT:
        return None
    begun = str(resource.get("period", {}).get("start") or resource.get("start") or "")
    day = read.day(begun)
    if day is None:
        return None
    demand = read.identifier(resource, evidence.VISIT)
    kinds = resource.get("type") or resource.get("serviceType")
    named = read.extensions(resource, read.extension_url("item-done"))
    done = tuple(str(one["valueCode"]) for one in named if "valueCode" in one)
    return Visit(
        ref=f"{DEMAND}{demand}" if demand else f"{resource['resourceType']}/{resource['id']}",
        day=day,
        state="made" if state == "made" else "missed",
        items=done or tuple(read.codes(kinds, read.system("service-item"))),
        programmes=_programmes(resource),
        start=_clock(begun) if state == "made" else None,
    )


def _programmes(resource: Json) -> tuple[str, ...]:
    found = read.extension_value(resource, "programme")
    return (str(found),) if found else ()


def _clock(begun: str) -> int | None:
    if "T" not in begun:
        return None
    return of_clock(datetime.fromisoformat(begun).astimezone(ZONE).time())


def contact(communication: Json) -> Contact | None:
    """A conversation that took place."""
    day = read.day(communication.get("sent") or communication.get("received"))
    if communication.get("status") != "completed" or day is None:
        return None
    return Contact(f"Communication/{communication['id']}", day)


def bills(claim: Json) -> Iterator[Bill]:
    """Items of a Claim in force, each with who is to pay and when it was done.

    A predetermination asks for no money.
    """
    if claim.get("status") != "active" or claim.get("use") != "claim":
        return
    for line in claim.get("item", ()):
        payer = _payer(line) or _payer(claim) or _insurer(claim)
        times = _served(line)
        if not payer or times is None:
            continue
        for item in read.codes(line.get("productOrService"), read.system("service-item")):
            yield Bill(f"Claim/{claim['id']}", item, payer, *times)


def payers(detail: Json) -> tuple[str, ...]:
    """Who is to pay for a task of a plan, where the plan says so."""
    url = read.extension_url("payer")
    return tuple(
        str(value)
        for one in read.extensions(detail, url)
        if (value := one.get("valueCode") or one.get("valueString"))
    )


def _payer(element: Json) -> str:
    return next(iter(payers(element)), "")


def _insurer(claim: Json) -> str:
    insurer: Mapping[str, Any] = claim.get("insurer", {})
    named = insurer.get("identifier", {}).get("value")
    return str(insurer.get("reference") or named or insurer.get("display") or "")


def _served(line: Json) -> tuple[datetime, datetime] | None:
    period = line.get("servicedPeriod", {})
    if "T" in period.get("start", "") and "T" in period.get("end", ""):
        return datetime.fromisoformat(period["start"]), datetime.fromisoformat(period["end"])
    day = read.day(line.get("servicedDate") or period.get("start"))
    if day is None:
        return None
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    return midnight, midnight + timedelta(days=1)
