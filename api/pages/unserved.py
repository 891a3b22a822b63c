"""Why nobody makes a visit, for people: what would help first, then what each carer says."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.context import CallerNow, ReadTx
from api.pages.shell import PageRoute, page, spoken
from api.scheduler.explain import ExplanationOut
from api.scheduler.profiles import DataFolder
from carecoord.flows import explain
from carecoord.flows.explain import Explanation
from carecoord.flows.fit import Ask
from carecoord.model.ids import DemandId, StreetId

router = APIRouter(route_class=PageRoute, include_in_schema=False)


def _found(
    street: str, day: date, demand: str, caller: CallerNow, tx: ReadTx, data: DataFolder
) -> Explanation:
    return explain.unserved(tx, caller, StreetId(street), day, DemandId(demand), Ask(data))


@router.get("/streets/{street}/days/{day}/unserved/{demand}")
def get_unserved(
    request: Request,
    street: str,
    day: date,
    found: Annotated[Explanation, Depends(_found)],
) -> Response:
    """One visit that nobody makes: reasons and the least that would make it possible."""
    words = spoken(request)
    told = ExplanationOut.of(found, words.language)
    asked = found.demand
    return page(
        request,
        "unserved.html",
        street=street,
        day=day,
        told=told,
        windows=words.windows(asked.windows),
        duration=words.duration(asked.duration),
        carers=asked.carers,
        priority=asked.priority,
        at=lambda moment: f"{moment:%H:%M}",
    )
