"""The integrated plan around its tasks: parts by programme, team, order of visits, family.

A task stands once, in the integrated plan, and names its programme. The part of a programme says
who answers for it and on what it rests: organisation, bed, level, template rows, orders, and the
items that another programme does in its place.
"""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta

from carecoord.fhir import read
from carecoord.fhir.compose import concept, ref
from carecoord.fhir.plans import OPEN, PROGRAMME
from carecoord.fhir.read import Json, extension_url, system
from carecoord.model.plans import FamilyCare, Follow, Withdrawn

COORDINATOR, FAMILY, ORGANIZATION = "coordinator", "family-carer", "organization"
"""CareTeam.participant.role."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team.

    kind
        `PractitionerRole`, `RelatedPerson` or `Organization`.
    role
        `coordinator`, `doctor`, `nurse`, `caregiver`, `family-carer`, `organization`.
    """

    kind: str
    id: str
    role: str


def care_team(id_: str, elder: str, name: str, members: Iterable[Member], keeper: str) -> Json:
    """Who cares for a person; the coordinator comes first.

    keeper
        Organization that answers for the plan, or empty.
    """
    ranked = sorted(dict.fromkeys(members), key=lambda m: m.role != COORDINATOR)
    team: Json = {
        "resourceType": "CareTeam",
        "id": id_,
        "status": "active",
        "name": name,
        "subject": ref("Patient", elder),
        "participant": [
            {"role": [concept("care-team-role", one.role)], "member": ref(one.kind, one.id)}
            for one in ranked
        ],
    }
    if keeper:
        team["managingOrganization"] = [ref("Organization", keeper)]
    return team


def members(team: Json) -> list[Member]:
    """The people and organisations of a team."""
    found = []
    for one in team.get("participant", ()):
        roles = read.codes(one.get("role"), system("care-team-role"))
        kind, _, id_ = str(one.get("member", {}).get("reference", "")).partition("/")
        if id_:
            found.append(Member(kind, id_, roles[0] if roles else ""))
    return found


def with_coordinator(team: Json, who: str) -> Json:
    """A copy of a team with another coordinator; whoever it was before leaves that role only."""
    changed = deepcopy(team)
    name = system("care-team-role")
    others = [
        one
        for one in changed.get("participant", ())
        if COORDINATOR not in read.codes(one.get("role"), name)
    ]
    first = {
        "role": [concept("care-team-role", COORDINATOR)],
        "member": ref("PractitionerRole", who),
    }
    changed["participant"] = [first, *others]
    return changed


