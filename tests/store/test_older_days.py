"""A day that was planned before versions were kept has its present version afterwards."""

import json
from datetime import UTC, datetime
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

import carecoord.store as store
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.visits import DayKey, DayPlan, Homeward, Pause, Stop, Unserved
from carecoord.store import day_versions, days
from carecoord.store.engine import Database
from tests.build import DAY, STREET

BEFORE = "0031"
KEY = DayKey(STREET, DAY)
PLAN = DayPlan(
    key=KEY,
    stops=(
        Stop(StaffId("c1"), DemandId("v1"), 1, 29_000, 30_000, 31_000, 60, ((1.5, 2.5),)),
        Stop(StaffId("c1"), DemandId("v2"), 2, 32_000, 32_000, 33_000, 60),
    ),
    pauses=(Pause(StaffId("c1"), 40_000, 41_000),),
    homeward=(Homeward(StaffId("c1"), 60, 33_060),),
    unserved=(Unserved(DemandId("v3"), "unserved.no_skill", {"skill": "N"}),),
    cost={"travel": 360},
    estimated=True,
)


def migrated(tx: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(store.__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    config.attributes["connection"] = tx
    with EnvironmentContext(
        config, scripts, fn=lambda rev, _: scripts._upgrade_revs(revision, rev)
    ):
        scripts.run_env()


def planned_long_ago(tx: Connection) -> None:
    where = {"street": STREET, "day": DAY.isoformat()}

    def put(table: str, **values: object) -> None:
        row = where | values
        names = ", ".join(f'"{name}"' for name in row)
        holes = ", ".join(f":{name}" for name in row)
        tx.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({holes})'), row)

    told = datetime(2026, 3, 4, 11, tzinfo=UTC)
    put(
        "day_plan",
        version=4,
        state="published",
        published_at=told.replace(tzinfo=None) if tx.dialect.name == "sqlite" else told,
        estimated=True,
        attribution="© map",
        cost=json.dumps(PLAN.cost),
    )
    for one in PLAN.stops:
        put(
            "stop",
            staff=one.staff,
            demand=one.demand,
            order=one.order,
            arrival=one.arrival,
            start=one.start,
            end=one.end,
            travel=one.travel,
            line=json.dumps(one.line),
        )
    put("pause", staff="c1", start=40_000, end=41_000)
    put("homeward", staff="c1", arrival=33_060, travel=60, line="[]")
    put("unserved", demand="v3", code="unserved.no_skill", facts='{"skill":"N"}')
    put("demand", id="v1", elder="e1", plan="p", body="{}")


def test_a_day_planned_before_versions_were_kept_has_its_present_one(
    database_url: str,
) -> None:
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    with engine.begin() as tx:
        _emptied(tx)
        migrated(tx, BEFORE)
        planned_long_ago(tx)
    engine.dispose()
    database = Database.open(database_url)
    with database.read() as tx:
        assert days.read(tx, KEY) == day_versions.plan(tx, KEY, 4) == PLAN
        (row,) = day_versions.of_day(tx, KEY)
        assert (row.why.cause, row.state, row.served, row.unserved) == (
            "publish",
            "published",
            2,
            1,
        )
        assert row.why.at == datetime(2026, 3, 4, 11, tzinfo=UTC)
        assert (day_versions.told(tx, KEY), day_versions.elders(tx, KEY)) == (4, {"v1": "e1"})
    database.close()


def _emptied(tx: Connection) -> None:
    """Nothing of the newest schema is left, so that an older one can be built."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("DROP SCHEMA public CASCADE"))
        tx.execute(text("CREATE SCHEMA public"))
        return
    names = tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
    for name in names:
        if not name.startswith("sqlite_"):
            tx.execute(text(f'DROP TABLE "{name}"'))
