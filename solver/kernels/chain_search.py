"""Compiled annealing over one global order and a carer per visit, for days with soft time.

A move changes a few links of an order plan (`kernels.chain`). What it would cost at least is known
from travel alone, and again after each visit that is timed anew, in the global order; a move that
can no longer be accepted is given up at once. The acceptance threshold is drawn beforehand.

For problems where each visit needs one carer and has one window, each carer one shift, without
breaks: lateness (also the largest of the day) is a cost, hard ends are kept by a steep price.
"""

from __future__ import annotations

from math import exp, log

from solver.kernels.arrays import B1, I4, I8
from solver.kernels.chain import (
    ACCESS,
    AFTER,
    BEFORE,
    BROKEN,
    CARER,
    COST,
    DUE,
    FINAL,
    FIRST,
    HINT,
    JOINS,
    LAG,
    LARGEST,
    LATENESS,
    LEAVES,
    LIKED,
    LONG,
    NEXT,
    OF_BROKEN,
    OF_LARGEST,
    OF_LATENESS,
    OF_TRAVEL,
    OLD,
    PARTNER,
    SPOT,
    START,
    TRAVELLED,
    VISIT,
    WORST,
    Chain,
    Task,
    copy_chain,
)
from solver.kernels.chain_links import (
    align,
    cut,
    exchange,
    leg,
    move_behind,
    place_of,
    room_behind,
    sew,
)
from solver.kernels.compiled import inlined, loop

__all__ = ["anneal"]

# What a move does to the order: nothing, one cluster behind another, two clusters trade places.
STAYS, SHIFTS, TRADES = range(3)


@inlined
def _draw(random: I8) -> int:
    """32 random bits."""
    x = random[0]
    x ^= x << 13
    x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
    x ^= x << 17
    random[0] = x
    return int((x >> 24) & 0xFFFFFFFF)


@inlined
def _below(random: I8, size: int) -> int:
    """A random number from 0 to size - 1."""
    return (_draw(random) * size) >> 32


@inlined
def _note(change: I8, at: int, visit: int, leaves: int, joins: int, hint: int) -> None:
    change[at, VISIT] = visit
    change[at, LEAVES] = leaves
    change[at, JOINS] = joins
    change[at, HINT] = hint


@inlined
def _along(
    node: I4, key: I8, usable: B1, change: I8, at: int, first: int, joins: int, end: int, bar: int
) -> int:
    """Note all visits from row `first` on with keys below `bar` as joining the route of row `end`.

    The number noted so far, or -1 when one may not join.
    """
    row = first
    while key[row] < bar:
        if not usable[row, joins]:
            at = -1
            break
        _note(change, at, row, node[row, CARER], joins, end)
        at += 1
        row = node[row, AFTER]
    return at


