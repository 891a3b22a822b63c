"""On which days may visits fall that no weekday is named for? Spacing and frequency hold. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from carecoord.model.plans import Recurrence, Task
from carecoord.planning.recur import FARTHEST, allowed, days_of

Way = dict[date, date]
"""Day on which a visit is due by its recurrence → day on which it takes place."""

_ROUTINE, _MOVE = 300, 20
"""Cost of moving one visit: of somebody who was visited before, and of somebody new."""


def daily(recurrence: Recurrence) -> bool:
    """Whether it falls on every day, so that there is nothing to choose."""
    return not recurrence.weekdays and recurrence.period <= recurrence.frequency


@dataclass
class Cluster:
    """Visits of one plan that move together.

    first, last
        The days ahead.
    tasks
        With the start of their spread.
    dues
        Visits that may move, with the day on which they fall now; `still`: those that may not.
    chosen
        Visit group and due day → day, by earlier spreads.
    settled
        Somebody has called there before: the weekdays are a habit.
    """

    first: date
    last: date
    tasks: tuple[tuple[Task, int], ...]
    dues: Way
    still: Way
    chosen: Mapping[tuple[str, date], date]
    settled: bool

    def costs(self, ways: Sequence[Way]) -> tuple[int, ...]:
        """Of each way, for what it moves."""
        each = _ROUTINE if self.settled else _MOVE
        return tuple(sum(way[due] != day for due, day in self.dues.items()) * each for way in ways)

    @cached_property
    def series(self) -> tuple[tuple[Recurrence, Way], ...]:
        """Each task's visits as they fall now, also before and after the days ahead."""
        found = []
        for task, start in self.tasks:
            reach = FARTHEST + task.recurrence.period
            begin = self.first - timedelta(days=reach)
            count = (self.last - begin).days + 1 + reach
            due = days_of(task.recurrence, start, begin, count)
            now = {day: self.chosen.get((task.group, day), day) for day in due}
            here = self.dues | self.still
            found.append((task.recurrence, {day: here.get(day, now[day]) for day in due}))
        return tuple(found)

    def keeps(self, way: Way) -> bool:
        """Whether no two visits meet, and no gap is too short or too long where one moved."""
        days = [day for _, day in sorted((way | self.still).items())]
        return all(a < b for a, b in pairwise(days)) and all(
            self._spaced(asked, now, way) for asked, now in self.series
        )

    def _spaced(self, asked: Recurrence, now: Way, way: Way) -> bool:
        days = {due: way.get(due, day) for due, day in now.items()}
        moved = {due for due, day in days.items() if day != now[due]}
        if any(
            abs((days[due] - due).days) > FARTHEST or not allowed(asked, days[due]) for due in moved
        ):
            return False
        often = min(asked.frequency, asked.period)
        least = max(1, asked.spacing, asked.period // often - 1)
        most = -(-asked.period // often)
        for before, after in pairwise(sorted(days)):
            if before not in moved and after not in moved:
                continue
            gap = (days[after] - days[before]).days
            # What falls after the days ahead can still follow.
            if gap < least or (gap > most and now[after] <= self.last):
                return False
        return True


def patterns(cluster: Cluster, draft: Sequence[date]) -> Iterator[Way]:
    """Every way the visits may fall on the days `draft`; first the way they fall now."""
    now = cluster.dues
    if not now:
        return
    yield dict(now)
    inside, seen = set(draft), [now]
    for way in _moves(now):
        if way not in seen and inside.issuperset(way.values()) and cluster.keeps(way):
            seen.append(way)
            yield way


def _moves(now: Way) -> Iterator[Way]:
    """All visits earlier or later by the same, or one of them by a day."""
    for step in sorted(range(-FARTHEST, FARTHEST + 1), key=abs):
        if step:
            yield {due: day + timedelta(days=step) for due, day in now.items()}
    if len(now) <= FARTHEST:
        for due, day in now.items():
            for step in (-1, 1):
                yield now | {due: day + timedelta(days=step)}
