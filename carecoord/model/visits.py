"""What a day plan says: who calls where and when, and what stays undone and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from carecoord.errors import Fact
from carecoord.model.ids import DemandId, StaffId, StreetId

HELD = ("unserved.hospital", "unserved.suspended")
"""Why a visit stays undone that comes back when the person is at home, or the bed open, again."""

SETTLED = ("unserved.cancelled", "unserved.client_absent", "unserved.unanswered")
"""Why a visit is not made any more that day, whoever plans it anew."""


@dataclass(frozen=True, slots=True)
class DayKey:
    """One service day of one street."""

    street: StreetId
    day: date


@dataclass(frozen=True, slots=True)
class Stop:
    """One staff member at one visit.

    arrival, start, end
        Seconds after 00:00 Asia/Shanghai: at the street door, at the bedside, finished. Between
        the first two lie the way to the door and any waiting.
    travel
        Seconds on the way from the stop before (or the base).
    line
        The way to it along the streets, (lon, lat) pairs; empty when only estimated.
    """

    staff: StaffId
    demand: DemandId
    order: int
    arrival: int
    start: int
    end: int
    travel: int
    line: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """A break in a route, seconds after 00:00."""

    staff: StaffId
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Homeward:
    """The way back to the base after the last stop; `arrival` in seconds after 00:00."""

    staff: StaffId
    travel: int
    arrival: int
    line: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Unserved:
    """A visit nobody makes, with the rule that forbids it."""

    demand: DemandId
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The result of planning one street-day.

    cost
        Cost by rule as the judge computed it, dimensionless.
    estimated
        Travel times are great-circle estimates, not street times.
    """

    key: DayKey
    stops: tuple[Stop, ...]
    pauses: tuple[Pause, ...]
    homeward: tuple[Homeward, ...]
    unserved: tuple[Unserved, ...]
    cost: dict[str, int]
    estimated: bool
