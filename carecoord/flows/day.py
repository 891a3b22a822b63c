"""A street-day: what is wanted, a run that plans it, and telling people."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from carecoord.access import Caller, audit, require
from carecoord.errors import Stale
from carecoord.fhir import plans
from carecoord.flows import fixed, hospital, register, roster, shifts
from carecoord.model import time
from carecoord.model.demands import VisitDemand
from carecoord.model.edits import VisitEdit
from carecoord.model.ids import DemandId, ElderId, PlanId, StaffId, StreetId
from carecoord.model.plans import Plan
from carecoord.model.policy import Rules
from carecoord.model.problems import DataProblem
from carecoord.model.spread import Placed
from carecoord.model.versions import Cause, Why
from carecoord.model.visits import HELD, SETTLED, DayKey, DayPlan
from carecoord.packs.load import load
from carecoord.planning import expand, figures, weights
from carecoord.planning.problem import DayInput
from carecoord.planning.recur import FARTHEST
from carecoord.planning.weights import STANDARD
from carecoord.store import day_versions, days, demands, documents, edits, runs, spread
from carecoord.store.engine import Tx
from carecoord.store.runs import Run

_KNOWN_DAYS = 28
"""How far back a carer counts as known to an elder, days."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """What the active plans of a street ask for.

    wanted
        Visits in the days asked for.
    changed
        Demands added, altered or taken back since the last time.
    problems
        Tasks and addresses that cannot be planned as they stand.
    """

    wanted: int
    changed: int
    problems: tuple[DataProblem, ...]


def expand_plans(
    tx: Tx, caller: Caller, street: StreetId, first: date, count: int, rules: Rules
) -> Expansion:
    """Turn every active plan of a street into demands for `count` days from `first`.

    Days that are published keep their demands. Doing it twice changes nothing.
    """
    require(caller, "demand.write", street)
    # Whoever stops or resumes visits meanwhile waits, or is seen.
    documents.hold(tx, f"demand/{street}")
    of = register.street(tx, street)
    elders, problems = register.elders(tx, of)
    alive = [elder.id for elder in elders.values() if not elder.dead]
    wanted, unclear = asked_for(tx, of, alive, first, count, rules)
    problems += unclear
    told = days.published(tx, street)
    changed = demands.replace(tx, street, first, count, wanted, keep=told)
    shifts.complete(tx, street)
    if changed:
        audit.record(tx, caller, "demand.write", f"{street}/{first.isoformat()}+{count}")
    return Expansion(len(wanted), changed, tuple(problems))


def asked_for(
    tx: Tx, of: register.Street, elders: Iterable[ElderId], first: date, count: int, rules: Rules
) -> tuple[list[VisitDemand], list[DataProblem]]:
    """Visits that the active plans of these elders ask for in `count` days from `first`.

    Nobody calls on somebody who is in hospital.
    """
    wanted: list[VisitDemand] = []
    problems: list[DataProblem] = []
    found, unreadable = plans_of(tx, of, elders, first, count, rules)
    last = first + timedelta(days=count - 1)
    ids = [plan.id for plan in found]
    decided: dict[str, list[VisitEdit]] = defaultdict(list)
    for edit in edits.between(tx, ids, first, last):
        decided[edit.plan].append(edit)
    chosen: dict[str, list[Placed]] = defaultdict(list)
    for one in placed(tx, ids, first, last):
        chosen[one.plan].append(one)
    answers = register.answering(tx, ids)
    for plan in found:
        visits, clashes = expand.demands(
            plan, of.id, first, count, decided[plan.id], chosen[plan.id]
        )
        wanted += [_answered(visit, answers) for visit in visits]
        problems += [*unreadable.get(plan.id, ()), *clashes]
    return wanted, problems


def plans_of(
    tx: Tx, of: register.Street, elders: Iterable[ElderId], first: date, count: int, rules: Rules
) -> tuple[list[Plan], dict[PlanId, list[DataProblem]]]:
    """Plans of these elders in force on some of these days, and what of each cannot be read.

    Nobody calls on somebody who is in hospital.
    """
    away = hospital.inpatients(tx)
    at_home = [elder for elder in elders if elder not in away]
    roles = register.practitioner_roles(tx, of)
    catalogue, times = rules.catalogue(), figures.day_times(rules)
    found: list[Plan] = []
    unreadable: dict[PlanId, list[DataProblem]] = {}
    for resource in register.active_plans(tx, at_home, first, count):
        plan, problems = plans.plan(resource, catalogue, times, roles)
        found.append(plan)
        if problems:
            unreadable[plan.id] = problems
    return found, unreadable


def _answered(visit: VisitDemand, answers: Mapping[tuple[str, str], str]) -> VisitDemand:
    """The visit with the one organisation that answers for all its programmes, if it is one."""
    named = {answers.get((visit.plan, one), "") for one in visit.programmes} or {""}
    return visit if named == {""} or len(named) > 1 else replace(visit, organization=named.pop())


def placed(tx: Tx, of: Iterable[PlanId], first: date, last: date) -> list[Placed]:
    """Days that the spread chose for visits of these plans around some days."""
    reach = timedelta(days=FARTHEST)
    return spread.between(tx, of, first - reach, last + reach)


def inputs(
    tx: Tx, street: StreetId, day: date, rules: Rules | None = None
) -> tuple[DayInput, list[DataProblem]]:
    """Everything one street-day is planned from, as stored now.

    Nobody has longer shifts than labour rules leave them beside their other days.

    rules
        Of the street on that day; read from the packs if left out.
    """
    of = register.street(tx, street)
    elders, addresses = register.elders(tx, of)
    staff, absent = register.staff_on(tx, of, day)
    here = roster.at_work(tx, street, staff, day)
    left, cuts = roster.within_limits(tx, street, day, here, rules or load().on(day, street))
    wanted = demands.on(tx, street, day)
    key = DayKey(street, day)
    given = DayInput(
        demands=wanted,
        elders=elders,
        staff=left,
        known=known(tx, street, day),
        held={u.demand: u for u in days.unserved_of(tx, key, (*HELD, *SETTLED))},
        labour=cuts,
        week=wished(wanted, spread.on(tx, street, day)),
    )
    return fixed.into(tx, key, given), [*addresses, *absent]


def wished(
    wanted: Iterable[VisitDemand], chosen: Iterable[Placed]
) -> Mapping[DemandId, tuple[StaffId, ...]]:
    """Visit → who should come by the spread over days."""
    staff = {(one.plan, one.group, one.occasion, one.day): one.staff for one in chosen}
    found = {d.id: staff.get((d.plan, d.group, d.occasion, d.day), ()) for d in wanted}
    return {id_: people for id_, people in found.items() if people}


def known(tx: Tx, street: StreetId, day: date) -> Mapping[ElderId, tuple[StaffId, ...]]:
    """Staff who called at each elder on published days before, the most frequent first."""
    calls: dict[ElderId, Counter[StaffId]] = defaultdict(Counter)
    for elder, staff, count in days.calls(tx, street, day - timedelta(days=_KNOWN_DAYS), day):
        calls[elder][staff] += count
    return {
        elder: tuple(staff for staff, _ in sorted(c.items(), key=lambda p: (-p[1], p[0])))
        for elder, c in calls.items()
    }


def request(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    *,
    seconds: int = 30,
    idle: int | None = None,
    iterations: int | None = None,
    seed: int = 1,
    profile: str = STANDARD,
    single: Mapping[str, int] | None = None,
    data: Path | None = None,
    idempotency_key: str | None = None,
    mild: bool = False,
) -> Run:
    """Ask for a plan of a day; an open run for the same thing is answered again.

    Parameters
    ----------
    seconds
        Hard limit of the search, wall clock.
    idle
        Seconds without a better plan after which the search ends; None = it does not.
    iterations
        Step limit: the same input, seed and step limit give the same plan.
    profile
        Name of the weights.
    single
        Single weights in place of those of the profile.
    data
        Data folder with the installation's own profiles; bundled ones only if left out.
    idempotency_key
        Asking again with it, the same thing, is answered by the same run.
    mild
        Go on from the plan in force with few changes; a day that people know stays known.

    Raises
    ------
    Missing
        `street.none`, `profile.none`.
    Invalid
        `profile.key`, `profile.value`: a single weight is unknown or out of range.
    Conflict
        `run.key_used`: the key was used for something else.
    """
    require(caller, "day.write", street)
    register.street(tx, street)
    weights.changed(weights.read(profile, data), single or {})
    key = DayKey(street, day)
    run = runs.request(
        tx,
        key,
        base_version=days.version(tx, key),
        options={
            "seconds": seconds,
            "idle": idle,
            "iterations": iterations,
            "seed": seed,
            "profile": profile,
            **({"weights": dict(sorted(single.items()))} if single else {}),
            **({"mild": True} if mild else {}),
        },
        by=caller.id,
        at=time.now(),
        idempotency_key=idempotency_key,
    )
    audit.record(tx, caller, "run.request", f"Run/{run.id}")
    return run


def commit(
    tx: Tx,
    run: Run,
    plan: DayPlan,
    *,
    attribution: str,
    problem_hash: str,
    outcome: dict[str, Any],
    better: Callable[[], bool] = lambda: True,
) -> str:
    """Store the result of a run, and return the state it ended in.

    `committed`: the day has this plan now. `proposal`: the day had moved meanwhile, nobody's change
    is overwritten, and the plan is kept beside it. `cancelled`: somebody ended the search; the
    outcome says whether its best plan was `committed`, kept as a `proposal`, or `none`.

    Parameters
    ----------
    better
        Whether the plan is no worse than the one in force; asked of a search that was cut short.

    Raises
    ------
    Stale
        `run.lost`: another worker has taken the run over; nothing may be written.
    """
    held = runs.lock(tx, run)
    if held is None:
        raise Stale("run.lost", run=run.id)
    key = run.key
    version = days.version(tx, key)
    moved = version != run.base_version
    kept = "proposal" if moved else "committed"
    if held.cancel and not moved and not better():
        kept = "none"
    if kept == "proposal":
        runs.keep_plan(tx, run.id, plan, attribution)
    if kept == "committed":
        shifts.follow(tx, key.street, key.day)
        cause: Cause = "repair" if run.options.get("mild") else "run"
        why = Why(cause, run.requested_by, based_on=run.base_version, source=run.id)
        version = days.replace_plan(tx, plan, expected=version, why=why, attribution=attribution)
    state = "cancelled" if held.cancel else kept
    runs.finish(
        tx,
        run,
        state,
        at=time.now(),
        problem_hash=problem_hash,
        outcome=outcome | {"version": version, "kept": kept},
    )
    return state


def publish(
    tx: Tx, caller: Caller, street: StreetId, day: date, *, expected: int, reason: str = ""
) -> int:
    """Tell people: the routes of a day are final until somebody changes them; the new version.

    A day whose people were told that version already stays as it is.
    """
    require(caller, "day.publish", street)
    key = DayKey(street, day)
    found = days.state(tx, key)
    told = day_versions.told(tx, key)
    if found is not None and found.state == "published" and found.version == expected == told:
        return expected
    shifts.follow(tx, street, day)
    version = days.publish(tx, key, Why("publish", caller.id, reason), expected=expected)
    audit.record(tx, caller, "day.publish", f"{street}/{day.isoformat()}@{version}")
    return version
