"""How do two plans of one day differ: in figures, in cost, and visit by visit?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from carecoord.access import Caller, require
from carecoord.errors import Invalid, Missing
from carecoord.flows import analysis, standing
from carecoord.flows.standing import Standing
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import RunId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.visits import DayPlan
from carecoord.planning import handmade, weights
from carecoord.planning.changes import Change, Promise, changes, promises
from carecoord.planning.handmade import Call
from carecoord.planning.indicators import Indicators, indicators
from carecoord.planning.offers import solution_of
from carecoord.planning.result import day_plan
from carecoord.planning.score import Score, score
from carecoord.planning.weights import Profile
from carecoord.store import day_versions, rosters, runs
from carecoord.store.engine import Tx
from solver import Solution

CURRENT = "current"
_KINDS = ("version", "run", "roster")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two plans.

    source
        `current`, `version:N`, `run:ID` or `roster:ID`.
    changed
        Promises of what people were told that this plan does not keep; None when nobody was told.
    left
        Calls of a roster that the day has no place for.
    """

    source: str
    plan: DayPlan
    figures: Indicators
    score: Score
    changed: int | None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One visit in both plans; None where it is not made."""

    visit: VisitDemand
    elder: str
    before: Promise | None
    after: Promise | None
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two plans of a day side by side; lines by time of day."""

    now: Standing
    profile: Profile
    before: Side
    after: Side
    lines: tuple[Line, ...]

    @property
    def same(self) -> int:
        """Visits that both plans make alike."""
        return sum(not line.kinds for line in self.lines)


def compare(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    data: Path,
    rules: Rules,
    *,
    other: str,
    base: str = CURRENT,
    profile: str = weights.STANDARD,
) -> Compared:
    """Put two plans of a day side by side.

    base, other
        `current`, `version:N`, `run:ID` or `roster:ID`.

    Raises
    ------
    Invalid
        `compare.source`.
    Missing
        `street.none`, `day.none`, `day.no_version`, `roster.none`, `profile.none`; `run.none`,
        `run.no_plan`: the run is not of this day, or keeps no plan of its own.
    """
    require(caller, "day.read", street)
    chosen = weights.read(profile, data)
    now = standing.stand(tx, street, day, data, rules, chosen.costs)
    told = day_versions.told(tx, now.key)
    promised = day_versions.plan(tx, now.key, told) if told else None
    before = _side(tx, now, chosen, base, promised, "of")
    after = _side(tx, now, chosen, other, promised, "with")
    return Compared(now, chosen, before, after, _lines(now, before.plan, after.plan))


def _side(
    tx: Tx, now: Standing, profile: Profile, source: str, promised: DayPlan | None, field: str
) -> Side:
    kind, _, id_ = source.partition(":")
    left = 0
    if source == CURRENT:
        if now.plan is None:
            raise Missing(
                "day.none", field=field, street=now.key.street, day=now.key.day.isoformat()
            )
        plan = now.plan
        solution = now.solution or solution_of(now.built, plan)
    elif kind == "roster" and id_:
        calls = [Call(*call) for call in rosters.read(tx, now.key, id_).calls]
        usable, lost = analysis.taken(now, calls)
        left = len(lost)
        solution = handmade.solution(now.built.problem, usable)
        plan = _drawn(now, solution)
    elif kind in _KINDS and id_:
        plan = _stored(tx, now, kind, id_, field)
        solution = solution_of(now.built, plan)
    else:
        raise Invalid("compare.source", field=field, value=source)
    return Side(
        source=source,
        plan=plan,
        figures=indicators(plan, now.given),
        score=score(analysis.promised(now), solution, profile.weights),
        changed=None if promised is None else len(changes(promised, plan)),
        left=left,
    )


def _stored(tx: Tx, now: Standing, kind: str, id_: str, field: str) -> DayPlan:
    if kind == "version":
        if not id_.isascii() or not id_.isdigit():
            raise Invalid("compare.source", field=field, value=f"{kind}:{id_}")
        return day_versions.plan(tx, now.key, int(id_))
    run = runs.read(tx, RunId(id_))
    if run.key != now.key:
        raise Missing("run.of_other_day", field=field, run=id_)
    if run.state == "committed":
        return day_versions.plan(tx, now.key, int(run.outcome["version"]))
    return runs.kept_plan(tx, run)[0]


def _drawn(now: Standing, solution: Solution) -> DayPlan:
    """A roster as a plan, without lines on the map."""
    modes = {one.id: one.mode for one in now.given.staff}
    estimated = any(one.estimated for one in now.travel.values())
    return day_plan(now.key, now.built, now.at, solution, modes, lambda *_: (), estimated=estimated)


def _lines(now: Standing, before: DayPlan, after: DayPlan) -> tuple[Line, ...]:
    kinds: dict[str, list[str]] = {}
    for one in changes(before, after):
        kinds.setdefault(one.demand, []).append(_named(one))
    old, new = promises(before), promises(after)
    found: list[Line] = []
    for wanted in now.given.demands:
        elder = now.given.elders.get(wanted.elder)
        found.append(
            Line(
                visit=wanted,
                elder=elder.name if elder else wanted.elder,
                before=old.get(wanted.id),
                after=new.get(wanted.id),
                kinds=tuple(kinds.get(wanted.id, ())),
            )
        )
    return tuple(sorted(found, key=_by_time))


def _named(change: Change) -> str:
    return change.kind


def _by_time(line: Line) -> tuple[int, str]:
    promise = line.before or line.after
    return promise.start if promise else line.visit.windows[0][0], line.visit.id


def totals(side: Side) -> Mapping[str, float | int | None]:
    """The figures of a plan by name, as they are shown side by side."""
    figures = side.figures
    return {
        "asked": figures.asked,
        "served": figures.served,
        "coverage": figures.coverage,
        "late_seconds": figures.late,
        "late_visits": figures.late_visits,
        "latest_seconds": figures.latest,
        "travel_seconds": figures.travel,
        "travel_share": figures.travel_share,
        "overtime_seconds": figures.overtime,
        "staff_used": figures.used,
        "continuity": figures.continuity,
        "unevenness": figures.unevenness,
        "busiest": figures.busiest,
        "changes": side.changed,
        "broken_rules": len(side.score.verdict.violations) + side.left,
        "cost": side.score.verdict.total,
    }
