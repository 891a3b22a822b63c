"""The way in: streets with their planned days, and the street network beneath the maps."""

from collections.abc import Sequence
from datetime import date

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.pages.links import Links
from api.pages.shell import PageRoute, links, page
from api.pages.source import NetworkText, Streets
from carecoord.model.board import StreetDays
from carecoord.model.time import today

router = APIRouter(route_class=PageRoute, include_in_schema=False)

NETWORK_SECONDS = 600


@router.get("/")
def get_streets(request: Request, streets: Streets) -> Response:
    """Streets and days; straight to a day when there is nothing to choose, unless `?list=1`."""
    target = short_cut(streets, links(request), today())
    if target and "list" not in request.query_params:
        return RedirectResponse(target, 303)
    return page(request, "streets.html", streets=streets, today=today())


@router.get("/streets/{street}/network.geojson")
def get_network(network: NetworkText) -> Response:
    """The street network as GeoJSON lines. Kept by the browser for a while: it hardly changes."""
    return Response(
        network,
        media_type="application/geo+json",
        headers={"Cache-Control": f"private, max-age={NETWORK_SECONDS}"},
    )


def short_cut(streets: Sequence[StreetDays], to: Links, present: date) -> str:
    """The only street's next planned day, or its last one when all have passed; else empty."""
    if len(streets) != 1 or not streets[0].days:
        return ""
    days = sorted(day.day for day in streets[0].days)
    chosen = next((day for day in days if day >= present), days[-1])
    return to.day(streets[0].street, chosen)
