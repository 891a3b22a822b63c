"""The form that tells what has happened, and the way to it from the board."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import DAY, ON_SQLITE, STREET
from tests.planned import planned
from tests.serving import create

BOARD = f"/streets/{STREET}/days/{DAY.isoformat()}"


@ON_SQLITE
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_everybody_at_work_and_every_visit_can_be_named(
    database: Database, tmp_path: Path, lang: str
) -> None:
    build.store(database, *build.street())
    planned(database, tmp_path, publish=True)
    pages = TestClient(create(database, Settings(data=tmp_path), work=False))

    board = pages.get(BOARD, params={"lang": lang}).text
    form = pages.get(f"{BOARD}/repair", params={"lang": lang, "staff": "c2"})

    assert f"{BOARD}/repair?lang={lang}" in board
    assert form.status_code == 200
    for staff in ("c1", "c2", "n1", "d1"):
        assert f'data-staff="{staff}"' in form.text
    assert form.text.count("selected") == 1
    assert form.text.count('<option value="') > 4
    assert f'data-repair="/v1{BOARD}:repair" data-version="2"' in form.text


@ON_SQLITE
def test_a_day_without_a_plan_has_no_form(database: Database, tmp_path: Path) -> None:
    build.store(database, *build.street())
    pages = TestClient(create(database, Settings(data=tmp_path), work=False))

    assert pages.get(f"{BOARD}/repair").status_code == 404
