"""Is a JSON value a valid primitive of FHIR?"""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

Test = Callable[[Any], bool]

_TEXT_LIMIT = 1_048_576
_INTEGER = 2**31
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _matching(pattern: str) -> Test:
    matches = re.compile(pattern).fullmatch

    def test(value: Any) -> bool:
        return type(value) is str and matches(value) is not None

    return test


def _dated(pattern: str) -> Test:
    """The form, and a day that the calendar has."""
    matches = re.compile(pattern, re.ASCII).fullmatch

    def test(value: Any) -> bool:
        if type(value) is not str or matches(value) is None:
            return False
        if len(value) < 10 or value[8:10] < "29":
            return True
        try:
            date(int(value[:4]), int(value[5:7]), int(value[8:10]))
        except ValueError:
            return False
        return True

    return test


def _is_text(value: Any) -> bool:
    return (
        type(value) is str
        and len(value) <= _TEXT_LIMIT
        and not value.isspace()
        and value != ""
        and not _CONTROL.search(value)
    )


def _is_base64(value: Any) -> bool:
    if type(value) is not str or not value:
        return False
    try:
        base64.b64decode(re.sub(r"\s", "", value), validate=True)
    except binascii.Error:
        return False
    return True


def _is_whole(low: int) -> Test:
    def test(value: Any) -> bool:
        return type(value) is int and low <= value < _INTEGER

    return test


def _is_decimal(value: Any) -> bool:
    # Resources that this engine builds itself may hold floats.
    return type(value) is int or isinstance(value, Decimal | float)


_DAY = r"(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])"
_YEAR = r"(?!0000)\d{4}"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?"
_TIME = rf"T{_CLOCK}(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"

TESTS: dict[str, Test] = {
    "base64Binary": _is_base64,
    "boolean": lambda value: value is True or value is False,
    "canonical": _matching(r"\S+"),
    "code": _matching(r"[^\s]+(?:\s[^\s]+)*"),
    "date": _dated(rf"{_YEAR}{_DAY})?)?"),
    "dateTime": _dated(rf"{_YEAR}{_DAY}(?:{_TIME})?)?)?"),
    "decimal": _is_decimal,
    "id": _matching(r"[A-Za-z0-9\-.]{1,64}"),
    "instant": _dated(rf"{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]){_TIME}"),
    "integer": _is_whole(-_INTEGER),
    "markdown": _is_text,
    "oid": _matching(r"urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+"),
    "positiveInt": _is_whole(1),
    "string": _is_text,
    "time": _matching(_CLOCK),
    "unsignedInt": _is_whole(0),
    "uri": _matching(r"\S+"),
    "url": _matching(r"\S+"),
    "uuid": _matching(r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "xhtml": lambda value: type(value) is str and value != "",
}
"""Test of each primitive type, by its name. Forms follow the `regex` of the R4 definitions,
narrowed to days that exist; a uri may not be empty, as JSON has no empty values."""


def shown(value: Any) -> str:
    """A value as a message shows it: short, and without line breaks."""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."
