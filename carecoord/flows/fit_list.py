"""A whole list of visits at once: one place for each, all of them together in the same plans."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from carecoord.access import Caller, require
from carecoord.errors import Missing
from carecoord.flows.fit import (
    NEW,
    Ask,
    DayAnswer,
    Wanted,
    demand_of,
    estimated,
    named,
    ready_for,
)
from carecoord.flows.prepared import Prepared
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import StreetId
from carecoord.planning import fit
from carecoord.planning.fit import NoPlace
from carecoord.planning.ground import Ground
from carecoord.store.engine import Tx


def fit_many(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    on: Sequence[date],
    wanted: Sequence[Wanted],
    ask: Ask,
) -> tuple[DayAnswer, ...]:
    """One place for each visit of a list, all of them together in the same plans.

    Returns
    -------
    tuple
        In the order asked; the day that takes the visit, or the first day's refusal.
    """
    require(caller, "day.read", street)
    table = _Table(tx, street, on, wanted, ask)
    return table.fill()


class _Table:
    """A list of visits, each put into the cheapest of its days, the narrowest first."""

    def __init__(
        self, tx: Tx, street: StreetId, on: Sequence[date], wanted: Sequence[Wanted], ask: Ask
    ) -> None:
        self._ask = ask
        self._ready = {day: ready_for(tx, street, day, ask) for day in on}
        self._asked: list[dict[date, VisitDemand]] = []
        for k, one in enumerate(wanted):
            self._asked.append(self._on(street, one, f"{NEW}-{k}"))
        self._grounds: dict[date, Ground] = {}
        self._out: dict[tuple[date, str], NoPlace] = {}
        for day, (ready, _) in self._ready.items():
            if ready.ground is not None:
                self._set(day, ready)
        self._planned: dict[date, list[VisitDemand]] = {day: [] for day in on}

    def _on(self, street: StreetId, one: Wanted, name: str) -> dict[date, VisitDemand]:
        found: dict[date, VisitDemand] = {}
        for day, (ready, rules) in self._ready.items():
            if one.described is None and all(
                d.id != one.demand for d in ready.standing.given.demands
            ):
                continue
            found[day] = demand_of(ready, street, day, one, rules, name)
        if not found:
            raise Missing("fit.demand", field="demand", demand=one.demand or "-", day="-")
        return found

    def _set(self, day: date, ready: Prepared) -> None:
        these = [by_day[day] for by_day in self._asked if day in by_day]
        new = [one for one in these if one.id.startswith(NEW)]
        self._grounds[day], out = ready.with_visits(new)
        for one in (*out, *ready.standing.built.kept_out):
            self._out[day, one.demand] = NoPlace(one.demand, one.code, dict(one.facts))

    def fill(self) -> tuple[DayAnswer, ...]:
        """An answer for each visit, in the order asked."""
        found: dict[int, DayAnswer] = {}
        for k in sorted(range(len(self._asked)), key=self._narrow):
            found[k] = self._one(self._asked[k])
        return tuple(found[k] for k in range(len(self._asked)))

    def _narrow(self, k: int) -> tuple[int, int, int]:
        one = next(iter(self._asked[k].values()))
        return -one.carers, len(self._asked[k]) * sum(b - a for a, b in one.windows), k

    def _one(self, by_day: Mapping[date, VisitDemand]) -> DayAnswer:
        best: DayAnswer | None = None
        for day, demand in by_day.items():
            answer = self._look(day, demand)
            if best is None or _better(answer, best):
                best = answer
        assert best is not None
        if best.places:
            self._grounds[best.day] = self._grounds[best.day].after(best.places[0].step)
        elif best.fits:
            self._planned[best.day].append(best.wanted)
        return best

    def _look(self, day: date, demand: VisitDemand) -> DayAnswer:
        ready, rules = self._ready[day]
        here = ready.standing
        bare = DayAnswer(day, here.version, here.state, "plan", demand)
        if ready.ground is None:
            return estimated(ready, replace(bare, basis="roster"), self._planned[day], rules)
        if (out := self._out.get((day, demand.id))) is not None:
            return replace(bare, refused=out)
        now = self._grounds[day]
        per = self._ask.per_window
        found = fit.places(now, demand.id, top=1, per_window=per)
        return named(ready, replace(bare, places=found, fits=bool(found)), now, self._ask)


def _better(one: DayAnswer, other: DayAnswer) -> bool:
    """A place in a plan before one that is only estimated, then the cheaper one."""

    def rank(answer: DayAnswer) -> tuple[int, int, date]:
        if answer.places:
            return 0, answer.places[0].step.total, answer.day
        return (1 if answer.fits else 2), 0, answer.day

    return rank(one) < rank(other)
