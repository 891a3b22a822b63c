"""Put whole clusters into a plan: shared visits get one start, linked ones starts that fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from solver.model import Model
from solver.routes import Plan, Spot
from solver.types import Link

__all__ = ["beside", "clear", "crew_of", "place", "place_all", "starts_of"]

#: Starts tried for a shared or linked visit are this far apart, but never more than `_MOST`.
_STEP = 600
_MOST = 20


def place_all(
    plan: Plan, clusters: Iterable[Sequence[int]], stop: Callable[[], bool] = lambda: False
) -> list[Sequence[int]]:
    """Insert clusters, the hardest first, until `stop`; returns those that found no place."""
    model = plan.model
    room = model.usable.sum(axis=1)

    def hardness(cluster: Sequence[int]) -> tuple[int, int, int, int, int]:
        cost = sum(int(model.penalty[row]) for row in cluster)
        width = min(sum(w.latest - w.earliest for w in model.windows[row]) for row in cluster)
        tied = 0 if model.tied(cluster) else 1
        return (
            _behind(model, cluster),
            tied,
            -cost // 1_000_000,
            min(int(room[row]) for row in cluster),
            width,
        )

    return [c for c in sorted(clusters, key=hardness) if stop() or not place(plan, c)]


def _behind(model: Model, cluster: Sequence[int]) -> int:
    """How many order pins lead to a cluster from others."""
    deep = 0
    for row in cluster:
        steps, lead = 0, int(model.leader[row])
        while lead >= 0 and lead not in cluster:
            steps, lead = steps + 1, int(model.leader[lead])
        deep = max(deep, steps)
    return deep


def place(plan: Plan, cluster: Sequence[int]) -> bool:
    """Insert one cluster at its cheapest spots, or leave the plan as it was."""
    model = plan.model
    if not model.tied(cluster):
        (row,) = cluster
        spots = plan.spots(row, _vehicles(model, row))
        if not spots or spots[0].extra >= int(model.penalty[row]):
            return False
        plan.put(spots[0].timed)
        return True
    links = _links(model, cluster)
    crews: dict[int, set[int]] = {}
    before = plan.state()
    for row in cluster:
        found = _best_start(plan, row, links, crews)
        if found is None:
            plan.restore(before)
            return False
        start, spots = found
        plan.held[row] = start
        for spot in spots:
            plan.put(spot.timed)
        crews[row] = {int(model.staff_of[s.vehicle]) for s in spots}
    return True


def _vehicles(model: Model, row: int) -> list[int]:
    return [int(v) for v in np.flatnonzero(model.usable[row])]


def _links(model: Model, cluster: Sequence[int]) -> list[tuple[int, int, Link]]:
    mine = set(cluster)
    problem = model.problem
    rows = [(problem.visit_row(k.first), problem.visit_row(k.second), k) for k in problem.links]
    return [entry for entry in rows if entry[0] in mine]


def _best_start(
    plan: Plan, row: int, links: list[tuple[int, int, Link]], crews: dict[int, set[int]]
) -> tuple[int, list[Spot]] | None:
    model = plan.model
    low, high = 0, 1 << 60
    vehicles = _vehicles(model, row)
    for first, second, link in links:
        if row == second and first in crews:
            low = max(low, plan.held[first] + link.min_gap)
            if link.max_gap is not None:
                high = min(high, plan.held[first] + link.max_gap)
            crew = crews[first]
            if link.carers == "same":
                vehicles = [v for v in vehicles if int(model.staff_of[v]) in crew]
            elif link.carers == "different":
                vehicles = [v for v in vehicles if int(model.staff_of[v]) not in crew]
    need = int(model.carers[row])
    best: tuple[int, int, list[Spot]] | None = None
    busy = plan.kept_apart(row)
    starts = set(starts_of(model, row, low, high)) | beside(model, row, low, high, busy)
    for start in sorted(starts):
        free = [v for v in vehicles if clear(start, model.lasts(v, row), busy)]
        chosen = crew_of(model, plan.spots(row, free, start=start), need)
        if chosen is None:
            continue
        cost = sum(s.extra for s in chosen)
        if best is None or cost < best[0]:
            best = (cost, start, chosen)
    return None if best is None else (best[1], best[2])


def crew_of(model: Model, spots: list[Spot], need: int) -> list[Spot] | None:
    """The cheapest spots of `need` different people."""
    chosen: dict[int, Spot] = {}
    for spot in spots:
        chosen.setdefault(int(model.staff_of[spot.vehicle]), spot)
        if len(chosen) == need:
            return list(chosen.values())
    return None


def starts_of(model: Model, row: int, low: int, high: int) -> list[int]:
    out: set[int] = set()
    wish = model.problem.visits[row].preferred
    for window in model.windows[row]:
        first, last = max(window.earliest, low), min(window.latest, high)
        if first > last:
            continue
        step = max(_STEP, (last - first) // _MOST)
        out.update(range(first, last + 1, step))
        out.add(last)
        if wish is not None and first <= wish.earliest <= last:
            out.add(wish.earliest)
    return sorted(out)


def clear(start: int, long: int, busy: Sequence[tuple[int, int, int]]) -> bool:
    """Whether a service overlaps none of (start, end, gap) it must be apart from."""
    return all(start >= end + gap or start + long + gap <= begin for begin, end, gap in busy)


def beside(
    model: Model, row: int, low: int, high: int, busy: Sequence[tuple[int, int, int]]
) -> set[int]:
    """Starts directly before and after the services a visit must be apart from."""
    out: set[int] = set()
    for begin, end, gap in busy:
        out.add(end + gap)
        out |= {begin - gap - int(long) for long in np.unique(model.long[:, row])}
    return {
        t
        for t in out
        if low <= t <= high and any(w.earliest <= t <= w.latest for w in model.windows[row])
    }
