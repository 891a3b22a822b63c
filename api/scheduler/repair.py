"""Repair over HTTP: a planned day answers what has happened."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.change_bodies import ChangeOut, ToTellOut
from api.context import CallerNow, Named, ReadTx, Speak, WriteTx
from api.scheduler.pins import BreachOut, VisitSaidOut, seconds_of
from api.scheduler.profiles import DataFolder, ProfileName
from api.scheduler.rules import PacksNow, on
from carecoord.flows import repair
from carecoord.flows.repair import Answer, How
from carecoord.model import happenings as told
from carecoord.model.happenings import Happening
from carecoord.model.ids import DemandId, ElderId, StaffId, StreetId
from carecoord.model.staff import Level
from carecoord.model.time import ZONE
from carecoord.planning.weights import STANDARD
from carecoord.store.repairs import Repaired
from carecoord.text import Language

router = APIRouter(prefix="/streets/{street}", tags=["repair"])

Clock = Annotated[str, Field(pattern=r"^[0-4]\d:[0-5]\d(:[0-5]\d)?$", examples=["09:30"])]
Minutes = Annotated[int, Field(ge=1, le=720)]


class _Event(BaseModel):
    """Unknown names are refused: a misspelt one would be news that nobody hears."""

    model_config = ConfigDict(extra="forbid")


class StaffAbsentIn(_Event):
    """Somebody does not come, or leaves."""

    kind: Literal["staff_absent"]
    staff: str = Field(description="PractitionerRole id")
    start: AwareDatetime | None = Field(default=None, description="Left out: from now")
    end: AwareDatetime | None = Field(default=None, description="Left out: until ended")
    reason: str = Field(default="", max_length=500)

    def to_model(self) -> Happening:
        """As the flow takes it."""
        return told.StaffAbsent(StaffId(self.staff), self.start, self.end, self.reason)


class RunningLateIn(_Event):
    """Somebody is behind their route."""

    kind: Literal["running_late"]
    staff: str
    minutes: Minutes

    def to_model(self) -> Happening:
        """As the flow takes it."""
        return told.RunningLate(StaffId(self.staff), self.minutes)


class VisitOverrunIn(_Event):
    """A visit takes longer."""

    kind: Literal["visit_overrun"]
    visit: str
    minutes: Minutes

    def to_model(self) -> Happening:
        """As the flow takes it."""
        return told.VisitOverrun(DemandId(self.visit), self.minutes)


class ClientAbsentIn(_Event):
    """The person is not there today."""

    kind: Literal["client_absent"]
    visit: str

    def to_model(self) -> Happening:
        """As the flow takes it."""
        return told.ClientAbsent(DemandId(self.visit))


class DoorUnansweredIn(_Event):
    """Somebody stands before a door that nobody opens."""

    kind: Literal["door_unanswered"]
    visit: str
    at: AwareDatetime | None = None

    def to_model(self) -> Happening:
        """As the flow takes it."""
        return told.DoorUnanswered(DemandId(self.visit), self.at)


class ClientAdmittedIn(_Event):
    """The person is in hospital: visits stop, beds and coming days follow."""

    kind: Literal["client_admitted"]
    elder: str = Field(description="Patient id")
    at: AwareDatetime | None = None

    def to_model(self) -> Happening:
        """As the flow takes it."""
        return told.ClientAdmitted(ElderId(self.elder), self.at)


class VisitCancelledIn(_Event):
    """The visit is not wanted today."""

    kind: Literal["visit_cancelled"]
    visit: str
    reason: str = Field(default="", max_length=500)

    def to_model(self) -> Happening:
        """As the flow takes it."""
        return told.VisitCancelled(DemandId(self.visit), self.reason)


class UrgentVisitIn(_Event):
    """A visit that nobody had planned."""

    kind: Literal["urgent_visit"]
    elder: str
    items: list[str] = Field(min_length=1, examples=[["6"]])
    earliest: Clock
    latest: Clock
    programme: str = ""
    minutes: Annotated[int, Field(ge=1, le=600)] | None = None
    level: Level | None = None
    carers: Annotated[int, Field(ge=1, le=2)] = 1
    carer: str | None = Field(default=None, description="PractitionerRole id, if it can be")
    order: str = Field(default="", description="ServiceRequest id, for items that need one")

    def to_model(self) -> Happening:
        """As the flow takes it."""
        return told.UrgentVisit(
            elder=ElderId(self.elder),
            items=tuple(self.items),
            window=(seconds_of(self.earliest), seconds_of(self.latest)),
            programme=self.programme,
            minutes=self.minutes,
            level=self.level,
            carers=self.carers,
            carer=StaffId(self.carer) if self.carer else None,
            order=self.order,
        )


class WindowChangedIn(_Event):
    """The visit can begin at other times than before."""

    kind: Literal["window_changed"]
    visit: str
    earliest: Clock
    latest: Clock

    def to_model(self) -> Happening:
        """As the flow takes it."""
        window = (seconds_of(self.earliest), seconds_of(self.latest))
        return told.WindowChanged(DemandId(self.visit), window)


class VehicleBrokenIn(_Event):
    """Somebody goes on foot from now on."""

    kind: Literal["vehicle_broken"]
    staff: str

    def to_model(self) -> Happening:
        """As the flow takes it."""
        return told.VehicleBroken(StaffId(self.staff))


EventIn = Annotated[
    StaffAbsentIn
    | RunningLateIn
    | VisitOverrunIn
    | ClientAbsentIn
    | DoorUnansweredIn
    | ClientAdmittedIn
    | VisitCancelledIn
    | UrgentVisitIn
    | WindowChangedIn
    | VehicleBrokenIn,
    Field(discriminator="kind"),
]


class RepairIn(BaseModel):
    """What happened, and how the day is to answer."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "events": [
                        {"kind": "staff_absent", "staff": "c1", "reason": "called in sick"},
                        {"kind": "running_late", "staff": "c2", "minutes": 20},
                    ],
                    "reason": "two calls at seven",
                    "dry_run": True,
                }
            ]
        },
    )

    events: list[EventIn] = Field(max_length=200)
    frozen_before: AwareDatetime | None = Field(
        default=None, description="What begins before stays; left out: now"
    )
    reason: str = Field(default="", max_length=500)
    profile: ProfileName = STANDARD
    seconds: int = Field(default=5, ge=1, le=20, description="Hard limit of the search")
    iterations: int | None = Field(
        default=None, ge=0, le=100_000, description="Rounds of search; left out: as few as needed"
    )
    seed: int = Field(default=1, ge=0)
    improve: bool = Field(default=False, description="Let a run go on with the search afterwards")
    dry_run: bool = Field(default=False, description="Only say what would be done")

    def to_model(self) -> How:
        """As the flow takes it."""
        return How(
            frozen_before=self.frozen_before,
            reason=self.reason,
            profile=self.profile,
            seconds=self.seconds,
            iterations=self.iterations,
            seed=self.seed,
            improve=self.improve,
            dry_run=self.dry_run,
        )


