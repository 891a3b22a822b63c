"""Compiled: what would each place in given routes cost, as a function of the start?

Every route is laid out once as curves of cost (see `curves`) before and behind each of its gaps;
a new visit is then priced in a gap from the two curves beside it, with all other stops free to
move as their windows, breaks and wishes let them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from solver.kernels.arrays import (
    ACCESS,
    BIG,
    BREAK,
    BREAK_END,
    CHANGE,
    EARLY,
    FAR,
    FROM,
    GROUP,
    HARD,
    HOUR,
    I8,
    KM,
    LATE,
    LEADER,
    LEG,
    MODE,
    OPENS,
    OVERTIME,
    PLACE,
    PROMISED,
    SOFT,
    TO,
    TRAVEL,
    WAITING,
    WHO,
    WINDOW,
    WINDOW_END,
    WISH_HIGH,
    WISH_LOW,
    Fixed,
)
from solver.kernels.curves import ahead_of, behind, fall, lower, plus, put, rise, value_at
from solver.model import FIRST

__all__ = [
    "Laid",
    "access_of",
    "behind_order",
    "earliest_least",
    "in_place",
    "lay_out",
    "need_of",
    "own_curve",
    "rate_of",
    "read",
    "start_values",
    "stop_curve",
    "survey",
]


class Laid(NamedTuple):
    """Routes as curves. Gap g of a vehicle lies before its stop g; the last one is the way home."""

    stop: I8  # visits, one vehicle after the other
    stop_at: I8  # (V + 1,)
    gap_at: I8  # (V + 1,) rows of the tables below: one per gap, so one more than stops
    ahead: I8  # (…, 4) curves before each gap
    ahead_at: I8  # (gaps, most breaks + 1, 2) first row, rows
    behind: I8  # (…, 4) curves of the stop after each gap, or of coming home
    behind_at: I8
    held: I8  # (N,) agreed start, or -1
    metres: I8  # (V,) of each route


@njit(cache=True)
def rate_of(f: Fixed, v: int) -> tuple[int, int]:
    """Scale of a vehicle's curves, and cost of a second on duty in it."""
    hour = f.vehicle[v, HOUR]
    scale = 3600 if hour > 0 else 1
    return scale, scale * f.weight[WAITING] + hour


@njit(cache=True)
def own_curve(f: Fixed, row: int, scale: int, windows: I8, costs: bool, out: I8) -> int:
    """What starting a visit costs by itself, inside `windows`, shape (windows, 2)."""
    low, high, told = f.visit[row, WISH_LOW], f.visit[row, WISH_HIGH], f.visit[row, PROMISED]
    if not costs:
        low, high, told = 0, FAR, -1
    late, early = scale * f.weight[LATE], scale * f.weight[EARLY]
    moved = scale * f.weight[CHANGE]
    made = 0
    for k in range(len(windows)):
        t = windows[k, 0]
        while t <= windows[k, 1]:
            last = windows[k, 1]
            value, slope = 0, 0
            if t < low:
                value, slope, last = early * (low - t), -early, min(last, low)
            if t >= high:
                value, slope = value + late * (t - high), slope + late
            else:
                last = min(last, high)
            if told >= 0:
                value += moved * abs(t - told)
                if t < told:
                    slope, last = slope - moved, min(last, told)
                else:
                    slope += moved
            made = put(out, made, t, last, value, slope)
            t = last + 1
    return made


@njit(cache=True)
def stop_curve(f: Fixed, held: I8, row: int, scale: int, out: I8) -> int:
    """The same for a visit of the plan; an agreed start costs nothing more."""
    if held[row] >= 0:
        return put(out, 0, held[row], held[row], 0, 0)
    windows = f.window[f.visit[row, WINDOW] : f.visit[row, WINDOW_END]]
    return own_curve(f, row, scale, windows, True, out)


