"""Fastest ways from places through the graph, in exact whole numbers.

A cost is one integer, milliseconds times 2**24 plus decimetres. Sums stay exact in a
float64 (up to 6 days and 1,600 km), so every machine finds the same way, a round trip on
foot costs the same in both directions, of two equally fast ways the shorter one wins, and
the length of the fastest way comes with its time.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from carecoord.streets.graph import Bools, Graph, Ints
from carecoord.streets.place import Floats
from carecoord.streets.snap import Snaps

Longs: TypeAlias = npt.NDArray[np.int64]

_UNIT = float(1 << 24)


def cost(seconds: Floats, metres: Floats) -> Floats:
    """Pack times and lengths; infinite where the time is."""
    packed = np.round(seconds * 1000) * _UNIT + np.round(metres * 10)
    result: Floats = np.where(np.isfinite(seconds), packed, np.inf)
    return result


def milliseconds(packed: Floats) -> Floats:
    result: Floats = np.floor(packed / _UNIT)
    return result


def decimetres(packed: Floats) -> Floats:
    """The length in a finite cost."""
    result: Floats = packed - np.floor(packed / _UNIT) * _UNIT
    return result


@dataclass(frozen=True, slots=True)
class Ends:
    """Costs between the points where places meet the streets and the ends of their edges.

    All have shape (places,), infinite where not allowed or where a place meets no street.
    """

    edge: Ints
    tail: Ints
    head: Ints
    from_tail: Floats
    to_tail: Floats
    from_head: Floats
    to_head: Floats


class Links:
    """Junction to junction connections of a graph, the cheapest one of each pair."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.forth = cost(graph.forth, graph.metres)
        self.back = cost(graph.back, graph.metres)
        there = np.flatnonzero(np.isfinite(self.forth))
        home = np.flatnonzero(np.isfinite(self.back))
        rows = np.concatenate([graph.tail[there], graph.head[home]]).astype(np.int64)
        cols = np.concatenate([graph.head[there], graph.tail[home]]).astype(np.int64)
        costs = np.concatenate([self.forth[there], self.back[home]])
        # A direction is coded like a half piece: 2 * edge forth, 2 * edge + 1 back.
        half = np.concatenate([2 * there, 2 * home + 1])
        key = rows * max(graph.junctions, 1) + cols
        order = np.lexsort((half, costs, key))
        order = order[np.append(True, np.diff(key[order]) > 0)] if len(order) else order
        self._key, self._half = key[order], half[order]
        self._cols, self._costs = cols[order], costs[order]
        self._start = np.searchsorted(rows[order], np.arange(graph.junctions + 1))

    def half(self, rows: Longs, cols: Longs) -> Longs:
        """Coded edges of connections that exist: 2 * edge forth, 2 * edge + 1 back."""
        slot = np.searchsorted(self._key, rows * max(self.graph.junctions, 1) + cols)
        found: Longs = self._half[slot]
        return found

    def ends(self, snaps: Snaps) -> Ends:
        graph = self.graph
        if not len(graph.tail):
            count = len(snaps.edge)
            none, never = np.zeros(count, dtype=np.int32), np.full(count, np.inf)
            return Ends(snaps.edge, none, none, never, never, never, never)
        edge, off = snaps.edge, snaps.edge < 0
        forth, back = self.forth[edge], self.back[edge]
        at = np.minimum(snaps.at, graph.metres[edge])
        # Both ends from one rounding: a place then splits its edge into two exact parts.
        from_tail = cost(np.minimum(snaps.from_tail, graph.forth[edge]), at)
        to_tail = cost(np.minimum(snaps.to_tail, graph.back[edge]), at)

        def settled(inside: Floats, near: Bools, far: Bools, whole: Floats) -> Floats:
            # At a junction no one-way rule of the edge applies yet: every edge is open there.
            return np.select([off, near, far], [np.inf, 0.0, whole], inside)

        return Ends(
            edge=edge,
            tail=graph.tail[edge],
            head=graph.head[edge],
            from_tail=settled(from_tail, snaps.at_tail, snaps.at_head, forth),
            to_tail=settled(to_tail, snaps.at_tail, snaps.at_head, back),
            from_head=settled(_rest(back, to_tail), snaps.at_head, snaps.at_tail, back),
            to_head=settled(_rest(forth, from_tail), snaps.at_head, snaps.at_tail, forth),
        )

    def search(self, ends: Ends, rows: Longs, *, trace: bool = False) -> tuple[Floats, Ints]:
        """Costs from the places `rows` to every junction, shape (rows, junctions).

        The second array, same shape, holds the junction before each one, a number of at
        least `junctions` where the way starts with this one, negative where there is no
        way; it is empty unless `trace` is set.
        """
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        junctions, count = self.graph.junctions, len(rows)
        # One more node per place, with a link to each end of its edge.
        targets = np.stack([ends.tail[rows], ends.head[rows]], axis=1)
        offsets = np.stack([ends.to_tail[rows], ends.to_head[rows]], axis=1)
        loop = targets[:, 0] == targets[:, 1]
        offsets[loop, 0] = offsets[loop].min(axis=1, initial=np.inf)
        offsets[loop, 1] = np.inf
        usable = np.isfinite(offsets)
        begins = len(self._cols) + np.cumsum(usable.sum(axis=1))
        matrix = csr_array(
            (
                np.concatenate([self._costs, offsets[usable]]),
                np.concatenate([self._cols, targets[usable]]),
                np.concatenate([self._start, begins]),
            ),
            shape=(junctions + count, junctions + count),
        )
        sources = np.arange(junctions, junctions + count)
        if not trace:
            found = dijkstra(matrix, indices=sources)
            return found[:, :junctions], np.zeros((0, 0), dtype=np.int32)
        found, before = dijkstra(matrix, indices=sources, return_predecessors=True)
        return found[:, :junctions], before[:, :junctions]


def _rest(whole: Floats, part: Floats) -> Floats:
    closed = ~np.isfinite(whole)
    return np.where(closed, np.inf, whole - np.where(closed, 0.0, part))
