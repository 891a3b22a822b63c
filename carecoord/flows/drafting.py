"""Which visits does a draft ask for: templates by level, orders of the hospital, no item twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from carecoord.errors import CareError, Conflict, Missing
from carecoord.fhir import read
from carecoord.fhir.compose import VisitBlock
from carecoord.fhir.integrated import Part
from carecoord.fhir.read import Json
from carecoord.flows import referral as referrals
from carecoord.model.assessment.levels import AnyLevel, level_of
from carecoord.model.assessment.recognition import VALIDITY, Past, valid_until
from carecoord.model.catalogue import Catalogue, PlanBlock
from carecoord.model.ids import ElderId, StaffId
from carecoord.model.plans import Follow, Withdrawn
from carecoord.model.policy import Reading, Rules
from carecoord.model.staff import Role
from carecoord.planning import bundle, merge
from carecoord.planning.outline import Outline
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

BEDS = ("home-hospital-bed", "family-bed")
"""Programmes that need an open bed of the same name."""

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
    language
        Language or dialect that carers should speak (BCP 47), or empty.
    """

    gender: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    carers: Mapping[Role, StaffId] = field(default_factory=dict)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """The newest level of one scale: the Observation, the number, and its last valid day."""

    observation: str
    scale: str
    number: int
    until: date


@dataclass(frozen=True, slots=True)
class Outcome:
    """The visits of a draft, how they hang together, and what each programme brings."""

    blocks: tuple[VisitBlock, ...]
    follows: tuple[Follow, ...]
    parts: tuple[Part, ...]


def visits(
    tx: Tx,
    elder: ElderId,
    programmes: Sequence[str],
    open_beds: Mapping[str, Document],
    start: date,
    rules: Rules,
    wishes: Wishes,
) -> Outcome:
    """Everything that several programmes ask for, each item once.

    Raises
    ------
    Conflict
        `plan.no_bed`; `plan.no_level`; `plan.assessment_expired`; `plan.order`.
    """
    levels = levels_of(tx, elder, rules)
    catalogue = rules.catalogue()
    blocks: list[VisitBlock] = []
    parts: list[Part] = []
    for programme in dict.fromkeys(programmes):
        if programme in BEDS and programme not in open_beds:
            raise Conflict("plan.no_bed", field="programmes", elder=elder, programme=programme)
        used, wanted = _template(programme, levels, start, rules, elder)
        bed = open_beds.get(programme)
        orders: list[Json] = []
        if programme == "home-hospital-bed" and bed is not None:
            orders = list(_orders(tx, bed.resource))
            wanted = [*wanted, *(block for o in orders for block in _ordered(o, rules))]
        mine = [_for_person(b, wishes, start, rules, catalogue, levels) for b in wanted]
        blocks += mine
        parts.append(_part(programme, bed, used, mine, orders))
    return _without_duplicates(blocks, parts, catalogue, rules.reading())


def levels_of(tx: Tx, elder: ElderId, rules: Rules) -> dict[str, Level]:
    """The newest level of each scale, by scale."""
    found = documents.find(
        tx, "Observation", subject=f"Patient/{elder}", category="survey", status="final"
    )
    newest: dict[str, tuple[str, Document]] = {}
    for one in found:
        for scale in read.codes(one.resource.get("code"), read.system("assessment-scale")):
            at = str(one.resource.get("effectiveDateTime", ""))
            if "valueInteger" in one.resource and at >= newest.get(scale, ("", one))[0]:
                newest[scale] = (at, one)
    return {scale: _level(scale, at, one, rules) for scale, (at, one) in newest.items()}


def _level(scale: str, at: str, one: Document, rules: Rules) -> Level:
    day = read.day(at)
    until = date.max
    if day is not None and VALIDITY.get(scale, "") in rules:
        until = valid_until(Past(one.id, "", scale, day), rules.reading())
    return Level(one.id, scale, int(one.resource["valueInteger"]), until)


