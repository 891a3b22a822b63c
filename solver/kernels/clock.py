"""Compiled timing of one route in a given order, and what it costs.

Two ways to time an order. *Eager*: every stop as early as possible. *Polite*: a stop waits for its
preferred time as long as no later stop becomes late by it. Polite is tried first, eager when that
fails. A break is taken in the first gap where it costs nothing, or in the last one where it is
still possible.
"""

from __future__ import annotations

from solver.kernels.arrays import (
    ACCESS,
    AIMED,
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
from solver.kernels.compiled import inlined, loop

__all__ = [
    "closing",
    "come_home",
    "first_open",
    "last_open",
    "opening",
    "price_order",
    "start_cost",
    "step",
]


@inlined
def first_open(visits: I8, windows: I8, agreed: I8, visit: int, ready: int) -> int:
    """First allowed start at or after `ready`, or FAR."""
    start = FAR
    held = agreed[visit, HELD]
    if held >= 0:
        if ready <= held:
            start = held
    else:
        for k in range(visits[visit, WINDOW], visits[visit, WINDOW_END]):
            if ready <= windows[k, 1]:
                start = max(ready, windows[k, 0])
                break
    return start


@inlined
def last_open(visits: I8, windows: I8, agreed: I8, visit: int, limit: int) -> int:
    """Last allowed start at or before `limit`, or -1."""
    start = -1
    held = agreed[visit, HELD]
    if held >= 0:
        if held <= limit:
            start = held
    else:
        for k in range(visits[visit, WINDOW_END] - 1, visits[visit, WINDOW] - 1, -1):
            if windows[k, 0] <= limit:
                start = min(limit, windows[k, 1])
                break
    return start


@inlined
def opening(
    visits: I8,
    windows: I8,
    agreed: I8,
    visit: int,
    several: int,
    opens: int,
    shuts: int,
    ready: int,
) -> int:
    """`first_open` of a stop whose only window stands beside it."""
    start = ready if ready > opens else opens
    if several == 1:
        start = first_open(visits, windows, agreed, visit, ready)
    elif ready > shuts:
        start = FAR
    return start


@inlined
def closing(
    visits: I8,
    windows: I8,
    agreed: I8,
    visit: int,
    several: int,
    opens: int,
    shuts: int,
    limit: int,
) -> int:
    """`last_open` of a stop whose only window stands beside it."""
    start = limit if limit < shuts else shuts
    if several == 1:
        start = last_open(visits, windows, agreed, visit, limit)
    elif limit < opens:
        start = -1
    return start


@inlined
def start_cost(visits: I8, weight: I8, visit: int, start: int) -> int:
    """What starting then costs: preferred time and promise."""
    cost = weight[LATE] * max(0, start - visits[visit, WISH_HIGH])
    cost += weight[EARLY] * max(0, visits[visit, WISH_LOW] - start)
    if visits[visit, PROMISED] >= 0:
        cost += weight[CHANGE] * abs(start - visits[visit, PROMISED])
    return int(cost)


@inlined
def step(
    visits: I8,
    windows: I8,
    agreed: I8,
    breaks: I8,
    visit: int,
    several: int,
    opens: int,
    shuts: int,
    long: int,
    now: int,
    need: int,
    aim: int,
    taken: int,
    until: int,
) -> tuple[int, int]:
    """Start of the next stop (FAR: impossible), and the row of the break to be taken next.

    several, opens, shuts
        Its window, see `opening`.
    now, need
        End of the stop before; travel and access from there.
    aim
        The start waits for it if it can.
    """
    while taken < until:
        begin, high = max(now, breaks[taken, 0]), breaks[taken, 1]
        ready = max(now + need, aim)
        start = opening(visits, windows, agreed, visit, several, opens, shuts, ready)
        if start < FAR and start + long <= high:
            # It can wait, unless it is free of charge here.
            ready = max(begin + breaks[taken, 2] + max(0, need - (begin - now)), aim)
            again = opening(visits, windows, agreed, visit, several, opens, shuts, ready)
            if again != start or begin > high:
                break
        if begin > high:
            now = FAR
            break
        need = max(0, need - (begin - now))
        now = begin + breaks[taken, 2]
        taken += 1
    ready = now + need
    start = opening(visits, windows, agreed, visit, several, opens, shuts, max(ready, aim))
    if start > aim and ready < aim:
        # Waiting missed the window it was meant for.
        sooner = opening(visits, windows, agreed, visit, several, opens, shuts, ready)
        start = min(start, sooner)
    return start, taken


@inlined
def come_home(breaks: I8, now: int, need: int, taken: int, until: int, hard: int) -> int:
    """When the way home ends, breaks still due on it taken; BIG: too late, or for a break."""
    while taken < until and now + need > breaks[taken, 1]:
        begin = max(now, breaks[taken, 0])
        if begin > breaks[taken, 1]:
            now = BIG
            break
        need = max(0, need - (begin - now))
        now = begin + breaks[taken, 2]
        taken += 1
    finish = now + need
    if finish > hard:
        finish = BIG
    now = finish
    while taken < until and finish < BIG:
        begin = max(now, breaks[taken, 0])
        if begin > breaks[taken, 1]:
            finish = BIG
        now = begin + breaks[taken, 2]
        taken += 1
    return finish


@loop
def _lay_out(
    visits: I8,
    travel: I4,
    mode: int,
    first: int,
    last: int,
    leg: int,
    order: I8,
    size: int,
    scratch: I8,
) -> int:
    """Travel and access before each stop, travel home; total, or BIG when one is above `leg`."""
    here = first
    group = -1
    total = 0
    worst = 0
    for k in range(size):
        visit = order[k]
        place = visits[visit, PLACE]
        way = 0 if here < 0 else travel[mode, here, place]
        scratch[0, k] = way
        total += way
        worst = max(worst, way)
        mine = visits[visit, GROUP]
        scratch[1, k] = 0 if mine >= 0 and mine == group else visits[visit, ACCESS]
        here = place
        group = mine
    way = 0 if here < 0 or last < 0 or size == 0 else travel[mode, here, last]
    scratch[0, size] = way
    scratch[1, size] = 0
    return int(total + way) if max(worst, way) <= leg else BIG


@loop
def _metres(visits: I8, metres: I4, mode: int, first: int, last: int, order: I8, size: int) -> int:
    total = 0
    here = first
    for k in range(size):
        place = visits[order[k], PLACE]
        total += 0 if here < 0 else metres[mode, here, place]
        here = place
    total += 0 if here < 0 or last < 0 or size == 0 else metres[mode, here, last]
    return int(total)


@loop
def _walk(
    f: Fixed,
    agreed: I8,
    v: int,
    order: I8,
    size: int,
    scratch: I8,
    starts: I8,
    pauses: I8,
) -> int:
    """Start of each stop not before its aim; pauses as (begin, gap) rows. Finish, or BIG.

    Gap k lies before stop k, gap `size` on the way home, gap `size` + 1 at home.
    """
    visits, windows, breaks, longs = f.visit, f.window, f.breaks, f.long
    low, until, staff = f.vehicle[v, BREAK], f.vehicle[v, BREAK_END], f.vehicle[v, WHO]
    now, taken = f.vehicle[v, OPENS], low
    for k in range(size):
        visit = order[k]
        need, long, before = scratch[0, k] + scratch[1, k], longs[staff, visit], taken
        start, taken = step(
            visits,
            windows,
            agreed,
            breaks,
            visit,
            1,
            0,
            0,
            long,
            now,
            need,
            scratch[2, k],
            taken,
            until,
        )
        if start >= FAR:
            return BIG
        for b in range(before, taken):
            now = max(now, breaks[b, 0])
            pauses[b - low, 0] = now
            pauses[b - low, 1] = k
            now += breaks[b, 2]
        starts[k] = start
        now = start + long
    need = scratch[0, size]
    finish = come_home(breaks, now, need, taken, until, f.vehicle[v, HARD])
    if finish >= BIG:
        return BIG
    outside = True
    for b in range(taken, until):
        if outside and now + need <= breaks[b, 1]:
            outside = False
            now += need
        begin = max(now, breaks[b, 0])
        pauses[b - low, 0] = begin
        pauses[b - low, 1] = size if outside else size + 1
        need = max(0, need - (begin - now))
        now = begin + breaks[b, 2]
    return int(finish)


@loop
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
    visits, windows, weight, likes, me = f.visit, f.window, f.weight, f.likes, f.vehicle[v]
    staff, soft = me[WHO], me[SOFT]
    ways = _lay_out(visits, f.travel, me[MODE], me[FROM], me[TO], me[LEG], order, size, scratch)
    if ways >= BIG:
        return BIG
    finish = BIG
    if polite:
        limit = soft - scratch[0, size]
        for k in range(size - 1, -1, -1):
            visit = order[k]
            limit = min(limit - f.long[staff, visit], visits[visit, WISH_HIGH])
            limit = last_open(visits, windows, agreed, visit, limit)
            if limit < 0:
                limit = -FAR
            scratch[2, k] = min(limit, visits[visit, AIMED])
            limit -= scratch[0, k] + scratch[1, k]
        finish = _walk(f, agreed, v, order, size, scratch, starts, pauses)
    if finish >= BIG:
        for k in range(size):
            scratch[2, k] = 0
        finish = _walk(f, agreed, v, order, size, scratch, starts, pauses)
        if finish >= BIG:
            return BIG
    cost = weight[TRAVEL] * ways + weight[OVERTIME] * max(0, finish - soft)
    if size > 0 and (weight[WAITING] > 0 or me[HOUR] > 0):
        _later(f, agreed, v, order, size, scratch, starts, pauses)
        duty = _duty(f, v, scratch, starts, pauses, finish)
        idle = duty - ways
        for k in range(size):
            idle -= scratch[1, k] + f.long[staff, order[k]]
        cost += weight[WAITING] * idle + me[HOUR] * duty // 3600
    if me[KM] > 0:
        metres = _metres(visits, f.metres, me[MODE], me[FROM], me[TO], order, size)
        cost += me[KM] * metres // 1000
    for k in range(size):
        visit = order[k]
        cost += likes[visit, staff]
        if visits[visit, TIMED] == 1 and agreed[visit, HELD] < 0:
            cost += start_cost(visits, weight, visit, starts[k])
    return int(cost)


@loop
def _later(
    f: Fixed, agreed: I8, v: int, order: I8, size: int, scratch: I8, starts: I8, pauses: I8
) -> None:
    """Move starts later as far as nothing behind moves and nothing gets late, to leave later."""
    visits, windows, weight = f.visit, f.window, f.weight
    breaks, staff = f.vehicle[v, BREAK_END] - f.vehicle[v, BREAK], f.vehicle[v, WHO]
    for k in range(size - 2, -1, -1):
        visit = order[k]
        rested = False
        for j in range(breaks):
            rested |= pauses[j, 1] == k + 1
        if rested or agreed[visit, HELD] >= 0:
            continue
        aim = starts[k + 1] - scratch[0, k + 1] - scratch[1, k + 1] - f.long[staff, visit]
        aim = min(aim, visits[visit, WISH_HIGH])
        if weight[CHANGE] > 0 and visits[visit, PROMISED] >= 0:
            aim = min(aim, visits[visit, PROMISED])
        starts[k] = max(starts[k], last_open(visits, windows, agreed, visit, aim))


@loop
def _duty(f: Fixed, v: int, scratch: I8, starts: I8, pauses: I8, finish: int) -> int:
    """Seconds between leaving and coming home, without breaks."""
    leave = starts[0] - scratch[0, 0] - scratch[1, 0]
    low, breaks = f.vehicle[v, BREAK], f.breaks
    count = f.vehicle[v, BREAK_END] - low
    for k in range(count):
        if pauses[k, 1] == 0 and pauses[k, 0] + breaks[low + k, 2] > leave:
            leave = f.vehicle[v, OPENS]
            break
    duty = finish - leave
    for k in range(count):
        begin = pauses[k, 0]
        if begin < finish and leave < begin + breaks[low + k, 2]:
            duty -= breaks[low + k, 2]
    return int(duty)
