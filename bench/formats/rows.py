"""What every solver benchmark has in common: its options, its rows, its table, its JSON."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.formats import peers
from solver import Options, Problem, Solution, Weights, check, solve

__all__ = ["Case", "Row", "arguments", "run", "shared_folder"]


@dataclass(frozen=True, slots=True)
class Case:
    """One instance: what to solve, under which weights, and how to say its cost.

    scale
        The published unit is `total / scale`.
    best_known
        In the published unit; None when nobody published one.
    """

    name: str
    problem: Problem
    weights: Weights
    best_known: float | None
    scale: float = 1.0
    peers: tuple[str, ...] = ("ortools", "pyvrp", "vroom")


@dataclass(frozen=True, slots=True)
class Row:
    """One run; costs in the instance's published unit."""

    instance: str
    solver: str
    seed: int
    seconds: float
    cpu_seconds: float
    cost: float
    best_known: float | None
    gap_percent: float | None
    valid: bool
    unserved: int


def shared_folder(name: str) -> Path:
    """Where a public data folder lies: `$CARECOORD_SHARED`, or beside the repository."""
    root = os.environ.get("CARECOORD_SHARED")
    base = Path(root) if root else Path(__file__).resolve().parents[2].parent / "shared"
    return base / "benchmarks" / name


def arguments(description: str, data: Path | None, instances: str) -> argparse.ArgumentParser:
    """The options every benchmark accepts."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, default=data, help="folder laid out like the default")
    parser.add_argument("--instances", default=instances, help="comma separated globs of names")
    parser.add_argument("--seconds", type=int, default=10, help="wall clock per run")
    parser.add_argument("--seeds", type=int, default=3, help="runs per instance and solver")
    parser.add_argument("--threads", type=int, default=1, help="processes or threads per run")
    parser.add_argument("--peers", default="", help="pyvrp,vroom,ortools; those that can say it")
    parser.add_argument("--json", type=Path, help="write one row per run here")
    return parser


def run(cases: Iterable[Case], args: argparse.Namespace) -> list[Row]:
    """Run ours and the chosen peers on every case, print the table, write the rows."""
    wanted = [name for name in args.peers.split(",") if name]
    rows: list[Row] = []
    for case in cases:
        for name in ["ours", *(p for p in wanted if p in case.peers)]:
            for seed in range(1, args.seeds + 1):
                rows.append(_one(case, name, seed, args.seconds, args.threads))
            _print_line(
                case, name, [r for r in rows if (r.instance, r.solver) == (case.name, name)]
            )
        if args.json is not None:
            args.json.write_text(json.dumps([asdict(r) for r in rows], indent=1) + "\n")
    _print_means(rows)
    return rows


def _one(case: Case, name: str, seed: int, seconds: int, threads: int) -> Row:
    options = Options(seconds=seconds, seed=seed, weights=case.weights, threads=threads)
    make: Callable[[Problem, Options], Solution] = solve if name == "ours" else peers.BY_NAME[name]
    begun, cpu = time.monotonic(), _cpu()
    solution = make(case.problem, options)
    spent, used = time.monotonic() - begun, _cpu() - cpu
    verdict = check(case.problem, solution, options)
    cost = verdict.total / case.scale
    gap = None if not case.best_known else 100 * (cost / case.best_known - 1)
    return Row(
        instance=case.name,
        solver=name,
        seed=seed,
        seconds=round(spent, 2),
        cpu_seconds=round(used, 2),
        cost=round(cost, 3),
        best_known=case.best_known,
        gap_percent=None if gap is None else round(gap, 3),
        valid=verdict.ok,
        unserved=len(solution.unserved),
    )


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _print_line(case: Case, name: str, rows: Sequence[Row]) -> None:
    costs = [row.cost for row in rows]
    middle = statistics.median(costs)
    gap = "" if not case.best_known else f"{100 * (middle / case.best_known - 1):+8.2f} %"
    spread = 100 * (max(costs) / min(costs) - 1) if min(costs) > 0 else 0.0
    cpu = statistics.median(row.cpu_seconds for row in rows)
    wrong = "" if all(row.valid for row in rows) else "  INVALID"
    lost = max(row.unserved for row in rows)
    print(
        f"{case.name:42s} {name:8s} {middle:14.2f} {gap:>11s}  spread {spread:5.2f} %"
        f"  cpu {cpu:6.1f} s  unserved {lost}{wrong}",
        flush=True,
    )


def _print_means(rows: Sequence[Row]) -> None:
    """Per solver: mean over instances of the median gap."""
    for name in dict.fromkeys(row.solver for row in rows):
        gaps = []
        for instance in dict.fromkeys(row.instance for row in rows):
            mine = [
                row.gap_percent
                for row in rows
                if (row.instance, row.solver) == (instance, name) and row.gap_percent is not None
            ]
            if mine:
                gaps.append(statistics.median(mine))
        if gaps:
            print(f"mean of {len(gaps)} medians, {name}: {statistics.fmean(gaps):+.3f} %")
