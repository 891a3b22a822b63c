"""Compiled annealing over one global order and a carer per visit, for days with soft time.

A plan is an order of all clusters (visits tied by links) and a vehicle for each visit; times follow
by walking the order once, so simultaneous and ordered visits can never block each other. A move
changes a few links; only what it delays or speeds up is timed again, in the global order.

For problems where each visit needs one carer and has one window, each carer one shift, without
breaks: lateness (also the largest of the day) is a cost, hard ends are kept by a steep price.
"""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

import numpy as np
from numba import njit

from solver.kernels.arrays import (
    ACCESS,
    CLUSTER,
    FINAL,
    FIRST,
    FROM,
    GAP_LOW,
    HARD,
    I4,
    I8,
    LATE,
    LINK,
    LINK_END,
    LONG,
    MEMBER,
    MEMBER_END,
    MODE,
    OPENS,
    OTHER,
    PEOPLE,
    PLACE,
    TO,
    TRAVEL,
    WHO,
    WISH_HIGH,
    Fixed,
)

__all__ = ["Chain", "anneal", "chain_of", "copy_chain", "start_chain"]

#: Price of a second after a hard end; above any preference, yet the search may pass through.
HARD_PRICE = 50
GAP = 1 << 24
TRAVELLED, LATENESS, LIKED, BROKEN, LARGEST, COSTS = range(6)


class Chain(NamedTuple):
    """A plan as linked lists. N visits, C clusters, V vehicles."""

    carer: I8  # (N,) vehicle
    before: I8  # (N,) visit before in its route, -1: none
    after: I8  # (N,)
    first: I8  # (V,)
    last: I8  # (V,)
    key: I8  # (C,) place in the global order
    follows: I8  # (C + 1,) next cluster in the order; row C is the head
    leads: I8  # (C + 1,) cluster before
    start: I8  # (N,)
    sums: I8  # (6,)
    random: I8
    heap: I8  # (C + 1,)
    waiting: I8  # (C,) 1: in the heap
    undo: I8  # (4 N + 16, 2) visit and its start before the move
    work: I8  # (64,)
    links: I8  # undo of lists: rows (visit, carer, key)


def chain_of(f: Fixed, seed: int) -> Chain:
    """An empty plan."""
    visits, clusters, vehicles = len(f.visit), len(f.cluster), len(f.vehicle)
    mixed = (seed * 0x9E3779B97F4A7C15 + 0x7654321) % (1 << 63) or 1

    def full(size: int, value: int = -1) -> I8:
        return np.full(size, value, dtype=np.int64)

    return Chain(
        carer=full(visits),
        before=full(visits),
        after=full(visits),
        first=full(vehicles),
        last=full(vehicles),
        key=full(clusters, 0),
        follows=full(clusters + 1),
        leads=full(clusters + 1),
        start=full(visits, 0),
        sums=full(6, 0),
        random=full(1, mixed),
        heap=full(clusters + 1, 0),
        waiting=full(clusters + 1, 0),
        undo=np.zeros((8 * visits + 64, 2), dtype=np.int64),
        work=full(64, 0),
        links=np.zeros((2 * visits + 64, 3), dtype=np.int64),
    )


@njit(cache=True)
def copy_chain(source: Chain, target: Chain) -> None:
    """Copy a plan, not the scratch."""
    for k in range(len(source.carer)):
        target.carer[k] = source.carer[k]
        target.before[k] = source.before[k]
        target.after[k] = source.after[k]
        target.start[k] = source.start[k]
    for k in range(len(source.first)):
        target.first[k] = source.first[k]
        target.last[k] = source.last[k]
    for k in range(len(source.follows)):
        target.follows[k] = source.follows[k]
        target.leads[k] = source.leads[k]
    for k in range(len(source.key)):
        target.key[k] = source.key[k]
    for k in range(6):
        target.sums[k] = source.sums[k]


@njit(cache=True, inline="always")
def _next(random: I8) -> int:
    x = random[0]
    x ^= x << 13
    x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
    x ^= x << 17
    random[0] = x
    return int((x >> 20) & 0x7FFFFFFFFFF)


