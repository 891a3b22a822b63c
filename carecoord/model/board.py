"""A day as the board and the route sheet show it: everything named, nothing left to look up."""

from dataclasses import dataclass
from datetime import date, datetime

from carecoord.errors import Fact
from carecoord.model.ids import DemandId, ElderId, StaffId, StreetId
from carecoord.model.places import Place
from carecoord.model.staff import Role, Shift, TravelMode

Line = tuple[tuple[float, float], ...]
"""A way along the streets, (lon, lat) pairs, WGS-84; empty when only estimated."""


@dataclass(frozen=True, slots=True)
class BoardVisit:
    """One call of one staff member. Times in seconds after 00:00 Asia/Shanghai of the day.

    windows
        Bounds on the start that the plan asks for.
    partner
        The name of the other person of a visit for two; empty otherwise.
    items
        Catalogue numbers; `catalogue` of the board holds their names.
    """

    demand: DemandId
    order: int
    elder: ElderId
    elder_name: str
    elder_gender: str
    elder_birth: date | None
    phone: str
    address: str
    floor: int
    lift: bool
    note: str
    place: Place
    items: tuple[str, ...]
    programmes: tuple[str, ...]
    windows: tuple[tuple[int, int], ...]
    travel: int
    arrival: int
    start: int
    end: int
    partner: str
    line: Line


@dataclass(frozen=True, slots=True)
class BoardPause:
    """A break, seconds after 00:00."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class BoardRoute:
    """One staff member's day.

    home_travel, home_arrival, home_line
        The way back to the base after the last visit; 0, 0 and empty without visits.
    """

    staff: StaffId
    name: str
    role: Role
    organization: str
    mode: TravelMode
    base: Place | None
    shifts: tuple[Shift, ...]
    visits: tuple[BoardVisit, ...]
    pauses: tuple[BoardPause, ...]
    home_travel: int = 0
    home_arrival: int = 0
    home_line: Line = ()

    @property
    def service(self) -> int:
        """Seconds at the bedside."""
        return sum(v.end - v.start for v in self.visits)

    @property
    def travel(self) -> int:
        """Seconds on the way, the way back included."""
        return sum(v.travel for v in self.visits) + self.home_travel


@dataclass(frozen=True, slots=True)
class BoardUnserved:
    """A visit that nobody makes; `code` and `facts` give the sentence."""

    demand: DemandId
    elder: ElderId
    elder_name: str
    address: str
    items: tuple[str, ...]
    windows: tuple[tuple[int, int], ...]
    duration: int
    carers: int
    priority: int
    code: str
    facts: dict[str, Fact]


@dataclass(frozen=True, slots=True)
class DayBoard:
    """One street-day for people.

    state
        `empty` (nothing planned yet), `draft` or `published`.
    version
        Version of the day plan; 0 when empty.
    catalogue
        Item number → {language: name} for every item on the board.
    estimated
        Travel times are great-circle estimates × detour, to be marked wherever times are shown.
    attribution
        Whose map data the times and lines come from; empty for none.
    """

    street: StreetId
    street_name: str
    day: date
    state: str
    version: int
    published_at: datetime | None
    routes: tuple[BoardRoute, ...]
    unserved: tuple[BoardUnserved, ...]
    catalogue: dict[str, dict[str, str]]
    estimated: bool
    attribution: str


@dataclass(frozen=True, slots=True)
class DaySummary:
    """One planned day in a list of days; `visits` are the served ones, a pair counts once."""

    day: date
    state: str
    visits: int
    unserved: int


@dataclass(frozen=True, slots=True)
class StreetDays:
    """A street that the caller may see, with its days that have a plan, earliest first."""

    street: StreetId
    name: str
    days: tuple[DaySummary, ...]
