"""Rosters as files: a template to fill in, one's own file with remarks, a plan as CSV.

Every text is written as text: a spreadsheet turns neither ids into numbers nor names into formulas.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from carecoord.flows.sheets import BOM, guarded
from carecoord.flows.spreadsheets import Table
from carecoord.model import time
from carecoord.model.demands import VisitDemand
from carecoord.planning.handmade import Call
from carecoord.planning.problem import DayInput
from carecoord.planning.roster import Read, Row
from carecoord.planning.written import Cell
from carecoord.text import Language, sentence

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True, slots=True)
class Head:
    """Heading of a column: a message code. The reader knows the first seven."""

    code: str


HEADS = (
    Head("roster.head.day"),
    Head("roster.head.staff_id"),
    Head("roster.head.staff"),
    Head("roster.head.elder_id"),
    Head("roster.head.elder"),
    Head("roster.head.visit"),
    Head("roster.head.start"),
    Head("roster.head.windows"),
    Head("roster.head.items"),
    Head("roster.head.minutes"),
)
_WIDTHS = (12, 16, 14, 16, 14, 30, 12, 26, 30, 10)
_FILLS = {"refused": "F8D7DA", "remark": "FDF1D8", "skipped": "E6EBF0"}
_STATUS = {
    "taken": Head("roster.status.taken"),
    "remark": Head("roster.status.remark"),
    "refused": Head("roster.status.refused"),
    "skipped": Head("roster.status.skipped"),
}


def template(given: DayInput, day: date, language: Language) -> bytes:
    """A workbook with every visit of a day, one row for each carer, to be filled in."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = sentence("roster.sheet.visits", {}, language)
    rows = [[_said(head, language) for head in HEADS]]
    for one in _ordered(given.demands):
        rows += [_line(given, day, one, None)] * one.carers
    _write(sheet, rows)
    people = book.create_sheet(sentence("roster.sheet.staff", {}, language))
    heads = ("roster.head.staff_id", "roster.head.staff", "roster.head.shifts")
    _write(
        people,
        [
            [sentence(code, {}, language) for code in heads],
            *(
                [one.id, one.name, _spans((s.start, s.end) for s in one.shifts)]
                for one in given.staff
            ),
        ],
    )
    for page in (sheet, people):
        page.freeze_panes = "A2"
        for cell in page[1]:
            cell.font = Font(bold=True)
    return _saved(book)


def annotated(table: Table, found: Read, language: Language) -> bytes:
    """The file as it was sent, with what became of each row behind it."""
    from openpyxl import Workbook
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    wide = max(len(row) for row in table.rows)
    answers = {row.number: row for row in found.rows}
    for number, cells in enumerate(table.rows, 1):
        for column, value in enumerate(cells, 1):
            _put(sheet, number, column, value)
        if number == found.heading:
            _put(sheet, number, wide + 1, sentence("roster.head.result", {}, language))
            _put(sheet, number, wide + 2, sentence("roster.head.remark", {}, language))
        if (answer := answers.get(number)) is None:
            continue
        _put(sheet, number, wide + 1, sentence(_STATUS[answer.status].code, {}, language))
        _put(sheet, number, wide + 2, said(answer, language))
        if colour := _FILLS.get(answer.status):
            for column in range(1, wide + 3):
                sheet.cell(number, column).fill = PatternFill("solid", fgColor=colour)
    sheet.column_dimensions[get_column_letter(wide + 2)].width = 60
    return _saved(book)


def plan_csv(given: DayInput, day: date, calls: Iterable[Call], language: Language) -> bytes:
    """A plan as a roster that can be read in again: CSV, UTF-8 with a mark, no formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_said(head, language) for head in HEADS])
    wanted: dict[str, VisitDemand] = {one.id: one for one in given.demands}
    for call in sorted(calls, key=lambda c: (c.staff, c.start, c.visit)):
        if call.visit in wanted:
            line = _line(given, day, wanted[call.visit], call)
            writer.writerow([guarded(cell) for cell in line])
    return (BOM + out.getvalue()).encode("utf-8")


def said(row: Row, language: Language) -> str:
    """The remark on a row; empty when there is none."""
    return sentence(row.code, row.facts, language) if row.code else ""


def _said(head: Head, language: Language) -> str:
    return sentence(head.code, {}, language)


def _ordered(demands: Iterable[VisitDemand]) -> list[VisitDemand]:
    return sorted(demands, key=lambda one: (one.windows[0], one.elder, one.id))


def _line(given: DayInput, day: date, one: VisitDemand, call: Call | None) -> list[str]:
    elder = given.elders.get(one.elder)
    names = {str(who.id): who.name for who in given.staff}
    return [
        day.isoformat(),
        call.staff if call else "",
        names.get(call.staff, "") if call else "",
        one.elder,
        elder.name if elder else "",
        one.id,
        _clock(call.start) if call else "",
        _spans(one.windows),
        ", ".join(one.items),
        str(one.duration // 60),
    ]


def _clock(seconds: int) -> str:
    """To the second where it matters: a roster read in again starts when it did."""
    text = time.clock(seconds % time.DAY)
    text += f":{seconds % 60:02d}" if seconds % 60 else ""
    return text if seconds < time.DAY else f"次日{text}"


def _spans(spans: Iterable[tuple[int, int]]) -> str:
    return ", ".join(f"{time.clock(start)}–{time.clock(end)}" for start, end in spans)


def _write(sheet: "Worksheet", rows: Sequence[Sequence[str]]) -> None:
    from openpyxl.utils import get_column_letter

    for number, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            _put(sheet, number, column, value)
    for column, width in enumerate(_WIDTHS[: len(rows[0])], 1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def _put(sheet: "Worksheet", row: int, column: int, value: Cell) -> None:
    cell = sheet.cell(row=row, column=column, value=value)
    if isinstance(value, str):
        # An empty cell too is text, so that what is typed into it stays as it is typed.
        cell.data_type = "s"
        cell.number_format = "@"


def _saved(book: object) -> bytes:
    out = io.BytesIO()
    book.save(out)  # type: ignore[attr-defined]
    return out.getvalue()
