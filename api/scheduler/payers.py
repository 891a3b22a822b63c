"""Payers over HTTP: a quote before consent, use of entitlements, the month's settlement."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import CallerNow, ReadTx, Speak, WriteTx
from api.scheduler.policy import RuleOut, rules_out
from api.scheduler.rules import PacksNow, on, today
from carecoord.fhir import read
from carecoord.flows import coverage, register, settlement
from carecoord.flows.coverage import Activity, Quote, Share
from carecoord.model import time
from carecoord.model.charges import Charge, Usage, totals
from carecoord.model.costs import Cost
from carecoord.model.coverage import Payer, Stacking, Why
from carecoord.model.ids import ElderId, PlanId, StreetId
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.text import Language, sentence

router = APIRouter(tags=["payers"])

Form = Literal["json", "csv", "xlsx", "fhir"]


class WhyOut(BaseModel):
    """Why a payer does not pay."""

    payer: Payer
    code: str = Field(examples=["payer.quota"])
    text: str


class ShareOut(BaseModel):
    """What one payer pays of an activity; money in fen, of all occurrences."""

    payer: Payer
    times: int
    price: int
    fund: int
    copay: int = Field(description="The person's part of what the payer covers")
    out_of_pocket: int = Field(description="What nobody else pays")
    not_covered_by: list[WhyOut]
    rules: list[RuleOut]


class ActivityOut(BaseModel):
    """One item of the plan."""

    item: str
    name: dict[str, str]
    programme: str
    minutes: int
    shares: list[ShareOut] = Field(description="Each occurrence has exactly one payer")


class UsageOut(BaseModel):
    """An entitlement in one week (its Monday) or month."""

    payer: Payer
    period: str = Field(examples=["week"])
    key: str = Field(examples=["2026-03-02"])
    unit: str = Field(examples=["minutes"])
    amount: int
    used: int
    left: int
    bonus_minutes: int
    bonus_fen: int
    basis: str = Field(examples=["LTC37 4"])
    rules: list[RuleOut]


class StackingOut(BaseModel):
    """Two benefits beside one another."""

    first: Payer
    second: Payer
    verdict: str = Field(examples=["both"])
    rules: list[RuleOut]


class PayerSumOut(BaseModel):
    """What one payer pays, and what it leaves to the person; fen."""

    payer: Payer
    fund: int
    own: int


class CostOut(BaseModel):
    """What the visits cost those who make them, fen; beside their price."""

    labour: int
    travel: int
    overhead: int
    total: int
    price: int
    minutes: int
    per_service_hour: int | None = Field(description="K15 unit_cost")
    rules: list[RuleOut]


class VisitCostOut(BaseModel):
    """Visits in which the same items are done: price beside cost."""

    items: list[str]
    times: int
    cost: CostOut


class QuoteIn(BaseModel):
    """Which weeks of a plan."""

    model_config = ConfigDict(extra="forbid")

    start: date | None = Field(default=None, description="Any day of the first week")
    weeks: int = Field(default=4, examples=[4])


class QuoteOut(BaseModel):
    """What a plan costs whom, to be shown before anybody agrees."""

    plan: str
    elder: str
    first: date
    last: date
    visits: int
    activities: list[ActivityOut]
    usage: list[UsageOut]
    stacking: list[StackingOut]
    payers: list[PayerSumOut]
    price: int
    copay: int
    out_of_pocket: int
    own: int
    cost: CostOut
    visit_costs: list[VisitCostOut]
    problems: list[str]
    claim: str = Field(description="Claim of use predetermination", examples=["Claim/9c…"])


class EntitlementOut(BaseModel):
    """What a person uses in the month of a day and the weeks that touch it."""

    elder: str
    first: date
    last: date
    usage: list[UsageOut]
    stacking: list[StackingOut]
    payers: list[PayerSumOut]


class LineOut(BaseModel):
    """One task of a month with who pays and what proves it."""

    day: date
    elder: str
    elder_name: str
    item: str
    item_name: str
    programme: str
    payer: Payer
    staff: list[str]
    planned: str
    actual: str
    minutes: int
    price: int
    fund: int
    own: int
    proven: bool
    evidence: list[str]
    evidence_missing: list[str]
    not_covered_by: list[WhyOut]
    rules: list[str]


class SettlementOut(BaseModel):
    """The month's services of a street."""

    street: str
    month: str
    payers: list[PayerSumOut]
    proven: int
    lines: list[LineOut]
    cost: CostOut


class ClaimsOut(BaseModel):
    """Claims that were written; read them under `/fhir/Claim`."""

    claims: list[str]


@router.post("/plans/{plan_id}:quote")
def quote(
    plan_id: str,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    language: Speak,
    body: QuoteIn | None = None,
) -> QuoteOut:
    """Per task: payer, quota used and left, price, co-payment, own share, reasons, rules.

    Without a body: four weeks from the plan's first day, or from today.
    """
    asked = body or QuoteIn()
    stored = documents.read(tx, "CarePlan", plan_id)
    elder = read.reference(stored.resource.get("subject"), "Patient")
    place = register.jurisdiction(tx, ElderId(elder))
    rules = on(packs, place, asked.start or time.today())
    found = coverage.quote(tx, caller, PlanId(plan_id), rules, start=asked.start, weeks=asked.weeks)
    return _quote(found, today(packs, place), language)


@router.get("/elders/{elder}/entitlement")
def entitlement(
    elder: str, caller: CallerNow, tx: ReadTx, packs: PacksNow, day: date | None = None
) -> EntitlementOut:
    """Entitlements of a person: used and left by week and month, from the visits planned."""
    asked = day or time.today()
    place = register.jurisdiction(tx, ElderId(elder))
    found = coverage.used(tx, caller, ElderId(elder), asked, on(packs, place, asked))
    present = today(packs, place)
    return EntitlementOut(
        elder=elder,
        first=found.first,
        last=found.last,
        usage=[_usage(one, present) for one in found.usage],
        stacking=[_stacking(one, present) for one in found.stacking],
        payers=_sums(found.charges),
    )


