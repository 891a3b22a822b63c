"""Vehicle routing with time windows: gap to best-known, beside PyVRP, VROOM and OR-Tools.

python -m bench.vrptw --seconds 10 --seeds 3 --peers pyvrp,vroom,ortools
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.formats import solomon
from bench.formats.rows import Case, arguments, run, shared_folder

SIX = "R112,RC208,R1_2_4,RC2_2_6,C1_4_2,R1_4_6"


def cases(folder: Path, globs: str) -> Iterator[Case]:
    """Instances below `folder` whose name matches one of the globs."""
    for path in sorted(folder.glob("*/*.txt")):
        if any(fnmatch(path.stem.upper(), g.upper()) for g in globs.split(",")):
            best = solomon.best_known(folder, path.stem.upper())
            yield Case(
                name=path.stem.upper(),
                problem=solomon.read(path),
                weights=solomon.WEIGHTS,
                best_known=None if best is None else best / 10,
                scale=10,
            )


def main() -> None:
    """Print the table; see `--help`."""
    args = arguments(__doc__ or "", shared_folder("vrptw"), SIX).parse_args()
    run(cases(args.data, args.instances), args)


if __name__ == "__main__":
    main()
