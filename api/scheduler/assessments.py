"""Assessments over HTTP: search, recognise, open, answer, dispute, due list, burden."""

from datetime import date
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query, Response

from api.context import Body, CallerNow, ReadTx, Speak, WriteTx
from api.scheduler.assessed import (
    EXAMPLE,
    AnswersIn,
    AssessmentOut,
    BurdenOut,
    ChangeIn,
    DisputeIn,
    DueOut,
    OpenIn,
    OpeningOut,
    RecognisedOut,
    RecogniseIn,
    SearchOut,
    out,
    searched,
)
from api.scheduler.care import DocumentOut
from api.scheduler.policy import rules_out
from api.scheduler.rules import PacksNow, on, today
from carecoord.errors import Conflict, Missing
from carecoord.fhir import assessments as forms
from carecoord.fhir import compose, read, wire
from carecoord.flows import assess, condition, reassess, recognition, register
from carecoord.flows import dispute as dispute_flow
from carecoord.flows.assess import Recorded
from carecoord.model import time
from carecoord.model.assessment import (
    Answers,
    Diagnosis,
    RiskEvent,
    answers_from,
    confirm,
)
from carecoord.model.assessment import assess as score
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.policy import Rules
from carecoord.packs.load import Packs
from carecoord.store import documents
from carecoord.store.engine import Tx
from fhir_profiles.questionnaires import questionnaire

router = APIRouter(tags=["assessments"])


@router.get("/elders/{elder}/assessments:search")
def search(
    elder: str, caller: CallerNow, tx: ReadTx, packs: PacksNow, language: Speak
) -> SearchOut:
    """Is there a valid assessment of any programme? Nothing is opened."""
    rules = _rules(tx, packs, elder)
    return searched(tx, recognition.offer(tx, caller, ElderId(elder), rules), language, rules)


@router.post("/assessments:open", status_code=201)
def open_assessment(
    body: OpenIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    language: Speak,
    response: Response,
) -> OpeningOut:
    """Open an assessment, or answer 200 with a valid one that can be recognised instead.

    With `despite` it is opened all the same, and counted as repeated (K2).
    """
    rules = _rules(tx, packs, body.elder)
    done = assess.open_assessment(
        tx,
        caller,
        ElderId(body.elder),
        body.programme,
        rules,
        reason=body.reason,
        assessors=body.assessors,
        despite=body.despite,
        disputes=body.disputes,
    )
    if done.response is None:
        response.status_code = 200
    opened = DocumentOut.of(done.response) if done.response else None
    return OpeningOut(search=searched(tx, done.found, language, rules), opened=opened)


@router.post("/assessments:recognise")
def recognise(body: RecogniseIn, caller: CallerNow, tx: WriteTx, packs: PacksNow) -> RecognisedOut:
    """Take over a valid result for another programme; the saved visit is counted once."""
    rules = _rules(tx, packs, body.elder)
    made = recognition.accept(
        tx, caller, ElderId(body.elder), body.programme, body.assessment, rules
    )
    reused = read.extension_value(made.resource, "reused-from")
    return RecognisedOut(
        provenance=made.reference,
        reused_from=str(reused["reference"]),
        programme=body.programme,
        saved_visits=int(read.extension_value(made.resource, "saved-visits")),
    )


@router.post("/assessments", status_code=201, openapi_extra=EXAMPLE)
def record_assessment(body: Body, caller: CallerNow, tx: WriteTx, packs: PacksNow) -> AssessmentOut:
    """Record one interview (a FHIR QuestionnaireResponse) and score both scales at once.

    `in-progress` is stored and gives no level. A missing answer gives no level on its scale.
    """
    sent = wire.loads(body)
    elder = read.reference(sent.get("subject"), "Patient")
    rules = _rules_of(tx, packs, elder, sent)
    return out(assess.record(tx, caller, sent, rules), today(packs, rules.jurisdiction))


@router.post("/assessments:answers", status_code=201)
def record_answers(
    body: AnswersIn, caller: CallerNow, tx: WriteTx, packs: PacksNow
) -> AssessmentOut:
    """Record one interview as plain answers; it is stored as a QuestionnaireResponse."""
    day = body.on or time.today()
    rules = on(packs, register.jurisdiction(tx, ElderId(body.elder)), day)
    answers = Answers(
        body.answers,
        body.coma,
        tuple(Diagnosis(one.code, one.by_psychiatrist) for one in body.diagnoses),
        tuple(RiskEvent(one.kind, one.day) for one in body.risk_events),
    )
    scored = score(answers, rules)
    if body.confirm:
        items = None if body.confirm == ["*"] else body.confirm
        answers = confirm(answers, scored.suggestions, items)
    resource = forms.response(
        questionnaire("interview"),
        body.elder,
        answers,
        _about(tx, body),
        id_=body.assessment or str(uuid4()),
        status="completed" if body.finished else "in-progress",
        authored=compose.stamp(time.now()) if body.on is None else day.isoformat(),
    )
    return out(assess.record(tx, caller, resource, rules), today(packs, rules.jurisdiction))


