"""Vehicle routing with time windows: gap to best-known, beside PyVRP, VROOM and OR-Tools.

python bench/vrptw.py --seconds 60 --seeds 3 --peers pyvrp,vroom,ortools
python bench/vrptw.py --data FOLDER --instances 'solomon/R1*,C1_8_*'

Files stand in any folder below --data; best-known values in its `bks` (NAME.sol), where it has one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.formats import solomon
from bench.formats.files import find, load, name_of
from bench.formats.rows import Case, arguments, main, run, shared_folder

SIX = "R112,RC208,R1_2_4,RC2_2_6,C1_4_2,R1_4_6"


def cases(folder: Path, globs: str) -> Iterator[Case]:
    """Instances below `folder` whose name matches one of the globs."""
    for path in find(folder, globs, deep=True):
        name = name_of(path).upper()
        best = solomon.best_known(folder, name)
        yield Case(
            name=name,
            problem=load(path, solomon.read),
            weights=solomon.WEIGHTS,
            best_known=None if best is None else best / 10,
            scale=10,
            family="VRPTW",
            goal="≤ +0.30 % at 60 s, and not behind PyVRP",
            against={"pyvrp": "≤ 0 %"},
        )


def work() -> bool:
    """Print the table; see `--help`."""
    args = arguments(__doc__ or "", shared_folder("vrptw"), SIX).parse_args()
    return run(cases(args.data, args.instances), args)


if __name__ == "__main__":
    main(work)