@njit(cache=True, inline="always")
def need_of(f: Fixed, v: int, before: int, after: int) -> int:
    """Way and access between two stops; -1 as `before`: from the start, as `after`: home."""
    here = f.vehicle[v, FROM] if before < 0 else f.visit[before, PLACE]
    there = f.vehicle[v, TO] if after < 0 else f.visit[after, PLACE]
    way = 0 if here < 0 or there < 0 else f.travel[f.vehicle[v, MODE], here, there]
    if after < 0:
        return int(way)
    mine = f.visit[after, GROUP]
    if before >= 0 and mine >= 0 and f.visit[before, GROUP] == mine:
        return int(way)
    return int(way + f.visit[after, ACCESS])


@njit(cache=True)
def _leaving(f: Fixed, v: int, rate: int, out: I8, at: I8) -> int:
    """Curves before the first gap: leave as late as may be, some breaks taken at the start."""
    breaks = f.breaks[f.vehicle[v, BREAK] : f.vehicle[v, BREAK_END]]
    n = 0
    for i in range(len(breaks) + 1):
        first = f.vehicle[v, OPENS]
        if i > 0:
            first = max(first, breaks[i - 1, 0] + breaks[i - 1, 2])
        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = first, FAR, -rate * first, -rate
        at[i, 0], at[i, 1] = n, 1
        n += 1
    return n


@njit(cache=True)
def _coming_home(f: Fixed, v: int, scale: int, rate: int, out: I8, at: I8) -> int:
    """Curves of coming home at a second: overtime and hours; the breaks left follow then."""
    breaks = f.breaks[f.vehicle[v, BREAK] : f.vehicle[v, BREAK_END]]
    soft, over = f.vehicle[v, SOFT], scale * f.weight[OVERTIME]
    n = 0
    for i in range(len(breaks) + 1):
        last = f.vehicle[v, HARD]
        if i < len(breaks):
            last = min(last, breaks[i, 1])
        at[i, 0] = n
        made = put(out[n:], 0, 0, min(last, soft), 0, rate)
        made = put(out[n:], made, soft + 1, last, rate * (soft + 1) + over, rate + over)
        at[i, 1] = made
        n += made
    return n


@njit(cache=True)
def lay_out(f: Fixed, held: I8, v: int, order: I8, ahead: I8, ahead_at: I8, work: I8) -> int:
    """Curves before each gap of an order; rows used. `work` has shape (5, pieces, 4)."""
    scale, rate = rate_of(f, v)
    breaks = f.breaks[f.vehicle[v, BREAK] : f.vehicle[v, BREAK_END]]
    used = _leaving(f, v, rate, ahead, ahead_at[0])
    before = -1
    for g in range(len(order)):
        row = order[g]
        need = need_of(f, v, before, row)
        own = stop_curve(f, held, row, scale, work[0])
        long = f.long[f.vehicle[v, WHO], row]
        for b in range(len(breaks) + 1):
            n = ahead_of(ahead, ahead_at[g], b, breaks, need, rate, work[1], work[2], work[3])
            n = plus(work[1], n, work[0], own, 0, 0, work[2])
            n = fall(work[2], n, long, ahead[used:])
            ahead_at[g + 1, b, 0], ahead_at[g + 1, b, 1] = used, n
            used += n
        before = row
    return used


@njit(cache=True)
def behind_order(
    f: Fixed,
    held: I8,
    v: int,
    order: I8,
    behind_: I8,
    behind_at: I8,
    exact: I8,
    exact_at: I8,
    work: I8,
) -> int:
    """Curves behind each gap of an order; rows used. `exact`: of starting just then, not later."""
    scale, rate = rate_of(f, v)
    breaks = f.breaks[f.vehicle[v, BREAK] : f.vehicle[v, BREAK_END]]
    size = len(order)
    used = _coming_home(f, v, scale, rate, behind_, behind_at[size])
    sharp = 0
    after = -1
    for g in range(size - 1, -1, -1):
        row = order[g]
        need = need_of(f, v, row, after)
        own = stop_curve(f, held, row, scale, work[0])
        long = f.long[f.vehicle[v, WHO], row]
        for b in range(len(breaks) + 1):
            n = behind(behind_, behind_at[g + 1], b, breaks, need, rate, work[1], work[2], work[3])
            n = plus(work[0], own, work[1], n, long, 0, exact[sharp:])
            exact_at[g, b, 0], exact_at[g, b, 1] = sharp, n
            # `rise` works from the end of what it is given.
            made = rise(exact[sharp:], n, work[2])
            sharp += n
            behind_[used : used + made] = work[2][:made]
            behind_at[g, b, 0], behind_at[g, b, 1] = used, made
            used += made
        after = row
    return used


