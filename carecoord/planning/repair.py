"""How does a plan go on when something has happened, with as few changes as possible? Pure.

What still holds stays as it was, to the second. What has lost its place is put back where it costs
least; only what then still has none makes the search look around.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import solver
from carecoord.model.ids import DemandId
from carecoord.planning.problem import Built
from solver import Options, Problem, Route, Solution, Verdict, Visit, Window, check
from solver import Unserved as SolverUnserved

_LOOK_AROUND = 400
"""Rounds of a mild search when putting back has left something undone."""


@dataclass(frozen=True, slots=True)
class Told:
    """What people were told, and what it is worth.

    routes
        Routes of the plan they know; none on a draft.
    soon
        Visits that begin so soon that somebody may be on the way.
    soon_cost
        Of sending somebody else to one of those.
    """

    routes: tuple[Route, ...] = ()
    soon: frozenset[DemandId] = frozenset()
    soon_cost: int = 0


@dataclass(frozen=True, slots=True)
class Repaired:
    """The plan that goes on.

    solution, verdict
        Judged as the day is planned, promises included.
    weighed, dropped
        What the search weighs of it, and of leaving everything undone that has lost its place;
        None = that would break a rule of its own.
    lost
        Visits that had lost their place.
    """

    solution: Solution
    verdict: Verdict
    weighed: int
    dropped: int | None
    lost: tuple[DemandId, ...]


def repair(built: Built, present: Solution, told: Told, options: Options) -> Repaired:
    """Put back what has lost its place.

    Parameters
    ----------
    present
        The plan in force as the solver knows it, possible or not.
    options
        `iterations`: rounds of search after putting back; None or 0 = only as far as needed.
    """
    judged = replace(built.problem, previous=told.routes)
    weighed = _weighed(judged, told)
    kept = _kept(judged, present)
    wanted = {v.id for v in judged.visits}
    had = {s.visit for r in present.routes for s in r.stops} & wanted
    has = {s.visit for r in kept.routes for s in r.stops}
    lost = tuple(DemandId(v) for v in sorted(had - has))
    dropped = check(weighed, kept, options)
    best, price = kept, dropped.total if dropped.ok else None
    undone = None
    for rounds in _rounds(options):
        found = solver.solve(weighed, replace(options, iterations=rounds, mild=True), start=present)
        for candidate in (_as_before(weighed, present, found, options), found):
            verdict = check(weighed, replace(candidate, cost={}), options)
            # Looking around unasked must be worth the calls: more visits made, not shorter ways.
            worth = undone is None or options.iterations or verdict.cost["unserved"] < undone
            if verdict.ok and worth and (price is None or verdict.total < price):
                best, price = candidate, verdict.total
        undone = check(weighed, replace(best, cost={}), options).cost["unserved"]
        if price is not None and not best.unserved:
            break
    verdict = check(judged, replace(best, cost={}), options)
    solution = replace(best, cost=verdict.cost)
    assert price is not None
    return Repaired(solution, verdict, price, dropped.total if dropped.ok else None, lost)


def _rounds(options: Options) -> tuple[int, ...]:
    asked = options.iterations or 0
    return (0, asked) if asked else (0, _LOOK_AROUND)


def _weighed(problem: Problem, told: Told) -> Problem:
    """The day with each promised start as the wished one, and those soon due held more dearly."""
    if not told.routes:
        return problem
    starts: dict[str, int] = {}
    people: dict[str, set[str]] = {}
    for route in told.routes:
        for stop in route.stops:
            starts[stop.visit] = stop.start
            people.setdefault(stop.visit, set()).add(route.staff)
    pinned = {p.visit for p in problem.pins if p.start is not None}

    def as_told(visit: Visit) -> Visit:
        if visit.id not in starts or visit.id in pinned:
            return visit
        at = starts[visit.id]
        wish = Window(at, at) if _open(visit, at) else visit.preferred
        preference: Mapping[str, int] = visit.preference
        if visit.id in told.soon:
            preference = {
                one.id: visit.preference.get(one.id, 0)
                + (0 if one.id in people[visit.id] else told.soon_cost)
                for one in problem.staff
            }
        return replace(visit, preferred=wish, preference=preference)

    return replace(problem, visits=tuple(as_told(v) for v in problem.visits))


def _open(visit: Visit, at: int) -> bool:
    return any(w.earliest <= at <= w.latest for w in visit.windows)


def _kept(problem: Problem, present: Solution) -> Solution:
    """The plan without the routes' stops that a rule now forbids, everything else to the second."""
    routes = [r for r in present.routes if _real(problem, r)]
    while True:
        found = _solution(problem, routes)
        verdict = check(problem, replace(found, cost={}))
        bad = [v for v in verdict.violations if v.rule != "cost"]
        if not bad:
            return found
        fixed = {p.visit for p in problem.pins if p.start is not None and p.staff}
        gone = _blamed(routes, bad[0].facts, fixed)
        if not gone:
            return found
        routes = [
            replace(r, stops=tuple(s for s in r.stops if s.visit not in gone)) for r in routes
        ]
        routes = [r for r in routes if r.stops]


def _blamed(routes: Sequence[Route], facts: Mapping[str, object], fixed: set[str]) -> set[str]:
    """Visits to leave out for one broken rule: the one named, else the person's open ones."""
    named = {str(facts[k]) for k in ("visit", "first", "second") if k in facts} - fixed
    made = {s.visit for r in routes for s in r.stops}
    if named & made:
        return named & made
    whose = str(facts.get("staff", ""))
    return {s.visit for r in routes if r.staff == whose for s in r.stops} - fixed


def _real(problem: Problem, route: Route) -> bool:
    if not problem.has_staff(route.staff):
        return False
    return route.shift < len(problem.staff[problem.staff_row(route.staff)].shifts)


def _solution(problem: Problem, routes: Sequence[Route]) -> Solution:
    served = {s.visit for r in routes for s in r.stops}
    rest = tuple(SolverUnserved(v.id, "no_capacity") for v in problem.visits if v.id not in served)
    return Solution(tuple(routes), rest, {})


def _as_before(problem: Problem, present: Solution, found: Solution, options: Options) -> Solution:
    """The plan found, with the old times of every route whose order has not changed.

    Routes that share a visit with one that has changed take the new times if they must.
    """
    old = {(r.staff, r.shift): r for r in present.routes if _real(problem, r)}
    same = {
        key
        for r in found.routes
        if (key := (r.staff, r.shift)) in old
        and [s.visit for s in r.stops] == [s.visit for s in old[key].stops]
    }
    while True:
        routes = tuple(
            old[r.staff, r.shift] if (r.staff, r.shift) in same else r for r in found.routes
        )
        mixed = replace(found, routes=routes, cost={})
        bad = [v for v in check(problem, mixed, options).violations if v.rule != "cost"]
        if not bad or not same:
            return mixed
        facts = bad[0].facts
        who = {str(facts.get("staff", ""))}
        visits = {str(facts[k]) for k in ("visit", "first", "second") if k in facts}
        who |= {r.staff for r in routes for s in r.stops if s.visit in visits}
        less = {key for key in same if key[0] not in who}
        same = less if less != same else set()
