"""Compiled: every number of one route from its order of visits."""

from __future__ import annotations

from solver.kernels.arrays import (
    ACCESS,
    AIM,
    AIMED,
    BIG,
    BREAK,
    BREAK_END,
    BROKEN,
    CARRIED,
    CLAN,
    COST,
    DRIVEN,
    DUE,
    EAGER,
    ENDS,
    ENTRY,
    FAR,
    FINAL,
    FINISH,
    FIRST,
    FROM,
    GOODS,
    GROUP,
    HARD,
    HELD,
    HOUR,
    I8,
    KM,
    LARGEST,
    LAST,
    LATE,
    LEADER,
    LEG,
    LENGTH,
    LIMIT,
    METRES,
    MODE,
    NEED,
    OPEN,
    OPENS,
    OVERTIME,
    OWN,
    PLACE,
    PRICE,
    RESTED,
    ROAD,
    SEVERAL,
    SHUT,
    SIZE,
    SOFT,
    SOONEST,
    SPOT,
    START,
    STARTS,
    TIMED,
    TIMES,
    TO,
    TRAVEL,
    VISIT,
    WAITING,
    WAY,
    WAYS,
    WHO,
    WINDOW,
    WINDOW_END,
    WISH_HIGH,
    WORST,
    Fixed,
    Live,
)
from solver.kernels.clock import (
    closing,
    come_home,
    price_order,
    start_cost,
    step,
)
from solver.kernels.compiled import loop

__all__ = ["refresh"]


