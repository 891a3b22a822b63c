"""Cost of a plan by rule and match over HTTP: of the stored plan, or of one made by hand."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.context import CallerNow, ReadTx, Speak
from api.scheduler.profiles import DataFolder, ProfileName, Single
from api.scheduler.rules import PacksNow, on
from carecoord.flows import analysis
from carecoord.flows.analysis import Analysis
from carecoord.model.ids import StreetId
from carecoord.planning import weights
from carecoord.planning.handmade import Call
from carecoord.planning.score import Match
from carecoord.text import Language, sentence

router = APIRouter(prefix="/streets/{street}", tags=["days"])

Detail = Literal["rules", "matches"]


class CallIn(BaseModel):
    """Somebody starts at a visit."""

    model_config = ConfigDict(extra="forbid")

    staff: str = Field(examples=["c1"])
    visit: str = Field(examples=["3f1c"])
    start: int = Field(ge=0, lt=172_800, examples=[30600], description="Seconds after 00:00")


class HandmadeIn(BaseModel):
    """A plan made by hand; ends, ways and breaks are filled in."""

    model_config = ConfigDict(extra="forbid")

    visits: list[CallIn] = Field(max_length=10_000)
    profile: ProfileName = weights.STANDARD
    weights: Single = Field(default_factory=dict)
    detail: Detail = "matches"


class MatchOut(BaseModel):
    """One place where a rule costs something."""

    cost: int
    units: int
    unit: str = Field(examples=["seconds"])
    weight: str = Field(examples=["travel"], description="Name of the weight of each unit")
    visit: str
    elder: str = Field(description="Name of the elder of the visit")
    staff: str
    name: str = Field(description="Name of the staff member")
    parts: dict[str, int] = Field(description="Of `preference`: cost by weight")

    @classmethod
    def of(cls, one: Match, found: Analysis) -> "MatchOut":
        """One match with names."""
        return cls(
            cost=one.cost,
            units=one.units,
            unit=one.unit,
            weight=one.weight,
            visit=one.visit,
            elder=found.elder(one.visit) if one.visit else "",
            staff=one.staff,
            name=found.name(one.staff) if one.staff else "",
            parts=dict(found.parts(one)),
        )


class RuleCostOut(BaseModel):
    """Cost of one medium or soft rule; its matches sum to it."""

    rule: str = Field(examples=["travel"])
    severity: str
    text: str
    cost: int
    matches: list[MatchOut] | None = Field(description="With `detail=matches`, dearest first")


class BrokenRuleOut(BaseModel):
    """A hard rule that the plan breaks."""

    rule: str = Field(examples=["windows"])
    code: str = Field(examples=["violation.visit.window"])
    text: str
    facts: dict[str, Any]


class LeftOut(BaseModel):
    """A call of the list, or a visit of the day, that no plan can hold."""

    visit: str
    staff: str
    code: str
    text: str


class AnalysisOut(BaseModel):
    """A plan judged: `ok` when no hard rule is broken."""

    street: str
    day: date
    version: int = Field(description="Of the stored plan; 0: made by hand")
    profile: str
    ok: bool
    hard: list[BrokenRuleOut]
    medium: int
    soft: int
    total: int
    rules: list[RuleCostOut]
    left_out: list[LeftOut]
    kept_out: list[LeftOut]

    @classmethod
    def of(cls, found: Analysis, detail: Detail, language: Language) -> "AnalysisOut":
        """An analysis in the caller's language."""
        return cls(
            street=found.now.key.street,
            day=found.now.key.day,
            version=found.version,
            profile=found.profile.name,
            ok=found.ok,
            hard=[
                BrokenRuleOut(
                    rule=one.rule,
                    code=f"violation.{one.code}",
                    text=sentence(f"violation.{one.code}", found.said(one), language),
                    facts=dict(one.facts),
                )
                for one in found.score.verdict.violations
            ],
            medium=found.score.medium,
            soft=found.score.soft,
            total=found.score.verdict.total,
            rules=_rules(found, detail, language),
            left_out=[
                LeftOut(
                    visit=one.call.visit,
                    staff=one.call.staff,
                    code=one.code,
                    text=sentence(
                        one.code,
                        {
                            "staff": found.name(one.call.staff),
                            "visit": found.elder(one.call.visit),
                        },
                        language,
                    ),
                )
                for one in found.left
            ],
            kept_out=[
                LeftOut(
                    visit=one.demand,
                    staff="",
                    code=one.code,
                    text=sentence(one.code, one.facts, language),
                )
                for one in found.kept_out
            ],
        )


def _rules(found: Analysis, detail: Detail, language: Language) -> list[RuleCostOut]:
    cost = found.score.verdict.cost
    return [
        RuleCostOut(
            rule=one.name,
            severity=one.severity,
            text=sentence(f"page.planrule.{one.severity}.{one.name}", {}, language),
            cost=cost.get(one.name, 0),
            matches=None
            if detail == "rules"
            else [
                MatchOut.of(match, found)
                for match in sorted(found.score.matches, key=lambda m: -m.cost)
                if match.rule == one.name
            ],
        )
        for one in weights.rules()
        if one.severity != "hard"
    ]


@router.get("/days/{day}/analysis")
def get_analysis(
    street: str,
    day: date,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    data: DataFolder,
    language: Speak,
    detail: Detail = "rules",
    profile: Annotated[ProfileName, Query()] = weights.STANDARD,
) -> AnalysisOut:
    """Cost of the stored plan by rule; with `detail=matches` visit by visit and way by way."""
    found = analysis.analyse(
        tx, caller, StreetId(street), day, data, on(packs, street, day), profile=profile
    )
    return AnalysisOut.of(found, detail, language)


@router.post("/days/{day}:analyse")
def analyse(
    street: str,
    day: date,
    body: HandmadeIn,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    data: DataFolder,
    language: Speak,
) -> AnalysisOut:
    """Cost of a plan made by hand, also an impossible one; nothing is stored."""
    found = analysis.analyse(
        tx,
        caller,
        StreetId(street),
        day,
        data,
        on(packs, street, day),
        profile=body.profile,
        single=body.weights,
        calls=[Call(one.staff, one.visit, one.start) for one in body.visits],
    )
    return AnalysisOut.of(found, body.detail, language)
