"""Solomon and Gehring-Homberger text: vehicle routing with time windows, free fleet size.

Distances are truncated to one decimal and kept in tenths, as CVRPLIB counts them, so that a plan's
travel cost (weight 1) is ten times its published distance.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.formats.files import BadFile, text_of
from solver import Options, Problem, Shift, Staff, Visit, Window

__all__ = ["WEIGHTS", "best_known", "read"]

#: Distance only; a customer left out is never worth it.
WEIGHTS = Options.preset("vrptw").weights

_COLUMNS = ("number", "x", "y", "demand", "ready time", "due date", "service time")


def read(path: Path) -> Problem:
    """One instance of any number of customers; times and distances in tenths.

    Raises
    ------
    BadFile
        Names the line or the column.
    """
    fleet, table = _tables(path)
    vehicles, capacity = int(fleet[0]), int(fleet[1])
    rows = np.array(table)
    x, y = rows[:, 1], rows[:, 2]
    gap = np.sqrt((x[:, None] - x[None, :]) ** 2 + (y[:, None] - y[None, :]) ** 2)
    travel = np.floor(gap * 10 + 1e-9).astype(np.int64)
    times = np.rint(rows[:, 4:7] * 10).astype(np.int64).tolist()
    shift = Shift(times[0][0], times[0][1], 0, 0, capacity=capacity)
    return Problem(
        visits=tuple(
            Visit(
                id=f"c{int(row[0])}",
                place=k,
                # A visit takes time; a service of nothing takes a tenth.
                duration=max(1, service),
                windows=(Window(ready, due),),
                goods=int(row[3]),
            )
            for k, (row, (ready, due, service)) in enumerate(zip(table, times, strict=True))
            if k > 0
        ),
        staff=tuple(Staff(id=f"k{k}", shifts=(shift,)) for k in range(vehicles)),
        travel=(travel,),
    )


def _tables(path: Path) -> tuple[list[float], list[list[float]]]:
    """The line below VEHICLE, and the lines below CUSTOMER."""
    fleet: list[float] | None = None
    table: list[list[float]] = []
    part = ""
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        head = words[0].upper()
        if head in ("VEHICLE", "CUSTOMER"):
            part = head
        elif part and not head[0].isalpha():
            row = _numbers(path, number, words)
            if part == "VEHICLE":
                fleet = row
            elif len(row) == len(_COLUMNS):
                table.append(row)
            else:
                raise BadFile(
                    f"{path}: line {number}: {len(row)} numbers, not {len(_COLUMNS)}: "
                    + ", ".join(_COLUMNS)
                )
    if fleet is None or len(fleet) != 2:
        raise BadFile(f"{path}: VEHICLE: a line with number and capacity is missing")
    if len(table) < 2:
        raise BadFile(f"{path}: CUSTOMER: the depot and at least one customer are missing")
    return fleet, table


def _numbers(path: Path, number: int, words: list[str]) -> list[float]:
    found = []
    for column, word in enumerate(words):
        try:
            found.append(float(word))
        except ValueError:
            name = _COLUMNS[column] if column < len(_COLUMNS) else str(column)
            raise BadFile(f"{path}: line {number}, {name}: {word!r} is no number") from None
    return found


def best_known(folder: Path, name: str) -> float | None:
    """Published cost in tenths, from `bks/NAME.sol`; None when there is no such file."""
    for path in (folder / "bks").glob("*.sol") if (folder / "bks").is_dir() else ():
        if path.stem.upper() != name.upper():
            continue
        for line in text_of(path).splitlines():
            words = line.split()
            if len(words) > 1 and words[0].lower() == "cost":
                return round(float(words[1]) * 10)
        raise BadFile(f"{path}: Cost: no such line")
    return None
