"""How the search for single visits holds a plan: routes as rows of numbers, changed in place.

One carer and one window per visit, nothing tied, one shift per carer without breaks: every question
about a place is answered from two neighbouring rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from solver.kernels.arrays import I4, I8

__all__ = ["Alone", "Desk", "Routes", "alone_of", "copy_routes", "desk_of", "rebuild", "routes_of"]

B1 = npt.NDArray[np.bool_]


# Columns of Alone.visit. LONG: access and service; FIRST, FINAL: bounds on the arrival.
PLACE, LONG, FIRST, FINAL, GOODS, PENALTY, FAR_OFF, WORK = range(8)
# Columns of Alone.vehicle.
MODE, FROM, TO, OPENS, HARD, KIND, ROOM, MOST, USE, SHARE = range(10)
# Columns of Routes.stop. Row 0 is the start, the row after the last visit the end of the shift.
# ENDS: end of service; LAST: latest arrival from which the rest can still be kept; WAY: travel to
# here; ONSET, WORKS, FINISH: FIRST, LONG and FINAL of the visit.
VISIT, ENDS, LAST, WAY, SPOT, ONSET, WORKS, FINISH = range(8)
# Columns of Routes.route.
SIZE, COST, CARRIED, LOAD = range(4)


class Alone(NamedTuple):
    """The problem. V vehicles, N visits, P places and one more that is nowhere: no way to it."""

    travel: I4  # (modes, P + 1, P + 1)
    travel_t: I4
    vehicle: I8  # (V, 10)
    visit: I8  # (N, 8)
    usable: B1  # (N, V)
    likes: I8  # (N, V)
    near: I4  # (N, K) other visits, nearest first
    weight: I8  # (2,) of a second of travel, of a second above the fair share
    code: I8  # (N + 1, 2) random numbers of each visit, and of no visit, for fingerprints
    mirrored: bool  # the way back always takes as long as the way there


class Routes(NamedTuple):
    """A plan."""

    stop: I4  # (V, M + 2, 8)
    route: I8  # (V, 4)
    sign: I8  # (V,) fingerprint of the order; equal orders of one vehicle have equal ones
    where: I4  # (N,) vehicle (-1: left out)
    absent: I8  # (N,)
    total: I8  # (2,) cost; number of absent visits


class Desk(NamedTuple):
    """Scratch of the search; contents mean nothing between calls except `random`."""

    random: I8
    tried: I8  # (V + 1,) number of the present look, and by kind of idle shift of the last one
    touch: I8  # (V,)
    touched: I8  # (V,)
    key: I8  # (N,)
    found: I8  # (2,) vehicle and row of the place found
    open: I8  # (V + 1,) vehicles worth a look: all in use, and one idle of each kind
    memo: I8  # (N, V, 2) fingerprint of the route a visit last looked at, and the extra cost there
    memo_at: I4  # (N, V) the row for it


def alone_of(
    travel: I4,
    vehicle: I8,
    visit: I8,
    usable: B1,
    likes: I8,
    near: I4,
    weight: I8,
) -> Alone:
    """The problem with its matrices laid out both ways.

    travel
        Shape (modes, P, P). FROM and TO of a vehicle may be P: nowhere.
    """
    chain = _chain(travel)
    wide = np.zeros((len(travel), travel.shape[1] + 1, travel.shape[1] + 1), dtype=np.int32)
    wide[:, :-1, :-1] = travel[:, chain][:, :, chain]
    # Where each place went; nowhere stays last.
    moved = np.append(np.argsort(chain), len(chain))
    vehicle, visit = vehicle.copy(), visit.copy()
    vehicle[:, [FROM, TO]], visit[:, PLACE] = moved[vehicle[:, [FROM, TO]]], moved[visit[:, PLACE]]
    turned = np.ascontiguousarray(wide.transpose(0, 2, 1))
    mirrored = bool((wide == turned).all())
    if mirrored:
        turned = wide  # Half as much to keep near the processor.
    code = np.random.default_rng(1).integers(-(2**63), 2**63 - 1, (len(visit) + 1, 2), np.int64)
    return Alone(wide, turned, vehicle, visit, usable, likes, near, weight, code, mirrored)


def _chain(travel: I4) -> I8:
    """All places, each followed by the nearest not yet named: near ones share cache lines."""
    quickest = travel.min(axis=0)
    left = np.ones(len(quickest), dtype=np.bool_)
    out, here = [], 0
    for _ in range(len(quickest)):
        left[here] = False
        out.append(here)
        here = int(np.where(left, quickest[here], np.iinfo(np.int32).max).argmin())
    return np.array(out, dtype=np.int64)


def routes_of(a: Alone) -> Routes:
    """A plan with nothing in it."""
    visits, vehicles = len(a.visit), len(a.vehicle)
    plan = Routes(
        stop=np.zeros((vehicles, _longest(a) + 2, 8), dtype=np.int32),
        route=np.zeros((vehicles, 4), dtype=np.int64),
        sign=np.zeros(vehicles, dtype=np.int64),
        where=np.full(visits, -1, dtype=np.int32),
        absent=np.arange(visits, dtype=np.int64),
        total=np.array([int(a.visit[:, PENALTY].sum()), visits], dtype=np.int64),
    )
    for v in range(vehicles):
        rebuild(a, plan, v)
    return plan


def _longest(a: Alone) -> int:
    """A bound on the visits of one route, by time, goods and the limit of each vehicle."""
    if len(a.visit) == 0 or len(a.vehicle) == 0:
        return 0
    time = int((a.vehicle[:, HARD] - a.vehicle[:, OPENS]).max())
    room, most = int(a.vehicle[:, ROOM].max()), int(a.vehicle[:, MOST].max())
    fits = (np.cumsum(np.sort(a.visit[:, LONG])) <= time) & (
        np.cumsum(np.sort(a.visit[:, GOODS])) <= room
    )
    return min(int(fits.sum()) + 1, most, len(a.visit))


def desk_of(a: Alone, seed: int) -> Desk:
    """Scratch arrays; the seed fixes every random choice."""
    visits, vehicles = len(a.visit), len(a.vehicle)
    mixed = (seed * 0x9E3779B97F4A7C15 + 0x1234567) % (1 << 63) or 1
    return Desk(
        random=np.array([mixed], dtype=np.int64),
        tried=np.zeros(vehicles + 1, dtype=np.int64),
        touch=np.zeros(vehicles + 1, dtype=np.int64),
        touched=np.zeros(vehicles + 1, dtype=np.int64),
        key=np.zeros(visits + 1, dtype=np.int64),
        found=np.zeros(2, dtype=np.int64),
        open=np.zeros(vehicles + 1, dtype=np.int64),
        # No route has this fingerprint but by a chance of one in 2 ** 64.
        memo=np.full((visits, vehicles, 2), 0x5DEECE66D1CE4E5B, dtype=np.int64),
        memo_at=np.zeros((visits, vehicles), dtype=np.int32),
    )


@njit(cache=True)
def draw(random: I8) -> int:
    x = random[0]
    x ^= x << 13
    x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
    x ^= x << 17
    random[0] = x
    return int(x)


@njit(cache=True)
def chance(random: I8) -> float:
    """Uniform in [0, 1)."""
    return float((draw(random) >> 11) & 0x1FFFFFFFFFFFFF) / 9007199254740992.0


@njit(cache=True)
def pick(random: I8, count: int) -> int:
    return min(count - 1, int(chance(random) * count))


@njit(cache=True)
def rebuild(a: Alone, p: Routes, v: int) -> None:
    """Compute every number of route `v` from its order, and the plan's total."""
    stop, visits, vehicles, code = p.stop, a.visit, a.vehicle, a.code
    mode, size = vehicles[v, MODE], p.route[v, SIZE]
    stop[v, 0, VISIT], stop[v, 0, ENDS] = -1, vehicles[v, OPENS]
    stop[v, 0, SPOT] = vehicles[v, FROM]
    ways, liking, goods, work, sign = 0, 0, 0, 0, np.int64(0)
    for k in range(1, size + 1):
        visit = stop[v, k, VISIT]
        mine = visits[visit]
        stop[v, k, SPOT], stop[v, k, ONSET] = mine[PLACE], mine[FIRST]
        stop[v, k, WORKS], stop[v, k, FINISH] = mine[LONG], mine[FINAL]
        way = a.travel[mode, stop[v, k - 1, SPOT], mine[PLACE]]
        stop[v, k, WAY] = way
        ways += way
        liking += a.likes[visit, v]
        goods += mine[GOODS]
        work += mine[WORK]
        sign += code[stop[v, k - 1, VISIT], 0] * code[visit, 1]
        p.where[visit] = v
    end = vehicles[v, TO]
    way = a.travel[mode, stop[v, size, SPOT], end] if size > 0 else 0
    stop[v, size + 1, VISIT], stop[v, size + 1, WAY], stop[v, size + 1, SPOT] = -1, way, end
    stop[v, size + 1, LAST] = vehicles[v, HARD]
    retime(stop, v, 1, size, size, 1)
    cost = a.weight[0] * (ways + way) + liking
    cost += a.weight[1] * max(0, work - vehicles[v, SHARE])
    if size > 0:
        cost += vehicles[v, USE]
    p.total[0] += cost - p.route[v, COST]
    p.route[v, COST], p.route[v, CARRIED], p.route[v, LOAD] = cost, goods, work
    p.sign[v] = sign + code[stop[v, size, VISIT], 0] * code[-1, 1]


