"""Compiled ruin and recreate for days of single visits: one carer, one window, nothing tied.

The same search as `kernels.ruin` on a form in which every question about a place is answered from
two neighbouring rows: no breaks, no soft times, no links, one shift per carer. What each carer may
do, what they cost, loads, limits, goods and visits left out are as there.
"""

from __future__ import annotations

from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from solver.kernels.arrays import I4, I8

__all__ = [
    "Alone",
    "Desk",
    "Routes",
    "alone_of",
    "copy_routes",
    "desk_of",
    "fill",
    "rebuild",
    "routes_of",
    "search",
]

B1 = npt.NDArray[np.bool_]

#: Visits taken out per step on average, and the longest string.
REMOVED = 10
LONGEST = 10

# Columns of Alone.visit. LONG: access and service; FIRST, FINAL: bounds on the arrival.
PLACE, LONG, FIRST, FINAL, GOODS, PENALTY, FAR_OFF, WORK = range(8)
# Columns of Alone.vehicle.
MODE, FROM, TO, OPENS, HARD, KIND, ROOM, MOST, USE, SHARE = range(10)
# Columns of Routes.stop. Row 0 is the start, the row after the last visit the end of the shift.
VISIT, ENDS, LAST, WAY, SPOT = range(5)
# Columns of Routes.route.
SIZE, COST, CARRIED, LOAD = range(4)


class Alone(NamedTuple):
    """The problem. V vehicles, N visits, P places and one more that is nowhere: no way to it."""

    travel: I4  # (modes, P + 1, P + 1)
    travel_t: I4
    vehicle: I8  # (V, 10)
    visit: I8  # (N, 8)
    usable: B1  # (N, V)
    likes: I8  # (N, V)
    near: I4  # (N, K) other visits, nearest first
    weight: I8  # (2,) of a second of travel, of a second above the fair share


class Routes(NamedTuple):
    """A plan."""

    stop: I4  # (V, M + 2, 8)
    route: I8  # (V, 4)
    where: I4  # (N, 2) vehicle (-1: left out), row in it
    absent: I8  # (N,)
    total: I8  # (2,) cost; number of absent visits


class Desk(NamedTuple):
    """Scratch of the search; contents mean nothing between calls except `random`."""

    random: I8
    tried: I8  # (V + 1,) number of the present look, and by kind of idle shift of the last one
    touch: I8  # (V,)
    touched: I8  # (V,)
    key: I8  # (N,)
    found: I8  # (2,) vehicle and row of the place found


def alone_of(
    travel: I4,
    vehicle: I8,
    visit: I8,
    usable: B1,
    likes: I8,
    near: I4,
    weight: I8,
) -> Alone:
    """The problem with its matrices laid out both ways.

    travel
        Shape (modes, P, P). FROM and TO of a vehicle may be P: nowhere.
    """
    wide = np.zeros((len(travel), travel.shape[1] + 1, travel.shape[1] + 1), dtype=np.int32)
    wide[:, :-1, :-1] = travel
    turned = np.ascontiguousarray(wide.transpose(0, 2, 1))
    return Alone(wide, turned, vehicle, visit, usable, likes, near, weight)


def routes_of(a: Alone) -> Routes:
    """A plan with nothing in it."""
    visits, vehicles = len(a.visit), len(a.vehicle)
    plan = Routes(
        stop=np.zeros((vehicles, visits + 2, 8), dtype=np.int32),
        route=np.zeros((vehicles, 4), dtype=np.int64),
        where=np.full((visits, 2), -1, dtype=np.int32),
        absent=np.arange(visits, dtype=np.int64),
        total=np.array([int(a.visit[:, PENALTY].sum()), visits], dtype=np.int64),
    )
    for v in range(vehicles):
        rebuild(a, plan, v)
    return plan


