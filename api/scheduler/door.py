"""Reports from the door over HTTP: sent in lists, late or twice without harm."""

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.context import CallerNow, ReadTx, WriteTx
from carecoord.flows import door
from carecoord.flows.door import Report
from carecoord.model.events import EventKind, Progress, VisitEvent
from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.model.time import ZONE

router = APIRouter(prefix="/streets/{street}/days/{day}/events", tags=["door"])


class DoorEventIn(BaseModel):
    """One fact about one staff member at one visit."""

    model_config = ConfigDict(extra="forbid")

    id: UUID = Field(description="Made by the phone; sent again it changes nothing")
    visit: str
    staff: str = Field(description="PractitionerRole id")
    kind: EventKind
    at: AwareDatetime = Field(description="When it happened, with offset")
    note: str = Field(default="", max_length=500)
    metres: int | None = Field(
        default=None, ge=0, le=100_000, description="Distance from the home, measured at check-in"
    )
    confirmed: bool = Field(default=False, description="The person or their family confirmed it")
    items: list[str] = Field(
        default_factory=list, max_length=50, description="Numbers of the service items done"
    )

    def to_model(self) -> Report:
        """As the flow takes it."""
        return Report(
            str(self.id),
            DemandId(self.visit),
            StaffId(self.staff),
            self.kind,
            self.at,
            self.note,
            self.metres,
            self.confirmed,
            tuple(self.items),
        )


class DoorEventsIn(BaseModel):
    """What a phone has kept since it was last heard of."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "events": [
                        {
                            "id": "5c0f0a53-7b0e-4b9e-9d0a-0d3f3f0e8a11",
                            "visit": "v1",
                            "staff": "c1",
                            "kind": "started",
                            "at": "2026-03-05T09:02:00+08:00",
                        }
                    ]
                }
            ]
        },
    )

    events: list[DoorEventIn] = Field(min_length=1, max_length=1000)


class ReceivedOut(BaseModel):
    """How many were new, and how many had been sent before."""

    new: int
    known: int


class DoorEventOut(BaseModel):
    """One fact, and when this engine heard of it."""

    id: str
    visit: str
    staff: str
    kind: EventKind
    at: datetime
    recorded_at: datetime
    by: str
    note: str
    metres: int | None
    confirmed: bool
    items: list[str]

    @classmethod
    def of(cls, one: VisitEvent) -> "DoorEventOut":
        """One event."""
        return cls(
            id=one.id,
            visit=one.demand,
            staff=one.staff,
            kind=one.kind,
            at=one.at.astimezone(ZONE),
            recorded_at=one.recorded_at.astimezone(ZONE),
            by=one.by,
            note=one.note,
            metres=one.metres,
            confirmed=one.confirmed,
            items=list(one.items),
        )


class DoorOut(BaseModel):
    """Everything reported of a day, and how far each visit of which something is known is."""

    events: list[DoorEventOut]
    progress: dict[str, Progress]


@router.post("")
def report(
    street: str, day: date, body: DoorEventsIn, caller: CallerNow, tx: WriteTx
) -> ReceivedOut:
    """Keep what happened at the door: all of the list, or nothing when one entry is wrong."""
    reports = [one.to_model() for one in body.events]
    done = door.report(tx, caller, StreetId(street), day, reports)
    return ReceivedOut(new=done.new, known=done.known)


@router.get("")
def reported(street: str, day: date, caller: CallerNow, tx: ReadTx) -> DoorOut:
    """What was reported, in the order in which it happened."""
    found = door.reported(tx, caller, StreetId(street), day)
    return DoorOut(
        events=[DoorEventOut.of(one) for one in found],
        progress={str(visit): far for visit, far in door.progress_of(found).items()},
    )
