"""The main job: the same seed gives the same plan, and a second run changes nothing."""

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from carecoord.cli import main
from carecoord.demo import run as demo
from carecoord.model.visits import DayKey, DayPlan
from carecoord.settings import Settings
from carecoord.store import days
from carecoord.store.engine import Database, sqlite_url
from carecoord.store.tables import demand, document, document_version, stop

TODAY = date(2026, 3, 2)
SMALL = demo.Asked(seed=7, elders=24, days=3, iterations=300)


@dataclass(frozen=True)
class Made:
    """A demo street in its folder."""

    folder: Path
    report: demo.Report
    plan: DayPlan


def run(folder: Path, asked: demo.Asked = SMALL) -> tuple[demo.Report, DayPlan]:
    database = Database.open(sqlite_url(folder))
    report = demo.run(database, Settings(data=folder), asked, lambda *_: None, TODAY)
    with database.read() as tx:
        plan = days.read(tx, DayKey(report.street, report.day))
    database.close()
    return report, plan


def rows(folder: Path) -> dict[str, int]:
    database = Database.open(sqlite_url(folder))
    with database.read() as tx:
        found = {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (document, document_version, demand, stop)
        }
    database.close()
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A small demo street, made once for the tests that only look at it or copy it."""
    folder = tmp_path_factory.mktemp("demo")
    return Made(folder, *run(folder))


def test_two_folders_with_one_seed_hold_the_same_plan(made: Made, tmp_path: Path) -> None:
    first = made.plan
    _, second = run(tmp_path)

    assert first == second
    assert first.stops


def test_another_seed_is_another_street(made: Made, tmp_path: Path) -> None:
    other = demo.Asked(seed=8, elders=24, days=1, iterations=10)

    _, second = run(tmp_path, other)

    assert made.plan.key != second.key


def test_a_second_run_on_the_same_folder_duplicates_nothing(made: Made, tmp_path: Path) -> None:
    folder = shutil.copytree(made.folder, tmp_path / "same")
    before = rows(folder)

    second, again = run(folder)

    assert again == made.plan
    assert second.version == made.report.version
    assert rows(folder) == before


def test_most_visits_are_served_and_every_other_one_has_a_reason(made: Made) -> None:
    found = made.report.indicators

    assert found.asked == found.served + len(found.unserved)
    assert found.served > 0.8 * found.asked
    assert all(one.code for one in found.unserved)


def test_the_command_writes_the_table_for_programs(tmp_path: Path) -> None:
    file = tmp_path / "out.json"

    asked = "--lang en demo --no-serve --seed 7 --elders 12 --days 2 --today 2026-03-02"
    code = main([*asked.split(), "--data", str(tmp_path / "data"), "--json", str(file)])

    assert code == 0
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written["visits"]["asked"] == written["visits"]["served"] + len(
        written["visits"]["unserved"]
    )
    assert all(set(one) == {"id", "reason"} for one in written["visits"]["unserved"])
    assert set(written["staff"]) == {"available", "used"}
    for name in ("travel_seconds", "late_seconds", "peak_mb"):
        assert isinstance(written[name], int)
    assert {"generate", "travel", "solve", "check"} <= set(written["seconds"])
    assert written["continuity"] is None or 0 <= written["continuity"] <= 1
