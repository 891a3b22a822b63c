"""The streets one mode may use, as arrays: junctions, edges between them, connected parts."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from carecoord.streets.osm import RawStreets
from carecoord.streets.place import Floats, Plane, great_circle
from carecoord.streets.profiles import Mode

Ints: TypeAlias = npt.NDArray[np.int32]
Bools: TypeAlias = npt.NDArray[np.bool_]

# A connected part counts as large when its streets are at least this share of the longest
# part's. Below it lies what maps forget to connect: courtyards, platforms, roof paths.
LARGE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Pieces:
    """Straight street pieces in a mode's allowed directions.

    a, b
        Node rows of the ends, shape (pieces,).
    metres
        Length along the great circle.
    along, against
        Seconds from `a` to `b` and from `b` to `a`; infinite where not allowed.
    """

    a: Ints
    b: Ints
    metres: Floats
    along: Floats
    against: Floats


@dataclass(frozen=True)
class Graph:
    """Junctions and the edges between them, for one mode.

    An edge is a chain of pieces without a choice on the way. Pieces are stored in edge
    order and oriented along their edge, so those of edge e are `first[e]:first[e + 1]`.

    lon, lat
        Degrees of every point, shape (points,): junctions and bends.
    tail, head
        Junction numbers of an edge's ends, shape (edges,). Equal on a loop.
    forth, back
        Seconds tail to head and head to tail, infinite where not allowed, shape (edges,).
    metres
        Edge lengths, shape (edges,).
    part
        Strongly connected part of an edge, -1 where one can leave but not come back.
    large
        Whether that part is large, shape (edges,).
    joined
        Whether the edge touches a large part at all, if only through one-way streets.
    piece_edge, piece_a, piece_b
        Edge of a piece and its end points in edge direction, shape (pieces,).
    piece_at, piece_forth, piece_back
        Metres from the edge's tail to the piece's start, seconds from the tail to there, and
        seconds from there back to the tail, shape (pieces,).
    piece_metres, piece_along, piece_against
        The piece's own metres and seconds, shape (pieces,).
    """

    plane: Plane
    lon: Floats
    lat: Floats
    junctions: int
    tail: Ints
    head: Ints
    forth: Floats
    back: Floats
    metres: Floats
    part: Ints
    large: Bools
    joined: Bools
    first: Ints
    piece_edge: Ints
    piece_a: Ints
    piece_b: Ints
    piece_at: Floats
    piece_forth: Floats
    piece_back: Floats
    piece_metres: Floats
    piece_along: Floats
    piece_against: Floats


def pieces(raw: RawStreets, mode: Mode) -> tuple[Pieces, Floats, Floats]:
    """Every street piece the mode may use, and the degrees of the points they join.

    A node with a barrier that stops the mode becomes one dead end per piece that meets
    there: its copies are added behind the file's own nodes.
    """
    starts: list[int] = []
    ends: list[int] = []
    forth: list[float] = []
    back: list[float] = []
    for way in raw.ways:
        along, against = mode.speeds_on(way.tags)
        if along or against:
            starts.extend(way.nodes[:-1])
            ends.extend(way.nodes[1:])
            forth.extend([along] * (len(way.nodes) - 1))
            back.extend([against] * (len(way.nodes) - 1))
    blocked = {row for row, tags in raw.gates.items() if not mode.passes(tags)}
    copies: list[int] = []
    if blocked:
        for side in (starts, ends):
            for number, row in enumerate(side):
                if row in blocked:
                    side[number] = len(raw.lon) + len(copies)
                    copies.append(row)
    lon = np.append(raw.lon, raw.lon[copies]) if copies else raw.lon
    lat = np.append(raw.lat, raw.lat[copies]) if copies else raw.lat
    a, b = np.array(starts, dtype=np.int32), np.array(ends, dtype=np.int32)
    metres = great_circle(lon[a], lat[a], lon[b], lat[b])
    with np.errstate(divide="ignore", invalid="ignore"):
        along_s, against_s = metres * 3.6 / np.array(forth), metres * 3.6 / np.array(back)
    # 0 m at 0 km/h is not a number; two nodes on one spot are still one-way.
    along_s[np.array(forth) == 0] = np.inf
    against_s[np.array(back) == 0] = np.inf
    return Pieces(a, b, metres, along_s, against_s), lon, lat


def build(raw: RawStreets, mode: Mode) -> Graph:
    """The graph of one mode. It has no edge at all when nothing is allowed."""
    flat, lon, lat = pieces(raw, mode)
    chains = _chains(flat, len(lon))
    order = np.array([half >> 1 for chain in chains for half in chain], dtype=np.int32)
    turned = np.array([half & 1 for chain in chains for half in chain], dtype=bool)
    sizes = np.array([len(chain) for chain in chains], dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(sizes)])
    along = np.where(turned, flat.against[order], flat.along[order])
    against = np.where(turned, flat.along[order], flat.against[order])
    metres = flat.metres[order]
    a = np.where(turned, flat.b[order], flat.a[order])
    b = np.where(turned, flat.a[order], flat.b[order])
    at, length = _running(metres, first)
    until, forth = _running(along, first)
    since, back = _running(against, first)
    ends = np.concatenate([a[first[:-1]], b[first[1:] - 1]]) if len(sizes) else a
    names, number = np.unique(ends, return_inverse=True)
    tail, head = number[: len(sizes)].astype(np.int32), number[len(sizes) :].astype(np.int32)
    part, large, joined = _parts(tail, head, forth, back, length, len(names))
    return Graph(
        plane=Plane(float(np.mean(raw.lon)), float(np.mean(raw.lat))),
        lon=lon,
        lat=lat,
        junctions=len(names),
        tail=tail,
        head=head,
        forth=forth,
        back=back,
        metres=length,
        part=part,
        large=large,
        joined=joined,
        first=first.astype(np.int32),
        piece_edge=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        piece_a=a.astype(np.int32),
        piece_b=b.astype(np.int32),
        piece_at=at,
        piece_forth=until,
        piece_back=since,
        piece_metres=metres,
        piece_along=along,
        piece_against=against,
    )


def _running(values: Floats, first: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Sums before each piece within its edge, and the sum of each edge.

    Infinity is kept apart, because infinity minus infinity is no number; a direction is
    open for a whole edge or closed for a whole edge.
    """
    finite = np.where(np.isfinite(values), values, 0.0)
    total = np.concatenate([[0.0], np.cumsum(finite)])
    before = total[:-1] - np.repeat(total[first[:-1]], np.diff(first))
    summed = total[first[1:]] - total[first[:-1]]
    closed = ~np.isfinite(values)
    before[closed] = np.inf
    summed[closed[first[:-1]]] = np.inf
    return before, summed


