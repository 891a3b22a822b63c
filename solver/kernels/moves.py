"""Compiled changes of a plan: keep one route's arrays right, put a visit in, take one out."""

from __future__ import annotations

from numba import njit

from solver.kernels.arrays import (
    ACCESS,
    BIG,
    BREAK,
    BREAK_END,
    CARRIED,
    COST,
    ENDS,
    FAR,
    FINAL,
    FIRST,
    FROM,
    GOODS,
    GROUP,
    HARD,
    HELD,
    HOME,
    I8,
    KIND,
    LAST,
    LEADER,
    LOAD,
    LONG,
    MADE,
    MODE,
    MOST,
    OPENS,
    PLACE,
    PLAIN,
    ROOM,
    SHARE,
    SIZE,
    TIMED,
    TIMES,
    TO,
    TRAVEL,
    USE,
    VISIT,
    WAY,
    WHO,
    WORK,
    Fixed,
    Live,
)
from solver.kernels.clock import first_open, last_open, price_order, start_cost

__all__ = [
    "behind",
    "best_single",
    "extra_load",
    "held_cost",
    "price_with",
    "put_in",
    "refresh",
    "take_out",
]


@njit(cache=True)
def refresh(f: Fixed, p: Live, v: int, order: I8, scratch: I8, starts: I8, pauses: I8) -> None:
    """Recompute every number of route `v` from its order, and the plan's total."""
    visits, windows, likes, agreed = f.visit, f.window, f.likes, p.agreed
    stop, route, me = p.stop[v], p.route[v], f.vehicle[v]
    travel, staff = f.travel[me[MODE]], me[WHO]
    size = route[SIZE]
    here, group, now = me[FROM], -1, me[OPENS]
    ways, liking, timed, goods = 0, 0, 0, 0
    for k in range(size):
        visit = stop[k, VISIT]
        place = visits[visit, PLACE]
        way = 0 if here < 0 else travel[here, place]
        stop[k, WAY] = way
        ways += way
        liking += likes[visit, staff]
        goods += visits[visit, GOODS]
        timed += visits[visit, TIMED]
        mine = visits[visit, GROUP]
        now += way
        if mine < 0 or mine != group:
            now += visits[visit, ACCESS]
        now = first_open(visits, windows, agreed, visit, now) + visits[visit, LONG]
        stop[k, ENDS] = now
        here, group = place, mine
        order[k] = visit
    way = 0 if here < 0 or me[TO] < 0 or size == 0 else travel[here, me[TO]]
    stop[size, WAY] = way
    ways += way
    limit = me[HARD] - way
    for k in range(size - 1, -1, -1):
        visit = order[k]
        limit = last_open(visits, windows, agreed, visit, limit - visits[visit, LONG])
        # Nothing may come between a pinned visit and the one before it.
        stop[k, LAST] = limit if visits[visit, LEADER] == -1 else -1
        mine = visits[visit, GROUP]
        limit -= stop[k, WAY]
        if k == 0 or mine < 0 or mine != visits[order[k - 1], GROUP]:
            limit -= visits[visit, ACCESS]
    route[TIMES], route[CARRIED] = timed, goods
    before = route[COST]
    if size == 0:
        route[COST] = 0
    elif me[PLAIN] == 1 and timed == 0:
        route[COST] = f.weight[TRAVEL] * ways + liking
    else:
        if me[BREAK] < me[BREAK_END]:
            # Breaks move the earliest ends.
            price_order(f, agreed, v, order, size, False, scratch, starts, pauses)
            for k in range(size):
                stop[k, ENDS] = starts[k] + visits[order[k], LONG]
        route[COST] = price_order(f, agreed, v, order, size, timed > 0, scratch, starts, pauses)
    p.total[0] += route[COST] - before


@njit(cache=True)
def extra_load(f: Fixed, busy: I8, staff: int, seconds: int) -> int:
    """Change of the cost of load and use when a carer gets or loses (seconds < 0) a visit."""
    fixed = f.staff[staff]
    work, made = busy[staff, WORK], busy[staff, MADE]
    above = max(0, work + seconds - fixed[SHARE]) - max(0, work - fixed[SHARE])
    cost = f.weight[LOAD] * above
    if seconds > 0 and made == 0:
        cost += fixed[USE]
    if seconds < 0 and made == 1:
        cost -= fixed[USE]
    return int(cost)


@njit(cache=True)
def put_in(f: Fixed, p: Live, visit: int, v: int, at: int) -> None:
    """Insert a visit before position `at` of route `v`; call `refresh` afterwards."""
    stop, route, busy = p.stop[v], p.route[v], p.busy
    staff, long = f.vehicle[v, WHO], f.visit[visit, LONG]
    for k in range(route[SIZE], at, -1):
        stop[k, VISIT] = stop[k - 1, VISIT]
    stop[at, VISIT] = visit
    route[SIZE] += 1
    p.total[0] += extra_load(f, busy, staff, long)
    busy[staff, MADE] += 1
    busy[staff, WORK] += long
    for c in range(HOME, HOME + 4):
        if p.agreed[visit, c] < 0:
            p.agreed[visit, c] = v
            break


@njit(cache=True)
def _leave(f: Fixed, p: Live, visit: int, v: int) -> None:
    stop, route, busy = p.stop[v], p.route[v], p.busy
    staff, long = f.vehicle[v, WHO], f.visit[visit, LONG]
    found = False
    for k in range(route[SIZE]):
        if found:
            stop[k - 1, VISIT] = stop[k, VISIT]
        elif stop[k, VISIT] == visit:
            found = True
    route[SIZE] -= 1
    p.total[0] += extra_load(f, busy, staff, -long)
    busy[staff, MADE] -= 1
    busy[staff, WORK] -= long


