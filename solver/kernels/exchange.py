"""Exchange the rest of two routes: what taking strings out and putting visits back hardly finds."""

from __future__ import annotations

from math import log

from numba import njit

from solver.kernels.lone import (
    CARRIED,
    ENDS,
    GOODS,
    KIND,
    LAST,
    LOAD,
    MODE,
    MOST,
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
    copy_route,
    pick,
    rebuild,
)

__all__ = ["swap_tails"]

#: Of the visits nearest to one, how many may become its follower.
NEAREST = 24


@njit(cache=True, inline="always")
def swap_tails(a: Alone, now: Routes, kept: Routes, d: Desk, heat: float, tries: int) -> bool:
    """Try to let near visits of two routes follow each other, the rests of both changing places.

    Only between carers who may do and cost the same. A test looks at two new ways and four times.

    now, kept
        Equal before and after; changed where an exchange is accepted at this temperature.

    Returns whether anything was exchanged.
    """
    stop, route, where, near, vehicle = now.stop, now.route, now.where, a.near, a.vehicle
    visits, travel = a.visit, a.travel
    reach = min(NEAREST, near.shape[1])
    changed = False
    if reach == 0:
        return changed
    for _ in range(tries):
        one = pick(d.random, len(where))
        two = near[one, pick(d.random, reach)]
        v, w = where[one], where[two]
        if v < 0 or w < 0 or v == w or vehicle[v, KIND] != vehicle[w, KIND]:
            continue
        mode = vehicle[v, MODE]
        i, head_goods, head_work = 0, 0, 0
        while True:
            i += 1
            visit = stop[v, i, VISIT]
            head_goods += visits[visit, GOODS]
            head_work += visits[visit, WORK]
            if visit == one:
                break
        j, other_goods, other_work = 1, 0, 0
        while stop[w, j, VISIT] != two:
            visit = stop[w, j, VISIT]
            other_goods += visits[visit, GOODS]
            other_work += visits[visit, WORK]
            j += 1
        size, length = route[v, SIZE], route[w, SIZE]
        empty = j == 1 and i == size
        way = travel[mode, stop[v, i, SPOT], stop[w, j, SPOT]]
        back = 0 if empty else travel[mode, stop[w, j - 1, SPOT], stop[v, i + 1, SPOT]]
        extra = a.weight[0] * (way + back - stop[w, j, WAY] - stop[v, i + 1, WAY])
        if empty:
            extra -= vehicle[w, USE]
        # How long the head of the first and the tail of the second are together, and so on.
        longer, shorter = i + length - j + 1, j - 1 + size - i
        goods = head_goods + route[w, CARRIED] - other_goods
        less = other_goods + route[v, CARRIED] - head_goods
        if a.weight[1] > 0:
            more_work = head_work + route[w, LOAD] - other_work
            less_work = other_work + route[v, LOAD] - head_work
            extra += a.weight[1] * (
                max(0, more_work - vehicle[v, SHARE])
                + max(0, less_work - vehicle[w, SHARE])
                - max(0, route[v, LOAD] - vehicle[v, SHARE])
                - max(0, route[w, LOAD] - vehicle[w, SHARE])
            )
        if extra > 0 and extra >= -heat * log(max(1e-300, chance(d.random))):
            continue
        if (
            stop[v, i, ENDS] + way > stop[w, j, LAST]
            or (not empty and stop[w, j - 1, ENDS] + back > stop[v, i + 1, LAST])
            or max(longer, shorter) > vehicle[v, MOST]
            or max(goods, less) > vehicle[v, ROOM]
        ):
            continue
        for k in range(length - j + 1):
            stop[v, i + 1 + k, VISIT] = kept.stop[w, j + k, VISIT]
        for k in range(size - i):
            stop[w, j + k, VISIT] = kept.stop[v, i + 1 + k, VISIT]
        route[v, SIZE], route[w, SIZE] = longer, shorter
        rebuild(a, now, v)
        rebuild(a, now, w)
        copy_route(now, kept, v)
        copy_route(now, kept, w)
        kept.total[0] = now.total[0]
        changed = True
    return changed