@njit(cache=True)
def survey(
    f: Fixed,
    laid: Laid,
    row: int,
    windows: I8,
    costs: bool,
    vehicles: I8,
    offset: I8,
    road: I8,
    out: I8,
    out_at: I8,
    since: int,
    work: I8,
) -> int:
    """Per vehicle the least cost of taking a visit in at any of its places, by start; rows used.

    offset
        Per vehicle, added to every cost (in units, not scaled); kilometres are counted here.
    road
        Per vehicle: seconds of travel it may still take on.
    out, out_at
        Curves and (first row + `since`, rows) of each vehicle, scaled as `rate_of` says.
    work
        Shape (8, pieces, 4).
    """
    used = 0
    for v in vehicles:
        n = _one_vehicle(f, laid, v, row, windows, costs, offset[v], road[v], -1, out[used:], work)
        out_at[v, 0], out_at[v, 1] = since + used, n
        used += n
    return used


@njit(cache=True)
def extra_of(f: Fixed, v: int, before: int, row: int, after: int, road: int) -> tuple[int, int]:
    """What a place costs whenever it is taken: way, kilometres, likes; with the change of metres.

    (FAR, 0) when it is not reachable so.
    """
    me = f.vehicle[v]
    mode, leg = me[MODE], me[LEG]
    place = f.visit[row, PLACE]
    here = me[FROM] if before < 0 else f.visit[before, PLACE]
    there = me[TO] if after < 0 else f.visit[after, PLACE]
    to = 0 if here < 0 else f.travel[mode, here, place]
    on = 0 if there < 0 else f.travel[mode, place, there]
    if to > leg or on > leg:
        return FAR, 0
    was = 0
    # An empty route has no way home to be spared.
    if here >= 0 and there >= 0 and (before >= 0 or after >= 0):
        was = f.travel[mode, here, there]
    if to + on - was > road:
        return FAR, 0
    metres = 0
    if me[KM] > 0:
        metres += 0 if here < 0 else f.metres[mode, here, place]
        metres += 0 if there < 0 else f.metres[mode, place, there]
        if here >= 0 and there >= 0 and (before >= 0 or after >= 0):
            metres -= f.metres[mode, here, there]
    cost = f.weight[TRAVEL] * (to + on - was) + f.likes[row, me[WHO]]
    if f.weight[WAITING] > 0:
        busy = to + on - was + f.long[me[WHO], row]
        busy += access_of(f, before, row)
        if after >= 0:
            busy += access_of(f, row, after) - access_of(f, before, after)
        cost -= f.weight[WAITING] * busy
    return int(cost), int(metres)


@njit(cache=True, inline="always")
def access_of(f: Fixed, before: int, row: int) -> int:
    mine = f.visit[row, GROUP]
    same = before >= 0 and mine >= 0 and f.visit[before, GROUP] == mine
    return 0 if same else int(f.visit[row, ACCESS])


@njit(cache=True)
def open_here(f: Fixed, before: int, row: int, after: int) -> bool:
    """Whether order pins let a visit stand between two others (-1: the ends of the route)."""
    if after >= 0 and f.visit[after, LEADER] != -1 and f.visit[after, LEADER] != row:
        return False
    lead = f.visit[row, LEADER]
    if lead == FIRST:
        return before < 0
    return bool(lead < 0 or lead == before)


