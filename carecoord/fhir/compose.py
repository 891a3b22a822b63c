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
from carecoord.fhir.timing import clock_time, timing
from carecoord.model.catalogue import Catalogue, PlanBlock
from carecoord.model.plans import Holidays, Recurrence, Window
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
    language
        Wished language or dialect of the carer, or empty.
    times, when
        Clock times (seconds after 00:00) or named parts of the day; several are several visits
        a day. Beside `windows` one clock time is a wish.
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
    language: str = ""
    spacing: int = 0
    holidays: Holidays = "keep"
    make_up: bool = False
    anchor: date | None = None
    times: tuple[int, ...] = ()
    when: tuple[str, ...] = ()

    @property
    def recurrence(self) -> Recurrence:
        """How often.

        Raises
        ------
        Invalid
            The parts contradict each other.
        """
        return Recurrence(
            self.block.frequency,
            self.block.period,
            self.weekdays,
            self.first,
            self.last,
            self.spacing,
            self.holidays,
            self.make_up,
            self.anchor,
        )


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
    team: str = "",
    extensions: Sequence[Json] = (),
    replaces: str = "",
) -> Json:
    """A draft of the one integrated plan of a person.

    beds
        EpisodeOfCare ids that the plan serves.
    team
        CareTeam id.
    extensions
        Orders of visits and care by the family, as `carecoord.fhir.integrated` makes them.
    replaces
        The plan that ends when this one is signed.
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
            {"detail": detail} for block in blocks for detail in details(block, catalogue)
        ],
    }
    if extensions:
        plan["extension"] = list(extensions)
    if team:
        plan["careTeam"] = [ref("CareTeam", team)]
    if replaces:
        plan["replaces"] = [ref("CarePlan", replaces)]
    if author:
        plan["author"] = ref("Organization", author)
    if addresses:
        plan["addresses"] = [ref("Condition", condition) for condition in addresses]
    if beds:
        plan["supportingInfo"] = [ref("EpisodeOfCare", bed_id) for bed_id in beds]
    return plan


def details(wanted: VisitBlock, catalogue: Catalogue) -> Iterable[Json]:
    """`CarePlan.activity.detail` of each item of a repeated visit."""
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
            "scheduledTiming": timing(
                wanted.recurrence,
                times=wanted.times if wanted.wish is None else (wanted.wish,),
                when=wanted.when,
            ),
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
    if wanted.language:
        yield {"url": extension_url("performer-language"), "valueCode": wanted.language}
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
