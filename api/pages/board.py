"""The day board of a street: who is where when, on a time axis and on a map. Read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from api.pages.chart import chart
from api.pages.history import history
from api.pages.lanes import ROLES, groups, rank
from api.pages.links import Links
from api.pages.scale import fit
from api.pages.shell import PageRoute, links, page, spoken
from api.pages.source import Board, History, Streets
from api.pages.stops import sheet
from api.pages.words import Words
from carecoord.model.board import BoardRoute, BoardUnserved, DayBoard, StreetDays
from carecoord.model.ids import StreetId
from carecoord.model.time import ZONE, now, seconds_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/streets/{street}/days/{day}")
def get_board(request: Request, board: Board, streets: Streets, past: History) -> Response:
    """The day board. `?staff=` selects a row, `?org=` and `?role=` show only some rows."""
    query = request.query_params
    chosen = Chosen(query.get("staff", ""), query.get("org", ""), query.get("role", ""))
    days = days_of(streets, board.street)
    context = present(board, spoken(request), links(request), chosen, days, now())
    return page(request, "board.html", **context, **history(past, spoken(request)))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks to see; empty or unknown = everything."""

    staff: str = ""
    org: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """The day in numbers, of the whole street whatever the page shows."""

    asked: int
    served: int
    unserved: int
    used: int
    available: int
    coverage: str
    travel_share: str
    travel: str
    service: str


@dataclass(frozen=True, slots=True)
class Open:
    """A visit that nobody makes, in words."""

    demand: str
    name: str
    address: str
    items: tuple[str, ...]
    windows: str
    duration: str
    carers: int
    priority: int
    reason: str


def present(
    board: DayBoard, words: Words, to: Links, chosen: Chosen, days: Sequence[date], moment: datetime
) -> dict[str, Any]:
    """Everything the template shows. `moment` is the present instant, for the now-line."""
    routes = _shown(board, chosen)
    staff = chosen.staff if any(route.staff == chosen.staff for route in routes) else ""
    scale = fit(routes)
    seconds = seconds_of(moment, board.day)
    return {
        "board": board,
        "chosen": Chosen(staff, chosen.org, chosen.role),
        "figures": figures(board, words),
        "scale": scale,
        "now": seconds if scale.shows(seconds) else None,
        "groups": groups(board, routes, scale, words, staff),
        "sheets": [sheet(board, route, words) for route in sorted(routes, key=rank)],
        "open": unserved(board, words),
        "organizations": sorted({route.organization for route in board.routes}),
        "roles": [role.value for role in ROLES if any(r.role is role for r in board.routes)],
        "before": max((day for day in days if day < board.day), default=None),
        "after": min((day for day in days if day > board.day), default=None),
        "published": published(board, words),
        "data": chart(board, sorted(routes, key=rank), words, to, staff)
        | {"start": scale.start, "end": scale.end, "midnight": _midnight(board.day)},
    }


def figures(board: DayBoard, words: Words) -> Figures:
    """The numbers of a day. A visit of two people is one visit and two people's time."""
    served = len({visit.demand for route in board.routes for visit in route.visits})
    service = sum(route.service for route in board.routes)
    travel = sum(route.travel for route in board.routes)
    return Figures(
        asked=served + len(board.unserved),
        served=served,
        unserved=len(board.unserved),
        used=sum(bool(route.visits) for route in board.routes),
        available=sum(bool(route.shifts) for route in board.routes),
        coverage=words.percent(served, served + len(board.unserved)),
        travel_share=words.percent(travel, travel + service),
        travel=words.duration(travel),
        service=words.duration(service),
    )


def unserved(board: DayBoard, words: Words) -> tuple[Open, ...]:
    """Visits nobody makes, those that hurt most first."""

    def harm(visit: BoardUnserved) -> tuple[int, int, str, str]:
        first = min((start for start, _ in visit.windows), default=0)
        return -visit.priority, first, visit.elder_name, visit.demand

    return tuple(
        Open(
            demand=visit.demand,
            name=visit.elder_name,
            address=visit.address,
            items=words.items(visit.items, board.catalogue),
            windows=words.windows(visit.windows),
            duration=words.duration(visit.duration),
            carers=visit.carers,
            priority=visit.priority,
            reason=words.t(visit.code, **visit.facts),
        )
        for visit in sorted(board.unserved, key=harm)
    )


def published(board: DayBoard, words: Words) -> str:
    """When the day was published, Asia/Shanghai; empty when it was not."""
    if board.published_at is None:
        return ""
    local = board.published_at.astimezone(ZONE)
    return f"{words.short_day(local.date())} {local:%H:%M}"


def days_of(streets: Sequence[StreetDays], street: StreetId) -> tuple[date, ...]:
    """The planned days of one street."""
    return tuple(day.day for one in streets if one.street == street for day in one.days)


def _shown(board: DayBoard, chosen: Chosen) -> tuple[BoardRoute, ...]:
    orgs = {route.organization for route in board.routes}
    roles = {route.role.value for route in board.routes}
    return tuple(
        route
        for route in board.routes
        if (chosen.org not in orgs or route.organization == chosen.org)
        and (chosen.role not in roles or route.role.value == chosen.role)
    )


def _midnight(day: date) -> int:
    """Unix time of 00:00 of the service day, for the clock of the browser."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp())
