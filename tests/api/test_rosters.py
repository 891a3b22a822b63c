"""Rosters made by hand over HTTP and on the command line: dirty files in, clean files out."""

import csv
import io
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import Workbook, load_workbook

from carecoord.cli import main
from carecoord.flows import spreadsheets
from carecoord.settings import Settings
from carecoord.store.engine import Database, sqlite_url
from tests import build
from tests.build import DAY, ON_SQLITE, STREET
from tests.flows.steps import everything
from tests.planned import MORNING, planned
from tests.serving import create

AT = f"/v1/streets/{STREET}/days/{DAY.isoformat()}/rosters"
Json = dict[str, Any]
GOOD = "日期,人员,老人编号,开始时间\n2026年3月5日,p1 name,e1,8:30\n,,e2,9点半\n3/5,c2,e3,8：30\n"


@pytest.fixture
def http(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    build.store(database, *build.street())
    planned(database, tmp_path)
    with TestClient(create(database, Settings(tmp_path), work=False)) as made:
        made.headers["accept-language"] = "en"
        yield made


def sent(http: TestClient, content: bytes | str, status: int = 201, **params: Any) -> Json:
    body = content.encode() if isinstance(content, str) else content
    answer = http.post(AT, content=body, params=params)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


def workbook(*rows: tuple[object, ...], merged: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for span in merged:
        sheet.merge_cells(span)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_roster_is_kept_once_however_often_it_is_sent(
    http: TestClient, database: Database
) -> None:
    first = sent(http, GOOD, name="march.csv")
    with database.read() as tx:
        before = everything(tx)

    again = sent(http, GOOD, 200, name="other name.csv")

    assert (first["new"], again["new"]) == (True, False)
    assert first["roster"] == again["roster"]
    assert (first["taken"], first["refused"], first["roster"]["calls"]) == (3, 0, 3)
    with database.read() as tx:
        assert everything(tx) == before
    assert [one["name"] for one in http.get(AT).json()] == ["march.csv"]


def test_a_dry_run_and_a_file_with_refused_rows_keep_nothing(
    http: TestClient, database: Database
) -> None:
    with database.read() as tx:
        before = everything(tx)
    bad = GOOD + "3/5,nobody,e1,14:00\n"

    assert sent(http, GOOD, 200, dry_run=True)["roster"] is None
    found = sent(http, bad, 200)

    assert (found["roster"], found["refused"]) == (None, 1)
    (row,) = [one for one in found["rows"] if one["status"] == "refused"]
    assert (row["row"], row["code"], row["column"]) == (5, "roster.staff", "staff")
    assert row["text"] == "Nobody of the staff is called “nobody”."
    with database.read() as tx:
        assert everything(tx) == before
    kept = sent(http, bad, 201, partial=True)
    assert (kept["taken"], kept["refused"], kept["roster"]["calls"]) == (3, 1, 3)


@ON_SQLITE
@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("gbk", "gb18030"), ("utf-16", "utf-16")],
)
@pytest.mark.parametrize("sign", [",", "\t", ";", "，"])
def test_every_encoding_and_separator_of_a_csv_reads_the_same(
    http: TestClient, encoding: str, named: str, sign: str
) -> None:
    found = sent(http, GOOD.replace(",", sign).encode(encoding), 200, dry_run=True)

    assert (found["encoding"], found["taken"]) == (named, 3)


@ON_SQLITE
def test_a_workbook_with_merged_cells_serial_numbers_and_times_is_read(http: TestClient) -> None:
    content = workbook(
        ("清河街道排班", None, None, None),
        ("人员", "日期", "老人编号", "开始时间"),
        ("p1 name", 46086, "e1", time(8, 30)),
        (None, None, "e2", 0.395833333333333),
        ("c2", "3月5日", "e3", "八点半"),
        merged=("A1:D1", "A3:A4", "B3:B4"),
    )

    found = sent(http, content)

    assert (found["kind"], found["taken"], found["rows"]) == ("xlsx", 3, [])
    body = http.get(f"{AT}/{found['roster']['id']}.csv").content.decode("utf-8-sig")
    starts = {row["Elder id"]: row["Start time"] for row in csv.DictReader(io.StringIO(body))}
    assert starts == {"e1": "08:30", "e2": "09:30", "e3": "08:30"}


@ON_SQLITE
def test_the_file_comes_back_with_a_remark_behind_each_row(http: TestClient) -> None:
    bad = GOOD + '=HYPERLINK("x"),nobody,e1,14:00\n'

    answer = http.post(AT, content=bad.encode(), params={"form": "xlsx", "lang": "zh-CN"})

    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["日期", "人员", "老人编号", "开始时间", "结果", "说明"]
    assert rows[1][4] == "已收下"
    assert rows[2][4:] == ["已收下，有提示", "人员取自上一行。"]
    assert rows[4][4] == "未收下" and "不是日期" in str(rows[4][5])
    assert sheet["A5"].data_type == "s"
    assert sheet["A5"].fill.fgColor.rgb == "00F8D7DA"


