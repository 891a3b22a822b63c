"""The history of a street-day over HTTP: versions, undo, redo, restore, telling people."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.change_bodies import DifferenceOut, StepOut, ToTellOut, VersionOut
from api.context import CallerNow, Named, ReadTx, Speak, WriteTx
from api.scheduler.profiles import DataFolder
from api.scheduler.rules import PacksNow, on
from carecoord.flows import versions
from carecoord.model.ids import StreetId
from carecoord.model.visits import DayPlan

router = APIRouter(prefix="/streets/{street}/days/{day}", tags=["versions"])


class VersionsOut(BaseModel):
    """All versions of a day, oldest first; `current` is its ETag.

    `undo` and `redo` name the version whose plan that step would bring back, 0 = none.
    """

    current: int
    told: int = Field(description="Version that people were told last; 0 = nothing")
    undo: int
    redo: int
    versions: list[VersionOut]


class PlanOut(VersionOut):
    """One version with its whole plan; times are seconds after 00:00 of the day."""

    stops: list[dict[str, Any]]
    pauses: list[dict[str, Any]]
    homeward: list[dict[str, Any]]
    not_made: list[dict[str, Any]]
    cost: dict[str, int]
    estimated: bool

    @classmethod
    def whole(cls, row: VersionOut, plan: DayPlan) -> "PlanOut":
        """A version and its plan."""
        return cls(
            **row.model_dump(),
            stops=[
                {
                    "staff": one.staff,
                    "demand": one.demand,
                    "order": one.order,
                    "arrival": one.arrival,
                    "start": one.start,
                    "end": one.end,
                    "travel": one.travel,
                    "line": one.line,
                }
                for one in plan.stops
            ],
            pauses=[{"staff": p.staff, "start": p.start, "end": p.end} for p in plan.pauses],
            homeward=[
                {"staff": h.staff, "travel": h.travel, "arrival": h.arrival, "line": h.line}
                for h in plan.homeward
            ],
            not_made=[
                {"demand": u.demand, "code": u.code, "facts": dict(u.facts)} for u in plan.unserved
            ],
            cost=plan.cost,
            estimated=plan.estimated,
        )


class StepIn(BaseModel):
    """Why a step in the history is taken."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "moved by mistake"}]}
    )

    reason: str = Field(default="", max_length=500)
    partly: bool = Field(
        default=False, description="Leave out what cannot be kept instead of refusing"
    )
    override: bool = Field(
        default=False, description="Keep what breaks a rule, because of `reason`"
    )


class RestoreIn(BaseModel):
    """Which version to take up again, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"version": 3, "reason": "the caregiver is back"}]},
    )

    version: int = Field(ge=1)
    reason: str = Field(min_length=1, max_length=500)
    partly: bool = Field(
        default=False, description="Leave out what cannot be kept instead of refusing"
    )
    override: bool = Field(
        default=False, description="Keep what breaks a rule, because of `reason`"
    )


class PublishIn(BaseModel):
    """Why people are told."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "routes of tomorrow"}]}
    )

    reason: str = Field(default="", max_length=500)


@router.get("/versions")
def list_versions(
    street: str, day: date, caller: CallerNow, tx: ReadTx, language: Speak, response: Response
) -> VersionsOut:
    """Who changed the day, when and why."""
    found = versions.listed(tx, caller, StreetId(street), day)
    response.headers["ETag"] = f'W/"{found.current}"'
    return VersionsOut(
        current=found.current,
        told=found.told,
        undo=found.history.back,
        redo=found.history.forward,
        versions=[VersionOut.of(one, language) for one in found.rows],
    )


@router.get("/versions/{version}")
def get_version(
    street: str, day: date, version: int, caller: CallerNow, tx: ReadTx, language: Speak
) -> PlanOut:
    """One version with the whole plan as it was."""
    row, plan = versions.read(tx, caller, StreetId(street), day, version)
    return PlanOut.whole(VersionOut.of(row, language), plan)


@router.get("/versions/{version}/difference")
def get_difference(
    street: str,
    day: date,
    version: int,
    caller: CallerNow,
    tx: ReadTx,
    language: Speak,
    other: int = Query(alias="with", ge=1),
) -> DifferenceOut:
    """What version `with` has otherwise than this one; version 0 is the day without a plan."""
    found = versions.difference(tx, caller, StreetId(street), day, version, other)
    return DifferenceOut.of(found, day, language)


@router.get("/to-tell")
def get_to_tell(
    street: str, day: date, caller: CallerNow, tx: ReadTx, language: Speak
) -> list[ToTellOut]:
    """Who does not know yet what the plan says now."""
    found = versions.to_tell(tx, caller, StreetId(street), day)
    return [ToTellOut.of(one, day, language) for one in found]


# These paths end in a verb, so that `{day}` of the router cannot be used with a slash before it.
steps = APIRouter(prefix="/streets/{street}", tags=["versions"])


@dataclass(frozen=True, slots=True)
class _Walking:
    """What a step back or forth in the history brings."""

    street: str
    day: date
    caller: CallerNow
    tx: WriteTx
    packs: PacksNow
    data: DataFolder
    language: Speak
    expected: Named
    response: Response
    body: StepIn | None = None

    def to(self, way: versions.Walk) -> StepOut:
        """Take the step."""
        asked = self.body or StepIn()
        found = versions.walk(
            self.tx,
            self.caller,
            StreetId(self.street),
            self.day,
            self.data,
            on(self.packs, self.street, self.day),
            to=way,
            expected=self.expected,
            reason=asked.reason,
            partly=asked.partly,
            override=asked.override,
        )
        return _answered(found, self.day, self.language, self.response)


@steps.post("/days/{day}:undo")
def undo(walking: Annotated[_Walking, Depends()]) -> StepOut:
    """Bring back the plan before the last change, as a new version."""
    return walking.to("undo")


@steps.post("/days/{day}:redo")
def redo(walking: Annotated[_Walking, Depends()]) -> StepOut:
    """Take back the last undo, as a new version; possible only right after it."""
    return walking.to("redo")


@steps.post("/days/{day}:restore")
def restore(
    street: str,
    day: date,
    body: RestoreIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    data: DataFolder,
    language: Speak,
    expected: Named,
    response: Response,
) -> StepOut:
    """Take up the plan of any version, as a new version.

    409 `day.not_feasible`: some of its visits are not possible now; `lost` lists them.
    """
    found = versions.restore(
        tx,
        caller,
        StreetId(street),
        day,
        data,
        on(packs, street, day),
        version=body.version,
        expected=expected,
        reason=body.reason,
        partly=body.partly,
        override=body.override,
    )
    return _answered(found, day, language, response)


@steps.post("/days/{day}:publish")
def publish(
    street: str,
    day: date,
    caller: CallerNow,
    tx: WriteTx,
    language: Speak,
    expected: Named,
    response: Response,
    body: PublishIn | None = None,
) -> StepOut:
    """Tell people. The second time `to_tell` names only those whose visits changed since."""
    reason = body.reason if body else ""
    found = versions.publish(tx, caller, StreetId(street), day, expected=expected, reason=reason)
    return _answered(found, day, language, response)


def _answered(found: versions.Step, day: date, language: Speak, response: Response) -> StepOut:
    response.headers["ETag"] = f'W/"{found.version}"'
    return StepOut.of(found, day, language)
