"""The page of the weight profiles, and the same over HTTP."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from carecoord.cli import main
from carecoord.planning import weights
from carecoord.settings import Settings
from carecoord.store.engine import Database, sqlite_url
from tests.planning.test_weights import TEXTS, own
from tests.serving import create

from .serve import application


@pytest.fixture
def served(tmp_path: Path) -> TestClient:
    database = Database.open(sqlite_url(tmp_path))
    return TestClient(create(database, Settings(data=tmp_path), work=False))


@pytest.mark.parametrize(("lang", "name"), [("zh-CN", "熟人优先"), ("en", "Familiar faces")])
def test_the_page_shows_every_weight_of_every_profile_and_every_rule(lang: str, name: str) -> None:
    html = TestClient(application()).get("/profiles", params={"lang": lang}).text

    assert name in html
    for one in weights.every().profiles:
        assert f"<code>{one.name}</code>" in html
    for weight in weights.known_weights():
        assert f"<code>{weight}</code>" in html
    assert html.count("<li>") == len(weights.rules())
    assert html.count('class="other"') == sum(
        value != weights.read().numbers()[key]
        for one in weights.every().profiles
        for key, value in one.numbers().items()
    )


def test_a_broken_profile_is_shown_with_its_place(tmp_path: Path) -> None:
    own(tmp_path, "mine", "[weights]\ntravle = 1\n")

    html = TestClient(application(data=tmp_path)).get("/profiles", params={"lang": "en"}).text

    assert "Profile mine cannot be used: weights.travle: Unknown name travle" in html


def test_profiles_over_http_carry_weights_and_levels_of_rules(
    served: TestClient, tmp_path: Path
) -> None:
    own(tmp_path, "mine", "[weights]\ntravel = 7\n")

    found = served.get("/v1/profiles", params={"lang": "en"}).json()

    assert found["profiles"][0]["name"] == "standard"
    assert {(one["rule"], one["severity"]) for one in found["rules"]} >= {
        ("windows", "hard"),
        ("unserved", "medium"),
        ("travel", "soft"),
    }
    mine = served.get("/v1/profiles/mine", params={"lang": "en"}).json()
    assert (mine["site"], mine["title"]) == (True, "Ours")
    travel = next(one for one in mine["weights"] if one["name"] == "travel")
    assert travel == {"name": "travel", "value": 7, "text": "Per second on the way"}
    missing = served.get("/v1/profiles/none")
    assert (missing.status_code, missing.json()["code"]) == (404, "profile.none")


def test_the_command_checks_a_profile_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "mine.toml", tmp_path / "yours.toml"
    good.write_text(TEXTS, encoding="utf-8")
    bad.write_text(TEXTS + "[weights]\ntravle = 1\ntravel = -1\n", encoding="utf-8")

    assert main(["--lang", "en", "profiles", "check", str(good)]) == 0
    assert "mine.toml: no errors." in capsys.readouterr().out
    assert main(["--lang", "en", "profiles", "check", str(bad), str(tmp_path / "gone.toml")]) == 2
    said = capsys.readouterr().out
    assert "weights.travle" in said and "weights.travel: " in said and "gone.toml" in said
