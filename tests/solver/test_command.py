"""The child process: file in, file out, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from solver import check
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
