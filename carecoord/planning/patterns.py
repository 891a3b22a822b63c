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

_FEW, _NEAR = 8, 2
"""Up to so many visits are also moved singly, or from one on, and by so many days."""

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
        # Once a period must not become less often; more often a day more is no harm.
        most = -(-asked.period // often) + (often > 1)
        for before, after in pairwise(sorted(days)):
            if before not in moved and after not in moved:
                continue
            if not self.settled and now[before] < self.first:
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
    """All visits earlier or later by the same, those from one on, or a single one."""
    steps = sorted((k for k in range(-FARTHEST, FARTHEST + 1) if k), key=abs)
    dues = sorted(now)
    for step in steps:
        yield _shifted(now, dues, step)
    if len(dues) > _FEW:
        return
    for step in steps:
        if abs(step) <= _NEAR:
            for k in range(1, len(dues)):
                yield _shifted(now, dues[k:], step)
                yield _shifted(now, dues[k - 1 : k], step)


def _shifted(now: Way, dues: Sequence[date], step: int) -> Way:
    return now | {due: now[due] + timedelta(days=step) for due in dues}