@loop
def refresh(f: Fixed, p: Live, v: int, order: I8, scratch: I8, starts: I8, pauses: I8) -> None:
    """Recompute every number of route `v` from its order, and the plan's total."""
    # Never a row sliced off in here: a slice costs more than what it stands for.
    visits, windows, likes, longs, agreed = f.visit, f.window, f.likes, f.long, p.agreed
    vehicles, breaks, weight, travel, metres = f.vehicle, f.breaks, f.weight, f.travel, f.metres
    stop, route = p.stop, p.route
    mode, staff, end = vehicles[v, MODE], vehicles[v, WHO], vehicles[v, TO]
    soft, hard, km = vehicles[v, SOFT], vehicles[v, HARD], vehicles[v, KM]
    low, until = vehicles[v, BREAK], vehicles[v, BREAK_END]
    size = route[v, SIZE]
    here, group = vehicles[v, FROM], -1
    ways, worst, cost, timed, goods, road = 0, 0, 0, 0, 0, 0
    for k in range(size):
        visit = stop[v, k, VISIT]
        place, mine, entry = visits[visit, PLACE], visits[visit, GROUP], visits[visit, ACCESS]
        way = 0
        if here >= 0:
            way = travel[mode, here, place]
            if km > 0:
                road += metres[mode, here, place]
        stop[v, k, WAY], stop[v, k, SPOT], stop[v, k, ENTRY] = way, place, entry
        stop[v, k, CLAN], stop[v, k, LENGTH] = mine, longs[staff, visit]
        stop[v, k, NEED] = way if mine >= 0 and mine == group else way + entry
        held, own = agreed[visit, HELD], visits[visit, TIMED]
        several, opens, shuts = 0, held, held
        if held < 0:
            several = int(visits[visit, WINDOW_END] - visits[visit, WINDOW] > 1)
            opens, shuts = visits[visit, FIRST], visits[visit, FINAL]
        timed += own
        stop[v, k, SEVERAL], stop[v, k, OPEN], stop[v, k, SHUT] = several, opens, shuts
        stop[v, k, OWN] = own if held < 0 else 0
        ways += way
        worst = max(worst, way)
        cost += likes[visit, staff]
        goods += visits[visit, GOODS]
        here, group = place, mine
    way = 0
    if here >= 0 and end >= 0 and size > 0:
        way = travel[mode, here, end]
        if km > 0:
            road += metres[mode, here, end]
    ways += way
    worst = max(worst, way)
    stop[v, size, VISIT], stop[v, size, WAY], stop[v, size, SPOT] = -1, way, end
    stop[v, size, ENTRY], stop[v, size, CLAN], stop[v, size, LAST] = 0, -1, hard
    stop[v, size, NEED] = way
    limit, last = soft - way, hard - way
    for k in range(size - 1, -1, -1):
        visit, long, need = stop[v, k, VISIT], stop[v, k, LENGTH], stop[v, k, NEED]
        several, opens, shuts = stop[v, k, SEVERAL], stop[v, k, OPEN], stop[v, k, SHUT]
        last = closing(visits, windows, agreed, visit, several, opens, shuts, last - long)
        # Nothing may come between a pinned visit and the one before it.
        stop[v, k, LAST] = last if visits[visit, LEADER] == -1 else -1
        last -= need
        limit = min(limit - long, visits[visit, WISH_HIGH])
        limit = closing(visits, windows, agreed, visit, several, opens, shuts, limit)
        if limit < 0:
            limit = -FAR
        stop[v, k, LIMIT], stop[v, k, AIM] = limit, min(limit, visits[visit, AIMED])
        limit -= need
    finish, eager, waits = BIG, 0, False
    for kind in range(2):
        now, taken = vehicles[v, OPENS], low
        for k in range(size):
            visit, long, need = stop[v, k, VISIT], stop[v, k, LENGTH], stop[v, k, NEED]
            aim = stop[v, k, AIM] if kind == 1 else 0
            start, taken = step(
                visits,
                windows,
                agreed,
                breaks,
                visit,
                stop[v, k, SEVERAL],
                stop[v, k, OPEN],
                stop[v, k, SHUT],
                long,
                now,
                need,
                aim,
                taken,
                until,
            )
            stop[v, k, START], stop[v, k, RESTED] = start, taken
            now = start + long
            if kind == 0:
                stop[v, k, ENDS], stop[v, k, SOONEST] = now, taken
                waits |= stop[v, k, AIM] > start
        done = come_home(breaks, now, way, taken, until, hard)
        if done < BIG:
            finish = done
        elif kind == 1:
            # It cannot wait: everything as early as possible.
            eager = 1
            for k in range(size):
                stop[v, k, START] = stop[v, k, ENDS] - stop[v, k, LENGTH]
        if not waits and finish < BIG:
            break
    broken = size > 0 and (finish >= BIG or worst > vehicles[v, LEG])
    before, late, price = route[v, COST], 0, 0
    paid = vehicles[v, HOUR] > 0 or weight[WAITING] > 0
    if size == 0 or broken:
        cost, finish = 0, 0
    elif paid:
        for k in range(size):
            order[k] = stop[v, k, VISIT]
        cost = price_order(f, agreed, v, order, size, timed > 0, scratch, starts, pauses)
        for k in range(size):
            stop[v, k, START] = starts[k]
    else:
        cost += weight[TRAVEL] * ways + weight[OVERTIME] * max(0, finish - soft)
        cost += km * road // 1000
    if size > 0 and not broken and timed > 0:
        for k in range(size):
            visit, start = stop[v, k, VISIT], stop[v, k, START]
            mine = 0
            if stop[v, k, OWN] == 1:
                mine = start_cost(visits, weight, visit, start)
            stop[v, k, PRICE] = mine
            price += mine
            late = max(late, start - visits[visit, WISH_HIGH])
        if not paid:
            cost += price
    # What a later arrival costs at least, here or further on.
    due = FAR
    if weight[OVERTIME] > 0:
        due = max(finish, soft)
    stop[v, size, DUE] = due
    for k in range(size - 1, -1, -1):
        visit = stop[v, k, VISIT]
        due -= stop[v, k + 1, NEED] + stop[v, k, LENGTH]
        if weight[LATE] > 0 and stop[v, k, OWN] == 1:
            due = min(due, max(stop[v, k, START], visits[visit, WISH_HIGH]))
        stop[v, k, DUE] = due
    p.total[0] += cost - before
    p.total[2] += int(broken) - route[v, BROKEN]
    busy, most = p.busy, f.staff[staff, ROAD]
    p.total[2] -= int(busy[staff, DRIVEN] > most)
    busy[staff, DRIVEN] += ways - route[v, WAYS]
    p.total[2] += int(busy[staff, DRIVEN] > most)
    route[v, TIMES], route[v, CARRIED], route[v, COST], route[v, WAYS] = timed, goods, cost, ways
    route[v, WORST] = late if weight[LARGEST] > 0 else 0
    route[v, BROKEN], route[v, FINISH], route[v, EAGER] = int(broken), finish, eager
    route[v, STARTS], route[v, METRES] = price, road
