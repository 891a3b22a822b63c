"""Duplicates, omissions and mismatches of a street, and what people decide about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import CallerNow, Expected, ReadTx, Speak, WriteTx
from api.scheduler.rules import PacksNow, on, today
from carecoord.errors import Fact
from carecoord.fhir.issues import Deed, Issue
from carecoord.flows import detect, findings
from carecoord.flows.wording import Words
from carecoord.model import time
from carecoord.model.ids import StreetId
from carecoord.model.issues import DEMAND, Evidence
from carecoord.model.policy import RuleRef
from carecoord.planning.detect import Rate
from carecoord.text import Language, sentence

router = APIRouter(prefix="/streets/{street}", tags=["issues"])


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NoteIn(_In):
    """What is said when an issue is taken on; may be empty."""

    note: str = Field(default="", max_length=2000, examples=["打电话问家属"])


class ActionIn(_In):
    """What was done about an issue."""

    action: str = Field(max_length=2000, examples=["沐浴改由长护险承担，家庭床位计划已删除该项"])


class ReasonIn(_In):
    """Why a finding is none."""

    reason: str = Field(max_length=2000, examples=["两次沐浴均按医嘱"])


class RuleOut(BaseModel):
    """A policy row that decided."""

    rule_id: str = Field(examples=["detect.same_item_days"])
    doc_no: str
    clause: str
    jurisdiction: str
    valid_from: date
    mark: str = Field(examples=["A"])
    confirmed: bool

    @classmethod
    def of(cls, ref: RuleRef) -> "RuleOut":
        """One row."""
        return cls(
            rule_id=ref.rule_id,
            doc_no=ref.doc_no,
            clause=ref.clause,
            jurisdiction=ref.jurisdiction,
            valid_from=ref.valid_from,
            mark=ref.mark.value,
            confirmed=ref.confirmed,
        )


class EvidenceOut(BaseModel):
    """One thing a finding rests on."""

    code: str = Field(examples=["evidence.task"])
    text: str
    facts: dict[str, Fact]
    documents: list[str] = Field(
        description="Read each under `/fhir/{reference}`", examples=[["CarePlan/7"]]
    )
    demands: list[str] = Field(description="Visits of the routes")

    @classmethod
    def of(cls, one: Evidence, words: Words, language: Language) -> "EvidenceOut":
        """One thing."""
        return cls(
            code=one.code,
            text=words.say(one.code, one.facts, language),
            facts=dict(one.facts),
            documents=[ref for ref in one.refs if not ref.startswith(DEMAND)],
            demands=[ref.removeprefix(DEMAND) for ref in one.refs if ref.startswith(DEMAND)],
        )


class DeedOut(BaseModel):
    """Something that was decided, or that happened by itself."""

    action: str = Field(examples=["acknowledged"])
    text: str
    at: datetime
    who: str

    @classmethod
    def of(cls, one: Deed, language: Language) -> "DeedOut":
        """One deed; what the engine did is said in the language asked for."""
        own = {"closed": "issue.gone", "reopened": "issue.reopened"}.get(one.action)
        text = sentence(own, {}, language) if own and not one.who else one.text
        return cls(action=one.action, text=text, at=datetime.fromisoformat(one.at), who=one.who)


class IssueOut(BaseModel):
    """One finding without its evidence; `version` is its ETag."""

    id: str
    version: int
    code: str = Field(examples=["duplicate.item"])
    family: str = Field(examples=["duplicate"])
    state: str = Field(examples=["open"])
    severity: str = Field(examples=["moderate"])
    elder: str = Field(description="Id of the Patient")
    others: list[str] = Field(description="Further Patients it is about")
    text: str
    facts: dict[str, Fact]
    since: datetime

    @classmethod
    def of(cls, one: Issue, words: Words, language: Language) -> "IssueOut":
        """One finding."""
        return cls.model_validate(_said(one, words, language))


class IssueDetailOut(IssueOut):
    """One finding with everything to judge it by; the same is `/fhir/DetectedIssue/{id}`."""

    evidence: list[EvidenceOut]
    rules: list[RuleOut]
    history: list[DeedOut]

    @classmethod
    def of(cls, one: Issue, words: Words, language: Language) -> "IssueDetailOut":
        """One finding."""
        return cls.model_validate(
            {
                **_said(one, words, language),
                "evidence": [EvidenceOut.of(e, words, language) for e in one.evidence],
                "rules": [RuleOut.of(ref) for ref in one.rules],
                "history": [DeedOut.of(deed, language) for deed in one.deeds],
            }
        )


class IssuesOut(BaseModel):
    """Issues of a street, the gravest and newest first."""

    total: int = Field(description="How many match the filter")
    states: dict[str, int] = Field(description="How many are in each state, whatever the filter")
    codes: dict[str, int] = Field(description="How many of each kind are open or acknowledged")
    issues: list[IssueOut]


class RunOut(BaseModel):
    """What a run of the detectors changed."""

    found: int
    opened: int
    updated: int
    closed: int
    reopened: int


class RateOut(BaseModel):
    """`count` of `of`; indicators K1 to K6, then one rate a kind."""

    code: str = Field(examples=["omission.unserved"])
    indicator: str = Field(examples=["K3"])
    count: int
    of: int
    unit: str = Field(examples=["entitled"])
    share: float
    rules: list[str]

    @classmethod
    def of_rate(cls, rate: Rate) -> "RateOut":
        """One rate."""
        return cls(
            code=rate.code,
            indicator=rate.indicator,
            count=rate.count,
            of=rate.of,
            unit=rate.unit,
            share=round(rate.share, 4),
            rules=list(dict.fromkeys(ref.rule_id for ref in rate.refs)),
        )


def _said(one: Issue, words: Words, language: Language) -> Mapping[str, object]:
    return {
        "id": one.id,
        "version": one.version,
        "code": one.code,
        "family": one.family,
        "state": one.state,
        "severity": one.severity,
        "elder": one.elder,
        "others": list(one.others),
        "text": words.say(one.code, one.facts, language),
        "facts": dict(one.facts),
        "since": datetime.fromisoformat(one.since),
    }


@router.get("/issues")
def list_issues(
    street: str,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    language: Speak,
    state: list[str] = Query(default=["open", "acknowledged"]),
    code: list[str] = Query(default=[], description="`duplicate.item`, or a family"),
    severity: list[str] = Query(default=[]),
    elder: str = "",
    offset: int = Query(default=0, ge=0),
    limit: int = Query(default=100, ge=1, le=500),
) -> IssuesOut:
    """Findings of a street by state, kind, severity and person, with counts."""
    found = findings.listing(
        tx,
        caller,
        StreetId(street),
        states=state,
        codes=code,
        severities=severity,
        elder=elder,
        offset=offset,
        limit=limit,
    )
    words = Words(today(packs, street))
    return IssuesOut(
        total=found.total,
        states=dict(found.states),
        codes=dict(found.codes),
        issues=[IssueOut.of(one, words, language) for one in found.issues],
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What every question about one issue brings."""

    street: str
    issue: str
    caller: CallerNow
    packs: PacksNow
    language: Speak
    response: Response

    def shown(self, found: Issue) -> IssueDetailOut:
        """The issue as it is now; its version is the ETag."""
        self.response.headers["ETag"] = f'W/"{found.version}"'
        words = Words(today(self.packs, self.street))
        return IssueDetailOut.of(found, words, self.language)


