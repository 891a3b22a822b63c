"""`carecoord packs check`: is a policy pack file right?"""

import argparse
from pathlib import Path

from carecoord.cli.session import BAD_INPUT, OK, Subcommands, console, say
from carecoord.packs.load import check_file


def add(commands: Subcommands) -> None:
    """Look at policy pack files."""
    parser = commands.add_parser("packs", help="check policy pack files")
    below = parser.add_subparsers(required=True, metavar="ACTION")
    check = below.add_parser(
        "check",
        help="report what is wrong in a pack file, line by line",
        description="Exit 0: no errors; 2: errors, or the file cannot be read.",
    )
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    wrong = 0
    for file in args.files:
        findings = check_file(file)
        for one in findings:
            text = say(args, one.code, **one.facts)
            console.print(
                f"{one.file}:{one.line}: {one.severity}: {text}", markup=False, soft_wrap=True
            )
        errors = [one for one in findings if one.severity == "error"]
        wrong += len(errors)
        if not errors:
            warnings = len(findings)
            console.print(
                say(args, "cli.packs.ok", file=file.name, warnings=warnings),
                markup=False,
                soft_wrap=True,
            )
    return BAD_INPUT if wrong else OK
