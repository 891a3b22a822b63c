"""How does FHIR JSON come in and go out without one altered number?

Numbers with a fraction or an exponent are kept as `Literal`: a `Decimal` that remembers how it
was written. Whole numbers are `int`, texts `str`; so a reader needs no care, and `dumps` writes
`0.40` as `0.40`.
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

import orjson

DEPTH_LIMIT = 64
"""Objects and arrays inside one another; the deepest official example has 22."""

Json = dict[str, Any]


class Literal(Decimal):
    """A decimal that is written out exactly as it came in."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "Literal":
        """Keep `text`, which must be a JSON number."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __reduce__(self) -> tuple[type["Literal"], tuple[str]]:
        return Literal, (self.text,)


class UnreadableError(ValueError):
    """The text is not FHIR JSON.

    `code` names what is wrong, `path` where (such as `Patient.name[0].given`, empty for the
    whole text), and `facts` fill the sentence.
    """

    def __init__(self, code: str, path: str = "", **facts: str | int) -> None:
        super().__init__(f"{code} {path} {facts}")
        self.code, self.path, self.facts = code, path, facts


class _RefusedError(Exception):
    """Some object is not FHIR JSON; where it is, a slower second look finds out."""


# Whole numbers that `int` or the writer would alter: minus zero, or too long for 64 bits.
_ODD_INTEGER = re.compile(rb"-0(?![.eE0-9])|[0-9]{18}")


def loads(data: str | bytes) -> Json:
    """Parse one FHIR JSON object.

    Raises
    ------
    UnreadableError
        `json.syntax`, `json.text` (not UTF-8, a lone surrogate), `json.number` (NaN, Infinity),
        `json.depth`, `json.object` (the top is no object), `json.duplicate`, `json.null`,
        `json.empty`, `json.nested`; `path` tells where, such as `Patient.name[0].given`.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        top = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        _syntax(raw, error)
    if not isinstance(top, dict):
        raise UnreadableError("json.object")
    if raw.count(b"{") + raw.count(b"[") > DEPTH_LIMIT and _depth(top) > DEPTH_LIMIT:
        raise UnreadableError("json.depth", limit=DEPTH_LIMIT)
    whole = _whole if _ODD_INTEGER.search(raw) else None
    text = raw.decode("utf-8")
    try:
        resource: Json = json.loads(
            text, parse_float=Literal, parse_int=whole, object_pairs_hook=_object
        )
    except _RefusedError:
        _locate(json.loads(text, object_pairs_hook=_Pairs), str(top.get("resourceType", "")))
        raise
    return resource


def loose(data: bytes) -> Any:
    """Parse any JSON value, with null and empty arrays, as patches have them.

    Raises
    ------
    UnreadableError
        `json.syntax`, `json.text`, `json.number`, `json.depth`.
    """
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError as error:
        _syntax(data, error)
    whole = _whole if _ODD_INTEGER.search(data) else None
    return json.loads(data, parse_float=Literal, parse_int=whole)


def trusted(text: str) -> Json:
    """Parse what `dumps` wrote: the same values as `loads`, without its checks."""
    whole = _whole if _ODD_INTEGER.search(text.encode()) else None
    resource: Json = json.loads(text, parse_float=Literal, parse_int=whole)
    return resource


def dumps(resource: Json) -> str:
    """Write one resource as compact JSON; every `Literal` as it came in."""
    return orjson.dumps(resource, default=_raw).decode("utf-8")


def encode(resource: Json) -> bytes:
    """Write one resource as compact JSON in UTF-8, ready for the wire."""
    return orjson.dumps(resource, default=_raw)


def splice(text: str) -> orjson.Fragment:
    """A part that is JSON text already: `encode` takes it over unparsed."""
    return orjson.Fragment(text)


def _raw(value: object) -> orjson.Fragment:
    if isinstance(value, Literal):
        return orjson.Fragment(value.text)
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} is not JSON")


def _whole(text: str) -> int | Literal:
    return Literal(text) if text == "-0" or len(text) > 18 else int(text)


def _object(pairs: list[tuple[str, Any]]) -> Json:
    made = dict(pairs)
    if len(made) != len(pairs) or not made:
        raise _RefusedError
    for value in made.values():
        if value is None or value == []:
            raise _RefusedError
        if type(value) is list:
            for item in value:
                if type(item) is list:
                    raise _RefusedError
    return made


class _Pairs(list[Any]):
    """An object with its duplicate keys."""


def _locate(pairs: _Pairs, path: str) -> None:
    """Raise the exact error that `_object` only noticed."""
    if not pairs:
        raise UnreadableError("json.empty", path=path)
    seen: set[str] = set()
    for key, value in pairs:
        place = f"{path}.{key}" if path else key
        if key in seen:
            raise UnreadableError("json.duplicate", path=place, key=key)
        seen.add(key)
        if value is None:
            raise UnreadableError("json.null", path=place)
        if isinstance(value, _Pairs):
            _locate(value, place)
        elif isinstance(value, list):
            if not value:
                raise UnreadableError("json.empty", path=place)
            for at, item in enumerate(value):
                if isinstance(item, _Pairs):
                    _locate(item, f"{place}[{at}]")
                elif isinstance(item, list):
                    raise UnreadableError("json.nested", path=f"{place}[{at}]")


def _depth(top: Json) -> int:
    deepest = 0
    level: list[Any] = [top]
    while level:
        deepest += 1
        children: list[Any] = []
        for node in level:
            values = node.values() if isinstance(node, dict) else node
            children.extend(v for v in values if isinstance(v, (dict, list)))
        level = children
    return deepest


def _syntax(raw: bytes, error: orjson.JSONDecodeError) -> NoReturn:
    """Say what exactly the fast parser refused."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise UnreadableError("json.text", offset=wrong.start) from error
    refused: Callable[[str], NoReturn] = _constant
    try:
        json.loads(text, parse_constant=refused)
    except json.JSONDecodeError as wrong:
        raise UnreadableError("json.syntax", line=wrong.lineno, column=wrong.colno) from error
    except RecursionError:
        raise UnreadableError("json.depth", limit=DEPTH_LIMIT) from error
    # The slow parser accepts a lone surrogate written as an escape and very deep nesting.
    if re.search(r"\\u[dD][89a-fA-F]", text):
        raise UnreadableError("json.text", offset=error.pos) from error
    if "infinity" in error.msg:
        raise UnreadableError("json.number", value="1e309") from error
    raise UnreadableError("json.depth", limit=DEPTH_LIMIT) from error


def _constant(name: str) -> NoReturn:
    raise UnreadableError("json.number", value=name)