@njit(cache=True, inline="always")
def retime(stop: I4, v: int, low: int, size: int, sure: int, back: int) -> None:
    """Times of a route whose ways changed, as far as they differ.

    low, sure
        Ends of service from row `low` on; up to row `sure` whatever they were.
    back
        Latest arrivals of rows before `sure`, down to row `back` whatever they were.
    """
    now = stop[v, low - 1, ENDS]
    for k in range(low, size + 1):
        now = max(now + stop[v, k, WAY], stop[v, k, ONSET]) + stop[v, k, WORKS]
        if now == stop[v, k, ENDS] and k > sure:
            break
        stop[v, k, ENDS] = now
    limit = stop[v, sure + 1, LAST]
    for k in range(sure, 0, -1):
        limit = min(stop[v, k, FINISH], limit - stop[v, k + 1, WAY] - stop[v, k, WORKS])
        if limit == stop[v, k, LAST] and k < back:
            break
        stop[v, k, LAST] = limit


@njit(cache=True, inline="always")
def overload(a: Alone, p: Routes, v: int, work: int) -> int:
    """Cost of so much more work of a carer, above the fair share."""
    if a.weight[1] == 0:
        return 0
    over = p.route[v, LOAD] - a.vehicle[v, SHARE]
    return int(a.weight[1] * (max(0, over + work) - max(0, over)))


