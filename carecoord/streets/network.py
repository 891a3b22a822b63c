"""A street network: what the rest of the product asks about streets."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from threading import Lock

import numpy as np

from carecoord.errors import Fact
from carecoord.streets import cache, graph, matrix, path
from carecoord.streets.links import Links
from carecoord.streets.osm import OSM_ATTRIBUTION, Bounds, Building, RawStreets, read
from carecoord.streets.place import Floats, Place, Plane
from carecoord.streets.profiles import Mode
from carecoord.streets.snap import EdgeIndex, Snaps, project
from carecoord.streets.travel import PlaceProblem, Travel, door_to_door


class Network:
    """Streets and buildings of one area, with the graphs of the modes used so far.

    name
        File name, or the name of a generated network.
    attribution
        Credit that must stand on every page or file that shows this network's streets,
        routes or times; empty for generated streets.
    """

    def __init__(self, raw: RawStreets, *, name: str, attribution: str = "") -> None:
        self._raw, self.name, self.attribution = raw, name, attribution
        self._routing: dict[Mode, tuple[Links, EdgeIndex]] = {}
        self._lock = Lock()

    @classmethod
    def load(cls, file: Path | str) -> "Network":
        """Read an OpenStreetMap file. Raises `Missing` and `Invalid` as `osm.read` does."""
        file = Path(file)
        return cls(read(file), name=file.name, attribution=OSM_ATTRIBUTION)

    @property
    def buildings(self) -> Sequence[Building]:
        return self._raw.buildings

    def drawing(self) -> Iterator[tuple[str, path.Line]]:
        """Every street as its OSM `highway` value and its (lon, lat) line, for a map."""
        for way in self._raw.ways:
            rows = list(way.nodes)
            line = zip(self._raw.lon[rows].tolist(), self._raw.lat[rows].tolist(), strict=True)
            yield way.tags.get("highway", ""), list(line)

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north of the file, or of its streets if it does not say."""
        return self._raw.bounds

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of all that travel times depend on."""
        return self._raw.digest

    def travel(
        self, places: Sequence[Place], mode: Mode, cache_dir: Path | str | None = None
    ) -> Travel:
        """Times between all places; equal input gives equal output on every machine.

        Places without a usable street keep their row: `UNREACHABLE` in both directions,
        and a problem that says why.

        Raises
        ------
        Invalid
            `travel.cache_dir`: the cache directory cannot be written.
        """
        if cache_dir is None:
            return self._search(places, mode)
        file = Path(cache_dir) / cache.file_name(places, mode, self.content_hash)
        found = cache.load(file, mode, self.attribution)
        if found is None:
            found = self._search(places, mode)
            cache.save(file, found)
        return found

    def street_near(self, place: Place) -> str | None:
        """Name of the nearest named street, for an address; None if no street has a name."""
        a, b, names = self._named
        if not names:
            return None
        point = self._plane.metres(np.array([place.lon]), np.array([place.lat]))
        distance, _ = project(np.broadcast_to(point, a.shape), a, b)
        return names[int(np.argmin(distance))]

    @cached_property
    def _plane(self) -> Plane:
        return Plane(float(np.mean(self._raw.lon)), float(np.mean(self._raw.lat)))

    @cached_property
    def _named(self) -> tuple[Floats, Floats, list[str]]:
        """Both ends in flat metres, and the name, of each straight piece of named streets."""
        named = [way for way in self._raw.ways if way.tags.get("name")]
        rows = np.array([pair for way in named for pair in pairwise(way.nodes)], dtype=np.int64)
        at = self._plane.metres(self._raw.lon, self._raw.lat)[rows.reshape(-1, 2)]
        names = [way.tags["name"] for way in named for _ in way.nodes[1:]]
        return at[:, 0], at[:, 1], names

    def line(self, start: Place, end: Place, mode: Mode) -> path.Line:
        """(lon, lat) along the streets from door to door; empty where there is no way."""
        return self.lines([(start, end)], mode)[0]

    def lines(self, legs: Sequence[tuple[Place, Place]], mode: Mode) -> list[path.Line]:
        """One line per leg, as `line`; each start is searched from once."""
        return path.lines(*self._routes(mode), legs, mode)

    def _routes(self, mode: Mode) -> tuple[Links, EdgeIndex]:
        with self._lock:
            if mode not in self._routing:
                built = graph.build(self._raw, mode)
                self._routing[mode] = (Links(built), EdgeIndex(built))
            return self._routing[mode]

    def _search(self, places: Sequence[Place], mode: Mode) -> Travel:
        links, index = self._routes(mode)
        snaps = index.snap(places, mode)
        milliseconds, decimetres = matrix.between(links, snaps)
        walked = np.where(snaps.edge >= 0, snaps.metres, np.inf)
        seconds, metres = door_to_door(places, mode, milliseconds, decimetres, walked)
        return Travel(
            mode=mode.name,
            seconds=seconds,
            metres=metres,
            snap_metres=snaps.metres,
            problems=tuple(_problems(snaps, links.graph, mode)),
            estimated=False,
            attribution=self.attribution,
        )


def _problems(snaps: Snaps, streets: graph.Graph, mode: Mode) -> Iterator[PlaceProblem]:
    parts = Counter(streets.part[snaps.edge[snaps.edge >= 0]].tolist())
    # The part of most places; of equally many, the one the map numbers first.
    main = min(parts, key=lambda part: (-parts[part], part), default=-1)
    who: dict[str, Fact] = {"mode": mode.name}
    near, far = who | {"limit": mode.snap_reported}, who | {"limit": mode.snap_limit}
    for row, edge in enumerate(snaps.edge.tolist()):
        metres = snaps.metres[row].item()
        if edge >= 0 and streets.part[edge] != main:
            yield PlaceProblem(row, "place.unreachable", who)
        elif edge >= 0 and metres > mode.snap_reported:
            yield PlaceProblem(row, "place.far_from_street", near | {"metres": round(metres)})
        elif edge < 0 and snaps.stray[row] <= mode.snap_reported:
            yield PlaceProblem(row, "place.cut_off", near)
        elif edge < 0:
            yield PlaceProblem(row, "place.outside", far)
