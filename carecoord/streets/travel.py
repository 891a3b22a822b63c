"""Travel times between places, as planning uses them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from carecoord.errors import Fact
from carecoord.streets.graph import Ints
from carecoord.streets.place import Floats, Place, great_circle
from carecoord.streets.profiles import Mode

# Seconds (and metres) where there is no way: 31 years. Two of them still fit an int32.
UNREACHABLE: Final = 1_000_000_000

# Ways along streets are longer than the great circle by about this factor.
DETOUR: Final = 1.4


@dataclass(frozen=True, slots=True)
class PlaceProblem:
    """Something a person should correct about one place's coordinates or the map.

    row
        Row number of the place in the request.
    code, facts
        Facts always hold the `mode`.
        `place.outside`: no street within `limit` metres;
        `place.cut_off`: on a street without connection, no other within `limit` metres;
        `place.unreachable`: connected, but not with the part where most places are;
        `place.far_from_street`: planned, but `metres` from the street, more than `limit`.
    reachable
        False for all but `place.far_from_street`.
    """

    row: int
    code: str
    facts: Mapping[str, Fact]

    @property
    def reachable(self) -> bool:
        return self.code == "place.far_from_street"


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """Travel from every place to every place by one mode. n is the number of places.

    mode
        Name of the mode.
    seconds
        int32, shape (n, n), row = from, rounded up, so that a detour is never shorter than
        the way itself. 0 on the diagonal and between equal coordinates, `UNREACHABLE` where
        there is no way. Fixed times at a door are not included (`access_seconds`).
    metres
        int32, shape (n, n): length of the fastest way, door to door; `UNREACHABLE` too.
    snap_metres
        float64, shape (n,): from the door to the street, straight; infinite if unknown.
    problems
        In row order.
    estimated
        True for great circles: say so wherever a time is shown.
    attribution
        Credit to print where the times or routes are published; empty if none is due.
    """

    mode: str
    seconds: Ints
    metres: Ints
    snap_metres: Floats
    problems: tuple[PlaceProblem, ...]
    estimated: bool
    attribution: str = ""


def estimate(places: Sequence[Place], mode: Mode) -> Travel:
    """Times without a street map: the great circle times 1.4 at the mode's direct speed."""
    lon = np.array([place.lon for place in places], dtype=np.float64)
    lat = np.array([place.lat for place in places], dtype=np.float64)
    metres = DETOUR * great_circle(lon[:, None], lat[:, None], lon[None, :], lat[None, :])
    return Travel(
        mode=mode.name,
        seconds=np.ceil(metres * 3.6 / mode.direct - 1e-6).astype(np.int32),
        metres=np.round(metres).astype(np.int32),
        snap_metres=np.zeros(len(places)),
        problems=(),
        estimated=True,
    )


def door_to_door(
    places: Sequence[Place], mode: Mode, milliseconds: Floats, decimetres: Floats, walked: Floats
) -> tuple[Ints, Ints]:
    """Whole seconds and metres, with `walked` metres on foot at both ends of each way."""
    on_foot = np.ceil(np.where(np.isfinite(walked), walked, 0.0) * 3600 / mode.walking)
    time = milliseconds + on_foot[:, None] + on_foot[None, :]
    length = decimetres / 10 + walked[:, None] + walked[None, :]
    known = np.isfinite(time)
    spots = np.array([(place.lon, place.lat) for place in places]).reshape(-1, 2)
    spot = np.unique(spots, axis=0, return_inverse=True)[1].reshape(-1)
    # Two homes with the same coordinates share a door: nobody walks to the street and back.
    same = known & (spot[:, None] == spot[None, :])
    time, length = np.where(same, 0.0, time), np.where(same, 0.0, length)
    seconds = np.where(known, np.ceil(time / 1000), UNREACHABLE).astype(np.int32)
    metres = np.where(known, np.round(length), UNREACHABLE).astype(np.int32)
    np.fill_diagonal(seconds, 0)
    np.fill_diagonal(metres, 0)
    return seconds, metres