@router.get("/streets/{street}/settlement", response_model=SettlementOut)
def settle(
    street: str,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    language: Speak,
    month: Annotated[str, Query(examples=["2026-03"])],
    payer: Payer | None = None,
    form: Annotated[Form, Query(alias="format")] = "json",
) -> SettlementOut | Response:
    """The month's services per payer with evidence: JSON, CSV (BOM), Excel or FHIR Claims."""
    found = settlement.month(tx, caller, StreetId(street), month, packs, payer=payer)
    if form == "json":
        return _settled(found, today(packs, street), language)
    body, media, name = settlement.file(found, form, language)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=media, headers=headers)


@router.post("/streets/{street}/settlement:claim", status_code=201)
def claim(
    street: str,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    month: Annotated[str, Query(examples=["2026-03"])],
    payer: Payer | None = None,
) -> ClaimsOut:
    """Write the month's Claims, one for each person and payer; again only what changed."""
    found = settlement.month(tx, caller, StreetId(street), month, packs, payer=payer)
    return ClaimsOut(claims=[one.reference for one in settlement.claim(tx, caller, found)])


def _quote(found: Quote, present: Rules, language: Language) -> QuoteOut:
    price = sum(c.price for c in found.charges)
    copay = sum(c.copay for c in found.charges)
    pocket = sum(c.out_of_pocket for c in found.charges)
    return QuoteOut(
        plan=found.plan,
        elder=found.elder,
        first=found.first,
        last=found.last,
        visits=found.visits,
        activities=[_activity(one, present, language) for one in found.activities],
        usage=[_usage(one, present) for one in found.usage],
        stacking=[_stacking(one, present) for one in found.stacking],
        payers=_sums(found.charges),
        price=price,
        copay=copay,
        out_of_pocket=pocket,
        own=copay + pocket,
        cost=_cost(found.costs, price, present),
        visit_costs=[
            VisitCostOut(
                items=list(one.items), times=one.times, cost=_cost(one.cost, one.price, present)
            )
            for one in found.kinds
        ],
        problems=[sentence(one.code, one.facts, language) for one in found.problems],
        claim=found.claim.reference if found.claim else "",
    )


def _activity(one: Activity, present: Rules, language: Language) -> ActivityOut:
    return ActivityOut(
        item=one.item,
        name={"zh_CN": one.zh, "en": one.en},
        programme=one.programme,
        minutes=one.minutes,
        shares=[_share(share, present, language) for share in one.shares],
    )


def _share(one: Share, present: Rules, language: Language) -> ShareOut:
    return ShareOut(
        payer=one.payer,
        times=one.times,
        price=one.price,
        fund=one.fund,
        copay=one.copay,
        out_of_pocket=one.out_of_pocket,
        not_covered_by=_why(one.why, language),
        rules=rules_out(one.refs, present),
    )


def _why(why: Iterable[Why], language: Language) -> list[WhyOut]:
    return [
        WhyOut(payer=one.payer, code=one.code, text=sentence(one.code, one.facts, language))
        for one in why
    ]


def _usage(one: Usage, present: Rules) -> UsageOut:
    of = one.entitlement
    return UsageOut(
        payer=of.payer,
        period=of.period,
        key=one.key,
        unit=of.unit,
        amount=of.amount,
        used=one.used,
        left=one.left,
        bonus_minutes=of.bonus_minutes,
        bonus_fen=of.bonus_fen,
        basis=of.basis,
        rules=rules_out(of.refs, present),
    )


def _stacking(one: Stacking, present: Rules) -> StackingOut:
    return StackingOut(
        first=one.first,
        second=one.second,
        verdict=one.verdict,
        rules=rules_out([one.ref], present),
    )


def _sums(charges: Iterable[Charge]) -> list[PayerSumOut]:
    return [
        PayerSumOut(payer=payer, fund=fund, own=own)
        for payer, (fund, own) in sorted(totals(charges).items())
    ]


def _cost(costs: Cost, price: int, present: Rules) -> CostOut:
    return CostOut(
        labour=costs.labour,
        travel=costs.travel,
        overhead=costs.overhead,
        total=costs.total,
        price=price,
        minutes=costs.minutes,
        per_service_hour=costs.per_hour,
        rules=rules_out(costs.refs, present),
    )


def _settled(found: settlement.Month, present: Rules, language: Language) -> SettlementOut:
    return SettlementOut(
        street=found.street,
        month=found.month,
        payers=_sums(line.charge for line in found.lines),
        proven=sum(line.proven for line in found.lines),
        lines=[_line(one, language) for one in found.lines],
        cost=_cost(found.costs, sum(line.charge.price for line in found.lines), present),
    )


def _line(one: settlement.Service, language: Language) -> LineOut:
    charge = one.charge
    return LineOut(
        day=charge.use.day,
        elder=one.elder,
        elder_name=one.elder_name,
        item=charge.use.item,
        item_name=one.name(language),
        programme=charge.use.programme,
        payer=charge.payer,
        staff=list(one.staff_names),
        planned=one.planned,
        actual=one.actual,
        minutes=charge.use.minutes,
        price=charge.price,
        fund=charge.fund,
        own=charge.own,
        proven=one.proven,
        evidence=list(one.evidence),
        evidence_missing=list(one.missing),
        not_covered_by=_why(charge.why, language),
        rules=[ref.rule_id for ref in charge.refs],
    )
