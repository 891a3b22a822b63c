"""The child process: file in, file out, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from numba import njit

import solver.improve
from solver import check, compiled
from solver.codec import problem_from_json, problem_to_json, solution_from_json
from solver.sample import street_day


def run(*args: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "solver", *args]
    return subprocess.run(command, input=given, capture_output=True, check=False)


def test_a_file_in_gives_a_judged_solution_out(tmp_path: Path) -> None:
    problem = street_day(12, 5, 1)
    source, out = tmp_path / "p.json", tmp_path / "s.json"
    source.write_bytes(problem_to_json(problem))
    done = run(str(source), "--iterations", "50", "--out", str(out), "--progress")

    assert done.returncode == 0, done.stderr
    assert check(problem, solution_from_json(out.read_bytes())).ok
    assert {"cost", "unserved"} <= set(json.loads(done.stderr.splitlines()[-1]))


def test_nothing_but_the_solution_is_said_when_all_is_compiled(tmp_path: Path) -> None:
    # Whatever of the search was not compiled yet, the first run compiles.
    source = tmp_path / "p.json"
    source.write_bytes(problem_to_json(street_day(12, 5, 1)))
    run(str(source), "--iterations", "1")
    done = run(str(source), "--iterations", "60", "--threads", "2")

    assert (done.returncode, done.stderr) == (0, b"")
    assert solution_from_json(done.stdout).stats["processes"] == 2


def test_compiling_is_said_once_and_only_when_there_is_something_to_compile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @njit
    def one(x: int) -> int:
        return x + 1

    monkeypatch.setattr(solver.improve, "warm", lambda: (one(1), one(1.5)))
    said: list[str] = []
    compiled.warm(lambda: said.append("first"))
    compiled.warm(lambda: said.append("again"))

    assert said == ["first"]


def test_an_unserved_mandatory_visit_is_told_by_the_exit_code() -> None:
    text = problem_to_json(street_day(6, 0, 1))
    done = run("-", "--iterations", "10", given=text)

    assert done.returncode == 3
    assert len(solution_from_json(done.stdout).unserved) == len(problem_from_json(text).visits)


def test_bad_input_is_one_line_with_its_code_and_exit_two() -> None:
    done = run("-", given=b'{"format": "solver.problem", "version": 1}')

    assert done.returncode == 2
    assert done.stdout == b""
    assert json.loads(done.stderr)["code"] == "json.type"
