"""The nearest point on a street for each place."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from carecoord.streets.graph import Bools, Graph, Ints
from carecoord.streets.place import Floats, Place
from carecoord.streets.profiles import Mode

if TYPE_CHECKING:
    from scipy.spatial import KDTree

# Longest stretch of street in the index, metres. A nearest middle bounds the nearest street
# to within half of it, so a shorter one means fewer candidates and a larger index.
_STRETCH = 60.0


@dataclass(frozen=True, slots=True)
class Snaps:
    """Where places meet the streets; all arrays have shape (places,).

    edge
        Edge number, -1 where there is no usable street within the mode's limit.
    metres
        Straight distance between place and street; infinite without a street at all.
    lon, lat
        The point on the street, degrees.
    piece
        The piece that the point lies on.
    at
        Metres from the edge's tail, to the millimetre: equal means the same point.
    from_tail, to_tail
        Seconds between the point and the edge's tail; infinite where not allowed.
    at_tail, at_head
        The point is that end of the edge, a junction.
    stray
        Straight distance to the nearest street without connection to a large part, metres.
    """

    edge: Ints
    metres: Floats
    lon: Floats
    lat: Floats
    piece: Ints
    at: Floats
    from_tail: Floats
    to_tail: Floats
    at_tail: Bools
    at_head: Bools
    stray: Floats


class EdgeIndex:
    """Finds nearest edges, exactly, by their middles in flat metres."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._a = graph.plane.metres(graph.lon[graph.piece_a], graph.lat[graph.piece_a])
        self._b = graph.plane.metres(graph.lon[graph.piece_b], graph.lat[graph.piece_b])

    @cached_property
    def _large(self) -> "tuple[KDTree, Ints] | None":
        return self._tree(self._graph.large[self._graph.piece_edge])

    @cached_property
    def _apart(self) -> "tuple[KDTree, Ints] | None":
        return self._tree(~self._graph.joined[self._graph.piece_edge])

    def _tree(self, wanted: Bools) -> "tuple[KDTree, Ints] | None":
        from scipy.spatial import KDTree

        rows = np.flatnonzero(wanted)
        if not len(rows):
            return None
        a, b = self._a[rows], self._b[rows]
        cuts = np.maximum(1, np.ceil(np.hypot(*(b - a).T) / _STRETCH)).astype(int)
        piece = np.repeat(np.arange(len(rows)), cuts)
        step = np.arange(len(piece)) - np.repeat(np.cumsum(cuts) - cuts, cuts)
        share = (step + 0.5) / cuts[piece]
        middles = a[piece] + (b - a)[piece] * share[:, None]
        return KDTree(middles), rows[piece].astype(np.int32)

    def snap(self, places: Sequence[Place], mode: Mode) -> Snaps:
        """Project each place onto the nearest edge of a large part.

        None is used where that is farther than the mode's limit, or where the place lies on
        a street that is cut off: across the water to the next street is not a way.
        """
        lon = np.array([place.lon for place in places], dtype=np.float64)
        lat = np.array([place.lat for place in places], dtype=np.float64)
        points = self._graph.plane.metres(lon, lat)
        piece, metres, share = self._nearest(self._large, points, mode.snap_limit)
        _, stray, _ = self._nearest(self._apart, points, mode.snap_limit)
        cut_off = (stray <= mode.snap_reported) & (metres > mode.snap_reported)
        usable = (piece >= 0) & (metres <= mode.snap_limit) & ~cut_off
        return self._located(piece, metres, share, stray, usable)

    def _nearest(
        self, tree: "tuple[KDTree, Ints] | None", points: Floats, limit: int
    ) -> tuple[Ints, Floats, Floats]:
        """Piece, metres to it and position on it (0 to 1); piece -1 where there is none."""
        count = len(points)
        best = np.full(count, -1, dtype=np.int32)
        metres, share = np.full(count, np.inf), np.zeros(count)
        if tree is None or not count:
            return best, metres, share
        middles, owner = tree
        guess = owner[middles.query(points)[1]]
        bound, _ = self._project(points, guess)
        # Beyond the limit the exact nearest does not matter, and its circle may hold all.
        reach = np.minimum(bound, limit) + _STRETCH / 2
        found = middles.query_ball_point(points, reach)
        sizes = np.array([len(rows) for rows in found])
        row = np.repeat(np.arange(count), sizes)
        candidate = owner[np.concatenate([*found, []]).astype(np.int64)]
        row, candidate = np.append(row, np.arange(count)), np.append(candidate, guess)
        distance, position = self._project(points[row], candidate)
        order = np.lexsort((candidate, distance, row))
        nearest = order[np.append(True, np.diff(row[order]) > 0)]
        return candidate[nearest].astype(np.int32), distance[nearest], position[nearest]

    def _project(self, points: Floats, piece: Ints) -> tuple[Floats, Floats]:
        return project(points, self._a[piece], self._b[piece])

    def _located(
        self, piece: Ints, metres: Floats, share: Floats, stray: Floats, usable: Bools
    ) -> Snaps:
        graph = self._graph
        if not len(graph.piece_edge):
            never, no = np.full(len(piece), np.inf), np.zeros(len(piece), dtype=bool)
            return Snaps(piece, metres, never, never, piece, never, never, never, no, no, stray)
        edge = graph.piece_edge[piece]
        share = _in_centimetres(share, graph.piece_metres[piece])
        spot = self._a[piece] + (self._b - self._a)[piece] * share[:, None]
        lon, lat = graph.plane.degrees(spot)
        return Snaps(
            edge=np.where(usable, edge, -1).astype(np.int32),
            metres=metres,
            lon=lon,
            lat=lat,
            piece=piece,
            at=np.round(graph.piece_at[piece] + graph.piece_metres[piece] * share, 3),
            from_tail=_grown(graph.piece_forth[piece], graph.piece_along[piece], share),
            to_tail=_grown(graph.piece_back[piece], graph.piece_against[piece], share),
            at_tail=usable & (piece == graph.first[edge]) & (share == 0),
            at_head=usable & (piece == graph.first[edge + 1] - 1) & (share == 1),
            stray=stray,
        )


def _in_centimetres(share: Floats, metres: Floats) -> Floats:
    # Two doors facing each other across a one-way street meet it at one point: without
    # this, the last bits of their projections would send a rider round the block.
    inner = (share > 0) & (share < 1) & (metres > 0)
    whole = np.round(share * metres, 2)
    return np.where(inner, np.clip(np.divide(whole, metres, where=inner, out=whole), 0, 1), share)


def _grown(before: Floats, piece: Floats, share: Floats) -> Floats:
    """`before` plus the share of the piece; a closed direction stays infinite."""
    closed = ~np.isfinite(piece)
    return np.where(closed, np.inf, before + np.where(closed, 0.0, piece) * share)


def project(points: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Distance of points from the straight pieces a to b, and how far along them they meet.

    All points are flat metres of shape (n, 2); the answers have shape (n,), the second
    from 0 at a to 1 at b.
    """
    run = b - a
    square = np.einsum("ij,ij->i", run, run)
    dot = np.einsum("ij,ij->i", points - a, run)
    share = np.clip(np.divide(dot, square, out=np.zeros_like(dot), where=square > 0), 0, 1)
    away = points - (a + run * share[:, None])
    return np.hypot(away[:, 0], away[:, 1]), share