def desk_of(a: Alone, seed: int) -> Desk:
    """Scratch arrays; the seed fixes every random choice."""
    visits, vehicles = len(a.visit), len(a.vehicle)
    mixed = (seed * 0x9E3779B97F4A7C15 + 0x1234567) % (1 << 63) or 1
    return Desk(
        random=np.array([mixed], dtype=np.int64),
        tried=np.zeros(vehicles + 1, dtype=np.int64),
        touch=np.zeros(vehicles + 1, dtype=np.int64),
        touched=np.zeros(vehicles + 1, dtype=np.int64),
        key=np.zeros(visits + 1, dtype=np.int64),
        found=np.zeros(2, dtype=np.int64),
    )


@njit(cache=True)
def _draw(random: I8) -> int:
    x = random[0]
    x ^= x << 13
    x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
    x ^= x << 17
    random[0] = x
    return int(x)


@njit(cache=True)
def _chance(random: I8) -> float:
    """Uniform in [0, 1)."""
    return float((_draw(random) >> 11) & 0x1FFFFFFFFFFFFF) / 9007199254740992.0


@njit(cache=True)
def _pick(random: I8, count: int) -> int:
    return min(count - 1, int(_chance(random) * count))


@njit(cache=True, inline="always")
def rebuild(a: Alone, p: Routes, v: int) -> None:
    """Recompute every number of route `v` from its order, and the plan's total."""
    stop, visits, vehicles, travel, where, likes = (
        p.stop,
        a.visit,
        a.vehicle,
        a.travel,
        p.where,
        a.likes,
    )
    mode, end = vehicles[v, MODE], vehicles[v, TO]
    size = p.route[v, SIZE]
    here, now = vehicles[v, FROM], vehicles[v, OPENS]
    stop[v, 0, VISIT], stop[v, 0, ENDS], stop[v, 0, SPOT] = -1, now, here
    ways, liking, goods, work = 0, 0, 0, 0
    for k in range(1, size + 1):
        visit = stop[v, k, VISIT]
        place = visits[visit, PLACE]
        way = travel[mode, here, place]
        now = max(now + way, visits[visit, FIRST]) + visits[visit, LONG]
        stop[v, k, ENDS], stop[v, k, WAY], stop[v, k, SPOT] = now, way, place
        here = place
        ways += way
        liking += likes[visit, v]
        goods += visits[visit, GOODS]
        work += visits[visit, WORK]
        where[visit, 0], where[visit, 1] = v, k
    way = travel[mode, here, end] if size > 0 else 0
    limit = vehicles[v, HARD]
    stop[v, size + 1, VISIT], stop[v, size + 1, WAY], stop[v, size + 1, SPOT] = -1, way, end
    stop[v, size + 1, LAST] = limit
    for k in range(size, 0, -1):
        visit = stop[v, k, VISIT]
        limit = min(visits[visit, FINAL], limit - stop[v, k + 1, WAY] - visits[visit, LONG])
        stop[v, k, LAST] = limit
    cost = a.weight[0] * (ways + way) + liking
    cost += a.weight[1] * max(0, work - vehicles[v, SHARE])
    if size > 0:
        cost += vehicles[v, USE]
    p.total[0] += cost - p.route[v, COST]
    p.route[v, COST], p.route[v, CARRIED], p.route[v, LOAD] = cost, goods, work


@njit(cache=True, inline="always")
def _copy_route(source: Routes, target: Routes, v: int) -> None:
    for c in range(4):
        target.route[v, c] = source.route[v, c]
    there, here = target.stop, source.stop
    for k in range(source.route[v, SIZE] + 2):
        for c in range(5):
            there[v, k, c] = here[v, k, c]
        visit = here[v, k, VISIT]
        if visit >= 0:
            target.where[visit, 0], target.where[visit, 1] = v, k


@njit(cache=True, inline="always")
def _copy_rest(source: Routes, target: Routes) -> None:
    """Totals and what is left out; before the routes are copied."""
    for k in range(source.total[1]):
        visit = source.absent[k]
        target.absent[k] = visit
        target.where[visit, 0] = -1
    target.total[0] = source.total[0]
    target.total[1] = source.total[1]


@njit(cache=True)
def copy_routes(source: Routes, target: Routes) -> None:
    """Copy a whole plan."""
    _copy_rest(source, target)
    for v in range(len(source.route)):
        _copy_route(source, target, v)


