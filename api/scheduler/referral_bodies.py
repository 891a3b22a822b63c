"""What a referral looks like in JSON: sent, shown, moved, offered."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from carecoord.flows import deadlines, inbox, intake, preview
from carecoord.model.referrals import Direction, Urgency
from carecoord.store.clocks import Clock
from carecoord.store.offers import Offer
from carecoord.text import Language, sentence


class _In(BaseModel):
    """Unknown names are refused: a misspelt one would otherwise be a wish nobody hears."""

    model_config = ConfigDict(extra="forbid")


class PersonIn(_In):
    """Whom it is about: `id` of a registered elder, or number and name."""

    id: str = ""
    resident_number: str = Field(default="", examples=["990101194005010029"])
    name: str = Field(default="", examples=["王秀英"])
    gender: str = Field(default="unknown", pattern="^(female|male|other|unknown)$")
    birth: date | None = None
    phone: str = ""
    address: str = Field(default="", max_length=300)
    longitude: float | None = Field(default=None, ge=-180, le=180, description="WGS-84")
    latitude: float | None = Field(default=None, ge=-90, le=90)


class OrderIn(_In):
    """One repeated item; without `frequency` as often as usual."""

    item: str = Field(examples=["37"])
    frequency: int = Field(default=0, ge=0, le=60)
    period: int = Field(default=7, ge=1, le=90, description="Days")


class AttachmentIn(_In):
    """A file, base64."""

    title: str = Field(min_length=1, max_length=200)
    media_type: str = Field(examples=["application/pdf"])
    data: str


class ReferralIn(_In):
    """A referral as somebody fills it in."""

    sender: str = Field(description="Organization id")
    receiver: str = Field(description="Organization id")
    person: PersonIn
    direction: Direction = Direction.DOWN
    urgency: Urgency = Urgency.PLANNED
    number: str = Field(
        default="", max_length=60, description="The sender's own; sent again it changes nothing"
    )
    wanted: str = Field(default="home-hospital-bed", pattern="^(home-hospital-bed|family-bed)?$")
    diagnosis_code: str = Field(default="", examples=["I63.9"])
    diagnosis: str = Field(default="", examples=["脑梗死恢复期"])
    summary: str = Field(default="", max_length=5000)
    discharge: date | None = None
    orders: list[OrderIn] = Field(default_factory=list, max_length=40)
    attachments: list[AttachmentIn] = Field(default_factory=list, max_length=10)
    consent: bool = False
    considered: list[str] = Field(
        default_factory=list, description="Receivers the family was shown"
    )
    chosen_by: str = Field(default="", max_length=100)

    def to_model(self) -> intake.Sending:
        """The same as the flow takes it."""
        plain = self.model_dump(exclude={"person", "orders", "attachments"})
        return intake.Sending(
            **plain,
            person=intake.Person(**self.person.model_dump()),
            orders=[intake.Ordered(**one.model_dump()) for one in self.orders],
            attachments=[intake.Attached(**one.model_dump()) for one in self.attachments],
        )


class OutputIn(_In):
    """One result: a text, or a reference to a resource under /fhir."""

    kind: str = Field(default="feedback", examples=["feedback"], pattern="^[a-z-]{1,40}$")
    text: str = ""
    reference: str = Field(default="", pattern="^([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})?$")


class MoveIn(_In):
    """Where to, and what the move requires."""

    to: str = Field(examples=["accepted"])
    reason: str = Field(default="", examples=["no-capacity"])
    text: str = Field(default="", max_length=2000, description="Reason, question or answer")
    outputs: list[OutputIn] = Field(default_factory=list)
    receiver: str = Field(default="", description="Organization id, to send it elsewhere")


class TextIn(_In):
    """Words."""

    text: str = Field(min_length=1, max_length=2000)


class AnswerIn(_In):
    """Whether the owner agrees to end the work."""

    agree: bool
    text: str = Field(default="", max_length=2000)


class ReferralLineOut(BaseModel):
    """One referral in a list."""

    id: str
    version: int
    state: str = Field(examples=["received"])
    direction: str
    urgency: str
    number: str
    elder: str
    elder_name: str
    sender: str
    sender_name: str
    receiver: str
    receiver_name: str
    sent: str

    @classmethod
    def of(cls, line: inbox.Line) -> "ReferralLineOut":
        """One line."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class ToldOut(BaseModel):
    """Somebody who was told of a limit."""

    who: str = Field(examples=["PractitionerRole/1"])
    name: str
    role: str = Field(description="`duty`, `head`, `medical-officer`; empty: the organisation")
    channels: list[str] = Field(examples=[["phone 010-55550000"]])
    deed: str = Field(description="`reminder` before, `overdue` after the limit")
    at: datetime

    @classmethod
    def of(cls, one: deadlines.Told) -> "ToldOut":
        """One."""
        who = one.who
        return cls(
            who=who.reference,
            name=who.name,
            role=who.role,
            channels=list(who.channels),
            deed=one.deed,
            at=one.at,
        )


class LimitOut(BaseModel):
    """A limit: when it is due, and whether it was met."""

    referral: str
    kind: str = Field(examples=["accept"])
    state: str = Field(examples=["running"])
    started_at: datetime
    due_at: datetime
    level: int = Field(description="0 silent, 1 reminded, 2 and more told to the next person")
    told: list[ToldOut]

    @classmethod
    def of(cls, clock: Clock, told: Sequence[deadlines.Told] = ()) -> "LimitOut":
        """One limit."""
        return cls(
            referral=clock.task,
            kind=clock.kind,
            state=clock.state,
            started_at=clock.started_at,
            due_at=clock.due_at,
            level=clock.level,
            told=[ToldOut.of(one) for one in told],
        )


