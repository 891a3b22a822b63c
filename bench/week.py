"""Weeks: generated ones against a proven bound, and published consistent periods.

python bench/week.py --seconds 20 --seeds 3 --instances week-60-12,week-200-30
python bench/week.py --data ../shared/benchmarks/hconvrp --seconds 60 --instances '50/*'

Without --data: names are week-CARES-WORKERS, or week-CARES-WORKERS-NUMBER for other weeks of that
size; the best known is the bound no plan can go below, where one was found.

With --data: heterogeneous consistent vehicle routing (Stavropoulou 2022), files in any folder below
it. No best-known values are published with them, nor the most time between two arrivals at a
customer: --apart says it, or it is a seventh of the route duration (5 of 35, as for the smallest
consistent instances of Groër et al. 2009).
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.formats.apart import run_apart
from bench.formats.consistent import Routes, plan_period, worth
from bench.formats.files import BadFile, find, load, name_of
from bench.formats.hconvrp import Period, judge, read
from bench.formats.rows import Row, Run, arguments, get_ready, main, report, write
from solver.week import Care, Week, WeekPlan, Worker, check_week, spread

HOUR = 3600
PATTERNS = (
    ((0, 2, 4), (1, 3, 5)),
    ((0, 3), (1, 4), (2, 5)),
    ((0, 1, 2, 3, 4),),
    tuple((d,) for d in range(6)),
    ((0, 1, 2, 3, 4, 5, 6),),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judge says of one plan."""

    cost: float
    bound: float | None
    valid: bool
    unserved: int
    words: str = ""


#: One run: seconds, seed and threads in, its judge's words out.
Task = Callable[[int, int, int], Judged]


def generate(cares: int, workers: int, seed: int) -> Week:
    """Frequencies once to seven times a week, half to an hour and a half each."""
    rng = random.Random(seed)
    people = [f"w{k}" for k in range(workers)]
    return Week(
        days=7,
        cares=tuple(
            Care(
                id=f"c{k}",
                patterns=rng.choice(PATTERNS),
                seconds=rng.choice([2400, 3600, 5400]),
                people=frozenset(rng.sample(people, max(2, workers // 2))),
                known=dict.fromkeys(rng.sample(people, min(2, workers)), 0),
                hard_work=rng.random() < 0.2,
            )
            for k in range(cares)
        ),
        workers=tuple(
            Worker(p, (7 * HOUR,) * 7, most_seconds=40 * HOUR, most_days=6, in_a_row=5)
            for p in people
        ),
    )


def _generated(week: Week, seconds: int, seed: int, threads: int) -> Judged:
    plan: WeekPlan = spread(week, seconds=seconds, seed=seed, threads=threads)
    wrong, cost = check_week(week, plan)
    valid = not wrong and cost == plan.cost
    return Judged(cost, plan.bound or None, valid, len(plan.unserved))


def _published(period: Period, limit: float, seconds: int, seed: int, threads: int) -> Judged:
    seeds = [seed + 1000 * k for k in range(threads)]
    one = partial(_plan, period, limit, seconds)
    if threads == 1:
        plans = [one(seed)]
    else:
        with get_context("fork").Pool(threads) as pool:
            plans = pool.map(one, seeds)
            pool.close()
            pool.join()
    routes, _ = min(plans, key=lambda plan: worth(period, plan[0], limit))
    found = judge(period, routes, limit)
    broken = sorted({fault.rule for fault in found.faults})
    return Judged(
        cost=found.cost,
        bound=None,
        valid=not found.faults and all(fine for _, fine in plans),
        unserved=found.unserved,
        words=f"arrivals {found.apart:.1f} of {limit:.1f} apart, {found.idle:.0f} idle"
        + (f", broken: {', '.join(broken)}" if broken else ""),
    )


def _plan(period: Period, limit: float, seconds: int, seed: int) -> tuple[Routes, bool]:
    return plan_period(period, limit, seconds=seconds, seed=seed)


def tasks(args: argparse.Namespace) -> Iterator[tuple[str, Task]]:
    """The weeks asked for, by name."""
    if args.data is not None:
        for path in find(args.data, args.instances or "*", deep=True):
            period = load(path, read)
            limit = args.apart or period.duration / 7
            name = f"{path.parent.relative_to(args.data)}/{name_of(path)}".removeprefix("./")
            yield name, partial(_published, period, limit)
        return
    for name in (args.instances or "week-40-8,week-120-20").split(","):
        numbers = re.fullmatch(r"week-(\d+)-([1-9]\d*)(?:-(\d+))?", name.strip())
        if numbers is None:
            raise BadFile(f"{name}: no week is called so; names are week-CARES-WORKERS")
        week = generate(int(numbers[1]), int(numbers[2]), int(numbers[3] or 1))
        yield name.strip(), partial(_generated, week)


def work() -> bool:
    """Print the table; see `--help`."""
    parser = arguments(__doc__ or "", None, "")
    parser.add_argument("--apart", type=float, help="most time between arrivals at a customer")
    args = parser.parse_args()
    if args.peers:
        print(f"{', '.join(args.peers)} cannot say weeks", flush=True)
    rows: list[Row] = []
    for number, (name, task) in enumerate(tasks(args)):
        if not number:
            get_ready()
        runs = [_run(name, task, seed, args) for seed in range(1, args.seeds + 1)]
        report(runs)
        rows += [one.row for one in runs]
        write(args.json, rows)
    return all(row.valid for row in rows)


def _run(name: str, task: Task, seed: int, args: argparse.Namespace) -> Run:
    """One run in a process of its own."""
    done = run_apart(
        lambda: task(args.seconds, seed, args.threads), patience=3 * args.seconds + 120
    )
    found = done.result
    gap = None
    if found is not None and found.bound is not None:
        gap = round(100 * (found.cost / found.bound - 1), 3)
    row = Row(
        instance=name,
        solver="ours",
        seed=seed,
        seconds=round(done.seconds, 2),
        cpu_seconds=round(done.cpu_seconds, 2),
        cost=None if found is None else round(found.cost, 3),
        best_known=None if found is None else found.bound,
        gap_percent=gap,
        valid=found is not None and found.valid,
        unserved=0 if found is None else found.unserved,
    )
    words = f"seed {seed}: {found.words}" if found is not None and found.words else done.fault
    return Run(row, args.seconds, done.peak_kb, words)


if __name__ == "__main__":
    main(work)
