"""Clock of the street. Seconds of the day for plans, aware UTC instants for what happened."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
DAY = 86_400


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The service day it is now in Asia/Shanghai."""
    return now().astimezone(ZONE).date()


def instant(day: date, seconds: int) -> datetime:
    """The UTC instant `seconds` after 00:00 Asia/Shanghai of `day`.

    `seconds` may exceed a day: an overnight shift belongs to the day it starts on.
    """
    return (datetime.combine(day, time(), ZONE) + timedelta(seconds=seconds)).astimezone(UTC)


def seconds_of(moment: datetime, day: date) -> int:
    """Seconds from 00:00 Asia/Shanghai of `day` to `moment`, negative before it."""
    return int((moment - datetime.combine(day, time(), ZONE)).total_seconds())


def of_clock(clock: time) -> int:
    """Seconds after midnight of a wall-clock time."""
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def of_written(text: str) -> int:
    """Seconds after midnight of `HH:MM` or `HH:MM:SS`; the next day's hours are 24 and more."""
    hours, minutes, *rest = (int(part) for part in text.split(":"))
    return 3600 * hours + 60 * minutes + sum(rest)


def clock(seconds: int) -> str:
    """`HH:MM` for people, rounded down; an hour past midnight of the next day reads 24 and more."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours:02d}:{rest // 60:02d}"