@njit(cache=True)
def _one_vehicle(
    f: Fixed,
    laid: Laid,
    v: int,
    row: int,
    windows: I8,
    costs: bool,
    offset: int,
    road: int,
    only: int,
    out: I8,
    work: I8,
) -> int:
    """Least cost by start over all places of one vehicle, or only the place `only`."""
    scale, rate = rate_of(f, v)
    breaks = f.breaks[f.vehicle[v, BREAK] : f.vehicle[v, BREAK_END]]
    own = own_curve(f, row, scale, windows, costs, work[4])
    begin, gap = laid.stop_at[v], laid.gap_at[v]
    size = laid.stop_at[v + 1] - begin
    long = f.long[f.vehicle[v, WHO], row]
    made = 0
    for p in range(size + 1):
        if only >= 0 and p != only:
            continue
        before = laid.stop[begin + p - 1] if p > 0 else -1
        after = laid.stop[begin + p] if p < size else -1
        if not open_here(f, before, row, after):
            continue
        fixed, metres = extra_of(f, v, before, row, after, road)
        if fixed >= FAR:
            continue
        fixed += offset + f.vehicle[v, KM] * (laid.metres[v] + metres) // 1000
        to, on = need_of(f, v, before, row), need_of(f, v, row, after)
        for b in range(len(breaks) + 1):
            n = ahead_of(
                laid.ahead, laid.ahead_at[gap + p], b, breaks, to, rate, work[0], work[1], work[2]
            )
            n = plus(work[0], n, work[4], own, 0, scale * fixed, work[1])
            if n == 0:
                continue
            m = behind(
                laid.behind, laid.behind_at[gap + p], b, breaks, on, rate, work[0], work[2], work[3]
            )
            n = plus(work[1], n, work[0], m, long, 0, work[2])
            if n == 0:
                continue
            made = lower(work[5], made, work[2], n, work[6])
            work[5][:made] = work[6][:made]
    out[:made] = work[5][:made]
    return made


@njit(cache=True)
def earliest_least(a: I8, n: int) -> tuple[int, int]:
    """Least value of a curve and the first second that has it; (BIG, -1) when there is none."""
    best, at = BIG, -1
    for k in range(n):
        steps = a[k, 1] - a[k, 0] if a[k, 3] < 0 else 0
        value = a[k, 2] + a[k, 3] * steps
        if value < best:
            best, at = value, a[k, 0] + steps
    return best, at


@njit(cache=True)
def read(
    f: Fixed,
    v: int,
    order: I8,
    behind_: I8,
    behind_at: I8,
    exact: I8,
    exact_at: I8,
    starts: I8,
    pauses: I8,
    work: I8,
) -> tuple[int, int]:
    """The least-cost times of an order, as early as that lets them be.

    Writes `starts` and `pauses` (begin, gap; gap `size` on the way home, `size` + 1 at home).
    Returns when to leave and what the curves say it costs (scaled); (-1, BIG): impossible.
    """
    _scale, rate = rate_of(f, v)
    breaks = f.breaks[f.vehicle[v, BREAK] : f.vehicle[v, BREAK_END]]
    size, staff = len(order), f.vehicle[v, WHO]
    need = need_of(f, v, -1, order[0])
    at = exact_at[size]
    _leaving(f, v, rate, work[4], at)
    total, start, taken = BIG, -1, 0
    for b in range(len(breaks) + 1):
        n = ahead_of(work[4], at, b, breaks, need, rate, work[0], work[1], work[2])
        first, count = exact_at[0, b, 0], exact_at[0, b, 1]
        n = plus(work[0], n, exact[first:], count, 0, 0, work[1])
        value, t = earliest_least(work[1], n)
        if value < total or (value == total and t <= start and t >= 0):
            total, start, taken = value, t, b
    if start < 0:
        return -1, BIG
    leave = _leave(f, v, breaks, rate, need, start, taken, pauses)
    starts[0] = start
    for g in range(1, size + 1):
        free, since = start + f.long[staff, order[g - 1]], taken
        need = need_of(f, v, order[g - 1], order[g] if g < size else -1)
        best, start = BIG, -1
        rest = 0
        for c in range(since, len(breaks) + 1):
            ready = free + need
            if c > since:
                if free > breaks[since, 1]:
                    break
                rest += breaks[c - 1, 2]
                ready = max(free + need + rest, breaks[c - 1, 0] + breaks[c - 1, 2])
            first, count = behind_at[g, c, 0], behind_at[g, c, 1]
            value = value_at(behind_[first:], count, ready)
            if value >= BIG:
                continue
            t = ready
            if g < size:
                first, count = exact_at[g, c, 0], exact_at[g, c, 1]
                t = _when(exact, first, count, ready, value)
            value -= rate * rest
            if value < best or (value == best and t <= start):
                best, start, taken = value, t, c
        for c in range(since, taken):
            free = max(free, breaks[c, 0])
            pauses[c, 0], pauses[c, 1] = free, g
            free += breaks[c, 2]
        if g < size:
            starts[g] = start
    free = start
    for c in range(taken, len(breaks)):
        free = max(free, breaks[c, 0])
        pauses[c, 0], pauses[c, 1] = free, size + 1
        free += breaks[c, 2]
    return leave, total


