"""The application for tests, laid out once: its first request costs more than most tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import app
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store.engine import Database

_idle: list[FastAPI] = []


def create(database: Database, settings: Settings, *, work: bool = True) -> FastAPI:
    """As `api.app.create`, or an application whose last server has stopped, with this state."""
    if not _idle:
        return _returned(app.create(database, settings, work=work))
    found = _idle.pop()
    found.dependency_overrides.clear()
    found.state.database, found.state.settings = database, settings
    found.state.packs, found.state.work = load(), work
    return found


def _returned(made: FastAPI) -> FastAPI:
    """The same, free for the next test when its server stops."""
    running = made.router.lifespan_context

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncIterator[None]:
        async with running(served):
            yield
        _idle.append(made)

    made.router.lifespan_context = lifespan
    return made
