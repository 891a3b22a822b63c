"""A street-day over HTTP: demands, and the board as data."""

from datetime import date, datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.context import CallerNow, ReadTx, Speak, WriteTx
from api.scheduler.rules import PacksNow, on
from carecoord.errors import Missing
from carecoord.flows import board
from carecoord.flows import day as days
from carecoord.model.board import BoardRoute, BoardUnserved, BoardVisit, DayBoard
from carecoord.model.ids import StreetId
from carecoord.model.time import ZONE, instant
from carecoord.text import Language, sentence

router = APIRouter(prefix="/streets/{street}", tags=["days"])


def _shown(day: date, seconds: int) -> datetime:
    """An instant in the time of the street."""
    return instant(day, seconds).astimezone(ZONE)


class ProblemOut(BaseModel):
    """Something in the stored data that keeps a visit from being planned."""

    code: str = Field(examples=["address.position"])
    subject: str = Field(examples=["Patient/7"])
    path: str = Field(examples=["Patient.address[0]"])
    text: str


class ExpansionOut(BaseModel):
    """What the plans in force ask for."""

    visits: int
    changed: int
    problems: list[ProblemOut]


class VisitOut(BaseModel):
    """One call of one staff member."""

    demand: str
    order: int
    elder: str
    name: str
    address: str
    items: list[str]
    travel_seconds: int
    arrival: datetime
    start: datetime
    end: datetime
    partner: str

    @classmethod
    def of(cls, visit: BoardVisit, day: date) -> "VisitOut":
        """One call."""
        return cls(
            demand=visit.demand,
            order=visit.order,
            elder=visit.elder,
            name=visit.elder_name,
            address=visit.address,
            items=list(visit.items),
            travel_seconds=visit.travel,
            arrival=_shown(day, visit.arrival),
            start=_shown(day, visit.start),
            end=_shown(day, visit.end),
            partner=visit.partner,
        )


class RouteOut(BaseModel):
    """One staff member's day."""

    staff: str
    name: str
    role: str
    organization: str
    mode: str
    visits: list[VisitOut]
    travel_seconds: int
    service_seconds: int

    @classmethod
    def of(cls, route: BoardRoute, day: date) -> "RouteOut":
        """One route."""
        return cls(
            staff=route.staff,
            name=route.name,
            role=route.role.value,
            organization=route.organization,
            mode=route.mode,
            visits=[VisitOut.of(visit, day) for visit in route.visits],
            travel_seconds=route.travel,
            service_seconds=route.service,
        )


class UnservedOut(BaseModel):
    """A visit nobody makes, and why."""

    demand: str
    elder: str
    name: str
    priority: int
    code: str
    text: str

    @classmethod
    def of(cls, one: BoardUnserved, language: Language) -> "UnservedOut":
        """One visit."""
        return cls(
            demand=one.demand,
            elder=one.elder,
            name=one.elder_name,
            priority=one.priority,
            code=one.code,
            text=sentence(one.code, one.facts, language),
        )


class DayOut(BaseModel):
    """The plan of a street-day; `version` is its ETag."""

    street: str
    name: str
    day: date
    state: str
    version: int
    estimated: bool = Field(description="Travel times are great-circle estimates")
    attribution: str
    routes: list[RouteOut]
    unserved: list[UnservedOut]

    @classmethod
    def of(cls, day: DayBoard, language: Language) -> "DayOut":
        """One day."""
        return cls(
            street=day.street,
            name=day.street_name,
            day=day.day,
            state=day.state,
            version=day.version,
            estimated=day.estimated,
            attribution=day.attribution,
            routes=[RouteOut.of(route, day.day) for route in day.routes],
            unserved=[UnservedOut.of(one, language) for one in day.unserved],
        )


@router.post("/days/{day}:expand")
def expand(
    street: str,
    day: date,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    language: Speak,
    count: int = 14,
) -> ExpansionOut:
    """Turn the plans in force into demands for `count` days; doing it twice changes nothing."""
    done = days.expand_plans(tx, caller, StreetId(street), day, count, on(packs, street, day))
    return ExpansionOut(
        visits=done.wanted,
        changed=done.changed,
        problems=[
            ProblemOut(
                code=one.code,
                subject=one.subject,
                path=one.path,
                text=sentence(one.code, one.facts, language),
            )
            for one in done.problems
        ],
    )


@router.get("/days/{day}")
def get_day(
    street: str, day: date, caller: CallerNow, tx: ReadTx, language: Speak, response: Response
) -> DayOut:
    """The plan of a day with every route and every visit that stays undone."""
    found = board.day(tx, caller, StreetId(street), day)
    response.headers["ETag"] = f'W/"{found.version}"'
    return DayOut.of(found, language)


@router.get("/days/{day}/routes/{staff}")
def get_route(street: str, day: date, staff: str, caller: CallerNow, tx: ReadTx) -> RouteOut:
    """One staff member's route."""
    found = board.day(tx, caller, StreetId(street), day)
    route = next((one for one in found.routes if one.staff == staff), None)
    if route is None:
        raise Missing("day.no_route", staff=staff, day=day.isoformat())
    return RouteOut.of(route, day)
