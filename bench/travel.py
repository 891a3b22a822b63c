"""How fast travel times and routes come from a street file, one row per file and mode.

    python bench/travel.py --osm beijing.osm.pbf --osm porto.osm.pbf --places 1000 --json out.json

Columns: `load` reading the file; `first` the first matrix, graph and index included; `matrix`
the best of three further ones; `cached` the same from disk; `lines` the lines of 400 legs;
`lost` places without a way; `estimate` the median time of great circle x 1.4 against the
streets, and its 5th to 95th percentile. Target: 1000 places of the Beijing extract on foot in
`first` < 0.5 s. Exit 0 always when the files are readable: it measures, it does not judge.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil

from carecoord.streets import MODES, UNREACHABLE, Mode, Network, Place, Travel, estimate
from carecoord.streets.osm import read

T = TypeVar("T")
Row = dict[str, str | int | float]


def timed(run: Callable[[], T]) -> tuple[T, float]:
    start = time.perf_counter()
    value = run()
    return value, time.perf_counter() - start


def sample(file: Path, count: int, seed: int) -> list[Place]:
    """Doors within about 20 m of random buildings; of street points where few are mapped."""
    raw, random = read(file), np.random.default_rng(seed)
    houses = np.array([(house.place.lon, house.place.lat) for house in raw.buildings])
    at = houses if len(houses) >= 50 else np.stack([raw.lon, raw.lat], axis=1)
    spots = at[random.integers(0, len(at), count)] + random.normal(0, 0.0002, (count, 2))
    return [Place(lon, lat) for lon, lat in spots.tolist()]


def against_estimate(travel: Travel, guessed: Travel) -> str:
    known = (travel.seconds > 0) & (travel.seconds < UNREACHABLE)
    if not known.any():
        return "-"
    share = guessed.seconds[known] / travel.seconds[known]
    low, middle, high = np.percentile(share, [5, 50, 95])
    return f"{middle:.2f} ({low:.2f}-{high:.2f})"


def measure(file: Path, mode: Mode, count: int, seed: int) -> Row:
    places = sample(file, count, seed)
    network, load = timed(lambda: Network.load(file))
    travel, first = timed(lambda: network.travel(places, mode))
    matrix = min(timed(lambda: network.travel(places, mode))[1] for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        network.travel(places, mode, folder)
        _, cached = timed(lambda: network.travel(places, mode, folder))
    legs = [(places[row % count], places[(row + 1) % count]) for row in range(400)]
    _, lines = timed(lambda: network.lines(legs, mode))
    return {
        "file": file.name,
        "mode": mode.name,
        "places": count,
        "load": round(load, 3),
        "first": round(first, 3),
        "matrix": round(matrix, 3),
        "cached": round(cached, 3),
        "lines": round(lines, 3),
        "lost": sum(not problem.reachable for problem in travel.problems),
        "estimate": against_estimate(travel, estimate(places, mode)),
        "rss_mb": psutil.Process().memory_info().rss // 2**20,
    }


def show(rows: list[Row]) -> None:
    heads = list(rows[0])
    table = [heads, *([str(row[head]) for head in heads] for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(heads))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--osm", type=Path, action="append", required=True, metavar="FILE")
    parser.add_argument("--places", type=int, default=1000)
    parser.add_argument("--mode", choices=[*MODES, "all"], default="all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the same table")
    args = parser.parse_args()
    modes = list(MODES.values()) if args.mode == "all" else [MODES[args.mode]]
    rows = [measure(file, mode, args.places, args.seed) for file in args.osm for mode in modes]
    show(rows)
    if args.json:
        machine = {"python": platform.python_version(), "cores": os.cpu_count()}
        args.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
