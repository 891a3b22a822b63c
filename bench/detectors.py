"""How many planted duplicates, omissions and mismatches are found, and how many that are none?

    python bench/detectors.py [--seed N] [--persons N] [--json FILE]

Generates persons of whom some carry planted cases and some come close to one, stores them as FHIR
resources with two weeks of published routes on a fresh database, runs the nightly detectors, and
compares what they stored as DetectedIssue with what was planted. Precision = hits ÷ found,
recall = hits ÷ planted. Exit 1 when either is below 1.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from time import perf_counter

from carecoord.access import everything
from carecoord.demo import planted
from carecoord.demo.planted.street import Found, Planted
from carecoord.flows import detect, findings
from carecoord.model import time
from carecoord.packs.load import load
from carecoord.planning.detect.rates import CODES
from carecoord.store.engine import Database, sqlite_url


def measure(street: Planted) -> tuple[set[Found], dict[str, float]]:
    """Store, detect, and read back what is open; seconds by stage."""
    caller, today = everything("bench"), time.today()
    rules = load().on(today, street.street)
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="carecoord-bench-") as folder:
        database = Database.open(sqlite_url(Path(folder)))
        begun = perf_counter()
        planted.store(database, caller, street)
        seconds["store"] = perf_counter() - begun
        for stage in ("first night", "second night"):
            begun = perf_counter()
            with database.write() as tx:
                done = detect.street(tx, caller, street.street, rules)
            seconds[stage] = perf_counter() - begun
        if done.opened or done.updated or done.closed or done.reopened:
            raise SystemExit(f"the second night changed something: {done}")
        with database.read() as tx:
            listed = findings.listing(tx, caller, street.street, limit=10**6)
        database.close()
    found = {(one.code, frozenset({one.elder, *one.others})) for one in listed.issues}
    return found, seconds


def main() -> None:
    """Run it once and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--persons", type=int, default=200)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    street = planted.plant(args.seed, args.persons, time.today())
    found, seconds = measure(street)
    rows = planted.score(street, found, CODES)
    whole = planted.Score(
        "all",
        sum(r.planted for r in rows),
        sum(r.hit for r in rows),
        sum(r.false for r in rows),
    )
    print(f"{'kind':<24}{'planted':>8}{'found':>7}{'false':>7}{'precision':>11}{'recall':>8}")
    for row in [*rows, whole]:
        print(
            f"{row.code:<24}{row.planted:>8}{row.hit:>7}{row.false:>7}"
            f"{row.precision:>11.3f}{row.recall:>8.3f}"
        )
    near = sum(n for kind, n in street.kinds.items() if kind.startswith("near."))
    print(f"persons {args.persons}, near-misses {near}, seed {args.seed}")
    print(", ".join(f"{stage} {took:.2f} s" for stage, took in seconds.items()))
    if args.json:
        figures = {
            "seed": args.seed,
            "persons": args.persons,
            "near_misses": near,
            "seconds": {stage: round(took, 3) for stage, took in seconds.items()},
            "rows": [
                asdict(r) | {"precision": r.precision, "recall": r.recall} for r in [*rows, whole]
            ],
        }
        args.json.write_text(json.dumps(figures, indent=1) + "\n")
    sys.exit(0 if whole.false == 0 and whole.hit == whole.planted else 1)


if __name__ == "__main__":
    main()
