"""Moving one visit of a planned day by hand, with the verdict before and the people to tell."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Fact, Invalid, Missing, Stale
from carecoord.flows import versions
from carecoord.flows.analysis import said
from carecoord.flows.drawing import drawn
from carecoord.flows.standing import Standing, stand
from carecoord.flows.telling import News, ToTell, news_of, people_to_tell
from carecoord.model.ids import StreetId
from carecoord.model.policy import Rules
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning import weights
from carecoord.planning.changes import changes
from carecoord.planning.moving import Verdict, Wish, move
from carecoord.store import days
from carecoord.store.engine import Tx
from solver import Options


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a move would break, with facts as people read them."""

    rule: str
    code: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Move:
    """What a move leads to.

    version
        Of the day once it is stored; 0 = only looked at.
    cost
        Rules whose cost changes, and by how much.
    broken
        Rules that it breaks and that the day did not break before.
    news
        Everything that changes, the move itself among it.
    told
        Who has to be told, on a day that people know.
    """

    version: int
    cost: Mapping[str, int]
    broken: tuple[Broken, ...]
    news: tuple[News, ...]
    told: tuple[ToTell, ...]


class Refused(Conflict):
    """A move breaks rules; `move` says which, and what it would cost."""

    def __init__(self, found: Move) -> None:
        super().__init__("move.refused", count=len(found.broken))
        self.move = found


def look(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    wish: Wish,
    data: Path,
    rules: Rules,
    *,
    profile: str = weights.STANDARD,
) -> Move:
    """What a move would lead to; nothing is stored. See `make` for what it raises."""
    require(caller, "day.read", street)
    return _looked(tx, DayKey(street, day), wish, data, rules, profile, "")[0]


def make(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    wish: Wish,
    data: Path,
    rules: Rules,
    *,
    expected: int,
    reason: str = "",
    override: bool = False,
    profile: str = weights.STANDARD,
) -> Move:
    """Move a visit; every other keeps its carers, and its time where that is possible.

    Parameters
    ----------
    override
        Break the rules it breaks, because of `reason`.

    Raises
    ------
    Stale
        `day.moved`: the day is no longer at `expected`.
    Missing
        `day.none`: nothing is planned yet.
    Invalid
        `move.visit`, `move.staff`, `move.after`; `move.reason`: to override needs a reason.
    Conflict
        `move.fixed`: it has happened, or a pin holds it.
    Refused
        `move.refused`: it breaks rules, and nobody overrode them.
    """
    require(caller, "day.write", street)
    if override and not reason.strip():
        raise Invalid("move.reason", field="reason")
    key = DayKey(street, day)
    found = days.version(tx, key)
    if found and found != expected:
        raise Stale("day.moved", street=street, day=day.isoformat(), expected=expected)
    outcome, now, verdict = _looked(tx, key, wish, data, rules, profile, reason)
    if outcome.broken and not override:
        raise Refused(outcome)
    plan = _redrawn(now, verdict)
    version = days.replace_plan(
        tx, plan, expected=expected, why=Why("hand", caller.id, reason), even_equal=True
    )
    audit.record(tx, caller, "day.move", f"{street}/{day.isoformat()}@{version}")
    return replace(outcome, version=version, told=versions.untold(tx, key, reason))


def _redrawn(now: Standing, verdict: Verdict) -> DayPlan:
    """The plan in force with the routes that the move changes; reasons of unserved visits stay."""
    present, moved = now.solution, verdict.solution
    assert now.plan is not None and present is not None
    same = set(present.routes) & set(moved.routes)
    touched = {now.built.person(r.staff) for r in {*present.routes, *moved.routes} - same}
    routes = tuple(r for r in moved.routes if now.built.person(r.staff) in touched)
    new = drawn(now.key, now.built, now.at, replace(moved, routes=routes), now.given, now.network)
    told = {one.demand: one for one in now.plan.unserved}
    return DayPlan(
        key=now.key,
        stops=(*(s for s in now.plan.stops if s.staff not in touched), *new.stops),
        pauses=(*(p for p in now.plan.pauses if p.staff not in touched), *new.pauses),
        homeward=(*(h for h in now.plan.homeward if h.staff not in touched), *new.homeward),
        unserved=tuple(told.get(one.demand, one) for one in new.unserved),
        cost=dict(verdict.after),
        estimated=now.plan.estimated,
    )


def _looked(
    tx: Tx, key: DayKey, wish: Wish, data: Path, rules: Rules, profile: str, reason: str
) -> tuple[Move, Standing, Verdict]:
    prices, costs = weights.profile(profile, data)
    now = stand(tx, key.street, key.day, data, rules, costs)
    if now.plan is None or now.solution is None:
        raise Missing("day.none", street=key.street, day=key.day.isoformat())
    if wish.demand in now.built.fixed:
        raise Conflict("move.fixed", visit=wish.demand)
    verdict = move(now.built.problem, now.solution, wish, Options(weights=prices))
    plan = drawn(key, now.built, now.at, verdict.solution, now.given, None)
    told = (
        people_to_tell(tx, key, now.plan, plan, reason=reason) if now.state == "published" else ()
    )
    outcome = Move(
        version=0,
        cost=verdict.change,
        broken=tuple(Broken(v.rule, v.code, said(now, v)) for v in verdict.violations),
        news=news_of(tx, key, changes(now.plan, plan)),
        told=told,
    )
    return outcome, now, verdict
