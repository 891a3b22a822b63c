"""What does each visit, way and person add to the cost of a plan? Pure, beside the judge.

The judge (`solver.check`) says what a plan costs by rule and which hard rules it breaks. Here the
same cost is taken apart into matches; they always sum to the judge's cost of each rule.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from carecoord.planning.pace import lasts
from solver import (
    UNREACHABLE,
    Options,
    Problem,
    Route,
    Solution,
    Staff,
    Stop,
    Verdict,
    Visit,
    Weights,
    check,
)

Unit = str
"""`seconds`, `metres`, `visits`, `people`, `days` or `cost`: what `units` of a match counts."""


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a rule costs something.

    visit, staff
        Whom it is about; empty where it is about neither.
    weight
        Name of the weight that each unit is multiplied with, or that is shared by the days left
        (`unit` is ``days``); empty where the visit or person carries the cost itself.
    """

    rule: str
    cost: int
    units: int
    unit: Unit
    weight: str = ""
    visit: str = ""
    staff: str = ""
    shift: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A plan judged.

    verdict
        Of the judge: broken hard rules, and cost by rule.
    matches
        Their costs sum to `verdict.cost`, rule by rule.
    """

    verdict: Verdict
    matches: tuple[Match, ...]

    @property
    def medium(self) -> int:
        """Cost of what stays undone."""
        return self.verdict.cost.get("unserved", 0)

    @property
    def soft(self) -> int:
        """Cost of everything that is weighed."""
        return self.verdict.total - self.medium


def score(problem: Problem, solution: Solution, weights: Weights) -> Score:
    """Judge a plan, and say where its cost comes from. A broken plan is no error."""
    bare = Solution(solution.routes, solution.unserved, {})
    verdict = check(problem, bare, Options(weights=weights))
    if any(one.rule == "routes" for one in verdict.violations):
        # A plan that names what is not there is not priced at all.
        return Score(verdict, ())
    reader = _Reader(problem, bare, weights)
    return Score(verdict, tuple(one for one in reader.matches() if one.cost))


class _Reader:
    """One plan, read from its routes."""

    def __init__(self, problem: Problem, solution: Solution, weights: Weights) -> None:
        self._problem, self._routes, self._weights = problem, solution.routes, weights
        self._visits = {one.id: one for one in problem.visits}
        self._made: dict[str, list[tuple[str, Stop]]] = {}
        for route in solution.routes:
            for stop in route.stops:
                self._made.setdefault(stop.visit, []).append((route.staff, stop))

    def matches(self) -> Iterator[Match]:
        """Everything that costs something, and what costs nothing, rule by rule."""
        yield from self._unserved()
        for route in self._routes:
            yield from self._way(route)
        yield from self._times()
        yield from self._people()
        yield from self._loads()
        yield from self._changes()

    def _match(self, rule: str, weight: str, units: int, unit: Unit, **about: str | int) -> Match:
        each: int = getattr(self._weights, weight)
        return Match(rule, each * units, units, unit, weight, **about)  # type: ignore[arg-type]

    def _unserved(self) -> Iterator[Match]:
        for visit in self._problem.visits:
            if visit.id in self._made:
                continue
            if visit.penalty is not None:
                yield Match("unserved", visit.penalty, 1, "visits", visit=visit.id)
                continue
            weight = "unserved_mandatory" if visit.mandatory else "unserved_optional"
            each: int = getattr(self._weights, weight)
            cost = each * (1 + visit.priority)
            yield Match("unserved", cost, 1 + visit.priority, "visits", weight, visit.id)
            if visit.due is not None:
                days = 1 + visit.due
                cost = self._weights.unserved_due // days
                yield Match("unserved", cost, days, "days", "unserved_due", visit.id)

    def _way(self, route: Route) -> Iterator[Match]:
        """Ways, idle time, overtime, paid hours and paid kilometres of one shift."""
        person = self._problem.staff[self._problem.staff_row(route.staff)]
        shift = person.shifts[route.shift]
        travel = self._problem.travel[person.mode]
        here, group = shift.start_place, None
        busy = 0
        for stop in route.stops:
            visit = self._visits[stop.visit]
            way = _seconds(travel, here, visit.place)
            yield self._match(
                "travel", "travel", way, "seconds",
                visit=visit.id, staff=route.staff, shift=route.shift,
            )  # fmt: skip
            same_door = visit.group is not None and visit.group == group
            busy += way + lasts(visit, person) + (0 if same_door else visit.access)
            here, group = visit.place, visit.group
        way = 0 if shift.end_place is None else _seconds(travel, here, shift.end_place)
        about: dict[str, str | int] = {"staff": route.staff, "shift": route.shift}
        yield self._match("travel", "travel", way, "seconds", **about)
        rest = sum(
            min(pause.end, route.finish) - max(pause.start, route.departure)
            for pause in route.pauses
            if pause.start < route.finish and route.departure < pause.end
        )
        duty = route.finish - route.departure - rest
        idle = max(0, duty - busy - way)
        yield self._match("waiting", "waiting", idle, "seconds", **about)
        paid = person.cost_hour * max(0, duty) // 3600
        yield Match("duty", paid, max(0, duty), "seconds", **about)  # type: ignore[arg-type]
        metres = self._metres(person, route)
        paid = person.cost_km * metres // 1000
        yield Match("distance", paid, metres, "metres", **about)  # type: ignore[arg-type]
        beyond = max(0, route.finish - shift.end)
        yield self._match("overtime", "overtime", beyond, "seconds", **about)

    def _metres(self, person: Staff, route: Route) -> int:
        """Metres of a route whose kilometres are paid; 0 where they are not."""
        if not person.cost_km:
            return 0
        shift = person.shifts[route.shift]
        homes = [self._visits[stop.visit].place for stop in route.stops]
        places = [p for p in (shift.start_place, *homes, shift.end_place) if p is not None]
        length = self._problem.metres[person.mode]
        return sum(int(length[a, b]) for a, b in pairwise(places))

    def _times(self) -> Iterator[Match]:
        """Starts beside the preferred time; the worst delay counts once more."""
        worst: tuple[int, str, str] | None = None
        for id_, stops in self._made.items():
            who, stop = stops[0]
            wish = self._visits[id_].preferred
            if wish is None:
                continue
            late, early = max(0, stop.start - wish.latest), max(0, wish.earliest - stop.start)
            yield self._match("late", "late", late, "seconds", visit=id_, staff=who)
            yield self._match("early", "early", early, "seconds", visit=id_, staff=who)
            if late and (worst is None or late > worst[0]):
                worst = late, id_, who
        if worst is not None:
            late, id_, who = worst
            yield self._match("largest_late", "largest_late", late, "seconds", visit=id_, staff=who)

    def _people(self) -> Iterator[Match]:
        """Who comes: known to the elder, as wished, and of that part of the street."""
        for id_, stops in self._made.items():
            visit = self._visits[id_]
            for who, _ in stops:
                for rule, each in (
                    ("continuity", visit.continuity.get(who, visit.unfamiliar)),
                    ("preference", visit.preference.get(who, 0)),
                ):
                    yield self._match(rule, rule, each, "cost", visit=id_, staff=who)
                person = self._problem.staff[self._problem.staff_row(who)]
                if outside(visit, person):
                    yield self._match("area", "outside_area", 1, "visits", visit=id_, staff=who)

    def _loads(self) -> Iterator[Match]:
        """Cost of using somebody; service, and hard visits, above a fair share."""
        made: dict[str, list[Visit]] = {}
        for route in self._routes:
            made.setdefault(route.staff, []).extend(self._visits[s.visit] for s in route.stops)
        fair = shares(self._problem)
        for one in self._problem.staff:
            mine = made.get(one.id)
            if not mine:
                continue
            yield Match("staff", one.cost_use, 1, "people", staff=one.id)
            service, hard = fair[one.id]
            above = max(0, sum(lasts(visit, one) for visit in mine) - service)
            yield self._match("load", "load", above, "seconds", staff=one.id)
            above = max(0, sum(visit.hard for visit in mine) - hard)
            yield self._match("hard", "hard", above, "visits", staff=one.id)

    def _changes(self) -> Iterator[Match]:
        """Promises of the previous plan that this one does not keep."""
        before: dict[str, list[tuple[str, int]]] = {}
        for route in self._problem.previous:
            for stop in route.stops:
                before.setdefault(stop.visit, []).append((route.staff, stop.start))
        for id_, promised in before.items():
            now = self._made.get(id_)
            if not now:
                if self._problem.has_visit(id_):
                    yield self._match("change", "change_dropped", 1, "visits", visit=id_)
                continue
            people = {who for who, _ in now}
            for who, _ in promised:
                if who not in people:
                    yield self._match("change", "change_carer", 1, "people", visit=id_, staff=who)
            moved = abs(now[0][1].start - promised[0][1])
            yield self._match("change", "change_start", moved, "seconds", visit=id_)


def by_rule(matches: Sequence[Match]) -> Mapping[str, int]:
    """Cost by rule, summed from matches."""
    found: Counter[str] = Counter()
    for one in matches:
        found[one.rule] += one.cost
    return found


def shares(problem: Problem) -> dict[str, tuple[int, int]]:
    """Person → a fair share, by length of shifts, of all service in seconds and of hard visits."""
    asked = sum(visit.duration * visit.carers for visit in problem.visits)
    hard = sum(visit.carers for visit in problem.visits if visit.hard)
    length = {one.id: sum(s.end - s.start for s in one.shifts) for one in problem.staff}
    hours = max(1, sum(length.values()))
    return {who: (asked * mine // hours, -(-hard * mine // hours)) for who, mine in length.items()}


def outside(visit: Visit, staff: Staff) -> bool:
    """Whether a carer is of other parts of the street than the visit."""
    return visit.area is not None and bool(staff.areas) and visit.area not in staff.areas


def _seconds(travel: npt.NDArray[np.int32], here: int | None, place: int) -> int:
    way = 0 if here is None else int(travel[here, place])
    return 0 if way == UNREACHABLE else way
