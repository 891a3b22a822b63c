"""What is an order plan made of, and what does the order search know of the problem?

A plan is one global order of all clusters (visits tied by links) and a carer for each visit; times
follow by walking the order once, so simultaneous and ordered visits can never block each other.

Every route begins and ends with a row of its own: with N visits and V vehicles, row N + v is the
start of vehicle v and row N + V + v its end. So each visit has a neighbour on both sides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.kernels import arrays
from solver.kernels.arrays import B1, I4, I8, Fixed
from solver.kernels.compiled import loop

F8 = npt.NDArray[np.float64]

__all__ = ["Chain", "Task", "chain_of", "copy_chain", "task_of"]

#: Price of a second after a hard end; above any preference, yet the search may pass through.
HARD_PRICE = 50
#: Later than any time, and still small enough for sums of two in 32 bits.
NEVER = 1 << 30
#: Distance between two neighbours of a fresh order; keys of the first and last row of a route.
GAP = 1 << 24
FRONT, BACK = -1, 1 << 62

# Columns of Task.site. LAG: least start after the partner's start.
SPOT, FIRST, LONG, ACCESS, DUE, FINAL, PARTNER, LAG = range(8)
# Columns of Chain.node.
BEFORE, AFTER, CARER, START = range(4)
# Positions in Chain.sums. BROKEN: seconds after hard ends; WORST: the visit that is latest.
TRAVELLED, LATENESS, LIKED, BROKEN, LARGEST, COST, WORST = range(7)
# Positions in Task.price.
OF_TRAVEL, OF_LATENESS, OF_LARGEST, OF_BROKEN = range(4)
# Columns of Chain.change: a visit, its vehicle before and after, where to look for its place, and
# between which rows it stood.
VISIT, LEAVES, JOINS, HINT, OLD, NEXT = range(6)


class Task(NamedTuple):
    """The problem. N visits, V vehicles, M = N + 2 V rows, P places."""

    site: I4  # (M, 8)
    way: I4  # (modes, P + 1, P + 1) to, from and between places; place P is nowhere
    mode: I8  # (V,)
    usable: B1  # (N, V)
    likes: I8  # (N, V)
    close: I4  # (N, K) visits that could come next to one, best first
    price: I8  # (4,) of a second
    hard: bool  # whether any route could end too late


class Chain(NamedTuple):
    """A plan as linked lists, and scratch of the search."""

    node: I4  # (M, 4)
    key: I8  # (M,) place in the global order, the same for both visits of a cluster
    order: I4  # (M + 1, 2) cluster (its first visit) behind, before; row M is the head
    sums: I8  # (7,)
    random: I8  # (2,) state of the generator; moves made
    queue: I4  # (M,) clusters to be timed again
    stamp: I8  # (M,) when a cluster was last put into the queue
    undo: I4  # (M, 2) visit and its start before the move
    change: I8  # (M, 6)
    draws: F8  # (4096,) what -log of a number between 0 and 1 can be


def chain_of(task: Task, seed: int) -> Chain:
    """An empty plan; the seed fixes every random choice."""
    rows, vehicles = len(task.site), len(task.mode)
    visits = rows - 2 * vehicles
    mixed = (seed * 0x9E3779B97F4A7C15 + 0x7654321) % (1 << 63) or 1
    node = np.full((rows, 4), -1, dtype=np.int32)
    starts = np.arange(visits, visits + vehicles)
    node[starts, AFTER], node[starts + vehicles, BEFORE] = starts + vehicles, starts
    node[visits:, CARER] = np.tile(np.arange(vehicles), 2)
    node[:, START] = np.where(np.arange(rows) < visits, 0, task.site[:, FIRST])
    key = np.zeros(rows, dtype=np.int64)
    key[visits : visits + vehicles], key[visits + vehicles :] = FRONT, BACK
    return Chain(
        node=node,
        key=key,
        order=np.full((rows + 1, 2), -1, dtype=np.int32),
        sums=np.array([0, 0, 0, 0, 0, 0, -1], dtype=np.int64),
        random=np.array([mixed, 0], dtype=np.int64),
        queue=np.zeros(rows, dtype=np.int32),
        stamp=np.zeros(rows, dtype=np.int64),
        undo=np.zeros((rows, 2), dtype=np.int32),
        change=np.zeros((rows, 6), dtype=np.int64),
        draws=-np.log((np.arange(4096) + 0.5) / 4096),
    )


@loop
def copy_chain(source: Chain, target: Chain) -> None:
    """Copy a plan, not the scratch."""
    for k in range(len(source.key)):
        target.key[k] = source.key[k]
        for column in range(4):
            target.node[k, column] = source.node[k, column]
        for column in range(2):
            target.order[k, column] = source.order[k, column]
    head = len(source.key)
    target.order[head, 0] = source.order[head, 0]
    for k in range(7):
        target.sums[k] = source.sums[k]


def task_of(fixed: Fixed, close: I4) -> Task:
    """The problem laid out for the order search; only for what `solver.ordered.suits`."""
    visit, vehicle = fixed.visit, fixed.vehicle
    visits, vehicles, nowhere = len(visit), len(vehicle), fixed.travel.shape[1]
    site = np.zeros((visits + 2 * vehicles, 8), dtype=np.int64)
    site[:, [DUE, FINAL]] = NEVER
    site[:, PARTNER], site[:, LAG] = -1, -NEVER
    columns = [arrays.PLACE, arrays.FIRST, arrays.LONG, arrays.ACCESS, arrays.WISH_HIGH]
    columns.append(arrays.FINAL)
    site[:visits, : len(columns)] = np.clip(visit[:, columns], -NEVER, NEVER)
    for v in range(vehicles):
        start, end = visits + v, visits + vehicles + v
        for row, place in ((start, vehicle[v, arrays.FROM]), (end, vehicle[v, arrays.TO])):
            site[row, SPOT] = nowhere if place < 0 else place
        site[start, FIRST] = vehicle[v, arrays.OPENS]
        site[end, FINAL] = min(NEVER, vehicle[v, arrays.HARD])
    for row in range(visits):
        for link in fixed.link[visit[row, arrays.LINK] : visit[row, arrays.LINK_END]]:
            site[row, PARTNER] = link[arrays.OTHER]
            site[row, LAG] = max(site[row, LAG], link[arrays.GAP_LOW])
    # What is longer than any shift can never be used; cut off there, sums stay small.
    way = np.zeros((len(fixed.travel), nowhere + 1, nowhere + 1), dtype=np.int32)
    way[:, :nowhere, :nowhere] = np.minimum(fixed.travel, vehicle[:, arrays.HARD].max() + 1)
    weight = fixed.weight
    return Task(
        site=site.astype(np.int32),
        way=way,
        mode=np.ascontiguousarray(vehicle[:, arrays.MODE]),
        usable=fixed.usable,
        likes=np.ascontiguousarray(fixed.likes[:, vehicle[:, arrays.WHO]]),
        close=close,
        price=np.array(
            [
                *(weight[arrays.TRAVEL], weight[arrays.LATE], weight[arrays.LARGEST]),
                HARD_PRICE * max(1, weight[arrays.TRAVEL]),
            ],
            dtype=np.int64,
        ),
        hard=bool(_longest(site[:visits], way) > site[visits + vehicles :, FINAL].min()),
    )


def _longest(site: I8, way: I4) -> int:
    """No route ends later than this."""
    legs = (len(site) + 1) * (int(way.max()) + max(0, int(site[:, LAG].max(initial=0))))
    return int(site[:, FIRST].max() + site[:, LONG].sum() + site[:, ACCESS].sum()) + legs
