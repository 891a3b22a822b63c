"""What every command needs: the database, the language, the caller."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from carecoord.access import Caller, everything
from carecoord.errors import Fact, Invalid
from carecoord.settings import Settings
from carecoord.store.engine import Database, sqlite_url
from carecoord.text import sentence

if TYPE_CHECKING:
    Subcommands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subcommands = Any

OK, BAD_INPUT, SOME_UNSERVED = 0, 2, 3

console = Console(highlight=False)


def say(args: argparse.Namespace, code: str, **facts: Fact) -> str:
    """A sentence in the language of the command line."""
    return sentence(code, facts, args.language)


def add_data(parser: argparse.ArgumentParser) -> None:
    """The option that says where the data is."""
    parser.add_argument(
        "--data", type=Path, help="data folder; else CARECOORD_DATA, else the user's"
    )


def day_of(text: str, field: str) -> date:
    """A day as people write it.

    Raises
    ------
    Invalid
        `cli.day`.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("cli.day", field=field, value=text) from None


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database of the settings, at the newest schema.

    Raises
    ------
    Invalid
        `cli.data`: the data folder cannot be made.
    """
    try:
        url = settings.database_url or sqlite_url(settings.data)
    except OSError as error:
        raise Invalid(
            "cli.data", field="--data", folder=str(settings.data), reason=str(error.strerror)
        ) from error
    database = Database.open(url)
    try:
        yield database
    finally:
        database.close()


def operator() -> Caller:
    """Whoever can start a command on this machine may do everything."""
    return everything("cli")
