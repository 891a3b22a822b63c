"""`carecoord profiles check`: is a weight profile right?"""

import argparse
from pathlib import Path

from carecoord.cli.session import BAD_INPUT, OK, Subcommands, console, say
from carecoord.errors import Invalid
from carecoord.planning import weights


def add(commands: Subcommands) -> None:
    """Look at weight profiles."""
    parser = commands.add_parser("profiles", help="check weight profiles")
    below = parser.add_subparsers(required=True, metavar="ACTION")
    check = below.add_parser(
        "check",
        help="report what is wrong in a weight profile",
        description="Unknown names, numbers out of range, missing texts. Put a right file into "
        "the folder profiles of the data folder. Exit 0: no errors; 2: errors, or the file "
        "cannot be read.",
    )
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    wrong = 0
    for file in args.files:
        found = _findings(file)
        wrong += len(found)
        for one in found:
            text = say(args, one.code, **one.facts)
            console.print(f"{file.name}: {one.field}: {text}", markup=False, soft_wrap=True)
        if not found:
            text = say(args, "cli.profiles.ok", file=file.name)
            console.print(text, markup=False, soft_wrap=True)
    return BAD_INPUT if wrong else OK


def _findings(file: Path) -> list[Invalid]:
    try:
        return weights.findings(file.read_text(encoding="utf-8"), file.stem)
    except (OSError, UnicodeDecodeError):
        return [Invalid("profile.unreadable", field=file.name, file=file.name)]
