"""Visits of a plan over HTTP: what is coming, and what people decide about single ones."""

from datetime import date, datetime, time
from typing import Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.context import CallerNow, ReadTx, Speak, WriteTx
from api.scheduler.rules import PacksNow, today
from carecoord.fhir import read
from carecoord.flows import register, visits
from carecoord.model import time as clock
from carecoord.model.demands import VisitDemand
from carecoord.model.edits import Change, Scope, VisitEdit, Which
from carecoord.model.ids import ElderId, PlanId, StaffId
from carecoord.model.plans import Window
from carecoord.model.policy import Rules
from carecoord.model.problems import DataProblem
from carecoord.packs.load import Packs
from carecoord.store import documents
from carecoord.store.engine import Tx
from carecoord.text import Language, sentence

router = APIRouter(prefix="/plans", tags=["plans"])


class _In(BaseModel):
    """Unknown names are refused: a misspelt one would otherwise be a wish nobody hears."""

    model_config = ConfigDict(extra="forbid")


class PlanProblemOut(BaseModel):
    """Something in the plan that keeps a visit from being planned."""

    code: str = Field(examples=["plan.activity.no_timing"])
    subject: str = Field(examples=["CarePlan/7"])
    path: str
    text: str

    @classmethod
    def of(cls, one: DataProblem, language: Language) -> "PlanProblemOut":
        """One problem."""
        text = sentence(one.code, one.facts, language)
        return cls(code=one.code, subject=one.subject, path=one.path, text=text)


class ClockOut(BaseModel):
    """Bounds on the start of a visit, clock times of the street."""

    start: time
    end: time

    @classmethod
    def of(cls, window: Window) -> "ClockOut":
        """One window."""
        return cls(start=_time(window[0]), end=_time(window[1]))


class AfterOut(BaseModel):
    """A visit of the same day that comes first; gaps in minutes from its end."""

    visit: str
    min_minutes: int
    max_minutes: int | None


class PlannedVisitOut(BaseModel):
    """One visit that the plan asks for."""

    id: str
    day: date
    group: str
    occasion: int
    items: list[str]
    programmes: list[str]
    windows: list[ClockOut]
    minutes: int
    level: str
    carers: int
    preferred: list[str]
    origin: Literal["plan", "hand"]
    edited: bool
    after: list[AfterOut]

    @classmethod
    def of(cls, one: VisitDemand) -> "PlannedVisitOut":
        """One visit."""
        return cls(
            id=one.id,
            day=one.day,
            group=one.group,
            occasion=one.occasion,
            items=list(one.items),
            programmes=list(one.programmes),
            windows=[ClockOut.of(window) for window in one.windows],
            minutes=one.duration // 60,
            level=one.level.value,
            carers=one.carers,
            preferred=list(one.preferred),
            origin=one.origin,
            edited=one.edited,
            after=[
                AfterOut(
                    visit=before.demand,
                    min_minutes=before.min_gap // 60,
                    max_minutes=None if before.max_gap is None else before.max_gap // 60,
                )
                for before in one.after
            ],
        )


class VisitEditOut(BaseModel):
    """What somebody decided about one visit; `day` is when it was due by the plan."""

    day: date
    group: str
    occasion: int
    kind: Literal["changed", "skipped", "added"]
    falls_on: date
    reason: str
    by: str
    at: datetime

    @classmethod
    def of(cls, one: VisitEdit) -> "VisitEditOut":
        """One decision."""
        return cls(
            day=one.day,
            group=one.group,
            occasion=one.occasion,
            kind=one.kind,
            falls_on=one.falls_on,
            reason=one.reason,
            by=one.by,
            at=one.at,
        )


class CalendarOut(BaseModel):
    """The visits of a plan in some days; `arrivals` by day, joint ones once."""

    visits: list[PlannedVisitOut]
    edits: list[VisitEditOut]
    arrivals: dict[date, int]
    arrivals_limit: int
    problems: list[PlanProblemOut]


class WindowIn(_In):
    """Bounds on the start, clock times of the street."""

    start: time = Field(examples=["09:00:00"])
    end: time = Field(examples=["10:30:00"])