@router.get("/assessments/{assessment}")
def get_assessment(
    assessment: str, caller: CallerNow, tx: ReadTx, packs: PacksNow
) -> AssessmentOut:
    """One interview with its levels as they were decided, under the rows of that day."""
    stored = assess.read_one(tx, caller, assessment)
    elder = read.reference(stored.resource.get("subject"), "Patient")
    rules = _rules_of(tx, packs, elder, stored.resource)
    results = score(answers_from(stored.resource), rules)
    return out(
        Recorded(stored, tuple(assess.levels_of(tx, assessment)), results),
        today(packs, rules.jurisdiction),
    )


@router.post("/assessments/{assessment}:dispute", status_code=201)
def dispute(assessment: str, body: DisputeIn, caller: CallerNow, tx: WriteTx) -> DocumentOut:
    """Ask for another look by other assessors; until then the result is not recognised."""
    return DocumentOut.of(dispute_flow.raise_dispute(tx, caller, assessment, body.text))


@router.post("/elders/{elder}/changes", status_code=201)
def report_change(
    elder: str, body: ChangeIn, caller: CallerNow, tx: WriteTx, packs: PacksNow
) -> DocumentOut:
    """Report a change of condition: valid assessments before it are no longer recognised."""
    rules = _rules(tx, packs, elder)
    made = condition.report(tx, caller, ElderId(elder), body.kind, body.day, body.note, rules)
    return DocumentOut.of(made)


@router.get("/streets/{street}/assessments:due")
def due_list(
    street: str,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    day: date | None = None,
    within: Annotated[int, Query(ge=0, le=366, description="Days to look ahead")] = 0,
) -> list[DueOut]:
    """Who has to be assessed again, because of expiry or of a change; earliest first."""
    rules = on(packs, street, day or time.today())
    found = reassess.of_street(tx, caller, StreetId(street), rules, within=within)
    return [
        DueOut(
            elder=one.elder,
            name=one.name,
            scale=one.past.scale,
            assessed_on=one.past.assessed_on,
            due=one.due.on,
            notice_from=one.due.notice_from,
            overdue=one.overdue(rules.day),
            trigger=one.due.trigger,
            rules=rules_out(one.due.refs, today(packs, street)),
        )
        for one in found
    ]


@router.get("/streets/{street}/assessments:burden")
def burden(
    street: str, caller: CallerNow, tx: ReadTx, first: date | None = None, last: date | None = None
) -> BurdenOut:
    """Assessments of a span of days, how many were repeated (K2), and visits saved."""
    until = last or time.today()
    since = first or until.replace(month=1, day=1)
    if since > until:
        raise Conflict("assessment.span", field="first", first=str(since), last=str(until))
    found = reassess.burden(tx, caller, StreetId(street), since, until)
    return BurdenOut(
        street=street,
        first=since,
        last=until,
        assessments=found.assessments,
        repeated=found.repeated,
        repeat_assessment_rate=found.rate,
        recognised=found.recognised,
        saved_visits=found.saved,
    )


def _rules(tx: Tx, packs: Packs, elder: str) -> Rules:
    return today(packs, register.jurisdiction(tx, ElderId(elder)))


def _rules_of(tx: Tx, packs: Packs, elder: str, response: wire.Json) -> Rules:
    """The rows of the day of the interview."""
    day = assess.day_of(response, time.today())
    return on(packs, register.jurisdiction(tx, ElderId(elder)), day)


def _about(tx: Tx, body: AnswersIn) -> forms.About:
    """What `:open` wrote down stays; what is sent with the answers replaces it."""
    opened = forms.About()
    if body.assessment:
        stored = documents.read(tx, "QuestionnaireResponse", body.assessment)
        if read.reference(stored.resource.get("subject"), "Patient") != body.elder:
            raise Missing("assessment.other_elder", assessment=body.assessment, elder=body.elder)
        opened = forms.about(stored.resource)
    people = tuple(assess.assessor(tx, one) for one in body.assessors)
    return forms.About(
        programme=body.programme or opened.programme,
        reason=opened.reason or body.reason,
        assessors=people or opened.assessors,
        valid=opened.valid,
        despite=opened.despite,
        disputes=opened.disputes,
    )
