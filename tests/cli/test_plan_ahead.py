"""`carecoord plan STREET --days N`: the days ahead on the command line."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from carecoord.cli import main
from carecoord.model.time import today
from carecoord.store.engine import Database, sqlite_url
from tests import build
from tests.build import STREET


def test_days_ahead_are_planned_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database.open(sqlite_url(tmp_path))
    build.store(database, *build.street())
    database.close()
    file = tmp_path / "out.json"
    asked = f"--lang en plan {STREET} --days 2 --iterations 40 --data {tmp_path} --json {file}"
    code = main(asked.split())
    written = json.loads(file.read_text(encoding="utf-8"))

    assert code == 0
    assert "2 days ahead" in capsys.readouterr().out
    first = today() + timedelta(days=1)
    assert [(one["day"], one["served"]) for one in written["days"]] == [
        ((first + timedelta(days=k)).isoformat(), 3) for k in range(2)
    ]
    assert written["outcome"]["spread"]["visits"] == 6


def test_publishing_needs_a_single_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(f"--lang en plan {STREET} --days 2 --publish --data {tmp_path}".split())

    assert code == 2
    assert "single day" in capsys.readouterr().err
