"""The benchmarks as commands: their rows, their exit codes, and solvers that fall over."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from solver import Problem, Solution
from solver.codec import problem_to_json
from solver.sample import street_day
from tests.bench.published import ROOT
from tests.bench.test_formats import PERIOD, SOLOMON

from bench import day, hhcrsp, vrptw, week  # isort: skip
from bench.formats import peers, rows  # isort: skip
from bench.formats.apart import run_apart  # isort: skip

assert ROOT.is_dir()

FIELDS = [
    "instance",
    "solver",
    "seed",
    "seconds",
    "cpu_seconds",
    "cost",
    "best_known",
    "gap_percent",
    "valid",
    "unserved",
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "bks").mkdir()
    (tmp_path / "mine.txt").write_text(SOLOMON, encoding="ascii")
    (tmp_path / "bks" / "MINE.sol").write_text("Cost 30\n", encoding="ascii")
    (tmp_path / "other.txt").write_text(SOLOMON, encoding="ascii")
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, module: object, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["bench", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        rows.main(module.work)  # type: ignore[attr-defined]
    return int(str(ended.value.code))


def test_one_row_per_instance_solver_and_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    out = data / "rows.json"
    words = ("--data", data, "--instances", "*", "--seconds", 1, "--seeds", 2, "--json", out)
    code = run(monkeypatch, vrptw, *words, "--peers", "ortools")
    told = json.loads(out.read_text())

    assert code == 0
    assert [(r["instance"], r["solver"], r["seed"]) for r in told] == [
        (name, solver, seed)
        for name in ("MINE", "OTHER")
        for solver in ("ours", "ortools")
        for seed in (1, 2)
    ]
    assert all(list(row) == FIELDS for row in told)
    assert all(row["valid"] and row["unserved"] == 0 for row in told)
    assert told[0]["gap_percent"] == pytest.approx(100 * (told[0]["cost"] / 30 - 1), abs=0.01)
    assert (told[4]["best_known"], told[4]["gap_percent"]) == (None, None)
    printed = capsys.readouterr().out
    assert "mean of 1 medians, ours" in printed
    assert "goal" in printed


def test_a_peer_that_falls_over_is_a_bad_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    def fails(problem: Problem, options: object) -> Solution:
        raise RuntimeError("no memory left")

    def dies(problem: Problem, options: object) -> Solution:
        os._exit(7)

    monkeypatch.setitem(peers.BY_NAME, "ortools", fails)
    monkeypatch.setitem(peers.BY_NAME, "pyvrp", dies)
    monkeypatch.setattr(peers, "installed", lambda name: True)
    out = data / "rows.json"
    words = ("--data", data, "--instances", "mine", "--seconds", 1, "--seeds", 1, "--json", out)
    code = run(monkeypatch, vrptw, *words, "--peers", "ortools,pyvrp")
    told = {row["solver"]: row for row in json.loads(out.read_text())}

    assert code == 0
    assert told["ours"]["valid"]
    for name in ("ortools", "pyvrp"):
        assert (told[name]["valid"], told[name]["cost"], told[name]["unserved"]) == (False, None, 3)
    printed = capsys.readouterr().out
    assert "RuntimeError: no memory left" in printed
    assert "exit code 7" in printed


@pytest.mark.parametrize(
    ("module", "words", "said"),
    [
        (vrptw, ("--data", "DATA", "--instances", "c9*"), "none of 2 instances is called c9*"),
        (vrptw, ("--data", "DATA/none"), "no such folder"),
        (vrptw, ("--data", "DATA", "--instances", "mine", "--json", "DATA/x/y.json"), "--json"),
        (hhcrsp, ("--data", "DATA", "--instances", "mine"), "mine.txt: neither"),
        (day, ("--instances", "plain"), "KIND-VISITS-STAFF-SEED"),
        (week, ("--instances", "month-3-4"), "week-CARES-WORKERS"),
        (week, ("--data", "DATA", "--instances", "mine"), "mine.txt"),
        (vrptw, ("--peers", "nobody"), "nobody here is called nobody"),
        (vrptw, ("--seeds", "0"), "less than 1"),
    ],
)
def test_what_cannot_be_run_is_said_and_exits_with_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    data: Path,
    module: object,
    words: tuple[str, ...],
    said: str,
) -> None:
    assert run(monkeypatch, module, *(w.replace("DATA", str(data)) for w in words)) == 2
    told = capsys.readouterr()

    assert said in told.err
    assert "Traceback" not in told.err


def test_a_peer_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(peers, "installed", lambda name: False)

    assert run(monkeypatch, vrptw, "--peers", "pyvrp") == 2
    assert "pyvrp is not installed" in capsys.readouterr().err


def test_a_long_run_stands_as_best_known_of_the_short_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "instances").mkdir()
    path = tmp_path / "instances" / "plain-12-3.json"
    path.write_bytes(problem_to_json(street_day(12, 4, 1)))
    out = tmp_path / "rows.json"
    words = ("--data", tmp_path, "--instances", "*", "--best", 2, "--after", 1, "--seeds", 1)
    assert run(monkeypatch, day, *words, "--json", out) == 0
    long, short = json.loads(out.read_text())

    assert long["best_known"] is None
    assert short["best_known"] == long["cost"]
    assert "GB" in capsys.readouterr().out


def test_published_periods_are_judged_and_have_no_gap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "25").mkdir()
    (tmp_path / "25" / "b1.txt").write_text(PERIOD, encoding="ascii")
    out = tmp_path / "rows.json"
    words = ("--data", tmp_path, "--seconds", 1, "--seeds", 1, "--json", out)
    assert run(monkeypatch, week, *words) == 0
    (row,) = json.loads(out.read_text())

    assert (row["instance"], row["valid"], row["best_known"]) == ("25/b1", True, None)
    assert list(row) == FIELDS


def test_seconds_and_memory_of_one_run_are_not_those_of_another() -> None:
    def burn() -> int:
        end = time.process_time() + 0.3
        waste = bytearray(200_000_000)
        while time.process_time() < end:
            waste[-1] = 1
        return len(waste)

    hard, easy = run_apart(burn, patience=60), run_apart(lambda: 1, patience=60)

    assert hard.result == 200_000_000
    assert hard.cpu_seconds >= 0.3 > easy.cpu_seconds
    assert hard.peak_kb - easy.peak_kb > 150_000


def test_work_that_never_ends_is_ended() -> None:
    done = run_apart(lambda: time.sleep(60), patience=0.2)

    assert (done.result, done.fault) == (None, "did not end in time")
