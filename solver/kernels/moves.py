"""Compiled changes of a plan: put a visit in, take one out, price a route with one more."""

from __future__ import annotations

from solver.kernels.arrays import (
    FEW_HARD,
    HARDNESS,
    HEAVY,
    HELD,
    HOME,
    I8,
    LOAD,
    MADE,
    SHARE,
    SIZE,
    STRAIN,
    TIMED,
    TIMES,
    UNTIL,
    USE,
    VISIT,
    WHO,
    WORK,
    Fixed,
    Live,
)
from solver.kernels.clock import price_order, start_cost
from solver.kernels.compiled import inlined, loop

__all__ = ["behind", "held_cost", "price_with", "put_in", "take_out"]


@inlined
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


@loop
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


@inlined
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


@loop
def held_cost(f: Fixed, p: Live, visit: int) -> int:
    """Cost of the held start of a visit in a tied cluster."""
    held = p.agreed[visit, HELD]
    if held >= 0 and f.visit[visit, TIMED] == 1:
        return start_cost(f.visit, f.weight, visit, held)
    return 0


@loop
def take_out(f: Fixed, p: Live, visit: int) -> None:
    """Take a visit out of all its routes and let its start go; refresh those routes afterwards."""
    p.total[0] -= held_cost(f, p, visit)
    for c in range(HOME, HOME + 4):
        if p.agreed[visit, c] >= 0:
            _leave(f, p, visit, p.agreed[visit, c])
    for c in range(UNTIL + 1):
        p.agreed[visit, c] = -1


@loop
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


@loop
def behind(stops: I8, v: int, size: int, lead: int) -> int:
    """Position directly after the visit `lead` in a route (0 for FIRST); -1: it is not there."""
    if lead < -1:
        return 0
    for k in range(size):
        if stops[v, k, VISIT] == lead:
            return k + 1
    return -1
