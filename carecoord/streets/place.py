"""How far are two points of the earth apart?"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from carecoord.model.places import Place

__all__ = ["EARTH_RADIUS", "Floats", "Place", "Plane", "great_circle"]

Floats: TypeAlias = npt.NDArray[np.float64]

# Mean radius R1 of the WGS-84 ellipsoid, metres (Moritz 2000, Geodetic Reference System 1980).
EARTH_RADIUS = 6_371_008.8


def great_circle(lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats) -> Floats:
    """Metres along the sphere between points in degrees; arguments broadcast.

    References
    ----------
    Sinnott (1984), Virtues of the Haversine, Sky and Telescope 68(2): 159.
    """
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half_lat = (phi2 - phi1) / 2
    half_lon = np.radians(lon2 - lon1) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half_lon) ** 2
    metres: Floats = 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return metres


@dataclass(frozen=True, slots=True)
class Plane:
    """Flat metres around one latitude and longitude.

    Good for finding the nearest street: within 50 km of the centre a length is wrong by
    less than 1 %. Street lengths themselves are great circles, not measured here.
    """

    lon: float
    lat: float

    def metres(self, lon: Floats, lat: Floats) -> Floats:
        """East and north of the centre, metres, shape (n, 2)."""
        degree = math.radians(1) * EARTH_RADIUS
        east = (np.asarray(lon) - self.lon) * degree * math.cos(math.radians(self.lat))
        return np.stack([east, (np.asarray(lat) - self.lat) * degree], axis=-1)

    def degrees(self, metres: Floats) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of points given as metres, shape (n, 2)."""
        degree = math.radians(1) * EARTH_RADIUS
        lon = self.lon + metres[..., 0] / (degree * math.cos(math.radians(self.lat)))
        return lon, self.lat + metres[..., 1] / degree