@loop
def anneal(
    task: Task, now: Chain, best: Chain, moves: int, hot: float, cold: float, counts: I8
) -> None:
    """`moves` tries, cooling from `hot` to `cold`; `best` keeps the cheapest plan.

    counts
        Moves proposed, timed, timed to the end, accepted: added to.
    """
    site, way, mode, usable, likes = task.site, task.way, task.mode, task.usable, task.likes
    close, price, hard = task.close, task.price, task.hard
    node, key, order, sums, random = now.node, now.key, now.order, now.sums, now.random
    queue, stamp, undo, change, draws = now.queue, now.stamp, now.undo, now.change, now.draws
    rows, staff = len(site), len(mode)
    visits = rows - 2 * staff
    ends = visits + staff
    reach = close.shape[1]
    of_travel, of_late = price[OF_TRAVEL], price[OF_LATENESS]
    of_largest, of_broken = price[OF_LARGEST], price[OF_BROKEN]
    align(node, key, order, site, staff, queue)
    heat = hot
    cooling = exp(log(cold / hot) / max(1, moves))
    number = random[1]
    for _ in range(moves):
        heat *= cooling
        number += 1
        # --- What to try.
        changed, shape = 0, STAYS
        behind, other, fresh, ahead = 0, 0, 0, 0
        kind = _below(random, 100)
        visit = _below(random, visits)
        home = node[visit, CARER]
        partner = site[visit, PARTNER]
        moved = visit if partner < 0 or visit < partner else partner
        if kind < 80:
            # One cluster moves: next to a near one, to another carer, or along its route.
            joins, hint, target = home, node[visit, BEFORE], -1
            if kind < 60:
                near = close[visit, _below(random, reach)]
                if near == partner:
                    continue
                joins, hint, target = node[near, CARER], near, near
                ahead = _draw(random) & 1
            elif kind < 70:
                joins = _below(random, staff)
                if joins == home:
                    continue
                hint = ends + joins
            else:
                target = visit
                ahead = kind & 1
                for _ in range(1 + _below(random, 3)):
                    hop = node[target, AFTER if ahead else BEFORE]
                    if hop >= visits:
                        break
                    target = hop
                if target == visit:
                    continue
            if not usable[visit, joins]:
                continue
            if target >= 0:
                mate = site[target, PARTNER]
                if mate >= 0 and mate < target:
                    target = mate
                behind = target if ahead else order[target, 1]
                if behind != moved and target != moved:
                    shape = SHIFTS
                    fresh = room_behind(key, order, behind)
                    if fresh == 0:
                        align(node, key, order, site, staff, queue)
                        continue
            _note(change, 0, visit, home, joins, hint)
            changed = 1
            if partner >= 0:
                mine = node[partner, CARER]
                goes = mine
                if goes == joins:
                    goes = home
                elif kind < 60 and _draw(random) & 1 == 0:
                    goes = node[close[partner, _below(random, reach)], CARER]
                    if goes == joins:
                        continue
                if not usable[partner, goes]:
                    continue
                _note(change, 1, partner, mine, goes, node[partner, BEFORE])
                changed = 2
            elif shape == STAYS and joins == home:
                continue
        elif kind < 88:
            # Two clusters trade places and carers.
            other = close[visit, _below(random, reach)]
            if other == partner:
                continue
            joins = node[other, CARER]
            mate = site[other, PARTNER]
            if not usable[visit, joins] or not usable[other, home]:
                continue
            if partner >= 0 and node[partner, CARER] == joins and joins != home:
                continue
            if mate >= 0 and node[mate, CARER] == home and joins != home:
                continue
            _note(change, 0, visit, home, joins, ends + joins)
            _note(change, 1, other, joins, home, ends + home)
            changed = 2
            if partner >= 0:
                v = node[partner, CARER]
                _note(change, changed, partner, v, v, node[partner, BEFORE])
                changed += 1
            if mate >= 0:
                v = node[mate, CARER]
                _note(change, changed, mate, v, v, node[mate, BEFORE])
                changed += 1
            other = other if mate < 0 or other < mate else mate
            shape = TRADES
        else:
            # Two carers trade what they do from one time on, or between two times. Both visits of
            # a cluster have the same key, so a pair is never brought together.
            near = close[visit, _below(random, reach)]
            joins = node[near, CARER]
            if joins == home:
                continue
            first, row = key[visit], node[joins + visits, AFTER]
            while key[row] < first:
                row = node[row, AFTER]
            bar = key[rows - 1]
            if kind < 94:
                last = visit
                for _ in range(1 + _below(random, 3)):
                    last = node[last, AFTER]
                    if last >= visits:
                        break
                bar = key[last]
            end = ends + joins
            changed = _along(node, key, usable, change, 0, visit, joins, end, bar)
            if changed >= 0:
                end = ends + home
                changed = _along(node, key, usable, change, changed, row, home, end, bar)
            if changed < 0:
                continue
        # --- Take out, change the order, put in.
        travelled, liked = 0, 0
        for k in range(changed):
            row = change[k, VISIT]
            one, two = node[row, BEFORE], node[row, AFTER]
            change[k, OLD], change[k, NEXT] = one, two
            v = change[k, LEAVES]
            m = mode[v]
            travelled += leg(site, way, m, visits, one, two)
            travelled -= way[m, site[one, SPOT], site[row, SPOT]]
            travelled -= way[m, site[row, SPOT], site[two, SPOT]]
            liked -= likes[row, v]
            cut(node, row)
        old_key = key[moved]
        if shape == SHIFTS:
            key[moved] = fresh
            if partner >= 0:
                key[visit], key[partner] = fresh, fresh
        elif shape == TRADES:
            mate = site[other, PARTNER]
            fresh = key[other]
            key[moved] = fresh
            if partner >= 0:
                key[visit], key[partner] = fresh, fresh
            key[other] = old_key
            if mate >= 0:
                key[mate] = old_key
        for k in range(changed):
            row, v, hint = change[k, VISIT], change[k, JOINS], change[k, HINT]
            if node[hint, CARER] != v:
                hint = ends + v
            one = place_of(node, key, row, hint)
            two = node[one, AFTER]
            m = mode[v]
            travelled -= leg(site, way, m, visits, one, two)
            travelled += way[m, site[one, SPOT], site[row, SPOT]]
            travelled += way[m, site[row, SPOT], site[two, SPOT]]
            liked += likes[row, v]
            sew(node, row, one, v)
        # --- Could it be accepted, were nobody late any more?
        counts[0] += 1
        threshold = heat * draws[_draw(random) & 4095]
        surely = of_travel * travelled + liked
        hope = of_late * sums[LATENESS] + of_broken * sums[BROKEN] + of_largest * sums[LARGEST]
        accept = surely - hope < threshold
        undone = 0
        late, was_late, broken, was_broken = 0, 0, 0, 0
        peak, peak_at, fallen = 0, -1, False
        if accept:
            counts[1] += 1
            # --- Time anew what may have changed. Odd stamps: it may have become earlier.
            head, tail, earlier = 0, 0, 0
            mark = 2 * number
            for k in range(3 * changed):
                row = change[k // 3, VISIT]
                if k % 3 == 1:
                    row = node[row, AFTER]
                elif k % 3 == 2:
                    row = change[k // 3, NEXT]
                if row < visits:
                    mate = site[row, PARTNER]
                    if mate >= 0 and mate < row:
                        row = mate
                elif not hard:
                    continue
                if stamp[row] < mark:
                    stamp[row] = mark + 1
                    earlier += 1
                    at = tail
                    tail += 1
                    while at > 0 and key[queue[at - 1]] > key[row]:
                        queue[at] = queue[at - 1]
                        at -= 1
                    queue[at] = row
            while head < tail:
                row = queue[head]
                head += 1
                earlier -= stamp[row] & 1
                one = node[row, BEFORE]
                start = node[one, START] + site[one, LONG] + site[row, ACCESS]
                start += leg(site, way, mode[node[row, CARER]], visits, one, row)
                start = max(start, site[row, FIRST])
                mate = site[row, PARTNER]
                together = 0
                if mate >= 0:
                    one = node[mate, BEFORE]
                    together = node[one, START] + site[one, LONG] + site[mate, ACCESS]
                    together += way[mode[node[mate, CARER]], site[one, SPOT], site[mate, SPOT]]
                    together = max(together, site[mate, FIRST])
                    alone = start
                    start = max(alone, together + site[row, LAG])
                    together = max(together, alone + site[mate, LAG])
                for part in range(2):
                    if part == 1:
                        if mate < 0:
                            break
                        row, start = mate, together
                    was = node[row, START]
                    if start == was:
                        continue
                    undo[undone, 0], undo[undone, 1] = row, was
                    undone += 1
                    node[row, START] = start
                    due = site[row, DUE]
                    if was > due:
                        was_late += was - due
                        if row == sums[WORST] and start < was:
                            fallen = True
                    if start > due:
                        late += start - due
                        if start - due > peak:
                            peak, peak_at = start - due, row
                    due = site[row, FINAL]
                    was_broken += max(0, was - due)
                    broken += max(0, start - due)
                    after = node[row, AFTER]
                    if after < visits:
                        follower = site[after, PARTNER]
                        if follower >= 0 and follower < after:
                            after = follower
                    elif not hard or row >= visits:
                        continue
                    sooner = 1 if start < was else 0
                    if stamp[after] < mark:
                        stamp[after] = mark + sooner
                        earlier += sooner
                        at = tail
                        tail += 1
                        while at > head and key[queue[at - 1]] > key[after]:
                            queue[at] = queue[at - 1]
                            at -= 1
                        queue[at] = after
                    elif sooner == 1 and stamp[after] == mark:
                        stamp[after] = mark + 1
                        earlier += 1
                # What has been timed stays; the rest gets no worse than later, or at best not late.
                if earlier > 0:
                    least = of_late * (late - sums[LATENESS]) + of_broken * (broken - sums[BROKEN])
                    least += of_largest * (peak - sums[LARGEST])
                else:
                    least = of_late * (late - was_late) + of_broken * (broken - was_broken)
                    high = peak if fallen else max(peak, sums[LARGEST])
                    least += of_largest * (high - sums[LARGEST])
                if surely + least >= threshold:
                    accept = False
                    break
        if accept:
            counts[2] += 1
            high, high_at = sums[LARGEST], sums[WORST]
            if fallen:
                high, high_at = 0, -1
                if of_largest > 0:
                    for k in range(visits):
                        if node[k, START] - site[k, DUE] > high:
                            high, high_at = node[k, START] - site[k, DUE], k
            elif peak > high:
                high, high_at = peak, peak_at
            surely += of_late * (late - was_late) + of_broken * (broken - was_broken)
            surely += of_largest * (high - sums[LARGEST])
            accept = surely < threshold
            if accept:
                counts[3] += 1
                sums[TRAVELLED] += travelled
                sums[LIKED] += liked
                sums[LATENESS] += late - was_late
                sums[BROKEN] += broken - was_broken
                sums[LARGEST], sums[WORST] = high, high_at
                sums[COST] += surely
                if shape == SHIFTS:
                    move_behind(order, moved, behind)
                elif shape == TRADES:
                    exchange(order, moved, other)
                if sums[BROKEN] < best.sums[BROKEN] or (
                    sums[BROKEN] == best.sums[BROKEN] and sums[COST] < best.sums[COST]
                ):
                    copy_chain(now, best)
                continue
        # --- Back to what it was.
        for k in range(undone):
            node[undo[k, 0], START] = undo[k, 1]
        for k in range(changed):
            cut(node, change[k, VISIT])
        if shape == TRADES:
            mate = site[other, PARTNER]
            key[other] = fresh
            if mate >= 0:
                key[mate] = fresh
        if shape != STAYS:
            key[moved] = old_key
            if partner >= 0:
                key[visit], key[partner] = old_key, old_key
        for k in range(changed - 1, -1, -1):
            sew(node, change[k, VISIT], change[k, OLD], change[k, LEAVES])
    random[1] = number
