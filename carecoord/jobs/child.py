"""Solve in a child process: a crash, a hang or a leak of the search stays in there.

A thread would not do: the solver holds the interpreter lock while it searches, so that nothing
else of the process would answer.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import IO

from carecoord.errors import Invalid, Unavailable
from carecoord.jobs.keeper import Wish
from solver import Options, Problem, Solution
from solver.codec import problem_to_json, solution_from_json

COMPILE = 300
"""Seconds after which a child that is not ready to search is killed: it compiles at first use."""

GRACE = 20
"""Seconds beyond its own limit after which a searching child is killed: first plan, writing."""

Progress = Callable[[dict[str, int]], None]

_LOOK = 0.1
"""Seconds between two looks at what is wanted of a child."""

_ALL_SERVED, _SOME_UNSERVED, _BAD_INPUT = 0, 3, 2


class Abandoned(Exception):
    """Nobody wants the plan any more: the child was ended without one."""


def solve(
    problem: Problem,
    options: Options,
    progress: Progress | None = None,
    wish: Callable[[], Wish] | None = None,
) -> Solution:
    """Plan one day in a child process, within `options.seconds` + `GRACE` seconds.

    The time a new version of the search takes to compile is not counted; it has its own limit.

    Parameters
    ----------
    wish
        Asked several times a second what the search should do; `go` if left out.

    Raises
    ------
    Invalid
        The solver refused the problem; code, field and facts are its own.
    Unavailable
        `solver.timeout`: it had to be killed; `solver.crashed`: it ended without a plan.
    Abandoned
        The wish was `abandon`.
    """
    with tempfile.TemporaryDirectory(prefix="carecoord-solve-") as folder:
        given, answer = Path(folder, "problem.json"), Path(folder, "solution.json")
        given.write_bytes(problem_to_json(problem))
        weights = Path(folder, "options.toml")
        weights.write_text(_toml(options))
        command = [*_command(given, answer, options), "--options", str(weights)]
        code, last = _run(command, options.seconds + GRACE, progress, wish)
        if code == _BAD_INPUT:
            raise _refusal(last)
        if code not in (_ALL_SERVED, _SOME_UNSERVED) or not answer.exists():
            raise Unavailable("solver.crashed", exit=code)
        return solution_from_json(answer.read_bytes())


def warm() -> subprocess.Popen[bytes]:
    """Begin to compile the search in a child process, and return it.

    Compiling takes tens of seconds once for each version of the program; later starts load the
    result. Whoever solves meanwhile compiles as well and finds the same.
    """
    return subprocess.Popen(
        [sys.executable, "-c", "from solver.improve import warm; warm()"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _command(given: Path, answer: Path, options: Options) -> list[str]:
    command = [sys.executable, "-m", "solver", str(given), "--out", str(answer), "--progress"]
    command += ["--seconds", str(options.seconds), "--seed", str(options.seed)]
    if options.iterations is not None:
        command += ["--iterations", str(options.iterations)]
    return command


def _toml(options: Options) -> str:
    """What the command line cannot say, as the child reads it."""
    lines = [f"{name} = {value}" for name, value in asdict(options.weights).items()]
    return "\n".join([f"mild = {str(options.mild).lower()}", "[weights]", *lines, ""])


def _run(
    command: list[str],
    limit: int,
    progress: Progress | None,
    wish: Callable[[], Wish] | None = None,
) -> tuple[int, str]:
    """Exit code and last line on stderr."""
    last: list[str] = [""]
    with subprocess.Popen(  # noqa: S603 - our own module, our own arguments
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stderr is not None
        ready = Event()
        heard = (child.stderr, last, ready, progress)
        listener = Thread(target=_listen, args=heard, daemon=True)
        listener.start()
        try:
            code = _await(child, ready, limit, wish or (lambda: "go"))
        finally:
            if child.poll() is None:
                child.kill()
            listener.join(5)
    return code, last[0]


def _await(child: subprocess.Popen[str], ready: Event, limit: int, wish: Callable[[], Wish]) -> int:
    """The exit code of a child that compiles, then searches, as long as it is wanted."""
    until = monotonic() + COMPILE
    searching = asked = False
    while True:
        if ready.is_set() and not searching:
            searching, until = True, monotonic() + limit
        try:
            return child.wait(_LOOK)
        except subprocess.TimeoutExpired as error:
            if monotonic() > until:
                raise Unavailable("solver.timeout", seconds=limit) from error
        wanted = wish()
        if wanted == "abandon":
            raise Abandoned
        if wanted == "finish" and not asked:
            # It ends at its next step with the best plan so far; its limit still holds.
            asked, until = True, min(until, monotonic() + GRACE)
            child.terminate()


def _listen(lines: IO[str], last: list[str], ready: Event, progress: Progress | None) -> None:
    for line in lines:
        if not line.strip():
            continue
        last[0] = line
        try:
            report = json.loads(line)
        except ValueError:
            continue
        if not isinstance(report, dict) or "code" in report:
            continue
        if "ready" in report:
            ready.set()
        elif progress is not None:
            progress(report)
    # Whoever ends before it was ready is not waited for any longer.
    ready.set()


def _refusal(line: str) -> Invalid:
    try:
        report = json.loads(line)
        return Invalid(f"solver.{report['code']}", field=report["field"], **report["facts"])
    except (ValueError, KeyError, TypeError):
        return Invalid("solver.refused", reason=line.strip()[:200])
