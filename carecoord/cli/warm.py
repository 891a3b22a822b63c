"""`carecoord warm`: compile the search before anybody waits for it."""

import argparse

from carecoord.cli.session import OK, Subcommands, console, say
from carecoord.errors import Unavailable
from carecoord.jobs import child


def add(commands: Subcommands) -> None:
    """Compile the search."""
    parser = commands.add_parser(
        "warm",
        help="compile the search, once after installing",
        description="Compiles the search and keeps the result beside the program; without it the "
        "first plan does so and takes longer. Exit 0: done; 2: it could not be done.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    with console.status(say(args, "cli.stage.compile")):
        code = child.warm().wait()
    if code:
        raise Unavailable("solver.crashed", exit=code)
    console.print(say(args, "cli.warm.done"))
    return OK
