"""Compiled ruin and recreate for days of single visits: one carer, one window, nothing tied.

The same search as `kernels.ruin` on a form in which every question about a place is answered from
two neighbouring rows: no breaks, no soft times, no links, one shift per carer. What each carer may
do, what they cost, loads, limits, goods and visits left out are as there.
"""

from __future__ import annotations

from math import log

import numpy as np
from numba import njit

from solver.kernels.compiled import loop
from solver.kernels.exchange import swap_tails
from solver.kernels.lone import (
    CARRIED,
    ENDS,
    FAR_OFF,
    FINAL,
    FIRST,
    GOODS,
    KIND,
    LAST,
    LOAD,
    LONG,
    MODE,
    MOST,
    PENALTY,
    PLACE,
    ROOM,
    SHARE,
    SIZE,
    SPOT,
    USE,
    VISIT,
    WAY,
    WORK,
    Alone,
    Desk,
    Routes,
    chance,
    copy_routes,
    copy_touched,
    draw,
    insert,
    pick,
    take_out,
)

__all__ = ["fill", "search"]

#: The longest string taken out of a route.
LONGEST = 10
#: No place.
NEVER = np.int64(1 << 60)


@njit(cache=True, inline="always")
def _cut(a: Alone, p: Routes, d: Desk, v: int, visit: int, length: int) -> None:
    """Take out a run of visits around `visit`, half of the time leaving a gap inside it."""
    size = p.route[v, SIZE]
    stop = p.stop
    at = 0
    while stop[v, at + 1, VISIT] != visit:
        at += 1
    keep = 0
    if length > 1 and length < size and chance(d.random) < 0.5:
        while length + keep < size and chance(d.random) > 0.01:
            keep += 1
            if chance(d.random) < 0.5:
                break
    span = length + keep
    low = max(0, at - span + 1)
    high = min(at, size - span)
    first = low + pick(d.random, high - low + 1)
    gap = first + pick(d.random, length) if keep > 0 else size + 1
    take_out(a, p, v, first, first + span, gap, gap + keep, at)


@njit(cache=True, inline="always")
def _ruin(a: Alone, p: Routes, d: Desk, removed: float) -> int:
    """Remove strings around a random visit; returns how many routes were touched.

    removed
        Visits to take out on average.
    """
    used, stops = 0, 0
    for v in range(len(p.route)):
        d.touch[v] = 0
        if p.route[v, SIZE] > 0:
            used += 1
            stops += p.route[v, SIZE]
    if used == 0:
        return 0
    longest = min(float(LONGEST), stops / used)
    strings = 4.0 * removed / (1.0 + longest) - 1.0
    wanted = int(chance(d.random) * strings + 1.0)
    seed = pick(d.random, len(a.visit))
    if p.total[1] > 0 and chance(d.random) < 0.3:
        seed = p.absent[pick(d.random, p.total[1])]
    done = 0
    for k in range(-1, a.near.shape[1]):
        if done >= wanted:
            break
        visit = seed if k < 0 else a.near[seed, k]
        v = p.where[visit]
        if v < 0 or d.touch[v] == 1:
            continue
        size = p.route[v, SIZE]
        length = int(chance(d.random) * min(float(size), longest) + 1.0)
        d.touch[v] = 1
        d.touched[done] = v
        done += 1
        _cut(a, p, d, v, visit, min(length, size))
    return done


