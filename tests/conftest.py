"""Databases for tests: a SQLite file and a real PostgreSQL, empty for every test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from carecoord.model import time
from carecoord.store.engine import Database, sqlite_url

from .postgres import Server, running

KINDS = ("sqlite", "postgresql")
"""Databases that every test of the store and of what stands on it runs on."""

Fill = Callable[[Database, Path], None]
"""Puts into an empty database, and into the data folder beside it, what tests begin with."""


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Give each process of `pytest -n` whole modules, so that what tests share is made once."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "worksteal"


class Shelf:
    """Empty databases, and filled ones that are copied for each test that begins so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._filled: dict[tuple[str, Fill | None, date], tuple[str, Path]] = {}

    @contextmanager
    def url(
        self, request: pytest.FixtureRequest, kind: str, data: Path, begun: Fill | None = None
    ) -> Iterator[str]:
        """URL of a database at the newest schema, gone afterwards; `data`: the folder beside it."""
        if kind == "sqlite":
            _, folder = self._like(kind, begun, sqlite_url)
            shutil.copytree(folder, data, dirs_exist_ok=True)
            yield sqlite_url(data)
            return
        server: Server = request.getfixturevalue("postgres")
        if begun is None:
            with server.database() as url:
                yield url
            return
        like, folder = self._like(kind, begun, lambda _: server.make())
        shutil.copytree(folder, data, dirs_exist_ok=True)
        with server.database(like) as url:
            yield url

    def _like(self, kind: str, begun: Fill | None, make: Callable[[Path], str]) -> tuple[str, Path]:
        """A database to copy and the folder beside it, filled the first time."""
        # What is planned from today on is too old after midnight.
        key = kind, begun, time.today()
        if key not in self._filled:
            folder = self._folder / str(len(self._filled))
            folder.mkdir()
            url = make(folder)
            database = Database.open(url)
            if begun is not None:
                begun(database, folder)
            database.close()
            self._filled[key] = url, folder
        return self._filled[key]


@pytest.fixture
def begun() -> Fill | None:
    """What databases begin with: nothing, unless a module says otherwise."""
    return None


@pytest.fixture(params=KINDS)
def database_url(
    request: pytest.FixtureRequest, shelf: Shelf, begun: Fill | None, tmp_path: Path
) -> Iterator[str]:
    """URL of a new database; each test runs on SQLite and on PostgreSQL."""
    with shelf.url(request, request.param, tmp_path / "data", begun) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database; each test runs on SQLite and on PostgreSQL."""
    opened = Database.open(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Databases of both kinds."""
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running PostgreSQL."""
    with running() as url:
        server = Server(url)
        yield server
        server.close()
