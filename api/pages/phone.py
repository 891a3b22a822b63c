"""The route sheet of one staff member: made for a phone, and for paper when the phone is dead."""

from typing import Any

import segno
from fastapi import APIRouter, Request, Response

from api.pages.chart import chart
from api.pages.lanes import colours
from api.pages.links import Links
from api.pages.shell import PageRoute, links, page, spoken
from api.pages.source import Board
from api.pages.stops import sheet
from api.pages.words import Words
from carecoord.errors import Missing
from carecoord.model.board import BoardRoute, DayBoard

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/streets/{street}/days/{day}/staff/{staff}")
def get_sheet(request: Request, staff: str, board: Board) -> Response:
    """The route sheet of one staff member's day."""
    context = present(board, staff, spoken(request), links(request), str(request.url))
    return page(request, "sheet.html", **context)


def present(board: DayBoard, staff: str, words: Words, to: Links, address: str) -> dict[str, Any]:
    """Everything the template shows; `address` is what the printed code leads to.

    Raises
    ------
    Missing
        Nobody of that id works in the street.
    """
    route = _route(board, staff)
    return {
        "board": board,
        "sheet": sheet(board, route, words),
        "colour": colours(board.routes)[route.staff],
        "code": segno.make(address, error="m").svg_inline(omitsize=True, border=2),
        "data": chart(board, (route,), words, to, staff) if route.visits else None,
    }


def _route(board: DayBoard, staff: str) -> BoardRoute:
    for route in board.routes:
        if route.staff == staff:
            return route
    raise Missing("page.staff.missing", field="staff", staff=staff, day=board.day.isoformat())
