"""Assessments over HTTP: search, recognise, open, answer, dispute, due list, burden."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import Body, CallerNow, ReadTx, Speak, WriteTx
from api.scheduler.care import DocumentOut
from api.scheduler.policy import RuleOut, rules_out
from api.scheduler.rules import PacksNow, on, today
from carecoord.errors import Conflict, Missing
from carecoord.fhir import assessments as forms
from carecoord.fhir import compose, read, wire
from carecoord.fhir import rules as kept
from carecoord.flows import assess, condition, reassess, recognition, register
from carecoord.flows import dispute as dispute_flow
from carecoord.flows.assess import Recorded
from carecoord.flows.recognition import Found
from carecoord.model import time
from carecoord.model.assessment import (
    Answers,
    Diagnosis,
    Results,
    RiskEvent,
    answers_from,
    confirm,
)
from carecoord.model.assessment import assess as score
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.policy import Rules
from carecoord.packs.load import Packs
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from carecoord.text import Language, sentence
from fhir_profiles.questionnaires import questionnaire

router = APIRouter(tags=["assessments"])


class _In(BaseModel):
    """Unknown names are refused: a misspelt one would otherwise be an answer nobody hears."""

    model_config = ConfigDict(extra="forbid")


class LevelOut(BaseModel):
    """The result on one scale. Levels of different scales are never compared."""

    scale: str = Field(examples=["LTC37"])
    status: str = Field(examples=["complete"])
    level: int | None = Field(examples=[4])
    name: dict[str, str]
    missing: list[str] = Field(description="Items without an answer; no level as long as any")
    totals: dict[str, int]
    changes: list[str] = Field(default_factory=list, examples=[["diagnosis"]])
    confirmed: bool = Field(description="Every rule was seen in a published copy")
    valid_until: date | None = None
    observation: str = Field(default="", examples=["Observation/8b1f…"])
    rules: list[RuleOut]


class SuggestionOut(BaseModel):
    """A score that other answers make likely; it counts only when the assessor confirms it."""

    item: str = Field(examples=["a1"])
    score: int
    sources: list[str] = Field(examples=[["B.1.1"]])


class AssessmentOut(BaseModel):
    """What became of an interview."""

    response: DocumentOut
    levels: list[LevelOut]
    suggestions: list[SuggestionOut]


class OfferOut(BaseModel):
    """A valid assessment that can be recognised instead of making a new one."""

    assessment: str = Field(description="Id of the level Observation")
    scale: str
    level: int
    assessed_on: date
    valid_until: date
    programme: str = Field(description="For which it was made; empty if not known")
    reused_from: str = Field(examples=["QuestionnaireResponse/41c0…"])


class RefusedOut(BaseModel):
    """Why a past assessment cannot be recognised."""

    assessment: str
    reason: str = Field(examples=["expired"])
    text: str


class SearchOut(BaseModel):
    """What there is already."""

    offer: OfferOut | None
    refused: list[RefusedOut]
    rules: list[RuleOut]


class OpeningOut(BaseModel):
    """Either an offer to recognise or an opened assessment."""

    search: SearchOut
    opened: DocumentOut | None


class OpenIn(_In):
    """An assessment somebody wants to make."""

    elder: str = Field(description="Id of the Patient")
    programme: str = Field(examples=["ltci"])
    reason: str = Field(default="first", examples=["first", "routine", "immediate", "dispute"])
    assessors: list[str] = Field(
        default_factory=list, description="PractitionerRole ids, the lead first"
    )
    despite: str = Field(
        default="", description="Why a new one although a valid one exists; counted in K2"
    )
    disputes: str = Field(default="", description="Id of the QuestionnaireResponse in dispute")


class RecogniseIn(_In):
    """A programme takes over a valid result."""

    elder: str
    programme: str = Field(examples=["family-bed"])
    assessment: str = Field(description="Id of the level Observation that was offered")


class RecognisedOut(BaseModel):
    """A recognition: nobody has to call for it."""

    provenance: str
    reused_from: str
    programme: str
    saved_visits: int


class DiagnosisIn(_In):
    """A diagnosis, ICD-10."""

    code: str = Field(examples=["F01.5"])
    by_psychiatrist: bool = False


class RiskIn(_In):
    """A care-risk event."""

    kind: str = Field(examples=["fall"])
    day: date


class AnswersIn(_In):
    """One interview as plain JSON."""

    elder: str
    assessment: str = Field(default="", description="Id that `:open` gave; empty = a new one")
    programme: str = ""
    reason: str = "first"
    assessors: list[str] = Field(default_factory=list)
    on: date | None = Field(default=None, description="Day of the interview; today if left out")
    answers: dict[str, int] = Field(examples=[{"B.1.1": 4, "B.1.2": 3, "a4": 10}])
    coma: bool | None = None
    diagnoses: list[DiagnosisIn] = Field(default_factory=list)
    risk_events: list[RiskIn] = Field(default_factory=list)
    confirm: list[str] = Field(
        default_factory=list, description='Suggested items the assessor confirms; ["*"] = all'
    )
    finished: bool = Field(default=True, description="false: stored, and gives no level")


class DisputeIn(_In):
    """Somebody does not accept the result."""

    text: str = Field(min_length=1, max_length=2000)


class ChangeIn(_In):
    """Something happened to the person."""

    kind: str = Field(examples=["stroke"])
    day: date
    note: str = Field(default="", max_length=2000)


class DueOut(BaseModel):
    """The next assessment of a person on one scale."""

    elder: str
    name: str
    scale: str
    assessed_on: date
    due: date
    notice_from: date
    overdue: bool
    trigger: str = Field(description="`expiry` or the kind of change", examples=["expiry"])
    rules: list[RuleOut]


class BurdenOut(BaseModel):
    """Assessments made, made in vain (K2), and saved."""

    street: str
    first: date
    last: date
    assessments: int
    repeated: int
    repeat_assessment_rate: float | None
    recognised: int
    saved_visits: int


_EXAMPLE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "title": "QuestionnaireResponse"},
                "example": {
                    "resourceType": "QuestionnaireResponse",
                    "questionnaire": "https://carecoord.example/fhir/Questionnaire/interview",
                    "status": "completed",
                    "subject": {"reference": "Patient/e1"},
                    "authored": "2026-03-05T09:00:00+08:00",
                    "author": {"reference": "PractitionerRole/n1"},
                    "extension": [
                        {
                            "url": "https://carecoord.example/fhir/StructureDefinition/assessor",
                            "valueReference": {"reference": "PractitionerRole/n2"},
                        }
                    ],
                    "item": [{"linkId": "B.1.1", "answer": [{"valueInteger": 4}]}],
                },
            }
        },
    }
}


@router.get("/elders/{elder}/assessments:search")
def search(
    elder: str, caller: CallerNow, tx: ReadTx, packs: PacksNow, language: Speak
) -> SearchOut:
    """Is there a valid assessment of any programme? Nothing is opened."""
    rules = _rules(tx, packs, elder)
    return _search(tx, recognition.offer(tx, caller, ElderId(elder), rules), language, rules)


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
    return OpeningOut(search=_search(tx, done.found, language, rules), opened=opened)


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


@router.post("/assessments", status_code=201, openapi_extra=_EXAMPLE)
def record_assessment(body: Body, caller: CallerNow, tx: WriteTx, packs: PacksNow) -> AssessmentOut:
    """Record one interview (a FHIR QuestionnaireResponse) and score both scales at once.

    `in-progress` is stored and gives no level. A missing answer gives no level on its scale.
    """
    sent = wire.loads(body)
    elder = read.reference(sent.get("subject"), "Patient")
    rules = _rules_of(tx, packs, elder, sent)
    return _out(assess.record(tx, caller, sent, rules), today(packs, rules.jurisdiction))


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
    return _out(assess.record(tx, caller, resource, rules), today(packs, rules.jurisdiction))


@router.get("/assessments/{assessment}")
def get_assessment(
    assessment: str, caller: CallerNow, tx: ReadTx, packs: PacksNow
) -> AssessmentOut:
    """One interview with its levels as they were decided, under the rows of that day."""
    stored = assess.read_one(tx, caller, assessment)
    elder = read.reference(stored.resource.get("subject"), "Patient")
    rules = _rules_of(tx, packs, elder, stored.resource)
    results = score(answers_from(stored.resource), rules)
    return _out(
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


def _out(done: Recorded, present: Rules) -> AssessmentOut:
    return AssessmentOut(
        response=DocumentOut.of(done.response),
        levels=_levels(done.results, done.levels, present),
        suggestions=[
            SuggestionOut(item=s.item, score=s.score, sources=list(s.sources))
            for s in done.results.suggestions
        ],
    )


def _levels(results: Results, stored: Sequence[Document], present: Rules) -> list[LevelOut]:
    by_scale = {
        scale: one
        for one in stored
        if one.resource.get("status") == "final"
        for scale in read.codes(one.resource.get("code"), read.system("assessment-scale"))
    }
    found = []
    for scale, result in (("LTC37", results.ltc37), ("GB42195", results.gb42195)):
        document = by_scale.get(scale)
        refs = kept.refs(document.resource) if document else result.refs
        until = read.extension_value(document.resource, "valid-until") if document else None
        found.append(
            LevelOut(
                scale=scale,
                status=result.status,
                level=document.resource.get("valueInteger") if document else None,
                name={"zh_CN": result.zh, "en": result.en},
                missing=list(result.missing),
                totals=dict(result.totals),
                changes=list(getattr(result, "changes", ())),
                confirmed=all(ref.confirmed for ref in refs),
                valid_until=read.day(until),
                observation=document.reference if document else "",
                rules=rules_out(refs, present),
            )
        )
    return found


def _search(tx: Tx, found: Found, language: Language, present: Rules) -> SearchOut:
    recognition, offer = found.recognition, None
    if found.offer is not None and recognition.offer and recognition.valid_until:
        source = forms.source_of(found.offer.resource)
        response = documents.peek(tx, *source.split("/", 1)) if source else None
        offer = OfferOut(
            assessment=found.offer.id,
            scale=recognition.offer.scale,
            level=int(found.offer.resource["valueInteger"]),
            assessed_on=recognition.offer.assessed_on,
            valid_until=recognition.valid_until,
            programme=forms.about(response.resource).programme if response else "",
            reused_from=source,
        )
    return SearchOut(
        offer=offer,
        refused=[
            RefusedOut(
                assessment=one.id,
                reason=one.reason,
                text=sentence(f"recognition.refused.{one.reason}", {}, language),
            )
            for one in recognition.refused
        ],
        rules=rules_out(recognition.refs, present),
    )
