"""Databases for tests: a SQLite file and a real PostgreSQL, new for every test."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from carecoord.store.engine import Database, sqlite_url

KINDS = ("sqlite", "postgresql")
"""Databases that every test of the store and of what stands on it runs on."""


@contextmanager
def fresh_url(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """URL of an empty database at the newest schema, gone afterwards."""
    if kind == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        url = sqlite_url(folder)
        shutil.copy(template, str(make_url(url).database))
        yield url
        return
    server: str = request.getfixturevalue("postgres_server")
    template_name: str = request.getfixturevalue("postgres_template")
    name = f"carecoord_test_{uuid.uuid4().hex}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template_name}" STRATEGY FILE_COPY')
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a new database; each test runs on SQLite and on PostgreSQL."""
    with fresh_url(request, request.param, tmp_path / "data") as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, open database; each test runs on SQLite and on PostgreSQL."""
    opened = Database.open(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    folder = tmp_path_factory.mktemp("template")
    Database.open(sqlite_url(folder)).close()
    return next(folder.glob("*.sqlite3"))


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """Name of a migrated PostgreSQL database to copy."""
    name = f"carecoord_template_{uuid.uuid4().hex}"
    _administer(postgres_server, f'CREATE DATABASE "{name}"')
    url = make_url(postgres_server).set(database=name)
    Database.open(url.render_as_string(hide_password=False)).close()
    yield name
    _administer(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a running PostgreSQL whose user may create databases.

    From CARECOORD_TEST_DATABASE_URL, else the package pgserver, else a system PostgreSQL.
    """
    if given := os.environ.get("CARECOORD_TEST_DATABASE_URL"):
        yield given
        return
    programs = _postgres_programs()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must test on PostgreSQL, and found none")
        pytest.skip("no PostgreSQL: set CARECOORD_TEST_DATABASE_URL or install pgserver")
    # A socket path may have 107 bytes; a folder of pytest can be longer.
    home = Path(tempfile.mkdtemp(prefix="carecoord-pg-"))
    try:
        yield from _served(programs, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _postgres_programs() -> Path | None:
    packaged = find_spec("pgserver")
    if packaged is not None and packaged.origin is not None:
        inside = Path(packaged.origin).parent / "pginstall" / "bin"
        if (inside / "initdb").exists():
            return inside
    found = shutil.which("initdb")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    candidates = ([Path(found).resolve().parent] if found else []) + places
    return next(
        (p for p in candidates if (p / "initdb").exists() and (p / "pg_ctl").exists()), None
    )


def _served(programs: Path, home: Path) -> Iterator[str]:
    data, log = home / "data", home / "log"
    user = None
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # PostgreSQL refuses to run as root, and others may not see into root's folders.
        user = "nobody"
        home.chmod(0o755)
        shutil.chown(home, user)
        try:
            _call(home, user, programs / "initdb", "--version")
        except (PermissionError, subprocess.CalledProcessError):
            programs = shutil.copytree(programs.parent, home / "postgres") / programs.name
    _call(home, user, programs / "initdb", "-D", data, "-U", "carecoord", *_CLUSTER)
    settings = f"-F -k {home} -c listen_addresses= -c max_connections=200 -c full_page_writes=off"
    _call(home, user, programs / "pg_ctl", "-D", data, "-l", log, "-o", settings, "-w", "start")
    try:
        yield f"postgresql://carecoord@/postgres?host={home}"
    finally:
        _call(home, user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


_CLUSTER = ("-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")


def _call(folder: Path, user: str | None, *command: str | Path) -> None:
    # The started server would keep a pipe open, so nothing is captured.
    subprocess.run(command, cwd=folder, user=user, check=True, stdout=subprocess.DEVNULL)


def _administer(server: str, statement: str) -> None:
    engine = create_engine(
        make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
