"""Home health care routing with linked visits: gap to best-known on four public families.

python bench/hhcrsp.py --seconds 10 --seeds 3 --instances 'InstanzVNS*'
python bench/hhcrsp.py --data ../shared/benchmarks/ceschia2024_italian --instances '*'
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.formats import bredstrom, mankowska
from bench.formats.rows import Case, arguments, run, shared_folder


def cases(folder: Path, globs: str) -> Iterator[Case]:
    """Instances of `folder`/instances whose name matches one of the globs."""
    best = mankowska.best_known(folder) | bredstrom.best_known(folder)
    for path in sorted((folder / "instances").iterdir()):
        name = path.name.removesuffix(".xz").removesuffix(".json").removesuffix(".txt")
        name = name.removesuffix(".dat")
        if not any(fnmatch(name, pattern) for pattern in globs.split(",")):
            continue
        if path.name.endswith(".dat"):
            yield Case(
                name=name,
                problem=bredstrom.read(path),
                weights=bredstrom.WEIGHTS,
                best_known=best.get(name),
                peers=("ortools",),
            )
        else:
            yield Case(
                name=name,
                problem=mankowska.read(path),
                weights=mankowska.WEIGHTS,
                best_known=best.get(name),
                scale=mankowska.SCALE,
                peers=("ortools",),
            )


def main() -> None:
    """Print the table; see `--help`."""
    args = arguments(__doc__ or "", shared_folder("mankowska2014"), "*").parse_args()
    run(cases(args.data, args.instances), args)


if __name__ == "__main__":
    main()
