"""Days to spread visits over, the people who make them, and what a spread may not do.

The judge of a spread stands here too: it counts every rule and cost from the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from solver.errors import ProblemError

__all__ = ["Care", "Limit", "Spacing", "Week", "WeekPlan", "Worker", "check_week", "limits_of"]


@dataclass(frozen=True, slots=True)
class Care:
    """Visits one person needs in the period.

    patterns
        Allowed sets of day numbers, e.g. ``((0, 2, 4), (1, 3, 5))``; exactly one is taken.
    seconds
        Of one visit, travel allowance included.
    people
        Names of the workers who may come; empty: nobody may.
    known
        Cost per visit by worker name; anyone else costs `stranger`.
    hard_work
        Counts for the fairness of hard visits.
    carers
        Workers at each visit; all of them come, or the visit is not made.
    follows
        Id of a care whose pattern number this one takes too; empty: its own.
    pattern_costs
        Of each pattern, or empty: they are alike.
    bands
        Parts of the day within which the visits begin, see `Worker.bands`; they may overlap.
    never
        Worker and day on which they cannot come, whatever time they have.
    unserved
        Per visit nobody makes; None: as `Week.unserved`.
    """

    id: str
    patterns: tuple[tuple[int, ...], ...]
    seconds: int
    people: frozenset[str]
    known: Mapping[str, int] = field(default_factory=dict)
    stranger: int = 600
    hard_work: bool = False
    carers: int = 1
    follows: str = ""
    pattern_costs: tuple[int, ...] = ()
    bands: frozenset[int] = frozenset()
    never: frozenset[tuple[str, int]] = frozenset()
    unserved: int | None = None

    def cost(self, worker: str) -> int:
        """Of one visit by a worker."""
        return self.known.get(worker, self.stranger)

    def pattern_cost(self, number: int) -> int:
        """Of taking one pattern."""
        return self.pattern_costs[number] if self.pattern_costs else 0


@dataclass(frozen=True, slots=True)
class Spacing:
    """Days between the visits of two cares, whoever makes them and whether anybody does.

    least
        Between any visit of one and any of the other; 0: nothing is asked, 1: not on one day.
    most
        To the nearest visit of `second` from each visit of `first`; 0: only on the same day;
        None: any.
    """

    first: str
    second: str
    least: int = 0
    most: int | None = None

    def keeps(self, first: Iterable[int], second: Iterable[int]) -> bool:
        """Whether visits may fall on these days."""
        nearest = [min(abs(a - b) for b in second) for a in first]
        return min(nearest) >= self.least and (self.most is None or max(nearest) <= self.most)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many seconds, and so many days with visits, from day `first` to day `last`."""

    first: int
    last: int
    seconds: int | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """Seconds a worker can give on each day, and limits over the period.

    most_seconds, most_days
        Over all days together; `in_a_row`: longest run of working days.
    limits
        On single spans of days, such as what a week that began before the period still leaves.
    bands
        Part of the day → seconds that visits with it among `Care.bands` may take on each day.
    """

    id: str
    seconds: tuple[int, ...]
    most_seconds: int | None = None
    most_days: int | None = None
    in_a_row: int | None = None
    limits: tuple[Limit, ...] = ()
    bands: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def room(self, care: Care, day: int) -> bool:
        """Whether the worker could make a visit of `care` if nothing else were on that day."""
        return (
            self.id in care.people
            and self.seconds[day] >= care.seconds
            and all(
                self.bands[band][day] >= care.seconds for band in care.bands if band in self.bands
            )
            and (self.id, day) not in care.never
        )