@njit(cache=True, inline="always")
def _way(visits: I8, vehicles: I8, travel: I4, v: int, one: int, two: int) -> int:
    """Travel between two visits of a vehicle; -1 is its start or end place."""
    here = visits[one, PLACE] if one >= 0 else vehicles[v, FROM]
    there = visits[two, PLACE] if two >= 0 else vehicles[v, TO]
    way = 0
    if here >= 0 and there >= 0 and (one >= 0 or two >= 0):
        way = travel[vehicles[v, MODE], here, there]
    return way


@njit(cache=True)
def _take(
    visits: I8,
    vehicles: I8,
    travel: I4,
    likes: I8,
    carer: I8,
    before: I8,
    after: I8,
    first: I8,
    last: I8,
    sums: I8,
    visit: int,
) -> None:
    """Unlink a visit from its route."""
    v = carer[visit]
    one, two = before[visit], after[visit]
    if one >= 0:
        after[one] = two
    else:
        first[v] = two
    if two >= 0:
        before[two] = one
    else:
        last[v] = one
    sums[TRAVELLED] += (
        _way(visits, vehicles, travel, v, one, two)
        - _way(visits, vehicles, travel, v, one, visit)
        - _way(visits, vehicles, travel, v, visit, two)
    )
    sums[LIKED] -= likes[visit, vehicles[v, WHO]]


@njit(cache=True)
def _give(
    visits: I8,
    vehicles: I8,
    travel: I4,
    likes: I8,
    carer: I8,
    before: I8,
    after: I8,
    first: I8,
    last: I8,
    sums: I8,
    key: I8,
    visit: int,
    v: int,
) -> None:
    """Link a visit into a route where its cluster's key puts it."""
    mine = key[visits[visit, CLUSTER]]
    one = last[v]
    while one >= 0 and key[visits[one, CLUSTER]] > mine:
        one = before[one]
    two = first[v] if one < 0 else after[one]
    carer[visit] = v
    before[visit] = one
    after[visit] = two
    if one >= 0:
        after[one] = visit
    else:
        first[v] = visit
    if two >= 0:
        before[two] = visit
    else:
        last[v] = visit
    sums[TRAVELLED] += (
        _way(visits, vehicles, travel, v, one, visit)
        + _way(visits, vehicles, travel, v, visit, two)
        - _way(visits, vehicles, travel, v, one, two)
    )
    sums[LIKED] += likes[visit, vehicles[v, WHO]]


@njit(cache=True)
def _push(heap: I8, waiting: I8, key: I8, size: int, cluster: int) -> int:
    """Add a cluster to the heap of those to be timed again; its new size."""
    if waiting[cluster] == 1:
        return size
    waiting[cluster] = 1
    k = size
    mine = key[cluster]
    while k > 0:
        up = (k - 1) >> 1
        if key[heap[up]] <= mine:
            break
        heap[k] = heap[up]
        k = up
    heap[k] = cluster
    return size + 1


@njit(cache=True)
def _pop(heap: I8, waiting: I8, key: I8, size: int) -> int:
    """Remove the first cluster of the order from the heap and return it."""
    top = heap[0]
    waiting[top] = 0
    moved = heap[size - 1]
    mine = key[moved]
    k = 0
    while True:
        down = 2 * k + 1
        if down >= size - 1:
            break
        if down + 1 < size - 1 and key[heap[down + 1]] < key[heap[down]]:
            down += 1
        if key[heap[down]] >= mine:
            break
        heap[k] = heap[down]
        k = down
    heap[k] = moved
    return int(top)


