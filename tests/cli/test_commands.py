"""Commands: exit codes, one-line errors in both languages, and what they write."""

import bz2
import gzip
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from carecoord.cli import main
from carecoord.settings import Settings
from carecoord.store import days, documents
from carecoord.store.engine import Database, sqlite_url
from carecoord.text import sentence
from tests import build
from tests.build import DAY, STREET

PLAN = ["plan", STREET, DAY.isoformat(), "--seconds", "300", "--iterations", "20"]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder of its own, English, and no settings from outside."""
    for name in [n for n in os.environ if n.startswith("CARECOORD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CARECOORD_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CARECOORD_LANG", "en")


def written(folder: Path, name: str, content: Any) -> str:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(file)


def fails(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The one line that a refused command says."""
    assert main(argv) == 2
    said = capsys.readouterr()
    assert said.out.strip() == ""
    assert said.err.count("\n") == 1 and said.err.endswith("\n")
    return said.err.strip()


def arguments_fail(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def stored(tmp_path: Path, type: str) -> list[str]:  # noqa: A002 - FHIR's own word
    database = Database.open(sqlite_url(tmp_path / "data"))
    with database.read() as tx:
        found = [one.id for one in documents.find(tx, type)]
    database.close()
    return found


# ---- import ----


def test_a_bundle_is_imported_and_importing_it_again_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "town.json", build.bundle(*build.street()))
    count = len(build.street())

    assert main(["import", file]) == 0
    assert f"town.json: {count} created, 0 updated, 0 unchanged" in capsys.readouterr().out
    assert main(["import", file]) == 0
    assert f"0 created, 0 updated, {count} unchanged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "pack"),
    [("p.ndjson", bytes), ("p.ndjson.gz", gzip.compress), ("p.ndjson.bz2", bz2.compress)],
)
def test_lines_of_resources_are_imported_plain_and_packed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, pack: Any
) -> None:
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in build.street())

    assert main(["import", written(tmp_path, name, pack(lines))]) == 0
    assert stored(tmp_path, "Patient") == ["e1", "e2", "e3"]
    assert "created" in capsys.readouterr().out


def test_a_referral_from_a_hospital_is_received(tmp_path: Path) -> None:
    town = written(tmp_path, "town.json", build.bundle(*build.organizations()))
    sent = written(tmp_path, "referral.json", build.referral(orders=("37",)))

    assert main(["import", town, sent]) == 0
    database = Database.open(sqlite_url(tmp_path / "data"))
    with database.read() as tx:
        (task,) = documents.find(tx, "Task")
    database.close()
    assert task.resource["status"] == "received"


def test_refused_entries_of_a_batch_are_named_and_the_others_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = build.patient("e2") | {"birthDate": "yesterday"}
    batch = build.bundle(build.patient("e1"), wrong, build.patient("e3"), type="batch")

    assert main(["import", written(tmp_path, "b.json", batch)]) == 3
    said = capsys.readouterr().out
    assert "b.json: entry 1 was not imported:" in said
    assert "2 created" in said
    assert stored(tmp_path, "Patient") == ["e1", "e3"]


def test_a_faulty_entry_of_a_transaction_refuses_the_file_and_files_before_it_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = written(tmp_path, "a.json", build.patient("e1"))
    wrong = build.patient("e3") | {"birthDate": "yesterday"}
    bad = written(tmp_path, "b.json", build.bundle(build.patient("e2"), wrong, type="transaction"))

    assert main(["import", good, bad]) == 2
    said = capsys.readouterr().err
    assert "b.json" in said and "Bundle.entry[1].resource.birthDate" in said
    assert said.count("\n") == 1
    assert stored(tmp_path, "Patient") == ["e1"]


def test_patients_who_name_no_organisation_are_counted_to_the_street_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = [build.patient("e1", managed_by=""), build.patient("e2")]
    file = written(tmp_path, "t.json", build.bundle(*build.organizations(), *people))

    assert main(["import", file, "--street", STREET]) == 0
    assert "1 patients" in capsys.readouterr().out


