"""Compiled ruin and recreate: take neighbouring strings of visits out, put them back greedily.

After Christiaens & Vanden Berghe, "Slack induction by string removals for vehicle routing
problems", Transportation Science 54(2), 2020; tied clusters, breaks, several windows, optional
visits and costs of time are handled inside.
"""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

import numpy as np

from solver.kernels.arrays import (
    BIG,
    BROKEN,
    CLUSTER,
    CREW,
    DEPTH,
    ENDS,
    FINAL,
    FIRST,
    FOLLOWER,
    HARD,
    HOME,
    I8,
    LARGEST,
    LEADER,
    LONG,
    MEMBER,
    MEMBER_END,
    OPENS,
    PENALTY,
    REMOTE,
    ROUTE_COLUMNS,
    SIBLING,
    SIZE,
    STOP_COLUMNS,
    TIED,
    VISIT,
    WHO,
    WORST,
    Fixed,
    Live,
)
from solver.kernels.compiled import inlined, loop
from solver.kernels.moves import put_in, take_out
from solver.kernels.places import best_single
from solver.kernels.route import refresh
from solver.kernels.together import place_cluster

__all__ = ["Bench", "bench_of", "copy_plan", "fill", "largest_cost", "search"]

#: Visits taken out per step on average, longest string, share (of 1024) of places passed over.
REMOVED = 10
LONGEST = 10
SKIPPED = 10
#: Of the rounds that begin at an absent visit, how many make room where it could be made.
ROOM_MADE = 0.5


class Bench(NamedTuple):
    """Scratch of the search; contents mean nothing between calls except `random`."""

    random: I8
    order: I8
    scratch: I8  # (3, longest route)
    starts: I8
    pauses: I8
    tried: I8
    offer: I8
    small: I8
    touch: I8  # (V,) 1: route changed in this step
    saved: I8  # (C,) clusters changed in this step
    marks: I8  # (C,) 1: in `saved`
    key: I8


def bench_of(f: Fixed, seed: int) -> Bench:
    """Scratch arrays; the seed fixes every random choice."""
    vehicles, visits, clusters = len(f.vehicle), len(f.visit), len(f.cluster)
    mixed = (seed * 0x9E3779B97F4A7C15 + 0x1234567) % (1 << 63) or 1
    return Bench(
        random=np.array([mixed], dtype=np.int64),
        order=np.zeros(2 * visits + 2, dtype=np.int64),
        scratch=np.zeros((3, visits + 2), dtype=np.int64),
        starts=np.zeros(visits + 2, dtype=np.int64),
        pauses=np.zeros((len(f.breaks) + 1, 2), dtype=np.int64),
        tried=np.zeros(vehicles + 1, dtype=np.int64),
        offer=np.zeros((visits * 2 + vehicles + 64, 8), dtype=np.int64),
        small=np.zeros(64, dtype=np.int64),
        touch=np.zeros(vehicles + 1, dtype=np.int64),
        saved=np.zeros(clusters + 1, dtype=np.int64),
        marks=np.zeros(clusters + 1, dtype=np.int64),
        key=np.zeros(clusters + 1, dtype=np.int64),
    )


@inlined
def _chance(b: Bench) -> float:
    """Uniform in [0, 1)."""
    x = b.random[0]
    x ^= x << 13
    x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
    x ^= x << 17
    b.random[0] = x
    return float((x >> 11) & 0x1FFFFFFFFFFFFF) / 9007199254740992.0


@inlined
def _pick(b: Bench, count: int) -> int:
    return min(count - 1, int(_chance(b) * count))


# Loops below where slices would do: array assignment takes seconds to compile.
@loop
def _copy_rows(source: I8, target: I8, rows: int) -> None:
    for k in range(rows):
        for c in range(source.shape[1]):
            target[k, c] = source[k, c]


@inlined
def _copy_route(stop: I8, route: I8, to_stop: I8, to_route: I8, v: int) -> None:
    for c in range(ROUTE_COLUMNS):
        to_route[v, c] = route[v, c]
    for k in range(route[v, SIZE] + 1):
        for c in range(STOP_COLUMNS):
            to_stop[v, k, c] = stop[v, k, c]