@njit(cache=True)
def _settle(
    visits: I8,
    vehicles: I8,
    travel: I4,
    links: I8,
    clusters: I8,
    members: I8,
    carer: I8,
    before: I8,
    after: I8,
    key: I8,
    start: I8,
    sums: I8,
    heap: I8,
    waiting: I8,
    undo: I8,
    work: I8,
    size: int,
    undone: int,
) -> int:
    """Time again what is in the heap and all that follows from it; rows of undo used."""
    while size > 0:
        cluster = _pop(heap, waiting, key, size)
        size -= 1
        low, high = clusters[cluster, MEMBER], clusters[cluster, MEMBER_END]
        for k in range(low, high):
            visit = members[k]
            v = carer[visit]
            one = before[visit]
            now = vehicles[v, OPENS] if one < 0 else start[one] + visits[one, LONG]
            now += _way(visits, vehicles, travel, v, one, visit) + visits[visit, ACCESS]
            work[k - low] = max(now, visits[visit, FIRST])
        moved = high - low > 1
        while moved:
            moved = False
            for k in range(low, high):
                visit = members[k]
                for j in range(visits[visit, LINK], visits[visit, LINK_END]):
                    other = links[j, OTHER]
                    for i in range(low, high):
                        if (
                            members[i] == other
                            and work[i - low] + links[j, GAP_LOW] > work[k - low]
                        ):
                            work[k - low] = work[i - low] + links[j, GAP_LOW]
                            moved = True
        for k in range(low, high):
            visit = members[k]
            new = work[k - low]
            old = start[visit]
            if new == old:
                continue
            undo[undone, 0] = visit
            undo[undone, 1] = old
            undone += 1
            start[visit] = new
            wish, final = visits[visit, WISH_HIGH], visits[visit, FINAL]
            sums[LATENESS] += max(0, new - wish) - max(0, old - wish)
            sums[BROKEN] += max(0, new - final) - max(0, old - final)
            two = after[visit]
            if two >= 0:
                size = _push(heap, waiting, key, size, visits[two, CLUSTER])
    return undone


@njit(cache=True)
def _homes(visits: I8, vehicles: I8, travel: I4, last: I8, start: I8) -> int:
    """Seconds home after hard ends, all vehicles together."""
    total = 0
    for v in range(len(vehicles)):
        end = last[v]
        if end >= 0:
            back = start[end] + visits[end, LONG] + _way(visits, vehicles, travel, v, end, -1)
            total += max(0, back - vehicles[v, HARD])
    return total


@njit(cache=True)
def _price(
    visits: I8,
    vehicles: I8,
    travel: I4,
    weight: I8,
    largest: int,
    hard: bool,
    c_last: I8,
    start: I8,
    sums: I8,
) -> int:
    """Cost of the plan as its sums say."""
    cost = weight[TRAVEL] * sums[TRAVELLED] + weight[LATE] * sums[LATENESS] + sums[LIKED]
    broken = sums[BROKEN]
    if hard:
        broken += _homes(visits, vehicles, travel, c_last, start)
    cost += HARD_PRICE * weight[TRAVEL] * broken
    if largest > 0:
        worst = 0
        if sums[LATENESS] > 0:
            for k in range(len(start)):
                worst = max(worst, start[k] - visits[k, WISH_HIGH])
        sums[LARGEST] = worst
        cost += largest * worst
    return int(cost)


@njit(cache=True)
def _respace(c_key: I8, follows: I8) -> None:
    """Give every cluster a key of its own again, far apart."""
    head = len(c_key)
    now = follows[head]
    value = GAP
    while now >= 0:
        c_key[now] = value
        value += GAP
        now = follows[now]


@njit(cache=True)
def _reorder(key: I8, follows: I8, leads: I8, cluster: int, behind: int) -> bool:
    """Move a cluster directly behind another one (row C: to the front). False: keys are used up."""
    head = len(key)
    low = 0 if behind == head else key[behind]
    following = follows[behind]
    if following == cluster or behind == cluster:
        return True
    high = low + 2 * GAP if following < 0 else key[following]
    if high - low < 2:
        return False
    one, two = leads[cluster], follows[cluster]
    follows[one] = two
    if two >= 0:
        leads[two] = one
    following = follows[behind]
    follows[behind] = cluster
    leads[cluster] = behind
    follows[cluster] = following
    if following >= 0:
        leads[following] = cluster
    key[cluster] = (low + high) >> 1
    return True


@njit(cache=True)
def _conflict(links: I8, visits: I8, vehicles: I8, carer: I8, visit: int, v: int) -> bool:
    """Whether a link forbids this carer, given the carers of the linked visits."""
    for j in range(visits[visit, LINK], visits[visit, LINK_END]):
        kind = links[j, PEOPLE]
        if kind == 0:
            continue
        other = carer[links[j, OTHER]]
        if other < 0:
            continue
        if (vehicles[other, WHO] == vehicles[v, WHO]) != (kind == 1):
            return True
    return False


