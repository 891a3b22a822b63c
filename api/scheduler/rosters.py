"""Rosters made by hand over HTTP: template, import of a file, list, export."""

from datetime import date, datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.context import Body, CallerNow, ReadTx, Speak, WriteTx
from carecoord.flows import handmade, roster_files
from carecoord.flows.handmade import Imported
from carecoord.flows.sheets import XLSX
from carecoord.model.ids import StreetId
from carecoord.model.rosters import RosterPlan
from carecoord.planning.roster import Row, Status
from carecoord.text import Language

router = APIRouter(prefix="/streets/{street}/days/{day}/rosters", tags=["rosters"])

CSV = "text/csv; charset=utf-8"
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file itself: CSV (UTF-8 or GB18030) or an Excel workbook (.xlsx)",
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "人员,老人,开始时间\n李梅,王秀兰,8:30\n",
            },
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class RosterOut(BaseModel):
    """A roster that is kept; compare with `roster:ID`."""

    id: str
    name: str
    calls: int
    created_at: datetime
    by: str

    @classmethod
    def of(cls, one: RosterPlan) -> "RosterOut":
        """One roster."""
        return cls(
            id=one.id, name=one.name, calls=len(one.calls), created_at=one.created_at, by=one.by
        )


class RowOut(BaseModel):
    """What became of a row that was not simply taken."""

    row: int = Field(description="In the file, the first row is 1")
    status: Status
    code: str = Field(examples=["roster.staff_ambiguous"])
    column: str
    text: str

    @classmethod
    def of(cls, one: Row, language: Language) -> "RowOut":
        """One row in the caller's language."""
        return cls(
            row=one.number,
            status=one.status,
            code=one.code,
            column=one.column,
            text=roster_files.said(one, language),
        )


class ImportOut(BaseModel):
    """What became of a file; `roster` is empty when nothing was kept."""

    roster: RosterOut | None
    new: bool
    kind: str
    encoding: str
    taken: int
    refused: int
    skipped: int
    ignored_columns: list[str]
    rows: list[RowOut]

    @classmethod
    def of(cls, done: Imported, language: Language) -> "ImportOut":
        """An import in the caller's language."""
        rows = done.read.rows
        return cls(
            roster=RosterOut.of(done.kept) if done.kept else None,
            new=done.new,
            kind=done.table.kind,
            encoding=done.table.encoding,
            taken=sum(row.call is not None for row in rows),
            refused=len(done.read.refused),
            skipped=sum(row.status == "skipped" for row in rows),
            ignored_columns=list(done.read.ignored),
            rows=[RowOut.of(row, language) for row in rows if row.status != "taken"],
        )


@router.post("", openapi_extra=_FILE, responses={200: {"model": ImportOut, "content": {XLSX: {}}}})
def take_roster(
    street: str,
    day: date,
    content: Body,
    caller: CallerNow,
    tx: WriteTx,
    language: Speak,
    name: str = "",
    dry_run: bool = False,
    partial: bool = False,
    form: Literal["json", "xlsx"] = "json",
) -> Response:
    """Read a roster. 201: kept; 200: kept already, or nothing kept (`dry_run`, refused rows).

    `form=xlsx` answers the file itself with a remark behind each row.
    """
    done = handmade.take(
        tx,
        caller,
        StreetId(street),
        day,
        content,
        name=name,
        dry_run=dry_run,
        partial=partial,
    )
    status = 201 if done.new else 200
    if form == "xlsx":
        body = roster_files.annotated(done.table, done.read, language)
        return Response(body, status, headers=_named("roster.xlsx"), media_type=XLSX)
    text = ImportOut.of(done, language).model_dump_json()
    return Response(text, status, media_type="application/json")


@router.get("")
def get_rosters(street: str, day: date, caller: CallerNow, tx: ReadTx) -> list[RosterOut]:
    """Rosters kept for a day, oldest first."""
    return [RosterOut.of(one) for one in handmade.of_day(tx, caller, StreetId(street), day)]


@router.get("/template", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def get_template(
    street: str, day: date, caller: CallerNow, tx: ReadTx, language: Speak
) -> Response:
    """A workbook with the visits of the day, one row for each carer; all cells are text."""
    body = handmade.template(tx, caller, StreetId(street), day, language)
    return Response(body, headers=_named(f"roster-{street}-{day}.xlsx"), media_type=XLSX)


@router.get("/current.csv", response_class=Response, responses={200: {"content": {CSV: {}}}})
def get_current(street: str, day: date, caller: CallerNow, tx: ReadTx, language: Speak) -> Response:
    """The plan of the day as a roster, which can be changed and read in again."""
    body = handmade.csv_of(tx, caller, StreetId(street), day, language)
    return Response(body, headers=_named(f"plan-{street}-{day}.csv"), media_type=CSV)


@router.get("/{roster}.csv", response_class=Response, responses={200: {"content": {CSV: {}}}})
def get_roster(
    street: str, day: date, roster: str, caller: CallerNow, tx: ReadTx, language: Speak
) -> Response:
    """A roster as CSV."""
    body = handmade.csv_of(tx, caller, StreetId(street), day, language, roster)
    return Response(body, headers=_named(f"roster-{street}-{day}.csv"), media_type=CSV)


@router.delete("/{roster}", status_code=204)
def remove_roster(street: str, day: date, roster: str, caller: CallerNow, tx: WriteTx) -> None:
    """Forget a roster."""
    handmade.remove(tx, caller, StreetId(street), day, roster)


def _named(file: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file}"'}