@loop
def copy_plan(source: Live, target: Live) -> None:
    """Copy a whole plan."""
    stop, route, to_stop, to_route = source.stop, source.route, target.stop, target.route
    for v in range(len(route)):
        _copy_route(stop, route, to_stop, to_route, v)
    _copy_rows(source.agreed, target.agreed, len(source.agreed))
    _copy_rows(source.busy, target.busy, len(source.busy))
    _copy_totals(source, target)


@loop
def _copy_totals(source: Live, target: Live) -> None:
    for k in range(source.total[1]):
        target.absent[k] = source.absent[k]
    for k in range(3):
        target.total[k] = source.total[k]


@loop
def _copy_changed(f: Fixed, b: Bench, source: Live, target: Live, saved: int) -> None:
    """Copy the routes and clusters this step has marked."""
    stop, route, to_stop, to_route = source.stop, source.route, target.stop, target.route
    busy, to_busy, agreed, to_agreed = source.busy, target.busy, source.agreed, target.agreed
    touch, vehicles, clusters, members = b.touch, f.vehicle, f.cluster, f.member
    for v in range(len(route)):
        if touch[v] == 1:
            _copy_route(stop, route, to_stop, to_route, v)
            staff = vehicles[v, WHO]
            for c in range(4):
                to_busy[staff, c] = busy[staff, c]
    for k in range(saved):
        cluster = b.saved[k]
        for j in range(clusters[cluster, MEMBER], clusters[cluster, MEMBER_END]):
            visit = members[j]
            for c in range(6):
                to_agreed[visit, c] = agreed[visit, c]
    _copy_totals(source, target)


@loop
def _remove_cluster(f: Fixed, p: Live, b: Bench, cluster: int, saved: int) -> int:
    """Take a placed cluster out and list it as absent; routes are marked, not refreshed."""
    for k in range(f.cluster[cluster, MEMBER], f.cluster[cluster, MEMBER_END]):
        visit = f.member[k]
        for c in range(HOME, HOME + 4):
            if p.agreed[visit, c] >= 0:
                b.touch[p.agreed[visit, c]] = 1
        take_out(f, p, visit)
    p.absent[p.total[1]] = cluster
    p.total[1] += 1
    p.total[0] += f.cluster[cluster, PENALTY]
    return _mark(b, cluster, saved)


@inlined
def _mark(b: Bench, cluster: int, saved: int) -> int:
    if b.marks[cluster] == 0:
        b.marks[cluster] = 1
        b.saved[saved] = cluster
        saved += 1
    return saved


@loop
def _position(p: Live, v: int, visit: int) -> int:
    for k in range(p.route[v, SIZE]):
        if p.stop[v, k, VISIT] == visit:
            return k
    return -1


@loop
def _remove_string(f: Fixed, p: Live, b: Bench, v: int, visit: int, length: int, saved: int) -> int:
    """Take out a run of visits around `visit`, half of the time leaving a gap inside it."""
    size = p.route[v, SIZE]
    at = _position(p, v, visit)
    keep = 0
    if length > 1 and length < size and _chance(b) < 0.5:
        while length + keep < size and _chance(b) > 0.01:
            keep += 1
            if _chance(b) < 0.5:
                break
    span = length + keep
    low = max(0, at - span + 1)
    high = min(at, size - span)
    first = low + _pick(b, high - low + 1)
    gap = first + _pick(b, length) if keep > 0 else -1
    count = 0
    for k in range(first, first + span):
        if keep > 0 and gap <= k < gap + keep and k != at:
            continue
        b.order[count] = p.stop[v, k, VISIT]
        count += 1
    return _remove_listed(f, p, b, count, saved)


@loop
def _remove_listed(f: Fixed, p: Live, b: Bench, count: int, saved: int) -> int:
    """Take out the clusters of the first `count` visits of `b.order` and what must follow them."""
    k = 0
    while k < count:
        cluster = f.visit[b.order[k], CLUSTER]
        if p.agreed[b.order[k], HOME] >= 0:
            saved = _remove_cluster(f, p, b, cluster, saved)
            # What order pins put directly after one of its visits goes too.
            for m in range(f.cluster[cluster, MEMBER], f.cluster[cluster, MEMBER_END]):
                follower = f.visit[f.member[m], FOLLOWER]
                while follower >= 0:
                    b.order[count] = follower
                    count += 1
                    follower = f.visit[follower, SIBLING]
        k += 1
    return saved


