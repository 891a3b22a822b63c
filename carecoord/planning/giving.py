"""Somebody more at work for a while, or another visit that gives way: the least of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from carecoord.errors import Fact
from carecoord.model.time import clock
from carecoord.planning.insertions import AS_IS, Found, Insertions, Loose
from carecoord.planning.loosening import Relaxation, Search, with_visit
from carecoord.planning.reasons import minutes, together
from solver import UNREACHABLE, Options, Route, Shift, Staff, Visit, suggest

_MOVES = 12
"""Visits that are tried to be given to somebody else, the least urgent first."""
_Gap = tuple[int, int, str, str, Found]
"""Urgency of a visit, cost of the place it leaves, the visit, whose it is, and that place."""
_STAFF = "+"
"""Begins the id of somebody who is not on the roster yet."""


def hour(search: Search) -> Iterator[Relaxation | None]:
    """Somebody more of the least qualification needed, for as short a while as is enough."""
    here = [search.problem.staff[search.problem.staff_row(who)] for who in search.people]
    bases = {(s.mode, one.start_place) for s in here for one in s.shifts}
    start, partner = _when(search)
    if start is None:
        return
    best: tuple[int, Staff] | None = None
    for mode, base in sorted(bases, key=str):
        way = search.problem.travel[mode]
        there = 0 if base is None else int(way[base, search.visit.place])
        back = 0 if base is None else int(way[search.visit.place, base])
        begin = start - there - search.visit.access
        end = start + search.visit.duration + back
        if UNREACHABLE in (there, back) or begin < 0:
            continue
        if best is None or end - begin < best[0]:
            shift = Shift(begin, end, base, base)
            best = (end - begin, Staff(_STAFF, (shift,), dict(search.visit.skills), mode))
    if best is not None:
        yield _hired(search, *best, partner)


def _hired(search: Search, amount: int, new: Staff, partner: dict[str, Found]) -> Relaxation | None:
    missing = search.visit.carers - len(partner)
    names = [_STAFF * (k + 1) for k in range(missing)]
    people = (*search.problem.staff, *(replace(new, id=name) for name in names))
    allowed = search.visit.required and search.visit.required | set(names)
    problem = replace(
        search.problem,
        staff=people,
        visits=with_visit(search.problem, replace(search.visit, required=allowed)),
        pins=tuple(p for p in search.problem.pins if p.visit != search.visit.id),
    )
    tries = Insertions(problem, search.ground.solution, search.visit.id, search.ground.weights)
    crew = together(tries, [*names, *partner], AS_IS)
    facts: dict[str, Fact] = {
        "minutes": minutes(amount),
        "from": clock(new.shifts[0].start),
        "to": clock(new.shifts[0].end),
        "skill": ", ".join(sorted(search.visit.skills)) or "-",
        "people": missing,
    }
    return search.given("hour", amount, crew, problem, facts)


def _when(search: Search) -> tuple[int | None, dict[str, Found]]:
    """When somebody more should begin, and who of those at work begins with them."""
    wish = search.visit.preferred or search.visit.windows[0]
    if search.visit.carers > 1:
        able = {
            who: at for who in search.people if (at := search.tries.first(who, after=0)) is not None
        }
        if able:
            who = min(able, key=lambda one: (able[one].start, one))
            return able[who].start, {who: able[who]}
    bounds = search.tries.bounds(search.people[0]) if search.people else None
    low = max(wish.earliest, bounds[0] if bounds else 0)
    fitting = [w for w in search.visit.windows if w.latest >= low]
    return (max(low, fitting[0].earliest) if fitting else None), {}


def moved(search: Search) -> Iterator[Relaxation | None]:
    """Another visit goes to somebody else; and if none can, a less urgent one is left out."""
    if search.visit.carers > 1:
        return
    fixed = {p.visit for p in search.problem.pins}
    fixed |= {end for k in search.problem.links for end in (k.first, k.second)}
    found: list[_Gap] = []
    for who in search.people:
        for stop in search.tries.stops(who):
            other = search.problem.visits[search.problem.visit_row(stop.visit)]
            if other.id in fixed or other.carers > 1:
                continue
            at = search.tries.best(who, Loose(gone=other.id))
            if at is not None:
                found.append((_rank(other), at.extra, other.id, who, at))
    yield _elsewhere(search, sorted(found, key=lambda one: one[:4]))
    mine = _rank(search.visit)
    for rank, _, other_id, who, at in sorted(found, key=lambda one: one[:4]):
        if rank < mine:
            step = search.ground.step([at.route], out=frozenset({other_id}))
            if step is not None:
                facts: dict[str, Fact] = {"visit": other_id}
                yield Relaxation("leave", 1, (who,), at.start, facts, step)
                return


def _elsewhere(
    search: Search, found: Sequence[tuple[int, int, str, str, Found]]
) -> Relaxation | None:
    best: Relaxation | None = None
    for _, _, other, who, at in found[:_MOVES]:
        without = search.ground.step([at.route], out=frozenset({other}))
        if without is None:
            continue
        options = Options(weights=search.ground.weights)
        offers = suggest(search.problem, without.solution, other, top=1, options=options)
        if not offers:
            continue
        step = search.ground.step(_over(without.solution.routes, offers[0].routes))
        if step is None or (best is not None and best.step.total <= step.total):
            continue
        facts: dict[str, Fact] = {
            "visit": other,
            "to": offers[0].staff[0],
            "clock": clock(offers[0].start),
        }
        start = next(
            s.start for r in step.solution.routes for s in r.stops if s.visit == search.visit.id
        )
        best = Relaxation("move", 1, (who,), start, facts, step)
    return best


def _over(routes: Sequence[Route], changed: Sequence[Route]) -> list[Route]:
    found = {(r.staff, r.shift): r for r in routes}
    return list((found | {(r.staff, r.shift): r for r in changed}).values())


def _rank(visit: Visit) -> int:
    """Urgency of a visit: an optional one gives way to every mandatory one."""
    return visit.priority + 10 * visit.mandatory
