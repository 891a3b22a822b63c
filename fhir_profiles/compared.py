"""How are texts, times and numbers compared in a search?"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

EARLIEST, LATEST = -(2**62), 2**62
"""Bounds of a period that is open at one side, microseconds since 1970-01-01T00:00Z."""

# A date without a zone is a day where this engine works: China has one zone and no summer time.
_ZONE = timezone(timedelta(hours=8))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def fold(text: str) -> str:
    """A text as strings are compared: without case, accents and repeated blanks."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFC", kept).casefold().split())


_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)


def moment(text: str) -> tuple[int, int] | None:
    """First and last microsecond that a date, dateTime or instant covers; None if it is none.

    A text without zone is taken in Asia/Shanghai. Seconds of 60 count as the next minute.
    """
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=_zone(zone))
        if hour is not None:
            start += timedelta(hours=int(hour), minutes=int(minute), seconds=int(second or 0))
        low = (start - _EPOCH) // _MICROSECOND
        if hour is None:
            return low, (_next(start, month, day) - _EPOCH) // _MICROSECOND - 1
    except (ValueError, OverflowError):
        return None
    if second is None:
        return low, low + 60_000_000 - 1
    if not fraction:
        return low, low + 1_000_000 - 1
    digits = fraction[:6]
    width = 10 ** (6 - len(digits))
    low += int(digits) * width
    return low, low + width - 1


def _zone(text: str | None) -> timezone:
    if text is None:
        return _ZONE
    if text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _next(start: datetime, month: str | None, day: str | None) -> datetime:
    if day is not None:
        return start + timedelta(days=1)
    if month is not None:
        return (start + timedelta(days=31)).replace(day=1)
    return start.replace(year=start.year + 1)


def period(value: Any, leaf: str) -> tuple[int, int] | None:
    """First and last microsecond of a date, instant, Period or Timing; None if it has none."""
    if isinstance(value, str):
        return moment(value)
    if leaf == "Timing":
        spans = [s for e in value.get("event", ()) if e and (s := moment(e))]
        bounds = value.get("repeat", {}).get("boundsPeriod")
        if bounds and (span := period(bounds, "Period")):
            spans.append(span)
        return (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None
    if leaf != "Period":
        return None
    start = moment(value["start"]) if "start" in value else None
    end = moment(value["end"]) if "end" in value else None
    if start is None and end is None:
        return None
    return (start[0] if start else EARLIEST, end[1] if end else LATEST)


def spread(written: str) -> tuple[float, float, float]:
    """The number, and the lowest and highest that round to it at the precision it is written in.

    Raises
    ------
    ValueError
        It is not a finite number.
    """
    try:
        exact = Decimal(written)
    except InvalidOperation as error:
        raise ValueError(written) from error
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > 300:
        raise ValueError(written)
    half = Decimal(5).scaleb(exponent - 1)
    return float(exact), float(exact - half), float(exact + half)