@loop
def _make_room(f: Fixed, p: Live, b: Bench, visit: int, wanted: int, longest: float) -> int:
    """Remove strings of carers who could make an absent visit, around a time it could be made.

    Whoever is on the way near by is often not who may make it; a shared visit with a narrow window
    needs room in two of a few routes at once.
    """
    low, high = f.visit[visit, FIRST], f.visit[visit, FINAL] + f.visit[visit, LONG]
    aim = low + int(_chance(b) * (high - low + 1))
    saved = 0
    for _ in range(wanted):
        chosen, seen = -1, 0
        for v in range(len(f.vehicle)):
            if (
                f.usable[visit, v]
                and b.touch[v] == 0
                and p.route[v, SIZE] > 0
                and f.vehicle[v, OPENS] <= aim <= f.vehicle[v, HARD]
            ):
                seen += 1
                if _pick(b, seen) == 0:
                    chosen = v
        if chosen < 0:
            break
        size, at = p.route[chosen, SIZE], 0
        while at < size - 1 and p.stop[chosen, at, ENDS] < aim:
            at += 1
        length = min(int(_chance(b) * min(float(size), longest) + 1.0), size)
        saved = _remove_string(f, p, b, chosen, p.stop[chosen, at, VISIT], length, saved)
        b.touch[chosen] = 1
    return saved


@loop
def _ruin(f: Fixed, p: Live, b: Bench) -> int:
    """Remove strings around a random visit; returns how many clusters are marked as changed."""
    visits = len(f.visit)
    for v in range(len(b.touch)):
        b.touch[v] = 0
    saved = 0
    used = 0
    stops = 0
    for v in range(len(p.route)):
        if p.route[v, SIZE] > 0:
            used += 1
            stops += p.route[v, SIZE]
    if used == 0:
        return 0
    mean = stops / used
    longest = min(float(LONGEST), mean)
    strings = 4.0 * REMOVED / (1.0 + longest) - 1.0
    wanted = int(_chance(b) * strings + 1.0)
    seed = _pick(b, visits)
    if p.total[1] > 0 and _chance(b) < 0.3:
        cluster = p.absent[_pick(b, p.total[1])]
        seed = f.member[f.cluster[cluster, MEMBER]]
        if f.visit[seed, LEADER] >= 0:
            # It has one place only: directly after another visit.
            seed = f.visit[seed, LEADER]
        elif _chance(b) < ROOM_MADE:
            return _make_room(f, p, b, seed, max(wanted, f.visit[seed, CREW]), longest)
    done = 0
    for k in range(-1, f.near.shape[1]):
        if done >= wanted:
            break
        visit = seed if k < 0 else f.near[seed, k]
        v = p.agreed[visit, HOME]
        if v < 0:
            continue
        if f.visit[visit, CREW] > 1:
            v = p.agreed[visit, HOME + _pick(b, f.visit[visit, CREW])]
        if b.touch[v] == 1:
            continue
        most = min(float(p.route[v, SIZE]), longest)
        length = int(_chance(b) * most + 1.0)
        saved = _remove_string(f, p, b, v, visit, min(length, p.route[v, SIZE]), saved)
        b.touch[v] = 1
        done += 1
    return saved


@loop
def _empty_broken(f: Fixed, p: Live, b: Bench, saved: int) -> int:
    """Empty routes that what was taken out left impossible: a leg too long, a window missed."""
    again = True
    while again:
        again = False
        for v in range(len(p.route)):
            if p.route[v, BROKEN] == 0:
                continue
            again = True
            size = p.route[v, SIZE]
            for k in range(size):
                b.order[k] = p.stop[v, k, VISIT]
            saved = _remove_listed(f, p, b, size, saved)
            for w in range(len(p.route)):
                if b.touch[w] == 1:
                    refresh(f, p, w, b.order, b.scratch, b.starts, b.pauses)
    return saved


@loop
def largest_cost(f: Fixed, p: Live) -> int:
    """Cost of the largest lateness of the plan."""
    worst = 0
    for v in range(len(p.route)):
        worst = max(worst, p.route[v, WORST])
    return int(f.weight[LARGEST] * worst)


