"""What does a plan cost, rule by rule and match by match: the stored one, or one made by hand?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from carecoord.access import Caller, require
from carecoord.errors import Fact, Invalid, Missing
from carecoord.flows import standing
from carecoord.flows.standing import Standing
from carecoord.model import time
from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.visits import Unserved
from carecoord.planning import handmade, weights
from carecoord.planning.handmade import Call
from carecoord.planning.problem import preference_parts
from carecoord.planning.score import Match, Score, score
from carecoord.planning.weights import Profile
from carecoord.store.engine import Tx
from solver import Problem, Solution, Violation

_CLOCKS = frozenset({"at", "start", "end", "left", "earliest", "latest"})
"""Facts of the judge that are times of the day."""


@dataclass(frozen=True, slots=True)
class Left:
    """A call of a list that the day has no place for, and why."""

    call: Call
    code: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """A plan judged under a profile.

    version
        Of the stored plan; 0 where it was made by hand.
    left
        Calls of the list that could not be taken into the plan.
    """

    now: Standing
    profile: Profile
    solution: Solution
    score: Score
    version: int
    left: tuple[Left, ...] = ()

    @property
    def kept_out(self) -> Sequence[Unserved]:
        """Visits that lack what planning needs: no plan can hold them."""
        return self.now.built.kept_out

    @property
    def ok(self) -> bool:
        """No hard rule is broken, and everything asked for was taken in."""
        return self.score.verdict.ok and not self.left

    def name(self, staff: str) -> str:
        """Name of somebody of the staff, or their id; a stand-in has the name of the person."""
        return staff_name(self.now, staff)

    def elder(self, visit: str) -> str:
        """Name of the elder of a visit, or the visit's id."""
        return elder_name(self.now, visit)

    def said(self, violation: Violation) -> dict[str, Fact]:
        """Facts of a broken rule as people read them: names and times of the day."""
        return said(self.now, violation)

    def parts(self, match: Match) -> Mapping[str, int]:
        """What a match of `preference` is made of: weight → cost; empty for other rules."""
        if match.rule != "preference":
            return {}
        wanted = next((d for d in self.now.given.demands if d.id == match.visit), None)
        given = self.now.given
        who = self.now.built.person(match.staff)
        person = next((s for s in given.staff if s.id == who), None)
        if wanted is None or person is None:
            return {}
        factor = self.profile.weights.preference
        chosen = person.id in given.week.get(wanted.id, ())
        found = preference_parts(wanted, person, self.profile.costs, chosen=chosen)
        return {name: factor * cost for name, cost in found.items() if cost}


def staff_name(now: Standing, staff: str) -> str:
    """Name of somebody of the staff, or their id; a stand-in has the name of the person."""
    person = now.built.person(staff)
    return next((s.name for s in now.given.staff if s.id == person), person)


def elder_name(now: Standing, visit: str) -> str:
    """Name of the elder of a visit, or the visit's id."""
    wanted = next((d for d in now.given.demands if d.id == visit), None)
    elder = now.given.elders.get(wanted.elder) if wanted is not None else None
    return elder.name if elder is not None else visit


def said(now: Standing, violation: Violation) -> dict[str, Fact]:
    """Facts of a broken rule as people read them: names and times of the day."""
    facts: dict[str, Fact] = {}
    for key, value in violation.facts.items():
        if key in ("staff", "pinned", "before") and isinstance(value, str):
            facts[key] = staff_name(now, value) if key == "staff" else value or "-"
        elif key in ("visit", "first", "second") and isinstance(value, str):
            facts[key] = elder_name(now, value)
        elif key in _CLOCKS or (key == "pinned" and isinstance(value, int)):
            facts[key] = time.clock(max(0, int(value)))
        else:
            facts[key] = value
    return facts


def analyse(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    data: Path,
    rules: Rules,
    *,
    profile: str = weights.STANDARD,
    single: Mapping[str, int] | None = None,
    calls: Sequence[Call] | None = None,
) -> Analysis:
    """Judge the stored plan of a day, or a list of calls in its place.

    A list is also held against what people were told, where the day is published.

    Raises
    ------
    Missing
        `street.none`; `day.none`: nothing is planned and no list was given; `profile.none`.
    Invalid
        `profile.key`, `profile.value`; `analysis.staff`, `analysis.visit`: a call names what the
        street does not have, `field` says which.
    """
    require(caller, "day.read", street)
    chosen = weights.changed(weights.read(profile, data), single or {})
    now = standing.stand(tx, street, day, data, rules, chosen.costs)
    if calls is None:
        if now.solution is None:
            raise Missing("day.none", street=street, day=day.isoformat())
        found = score(now.built.problem, now.solution, chosen.weights)
        return Analysis(now, chosen, now.solution, found, now.version)
    _refuse_unknown(now, calls)
    usable, left = taken(now, calls)
    problem = promised(now)
    made = handmade.solution(problem, usable)
    return Analysis(now, chosen, made, score(problem, made, chosen.weights), 0, tuple(left))


def promised(now: Standing) -> Problem:
    """The problem of a day with what people were told as its previous plan."""
    if now.state != "published" or now.solution is None:
        return now.built.problem
    return replace(now.built.problem, previous=now.solution.routes)


def taken(now: Standing, calls: Iterable[Call]) -> tuple[list[Call], list[Left]]:
    """Calls that the problem of a day can hold, and those it cannot.

    Who makes a visit that is fixed already has a stand-in there, as in every plan of the day.
    """
    problem = now.built.problem
    stand_ins = now.built.stand_ins
    fixed = {
        (str(stand_ins[who]), pin.visit): who
        for pin in problem.pins
        for who in pin.staff
        if who in stand_ins
    }
    usable: list[Call] = []
    left: list[Left] = []
    for call in calls:
        call = replace(call, staff=fixed.get((call.staff, call.visit), call.staff))
        if not problem.has_visit(call.visit):
            left.append(Left(call, "analysis.kept_out"))
        elif not problem.has_staff(call.staff):
            left.append(Left(call, "analysis.not_usable"))
        elif not problem.staff[problem.staff_row(call.staff)].shifts:
            left.append(Left(call, "analysis.off_duty"))
        else:
            usable.append(call)
    return usable, left


def _refuse_unknown(now: Standing, calls: Sequence[Call]) -> None:
    people = {one.id for one in now.given.staff}
    wanted = {one.id for one in now.given.demands}
    for row, call in enumerate(calls):
        if StaffId(call.staff) not in people:
            raise Invalid("analysis.staff", field=f"/visits/{row}/staff", staff=call.staff)
        if DemandId(call.visit) not in wanted:
            raise Invalid("analysis.visit", field=f"/visits/{row}/visit", visit=call.visit)
