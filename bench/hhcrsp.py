"""Home health care routing with linked visits: gap to best-known on four public families.

python bench/hhcrsp.py --seconds 10 --seeds 3 --instances '*_HCSRP_10_*,*_HCSRP_25_*'
python bench/hhcrsp.py --data ../shared/benchmarks/ceschia2024_italian --seconds 60

--data is a folder laid out like those of mankowska2014 (the default), ceschia2024_italian,
kummer2021 or bredstrom2008; what a file holds is read from the file, not from its name.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.formats import bredstrom, mankowska
from bench.formats.files import BadFile, find, load, name_of, text_of
from bench.formats.rows import Case, arguments, main, run, shared_folder

#: Of the text files: at most so many patients, the sets of that size, what is aimed at.
SETS = (
    (25, "Mankowska A, B", "none worse than 0 at 10 s"),
    (75, "Mankowska C, D", "≤ +0.5 % at 60 s"),
    (10**9, "Mankowska E to G", "≤ -1.5 % at 60 s"),
)


def cases(folder: Path, globs: str) -> Iterator[Case]:
    """Instances of `folder` whose name matches one of the globs."""
    paths = find(folder, globs)
    best: dict[str, float] = {}
    for table in (mankowska.best_known, bredstrom.best_known):
        best |= {name.lower(): cost for name, cost in load(folder, table).items()}
    for path in paths:
        yield _case(path, best.get(name_of(path).lower()))


def _case(path: Path, best: float | None) -> Case:
    name, text = name_of(path), text_of(path).lstrip()
    if "param t_ij" in text:
        return Case(
            name=name,
            problem=load(path, bredstrom.read),
            weights=bredstrom.WEIGHTS,
            best_known=best,
            family="Bredstrom",
            goal="≤ -1 %, none worse than 0, at 10 s",
        )
    if not text.startswith("{") and "nbVehi" not in text:
        raise BadFile(f"{path}: neither Mankowska's text, nor JSON of patients, nor Bredstrom's")
    problem = load(path, mankowska.read)
    family, goal = "JSON", "≤ -0.5 % at 60 s"
    if not text.startswith("{"):
        patients = len({visit.place for visit in problem.visits})
        family, goal = next((f, g) for most, f, g in SETS if patients <= most)
    return Case(
        name=name,
        problem=problem,
        weights=mankowska.WEIGHTS,
        best_known=best,
        scale=mankowska.SCALE,
        family=family,
        goal=goal,
    )


def work() -> bool:
    """Print the table; see `--help`."""
    args = arguments(__doc__ or "", shared_folder("mankowska2014"), "*").parse_args()
    return run(cases(args.data, args.instances), args)


if __name__ == "__main__":
    main(work)
