"""What can happen on a day so that its plan has to answer?"""

from dataclasses import dataclass
from datetime import datetime

from carecoord.model.ids import DemandId, ElderId, StaffId
from carecoord.model.plans import Window
from carecoord.model.staff import Level


@dataclass(frozen=True, slots=True)
class StaffAbsent:
    """Somebody does not come, or leaves; from now if no start is said, until ended if no end."""

    staff: StaffId
    start: datetime | None = None
    end: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunningLate:
    """Somebody is so many minutes behind their route."""

    staff: StaffId
    minutes: int


@dataclass(frozen=True, slots=True)
class VisitOverrun:
    """A visit takes so many minutes longer."""

    demand: DemandId
    minutes: int


@dataclass(frozen=True, slots=True)
class ClientAbsent:
    """The person is not there today."""

    demand: DemandId


@dataclass(frozen=True, slots=True)
class DoorUnanswered:
    """Somebody stands before a door that nobody opens; aware instant, None = now."""

    demand: DemandId
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClientAdmitted:
    """The person is in hospital; aware instant, None = now."""

    elder: ElderId
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VisitCancelled:
    """The visit is not wanted today."""

    demand: DemandId
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UrgentVisit:
    """A visit that nobody had planned; minutes and level of the items where left out."""

    elder: ElderId
    items: tuple[str, ...]
    window: Window
    programme: str = ""
    minutes: int | None = None
    level: Level | None = None
    carers: int = 1
    carer: StaffId | None = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class WindowChanged:
    """The visit can begin at other times than before."""

    demand: DemandId
    window: Window


@dataclass(frozen=True, slots=True)
class VehicleBroken:
    """Somebody goes on foot from now on."""

    staff: StaffId


Happening = (
    StaffAbsent
    | RunningLate
    | VisitOverrun
    | ClientAbsent
    | DoorUnanswered
    | ClientAdmitted
    | VisitCancelled
    | UrgentVisit
    | WindowChanged
    | VehicleBroken
)

NAMES: dict[type, str] = {
    StaffAbsent: "staff_absent",
    RunningLate: "running_late",
    VisitOverrun: "visit_overrun",
    ClientAbsent: "client_absent",
    DoorUnanswered: "door_unanswered",
    ClientAdmitted: "client_admitted",
    VisitCancelled: "visit_cancelled",
    UrgentVisit: "urgent_visit",
    WindowChanged: "window_changed",
    VehicleBroken: "vehicle_broken",
}
"""Each with the name people and programs know it by."""
