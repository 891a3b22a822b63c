"""Where compiled code cannot run there is still a judged plan, and nobody is left in the dark."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from numba.core.errors import TypingError

import solver.improve
from solver import Options, Problem, Weights, check, solve
from solver.codec import problem_to_json, solution_from_json
from solver.sample import full_day, linked_day, street_day

WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
from solver.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def test_without_the_compiler_or_tools_plans_and_it_is_said(tmp_path: Path) -> None:
    problem = street_day(30, 9, 1, rich=True)
    source, out = tmp_path / "p.json", tmp_path / "s.json"
    source.write_bytes(problem_to_json(problem))
    command = [sys.executable, "-c", WITHOUT_NUMBA, str(source), "--out", str(out), "--progress"]
    done = subprocess.run(
        [*command, "--seconds", "20", "--iterations", "50"], capture_output=True, check=False
    )

    assert done.returncode in (0, 3), done.stderr
    solution = solution_from_json(out.read_bytes())
    assert check(problem, solution).violations == ()
    assert solution.routes and solution.stats["fallback"] == 1
    assert b"RuntimeWarning: compiled code cannot run here" in done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith(b"{")]
    assert any(line.get("fallback") == 1 for line in lines)
    assert "unserved" in lines[-1]


@pytest.mark.parametrize("fault", [TypingError("cannot compile"), OSError("no space left")])
def test_a_compilation_that_fails_is_a_reason_to_plan_with_or_tools(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise fault

    monkeypatch.setattr(solver.improve, "improve", broken)
    problem = street_day(15, 6, 2, rich=True)
    with pytest.warns(RuntimeWarning, match=str(fault)):
        solution = solve(problem, Options(seconds=20, iterations=20))

    assert solution.stats["fallback"] == 1
    assert check(problem, solution).violations == ()


def test_a_fault_of_the_search_itself_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise IndexError("a bug")

    monkeypatch.setattr(solver.improve, "improve", broken)
    with pytest.raises(IndexError):
        solve(street_day(15, 6, 2, rich=True), Options(seconds=20, iterations=20))


MANKOWSKA = Options.preset("mankowska").weights
CROSS = [
    (street_day(30, 8, 1, rich=True), Weights()),
    (street_day(40, 8, 2), Weights(travel=1)),
    (linked_day(3), MANKOWSKA),
    *((full_day(seed), Weights(waiting=1, load=2, hard=900)) for seed in (3, 11, 26, 48)),
]


@pytest.mark.parametrize(("problem", "weights"), CROSS)
def test_or_tools_and_the_kernels_claim_of_their_plans_what_the_judge_finds(
    problem: Problem, weights: Weights
) -> None:
    options = Options(seconds=60, iterations=300, weights=weights)
    for engine in ("kernels", "routing"):
        steps = 20 if engine == "routing" else 300
        found = solve(problem, replace(options, engine=engine, iterations=steps))
        verdict = check(problem, replace(found, cost={}), options)

        assert verdict.violations == ()
        assert dict(verdict.cost) == dict(found.cost)
