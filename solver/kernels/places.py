"""Compiled: where does one more visit cost least?

Each place is first answered from two neighbouring rows: is it possible, and what does it cost at
least. Only the most promising are timed, cheapest first, and only where times really change.
"""

from __future__ import annotations

from solver.kernels.arrays import (
    ACCESS,
    AIM,
    AIMED,
    BIG,
    BREAK,
    BREAK_END,
    CARRIED,
    CHANGE,
    CLAN,
    COST,
    DRIVEN,
    DUE,
    EAGER,
    EARLY,
    ENDS,
    ENTRY,
    FAR,
    FEW_HARD,
    FINAL,
    FINISH,
    FIRST,
    FROM,
    GOODS,
    GROUP,
    HARD,
    HARDNESS,
    HEAVY,
    HELD,
    HOUR,
    I4,
    I8,
    KIND,
    KM,
    LARGEST,
    LAST,
    LATE,
    LEADER,
    LEG,
    LENGTH,
    LIMIT,
    LOAD,
    MADE,
    METRES,
    MODE,
    MOST,
    NEED,
    OPEN,
    OPENS,
    OVERTIME,
    OWN,
    PLACE,
    PLAIN,
    PRICE,
    PROMISED,
    RESTED,
    ROAD,
    ROOM,
    SEVERAL,
    SHARE,
    SHUT,
    SIZE,
    SOFT,
    SOONEST,
    SPOT,
    START,
    STARTS,
    STRAIN,
    TIMED,
    TIMES,
    TO,
    TRAVEL,
    USE,
    VISIT,
    WAITING,
    WAY,
    WHO,
    WINDOW,
    WINDOW_END,
    WISH_HIGH,
    WISH_LOW,
    WORK,
    WORST,
    Fixed,
    Live,
)
from solver.kernels.clock import closing, come_home, first_open, start_cost, step
from solver.kernels.compiled import inlined
from solver.kernels.moves import behind, price_with

__all__ = ["best_single", "least_rate", "more_for_times"]


@inlined
def least_rate(weight: I8) -> int:
    """What a second of being late costs at least, be it at a visit or at the end of the shift."""
    rate = weight[LATE] + weight[OVERTIME]
    if weight[LATE] > 0 and weight[OVERTIME] > 0:
        rate = min(weight[LATE], weight[OVERTIME])
    return int(rate)


