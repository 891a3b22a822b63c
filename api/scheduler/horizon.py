"""The days ahead: zones, planning them all, and what working hours leave everybody."""

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import CallerNow, ReadTx, Speak, WriteTx
from api.scheduler.profiles import DataFolder
from api.scheduler.rules import PacksNow, on
from carecoord.flows import horizon
from carecoord.flows.horizon import DayAhead, Hours
from carecoord.model import time
from carecoord.model.horizon import Horizon, Zone
from carecoord.model.ids import StreetId
from carecoord.planning.hours import Breach
from carecoord.planning.labour import Cut
from carecoord.text import Language, sentence

router = APIRouter(prefix="/streets/{street}", tags=["horizon"])


class RunShort(BaseModel):
    """The newest run of a day."""

    id: str
    state: str = Field(examples=["committed"])
    finished_at: datetime | None


class DayAheadOut(BaseModel):
    """How far one day is."""

    day: date
    zone: Zone
    version: int = Field(description="Of its plan; 0: nothing planned yet")
    wanted: int = Field(description="Visits that care plans ask for")
    served: int
    unserved: int
    run: RunShort | None
    problems: dict[str, int] = Field(
        description="Data problems that the newest run found, by code",
        examples=[{"address.position": 1}],
    )

    @classmethod
    def of(cls, one: DayAhead) -> "DayAheadOut":
        """One day."""
        run = one.run
        return cls(
            day=one.day,
            zone=one.zone,
            version=one.version,
            wanted=one.wanted,
            served=one.served,
            unserved=one.unserved,
            run=RunShort(id=run.id, state=run.state, finished_at=run.finished_at) if run else None,
            problems=dict(one.problems),
        )


class HorizonOut(BaseModel):
    """A planning of the days ahead; `outcome` says how far it is and what came of it."""

    id: str = Field(examples=["night/990101001/2026-11-23"])
    first: date
    days: int
    state: str = Field(examples=["done"], description="queued, planning, done or failed")
    options: dict[str, Any]
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    outcome: dict[str, Any]
    text: str = Field(description="Why it failed; empty otherwise")

    @classmethod
    def of(cls, one: Horizon, language: Language) -> "HorizonOut":
        """One planning."""
        outcome = one.outcome
        failed = one.state == "failed"
        text = sentence(outcome["code"], outcome.get("facts", {}), language) if failed else ""
        return cls(
            id=one.id,
            first=one.first,
            days=one.days,
            state=one.state,
            options=one.options,
            requested_by=one.requested_by,
            requested_at=one.requested_at,
            finished_at=one.finished_at,
            outcome=outcome,
            text=text,
        )


class OutlookOut(BaseModel):
    """The days from a week ago to the end of the horizon."""

    days: list[DayAheadOut]
    last: HorizonOut | None = Field(description="The newest planning of the days ahead")


class AheadIn(BaseModel):
    """Which days to plan, and how long to search."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"days": 14, "seconds": 30}]}
    )

    first: date | None = Field(default=None, description="Tomorrow if left out")
    days: int | None = Field(
        default=None, ge=1, le=horizon.MOST_DAYS, description="Those of the pack if left out"
    )
    seconds: int | None = Field(default=None, ge=1, le=3600, description="Of each day's search")
    iterations: int | None = Field(default=None, ge=0, description="Step limit instead")
    seed: int = Field(default=1, ge=0)
    profile: str = Field(default="standard", description="Name of the weights")
    spread_seconds: int | None = Field(default=None, ge=1, le=600)

    def options(self) -> dict[str, Any]:
        """What was said, without what was left out."""
        chosen = self.model_dump(exclude={"first", "days"}, exclude_none=True)
        return dict(chosen)


class CutOut(BaseModel):
    """A limit of working time, with its row of the policy pack and what was counted."""

    rule: str = Field(examples=["work.week_hours_standard"])
    code: str = Field(examples=["labour.cut.week"])
    facts: dict[str, str | int]
    text: str

    @classmethod
    def of(cls, one: Cut | Breach, language: Language) -> "CutOut":
        """One limit."""
        text = sentence(one.code, one.facts, language)
        return cls(rule=one.rule, code=one.code, facts=dict(one.facts), text=text)


class HoursOut(BaseModel):
    """What labour rules leave one person on a day; minutes of work without breaks."""

    staff: str
    name: str
    roster_minutes: int
    left_minutes: int
    planned_minutes: int
    cuts: list[CutOut]

    @classmethod
    def of(cls, one: Hours, language: Language) -> "HoursOut":
        """One person."""
        return cls(
            staff=one.staff,
            name=one.name,
            roster_minutes=one.roster // 60,
            left_minutes=one.left // 60,
            planned_minutes=one.planned // 60,
            cuts=[CutOut.of(cut, language) for cut in one.cuts],
        )


class BreachOut(BaseModel):
    """A limit that the plans of some days break, counted from `first` on."""

    staff: str
    first: date
    limit: CutOut


@router.get("/horizon")
def get_horizon(
    street: str, caller: CallerNow, tx: ReadTx, packs: PacksNow, language: Speak
) -> OutlookOut:
    """Each day with its zone (historic, published, draft), version, counts, run and problems."""
    found = horizon.outlook(tx, caller, StreetId(street), on(packs, street, time.today()))
    return OutlookOut(
        days=[DayAheadOut.of(one) for one in found.days],
        last=HorizonOut.of(found.last, language) if found.last else None,
    )


@router.post("/horizon:plan", status_code=202)
def plan(
    street: str,
    body: AheadIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    language: Speak,
    data: DataFolder,
    response: Response,
) -> HorizonOut:
    """Spread visits over the days ahead and plan each day whose input changed, in date order.

    202: poll `Location` until `last.state` is `done`.
    """
    rules = on(packs, street, body.first or time.today())
    found = horizon.ask(
        tx,
        caller,
        StreetId(street),
        rules,
        first=body.first,
        count=body.days,
        options=body.options(),
        data=data,
    )
    response.headers["Location"] = f"/v1/streets/{street}/horizon"
    response.headers["Retry-After"] = "5"
    return HorizonOut.of(found, language)


@router.get("/days/{day}/hours")
def get_hours(
    street: str, day: date, caller: CallerNow, tx: ReadTx, packs: PacksNow, language: Speak
) -> list[HoursOut]:
    """What everybody may still work on a day, with the rule and numbers behind each cut."""
    found = horizon.labour(tx, caller, StreetId(street), day, on(packs, street, day))
    return [HoursOut.of(one, language) for one in found]


@router.get("/hours/breaches")
def get_breaches(
    street: str,
    first: date,
    last: date,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    language: Speak,
) -> list[BreachOut]:
    """Every limit of working time that the plans from `first` to `last` break."""
    rules = on(packs, street, last)
    found = horizon.breaches(tx, caller, StreetId(street), first, last, rules)
    return [
        BreachOut(staff=one.staff, first=one.first, limit=CutOut.of(one, language)) for one in found
    ]
