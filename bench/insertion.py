"""How long does it take to find the cheapest place of new visits on a planned rich day?

    python bench/insertion.py --instances 'rich-450*' --seeds 3

Names are rich-VISITS-STAFF-SEED as in `bench/day.py`. For each seed some visits are taken out of
the plan of the day at random and asked for again: single ones, visits for two, linked pairs, and
two single ones together. Every offer is judged: it must pass at exactly the cost it states, and it
may not cost more than the plan it was taken out of. Milliseconds are CPU time of this process.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.day import cases
from bench.formats.rows import arguments
from solver import (
    Insertion,
    Offer,
    Options,
    Placed,
    Problem,
    Solution,
    Unserved,
    check,
    solve,
    suggest,
    warm,
)

KINDS = ("one", "shared", "pair", "series", "suggest")
#: Questions of each kind per seed.
ASKED = 40


@dataclass(frozen=True, slots=True)
class Row:
    """All questions of one kind to the plan of one day; milliseconds of CPU."""

    instance: str
    kind: str
    seed: int
    questions: int
    build_ms: float
    p50_ms: float
    p95_ms: float
    max_ms: float
    valid: bool
    unanswered: int


def questions(problem: Problem, plan: Solution, kind: str, seed: int) -> Iterator[list[str]]:
    """Visits to take out and ask for again."""
    rng = random.Random(seed)
    served = {s.visit for r in plan.routes for s in r.stops}
    linked = {end for k in problem.links for end in (k.first, k.second)}
    free = [v for v in problem.visits if v.id in served - linked]
    single = [v.id for v in free if v.carers == 1]
    shared = [v.id for v in free if v.carers == 2]
    pairs = [[k.first, k.second] for k in problem.links if {k.first, k.second} <= served]
    for _ in range(ASKED):
        if kind == "pair":
            yield rng.choice(pairs)
        elif kind == "series":
            yield rng.sample(single, 2)
        else:
            yield [rng.choice(shared if kind == "shared" else single)]


def without(plan: Solution, visits: Sequence[str]) -> Solution:
    """The plan with some visits taken out of every route."""
    routes = [
        replace(r, stops=tuple(s for s in r.stops if s.visit not in visits)) for r in plan.routes
    ]
    gone = tuple(Unserved(v, "no_capacity") for v in visits)
    return replace(
        plan,
        routes=tuple(r for r in routes if r.stops),
        unserved=(*plan.unserved, *gone),
        cost={},
    )


def holds(problem: Problem, full: Solution, plan: Solution, offer: Offer | Placed) -> bool:
    """The judge accepts the day with the offer, at its cost, and no dearer than it was."""
    visits = set(offer.visits if isinstance(offer, Placed) else ())
    routes = {(r.staff, r.shift): r for r in plan.routes}
    routes |= {(r.staff, r.shift): r for r in offer.routes}
    made = {s.visit for r in routes.values() for s in r.stops}
    left = tuple(u for u in plan.unserved if u.visit not in made | visits)
    before, after = check(problem, plan), check(problem, Solution(tuple(routes.values()), left, {}))
    change = {rule: after.cost[rule] - before.cost[rule] for rule in after.cost}
    return after.ok and change == dict(offer.cost) and after.total <= check(problem, full).total


def measure(name: str, problem: Problem, full: Solution, kind: str, seed: int) -> Row:
    """Ask all questions of one kind."""
    spent, built, valid, unanswered = [], [], True, 0
    for visits in questions(problem, full, kind, seed):
        plan = without(full, visits)
        begun = time.process_time()
        desk = Insertion(problem, plan)
        built.append(time.process_time() - begun)
        begun = time.process_time()
        offers: Sequence[Offer | Placed]
        if kind == "suggest":
            offers = suggest(problem, plan, visits[0])
        elif len(visits) == 1:
            offers = desk.one(visits[0])
        else:
            offers = desk.series(visits)
        spent.append(time.process_time() - begun)
        unanswered += not offers
        valid &= all(holds(problem, full, plan, o) for o in offers[:1])
    spent.sort()
    return Row(
        instance=name,
        kind=kind,
        seed=seed,
        questions=len(spent),
        build_ms=round(1000 * statistics.median(built), 2),
        p50_ms=round(1000 * statistics.median(spent), 2),
        p95_ms=round(1000 * spent[int(0.95 * (len(spent) - 1))], 2),
        max_ms=round(1000 * spent[-1], 2),
        valid=valid,
        unanswered=unanswered,
    )


def main() -> None:
    """Print the table; see `--help`. `--threads` and `--peers` are not used."""
    args = arguments(__doc__ or "", None, "rich-*").parse_args()
    warm()
    rows: list[Row] = []
    print(f"{'instance':20s} {'kind':8s} {'build':>7s} {'p50':>8s} {'p95':>8s} {'max':>8s}  ms")
    for case in cases(args.data, args.instances):
        full = solve(case.problem, Options(seconds=args.seconds, weights=case.weights))
        for kind in KINDS:
            mine = [
                measure(case.name, case.problem, full, kind, seed)
                for seed in range(1, args.seeds + 1)
            ]
            rows += mine
            middle = [
                statistics.median(getattr(row, name) for row in mine)
                for name in ("build_ms", "p50_ms", "p95_ms", "max_ms")
            ]
            told = "" if all(row.valid for row in mine) else "  INVALID"
            told += f"  {n} unanswered" if (n := sum(row.unanswered for row in mine)) else ""
            print(
                f"{case.name:20s} {kind:8s} {middle[0]:7.1f} {middle[1]:8.2f} {middle[2]:8.2f}"
                f" {middle[3]:8.2f}{told}",
                flush=True,
            )
            if args.json is not None:
                args.json.write_text(json.dumps([asdict(r) for r in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
