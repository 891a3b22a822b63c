"""Rosters that people make by hand: read in, kept for comparison, written out."""

from dataclasses import dataclass
from datetime import date

from carecoord.access import Caller, audit, require
from carecoord.errors import Missing
from carecoord.flows import day as days_of
from carecoord.flows import register, roster_files, spreadsheets
from carecoord.flows.spreadsheets import Table
from carecoord.model import time
from carecoord.model.ids import StreetId
from carecoord.model.rosters import RosterPlan
from carecoord.model.visits import DayKey
from carecoord.planning import roster
from carecoord.planning.handmade import Call
from carecoord.planning.roster import Read
from carecoord.store import days, rosters
from carecoord.store.engine import Tx
from carecoord.text import Language


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file.

    kept
        The roster; None when nothing was kept: a dry run, refused rows, or nothing to keep.
    new
        It was not there before.
    """

    table: Table
    read: Read
    kept: RosterPlan | None
    new: bool


def take(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    content: bytes,
    *,
    name: str = "",
    dry_run: bool = False,
    partial: bool = False,
) -> Imported:
    """Read a roster from a CSV file or workbook, and keep it. The same file twice is kept once.

    dry_run
        Say what would happen, and keep nothing.
    partial
        Keep the good rows although others are refused.

    Raises
    ------
    Missing
        There is no such street.
    Invalid
        `table.*`, `roster.headings`: the file as a whole cannot be read.
    """
    require(caller, "day.read" if dry_run else "day.write", street)
    given, _ = days_of.inputs(tx, street, day)
    table = spreadsheets.read(content)
    found = roster.read(table.rows, given, day)
    if dry_run or not found.calls or (found.refused and not partial):
        return Imported(table, found, None, new=False)
    calls = [(call.staff, call.visit, call.start) for call in found.calls]
    key = DayKey(street, day)
    label = name or f"{street} {day.isoformat()}"
    kept, new = rosters.keep(tx, key, label, calls, at=time.now(), by=caller.id)
    if new:
        audit.record(tx, caller, "roster.import", f"{street}/{day.isoformat()}/{kept.id}")
    return Imported(table, found, kept, new=new)


def of_day(tx: Tx, caller: Caller, street: StreetId, day: date) -> tuple[RosterPlan, ...]:
    """Rosters of a day, oldest first."""
    require(caller, "day.read", street)
    register.street(tx, street)
    return rosters.of_day(tx, street, day)


def remove(tx: Tx, caller: Caller, street: StreetId, day: date, id_: str) -> None:
    """Forget a roster.

    Raises
    ------
    Missing
        `roster.none`.
    """
    require(caller, "day.write", street)
    key = DayKey(street, day)
    rosters.read(tx, key, id_)
    rosters.remove(tx, key, id_)
    audit.record(tx, caller, "roster.remove", f"{street}/{day.isoformat()}/{id_}")


def template(tx: Tx, caller: Caller, street: StreetId, day: date, language: Language) -> bytes:
    """A workbook with the visits of a day, to be filled in."""
    require(caller, "day.read", street)
    given, _ = days_of.inputs(tx, street, day)
    return roster_files.template(given, day, language)


def csv_of(
    tx: Tx, caller: Caller, street: StreetId, day: date, language: Language, id_: str = ""
) -> bytes:
    """A roster as CSV, or the plan of the day where none is named; both can be read in again.

    Raises
    ------
    Missing
        `roster.none`; `day.none`: nothing is planned.
    """
    require(caller, "day.read", street)
    given, _ = days_of.inputs(tx, street, day)
    key = DayKey(street, day)
    if id_:
        calls = [Call(*call) for call in rosters.read(tx, key, id_).calls]
    elif days.state(tx, key) is None:
        raise Missing("day.none", street=street, day=day.isoformat())
    else:
        calls = [Call(one.staff, one.demand, one.start) for one in days.read(tx, key).stops]
    return roster_files.plan_csv(given, day, calls, language)
