"""Tasks of a plan that people add, change or end, and the order of its visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from carecoord.access import Caller, audit
from carecoord.errors import Conflict, Invalid, Missing, Stale
from carecoord.fhir import compose, read
from carecoord.fhir import integrated as shape
from carecoord.fhir.compose import VisitBlock
from carecoord.fhir.read import Json
from carecoord.flows import plan as whole
from carecoord.flows.refresh import refresh
from carecoord.model.catalogue import PROGRAMMES, PlanBlock
from carecoord.model.ids import ElderId, PlanId, StaffId
from carecoord.model.plans import FamilyCare, Follow, Holidays, Window
from carecoord.model.policy import Rules
from carecoord.model.staff import Level
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

_BY_HAND = "plan.by-hand"

_FIELDS = {
    "plan.activity.when": "when",
    "plan.carers": "carers",
    "plan.frequency": "frequency",
    "plan.spacing": "spacing",
    "plan.weekday": "weekdays",
    "plan.window": "windows",
}
"""What a person gave, by the code of what is wrong with the task made from it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A repeated visit as a person asks for it.

    name
        Of the visit inside the plan; tasks of one name are done in one visit.
    minutes
        Of the whole visit; None = the catalogue's.
    windows
        Hard bounds on the start; or `times` (seconds after 00:00) or `when` (FHIR EventTiming):
        several of either are several visits a day.
    order
        ServiceRequest id, for items that need one.
    """

    name: str
    programme: str
    items: tuple[str, ...]
    frequency: int
    period: int
    first: date
    last: date | None = None
    minutes: int | None = None
    weekdays: tuple[int, ...] = ()
    windows: tuple[Window, ...] = ()
    times: tuple[int, ...] = ()
    when: tuple[str, ...] = ()
    spacing: int = 0
    holidays: Holidays = "keep"
    make_up: bool = False
    carers: int = 1
    level: Level | None = None
    carer: StaffId | None = None
    gender: str = ""
    language: str = ""
    priority: int | None = None
    order: str = ""


def add(
    tx: Tx,
    caller: Caller,
    plan: PlanId,
    wanted: Wanted,
    rules: Rules,
    *,
    expected: int | None = None,
) -> Document:
    """Put one more repeated visit into a plan that is drafted or in force.

    Raises
    ------
    Missing
        `catalogue.item_unknown`.
    Invalid
        `plan.frequency`, `plan.spacing`, `plan.programme` and others: what was asked for
        contradicts itself.
    Conflict
        `plan.no_bed`; `plan.order_needed`; `plan.duplicate`; `plan.group_exists`.
    """
    stored, elder = _at(tx, caller, plan, expected)
    if shape.in_group(stored.resource, wanted.name):
        raise Conflict("plan.group_exists", field="name", group=wanted.name)
    _require_allowed(tx, elder, wanted, rules)
    changed = dict(stored.resource)
    made = [{"detail": one} for one in compose.details(_block(wanted, rules), rules.catalogue())]
    changed["activity"] = [*stored.resource.get("activity", ()), *made]
    try:
        return _store(tx, caller, stored, elder, changed, "plan-task-added", wanted.first, rules)
    except Invalid as error:
        error.field = _FIELDS.get(error.code, error.field)
        raise


def end(
    tx: Tx,
    caller: Caller,
    plan: PlanId,
    name: str,
    last: date,
    rules: Rules,
    *,
    expected: int | None = None,
) -> Document:
    """End a repeated visit with its last day.

    Raises
    ------
    Missing
        `plan.group_unknown`.
    """
    stored, elder = _at(tx, caller, plan, expected)
    at = require_group(stored.resource, name)
    activity = [
        one | {"detail": shape.ends(one["detail"], last)} if k in at else one
        for k, one in enumerate(stored.resource["activity"])
    ]
    changed = {**stored.resource, "activity": activity}
    first = last + timedelta(days=1)
    return _store(tx, caller, stored, elder, changed, "plan-task-ended", first, rules)


def set_orders(
    tx: Tx,
    caller: Caller,
    plan: PlanId,
    follows: Sequence[Follow],
    first: date,
    rules: Rules,
    *,
    expected: int | None = None,
) -> Document:
    """Say anew which visit comes after which; visits from `first` on follow it.

    Raises
    ------
    Invalid
        `plan.follow_group`: no such visit; `plan.follow_circle`.
    """
    stored, elder = _at(tx, caller, plan, expected)
    made = [shape.follow_extension(one) for one in follows]
    changed = shape.with_extensions(stored.resource, "visit-order", made)
    return _store(tx, caller, stored, elder, changed, "plan-order", first, rules)


def set_family(
    tx: Tx,
    caller: Caller,
    plan: PlanId,
    family: Sequence[FamilyCare],
    rules: Rules,
    *,
    expected: int | None = None,
) -> Document:
    """Say anew what relatives do at home.

    Raises
    ------
    Missing
        `document.missing`: no such RelatedPerson.
    """
    stored, elder = _at(tx, caller, plan, expected)
    for one in family:
        found = documents.peek(tx, "RelatedPerson", one.who)
        if found is None or found.deleted:
            raise Missing("document.missing", field="family", type="RelatedPerson", id=one.who)
    made = [shape.family_extension(one) for one in family]
    changed = shape.with_extensions(stored.resource, "family-care", made)
    return _store(tx, caller, stored, elder, changed, "plan-family", None, rules)


def require_group(plan: Json, name: str) -> list[int]:
    """Positions of the open activities of a visit group.

    Raises
    ------
    Missing
        `plan.group_unknown`.
    """
    found = shape.in_group(plan, name)
    if not found:
        raise Missing("plan.group_unknown", field="group", group=name, plan=plan["id"])
    return found


def _at(tx: Tx, caller: Caller, plan: PlanId, expected: int | None) -> tuple[Document, ElderId]:
    stored, elder = whole.in_force(tx, caller, plan, "plan.write")
    if expected is not None and stored.version != expected:
        raise Stale(
            "document.moved", type="CarePlan", id=plan, expected=expected, present=stored.version
        )
    return stored, elder


def _store(
    tx: Tx,
    caller: Caller,
    stored: Document,
    elder: ElderId,
    changed: Json,
    deed: str,
    first: date | None,
    rules: Rules,
) -> Document:
    """A plan must stay one that can be planned; the visits of one in force follow at once."""
    whole.require_sound(tx, elder, changed, rules)
    done = whole.record(tx, caller, stored, changed, deed)
    audit.record(tx, caller, "plan.write", done.reference)
    if first is not None and done.resource.get("status") == "active":
        refresh(tx, elder, first, rules)
    return done


def _require_allowed(tx: Tx, elder: ElderId, wanted: Wanted, rules: Rules) -> None:
    if wanted.programme not in PROGRAMMES:
        raise Invalid(
            "plan.programme",
            field="programme",
            programme=wanted.programme,
            known=", ".join(PROGRAMMES),
        )
    whole.require_bed(tx, elder, wanted.programme)
    for code in wanted.items:
        item = rules.catalogue().item(code)
        if item.order_needed:
            require_order(tx, elder, wanted.order, code, item.rule_id)


def require_order(tx: Tx, elder: ElderId, order: str, item: str, rule: str) -> None:
    """Refuse an item that needs a medical order, unless this one is in force and asks for it."""
    found = documents.peek(tx, "ServiceRequest", order) if order else None
    fits = (
        found is not None
        and not found.deleted
        and found.resource.get("status") == "active"
        and read.reference(found.resource.get("subject"), "Patient") == elder
        and item in read.codes(found.resource.get("code"), read.system("service-item"))
    )
    if not fits:
        raise Conflict("plan.order_needed", field="order", item=item, order=order or "-", rule=rule)


def _block(wanted: Wanted, rules: Rules) -> VisitBlock:
    catalogue = rules.catalogue()
    least = catalogue.minutes(wanted.items)
    minutes = least if wanted.minutes is None else wanted.minutes
    if minutes < least:
        raise Invalid(
            "plan.block_short", field="minutes", key=wanted.name, minutes=minutes, needed=least
        )
    block = PlanBlock(
        key=wanted.name,
        programme=wanted.programme,
        items=wanted.items,
        frequency=wanted.frequency,
        period=wanted.period,
        part_of_day="day",
        minutes=minutes,
        carers=wanted.carers,
        performer=wanted.level,
        rule_id=_BY_HAND,
    )
    return VisitBlock(
        group=wanted.name,
        block=block,
        windows=wanted.windows,
        first=wanted.first,
        last=wanted.last,
        performers=(wanted.carer,) if wanted.carer else (),
        weekdays=wanted.weekdays,
        gender=wanted.gender,
        priority=wanted.priority or rules.entry("plan.priority", wanted.programme),
        language=wanted.language,
        spacing=wanted.spacing,
        holidays=wanted.holidays,
        make_up=wanted.make_up,
        times=wanted.times,
        when=wanted.when,
    )