@njit(cache=True, inline="always")
def _order_absent(a: Alone, p: Routes, d: Desk) -> None:
    """Sort the absent visits by a random one of several keys; what must be served comes first."""
    count = p.total[1]
    roll = chance(d.random)
    for k in range(count):
        visit = p.absent[k]
        if roll < 0.30:
            key = draw(d.random) & 0xFFFFFF
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
def _best_place(
    a: Alone, p: Routes, d: Desk, visit: int, below: int, skip: int, opened: int
) -> None:
    """Cheapest place of a visit under a cost, passing over some by chance; written to d.found.

    A route whose fingerprint is that of the last look is not looked at again: most rounds are
    undone or put things back where they were.

    skip
        Of 1024 places, how many are passed over.
    opened
        Vehicles in `d.open`.
    """
    # Rows are never sliced off in here, nor arrays passed on: that costs more than the work.
    stops, routes, travel, turned = p.stop, p.route, a.travel, a.travel_t
    usable, vehicles, likes, open_, random = a.usable, a.vehicle, a.likes, d.open, d.random
    memo, memo_at, visits, sign = d.memo, d.memo_at, a.visit, p.sign
    place, long = visits[visit, PLACE], visits[visit, LONG]
    first, final = visits[visit, FIRST], visits[visit, FINAL]
    goods, work = visits[visit, GOODS], visits[visit, WORK]
    weight, loading, mirrored = a.weight[0], a.weight[1], a.mirrored
    done = first + long
    best, vehicle, found = below, -1, 0
    x = random[0]
    for k in range(opened):
        v = open_[k]
        known = memo[visit, v, 0] == sign[v]
        other = -1
        if known:
            extra = memo[visit, v, 1]
            if extra >= best:
                continue
            x ^= x << 13
            x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
            x ^= x << 17
            row = memo_at[visit, v]
            if (x & 1023) >= skip:
                best, vehicle, found = extra, v, row
                continue
            other = row
        size = routes[v, SIZE]
        least, row = NEVER, 0
        if (
            usable[visit, v]
            and size < vehicles[v, MOST]
            and routes[v, CARRIED] + goods <= vehicles[v, ROOM]
        ):
            mode = vehicles[v, MODE]
            # Times grow along a route: rows before this one are too early for any start.
            low, high = 1, size + 1
            while high - low > 8:
                half = (low + high) >> 1
                if stops[v, half, LAST] < done:
                    low = half + 1
                else:
                    high = half
            while low <= size and stops[v, low, LAST] < done:
                low += 1
            come = turned[mode, place, stops[v, low - 1, SPOT]]
            for at in range(low, size + 2):
                now = stops[v, at - 1, ENDS]
                if now > final:
                    break
                spot = stops[v, at, SPOT]
                go = travel[mode, place, spot]
                way = come + go - stops[v, at, WAY]
                if way < least and at != other:
                    ready = now + come
                    if ready <= final and max(ready, first) + long + go <= stops[v, at, LAST]:
                        least, row = way, at
                come = go if mirrored else turned[mode, place, spot]
        extra = NEVER
        if row > 0:
            extra = likes[visit, v] + weight * least
            if size == 0:
                extra += vehicles[v, USE]
            if loading > 0:
                over = routes[v, LOAD] - vehicles[v, SHARE]
                extra += loading * (max(0, over + work) - max(0, over))
        if not known:
            memo[visit, v, 0], memo[visit, v, 1] = sign[v], extra
            memo_at[visit, v] = row
        if extra >= best:
            continue
        x ^= x << 13
        x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
        x ^= x << 17
        if (x & 1023) >= skip:
            best, vehicle, found = extra, v, row
    random[0] = x
    d.found[0], d.found[1] = vehicle, found


@njit(cache=True, inline="always")
def _open(a: Alone, p: Routes, d: Desk) -> int:
    """List the vehicles worth a look; returns how many."""
    d.tried[0] += 1
    count = 0
    for v in range(len(a.vehicle)):
        if p.route[v, SIZE] == 0:
            kind = a.vehicle[v, KIND] + 1
            if d.tried[kind] == d.tried[0]:
                continue
            d.tried[kind] = d.tried[0]
        d.open[count] = v
        count += 1
    return count


@njit(cache=True, inline="always")
def fill(a: Alone, p: Routes, d: Desk, skip: int, count: int) -> int:
    """Put absent visits back where they are cheapest; what costs more than leaving it stays out.

    count
        Routes touched so far; returns how many are now.
    """
    _order_absent(a, p, d)
    opened = _open(a, p, d)
    left = 0
    for k in range(p.total[1]):
        visit = p.absent[k]
        penalty = a.visit[visit, PENALTY]
        _best_place(a, p, d, visit, penalty, skip, opened)
        v, at = d.found[0], d.found[1]
        if v < 0:
            p.absent[left] = visit
            left += 1
            continue
        if d.touch[v] == 0:
            d.touch[v] = 1
            d.touched[count] = v
            count += 1
        fresh = p.route[v, SIZE] == 0
        insert(a, p, v, at, visit)
        p.total[0] -= penalty
        if fresh:
            opened = _open(a, p, d)
    p.total[1] = left
    return count


@loop
def search(
    a: Alone,
    now: Routes,
    kept: Routes,
    best: Routes,
    d: Desk,
    steps: int,
    heat: float,
    skip: int,
    removed: float,
    tails: int,
) -> None:
    """`steps` rounds of ruin and recreate at one temperature.

    now
        Current plan, equal to `kept` before and after.
    best
        Cheapest plan so far; updated.
    removed
        Visits to take out per round on average.
    tails
        Exchanges of tails to try after each round.
    """
    for _ in range(steps):
        count = fill(a, now, d, skip, _ruin(a, now, d, removed))
        if now.total[0] < kept.total[0] - heat * log(max(1e-300, chance(d.random))):
            copy_touched(d, now, kept, count)
            if now.total[0] < best.total[0]:
                copy_routes(now, best)
        else:
            copy_touched(d, kept, now, count)
        if tails > 0 and swap_tails(a, now, kept, d, heat, tails) and now.total[0] < best.total[0]:
            copy_routes(now, best)
