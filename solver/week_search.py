"""A good spread within seconds: built greedily, then parts are taken out and put back better."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic

from solver.errors import ProblemError
from solver.period import Care, Spacing, Week, WeekPlan, Worker, limits_of

_MAINS = 6
"""Workers tried as the one who comes to most visits of a care."""

_TRIED, _MOST = 200, 5_000
"""Pattern numbers of a group tried at one insertion, and those looked at at all."""

_Crews = dict[int, tuple[str, ...]]
"""Day → who comes; empty: nobody makes the visit."""


@dataclass(slots=True)
class _Load:
    """What one worker has to do, and what every limit still leaves."""

    worker: Worker
    seconds: list[int]
    visits: list[int]
    bands: dict[int, list[int]]
    spans: list[tuple[int | None, int | None]]
    total: int = 0
    hard: int = 0
    of_day: list[list[int]] = field(default_factory=list)

    @classmethod
    def of(cls, worker: Worker, days: int) -> _Load:
        limits = limits_of(worker, days)
        of_day: list[list[int]] = [[] for _ in range(days)]
        for number, limit in enumerate(limits):
            for day in range(limit.first, limit.last + 1):
                of_day[day].append(number)
        return cls(
            worker=worker,
            seconds=list(worker.seconds),
            visits=[0] * days,
            bands={band: list(left) for band, left in worker.bands.items()},
            spans=[(limit.seconds, limit.days) for limit in limits],
            of_day=of_day,
        )

    def fits(self, care: Care, day: int) -> bool:
        """Whether one more visit of `care` keeps every limit."""
        if self.seconds[day] < care.seconds or (self.worker.id, day) in care.never:
            return False
        for band in care.bands:
            if band in self.bands and self.bands[band][day] < care.seconds:
                return False
        starts = self.visits[day] == 0
        for number in self.of_day[day]:
            seconds, days = self.spans[number]
            if seconds is not None and seconds < care.seconds:
                return False
            if starts and days is not None and days < 1:
                return False
        return True

    def put(self, care: Care, day: int, sign: int = 1) -> None:
        """Give the worker a visit; with `sign` -1 take it away."""
        length = sign * care.seconds
        before = self.visits[day]
        self.visits[day] += sign
        self.seconds[day] -= length
        for band in care.bands:
            if band in self.bands:
                self.bands[band][day] -= length
        turn = sign if 0 in (before, self.visits[day]) else 0
        for number in self.of_day[day]:
            seconds, days = self.spans[number]
            self.spans[number] = (
                None if seconds is None else seconds - length,
                None if days is None else days - turn,
            )
        self.total += length
        self.hard += sign * care.hard_work


def _groups(week: Week) -> dict[str, list[Care]]:
    """Cares tied to each other, by the id of one of them."""
    head = {care.id: care.follows or care.id for care in week.cares}
    for spacing in week.spacings:
        one, two = head[spacing.first], head[spacing.second]
        head = {id_: one if name == two else name for id_, name in head.items()}
    groups: dict[str, list[Care]] = {}
    for care in week.cares:
        groups.setdefault(head[care.id], []).append(care)
    return groups


def _choices(week: Week, group: Sequence[Care]) -> list[tuple[int, ...]]:
    """Pattern numbers of the cares of a group that go together."""
    at = {care.id: k for k, care in enumerate(group)}
    inside = [s for s in week.spacings if s.first in at]
    found: list[tuple[int, ...]] = [()]
    for k, care in enumerate(group):
        ties = [s for s in inside if k == max(at[s.first], at[s.second])]
        longer = (
            (*numbers, number)
            for numbers in found
            for number in range(len(care.patterns))
            if _fits(group, at, (*numbers, number), ties)
        )
        found = list(islice(longer, _MOST))
    if not found:
        one = inside[0] if inside else None
        raise ProblemError(
            "week.spacing",
            f"cares[{group[0].id}]",
            first=one.first if one else group[0].id,
            second=one.second if one else group[-1].id,
        )
    return found


def _fits(
    group: Sequence[Care],
    at: Mapping[str, int],
    numbers: tuple[int, ...],
    ties: Sequence[Spacing],
) -> bool:
    """Whether the care whose number came last goes with those before it."""
    last = group[len(numbers) - 1]
    for k, care in enumerate(group[: len(numbers)]):
        together = last.follows in (care.id, care.follows or "-") or care.follows == last.id
        if care is not last and together and numbers[k] != numbers[-1]:
            return False
    return all(
        tie.keeps(
            group[at[tie.first]].patterns[numbers[at[tie.first]]],
            group[at[tie.second]].patterns[numbers[at[tie.second]]],
        )
        for tie in ties
    )


class Search:
    """Ruin and recreate on whole cares; those that are tied to one another move together."""

    def __init__(self, week: Week, seed: int) -> None:
        self._week, self._random = week, random.Random(seed)  # noqa: S311 - a search, no secret
        self._loads = {w.id: _Load.of(w, week.days) for w in week.workers}
        self._groups = _groups(week)
        self._choices = {name: _choices(week, group) for name, group in self._groups.items()}
        self._able = {
            care.id: sorted(care.people, key=lambda n: (care.cost(n), n)) for care in week.cares
        }
        self._crews: dict[str, _Crews] = {}
        self._number: dict[str, tuple[int, ...]] = {}
        self._costs: dict[str, int] = {}
        self._mean = week.mean

    def start(self) -> None:
        """Build a first plan: the narrowest and longest cares first."""

        def weight(name: str) -> tuple[int, int, str]:
            group = self._groups[name]
            work = sum(c.seconds * c.carers * len(c.patterns[0]) for c in group)
            return min(len(c.people) for c in group), -work, name

        for name in sorted(self._groups, key=weight):
            self._insert(name)

    def run(self, *, end: float, rounds: int | None) -> None:
        """Improve until the time is over, or for so many rounds."""
        names = sorted(self._groups)
        cost = self._cost()
        done = 0
        while names and (rounds is None or done < rounds) and monotonic() < end:
            done += 1
            out = self._chosen(names)
            kept = {
                name: (
                    {c.id: self._crews[c.id] for c in self._groups[name]},
                    self._number[name],
                    self._costs[name],
                )
                for name in out
            }
            for name in out:
                self._remove(name)
            for name in self._order(out):
                self._insert(name)
            now = self._cost()
            if now <= cost:
                cost = now
                continue
            for name in out:
                self._remove(name)
            for name, (crews, number, own) in kept.items():
                self._place(name, crews, number, own)

    def plan(self) -> WeekPlan:
        """The plan as it stands, without a bound."""
        visits = sorted(
            (id_, day, name)
            for id_, crews in self._crews.items()
            for day, crew in crews.items()
            for name in crew
        )
        lost = sorted(
            (id_, day)
            for id_, crews in self._crews.items()
            for day, crew in crews.items()
            if not crew
        )
        return WeekPlan(tuple(visits), tuple(lost), self._cost(), 0)

    def _cost(self) -> int:
        loads = self._loads.values()
        unfair = max([0, *(load.total - self._mean for load in loads)])
        hard = max((load.hard for load in loads), default=0)
        fairness = self._week.unfair * unfair + self._week.unfair_hard * hard
        return sum(self._costs.values()) + fairness

    def _chosen(self, names: Sequence[str]) -> list[str]:
        """Groups to take out: of one worker, of the most loaded, round an unserved one, or any."""
        count = min(len(names), self._random.randint(2, 7))
        first = self._random.choice(names)
        kind = self._random.random()
        if kind < 0.25:
            unserved = [
                n
                for n in names
                if any(not c for g in self._groups[n] for c in self._crews[g.id].values())
            ]
            first = self._random.choice(unserved) if unserved else first
        if kind < 0.8 and self._loads:
            if kind > 0.65:
                who = max(self._loads.values(), key=lambda load: load.total).worker.id
            else:
                people = sorted({p for care in self._groups[first] for p in care.people})
                who = self._random.choice(people) if people else ""
            near = [
                n
                for n in names
                if any(who in crew for g in self._groups[n] for crew in self._crews[g.id].values())
            ]
            picked = self._random.sample(near, min(len(near), count - 1))
            return list(dict.fromkeys([first, *picked]))
        return list(dict.fromkeys([first, *self._random.sample(names, count - 1)]))

    def _order(self, out: Sequence[str]) -> list[str]:
        mixed = list(out)
        self._random.shuffle(mixed)
        if self._random.random() < 0.5:
            mixed.sort(key=lambda n: min(len(c.people) for c in self._groups[n]))
        return mixed

    def _remove(self, name: str) -> None:
        for care in self._groups[name]:
            self._give(care, self._crews.pop(care.id), -1)
        del self._number[name], self._costs[name]

    def _place(
        self, name: str, crews: dict[str, _Crews], number: tuple[int, ...], cost: int
    ) -> None:
        for care in self._groups[name]:
            self._crews[care.id] = crews[care.id]
            self._give(care, crews[care.id], 1)
        self._number[name], self._costs[name] = number, cost

    def _give(self, care: Care, crews: _Crews, sign: int) -> None:
        for day, crew in crews.items():
            for name in crew:
                self._loads[name].put(care, day, sign)

    def _insert(self, name: str) -> None:
        """Put a group in at its cheapest pattern and people."""
        group = self._groups[name]
        best: tuple[int, int, tuple[int, ...], dict[str, _Crews]] | None = None
        choices = self._choices[name]
        for numbers in self._random.sample(choices, min(_TRIED, len(choices))):
            crews: dict[str, _Crews] = {}
            guide = cost = 0
            for care, number in zip(group, numbers, strict=True):
                found, own, weighed = self._crewed(care, care.patterns[number])
                crews[care.id] = found
                self._give(care, found, 1)
                cost += own + care.pattern_cost(number)
                guide += weighed + care.pattern_cost(number)
            for care in group:
                self._give(care, crews[care.id], -1)
            if best is None or guide < best[0]:
                best = (guide, cost, numbers, crews)
        assert best is not None
        self._place(name, best[3], best[2], best[1])

    def _crewed(self, care: Care, days: Sequence[int]) -> tuple[_Crews, int, int]:
        """People for the visits of one pattern, its cost, and the cost with the load it adds."""
        best: tuple[int, int, _Crews] | None = None
        for mains in self._mains(care, days):
            crews = self._with(care, days, mains)
            cost = self._own_cost(care, crews)
            weighed = cost + self._crowding(care, crews)
            if best is None or weighed < best[0]:
                best = (weighed, cost, crews)
        assert best is not None
        return best[2], best[1], best[0]

    def _mains(self, care: Care, days: Sequence[int]) -> Iterable[tuple[str, ...]]:
        """Who might come to most visits: known, free on most days, with little to do yet."""

        def rank(name: str) -> tuple[int, int]:
            load = self._loads[name]
            free = sum(load.fits(care, day) for day in days)
            extra = self._week.unfair * max(0, load.total + free * care.seconds - self._mean)
            lost = (len(days) - free) * (care.stranger + self._week.faces // max(1, len(days)))
            return free * care.cost(name) + lost + extra, load.total

        ranked = sorted(self._able[care.id], key=rank)
        if not ranked:
            return [()]
        if care.carers == 1:
            return [(name,) for name in ranked[:_MAINS]]
        top = ranked[: _MAINS + care.carers - 1]
        return [tuple(top[k : k + care.carers]) for k in range(len(top) - care.carers + 1)] or [()]

    def _with(self, care: Care, days: Sequence[int], mains: tuple[str, ...]) -> _Crews:
        """Crews with `mains` wherever they are free; each visit is put in as it is chosen."""
        crews: _Crews = {}
        used = dict.fromkeys(mains)
        for day in days:
            crew: list[str] = [n for n in used if self._loads[n].fits(care, day)][: care.carers]
            if len(crew) < care.carers:
                rest = [
                    n
                    for n in self._able[care.id]
                    if n not in crew and self._loads[n].fits(care, day)
                ]
                rest.sort(key=lambda n: (care.cost(n), self._loads[n].total))
                crew += rest[: care.carers - len(crew)]
            if len(crew) < care.carers:
                crew = []
            for name in crew:
                used.setdefault(name)
                self._loads[name].put(care, day)
            crews[day] = tuple(crew)
        self._give(care, crews, -1)
        return crews

    def _own_cost(self, care: Care, crews: _Crews) -> int:
        faces = {name for crew in crews.values() for name in crew}
        served = sum(care.cost(name) for crew in crews.values() for name in crew)
        lost = sum(not crew for crew in crews.values()) * self._week.lost(care)
        return served + lost + self._week.faces * max(0, len(faces) - care.carers)

    def _crowding(self, care: Care, crews: _Crews) -> int:
        """What the load of these people adds beyond a fair share."""
        added: dict[str, int] = {}
        for crew in crews.values():
            for name in crew:
                added[name] = added.get(name, 0) + care.seconds
        above = 0
        for name, seconds in added.items():
            before = self._loads[name].total - self._mean
            above += max(0, before + seconds) - max(0, before)
        hard = max((self._loads[name].hard for name in added), default=0)
        return self._week.unfair * above + care.hard_work * self._week.unfair_hard * hard // 4
