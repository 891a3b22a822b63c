"""When is somebody not at work, other than their roster says?"""

from dataclasses import dataclass
from datetime import datetime

from carecoord.errors import Invalid
from carecoord.model.ids import StaffId, StreetId


@dataclass(frozen=True, slots=True)
class Absence:
    """One person away from `start` to `end`, aware instants; an open end is `None`.

    by, at
        Who said so, and when.
    """

    id: str
    street: StreetId
    staff: StaffId
    start: datetime
    end: datetime | None
    reason: str
    by: str
    at: datetime

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise Invalid("event.zone", field=name)
        if self.end is not None and self.end < self.start:
            raise Invalid(
                "absence.order",
                field="end",
                start=self.start.isoformat(),
                end=self.end.isoformat(),
            )