@njit(cache=True, inline="always")
def copy_route(source: Routes, target: Routes, v: int) -> None:
    for c in range(4):
        target.route[v, c] = source.route[v, c]
    target.sign[v] = source.sign[v]
    there, here, where = target.stop, source.stop, target.where
    for k in range(source.route[v, SIZE] + 2):
        for c in range(8):
            there[v, k, c] = here[v, k, c]
        visit = here[v, k, VISIT]
        if visit >= 0:
            where[visit] = v


@njit(cache=True, inline="always")
def copy_rest(source: Routes, target: Routes) -> None:
    """Totals and what is left out; before the routes are copied."""
    for k in range(source.total[1]):
        visit = source.absent[k]
        target.absent[k] = visit
        target.where[visit] = -1
    target.total[0] = source.total[0]
    target.total[1] = source.total[1]


@njit(cache=True)
def copy_routes(source: Routes, target: Routes) -> None:
    """Copy a whole plan."""
    copy_rest(source, target)
    for v in range(len(source.route)):
        copy_route(source, target, v)


@njit(cache=True, inline="always")
def copy_touched(d: Desk, source: Routes, target: Routes, count: int) -> None:
    copy_rest(source, target)
    for k in range(count):
        copy_route(source, target, d.touched[k])


@njit(cache=True, inline="always")
def take_out(
    a: Alone, p: Routes, v: int, first: int, end: int, gap: int, gap_end: int, at: int
) -> None:
    """Take the visits at `first` to `end` (0: the first visit) out, but for a gap without `at`."""
    stop, code, travel, absent, total = p.stop, a.code, a.travel, p.absent, p.total
    size, mode = p.route[v, SIZE], a.vehicle[v, MODE]
    left, before, ways, gain, sign = first, stop[v, first, VISIT], 0, 0, np.int64(0)
    joint, joined = 0, False
    for k in range(first + 1, size + 2):
        visit = stop[v, k, VISIT]
        if k <= end and (k == at + 1 or not gap < k <= gap_end):
            ways += stop[v, k, WAY]
            sign -= code[before, 0] * code[visit, 1]
            gain += (
                a.likes[visit, v] + overload(a, p, v, 0) - overload(a, p, v, -a.visit[visit, WORK])
            )
            p.route[v, LOAD] -= a.visit[visit, WORK]
            p.route[v, CARRIED] -= a.visit[visit, GOODS]
            p.where[visit] = -1
            absent[total[1]] = visit
            total[1] += 1
            total[0] += a.visit[visit, PENALTY]
            joined = True
        else:
            left += 1
            if left < k:
                for c in range(8):
                    stop[v, left, c] = stop[v, k, c]
            if joined:
                joined = False
                joint = left
                way = travel[mode, stop[v, left - 1, SPOT], stop[v, left, SPOT]]
                ways += stop[v, left, WAY] - way
                stop[v, left, WAY] = way
                sign += code[stop[v, left - 1, VISIT], 0] * code[visit, 1]
                sign -= code[before, 0] * code[visit, 1]
        before = visit
    size = left - 1
    if size == 0:
        ways += stop[v, 1, WAY]
        stop[v, 1, WAY] = 0
        gain += a.vehicle[v, USE]
    gain += a.weight[0] * ways
    p.route[v, SIZE] = size
    p.route[v, COST] -= gain
    p.sign[v] += sign
    total[0] -= gain
    retime(stop, v, first + 1, size, joint - 1, first)


