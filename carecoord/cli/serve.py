"""`carecoord serve`: the API and the pages, on this machine only until sign-in exists."""

import argparse
import ipaddress
import socket
from threading import Thread

import uvicorn

import solver
from carecoord.cli.session import OK, Subcommands, add_data, console, opened, say
from carecoord.errors import Invalid, Unavailable
from carecoord.jobs import child
from carecoord.settings import Settings
from carecoord.store.engine import Database


def add(commands: Subcommands) -> None:
    """Serve the API and the pages until Ctrl-C."""
    parser = commands.add_parser(
        "serve",
        help="serve the API and the pages",
        description="Serves until Ctrl-C. Listens on loopback only, because there is no sign-in "
        "yet. Exit 0: ended; 2: bad input.",
    )
    add_data(parser)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="(8000)")
    parser.add_argument(
        "--no-auth",
        action="store_true",
        help="say that everybody who reaches the server may do everything; until sign-in exists "
        "that is so without it, too",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    require_loopback(args.host)
    require_port(args.port)
    settings = Settings.from_environment(args.data)
    with opened(settings) as database:
        return serve(args, database, settings, args.host, args.port)


def serve(
    args: argparse.Namespace, database: Database, settings: Settings, host: str, port: int
) -> int:
    """Listen until Ctrl-C.

    Raises
    ------
    Invalid
        The address is not loopback.
    Unavailable
        The port is taken.
    """
    require_loopback(host)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable("cli.address_in_use", field="--port", port=port) from error
    # Loading the application takes a second that other commands need not wait for.
    from api.app import create

    console.print(say(args, "cli.no_auth"), style="bold red", soft_wrap=True)
    shown = f"[{host}]" if ":" in host else host
    console.print(say(args, "cli.serving", url=f"http://{shown}:{port}"))
    Thread(target=_warm, name="warm", daemon=True).start()
    uvicorn.run(
        create(database, settings),
        host=host,
        port=port,
        log_level="warning",
        # Somebody who follows a run keeps a connection open as long as the run lasts.
        timeout_graceful_shutdown=3,
    )
    return OK


def _warm() -> None:
    """Load the search, so that the first repair of a day does not wait for it.

    A child compiles it where that is still to do: pages answer meanwhile.
    """
    if child.warm().wait() == 0:
        solver.warm()


def require_loopback(host: str) -> None:
    """Refuse to be reachable from elsewhere while nobody has to sign in.

    Raises
    ------
    Invalid
        `cli.loopback`.
    """
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise Invalid("cli.loopback", field="--host", host=host)


def require_port(port: int) -> None:
    """Refuse a number that is no port.

    Raises
    ------
    Invalid
        `cli.port`.
    """
    if not 0 < port < 65536:
        raise Invalid("cli.port", field="--port", port=port)