@loop
def _order_absent(f: Fixed, p: Live, b: Bench) -> None:
    """Sort the absent clusters by a random one of several keys."""
    count = p.total[1]
    roll = _chance(b)
    tied_first = _chance(b) < 0.7
    for k in range(count):
        cluster = p.absent[k]
        visit = f.member[f.cluster[cluster, MEMBER]]
        low, high = f.visit[visit, FIRST], f.visit[visit, FINAL]
        if roll < 0.30:
            key = int(_chance(b) * 1000000000)
        elif roll < 0.42:
            key = -f.visit[visit, LONG]
        elif roll < 0.57:
            key = -f.visit[visit, REMOTE]
        elif roll < 0.64:
            key = f.visit[visit, REMOTE]
        elif roll < 0.79:
            key = high - low
        elif roll < 0.89:
            key = low
        else:
            key = -high
        if tied_first and f.cluster[cluster, TIED] == 1:
            key -= 1 << 40
        # What must be served comes before what may.
        if f.cluster[cluster, PENALTY] >= 1000000:
            key -= 1 << 42
        # What comes directly after another visit can only follow it.
        key += f.cluster[cluster, DEPTH] << 44
        b.key[k] = key
    for k in range(1, count):
        key = b.key[k]
        cluster = p.absent[k]
        j = k - 1
        while j >= 0 and b.key[j] > key:
            b.key[j + 1] = b.key[j]
            p.absent[j + 1] = p.absent[j]
            j -= 1
        b.key[j + 1] = key
        p.absent[j + 1] = cluster


@loop
def fill(f: Fixed, p: Live, b: Bench, skip: int, saved: int) -> int:
    """Put absent clusters back where they are cheapest; what costs more than leaving it stays out.

    Marks changed routes and clusters; returns how many clusters are marked.
    """
    _order_absent(f, p, b)
    count = p.total[1]
    left = 0
    for k in range(count):
        cluster = p.absent[k]
        done = False
        if f.cluster[cluster, TIED] == 1:
            done = place_cluster(
                f,
                p,
                cluster,
                skip,
                b.random,
                b.offer,
                b.order,
                b.scratch,
                b.starts,
                b.pauses,
                b.small,
                b.touch,
            )
        else:
            visit = f.member[f.cluster[cluster, MEMBER]]
            out = b.small[40:43]
            best_single(
                f,
                p,
                visit,
                f.cluster[cluster, PENALTY],
                skip,
                b.random,
                b.tried,
                b.offer,
                b.order,
                b.scratch,
                b.starts,
                b.pauses,
                out,
            )
            if out[0] < BIG:
                v = out[1]
                b.touch[v] = 1
                put_in(f, p, visit, v, out[2])
                refresh(f, p, v, b.order, b.scratch, b.starts, b.pauses)
                done = True
        if done:
            p.total[0] -= f.cluster[cluster, PENALTY]
            saved = _mark(b, cluster, saved)
        else:
            p.absent[left] = cluster
            left += 1
    p.total[1] = left
    return saved


@loop
def search(
    f: Fixed,
    now: Live,
    kept: Live,
    best: Live,
    b: Bench,
    steps: int,
    hot: float,
    cold: float,
    skip: int,
) -> int:
    """`steps` rounds of ruin and recreate, cooling from `hot` to `cold`.

    now
        Current plan, equal to `kept` before and after.
    best
        Cheapest plan so far; updated.
    skip
        Of 1024 places, how many are passed over by chance.

    Returns how many rounds found a new best.
    """
    found = 0
    heat = hot
    largest = f.weight[LARGEST] > 0
    kept_cost, best_cost = kept.total[0], best.total[0]
    if largest:
        kept_cost += largest_cost(f, kept)
        best_cost += largest_cost(f, best)
    cooling = exp(log(cold / hot) / max(1, steps))
    for _ in range(steps):
        heat *= cooling
        saved = _ruin(f, now, b)
        for v in range(len(now.route)):
            if b.touch[v] == 1:
                refresh(f, now, v, b.order, b.scratch, b.starts, b.pauses)
        if now.total[2] > 0:
            saved = _empty_broken(f, now, b, saved)
        saved = fill(f, now, b, skip, saved)
        cost = now.total[0]
        if largest:
            cost += largest_cost(f, now)
        limit = kept_cost - heat * log(max(1e-300, _chance(b)))
        if cost < limit and now.total[2] == 0:
            _copy_changed(f, b, now, kept, saved)
            kept_cost = cost
            if cost < best_cost:
                copy_plan(now, best)
                best_cost = cost
                found += 1
        else:
            _copy_changed(f, b, kept, now, saved)
        for k in range(saved):
            b.marks[b.saved[k]] = 0
    return found
