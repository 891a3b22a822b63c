"""Which starts can be those of a cheapest plan? Ends of straight lines, and chains that lead there.

With orders given every start is bounded by differences only: ways, services, breaks, links. The
cost is a straight line between its corners, so a cheapest plan can be slid until each start lies at
a corner itself, or directly before or after one that does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, combinations_with_replacement, permutations
from typing import TYPE_CHECKING

import numpy as np

from solver.kernels.arrays import I8
from solver.timing import ways_of

if TYPE_CHECKING:
    from solver.asking import Asked, Curves, Desk
    from solver.several import Tie

__all__ = ["chained", "closed", "corners"]

_NEVER = 1 << 39
Shifts = dict[tuple[int, int], set[int]]


def closed(
    desk: Desk,
    curves: Mapping[int, Curves],
    ties: Sequence[Tie],
    apart: Sequence[tuple[int, int, int]],
    coupled: Sequence[int],
) -> dict[int, I8]:
    """Starts of each coupled visit when no carer takes two: ends of the pieces of all curves."""
    out = {}
    for row in coupled:
        own = corners(desk, row)
        out[row] = _only(np.concatenate([curves[row].rows[:, :2].ravel(), own]))
    return _spread(out, _offsets(desk, ties, apart), len(coupled) - 1)


def chained(
    desk: Desk,
    chosen: Mapping[int, frozenset[int]],
    sitting: Mapping[int, I8 | None],
    asked: Mapping[int, Asked],
    ties: Sequence[Tie],
    apart: Sequence[tuple[int, int, int]],
) -> dict[int, I8]:
    """Starts of each coupled visit when some carers take several."""
    found: dict[int, list[I8]] = {row: [] for row in sitting}
    offsets = _offsets(desk, ties, apart)
    for row, times in sitting.items():
        found[row] += [corners(desk, row), *([] if times is None else [times])]
    alone = len(chosen) == 1 and all(times is None for times in sitting.values())
    for staff, rows in chosen.items():
        for vehicle in np.flatnonzero(desk.model.staff_of == staff).tolist():
            for order, new in _layouts(desk, vehicle, rows, asked):
                lines = _lines(desk, vehicle, order)
                if lines is None:
                    continue
                marks, reach, sums = lines
                for at in new:
                    if order[at] in found:
                        found[order[at]].append(_plus(marks + reach[at], sums))
                if alone:
                    continue
                for a, b in combinations(new, 2):
                    if order[a] in found and order[b] in found:
                        far = _plus(np.array([reach[b] - reach[a]]), [x for x in sums if x >= 0])
                        offsets.setdefault((order[a], order[b]), set()).update(far.tolist())
                        back = (-far).tolist()
                        offsets.setdefault((order[b], order[a]), set()).update(back)
    out = {row: _only(np.concatenate(parts)) for row, parts in found.items()}
    return _spread(out, offsets, len(out) - 1)


def _only(times: I8) -> I8:
    times = np.unique(times)
    return times[(times >= 0) & (times < _NEVER)]


def _plus(times: I8, sums: Sequence[int]) -> I8:
    return np.concatenate([times + x for x in sums])


def _offsets(desk: Desk, ties: Sequence[Tie], apart: Sequence[tuple[int, int, int]]) -> Shifts:
    """From one visit to another: seconds by which its start may be tied to the other's."""
    out: Shifts = {}
    for tie in ties:
        gaps = {g for g in (tie.low, tie.high) if g < _NEVER}
        out.setdefault((tie.first, tie.second), set()).update(gaps)
        out.setdefault((tie.second, tie.first), set()).update(-g for g in gaps)
    for a, b, gap in apart:
        for one, two in ((a, b), (b, a)):
            longs = {int(x) + gap for x in np.unique(desk.model.long[:, one])}
            out.setdefault((one, two), set()).update(longs)
            out.setdefault((two, one), set()).update(-x for x in longs)
    return out


def _spread(times: dict[int, I8], offsets: Shifts, rounds: int) -> dict[int, I8]:
    for _ in range(rounds):
        more = {row: [mine] for row, mine in times.items()}
        for (a, b), gaps in offsets.items():
            if a in times and b in times and gaps:
                more[b].append(_plus(times[a], sorted(gaps)))
        times = {row: _only(np.concatenate(parts)) for row, parts in more.items()}
    return times


def corners(desk: Desk, row: int) -> I8:
    """Where the cost of a visit's own start bends: windows, preferred time, promise, agreement."""
    held = int(desk.stand.held[row])
    if held >= 0:
        return np.array([held])
    wish = desk.model.problem.visits[row].preferred
    out = [t for w in desk.model.windows[row] for t in (w.earliest, w.latest)]
    out += [] if wish is None else [wish.earliest, wish.latest]
    return np.array([*out, desk.told(row)])


def _layouts(
    desk: Desk, vehicle: int, rows: frozenset[int], asked: Mapping[int, Asked]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Every order of a vehicle with some of the visits in it, and where those are."""
    base = desk.stand.order(vehicle)
    able = [r for r in sorted(rows) if vehicle in asked[r].vehicles]
    for size in range(1, len(able) + 1):
        for some in permutations(able, size):
            for gaps in combinations_with_replacement(range(len(base) + 1), size):
                order: list[int] = []
                new: list[int] = []
                for g in range(len(base) + 1):
                    for row, gap in zip(some, gaps, strict=True):
                        if gap == g:
                            new.append(len(order))
                            order.append(row)
                    order += base[g : g + 1]
                yield tuple(order), tuple(new)


def _lines(
    desk: Desk, vehicle: int, order: Sequence[int]
) -> tuple[I8, list[int], list[int]] | None:
    """Corners of all stops as if each were the first of one tight chain, how far each stop lies
    along it, and what breaks on the way may add or take."""
    model = desk.model
    ways = ways_of(model, vehicle, order)
    if ways is None:
        return None
    shift = model.shifts[vehicle]
    breaks = shift.breaks
    rested = [b.earliest + b.duration for b in breaks]
    limits = [b.latest for b in breaks]
    marks = [np.array([shift.start, *rested, *limits])]
    reach: list[int] = []
    now = 0
    for row, (way, access) in zip(order, ways, strict=False):
        now += way + access
        reach.append(now)
        long = model.lasts(vehicle, row)
        own = [*rested, *(t - long for t in limits)]
        marks.append(np.concatenate([corners(desk, row), np.array(own, dtype=np.int64)]) - now)
        now += long
    now += ways[-1][0]
    marks.append(np.array([shift.end, shift.latest_return, *rested, *limits]) - now)
    lengths = [b.duration for b in breaks]
    sums = {sum(lengths[a:b]) for a in range(len(lengths) + 1) for b in range(a, len(lengths) + 1)}
    return np.unique(np.concatenate(marks)), reach, sorted({s * x for s in sums for x in (1, -1)})
