"""What blocks a first run of a street, for people."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.context import CallerNow, ReadTx
from api.pages.shell import PageRoute, page
from api.scheduler.readiness import href
from api.scheduler.rules import PacksNow, on
from carecoord.flows import readiness
from carecoord.flows.readiness import Readiness
from carecoord.model import time
from carecoord.model.ids import StreetId

router = APIRouter(route_class=PageRoute, include_in_schema=False)


def _found(
    street: str,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    first: Annotated[date | None, Query(alias="from")] = None,
    days: int = 14,
) -> Readiness:
    day = first or time.today()
    return readiness.street(tx, caller, StreetId(street), day, on(packs, street, day), count=days)


@router.get("/streets/{street}/readiness")
def get_readiness(request: Request, found: Annotated[Readiness, Depends(_found)]) -> Response:
    """What to correct before the first run, and what to correct for better plans."""
    return page(
        request,
        "readiness.html",
        found=found,
        groups=[
            (severity, [one for one in found.items if one.severity == severity])
            for severity in ("blocks", "weakens")
        ],
        href=href,
        many=8,
    )
