"""The solver in a child process: exit codes, refusals, crashes, hard limits."""

import os
import sys
from pathlib import Path

import pytest

from carecoord.errors import Invalid, Unavailable
from carecoord.jobs import child
from carecoord.text.catalogue import entries
from solver import Options, check
from solver.codec import problem_to_json
from solver.sample import street_day


def test_a_plan_comes_back_from_the_child_and_the_judge_accepts_it() -> None:
    problem = street_day(12, 3, seed=1)
    options = Options(seconds=300, iterations=20, seed=3)

    found = child.solve(problem, options)

    assert check(problem, found, options).ok


def test_the_same_steps_and_seed_give_the_same_plan() -> None:
    problem, options = street_day(12, 3, seed=2), Options(seconds=300, iterations=20, seed=3)

    first, second = child.solve(problem, options), child.solve(problem, options)

    assert (first.routes, first.cost) == (second.routes, second.cost)


def test_visits_that_stay_unserved_are_a_plan_too() -> None:
    problem = street_day(40, 1, seed=1)

    found = child.solve(problem, Options(seconds=300, iterations=5))

    assert found.unserved
    assert check(problem, found).ok


def test_progress_is_told_on_the_way() -> None:
    told: list[dict[str, int]] = []

    child.solve(street_day(12, 3, seed=1), Options(seconds=300, iterations=200), told.append)

    assert {"seconds_milli", "cost", "unserved"} <= set(told[-1])
    assert all(isinstance(number, int) for one in told for number in one.values())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not json", "solver.json.syntax"),
        (b"{}", "solver.json.format"),
        (problem_to_json(street_day(3, 1, seed=1)).replace(b'"duration":', b'"length":'),
         "solver.json.fields"),
    ],
)  # fmt: skip
def test_a_problem_that_the_child_refuses_is_a_coded_refusal_in_both_languages(
    tmp_path: Path, content: bytes, code: str
) -> None:
    given, answer = tmp_path / "problem.json", tmp_path / "solution.json"
    given.write_bytes(content)
    command = child._command(given, answer, Options(seconds=300))

    exit_code, last = child._run(command, 60, None)
    error = child._refusal(last)

    assert exit_code == 2
    assert not answer.exists()
    assert isinstance(error, Invalid)
    assert error.code == code
    assert all(code in entries(language) for language in ("zh_CN", "en"))


def test_a_refusal_that_cannot_be_read_is_shown_as_it_is() -> None:
    error = child._refusal("Traceback: something\n")

    assert (error.code, error.facts["reason"]) == ("solver.refused", "Traceback: something")


def test_a_child_that_overruns_its_limit_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = (
        "import os, sys, time\n"
        f"open({str(note)!r}, 'w').write(str(os.getpid()))\n"
        "print('{\"ready\": 1}', file=sys.stderr, flush=True)\n"
        "time.sleep(600)\n"
    )

    with pytest.raises(Unavailable) as caught:
        child._run([sys.executable, "-c", program], 2, None)

    assert (caught.value.code, caught.value.facts["seconds"]) == ("solver.timeout", 2)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_a_child_that_ends_without_a_plan_has_crashed(monkeypatch: pytest.MonkeyPatch) -> None:
    # The interpreter of the child cannot even start.
    monkeypatch.setenv("PYTHONHOME", "/nonexistent")

    with pytest.raises(Unavailable) as caught:
        child.solve(street_day(3, 1, seed=1), Options(seconds=300))

    assert (caught.value.code, caught.value.facts["exit"]) == ("solver.crashed", 1)