def _through(flat: Pieces, points: int) -> list[int]:
    """For each half piece, the half piece one must go on with, or -1 at a junction.

    Half 2p leaves piece p's start towards its end, half 2p + 1 the other way round.
    """
    count = len(flat.a)
    origin = np.empty(2 * count, dtype=np.int64)
    origin[0::2], origin[1::2] = flat.a, flat.b
    can_leave = np.empty(2 * count, dtype=bool)
    can_leave[0::2], can_leave[1::2] = np.isfinite(flat.along), np.isfinite(flat.against)
    can_enter = can_leave.reshape(-1, 2)[:, ::-1].reshape(-1)
    order = np.argsort(origin, kind="stable")
    degree = np.bincount(origin, minlength=points)
    start = np.cumsum(degree) - degree
    middles = np.flatnonzero(degree == 2)
    one, two = order[start[middles]], order[start[middles] + 1]
    # Where a one-way street begins, a stop before it can turn back and one behind it cannot.
    same = (can_enter[one] == can_leave[two]) & (can_leave[one] == can_enter[two])
    same &= one >> 1 != two >> 1
    one, two = one[same], two[same]
    onward = np.full(2 * count, -1, dtype=np.int64)
    onward[one ^ 1] = two
    onward[two ^ 1] = one
    halves: list[int] = onward.tolist()
    return halves


def _chains(flat: Pieces, points: int) -> list[list[int]]:
    """Half pieces in order, one list per edge; every piece is in exactly one list."""
    onward = _through(flat, points)
    used = bytearray(len(flat.a))
    chains: list[list[int]] = []

    def walk(half: int) -> None:
        chain: list[int] = []
        while half >= 0 and not used[half >> 1]:
            used[half >> 1] = 1
            chain.append(half)
            half = onward[half]
        chains.append(chain)

    behind = set(onward)
    for half in range(2 * len(used)):
        if half not in behind and not used[half >> 1]:
            walk(half)
    # What is left are rings that touch nothing: they are cut open at any point.
    for piece, done in enumerate(bytes(used)):
        if not done and not used[piece]:
            walk(2 * piece)
    return chains


def _parts(
    tail: Ints, head: Ints, forth: Floats, back: Floats, metres: Floats, junctions: int
) -> tuple[Ints, Bools, Bools]:
    if not len(tail):
        nothing = np.zeros(0, dtype=bool)
        return np.zeros(0, dtype=np.int32), nothing, nothing
    # SciPy is loaded by whoever works with streets; a web process mostly does not.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    there, home = np.isfinite(forth), np.isfinite(back)
    rows = np.concatenate([tail[there], head[home]])
    cols = np.concatenate([head[there], tail[home]])
    links = coo_array((np.ones(len(rows), dtype=np.int8), (rows, cols)), (junctions, junctions))
    count, label = connected_components(links.tocsr(), directed=True, connection="strong")
    inside = label[tail] == label[head]
    part = np.where(inside, label[tail], -1).astype(np.int32)
    length = np.bincount(part[inside], weights=metres[inside], minlength=count)
    big = length >= LARGE_SHARE * length.max(initial=0.0)
    large = inside & big[part] & (length[part] > 0)
    _, loose = connected_components(links.tocsr(), directed=True, connection="weak")
    return part, large, np.isin(loose[tail], loose[tail[large]])
