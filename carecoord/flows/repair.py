"""A planned day answers what has happened: at once, with few changes, and who has to be told."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from typing import TypeVar
from uuid import uuid4

from carecoord.access import Caller, audit, require
from carecoord.errors import Missing, Stale
from carecoord.flows import day as days_of
from carecoord.flows import fixed, happened, networks, register, shifts
from carecoord.flows.drawing import drawn
from carecoord.flows.standing import travel_times
from carecoord.flows.telling import News, ToTell, news_of, people_to_tell
from carecoord.model import time
from carecoord.model.happenings import Happening
from carecoord.model.ids import DemandId, RunId, StreetId
from carecoord.model.pins import Breach
from carecoord.model.policy import Rules
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Homeward, Pause, Stop, Unserved
from carecoord.planning import figures, weights
from carecoord.planning.changes import changes, promises
from carecoord.planning.offers import solution_of
from carecoord.planning.pinned import unmet
from carecoord.planning.problem import Built, DayInput, Places, build, places
from carecoord.planning.repair import Told, repair
from carecoord.planning.weights import STANDARD
from carecoord.store import days, repairs, visit_events
from carecoord.store.engine import Tx
from carecoord.streets import Network
from solver import Options, Solution, Weights

_SECONDS = 5
"""Longest search inside a request, wall clock."""

_GOES_ON, _NOTHING_BETTER = 20, 3
"""Seconds for which a run goes on afterwards, and without a better plan at most."""


@dataclass(frozen=True, slots=True)
class How:
    """How a day is to answer.

    frozen_before
        What begins before stays; now if left out.
    iterations
        Rounds of search after everything has been put back; None = only as far as needed.
    improve
        Let a run go on with the search afterwards.
    dry_run
        Only say what would be done.
    """

    frozen_before: datetime | None = None
    reason: str = ""
    profile: str = STANDARD
    seconds: int = _SECONDS
    iterations: int | None = None
    seed: int = 1
    improve: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a day answers.

    version, state
        Of the day now; of the day as it would be, when nothing was stored.
    news
        What is different, visit by visit.
    unserved
        Visits that nobody makes, each with the reason.
    breaches
        Pins that a rule forbids, kept all the same.
    told
        Who has to be told, on a day that people know.
    before, after
        Cost by rule.
    run
        Goes on with the search; None = none was asked for.
    """

    version: int
    state: str
    dry_run: bool
    news: tuple[News, ...]
    unserved: tuple[Unserved, ...]
    breaches: tuple[Breach, ...]
    told: tuple[ToTell, ...]
    before: Mapping[str, int]
    after: Mapping[str, int]
    plan: DayPlan
    seconds: float
    run: RunId | None = None


def answer(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    events: Sequence[Happening],
    how: How,
    rules: Rules,
    data: Path,
    *,
    expected: int,
) -> Answer:
    """Take in what happened, put back what has lost its place, and store the new version.

    Several events are one answer. Visits that have begun stay exactly as they are.

    Raises
    ------
    Missing
        `day.none`: nothing is planned; `repair.visit`, `repair.staff`, `repair.elder`,
        `repair.no_plan`: an event names what is not there.
    Conflict
        `repair.begun`: the visit has begun already.
    Stale
        The day is no longer at version `expected`.
    """
    require(caller, "day.write", street)
    register.street(tx, street)
    begun = perf_counter()
    key = DayKey(street, day)
    state = days.state(tx, key)
    if state is None:
        raise Missing("day.none", street=street, day=day.isoformat())
    if state.version != expected:
        raise Stale("day.moved", street=street, day=day.isoformat(), expected=expected)
    with _kept(tx, not how.dry_run):
        before = days.read(tx, key)
        here = _taken_in(tx, caller, key, events, how, rules, before)
        ready = _Ready.read(tx, here, rules, data, how)
        plan, breaches = _repaired(ready, before, bool(events), state.state == "published", how)
        # A question is answered without writing the plan: nobody would read it.
        version = expected if how.dry_run else _stored(tx, caller, here, plan, expected, how)
        found = changes(before, plan)
        published = state.state == "published"
        told = people_to_tell(tx, key, before, plan, reason=how.reason) if published else ()
        return Answer(
            version=version,
            state=state.state,
            dry_run=how.dry_run,
            news=news_of(tx, key, found),
            unserved=plan.unserved,
            breaches=breaches,
            told=told,
            before=before.cost,
            after=plan.cost,
            plan=plan,
            seconds=round(perf_counter() - begun, 3),
            run=_improved(tx, caller, key, how, data),
        )


