"""Continuity, fairness and equity as CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Literal

from carecoord.flows.fairness import Report
from carecoord.flows.sheets import BOM, guarded
from carecoord.text import Language, sentence

Table = Literal["clients", "staff", "spread", "equity"]

_HEADS: dict[Table, tuple[str, ...]] = {
    "clients": ("elder", "name", "month", "visits", "carers", "main", "main_share", "top_share",
                "new"),
    "staff": ("staff", "name", "role", "visits", "hard", "service", "at_work", "share",
              "hard_share"),
    "spread": ("role", "people", "load_gini", "load_busiest", "hard_gini", "hard_busiest"),
    "equity": ("dimension", "group", "people", "asked", "late", "late_rate", "unserved",
               "unserved_rate", "strange", "strange_rate"),
}  # fmt: skip


def csv_file(found: Report, table: Table, language: Language) -> bytes:
    """One table as CSV, UTF-8 with BOM; empty cells where a group is too small to be shown."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([sentence(f"continuity.head.{head}", {}, language) for head in _HEADS[table]])
    for row in _rows(found, table):
        writer.writerow([_cell(value) for value in row])
    return (BOM + out.getvalue()).encode("utf-8")


def _rows(found: Report, table: Table) -> Iterator[Sequence[object]]:
    names = found.names
    if table == "clients":
        for one in found.months:
            new = ", ".join(names.get(who, who) for who in one.new)
            yield (
                one.elder, names.get(one.elder, ""), one.month, one.visits, one.carers,
                names.get(one.main, one.main), one.main_share, one.top_share, new,
            )  # fmt: skip
    elif table == "staff":
        for load in found.loads:
            yield (
                load.staff, names.get(load.staff, ""), load.role, load.visits, load.hard,
                load.service, load.at_work, load.share, load.hard_share,
            )  # fmt: skip
    elif table == "spread":
        for spread in found.spreads:
            yield (
                spread.role, spread.people, spread.load_gini, spread.load_busiest,
                spread.hard_gini, spread.hard_busiest,
            )  # fmt: skip
    else:
        for cell in found.equity:
            yield (
                cell.dimension, cell.group, cell.people, cell.asked, cell.late, cell.late_rate,
                cell.unserved, cell.unserved_rate, cell.strange, cell.strange_rate,
            )  # fmt: skip


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}"
    return guarded(value if isinstance(value, int) else str(value))
