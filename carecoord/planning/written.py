"""What day or time does a cell of somebody's roster mean? Pure.

People write 8:30, 8：30, 8点半, 上午八点半, 下午2点, 0830 and 8:30-9:15; a spreadsheet turns times
into fractions of a day and days into numbers counted from 30 December 1899.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from carecoord.model.time import DAY, of_clock

Cell = str | int | float | date | datetime | time | timedelta | None

_EPOCH = date(1899, 12, 30)
_SERIALS = range(36_526, 73_051)
"""Days from 2000 to 2099: a plain number outside is no day."""

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER = re.compile("[零〇一二两三四五六七八九十]+")
_MORNING = ("上午", "早上", "早晨", "清晨", "凌晨", "早", "am")
_AFTERNOON = ("下午", "傍晚", "晚上", "午后", "晚", "pm")
_NOON = ("中午", "正午")
_CLOCK = re.compile(
    r"(?P<day>次日|第二天|翌日)?"
    r"(?P<part>上午|早上|早晨|清晨|凌晨|早|中午|正午|下午|傍晚|晚上|午后|晚|am|pm)?"
    r"(?P<hour>\d{1,2})(?:[:.时点](?P<minute>\d{1,2})?(?:分|:(?P<second>\d{1,2})(?:\.\d+)?)?(?P<rest>半|一刻|1刻|三刻|3刻|整|钟)?)"
    r"(?P<after>am|pm)?"
)
_PLAIN = re.compile(r"(?P<hour>[01]?\d|2[0-3])(?P<minute>[0-5]\d)")
_RANGE = re.compile(r"[-–—~～至到]")
_DATES = (
    re.compile(
        r"(?P<y>\d{4})[年/.\-](?P<m>\d{1,2})[月/.\-](?P<d>\d{1,2})(?:[日号].*|[t(（].*|周.|星期.)?"
    ),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(r"(?P<m>\d{1,2})[月/](?P<d>\d{1,2})(?:[日号].*|[(（].*|周.|星期.)?"),
)
_WITH_TIME = re.compile(r"(\d{4}[年/.\-]\d{1,2}[月/.\-]\d{1,2}(?:日|(?=[t ])))[t ]*(\S.*)")


def plain(cell: Cell) -> str:
    """A cell as text without what nobody sees: widths, blanks, the quote before a formula."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = unicodedata.normalize("NFKC", str(cell)).replace("\u200b", "").replace("\ufeff", "")
    text = " ".join(text.split())
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def day_of(cell: Cell, year: int) -> date | None:
    """The day a cell means; None when it means none.

    Parameters
    ----------
    year
        Of days written without one.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _arabic(plain(cell).lower())
    if found := _WITH_TIME.fullmatch(text):
        text = found[1] if found[2][:1].isdigit() else text
    text = text.replace(" ", "")
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        serial = int(float(text))
        return _EPOCH + timedelta(days=serial) if serial in _SERIALS else None
    for pattern in _DATES:
        if found := pattern.fullmatch(text):
            parts = found.groupdict()
            try:
                return date(int(parts.get("y") or year), int(parts["m"]), int(parts["d"]))
            except ValueError:
                return None
    return None


def start_of(cell: Cell) -> int | None:
    """Seconds after 00:00 that a cell means, the first of a range; None when it means no time."""
    if isinstance(cell, datetime):
        return of_clock(cell.time())
    if isinstance(cell, time):
        return of_clock(cell)
    if isinstance(cell, timedelta):
        seconds = int(cell.total_seconds())
        return seconds if 0 <= seconds < 2 * DAY else None
    if isinstance(cell, bool | date):
        return None
    text = _arabic(plain(cell).lower())
    if found := _WITH_TIME.fullmatch(text):
        text = found[2]
    text = text.replace(" ", "")
    number = _number(text)
    if number is not None:
        return _of_number(number, text)
    head = _RANGE.split(text, maxsplit=1)[0]
    found = _CLOCK.fullmatch(head)
    return None if found is None else _of_clock(found)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d+(\.\d+)?(e-?\d+)?", text) else None


def _of_number(number: float, text: str) -> int | None:
    """A fraction of a day, a day with a fraction, an hour, or hours and minutes in one."""
    if "." in text or "e" in text:
        whole = int(number)
        if whole and whole not in _SERIALS:
            return None
        return round((number - whole) * DAY / 60) * 60
    if len(text) <= 2:
        return int(text) * 3600 if int(text) < 24 else None
    found = _PLAIN.fullmatch(text)
    return None if found is None else int(found["hour"]) * 3600 + int(found["minute"]) * 60


def _of_clock(found: re.Match[str]) -> int | None:
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    minute += {"半": 30, "一刻": 15, "1刻": 15, "三刻": 45, "3刻": 45}.get(found["rest"] or "", 0)
    part = found["part"] or found["after"] or ""
    if (part in _AFTERNOON and hour < 12) or (part in _NOON and hour < 11):
        hour += 12
    elif part in _MORNING and hour == 12:
        hour = 0
    second = int(found["second"] or 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute + second):
        return None
    return hour * 3600 + minute * 60 + second + (DAY if found["day"] else 0)


def _arabic(text: str) -> str:
    """Chinese numerals as digits: 八点半 as 8点半, 二〇二六年十二月 as 2026年12月."""
    text = text.replace("一刻", "1刻").replace("三刻", "3刻")
    return _NUMBER.sub(lambda found: _value(found[0]), text)


def _value(signs: str) -> str:
    if "十" not in signs:
        return "".join(str(_DIGITS[sign]) for sign in signs)
    tens, _, ones = signs.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return signs
    return str(10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0))
