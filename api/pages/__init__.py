"""Pages for people: server-rendered, complete without a network beyond this server.

`router` carries the pages, `install` the files they need.
"""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from xstatic.pkg import leaflet

from api.pages import (
    board,
    phone,
    profiles,
    readiness,
    referrals,
    repair,
    rules,
    start,
    streets,
    unserved,
)

__all__ = ["install", "router"]

router = APIRouter()
for part in (streets, board, phone, rules, profiles, readiness, referrals, start, unserved, repair):
    router.include_router(part.router)


class Files(StaticFiles):
    """Static files that a browser asks for again before use: an upgrade shows at once."""

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def install(app: FastAPI) -> None:
    """Serve our scripts and styles, and Leaflet from the folder it is installed in."""
    app.mount("/static/pages", Files(directory=Path(__file__).with_name("static")), "pages")
    app.mount("/static/leaflet", Files(directory=leaflet.BASE_DIR), "leaflet")
