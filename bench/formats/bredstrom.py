"""Bredstrom & Ronnqvist 2008 in the AMPL-like re-encoding: synchronised pairs, hard windows.

The file repeats one day over three; every visit is taken once, day column 1. Objective: travel.
Published hours are travel * 9 / T.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np

from bench.formats.files import name_of, text_of
from solver import UNREACHABLE, Link, Options, Problem, Shift, Staff, Visit, Window

__all__ = ["WEIGHTS", "best_known", "read"]

WEIGHTS = Options.preset("bredstrom").weights


def _number(text: str, name: str) -> int:
    found = re.search(rf"param {name}\s*:=\s*(\d+)", text)
    if found is None:
        raise ValueError(f"param {name}: missing or no number")
    return int(found[1])


def _table(text: str, name: str) -> list[list[int]]:
    found = re.search(rf"param {name}:([^=]*):=([^;]*);", text)
    if found is None:
        raise ValueError(f"param {name}: missing")
    try:
        return [[int(w) for w in line.split()] for line in found[2].strip().splitlines()]
    except ValueError as fault:
        raise ValueError(f"param {name}: {fault}") from fault


def read(path: Path) -> Problem:
    """One instance as one day."""
    text = text_of(path)
    carers, day = _number(text, "kn"), _number(text, "T")
    long = {row[0]: row[1] for row in _table(text, "s_id")}
    early = {row[0]: row[1] for row in _table(text, "e_id")}
    late = {row[0]: row[1] for row in _table(text, "l_id")}
    ways = np.array([row[1:] for row in _table(text, "t_ij")], dtype=np.int64)
    ways = ways[: len(ways), : len(ways)]
    shared = re.search(r"Shared_Visited\s*:=([^;]*);", text)
    named = re.findall(r"\(\s*(\d+)\s*,\s*(\d+)\s*\)", shared[1] if shared else "")
    # The two halves of a visit have no way between them. One file (case_2_80_16_8_3) names other
    # pairs than its matrix marks, with windows that never meet; the matrix is right.
    marked = [(int(a), int(b)) for a, b in np.argwhere(ways >= 10_000) if 0 < a < b]
    pairs = marked if len(marked) == len(named) else [(int(a), int(b)) for a, b in named]
    ways[ways >= 10_000] = UNREACHABLE
    np.fill_diagonal(ways, 0)
    numbers = [k for k in sorted(long) if k > 0]
    return Problem(
        visits=tuple(
            Visit(f"v{k}", k, max(1, long[k]), (Window(early[k], max(early[k], late[k])),))
            for k in numbers
        ),
        staff=tuple(Staff(f"k{k}", (Shift(0, day, 0, 0),)) for k in range(carers)),
        travel=(ways,),
        links=tuple(Link(f"v{a}", f"v{b}", 0, 0, "different") for a, b in pairs),
    )


def best_known(folder: Path) -> dict[str, float]:
    """Least published travel by instance name from `kummer_thesis_brkga_results.csv`."""
    path = folder / "kummer_thesis_brkga_results.csv"
    out: dict[str, float] = {}
    if not path.exists():
        return out
    inside = folder / "instances" if (folder / "instances").is_dir() else folder
    files = {name_of(one).lower(): one for one in inside.iterdir()}
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["objective"] != "distance":
                continue
            name = row["instance"].rsplit("/", 1)[-1]
            if name.lower() in files:
                day = _number(text_of(files[name.lower()]), "T")
                travel = round(float(row["cost_min"]) * day / 9)
                out[name] = min(out.get(name, travel), travel)
    return out
