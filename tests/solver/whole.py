"""Small days with every rule on somewhere, and what is on in a given one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from solver import Options, Problem, Route, Shift, Staff, Stop, Visit, Weights
from solver.sample import full_day

WEIGHTS = Weights(waiting=1, largest_late=3, load=1, hard=700)
OPTIONS = Options(seconds=60, iterations=1_500, seed=2, weights=WEIGHTS)


def whole_day(seed: int) -> Problem:
    """At most eight visits for three or four carers; also goods, and a plan people were told."""
    rng = random.Random(seed)
    base = full_day(seed, visits=rng.randrange(4, 9), staff=rng.randrange(3, 5))
    staff = tuple(replace(s, shifts=tuple(_laden(rng, x) for x in s.shifts)) for s in base.staff)
    visits = tuple(replace(v, goods=rng.choice([0, 0, 2, 5])) for v in base.visits)
    previous = tuple(_told(rng, visits, staff)) if rng.random() < 0.5 else ()
    return Problem(
        visits=visits,
        staff=staff,
        travel=base.travel,
        links=base.links,
        pins=base.pins,
        previous=previous,
        apart=base.apart,
        metres=base.metres,
    )


def _laden(rng: random.Random, shift: Shift) -> Shift:
    return replace(shift, capacity=rng.choice([None, None, 5, 9]))


def _told(
    rng: random.Random, visits: tuple[Visit, ...], staff: tuple[Staff, ...]
) -> Iterator[Route]:
    """Routes that need not be possible: only who and when was told counts."""
    for one in staff:
        mine = rng.sample(visits, min(2, len(visits)))
        begin = [v.windows[0].earliest + rng.randrange(1_800) for v in mine]
        stops = [Stop(v.id, at, at, at + v.duration) for v, at in zip(mine, begin, strict=True)]
        yield Route(one.id, 0, 0, 0, tuple(stops))


def rules_on(problem: Problem) -> set[str]:
    """Names of the rules that this day asks for."""
    return {name for name, on in _visits(problem) if on} | {
        name for name, on in (*_people(problem), *_ties(problem)) if on
    }


def _visits(problem: Problem) -> Iterator[tuple[str, bool]]:
    groups = [v.group for v in problem.visits if v.group is not None and v.access]
    yield "one door", len(set(groups)) < len(groups)
    for v in problem.visits:
        yield "several windows", len(v.windows) > 1
        yield "preferred time", v.preferred is not None
        yield "levels", any(level > 1 for level in v.skills.values())
        yield "paces", bool(v.paces)
        yield "own duration", bool(v.duration_by)
        yield "required", bool(v.required)
        yield "forbidden", bool(v.forbidden)
        yield "area", v.area is not None
        yield "shared", v.carers > 1
        yield "three carers", v.carers > 2
        yield "access", v.access > 0
        yield "optional", not v.mandatory
        yield "penalty", v.penalty is not None
        yield "due", v.due is not None
        yield "continuity", bool(v.continuity)
        yield "preference", bool(v.preference)
        yield "hard", v.hard
        yield "goods", v.goods > 0


def _people(problem: Problem) -> Iterator[tuple[str, bool]]:
    for s in problem.staff:
        yield "several shifts", len(s.shifts) > 1
        yield "most visits", s.max_visits is not None
        yield "most travel", s.max_travel is not None
        yield "longest leg", s.max_leg is not None
        yield "paid hours", s.cost_hour > 0
        yield "paid kilometres", s.cost_km > 0
        yield "use", s.cost_use > 0
        yield "areas", bool(s.areas)
        yield "second mode", s.mode > 0
        for shift in s.shifts:
            yield "overtime", shift.latest_return > shift.end
            yield "past midnight", shift.latest_return > 86_400
            yield "no place", None in (shift.start_place, shift.end_place)
            yield "capacity", shift.capacity is not None
            yield "several breaks", len(shift.breaks) > 1
            for rest in shift.breaks:
                yield "fixed break", rest.earliest == rest.latest
                yield "floating break", rest.earliest < rest.latest


def _ties(problem: Problem) -> Iterator[tuple[str, bool]]:
    yield "told before", bool(problem.previous)
    yield "apart", bool(problem.apart)
    for link in problem.links:
        yield "least gap", link.min_gap > 0
        yield "most gap", link.max_gap is not None
        yield f"{link.carers} carers", True
    for pin in problem.pins:
        yield "pinned carer", bool(pin.staff)
        yield "pinned start", pin.start is not None
        yield "pinned order", pin.after is not None
        yield "pinned first", pin.first


RULES = frozenset(
    """one door|several windows|preferred time|levels|paces|own duration|required|forbidden|area|\
shared|three carers|access|optional|penalty|due|continuity|preference|hard|goods|several shifts|\
most visits|most travel|longest leg|paid hours|paid kilometres|use|areas|second mode|overtime|\
past midnight|no place|capacity|several breaks|fixed break|floating break|told before|apart|\
least gap|most gap|any carers|same carers|different carers|pinned carer|pinned start|\
pinned order|pinned first""".split("|")
)
"""Everything a day can ask for."""