@njit(cache=True, inline="always")
def _copy_touched(d: Desk, source: Routes, target: Routes, count: int) -> None:
    _copy_rest(source, target)
    for k in range(count):
        _copy_route(source, target, d.touched[k])


@njit(cache=True, inline="always")
def _cut(a: Alone, p: Routes, d: Desk, v: int, visit: int, length: int) -> None:
    """Take out a run of visits around `visit`, half of the time leaving a gap inside it."""
    size = p.route[v, SIZE]
    stop = p.stop
    at = p.where[visit, 1] - 1
    keep = 0
    if length > 1 and length < size and _chance(d.random) < 0.5:
        while length + keep < size and _chance(d.random) > 0.01:
            keep += 1
            if _chance(d.random) < 0.5:
                break
    span = length + keep
    low = max(0, at - span + 1)
    high = min(at, size - span)
    first = low + _pick(d.random, high - low + 1)
    gap = first + _pick(d.random, length) if keep > 0 else size + 1
    left = first
    for k in range(first, size):
        mine = stop[v, k + 1, VISIT]
        if k < first + span and (k == at or not gap <= k < gap + keep):
            p.where[mine, 0] = -1
            p.absent[p.total[1]] = mine
            p.total[1] += 1
            p.total[0] += a.visit[mine, PENALTY]
        else:
            stop[v, left + 1, VISIT] = mine
            left += 1
    p.route[v, SIZE] = left
    rebuild(a, p, v)


@njit(cache=True, inline="always")
def _ruin(a: Alone, p: Routes, d: Desk) -> int:
    """Remove strings around a random visit; returns how many routes were touched."""
    used, stops = 0, 0
    for v in range(len(p.route)):
        d.touch[v] = 0
        if p.route[v, SIZE] > 0:
            used += 1
            stops += p.route[v, SIZE]
    if used == 0:
        return 0
    longest = min(float(LONGEST), stops / used)
    strings = 4.0 * REMOVED / (1.0 + longest) - 1.0
    wanted = int(_chance(d.random) * strings + 1.0)
    seed = _pick(d.random, len(a.visit))
    if p.total[1] > 0 and _chance(d.random) < 0.3:
        seed = p.absent[_pick(d.random, p.total[1])]
    done = 0
    for k in range(-1, a.near.shape[1]):
        if done >= wanted:
            break
        visit = seed if k < 0 else a.near[seed, k]
        v = p.where[visit, 0]
        if v < 0 or d.touch[v] == 1:
            continue
        size = p.route[v, SIZE]
        length = int(_chance(d.random) * min(float(size), longest) + 1.0)
        d.touch[v] = 1
        d.touched[done] = v
        done += 1
        _cut(a, p, d, v, visit, min(length, size))
    return done


@njit(cache=True, inline="always")
def _order_absent(a: Alone, p: Routes, d: Desk) -> None:
    """Sort the absent visits by a random one of several keys; what must be served comes first."""
    count = p.total[1]
    roll = _chance(d.random)
    for k in range(count):
        visit = p.absent[k]
        if roll < 0.30:
            key = _draw(d.random) & 0xFFFFFF
        elif roll < 0.42:
            key = -a.visit[visit, LONG]
        elif roll < 0.57:
            key = -a.visit[visit, FAR_OFF]
        elif roll < 0.64:
            key = a.visit[visit, FAR_OFF]
        elif roll < 0.79:
            key = a.visit[visit, FINAL] - a.visit[visit, FIRST]
        elif roll < 0.89:
            key = a.visit[visit, FIRST]
        else:
            key = -a.visit[visit, FINAL]
        if a.visit[visit, PENALTY] >= 1000000:
            key -= 1 << 42
        j = k - 1
        while j >= 0 and d.key[j] > key:
            d.key[j + 1] = d.key[j]
            p.absent[j + 1] = p.absent[j]
            j -= 1
        d.key[j + 1] = key
        p.absent[j + 1] = visit


