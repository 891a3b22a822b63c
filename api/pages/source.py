"""Where pages get their data: the board flows, called with what the request brings."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from api.context import CallerNow, ReadTx
from api.pages.history import Past
from carecoord.errors import Missing
from carecoord.flows import board as flow
from carecoord.flows import runs, versions
from carecoord.model.board import DayBoard, StreetDays
from carecoord.model.ids import StreetId
from carecoord.settings import Settings


def streets(tx: ReadTx, caller: CallerNow) -> tuple[StreetDays, ...]:
    """Streets of the caller with their planned days."""
    return flow.streets(tx, caller)


def board(street: str, day: date, tx: ReadTx, caller: CallerNow) -> DayBoard:
    """The day that the address names."""
    return flow.day(tx, caller, StreetId(street), day)


def past(street: str, day: date, tx: ReadTx, caller: CallerNow) -> Past:
    """The history of the day that the address names, and its run that is open or undecided."""
    where = StreetId(street)
    newest = next(iter(runs.listed(tx, caller, where, day=day, limit=1)), None)
    if newest is not None and not (newest.open or runs.undecided(newest)):
        newest = None
    try:
        return Past(versions.listed(tx, caller, where, day), newest)
    except Missing:
        return Past(None, newest)


def network(request: Request, street: str, tx: ReadTx, caller: CallerNow) -> str:
    """Street lines of the street that the address names, GeoJSON."""
    settings: Settings = request.app.state.settings
    return flow.network(tx, caller, StreetId(street), settings.data)


Streets = Annotated[tuple[StreetDays, ...], Depends(streets)]
Board = Annotated[DayBoard, Depends(board)]
History = Annotated[Past, Depends(past)]
NetworkText = Annotated[str, Depends(network)]