@njit(cache=True)
def held_cost(f: Fixed, p: Live, visit: int) -> int:
    """Cost of the held start of a visit in a tied cluster."""
    held = p.agreed[visit, HELD]
    if held >= 0 and f.visit[visit, TIMED] == 1:
        return start_cost(f.visit, f.weight, visit, held)
    return 0


@njit(cache=True)
def take_out(f: Fixed, p: Live, visit: int) -> None:
    """Take a visit out of all its routes and let its start go; refresh those routes afterwards."""
    p.total[0] -= held_cost(f, p, visit)
    for c in range(HOME, HOME + 4):
        if p.agreed[visit, c] >= 0:
            _leave(f, p, visit, p.agreed[visit, c])
    for c in range(HOME + 4):
        p.agreed[visit, c] = -1


@njit(cache=True)
def price_with(
    f: Fixed, p: Live, visit: int, v: int, at: int, order: I8, scratch: I8, starts: I8, pauses: I8
) -> int:
    """Cost of route `v` with a visit inserted before position `at`, or BIG."""
    size, stop = p.route[v, SIZE], p.stop[v]
    for k in range(at):
        order[k] = stop[k, VISIT]
    order[at] = visit
    for k in range(at, size):
        order[k + 1] = stop[k, VISIT]
    timed = p.route[v, TIMES] > 0 or f.visit[visit, TIMED] == 1
    return int(price_order(f, p.agreed, v, order, size + 1, timed, scratch, starts, pauses))


@njit(cache=True)
def behind(stops: I8, v: int, size: int, lead: int) -> int:
    """Position directly after the visit `lead` in a route (0 for FIRST); -1: it is not there."""
    if lead < -1:
        return 0
    for k in range(size):
        if stops[v, k, VISIT] == lead:
            return k + 1
    return -1


@njit(cache=True)
def best_single(
    f: Fixed,
    p: Live,
    visit: int,
    skip: int,
    random: I8,
    tried: I8,
    order: I8,
    scratch: I8,
    starts: I8,
    pauses: I8,
    out: I8,
) -> None:
    """Cheapest place of a visit for one carer, passing over a share of the places by chance.

    skip
        Of 1024 places, how many are passed over.
    out
        Receives (extra cost or BIG, vehicle, position).
    """
    visits, windows, vehicles, usable = f.visit, f.window, f.vehicle, f.usable[visit]
    routes, stops, busy, agreed, likes = p.route, p.stop, p.busy, p.agreed, f.likes[visit]
    travel, travel_t, staffs = f.travel, f.travel_t, f.staff
    best = BIG
    out[0] = BIG
    mine = visits[visit]
    place, long, group, access = mine[PLACE], mine[LONG], mine[GROUP], mine[ACCESS]
    first, final, timed = mine[FIRST], mine[FINAL], mine[TIMED]
    weight, lead = f.weight[TRAVEL], mine[LEADER]
    for v in range(len(tried)):
        tried[v] = 0
    x = random[0]
    for v in range(len(vehicles)):
        if not usable[v]:
            continue
        size = routes[v, SIZE]
        if size == 0:
            if tried[vehicles[v, KIND]] == 1:
                continue
            tried[vehicles[v, KIND]] = 1
        staff = vehicles[v, WHO]
        if (
            busy[staff, MADE] >= staffs[staff, MOST]
            or routes[v, CARRIED] + mine[GOODS] > vehicles[v, ROOM]
        ):
            continue
        loading = extra_load(f, busy, staff, long)
        base = likes[staff] + loading
        if base >= best:
            continue
        mode = vehicles[v, MODE]
        simple = vehicles[v, PLAIN] == 1 and routes[v, TIMES] == 0 and timed == 0
        only = -1
        if lead != -1:
            only = behind(stops, v, size, lead)
            if only < 0:
                continue
        now = vehicles[v, OPENS]
        here = vehicles[v, FROM]
        before_group = -1
        for at in range(size + 1):
            if at > 0:
                before = stops[v, at - 1, VISIT]
                now = stops[v, at - 1, ENDS]
                if now > final:
                    break
                here = visits[before, PLACE]
                before_group = visits[before, GROUP]
            if only >= 0 and at != only:
                continue
            there = vehicles[v, TO]
            after = -1
            if at < size:
                if stops[v, at, LAST] < first + long:
                    continue
                after = stops[v, at, VISIT]
                there = visits[after, PLACE]
            x ^= x << 13
            x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
            x ^= x << 17
            if (x & 1023) < skip:
                continue
            come = travel_t[mode, place, here] if here >= 0 else 0
            go = travel[mode, place, there] if there >= 0 else 0
            extra = base + weight * (come + go - (stops[v, at, WAY] if size > 0 else 0))
            if extra >= best:
                continue
            ready = now + come
            if group < 0 or group != before_group:
                ready += access
            start = first_open(visits, windows, agreed, visit, ready)
            if start >= FAR:
                continue
            ready = start + long + go
            if after >= 0:
                if group < 0 or group != visits[after, GROUP]:
                    ready += visits[after, ACCESS]
                if ready > stops[v, at, LAST]:
                    continue
            elif ready > vehicles[v, HARD]:
                continue
            if not simple:
                cost = price_with(f, p, visit, v, at, order, scratch, starts, pauses)
                if cost >= BIG:
                    continue
                extra = cost - routes[v, COST] + loading
                if extra >= best:
                    continue
            best = extra
            out[0] = best
            out[1] = v
            out[2] = at
    random[0] = x