def of_day(
    tx: Tx, caller: Caller, street: StreetId, day: date
) -> tuple[tuple[repairs.Repaired, datetime], ...]:
    """What happened on a day, each with the instant before which everything stayed."""
    require(caller, "day.read", street)
    register.street(tx, street)
    found = repairs.on(tx, DayKey(street, day))
    return tuple((one, time.instant(day, one.frozen)) for one in found)


@contextmanager
def _kept(tx: Tx, keep: bool) -> Iterator[None]:
    """Whatever happens inside is undone at its end, unless it is to be kept."""
    point = tx.begin_nested()
    try:
        yield
    except BaseException:
        point.rollback()
        raise
    if keep:
        point.commit()
    else:
        point.rollback()


def _taken_in(
    tx: Tx,
    caller: Caller,
    key: DayKey,
    events: Sequence[Happening],
    how: How,
    rules: Rules,
    plan: DayPlan,
) -> happened.Scene:
    now = time.seconds_of(how.frozen_before or time.now(), key.day)
    before = max((one.frozen for one in repairs.on(tx, key)), default=0)
    until = min(max(now, before, 0), 2 * time.DAY)
    here = happened.scene(tx, caller, key, rules, str(uuid4()), until, plan)
    happened.take_in(here, events, how.reason)
    return here


@dataclass(slots=True)
class _Ready:
    """The day after what happened, for the solver."""

    key: DayKey
    given: DayInput
    at: Places
    network: Network | None
    built: Built
    present: Solution
    plan: DayPlan
    until: int
    weights: Weights
    rules: Rules

    @classmethod
    def read(
        cls,
        tx: Tx,
        here: happened.Scene,
        rules: Rules,
        data: Path,
        how: How,
    ) -> "_Ready":
        """Everything as it is now, with what has just been told."""
        key = here.key
        worth, costs = weights.profile(how.profile, data)
        given, _ = days_of.inputs(tx, key.street, key.day, rules)
        given = _as_told(tx, here, given)
        network = networks.of_street(tx, key.street, data)
        at = places(given)
        travel = travel_times(network, at, given.staff, data / "cache")
        built = build(given, at, travel, figures.day_rules(rules), costs)
        present = solution_of(built, here.plan)
        return cls(key, given, at, network, built, present, here.plan, here.until, worth, rules)


def _as_told(tx: Tx, here: happened.Scene, given: DayInput) -> DayInput:
    """The input of the day as if what has just been told were stored."""
    events = visit_events.on(tx, here.key)
    just = repairs.Repaired(
        here.id, here.key, 0, here.until, tuple(here.written), "", here.caller.id, time.now()
    )
    found = fixed.of(
        here.key,
        given.pins,
        here.plan,
        given.demands,
        given.elders,
        events,
        (*repairs.on(tx, here.key), just),
    )
    return replace(fixed.with_fixed(given, found), held={**given.held, **here.undone})


def _repaired(
    ready: _Ready, before: DayPlan, happened_: bool, published: bool, how: How
) -> tuple[DayPlan, tuple[Breach, ...]]:
    if not happened_:
        return before, (
            *ready.built.breaches,
            *unmet(ready.given.pins, before, ready.built.breaches),
        )
    options = Options(
        seconds=how.seconds, iterations=how.iterations, seed=how.seed, weights=ready.weights
    )
    done = repair(ready.built, ready.present, _told(ready, published), options)
    plan = drawn(ready.key, ready.built, ready.at, done.solution, ready.given, ready.network)
    plan = as_it_was(ready.plan, before, plan)
    breaches = ready.built.breaches
    return plan, (*breaches, *unmet(ready.given.pins, plan, breaches))


