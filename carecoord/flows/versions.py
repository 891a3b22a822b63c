"""The history of a street-day: what changed, undo, redo, restore, and telling people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Invalid, Missing, Stale
from carecoord.flows import day as days_of
from carecoord.flows.standing import stand
from carecoord.flows.telling import News, ToTell, news_of, people_to_tell
from carecoord.model.events import EventKind
from carecoord.model.ids import DemandId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.versions import Cause, DayVersion, History, Why, history
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning.changes import changes, promises
from carecoord.planning.indicators import Indicators, indicators
from carecoord.planning.restoring import Lost, fitted
from carecoord.store import day_versions, days, visit_events
from carecoord.store.engine import Tx
from solver import Options

Walk = Literal["undo", "redo"]
_NOWHERE: Mapping[Walk, str] = {"undo": "day.nothing_to_undo", "redo": "day.nothing_to_redo"}


class NotFeasible(Conflict):
    """An earlier plan does not fit what is known now; `lost` says what of it."""

    def __init__(self, version: int, lost: tuple[Lost, ...]) -> None:
        super().__init__("day.not_feasible", version=version, count=len(lost))
        self.lost = lost


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of a day, oldest first.

    current
        The newest; `told`: what people were told last, 0 = nothing.
    history
        Where undo and redo lead.
    """

    key: DayKey
    current: int
    told: int
    history: History
    rows: tuple[DayVersion, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What one plan has otherwise than another, and both in figures; None = no plan before."""

    news: tuple[News, ...]
    before: Indicators | None
    after: Indicators


@dataclass(frozen=True, slots=True)
class Moved:
    """One version since the one somebody decided on, and what it changed."""

    version: DayVersion
    news: tuple[News, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a change by a person.

    version
        Of the day, now.
    lost
        Visits of the earlier plan that could not be kept.
    told
        Who has to be told, on a day that people know: everything since they were told last.
    """

    version: int
    lost: tuple[Lost, ...]
    told: tuple[ToTell, ...]


def listed(tx: Tx, caller: Caller, street: StreetId, day: date) -> Versions:
    """Every version of a day, without the plans.

    Raises
    ------
    Missing
        `day.none`: the day was never planned.
    """
    require(caller, "day.read", street)
    key = DayKey(street, day)
    rows = day_versions.of_day(tx, key)
    if not rows:
        raise Missing("day.none", street=street, day=day.isoformat())
    return Versions(key, rows[-1].version, day_versions.told(tx, key), history(rows), rows)


def read(
    tx: Tx, caller: Caller, street: StreetId, day: date, version: int
) -> tuple[DayVersion, DayPlan]:
    """One version with its whole plan.

    Raises
    ------
    Missing
        `day.no_version`.
    """
    require(caller, "day.read", street)
    key = DayKey(street, day)
    plan = day_versions.plan(tx, key, version)
    row = next(v for v in day_versions.of_day(tx, key) if v.version == version)
    return row, plan


def difference(
    tx: Tx, caller: Caller, street: StreetId, day: date, before: int, after: int
) -> Difference:
    """What version `after` has otherwise than `before`; version 0 is the day without a plan."""
    require(caller, "day.read", street)
    key = DayKey(street, day)
    old = day_versions.plan(tx, key, before) if before else None
    return between(tx, key, old, day_versions.plan(tx, key, after))


def between(tx: Tx, key: DayKey, before: DayPlan | None, after: DayPlan) -> Difference:
    """The difference of any two plans of a day. The caller has asked for permission."""
    given, _ = days_of.inputs(tx, key.street, key.day)
    return Difference(
        news_of(tx, key, changes(before, after)),
        None if before is None else indicators(before, given),
        indicators(after, given),
    )


def since(tx: Tx, caller: Caller, key: DayKey, version: int) -> tuple[Moved, ...]:
    """What happened to a day after a version, for somebody who decided on that one."""
    require(caller, "day.read", key.street)
    rows = day_versions.of_day(tx, key, after=version)
    plan = _known(tx, key, version)
    found: list[Moved] = []
    for row in rows:
        following = day_versions.plan(tx, key, row.version)
        found.append(Moved(row, news_of(tx, key, changes(plan, following))))
        plan = following
    return tuple(found)


def walk(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    data: Path,
    rules: Rules,
    *,
    to: Walk,
    expected: int,
    reason: str = "",
    partly: bool = False,
    override: bool = False,
) -> Step:
    """Go back to the plan before the last change, or take back the last undo; a new version.

    Raises
    ------
    Conflict
        `day.nothing_to_undo`; `day.nothing_to_redo`: the last change was no undo; see `restore`
        for the others.
    """
    found = _current(tx, caller, street, day, expected)
    version = found.back if to == "undo" else found.forward
    if not version:
        raise Conflict(_NOWHERE[to], day=day.isoformat())
    how = _How(to, version, expected, reason, partly, override)
    return _take_up(tx, caller, DayKey(street, day), data, rules, how)


def restore(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    data: Path,
    rules: Rules,
    *,
    version: int,
    expected: int,
    reason: str,
    partly: bool = False,
    override: bool = False,
) -> Step:
    """Take up the plan of any earlier version; a new version.

    Parameters
    ----------
    partly
        Leave out what cannot be kept, instead of refusing: a carer who is absent now, a visit
        that nobody wants any more.
    override
        Keep what breaks a rule, because of `reason`: somebody made that plan so on purpose.

    Raises
    ------
    Stale
        `day.moved`: the day is no longer at `expected`.
    Missing
        `day.no_version`.
    NotFeasible
        `day.not_feasible`, with the visits that cannot be kept.
    Conflict
        `day.under_way`: it would change a visit that has begun.
    Invalid
        `move.reason`: to override needs a reason.
    """
    _current(tx, caller, street, day, expected)
    how = _How("restore", version, expected, reason, partly, override)
    return _take_up(tx, caller, DayKey(street, day), data, rules, how)


def publish(
    tx: Tx, caller: Caller, street: StreetId, day: date, *, expected: int, reason: str = ""
) -> Step:
    """Tell people; the second time only those whose visits have changed since.

    Raises
    ------
    Stale
        `day.moved`.
    Missing
        `day.none`.
    """
    require(caller, "day.publish", street)
    key = DayKey(street, day)
    before = _told_plan(tx, key)
    version = days_of.publish(tx, caller, street, day, expected=expected, reason=reason)
    if version == expected:
        return Step(version, (), ())
    found = people_to_tell(tx, key, before, days.read(tx, key), reason=reason)
    return Step(version, (), found)


def to_tell(tx: Tx, caller: Caller, street: StreetId, day: date) -> tuple[ToTell, ...]:
    """Who does not know yet what the plan says now; on a draft, who would have to be told."""
    require(caller, "day.read", street)
    key = DayKey(street, day)
    return people_to_tell(tx, key, _told_plan(tx, key), days.read(tx, key))


def untold(tx: Tx, key: DayKey, reason: str) -> tuple[ToTell, ...]:
    """Who has to be told after a change of a published day; nobody on a draft."""
    found = days.state(tx, key)
    if found is None or found.state != "published":
        return ()
    return people_to_tell(tx, key, _told_plan(tx, key), days.read(tx, key), reason=reason)


@dataclass(frozen=True, slots=True)
class _How:
    """Which earlier plan is taken up, and by what step."""

    cause: Cause
    version: int
    expected: int
    reason: str
    partly: bool
    override: bool


def _current(tx: Tx, caller: Caller, street: StreetId, day: date, expected: int) -> History:
    require(caller, "day.write", street)
    key = DayKey(street, day)
    found = days.version(tx, key)
    if not found:
        raise Missing("day.none", street=street, day=day.isoformat())
    if found != expected:
        raise Stale("day.moved", street=street, day=day.isoformat(), expected=expected)
    return history(day_versions.of_day(tx, key))


def _take_up(tx: Tx, caller: Caller, key: DayKey, data: Path, rules: Rules, how: _How) -> Step:
    if how.override and not how.reason.strip():
        raise Invalid("move.reason", field="reason")
    earlier = day_versions.plan(tx, key, how.version)
    standing = stand(tx, key.street, key.day, data, rules)
    found = fitted(earlier, standing.built, Options(), override=how.override)
    if found.lost and not how.partly:
        raise NotFeasible(how.version, found.lost)
    _require_past_kept(tx, key, standing.plan, found.plan)
    why = Why(how.cause, caller.id, how.reason, based_on=how.version)
    version = days.replace_plan(
        tx,
        found.plan,
        expected=how.expected,
        why=why,
        attribution=day_versions.attribution(tx, key, how.version),
        # Undone and done again: the history has to show it even where nothing differs.
        even_equal=True,
    )
    audit.record(tx, caller, f"day.{how.cause}", f"{key.street}/{key.day.isoformat()}@{version}")
    return Step(version, found.lost, untold(tx, key, how.reason))


def _require_past_kept(tx: Tx, key: DayKey, present: DayPlan | None, new: DayPlan) -> None:
    """What has begun at a door is a fact; no plan takes it back."""
    begun: set[DemandId] = {
        one.demand
        for one in visit_events.on(tx, key)
        if one.kind in (EventKind.STARTED, EventKind.FINISHED)
    }
    was, will = promises(present), promises(new)
    for demand in sorted(begun):
        if was.get(demand) != will.get(demand):
            raise Conflict("day.under_way", visit=demand)


def _known(tx: Tx, key: DayKey, version: int) -> DayPlan | None:
    try:
        return day_versions.plan(tx, key, version)
    except Missing:
        return None


def _told_plan(tx: Tx, key: DayKey) -> DayPlan | None:
    told = day_versions.told(tx, key)
    return day_versions.plan(tx, key, told) if told else None