@ON_SQLITE
@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_a_template_lists_every_visit_and_reads_back_when_filled_in(
    http: TestClient, lang: str
) -> None:
    content = http.get(f"{AT}/template", params={"lang": lang}).content

    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    assert sheet.max_row == 4
    assert all(cell.number_format == "@" for row in sheet.iter_rows(min_row=2) for cell in row)
    assert {row[0].value for row in book.worksheets[1].iter_rows(min_row=2)} == {
        *("c1", "c2", "d1", "n1")
    }
    blank = sent(http, content, 200)
    assert (blank["taken"], blank["skipped"], blank["refused"]) == (0, 3, 0)
    sheet["B2"], sheet["G2"] = "c1", "8:30"
    out = io.BytesIO()
    book.save(out)
    filled = sent(http, out.getvalue())
    assert (filled["taken"], filled["skipped"]) == (1, 2)


def test_the_plan_written_out_reads_back_as_the_same_plan(http: TestClient) -> None:
    content = http.get(f"{AT}/current.csv").content
    found = sent(http, content)

    again = http.get(f"{AT}/{found['roster']['id']}.csv").content
    assert again == content
    both = {"with": f"roster:{found['roster']['id']}"}
    compared = http.get(AT.replace("rosters", "compare"), params=both).json()
    assert (compared["visits"], compared["same"]) == ([], 3)
    assert content.startswith("\ufeff".encode())
    body = content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert {(r["Elder id"], r["Staff id"]) for r in rows} == {
        (elder, who) for elder, (who, _) in MORNING.items()
    }


@ON_SQLITE
def test_no_cell_of_a_csv_is_a_formula(http: TestClient, database: Database) -> None:
    build.store(
        database, build.patient("e1", 1, 1, name=[{"text": '=HYPERLINK("http://example.invalid")'}])
    )

    body = http.get(f"{AT}/current.csv").content.decode("utf-8-sig")

    cells = [cell for row in csv.reader(io.StringIO(body)) for cell in row]
    assert any(cell.startswith("'=") for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert sent(http, body)["refused"] == 0


@ON_SQLITE
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table.empty"),
        (b"\xef\xbb\xbf \n", "table.empty"),
        (b"\xd0\xcf\x11\xe0 old", "table.old_excel"),
        (b"PK\x03\x04 broken", "table.workbook"),
        (b"\xff\xfe\xff", "table.encoding"),
        (b"a,b,c\n1,2,3\n", "roster.headings"),
        (b"\x00\x01\x02", "table.encoding"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_next_step(
    http: TestClient, content: bytes, code: str
) -> None:
    found = sent(http, content, 400)

    assert (found["code"], found["field"]) == (code, "file")


@ON_SQLITE
def test_a_file_that_is_too_big_is_refused(
    http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 3)
    assert sent(http, GOOD, 400)["code"] == "table.too_big"
    monkeypatch.setattr(spreadsheets, "MOST_BYTES", 10)
    assert sent(http, GOOD, 400)["code"] == "table.too_big"


def test_a_roster_is_forgotten_when_it_is_removed(http: TestClient) -> None:
    id_ = sent(http, GOOD)["roster"]["id"]

    assert http.delete(f"{AT}/{id_}").status_code == 204
    assert http.get(AT).json() == []
    for answer in (http.delete(f"{AT}/{id_}"), http.get(f"{AT}/{id_}.csv")):
        assert (answer.status_code, answer.json()["code"]) == (404, "roster.none")


def test_the_commands_write_a_template_read_a_roster_and_write_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    database = Database.open(sqlite_url(data))
    build.store(database, *build.street())
    planned(database, data)
    database.close()
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "roster.csv"
    file.write_bytes(GOOD.encode("gbk"))
    common = ["--data", str(data)]
    where = [STREET, DAY.isoformat()]

    assert main(["--lang", "en", "roster", "template", *where, *common]) == 0
    assert (tmp_path / f"roster-{STREET}-{DAY}.xlsx").exists()
    assert main(["--lang", "en", "roster", "import", *where, str(file), "--dry-run", *common]) == 0
    assert "Nothing was kept" in capsys.readouterr().out
    assert main(["--lang", "en", "roster", "import", *where, str(file), *common]) == 0
    assert "Kept as roster" in capsys.readouterr().out
    assert main(["--lang", "en", "roster", "import", *where, str(file), *common]) == 0
    assert "The same as roster" in capsys.readouterr().out
    assert main(["--lang", "en", "roster", "export", *where, *common]) == 0
    assert (tmp_path / f"plan-{STREET}-{DAY}.csv").read_bytes().startswith("\ufeff".encode())

    file.write_text(GOOD + "3/5,nobody,e1,14:00\n", encoding="utf-8")
    out = tmp_path / "checked.xlsx"
    asked = ["roster", "import", *where, str(file), "--out", str(out), *common]
    assert main(["--lang", "en", *asked]) == 2
    assert "Row 5: Nobody of the staff" in capsys.readouterr().out
    assert out.exists()
    assert main(["--lang", "en", "roster", "import", *where, str(tmp_path / "no"), *common]) == 2
