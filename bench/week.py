"""Generated weeks: cost against the proven bound of CP-SAT, judged without it.

    python bench/week.py --seconds 20 --seeds 3 --instances week-60-12,week-200-30

Names are week-CARES-WORKERS; the seed makes the week as well as the search.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.formats.rows import Row, arguments
from solver.week import Care, Week, Worker, check_week, spread

HOUR = 3600
PATTERNS = (
    ((0, 2, 4), (1, 3, 5)),
    ((0, 3), (1, 4), (2, 5)),
    ((0, 1, 2, 3, 4),),
    tuple((d,) for d in range(6)),
    ((0, 1, 2, 3, 4, 5, 6),),
)


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


def main() -> None:
    """Print the table; see `--help`. `--data` and `--peers` are not used."""
    parser = arguments(__doc__ or "", None, "week-40-8,week-120-20")
    args = parser.parse_args()
    rows: list[Row] = []
    for name in args.instances.split(","):
        cares, workers = (int(x) for x in name.split("-")[1:])
        for seed in range(1, args.seeds + 1):
            week = generate(cares, workers, seed)
            begun, cpu = time.monotonic(), time.process_time()
            plan = spread(week, seconds=args.seconds, seed=seed, threads=args.threads)
            wrong, cost = check_week(week, plan)
            rows.append(
                Row(
                    instance=f"{name}-{seed}",
                    solver="ours",
                    seed=seed,
                    seconds=round(time.monotonic() - begun, 2),
                    cpu_seconds=round(time.process_time() - cpu, 2),
                    cost=cost,
                    best_known=plan.bound,
                    gap_percent=round(100 * (cost / max(1, plan.bound) - 1), 3),
                    valid=not wrong and cost == plan.cost,
                    unserved=len(plan.unserved),
                )
            )
            row = rows[-1]
            print(
                f"{row.instance:20s} cost {row.cost:10.0f}  bound {plan.bound:10d}"
                f"  gap {row.gap_percent:7.2f} %  unserved {row.unserved}"
                f"  {row.seconds:6.1f} s  {'valid' if row.valid else 'INVALID'}",
                flush=True,
            )
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(r) for r in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
