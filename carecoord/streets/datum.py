"""Coordinates of Chinese maps (GCJ-02, BD-09) to WGS-84 and back.

Map providers in China publish GCJ-02, an offset of 100 to 700 m against WGS-84, and Baidu
adds a second offset, BD-09. Treating one as the other puts a home on another street.

References
----------
The two offsets are not officially published; the formulas are the commonly reproduced
ones (collected in "Restrictions on geographic data in China", Wikipedia).
"""

import math
from typing import Literal, get_args

from carecoord.errors import Invalid
from carecoord.streets.place import Place

Datum = Literal["wgs84", "gcj02", "bd09"]

# Krasovsky 1940 ellipsoid, on which the GCJ-02 offset is defined: metres, dimensionless.
_AXIS = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
_BAIDU_STEP = math.pi * 3000 / 180


def to_wgs84(lon: float, lat: float, datum: Datum) -> Place:
    """The WGS-84 place of a coordinate given in `datum`.

    The offsets have no closed inverse, so they are solved by fixed-point iteration until
    the step is below 1e-10 degrees (0.01 mm).

    Raises
    ------
    Invalid
        `place.datum` for an unknown datum; `place.lon`, `place.lat` as in `Place`.
    """
    _known(datum)
    given = Place(lon, lat)
    if datum == "wgs84":
        return given
    at_lon, at_lat = lon, lat
    for _ in range(30):
        back_lon, back_lat = _offset(at_lon, at_lat, datum)
        step_lon, step_lat = lon - back_lon, lat - back_lat
        at_lon, at_lat = at_lon + step_lon, at_lat + step_lat
        if max(abs(step_lon), abs(step_lat)) < 1e-10:
            break
    return Place(at_lon, at_lat)


def from_wgs84(place: Place, datum: Datum) -> tuple[float, float]:
    """(lon, lat) of `place` in `datum`, degrees: for links to maps of other providers."""
    _known(datum)
    return _offset(place.lon, place.lat, datum)


def _known(datum: str) -> None:
    if datum not in get_args(Datum):
        known = ", ".join(get_args(Datum))
        raise Invalid("place.datum", field="datum", value=datum, known=known)


def _offset(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    if datum == "wgs84":
        return lon, lat
    shifted = _gcj02(lon, lat)
    return shifted if datum == "gcj02" else _bd09(*shifted)


def _gcj02(lon: float, lat: float) -> tuple[float, float]:
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return lon, lat
    x, y = lon - 105.0, lat - 35.0
    pi = math.pi
    ripple = 20.0 * (math.sin(6 * pi * x) + math.sin(2 * pi * x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += ripple * 2 / 3
    north += (20.0 * math.sin(pi * y) + 40.0 * math.sin(pi * y / 3)) * 2 / 3
    north += (160.0 * math.sin(pi * y / 12) + 320.0 * math.sin(pi * y / 30)) * 2 / 3
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += ripple * 2 / 3
    east += (20.0 * math.sin(pi * x) + 40.0 * math.sin(pi * x / 3)) * 2 / 3
    east += (150.0 * math.sin(pi * x / 12) + 300.0 * math.sin(pi * x / 30)) * 2 / 3
    phi = math.radians(lat)
    shape = 1 - _ECCENTRICITY_SQUARED * math.sin(phi) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY_SQUARED) / shape**1.5
    parallel = _AXIS / math.sqrt(shape) * math.cos(phi)
    return lon + math.degrees(east / parallel), lat + math.degrees(north / meridian)


def _bd09(lon: float, lat: float) -> tuple[float, float]:
    radius = math.hypot(lon, lat) + 0.000_02 * math.sin(lat * _BAIDU_STEP)
    angle = math.atan2(lat, lon) + 0.000_003 * math.cos(lon * _BAIDU_STEP)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006
