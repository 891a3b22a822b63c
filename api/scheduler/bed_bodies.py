"""What goes in and out about beds over HTTP."""

from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from carecoord.fhir import beds as resources
from carecoord.model import time
from carecoord.model.beds import BedKind, BedState, Step
from carecoord.model.rounds import Due, RoundKind
from carecoord.model.time import ZONE
from carecoord.store.documents import Document


class _In(BaseModel):
    """Unknown names are refused: a misspelt one would otherwise be a wish nobody hears."""

    model_config = ConfigDict(extra="forbid")


class ApplicationIn(_In):
    """Somebody asks for a bed."""

    elder: str = Field(description="Id of the Patient", examples=["elder-1"])
    kind: BedKind = Field(examples=["home-hospital-bed"])
    organization: str = Field(
        description="Id of the Organization that will keep it", examples=["centre"]
    )
    referral: str | None = Field(default=None, description="Id of the accepted Task")
    note: str = Field(default="", examples=["脑梗死恢复期，需继续康复"])


class BedIn(_In):
    """A bed that was applied for and visited outside of this engine is opened."""

    elder: str = Field(description="Id of the Patient", examples=["elder-1"])
    kind: BedKind = Field(examples=["home-hospital-bed"])
    organization: str = Field(
        description="Id of the Organization that keeps the bed", examples=["centre"]
    )
    from_day: date | None = Field(default=None, description="First day; today if left out")
    referral: str | None = Field(default=None, description="Id of the accepted Task")


class StepIn(_In):
    """A step with a bed."""

    performer: str = Field(
        default="",
        description="Id of the PractitionerRole that did it; the pack says where it is needed",
        examples=["doctor-role-1"],
    )
    note: str = Field(default="", examples=["居室条件符合要求"])
    at: AwareDatetime | None = Field(default=None, description="When it happened; now if left out")


class ReasonedIn(StepIn):
    """A step that needs a reason: one of the pack's to suspend or close, else in words."""

    reason: str = Field(min_length=1, examples=["family_request"])


class RoundIn(StepIn):
    """A round, a nurse's visit, a call."""

    kind: RoundKind = Field(examples=["round"])
    stable: bool | None = Field(
        default=None, description="The person is stable: rounds may be further apart"
    )


class CapacityIn(_In):
    """A licensed number of beds."""

    kind: BedKind
    beds: int = Field(ge=0, examples=[80])


class DueOut(BaseModel):
    """Something to be done at a bed, and the rule that says so."""

    bed: str
    elder: str
    organization: str
    what: str = Field(examples=["senior_round"])
    by: datetime
    late: bool
    rule_id: str = Field(examples=["home_bed.senior_first_days"])
    doc_no: str
    confirmed: bool

    @classmethod
    def of(cls, one: Due) -> "DueOut":
        """One thing."""
        return cls(
            bed=one.bed,
            elder=one.elder,
            organization=one.organization,
            what=one.what,
            by=one.by.astimezone(ZONE),
            late=one.late(time.now()),
            rule_id=one.rule.rule_id,
            doc_no=one.rule.doc_no,
            confirmed=one.rule.confirmed,
        )


class TakenOut(BaseModel):
    """A state that a bed came into."""

    state: BedState
    at: datetime


class BedOut(BaseModel):
    """A bed; its EpisodeOfCare is read under `/fhir/{reference}`."""

    reference: str = Field(examples=["EpisodeOfCare/2f0c7b7e-55b0-5e0f-9f0e-0c6f5b1d2a10"])
    version: int = Field(examples=[3])
    status: str = Field(examples=["active"], description="EpisodeOfCare.status")
    state: BedState = Field(examples=["opened"])
    kind: BedKind
    elder: str
    organization: str
    manager: str | None
    opened: date | None
    cycle_first: date | None
    cycle_last: date | None
    reason: str = Field(examples=["hospital_stay"])
    stable: bool
    linked: list[str]
    next_steps: list[Step]
    history: list[TakenOut]

    @classmethod
    def of(cls, document: Document) -> "BedOut":
        """One bed."""
        found = resources.bed(document)
        cycle = found.cycle or (None, None)
        return cls(
            reference=document.reference,
            version=document.version,
            status=str(document.resource["status"]),
            state=found.state,
            kind=found.kind,
            elder=found.elder,
            organization=found.organization,
            manager=found.manager,
            opened=found.opened,
            cycle_first=cycle[0],
            cycle_last=cycle[1],
            reason=found.reason,
            stable=found.stable,
            linked=list(found.linked),
            next_steps=list(found.steps()),
            history=[TakenOut(state=s, at=at.astimezone(ZONE)) for s, at in found.taken],
        )


class BedDueOut(BedOut):
    """A bed with what is next due at it."""

    due: list[DueOut]


class OccupancyOut(BaseModel):
    """Beds of one kind of an organisation; `licensed` null = the Organization does not say."""

    kind: BedKind
    licensed: int | None
    taken: int
    waiting: int


class TaskOut(BaseModel):
    """A Task that a step changed."""

    reference: str
    version: int
    status: str
