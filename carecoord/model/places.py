"""A point on the earth."""

from dataclasses import dataclass

from carecoord.errors import Invalid


@dataclass(frozen=True, slots=True)
class Place:
    """A point in WGS-84 degrees.

    lon, lat
        Degrees east, -180 to 180, and degrees north, -90 to 90.

    Raises
    ------
    Invalid
        `place.lon` or `place.lat`: not a finite number inside the range. Coordinates of
        another datum are not noticed here: convert them first (`carecoord.streets.to_wgs84`).
    """

    lon: float
    lat: float

    def __post_init__(self) -> None:
        for field, value, limit in (("lon", self.lon, 180), ("lat", self.lat, 90)):
            # A NaN fails every comparison, so it is refused here too.
            if not -limit <= value <= limit:
                raise Invalid(f"place.{field}", field=field, value=str(value), limit=limit)
