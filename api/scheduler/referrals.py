"""Two-way referrals over plain JSON: send, look, move, answer; the same machine as under /fhir."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import CallerNow, Expected, ReadTx, Speak, WriteTx, database
from api.scheduler.care import DocumentOut
from carecoord.errors import Conflict
from carecoord.fhir import referrals as papers
from carecoord.flows import (
    deadlines,
    directory,
    inbox,
    intake,
    offer,
    referral,
    slips,
    upward,
)
from carecoord.model import time
from carecoord.model.ids import ElderId, ReferralId
from carecoord.model.referrals import Direction, State, Urgency
from carecoord.store.clocks import Clock
from carecoord.store.documents import Document
from carecoord.store.offers import Offer
from carecoord.text import Language, sentence

router = APIRouter(tags=["referrals"])


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


class LimitOut(BaseModel):
    """A limit: when it is due, and whether it was met."""

    referral: str
    kind: str = Field(examples=["accept"])
    state: str = Field(examples=["running"])
    started_at: datetime
    due_at: datetime
    level: int = Field(description="0 silent, 1 reminded, 2 and more told to the next person")

    @classmethod
    def of(cls, clock: Clock) -> "LimitOut":
        """One limit."""
        return cls(
            referral=clock.task,
            kind=clock.kind,
            state=clock.state,
            started_at=clock.started_at,
            due_at=clock.due_at,
            level=clock.level,
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


def _moved(task: Document, response: Response) -> MovedOut:
    response.headers["ETag"] = f'W/"{task.version}"'
    status = str(task.resource["status"])
    abort = papers.is_abort(task.resource)
    return MovedOut(
        reference=task.reference,
        version=task.version,
        status=status,
        state=status if abort else papers.position(task.resource).state.value,
    )


@router.post("/referrals", status_code=201)
def send_referral(body: ReferralIn, caller: CallerNow, tx: WriteTx, response: Response) -> MovedOut:
    """Send a referral without FHIR; under a number sent before, the same one is answered."""
    return _moved(intake.send(tx, caller, body.to_model()), response)


@router.get("/referrals")
def list_referrals(
    caller: CallerNow,
    tx: ReadTx,
    sender: str = "",
    receiver: str = "",
    state: list[State] = Query(default=[]),
) -> list[ReferralLineOut]:
    """Referrals of the caller's organisations, newest first."""
    found = inbox.listing(tx, caller, sender=sender, receiver=receiver, states=state)
    return [ReferralLineOut.of(line) for line in found]


@router.get("/referrals/overdue")
def list_overdue(caller: CallerNow, tx: ReadTx) -> list[LimitOut]:
    """Limits that have passed, the longest overdue first."""
    return [LimitOut.of(one) for one in deadlines.overdue(tx, caller, time.now())]


@router.get("/referrals/{task}")
def get_referral(task: str, caller: CallerNow, tx: ReadTx, response: Response) -> ReferralOut:
    """One referral: course, questions, limits, what is missing, what may follow."""
    view = inbox.look(tx, caller, ReferralId(task))
    response.headers["ETag"] = f'W/"{view.line.version}"'
    return ReferralOut(
        referral=ReferralLineOut.of(view.line),
        before=view.before,
        allowed=[state.value for state in view.allowed],
        course=[
            MomentOut(version=m.version, state=m.state.value, at=m.at, reason=m.reason)
            for m in view.course
        ],
        notes=list(view.notes),
        outputs=list(view.outputs),
        limits=[LimitOut.of(one) for one in view.limits],
        missing=list(view.missing),
        wanted=list(view.wanted),
        diagnosis=view.diagnosis,
        summary=view.summary,
        reason=view.reason,
        aborts=[one.id for one in view.aborts],
    )


@router.post("/referrals/{task}:accept")
def accept_referral(
    task: str, caller: CallerNow, tx: WriteTx, expected: Expected, response: Response
) -> MovedOut:
    """Say yes, without an offer. 428: without `If-Match`; an accepted one stays as it is."""
    found = referral.accept_on(tx, caller, ReferralId(task), expected=expected)
    return _moved(found, response)


@router.post("/referrals/{task}:move")
def move_referral(
    task: str,
    body: MoveIn,
    caller: CallerNow,
    tx: WriteTx,
    expected: Expected,
    response: Response,
) -> MovedOut:
    """Any move of the state machine. 428 without `If-Match`, 422 lists what may follow."""
    brought = referral.Brought(
        reason=body.reason,
        text=body.text,
        outputs=[
            papers.output(one.kind, text=one.text, reference=one.reference) for one in body.outputs
        ],
        receiver=body.receiver,
    )
    moved = referral.act(tx, caller, ReferralId(task), body.to, brought, expected=expected)
    upward.after(tx, caller, moved)
    return _moved(moved, response)


