"""Why is a visit not made, what would make it possible, why this carer, and who could take over?

Everything is answered from the day as it stands and stores nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from carecoord.access import Caller, require
from carecoord.errors import Conflict, Missing
from carecoord.flows import prepared, register
from carecoord.flows.fit import Ask
from carecoord.flows.prepared import Prepared
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.model.visits import DayKey, Unserved
from carecoord.packs.load import load
from carecoord.planning import fit
from carecoord.planning.fit import Place
from carecoord.planning.insertions import Insertions
from carecoord.planning.instead import Instead, instead
from carecoord.planning.reasons import CarerAnswer, answers
from carecoord.planning.relaxations import Relaxation, relaxations
from carecoord.planning.replacements import Replacements, replacements
from carecoord.store import days
from carecoord.store.engine import Tx
from solver import Shift


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Why nobody makes a visit.

    told
        What the plan of the day says about it.
    lacks
        Data for want of which it cannot be planned at all; then nothing else is asked.
    carers
        What every carer says, those with least against it first.
    places
        Where it would fit as things are; the plan may be older than what made room.
    relaxations
        What alone would be enough, what harms least first.
    staff, elders
        Names: of people, and of whom each visit is for.
    """

    demand: VisitDemand
    version: int
    told: Unserved | None
    lacks: Unserved | None
    carers: tuple[CarerAnswer, ...] = ()
    places: tuple[Place, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    staff: Mapping[str, str] = field(default_factory=dict)
    elders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Why:
    """Why these carers make a visit and not another one."""

    demand: VisitDemand
    version: int
    answer: Instead
    staff: Mapping[str, str]
    elders: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Who could take over from somebody.

    known
        Visit → staff who are named for the elder or have called there before.
    """

    person: str
    version: int
    found: Replacements
    known: Mapping[str, frozenset[str]]
    staff: Mapping[str, str]
    elders: Mapping[str, str]


def unserved(
    tx: Tx, caller: Caller, street: StreetId, day: date, demand: DemandId, ask: Ask
) -> Explanation:
    """Why nobody makes a visit, for every carer, and the least that would make it possible.

    Raises
    ------
    Missing
        `street.none`, `day.none`, `fit.demand`, `profile.none`.
    Conflict
        `fit.served`.
    """
    ready = _planned(tx, caller, street, day, ask)
    here = ready.standing
    asked = _asked(ready, demand)
    assert here.plan is not None and ready.ground is not None
    told = next((u for u in here.plan.unserved if u.demand == demand), None)
    lacks = next((u for u in here.built.kept_out if u.demand == demand), None)
    bare = Explanation(asked, here.version, told, lacks, staff=ready.names, elders=ready.elders)
    if lacks is not None:
        return bare
    if any(demand == s.visit for r in ready.ground.solution.routes for s in r.stops):
        raise Conflict("fit.served", field="demand", demand=demand, day=day.isoformat())
    tries = Insertions(ready.ground.problem, ready.ground.solution, demand, ready.ground.weights)
    return replace(
        bare,
        carers=answers(tries, ready.people),
        places=fit.places(ready.ground, demand, top=ask.top, per_window=ask.per_window),
        relaxations=relaxations(ready.ground, demand, ready.people),
    )


def instead_of(
    tx: Tx, caller: Caller, street: StreetId, day: date, demand: DemandId, staff: StaffId, ask: Ask
) -> Why:
    """Why the carers of a visit and not `staff`: what that would cost, or what forbids it.

    Raises
    ------
    Missing
        `street.none`, `day.none`, `fit.demand`, `explain.staff`, `profile.none`.
    Conflict
        `explain.unserved`: nobody makes it. `explain.same`: that carer makes it.
    """
    ready = _planned(tx, caller, street, day, ask)
    assert ready.ground is not None
    asked = _asked(ready, demand)
    _require_person(ready, staff)
    crew = [who for who, _ in fit.stops_of(ready.ground.solution).get(demand, [])]
    if not crew:
        raise Conflict("explain.unserved", demand=demand, day=day.isoformat())
    if staff in crew:
        raise Conflict("explain.same", field="instead_of", staff=staff)
    if demand in ready.standing.built.fixed:
        raise Conflict("explain.fixed", demand=demand, day=day.isoformat())
    found = instead(ready.ground, demand, staff)
    return Why(asked, ready.standing.version, found, ready.names, ready.elders)


def cover(tx: Tx, caller: Caller, street: StreetId, day: date, staff: StaffId, ask: Ask) -> Cover:
    """Ranked replacements for one person's visits, and stand-ins for the whole day.

    Somebody already away is asked for as they were planned: their visits are those of the plan.

    Raises
    ------
    Missing
        `street.none`, `day.none`, `explain.staff`, `profile.none`.
    """
    ready = _planned(tx, caller, street, day, ask)
    assert ready.ground is not None
    _require_person(ready, staff)
    here = ready.standing
    planned, hours = _planned_for(ready, staff)
    people = [one.id for one in here.given.staff if one.id != staff and one.levels]
    found = replacements(ready.ground, staff, planned, hours, people, top=ask.top)
    by_id = {one.id: one for one in here.given.demands}
    known = {
        one.visit: frozenset(
            (
                *by_id[DemandId(one.visit)].preferred,
                *here.given.known.get(by_id[DemandId(one.visit)].elder, ()),
            )
        )
        for one in found.visits
    }
    return Cover(staff, here.version, found, known, ready.names, ready.elders)


def _planned(tx: Tx, caller: Caller, street: StreetId, day: date, ask: Ask) -> Prepared:
    require(caller, "day.read", street)
    if not days.version(tx, DayKey(street, day)):
        register.street(tx, street)
        raise Missing("day.none", street=street, day=day.isoformat())
    rules = load().on(day, street)
    ready = prepared.prepare(tx, street, day, ask.data, rules, ask.profile)
    assert ready.ground is not None
    return ready


def _asked(ready: Prepared, demand: DemandId) -> VisitDemand:
    here = ready.standing
    found = next((d for d in here.given.demands if d.id == demand), None)
    if found is None:
        raise Missing("fit.demand", field="demand", demand=demand, day=here.key.day.isoformat())
    return found


def _planned_for(
    ready: Prepared, staff: StaffId
) -> tuple[list[tuple[str, int]], tuple[Shift, ...]]:
    """What somebody should still do by the plan, and in which hours."""
    here = ready.standing
    assert here.plan is not None and ready.ground is not None
    problem = ready.ground.problem
    stops = [
        s
        for s in here.plan.stops
        if s.staff == staff and s.demand not in here.built.fixed and problem.has_visit(s.demand)
    ]
    person = problem.staff[problem.staff_row(staff)]
    shifts = person.shifts
    record = next(one for one in here.given.staff if one.id == staff)
    if stops and not shifts and record.base is not None:
        base = here.built.row_of[record.base]
        home = [h.arrival for h in here.plan.homeward if h.staff == staff]
        begin = min(s.arrival - s.travel for s in stops)
        shifts = (Shift(begin, max([*home, *(s.end for s in stops)]), base, base),)
    return [(s.demand, s.start) for s in stops], shifts


def _require_person(ready: Prepared, staff: StaffId) -> None:
    if not ready.ground or not ready.ground.problem.has_staff(staff):
        street = ready.standing.key.street
        raise Missing("explain.staff", field="staff", staff=staff, street=street)