class MomentOut(BaseModel):
    """One step of the course."""

    version: int
    state: str
    at: datetime
    reason: str


class ReferralOut(BaseModel):
    """One referral in full."""

    referral: ReferralLineOut
    before: str
    allowed: list[str] = Field(description="States the caller may move it to")
    course: list[MomentOut]
    notes: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    limits: list[LimitOut]
    missing: list[str]
    wanted: list[str]
    diagnosis: str
    summary: str
    reason: str
    aborts: list[str]


class MovedOut(BaseModel):
    """A referral after a move."""

    reference: str = Field(examples=["Task/5f0f6a8e-7a0e-4b55-9a56-1a0b7d6a9c11"])
    version: int
    status: str = Field(examples=["accepted"], description="Task.status")
    state: str = Field(examples=["accepted"], description="Task.businessStatus")


class ExtraIn(_In):
    """An item that the street adds to what was ordered."""

    item: str = Field(examples=["123"])
    frequency: int = Field(default=0, ge=0, le=60, description="0 = as often as usual")
    period: int = Field(default=7, ge=1, le=90, description="Days")


class OffersIn(_In):
    """What to look at; left out, the pack's items for the diagnosis and the earliest start."""

    extras: list[ExtraIn] | None = None
    first: date | None = None


class OfferedVisitOut(BaseModel):
    """One visit of an offer: who and when, or why it does not fit.

    `basis`: `plan` = inserted into the real plan of that day; `roster` = the day has no plan yet,
    and the working time of its roster was counted.
    """

    day: date
    demand: str
    items: list[str]
    minutes: int
    level: str
    basis: str
    fits: bool
    staff: list[str]
    start: int = Field(description="Seconds after 00:00; 0 when not known yet")
    code: str
    reason: str


class MovedVisitOut(BaseModel):
    """A visit of somebody else that would begin at another time."""

    day: date
    demand: str
    before: int
    after: int


class WorseVisitOut(BaseModel):
    """A visit of somebody else that would keep a soft rule less well."""

    day: date
    rule: str = Field(examples=["late"])
    demand: str
    before: int = Field(description="Seconds for `late` and `early`, else cost")
    after: int


class TeamMemberOut(BaseModel):
    """Somebody who would call."""

    staff: str
    name: str


class OfferOut(BaseModel):
    """From this day, with these visits, by this team."""

    id: str
    referral: str
    state: str
    start: date
    fitting: int
    wanted: int
    team: list[TeamMemberOut]
    visits: list[OfferedVisitOut]
    moved: list[MovedVisitOut]
    worse: list[WorseVisitOut]
    overtime: int = Field(description="Seconds more over all carers")
    travel: int = Field(description="Seconds more on the way, days with a plan")

    @classmethod
    def of(cls, one: Offer, language: Language) -> "OfferOut":
        """One offer, reasons in the caller's language."""
        visits = [
            OfferedVisitOut(
                **{k: v[k] for k in ("day", "demand", "items", "minutes", "level", "basis")},
                fits=v["fits"],
                staff=v.get("staff", []),
                start=v.get("start", 0),
                code=v.get("code", ""),
                reason="" if v["fits"] else sentence(v["code"], v["facts"], language),
            )
            for v in one.body["visits"]
        ]
        return cls(
            id=one.id,
            referral=one.task,
            state=one.state,
            start=one.body["start"],
            fitting=one.body["fitting"],
            wanted=one.body["wanted"],
            team=one.body["team"],
            visits=visits,
            moved=one.body["moved"],
            worse=one.body.get("worse", []),
            overtime=one.body.get("overtime", 0),
            travel=one.body.get("travel", 0),
        )


class CandidateOut(BaseModel):
    """An organisation that a referral may go to."""

    organization: str
    name: str
    kind: str
    capable: bool
    services: list[str]
    hours: list[str]
    endpoints: list[str]
    waiting: int
    active: int
    free: int | None = Field(
        description="Seconds that able people of its street have left in the coming days;"
        " null: of no street here"
    )
    earliest: date | None = Field(description="First of those days with time for one visit")
    metres: int | None


class PreviewOut(BaseModel):
    """What a referral would be answered: `earliest` is the first start at which every visit fits.

    `planned` false: the receiver belongs to no street, so nobody can compute its capacity here.
    `refused`, `reason`: why there can be no offer.
    """

    planned: bool
    earliest: date | None
    missing: list[str] = Field(description="Without these it is asked back")
    wanted: list[str] = Field(description="Listed as lacking")
    offers: list[OfferOut]
    refused: str
    reason: str

    @classmethod
    def of(cls, one: preview.Preview, language: Language) -> "PreviewOut":
        """One preview, reasons in the caller's language."""
        refused = one.refused
        return cls(
            planned=one.planned,
            earliest=one.earliest,
            missing=list(one.missing),
            wanted=list(one.wanted),
            offers=[OfferOut.of(made, language) for made in one.offers],
            refused=refused.code if refused else "",
            reason=sentence(refused.code, refused.facts, language) if refused else "",
        )