@inlined
def more_for_times(
    visits: I8,
    windows: I8,
    weight: I8,
    agreed: I8,
    breaks: I8,
    vehicles: I8,
    travel: I4,
    longs: I8,
    stop: I8,
    route: I8,
    aims: I8,
    v: int,
    at: int,
    visit: int,
    most: int,
    worst: int,
) -> int:
    """What starts and overtime cost more with a visit before position `at`; BIG: it cannot be.

    Nothing is timed that stays as it is: before the first stop that has to start sooner, and from
    where the old times are met again.

    aims
        Scratch of the length of the longest route.
    most
        More than this is not looked for: BIG.
    worst
        Largest lateness of the plan, where that costs.
    """
    size, mode, staff = route[v, SIZE], vehicles[v, MODE], vehicles[v, WHO]
    soft, hard = vehicles[v, SOFT], vehicles[v, HARD]
    low, until = vehicles[v, BREAK], vehicles[v, BREAK_END]
    place, group, length = visits[visit, PLACE], visits[visit, GROUP], longs[staff, visit]
    here, before = vehicles[v, FROM], -1
    if at > 0:
        here, before = stop[v, at - 1, SPOT], stop[v, at - 1, CLAN]
    come = visits[visit, ACCESS] if group < 0 or group != before else 0
    if here >= 0:
        come += travel[mode, here, place]
    there, go = vehicles[v, TO], 0
    if at < size:
        there = stop[v, at, SPOT]
    if there >= 0:
        go = travel[mode, place, there]
    limit, home = soft - go, go
    if at < size:
        home = stop[v, size, WAY]
        if group < 0 or group != stop[v, at, CLAN]:
            go += stop[v, at, ENTRY]
        limit = stop[v, at, LIMIT] - go
    held, own = agreed[visit, HELD], visits[visit, TIMED]
    several, opens, shuts = 0, held, held
    if held < 0:
        several = int(visits[visit, WINDOW_END] - visits[visit, WINDOW] > 1)
        opens, shuts = visits[visit, FIRST], visits[visit, FINAL]
    else:
        own = 0
    limit = min(limit - length, visits[visit, WISH_HIGH])
    limit = closing(visits, windows, agreed, visit, several, opens, shuts, limit)
    if limit < 0:
        limit = -FAR
    mine = min(limit, visits[visit, AIMED])
    limit -= come
    # Stops from `changed` on must start sooner; their aims stand in `aims` from `known` on.
    changed, known = at, at
    for k in range(at - 1, -1, -1):
        other = stop[v, k, VISIT]
        limit = closing(
            visits,
            windows,
            agreed,
            other,
            stop[v, k, SEVERAL],
            stop[v, k, OPEN],
            stop[v, k, SHUT],
            min(limit - stop[v, k, LENGTH], visits[other, WISH_HIGH]),
        )
        if limit < 0:
            limit = -FAR
        if limit == stop[v, k, LIMIT]:
            break
        known = k
        aims[k] = min(limit, visits[other, AIMED])
        if aims[k] != stop[v, k, AIM]:
            changed = k
        limit -= stop[v, k, NEED]
    over, largest = weight[OVERTIME] * max(0, route[v, FINISH] - soft), weight[LARGEST]
    total = BIG
    for kind in range(2):
        # From the first change, unless the old times were of another kind than these.
        whole = kind == 1 or route[v, EAGER] == 1
        more, late, begin = 0, worst, changed
        if whole:
            more, begin = -route[v, STARTS] - over, 0
        if kind == 1:
            begin = at
        now, taken = vehicles[v, OPENS], low
        if begin > 0 and kind == 0:
            now = stop[v, begin - 1, START] + stop[v, begin - 1, LENGTH]
            taken = stop[v, begin - 1, RESTED]
        elif begin > 0:
            now, taken = stop[v, begin - 1, ENDS], stop[v, begin - 1, SOONEST]
            for k in range(begin):
                other = stop[v, k, VISIT]
                start = stop[v, k, ENDS] - stop[v, k, LENGTH]
                if stop[v, k, OWN] == 1:
                    more += start_cost(visits, weight, other, start)
                if largest > 0:
                    late = max(late, start - visits[other, WISH_HIGH])
        # 0: walking on, 1: old times met again, 2: impossible, 3: too dear
        state = 0
        for k in range(begin, size + 1):
            row = k if k < at else k - 1
            other, long, need, aim, costs = visit, length, come, mine, own
            many, low_end, high_end = several, opens, shuts
            if k != at:
                other, long, aim = stop[v, row, VISIT], stop[v, row, LENGTH], stop[v, row, AIM]
                need, costs = stop[v, row, NEED], stop[v, row, OWN]
                many, low_end, high_end = (
                    stop[v, row, SEVERAL],
                    stop[v, row, OPEN],
                    stop[v, row, SHUT],
                )
                if k == at + 1:
                    need = go
                if known <= k < at:
                    aim = aims[k]
            if kind == 1:
                aim = 0
            start, taken = step(
                visits,
                windows,
                agreed,
                breaks,
                other,
                many,
                low_end,
                high_end,
                long,
                now,
                need,
                aim,
                taken,
                until,
            )
            if start >= FAR:
                state = 2
                break
            same = start == stop[v, row, START] and taken == stop[v, row, RESTED]
            if same and k > at and not whole:
                state = 1
                break
            if costs == 1:
                more += start_cost(visits, weight, other, start)
                if k != at and not whole:
                    more -= stop[v, row, PRICE]
            if largest > 0:
                late = max(late, start - visits[other, WISH_HIGH])
            if not whole and more >= most:
                state = 3
                break
            now = start + long
        if state == 0:
            finish = come_home(breaks, now, home, taken, until, hard)
            if finish >= BIG:
                state = 2
            else:
                more += weight[OVERTIME] * max(0, finish - soft)
                if not whole:
                    more -= over
        if state < 2:
            total = more + largest * (late - worst)
        if state != 2:
            break
    return total


