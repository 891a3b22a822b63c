"""Street days by a seeded generator: plain (peers can say it) and rich (every rule).

    python bench/day.py --instances 'plain-450*,rich-450*' --seconds 60 --peers pyvrp,ortools

Names are KIND-VISITS-STAFF-SEED, e.g. plain-450-60-1; any such name may be asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.formats.rows import Case, arguments, run
from solver import Weights
from solver.sample import street_day

#: Travel seconds only on plain days, so that every peer minimises the same thing.
PLAIN = Weights(travel=1, unserved_mandatory=10_000_000)
SIZES = ((150, 20), (450, 60), (1000, 120))


def cases(globs: str) -> Iterator[Case]:
    """The named days; a glob is matched against the standard sizes with seed 1."""
    names = [f"{k}-{n}-{s}-1" for k in ("plain", "rich") for n, s in SIZES]
    for pattern in globs.split(","):
        for name in [n for n in names if fnmatch(n, pattern)] or [pattern]:
            kind, visits, staff, seed = name.split("-")
            rich = kind == "rich"
            yield Case(
                name=name,
                problem=street_day(int(visits), int(staff), int(seed), rich=rich),
                weights=Weights() if rich else PLAIN,
                best_known=None,
                peers=("ortools",) if rich else ("ortools", "pyvrp", "vroom"),
            )


def main() -> None:
    """Print the table; see `--help`. `--data` is not used: days come from their name."""
    args = arguments(__doc__ or "", None, "plain-*,rich-*").parse_args()
    run(cases(args.instances), args)


if __name__ == "__main__":
    main()
