"""The one integrated plan of a person: drafted from beds, levels and orders, then signed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from carecoord.access import Caller, audit, require
from carecoord.errors import CareError, Conflict, Invalid, Missing, Stale
from carecoord.fhir import amend, compose, plans, read
from carecoord.fhir import documents as checked
from carecoord.fhir.compose import VisitBlock
from carecoord.fhir.read import Json
from carecoord.flows import bed as beds
from carecoord.flows import referral as referrals
from carecoord.flows import register
from carecoord.model import time
from carecoord.model.assessment.levels import AnyLevel, level_of
from carecoord.model.catalogue import Catalogue, PlanBlock
from carecoord.model.ids import ElderId, PlanId, StaffId
from carecoord.model.policy import Rules
from carecoord.model.staff import Role
from carecoord.planning import figures
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

_SCALES = {"ltci": ("LTC37",), "family-bed": ("GB42195", "LTC37")}
"""Scales by whose level the template of a programme is chosen, in the order they are asked."""

_BY_LEVEL = {"D": Role.DOCTOR, "N": Role.NURSE}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person says when the plan is made; everything may be empty.

    gender
        Of who does intimate care: `female`, `male` or empty.
    parts
        `programme.key` of a plan block → part of the day, where another than usual is wished.
    carers
        Role → who is wished or, in a home hospital bed, responsible.
    """

    gender: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    carers: Mapping[Role, StaffId] = field(default_factory=dict)


def integrated(tx: Tx, elder: ElderId) -> Document | None:
    """The integrated plan of a person that is drafted or in force, or None."""
    category = f"{read.system('plan-category')}|integrated"
    found = documents.find(
        tx,
        "CarePlan",
        subject=f"Patient/{elder}",
        category=category,
        status=("draft", "active", "on-hold"),
    )
    return found[0] if found else None


def draft(
    tx: Tx,
    caller: Caller,
    elder: ElderId,
    programmes: Sequence[str],
    start: date,
    rules: Rules,
    wishes: Wishes | None = None,
) -> Document:
    """Draft the integrated plan of a person from the templates of the pack.

    programmes
        `home-hospital-bed`, `family-bed`, `ltci`, `station`. The first two need an open bed;
        orders that came with the bed's referral are planned too.

    Raises
    ------
    Conflict
        `plan.exists`; `plan.no_bed`; `plan.no_level`: the programme goes by a level, and there
        is no assessment.
    """
    patient = documents.read(tx, "Patient", elder)
    require(caller, "plan.write", register.elder_street(tx, patient.resource))
    documents.hold(tx, f"plan/{elder}")
    if (present := integrated(tx, elder)) is not None:
        raise Conflict("plan.exists", plan=present.id, state=present.resource["status"])
    wishes = wishes or Wishes()
    open_beds = {
        kind: bed
        for bed in beds.active_beds(tx, elder)
        for kind in read.codes(bed.resource.get("type"), read.system("bed-kind"))
    }
    levels = beds.assessed_levels(tx, elder)
    catalogue = rules.catalogue()
    blocks: list[VisitBlock] = []
    for programme in programmes:
        if programme in ("home-hospital-bed", "family-bed") and programme not in open_beds:
            raise Conflict("plan.no_bed", field="programmes", elder=elder, programme=programme)
        wanted = list(_template(programme, levels, rules, elder))
        if programme == "home-hospital-bed":
            wanted += _ordered(tx, open_beds[programme].resource, rules)
        blocks += [_for_person(block, wishes, start, rules, catalogue) for block in wanted]
    id_ = compose.derived_id("plan", elder, start.isoformat())
    plan = compose.care_plan(
        id_,
        elder,
        author=caller.organization,
        start=start,
        title="医养整合照护计划",
        addresses=[one.id for one in documents.find(tx, "Condition", subject=f"Patient/{elder}")],
        beds=[bed.id for bed in open_beds.values()],
        blocks=blocks,
        catalogue=catalogue,
    )
    stored = checked.create(tx, plan, id=id_).document
    audit.record(tx, caller, "plan.draft", stored.reference)
    return stored