@njit(cache=True)
def start_chain(f: Fixed, c: Chain, order: I8, told: I8, largest: int) -> bool:
    """A first plan: clusters in the given order, each visit to the carer who gets there soonest.

    told
        Vehicle per visit to take instead; -1: choose.
    """
    visits, vehicles, travel, weight = f.visit, f.vehicle, f.travel, f.weight
    head = len(c.key)
    behind = head
    for k in range(len(order)):
        c.follows[behind] = order[k]
        c.leads[order[k]] = behind
        behind = order[k]
    c.follows[behind] = -1
    _respace(c.key, c.follows)
    for k in range(len(order)):
        cluster = order[k]
        low, high = f.cluster[cluster, MEMBER], f.cluster[cluster, MEMBER_END]
        for _ in range(low, high):
            # Whoever has the fewest carers to choose from chooses first.
            visit = -1
            fewest = len(vehicles) + 1
            for j in range(low, high):
                if c.carer[f.member[j]] < 0:
                    options = 0
                    for v in range(len(vehicles)):
                        options += f.usable[f.member[j], v]
                    if options < fewest:
                        fewest = options
                        visit = f.member[j]
            best = 1 << 60
            chosen = -1
            for v in range(len(vehicles)):
                if not f.usable[visit, v] or _conflict(f.link, visits, vehicles, c.carer, visit, v):
                    continue
                one = c.last[v]
                now = vehicles[v, OPENS] if one < 0 else c.start[one] + visits[one, LONG]
                way = _way(visits, vehicles, travel, v, one, visit)
                late = max(0, now + way - min(visits[visit, WISH_HIGH], visits[visit, FINAL]))
                cost = way + 3 * late
                if cost < best:
                    best = cost
                    chosen = v
            if told[visit] >= 0:
                chosen = told[visit]
            if chosen < 0:
                return False
            _give(
                visits,
                vehicles,
                travel,
                f.likes,
                c.carer,
                c.before,
                c.after,
                c.first,
                c.last,
                c.sums,
                c.key,
                visit,
                chosen,
            )
        size = _push(c.heap, c.waiting, c.key, 0, cluster)
        for j in range(low, high):
            c.start[f.member[j]] = 0
        _settle(
            visits,
            vehicles,
            travel,
            f.link,
            f.cluster,
            f.member,
            c.carer,
            c.before,
            c.after,
            c.key,
            c.start,
            c.sums,
            c.heap,
            c.waiting,
            c.undo,
            c.work,
            size,
            0,
        )
    c.sums[COSTS] = _price(visits, vehicles, travel, weight, largest, True, c.last, c.start, c.sums)
    return True