Asked = Annotated[_Asked, Depends()]


@router.get("/issues/{issue}")
def get_issue(asked: Asked, tx: ReadTx) -> IssueDetailOut:
    """One finding with evidence, the rows that decided, and its history."""
    return asked.shown(findings.one(tx, asked.caller, StreetId(asked.street), asked.issue))


@router.post("/issues/{issue}:acknowledge")
def acknowledge_issue(
    asked: Asked, body: NoteIn, tx: WriteTx, expected: Expected
) -> IssueDetailOut:
    """Take an issue on. Needs `If-Match`."""
    street = StreetId(asked.street)
    done = findings.acknowledge(
        tx, asked.caller, street, asked.issue, note=body.note, expected=expected
    )
    return asked.shown(done)


@router.post("/issues/{issue}:resolve")
def resolve_issue(asked: Asked, body: ActionIn, tx: WriteTx, expected: Expected) -> IssueDetailOut:
    """Say what was done. Needs `If-Match`."""
    street = StreetId(asked.street)
    done = findings.resolve(
        tx, asked.caller, street, asked.issue, action=body.action, expected=expected
    )
    return asked.shown(done)


@router.post("/issues/{issue}:dismiss")
def dismiss_issue(asked: Asked, body: ReasonIn, tx: WriteTx, expected: Expected) -> IssueDetailOut:
    """Say why it is none; it stays so until its facts change. Needs `If-Match`."""
    street = StreetId(asked.street)
    done = findings.dismiss(
        tx, asked.caller, street, asked.issue, reason=body.reason, expected=expected
    )
    return asked.shown(done)


@router.post("/issues:detect")
def run_detectors(street: str, caller: CallerNow, tx: WriteTx, packs: PacksNow) -> RunOut:
    """Run every detector now, as every evening; doing it twice changes nothing."""
    done = detect.street(tx, caller, StreetId(street), today(packs, street))
    return RunOut(
        found=done.found,
        opened=done.opened,
        updated=done.updated,
        closed=done.closed,
        reopened=done.reopened,
    )


@router.get("/rates")
def get_rates(
    street: str, caller: CallerNow, tx: ReadTx, packs: PacksNow, day: date | None = None
) -> list[RateOut]:
    """Indicators K1 to K6 and the rate of every kind, counted from the facts of now."""
    rules = on(packs, street, day or time.today())
    return [RateOut.of_rate(r) for r in detect.street_rates(tx, caller, StreetId(street), rules)]