@njit(cache=True)
def _leave(
    f: Fixed, v: int, breaks: I8, rate: int, need: int, start: int, taken: int, pauses: I8
) -> int:
    """The latest leaving of least cost for a first start with `taken` breaks before it."""
    best, leave, early = BIG, -1, 0
    rest = 0
    for i in range(taken, -1, -1):
        when = start - need
        if i < taken:
            rest += breaks[i, 2]
            when = min(when - rest, breaks[i, 1])
        first = f.vehicle[v, OPENS]
        if i > 0:
            first = max(first, breaks[i - 1, 0] + breaks[i - 1, 2])
        cost = -rate * (when + rest)
        if when >= first and (cost < best or (cost == best and when > leave)):
            best, leave, early = cost, when, i
    free = leave
    for c in range(taken):
        begin = breaks[c, 0] if c < early else max(free, breaks[c, 0])
        pauses[c, 0], pauses[c, 1] = begin, 0
        if c >= early:
            free = begin + breaks[c, 2]
    return leave


@njit(cache=True)
def _when(exact: I8, first: int, count: int, ready: int, value: int) -> int:
    """The first second at or after `ready` at which a curve has a value."""
    for k in range(first, first + count):
        if exact[k, 1] < ready:
            continue
        t = max(ready, exact[k, 0])
        here = exact[k, 2] + exact[k, 3] * (t - exact[k, 0])
        if here == value:
            return int(t)
        slope = exact[k, 3]
        if slope < 0 and here > value and (here - value) % -slope == 0:
            t += (here - value) // -slope
            if t <= exact[k, 1]:
                return int(t)
    return -1


@njit(cache=True)
def in_place(
    f: Fixed, laid: Laid, v: int, row: int, windows: I8, costs: bool, road: int, work: I8
) -> int:
    """The place of a vehicle in which a start inside `windows` costs least, or -1."""
    best, at = BIG, -1
    for p in range(laid.stop_at[v + 1] - laid.stop_at[v] + 1):
        n = _one_vehicle(f, laid, v, row, windows, costs, 0, road, p, work[7], work)
        value, _ = earliest_least(work[7], n)
        if value < best:
            best, at = value, p
    return at


@njit(cache=True)
def start_values(f: Fixed, row: int, times: I8) -> I8:
    """What starting a visit at each of some seconds costs by itself."""
    out = np.empty_like(times)
    for k in range(len(times)):
        t = times[k]
        out[k] = f.weight[LATE] * max(0, t - f.visit[row, WISH_HIGH])
        out[k] += f.weight[EARLY] * max(0, f.visit[row, WISH_LOW] - t)
        if f.visit[row, PROMISED] >= 0:
            out[k] += f.weight[CHANGE] * abs(t - f.visit[row, PROMISED])
    return out
