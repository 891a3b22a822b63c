"""A town of a few streets, written as an OpenStreetMap file and read like any other.

Metres east and north of a corner. A river runs between the bank roads; one bridge; a one-way
street in the south; an island without a bridge in the east.

    D ------- E ------- F        north 300
              |                            J -- K   island
    A ------- B ------- C        north 0
              |         ^
              P ->----> Q        north -200
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest

from carecoord.streets import Network, Place
from carecoord.streets.place import Plane

PLANE = Plane(120.15, 31.2)

POINTS = {
    "A": (0, 0), "B": (500, 0), "C": (1000, 0),
    "D": (0, 300), "E": (500, 300), "F": (1000, 300),
    "P": (500, -200), "Q": (1000, -200),
    "J": (1450, 150), "K": (1550, 150),
}  # fmt: skip

WAYS: list[tuple[str, dict[str, str]]] = [
    ("A B C", {"highway": "residential", "name": "南岸路"}),
    ("D E F", {"highway": "residential", "name": "北岸路"}),
    ("B E", {"highway": "residential", "bridge": "yes"}),
    ("B P Q C", {"highway": "residential", "oneway": "yes", "name": "环路"}),
    ("J K", {"highway": "footway"}),
]


def place(east: float, north: float) -> Place:
    """A place by its metres from the corner."""
    lon, lat = PLANE.degrees(np.array([east, north]))
    return Place(float(lon), float(lat))


def write(
    file: Path,
    points: Mapping[str, tuple[float, float]] = POINTS,
    ways: Sequence[tuple[str, Mapping[str, str]]] = WAYS,
    node_tags: Mapping[str, Mapping[str, str]] | None = None,
    head: str = "",
) -> Path:
    """An OSM XML file; ways name their points, separated by spaces."""
    number = {name: row + 1 for row, name in enumerate(points)}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">', head]
    for name, at in points.items():
        spot = place(*at)
        lines.append(f'<node id="{number[name]}" lat="{spot.lat:.7f}" lon="{spot.lon:.7f}">')
        lines += _tags((node_tags or {}).get(name, {}))
        lines.append("</node>")
    for row, (names, tags) in enumerate(ways):
        lines.append(f'<way id="{row + 1}">')
        lines += [f'<nd ref="{number.get(name, 999_999)}"/>' for name in names.split()]
        lines += _tags(tags)
        lines.append("</way>")
    file.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return file


def _tags(tags: Mapping[str, str]) -> list[str]:
    return [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]


def load(
    folder: Path,
    points: Mapping[str, tuple[float, float]] = POINTS,
    ways: Sequence[tuple[str, Mapping[str, str]]] = WAYS,
    node_tags: Mapping[str, Mapping[str, str]] | None = None,
) -> Network:
    return Network.load(write(folder / "town.osm", points, ways, node_tags))


def extract(name: str) -> Path:
    """A real street extract of the public data folder; skips where there is no such folder."""
    beside = Path(__file__).parents[2].parent / "shared"
    folder = Path(os.environ.get("CARECOORD_SHARED", beside)) / "streets"
    if not folder.is_dir():
        pytest.skip("no folder with the public street extracts")
    return folder / f"{name}.osm.pbf"