def _template(
    programme: str, levels: Mapping[str, Level], start: date, rules: Rules, elder: ElderId
) -> tuple[Level | None, list[PlanBlock]]:
    """The blocks of a programme, and the level by which they were chosen."""
    scales = _SCALES.get(programme)
    if scales is None:
        return None, list(rules.plan_blocks(programme))
    known = [levels[scale] for scale in scales if scale in levels]
    valid = [level for level in known if start <= level.until]
    for level in valid:
        typed: AnyLevel = level_of(level.scale, level.number)
        try:
            return level, list(rules.plan_blocks(programme, typed))
        except Missing:
            continue
    if known and not valid:
        raise Conflict(
            "plan.assessment_expired",
            field="programmes",
            elder=elder,
            programme=programme,
            scale=known[0].scale,
            until=known[0].until.isoformat(),
            rule=VALIDITY[known[0].scale],
        )
    raise Conflict(
        "plan.no_level",
        field="programmes",
        elder=elder,
        programme=programme,
        levels=", ".join(str(level_of(level.scale, level.number)) for level in known) or "-",
    )


def _orders(tx: Tx, bed: Json) -> Iterator[Json]:
    """What the hospital ordered with the referral that opened a bed."""
    for asked in bed.get("referralRequest", ()):
        yield from referrals.orders_of(tx, read.reference(asked, "ServiceRequest"))


def _ordered(order: Json, rules: Rules) -> Iterator[PlanBlock]:
    for item in read.codes(order.get("code"), read.system("service-item")):
        try:
            block = rules.order_block(item)
        except CareError as error:
            raise Conflict("plan.order", order=order["id"], item=item, reason=error.code) from error
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
    block: PlanBlock,
    wishes: Wishes,
    start: date,
    rules: Rules,
    catalogue: Catalogue,
    levels: Mapping[str, Level],
) -> VisitBlock:
    group = f"{block.programme}.{block.key}"
    role = _BY_LEVEL.get(block.level(catalogue).value, Role.CAREGIVER)
    carer = wishes.carers.get(role)
    intimate = any(catalogue.item(code).intimate for code in block.items)
    return VisitBlock(
        group=group,
        block=replace(block, carers=_carers(block, levels, rules)),
        windows=rules.windows(wishes.parts.get(group) or block.part_of_day),
        first=start,
        performers=(carer,) if carer else (),
        gender=wishes.gender if intimate else "",
        priority=rules.entry("plan.priority", block.programme),
        language=wishes.language,
    )


def _carers(block: PlanBlock, levels: Mapping[str, Level], rules: Rules) -> int:
    """Two for an item that takes two from a certain level of a scale on; scales stay apart."""
    rule = rules.table("plan.two_carers")
    items = rule.get("items", ())
    heavy = isinstance(items, tuple) and any(item in items for item in block.items)
    needed = heavy and any(
        isinstance(least := rule.get(scale), int) and level.number >= least
        for scale, level in levels.items()
    )
    return max(block.carers, 2 if needed else 1)


def _part(
    programme: str,
    bed: Document | None,
    level: Level | None,
    blocks: Sequence[VisitBlock],
    orders: Sequence[Json],
) -> Part:
    keeper = bed.resource.get("managingOrganization") if bed else None
    return Part(
        programme=programme,
        organization=read.reference(keeper, "Organization"),
        bed=bed.id if bed else "",
        levels=(level.observation,) if level else (),
        rules=tuple(dict.fromkeys(one.block.rule_id for one in blocks)),
        orders=tuple(str(order["id"]) for order in orders),
    )


def outline(one: VisitBlock, catalogue: Catalogue) -> Outline:
    """What merging and joining look at."""
    block = one.block
    return Outline(
        one.group,
        block.programme,
        block.items,
        block.level(catalogue),
        block.minutes,
        block.carers,
        block.frequency,
        block.period,
        one.windows,
    )


def _without_duplicates(
    blocks: Sequence[VisitBlock], parts: Sequence[Part], catalogue: Catalogue, read_: Reading
) -> Outcome:
    minutes = {item.code: item.minutes for item in catalogue}
    left, withdrawn = merge.merge([outline(b, catalogue) for b in blocks], minutes, read_)
    left = [bundle.with_items(one, read_) for one in left]
    kept = {one.group: one for one in left}
    # A visit that lost what needed a nurse may now be a caregiver's.
    final = [
        replace(b, block=replace(b.block, items=kept[b.group].items, minutes=kept[b.group].minutes))
        for b in blocks
        if b.group in kept
    ]
    follows = bundle.arrange([outline(b, catalogue) for b in final], read_)
    by_programme: dict[str, list[Withdrawn]] = {}
    for one in withdrawn:
        by_programme.setdefault(one.programme, []).append(one)
    return Outcome(
        tuple(final),
        tuple(follows),
        tuple(replace(p, withdrawn=tuple(by_programme.get(p.programme, ()))) for p in parts),
    )
