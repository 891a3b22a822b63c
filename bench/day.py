"""Street days by a seeded generator: plain (peers can say it) and rich (every rule).

python bench/day.py --instances 'plain-450*,rich-450*' --seconds 60 --peers pyvrp,vroom,ortools
python bench/day.py --instances plain-450-60-1 --best 600 --after 15,30,60

Names are KIND-VISITS-STAFF-SEED, e.g. plain-450-60-1; any such name may be asked for, and globs
match the standard sizes. With --best a run of so many seconds comes first, and the gaps of the
shorter ones (--after, else --seconds) are those to its cost. With --data the days are problems
as `solver.codec` writes them: FOLDER/instances/NAME.json, plain-* or rich-*.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.formats.files import BadFile, find, load, name_of, text_of, wanted
from bench.formats.rows import Case, arguments, main, run
from solver import Options, Problem
from solver.codec import problem_from_json
from solver.sample import street_day

SIZES = ((150, 20), (450, 60), (1000, 120))
#: Travel seconds only on plain days, so that every peer minimises the same thing.
WEIGHTS = {"plain": Options.preset("vrptw").weights, "rich": Options.preset("street").weights}
#: By kind and number of visits.
AGAINST = {
    ("plain", 450): {"pyvrp": "≤ -2.5 %", "vroom": "≤ -5 %", "ortools": "≤ -10 %"},
    ("plain", 1000): {"pyvrp": "≤ -5 %"},
    ("rich", 450): {"ortools": "≤ -15 %"},
}
GOALS = {"plain": "≤ +1 % of the 10-minute best after 15 s", "rich": "≤ +1.5 % after 30 s"}


def cases(folder: Path | None, globs: str) -> Iterator[Case]:
    """The named days, made or read."""
    if folder is not None:
        for path in find(folder, globs):
            yield _case(name_of(path), load(path, lambda p: problem_from_json(text_of(p))))
        return
    for name in _names(globs):
        kind, visits, staff, seed = name.split("-")
        rich = kind == "rich"
        yield _case(name, street_day(int(visits), int(staff), int(seed), rich=rich))


def _case(name: str, problem: Problem) -> Case:
    kind = "plain" if name.startswith("plain") else "rich"
    return Case(
        name=name,
        problem=problem,
        weights=WEIGHTS[kind],
        best_known=None,
        family=f"{kind} day",
        goal=GOALS[kind],
        against=AGAINST.get((kind, len(problem.visits)), {}),
    )


def _names(globs: str) -> list[str]:
    standard = [f"{kind}-{n}-{s}-1" for kind in ("plain", "rich") for n, s in SIZES]
    found: list[str] = []
    for glob in (g.strip() for g in globs.split(",")):
        names = [name for name in standard if wanted(name, glob)]
        if not names and re.fullmatch(r"(plain|rich)-\d+-\d+-\d+", glob):
            names = [glob]
        if not names:
            raise BadFile(f"{glob}: no day is called so; names are KIND-VISITS-STAFF-SEED")
        found += [name for name in names if name not in found]
    return found


def _lengths(words: str) -> tuple[int, ...]:
    lengths = tuple(int(word) for word in words.split(","))
    if min(lengths) < 1:
        raise argparse.ArgumentTypeError(f"{min(lengths)} is less than 1")
    return lengths


def work() -> bool:
    """Print the table; see `--help`."""
    parser = arguments(__doc__ or "", None, "plain-*,rich-*")
    parser.add_argument("--best", type=int, help="seconds of a first run, to measure the others by")
    parser.add_argument("--after", type=_lengths, help="several lengths in place of --seconds")
    args = parser.parse_args()
    return run(cases(args.data, args.instances), args)


if __name__ == "__main__":
    main(work)
