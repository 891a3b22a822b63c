"""A roster that somebody made by hand for one street-day, kept to be compared with."""

from dataclasses import dataclass
from datetime import datetime

from carecoord.model.visits import DayKey


@dataclass(frozen=True, slots=True)
class RosterPlan:
    """Who starts where and when.

    name
        For people, such as the name of the file.
    calls
        Staff, visit, seconds after 00:00; each once.
    """

    id: str
    key: DayKey
    name: str
    calls: tuple[tuple[str, str, int], ...]
    created_at: datetime
    by: str
