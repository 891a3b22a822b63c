"""Compiled changes of a plan: keep one route's arrays right, put a visit in, take one out."""

from __future__ import annotations

from numba import njit

from solver.kernels.arrays import (
    ACCESS,
    BIG,
    BREAK,
    BREAK_END,
    BROKEN,
    CARRIED,
    COST,
    DRIVEN,
    ENDS,
    FAR,
    FEW_HARD,
    FINAL,
    FIRST,
    FROM,
    GOODS,
    GROUP,
    HARD,
    HARDNESS,
    HEAVY,
    HELD,
    HOME,
    I8,
    KIND,
    KM,
    LARGEST,
    LAST,
    LEADER,
    LEG,
    LOAD,
    MADE,
    MODE,
    MOST,
    OPENS,
    PLACE,
    PLAIN,
    ROAD,
    ROOM,
    SHARE,
    SIZE,
    STRAIN,
    TIMED,
    TIMES,
    TO,
    TRAVEL,
    UNTIL,
    USE,
    VISIT,
    WAY,
    WAYS,
    WHO,
    WISH_HIGH,
    WORK,
    WORST,
    Fixed,
    Live,
)
from solver.kernels.clock import first_open, last_open, price_order, route_metres, start_cost

__all__ = [
    "behind",
    "best_single",
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
    longs = f.long[staff]
    size = route[SIZE]
    here, group, now = me[FROM], -1, me[OPENS]
    ways, worst, liking, timed, goods = 0, 0, 0, 0, 0
    for k in range(size):
        visit = stop[k, VISIT]
        place = visits[visit, PLACE]
        way = 0 if here < 0 else travel[here, place]
        stop[k, WAY] = way
        ways += way
        worst = max(worst, way)
        liking += likes[visit, staff]
        goods += visits[visit, GOODS]
        timed += visits[visit, TIMED]
        mine = visits[visit, GROUP]
        now += way
        if mine < 0 or mine != group:
            now += visits[visit, ACCESS]
        now = first_open(visits, windows, agreed, visit, now) + longs[visit]
        stop[k, ENDS] = now
        here, group = place, mine
        order[k] = visit
    way = 0 if here < 0 or me[TO] < 0 or size == 0 else travel[here, me[TO]]
    stop[size, WAY] = way
    ways += way
    limit = me[HARD] - way
    for k in range(size - 1, -1, -1):
        visit = order[k]
        limit = last_open(visits, windows, agreed, visit, limit - longs[visit])
        # Nothing may come between a pinned visit and the one before it.
        stop[k, LAST] = limit if visits[visit, LEADER] == -1 else -1
        mine = visits[visit, GROUP]
        limit -= stop[k, WAY]
        if k == 0 or mine < 0 or mine != visits[order[k - 1], GROUP]:
            limit -= visits[visit, ACCESS]
    route[TIMES], route[CARRIED] = timed, goods
    before, cost, late = route[COST], 0, 0
    broken = size > 0 and (now + way > me[HARD] or max(worst, way) > me[LEG])
    if me[PLAIN] == 1 and timed == 0:
        if size > 0:
            cost = f.weight[TRAVEL] * ways + liking
            if me[KM] > 0:
                metres = f.metres[me[MODE]]
                cost += me[KM] * route_metres(visits, metres, me[FROM], me[TO], order, size) // 1000
    elif size > 0:
        if me[BREAK] < me[BREAK_END]:
            # Breaks move the earliest ends.
            price_order(f, agreed, v, order, size, False, scratch, starts, pauses)
            for k in range(size):
                stop[k, ENDS] = starts[k] + longs[order[k]]
        cost = price_order(f, agreed, v, order, size, timed > 0, scratch, starts, pauses)
        broken = cost >= BIG
        if f.weight[LARGEST] > 0 and not broken:
            for k in range(size):
                late = max(late, starts[k] - visits[order[k], WISH_HIGH])
    if broken:
        cost = 0
    route[COST], route[WORST] = cost, late
    p.total[0] += cost - before
    p.total[2] += int(broken) - route[BROKEN]
    route[BROKEN] = int(broken)
    _drive(f.staff, p.busy, p.total, staff, ways - route[WAYS])
    route[WAYS] = ways


@njit(cache=True, inline="always")
def _drive(staffs: I8, busy: I8, total: I8, staff: int, more: int) -> None:
    """Count a change of a carer's travel; above the most allowed the plan is broken."""
    most = staffs[staff, ROAD]
    total[2] -= int(busy[staff, DRIVEN] > most)
    busy[staff, DRIVEN] += more
    total[2] += int(busy[staff, DRIVEN] > most)


@njit(cache=True, inline="always")
def _extra_load(f: Fixed, busy: I8, staff: int, seconds: int) -> int:
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
    staff = f.vehicle[v, WHO]
    long, hard = f.long[staff, visit], f.visit[visit, STRAIN]
    few, price = f.staff[staff, FEW_HARD], f.weight[HARDNESS]
    for k in range(route[SIZE], at, -1):
        stop[k, VISIT] = stop[k - 1, VISIT]
    stop[at, VISIT] = visit
    route[SIZE] += 1
    p.total[0] += _extra_load(f, busy, staff, long)
    busy[staff, MADE] += 1
    busy[staff, WORK] += long
    if hard > 0 and busy[staff, HEAVY] >= few:
        p.total[0] += price
    busy[staff, HEAVY] += hard
    for c in range(HOME, HOME + 4):
        if p.agreed[visit, c] < 0:
            p.agreed[visit, c] = v
            break


@njit(cache=True, inline="always")
def _leave(f: Fixed, p: Live, visit: int, v: int) -> None:
    stop, route, busy = p.stop[v], p.route[v], p.busy
    staff = f.vehicle[v, WHO]
    long, hard = f.long[staff, visit], f.visit[visit, STRAIN]
    few, price = f.staff[staff, FEW_HARD], f.weight[HARDNESS]
    found = False
    for k in range(route[SIZE]):
        if found:
            stop[k - 1, VISIT] = stop[k, VISIT]
        elif stop[k, VISIT] == visit:
            found = True
    route[SIZE] -= 1
    p.total[0] += _extra_load(f, busy, staff, -long)
    busy[staff, MADE] -= 1
    busy[staff, WORK] -= long
    busy[staff, HEAVY] -= hard
    if hard > 0 and busy[staff, HEAVY] >= few:
        p.total[0] -= price


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
    for c in range(UNTIL + 1):
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
    travel, travel_t, staffs, longs, metres = f.travel, f.travel_t, f.staff, f.long, f.metres
    best = BIG
    out[0] = BIG
    mine = visits[visit]
    place, group, access, hard = mine[PLACE], mine[GROUP], mine[ACCESS], mine[STRAIN]
    hard *= f.weight[HARDNESS]
    load = f.weight[LOAD]
    first, final, timed = mine[FIRST], mine[FINAL], mine[TIMED]
    weight, lead = f.weight[TRAVEL], mine[LEADER]
    largest, worst = f.weight[LARGEST], 0
    for v in range(len(tried)):
        tried[v] = 0
    if largest > 0:
        for v in range(len(vehicles)):
            worst = max(worst, routes[v, WORST])
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
        long = longs[staff, visit]
        loading = 0
        if load > 0:
            above = busy[staff, WORK] - staffs[staff, SHARE]
            loading += load * (max(0, above + long) - max(0, above))
        if busy[staff, MADE] == 0:
            loading += staffs[staff, USE]
        if hard > 0 and busy[staff, HEAVY] >= staffs[staff, FEW_HARD]:
            loading += hard
        base = likes[staff] + loading
        if base >= best:
            continue
        mode = vehicles[v, MODE]
        leg, km = vehicles[v, LEG], vehicles[v, KM]
        road = staffs[staff, ROAD] - busy[staff, DRIVEN]
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
            detour = come + go - (stops[v, at, WAY] if size > 0 else 0)
            extra = base + weight * detour
            if km > 0:
                more = metres[mode, here, place] if here >= 0 else 0
                if there >= 0:
                    more += metres[mode, place, there]
                    if here >= 0:
                        more -= metres[mode, here, there]
                extra += km * more // 1000
            if extra >= best or detour > road or come > leg or go > leg:
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
                if largest > 0:
                    late = starts[at] - mine[WISH_HIGH]
                    for k in range(size + 1):
                        late = max(late, starts[k] - visits[order[k], WISH_HIGH])
                    extra += largest * max(0, late - worst)
                if extra >= best:
                    continue
            best = extra
            out[0] = best
            out[1] = v
            out[2] = at
    random[0] = x