def sign(
    tx: Tx, caller: Caller, plan: PlanId, rules: Rules, *, expected: int | None = None
) -> Document:
    """Put a draft in force, with the signer on record; a plan in force stays as it is.

    Raises
    ------
    Stale
        It is no longer at version `expected`.
    Conflict
        `plan.state`: it is neither drafted nor in force.
    Invalid
        `plan.empty`, or a task that cannot be planned; `field` is its path.
    """
    stored = documents.read(tx, "CarePlan", plan)
    elder = read.reference(stored.resource.get("subject"), "Patient")
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
    _require_plannable(stored.resource, rules)
    signed = checked.update(
        tx,
        "CarePlan",
        plan,
        amend.with_status(stored.resource, "active"),
        expected=stored.version,
    ).document
    documents.create(
        tx,
        compose.provenance(
            signed.reference,
            signed.version,
            "plan-signed",
            caller.id,
            caller.organization,
            time.now(),
        ),
    )
    audit.record(tx, caller, "plan.sign", signed.reference)
    return signed


def _require_plannable(resource: Json, rules: Rules) -> None:
    tasks, problems = plans.plan(resource, rules.catalogue(), figures.day_times(rules), {})
    if problems:
        first = problems[0]
        raise Invalid(first.code, field=first.path, **dict(first.facts))
    if not tasks.tasks:
        raise Invalid("plan.empty", field="CarePlan.activity", plan=resource["id"])


def _template(
    programme: str, levels: Mapping[str, int], rules: Rules, elder: ElderId
) -> Iterator[PlanBlock]:
    scales = _SCALES.get(programme)
    if scales is None:
        yield from rules.plan_blocks(programme)
        return
    known: list[AnyLevel] = [level_of(scale, levels[scale]) for scale in scales if scale in levels]
    for level in known:
        try:
            yield from rules.plan_blocks(programme, level)
        except Missing:
            continue
        return
    raise Conflict(
        "plan.no_level",
        field="programmes",
        elder=elder,
        programme=programme,
        levels=", ".join(str(level) for level in known) or "-",
    )


def _ordered(tx: Tx, bed: Json, rules: Rules) -> Iterator[PlanBlock]:
    """What the hospital ordered with the referral that opened a bed."""
    for asked in bed.get("referralRequest", ()):
        for order in referrals.orders_of(tx, read.reference(asked, "ServiceRequest")):
            for item in read.codes(order.get("code"), read.system("service-item")):
                try:
                    block = rules.order_block(item)
                except CareError as error:
                    raise Conflict(
                        "plan.order", order=order["id"], item=item, reason=error.code
                    ) from error
                yield _as_ordered(block, order)


def _as_ordered(block: PlanBlock, order: Json) -> PlanBlock:
    """The usual block of an item, as often as the order says."""
    repeat = order.get("occurrenceTiming", {}).get("repeat", {})
    days = {"d": 1, "wk": 7}.get(repeat.get("periodUnit", ""))
    if "frequency" not in repeat or days is None:
        return block
    period = int(float(repeat.get("period", 1)) * days)
    return replace(block, frequency=int(repeat["frequency"]), period=max(1, period))


def _for_person(
    block: PlanBlock, wishes: Wishes, start: date, rules: Rules, catalogue: Catalogue
) -> VisitBlock:
    group = f"{block.programme}.{block.key}"
    role = _BY_LEVEL.get(block.level(catalogue).value, Role.CAREGIVER)
    carer = wishes.carers.get(role)
    intimate = any(catalogue.item(code).intimate for code in block.items)
    return VisitBlock(
        group=group,
        block=block,
        windows=rules.windows(wishes.parts.get(group) or block.part_of_day),
        first=start,
        performers=(carer,) if carer else (),
        gender=wishes.gender if intimate else "",
        priority=rules.entry("plan.priority", block.programme),
    )
