"""A decision of the engine becomes a new resource.

Only new resources are made here; what a partner wrote is amended (`carecoord.fhir.amend`), never
rebuilt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from carecoord.fhir.read import extension_url, system
from carecoord.model.beds import BedKind
from carecoord.model.catalogue import Catalogue, PlanBlock
from carecoord.model.plans import Window
from carecoord.model.time import ZONE

Json = dict[str, Any]

NAMESPACE = UUID("0f6c8a7e-5d39-5b0c-8f0e-7d0a5c1e9b42")
"""Of ids that follow from what they belong to, so that doing a step twice makes one resource."""

_SNOMED_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


def derived_id(*parts: str) -> str:
    """An id that the same parts always give."""
    return str(uuid5(NAMESPACE, "|".join(parts)))


def ref(kind: str, id_: str) -> Json:
    """A local reference."""
    return {"reference": f"{kind}/{id_}"}


def concept(code_system: str, code: str, text: str = "") -> Json:
    """A CodeableConcept of one of our own systems."""
    found: Json = {"coding": [{"system": system(code_system), "code": code}]}
    if text:
        found["text"] = text
    return found


def stamp(moment: datetime) -> str:
    """A FHIR instant in the time of the street."""
    return moment.astimezone(ZONE).isoformat(timespec="seconds")


def clock_time(seconds: int) -> str:
    """A FHIR time."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def provenance(
    target: str, version: int, activity: str, who: str, organization: str, at: datetime
) -> Json:
    """Who decided what about one version of a resource."""
    agent: Json = {
        "type": {"coding": [{"system": _SNOMED_PARTICIPATION, "code": "author"}]},
        "who": {"display": who},
    }
    if organization:
        agent["onBehalfOf"] = ref("Organization", organization)
    return {
        "resourceType": "Provenance",
        "target": [{"reference": f"{target}/_history/{version}"}],
        "recorded": stamp(at),
        "activity": concept("activity", activity),
        "agent": [agent],
    }


def bed(
    kind: BedKind,
    *,
    id_: str,
    elder: str,
    organization: str,
    opened: date,
    referral: str = "",
) -> Json:
    """An active stay in a bed at home."""
    episode: Json = {
        "resourceType": "EpisodeOfCare",
        "id": id_,
        "status": "active",
        "statusHistory": [{"status": "active", "period": {"start": opened.isoformat()}}],
        "type": [concept("bed-kind", kind.value)],
        "patient": ref("Patient", elder),
        "managingOrganization": ref("Organization", organization),
        "period": {"start": opened.isoformat()},
    }
    if referral:
        episode["referralRequest"] = [ref("ServiceRequest", referral)]
    return episode


@dataclass(frozen=True, slots=True)
class VisitBlock:
    """One repeated visit of a plan as it was decided for a person.

    group
        Name of the visit inside the plan.
    windows
        Bounds on the start, seconds after 00:00.
    wish
        A time of day asked for, seconds after 00:00.
    performers
        PractitionerRole ids that the elder knows or asked for.
    weekdays
        0 = Monday; empty = spread.
    gender
        Wished gender of the carer, or empty.
    """

    group: str
    block: PlanBlock
    windows: tuple[Window, ...]
    first: date
    last: date | None = None
    wish: int | None = None
    performers: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    gender: str = ""
    priority: int = 5


def care_plan(
    id_: str,
    elder: str,
    *,
    author: str,
    start: date,
    title: str,
    addresses: Sequence[str],
    beds: Sequence[str],
    blocks: Iterable[VisitBlock],
    catalogue: Catalogue,
) -> Json:
    """A draft of the one integrated plan of a person.

    beds
        EpisodeOfCare ids that the plan serves.
    """
    plan: Json = {
        "resourceType": "CarePlan",
        "id": id_,
        "status": "draft",
        "intent": "plan",
        "category": [concept("plan-category", "integrated")],
        "title": title,
        "subject": ref("Patient", elder),
        "period": {"start": start.isoformat()},
        "activity": [
            {"detail": detail} for block in blocks for detail in _details(block, catalogue)
        ],
    }
    if author:
        plan["author"] = ref("Organization", author)
    if addresses:
        plan["addresses"] = [ref("Condition", condition) for condition in addresses]
    if beds:
        plan["supportingInfo"] = [ref("EpisodeOfCare", bed_id) for bed_id in beds]
    return plan


def _details(wanted: VisitBlock, catalogue: Catalogue) -> Iterable[Json]:
    block = wanted.block
    for code in block.items:
        item = catalogue.item(code)
        detail: Json = {
            "extension": list(_extensions(wanted)),
            "kind": "ServiceRequest",
            "code": {
                "coding": [{"system": system("service-item"), "code": code, "display": item.zh}]
            },
            "status": "scheduled",
            "scheduledTiming": {"repeat": _repeat(wanted)},
        }
        if wanted.performers:
            detail["performer"] = [ref("PractitionerRole", role) for role in wanted.performers]
        yield detail


def _extensions(wanted: VisitBlock) -> Iterable[Json]:
    block = wanted.block
    yield {"url": extension_url("visit-group"), "valueString": wanted.group}
    yield {"url": extension_url("visit-minutes"), "valuePositiveInt": block.minutes}
    yield {"url": extension_url("visit-priority"), "valuePositiveInt": wanted.priority}
    yield {"url": extension_url("programme"), "valueCode": block.programme}
    if wanted.gender:
        yield {"url": extension_url("performer-gender"), "valueCode": wanted.gender}
    if block.carers > 1:
        yield {"url": extension_url("carers"), "valuePositiveInt": block.carers}
    if block.performer is not None:
        yield {"url": extension_url("performer-level"), "valueCode": block.performer.value}
    for start, end in wanted.windows:
        yield {
            "url": extension_url("visit-window"),
            "extension": [
                {"url": "start", "valueTime": clock_time(start)},
                {"url": "end", "valueTime": clock_time(end)},
            ],
        }


def _repeat(wanted: VisitBlock) -> Json:
    weeks, rest = divmod(wanted.block.period, 7)
    repeat: Json = {"frequency": wanted.block.frequency}
    repeat |= (
        {"period": weeks, "periodUnit": "wk"}
        if rest == 0
        else {
            "period": wanted.block.period,
            "periodUnit": "d",
        }
    )
    bounds: Json = {"start": wanted.first.isoformat()}
    if wanted.last is not None:
        bounds["end"] = wanted.last.isoformat()
    repeat["boundsPeriod"] = bounds
    if wanted.weekdays:
        names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        repeat["dayOfWeek"] = [names[day] for day in wanted.weekdays]
    if wanted.wish is not None:
        repeat["timeOfDay"] = [clock_time(wanted.wish)]
    return repeat


def assessment_level(
    id_: str,
    elder: str,
    response: str,
    scale: str,
    level: int,
    name: str,
    at: str,
    rules: Iterable[str],
) -> Json:
    """The level on one scale as an Observation; levels of two scales are never compared."""
    return {
        "resourceType": "Observation",
        "id": id_,
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
        "valueInteger": level,
        "interpretation": [{"text": name}],
        "derivedFrom": [ref("QuestionnaireResponse", response)],
        "note": [{"text": " ".join(rules)}],
    }
