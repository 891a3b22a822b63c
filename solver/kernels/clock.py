"""Compiled timing of one route in a given order, and what it costs.

Two ways to time an order. *Eager*: every stop as early as possible. *Polite*: a stop waits for its
preferred time as long as no later stop becomes late by it. Polite is tried first, eager when that
fails. A break is taken in the first gap where it costs nothing, or in the last one where it is
still possible.
"""

from __future__ import annotations

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
    HELD,
    HOUR,
    I4,
    I8,
    KM,
    LATE,
    LEG,
    MODE,
    OPENS,
    OVERTIME,
    PLACE,
    PROMISED,
    SOFT,
    TIMED,
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

__all__ = ["first_open", "last_open", "price_order", "route_metres", "start_cost"]


@njit(cache=True, inline="always")
def first_open(visits: I8, windows: I8, agreed: I8, visit: int, ready: int) -> int:
    """First allowed start at or after `ready`, or FAR."""
    held = agreed[visit, HELD]
    if held >= 0:
        return int(held) if ready <= held else FAR
    for k in range(visits[visit, WINDOW], visits[visit, WINDOW_END]):
        if ready <= windows[k, 1]:
            return max(ready, int(windows[k, 0]))
    return FAR


@njit(cache=True, inline="always")
def last_open(visits: I8, windows: I8, agreed: I8, visit: int, limit: int) -> int:
    """Last allowed start at or before `limit`, or -1."""
    held = agreed[visit, HELD]
    if held >= 0:
        return int(held) if held <= limit else -1
    for k in range(visits[visit, WINDOW_END] - 1, visits[visit, WINDOW] - 1, -1):
        if windows[k, 0] <= limit:
            return min(limit, int(windows[k, 1]))
    return -1


@njit(cache=True)
def start_cost(visits: I8, weight: I8, visit: int, start: int) -> int:
    """What starting then costs: preferred time and promise."""
    cost = weight[LATE] * max(0, start - visits[visit, WISH_HIGH])
    cost += weight[EARLY] * max(0, visits[visit, WISH_LOW] - start)
    if visits[visit, PROMISED] >= 0:
        cost += weight[CHANGE] * abs(start - visits[visit, PROMISED])
    return int(cost)


@njit(cache=True)
def _lay_out(
    visits: I8,
    travel: I4,
    first: int,
    last: int,
    leg: int,
    order: I8,
    size: int,
    way: I8,
    fee: I8,
) -> int:
    """Travel and access before each stop, travel home; total, or BIG when one is above `leg`."""
    here = first
    group = -1
    total = 0
    worst = 0
    for k in range(size):
        visit = order[k]
        place = visits[visit, PLACE]
        way[k] = 0 if here < 0 else travel[here, place]
        total += way[k]
        worst = max(worst, way[k])
        mine = visits[visit, GROUP]
        fee[k] = 0 if mine >= 0 and mine == group else visits[visit, ACCESS]
        here = place
        group = mine
    way[size] = 0 if here < 0 or last < 0 or size == 0 else travel[here, last]
    fee[size] = 0
    total += way[size]
    return int(total) if max(worst, way[size]) <= leg else BIG


@njit(cache=True)
def _aims(
    visits: I8,
    windows: I8,
    agreed: I8,
    weight: I8,
    order: I8,
    size: int,
    way: I8,
    fee: I8,
    longs: I8,
    soft: int,
    aim: I8,
) -> None:
    """Polite start of each stop: wait for the preferred time while nothing later gets late."""
    limit = soft - way[size]
    for k in range(size - 1, -1, -1):
        visit = order[k]
        limit = min(limit - longs[visit], visits[visit, WISH_HIGH])
        limit = last_open(visits, windows, agreed, visit, limit)
        if limit < 0:
            limit = -FAR
        wish = visits[visit, WISH_LOW]
        if visits[visit, PROMISED] >= 0 and weight[CHANGE] > weight[LATE]:
            wish = visits[visit, PROMISED]
        aim[k] = min(limit, wish)
        limit -= way[k] + fee[k]


@njit(cache=True)
def _walk(
    visits: I8,
    windows: I8,
    agreed: I8,
    breaks: I8,
    order: I8,
    size: int,
    way: I8,
    fee: I8,
    longs: I8,
    opens: int,
    hard: int,
    aim: I8,
    starts: I8,
    pauses: I8,
) -> int:
    """Start of each stop not before its aim; pauses as (begin, gap) rows. Finish, or BIG.

    `breaks` are this shift's own. Gap k lies before stop k, gap `size` on the way home, gap
    `size` + 1 at home.
    """
    now = opens
    taken = 0
    count = len(breaks)
    for k in range(size + 1):
        need = way[k] + fee[k]
        visit = order[k] if k < size else -1
        while taken < count:
            begin = max(now, breaks[taken, 0])
            high = breaks[taken, 1]
            if k == size:
                # At home it needs nothing.
                if now + need <= high:
                    break
            else:
                start = first_open(visits, windows, agreed, visit, max(now + need, aim[k]))
                if start < FAR and start + longs[visit] <= high:
                    # It can wait, unless it is free of charge here.
                    rested = begin + breaks[taken, 2] + max(0, need - (begin - now))
                    again = first_open(visits, windows, agreed, visit, max(rested, aim[k]))
                    if again != start or begin > high:
                        break
            if begin > high:
                return BIG
            pauses[taken, 0] = begin
            pauses[taken, 1] = k
            need = max(0, need - (begin - now))
            now = begin + breaks[taken, 2]
            taken += 1
        if k == size:
            now += need
            break
        start = first_open(visits, windows, agreed, visit, max(now + need, aim[k]))
        if start > aim[k] and now + need < aim[k]:
            # Waiting missed the window it was meant for.
            start = min(start, first_open(visits, windows, agreed, visit, now + need))
        if start >= FAR:
            return BIG
        starts[k] = start
        now = start + longs[visit]
    if now > hard:
        return BIG
    finish = now
    while taken < count:
        begin = max(now, breaks[taken, 0])
        if begin > breaks[taken, 1]:
            return BIG
        pauses[taken, 0] = begin
        pauses[taken, 1] = size + 1
        now = begin + breaks[taken, 2]
        taken += 1
    return int(finish)


