"""Every way to take visits into given routes, tried one by one on days of whole ten minutes.

Where every duration, way, window, break and gap is a multiple of ten minutes, some cheapest plan
has all its times on multiples too: with orders fixed, times obey differences of such numbers only.
So the grid is enough, and the search below need not be clever. It shares no code with the search.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise, product

import numpy as np

from solver import (
    UNREACHABLE,
    Options,
    Problem,
    Route,
    Solution,
    Unserved,
    Visit,
    Weights,
    Window,
    check,
    solve,
)
from solver.sample import full_day

HOUR = 3600
GRID = 600
LAST = 40 * 3600
Orders = dict[tuple[str, int], tuple[str, ...]]


def _down(t: int) -> int:
    return t // GRID * GRID


def _up(t: int) -> int:
    return -(-t // GRID) * GRID


def coarse_day(seed: int, *, visits: int, staff: int) -> Problem:
    """A full day whose times are multiples of ten minutes."""
    base = full_day(seed, visits=visits, staff=staff)
    wanted = tuple(
        replace(
            v,
            duration=_up(v.duration),
            windows=tuple(Window(_down(w.earliest), _down(w.latest)) for w in v.windows),
            preferred=None
            if v.preferred is None
            else Window(_down(v.preferred.earliest), _up(v.preferred.latest)),
            access=_up(v.access),
            paces=tuple(replace(p, duration=_up(p.duration)) for p in v.paces),
            duration_by={who: _up(long) for who, long in v.duration_by.items()},
        )
        for v in base.visits
    )
    people = tuple(
        replace(
            s,
            shifts=tuple(
                replace(x, breaks=tuple(replace(b, duration=_up(b.duration)) for b in x.breaks))
                for x in s.shifts
            ),
        )
        for s in base.staff
    )
    travel = tuple(np.where(m == UNREACHABLE, m, _up(m // 4)) for m in base.travel)
    pins = tuple(p if p.start is None else replace(p, start=_down(p.start)) for p in base.pins)
    before = tuple(
        replace(r, stops=tuple(replace(s, start=_down(s.start)) for s in r.stops))
        for r in base.previous
    )
    return replace(base, visits=wanted, staff=people, travel=travel, pins=pins, previous=before)


class Brute:
    """Tries everything for one plan of a coarse day."""

    def __init__(self, problem: Problem, solution: Solution, options: Options) -> None:
        self.problem, self.weights = problem, options.weights
        self.solution, self.options = solution, options
        self._now: dict[tuple[str, int], tuple[int, int]] = {}
        self.visits = {v.id: v for v in problem.visits}
        self.staff = {s.id: s for s in problem.staff}
        self.pins = {p.visit: p for p in problem.pins}
        self.orders: Orders = {
            (r.staff, r.shift): tuple(s.visit for s in r.stops) for r in solution.routes
        }
        self.starts = {s.visit: s.start for r in solution.routes for s in r.stops}
        tied = {e for k in problem.links for e in (k.first, k.second)}
        tied |= {e for k in problem.apart for e in (k.first, k.second)}
        tied |= {v.id for v in problem.visits if v.carers > 1}
        for pin in problem.pins:
            if pin.after is not None and {pin.visit, pin.after} & {
                e for k in problem.links for e in (k.first, k.second)
            }:
                tied |= {pin.visit, pin.after}
        self.tied = tied
        self.held = {v: t for v, t in self.starts.items() if v in tied}
        self.promised: dict[str, list[tuple[str, int]]] = {}
        for route in problem.previous:
            for stop in route.stops:
                self.promised.setdefault(stop.visit, []).append((route.staff, stop.start))
        self._known: dict[object, tuple[int, int] | None] = {}

    def lasts(self, visit: str, staff: str) -> int:
        v, s = self.visits[visit], self.staff[staff]
        if staff in v.duration_by:
            return v.duration_by[staff]
        able = [p.duration for p in v.paces if s.skills.get(p.skill, 0) >= p.level]
        return min(able, default=v.duration)

    def may(self, visit: str, staff: str) -> bool:
        v, pin = self.visits[visit], self.pins.get(visit)
        if pin is not None and pin.staff:
            return staff in pin.staff
        have = self.staff[staff].skills
        if any(have.get(k, 0) < n for k, n in v.skills.items()):
            return False
        return staff not in v.forbidden and (not v.required or staff in v.required)

    def starts_of(self, visit: str) -> list[int]:
        pin = self.pins.get(visit)
        if pin is not None and pin.start is not None:
            return [pin.start]
        windows = self.visits[visit].windows
        return [t for w in windows for t in range(_up(w.earliest), w.latest + 1, GRID)]

    def start_cost(self, visit: str, start: int) -> int:
        v, w = self.visits[visit], self.weights
        cost = 0
        if v.preferred is not None:
            cost += w.late * max(0, start - v.preferred.latest)
            cost += w.early * max(0, v.preferred.earliest - start)
        if visit in self.promised:
            cost += w.change_start * abs(start - self.promised[visit][0][1])
        return cost

    def route(
        self, key: tuple[str, int], order: tuple[str, ...], fixed: Mapping[str, int]
    ) -> tuple[int, int] | None:
        """Least cost of an order with some starts fixed, and its travel; starts fixed are free."""
        if not order:
            return 0, 0
        at = tuple((v, fixed.get(v, self.held.get(v))) for v in order)
        if (key, at) not in self._known:
            self._known[key, at] = self._route(key, order, dict(at))
        cost = self._known[key, at]
        return None if cost is None else cost

    def _route(self, key, order, at):  # type: ignore[no-untyped-def]
        staff, shift = self.staff[key[0]], self.staff[key[0]].shifts[key[1]]
        w = self.weights
        for k, visit in enumerate(order):
            pin = self.pins.get(visit)
            if pin is not None and pin.first and k > 0:
                return None
            if pin is not None and pin.after is not None and (k == 0 or order[k - 1] != pin.after):
                return None
        if shift.capacity is not None and sum(self.visits[v].goods for v in order) > shift.capacity:
            return None
        places = [shift.start_place, *(self.visits[v].place for v in order), shift.end_place]
        ways = []
        metres = 0
        for a, b in pairwise(places):
            way = 0 if a is None or b is None else int(self.problem.travel[staff.mode][a, b])
            if way == UNREACHABLE or (staff.max_leg is not None and way > staff.max_leg):
                return None
            if staff.cost_km and a is not None and b is not None:
                metres += int(self.problem.metres[staff.mode][a, b])
            ways.append(way)
        groups = [None, *(self.visits[v].group for v in order)]
        fees = [
            0 if g is not None and g == groups[k] else self.visits[v].access
            for k, (v, g) in enumerate(zip(order, groups[1:], strict=True))
        ]
        longs = [self.lasts(v, staff.id) for v in order]
        breaks, size = shift.breaks, len(order)
        idle_free = sum(ways) + sum(fees) + sum(longs)

        def gap(free: int, until: int, need: int, first: int, count: int) -> bool:
            """Whether breaks first … first + count - 1 and `need` fit between two seconds."""
            now, rest = free, 0
            for one in breaks[first : first + count]:
                begin = max(now, one.earliest)
                if begin > one.latest or begin + one.duration > until:
                    return False
                now, rest = begin + one.duration, rest + one.duration
            return until - free >= need + rest

        @cache
        def after(k: int, start: int, taken: int, leave: int, rest: int) -> int:
            """Least cost from stop k on, which starts at `start`."""
            free = start + longs[k]
            visit = order[k]
            mine = 0 if at[visit] is not None else self.start_cost(visit, start)
            best = 1 << 60
            for count in range(len(breaks) - taken + 1):
                more = sum(b.duration for b in breaks[taken : taken + count])
                if k + 1 == size:
                    for finish in range(free, LAST, GRID):
                        if finish > shift.latest_return:
                            break
                        if not gap(free, finish, ways[-1], taken, count):
                            continue
                        left = breaks[taken + count :]
                        if any(max(finish, b.earliest) > b.latest for b in left):
                            continue
                        duty = finish - leave - rest - more
                        cost = w.overtime * max(0, finish - shift.end)
                        cost += w.waiting * (duty - idle_free) + staff.cost_hour * duty // 3600
                        best = min(best, cost)
                        if finish >= free + ways[-1] + more:
                            break
                    continue
                nxt = order[k + 1]
                options = self.starts_of(nxt) if at[nxt] is None else [at[nxt]]
                for then in options:
                    if gap(free, then, ways[k + 1] + fees[k + 1], taken, count):
                        best = min(best, after(k + 1, then, taken + count, leave, rest + more))
            return best + mine

        best = 1 << 60
        paid = bool(w.waiting or staff.cost_hour)
        for start in self.starts_of(order[0]) if at[order[0]] is None else [at[order[0]]]:
            low = shift.start
            for leave in range(start, low - 1, -GRID) if paid or breaks else (low,):
                for early in range(len(breaks) + 1):
                    if any(b.earliest + b.duration > leave for b in breaks[:early]):
                        continue
                    for count in range(len(breaks) - early + 1):
                        if gap(leave, start, ways[0] + fees[0], early, count):
                            more = sum(b.duration for b in breaks[early : early + count])
                            best = min(best, after(0, start, early + count, leave, more))
        if best >= 1 << 59:
            return None
        best += w.travel * sum(ways) + staff.cost_km * metres // 1000
        for visit in order:
            v = self.visits[visit]
            best += w.continuity * v.continuity.get(staff.id, v.unfamiliar)
            best += w.preference * v.preference.get(staff.id, 0)
            if staff.areas and v.area is not None and v.area not in staff.areas:
                best += w.outside_area
        return best, sum(ways)

    def day(self, staff: str, more: Sequence[str], fixed: Mapping[str, int]) -> int | None:
        """Least cost of a carer with more visits, wherever and in whichever order they go in."""
        person = self.staff[staff]
        best: int | None = None
        for split in product(range(len(person.shifts)), repeat=len(more)):
            layouts = [
                list(
                    _merged(
                        self.orders.get((staff, k), ()),
                        [v for v, s in zip(more, split, strict=True) if s == k],
                    )
                )
                for k in range(len(person.shifts))
            ]
            for chosen in product(*layouts):
                found = [
                    self.route((staff, k), o, fixed) if k in split else self._stands((staff, k))
                    for k, o in enumerate(chosen)
                ]
                if any(f is None for f in found):
                    continue
                if person.max_travel is not None and sum(f[1] for f in found) > person.max_travel:  # type: ignore[index]
                    continue
                if person.max_visits is not None and sum(map(len, chosen)) > person.max_visits:
                    continue
                cost = sum(f[0] for f in found) + self._fair(staff, [v for o in chosen for v in o])  # type: ignore[index]
                best = cost if best is None else min(best, cost)
        return best

    def _fair(self, staff: str, visits: Sequence[str]) -> int:
        if not visits:
            return 0
        w, person = self.weights, self.staff[staff]
        hours = {s.id: sum(x.end - x.start for x in s.shifts) for s in self.problem.staff}
        total = max(1, sum(hours.values()))
        asked = sum(v.duration * v.carers for v in self.problem.visits)
        hard = sum(v.carers for v in self.problem.visits if v.hard)
        above = sum(self.lasts(v, staff) for v in visits) - asked * hours[staff] // total
        heavy = sum(self.visits[v].hard for v in visits) + (-hard * hours[staff] // total)
        return person.cost_use + w.load * max(0, above) + w.hard * max(0, heavy)

    def least(self, wanted: Sequence[str]) -> int | None:
        """Least cost of all concerned with every wanted visit made, less what stands now made by
        the same people; None: there is no way."""
        free = [v for v in wanted if v in self.tied]
        best: int | None = None
        for times in product(*(self.starts_of(v) for v in free)):
            fixed = dict(zip(free, times, strict=True))
            if self._fits(fixed):
                cost = self._crews(list(wanted), {}, fixed)
                if cost is not None:
                    cost += sum(self.start_cost(v, t) for v, t in fixed.items())
                    best = cost if best is None else min(best, cost)
        return best

    def _fits(self, fixed: Mapping[str, int]) -> bool:
        at = {**self.starts, **fixed}
        for link in self.problem.links:
            if {link.first, link.second} & set(fixed) and {link.first, link.second} <= set(at):
                gap = at[link.second] - at[link.first]
                if gap < link.min_gap or (link.max_gap is not None and gap > link.max_gap):
                    return False
        return True

    def _crews(
        self, left: list[str], given: dict[str, tuple[str, ...]], fixed: Mapping[str, int]
    ) -> int | None:
        if not left:
            return self._priced(given, fixed)
        visit, best = left[0], None
        able = [s for s in self.staff if self.may(visit, s)]
        for crew in combinations(able, self.visits[visit].carers):
            cost = self._crews(left[1:], {**given, visit: crew}, fixed)
            if cost is not None:
                best = cost if best is None else min(best, cost)
        return best

    def _priced(self, given: Mapping[str, tuple[str, ...]], fixed: Mapping[str, int]) -> int | None:
        crews = {v: {r for r, _ in self.orders if v in self.orders[r, _]} for v in self.starts}
        crews |= {v: set(c) for v, c in given.items()}
        at = {**self.starts, **fixed}
        for link in self.problem.links:
            one, two = crews.get(link.first), crews.get(link.second)
            if one is None or two is None or not {link.first, link.second} & set(given):
                continue
            if (link.carers == "same" and one != two) or (link.carers == "different" and one & two):
                return None
        for pair in self.problem.apart:
            if not {pair.first, pair.second} & set(given):
                continue
            if pair.first in crews and pair.second in crews:
                ends = sorted(
                    (at[v], max(at[v] + self.lasts(v, s) for s in crews[v]))
                    for v in (pair.first, pair.second)
                )
                if ends[1][0] < ends[0][1] + pair.gap:
                    return None
        total = 0
        for staff in {s for crew in given.values() for s in crew}:
            now = self.day(staff, [v for v, crew in given.items() if staff in crew], fixed)
            if now is None:
                return None
            total += now - self._standing(staff)
        for visit, crew in given.items():
            lost = [s for s, _ in self.promised.get(visit, ()) if s not in crew]
            total += self.weights.change_carer * len(lost)
        return total

    def _standing(self, staff: str) -> int:
        """What a carer costs now."""
        mine = [key for key in self.orders if key[0] == staff]
        visits = [v for key in mine for v in self.orders[key]]
        return sum(self._stands(key)[0] for key in mine) + self._fair(staff, visits)

    def _stands(self, key: tuple[str, int]) -> tuple[int, int]:
        """What a route costs as it is timed now, by the judge, agreed starts left out."""
        if key not in self.orders:
            return 0, 0
        if key not in self._now:
            (mine,) = [r for r in self.solution.routes if (r.staff, r.shift) == key]
            verdict = check(self.problem, Solution((mine,), (), {}), self.options)
            left_out = ("unserved", "change", "staff", "load", "hard")
            cost = sum(c for rule, c in verdict.cost.items() if rule not in left_out)
            for stop in mine.stops:
                told = self.promised.get(stop.visit)
                moved = 0 if told is None else abs(stop.start - told[0][1])
                moved *= self.weights.change_start
                if stop.visit in self.held:
                    cost -= self.start_cost(stop.visit, stop.start) - moved
                else:
                    cost += moved
            self._now[key] = cost, verdict.cost["travel"] // self.weights.travel
        return self._now[key]


def _merged(order: tuple[str, ...], more: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every order that keeps `order` and has all of `more` somewhere."""
    if not more:
        yield order
        return
    for before in _merged(order, more[1:]):
        for k in range(len(before) + 1):
            yield (*before[:k], more[0], *before[k:])


