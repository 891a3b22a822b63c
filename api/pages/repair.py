"""What has happened is told here: first what would change and who is told, then it is done."""

from datetime import date

from fastapi import APIRouter, Request, Response

from api.pages.lanes import hours
from api.pages.shell import PageRoute, page, spoken
from api.pages.source import Board
from carecoord.errors import Missing
from carecoord.model import time
from carecoord.model.ids import StreetId

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/streets/{street}/days/{day}/repair")
def get_repair(request: Request, street: str, day: date, board: Board) -> Response:
    """The form; `?staff=` marks somebody as absent."""
    if board.state == "empty":
        raise Missing("day.none", street=StreetId(street), day=day.isoformat())
    words = spoken(request)
    people = [
        (r.staff, r.name, r.role.value, len(r.visits), hours(r, words))
        for r in board.routes
        if r.shifts or r.visits
    ]
    visits = sorted(
        {v.demand: v for r in board.routes for v in r.visits}.values(),
        key=lambda v: (v.start, v.elder_name),
    )
    now = time.seconds_of(time.now(), day)
    return page(
        request,
        "repair.html",
        board=board,
        people=people,
        visits=[(v.demand, f"{words.between(v.start, v.end)} · {v.elder_name}") for v in visits],
        now=time.clock(min(max(now, 0), time.DAY - 60)),
        absent=request.query_params.get("staff", ""),
    )
