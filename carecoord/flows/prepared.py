"""A street-day made ready for many questions: read, built and judged once, kept while it holds.

What is kept is only ever used for an answer that stores nothing; whatever is stored is looked at
anew inside its own transaction.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from threading import Lock

from carecoord.flows import standing
from carecoord.flows.standing import Standing, travel_times
from carecoord.model import time
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import StreetId
from carecoord.model.policy import Rules
from carecoord.model.visits import DayKey, Unserved
from carecoord.planning import figures, ground, weights
from carecoord.planning.ground import Ground
from carecoord.planning.past import Past
from carecoord.planning.problem import Built, Costs, DayRules, Places, build
from carecoord.store import fingerprints
from carecoord.store.engine import Tx
from carecoord.streets import Travel
from solver import Problem, Weights

KEPT = 16
"""Days kept per process; one of 450 visits takes about 5 MB."""


@dataclass(slots=True, eq=False)
class Prepared:
    """One street-day ready for insertion.

    ground
        The day with its plan; None when nothing is planned yet.
    """

    standing: Standing
    rules: DayRules
    weights: Weights
    costs: Costs
    data: Path
    ground: Ground | None
    _wide: tuple[Places, Mapping[str, Travel]] | None = None
    _lock: Lock = field(default_factory=Lock)

    def with_visits(self, wanted: Sequence[VisitDemand]) -> tuple[Ground, tuple[Unserved, ...]]:
        """The planned day with visits more, and those that lack data, each with its reason."""
        assert self.ground is not None
        if not wanted:
            return self.ground, ()
        at, travel = self._travel(wanted)
        past = Past(until=self.standing.given.past.until)
        given = replace(
            self.standing.given, demands=tuple(wanted), held={}, pins=(), past=past, starts={}
        )
        alone = build(given, at, travel, self.rules, self.costs)
        more = self.ground.with_visits(alone.problem.visits, alone.problem.travel)
        return more, alone.kept_out

    @property
    def names(self) -> dict[str, str]:
        """Everybody of the problem by name."""
        here = self.standing
        people = {one.id: one.name for one in here.given.staff}
        return {**people} | {who: people[one] for who, one in here.built.stand_ins.items()}

    @property
    def elders(self) -> dict[str, str]:
        """Visit → name of whom it is for."""
        given = self.standing.given
        return {
            one.id: given.elders[one.elder].name
            for one in given.demands
            if one.elder in given.elders
        }

    @property
    def people(self) -> frozenset[str]:
        """Everybody of the problem who can be sent; stand-ins for what is fixed cannot."""
        assert self.ground is not None
        standing_in = self.standing.built.stand_ins
        return frozenset(s.id for s in self.ground.problem.staff if s.id not in standing_in)

    def built_with(self, problem: Problem) -> tuple[Built, Places]:
        """The built day with another problem, and the places its travel times are between."""
        here = self.standing
        at = here.at if self._wide is None else self._wide[0]
        if len(problem.travel[0]) == len(here.at.rows):
            at = here.at
        rows = {place: row for row, place in enumerate(at.rows)}
        return replace(here.built, problem=problem, row_of=rows), at

    def _travel(self, wanted: Sequence[VisitDemand]) -> tuple[Places, Mapping[str, Travel]]:
        """Travel times of the day; with every home of the street once a visit is elsewhere."""
        here = self.standing
        elders = [here.given.elders.get(one.elder) for one in wanted]
        homes = {elder.home.place for elder in elders if elder is not None} - {None}
        if self._wide is None and homes <= here.built.row_of.keys():
            return here.at, here.travel
        with self._lock:
            if self._wide is None:
                every = (elder.home.place for elder in here.given.elders.values())
                rows = dict.fromkeys((*here.at.rows, *(p for p in every if p is not None)))
                at = Places(tuple(rows), here.at.bases)
                cache = self.data / "cache"
                self._wide = at, travel_times(here.network, at, here.given.staff, cache)
            return self._wide


def prepare(
    tx: Tx, street: StreetId, day: date, data: Path, rules: Rules, profile: str = weights.STANDARD
) -> Prepared:
    """The day as it stands in this transaction, from memory when nothing it is read from changed.

    Raises
    ------
    Missing
        `street.none`, `profile.none`.
    """
    worth, costs = weights.profile(profile, data)
    print_ = fingerprints.of_day(tx, DayKey(street, day))
    now = time.now()
    # What is past of a day grows by itself.
    minute = int(now.timestamp()) // 60 if time.today() == day else 0
    numbers = figures.day_rules(rules)
    key = repr((street, day, str(data), print_, worth, costs, numbers, minute))
    found = _shelf.get(key)
    if found is None:
        found = read(tx, street, day, data, rules, profile)
        _shelf.put(key, found)
    return found


def read(
    tx: Tx, street: StreetId, day: date, data: Path, rules: Rules, profile: str = weights.STANDARD
) -> Prepared:
    """The day read anew, for whoever is about to store something."""
    worth, costs = weights.profile(profile, data)
    now = standing.stand(tx, street, day, data, rules, costs)
    ready = None if now.solution is None else ground.of(now.built.problem, now.solution, worth)
    return Prepared(now, figures.day_rules(rules), worth, costs, data, ready)


class _Shelf:
    """The days asked for last; safe between threads."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._days: OrderedDict[str, Prepared] = OrderedDict()

    def get(self, key: str) -> Prepared | None:
        with self._lock:
            if key in self._days:
                self._days.move_to_end(key)
            return self._days.get(key)

    def put(self, key: str, day: Prepared) -> None:
        with self._lock:
            self._days[key] = day
            while len(self._days) > self._most:
                self._days.popitem(last=False)


_shelf = _Shelf(KEPT)
