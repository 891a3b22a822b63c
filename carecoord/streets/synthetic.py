"""A fictional neighbourhood, generated: for the demo and tests when no map is given.

About 2.6 km2 with a river, five bridges of which one is for people on foot only, one-way
streets, gated estates with lifts, walk-ups without and old lanes. It lies in the middle of
Lake Tai, so that nobody takes it for a real address.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import numpy as np

from carecoord.streets.network import Network
from carecoord.streets.osm import Building, RawStreets, Way
from carecoord.streets.place import Place, Plane

CENTRE = Place(lon=120.15, lat=31.20)

_PLANE = Plane(CENTRE.lon, CENTRE.lat)

# Metres east and north of the centre. The river runs between the two bank roads.
_AVENUES = (-800.0, -400.0, 0.0, 400.0, 800.0)
_ROADS = (-800.0, -450.0, -120.0, 120.0, 450.0, 800.0)
_SOUTH_BANK, _NORTH_BANK = 2, 3

_AVENUE_NAMES = ("云帆路", "听澜路", "望舒大街", "青芷路", "归雁路")
_ROAD_NAMES = ("锦书路", "松风街", "南浦街", "北浦街", "采薇街", "碧梧路")
_ESTATE_NAMES = (
    "芙蓉里", "杏林苑", "柏树园", "桐花苑", "兰溪里", "海棠苑", "紫藤里", "枫桥苑",
    "梅园", "竹韵里", "荷风苑", "桂香里", "榆荫苑", "石榴里", "银杏园", "丁香苑",
)  # fmt: skip


def network(seed: int = 0) -> Network:
    """The neighbourhood of one seed, the same on every machine."""
    town = _Town(Random(seed))  # noqa: S311  a picture of a town, not a secret
    town.draw()
    return Network(town.raw(), name=f"synthetic-{seed}")


@dataclass
class _Town:
    random: Random
    points: list[tuple[float, float]] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    gates: dict[int, dict[str, str]] = field(default_factory=dict)
    plane: Plane = _PLANE
    _numbers: Counter[str] = field(default_factory=Counter)
    _corners: list[list[int]] = field(default_factory=list)
    # Points inside the stretch of a road between two corners, where lanes join it.
    _joins: dict[tuple[int, int], list[int]] = field(default_factory=dict)

    def draw(self) -> None:
        self._corners = [
            [self._point(x + self._wobble(25), y + self._wobble(18)) for x in _AVENUES]
            for y in _ROADS
        ]
        names = list(_ESTATE_NAMES)
        self.random.shuffle(names)
        for south in range(len(_ROADS) - 1):
            for west in range(len(_AVENUES) - 1):
                if south != _SOUTH_BANK:
                    self._estate(south, west, names.pop())
        self._main_roads()
        self._river_walk()

    def raw(self) -> RawStreets:
        lon, lat = self.plane.degrees(np.array(self.points))
        lon, lat = np.round(lon, 7), np.round(lat, 7)
        return RawStreets(
            lon=lon,
            lat=lat,
            gates=self.gates,
            ways=tuple(self.ways),
            buildings=tuple(self.buildings),
            bounds=(lon.min().item(), lat.min().item(), lon.max().item(), lat.max().item()),
        )

    def _wobble(self, metres: float) -> float:
        return self.random.uniform(-metres, metres)

    def _point(self, east: float, north: float) -> int:
        self.points.append((east, north))
        return len(self.points) - 1

    def _between(self, a: int, b: int, share: float) -> tuple[float, float]:
        (x1, y1), (x2, y2) = self.points[a], self.points[b]
        return x1 + (x2 - x1) * share, y1 + (y2 - y1) * share

    def _way(self, nodes: list[int], highway: str, **tags: str) -> None:
        self.ways.append(Way(tuple(nodes), {"highway": highway, **tags}))

    def _main_roads(self) -> None:
        kinds = ("tertiary", "secondary", "residential", "residential", "secondary", "tertiary")
        for number, (row, kind, name) in enumerate(
            zip(self._corners, kinds, _ROAD_NAMES, strict=True)
        ):
            nodes = [row[0]]
            for west in range(len(_AVENUES) - 1):
                joins = self._joins.get((number, west), [])
                nodes += sorted(joins, key=lambda node: self.points[node][0])
                nodes.append(row[west + 1])
            # Right-hand traffic: the bank roads form one large ring around the river.
            one_way = {_SOUTH_BANK: "yes", _NORTH_BANK: "-1"}.get(number)
            self._way(nodes, kind, name=name, **({"oneway": one_way} if one_way else {}))
        avenues = ("secondary", "tertiary", "primary", "tertiary", "secondary")
        for number, (kind, name) in enumerate(zip(avenues, _AVENUE_NAMES, strict=True)):
            column = [row[number] for row in self._corners]
            if number in (1, 3):
                self._way(column[: _SOUTH_BANK + 1], kind, name=name)
                self._way(column[_NORTH_BANK:], kind, name=name)
            else:
                self._way(column, kind, name=name)
        self._foot_bridge(1)

    def _foot_bridge(self, avenue: int) -> None:
        south, north = self._corners[_SOUTH_BANK][avenue], self._corners[_NORTH_BANK][avenue]
        foot, top = (self._point(*self._between(south, north, share)) for share in (0.1, 0.9))
        self._way([south, foot], "steps")
        self._way([foot, top], "footway", name="虹影桥")
        self._way([top, north], "steps")

    def _river_walk(self) -> None:
        west, east = self._corners[_SOUTH_BANK][0], self._corners[_SOUTH_BANK][-1]
        path = [west]
        for step in range(1, 12):
            x, y = self._between(west, east, step / 12)
            path.append(self._point(x, y + 45 + 15 * math.sin(step)))
        self._way([*path, east], "footway", name="南浦绿道")

    def _estate(self, south: int, west: int, name: str) -> None:
        """One block between four roads: a spine from road to road, and lanes off it."""
        style = self.random.choice(("tower", "walk_up", "walk_up", "lanes"))
        low, high = self._corners[south], self._corners[south + 1]
        share = self.random.uniform(0.4, 0.6)
        gate_low = self._point(*self._between(low[west], low[west + 1], share))
        gate_high = self._point(*self._between(high[west], high[west + 1], share))
        self._joins.setdefault((south, west), []).append(gate_low)
        self._joins.setdefault((south + 1, west), []).append(gate_high)
        lanes = 5 if style == "lanes" else 4
        spine = [gate_low]
        for number in range(1, lanes + 1):
            node = self._point(*self._between(gate_low, gate_high, number / (lanes + 1)))
            spine.append(node)
            self._lane(style, name, number, node, (low[west], low[west + 1]))
        spine.append(gate_high)
        self._spine(style, name, spine)

    def _spine(self, style: str, name: str, spine: list[int]) -> None:
        if style == "lanes":
            self._way(spine, "living_street", name=name)
            return
        inside = self._point(*self._between(spine[0], spine[1], 0.2))
        self.gates[inside] = {"barrier": "lift_gate" if style == "tower" else "gate"}
        self._way([spine[0], inside, *spine[1:]], "service", access="permissive")

    def _lane(
        self, style: str, name: str, number: int, node: int, corners: tuple[int, int]
    ) -> None:
        left, right = (self.points[corner][0] for corner in corners)
        x, y = self.points[node]
        ends = [left + 35 + self.random.uniform(0, 30), right - 35 - self.random.uniform(0, 30)]
        west_end, east_end = (self._point(end, y + self._wobble(8)) for end in ends)
        lane = f"{name}{'一二三四五'[number - 1]}巷"
        if style == "lanes":
            one_way = {"oneway": "yes"} if self.random.random() < 0.4 else {}
            # A one-way lane would be a trap without the second way out to the spine.
            self._way([west_end, node, east_end], "living_street", name=lane, **one_way)
            if one_way:
                bow = self._point(x, y + 22)
                self._way([east_end, bow, west_end], "living_street", name=lane, **one_way)
        else:
            kind = "service" if style == "tower" else "residential"
            self._way([west_end, node, east_end], kind, access="permissive")
        self._houses(style, name, lane, (west_end, east_end))

    def _houses(self, style: str, name: str, lane: str, ends: tuple[int, int]) -> None:
        spacing = {"tower": 62.0, "walk_up": 46.0, "lanes": 30.0}[style]
        (x1, _), (x2, _) = (self.points[end] for end in ends)
        count = int((x2 - x1) / spacing)
        for step in range(count):
            x, y = self._between(*ends, (step + 0.5) / count)
            lon, lat = self.plane.degrees(np.array([x + self._wobble(4), y - 14.0]))
            levels, has_lift = self._height(style)
            self._numbers[name] += 1
            self.buildings.append(
                Building(
                    place=Place(round(float(lon), 7), round(float(lat), 7)),
                    kind="house" if style == "lanes" else "apartments",
                    levels=levels,
                    has_lift=has_lift,
                    street=lane if style == "lanes" else name,
                    housenumber=f"{2 * step + 1}号"
                    if style == "lanes"
                    else f"{self._numbers[name]}号楼",
                )
            )

    def _height(self, style: str) -> tuple[int, bool]:
        if style == "tower":
            return self.random.choice((11, 16, 18, 24)), True
        if style == "lanes":
            return self.random.choice((1, 1, 2, 3)), False
        # A few walk-ups have had a lift added.
        return self.random.choice((5, 6, 6)), self.random.random() < 0.12
