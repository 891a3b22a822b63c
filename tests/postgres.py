"""A PostgreSQL server for tests, and databases in it that are emptied rather than made anew.

To copy a database and to drop it costs the server half a second of computing, mostly for files; to
empty one that a test has filled costs a few milliseconds.
"""

import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from carecoord.store.engine import Database

_CLUSTER = ("-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
_SETTINGS = "-c listen_addresses= -c max_connections=200 -c full_page_writes=off"

_SHAPE = """
SELECT md5(string_agg(concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull),
                      ',' ORDER BY c.relname, a.attnum))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
"""
"""Every table, index and sequence with its columns, as one text."""

_FILLED = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
ORDER BY relname
"""
_BEGIN_AGAIN = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL AND schemaname = 'public'
"""


class Server:
    """One server; hands out databases at the newest schema, each to one test at a time."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self._admin = psycopg.connect(_text(self._url), autocommit=True)
        self._spare: list[str] = []
        self._made: set[str] = set()
        self._template = self._named("template")
        self._do("CREATE DATABASE {}", self._template)
        Database.open(self._at(self._template)).close()
        with psycopg.connect(self._at(self._template)) as connection:
            self._pristine = _read(connection)

    @contextmanager
    def database(self, like: str | None = None) -> Iterator[str]:
        """URL of a database without rows, or of a copy of the one at the URL `like`."""
        url = self._at(self._spare.pop()) if like is None and self._spare else self.make(like)
        try:
            yield url
        finally:
            self._give_back(str(make_url(url).database))

    def make(self, like: str | None = None) -> str:
        """URL of a new database, which stays until the server is closed."""
        origin = self._template if like is None else str(make_url(like).database)
        self._alone(origin)
        name = self._named("test")
        self._do("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, origin)
        return self._at(name)

    def close(self) -> None:
        """Drop every database."""
        for name in [*self._made]:
            self._drop(name)
        self._admin.close()

    def _give_back(self, name: str) -> None:
        """Empty it under another name, at which whoever was left connected cannot find it."""
        self._alone(name)
        fresh = self._named("test")
        self._do("ALTER DATABASE {} RENAME TO {}", name, fresh)
        self._made.discard(name)
        with psycopg.connect(self._at(fresh)) as connection:
            clean = _empty(connection, self._pristine)
        if clean:
            self._spare.append(fresh)
        else:
            self._drop(fresh)

    def _alone(self, name: str) -> None:
        """Wait until nobody is connected, and after a while see to it."""
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        for turn in range(200):
            row = self._admin.execute(count, [name]).fetchone()
            if row is not None and row[0] == 0:
                return
            if turn == 20:
                end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                self._admin.execute(end, [name])
            time.sleep(0.002 if turn < 20 else 0.05)

    def _drop(self, name: str) -> None:
        self._do("DROP DATABASE {} WITH (FORCE)", name)
        self._made.discard(name)

    def _named(self, use: str) -> str:
        name = f"carecoord_{use}_{uuid.uuid4().hex}"
        self._made.add(name)
        return name

    def _do(self, statement: str, *names: str) -> None:
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _at(self, name: str) -> str:
        return _text(self._url.set(database=name))


@dataclass(frozen=True, slots=True)
class _Pristine:
    """An empty database: its shape, and the rows that are there all the same."""

    shape: str
    rows: dict[str, str]


def _read(connection: psycopg.Connection[Any]) -> _Pristine:
    shape = _one(connection, _SHAPE)
    tables = [name for (name,) in connection.execute(_FILLED).fetchall()]
    return _Pristine(shape, {name: _content(connection, name) for name in tables})


def _empty(connection: psycopg.Connection[Any], pristine: _Pristine) -> bool:
    """Take every row out that a test wrote; False where it changed more than rows."""
    if _one(connection, _SHAPE) != pristine.shape:
        return False
    filled = [name for (name,) in connection.execute(_FILLED).fetchall()]
    written = [sql.Identifier(name) for name in filled if name not in pristine.rows]
    if written:
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(_COMMA.join(written)))
    connection.execute(_BEGIN_AGAIN)
    return all(_content(connection, name) == rows for name, rows in pristine.rows.items())


_COMMA = sql.SQL(", ")


def _content(connection: psycopg.Connection[Any], table: str) -> str:
    every = "SELECT coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '') FROM {} t"
    return _one(connection, sql.SQL(every).format(sql.Identifier(table)))


def _one(connection: psycopg.Connection[Any], query: LiteralString | sql.Composed) -> str:
    row = connection.execute(query).fetchone()
    assert row is not None
    return str(row[0])


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@contextmanager
def running() -> Iterator[str]:
    """URL of a PostgreSQL whose user may create databases.

    From CARECOORD_TEST_DATABASE_URL, else the package pgserver, else a system PostgreSQL.
    """
    if given := os.environ.get("CARECOORD_TEST_DATABASE_URL"):
        yield given
        return
    programs = _programs()
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


def _programs() -> Path | None:
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
    settings = f"-F -k {home} {_SETTINGS}"
    _call(home, user, programs / "pg_ctl", "-D", data, "-l", log, "-o", settings, "-w", "start")
    try:
        yield f"postgresql://carecoord@/postgres?host={home}"
    finally:
        _call(home, user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _call(folder: Path, user: str | None, *command: str | Path) -> None:
    # The started server would keep a pipe open, so nothing is captured.
    subprocess.run(command, cwd=folder, user=user, check=True, stdout=subprocess.DEVNULL)