@njit(cache=True)
def price_order(
    f: Fixed,
    agreed: I8,
    v: int,
    order: I8,
    size: int,
    polite: bool,
    scratch: I8,
    starts: I8,
    pauses: I8,
) -> int:
    """Time an order of visits in vehicle `v` and return its cost, or BIG when it is impossible.

    Counts travel, kilometres, hours, likes, overtime, waiting, and the start of every visit whose
    start is its own (not held). Writes `starts` and `pauses`; `scratch` has three rows at least
    `size` + 1 long.
    """
    visits, windows, weight, likes = f.visit, f.window, f.weight, f.likes
    me = f.vehicle[v]
    staff = me[WHO]
    longs = f.long[staff]
    way, fee, aim = scratch[0], scratch[1], scratch[2]
    breaks = f.breaks[me[BREAK] : me[BREAK_END]]
    ways = _lay_out(visits, f.travel[me[MODE]], me[FROM], me[TO], me[LEG], order, size, way, fee)
    if ways >= BIG:
        return BIG
    opens, soft, hard = me[OPENS], me[SOFT], me[HARD]
    finish = BIG
    if polite:
        _aims(visits, windows, agreed, weight, order, size, way, fee, longs, soft, aim)
        finish = _walk(
            visits,
            windows,
            agreed,
            breaks,
            order,
            size,
            way,
            fee,
            longs,
            opens,
            hard,
            aim,
            starts,
            pauses,
        )
    if finish >= BIG:
        for k in range(size):
            aim[k] = 0
        finish = _walk(
            visits,
            windows,
            agreed,
            breaks,
            order,
            size,
            way,
            fee,
            longs,
            opens,
            hard,
            aim,
            starts,
            pauses,
        )
        if finish >= BIG:
            return BIG
    cost = weight[TRAVEL] * ways + weight[OVERTIME] * max(0, finish - soft)
    if size > 0 and (weight[WAITING] > 0 or me[HOUR] > 0):
        _later(
            visits, windows, agreed, weight, breaks, order, size, way, fee, longs, starts, pauses
        )
        duty = _duty(breaks, starts, pauses, way, fee, opens, finish)
        idle = duty - ways
        for k in range(size):
            idle -= fee[k] + longs[order[k]]
        cost += weight[WAITING] * idle + me[HOUR] * duty // 3600
    if me[KM] > 0:
        cost += (
            me[KM] * route_metres(visits, f.metres[me[MODE]], me[FROM], me[TO], order, size) // 1000
        )
    for k in range(size):
        visit = order[k]
        cost += likes[visit, staff]
        if visits[visit, TIMED] == 1 and agreed[visit, HELD] < 0:
            cost += start_cost(visits, weight, visit, starts[k])
    return int(cost)


@njit(cache=True)
def route_metres(visits: I8, metres: I4, first: int, last: int, order: I8, size: int) -> int:
    """Metres of a route."""
    total = 0
    here = first
    for k in range(size):
        place = visits[order[k], PLACE]
        total += 0 if here < 0 else metres[here, place]
        here = place
    total += 0 if here < 0 or last < 0 or size == 0 else metres[here, last]
    return int(total)


@njit(cache=True)
def _later(
    visits: I8,
    windows: I8,
    agreed: I8,
    weight: I8,
    breaks: I8,
    order: I8,
    size: int,
    way: I8,
    fee: I8,
    longs: I8,
    starts: I8,
    pauses: I8,
) -> None:
    """Move starts later as far as nothing behind moves and nothing gets late, to leave later."""
    for k in range(size - 2, -1, -1):
        visit = order[k]
        rested = False
        for j in range(len(breaks)):
            rested |= pauses[j, 1] == k + 1
        if rested or agreed[visit, HELD] >= 0:
            continue
        aim = starts[k + 1] - way[k + 1] - fee[k + 1] - longs[visit]
        aim = min(aim, visits[visit, WISH_HIGH])
        if weight[CHANGE] > 0 and visits[visit, PROMISED] >= 0:
            aim = min(aim, visits[visit, PROMISED])
        starts[k] = max(starts[k], last_open(visits, windows, agreed, visit, aim))


@njit(cache=True)
def _duty(breaks: I8, starts: I8, pauses: I8, way: I8, fee: I8, opens: int, finish: int) -> int:
    """Seconds between leaving and coming home, without breaks."""
    leave = starts[0] - way[0] - fee[0]
    for k in range(len(breaks)):
        if pauses[k, 1] == 0 and pauses[k, 0] + breaks[k, 2] > leave:
            leave = opens
            break
    duty = finish - leave
    for k in range(len(breaks)):
        begin = pauses[k, 0]
        if begin < finish and leave < begin + breaks[k, 2]:
            duty -= breaks[k, 2]
    return int(duty)
