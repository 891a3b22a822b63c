"""Compiled: what does it cost to take several visits into one route, in every place of each?"""

from __future__ import annotations

import numpy as np
from numba import njit

from solver.kernels.arrays import (
    B1,
    BIG,
    BREAK,
    BREAK_END,
    FROM,
    I8,
    KM,
    LEADER,
    LEG,
    MODE,
    PLACE,
    TO,
    TRAVEL,
    WAITING,
    WHO,
    Fixed,
)
from solver.kernels.curves import ahead_of, behind, fall, plus
from solver.kernels.gaps import (
    Laid,
    access_of,
    earliest_least,
    need_of,
    own_curve,
    rate_of,
    stop_curve,
)
from solver.model import FIRST

__all__ = ["bundle"]


@njit(cache=True)
def bundle(
    f: Fixed,
    laid: Laid,
    v: int,
    rows: I8,
    windows: I8,
    window_at: I8,
    costs: B1,
    offset: int,
    road: int,
    spot: I8,
    work: I8,
    steps: I8,
) -> int:
    """Least cost of taking several visits into one vehicle in this order; BIG: impossible.

    windows, window_at
        Starts of all of them, and where those of each begin, (visits + 1,).
    costs
        Per visit whether its start costs here.
    spot
        Receives the gap each goes into.
    steps
        Room for the curves on the way, shape (2, pieces, 4).
    """
    scale, _ = rate_of(f, v)
    size, count = laid.stop_at[v + 1] - laid.stop_at[v], len(rows)
    at = np.zeros((2, f.vehicle[v, BREAK_END] - f.vehicle[v, BREAK] + 1, 2), dtype=np.int64)
    now = np.zeros(count, dtype=np.int64)
    order = np.zeros(size + count, dtype=np.int64)
    fresh = np.zeros(size + count, dtype=np.int64)
    best = BIG
    while True:
        first, last = _mixed(laid, v, rows, now, order, fresh)
        cost = _changed(f, laid, v, order, first, last, now[0], now[count - 1], road)
        if cost < BIG:
            fixed = scale * (cost + offset)
            for k in range(count):
                fixed += scale * f.likes[rows[k], f.vehicle[v, WHO]]
            value = _through(
                f,
                laid,
                v,
                order,
                fresh,
                first,
                last,
                now[0],
                now[count - 1],
                windows,
                window_at,
                costs,
                work,
                steps,
                at,
            )
            if value < BIG and value + fixed < best:
                best = value + fixed
                spot[:] = now
        k = count - 1
        while k >= 0 and now[k] == size:
            k -= 1
        if k < 0:
            return best
        now[k:] = now[k] + 1


@njit(cache=True)
def _mixed(laid: Laid, v: int, rows: I8, gaps: I8, order: I8, fresh: I8) -> tuple[int, int]:
    """The order with new visits in their gaps; positions of the first and the last of them."""
    begin = laid.stop_at[v]
    size = laid.stop_at[v + 1] - begin
    n, k, first, last = 0, 0, -1, -1
    for g in range(size + 1):
        while k < len(rows) and gaps[k] == g:
            order[n], fresh[n] = rows[k], k
            first = n if first < 0 else first
            last = n
            n += 1
            k += 1
        if g < size:
            order[n], fresh[n] = laid.stop[begin + g], -1
            n += 1
    return first, last


