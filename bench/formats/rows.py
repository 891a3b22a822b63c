"""What every solver benchmark has in common: its options, its rows, its table, its JSON."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from bench.formats import peers
from bench.formats.apart import run_apart
from bench.formats.files import BadFile
from solver import Options, Problem, Solution, Weights, check, solve, warm

__all__ = [
    "Case",
    "Row",
    "Run",
    "arguments",
    "get_ready",
    "main",
    "report",
    "run",
    "shared_folder",
    "write",
]


@dataclass(frozen=True, slots=True)
class Case:
    """One instance: what to solve, under which weights, and how to say its cost.

    scale
        The published unit is `total / scale`.
    best_known
        In the published unit; None when nobody published one.
    family, goal
        Mean gaps are taken by family; the goal is said beside the mean.
    against
        What is aimed at beside a peer, by its name.
    """

    name: str
    problem: Problem
    weights: Weights
    best_known: float | None
    scale: float = 1.0
    family: str = "all"
    goal: str = ""
    against: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One run; costs in the instance's published unit. What fell over has no cost."""

    instance: str
    solver: str
    seed: int
    seconds: float
    cpu_seconds: float
    cost: float | None
    best_known: float | None
    gap_percent: float | None
    valid: bool
    unserved: int


@dataclass(frozen=True, slots=True)
class Run:
    """A row, and what stands in the printed table only.

    limit
        Seconds allowed.
    peak_kb
        Most memory of the process that searched, or of the largest of its processes.
    words
        Why there is no plan, or what else is to be said of it.
    """

    row: Row
    limit: int
    peak_kb: int
    words: str = ""


def shared_folder(name: str) -> Path:
    """Where a public data folder lies: `$CARECOORD_SHARED`, or beside the repository."""
    root = os.environ.get("CARECOORD_SHARED")
    base = Path(root) if root else Path(__file__).resolve().parents[2].parent / "shared"
    return base / "benchmarks" / name