class NotMadeOut(VisitSaidOut):
    """A visit that nobody makes, and why."""

    code: str = Field(examples=["unserved.no_capacity"])


class RepairOut(BaseModel):
    """What the day answers; `version` is its ETag, unless it was only a question."""

    version: int
    state: str = Field(examples=["published"])
    dry_run: bool
    changes: list[ChangeOut]
    unserved: list[NotMadeOut]
    breaches: list[BreachOut] = Field(description="Pins that a rule forbids, kept all the same")
    to_tell: list[ToTellOut] = Field(description="On a published day: who has to be told")
    cost_before: dict[str, int]
    cost_after: dict[str, int]
    seconds: float
    run: str | None = Field(description="Goes on with the search, if that was asked for")

    @classmethod
    def of(cls, found: Answer, day: date, language: Language) -> "RepairOut":
        """One answer."""
        return cls(
            version=found.version,
            state=found.state,
            dry_run=found.dry_run,
            changes=[ChangeOut.of(one, day, language) for one in found.news],
            unserved=[NotMadeOut.of(one, language) for one in found.unserved],
            breaches=[BreachOut.of(one, language) for one in found.breaches],
            to_tell=[ToTellOut.of(one, day, language) for one in found.told],
            cost_before=dict(found.before),
            cost_after=dict(found.after),
            seconds=found.seconds,
            run=found.run,
        )


class RepairedOut(BaseModel):
    """What happened, who told it and which version answers it."""

    id: str
    version: int
    frozen_before: datetime
    events: list[dict[str, object]]
    reason: str
    by: str
    at: datetime

    @classmethod
    def of(cls, one: Repaired, frozen: datetime) -> "RepairedOut":
        """One answer of the past."""
        return cls(
            id=one.id,
            version=one.version,
            frozen_before=frozen.astimezone(ZONE),
            events=[dict(event) for event in one.events],
            reason=one.reason,
            by=one.by,
            at=one.at.astimezone(ZONE),
        )


@router.post("/days/{day}:repair")
def answer(
    street: str,
    day: date,
    body: RepairIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    data: DataFolder,
    expected: Named,
    language: Speak,
    response: Response,
) -> RepairOut:
    """Answer what has happened. Several events are one new version. `If-Match`: the one seen."""
    found = repair.answer(
        tx,
        caller,
        StreetId(street),
        day,
        [one.to_model() for one in body.events],
        body.to_model(),
        on(packs, street, day),
        data,
        expected=expected,
    )
    if not found.dry_run:
        response.headers["ETag"] = f'W/"{found.version}"'
    if found.run is not None:
        response.headers["Location"] = f"/v1/runs/{found.run}"
    return RepairOut.of(found, day, language)


@router.get("/days/{day}/repairs")
def of_day(street: str, day: date, caller: CallerNow, tx: ReadTx) -> list[RepairedOut]:
    """What happened on a day, in order, with the version that answers it."""
    found = repair.of_day(tx, caller, StreetId(street), day)
    return [RepairedOut.of(one, frozen) for one, frozen in found]
