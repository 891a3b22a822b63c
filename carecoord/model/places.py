"""A point on earth."""

from dataclasses import dataclass
from math import isfinite

from carecoord.errors import Invalid


@dataclass(frozen=True, slots=True)
class Place:
    """A point, WGS-84 degrees."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (isfinite(self.lon) and isfinite(self.lat)) or not (
            -180 <= self.lon <= 180 and -90 <= self.lat <= 90
        ):
            raise Invalid("place.range", lon=str(self.lon), lat=str(self.lat))
