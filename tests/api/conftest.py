"""A client that speaks HTTP with the FHIR routes."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import problems
from api.fhir import router
from carecoord.store.engine import Database


def served(database: Database) -> FastAPI:
    """The FHIR routes over a database."""
    app = FastAPI()
    app.state.database = database
    app.include_router(router)
    problems.install(app)
    return app


@pytest.fixture
def application(database: Database) -> FastAPI:
    """The FHIR routes over an empty database."""
    return served(database)


@pytest.fixture
def client(application: FastAPI) -> Iterator[TestClient]:
    """A client whose server errors become answers, as a real client would see them."""
    with TestClient(application, raise_server_exceptions=False) as made:
        made.headers["accept-language"] = "en"
        yield made
