"""What the map in the browser draws: routes, markers and bases, as JSON-ready values."""

from collections.abc import Iterable
from typing import Any

from api.pages.lanes import colours
from api.pages.lines import encode, point, straight
from api.pages.links import Links
from api.pages.words import Words
from carecoord.model.board import BoardRoute, DayBoard


def chart(
    board: DayBoard, routes: Iterable[BoardRoute], words: Words, to: Links, selected: str
) -> dict[str, Any]:
    """Data of `static/map.js`, whose `Chart` type says the same in the browser's terms."""
    palette = colours(board.routes)
    return {
        # Without street data there are no lines to fetch.
        "network": "" if board.estimated else to.network(board.street),
        "attribution": board.attribution,
        "selected": selected,
        "routes": [_route(route, palette[route.staff], words) for route in routes],
        "labels": {
            "base": words.t("page.map.base"),
            "zoomIn": words.t("page.map.zoom.in"),
            "zoomOut": words.t("page.map.zoom.out"),
        },
    }


def _route(route: BoardRoute, colour: int, words: Words) -> dict[str, Any]:
    ends = [route.base, *(visit.place for visit in route.visits)]
    return {
        "staff": route.staff,
        "name": route.name,
        "colour": colour,
        "base": point(route.base) if route.base else None,
        "stops": [
            {
                "demand": visit.demand,
                "order": visit.order,
                "name": visit.elder_name,
                "time": words.between(visit.start, visit.end),
                "at": point(visit.place),
                "line": encode(visit.line) or straight(before, visit.place),
                "street": bool(visit.line),
            }
            for before, visit in zip(ends, route.visits, strict=False)
        ],
        "home": encode(route.home_line) or straight(ends[-1], route.base if route.visits else None),
        "homeStreet": bool(route.home_line),
    }
