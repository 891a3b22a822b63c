"""The application: every route, no module state."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import fhir, pages, problems, scheduler
from carecoord.access import everything
from carecoord.flows import forms
from carecoord.jobs.ahead import Ahead
from carecoord.jobs.clock import Clock
from carecoord.jobs.embedded import Embedded
from carecoord.jobs.referrals import Referrals
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store.engine import Database

DESCRIPTION = """Integrated medical and elderly care coordination for one street.

FHIR R4 under `/fhir`, planning under `/v1`. Every failure outside `/fhir` is problem JSON
(RFC 9457) with a stable `code`; under `/fhir` it is an OperationOutcome."""


def create(database: Database, settings: Settings, *, work: bool = True) -> FastAPI:
    """The application on an open database.

    work
        Also plan queued runs and keep the clock in this process, as an installation without
        workers needs it.
    """
    app = FastAPI(
        title="carecoord",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=_running,
        docs_url=None,
        redoc_url=None,
    )
    app.state.database = database
    app.state.settings = settings
    app.state.work = work
    app.state.packs = load()
    problems.install(app)
    app.include_router(fhir.router)
    app.include_router(scheduler.router)
    app.include_router(pages.router)
    pages.install(app)
    return app


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    database, settings = app.state.database, app.state.settings
    with database.write() as tx:
        forms.seed(tx, everything("forms"))
    worker, clock = Embedded(database, settings), Clock(database)
    ahead = Ahead(database, settings)
    referrals = Referrals(database, settings.data)
    if app.state.work:
        worker.start()
        ahead.start()
        clock.start()
        referrals.start()
    try:
        yield
    finally:
        referrals.stop()
        clock.stop()
        ahead.stop()
        worker.stop()