@njit(cache=True, inline="always")
def _best_place(a: Alone, p: Routes, d: Desk, visit: int, below: int, skip: int) -> None:
    """Cheapest place of a visit under a cost, passing over some by chance; written to d.found.

    skip
        Of 1024 places, how many are passed over.
    """
    # Rows are never sliced off in here: a slice costs more than what it stands for.
    stops, routes, travel, turned = p.stop, p.route, a.travel, a.travel_t
    usable, vehicles, likes, tried, random = a.usable, a.vehicle, a.likes, d.tried, d.random
    mine = a.visit[visit]
    place, long, first, final = mine[PLACE], mine[LONG], mine[FIRST], mine[FINAL]
    goods, work, weight, loading = mine[GOODS], mine[WORK], a.weight[0], a.weight[1]
    best = below
    d.found[0] = -1
    tried[0] += 1
    x = random[0]
    for v in range(len(vehicles)):
        size = routes[v, SIZE]
        if not usable[visit, v]:
            continue
        if size == 0:
            kind = vehicles[v, KIND] + 1
            if tried[kind] == tried[0]:
                continue
            tried[kind] = tried[0]
        if size >= vehicles[v, MOST] or routes[v, CARRIED] + goods > vehicles[v, ROOM]:
            continue
        base = likes[visit, v]
        if size == 0:
            base += vehicles[v, USE]
        if loading > 0:
            over = routes[v, LOAD] - vehicles[v, SHARE]
            base += loading * (max(0, over + work) - max(0, over))
        mode = vehicles[v, MODE]
        for at in range(1, size + 2):
            now, last = stops[v, at - 1, ENDS], stops[v, at, LAST]
            if now > final:
                break
            if last < first + long:
                continue
            come = turned[mode, place, stops[v, at - 1, SPOT]]
            go = travel[mode, place, stops[v, at, SPOT]]
            extra = base + weight * (come + go - stops[v, at, WAY])
            if extra >= best:
                continue
            ready = now + come
            if ready > final or max(ready, first) + long + go > last:
                continue
            x ^= x << 13
            x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
            x ^= x << 17
            if (x & 1023) >= skip:
                best = extra
                d.found[0], d.found[1] = v, at
    random[0] = x


@njit(cache=True, inline="always")
def _insert(a: Alone, p: Routes, v: int, at: int, visit: int) -> None:
    """Put a visit at row `at` of a route."""
    stop = p.stop
    for k in range(p.route[v, SIZE], at - 1, -1):
        stop[v, k + 1, VISIT] = stop[v, k, VISIT]
    stop[v, at, VISIT] = visit
    p.route[v, SIZE] += 1
    rebuild(a, p, v)


@njit(cache=True, inline="always")
def fill(a: Alone, p: Routes, d: Desk, skip: int, count: int) -> int:
    """Put absent visits back where they are cheapest; what costs more than leaving it stays out.

    count
        Routes touched so far; returns how many are now.
    """
    _order_absent(a, p, d)
    left = 0
    for k in range(p.total[1]):
        visit = p.absent[k]
        penalty = a.visit[visit, PENALTY]
        _best_place(a, p, d, visit, penalty, skip)
        v, at = d.found[0], d.found[1]
        if v < 0:
            p.absent[left] = visit
            left += 1
            continue
        if d.touch[v] == 0:
            d.touch[v] = 1
            d.touched[count] = v
            count += 1
        _insert(a, p, v, at, visit)
        p.total[0] -= penalty
    p.total[1] = left
    return count


@njit(cache=True)
def search(
    a: Alone, now: Routes, kept: Routes, best: Routes, d: Desk, steps: int, heat: float, skip: int
) -> None:
    """`steps` rounds of ruin and recreate at one temperature.

    now
        Current plan, equal to `kept` before and after.
    best
        Cheapest plan so far; updated.
    """
    for _ in range(steps):
        count = fill(a, now, d, skip, _ruin(a, now, d))
        if now.total[0] < kept.total[0] - heat * log(max(1e-300, _chance(d.random))):
            _copy_touched(d, now, kept, count)
            if now.total[0] < best.total[0]:
                copy_routes(now, best)
        else:
            _copy_touched(d, kept, now, count)
