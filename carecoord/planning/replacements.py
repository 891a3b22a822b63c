"""Who could take over from somebody who is away: visit by visit, and the whole day?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from carecoord.planning import fit, ground
from carecoord.planning.fit import Place
from carecoord.planning.ground import Ground, Step
from carecoord.planning.insertions import AS_IS, Insertions, Loose
from solver import Link, Route, Shift, Solution, Visit, Window

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
    whole: list[StandIn] = []
    for one in people:
        if one == staff or not present.problem.has_staff(one) or not planned:
            continue
        person = present.problem.staff[present.problem.staff_row(one)]
        here = without if person.shifts else _called_in(without, one, hours)
        found = _whole(here, one, list(names.values()), called_in=not person.shifts)
        if found is not None:
            whole.append(found)
    whole.sort(key=lambda s: (len(s.missed), s.called_in, s.step.total, s.staff))
    return Replacements(visits, tuple(whole[:top]))


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
    changed = replace(
        problem,
        visits=tuple(visits),
        staff=away,
        links=(*problem.links, *links),
        pins=tuple(p for p in problem.pins if p.visit not in planned and p.after not in planned),
        previous=(),
    )
    return ground.of(changed, present.solution, present.weights)


def _called_in(without: Ground, staff: str, shifts: tuple[Shift, ...]) -> Ground:
    problem = without.problem
    here = tuple(replace(s, shifts=shifts) if s.id == staff else s for s in problem.staff)
    return without.with_problem(replace(problem, staff=here))


def _whole(
    without: Ground, staff: str, wanted: Sequence[str], *, called_in: bool
) -> StandIn | None:
    """As many of the visits as one person can make, the hardest to place first."""
    taken: list[str] = []
    missed: list[str] = []
    now = without.solution

    def width(visit: str) -> tuple[int, int]:
        asked = without.problem.visits[without.problem.visit_row(visit)]
        return sum(w.latest - w.earliest for w in asked.windows), -asked.duration

    for visit in sorted(wanted, key=width):
        tries = Insertions(without.problem, now, visit, without.weights)
        # The first of two linked visits goes where it fits best, the second follows the link.
        found = tries.best(staff, AS_IS if tries.bounds(staff) else _UNLINKED)
        if found is None:
            missed.append(visit)
            continue
        taken.append(visit)
        now = _set(now, found.route)
    if not taken:
        return None
    step = without.step([r for r in now.routes if r.staff == staff])
    if step is None:
        return None
    return StandIn(staff, called_in, _bare(taken), _bare(missed), step)


def _bare(visits: Sequence[str]) -> tuple[str, ...]:
    return tuple(visit.removesuffix(HALF) for visit in visits)


def _set(solution: Solution, route: Route) -> Solution:
    routes = {(r.staff, r.shift): r for r in solution.routes} | {(route.staff, route.shift): route}
    return replace(solution, routes=tuple(routes.values()))
