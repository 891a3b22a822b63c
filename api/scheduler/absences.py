"""Absences of staff over HTTP: told, listed, ended."""

from datetime import date, datetime

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.context import CallerNow, ReadTx, WriteTx
from carecoord.flows import absences
from carecoord.model import time
from carecoord.model.absences import Absence
from carecoord.model.ids import StaffId, StreetId
from carecoord.model.time import ZONE

router = APIRouter(prefix="/streets/{street}/absences", tags=["absences"])


class AbsenceIn(BaseModel):
    """Somebody is away; without an end until somebody ends it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "staff": "c1",
                    "start": "2026-03-05T07:00:00+08:00",
                    "end": "2026-03-06T00:00:00+08:00",
                    "reason": "called in sick",
                }
            ]
        },
    )

    staff: str = Field(description="PractitionerRole id")
    start: AwareDatetime
    end: AwareDatetime | None = None
    reason: str = Field(default="", max_length=500)


class BackIn(BaseModel):
    """When the person is back; now if left out."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime | None = None


class AbsenceOut(BaseModel):
    """One absence; `end` null: nobody has said until when."""

    id: str
    staff: str
    start: datetime
    end: datetime | None
    reason: str
    by: str
    at: datetime

    @classmethod
    def of(cls, one: Absence) -> "AbsenceOut":
        """One absence."""
        return cls(
            id=one.id,
            staff=one.staff,
            start=one.start.astimezone(ZONE),
            end=one.end.astimezone(ZONE) if one.end else None,
            reason=one.reason,
            by=one.by,
            at=one.at.astimezone(ZONE),
        )


@router.post("", status_code=201)
def add(
    street: str, body: AbsenceIn, caller: CallerNow, tx: WriteTx, response: Response
) -> AbsenceOut:
    """Record an absence. Planned days stay as they are until they are repaired."""
    made = absences.add(
        tx, caller, StreetId(street), StaffId(body.staff), body.start, body.end, body.reason
    )
    response.headers["Location"] = f"/v1/streets/{street}/absences/{made.id}"
    return AbsenceOut.of(made)


@router.get("")
def of_days(
    street: str,
    caller: CallerNow,
    tx: ReadTx,
    first: date | None = None,
    last: date | None = None,
) -> list[AbsenceOut]:
    """Absences that touch these days; from today on if nothing is said."""
    found = absences.of_days(tx, caller, StreetId(street), first or time.today(), last)
    return [AbsenceOut.of(one) for one in found]


@router.post("/{absence}:end")
def end(street: str, absence: str, body: BackIn, caller: CallerNow, tx: WriteTx) -> AbsenceOut:
    """The person is back."""
    return AbsenceOut.of(absences.end(tx, caller, StreetId(street), absence, body.at))
