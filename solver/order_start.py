"""With which order, carers and times does the order search begin?"""

from __future__ import annotations

import numpy as np

from solver.kernels.arrays import I8
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
    GAP,
    LAG,
    LARGEST,
    LATENESS,
    LIKED,
    LONG,
    OF_BROKEN,
    OF_LARGEST,
    OF_LATENESS,
    OF_TRAVEL,
    PARTNER,
    SPOT,
    START,
    TRAVELLED,
    WORST,
    Chain,
    Task,
)

__all__ = ["lay", "soonest"]


def soonest(task: Task, order: list[tuple[int, ...]]) -> I8 | None:
    """A vehicle per visit: clusters in the given order, each visit to who gets there best.

    Within a cluster whoever has the fewest people to choose from chooses first. None when a visit
    has nobody left.
    """
    site, vehicles = task.site.astype(np.int64), len(task.mode)
    visits = len(site) - 2 * vehicles
    starts = site[visits : visits + vehicles]
    spot, free = starts[:, SPOT].copy(), starts[:, FIRST].copy()
    carer = np.full(visits, -1, dtype=np.int64)
    for cluster in order:
        taken: list[tuple[int, int]] = []
        for visit in sorted(cluster, key=lambda row: (int(task.usable[row].sum()), row)):
            able = task.usable[visit].copy()
            able[[v for _, v in taken]] = False
            if not able.any():
                return None
            way = task.way[task.mode, spot, site[visit, SPOT]].astype(np.int64)
            late = free + way + site[visit, ACCESS] - min(site[visit, DUE], site[visit, FINAL])
            cost = np.where(able, way + 3 * np.maximum(0, late), 1 << 60)
            taken.append((visit, int(cost.argmin())))
        ready = {
            row: max(
                int(site[row, FIRST]),
                int(free[v] + task.way[task.mode[v], spot[v], site[row, SPOT]] + site[row, ACCESS]),
            )
            for row, v in taken
        }
        for row, v in taken:
            mate = int(site[row, PARTNER])
            start = max(ready[row], ready[mate] + int(site[row, LAG])) if mate >= 0 else ready[row]
            carer[row], spot[v], free[v] = v, site[row, SPOT], start + site[row, LONG]
    return carer


def lay(task: Task, plan: Chain, order: list[tuple[int, ...]], carer: I8) -> None:
    """Write an order of clusters and a vehicle per visit into a plan, timed and priced afresh."""
    node, site, key = plan.node, task.site.astype(np.int64), plan.key
    vehicles = len(task.mode)
    visits, head = len(site) - 2 * vehicles, len(site)
    ends = visits + vehicles
    node[visits:ends, AFTER] = np.arange(ends, head)
    node[ends:, BEFORE] = np.arange(visits, ends)
    node[visits:, START] = np.tile(site[visits:ends, FIRST], 2)
    travel = liked = 0
    behind = head
    for number, cluster in enumerate(order):
        first = min(cluster)
        plan.order[behind, 0], plan.order[first, 1], behind = first, behind, first
        ready: dict[int, int] = {}
        for row in cluster:
            v, key[row] = int(carer[row]), GAP * (number + 1)
            end = ends + v
            one = int(node[end, BEFORE])
            node[row, :CARER], node[row, CARER] = (one, end), v
            node[one, AFTER] = node[end, BEFORE] = row
            travel += (way := _way(task, visits, v, one, row))
            liked += int(task.likes[row, v])
            now = int(node[one, START]) + int(site[one, LONG] + site[row, ACCESS]) + way
            ready[row] = max(now, int(site[row, FIRST]))
        for row in cluster:
            mate = int(site[row, PARTNER])
            later = ready[mate] + int(site[row, LAG]) if mate >= 0 else 0
            node[row, START] = max(ready[row], later)
    plan.order[behind, 0] = -1
    for end in range(ends, head):
        one = int(node[end, BEFORE])
        travel += (way := _way(task, visits, end - ends, one, end))
        node[end, START] = int(node[one, START]) + int(site[one, LONG]) + way
    late = np.maximum(0, node[:, START] - site[:, DUE])[:visits]
    broken = int(np.maximum(0, node[:, START] - site[:, FINAL]).sum())
    sums, price = plan.sums, task.price
    sums[TRAVELLED], sums[LIKED], sums[LATENESS], sums[BROKEN] = travel, liked, late.sum(), broken
    sums[LARGEST] = late.max(initial=0)
    sums[WORST] = late.argmax() if sums[LARGEST] > 0 else -1
    sums[COST] = (
        price[OF_TRAVEL] * travel
        + price[OF_LATENESS] * sums[LATENESS]
        + price[OF_BROKEN] * broken
        + price[OF_LARGEST] * sums[LARGEST]
        + liked
    )


def _way(task: Task, visits: int, carer: int, one: int, two: int) -> int:
    if one >= visits and two >= visits:
        return 0
    return int(task.way[task.mode[carer], task.site[one, SPOT], task.site[two, SPOT]])