def without(solution: Solution, visits: Sequence[str]) -> Solution:
    """The plan with some visits taken out of every route."""
    routes: list[Route] = [
        replace(r, stops=tuple(s for s in r.stops if s.visit not in visits))
        for r in solution.routes
    ]
    gone = tuple(Unserved(v, "no_capacity") for v in visits)
    return replace(
        solution,
        routes=tuple(r for r in routes if r.stops),
        unserved=(*(u for u in solution.unserved if u.visit not in visits), *gone),
        cost={},
    )


def planned_day(seed: int) -> tuple[Problem, Solution, Options]:
    """A coarse day with its plan, some of it promised otherwise before, under odd weights."""
    rng = random.Random(seed)
    weights = (
        Weights(),
        Weights(waiting=1, load=1, hard=500),
        Weights(early=3, late=5, overtime=2, travel=1, change_start=2),
        Weights(waiting=2, early=0, load=2),
    )
    options = Options(seconds=60, iterations=30, weights=rng.choice(weights))
    problem = coarse_day(seed, visits=rng.randrange(3, 8), staff=rng.randrange(1, 4))
    problem = replace(problem, visits=tuple(_easier(rng, problem, v) for v in problem.visits))
    plan = solve(problem, options)
    if rng.random() < 0.5:
        before = tuple(
            replace(
                r,
                stops=tuple(
                    replace(s, start=s.start + GRID * rng.randrange(-2, 3)) for s in r.stops
                ),
            )
            for r in plan.routes
        )
        problem = replace(problem, previous=before)
        plan = solve(problem, options)
    return problem, plan, options


def _easier(rng: random.Random, problem: Problem, visit: Visit) -> Visit:
    """Odd visits seldom fit together: an earlier first window, and more often one carer."""
    first = visit.windows[0]
    wider = Window(max(0, first.earliest - HOUR * rng.choice([0, 1, 2])), first.latest)
    counted = problem.pins or any(k.carers == "same" for k in problem.links)
    carers = visit.carers if counted or rng.random() < 0.4 else 1
    return replace(visit, windows=(wider, *visit.windows[1:]), carers=carers)


def askable(problem: Problem, plan: Solution, visits: Sequence[str]) -> bool:
    """Whether the day is whole without some visits: no link half kept, no pinned order lost."""
    asked = set(visits)
    left = {s.visit for r in plan.routes for s in r.stops} - asked
    halves = [
        {k.first, k.second}
        for k in problem.links
        if len({k.first, k.second} & asked) == 1 and not {k.first, k.second} & left
    ]
    lost = [p for p in problem.pins if p.after in asked and p.visit in left]
    sharp = all(s.start % GRID == 0 for r in plan.routes for s in r.stops)
    return not halves and not lost and sharp
