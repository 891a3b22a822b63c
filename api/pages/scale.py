"""Where a time of day lies on the time axis of a page."""

from collections.abc import Iterable
from dataclasses import dataclass

from carecoord.model.board import BoardRoute

HOUR = 3600
USUAL = (6 * HOUR, 21 * HOUR)
SHORTEST = 8 * HOUR


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the axis, both in percent of its width."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Scale:
    """A time axis from `start` to `end`, whole hours in seconds after 00:00 of the service day."""

    start: int
    end: int

    @property
    def hours(self) -> int:
        """Hours that the axis shows."""
        return (self.end - self.start) // HOUR

    @property
    def ticks(self) -> tuple[int, ...]:
        """Every full hour inside the axis, its ends excluded; seconds after 00:00."""
        return tuple(range(self.start + HOUR, self.end, HOUR))

    def at(self, seconds: int) -> float:
        """Percent of the width at which `seconds` lies; the near end when it lies outside."""
        inside = min(max(seconds, self.start), self.end)
        return round(100 * (inside - self.start) / (self.end - self.start), 3)

    def bar(self, start: int, end: int) -> Bar | None:
        """The visible part of a stretch of time; `None` when nothing of it is visible."""
        x = self.at(start)
        width = round(self.at(end) - x, 3)
        return Bar(x, width) if width > 0 else None

    def shows(self, seconds: int) -> bool:
        """Whether `seconds` lies on the axis."""
        return self.start <= seconds <= self.end


def fit(routes: Iterable[BoardRoute]) -> Scale:
    """The smallest axis of whole hours with all work on it, and shifts as far as they are daytime.

    A night shift without visits at night must not squeeze the day of everybody else.
    """
    times = [t for route in routes for t in _work(route)]
    if not times:
        return Scale(*USUAL)
    start = min(times) // HOUR * HOUR
    end = -(-max(times) // HOUR) * HOUR
    return Scale(start, max(end, start + SHORTEST))


def _work(route: BoardRoute) -> Iterable[int]:
    for visit in route.visits:
        yield max(visit.arrival - visit.travel, 0)
        yield visit.end
    for pause in route.pauses:
        yield pause.start
        yield pause.end
    if route.visits:
        yield route.home_arrival
    for shift in route.shifts:
        if shift.start < USUAL[1] and shift.end > USUAL[0]:
            yield max(shift.start, USUAL[0])
            yield min(shift.end, USUAL[1])
