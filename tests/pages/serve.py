"""The pages as an application over days built for the test, without a database behind them."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from fastapi import FastAPI

from api import pages
from api.pages import source
from carecoord.errors import Missing
from carecoord.model.board import DayBoard, StreetDays
from carecoord.packs.load import load
from carecoord.settings import Settings

from . import build


def application(
    day: DayBoard | None = None,
    streets: tuple[StreetDays, ...] | None = None,
    data: Path | None = None,
) -> FastAPI:
    """Pages that know one day, `day`, and one draft and one empty day after it."""
    first = day or build.small()
    days = {
        first.day: first,
        date(2026, 3, 6): replace(first, day=date(2026, 3, 6), state="draft", estimated=True),
        date(2026, 3, 7): replace(build.empty(), day=date(2026, 3, 7)),
    }

    def board(street: str, day: date) -> DayBoard:
        if street != build.STREET:
            raise Missing("street.none", street=street)
        return days[day]

    app = FastAPI()
    app.state.packs = load()
    app.state.settings = Settings(data=data or Path("no data"))
    app.dependency_overrides[source.streets] = lambda: (
        build.streets() if streets is None else streets
    )
    app.dependency_overrides[source.board] = board
    app.dependency_overrides[source.network] = build.network
    app.dependency_overrides[source.past] = lambda: build.past(first)
    app.include_router(pages.router)
    pages.install(app)
    return app
