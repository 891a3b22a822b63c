"""Which Bundles are in a file that somebody else made?"""

import bz2
import gzip
import io
import zlib
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from carecoord.errors import CareError, Invalid
from carecoord.fhir import wire

Json = dict[str, Any]

_AT_ONCE = 1000
"""Resources of an NDJSON file that are put together into one collection."""


def bundles(file: Path) -> Iterator[tuple[str, Json]]:
    """Bundles of a JSON or NDJSON file, plain, `.gz` or `.bz2`, each with a name for messages.

    A JSON file holds one Bundle or one resource. Every line of an NDJSON file is a resource, as
    bulk export writes them, or a Bundle. Resources that are no Bundle come as collections.

    Raises
    ------
    Invalid
        `file.unreadable`; `json.*` with the line in `field`.
    """
    try:
        with _opened(file) as source:
            head = source.readline()
            if _is_ndjson(file, head):
                yield from _lines(file.name, head, source)
            else:
                yield file.name, _bundle(_named(file.name, head + source.read()))
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Invalid("file.unreadable", field=file.name, file=file.name, reason=reason) from error


def _opened(file: Path) -> IO[bytes]:
    if file.suffix == ".gz":
        return io.BufferedReader(gzip.open(file, "rb"))
    if file.suffix == ".bz2":
        return io.BufferedReader(bz2.open(file, "rb"))
    return file.open("rb")


def _is_ndjson(file: Path, head: bytes) -> bool:
    """By name, else by a first line that is a whole object with another one behind it."""
    names = file.suffixes
    if ".ndjson" in names or ".jsonl" in names:
        return True
    if ".json" in names:
        return False
    try:
        wire.loads(head)
    except CareError:
        return False
    return True


def _lines(name: str, head: bytes, source: IO[bytes]) -> Iterator[tuple[str, Json]]:
    numbered = _parsed(name, head, source)
    while chunk := list(islice(numbered, _AT_ONCE)):
        single: list[Json] = []
        for number, resource in chunk:
            if resource.get("resourceType") == "Bundle":
                yield f"{name}:{number}", resource
            else:
                single.append(resource)
        if single:
            first, last = chunk[0][0], chunk[-1][0]
            yield f"{name}:{first}-{last}", _collection(single)


def _parsed(name: str, head: bytes, source: IO[bytes]) -> Iterator[tuple[int, Json]]:
    for number, line in enumerate(chain([head], source), start=1):
        if line.strip():
            yield number, _line(name, number, line)


def _line(name: str, number: int, line: bytes) -> Json:
    return _named(f"{name}:{number}", line)


def _named(name: str, data: bytes) -> Json:
    """One resource; what is wrong with it says where it stands."""
    try:
        return wire.loads(data)
    except Invalid as error:
        where = f"{name} {error.field}".strip()
        raise Invalid(error.code, field=where, **error.facts) from error


def _bundle(resource: Json) -> Json:
    return resource if resource.get("resourceType") == "Bundle" else _collection([resource])


def _collection(resources: list[Json]) -> Json:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in resources],
    }