def limits_of(worker: Worker, days: int) -> tuple[Limit, ...]:
    """Every limit of a worker as spans of days."""
    found = list(worker.limits)
    if worker.most_seconds is not None or worker.most_days is not None:
        found.append(Limit(0, days - 1, worker.most_seconds, worker.most_days))
    if worker.in_a_row is not None:
        row = worker.in_a_row
        found += [Limit(first, first + row, None, row) for first in range(days - row)]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Week:
    """A period to plan, and what things cost.

    faces
        Per different worker beyond the first (or beyond `Care.carers`) that one person sees.
    unfair, unfair_hard
        Per second of the most loaded worker above the mean; per hard visit of the one with most.
    unserved
        Per visit nobody makes.
    spacings
        Between visits of two cares.
    """

    days: int
    cares: tuple[Care, ...]
    workers: tuple[Worker, ...]
    faces: int = 3_000
    unfair: int = 1
    unfair_hard: int = 600
    unserved: int = 1_000_000
    spacings: tuple[Spacing, ...] = ()

    def __post_init__(self) -> None:
        _whole(self.days, "week.days", 1, 62)
        for name, ids in (
            ("cares", [c.id for c in self.cares]),
            ("workers", [w.id for w in self.workers]),
        ):
            if len(set(ids)) != len(ids):
                raise ProblemError(
                    "id.twice", f"week.{name}", id=next(i for i in ids if ids.count(i) > 1)
                )
        for worker in self.workers:
            self._check_worker(worker)
        known, cares = {w.id for w in self.workers}, {c.id: c for c in self.cares}
        for care in self.cares:
            self._check_care(care, known, cares)
        for spacing in self.spacings:
            self._check_spacing(spacing, cares)

    def lost(self, care: Care) -> int:
        """Cost of one visit of `care` that nobody makes."""
        return self.unserved if care.unserved is None else care.unserved

    @property
    def mean(self) -> int:
        """Fair share in seconds: what all cares ask at least, over all workers."""
        asked = sum(min(len(p) for p in c.patterns) * c.seconds * c.carers for c in self.cares)
        return asked // max(1, len(self.workers))

    def _check_worker(self, worker: Worker) -> None:
        for seconds in (worker.seconds, *worker.bands.values()):
            if len(seconds) != self.days:
                raise ProblemError(
                    "week.seconds",
                    f"workers[{worker.id}].seconds",
                    given=len(seconds),
                    days=self.days,
                )
        for limit in worker.limits:
            if not 0 <= limit.first <= limit.last < self.days:
                raise ProblemError("week.day", f"workers[{worker.id}].limits", days=self.days)

    def _check_care(self, care: Care, known: set[str], cares: Mapping[str, Care]) -> None:
        me = f"cares[{care.id}]"
        if not care.patterns or any(not p for p in care.patterns):
            raise ProblemError("week.patterns", f"{me}.patterns", value="empty")
        if any(not 0 <= d < self.days for p in care.patterns for d in p):
            raise ProblemError("week.day", f"{me}.patterns", days=self.days)
        if care.pattern_costs and len(care.pattern_costs) != len(care.patterns):
            raise ProblemError("week.patterns", f"{me}.pattern_costs", value="costs")
        _whole(care.seconds, f"{me}.seconds", 1, 86_400)
        _whole(care.carers, f"{me}.carers", 1, 4)
        for name in care.people - known:
            raise ProblemError("week.people", f"{me}.people", worker=name)
        if care.follows:
            leader = cares.get(care.follows)
            if leader is None or leader.follows or len(leader.patterns) != len(care.patterns):
                raise ProblemError("week.follows", f"{me}.follows", care=care.follows)

    def _check_spacing(self, spacing: Spacing, cares: Mapping[str, Care]) -> None:
        one, two = cares.get(spacing.first), cares.get(spacing.second)
        me = f"spacings[{spacing.first},{spacing.second}]"
        if one is None or two is None or one is two:
            raise ProblemError("week.spacing", me, first=spacing.first, second=spacing.second)
        _whole(spacing.least, f"{me}.least", 0, self.days)
        if spacing.most is not None:
            _whole(spacing.most, f"{me}.most", spacing.least, self.days)


