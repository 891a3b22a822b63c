"""One visit wanted on one day."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from carecoord.errors import Invalid
from carecoord.model.ids import DemandId, ElderId, PlanId, StaffId, StreetId
from carecoord.model.plans import Window
from carecoord.model.staff import Level
from carecoord.model.time import DAY


@dataclass(frozen=True, slots=True)
class After:
    """A visit that comes first on the same day.

    min_gap, max_gap
        Seconds from its end to the start of the visit that has this; `None` = no bound.
    """

    demand: DemandId
    min_gap: int = 0
    max_gap: int | None = None
    carers: Literal["any", "same", "different"] = "any"


@dataclass(frozen=True, slots=True)
class VisitDemand:
    """One visit that a care plan asks for on one service day.

    items
        Numbers of the service items done in it.
    windows
        Hard windows on the start, seconds after 00:00 Asia/Shanghai of `day`, in order; a night
        goes on past midnight.
    duration
        Seconds at the bedside, travel and the way from the street to the door excluded.
    gender
        Wished gender of the carers, or empty.
    wish
        Soft bounds on the start inside the windows.
    carers
        People who must be there together, 1 or 2.
    level
        Least performer level of each of them.
    priority
        1 (can wait) to 9 (must not be missed).
    language
        Language or dialect wished of the carers, or empty.
    group, occasion
        Which visit of the plan it is, and which time of the day.
    parts
        Every group and occasion that was joined in it, its own among them.
    origin
        `plan`: the recurrence asks for it; `hand`: somebody added it.
    edited
        Somebody changed it by hand, so it stays as it is whatever the recurrence says.
    after
        Visits of the same elder and day that come first.
    organization
        Who answers for it, or empty: keeps the bed, or brought the programme into the plan.
    """

    id: DemandId
    street: StreetId
    day: date
    elder: ElderId
    plan: PlanId
    items: tuple[str, ...]
    windows: tuple[Window, ...]
    duration: int
    level: Level
    carers: int = 1
    priority: int = 5
    programmes: tuple[str, ...] = ()
    preferred: tuple[StaffId, ...] = ()
    wish: Window | None = None
    gender: str = ""
    language: str = ""
    group: str = ""
    occasion: int = 0
    parts: tuple[tuple[str, int], ...] = ()
    origin: Literal["plan", "hand"] = "plan"
    edited: bool = False
    after: tuple[After, ...] = ()
    organization: str = ""

    def __post_init__(self) -> None:
        if not self.windows:
            raise Invalid("demand.window", id=self.id, earliest="-", latest="-")
        for earliest, latest in self.windows:
            if not 0 <= earliest <= latest < 2 * DAY:
                raise Invalid("demand.window", id=self.id, earliest=earliest, latest=latest)
        if not 0 < self.duration <= DAY:
            raise Invalid("demand.duration", id=self.id, duration=self.duration)
        if self.carers not in (1, 2):
            raise Invalid("demand.carers", id=self.id, carers=self.carers)
