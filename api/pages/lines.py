"""Ways on the map as short whole numbers: 350 visits must not make a page of megabytes."""

from carecoord.model.board import Line
from carecoord.model.places import Place

UNITS = 100_000
"""Units a degree: 1e-5° is about one metre."""


def encode(line: Line) -> list[int]:
    """First point, then steps: `[lon, lat, dlon, dlat, …]` in 1e-5 degrees; no point twice."""
    numbers: list[int] = []
    lon = lat = 0
    for x, y in line:
        step = (round(x * UNITS) - lon, round(y * UNITS) - lat)
        if not numbers or step != (0, 0):
            numbers += step
            lon, lat = lon + step[0], lat + step[1]
    return numbers


def straight(start: Place | None, end: Place | None) -> list[int]:
    """The line as the crow flies, for a way that is only estimated; empty without both ends."""
    if start is None or end is None:
        return []
    return encode(((start.lon, start.lat), (end.lon, end.lat)))


def point(place: Place) -> list[float]:
    """Latitude and longitude, the order maps in the browser want."""
    return [round(place.lat, 5), round(place.lon, 5)]
