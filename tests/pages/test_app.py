"""The pages inside the whole application, on a real and still empty database."""

from pathlib import Path

from fastapi.testclient import TestClient

from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests.serving import create


def test_a_new_installation_leads_to_its_first_step(database: Database, tmp_path: Path) -> None:
    pages = TestClient(create(database, Settings(data=tmp_path), work=False))

    answer = pages.get("/", params={"lang": "en"})

    assert answer.status_code == 200
    assert "carecoord demo" in answer.text


def test_an_unknown_street_is_a_page_in_the_language_of_the_caller(
    database: Database, tmp_path: Path
) -> None:
    pages = TestClient(create(database, Settings(data=tmp_path), work=False))

    for address in ("days/2026-03-05", "days/2026-03-05/staff/x", "network.geojson"):
        answer = pages.get(f"/streets/990101999/{address}", headers={"accept-language": "en"})

        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert "990101999" in answer.text
        assert 'lang="en"' in answer.text
