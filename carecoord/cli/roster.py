"""`carecoord roster`: rosters made by hand, from and to files."""

import argparse
import sys
from pathlib import Path

from carecoord.cli.session import (
    BAD_INPUT,
    OK,
    Subcommands,
    add_data,
    console,
    day_of,
    opened,
    operator,
    say,
)
from carecoord.errors import Invalid
from carecoord.flows import handmade, roster_files
from carecoord.model.ids import StreetId
from carecoord.settings import Settings


def add(commands: Subcommands) -> None:
    """Read and write rosters."""
    parser = commands.add_parser("roster", help="rosters made by hand: import, template, export")
    below = parser.add_subparsers(required=True, metavar="ACTION")
    take = below.add_parser(
        "import",
        help="read a roster from CSV or Excel, to be compared with a plan",
        description="Columns by heading, in Chinese or English: staff, elder (id or name), start. "
        "Keeps nothing while rows are refused, unless --partial. The same file twice is kept once. "
        "Exit 0: kept, kept already, or a clean dry run; 2: rows were refused, or bad input.",
    )
    _where(take)
    take.add_argument("file", type=Path, metavar="FILE", help="CSV or .xlsx")
    take.add_argument("--dry-run", action="store_true", help="say what would happen, keep nothing")
    take.add_argument("--partial", action="store_true", help="keep the good rows")
    take.add_argument(
        "--out", type=Path, help="write the file with remarks behind each row (.xlsx)"
    )
    add_data(take)
    take.set_defaults(run=run_import)
    blank = below.add_parser(
        "template",
        help="write a workbook with the visits of a day, to be filled in",
        description="Exit 0: written; 2: bad input.",
    )
    _where(blank)
    blank.add_argument("--out", type=Path, metavar="FILE", help="else named after street and day")
    add_data(blank)
    blank.set_defaults(run=run_template)
    out = below.add_parser(
        "export",
        help="write the plan of a day, or a roster, as CSV that can be read in again",
        description="CSV, UTF-8 with BOM, no formulas. Exit 0: written; 2: bad input.",
    )
    _where(out)
    out.add_argument("--roster", default="", metavar="ID", help="else the plan of the day")
    out.add_argument("--out", type=Path, metavar="FILE", help="- for standard output; else named")
    add_data(out)
    out.set_defaults(run=run_export)


def run_import(args: argparse.Namespace) -> int:
    """Read a roster."""
    day = day_of(args.day, "DAY")
    try:
        content = args.file.read_bytes()
    except OSError as error:
        raise Invalid("cli.roster.unreadable", field="FILE", file=str(args.file)) from error
    with opened(Settings.from_environment(args.data)) as database, database.write() as tx:
        done = handmade.take(
            tx,
            operator(),
            StreetId(args.street),
            day,
            content,
            name=args.file.name,
            dry_run=args.dry_run,
            partial=args.partial,
        )
    for row in done.read.rows:
        if row.status != "taken":
            text = roster_files.said(row, args.language)
            _print(say(args, "cli.roster.row", number=row.number, text=text))
    rows = done.read.rows
    _print(
        say(
            args,
            "cli.roster.done",
            file=args.file.name,
            taken=sum(row.call is not None for row in rows),
            refused=len(done.read.refused),
            skipped=sum(row.status == "skipped" for row in rows),
        )
    )
    if args.out:
        _written(args, args.out, roster_files.annotated(done.table, done.read, args.language))
    if done.kept is None:
        _print(say(args, "cli.roster.not_kept"))
    elif done.new:
        _print(say(args, "cli.roster.kept", roster=done.kept.id))
    else:
        _print(say(args, "cli.roster.same", roster=done.kept.id))
    refused = bool(done.read.refused) and done.kept is None
    return BAD_INPUT if refused else OK


def run_template(args: argparse.Namespace) -> int:
    """Write a template."""
    day = day_of(args.day, "DAY")
    with opened(Settings.from_environment(args.data)) as database, database.read() as tx:
        body = handmade.template(tx, operator(), StreetId(args.street), day, args.language)
    _written(args, args.out or Path(f"roster-{args.street}-{day}.xlsx"), body)
    return OK


def run_export(args: argparse.Namespace) -> int:
    """Write a plan or roster."""
    day = day_of(args.day, "DAY")
    with opened(Settings.from_environment(args.data)) as database, database.read() as tx:
        body = handmade.csv_of(
            tx, operator(), StreetId(args.street), day, args.language, args.roster
        )
    if args.out == Path("-"):
        sys.stdout.buffer.write(body)
        return OK
    _written(args, args.out or Path(f"plan-{args.street}-{day}.csv"), body)
    return OK


def _where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("street", metavar="STREET", help="division code of 9 digits")
    parser.add_argument("day", metavar="DAY", help="YYYY-MM-DD")


def _written(args: argparse.Namespace, target: Path, body: bytes) -> None:
    try:
        target.write_bytes(body)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Invalid("file.unwritable", field="--out", file=str(target), reason=reason) from error
    _print(say(args, "cli.roster.file", file=target.name))


def _print(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)
