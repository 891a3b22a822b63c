"""Visits that people move, change, skip or add by hand: one, or it and all that follow."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import uuid4

from carecoord.access import Caller, audit
from carecoord.errors import Conflict, Invalid, Missing
from carecoord.fhir import plans, read
from carecoord.fhir.read import Json
from carecoord.flows import day as service_days
from carecoord.flows import following, register, tasks
from carecoord.flows import plan as whole
from carecoord.flows.refresh import refresh
from carecoord.model import time
from carecoord.model.demands import VisitDemand
from carecoord.model.edits import Change, Scope, VisitEdit, Which
from carecoord.model.ids import DemandId, ElderId, PlanId, StaffId, StreetId
from carecoord.model.plans import Window
from carecoord.model.policy import Rules
from carecoord.model.problems import DataProblem
from carecoord.model.staff import Level, highest
from carecoord.planning import bundle, expand, figures
from carecoord.store import days, demands, documents, edits
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


@dataclass(frozen=True, slots=True)
class Calendar:
    """Visits of a plan in some days.

    skipped
        Decisions by which a visit does not take place.
    decided
        Every decision by hand that touches these days.
    arrivals
        Day → how often somebody arrives; visits tied closely count once.
    limit
        Arrivals a day that are preferred at most (`bed_link.arrivals_per_day`).
    """

    visits: tuple[VisitDemand, ...]
    skipped: tuple[VisitEdit, ...]
    decided: tuple[VisitEdit, ...]
    arrivals: dict[date, int]
    limit: int
    problems: tuple[DataProblem, ...]


def calendar(
    tx: Tx, caller: Caller, plan: PlanId, first: date, count: int, rules: Rules
) -> Calendar:
    """What a plan asks for in `count` days from `first`, with what was decided by hand."""
    stored, elder = whole.in_force(tx, caller, plan, "plan.read")
    found, decided, problems = _expanded(tx, stored, elder, first, count, rules)
    gap = 60 * rules.number("bundle.joint_gap_minutes")
    by_day: dict[date, list[VisitDemand]] = {}
    for one in found:
        by_day.setdefault(one.day, []).append(one)
    return Calendar(
        visits=tuple(found),
        skipped=tuple(one for one in decided if one.kind == "skipped"),
        decided=tuple(decided),
        arrivals={day: bundle.arrivals(many, gap) for day, many in sorted(by_day.items())},
        limit=rules.number(bundle.LIMIT),
        problems=tuple(problems),
    )


def edit(
    tx: Tx,
    caller: Caller,
    plan: PlanId,
    which: Which,
    scope: Scope,
    change: Change,
    reason: str,
    rules: Rules,
) -> Document:
    """Change one visit by hand, or it and those that follow; return the plan.

    Raises
    ------
    Missing
        `visit.not_due`: the plan has no such visit; `document.missing`: no such carer.
    Invalid
        `visit.nothing`, `plan.minutes`, `plan.window`, `plan.carers`, `visit.outside`.
    Conflict
        `visit.told`: the day is published, its board is the place to change it;
        `visit.carer_level`; `visit.many_times`, `visit.daily`: cannot be said of all that follow.
    """
    stored, elder = whole.in_force(tx, caller, plan, "visit.write")
    if change.empty or (change.skip and change != Change(skip=True)):
        raise Invalid("visit.nothing", field="change")
    street = _street(tx, elder)
    visit = _due(tx, stored, elder, which, rules)
    _require_untold(tx, street, which.day, visit.day, change.day or visit.day)
    _require_possible(tx, stored.resource, visit, change)
    if scope == "this":
        decided = _decision(caller, plan, which, visit, change, reason)
        edits.put(tx, street, decided)
        first = min(which.day, visit.day, decided.falls_on)
    else:
        stored = following.apply(
            tx, caller, stored, elder, street, which, scope, change, reason, rules
        )
        first = min(which.day, change.day or which.day)
    refresh(tx, elder, first, rules)
    audit.record(tx, caller, f"visit.edit.{scope}", f"CarePlan/{plan}@{which.day.isoformat()}")
    return stored


def restore(tx: Tx, caller: Caller, plan: PlanId, which: Which, rules: Rules) -> Document:
    """Forget what was decided about one visit: it is as the plan says again.

    Raises
    ------
    Missing
        `visit.no_edit`: nothing was decided about it.
    """
    stored, elder = whole.in_force(tx, caller, plan, "visit.write")
    found = [
        one
        for one in edits.between(tx, [plan], which.day, which.day)
        if (one.day, one.group, one.occasion) == (which.day, which.group, which.occasion)
    ]
    if not found:
        raise Missing("visit.no_edit", group=which.group, day=which.day.isoformat())
    _require_untold(tx, _street(tx, elder), which.day, found[0].falls_on)
    edits.remove(tx, plan, which.group, which.day, which.occasion)
    refresh(tx, elder, min(which.day, found[0].falls_on), rules)
    audit.record(tx, caller, "visit.restore", f"CarePlan/{plan}@{which.day.isoformat()}")
    return stored


@dataclass(frozen=True, slots=True)
class Extra:
    """A visit that the recurrence does not ask for.

    windows
        Other times that are as good as `window`.
    level
        Of whoever makes it, if more than the items ask for.
    """

    day: date
    programme: str
    items: tuple[str, ...]
    window: Window
    minutes: int | None = None
    carers: int = 1
    carer: StaffId | None = None
    order: str = ""
    windows: tuple[Window, ...] = ()
    level: Level | None = None
    wish: Window | None = None
    gender: str = ""
    language: str = ""


def add(
    tx: Tx,
    caller: Caller,
    plan: PlanId,
    extra: Extra,
    reason: str,
    rules: Rules,
    *,
    on_board: bool = False,
) -> VisitEdit:
    """Add one visit to a plan in force.

    on_board
        Its place on the board is decided with it, so the day may be one that people were told.

    Raises
    ------
    Missing
        `catalogue.item_unknown`.
    Conflict
        `visit.told`; `plan.no_bed`; `plan.order_needed`; `plan.duplicate`: another programme does
        the item at that time.
    """
    stored, elder = whole.in_force(tx, caller, plan, "visit.write")
    street = _street(tx, elder)
    if not on_board:
        _require_untold(tx, street, extra.day)
    _require_within(stored.resource, extra.day)
    whole.require_bed(tx, elder, extra.programme)
    catalogue = rules.catalogue()
    chosen = [catalogue.item(code) for code in extra.items]
    for item in chosen:
        if item.order_needed:
            tasks.require_order(tx, elder, extra.order, item.code, item.rule_id)
    least = catalogue.minutes(extra.items)
    minutes = least if extra.minutes is None else extra.minutes
    if minutes < least:
        raise Invalid("plan.block_short", field="minutes", key="-", minutes=minutes, needed=least)
    group = f"added.{uuid4()}"
    visit = VisitDemand(
        id=DemandId(group.removeprefix("added.")),
        street=street,
        day=extra.day,
        elder=elder,
        plan=plan,
        items=extra.items,
        windows=tuple(sorted({extra.window, *extra.windows})),
        duration=60 * minutes,
        level=highest(
            (*(item.performer for item in chosen), *((extra.level,) if extra.level else ()))
        ),
        carers=extra.carers,
        priority=rules.entry("plan.priority", extra.programme),
        programmes=(extra.programme,),
        preferred=(extra.carer,) if extra.carer else (),
        wish=extra.wish,
        gender=extra.gender,
        language=extra.language,
        group=group,
        parts=((group, 0),),
        origin="hand",
        edited=True,
    )
    _require_possible(tx, stored.resource, visit, Change(carer=extra.carer))
    _require_once(tx, stored, elder, visit, rules)
    decided = VisitEdit(
        plan, extra.day, group, 0, "added", visit.parts, visit, reason, caller.id, time.now()
    )
    edits.put(tx, street, decided)
    refresh(tx, elder, extra.day, rules)
    if extra.day in days.published(tx, street):
        demands.put(tx, [visit])
    audit.record(tx, caller, "visit.add", f"CarePlan/{plan}@{extra.day.isoformat()}")
    return decided


def _expanded(
    tx: Tx, stored: Document, elder: ElderId, first: date, count: int, rules: Rules
) -> tuple[list[VisitDemand], list[VisitEdit], list[DataProblem]]:
    street = _street(tx, elder)
    roles = register.practitioner_roles(tx, register.street(tx, street))
    times = figures.day_times(rules)
    found, problems = plans.plan(stored.resource, rules.catalogue(), times, roles)
    last = first + timedelta(days=count - 1)
    decided = edits.between(tx, [PlanId(stored.id)], first, last)
    chosen = service_days.placed(tx, [found.id], first, last)
    visits, clashes = expand.demands(found, street, first, count, decided, chosen)
    return visits, decided, [*problems, *clashes]


def _street(tx: Tx, elder: ElderId) -> StreetId:
    found = register.elder_street(tx, documents.read(tx, "Patient", elder).resource)
    if found is None:
        raise Conflict("plan.no_street", elder=elder)
    return found


def _due(tx: Tx, stored: Document, elder: ElderId, which: Which, rules: Rules) -> VisitDemand:
    """The visit as it is now: by hand if somebody decided so, else by the plan."""
    part = (which.group, which.occasion)
    found, decided, _ = _expanded(tx, stored, elder, which.day, 1, rules)
    for one in decided:
        if one.day == which.day and part in one.parts:
            if one.demand is not None:
                return one.demand
            raise Missing("visit.not_due", group=which.group, day=which.day.isoformat())
    for visit in found:
        if visit.day == which.day and part in visit.parts:
            return visit
    raise Missing("visit.not_due", group=which.group, day=which.day.isoformat())


def _require_untold(tx: Tx, street: StreetId, *affected: date) -> None:
    told = days.published(tx, street)
    for day in affected:
        if day in told:
            raise Conflict("visit.told", day=day.isoformat(), street=street)


def _require_within(plan: Json, day: date) -> None:
    period = plan.get("period", {})
    start, end = read.day(period.get("start")), read.last_day(period.get("end"))
    if (start and day < start) or (end and day > end):
        raise Invalid("visit.outside", field="day", day=day.isoformat())


def _require_possible(tx: Tx, plan: Json, visit: VisitDemand, change: Change) -> None:
    if change.minutes is not None and change.minutes < 1:
        raise Invalid("plan.minutes", field="minutes", item=visit.group, minutes=change.minutes)
    if change.carers not in (None, 1, 2):
        raise Invalid("plan.carers", field="carers", item=visit.group, carers=change.carers)
    if change.window is not None and not 0 <= change.window[0] <= change.window[1] < 86_400:
        start, end = change.window
        raise Invalid("plan.window", field="window", item=visit.group, start=start, end=end)
    if change.day is not None:
        _require_within(plan, change.day)
    if change.carer is not None:
        role = documents.read(tx, "PractitionerRole", change.carer)
        who = read.reference(role.resource.get("practitioner"), "Practitioner")
        person = documents.read(tx, "Practitioner", who)
        on = change.day or visit.day
        levels = read.staff(role.resource, person.resource, visit.street, None, on).levels
        if visit.level not in levels:
            raise Conflict(
                "visit.carer_level",
                field="carer",
                carer=change.carer,
                needed=visit.level.value,
                held=", ".join(levels) or "-",
            )


def _decision(
    caller: Caller,
    plan: PlanId,
    which: Which,
    visit: VisitDemand,
    change: Change,
    reason: str,
) -> VisitEdit:
    changed = None if change.skip else _changed(visit, change)
    kind = "skipped" if change.skip else "added" if visit.origin == "hand" else "changed"
    # A visit joined from several is decided about as a whole, under its own name.
    return VisitEdit(
        plan,
        which.day,
        visit.group,
        visit.occasion,
        kind,  # type: ignore[arg-type]
        visit.parts or ((visit.group, visit.occasion),),
        changed,
        reason,
        caller.id,
        time.now(),
    )


def _changed(visit: VisitDemand, change: Change) -> VisitDemand:
    return replace(
        visit,
        day=change.day or visit.day,
        windows=(change.window,) if change.window else visit.windows,
        wish=None if change.window else visit.wish,
        duration=60 * change.minutes if change.minutes else visit.duration,
        preferred=(change.carer,) if change.carer else visit.preferred,
        carers=change.carers or visit.carers,
        edited=True,
        after=(),
    )


def _require_once(
    tx: Tx, stored: Document, elder: ElderId, visit: VisitDemand, rules: Rules
) -> None:
    """Another programme must not do the same item at that time."""
    found, _, _ = _expanded(tx, stored, elder, visit.day, 1, rules)
    for other in found:
        shared = set(other.items) & set(visit.items)
        a, b = visit.windows[0]
        meet = any(a <= d and c <= b for c, d in other.windows)
        if shared and meet and set(other.programmes) - set(visit.programmes):
            raise Conflict(
                "plan.duplicate",
                field="items",
                item=min(shared),
                programme=visit.programmes[0],
                other=other.programmes[0],
                rule="detect.same_item_days",
            )
