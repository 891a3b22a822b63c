"""`python -m solver problem.json`: one problem in, one solution out, in a process of its own.

Exit codes: 0 every mandatory visit is served; 3 some are not (the solution is written all the
same); 2 bad input, one JSON line ``{"code", "field", "facts"}`` on standard error, nothing written.

What has to be compiled first is compiled before the clock starts, and said on standard error.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from solver.bounds import refuse_overflow
from solver.check import check
from solver.codec import problem_from_json, solution_to_json
from solver.compiled import warm
from solver.errors import ProblemError
from solver.options import Options
from solver.search import solve

SERVED, BAD_INPUT, SOME_UNSERVED = 0, 2, 3


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m solver", description="Plan one service day.")
    parser.add_argument("problem", nargs="?", default="-", help="JSON file; - reads standard input")
    parser.add_argument("--seconds", type=int, help="hard wall-clock limit of the search")
    parser.add_argument("--iterations", type=int, help="step limit, for repeatable runs")
    parser.add_argument("--seed", type=int, help="seed of every random choice")
    parser.add_argument("--threads", type=int, help="processes of a multi-start search")
    parser.add_argument("--options", type=Path, help="TOML file with options and weights")
    parser.add_argument("--out", type=Path, help="write here instead of standard output")
    parser.add_argument("--progress", action="store_true", help="JSON lines on standard error")
    return parser.parse_args(argv)


def _options(args: argparse.Namespace) -> Options:
    options = Options()
    if args.options is not None:
        options = Options.from_toml(args.options.read_text(encoding="utf-8"))
    given = {k: getattr(args, k) for k in ("seconds", "iterations", "seed", "threads")}
    return replace(options, **{k: v for k, v in given.items() if v is not None})


def main(argv: Sequence[str] | None = None) -> int:
    """Solve one file; see the module for exit codes.

    A termination signal ends the search at its next step with the best plan so far.
    """
    args = _arguments(argv)
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: ended.append(number))
    try:
        raw = sys.stdin.buffer.read() if args.problem == "-" else Path(args.problem).read_bytes()
        problem, options = problem_from_json(raw), _options(args)
        refuse_overflow(problem, options.weights)
    except (ProblemError, OSError) as fault:
        if not isinstance(fault, ProblemError):
            fault = ProblemError("file.read", str(args.problem), message=str(fault))
        line = {"code": fault.code, "field": fault.field, "facts": fault.facts}
        sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
        return BAD_INPUT

    def progress(state: dict[str, int]) -> None:
        sys.stderr.write(json.dumps(state) + "\n")
        sys.stderr.flush()

    def compiling() -> None:
        if args.progress:
            progress({"compiling": 1})
        else:
            sys.stderr.write("compiling the search, once for each version: about half a minute\n")

    if options.engine == "kernels":
        # Whoever waits for a limited time must not count the compilation of a new version.
        warm(compiling)
    if args.progress:
        progress({"ready": 1})
    solution = solve(
        problem,
        options,
        progress=progress if args.progress else None,
        cancelled=lambda: bool(ended),
    )
    verdict = check(problem, solution, options)
    if not verdict.ok:
        raise RuntimeError(f"the judge refuses the search's own plan: {verdict.violations[:3]}")
    out = solution_to_json(solution)
    if args.out is None:
        sys.stdout.buffer.write(out + b"\n")
    else:
        args.out.write_bytes(out + b"\n")
    lost = any(problem.visits[problem.visit_row(u.visit)].mandatory for u in solution.unserved)
    return SOME_UNSERVED if lost else SERVED


if __name__ == "__main__":
    sys.exit(main())
