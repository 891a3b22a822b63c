"""The integrated plan over HTTP: draft, sign, tasks, order of visits, family, single visits."""

from fastapi import APIRouter, Response

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


@router.post("/{plan_id}/tasks", status_code=201)
def add_task(
    plan_id: str,
    body: TaskIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    language: Speak,
    expected: Expected,
) -> PlanOut:
    """Put one more repeated visit into a plan that is drafted or in force."""
    if body.times and body.when:
        raise Invalid("plan.times_and_when", field="times")
    rules = rules_of(tx, packs, plan_id)
    tasks.add(tx, caller, PlanId(plan_id), body.to_model(), rules, expected=expected)
    return _shown(tx, caller, plan_id, rules, language)


@router.post("/{plan_id}/tasks/{name}:end")
def end_task(
    plan_id: str,
    name: str,
    body: EndIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    language: Speak,
    expected: Expected,
) -> PlanOut:
    """End a repeated visit with its last day."""
    rules = rules_of(tx, packs, plan_id)
    tasks.end(tx, caller, PlanId(plan_id), name, body.last, rules, expected=expected)
    return _shown(tx, caller, plan_id, rules, language)


@router.put("/{plan_id}/orders")
def put_orders(
    plan_id: str,
    body: VisitOrdersIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    language: Speak,
    expected: Expected,
) -> PlanOut:
    """Say which visit comes after which, and which share an arrival."""
    rules = rules_of(tx, packs, plan_id)
    tasks.set_orders(
        tx,
        caller,
        PlanId(plan_id),
        [one.to_model() for one in body.orders],
        body.from_day or clock.today(),
        rules,
        expected=expected,
    )
    return _shown(tx, caller, plan_id, rules, language)


@router.put("/{plan_id}/family")
def put_family(
    plan_id: str,
    body: FamilyCareIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    language: Speak,
    expected: Expected,
) -> PlanOut:
    """Say what relatives do at home, in hours a week by whom."""
    rules = rules_of(tx, packs, plan_id)
    family = [one.to_model() for one in body.family]
    tasks.set_family(tx, caller, PlanId(plan_id), family, rules, expected=expected)
    return _shown(tx, caller, plan_id, rules, language)


@router.put("/{plan_id}/coordinator")
def put_coordinator(
    plan_id: str,
    body: CoordinatorIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    language: Speak,
) -> PlanOut:
    """Name another coordinator of the care team."""
    plan.set_coordinator(tx, caller, PlanId(plan_id), body.practitioner_role)
    return _shown(tx, caller, plan_id, rules_of(tx, packs, plan_id), language)


def _shown(tx: Tx, caller: Caller, plan_id: str, rules: Rules, language: Language) -> PlanOut:
    found = overview.overview(tx, caller, PlanId(plan_id), rules)
    return PlanOut.made(found, rules, language)
