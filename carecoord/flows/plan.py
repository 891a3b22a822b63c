"""The one integrated plan of a person: drafted from beds, levels and orders, then signed."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import combinations

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Invalid, Stale
from carecoord.fhir import amend, compose, plans, read
from carecoord.fhir import documents as checked
from carecoord.fhir import integrated as shape
from carecoord.fhir.plans import INTEGRATED
from carecoord.fhir.read import Json
from carecoord.flows import aliases, detect, drafting, register, team
from carecoord.flows import bed as beds
from carecoord.flows.drafting import BEDS, Wishes
from carecoord.flows.refresh import refresh
from carecoord.model import time
from carecoord.model.ids import ElderId, PlanId
from carecoord.model.plans import FamilyCare, Plan, Task
from carecoord.model.policy import Rules
from carecoord.planning import figures, merge
from carecoord.planning.expand import anchor, leaders
from carecoord.planning.outline import overlap
from carecoord.planning.recur import days_of
from carecoord.store import documents, edits
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

__all__ = [
    "Wishes",
    "draft",
    "in_force",
    "integrated",
    "parts",
    "record",
    "require_bed",
    "require_sound",
    "set_coordinator",
    "sign",
]

_LOOKED_AT = 56
"""Days of a plan that are looked through for an item done twice: two rounds of four weeks."""


def _integrated(tx: Tx, elder: ElderId, *states: str) -> list[Document]:
    """Integrated plans in these states; not one that another plan in force has taken over from."""
    found = documents.find(
        tx,
        "CarePlan",
        subject=[f"Patient/{one}" for one in aliases.known_as(tx, elder)],
        category=f"{read.system('plan-category')}|{INTEGRATED}",
        status=states,
    )
    over = {
        read.reference(reference, "CarePlan")
        for one in found
        if one.resource["status"] != "draft"
        for reference in one.resource.get("replaces", ())
    }
    return [one for one in found if one.id not in over]


def integrated(tx: Tx, elder: ElderId) -> Document | None:
    """The integrated plan of a person: the one in force, else the draft, else None."""
    found = _integrated(tx, elder, "active", "on-hold") or _integrated(tx, elder, "draft")
    return found[0] if found else None


def parts(tx: Tx, plan: str) -> list[Document]:
    """The parts of an integrated plan, one for each programme."""
    found = documents.find(tx, "CarePlan", part_of=f"CarePlan/{plan}")
    return sorted(found, key=lambda one: one.id)


def draft(
    tx: Tx,
    caller: Caller,
    elder: ElderId,
    programmes: Sequence[str],
    start: date,
    rules: Rules,
    wishes: Wishes | None = None,
    *,
    coordinator: str = "",
    family: Sequence[FamilyCare] = (),
    replaces: PlanId | None = None,
) -> Document:
    """Draft the integrated plan of a person from the templates of the pack.

    An item that two programmes ask for in one time span is planned once; the other programme's
    part keeps it as cancelled, with the reason.

    programmes
        `home-hospital-bed`, `family-bed`, `ltci`, `station`. The first two need an open bed;
        orders that came with the bed's referral are planned too.
    coordinator
        PractitionerRole id; chosen where empty.
    family
        What relatives do; where empty, what the replaced plan says.
    replaces
        The plan in force, which ends when this one is signed.

    Raises
    ------
    Conflict
        `plan.exists`; `plan.no_bed`; `plan.no_level`, `plan.assessment_expired`: the programme
        goes by a level, and there is none, or none that is valid; `plan.consent`: consent was
        withdrawn.
    """
    patient = documents.read(tx, "Patient", elder)
    require(caller, "plan.write", register.elder_street(tx, patient.resource))
    documents.hold(tx, f"plan/{elder}")
    before = _place_for(tx, elder, replaces)
    _require_consent(tx, elder)
    wishes = wishes or Wishes()
    open_beds = {
        kind: bed
        for bed in beds.active_beds(tx, elder)
        for kind in read.codes(bed.resource.get("type"), read.system("bed-kind"))
    }
    made = drafting.visits(tx, elder, programmes, open_beds, start, rules, wishes)
    if before is not None and not family:
        family = _read(before.resource, rules).family
    id_ = compose.derived_id("plan", elder, start.isoformat(), *([replaces] if replaces else []))
    members = team.form(
        tx,
        patient,
        id_,
        list(open_beds.values()),
        wishes,
        coordinator,
        family,
        caller.organization,
    )
    extensions = [shape.follow_extension(one) for one in made.follows]
    extensions += [shape.family_extension(one) for one in family]
    plan = compose.care_plan(
        id_,
        elder,
        author=caller.organization,
        start=start,
        title="医养整合照护计划",
        addresses=[one.id for one in documents.find(tx, "Condition", subject=f"Patient/{elder}")],
        beds=[bed.id for bed in open_beds.values()],
        blocks=made.blocks,
        catalogue=rules.catalogue(),
        team=members.id,
        extensions=extensions,
        replaces=replaces or "",
    )
    stored = checked.create(tx, plan, id=id_).document
    for part in made.parts:
        part_id = compose.derived_id("plan-part", id_, part.programme)
        resource = shape.part_plan(part_id, elder, id_, start, members.id, part)
        checked.create(tx, resource, id=part_id)
    audit.record(tx, caller, "plan.draft", stored.reference)
    return stored


def _place_for(tx: Tx, elder: ElderId, replaces: PlanId | None) -> Document | None:
    """The plan that is replaced, or None; there is never a second plan or a second draft."""
    present = [*_integrated(tx, elder, "draft"), *_integrated(tx, elder, "active", "on-hold")]
    if replaces is None and not present:
        return None
    if [one.id for one in present] == [replaces] and present[0].resource["status"] == "active":
        return present[0]
    other = next((one for one in present if one.id != replaces), None)
    if other is None and not present:
        raise Conflict("plan.state", plan=str(replaces), state="-")
    found = other or present[0]
    raise Conflict("plan.exists", plan=found.id, state=found.resource["status"])


def _require_consent(tx: Tx, elder: ElderId) -> None:
    """Nobody plans for a person who has withdrawn the consent they once gave."""
    found = documents.find(tx, "Consent", patient=f"Patient/{elder}")
    states = {one.resource.get("status") for one in found}
    if states & {"inactive", "rejected"} and not states & {"active", "proposed", "draft"}:
        raise Conflict("plan.consent", field="elder", elder=elder, rule="PIPL 15")


def sign(
    tx: Tx, caller: Caller, plan: PlanId, rules: Rules, *, expected: int | None = None
) -> Document:
    """Put a draft in force, with the signer on record; a plan in force stays as it is.

    The parts follow; the plan it replaces ends the day before.

    Raises
    ------
    Stale
        It is no longer at version `expected`.
    Conflict
        `plan.state`: it is neither drafted nor in force; `plan.duplicate`: one item from two
        programmes in one time span; `plan.no_bed`: a bed it was drafted for is no longer open;
        `plan.consent`.
    Invalid
        `plan.empty`, or a task that cannot be planned; `field` is its path.
    """
    stored = documents.read(tx, "CarePlan", plan)
    elder = ElderId(read.reference(stored.resource.get("subject"), "Patient"))
    patient = documents.read(tx, "Patient", elder)
    require(caller, "plan.sign", register.elder_street(tx, patient.resource))
    if expected is not None and stored.version != expected:
        raise Stale(
            "document.moved", type="CarePlan", id=plan, expected=expected, present=stored.version
        )
    if stored.resource["status"] == "active":
        return stored
    if stored.resource["status"] != "draft":
        raise Conflict("plan.state", plan=plan, state=stored.resource["status"])
    _require_consent(tx, elder)
    require_sound(tx, elder, stored.resource, rules)
    whole = _with_team(tx, caller, stored, patient, rules)
    changed = amend.with_status(whole, "active")
    checked.require_profile(tx, changed, "integrated-care-plan")
    signed = record(tx, caller, stored, changed, "plan-signed")
    for part in parts(tx, plan):
        if part.resource["status"] == "draft":
            _with_status(tx, caller, part, "active", "plan-signed")
    for reference in stored.resource.get("replaces", ()):
        _end(tx, caller, PlanId(read.reference(reference, "CarePlan")), signed)
        start = read.day(signed.resource.get("period", {}).get("start")) or rules.day
        refresh(tx, elder, start, rules)
    audit.record(tx, caller, "plan.sign", signed.reference)
    detect.touched(tx, [elder])
    return signed


def _with_team(tx: Tx, caller: Caller, stored: Document, patient: Document, rules: Rules) -> Json:
    """A plan that came without a team gets one: somebody has to hold the threads."""
    if stored.resource.get("careTeam"):
        return stored.resource
    open_beds = beds.active_beds(tx, ElderId(patient.id))
    family = _read(stored.resource, rules).family
    found = team.form(tx, patient, stored.id, open_beds, Wishes(), "", family, caller.organization)
    return {**stored.resource, "careTeam": [compose.ref("CareTeam", found.id)]}


def _with_status(tx: Tx, caller: Caller, stored: Document, status: str, deed: str) -> Document:
    changed = amend.with_status(stored.resource, status)
    return record(tx, caller, stored, changed, deed)


def record(
    tx: Tx, caller: Caller, stored: Document, changed: Json, deed: str, *, note: str = ""
) -> Document:
    """Store a new version of a plan with who decided it, and why (`note`)."""
    done = checked.update(tx, "CarePlan", stored.id, changed, expected=stored.version).document
    if done.version != stored.version:
        origin = compose.provenance(
            done.reference, done.version, deed, caller.id, caller.organization, time.now()
        )
        if note:
            origin["reason"] = [{"text": note}]
        documents.create(tx, origin)
    return done


def _end(tx: Tx, caller: Caller, old: PlanId, new: Document) -> None:
    """The plan before is over the day before the new one begins; decisions by hand go over.

    Until then it stays in force, with its last day on it.
    """
    start = read.day(new.resource.get("period", {}).get("start")) or time.today()
    begun = start <= time.today()
    for one in (documents.peek(tx, "CarePlan", old), *parts(tx, old)):
        if one is not None and one.resource.get("status") in ("active", "on-hold"):
            last = start - timedelta(days=1)
            status = "completed" if begun else str(one.resource["status"])
            ended = shape.ended(one.resource, status, last)
            record(tx, caller, one, ended, "plan-replaced")
    edits.hand_over(tx, old, PlanId(new.id), start)


def _read(resource: Json, rules: Rules) -> Plan:
    """The plan as rules see it; the first thing that cannot be planned is refused."""
    found, problems = plans.plan(resource, rules.catalogue(), figures.day_times(rules), {})
    if problems:
        first = problems[0]
        raise Invalid(first.code, field=first.path, **dict(first.facts))
    return found


def require_sound(tx: Tx, elder: ElderId, resource: Json, rules: Rules) -> Plan:
    """Refuse a plan that cannot be put in force, or cannot stay so."""
    found = _read(resource, rules)
    if not found.tasks:
        raise Invalid("plan.empty", field="CarePlan.activity", plan=resource["id"])
    groups = {task.group for task in found.tasks}
    for one in found.follows:
        for name in (one.first, one.second):
            if name not in groups:
                raise Invalid("plan.follow_group", field="CarePlan.extension", group=name)
    _require_no_circle(found)
    _require_once(found, rules)
    _require_beds(tx, elder, resource, found)
    return found


def _require_no_circle(plan: Plan) -> None:
    """Orders of care must not lead back to where they began; wishes give way by themselves."""
    after: dict[str, set[str]] = {}
    for one in plan.follows:
        if one.how == "order":
            after.setdefault(one.second, set()).add(one.first)
    for start in after:
        seen: set[str] = set()
        ahead = [*after[start]]
        while ahead:
            group = ahead.pop()
            if group == start:
                raise Invalid("plan.follow_circle", field="CarePlan.extension", group=group)
            if group not in seen:
                seen.add(group)
                ahead += after.get(group, ())


def _require_once(plan: Plan, rules: Rules) -> None:
    """One item from two programmes in one time span would be done, and paid, twice."""
    reading = rules.reading()
    first = max((t.recurrence.first for t in plan.tasks if t.recurrence.first), default=rules.day)
    leader = leaders(plan.follows)

    def days(task: Task) -> list[date]:
        start = anchor(plan.id, leader.get(task.group, task.group))
        return days_of(task.recurrence, start, first, _LOOKED_AT)

    for one, other in combinations(plan.tasks, 2):
        if not one.item or one.item != other.item or one.programme == other.programme:
            continue
        if not one.programme or not other.programme:
            continue
        span = merge.same_span(one.item, reading)
        near = any(abs((a - b).days) <= span for a in days(one) for b in days(other))
        meet = span > 0 or any(overlap(a, b) for a in one.occasions for b in other.occasions)
        if near and meet:
            raise Conflict(
                "plan.duplicate",
                field="CarePlan.activity",
                item=one.item,
                programme=one.programme,
                other=other.programme,
                rule=merge.SPAN,
            )


def _require_beds(tx: Tx, elder: ElderId, resource: Json, plan: Plan) -> None:
    """A bed that the plan was drafted for must still be open while it has tasks."""
    drafted_for = [
        read.reference(one, "EpisodeOfCare") for one in resource.get("supportingInfo", ())
    ]
    wanted = {task.programme for task in plan.tasks} & set(BEDS)
    for bed_id in filter(None, drafted_for):
        bed = documents.peek(tx, "EpisodeOfCare", bed_id)
        kinds = read.codes(bed.resource.get("type"), read.system("bed-kind")) if bed else []
        if bed is None or bed.deleted or bed.resource.get("status") in ("finished", "cancelled"):
            for programme in wanted & set(kinds or BEDS):
                raise Conflict("plan.no_bed", field="programmes", elder=elder, programme=programme)


def require_bed(tx: Tx, elder: ElderId, programme: str) -> None:
    """Refuse a programme that needs a bed which is not open.

    Raises
    ------
    Conflict
        `plan.no_bed`.
    """
    kinds = {
        kind
        for bed in beds.active_beds(tx, elder)
        for kind in read.codes(bed.resource.get("type"), read.system("bed-kind"))
    }
    if programme in BEDS and programme not in kinds:
        raise Conflict("plan.no_bed", field="programme", elder=elder, programme=programme)


def in_force(tx: Tx, caller: Caller, plan: PlanId, action: str) -> tuple[Document, ElderId]:
    """A plan that is drafted or in force, for whoever may do `action` to it.

    Raises
    ------
    Conflict
        `plan.state`: it is over.
    """
    stored = documents.read(tx, "CarePlan", plan)
    elder = ElderId(read.reference(stored.resource.get("subject"), "Patient"))
    patient = documents.read(tx, "Patient", elder)
    require(caller, action, register.elder_street(tx, patient.resource))
    if stored.resource.get("status") not in ("draft", "active", "on-hold"):
        raise Conflict("plan.state", plan=plan, state=str(stored.resource.get("status", "-")))
    return stored, elder


def set_coordinator(
    tx: Tx, caller: Caller, plan: PlanId, who: str, *, expected: int | None = None
) -> Document:
    """Name another coordinator; the team is a document of its own and keeps its versions."""
    stored, _ = in_force(tx, caller, plan, "plan.write")
    found = team.rename(tx, stored, who, expected=expected)
    audit.record(tx, caller, "plan.coordinator", found.reference)
    return found
