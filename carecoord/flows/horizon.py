"""The days ahead of a street: zones, spreading visits over days, and which days to plan anew."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Invalid, Stale
from carecoord.flows import day as service_days
from carecoord.flows import register, roster
from carecoord.flows.standing import stand
from carecoord.model import time
from carecoord.model.horizon import Horizon, Zone, night
from carecoord.model.ids import DemandId, RunId, StaffId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.problems import distinct
from carecoord.model.spread import Placed
from carecoord.model.visits import DayKey
from carecoord.planning import hours, weights
from carecoord.planning.labour import Cut, Work, labour_rules
from carecoord.planning.spread import Ahead, Question, question
from carecoord.store import days, demands, documents, horizons, pins, runs, spread, worked
from carecoord.store.engine import Tx
from carecoord.store.runs import Run
from solver.codec import problem_hash
from solver.period import WeekPlan

MOST_DAYS = 62


@dataclass(frozen=True, slots=True)
class DayAhead:
    """One day as the horizon shows it.

    version
        Of its plan; 0 = nothing planned yet.
    wanted, served, unserved
        Visits asked for, in the plan, and left out of it with a reason.
    run
        The newest run of the day, or None.
    problems
        Data problems that this run found, by code.
    """

    day: date
    zone: Zone
    version: int
    wanted: int
    served: int
    unserved: int
    run: Run | None
    problems: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Outlook:
    """The days around today; `last`: the newest planning of the days ahead, or None."""

    days: tuple[DayAhead, ...]
    last: Horizon | None


def outlook(
    tx: Tx, caller: Caller, street: StreetId, rules: Rules, *, today: date | None = None
) -> Outlook:
    """How far each day of a street is, from a week ago to the end of the horizon."""
    require(caller, "day.read", street)
    register.street(tx, street)
    now = today or time.today()
    ahead = rules.number("plan.horizon_days")
    span = [now + timedelta(days=k) for k in range(-7, ahead + 1)]
    states = {state.key.day: state for state in days.of_street(tx, street)}
    counts = days.counts(tx, street)
    found = []
    for day in span:
        state, run = states.get(day), runs.latest(tx, street, day)
        served, unserved = counts.get(day, (0, 0))
        faults = run.outcome.get("problems", ()) if run else ()
        found.append(
            DayAhead(
                day=day,
                zone=_zone(day, now, state.state if state else ""),
                version=state.version if state else 0,
                wanted=len(demands.on(tx, street, day)),
                served=served,
                unserved=unserved,
                run=run,
                problems=Counter(str(one["code"]) for one in faults),
            )
        )
    return Outlook(tuple(found), horizons.latest(tx, street))


def _zone(day: date, today: date, state: str) -> Zone:
    if day < today:
        return Zone.HISTORIC
    return Zone.PUBLISHED if state == "published" else Zone.DRAFT


def ask(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    rules: Rules,
    *,
    first: date | None = None,
    count: int | None = None,
    by_night: bool = False,
    options: Mapping[str, Any] | None = None,
    data: Path | None = None,
) -> Horizon:
    """Ask for the days ahead to be planned: spread visits over days, then plan each day.

    One that is open already is answered instead of a second one.

    Parameters
    ----------
    first
        Tomorrow if left out.
    count
        Days; those of the pack (`plan.horizon_days`) if left out.
    by_night
        The clock asks: one planning a night, however often it asks.
    options
        Of the runs (`seconds`, `iterations`, `seed`, `profile`) and of the spread
        (`spread_seconds`, `spread_steps`).
    data
        Data folder with the installation's own profiles; bundled ones only if left out.

    Raises
    ------
    Invalid
        `horizon.days`, `horizon.past`.
    Missing
        `street.none`, `profile.none`.
    """
    require(caller, "day.write", street)
    register.street(tx, street)
    begin = first or time.today() + timedelta(days=1)
    length = count or rules.number("plan.horizon_days")
    if not 1 <= length <= MOST_DAYS:
        raise Invalid("horizon.days", field="days", days=length, most=MOST_DAYS)
    if begin < time.today() and not by_night:
        raise Invalid("horizon.past", field="first", first=begin.isoformat())
    standard: dict[str, Any] = {
        "seconds": rules.number("plan.nightly_seconds"),
        "iterations": None,
        "seed": 1,
        "profile": weights.STANDARD,
        "spread_seconds": rules.number("plan.spread_seconds"),
        "spread_steps": None,
    }
    chosen = standard | dict(options or {})
    weights.read(chosen["profile"], data)
    present = horizons.unfinished(tx, street)
    same = present is not None and (present.first, present.days, present.options) == (
        begin,
        length,
        chosen,
    )
    if present is not None and same and not by_night:
        return present
    id_ = night(street, begin) if by_night else f"hand/{uuid4()}"
    found = horizons.ask(
        tx, id_, street, begin, length, options=chosen, by=caller.id, at=time.now()
    )
    audit.record(tx, caller, "horizon.request", f"Horizon/{found.id}")
    return found


# ---- Spreading ----


def expand(tx: Tx, caller: Caller, planning: Horizon, rules: Rules) -> dict[str, Any]:
    """Bring the visits of the days ahead up to date; counts for the outcome."""
    done = service_days.expand_plans(
        tx, caller, planning.street, planning.first, planning.days, rules
    )
    faults = Counter(one.code for one in distinct(done.problems))
    return {"wanted": done.wanted, "changed": done.changed, "problems": dict(faults)}


def asked(tx: Tx, planning: Horizon, rules: Rules, data: Path) -> Question:
    """The spread of the days that people do not know yet, as a problem to solve."""
    street, first = planning.street, planning.first
    of = register.street(tx, street)
    elders, _ = register.elders(tx, of)
    living = [one.id for one in elders.values() if not one.dead]
    found, _ = service_days.plans_of(tx, of, living, first, planning.days, rules)
    told = days.published(tx, street)
    draft = [day for day in planning.span if day not in told]
    ids = [plan.id for plan in found]
    limits = labour_rules(rules)
    return question(
        Ahead(
            first=first,
            days=planning.days,
            told=frozenset(told),
            plans={plan.id: plan for plan in found},
            demands=tuple(one for day in draft for one in demands.on(tx, street, day)),
            fixed=frozenset(_pinned(tx, street, draft)),
            placed=tuple(service_days.placed(tx, ids, first, planning.span[-1])),
            staff={day: tuple(_roster(tx, of, day)) for day in draft},
            history=_history(tx, street, planning, limits.reach),
            known=service_days.known(tx, street, first),
            rules=limits,
            costs=weights.profile(planning.options["profile"], data)[1],
            way=rules.number("referral.offer_travel_seconds"),
        )
    )


def _pinned(tx: Tx, street: StreetId, span: Iterable[date]) -> Iterable[DemandId]:
    return (pin.demand for day in span for pin in pins.on(tx, DayKey(street, day)))


def _roster(tx: Tx, of: register.Street, day: date) -> Iterable[Any]:
    staff, _ = register.staff_on(tx, of, day)
    return roster.at_work(tx, of.id, staff, day)


def _history(
    tx: Tx, street: StreetId, planning: Horizon, reach: int
) -> Mapping[StaffId, dict[date, Work]]:
    """What everybody works on days before, as planned, and on days that were told."""
    before = planning.first - timedelta(days=1)
    found: dict[StaffId, dict[date, Work]] = defaultdict(dict)
    routes = worked.routes(
        tx,
        street,
        planning.first - timedelta(days=reach),
        planning.span[-1] + timedelta(days=reach),
        only_published_after=before,
    )
    for on, (stops, homeward, pauses) in routes.items():
        for who, work in hours.worked(stops, homeward, pauses).items():
            found[who][on] = work
    return found


def settle(
    tx: Tx,
    caller: Caller,
    planning: Horizon,
    asking: Question,
    plan: WeekPlan,
    rules: Rules,
) -> dict[str, Any]:
    """Keep what the spread chose and bring the visits in line; counts for the outcome.

    A day that people were told meanwhile keeps its visits, and gets none.
    """
    documents.hold(tx, f"demand/{planning.street}")
    told = days.published(tx, planning.street)
    now = {
        (one.plan, one.group, one.occasion, due): one.day
        for visits in asking.series.values()
        for one, due in visits
    }
    chosen = [
        one for one in asking.answer(plan) if one.day not in told and not _was(one, now, told)
    ]
    changed = spread.replace(tx, planning.street, chosen, planning.id)
    done = expand(tx, caller, planning, rules)
    moved = sum(now.get((o.plan, o.group, o.occasion, o.due), o.day) != o.day for o in chosen)
    return done | {
        "visits": len({(one.plan, one.group, one.occasion, one.due) for one in chosen}),
        "moved": moved,
        "placed": changed,
        "without_carer": len(plan.unserved),
    }


def _was(one: Placed, now: Mapping[Any, date], told: Iterable[date]) -> bool:
    """Whether the visit stands on a day that people know by now."""
    return now.get((one.plan, one.group, one.occasion, one.due)) in set(told)


# ---- Planning the days, one after the other ----


def why_not(tx: Tx, planning: Horizon, day: date, data: Path, rules: Rules) -> tuple[str, str]:
    """Why a day need not be planned anew, or empty; and a hash of what it is planned from.

    `told`: people know it; `empty`: nobody wants anything; `same`: nothing changed since the run
    that made its plan.
    """
    key = DayKey(planning.street, day)
    if day in days.published(tx, planning.street):
        return "told", ""
    _, costs = weights.profile(planning.options["profile"], data)
    standing = stand(tx, planning.street, day, data, rules, costs)
    if not standing.given.demands and not standing.version:
        return "empty", ""
    now = problem_hash(standing.built.problem)
    before = horizons.planned_from(tx, key)
    same = before is not None and before[0] == now and bool(standing.version)
    if before is not None and same and runs.read(tx, before[1]).state == "committed":
        return "same", now
    return "", now


def request(
    tx: Tx, caller: Caller, planning: Horizon, day: date, data: Path, planned_from: str
) -> RunId:
    """Ask for a run of one day, and remember what it is planned from."""
    options = {
        name: planning.options[name] for name in ("seconds", "iterations", "seed", "profile")
    }
    run = service_days.request(tx, caller, planning.street, day, data=data, **options)
    horizons.plan_from(tx, DayKey(planning.street, day), planned_from, run.id)
    return run.id


def publish_ahead(tx: Tx, caller: Caller, planning: Horizon, rules: Rules) -> list[date]:
    """Tell people of as many days as the pack says, once they are planned; the days told."""
    count = rules.number("plan.publish_ahead_days")
    found = []
    for day in planning.span[:count]:
        state = days.state(tx, DayKey(planning.street, day))
        if state is not None and state.state == "draft":
            try:
                service_days.publish(tx, caller, planning.street, day, expected=state.version)
            except (Conflict, Stale):
                continue
            found.append(day)
    return found


# ---- Working hours ----


@dataclass(frozen=True, slots=True)
class Hours:
    """What labour rules leave one person on a day.

    roster, left
        Seconds of work by the roster, and after all limits.
    planned
        Seconds of work in the plan of the day.
    cuts
        Limits that cost the person time.
    """

    staff: StaffId
    name: str
    roster: int
    left: int
    planned: int
    cuts: tuple[Cut, ...]


def labour(tx: Tx, caller: Caller, street: StreetId, day: date, rules: Rules) -> tuple[Hours, ...]:
    """What everybody may work on a day, with the rule and the numbers behind each cut."""
    require(caller, "day.read", street)
    of = register.street(tx, street)
    here = list(_roster(tx, of, day))
    left, cuts = roster.within_limits(tx, street, day, here, rules)
    routes = worked.routes(tx, street, day, day).get(day, ([], [], []))
    planned = hours.worked(*routes)
    limits = labour_rules(rules)
    return tuple(
        Hours(
            staff=before.id,
            name=before.name,
            roster=limits.work_of(before.shifts),
            left=limits.work_of(after.shifts),
            planned=planned[before.id].seconds if before.id in planned else 0,
            cuts=cuts.get(before.id, ()),
        )
        for before, after in zip(here, left, strict=True)
    )


def breaches(
    tx: Tx, caller: Caller, street: StreetId, first: date, last: date, rules: Rules
) -> list[hours.Breach]:
    """Every limit of working time that the plans of some days break."""
    require(caller, "day.read", street)
    of = register.street(tx, street)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Invalid("horizon.days", field="last", days=(last - first).days + 1, most=MOST_DAYS)
    routes = worked.routes(tx, street, first, last)
    found = {day: hours.worked(*parts) for day, parts in routes.items()}
    agreed = {one.id: one.overtime for one in register.staff_on(tx, of, last)[0] if one.overtime}
    return hours.breaches(found, labour_rules(rules), agreed)
