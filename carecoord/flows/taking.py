"""A place for a visit is chosen: looked at again and stored as a new version of the day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Invalid, Stale
from carecoord.flows import drawing, prepared, visits
from carecoord.flows import plan as whole
from carecoord.flows.fit import Ask, Described, Wanted, demand_of, require_coming, with_visit
from carecoord.flows.prepared import Prepared
from carecoord.flows.telling import ToTell, people_to_tell
from carecoord.flows.visits import Extra
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import DemandId, PlanId, StaffId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey
from carecoord.packs.load import load
from carecoord.planning import fit
from carecoord.planning.fit import Place
from carecoord.store import days
from carecoord.store.engine import Tx
from solver import Options, check


@dataclass(frozen=True, slots=True)
class Taken:
    """A place that is stored.

    version
        Of the day; 0 where nothing is planned yet and the visit waits for the plan.
    told
        Who has to know, on a day that people were told.
    """

    demand: DemandId
    day: date
    version: int
    told: tuple[ToTell, ...]


def take(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    wanted: Wanted,
    staff: Sequence[StaffId],
    start: int | None,
    reason: str,
    ask: Ask,
    *,
    expected: int,
) -> Taken:
    """Store one place as a new version of the day, after looking again.

    A described visit is added to the person's plan in force. Where nothing is planned yet the visit
    waits for the plan, and `staff` and `start` stay open.

    Raises
    ------
    Stale
        `day.moved`: the day is no longer at `expected`.
    Conflict
        `fit.gone`: the place does not exist any more. `fit.no_plan`: no plan in force takes the
        visit. Whatever `visits.add` and `fit_day` raise.
    """
    require(caller, "day.write", street)
    rules = load().on(day, street)
    found = days.version(tx, DayKey(street, day))
    if found != expected:
        raise Stale("day.moved", street=street, day=day.isoformat(), expected=expected)
    ready = prepared.read(tx, street, day, ask.data, rules, ask.profile)
    require_coming(day)
    demand = demand_of(ready, street, day, wanted, rules)
    if wanted.described is not None:
        demand = _added(tx, caller, demand, wanted.described, reason, rules)
    if ready.ground is None or ready.standing.plan is None:
        return Taken(demand.id, day, 0, ())
    grounded, kept_out = with_visit(ready, demand)
    if kept_out is not None:
        raise Conflict("fit.gone", day=day.isoformat(), reason=kept_out.code)
    place = None if start is None else fit.place_at(grounded, demand.id, staff, start)
    if place is None:
        raise Conflict("fit.gone", day=day.isoformat(), reason="fit.gone")
    version = _store(tx, caller, ready, place, reason, expected)
    told: tuple[ToTell, ...] = ()
    if ready.standing.state == "published":
        key = DayKey(street, day)
        told = people_to_tell(tx, key, ready.standing.plan, days.read(tx, key), reason=reason)
    audit.record(tx, caller, "day.take", f"{street}/{day.isoformat()}@{version}")
    return Taken(demand.id, day, version, told)


def _added(
    tx: Tx,
    caller: Caller,
    demand: VisitDemand,
    one: Described,
    reason: str,
    rules: Rules,
) -> VisitDemand:
    """The described visit as one that was added by hand to the person's plan."""
    plan = whole.integrated(tx, one.elder)
    if plan is None:
        raise Conflict("fit.no_plan", field="visit.elder", elder=one.elder)
    if not one.items or not one.programme:
        raise Invalid("fit.items", field="visit.items")
    extra = Extra(
        day=demand.day,
        programme=one.programme,
        items=one.items,
        window=one.windows[0],
        minutes=demand.duration // 60,
        carers=one.carers,
        carer=one.carer,
        order=one.order,
        windows=one.windows[1:],
        level=one.level,
        wish=one.wish,
        gender=one.gender,
        language=one.language,
    )
    why = reason or "-"
    edit = visits.add(tx, caller, PlanId(plan.id), extra, why, rules, on_board=True)
    assert edit.demand is not None
    return edit.demand


def _store(
    tx: Tx, caller: Caller, ready: Prepared, place: Place, reason: str, expected: int
) -> int:
    """The day with the place in it, as a new version."""
    here, plan = ready.standing, ready.standing.plan
    assert plan is not None and ready.ground is not None
    before = {(r.staff, r.shift): r for r in ready.ground.solution.routes}
    after = place.step.solution
    touched = {r.staff for r in after.routes if before.get((r.staff, r.shift)) != r}
    built, at = ready.built_with(place.step.problem)
    bare = replace(built.problem, previous=())
    cost = check(bare, after, Options(weights=ready.weights)).cost
    new = drawing.drawn(here.key, built, at, replace(after, cost=cost), here.given, here.network)
    served = [place.visit, *(c.visit for c in place.companions)]
    merged = fit.merged(plan, new, {built.person(s) for s in touched}, served)
    why = Why("hand", caller.id, reason, based_on=expected)
    return days.replace_plan(tx, merged, expected=expected, why=why)
