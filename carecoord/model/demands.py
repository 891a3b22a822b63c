"""One visit wanted on one day."""

from dataclasses import dataclass
from datetime import date

from carecoord.errors import Invalid
from carecoord.model.ids import DemandId, ElderId, PlanId, StaffId, StreetId
from carecoord.model.plans import Window
from carecoord.model.staff import Level
from carecoord.model.time import DAY


@dataclass(frozen=True, slots=True)
class VisitDemand:
    """One visit that a care plan asks for on one service day.

    items
        Numbers of the service items done in it.
    windows
        Hard windows on the start, seconds after 00:00 Asia/Shanghai of `day`, in order.
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

    def __post_init__(self) -> None:
        if not self.windows:
            raise Invalid("demand.window", id=self.id, earliest="-", latest="-")
        for earliest, latest in self.windows:
            if not 0 <= earliest <= latest < DAY:
                raise Invalid("demand.window", id=self.id, earliest=earliest, latest=latest)
        if self.duration <= 0:
            raise Invalid("demand.duration", id=self.id, duration=self.duration)
        if self.carers not in (1, 2):
            raise Invalid("demand.carers", id=self.id, carers=self.carers)
