"""Two plans of a day side by side over HTTP."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.context import CallerNow, ReadTx, Speak
from api.scheduler.profiles import DataFolder, ProfileName
from api.scheduler.rules import PacksNow, on
from carecoord.flows import comparing
from carecoord.flows.comparing import CURRENT, Compared, Line, Side
from carecoord.model.ids import StreetId
from carecoord.model.time import ZONE, instant
from carecoord.planning import weights
from carecoord.planning.changes import Promise
from carecoord.text import Language, sentence

router = APIRouter(prefix="/streets/{street}", tags=["days"])

Source = Annotated[
    str,
    Query(max_length=80, description="`current`, `version:N`, `run:ID` or `roster:ID`"),
]


class IndicatorOut(BaseModel):
    """One figure of both plans."""

    name: str = Field(examples=["travel_seconds"])
    text: str
    before: float | int | None
    after: float | int | None
    difference: float | int | None


class RuleDifferenceOut(BaseModel):
    """Cost of one rule in both plans, under one profile."""

    rule: str
    severity: str
    text: str
    before: int
    after: int


class PromiseOut(BaseModel):
    """Who comes and when."""

    staff: list[str]
    names: list[str]
    start: datetime
    end: datetime


class VisitDifferenceOut(BaseModel):
    """One visit in both plans; null where nobody makes it."""

    visit: str
    elder: str
    name: str
    changes: list[Literal["added", "removed", "carer", "start"]]
    before: PromiseOut | None
    after: PromiseOut | None


class CompareOut(BaseModel):
    """`before` is `of`, `after` is `with`."""

    street: str
    day: date
    profile: str
    before: str
    after: str
    indicators: list[IndicatorOut]
    rules: list[RuleDifferenceOut]
    same: int = Field(description="Visits that both plans make alike, or both do not make")
    visits: list[VisitDifferenceOut]

    @classmethod
    def of(cls, found: Compared, language: Language, *, every: bool) -> "CompareOut":
        """A comparison in the caller's language."""
        return cls(
            street=found.now.key.street,
            day=found.now.key.day,
            profile=found.profile.name,
            before=found.before.source,
            after=found.after.source,
            indicators=_indicators(found.before, found.after, language),
            rules=[
                RuleDifferenceOut(
                    rule=one.name,
                    severity=one.severity,
                    text=sentence(f"page.planrule.{one.severity}.{one.name}", {}, language),
                    before=found.before.score.verdict.cost.get(one.name, 0),
                    after=found.after.score.verdict.cost.get(one.name, 0),
                )
                for one in weights.rules()
                if one.severity != "hard"
            ],
            same=found.same,
            visits=[_visit(line, found) for line in found.lines if every or line.kinds],
        )


def _indicators(before: Side, after: Side, language: Language) -> list[IndicatorOut]:
    old, new = comparing.totals(before), comparing.totals(after)
    found = []
    for name, was in old.items():
        now = new[name]
        found.append(
            IndicatorOut(
                name=name,
                text=sentence(f"indicator.{name}", {}, language),
                before=was,
                after=now,
                difference=None if was is None or now is None else now - was,
            )
        )
    return found


def _visit(line: Line, found: Compared) -> VisitDifferenceOut:
    names = {one.id: one.name for one in found.now.given.staff}
    day = found.now.key.day

    def promise(one: Promise | None) -> PromiseOut | None:
        if one is None:
            return None
        return PromiseOut(
            staff=list(one.staff),
            names=[names.get(who, who) for who in one.staff],
            start=instant(day, one.start).astimezone(ZONE),
            end=instant(day, one.end).astimezone(ZONE),
        )

    return VisitDifferenceOut.model_validate(
        {
            "visit": line.visit.id,
            "elder": line.visit.elder,
            "name": line.elder,
            "changes": list(line.kinds),
            "before": promise(line.before),
            "after": promise(line.after),
        }
    )


@router.get("/days/{day}/compare")
def compare(
    street: str,
    day: date,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    data: DataFolder,
    language: Speak,
    other: Annotated[Source, Query(alias="with")],
    base: Annotated[Source, Query(alias="of")] = CURRENT,
    profile: Annotated[ProfileName, Query()] = weights.STANDARD,
    every: Annotated[bool, Query(alias="all", description="Also visits that are alike")] = False,
) -> CompareOut:
    """Figures, cost by rule and every visit that differs, of two plans of a day."""
    found = comparing.compare(
        tx,
        caller,
        StreetId(street),
        day,
        data,
        on(packs, street, day),
        other=other,
        base=base,
        profile=profile,
    )
    return CompareOut.of(found, language, every=every)
