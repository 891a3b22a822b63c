"""The line of the fastest way between two places, for drawing it on a map."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from carecoord.streets.graph import Ints
from carecoord.streets.links import Ends, Links, Longs
from carecoord.streets.matrix import direct
from carecoord.streets.place import Floats, Place
from carecoord.streets.profiles import Mode
from carecoord.streets.snap import EdgeIndex, Snaps

Line: TypeAlias = list[tuple[float, float]]

_BLOCK_CELLS = 8_000_000


def lines(
    links: Links, index: EdgeIndex, legs: Sequence[tuple[Place, Place]], mode: Mode
) -> list[Line]:
    """One line per leg, (lon, lat) from door to door; empty where there is no way."""
    row: dict[Place, int] = {}
    for leg in legs:
        for place in leg:
            row.setdefault(place, len(row))
    snaps = index.snap(list(row), mode)
    draw = _Drawing(links, snaps, links.ends(snaps))
    leaving: dict[int, list[int]] = {}
    for number, (start, end) in enumerate(legs):
        if start != end and snaps.edge[row[start]] >= 0 and snaps.edge[row[end]] >= 0:
            leaving.setdefault(row[start], []).append(number)
    drawn: list[Line] = [[_point(a.lon, a.lat)] if a == b else [] for a, b in legs]
    block = max(1, _BLOCK_CELLS // max(1, links.graph.junctions))
    starts = np.array(list(leaving), dtype=np.int64)
    for first in range(0, len(starts), block):
        part = starts[first : first + block]
        reached, before = links.search(draw.ends, part, trace=True)
        for place, costs, tree in zip(part.tolist(), reached, before, strict=True):
            for number in leaving[place]:
                start, end = legs[number]
                middle = draw.way(place, row[end], costs, tree)
                if middle:
                    door, goal = _point(start.lon, start.lat), _point(end.lon, end.lat)
                    drawn[number] = _without_repeats([door, *middle, goal])
    return drawn


@dataclass(frozen=True, slots=True)
class _Drawing:
    links: Links
    snaps: Snaps
    ends: Ends

    def way(self, start: int, end: int, costs: Floats, tree: Ints) -> Line:
        """From where `start` meets the streets to where `end` does."""
        ends, snaps = self.ends, self.snaps
        tail, head = int(ends.tail[end]), int(ends.head[end])
        over_tail = float(costs[tail] + ends.from_tail[end])
        over_head = float(costs[head] + ends.from_head[end])
        inside = np.inf
        if ends.edge[start] == ends.edge[end]:
            pair = np.array([start]), np.array([end])
            inside = float(direct(ends, snaps.at, *pair)[0])
        best = min(inside, over_tail, over_head)
        if not np.isfinite(best):
            return []
        if inside == best:
            return self._inside(start, end)
        last = tail if over_tail == best else head
        junctions = self._trace(last, tree)
        middle = [*self._to_end(start, junctions[0])]
        for half in self._halves(junctions):
            middle.extend(self._edge(half))
        arrival = self._from_tail(end) if over_tail == best else self._from_head(end)
        return [*middle, *arrival]

    def _trace(self, last: int, tree: Ints) -> list[int]:
        found = [last]
        while (before := int(tree[found[-1]])) < self.links.graph.junctions:
            found.append(before)
        return found[::-1]

    def _halves(self, junctions: list[int]) -> list[int]:
        at: Longs = np.array(junctions, dtype=np.int64)
        halves: list[int] = self.links.half(at[:-1], at[1:]).tolist()
        return halves

    def _to_end(self, place: int, junction: int) -> Line:
        ends = self.ends
        at_tail = junction == ends.tail[place]
        if at_tail and junction == ends.head[place]:
            at_tail = ends.to_tail[place] <= ends.to_head[place]
        return (self._from_tail(place) if at_tail else self._from_head(place))[::-1]

    def _from_tail(self, place: int) -> Line:
        graph, piece = self.links.graph, int(self.snaps.piece[place])
        first = int(graph.first[self.snaps.edge[place]])
        return [*self._points(graph.piece_a[first : piece + 1]), self._meeting(place)]

    def _from_head(self, place: int) -> Line:
        graph, piece = self.links.graph, int(self.snaps.piece[place])
        last = int(graph.first[self.snaps.edge[place] + 1])
        return [*self._points(graph.piece_b[piece:last][::-1]), self._meeting(place)]

    def _inside(self, start: int, end: int) -> Line:
        graph, snaps = self.links.graph, self.snaps
        low, high = sorted((start, end), key=lambda place: float(snaps.at[place]))
        bends = graph.piece_b[snaps.piece[low] : snaps.piece[high]]
        line = [self._meeting(low), *self._points(bends), self._meeting(high)]
        return line if low == start else line[::-1]

    def _edge(self, half: int) -> Line:
        graph = self.links.graph
        first, last = int(graph.first[half >> 1]), int(graph.first[(half >> 1) + 1])
        line = self._points(np.append(graph.piece_a[first], graph.piece_b[first:last]))
        return line[::-1] if half & 1 else line

    def _points(self, rows: Ints) -> Line:
        graph = self.links.graph
        return [
            _point(lon, lat)
            for lon, lat in zip(graph.lon[rows].tolist(), graph.lat[rows].tolist(), strict=True)
        ]

    def _meeting(self, place: int) -> tuple[float, float]:
        return _point(float(self.snaps.lon[place]), float(self.snaps.lat[place]))


def _point(lon: float, lat: float) -> tuple[float, float]:
    # 7 decimals are 1 cm, as fine as the map itself, and keep pages small.
    return round(lon, 7), round(lat, 7)


def _without_repeats(line: Line) -> Line:
    return [line[0], *(b for a, b in pairwise(line) if a != b)]
