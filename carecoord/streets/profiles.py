"""Who may use which street, in which direction and how fast; and the last metres to a door."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from carecoord.errors import Invalid

_MAY = frozenset({"yes", "designated", "permissive", "destination", "customers", "official"})
_PUSHED = frozenset({"dismount"})
# Nodes that stop everybody unless a tag says otherwise; gates and bollards let people pass.
_WALLS = frozenset({"wall", "fence", "hedge", "city_wall", "retaining_wall"})


@dataclass(frozen=True, slots=True)
class Mode:
    """How a carer moves. Speeds in km/h, distances in metres.

    speeds
        Riding or walking speed by OSM `highway` value. A class that is missing is closed,
        unless a tag of `keys[0]` opens the single way.
    top_speed
        No way is faster than this; speeds above it are refused.
    walking
        Speed on foot: between door and street, and where the vehicle is pushed.
    keys
        Access tags that decide, the most specific first.
    pushed
        Classes where the vehicle is pushed unless `keys[0]` opens the way to riding.
    opened
        Speed on a way whose class is closed or pushed but whose tag allows riding.
    beside
        Tags that tell of a path for this mode along an otherwise closed trunk road.
    stopped_by
        Values of `barrier` on a node that this mode cannot pass.
    one_way
        Whether one-way streets bind. People on foot are not bound.
    direct
        Effective speed for estimates without streets, along 1.4 times the great circle.
    snap_reported, snap_limit
        A door farther from a street than the first is reported, than the second is
        unreachable.
    """

    name: str
    speeds: tuple[tuple[str, float], ...]
    top_speed: float
    walking: float
    keys: tuple[str, ...]
    opened: float
    direct: float
    pushed: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    stopped_by: tuple[str, ...] = ()
    one_way: bool = True
    snap_reported: int = 150
    snap_limit: int = 1000

    def __post_init__(self) -> None:
        for what, speed in (*self.speeds, ("opened", self.opened), ("direct", self.direct)):
            if not 0 < speed <= self.top_speed:
                raise Invalid(
                    "mode.speed", field=what, mode=self.name, value=str(speed),
                    limit=str(self.top_speed),
                )  # fmt: skip
        if not 0 < self.walking <= 7:
            raise Invalid("mode.walking", field="walking", mode=self.name, value=str(self.walking))
        if not math.isfinite(self.top_speed):
            raise Invalid("mode.top_speed", field="top_speed", mode=self.name)
        if not 0 <= self.snap_reported <= self.snap_limit:
            raise Invalid("mode.snap", field="snap_limit", mode=self.name, value=self.snap_limit)

    def speeds_on(self, tags: Mapping[str, str]) -> tuple[float, float]:
        """km/h along and against the drawing direction of a way; 0 means not allowed."""
        speed = self._speed(tags)
        if speed == 0 or not self.one_way:
            return speed, speed
        direction = _direction(tags)
        return (speed if direction >= 0 else 0.0), (speed if direction <= 0 else 0.0)

    def passes(self, gate: Mapping[str, str]) -> bool:
        """Whether one gets through a node with a `barrier`."""
        allowed = self._allowed(gate)
        if allowed is not None:
            return allowed
        return (
            gate.get("barrier") not in _WALLS
            and gate.get("barrier") not in self.stopped_by
            and gate.get("locked") != "yes"
        )

    def _allowed(self, tags: Mapping[str, str]) -> bool | None:
        for key in self.keys:
            if key in tags and tags[key] != "unknown":
                return tags[key] in _MAY or tags[key] in _PUSHED
        return None

    def _speed(self, tags: Mapping[str, str]) -> float:
        allowed = self._allowed(tags)
        if allowed is False or (tags.get("motorroad") == "yes" and allowed is None):
            return 0.0
        highway = tags["highway"]
        own = next((tags[key] for key in self.keys[:-1] if key in tags), None)
        speed = dict(self.speeds).get(highway, 0.0)
        beside = speed == 0 and highway.startswith("trunk") and self._has_side_path(tags)
        if beside or (own in _MAY and (speed == 0 or highway in self.pushed)):
            speed = self.opened
        elif own in _PUSHED:
            speed = self.walking
        return min(speed, _posted(tags.get("maxspeed"), self.top_speed))

    def _has_side_path(self, tags: Mapping[str, str]) -> bool:
        return any(tags.get(key, "no") not in ("no", "none", "separate") for key in self.beside)


def _posted(text: str | None, otherwise: float) -> float:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(km/h|mph)?\s*", text or "")
    if not found or float(found[1]) == 0:
        return otherwise
    return float(found[1]) * (1.609_344 if found[2] == "mph" else 1.0)


def _direction(tags: Mapping[str, str]) -> int:
    """1 along the drawing direction only, -1 against it only, 0 both."""
    value = tags.get("oneway:bicycle")
    if value is None and any(
        tags.get(key, "").startswith("opposite")
        for key in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
    ):
        value = "no"
    if value is None:
        round_about = tags.get("junction") in ("roundabout", "circular")
        value = tags.get("oneway", "yes" if round_about else "no")
    if value in ("yes", "true", "1"):
        return 1
    return -1 if value in ("-1", "reverse") else 0


# 4.5 km/h: domain figure for carers on foot, walking aids and crossings included. Steps at
# half of it. Motorways and trunks (in Chinese cities: grade-separated expressways) are closed
# to people on foot unless tagged open or with a sidewalk.
WALK = Mode(
    name="walk",
    speeds=(
        *((name, 4.5) for name in (
            "primary", "primary_link", "secondary", "secondary_link", "tertiary",
            "tertiary_link", "unclassified", "residential", "living_street", "service", "road",
            "pedestrian", "footway", "cycleway", "path", "track", "bridleway", "platform",
            "corridor",
        )),
        ("steps", 2.2),
    ),
    top_speed=4.5,
    walking=4.5,
    keys=("foot", "access"),
    opened=4.5,
    direct=4.5,
    beside=("sidewalk", "sidewalk:left", "sidewalk:right", "sidewalk:both"),
    one_way=False,
)  # fmt: skip

# 25 km/h: top speed of an electric bicycle (GB 17761-2018). 15 km/h: limit in non-motor lanes
# (Road Traffic Safety Law of the PRC, art. 58) and the domain's effective speed. On mixed
# roads 20, in compounds and lanes less. Pushed at walking speed on foot paths; no steps.
EBIKE = Mode(
    name="ebike",
    speeds=(
        ("primary", 20), ("primary_link", 20), ("secondary", 20), ("secondary_link", 20),
        ("tertiary", 20), ("tertiary_link", 20), ("unclassified", 18), ("residential", 15),
        ("road", 15), ("cycleway", 15), ("service", 12), ("track", 12), ("living_street", 10),
        ("path", 10), ("pedestrian", 4.5), ("footway", 4.5), ("bridleway", 4.5),
    ),
    top_speed=25,
    walking=4.5,
    keys=("electric_bicycle", "bicycle", "vehicle", "access"),
    opened=12,
    direct=15,
    pushed=("pedestrian", "footway", "bridleway"),
    beside=("cycleway", "cycleway:left", "cycleway:right", "cycleway:both"),
    stopped_by=("stile", "kissing_gate", "turnstile", "full-height_turnstile"),
)  # fmt: skip

MODES: Mapping[str, Mode] = {mode.name: mode for mode in (WALK, EBIKE)}


@dataclass(frozen=True, slots=True)
class AccessTimes:
    """Fixed times between the street and the bedside; the figures come from a policy pack.

    parking, building, per_floor
        Seconds: to park and lock a vehicle; from gate to staircase or lift; for each floor
        climbed above `free_floors` without a lift.
    free_floors
        Floors that cost nothing extra.
    lift_assumed_from
        Where nothing is known about a lift, one is assumed for homes on this floor or above.
    """

    parking: int
    building: int
    per_floor: int
    free_floors: int
    lift_assumed_from: int

    def __post_init__(self) -> None:
        for field in ("parking", "building", "per_floor", "free_floors"):
            if getattr(self, field) < 0:
                raise Invalid("access_times.negative", field=field, value=getattr(self, field))
        if self.lift_assumed_from < 1:
            raise Invalid(
                "access_times.lift", field="lift_assumed_from", value=self.lift_assumed_from
            )


def access_seconds(mode: Mode, floor: int | None, has_lift: bool | None, times: AccessTimes) -> int:
    """Seconds from the street to the bedside of one visit, the way back not counted.

    Parameters
    ----------
    floor
        Floor of the home, ground floor = 1 (as Chinese addresses count), basements below 1;
        None when not known: no climb is added.
    has_lift
        None when not known: see `AccessTimes.lift_assumed_from`.
    """
    parking = times.parking if mode.top_speed > mode.walking else 0
    if floor is None:
        return parking + times.building
    if has_lift is None:
        has_lift = floor >= times.lift_assumed_from
    climbed = 0 if has_lift else max(0, floor - times.free_floors)
    return parking + times.building + climbed * times.per_floor
