"""The policy rows that a request is decided by."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from carecoord.model import time
from carecoord.model.policy import Rules
from carecoord.packs.load import Packs


async def _packs(request: Request) -> Packs:
    found: Packs = request.app.state.packs
    return found


PacksNow = Annotated[Packs, Depends(_packs)]


def today(packs: Packs, jurisdiction: str) -> Rules:
    """Rows in force today at a street or other division."""
    return packs.on(time.today(), jurisdiction)


def on(packs: Packs, jurisdiction: str, day: date) -> Rules:
    """Rows in force on a day."""
    return packs.on(day, jurisdiction)