def follow_extension(one: Follow) -> Json:
    """An order of two visits, on the plan."""
    parts: list[Json] = [
        {"url": "first", "valueString": one.first},
        {"url": "second", "valueString": one.second},
        {"url": "how", "valueCode": one.how},
    ]
    if one.min_gap:
        parts.append({"url": "min-gap", "valueUnsignedInt": one.min_gap // 60})
    if one.max_gap is not None:
        parts.append({"url": "max-gap", "valueUnsignedInt": one.max_gap // 60})
    if one.carers != "any":
        parts.append({"url": "carers", "valueCode": one.carers})
    if one.reason:
        parts.append({"url": "reason", "valueString": one.reason})
    return {"url": extension_url("visit-order"), "extension": parts}


def family_extension(one: FamilyCare) -> Json:
    """What a relative does at home in a week, on the plan."""
    parts: list[Json] = [
        {"url": "carer", "valueReference": ref("RelatedPerson", one.who)},
        {"url": "minutes-per-week", "valuePositiveInt": one.minutes},
        *({"url": "item", "valueCode": item} for item in one.items),
    ]
    return {"url": extension_url("family-care"), "extension": parts}


def with_extensions(plan: Json, name: str, values: Sequence[Json]) -> Json:
    """A copy of a plan whose extensions of one kind are these; all others stay."""
    changed = deepcopy(plan)
    url = extension_url(name)
    kept = [e for e in changed.get("extension", ()) if e.get("url") != url]
    if kept or values:
        changed["extension"] = [*kept, *values]
    else:
        changed.pop("extension", None)
    return changed


@dataclass(frozen=True, slots=True)
class Part:
    """What one programme contributes to an integrated plan.

    organization
        Who answers for it, or empty.
    bed, levels
        EpisodeOfCare id or empty; Observation ids of the levels it goes by.
    rules
        Rows of the pack that its template came from.
    orders
        ServiceRequest ids that it carries out.
    """

    programme: str
    organization: str = ""
    bed: str = ""
    levels: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()


def part_plan(id_: str, elder: str, parent: str, start: date, team: str, part: Part) -> Json:
    """The part of one programme: no task of its own that is to be done."""
    plan: Json = {
        "resourceType": "CarePlan",
        "id": id_,
        "status": "draft",
        "intent": "plan",
        "category": [concept("plan-category", PROGRAMME), concept("programme", part.programme)],
        "partOf": [ref("CarePlan", parent)],
        "subject": ref("Patient", elder),
        "period": {"start": start.isoformat()},
        "careTeam": [ref("CareTeam", team)],
    }
    if part.rules:
        plan["instantiatesUri"] = [f"urn:carecoord:rule:{rule}" for rule in part.rules]
    if part.organization:
        plan["author"] = ref("Organization", part.organization)
    basis = [ref("EpisodeOfCare", part.bed)] if part.bed else []
    basis += [ref("Observation", level) for level in part.levels]
    if basis:
        plan["supportingInfo"] = basis
    activity: list[Json] = [{"reference": ref("ServiceRequest", order)} for order in part.orders]
    activity += [{"detail": _withdrawn(one)} for one in part.withdrawn]
    if activity:
        plan["activity"] = activity
    return plan


def _withdrawn(one: Withdrawn) -> Json:
    """An item that this programme asked for and another one does."""
    merged: Json = {
        "url": extension_url("merged-into"),
        "extension": [
            {"url": "group", "valueString": one.kept_group},
            {"url": "programme", "valueCode": one.kept_programme},
            {"url": "rule", "valueString": one.rule_id},
        ],
    }
    return {
        "extension": [{"url": extension_url("visit-group"), "valueString": one.group}, merged],
        "code": {"coding": [{"system": system("service-item"), "code": one.item}]},
        "status": "cancelled",
        "statusReason": concept("plan-change", "duplicate"),
        "doNotPerform": True,
    }


def withdrawn(part: Json) -> list[Withdrawn]:
    """What the part of a programme gave up to another one."""
    programme = "".join(read.codes(part.get("category"), system("programme"))[:1])
    found = []
    for activity in part.get("activity", ()):
        detail = activity.get("detail", {})
        into = next(read.extensions(detail, extension_url("merged-into")), None)
        items = read.codes(detail.get("code"), system("service-item"))
        if into is not None and items:
            values = read.parts(into)
            found.append(
                Withdrawn(
                    items[0],
                    str(read.extension_value(detail, "visit-group") or ""),
                    programme,
                    str(values.get("group") or ""),
                    str(values.get("programme") or ""),
                    str(values.get("rule") or ""),
                )
            )
    return found


def ended(plan: Json, status: str, last: date) -> Json:
    """A copy of a plan that is over after `last`, or at once when it had not begun."""
    changed = deepcopy(plan)
    changed["status"] = status
    period = changed.setdefault("period", {})
    start = read.day(period.get("start"))
    period["end"] = max(last, start).isoformat() if start else last.isoformat()
    return changed


def in_group(plan: Json, group: str) -> list[int]:
    """Positions of the open activities of a visit group."""
    return [
        at
        for at, activity in enumerate(plan.get("activity", ()))
        if activity.get("detail", {}).get("status") in OPEN
        and group_of(activity["detail"], at) == group
    ]


def group_of(detail: Json, at: int) -> str:
    """The visit group of an activity: its own, or one of its place in the plan."""
    return str(read.extension_value(detail, "visit-group") or f"activity-{at}")


def ends(detail: Json, last: date) -> Json:
    """A copy of an activity that applies no longer than to `last`; cancelled if it never will."""
    changed = deepcopy(detail)
    bounds = changed["scheduledTiming"]["repeat"].setdefault("boundsPeriod", {})
    first = read.day(bounds.get("start"))
    present = read.last_day(bounds.get("end"))
    if first is not None and first > last:
        changed["status"] = "cancelled"
    elif present is None or present > last:
        bounds["end"] = last.isoformat()
    return changed


def starts(detail: Json, first: date) -> Json:
    """A copy of an activity that applies from `first` on."""
    changed = deepcopy(detail)
    bounds = changed["scheduledTiming"]["repeat"].setdefault("boundsPeriod", {})
    present = read.day(bounds.get("start"))
    if present is None or present < first:
        bounds["start"] = first.isoformat()
    return changed


def day_before(day: date) -> date:
    """The day before."""
    return day - timedelta(days=1)


def replace_extension(detail: Json, name: str, *values: Json) -> None:
    """Put the extensions of one kind in place of those there were; in place."""
    url = extension_url(name)
    kept = [e for e in detail.get("extension", ()) if e.get("url") != url]
    detail["extension"] = [*kept, *values]
    if not detail["extension"]:
        del detail["extension"]