def _told(ready: _Ready, published: bool) -> Told:
    if not published:
        return Told()
    soon = ready.until + 60 * ready.rules.number("repair.soon_minutes")
    return Told(
        routes=ready.present.routes,
        soon=frozenset(d for d, one in promises(ready.plan).items() if one.start < soon),
        soon_cost=ready.rules.number("repair.soon_cost"),
    )


def as_it_was(present: DayPlan, before: DayPlan, found: DayPlan) -> DayPlan:
    """The plan found, with every row of people and visits for whom nothing has changed.

    present
        The plan in force without what is not made after all.
    """
    people = {s.staff for plan in (present, found) for s in plan.stops}
    same = {who for who in people if _calls(present, who) == _calls(found, who)}
    old = {u.demand: u for u in before.unserved}
    kept_out = ("unserved.past",)
    plan = replace(
        found,
        stops=_rows(present.stops, found.stops, same),
        pauses=_rows(present.pauses, found.pauses, same),
        homeward=_rows(present.homeward, found.homeward, same),
        unserved=tuple(
            old[u.demand] if u.demand in old and u.code not in kept_out else u
            for u in found.unserved
        ),
    )
    nothing = (plan.stops, plan.pauses, plan.homeward, plan.unserved) == (
        before.stops,
        before.pauses,
        before.homeward,
        before.unserved,
    )
    return before if nothing else plan


def _calls(plan: DayPlan, who: str) -> list[tuple[DemandId, int, int]]:
    return [(s.demand, s.start, s.end) for s in plan.stops if s.staff == who]


_Row = TypeVar("_Row", Stop, Pause, Homeward)


def _rows(old: Sequence[_Row], new: Sequence[_Row], same: Collection[str]) -> tuple[_Row, ...]:
    rows = [one for one in old if one.staff in same]
    rows += [one for one in new if one.staff not in same]
    return tuple(sorted(rows, key=_place_of))


def _place_of(row: Stop | Pause | Homeward) -> tuple[str, int]:
    at = row.order if isinstance(row, Stop) else getattr(row, "start", 0)
    return row.staff, row.arrival if isinstance(row, Homeward) else at


def _stored(
    tx: Tx, caller: Caller, here: happened.Scene, plan: DayPlan, expected: int, how: How
) -> int:
    """Store plan and events, and let other days follow; the version of the day."""
    key = here.key
    why = Why("repair", caller.id, how.reason, source=here.id)
    version = days.replace_plan(tx, plan, expected=expected, why=why)
    if here.written:
        if not any(one["kind"] == "staff_absent" for one in here.written):
            # Absences show their days themselves.
            shifts.follow(tx, key.street, key.day)
        repairs.add(
            tx,
            repairs.Repaired(
                here.id,
                key,
                version,
                here.until,
                tuple(here.written),
                how.reason,
                caller.id,
                time.now(),
            ),
        )
        audit.record(tx, caller, "day.repair", f"{key.street}/{key.day.isoformat()}@{version}")
    for follow in here.afterwards:
        follow()
    return days.version(tx, key)


def _improved(tx: Tx, caller: Caller, key: DayKey, how: How, data: Path) -> RunId | None:
    """Ask a run to go on from the repaired plan with the same things fixed."""
    if not how.improve or how.dry_run:
        return None
    run = days_of.request(
        tx,
        caller,
        key.street,
        key.day,
        seconds=_GOES_ON,
        idle=_NOTHING_BETTER,
        seed=how.seed,
        profile=how.profile,
        data=data,
        mild=True,
    )
    return run.id
