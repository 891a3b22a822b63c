"""Pins over HTTP: what people fix of single visits."""

from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import CallerNow, Expected, ReadTx, Speak, WriteTx
from api.scheduler.profiles import DataFolder
from api.scheduler.rules import PacksNow, on
from carecoord.errors import Conflict
from carecoord.flows import pins
from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.model.pins import KINDS, Breach, Decided, PinKind, VisitPin
from carecoord.model.time import DAY, ZONE, clock
from carecoord.model.visits import Unserved
from carecoord.text import Language, sentence

router = APIRouter(prefix="/streets/{street}/days/{day}", tags=["pins"])


class PinIn(BaseModel):
    """Parts of a visit to fix; what is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"carers": ["c1"], "start": "09:30", "reason": "asked by the daughter"}]
        },
    )

    carers: list[str] = Field(default_factory=list, max_length=4)
    start: str | None = Field(
        default=None,
        pattern=r"^[0-4]\d:[0-5]\d(:[0-5]\d)?$",
        description="Clock time of the street; past midnight of the next day 24:00 and more",
    )
    after: str | None = Field(default=None, description="The visit directly before")
    reason: str = Field(default="", max_length=500)

    def to_model(self, visit: str) -> VisitPin:
        """As the flow takes it."""
        return VisitPin(
            DemandId(visit),
            tuple(StaffId(one) for one in self.carers),
            None if self.start is None else seconds_of(self.start),
            None if self.after is None else DemandId(self.after),
        )


class DecidedOut(BaseModel):
    """Who fixed one part, when and why."""

    kind: PinKind
    by: str
    at: datetime
    reason: str

    @classmethod
    def of(cls, one: Decided) -> "DecidedOut":
        """One part."""
        return cls(kind=one.kind, by=one.by, at=one.at.astimezone(ZONE), reason=one.reason)


class VisitSaidOut(BaseModel):
    """Something said of one visit."""

    visit: str
    code: str
    facts: dict[str, str | int]
    text: str

    @classmethod
    def of(cls, one: Breach | Unserved, language: Language) -> Self:
        """In the language asked for."""
        return cls(
            visit=one.demand,
            code=one.code,
            facts=dict(one.facts),
            text=sentence(one.code, one.facts, language),
        )


class BreachOut(VisitSaidOut):
    """A pin that a rule forbids and the plan keeps all the same."""

    code: str = Field(examples=["pin.outside_shift"])


class PinOut(BaseModel):
    """What is fixed of one visit."""

    visit: str
    carers: list[str]
    start: str | None
    after: str | None
    decided: list[DecidedOut]

    @classmethod
    def of(cls, one: VisitPin) -> "PinOut":
        """One visit."""
        return cls(
            visit=one.demand,
            carers=list(one.carers),
            start=None if one.start is None else clock(one.start),
            after=one.after,
            decided=[DecidedOut.of(part) for part in one.decided],
        )


class PinsOut(BaseModel):
    """Everything fixed on a day; `breaches` are pins that cannot be met beside the hard facts."""

    version: int
    pins: list[PinOut]
    breaches: list[BreachOut]


@router.get("/pins")
def of_day(
    street: str,
    day: date,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    data: DataFolder,
    language: Speak,
    response: Response,
) -> PinsOut:
    """What is fixed of a day, with every pin that a rule forbids and the reason."""
    found = pins.on(tx, caller, StreetId(street), day, on(packs, street, day), data)
    response.headers["ETag"] = f'W/"{found.version}"'
    return PinsOut(
        version=found.version,
        pins=[PinOut.of(one) for one in found.pins],
        breaches=[BreachOut.of(one, language) for one in found.breaches],
    )


@router.put("/visits/{visit}/pins")
def put(
    street: str,
    day: date,
    visit: str,
    body: PinIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    data: DataFolder,
    expected: Expected,
    language: Speak,
    response: Response,
) -> PinsOut:
    """Fix parts of a visit, possible or not. `If-Match` names the version that was looked at."""
    pins.put(
        tx,
        caller,
        StreetId(street),
        day,
        body.to_model(visit),
        body.reason,
        expected=_named(expected),
    )
    return of_day(street, day, caller, tx, packs, data, language, response)


@router.delete("/visits/{visit}/pins", status_code=204)
def remove(
    street: str,
    day: date,
    visit: str,
    caller: CallerNow,
    tx: WriteTx,
    expected: Expected,
    kind: Annotated[list[PinKind] | None, Query()] = None,
) -> Response:
    """Let go of a visit, or of the parts named."""
    pins.remove(
        tx,
        caller,
        StreetId(street),
        day,
        DemandId(visit),
        kind or KINDS,
        expected=_named(expected),
    )
    return Response(status_code=204)


def _named(expected: int | None) -> int:
    if expected is None:
        raise Conflict("document.precondition", field="If-Match")
    return expected


def seconds_of(text: str) -> int:
    """Seconds after 00:00 of a clock time, `HH:MM` or `HH:MM:SS`."""
    hours, minutes, *rest = (int(part) for part in text.split(":"))
    return min(2 * DAY, 3600 * hours + 60 * minutes + sum(rest))