@inlined
def best_single(
    f: Fixed,
    p: Live,
    visit: int,
    below: int,
    skip: int,
    random: I8,
    tried: I8,
    offer: I8,
    order: I8,
    scratch: I8,
    starts: I8,
    pauses: I8,
    out: I8,
) -> None:
    """Cheapest place of a visit for one carer, passing over a share of the places by chance.

    below
        Only places that cost less than this are looked for.
    skip
        Of 1024 places, how many are passed over.
    out
        Receives (extra cost or BIG, vehicle, position).
    """
    visits, windows, vehicles, usable = f.visit, f.window, f.vehicle, f.usable
    routes, stops, busy, agreed, likes = p.route, p.stop, p.busy, p.agreed, f.likes
    travel, travel_t, staffs, longs, metres = f.travel, f.travel_t, f.staff, f.long, f.metres
    breaks, weights = f.breaks, f.weight
    best = below
    out[0] = BIG
    place, group, access = visits[visit, PLACE], visits[visit, GROUP], visits[visit, ACCESS]
    first, final, timed = visits[visit, FIRST], visits[visit, FINAL], visits[visit, TIMED]
    lead, goods, own = visits[visit, LEADER], visits[visit, GOODS], agreed[visit, HELD] < 0
    strain = visits[visit, STRAIN] * weights[HARDNESS]
    wish_low, wish_high, promised = (
        visits[visit, WISH_LOW],
        visits[visit, WISH_HIGH],
        visits[visit, PROMISED],
    )
    load, weight = weights[LOAD], weights[TRAVEL]
    early, change, overtime = weights[EARLY], weights[CHANGE], weights[OVERTIME]
    rate = least_rate(weights)
    worst = 0
    if weights[LARGEST] > 0:
        for v in range(len(vehicles)):
            worst = max(worst, routes[v, WORST])
    tried[0] += 1
    found = 0
    x = random[0]
    for v in range(len(vehicles)):
        if not usable[visit, v]:
            continue
        size = routes[v, SIZE]
        if size == 0:
            kind = vehicles[v, KIND] + 1
            if tried[kind] == tried[0]:
                continue
            tried[kind] = tried[0]
        staff = vehicles[v, WHO]
        if (
            busy[staff, MADE] >= staffs[staff, MOST]
            or routes[v, CARRIED] + goods > vehicles[v, ROOM]
        ):
            continue
        long = longs[staff, visit]
        loading = 0
        if load > 0:
            above = busy[staff, WORK] - staffs[staff, SHARE]
            loading += load * (max(0, above + long) - max(0, above))
        if busy[staff, MADE] == 0:
            loading += staffs[staff, USE]
        if strain > 0 and busy[staff, HEAVY] >= staffs[staff, FEW_HARD]:
            loading += strain
        base = likes[visit, staff] + loading
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
        now, here, before = vehicles[v, OPENS], vehicles[v, FROM], -1
        for at in range(size + 1):
            if at > 0:
                now = stops[v, at - 1, ENDS]
                if now > final:
                    break
                here, before = stops[v, at - 1, SPOT], stops[v, at - 1, CLAN]
            last = stops[v, at, LAST]
            if last < first + long or (only >= 0 and at != only):
                continue
            there = stops[v, at, SPOT]
            come = travel_t[mode, place, here] if here >= 0 else 0
            go = travel[mode, place, there] if there >= 0 else 0
            detour = come + go - stops[v, at, WAY]
            bound = base + weight * detour
            if bound >= best:
                continue
            start = now + come
            if group < 0 or group != before:
                start += access
            start = first_open(visits, windows, agreed, visit, start)
            back = long + go
            if at < size and (group < 0 or group != stops[v, at, CLAN]):
                back += stops[v, at, ENTRY]
            if start + back > last or detour > road or come > leg or go > leg:
                continue
            if km > 0:
                more = metres[mode, here, place] if here >= 0 else 0
                if there >= 0:
                    more += metres[mode, place, there]
                    if here >= 0 and size > 0:
                        more -= metres[mode, here, there]
                driven = routes[v, METRES]
                bound += km * (driven + more) // 1000 - km * driven // 1000
            plain = bound
            if not simple:
                delay = max(0, start + back - stops[v, at, DUE])
                bound += delay * (rate if at < size else overtime)
                if own:
                    bound += weights[LATE] * max(0, start - wish_high)
                    bound += early * max(0, wish_low - (last - back))
                    if promised >= 0:
                        bound += change * max(0, start - promised, promised - (last - back))
            if bound >= best:
                continue
            x ^= x << 13
            x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
            x ^= x << 17
            if (x & 1023) < skip:
                continue
            if simple:
                best = bound
                out[0], out[1], out[2] = best, v, at
            elif found < len(offer):
                offer[found, 0], offer[found, 1], offer[found, 2] = bound, v, at
                offer[found, 3], offer[found, 4] = plain, loading
                found += 1
    random[0] = x
    while found > 0:
        low = 0
        for j in range(1, found):
            if offer[j, 0] < offer[low, 0]:
                low = j
        if offer[low, 0] >= best:
            break
        v, at, plain, loading = offer[low, 1], offer[low, 2], offer[low, 3], offer[low, 4]
        found -= 1
        for c in range(5):
            offer[low, c] = offer[found, c]
        if vehicles[v, HOUR] > 0 or weights[WAITING] > 0:
            extra = price_with(f, p, visit, v, at, order, scratch, starts, pauses)
            if extra >= BIG:
                continue
            extra += loading - routes[v, COST]
            if weights[LARGEST] > 0:
                late = worst
                for k in range(routes[v, SIZE] + 1):
                    late = max(late, starts[k] - visits[order[k], WISH_HIGH])
                extra += weights[LARGEST] * (late - worst)
        else:
            extra = plain + more_for_times(
                visits,
                windows,
                weights,
                agreed,
                breaks,
                vehicles,
                travel,
                longs,
                stops,
                routes,
                starts,
                v,
                at,
                visit,
                best - plain,
                worst,
            )
        if extra < best:
            best = extra
            out[0], out[1], out[2] = best, v, at
