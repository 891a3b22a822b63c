"""Two-way referrals over plain JSON: send, look, move, answer; the same machine as under /fhir."""

from dataclasses import asdict

from fastapi import APIRouter, Query, Request, Response

from api.context import CallerNow, Expected, ReadTx, Speak, WriteTx, database
from api.scheduler.care import DocumentOut
from api.scheduler.referral_bodies import (
    AnswerIn,
    CandidateOut,
    LimitOut,
    MomentOut,
    MovedOut,
    MoveIn,
    OfferOut,
    OffersIn,
    PreviewOut,
    ReferralIn,
    ReferralLineOut,
    ReferralOut,
    TextIn,
)
from carecoord.errors import Conflict
from carecoord.fhir import referrals as papers
from carecoord.flows import (
    acceptance,
    deadlines,
    directory,
    inbox,
    intake,
    offer,
    preview,
    referral,
    slips,
    upward,
)
from carecoord.model import time
from carecoord.model.ids import ElderId, ReferralId
from carecoord.model.referrals import State
from carecoord.store.documents import Document

router = APIRouter(tags=["referrals"])


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


@router.post("/referrals:preview")
def preview_referral(
    body: ReferralIn, request: Request, caller: CallerNow, tx: WriteTx, language: Speak
) -> PreviewOut:
    """What a referral would be answered if it were sent: offers, and what is missing.

    Computed as if it had come in, and undone: nothing is stored and nobody is told.
    """
    data = request.app.state.settings.data
    return PreviewOut.of(preview.answer(tx, caller, body.to_model(), data), language)


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
    """Limits that have passed, the longest overdue first, with who was told when."""
    found = deadlines.overdue(tx, caller, time.now())
    told = deadlines.told_of(tx, found)
    return [LimitOut.of(one, told.get(one.id, ())) for one in found]


@router.get("/referrals/{task}")
def get_referral(task: str, caller: CallerNow, tx: ReadTx, response: Response) -> ReferralOut:
    """One referral: course, questions, limits, what is missing, what may follow."""
    view = inbox.look(tx, caller, ReferralId(task))
    told = deadlines.told_of(tx, view.limits)
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
        limits=[LimitOut.of(one, told.get(one.id, ())) for one in view.limits],
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


@router.post("/referrals/{task}/offers")
def make_offers(
    task: str, body: OffersIn, request: Request, caller: CallerNow, tx: WriteTx, language: Speak
) -> list[OfferOut]:
    """Compute offers against the coming days; those made before are closed."""
    extras = None
    if body.extras is not None:
        extras = [acceptance.Extra(**one.model_dump()) for one in body.extras]
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


@router.get("/directory/receivers")
def rank_receivers(
    caller: CallerNow,
    tx: ReadTx,
    need: str = "",
    elder: str = "",
    kind: str = "",
    wanted: str = Query(default="", pattern="^(home-hospital-bed|family-bed)?$"),
    minutes: int = Query(default=60, ge=1, le=600),
) -> list[CandidateOut]:
    """Who could take somebody, the best first: capable, most working time left, nearest.

    `earliest` is the first coming day on which the street has time for one visit of `minutes`.
    """
    who = ElderId(elder) if elder else None
    found = directory.rank(
        tx, caller, need=need, elder=who, kind=kind, wanted=wanted, minutes=minutes
    )
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
