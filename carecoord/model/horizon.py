"""The days ahead of a street: how far each is, and a planning of them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from carecoord.model.ids import StreetId

OPEN = ("queued", "planning")


class Zone(StrEnum):
    """How far a day may still change."""

    HISTORIC = "historic"
    """It is over."""
    PUBLISHED = "published"
    """People were told: it changes only by repair and by hand."""
    DRAFT = "draft"
    """Planned, or to be planned, each night anew."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """One planning of the days ahead.

    id
        `night/street/day` when the clock asked: once however many clocks there are.
    state
        `queued`, `planning` (visits are spread, days are planned one after the other), `done` or
        `failed`.
    options
        `seconds`, `iterations`, `seed`, `profile` of each day's run; `spread_seconds` and
        `spread_steps` of the spread.
    lease
        Raised by every claim; only the newest holder may write.
    outcome
        `spread`: counts; `days`: day → `run` id, or why there is none; `code` and `facts` of a
        failure.
    """

    id: str
    street: StreetId
    first: date
    days: int
    state: str
    options: dict[str, Any]
    requested_by: str
    requested_at: datetime
    lease: int
    finished_at: datetime | None
    outcome: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether something may still come of it."""
        return self.state in OPEN

    @property
    def span(self) -> list[date]:
        """Its days, in order."""
        return [self.first + timedelta(days=k) for k in range(self.days)]


def night(street: StreetId, first: date) -> str:
    """Natural key of what the clock asks for in the evening before `first`."""
    return f"night/{street}/{first.isoformat()}"