class VisitEditIn(_In):
    """What becomes of a visit; what is left out stays."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scope": "following-unedited",
                    "reason": "asked by the daughter",
                    "window": {"start": "14:00:00", "end": "15:30:00"},
                    "carer": "c1",
                },
                {"scope": "this", "reason": "at the clinic that day", "skip": True},
            ]
        }
    )

    scope: Scope = Field(
        description="`this` visit; it and those `following`; or those `following-unedited` by hand"
    )
    reason: str = Field(min_length=1, max_length=500)
    skip: bool = False
    day: date | None = Field(default=None, description="The day to move it to")
    window: WindowIn | None = None
    minutes: int | None = Field(default=None, ge=1, le=600)
    carer: str | None = Field(default=None, description="PractitionerRole id")
    carers: int | None = Field(default=None, ge=1, le=2)

    def to_model(self) -> Change:
        """As rules see it."""
        return Change(
            skip=self.skip,
            day=self.day,
            window=_window(self.window) if self.window else None,
            minutes=self.minutes,
            carer=StaffId(self.carer) if self.carer else None,
            carers=self.carers,
        )


class ExtraVisitIn(_In):
    """A visit that the recurrence does not ask for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "day": "2026-12-04",
                    "programme": "ltci",
                    "items": ["5"],
                    "window": {"start": "15:00:00", "end": "16:00:00"},
                    "reason": "after an accident in bed",
                }
            ]
        }
    )

    day: date
    programme: str = Field(examples=["ltci"])
    items: list[str] = Field(min_length=1, examples=[["6"]])
    window: WindowIn
    minutes: int | None = Field(default=None, ge=1, le=600)
    carers: int = Field(default=1, ge=1, le=2)
    carer: str | None = None
    order: str = Field(default="", description="ServiceRequest id, for items that need one")
    reason: str = Field(min_length=1, max_length=500)


def _window(given: WindowIn) -> Window:
    return clock.of_clock(given.start), clock.of_clock(given.end)


def _time(seconds: int) -> time:
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _rules(tx: Tx, packs: Packs, plan_id: str) -> Rules:
    stored = documents.read(tx, "CarePlan", plan_id)
    elder = read.reference(stored.resource.get("subject"), "Patient")
    return today(packs, register.jurisdiction(tx, ElderId(elder)))


@router.get("/{plan_id}/visits")
def get_visits(
    plan_id: str,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    language: Speak,
    first: date | None = None,
    days: int = Query(default=14, ge=1, le=120),
) -> CalendarOut:
    """What the plan asks for in some days, with every decision by hand."""
    rules = _rules(tx, packs, plan_id)
    found = visits.calendar(tx, caller, PlanId(plan_id), first or clock.today(), days, rules)
    return CalendarOut(
        visits=[PlannedVisitOut.of(one) for one in found.visits],
        edits=[VisitEditOut.of(one) for one in found.decided],
        arrivals=found.arrivals,
        arrivals_limit=found.limit,
        problems=[PlanProblemOut.of(one, language) for one in found.problems],
    )


@router.post("/{plan_id}/visits", status_code=201)
def add_visit(
    plan_id: str, body: ExtraVisitIn, caller: CallerNow, tx: WriteTx, packs: PacksNow
) -> VisitEditOut:
    """Add one visit that the recurrence does not ask for."""
    extra = visits.Extra(
        day=body.day,
        programme=body.programme,
        items=tuple(body.items),
        window=_window(body.window),
        minutes=body.minutes,
        carers=body.carers,
        carer=StaffId(body.carer) if body.carer else None,
        order=body.order,
    )
    rules = _rules(tx, packs, plan_id)
    return VisitEditOut.of(visits.add(tx, caller, PlanId(plan_id), extra, body.reason, rules))


@router.post("/{plan_id}/visits/{day}/{group}:edit")
def edit_visit(
    plan_id: str,
    day: date,
    group: str,
    body: VisitEditIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    occasion: int = Query(default=0, ge=0, description="Which time of the day, from 0"),
) -> dict[str, int]:
    """Move, change or skip a visit: this one, or it and those that follow.

    `day` and `group` say when the visit was due by the plan, wherever it was moved since.
    """
    which = Which(day, group, occasion)
    rules = _rules(tx, packs, plan_id)
    done = visits.edit(
        tx, caller, PlanId(plan_id), which, body.scope, body.to_model(), body.reason, rules
    )
    return {"version": done.version}


@router.post("/{plan_id}/visits/{day}/{group}:restore")
def restore_visit(
    plan_id: str,
    day: date,
    group: str,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    occasion: int = Query(default=0, ge=0),
) -> dict[str, int]:
    """Forget what was decided about one visit: it is as the plan says again."""
    which = Which(day, group, occasion)
    done = visits.restore(tx, caller, PlanId(plan_id), which, _rules(tx, packs, plan_id))
    return {"version": done.version}
