"""Who could take over from somebody who is away: visit by visit, and the whole day?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from carecoord.planning import fit, ground
from carecoord.planning.fit import Place
from carecoord.planning.ground import Ground, Step
from carecoord.planning.insertions import AS_IS, Insertions, Loose
from solver import Apart, Link, Problem, Route, Shift, Solution, Visit, Window

HALF = "~"
"""Ends the name of the part of a visit for two that the absent person would have made."""
_UNLINKED = Loose(without=frozenset({"links"}))


@dataclass(frozen=True, slots=True, eq=False)
class Replaced:
    """One visit of the absent person and who could make it, the cheapest first.

    start
        When it is planned now, seconds after 00:00.
    partner
        Who makes it too and stays; empty when it is for one.
    """

    visit: str
    start: int
    partner: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, eq=False)
class StandIn:
    """One person for the whole day of the absent one.

    called_in
        Not at work that day: would have to come, in the absent person's hours.
    taken, missed
        Visits that this person can make together with the own ones, and those not.
    step
        The day with the visits taken.
    """

    staff: str
    called_in: bool
    taken: tuple[str, ...]
    missed: tuple[str, ...]
    step: Step


@dataclass(frozen=True, slots=True, eq=False)
class Replacements:
    """Everything a scheduler wants to know before calling anybody."""

    visits: tuple[Replaced, ...]
    whole: tuple[StandIn, ...]


def replacements(
    present: Ground,
    staff: str,
    planned: Sequence[tuple[str, int]],
    hours: tuple[Shift, ...],
    people: Sequence[str],
    *,
    top: int = 5,
) -> Replacements:
    """Ranked replacements for one carer of a planned day.

    Parameters
    ----------
    present
        The day, whether the person is still at work in it or away already.
    planned
        The person's visits and their starts.
    hours
        The person's working time, for somebody who would be called in.
    people
        Who may be asked: those at work, and those who could be called in.
    top
        Carers per visit, and stand-ins for the whole day.
    """
    crews = fit.stops_of(present.solution)
    partners = {
        visit: next((who for who, _ in crews.get(visit, ()) if who != staff), "")
        for visit, _ in planned
    }
    halves = {visit: start for visit, start in planned if partners[visit]}
    without = _without(present, staff, dict(planned), halves, partners)
    names = {visit: visit + HALF if visit in halves else visit for visit, _ in planned}
    visits = tuple(
        Replaced(visit, start, partners[visit], fit.places(without, names[visit], top=top))
        for visit, start in planned
    )
    whole = _ranked(without, list(names.values()), hours, [one for one in people if one != staff])
    return Replacements(visits, tuple(islice(whole, top if planned else 0)))


def _without(
    present: Ground,
    staff: str,
    planned: Mapping[str, int],
    halves: Mapping[str, int],
    partners: Mapping[str, str],
) -> Ground:
    """The day without the person: visits for two wait for one more at the hour agreed."""
    problem = present.problem
    visits: list[Visit] = []
    for visit in problem.visits:
        if visit.id not in halves:
            visits.append(visit)
            continue
        at = (Window(halves[visit.id], halves[visit.id]),)
        other = visit.forbidden | {partners[visit.id]}
        visits.append(replace(visit, carers=visit.carers - 1, windows=at))
        visits.append(replace(visit, id=visit.id + HALF, carers=1, windows=at, forbidden=other))
    away = tuple(replace(s, shifts=()) if s.id == staff else s for s in problem.staff)
    links = tuple(
        Link(k.first + HALF, k.second + HALF, k.min_gap, k.max_gap, k.carers)
        for k in problem.links
        if k.carers == "same" and {k.first, k.second} <= halves.keys()
    )
    apart = tuple(
        Apart(a, b, pair.gap)
        for pair in problem.apart
        for a in _halves(pair.first, halves)
        for b in _halves(pair.second, halves)
    )
    changed = replace(
        problem,
        apart=apart,
        visits=tuple(visits),
        staff=away,
        links=(*problem.links, *links),
        pins=tuple(p for p in problem.pins if p.visit not in planned and p.after not in planned),
        previous=(),
    )
    return ground.of(changed, present.solution, present.weights)


def _halves(visit: str, halves: Mapping[str, int]) -> tuple[str, ...]:
    return (visit, visit + HALF) if visit in halves else (visit,)


@dataclass(frozen=True, slots=True, eq=False)
class _Sketch:
    """What one person could take, before the judge has looked at it."""

    staff: str
    problem: Problem
    called_in: bool
    taken: tuple[str, ...]
    missed: tuple[str, ...]
    cost: int
    routes: tuple[Route, ...]


def _ranked(
    without: Ground, wanted: Sequence[str], hours: tuple[Shift, ...], people: Sequence[str]
) -> Iterator[StandIn]:
    """Stand-ins, who can take most of the visits first; each accepted by the judge."""
    problem = without.problem
    sketches: list[_Sketch] = []
    for one in people:
        if not problem.has_staff(one):
            continue
        person = problem.staff[problem.staff_row(one)]
        called_in = not person.shifts
        here = problem
        if called_in:
            away = (replace(s, shifts=hours) if s.id == one else s for s in problem.staff)
            here = replace(problem, staff=tuple(away))
        sketches.append(_sketch(without, here, one, wanted, called_in=called_in))
    able = (s for s in sketches if s.taken)
    for found in sorted(able, key=lambda s: (len(s.missed), s.called_in, s.cost, s.staff)):
        step = without.step(found.routes, found.problem)
        if step is not None:
            taken, missed = _bare(found.taken), _bare(found.missed)
            yield StandIn(found.staff, found.called_in, taken, missed, step)


def _sketch(
    without: Ground, problem: Problem, staff: str, wanted: Sequence[str], *, called_in: bool
) -> _Sketch:
    """As many of the visits as one person can make, the hardest to place first."""
    taken: list[str] = []
    missed: list[str] = []
    now, cost = without.solution, 0
    skills = problem.staff[problem.staff_row(staff)].skills

    def width(visit: str) -> tuple[int, int]:
        asked = problem.visits[problem.visit_row(visit)]
        return sum(w.latest - w.earliest for w in asked.windows), -asked.duration

    for visit in sorted(wanted, key=width):
        asked = problem.visits[problem.visit_row(visit)]
        found = None
        if all(skills.get(name, 0) >= need for name, need in asked.skills.items()):
            tries = Insertions(problem, now, visit, without.weights)
            # The first of two linked visits goes where it fits best, the second follows the link.
            found = tries.best(staff, AS_IS if tries.bounds(staff) else _UNLINKED)
        if found is None:
            missed.append(visit)
            continue
        taken.append(visit)
        cost += found.extra
        now = _set(now, found.route)
    routes = tuple(r for r in now.routes if r.staff == staff)
    return _Sketch(staff, problem, called_in, tuple(taken), tuple(missed), cost, routes)


def _bare(visits: Sequence[str]) -> tuple[str, ...]:
    return tuple(visit.removesuffix(HALF) for visit in visits)


def _set(solution: Solution, route: Route) -> Solution:
    routes = {(r.staff, r.shift): r for r in solution.routes} | {(route.staff, route.shift): route}
    return replace(solution, routes=tuple(routes.values()))