def _whole(value: int, path: str, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ProblemError("number.range", path, value=value, low=low, high=high)


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """Who comes to whom on which day.

    visits
        (care id, day, worker id), sorted; one for each carer.
    unserved
        (care id, day) of the chosen pattern that nobody makes.
    bound
        No plan costs less; equal to `cost` when this one is proven best.
    """

    visits: tuple[tuple[str, int, str], ...]
    unserved: tuple[tuple[str, int], ...]
    cost: int
    bound: int


def check_week(week: Week, plan: WeekPlan) -> tuple[list[str], int]:
    """Broken rules in words for tests and logs, and the cost, recomputed without the search."""
    wrong: list[str] = []
    cares = {c.id: c for c in week.cares}
    crews: dict[str, dict[int, list[str]]] = {c: {} for c in cares}
    for care, day, name in plan.visits:
        crews[care].setdefault(day, []).append(name)
    lost: dict[str, set[int]] = {c: set() for c in cares}
    for care, day in plan.unserved:
        lost[care].add(day)
    cost = 0
    for one in week.cares:
        faults, its_cost = _care(week, one, crews[one.id], lost[one.id])
        wrong += faults
        cost += its_cost
    chosen, faults = _patterns(week, crews, lost)
    wrong += faults
    cost += sum(cares[id_].pattern_cost(number) for id_, number in chosen.items())
    loads, hards = [0], [0]
    wrong += _spaced(week, crews, lost)
    for worker in week.workers:
        mine = [(cares[c], d) for c, d, n in plan.visits if n == worker.id]
        wrong += _worker(week, worker, mine)
        loads.append(sum(c.seconds for c, _ in mine))
        hards.append(sum(c.hard_work for c, _ in mine))
    if week.workers:
        cost += week.unfair * max(0, max(loads) - week.mean) + week.unfair_hard * max(hards)
    return wrong, cost


def _care(
    week: Week, care: Care, crews: Mapping[int, Sequence[str]], lost: set[int]
) -> tuple[list[str], int]:
    wrong: list[str] = []
    cost = len(lost) * week.lost(care)
    for day, crew in crews.items():
        if len(crew) != care.carers or len(set(crew)) != care.carers or day in lost:
            wrong.append(f"{care.id} has {crew} on day {day}")
        for name in crew:
            if name not in care.people or (name, day) in care.never:
                wrong.append(f"{name} may not visit {care.id} on day {day}")
            cost += care.cost(name)
    faces = {name for crew in crews.values() for name in crew}
    return wrong, cost + week.faces * max(0, len(faces) - care.carers)


def _patterns(
    week: Week, crews: Mapping[str, Mapping[int, object]], lost: Mapping[str, set[int]]
) -> tuple[dict[str, int], list[str]]:
    """The pattern number of each care; those that go together have one in common."""
    wrong: list[str] = []
    chosen: dict[str, int] = {}
    together: dict[str, list[Care]] = {}
    for care in week.cares:
        together.setdefault(care.follows or care.id, []).append(care)
    for group in together.values():
        days = {c.id: tuple(sorted({*crews[c.id], *lost[c.id]})) for c in group}
        fit = [
            number
            for number in range(len(group[0].patterns))
            if all(tuple(sorted(c.patterns[number])) == days[c.id] for c in group)
        ]
        if not fit:
            wrong += [f"{c.id} has days {list(days[c.id])}" for c in group]
            continue
        best = min(fit, key=lambda n: sum(c.pattern_cost(n) for c in group))
        chosen |= {c.id: best for c in group}
    return chosen, wrong


def _spaced(
    week: Week, crews: Mapping[str, Mapping[int, object]], lost: Mapping[str, set[int]]
) -> Iterator[str]:
    for one in week.spacings:
        first, second = ({*crews[c], *lost[c]} for c in (one.first, one.second))
        for day in first:
            gaps = [abs(day - other) for other in second]
            if min(gaps, default=week.days) < one.least:
                yield f"{one.first} and {one.second} are too near on day {day}"
            if one.most is not None and min(gaps, default=week.days) > one.most:
                yield f"{one.first} has no {one.second} near day {day}"


def _worker(week: Week, worker: Worker, mine: Sequence[tuple[Care, int]]) -> Iterator[str]:
    for day in range(week.days):
        today = [care for care, d in mine if d == day]
        if sum(care.seconds for care in today) > worker.seconds[day]:
            yield f"{worker.id} has too much on day {day}"
        for band, seconds in worker.bands.items():
            if sum(care.seconds for care in today if band in care.bands) > seconds[day]:
                yield f"{worker.id} has too much in part {band} of day {day}"
    for limit in limits_of(worker, week.days):
        inside = [(care, d) for care, d in mine if limit.first <= d <= limit.last]
        days = len({d for _, d in inside})
        load = sum(care.seconds for care, _ in inside)
        span = f"days {limit.first} to {limit.last}"
        if limit.seconds is not None and load > limit.seconds:
            yield f"{worker.id} works {load} s on {span}"
        if limit.days is not None and days > limit.days:
            yield f"{worker.id} works {days} days on {span}"
