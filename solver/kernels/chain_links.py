"""How are visits taken out of an order plan and put into it?"""

from __future__ import annotations

from solver.kernels.arrays import I4, I8
from solver.kernels.chain import AFTER, BEFORE, CARER, GAP, PARTNER, SPOT, START
from solver.kernels.compiled import inlined, loop

__all__ = ["align", "cut", "exchange", "leg", "move_behind", "place_of", "room_behind", "sew"]


@inlined
def leg(site: I4, way: I4, mode: int, visits: int, one: int, two: int) -> int:
    """Travel from one row to the next of a route; none in an empty route."""
    if one >= visits and two >= visits:
        return 0
    return int(way[mode, site[one, SPOT], site[two, SPOT]])


@inlined
def cut(node: I4, visit: int) -> None:
    """Take a visit out of its route."""
    one, two = node[visit, BEFORE], node[visit, AFTER]
    node[one, AFTER] = two
    node[two, BEFORE] = one
    node[visit, CARER] = -1


@inlined
def sew(node: I4, visit: int, one: int, carer: int) -> None:
    """Put a visit into a route behind row `one`."""
    two = node[one, AFTER]
    node[visit, BEFORE] = one
    node[visit, AFTER] = two
    node[visit, CARER] = carer
    node[one, AFTER] = visit
    node[two, BEFORE] = visit


@inlined
def place_of(node: I4, key: I8, visit: int, hint: int) -> int:
    """The row of a route behind which a visit's key puts it, looked for from row `hint` on."""
    mine = key[visit]
    row = hint
    if key[row] > mine:
        while key[row] > mine:
            row = node[row, BEFORE]
    else:
        after = node[row, AFTER]
        while key[after] < mine:
            row = after
            after = node[row, AFTER]
    return row


@loop
def align(node: I4, key: I8, order: I4, site: I4, staff: int, queue: I4) -> None:
    """Sort the order by start as far as routes allow, with keys far apart.

    Between clusters that share no route any order is valid; one by time makes neighbours in the
    order neighbours in the day, which moves of pairs and exchanges of routes rely on.

    queue
        Scratch.
    """
    head = len(key)
    visits = head - 2 * staff
    for v in range(staff):
        queue[v] = node[visits + v, AFTER]
    behind, value = head, GAP
    while True:
        best, soonest, mate = -1, 0, -1
        for v in range(staff):
            row = queue[v]
            if row >= visits:
                continue
            start = node[row, START]
            other = site[row, PARTNER]
            if other >= 0:
                if queue[node[other, CARER]] != other:
                    continue
                start = min(start, node[other, START])
            if best < 0 or start < soonest:
                best, soonest, mate = row, start, other
        if best < 0:
            break
        key[best] = value
        queue[node[best, CARER]] = node[best, AFTER]
        if mate >= 0:
            key[mate] = value
            queue[node[mate, CARER]] = node[mate, AFTER]
            best = min(best, mate)
        value += GAP
        order[behind, 0] = best
        order[best, 1] = behind
        behind = best
    order[behind, 0] = -1


@inlined
def room_behind(key: I8, order: I4, behind: int) -> int:
    """A key between a cluster (last row: the front) and the next in the order; 0: none is left."""
    low = 0 if behind == len(key) else key[behind]
    following = order[behind, 0]
    high = low + 2 * GAP if following < 0 else key[following]
    return 0 if high - low < 2 else (low + high) >> 1


@inlined
def move_behind(order: I4, cluster: int, behind: int) -> None:
    """Move a cluster directly behind another one in the list of the order."""
    one, two = order[cluster, 1], order[cluster, 0]
    order[one, 0] = two
    if two >= 0:
        order[two, 1] = one
    two = order[behind, 0]
    order[behind, 0] = cluster
    order[cluster, 1] = behind
    order[cluster, 0] = two
    if two >= 0:
        order[two, 1] = cluster


@loop
def exchange(order: I4, one: int, two: int) -> None:
    """Exchange two clusters in the list of the order."""
    before_one, before_two = order[one, 1], order[two, 1]
    if before_two == one:
        move_behind(order, two, before_one)
    elif before_one == two:
        move_behind(order, one, before_two)
    else:
        move_behind(order, one, before_two)
        move_behind(order, two, before_one)
