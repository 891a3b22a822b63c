"""Where does a visit fit into a planned day? The best places, each a whole plan that was judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from carecoord.errors import Fact
from carecoord.model.ids import StaffId
from carecoord.model.visits import DayPlan
from carecoord.planning.ground import Ground, Step, with_routes
from carecoord.planning.insertions import AS_IS, Insertions
from carecoord.planning.pace import lasts
from carecoord.planning.reasons import together
from solver import Options, Pin, Problem, Route, Solution, Stop, Visit, Window, suggest

_LOOKED_AT = 40
"""Places that are compared in each window before the best are taken."""


_Offered = tuple[int, int, tuple[str, ...], int, tuple[Route, ...]]
"""Cost, start, staff, position of the window, and the routes that change."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A visit that is served with another or not at all, and its place."""

    visit: str
    staff: tuple[str, ...]
    start: int


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One way to take a visit in.

    staff
        As many as the visit asks for.
    start, end
        Of the service, seconds after 00:00.
    window
        Position of the window it lies in.
    companions
        Visits that come with it because a link asks for both.
    step
        The day with it, and what that changes.
    """

    visit: str
    staff: tuple[str, ...]
    start: int
    end: int
    window: int
    companions: tuple[Companion, ...]
    step: Step = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoPlace:
    """Why there is none: code and facts of the reasons of unserved visits."""

    visit: str
    code: str
    facts: dict[str, Fact]


def places(
    ground: Ground, visit: str, *, top: int = 3, per_window: int | None = None
) -> tuple[Place, ...]:
    """The cheapest places of an unserved visit, one per carer or pair, cheapest first.

    per_window
        At most so many in each of its windows; None = any number.
    """
    asked = ground.problem.visits[ground.problem.visit_row(visit)]
    fixed = any(p.visit == visit and p.start is not None for p in ground.problem.pins)
    windows: Sequence[Window | None] = [None] if fixed else asked.windows
    if len(windows) == 1:
        windows = [None]
    found: list[_Offered] = []
    for k, window in enumerate(windows):
        problem = ground.problem if window is None else _in_window(ground.problem, asked, window)
        options = Options(weights=ground.weights)
        offers = suggest(problem, ground.solution, visit, top=_LOOKED_AT, options=options)
        found += [(o.total, o.start, o.staff, k, o.routes) for o in offers]
    if not found and (asked.carers > 1 or _linked(ground.problem, visit)):
        found = _exact(ground, asked)
    found.sort(key=lambda one: one[:4])
    kept: list[Place] = []
    taken: dict[int, int] = {}
    for _, start, staff, k, routes in found:
        if len(kept) == top:
            break
        if per_window is not None and taken.get(k, 0) == per_window:
            continue
        if any(set(one.staff) == set(staff) and one.window == k for one in kept):
            continue
        place = _place(ground, asked, start, staff, k, routes)
        if place is not None:
            kept.append(place)
            taken[k] = taken.get(k, 0) + 1
    # Links and moved promises are priced when the whole day is judged.
    return tuple(sorted(kept, key=lambda one: (one.step.total, one.start, one.staff)))


def place_at(ground: Ground, visit: str, staff: Sequence[str], start: int) -> Place | None:
    """The place of a visit with exactly these carers at this second; None when it is gone."""
    problem = ground.problem
    asked = problem.visits[problem.visit_row(visit)]
    if len(set(staff)) != asked.carers or not all(problem.has_staff(one) for one in staff):
        return None
    able = all(_may(problem, asked, one) for one in staff)
    k = next((k for k, w in enumerate(asked.windows) if w.earliest <= start <= w.latest), None)
    pinned = next((p for p in problem.pins if p.visit == visit), None)
    if not able or (k is None and (pinned is None or pinned.start != start)):
        return None
    pin = replace(pinned or Pin(visit), staff=tuple(staff), start=start)
    pins = (*(p for p in problem.pins if p.visit != visit), pin)
    options = Options(weights=ground.weights)
    held = replace(problem, pins=pins)
    for offer in suggest(held, ground.solution, visit, top=1, options=options):
        return _place(ground, asked, offer.start, offer.staff, k or 0, offer.routes)
    return None


def insert_all(
    ground: Ground, wanted: Iterable[str]
) -> tuple[tuple[Place, ...], tuple[str, ...], Ground]:
    """Insert visits one by one in the order given, each at its cheapest place.

    Returns
    -------
    tuple
        Places, visits without one, and the day with all that fit.
    """
    found: list[Place] = []
    missed: list[str] = []
    now = ground
    for visit in wanted:
        if any(visit == c.visit for place in found for c in place.companions):
            continue
        best = next(iter(places(now, visit, top=1)), None)
        if best is None:
            missed.append(visit)
        else:
            found.append(best)
            now = now.after(best.step)
    return tuple(found), tuple(missed), now


def merged(old: DayPlan, new: DayPlan, touched: Iterable[str], served: Iterable[str]) -> DayPlan:
    """The stored plan of a day with some people's rows as in another one.

    touched
        Staff whose stops, breaks and way home are taken from `new`.
    served
        Visits that nobody made in `old`.
    """
    people, made = {StaffId(one) for one in touched}, set(served)
    return DayPlan(
        key=old.key,
        stops=tuple(s for s in old.stops if s.staff not in people)
        + tuple(s for s in new.stops if s.staff in people),
        pauses=tuple(p for p in old.pauses if p.staff not in people)
        + tuple(p for p in new.pauses if p.staff in people),
        homeward=tuple(h for h in old.homeward if h.staff not in people)
        + tuple(h for h in new.homeward if h.staff in people),
        unserved=tuple(u for u in old.unserved if u.demand not in made),
        cost=new.cost,
        estimated=old.estimated,
    )


def without_visit(problem: Problem, solution: Solution, visit: str) -> Solution:
    """A plan in which nobody makes a visit that somebody made; the other stops stay as they are."""
    changed = [
        replace(route, stops=tuple(s for s in route.stops if s.visit != visit))
        for route in solution.routes
        if any(s.visit == visit for s in route.stops)
    ]
    return with_routes(problem, solution, changed)


def _place(
    ground: Ground,
    asked: Visit,
    start: int,
    staff: tuple[str, ...],
    k: int,
    routes: tuple[Route, ...],
) -> Place | None:
    """The place, when the judge accepts the day with it."""
    changed = list(routes)
    companions: tuple[Companion, ...] = ()
    partners = _partners(ground, asked.id)
    if partners:
        joined = _with_partners(ground, routes, partners)
        if joined is None:
            return None
        changed, companions = joined
    step = ground.step(changed)
    if step is None:
        return None
    crew = (ground.problem.staff[ground.problem.staff_row(one)] for one in staff)
    end = start + max(lasts(asked, one) for one in crew)
    return Place(asked.id, tuple(sorted(staff)), start, end, k, companions, step)


def _exact(ground: Ground, asked: Visit) -> list[_Offered]:
    """Places at starts that lie between those tried first: of a pair, and beside links."""
    tries = Insertions(ground.problem, ground.solution, asked.id, ground.weights)
    if asked.carers > 1:
        people = [one.id for one in ground.problem.staff if one.shifts]
        crews = [together(tries, people, AS_IS) or {}]
    else:
        best = {one.id: tries.best(one.id) for one in ground.problem.staff}
        crews = [{who: at} for who, at in best.items() if at is not None]
    found: list[_Offered] = []
    for crew in filter(None, crews):
        start = next(iter(crew.values())).start
        k = next((k for k, w in enumerate(asked.windows) if w.earliest <= start <= w.latest), 0)
        extra = sum(one.extra for one in crew.values())
        found.append((extra, start, tuple(crew), k, tuple(one.route for one in crew.values())))
    return found


def _linked(problem: Problem, visit: str) -> bool:
    return any(visit in (link.first, link.second) for link in problem.links)


def _partners(ground: Ground, visit: str) -> list[str]:
    """Visits that nobody makes and that links let nobody make without this one."""
    gone = {one.visit for one in ground.solution.unserved}
    found, queue = {visit}, [visit]
    while queue:
        here = queue.pop()
        for link in ground.problem.links:
            if here in (link.first, link.second):
                other = link.second if here == link.first else link.first
                if other in gone and other not in found:
                    found.add(other)
                    queue.append(other)
    return sorted(found - {visit})


def _with_partners(
    ground: Ground, routes: Sequence[Route], partners: Sequence[str]
) -> tuple[list[Route], tuple[Companion, ...]] | None:
    """Each partner at its cheapest place beside the visit; None when one has none."""
    before = {(r.staff, r.shift): r for r in ground.solution.routes}
    now = with_routes(ground.problem, ground.solution, routes)
    companions: list[Companion] = []
    for partner in partners:
        options = Options(weights=ground.weights)
        offers = suggest(ground.problem, now, partner, top=1, options=options)
        if not offers:
            return None
        companions.append(Companion(partner, offers[0].staff, offers[0].start))
        now = with_routes(ground.problem, now, offers[0].routes)
    changed = [r for r in now.routes if before.get((r.staff, r.shift)) != r]
    return changed, tuple(companions)


def _in_window(problem: Problem, visit: Visit, window: Window) -> Problem:
    row = problem.visit_row(visit.id)
    only = replace(visit, windows=(window,))
    return replace(problem, visits=(*problem.visits[:row], only, *problem.visits[row + 1 :]))


def _may(problem: Problem, visit: Visit, staff: str) -> bool:
    """Whether skill, wish and pin let somebody make a visit: a pin would no longer ask."""
    pin = next((p for p in problem.pins if p.visit == visit.id and p.staff), None)
    if pin is not None:
        return staff in pin.staff
    person = problem.staff[problem.staff_row(staff)]
    if any(person.skills.get(name, 0) < need for name, need in visit.skills.items()):
        return False
    return staff not in visit.forbidden and (not visit.required or staff in visit.required)


def stops_of(solution: Solution) -> dict[str, list[tuple[str, Stop]]]:
    """Visit → (carer, stop) of everybody who makes it."""
    found: dict[str, list[tuple[str, Stop]]] = {}
    for route in solution.routes:
        for stop in route.stops:
            found.setdefault(stop.visit, []).append((route.staff, stop))
    return found
