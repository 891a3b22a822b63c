"""How is a table read that people keep in a spreadsheet, whatever wrote it? Bytes to cells.

CSV comes as UTF-8 with or without a mark, or in the code page of an old Excel (GB18030 covers
GBK); workbooks come with merged cells, which hold their value only in the first.
"""

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from carecoord.errors import Invalid
from carecoord.planning.written import Cell, plain

MOST_BYTES = 10_000_000
MOST_UNPACKED = 200_000_000
MOST_ROWS, MOST_COLUMNS = 20_000, 100

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of one sheet, row by row.

    kind
        `xlsx` or `csv`.
    encoding
        Of a CSV file; empty for a workbook.
    """

    rows: tuple[tuple[Cell, ...], ...]
    kind: str
    encoding: str = ""


def read(content: bytes) -> Table:
    """The first sheet of a workbook, or a CSV file.

    Raises
    ------
    Invalid
        `table.empty`, `table.too_big`, `table.old_excel`, `table.encoding`, `table.workbook`.
    """
    if not content.strip():
        raise Invalid("table.empty", field="file")
    if len(content) > MOST_BYTES:
        raise Invalid("table.too_big", field="file", limit=MOST_BYTES, got=len(content))
    if content.startswith(_OLD_EXCEL):
        raise Invalid("table.old_excel", field="file")
    table = _workbook(content) if content.startswith(_ZIP) else _csv(content)
    if len(table.rows) > MOST_ROWS:
        raise Invalid("table.too_big", field="file", limit=MOST_ROWS, got=len(table.rows))
    if not any(plain(cell) for row in table.rows for cell in row):
        raise Invalid("table.empty", field="file")
    return table


def _csv(content: bytes) -> Table:
    text, encoding = _decoded(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    # The sniffer of the standard library guesses letters; only these signs part columns.
    sign = max((",", "\t", ";", "，", "|"), key=first.count)
    csv.field_size_limit(MOST_BYTES)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    try:
        return Table(tuple(tuple(row[:MOST_COLUMNS]) for row in rows), "csv", encoding)
    except csv.Error as fault:
        raise Invalid("table.csv", field="file", reason=str(fault)) from fault


def _decoded(content: bytes) -> tuple[str, str]:
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
    raise Invalid("table.encoding", field="file")


def _workbook(content: bytes) -> Table:
    # Loaded when somebody sends a workbook; no other request needs it.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(one.file_size for one in packed.infolist())
        if size > MOST_UNPACKED:
            raise Invalid("table.too_big", field="file", limit=MOST_UNPACKED, got=size)
        book = load_workbook(io.BytesIO(content), data_only=True)
    except Invalid:
        raise
    except Exception as fault:
        raise Invalid("table.workbook", field="file", reason=type(fault).__name__) from fault
    sheet = next((one for one in book.worksheets if one.sheet_state == "visible"), None)
    if sheet is None:
        raise Invalid("table.empty", field="file")
    last = min(sheet.max_row, MOST_ROWS + 1)
    wide = min(sheet.max_column, MOST_COLUMNS)
    cells = [
        [_cell(sheet.cell(row=row, column=column).value) for column in range(1, wide + 1)]
        for row in range(1, last + 1)
    ]
    for span in sheet.merged_cells.ranges:
        if span.min_row > last or span.min_col > wide:
            continue
        value = cells[span.min_row - 1][span.min_col - 1]
        for row in range(span.min_row, min(span.max_row, last) + 1):
            for column in range(span.min_col, min(span.max_col, wide) + 1):
                cells[row - 1][column - 1] = value
    return Table(tuple(tuple(row) for row in cells), "xlsx")


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | datetime | date | time | timedelta):
        return value
    return str(value)