def test_an_unknown_street_refuses_the_import_and_stores_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "p.json", build.patient("e1", managed_by=""))

    assert "990101009" in fails(capsys, "import", file, "--street", "990101009")
    assert stored(tmp_path, "Patient") == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("broken.json", b'{"resourceType": ', "broken.json"),
        ("list.json", b"[]", "list.json"),
        ("broken.ndjson.gz", b"no gzip", "broken.ndjson.gz"),
        ("broken.ndjson", b'{"resourceType": "Patient"}\n{"a\n', "broken.ndjson:2"),
        ("odd.json", b'{"resourceType": "Bundle", "type": "document"}', "document"),
        ("type.json", b'{"resourceType": "Elder", "id": "1"}', "Elder"),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_in_one_line_that_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, said: str
) -> None:
    line = fails(capsys, "import", written(tmp_path, name, content))

    assert said in line and name.partition(".")[0] in line


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "gone.json" in fails(capsys, "import", str(tmp_path / "gone.json"))


def test_a_network_needs_its_street(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = fails(capsys, "import", "--network", str(tmp_path / "x.osm.pbf"))

    assert line == "--network: " + sentence("cli.network_street", {}, "en")


def test_a_network_file_that_is_gone_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["import", written(tmp_path, "t.json", build.bundle(*build.organizations()))])
    capsys.readouterr()

    line = fails(capsys, "import", "--street", STREET, "--network", str(tmp_path / "x.osm.pbf"))

    assert "x.osm.pbf" in line


# ---- plan ----


def imported(tmp_path: Path, *more: dict[str, Any]) -> None:
    assert main(["import", written(tmp_path, "t.json", build.bundle(*build.street(), *more))]) == 0


def test_a_small_street_is_planned_from_what_is_stored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path)
    report = tmp_path / "report.json"

    assert main([*PLAN, "--json", str(report)]) == 0
    assert "3 asked, 3 served, 0 unserved" in capsys.readouterr().out
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found["visits"] == {"asked": 3, "served": 3, "unserved": []}
    assert found["staff"]["available"] == 4
    assert (found["street"], found["day"]) == (STREET, DAY.isoformat())
    assert {"travel_seconds", "late_seconds", "continuity", "seconds", "peak_mb"} <= set(found)
    assert {"expand", "solve", "check"} <= set(found["seconds"])


def test_visits_that_stay_undone_are_exit_three_with_their_reasons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = build.patient("e4", None)
    imported(tmp_path, lost, build.care_plan("p4", "e4", build.detail()))
    report = tmp_path / "report.json"

    assert main([*PLAN, "--json", str(report)]) == 3
    said = capsys.readouterr().out
    assert "1 unserved" in said
    assert "address.position" in said
    found = json.loads(report.read_text(encoding="utf-8"))
    assert [one["reason"] for one in found["visits"]["unserved"]] == ["unserved.address"]
    assert found["problems"]["address.position"] >= 1


def test_a_plan_is_a_draft_unless_it_is_to_be_published(tmp_path: Path) -> None:
    imported(tmp_path)
    states = []
    for more in ([], ["--publish"]):
        assert main([*PLAN, *more]) == 0
        database = Database.open(sqlite_url(tmp_path / "data"))
        with database.read() as tx:
            found = days.state(tx, days.DayKey(STREET, DAY))
        database.close()
        assert found is not None
        states.append(found.state)

    assert states == ["draft", "published"]