@njit(cache=True)
def anneal(
    f: Fixed,
    c: Chain,
    best: Chain,
    close: I4,
    moves: int,
    hot: float,
    cold: float,
    largest: int,
    hard: bool,
) -> int:
    """`moves` tries, cooling from `hot` to `cold`; `best` keeps the cheapest plan. New bests."""
    visits, vehicles, travel, weight, likes = f.visit, f.vehicle, f.travel, f.weight, f.likes
    links, clusters, members, usable = f.link, f.cluster, f.member, f.usable
    carer, before, after, first, last = c.carer, c.before, c.after, c.first, c.last
    key, follows, leads, start, sums = c.key, c.follows, c.leads, c.start, c.sums
    heap, waiting, undo, work, lists, random = (
        c.heap,
        c.waiting,
        c.undo,
        c.work,
        c.links,
        c.random,
    )
    count, staff = len(visits), len(vehicles)
    reach = min(close.shape[1], 24)
    found = 0
    heat = hot
    cooling = exp(log(cold / hot) / max(1, moves))
    saved = np.zeros(6, dtype=np.int64)
    # Clusters whose place in the order changes: (cluster, cluster it stood behind).
    shifted = np.zeros((2, 2), dtype=np.int64)
    for _ in range(moves):
        heat *= cooling
        for k in range(6):
            saved[k] = sums[k]
        size, changed, shifts, ok = 0, 0, 0, True
        kind = _next(random) % 100
        visit = _next(random) % count
        cluster = visits[visit, CLUSTER]
        if kind < 90:
            # One cluster moves, alone or in exchange; `plan` rows of `lists` are (visit, carer).
            target = cluster
            behind = leads[cluster]
            v = carer[visit]
            other = -1
            if kind < 60 and reach > 0:
                near = close[visit, _next(random) % reach]
                target = visits[near, CLUSTER]
                v = carer[near]
                behind = target if _next(random) & 1 else leads[target]
            elif kind < 72:
                v = _next(random) % staff
            elif kind < 80:
                hop = visit
                for _ in range(1 + _next(random) % 3):
                    if kind & 1:
                        hop = after[hop] if after[hop] >= 0 else hop
                    else:
                        hop = before[hop] if before[hop] >= 0 else hop
                target = visits[hop, CLUSTER]
                behind = target if kind & 1 else leads[target]
            else:
                other = close[visit, _next(random) % reach] if reach > 0 else visit
                if visits[other, CLUSTER] == cluster:
                    continue
                v = carer[other]
            if other < 0 and (target == cluster and v == carer[visit]):
                continue
            if behind == cluster:
                behind = leads[cluster]
            if not usable[visit, v]:
                continue
            if other >= 0 and not usable[other, carer[visit]]:
                continue
            # Unlink everything of the clusters concerned, remember where it was.
            for part in range(2):
                if part == 1 and other < 0:
                    break
                moving = cluster if part == 0 else visits[other, CLUSTER]
                for k in range(clusters[moving, MEMBER], clusters[moving, MEMBER_END]):
                    one = members[k]
                    lists[changed, 0] = one
                    lists[changed, 1] = carer[one]
                    changed += 1
                    if after[one] >= 0:
                        size = _push(heap, waiting, key, size, visits[after[one], CLUSTER])
                    _take(
                        visits,
                        vehicles,
                        travel,
                        likes,
                        carer,
                        before,
                        after,
                        first,
                        last,
                        sums,
                        one,
                    )
            # A key in the heap must not change; it is filled again when all links are made.
            stale = min(size, 48)
            for k in range(size):
                waiting[heap[k]] = 0
            for k in range(stale):
                work[8 + k] = heap[k]
            size = 0
            if other >= 0:
                # Exchange the places of the two clusters in the order.
                shifted[0, 0], shifted[1, 0] = cluster, visits[other, CLUSTER]
                key[shifted[0, 0]], key[shifted[1, 0]] = key[shifted[1, 0]], key[shifted[0, 0]]
                shifts = 2
            elif target != cluster:
                shifted[0, 0], shifted[0, 1] = cluster, leads[cluster]
                if not _reorder(key, follows, leads, cluster, behind):
                    _respace(key, follows)
                    _reorder(key, follows, leads, cluster, behind)
                shifts = 1
            mine = carer[visit]
            for k in range(changed):
                one = lists[k, 0]
                lists[k, 2] = lists[k, 1]
                if one == visit:
                    lists[k, 2] = v
                elif one == other:
                    lists[k, 2] = mine
                carer[one] = lists[k, 2]
            clash = False
            for k in range(changed):
                if _conflict(links, visits, vehicles, carer, lists[k, 0], lists[k, 2]):
                    clash = True
            if clash and other < 0 and changed == 2:
                # The partner stands in the way: trade carers with it, if both may.
                for k in range(2):
                    if lists[k, 0] != visit:
                        lists[k, 2] = mine
                        carer[lists[k, 0]] = mine
                        ok = ok and usable[lists[k, 0], mine]
                clash = False
                for k in range(2):
                    if _conflict(links, visits, vehicles, carer, lists[k, 0], lists[k, 2]):
                        clash = True
            ok = ok and not clash
            if ok:
                for k in range(changed):
                    _give(
                        visits,
                        vehicles,
                        travel,
                        likes,
                        carer,
                        before,
                        after,
                        first,
                        last,
                        sums,
                        key,
                        lists[k, 0],
                        lists[k, 2],
                    )
                for k in range(stale):
                    size = _push(heap, waiting, key, size, work[8 + k])
                for k in range(changed):
                    one = lists[k, 0]
                    size = _push(heap, waiting, key, size, visits[one, CLUSTER])
                    if after[one] >= 0:
                        size = _push(heap, waiting, key, size, visits[after[one], CLUSTER])
        else:
            # Two carers exchange the rest of their day from here on.
            v = carer[visit]
            near = close[visit, _next(random) % reach] if reach > 0 else visit
            w = carer[near]
            if v == w:
                continue
            limit = key[cluster]
            one, two = visit, first[w]
            while two >= 0 and key[visits[two, CLUSTER]] < limit:
                two = after[two]
            k = one
            while k >= 0:
                lists[changed, 0], lists[changed, 1], lists[changed, 2] = k, v, w
                changed += 1
                ok = ok and usable[k, w]
                k = after[k]
            k = two
            while k >= 0:
                lists[changed, 0], lists[changed, 1], lists[changed, 2] = k, w, v
                changed += 1
                ok = ok and usable[k, v]
                k = after[k]
            if not ok:
                continue
            for k in range(changed):
                carer[lists[k, 0]] = lists[k, 2]
            for k in range(changed):
                if _conflict(links, visits, vehicles, carer, lists[k, 0], lists[k, 2]):
                    ok = False
                    break
            for k in range(changed):
                carer[lists[k, 0]] = lists[k, 1]
            if not ok:
                continue
            for k in range(changed):
                _take(
                    visits,
                    vehicles,
                    travel,
                    likes,
                    carer,
                    before,
                    after,
                    first,
                    last,
                    sums,
                    lists[k, 0],
                )
            for k in range(changed):
                _give(
                    visits,
                    vehicles,
                    travel,
                    likes,
                    carer,
                    before,
                    after,
                    first,
                    last,
                    sums,
                    key,
                    lists[k, 0],
                    lists[k, 2],
                )
            for k in range(changed):
                size = _push(heap, waiting, key, size, visits[lists[k, 0], CLUSTER])
        undone = 0
        accept = False
        if ok:
            undone = _settle(
                visits,
                vehicles,
                travel,
                links,
                clusters,
                members,
                carer,
                before,
                after,
                key,
                start,
                sums,
                heap,
                waiting,
                undo,
                work,
                size,
                0,
            )
            cost = _price(visits, vehicles, travel, weight, largest, hard, last, start, sums)
            chance = (_next(random) & 0xFFFFFFFF) / 4294967296.0
            accept = cost < saved[COSTS] - heat * log(max(1e-300, chance))
            sums[COSTS] = cost
        if accept:
            if shifts == 2:
                # Keys were exchanged; the list of the order follows.
                _swap_places(follows, leads, shifted[0, 0], shifted[1, 0])
            if sums[COSTS] < best.sums[COSTS]:
                copy_chain(c, best)
                found += 1
            continue
        for k in range(undone - 1, -1, -1):
            start[undo[k, 0]] = undo[k, 1]
        if ok:
            for k in range(changed):
                _take(
                    visits,
                    vehicles,
                    travel,
                    likes,
                    carer,
                    before,
                    after,
                    first,
                    last,
                    sums,
                    lists[k, 0],
                )
        if shifts == 1:
            if not _reorder(key, follows, leads, shifted[0, 0], shifted[0, 1]):
                _respace(key, follows)
                _reorder(key, follows, leads, shifted[0, 0], shifted[0, 1])
        elif shifts == 2:
            one, two = shifted[0, 0], shifted[1, 0]
            key[one], key[two] = key[two], key[one]
        for k in range(changed):
            _give(
                visits,
                vehicles,
                travel,
                likes,
                carer,
                before,
                after,
                first,
                last,
                sums,
                key,
                lists[k, 0],
                lists[k, 1],
            )
        for k in range(6):
            sums[k] = saved[k]
    return found


@njit(cache=True)
def _swap_places(follows: I8, leads: I8, one: int, two: int) -> None:
    """Exchange two clusters in the list of the order."""
    if follows[two] == one:
        one, two = two, one
    a, b = leads[one], follows[one]
    x, y = leads[two], follows[two]
    if b == two:
        follows[a] = two
        leads[two] = a
        follows[two] = one
        leads[one] = two
        follows[one] = y
        if y >= 0:
            leads[y] = one
        return
    follows[a] = two
    leads[two] = a
    follows[two] = b
    leads[b] = two
    follows[x] = one
    leads[one] = x
    follows[one] = y
    if y >= 0:
        leads[y] = one
