"""Solomon and Gehring-Homberger text: vehicle routing with time windows, free fleet size.

Distances are truncated to one decimal and kept in tenths, as CVRPLIB counts them, so that a plan's
travel cost (weight 1) is ten times its published distance.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from solver import Options, Problem, Shift, Staff, Visit, Window

__all__ = ["WEIGHTS", "best_known", "read"]

#: Distance only; a customer left out is never worth it.
WEIGHTS = Options.preset("vrptw").weights


def read(path: Path) -> Problem:
    """One instance; times and distances in tenths."""
    words = path.read_text(encoding="ascii").split()
    fleet = words.index("CAPACITY") + 1
    vehicles, capacity = int(words[fleet]), int(words[fleet + 1])
    numbers = [float(word) for word in words[words.index("CUSTOMER") + 12 :]]
    rows = np.array(numbers).reshape(-1, 7)
    x, y = rows[:, 1], rows[:, 2]
    gap = np.sqrt((x[:, None] - x[None, :]) ** 2 + (y[:, None] - y[None, :]) ** 2)
    travel = np.floor(gap * 10 + 1e-9).astype(np.int32)
    shift = Shift(int(rows[0, 4] * 10), int(rows[0, 5] * 10), 0, 0, capacity=capacity)
    return Problem(
        visits=tuple(
            Visit(
                id=f"c{int(row[0])}",
                place=k,
                # A visit takes time; a service of nothing takes a tenth.
                duration=max(1, int(row[6] * 10)),
                windows=(Window(int(row[4] * 10), int(row[5] * 10)),),
                goods=int(row[3]),
            )
            for k, row in enumerate(rows)
            if k > 0
        ),
        staff=tuple(Staff(id=f"k{k}", shifts=(shift,)) for k in range(vehicles)),
        travel=(travel,),
    )


def best_known(folder: Path, name: str) -> int | None:
    """Published cost in tenths, from `bks/NAME.sol`; None when there is no such file."""
    path = folder / "bks" / f"{name}.sol"
    if not path.exists():
        return None
    for line in path.read_text(encoding="ascii").splitlines():
        if line.startswith("Cost"):
            return math.floor(float(line.split()[1]) * 10 + 0.5)
    return None