@njit(cache=True)
def _changed(
    f: Fixed, laid: Laid, v: int, order: I8, first: int, last: int, low: int, high: int, road: int
) -> int:
    """What way, kilometres and idle time change by; BIG where pins or limits forbid the order."""
    me = f.vehicle[v]
    begin = laid.stop_at[v]
    size = laid.stop_at[v + 1] - begin
    mode = me[MODE]
    way, metres, busy = 0, 0, 0
    before = order[first - 1] if first > 0 else -1
    for k in range(first, last + 2):
        after = order[k] if k < len(order) else -1
        if after >= 0:
            lead = f.visit[after, LEADER]
            if (lead == FIRST and before >= 0) or (lead >= 0 and lead != before):
                return BIG
        here = me[FROM] if before < 0 else f.visit[before, PLACE]
        there = me[TO] if after < 0 else f.visit[after, PLACE]
        if here >= 0 and there >= 0:
            if f.travel[mode, here, there] > me[LEG]:
                return BIG
            way += f.travel[mode, here, there]
            metres += f.metres[mode, here, there] if me[KM] > 0 else 0
        if after >= 0:
            busy += access_of(f, before, after)
        before = after
    before = laid.stop[begin + low - 1] if low > 0 else -1
    if size > 0:
        for k in range(low, high + 1):
            after = laid.stop[begin + k] if k < size else -1
            here = me[FROM] if before < 0 else f.visit[before, PLACE]
            there = me[TO] if after < 0 else f.visit[after, PLACE]
            if here >= 0 and there >= 0:
                way -= f.travel[mode, here, there]
                metres -= f.metres[mode, here, there] if me[KM] > 0 else 0
            if after >= 0:
                busy -= access_of(f, before, after)
            before = after
    if way > road:
        return BIG
    cost = f.weight[TRAVEL] * way + me[KM] * (laid.metres[v] + metres) // 1000
    if f.weight[WAITING] > 0:
        for k in range(first, last + 1):
            busy += f.long[me[WHO], order[k]]
        for k in range(low, high):
            busy -= f.long[me[WHO], laid.stop[begin + k]]
        cost -= f.weight[WAITING] * (busy + way)
    return int(cost)


@njit(cache=True)
def _through(
    f: Fixed,
    laid: Laid,
    v: int,
    order: I8,
    fresh: I8,
    first: int,
    last: int,
    low: int,
    high: int,
    windows: I8,
    window_at: I8,
    costs: B1,
    work: I8,
    steps: I8,
    at: I8,
) -> int:
    """Least cost of times from the first new visit to the last, with what lies around them."""
    scale, rate = rate_of(f, v)
    breaks = f.breaks[f.vehicle[v, BREAK] : f.vehicle[v, BREAK_END]]
    gap = laid.gap_at[v]
    before = order[first - 1] if first > 0 else -1
    best = BIG
    for k in range(first, last + 1):
        row = order[k]
        need = need_of(f, v, before, row)
        long = f.long[f.vehicle[v, WHO], row]
        j = fresh[k]
        if j < 0:
            own = stop_curve(f, laid.held, row, scale, work[4])
        else:
            mine = windows[window_at[j] : window_at[j + 1]]
            own = own_curve(f, row, scale, mine, costs[j], work[4])
        side = (k - first) % 2
        used = 0
        for b in range(len(breaks) + 1):
            if k == first:
                n = ahead_of(
                    laid.ahead,
                    laid.ahead_at[gap + low],
                    b,
                    breaks,
                    need,
                    rate,
                    work[0],
                    work[1],
                    work[2],
                )
            else:
                n = ahead_of(
                    steps[1 - side],
                    at[1 - side],
                    b,
                    breaks,
                    need,
                    rate,
                    work[0],
                    work[1],
                    work[2],
                )
            n = plus(work[0], n, work[4], own, 0, 0, work[1])
            if k == last:
                if n == 0:
                    continue
                after = order[k + 1] if k + 1 < len(order) else -1
                on = need_of(f, v, row, after)
                m = behind(
                    laid.behind,
                    laid.behind_at[gap + high],
                    b,
                    breaks,
                    on,
                    rate,
                    work[0],
                    work[2],
                    work[3],
                )
                n = plus(work[1], n, work[0], m, long, 0, work[2])
                value, _ = earliest_least(work[2], n)
                best = min(best, value)
            else:
                n = fall(work[1], n, long, steps[side, used:])
                at[side, b, 0], at[side, b, 1] = used, n
                used += n
        if k < last and used == 0:
            return BIG
        before = row
    return best
