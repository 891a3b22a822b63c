"""OpenStreetMap file (PBF or XML) to the ways, nodes and buildings that travel needs."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import osmium

from carecoord.errors import Invalid, Missing
from carecoord.streets.place import Floats, Place

OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"

Bounds = tuple[float, float, float, float]

# Only tags that a profile or a page reads are kept: the hash of the data, and with it the
# cached travel times, then changes only when something that matters changed.
_WAY_TAGS = frozenset(
    "highway name access foot bicycle vehicle electric_bicycle motorroad sidewalk"
    " sidewalk:left sidewalk:right sidewalk:both cycleway"
    " cycleway:left cycleway:right cycleway:both oneway oneway:bicycle junction maxspeed".split()
)
_NODE_TAGS = frozenset("barrier access foot bicycle vehicle electric_bicycle locked".split())


@dataclass(frozen=True, slots=True)
class Way:
    """A street: row numbers of its nodes in order, and its tags."""

    nodes: tuple[int, ...]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Building:
    """A building that can hold a home or an office.

    place
        The middle of its outline.
    kind
        The OSM value of `building`, for example `apartments`; `yes` when only that is known.
    levels
        Storeys above ground; None when the map does not say.
    has_lift
        None when the map does not say.
    street, housenumber, name
        As on the map; None when the map does not say.
    """

    place: Place
    kind: str = "yes"
    levels: int | None = None
    has_lift: bool | None = None
    street: str | None = None
    housenumber: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class RawStreets:
    """What was read, before any profile decides who may go where.

    lon, lat
        WGS-84 degrees of every node that a way uses, shape (nodes,).
    gates
        Node row number to tags, for nodes with a barrier.
    bounds
        West, south, east, north.
    """

    lon: Floats
    lat: Floats
    gates: Mapping[int, Mapping[str, str]]
    ways: tuple[Way, ...]
    buildings: tuple[Building, ...]
    bounds: Bounds

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of everything that travel times depend on."""
        text = json.dumps(
            [
                sorted((row, sorted(tags.items())) for row, tags in self.gates.items()),
                [(way.nodes, sorted(way.tags.items())) for way in self.ways],
            ],
            ensure_ascii=False,
        )
        sha = hashlib.sha256(text.encode())
        sha.update(np.ascontiguousarray(self.lon, "<f8").tobytes())
        sha.update(np.ascontiguousarray(self.lat, "<f8").tobytes())
        return sha.hexdigest()


def read(path: Path) -> RawStreets:
    """Read streets and buildings of one file (`.osm.pbf`, `.osm`, `.osm.gz`, ...).

    Two passes, ways first, so that of a large file only the nodes in use are kept.

    Raises
    ------
    Missing
        `streets.file_missing`: no such file.
    Invalid
        `streets.file_broken`: not an OSM file; `streets.file_empty`: no street in it.
    """
    if not path.is_file():
        raise Missing("streets.file_missing", field="streets", path=str(path))
    try:
        streets, outlines = _read_ways(path)
        wanted = {ref for refs, _ in streets for ref in refs}
        wanted.update(ref for refs, _ in outlines for ref in refs)
        position, gates = _read_nodes(path, wanted)
        box = osmium.io.Reader(str(path), osmium.osm.NOTHING).header().box()
    except RuntimeError as error:
        raise Invalid(
            "streets.file_broken", field="streets", path=str(path), reason=str(error)
        ) from error
    declared = None
    if box.valid():
        low, high = box.bottom_left, box.top_right
        declared = (low.lon, low.lat, high.lon, high.lat)
    ways, lon, lat, row = _number(streets, position)
    if not ways:
        raise Invalid("streets.file_empty", field="streets", path=str(path))
    return RawStreets(
        lon=lon,
        lat=lat,
        gates={row[ref]: tags for ref, tags in gates.items() if ref in row},
        ways=ways,
        buildings=tuple(_buildings(outlines, position)),
        bounds=declared or (lon.min().item(), lat.min().item(), lon.max().item(), lat.max().item()),
    )


_Tagged = list[tuple[tuple[int, ...], dict[str, str]]]


def _read_ways(path: Path) -> tuple[_Tagged, _Tagged]:
    streets: _Tagged = []
    outlines: _Tagged = []
    wanted = osmium.filter.KeyFilter("highway", "building")
    for way in osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(wanted):
        assert isinstance(way, osmium.osm.Way)
        tags = dict(way.tags)
        refs = tuple(node.ref for node in way.nodes)
        if "highway" in tags:
            streets.append((refs, {key: tags[key] for key in tags.keys() & _WAY_TAGS}))
        else:
            outlines.append((refs, tags))
    return streets, outlines


def _read_nodes(
    path: Path, wanted: set[int]
) -> tuple[dict[int, tuple[float, float]], dict[int, dict[str, str]]]:
    position: dict[int, tuple[float, float]] = {}
    gates: dict[int, dict[str, str]] = {}
    # Not osmium's IdFilter: with today's node ids it takes half a gigabyte.
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE):
        assert isinstance(node, osmium.osm.Node)
        if node.id not in wanted or not node.location.valid():
            continue
        position[node.id] = (node.lon, node.lat)
        if "barrier" in node.tags:
            tags = dict(node.tags)
            gates[node.id] = {key: tags[key] for key in tags.keys() & _NODE_TAGS}
    return position, gates


def _number(
    streets: _Tagged, position: Mapping[int, tuple[float, float]]
) -> tuple[tuple[Way, ...], Floats, Floats, dict[int, int]]:
    row: dict[int, int] = {}
    ways = []
    for refs, tags in streets:
        # Extracts cut ways at their edge: refs without a node are gaps, and a gap is a cut.
        for run in _runs(refs, position):
            ways.append(Way(tuple(row.setdefault(ref, len(row)) for ref in run), tags))
    at = np.array([position[ref] for ref in row], dtype=np.float64).reshape(-1, 2)
    return tuple(ways), at[:, 0].copy(), at[:, 1].copy(), row


def _runs(
    refs: tuple[int, ...], position: Mapping[int, tuple[float, float]]
) -> Iterable[tuple[int, ...]]:
    run: list[int] = []
    for ref in (*refs, None):
        if ref is not None and ref in position:
            if not run or run[-1] != ref:
                run.append(ref)
            continue
        if len(run) > 1:
            yield tuple(run)
        run = []


def _buildings(
    outlines: _Tagged, position: Mapping[int, tuple[float, float]]
) -> Iterable[Building]:
    for refs, tags in outlines:
        if tags["building"] == "no":
            continue
        ring = [position[ref] for ref in dict.fromkeys(refs) if ref in position]
        if not ring:
            continue
        middle = np.mean(np.array(ring), axis=0)
        yield Building(
            place=Place(round(middle[0].item(), 7), round(middle[1].item(), 7)),
            kind=tags["building"],
            levels=_levels(tags.get("building:levels")),
            has_lift={"yes": True, "no": False}.get(tags.get("elevator", "")),
            street=tags.get("addr:street"),
            housenumber=tags.get("addr:housenumber"),
            name=tags.get("name"),
        )


def _levels(text: str | None) -> int | None:
    """Storeys of a `building:levels` value such as `6`, `5.5` or `6;7` (the highest)."""
    numbers = [float(found) for found in re.findall(r"\d+(?:\.\d+)?", text or "")]
    whole = int(max(numbers, default=0))
    return whole if 1 <= whole <= 200 else None