@njit(cache=True, inline="always")
def insert(a: Alone, p: Routes, v: int, at: int, visit: int) -> None:
    """Put a visit at row `at` of a route."""
    stop, visits, code = p.stop, a.visit, a.code
    size, mode, place = p.route[v, SIZE], a.vehicle[v, MODE], visits[visit, PLACE]
    for k in range(size + 1, at - 1, -1):
        for c in range(8):
            stop[v, k + 1, c] = stop[v, k, c]
    before, after = stop[v, at - 1, VISIT], stop[v, at + 1, VISIT]
    come = a.travel_t[mode, place, stop[v, at - 1, SPOT]]
    go = a.travel[mode, place, stop[v, at + 1, SPOT]]
    extra = a.weight[0] * (come + go - stop[v, at + 1, WAY]) + a.likes[visit, v]
    extra += overload(a, p, v, visits[visit, WORK])
    if size == 0:
        extra += a.vehicle[v, USE]
    stop[v, at, VISIT], stop[v, at, WAY], stop[v, at + 1, WAY] = visit, come, go
    stop[v, at, SPOT], stop[v, at, ONSET] = place, visits[visit, FIRST]
    stop[v, at, WORKS], stop[v, at, FINISH] = visits[visit, LONG], visits[visit, FINAL]
    retime(stop, v, at, size + 1, at, at)
    p.where[visit] = v
    p.route[v, SIZE] += 1
    p.route[v, COST] += extra
    p.route[v, CARRIED] += visits[visit, GOODS]
    p.route[v, LOAD] += visits[visit, WORK]
    p.total[0] += extra
    p.sign[v] += (
        code[before, 0] * code[visit, 1]
        + code[visit, 0] * code[after, 1]
        - code[before, 0] * code[after, 1]
    )
