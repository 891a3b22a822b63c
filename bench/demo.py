"""How long does the main job take, and how much memory, stage by stage?

    python bench/demo.py [--seed N] [--elders N] [--streets FILE.osm.pbf] [--json FILE]

Runs `carecoord demo` in this process on a fresh data folder. Memory is the resident set of this
process and its children, sampled every 20 ms; a stage's figure is its highest sample.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import psutil

from carecoord.demo import run as demo
from carecoord.jobs.worker import Stopwatch
from carecoord.model import time
from carecoord.settings import Settings
from carecoord.store.engine import Database, sqlite_url


@dataclass
class Sampler:
    """Highest resident memory by stage, MiB."""

    watch: Stopwatch
    highest: dict[str, int] = field(default_factory=dict)
    ended: Event = field(default_factory=Event)

    def run(self) -> None:
        """Sample until ended."""
        own = psutil.Process()
        while not self.ended.wait(0.02):
            stage = self.watch.current
            held = _resident(own) + sum(_resident(p) for p in own.children(recursive=True))
            if stage:
                self.highest[stage] = max(self.highest.get(stage, 0), held // 2**20)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def main() -> None:
    """Run it once and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--elders", type=int, default=300)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--streets", type=Path)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    watch = Stopwatch()
    sampler = Sampler(watch)
    with tempfile.TemporaryDirectory(prefix="carecoord-bench-") as folder:
        database = Database.open(sqlite_url(Path(folder)))
        asked = demo.Asked(args.seed, args.elders, args.days, args.streets)
        Thread(target=sampler.run, daemon=True).start()
        report = demo.run(
            database,
            Settings(data=Path(folder)),
            asked,
            lambda *_: None,
            time.today(),
            watch,
        )
        sampler.ended.set()
        database.close()
    rows = [
        {"stage": s, "seconds": round(t, 3), "memory_mb": sampler.highest.get(s, 0)}
        for s, t in report.seconds.items()
    ]
    whole = {
        "stage": "all",
        "seconds": round(sum(report.seconds.values()), 3),
        "memory_mb": max(sampler.highest.values()),
    }
    print(f"{'stage':<12}{'seconds':>9}{'memory MB':>11}")
    for row in [*rows, whole]:
        print(f"{row['stage']:<12}{row['seconds']:>9.2f}{row['memory_mb']:>11}")
    found = report.indicators
    print(f"visits {found.served} of {found.asked}, staff {found.used} of {found.available}")
    if args.json:
        figures = {"rows": [*rows, whole], "asked": found.asked, "served": found.served}
        args.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
