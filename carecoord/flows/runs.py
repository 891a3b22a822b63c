"""Planning runs of a street: who follows, ends, compares and takes over what they found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Stale
from carecoord.flows import versions
from carecoord.flows.drawing import drawn, judged
from carecoord.flows.standing import stand
from carecoord.flows.telling import ToTell
from carecoord.flows.versions import Difference
from carecoord.model import time
from carecoord.model.ids import DemandId, RunId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning import weights
from carecoord.planning.changes import Promise, changes, promises
from carecoord.planning.offers import solution_of
from carecoord.planning.takeover import ACCEPT, joined, kept
from carecoord.store import day_versions, days, runs
from carecoord.store.engine import Tx
from carecoord.store.runs import Run, RunEvent


@dataclass(frozen=True, slots=True)
class Clash:
    """A visit that people changed since the run began and that the run wanted otherwise.

    The person's decision holds. None = not made.
    """

    demand: DemandId
    person: Promise | None
    run: Promise | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of taking a proposal over.

    version
        Of the day, now.
    clashes
        Where the run wanted something else than people had decided meanwhile.
    told
        Who has to be told, on a day that people know.
    """

    version: int
    clashes: tuple[Clash, ...]
    told: tuple[ToTell, ...]


def listed(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    *,
    day: date | None = None,
    states: Sequence[str] = (),
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[Run, ...]:
    """Runs of a street, the newest first."""
    require(caller, "day.read", street)
    return runs.of_street(tx, street, day=day, states=states, before=before, limit=limit)


def read(tx: Tx, caller: Caller, run: RunId) -> Run:
    """One run, for whoever may see its street."""
    found = runs.read(tx, run)
    require(caller, "day.read", found.key.street)
    return found


def undecided(run: Run) -> bool:
    """Whether the plan of a run that has ended waits for somebody's decision."""
    kept = run.outcome.get("kept") == "proposal"
    return not run.open and kept and "decision" not in run.outcome


def events(tx: Tx, caller: Caller, run: RunId, *, after: int = 0) -> tuple[RunEvent, ...]:
    """What happened to a run after event `after`."""
    read(tx, caller, run)
    return runs.events(tx, run, after=after)


def cancel(tx: Tx, caller: Caller, run: RunId) -> Run:
    """End a run: the best plan so far is kept. Doing it twice changes nothing.

    Raises
    ------
    Conflict
        `run.over`: it has ended by itself.
    """
    found = runs.read(tx, run)
    require(caller, "day.write", found.key.street)
    if found.state == "cancelled" or found.cancel:
        return found
    if not found.open:
        raise Conflict("run.over", run=run, state=found.state)
    ended = runs.cancel(tx, run, at=time.now())
    if ended.state not in (*runs.OPEN, "cancelled"):
        raise Conflict("run.over", run=run, state=ended.state)
    audit.record(tx, caller, "run.cancel", f"Run/{run}")
    return ended


def difference(tx: Tx, caller: Caller, run: RunId) -> Difference:
    """What the plan of a run has otherwise: a proposal than the day now, else than its base.

    Raises
    ------
    Missing
        `run.no_plan`: there is none, yet or any more.
    """
    found = read(tx, caller, run)
    key = found.key
    if found.outcome.get("kept") == "committed":
        base = day_versions.plan(tx, key, found.base_version) if found.base_version else None
        return versions.between(tx, key, base, day_versions.plan(tx, key, found.outcome["version"]))
    plan, _ = runs.kept_plan(tx, found)
    return versions.between(tx, key, days.read(tx, key) if days.version(tx, key) else None, plan)


def drop(tx: Tx, caller: Caller, run: RunId) -> Run:
    """Decide that a proposal is not wanted; it stays on record."""
    found = _proposal(tx, caller, run)
    _decide(tx, caller, found, "dropped", {})
    return runs.read(tx, run)


def accept(
    tx: Tx,
    caller: Caller,
    run: RunId,
    data: Path,
    rules: Rules,
    *,
    expected: int,
    reason: str = "",
) -> Taken:
    """Take a proposal over; what people changed since the run began stays as they wanted it.

    Raises
    ------
    Stale
        `day.moved`: the day is no longer at `expected`.
    Conflict
        `run.no_proposal`: there is none, or somebody has decided; `run.no_fit`: it does not go
        together with what people changed; `plan.refused`: the judge refuses the result.
    """
    found = _proposal(tx, caller, run)
    key = found.key
    if days.version(tx, key) != expected:
        raise Stale("day.moved", street=key.street, day=key.day.isoformat(), expected=expected)
    proposal, attribution = runs.kept_plan(tx, found)
    decided = _decided(tx, key, found.base_version)
    prices, costs = weights.asked(found.options, data)
    standing = stand(tx, key.street, key.day, data, rules, costs)
    present = promises(standing.plan)
    # What has happened, and what a pin holds against a rule, is in the problem already.
    fixed = {
        p.visit for p in standing.built.problem.pins if {*p.staff} & {*standing.built.stand_ins}
    }
    mine = {demand: present.get(demand) for demand in decided - fixed}
    options = replace(ACCEPT, weights=prices)
    built = replace(standing.built, problem=kept(standing.built.problem, mine))
    wanted = solution_of(standing.built, proposal)
    solution = joined(built.problem, wanted, standing.solution, mine, options)
    if solution is None:
        raise Conflict("run.no_fit", run=run)
    judged(built, solution, options)
    plan = drawn(key, built, standing.at, solution, standing.given, standing.network)
    why = Why("accept", caller.id, reason, based_on=found.base_version, source=run)
    version = days.replace_plan(
        tx, plan, expected=expected, why=why, attribution=attribution, even_equal=True
    )
    _decide(tx, caller, found, "accepted", {"accepted_version": version})
    asked = promises(proposal)
    clashes = tuple(
        Clash(demand, mine[demand], asked.get(demand))
        for demand in sorted(mine)
        if mine[demand] != asked.get(demand)
    )
    return Taken(version, clashes, versions.untold(tx, key, reason))


def _proposal(tx: Tx, caller: Caller, run: RunId) -> Run:
    found = runs.read(tx, run)
    require(caller, "day.write", found.key.street)
    # Two people who decide at once: the second one sees what the first did.
    runs.hold_decision(tx, run)
    found = runs.read(tx, run)
    if not undecided(found):
        raise Conflict(
            "run.no_proposal", run=run, state=str(found.outcome.get("decision", found.state))
        )
    return found


def _decide(tx: Tx, caller: Caller, run: Run, decision: str, more: Mapping[str, Any]) -> None:
    outcome = run.outcome | {"decision": decision, "by": caller.id} | dict(more)
    runs.decide(tx, run.id, outcome)
    audit.record(tx, caller, f"run.{decision}", f"Run/{run.id}")


def _decided(tx: Tx, key: DayKey, base: int) -> set[DemandId]:
    """Visits that people changed after version `base` and no later run changed again."""
    found: set[DemandId] = set()
    plan: DayPlan | None = day_versions.plan(tx, key, base) if base else None
    for row in day_versions.of_day(tx, key, after=base):
        following = day_versions.plan(tx, key, row.version)
        touched = {change.demand for change in changes(plan, following)}
        found = found | touched if row.why.keeps_state else found - touched
        plan = following
    return found
