"""A period of consistent routes by our solver: drivers over the week, day by day, few at a time.

1. The day with most customers alone; where its vehicles go says who lives near whose routes.
2. `solver.week.spread` gives every frequent customer one vehicle, within what each can carry.
3. Day after day with these vehicles, in windows around the arrivals already agreed. Again with
   other seeds for a third of the time; the cheapest counts.
4. Two or three vehicles at a time with all their customers and all days as one problem: a vehicle
   has a shift on each day, visits to one customer are linked by the same carer and by starts a day
   apart, give or take the limit. So customers change their driver, and arrivals move.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bench.formats.hconvrp import Call, Period, judge
from solver import (
    Link,
    Options,
    Problem,
    Route,
    Shift,
    Solution,
    Staff,
    Stop,
    Visit,
    Weights,
    Window,
    check,
    solve,
)
from solver.week import Care, Week, Worker, check_week, spread

__all__ = ["UNIT", "WEIGHTS", "Routes", "plan_period", "whole", "worth"]

#: Times and costs are kept in thousandths.
UNIT = 1000
#: What a route costs stands in its kilometres; a customer left out is never worth it.
WEIGHTS = Weights(
    travel=0, late=0, early=0, overtime=0, unserved_mandatory=100_000_000, change_start=0
)

#: Rounds of a search of up to fifty visits.
_STEPS = 1500

Routes = dict[tuple[int, int], list[Call]]
Spans = Mapping[int, tuple[int, int]]


def plan_period(period: Period, limit: float, *, seconds: int, seed: int) -> tuple[Routes, bool]:
    """Routes by (day, vehicle), and whether every plan on the way passed its judge.

    limit
        Most time between two arrivals at one frequent customer.
    """
    end, rng = time.monotonic() + seconds, random.Random(seed)
    best, fine = _day_by_day(period, limit, seed, end)
    while time.monotonic() < end - seconds * 2 / 3:
        other, good = _day_by_day(period, limit, rng.randrange(10**6), end)
        fine = fine and good
        if worth(period, other, limit) < worth(period, best, limit):
            best = other
    once = True
    # Whoever the days left out finds a place when others move, even if time is short.
    while time.monotonic() < end - 0.5 or (once and worth(period, best, limit)[0]):
        best, good = _again(period, limit, best, rng, end)
        fine, once = fine and good, False
    return best, fine


def worth(period: Period, routes: Routes, limit: float) -> tuple[int, float]:
    """To be compared: customers left out and rules broken, then cost."""
    found = judge(period, routes, limit)
    return found.unserved + len(found.faults), found.cost


def _near(
    period: Period, routes: Routes, row: int | None, count: int, rng: random.Random
) -> list[int]:
    """Vehicles that go close to a customer, or to one of the first of them; now and then any."""
    at: dict[int, list[int]] = {k: [] for k in range(len(period.vehicles))}
    for (_, vehicle), calls in routes.items():
        at[vehicle] += [call.row for call in calls]
    first = [] if row is not None else [rng.randrange(len(at))]
    others = [k for k in at if k not in first]
    if rng.random() < 0.3:
        return [*first, *rng.sample(others, count - len(first))]
    row = row if row is not None else rng.choice(at[first[0]] or [0])
    # Whoever goes nowhere is no nearer than the depot.
    others.sort(key=lambda k: min(period.distance(row, x) for x in (at[k] or [0])))
    return [*first, *others[: count - len(first)]]


def _left_out(period: Period, routes: Routes) -> list[int]:
    """Customers without a visit on one of their days."""
    made = Counter(call.row for calls in routes.values() for call in calls)
    return [row for row in range(1, len(period.points)) if made[row] < period.visits(row)]


def _again(
    period: Period, limit: float, routes: Routes, rng: random.Random, end: float
) -> tuple[Routes, bool]:
    """Routes with those of two or three vehicles planned anew over all days, where that is better.

    Customers left out come along, and then a few vehicles more.
    """
    lost = _left_out(period, routes)
    count = min(len(period.vehicles), rng.choice((3, 4, 5) if lost else (2, 2, 3)))
    some = _near(period, routes, rng.choice(lost) if lost else None, count, rng)
    kept = {
        key: [call for call in calls if call.row not in lost]
        for key, calls in routes.items()
        if key[1] not in some
    }
    mine = {key: calls for key, calls in routes.items() if key[1] in some}
    rows = sorted({call.row for calls in mine.values() for call in calls} | set(lost))
    problem = whole(period, limit, some, rows)
    options = replace(
        _options(_STEPS * (1 + len(problem.visits) // 50), rng.randrange(10**6), end),
        mild=not lost and rng.random() < 0.75,
    )
    solution = solve(problem, options, start=Solution(_routes(period, mine), (), {}))
    other = kept | _calls(period, solution)
    better = worth(period, other, limit) < worth(period, routes, limit)
    return other if better else routes, check(problem, solution, options).ok


def whole(period: Period, limit: float, vehicles: Sequence[int], rows: Sequence[int]) -> Problem:
    """All days of some vehicles and customers as one problem, one after the other on its clock."""
    on = {row: [day for day in range(period.days) if period.demand[row][day] > 0] for row in rows}
    most = int(limit * UNIT)
    later = _offset(period)
    links = [
        Link(_id(row, a), _id(row, b), (b - a) * later - most, (b - a) * later + most, "same")
        for row in rows
        for k, a in enumerate(on[row])
        for b in on[row][k + 1 :]
    ]
    visits = [_visit(period, row, day) for row in rows for day in on[row]]
    return _problem(period, visits, range(period.days), links, vehicles)


def _options(steps: int, seed: int, end: float) -> Options:
    """So many rounds, unless time is up before."""
    left = max(1, int(end - time.monotonic()))
    return Options(seconds=left, iterations=steps, seed=seed, weights=WEIGHTS)


def _day_by_day(period: Period, limit: float, seed: int, end: float) -> tuple[Routes, bool]:
    """Routes from plans of the days; not always with everybody in them."""
    order = sorted(range(period.days), key=lambda day: -len(period.on(day)))
    options = _options(_STEPS, seed, end)
    first = solve(_day(period, order[0], {}, {}, limit), options)
    driver, fine = _drivers(period, _calls(period, first), seed)
    routes: Routes = {}
    spans: dict[int, tuple[int, int]] = {}
    for day in order:
        problem = _day(period, day, driver, spans, limit)
        solution = solve(problem, options)
        fine = fine and check(problem, solution, options).ok
        routes |= _calls(period, solution)
        for stop in (stop for route in solution.routes for stop in route.stops):
            row, at = _row(stop.visit), stop.start - day * _offset(period)
            low, high = spans.get(row, (at, at))
            spans[row] = min(low, at), max(high, at)
    return routes, fine


def _drivers(period: Period, routes: Routes, seed: int) -> tuple[dict[int, int], bool]:
    """A vehicle for each frequent customer: near where it goes anyhow, never too much to carry."""
    at: dict[int, list[int]] = {}
    for (_, vehicle), calls in routes.items():
        at.setdefault(vehicle, []).extend(call.row for call in calls)
    cares = []
    for row in range(1, len(period.points)):
        if period.visits(row) < 2:
            continue
        known = {
            str(k): int(
                2
                * UNIT
                * period.vehicles[k].variable
                * min(
                    (period.distance(row, x) for x in at.get(k, [])),
                    default=period.distance(0, row),
                )
            )
            for k in period.allowed[row]
        }
        days = tuple(day for day in range(period.days) if period.demand[row][day] > 0)
        goods = max(1, int(max(period.demand[row])))
        cares.append(Care(str(row), (days,), goods, frozenset(known), known))
    workers = tuple(
        Worker(str(k), (int(v.capacity),) * period.days) for k, v in enumerate(period.vehicles)
    )
    week = Week(
        period.days, tuple(cares), workers, faces=10**7, unfair=0, unfair_hard=0, unserved=10**8
    )
    found = spread(week, seconds=60, seed=seed, steps=1, exact=0)
    wrong, cost = check_week(week, found)
    return {int(c): int(w) for c, _, w in found.visits}, not wrong and cost == found.cost


def _day(
    period: Period, day: int, driver: Mapping[int, int], spans: Spans, limit: float
) -> Problem:
    """One day, with the drivers chosen and around the arrivals agreed so far."""
    base, most = day * _offset(period), int(limit * UNIT)
    visits = []
    for row in period.on(day):
        visit = _visit(period, row, day)
        if row in driver:
            visit = replace(visit, required=frozenset({str(driver[row])}))
        if row in spans:
            low, high = spans[row]
            window = visit.windows[0]
            early = max(window.earliest, base + high - most)
            visit = replace(
                visit, windows=(Window(early, max(early, min(window.latest, base + low + most))),)
            )
        visits.append(visit)
    return _problem(period, visits, (day,), (), range(len(period.vehicles)))


def _problem(
    period: Period,
    visits: Sequence[Visit],
    days: Sequence[int],
    links: Sequence[Link],
    vehicles: Sequence[int],
) -> Problem:
    """Carers are vehicles, with a shift on every day that counts; modes are vehicle types."""
    points = np.array(period.points)
    length = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    kinds = {v.kind: v for v in period.vehicles}
    travel, costs = [], []
    for kind in range(max(kinds) + 1):
        one = kinds.get(kind, period.vehicles[0])
        # A unit of distance may not be a whole thousandth: a way takes that little longer.
        travel.append(np.ceil(length / one.speed * UNIT - 1e-6).astype(np.int64))
        cost = one.variable * length
        cost[0, 1:] += one.fixed
        costs.append(np.rint(cost * UNIT).astype(np.int64))
    later, long = _offset(period), int(period.duration * UNIT)
    on = range(period.days)
    staff = tuple(
        Staff(
            str(k),
            tuple(
                Shift(
                    d * later,
                    d * later + (long if d in days else 0),
                    0,
                    0,
                    capacity=int(v.capacity),
                )
                for d in on
            ),
            mode=v.kind,
            cost_km=1000,
        )
        for k, v in enumerate(period.vehicles)
        if k in vehicles
    )
    return Problem(tuple(visits), staff, tuple(travel), tuple(links), metres=tuple(costs))


def _visit(period: Period, row: int, day: int) -> Visit:
    base, long = day * _offset(period), int(period.duration * UNIT)
    everybody = len(period.allowed[row]) == len(period.vehicles)
    return Visit(
        id=_id(row, day),
        place=row,
        # A visit takes time; a service of nothing takes a thousandth.
        duration=max(1, int(period.service[row] * UNIT)),
        windows=(Window(base, base + long),),
        goods=int(period.demand[row][day]),
        required=frozenset() if everybody else frozenset(str(k) for k in period.allowed[row]),
    )


def _offset(period: Period) -> int:
    """From one day to the next on the clock of the whole period."""
    return 2 * int(period.duration * UNIT)


def _id(row: int, day: int) -> str:
    return f"{row}@{day}"


def _row(visit: str) -> int:
    return int(visit.partition("@")[0])


def _calls(period: Period, solution: Solution) -> Routes:
    """Routes by (day, vehicle), in the file's units."""
    later = _offset(period)
    return {
        (route.shift, int(route.staff)): [
            Call(_row(stop.visit), (stop.start - route.shift * later) / UNIT)
            for stop in route.stops
        ]
        for route in solution.routes
    }


def _routes(period: Period, routes: Routes) -> tuple[Route, ...]:
    """The other way about."""
    later = _offset(period)
    out = []
    for (day, vehicle), calls in sorted(routes.items()):
        stops = []
        for call in calls:
            start = round(call.arrival * UNIT) + day * later
            long = max(1, int(period.service[call.row] * UNIT))
            stops.append(Stop(_id(call.row, day), start, start, start + long))
        if stops:
            # The search asks for carers and order only.
            out.append(Route(str(vehicle), day, day * later, stops[-1].end, tuple(stops)))
    return tuple(out)