@router.post("/referrals/{task}:send")
def send_proposal(
    task: str, receiver: str, caller: CallerNow, tx: WriteTx, expected: Expected, response: Response
) -> MovedOut:
    """Send a proposed up-referral to a hospital: the doctor has decided."""
    moved = upward.send(tx, caller, ReferralId(task), receiver, expected=expected)
    return _moved(moved, response)


@router.post("/referrals/{task}:remark")
def remark_on_referral(
    task: str, body: TextIn, caller: CallerNow, tx: WriteTx, expected: Expected, response: Response
) -> MovedOut:
    """Add a remark without a move."""
    noted = referral.remark(tx, caller, ReferralId(task), body.text, expected=expected)
    return _moved(noted, response)


@router.post("/referrals/{task}:abort", status_code=201)
def abort_referral(
    task: str, body: TextIn, caller: CallerNow, tx: WriteTx, expected: Expected, response: Response
) -> MovedOut:
    """Ask the owner to end work that has begun; they answer the abort Task."""
    asked = referral.ask_abort(tx, caller, ReferralId(task), body.text, expected=expected)
    return _moved(asked, response)


@router.post("/aborts/{abort}:answer")
def answer_abort(
    abort: str,
    body: AnswerIn,
    caller: CallerNow,
    tx: WriteTx,
    expected: Expected,
    response: Response,
) -> MovedOut:
    """Agree to end the work, or not; the referral as it stands then."""
    task = referral.answer_abort(
        tx, caller, abort, agree=body.agree, reason=body.text, expected=expected
    )
    return _moved(task, response)


@router.post("/referrals/{task}:met")
def meet_limit(
    task: str,
    kind: str,
    caller: CallerNow,
    tx: WriteTx,
    response: Response,
) -> MovedOut:
    """The first contact, first visit or follow-up has taken place."""
    found = deadlines.met(tx, caller, ReferralId(task), kind, time.now())
    return _moved(found, response)


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
        )


@router.post("/referrals/{task}/offers")
def make_offers(
    task: str, body: OffersIn, request: Request, caller: CallerNow, tx: WriteTx, language: Speak
) -> list[OfferOut]:
    """Compute offers against the coming days; those made before are closed."""
    extras = None
    if body.extras is not None:
        extras = [offer.Extra(**one.model_dump()) for one in body.extras]
    data = request.app.state.settings.data
    made = offer.propose(tx, caller, ReferralId(task), data, extras=extras, first=body.first)
    return [OfferOut.of(one, language) for one in made]


@router.get("/referrals/{task}/offers")
def list_offers(task: str, caller: CallerNow, tx: ReadTx, language: Speak) -> list[OfferOut]:
    """Offers of a referral, newest first."""
    found = offer.of_referral(tx, caller, ReferralId(task))
    return [OfferOut.of(one, language) for one in found]


@router.post("/offers/{offer_id}:accept")
def accept_offer(
    offer_id: str,
    request: Request,
    caller: CallerNow,
    expected: Expected,
    response: Response,
) -> MovedOut:
    """Take an offer: bed, plan and visits in one transaction.

    409 `offer.gone`: a promised visit does not fit any more; nothing was changed, and the facts
    name the offers made anew.
    """
    data = request.app.state.settings.data
    try:
        with database(request).write() as tx:
            return _moved(offer.accept(tx, caller, offer_id, data, expected=expected), response)
    except Conflict as error:
        if error.code != "offer.gone":
            raise
        with database(request).write() as tx:
            anew = offer.reoffer(tx, caller, offer_id, data)
        error.facts["offers"] = ", ".join(one.id for one in anew)
        raise


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
    metres: int | None


@router.get("/directory/receivers")
def rank_receivers(
    caller: CallerNow, tx: ReadTx, need: str = "", elder: str = "", kind: str = ""
) -> list[CandidateOut]:
    """Who could take somebody, the best first: capable, fewest waiting, nearest."""
    who = ElderId(elder) if elder else None
    found = directory.rank(tx, caller, need=need, elder=who, kind=kind)
    return [CandidateOut(**asdict(one)) for one in found]


@router.post("/referrals/{task}/slips", status_code=201)
def store_slip(
    task: str,
    caller: CallerNow,
    tx: WriteTx,
    kind: str = Query(default="out", pattern="^(out|return)$"),
) -> DocumentOut:
    """Store the out slip or return slip as a FHIR Composition."""
    return DocumentOut.of(slips.as_document(tx, caller, ReferralId(task), kind))
