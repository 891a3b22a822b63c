"""The commands. Each says what it does and its exit codes; bad input is one line and exit 2."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from carecoord.cli import demo, export, files, packs, plan, profiles, roster, serve, warm
from carecoord.cli.session import BAD_INPUT, say
from carecoord.errors import CareError
from carecoord.text import negotiate

_COMMANDS = (demo, serve, files, plan, packs, profiles, roster, warm, export)


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 2 bad input, others as a command says."""
    parser = _Parser(
        prog="carecoord", description="Coordinate medical and elderly care at home for a street."
    )
    parser.add_argument(
        "--lang",
        default=os.environ.get("CARECOORD_LANG") or os.environ.get("LANG", ""),
        help="zh-CN or en; from the environment if left out",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    args = parser.parse_args(argv)
    args.language = negotiate(args.lang.split(".")[0])
    try:
        code: int = args.run(args)
    except CareError as error:
        field = f"{error.field}: " if error.field else ""
        print(f"{field}{say(args, error.code, **error.facts)}", file=sys.stderr)  # noqa: T201
        return BAD_INPUT
    return code
