"""`carecoord export`: a month's services for those who pay."""

import argparse
import sys
from pathlib import Path

from carecoord.cli.session import OK, Subcommands, add_data, console, opened, operator, say
from carecoord.errors import Invalid
from carecoord.flows import settlement
from carecoord.model.coverage import Payer
from carecoord.model.ids import StreetId
from carecoord.packs.load import load
from carecoord.settings import Settings


def add(commands: Subcommands) -> None:
    """Write a month's services to a file."""
    parser = commands.add_parser(
        "export",
        help="write a month's services per payer, with evidence",
        description="Writes every task of the month's published days with its one payer, price, "
        "own share and evidence: CSV (UTF-8 with BOM), an Excel workbook, or a FHIR Bundle of "
        "Claims. Stores nothing but the audit row. Exit 0: written; 2: bad input.",
    )
    parser.add_argument("street", metavar="STREET", help="division code of 9 digits")
    parser.add_argument("month", metavar="MONTH", help="YYYY-MM")
    parser.add_argument("--payer", choices=[one.value for one in Payer], help="one payer only")
    parser.add_argument("--format", choices=("csv", "xlsx", "fhir"), default="csv", help="(csv)")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="file to write, - for standard output; else named"
    )
    add_data(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    payer = Payer(args.payer) if args.payer else None
    with opened(Settings.from_environment(args.data)) as database, database.write() as tx:
        found = settlement.month(
            tx, operator(), StreetId(args.street), args.month, load(), payer=payer
        )
    body, _, name = settlement.file(found, args.format, args.language)
    if args.out == Path("-"):
        sys.stdout.buffer.write(body)
        return OK
    target = args.out or Path(name)
    try:
        target.write_bytes(body)
    except OSError as error:
        raise Invalid("cli.export.file", field="--out", file=str(target)) from error
    proven = sum(line.proven for line in found.lines)
    console.print(
        say(args, "cli.export.done", file=target.name, lines=len(found.lines), proven=proven),
        markup=False,
    )
    return OK
