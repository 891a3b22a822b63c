"""What does a request bring: caller, transaction, expected version, language?"""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

from carecoord.access import Caller, everything
from carecoord.errors import Conflict, Invalid, Unavailable
from carecoord.fhir.entries import version_of
from carecoord.store.engine import Database, Tx
from carecoord.text import catalogue

BODY_LIMIT = 50_000_000
"""Bytes of a request body, unless `app.state.body_limit` says otherwise."""

ADMINISTRATOR = everything("local")
"""Who asks while there is no sign-in; the server listens on loopback only."""


class TooLarge(Invalid):
    """The request body is longer than this server takes."""


def database(request: Request) -> Database:
    """The open database of the application."""
    found: Database = request.app.state.database
    return found


# Dependencies that only look at the request are `async`: a plain one costs a thread switch each.


async def caller(request: Request) -> Caller:
    """Who asks."""
    found: Caller = getattr(request.state, "caller", ADMINISTRATOR)
    return found


def language_of(request: Request) -> catalogue.Language:
    """Language to answer in: `?lang=`, else `Accept-Language`, else Chinese."""
    wanted = request.query_params.get("lang") or request.headers.get("accept-language", "")
    return catalogue.negotiate(wanted)


async def _language(request: Request) -> catalogue.Language:
    return language_of(request)


def _write(request: Request) -> Iterator[Tx]:
    with database(request).write() as tx:
        yield tx


def _read(request: Request) -> Iterator[Tx]:
    with database(request).read() as tx:
        yield tx


async def _version(request: Request) -> int | None:
    sent = request.headers.get("if-match")
    return None if sent is None else version_of(sent, "If-Match")


async def _named(request: Request) -> int:
    """The version that somebody decided on: no write to a day goes without it."""
    found = await _version(request)
    if found is None:
        raise Conflict("document.precondition", field="If-Match")
    return found


async def body(request: Request) -> bytes:
    """The request body, refused as soon as it is too long.

    Raises
    ------
    TooLarge
        `http.too_large`.
    Unavailable
        `http.disconnected`: the client left before the end.
    """
    limit: int = getattr(request.app.state, "body_limit", BODY_LIMIT)
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise TooLarge("http.too_large", limit=limit)
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise TooLarge("http.too_large", limit=limit)
            parts.append(part)
    except ClientDisconnect as gone:
        raise Unavailable("http.disconnected") from gone
    return b"".join(parts)


# With scope "function" the transaction ends before the answer leaves: what was answered is stored.
WriteTx = Annotated[Tx, Depends(_write, scope="function")]
ReadTx = Annotated[Tx, Depends(_read, scope="function")]
CallerNow = Annotated[Caller, Depends(caller)]
Expected = Annotated[int | None, Depends(_version)]
Named = Annotated[int, Depends(_named)]
Speak = Annotated[catalogue.Language, Depends(_language)]
Body = Annotated[bytes, Depends(body)]
