"""Where is the database, and how is a transaction begun and ended?"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from carecoord.errors import Invalid, Unavailable
from carecoord.store.writers import Writers

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

Tx = Connection

# Writers of one process stand in line (`writers`); this bounds the wait for other processes.
_BUSY_MS = 30_000
_SQLITE_SETTINGS = (
    f"PRAGMA busy_timeout = {_BUSY_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
)
# Any constant will do, as long as nothing else in the same database locks on it.
_MIGRATION_LOCK = 7_301_604_271_902


def sqlite_url(data_dir: Path) -> str:
    """URL of the embedded database inside a data directory; the directory is created."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir.resolve() / "carecoord.sqlite3"
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


class Database:
    """One SQLite file or one PostgreSQL database, at the newest schema.

    Safe to share between threads. A forked process must open its own.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writers = Writers(engine) if self.is_sqlite else None

    @classmethod
    def open(cls, url: str, *, pool: int = 16) -> "Database":
        """Connect, and bring the schema to the newest version.

        Several processes may do so at the same time: one migrates, the others wait.

        Parameters
        ----------
        url
            `sqlite:////absolute/file.sqlite3` or `postgresql://user@host/name`.
        pool
            Connections kept open at most.

        Raises
        ------
        Invalid
            Not a URL of one of the two databases (`database.url`), or one that is newer
            than this program (`database.newer`).
        Unavailable
            `database.unreachable`: no such server or folder, or it does not let us in.
        """
        database = cls(_engine(url, pool))
        try:
            _migrate(database)
        except OperationalError as error:
            database.close()
            reason = " ".join(str(error.orig).split())
            raise Unavailable("database.unreachable", field="database", reason=reason) from error
        except BaseException:
            database.close()
            raise
        return database

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded file, False for PostgreSQL."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """One transaction that may write: committed at the end, undone by an exception.

        On SQLite it holds the only write lock from its first moment, so that a decision
        made on what it read cannot be outrun; writers in line share a commit (`writers`).
        """
        if self._writers is not None:
            with self._writers.write() as tx:
                yield tx
            return
        with self._engine.begin() as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """One transaction that reads; whatever it writes is undone."""
        with self._engine.connect() as tx:
            try:
                yield tx
            finally:
                tx.rollback()

    def analyze(self) -> None:
        """Let the database count what it holds; good after a large import."""
        with self.write() as tx:
            tx.execute(text("ANALYZE"))

    def close(self) -> None:
        """Close every connection of this process."""
        self._engine.dispose()


def _engine(url: str, pool: int) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Invalid("database.url", field="database") from error
    family = parsed.get_backend_name()
    if family == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise Invalid("database.url", field="database")
        engine = create_engine(
            parsed, pool_size=pool, max_overflow=pool, connect_args={"check_same_thread": False}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if family in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(parsed, pool_size=pool, max_overflow=pool, pool_pre_ping=True)
        # Many rows in one statement instead of one statement a row: a third of the time.
        engine.dialect.use_insertmanyvalues_wo_returning = True
        return engine
    raise Invalid("database.url", field="database")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction handling would begin late, after the first read.
    connection.isolation_level = None
    for setting in _SQLITE_SETTINGS:
        connection.execute(setting)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("carecoord_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@cache
def _newest() -> str | None:
    """Revision of the newest schema; every migration is read for it, so only once."""
    return _scripts(_config()).get_current_head()


def _config() -> "Config":
    # Alembic takes a third of a second to import and only opening needs it.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _scripts(config: "Config") -> "ScriptDirectory":
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(config)


def _migrate(database: Database) -> None:
    from alembic.migration import MigrationContext
    from alembic.runtime.environment import EnvironmentContext

    from carecoord.store import index, projections

    with database.write() as tx:
        if not database.is_sqlite:
            tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        present = MigrationContext.configure(tx).get_current_revision()
        if present == _newest():
            index.follow(tx)
            projections.follow(tx)
            return
        config = _config()
        scripts = _scripts(config)
        if present is not None and present not in {s.revision for s in scripts.walk_revisions()}:
            raise Invalid("database.newer", field="database", revision=present)
        config.attributes["connection"] = tx
        with EnvironmentContext(
            config, scripts, fn=lambda rev, _: scripts._upgrade_revs("head", rev)
        ):
            scripts.run_env()
        index.follow(tx)
        projections.follow(tx)