def test_a_street_without_plans_is_planned_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["import", written(tmp_path, "t.json", build.bundle(*build.organizations()))])

    assert main(PLAN) == 0
    assert "0 asked" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "field", "said"),
    [
        (["plan", "990101009", "2026-03-05"], "", "990101009"),
        (["plan", "nowhere", "2026-03-05"], "jurisdiction", "nowhere"),
        (["plan", STREET, "tomorrow"], "DAY", "tomorrow"),
        (["plan", STREET, "2026-02-30"], "DAY", "2026-02-30"),
        (["plan", STREET, "2026-03-05", "--seconds", "0"], "--seconds", "0"),
        (["demo", "--seed", "-1", "--no-serve"], "--seed", "-1"),
        (["demo", "--days", "0", "--no-serve"], "--days", "0"),
        (["demo", "--elders", "0", "--no-serve"], "--elders", "0"),
        (["demo", "--today", "now", "--no-serve"], "--today", "now"),
        (["demo", "--port", "0"], "--port", "0"),
        (["serve", "--host", "0.0.0.0"], "--host", "0.0.0.0"),
        (["serve", "--host", "192.168.1.5"], "--host", "192.168.1.5"),
        (["serve", "--host", "example.org"], "--host", "example.org"),
        (["serve", "--host", "::"], "--host", "::"),
        (["serve", "--port", "70000"], "--port", "70000"),
        (["packs", "check", "gone.toml"], "gone.toml", "gone.toml"),
    ],
)
def test_bad_input_is_one_line_in_the_language_asked_for(
    capsys: pytest.CaptureFixture[str], argv: list[str], field: str, said: str
) -> None:
    english = fails(capsys, *argv)
    chinese = fails(capsys, "--lang", "zh-CN", *argv)

    assert said in english and said in chinese
    assert english.startswith(f"{field}: " if field else "")
    assert english.isascii() and not chinese.isascii()


def test_a_solver_option_that_is_refused_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path)
    capsys.readouterr()

    assert "-1" in fails(capsys, *PLAN, "--seed", "-1")


@pytest.mark.parametrize(
    "argv", [[], ["dance"], ["plan"], ["plan", STREET, "2026-03-05", "--seconds", "soon"]]
)
def test_wrong_arguments_are_one_line(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert arguments_fail(capsys, *argv).startswith("carecoord")


def test_a_data_folder_that_cannot_be_made_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inside_a_file = str(Path(written(tmp_path, "file", b"x")) / "data")

    assert inside_a_file in fails(capsys, *PLAN, "--data", inside_a_file)


def test_a_report_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path)

    assert main([*PLAN, "--json", str(tmp_path / "no" / "r.json")]) == 2
    assert "r.json" in capsys.readouterr().err


def test_a_port_that_is_in_use_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        line = fails(capsys, "serve", "--port", str(port))

    assert line.startswith("--port: ") and str(port) in line


def test_a_bundled_pack_is_right_and_a_faulty_one_is_exit_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = Path(sys.modules["carecoord.packs.load"].__file__ or "").parent / "plans.toml"
    bad = written(tmp_path, "bad.toml", b"format = 1\n")

    assert main(["packs", "check", str(good)]) == 0
    assert "plans.toml: no errors" in capsys.readouterr().out
    assert main(["packs", "check", bad]) == 2
    assert "bad.toml:" in capsys.readouterr().out


def test_help_is_given_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["--help"], ["plan", "--help"], ["import", "--help"], ["serve", "--help"]):
        with pytest.raises(SystemExit) as ended:
            main(argv)
        assert ended.value.code == 0
        assert "Exit 0" in capsys.readouterr().out or argv == ["--help"]


def test_the_program_starts_as_a_process_of_its_own(tmp_path: Path) -> None:
    file = written(tmp_path, "p.json", b'{"resourceType": ')
    environment = os.environ | {"CARECOORD_DATA": str(tmp_path / "d"), "CARECOORD_LANG": "zh-CN"}
    environment["PYTHONIOENCODING"] = "utf-8"

    done = subprocess.run(
        [sys.executable, "-m", "carecoord", "import", file],
        env=environment, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stdout == "" and len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr and not done.stderr.isascii()


# ---- settings ----


def test_the_folder_on_the_command_line_wins_over_the_environment(tmp_path: Path) -> None:
    named = {"CARECOORD_DATA": str(tmp_path / "a"), "CARECOORD_DATABASE_URL": "postgresql://x/y"}

    assert Settings.from_environment(None, named).data == (tmp_path / "a").resolve()
    assert Settings.from_environment(tmp_path / "b", named).data == (tmp_path / "b").resolve()
    assert Settings.from_environment(None, named).database_url == "postgresql://x/y"


def test_without_settings_the_data_is_in_the_users_own_folder() -> None:
    found = Settings.from_environment(None, {})

    assert found.data.name == "carecoord" and found.data.is_absolute()
    assert found.database_url == ""


def test_a_wrong_database_address_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARECOORD_DATABASE_URL", "mysql://x/y")

    assert fails(capsys, *PLAN).startswith("database: ")