def arguments(description: str, data: Path | None, instances: str) -> argparse.ArgumentParser:
    """The options every benchmark accepts."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=data, help="folder laid out like the default")
    parser.add_argument("--instances", default=instances, help="comma separated globs of names")
    parser.add_argument("--seconds", type=_count, default=10, help="wall clock per run")
    parser.add_argument("--seeds", type=_count, default=3, help="runs per instance and solver")
    parser.add_argument("--threads", type=_count, default=1, help="processes or threads per run")
    parser.add_argument(
        "--peers", type=_peers, default=(), help=f"some of {', '.join(peers.BY_NAME)}"
    )
    parser.add_argument("--json", type=Path, help="write one row per run here")
    return parser


def _count(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{word} is less than 1")
    return number


def _peers(words: str) -> tuple[str, ...]:
    names = tuple(word.strip() for word in words.split(",") if word.strip())
    for name in names:
        if name not in peers.BY_NAME:
            known = ", ".join(peers.BY_NAME)
            raise argparse.ArgumentTypeError(f"nobody here is called {name}; known: {known}")
        if not peers.installed(name):
            raise argparse.ArgumentTypeError(
                f"{name} is not installed: pip install '.[bench]' brings it"
            )
    return names


def main(work: Callable[[], bool]) -> None:
    """Run a benchmark; a bad file or option is one line on standard error and exit code 2.

    work
        False when one of our own plans was refused: exit code 1.
    """
    try:
        sys.exit(0 if work() else 1)
    except BadFile as fault:
        print(fault, file=sys.stderr)
        sys.exit(2)


def run(cases: Iterable[Case], args: argparse.Namespace) -> bool:
    """Run ours and the chosen peers on every case, print the table, write the rows.

    With `args.best` a long run comes first, and stands as best known of the short ones.
    """
    if args.json is not None and not args.json.parent.is_dir():
        raise BadFile(f"{args.json}: no such folder (--json)")
    runs: list[Run] = []
    seen: list[Case] = []
    for case in cases:
        if not seen:
            get_ready()
        case = _with_best(case, args, runs)
        seen.append(case)
        for limit in getattr(args, "after", None) or (args.seconds,):
            _side_by_side(case, args, limit, runs)
        write(args.json, [one.row for one in runs])
    _means(seen, runs)
    return all(one.row.valid for one in runs if one.row.solver.startswith("ours"))


def get_ready() -> None:
    """Compile what is not compiled yet, before anything is measured."""
    # Elsewhere: runs are forks of this process, and compiling takes memory that stays taken.
    first = run_apart(warm, patience=3600).seconds
    print(f"compiled code ready in {first + warm():.1f} s", flush=True)


def _side_by_side(case: Case, args: argparse.Namespace, limit: int, runs: list[Run]) -> None:
    middles: dict[str, float] = {}
    for name in ("ours", *args.peers):
        missing = None if name == "ours" else peers.cannot(name, case.problem)
        if missing is not None:
            print(f"{case.name:42s} {name:8s} cannot say {missing}", flush=True)
            continue
        mine = [_one(case, name, seed, limit, args.threads) for seed in range(1, args.seeds + 1)]
        runs += mine
        middle = report(mine)
        if middle is not None:
            middles[name] = middle
    for name, middle in middles.items():
        if name != "ours" and "ours" in middles and middle:
            goal = case.against.get(name, "")
            print(
                f"{'':42s} ours against {name} {100 * (middles['ours'] / middle - 1):+.2f} %"
                + (f"  (goal {goal})" if goal else ""),
                flush=True,
            )


def _with_best(case: Case, args: argparse.Namespace, runs: list[Run]) -> Case:
    if not getattr(args, "best", None):
        return case
    long = _one(case, "ours", 1, args.best, args.threads)
    report([long])
    runs.append(long)
    return replace(case, best_known=long.row.cost)


def _one(case: Case, name: str, seed: int, seconds: int, threads: int) -> Run:
    """One run in a process of its own, judged in this one."""
    options = Options(seconds=seconds, seed=seed, weights=case.weights, threads=threads)
    make: Callable[[Problem, Options], Solution] = solve if name == "ours" else peers.BY_NAME[name]
    done = run_apart(lambda: make(case.problem, options), patience=3 * seconds + 120)
    solution = done.result
    valid, cost, gap, unserved = False, None, None, len(case.problem.visits)
    if solution is not None:
        verdict = check(case.problem, solution, options)
        valid, unserved = verdict.ok, len(solution.unserved)
        cost = verdict.total / case.scale
        gap = 100 * (cost / case.best_known - 1) if case.best_known else None
    row = Row(
        instance=case.name,
        solver=name,
        seed=seed,
        seconds=round(done.seconds, 2),
        cpu_seconds=round(done.cpu_seconds, 2),
        cost=None if cost is None else round(cost, 3),
        best_known=case.best_known,
        gap_percent=None if gap is None else round(gap, 3),
        valid=valid,
        unserved=unserved,
    )
    return Run(row, seconds, done.peak_kb, done.fault)


def report(runs: Sequence[Run]) -> float | None:
    """Print one line for all seeds of a solver on an instance; the median cost."""
    rows = [one.row for one in runs]
    first = rows[0]
    costs = [row.cost for row in rows if row.cost is not None]
    middle = statistics.median(costs) if costs else None
    gap = ""
    if middle is not None and first.best_known:
        gap = f"{100 * (middle / first.best_known - 1):+8.2f} %"
    spread = 100 * (max(costs) / min(costs) - 1) if costs and min(costs) > 0 else 0.0
    cpu = statistics.median(row.cpu_seconds for row in rows)
    peak = max(one.peak_kb for one in runs) / 1e6
    print(
        f"{first.instance:42s} {first.solver:8s} {runs[0].limit:4d} s"
        f" {'none' if middle is None else f'{middle:.2f}':>14s} {gap:>11s}  spread {spread:5.2f} %"
        f"  cpu {cpu:6.1f} s  peak {peak:4.2f} GB  unserved {max(row.unserved for row in rows)}"
        f"{'' if all(row.valid for row in rows) else '  INVALID'}",
        flush=True,
    )
    for words in dict.fromkeys(one.words for one in runs if one.words):
        print(f"{'':42s} {first.solver}: {words}", flush=True)
    return middle


def write(path: Path | None, rows: Sequence[Row]) -> None:
    """One JSON object per run."""
    if path is not None:
        path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


def _means(cases: Sequence[Case], runs: Sequence[Run]) -> None:
    """Per solver and family: mean over instances of the median gap, the goal beside it."""
    for family in dict.fromkeys(case.family for case in cases):
        inside = {case.name: case for case in cases if case.family == family}
        for name, limit, gaps in _medians(inside, runs):
            goal = next((c.goal for c in inside.values() if c.goal and name == "ours"), "")
            worst = f", worst {max(gaps):+.3f} %" if len(gaps) > 1 else ""
            print(
                f"{family}: mean of {len(gaps)} medians, {name}, {limit} s:"
                f" {statistics.fmean(gaps):+.3f} %{worst}" + (f"  (goal {goal})" if goal else "")
            )


def _medians(
    names: Mapping[str, Case], runs: Sequence[Run]
) -> Iterator[tuple[str, int, list[float]]]:
    told: dict[tuple[str, int], dict[str, list[float]]] = {}
    for one in runs:
        row = one.row
        if row.instance in names and row.gap_percent is not None:
            gaps = told.setdefault((row.solver, one.limit), {})
            gaps.setdefault(row.instance, []).append(row.gap_percent)
    for (name, limit), found in told.items():
        yield name, limit, [statistics.median(gaps) for gaps in found.values()]
