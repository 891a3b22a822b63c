"""A month's services as CSV and as an Excel workbook, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from carecoord.model.charges import totals
from carecoord.model.coverage import Payer
from carecoord.text import Language, sentence

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from carecoord.flows.settlement import Service

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = "\ufeff"
"""Without it Excel reads a UTF-8 file as if it were in the machine's old code page."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Cell = str | int | Decimal


@dataclass(frozen=True, slots=True)
class Column:
    """Heading (message code) and what stands below it."""

    code: str
    of: Callable[["Service", Language], Cell]


@dataclass(frozen=True, slots=True)
class Name:
    """What something is called: a message code."""

    code: str


PAYERS = {
    Payer.MEDICAL: Name("settlement.payer.medical"),
    Payer.LTCI: Name("settlement.payer.ltci"),
    Payer.SUBSIDY: Name("settlement.payer.subsidy"),
    Payer.PUBLIC: Name("settlement.payer.public"),
    Payer.SELF: Name("settlement.payer.self"),
}
_EVIDENCE = {
    "check_in": Name("settlement.evidence.check_in"),
    "check_out": Name("settlement.evidence.check_out"),
    "distance": Name("settlement.evidence.distance"),
    "person_confirmation": Name("settlement.evidence.person_confirmation"),
    "item_list": Name("settlement.evidence.item_list"),
}


def yuan(fen: int) -> Decimal:
    """An amount as people write it, exact."""
    return Decimal(fen).scaleb(-2)


COLUMNS = (
    Column("settlement.column.day", lambda s, _: s.charge.use.day.isoformat()),
    Column("settlement.column.elder", lambda s, _: s.elder),
    Column("settlement.column.name", lambda s, _: s.elder_name),
    Column("settlement.column.item", lambda s, _: s.charge.use.item),
    Column("settlement.column.item_name", lambda s, language: s.name(language)),
    Column("settlement.column.programme", lambda s, _: s.charge.use.programme),
    Column("settlement.column.payer", lambda s, language: _payer(s.charge.payer, language)),
    Column("settlement.column.staff", lambda s, _: ", ".join(s.staff_names)),
    Column("settlement.column.planned", lambda s, _: s.planned),
    Column("settlement.column.actual", lambda s, _: s.actual),
    Column("settlement.column.minutes", lambda s, _: s.charge.use.minutes),
    Column("settlement.column.price", lambda s, _: yuan(s.charge.price)),
    Column("settlement.column.fund", lambda s, _: yuan(s.charge.fund)),
    Column("settlement.column.own", lambda s, _: yuan(s.charge.own)),
    Column("settlement.column.evidence", lambda s, language: _kinds(s.evidence, language)),
    Column("settlement.column.missing", lambda s, language: _kinds(s.missing, language)),
    Column("settlement.column.why", lambda s, language: " ".join(_reasons(s, language))),
    Column("settlement.column.rules", lambda s, _: " ".join(r.rule_id for r in s.charge.refs)),
)


def csv_file(lines: Iterable["Service"], language: Language) -> bytes:
    """CSV, UTF-8 with BOM; a text that a spreadsheet would run as a formula gets a quote first."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([sentence(column.code, {}, language) for column in COLUMNS])
    for line in lines:
        writer.writerow([guarded(column.of(line, language)) for column in COLUMNS])
    return (BOM + out.getvalue()).encode("utf-8")


def guarded(cell: Cell) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_FORMULA) else text


def workbook(lines: Sequence["Service"], language: Language) -> bytes:
    """An Excel workbook: the sum by payer, and every task. Texts are texts, never formulas."""
    # Loaded when somebody asks for a workbook; no other request needs it.
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sums = book.active
    assert sums is not None
    sums.title = sentence("settlement.sheet.sums", {}, language)
    heads = ("settlement.column.payer", "settlement.column.fund", "settlement.column.own")
    _write(sums, 1, [sentence(code, {}, language) for code in heads])
    by_payer = totals(line.charge for line in lines)
    for row, (payer, (fund, own)) in enumerate(sorted(by_payer.items()), 2):
        _write(sums, row, [_payer(payer, language), yuan(fund), yuan(own)])
    services = book.create_sheet(sentence("settlement.sheet.services", {}, language))
    _write(services, 1, [sentence(column.code, {}, language) for column in COLUMNS])
    for row, line in enumerate(lines, 2):
        _write(services, row, [column.of(line, language) for column in COLUMNS])
    services.freeze_panes = "A2"
    for sheet in (sums, services):
        for cell in sheet[1]:
            cell.font = Font(bold=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: "Worksheet", row: int, values: Sequence[Cell]) -> None:
    for column, value in enumerate(values, 1):
        cell = sheet.cell(row=row, column=column, value=value)
        if isinstance(value, str):
            cell.data_type = "s"
        elif isinstance(value, Decimal):
            cell.number_format = "0.00"


def _payer(payer: Payer, language: Language) -> str:
    return sentence(PAYERS[payer].code, {}, language)


def _kinds(kinds: Iterable[str], language: Language) -> str:
    named = (_EVIDENCE.get(kind, Name(kind)).code for kind in kinds)
    return ("、" if language == "zh_CN" else ", ").join(sentence(c, {}, language) for c in named)


def _reasons(line: "Service", language: Language) -> list[str]:
    return [sentence(one.code, one.facts, language) for one in line.charge.why]
