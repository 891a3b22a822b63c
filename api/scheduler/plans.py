"""The integrated plan over HTTP: draft, sign, tasks, order of visits, family, single visits."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.context import CallerNow, Expected, ReadTx, Speak, WriteTx
from api.scheduler.care import DocumentOut
from api.scheduler.plan_bodies import (
    CoordinatorIn,
    EndIn,
    FamilyCareIn,
    PlanIn,
    PlanOut,
    TaskIn,
    VisitOrdersIn,
)
from api.scheduler.rules import PacksNow, today
from carecoord.access import Caller
from carecoord.errors import Invalid
from carecoord.fhir import read
from carecoord.flows import overview, plan, register, tasks
from carecoord.model import time as clock
from carecoord.model.ids import ElderId, PlanId, StaffId
from carecoord.model.policy import Rules
from carecoord.packs.load import Packs
from carecoord.store import documents
from carecoord.store.engine import Tx
from carecoord.text import Language

router = APIRouter(prefix="/plans", tags=["plans"])


def rules_of(tx: Tx, packs: Packs, plan_id: str) -> Rules:
    """Rows in force today where the person of a plan lives."""
    stored = documents.read(tx, "CarePlan", plan_id)
    elder = read.reference(stored.resource.get("subject"), "Patient")
    return today(packs, register.jurisdiction(tx, ElderId(elder)))


@router.post("", status_code=201)
def draft_plan(
    body: PlanIn, caller: CallerNow, tx: WriteTx, packs: PacksNow, language: Speak
) -> PlanOut:
    """Draft the one integrated plan of a person from beds, levels and orders.

    An item that two programmes ask for in one time span is planned once; `merged` says which
    programme gave way and by which rule.
    """
    wishes = plan.Wishes(
        gender=body.wishes.gender,
        parts=body.wishes.parts,
        carers={role: StaffId(who) for role, who in body.wishes.carers.items()},
        language=body.wishes.language,
    )
    rules = today(packs, register.jurisdiction(tx, ElderId(body.elder)))
    drafted = plan.draft(
        tx,
        caller,
        ElderId(body.elder),
        body.programmes,
        body.start or clock.today(),
        rules,
        wishes,
        coordinator=body.coordinator,
        family=[one.to_model() for one in body.family],
        replaces=PlanId(body.replaces) if body.replaces else None,
    )
    return _shown(tx, caller, drafted.id, rules, language)


@router.get("/{plan_id}")
def get_plan(
    plan_id: str,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    language: Speak,
    response: Response,
) -> PlanOut:
    """The integrated plan: team, parts, tasks, order of visits, what was merged and why."""
    shown = _shown(tx, caller, plan_id, rules_of(tx, packs, plan_id), language)
    response.headers["ETag"] = f'W/"{shown.version}"'
    return shown


@router.post("/{plan_id}:sign")
def sign_plan(
    plan_id: str,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    expected: Expected,
    response: Response,
) -> DocumentOut:
    """Put a drafted plan in force; the plan it replaces ends the day before it starts."""
    rules = rules_of(tx, packs, plan_id)
    signed = plan.sign(tx, caller, PlanId(plan_id), rules, expected=expected)
    response.headers["ETag"] = f'W/"{signed.version}"'
    return DocumentOut.of(signed)


@dataclass(frozen=True, slots=True)
class _Changing:
    """What every change of one plan brings."""

    plan_id: str
    caller: CallerNow
    tx: WriteTx
    packs: PacksNow
    language: Speak

    @property
    def plan(self) -> PlanId:
        """Which plan."""
        return PlanId(self.plan_id)

    @property
    def rules(self) -> Rules:
        """Rows in force where its person lives."""
        return rules_of(self.tx, self.packs, self.plan_id)

    def shown(self, rules: Rules) -> PlanOut:
        """The plan as it is now."""
        return _shown(self.tx, self.caller, self.plan_id, rules, self.language)


Changing = Annotated[_Changing, Depends()]


@router.post("/{plan_id}/tasks", status_code=201)
def add_task(now: Changing, body: TaskIn, expected: Expected) -> PlanOut:
    """Put one more repeated visit into a plan that is drafted or in force."""
    if body.times and body.when:
        raise Invalid("plan.times_and_when", field="times")
    rules = now.rules
    tasks.add(now.tx, now.caller, now.plan, body.to_model(), rules, expected=expected)
    return now.shown(rules)


@router.post("/{plan_id}/tasks/{name}:end")
def end_task(now: Changing, name: str, body: EndIn, expected: Expected) -> PlanOut:
    """End a repeated visit with its last day."""
    rules = now.rules
    tasks.end(now.tx, now.caller, now.plan, name, body.last, rules, expected=expected)
    return now.shown(rules)


@router.put("/{plan_id}/orders")
def put_orders(now: Changing, body: VisitOrdersIn, expected: Expected) -> PlanOut:
    """Say which visit comes after which, and which share an arrival."""
    rules, since = now.rules, body.from_day or clock.today()
    orders = [one.to_model() for one in body.orders]
    tasks.set_orders(now.tx, now.caller, now.plan, orders, since, rules, expected=expected)
    return now.shown(rules)


@router.put("/{plan_id}/family")
def put_family(now: Changing, body: FamilyCareIn, expected: Expected) -> PlanOut:
    """Say what relatives do at home, in hours a week by whom."""
    rules = now.rules
    family = [one.to_model() for one in body.family]
    tasks.set_family(now.tx, now.caller, now.plan, family, rules, expected=expected)
    return now.shown(rules)


@router.put("/{plan_id}/coordinator")
def put_coordinator(now: Changing, body: CoordinatorIn) -> PlanOut:
    """Name another coordinator of the care team."""
    plan.set_coordinator(now.tx, now.caller, now.plan, body.practitioner_role)
    return now.shown(now.rules)


def _shown(tx: Tx, caller: Caller, plan_id: str, rules: Rules, language: Language) -> PlanOut:
    found = overview.overview(tx, caller, PlanId(plan_id), rules)
    return PlanOut.made(found, rules, language)
