"""The schema is what the tables say, and several processes may open it at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from carecoord.errors import Invalid, Unavailable
from carecoord.store.engine import Database, sqlite_url
from carecoord.store.tables import metadata


def test_migrations_build_what_the_tables_say(database: Database) -> None:
    with database.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


def test_parallel_first_starts_build_the_schema_once(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)

    def start(_: int) -> None:
        Database.open(url).close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(start, range(6)))

    opened = Database.open(url)
    opened.close()


@pytest.mark.parametrize("url", ["", "mysql://x/y", "sqlite://", "nonsense"])
def test_a_url_of_no_database_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        Database.open(url)

    assert caught.value.code == "database.url"


@pytest.mark.parametrize(
    "url", ["sqlite:////no/such/folder/c.sqlite3", "postgresql://nobody@127.0.0.1:1/nothing"]
)
def test_a_database_that_cannot_be_reached_is_named_so(url: str) -> None:
    with pytest.raises(Unavailable) as caught:
        Database.open(url)

    assert caught.value.code == "database.unreachable"
    assert caught.value.facts["reason"]


def test_a_newer_schema_is_refused(database: Database, database_url: str) -> None:
    with database.write() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(Invalid) as caught:
        Database.open(database_url)

    assert caught.value.code == "database.newer"
