"""What happened at the door: facts that a phone, a scheduler or a device reports of one visit.

Events are never changed. Each carries its own number, so that a phone that sends its day twice
after hours without a network adds nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from carecoord.errors import Invalid
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.visits import DayKey


class EventKind(StrEnum):
    """What one staff member reports of one visit."""

    DEPARTED = "departed"
    ARRIVED = "arrived"
    STARTED = "started"
    FINISHED = "finished"
    UNANSWERED = "unanswered"
    """Nobody opened the door."""
    REFUSED = "refused"
    """The person did not want the visit."""


class Progress(StrEnum):
    """How far one staff member is with one visit."""

    PLANNED = "planned"
    ON_THE_WAY = "on-the-way"
    ARRIVED = "arrived"
    STARTED = "started"
    FINISHED = "finished"
    NOT_MADE = "not-made"
    """Somebody was at the door, and the visit did not take place."""


_LEADS_TO = {
    EventKind.DEPARTED: Progress.ON_THE_WAY,
    EventKind.ARRIVED: Progress.ARRIVED,
    EventKind.STARTED: Progress.STARTED,
    EventKind.FINISHED: Progress.FINISHED,
    EventKind.UNANSWERED: Progress.NOT_MADE,
    EventKind.REFUSED: Progress.NOT_MADE,
}


@dataclass(frozen=True, slots=True)
class VisitEvent:
    """One fact about one staff member at one visit.

    id
        UUID given by whoever reports it.
    at
        When it happened; `recorded_at`: when this engine heard of it. Aware instants.
    by
        Who reports it.
    note
        Free words of the reporter, may be empty.
    metres
        Distance from the home when it was reported; None = not measured.
    confirmed
        The person or their family confirmed the visit.
    items
        Numbers of the service items that were done.
    """

    id: str
    key: DayKey
    demand: DemandId
    staff: StaffId
    kind: EventKind
    at: datetime
    recorded_at: datetime
    by: str
    note: str = ""
    metres: int | None = None
    confirmed: bool = False
    items: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("at", "recorded_at"):
            if getattr(self, name).tzinfo is None:
                raise Invalid("event.zone", field=name)


def progress(events: Iterable[VisitEvent]) -> Progress:
    """How far the visit is that all these events are about: what happened last counts.

    A finish counts whatever else is reported, because offline events come in any order.
    """
    found = sorted(events, key=lambda e: (e.at, e.recorded_at))
    if not found:
        return Progress.PLANNED
    if any(e.kind is EventKind.FINISHED for e in found):
        return Progress.FINISHED
    return _LEADS_TO[found[-1].kind]
