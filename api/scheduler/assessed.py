"""What assessments look like over HTTP: what is sent, what is answered, and an example."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.scheduler.care import DocumentOut
from api.scheduler.policy import RuleOut, rules_out
from carecoord.fhir import assessments as forms
from carecoord.fhir import read
from carecoord.fhir import rules as kept
from carecoord.flows.assess import Recorded
from carecoord.flows.recognition import Found
from carecoord.model.assessment import Results
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from carecoord.text import Language, sentence


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


EXAMPLE: dict[str, Any] = {
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


def out(done: Recorded, present: Rules) -> AssessmentOut:
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


def searched(tx: Tx, found: Found, language: Language, present: Rules) -> SearchOut:
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
