"""What would have to give for a visit to fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver import Options, Problem, ProblemError, Shift, Staff, Visit, Window, solve, suggest
from solver.relax import _longer, _wider, _with_visit, relaxations
from solver.sample import full_day

HOUR = 3600
QUICK = Options(seconds=60, iterations=50)


def day(*visits: Visit, **more: object) -> Problem:
    staff = Staff("s", (Shift(8 * HOUR, 12 * HOUR, 0, 0),), **more)  # type: ignore[arg-type]
    return Problem(visits, (staff,), (np.full((2, 2), 300, dtype=np.int32),))


def rules(problem: Problem, visit: str) -> dict[str, int]:
    found = relaxations(problem, solve(problem, QUICK), visit, options=QUICK)
    return {r.rule: r.amount for r in found}


def test_a_window_just_missed_asks_for_the_least_stretch_that_is_enough() -> None:
    # Home by 12:00 means starting by 11:25; the window opens at 11:40: 15 minutes are enough.
    late = Visit("v", 1, 1800, (Window(11 * HOUR + 2400, 13 * HOUR),))

    assert rules(day(late), "v") == {"windows": 900, "overtime": 900}


def test_a_missing_skill_is_named() -> None:
    visit = Visit("v", 1, 1800, (Window(9 * HOUR, 10 * HOUR),), skills={"wound": 1})
    problem = day(visit)
    (found,) = relaxations(problem, solve(problem, QUICK), "v", options=QUICK)

    assert (found.rule, found.detail, found.offer.staff) == ("skills", "wound", ("s",))


def test_too_few_people_and_a_full_day_are_told() -> None:
    window = (Window(9 * HOUR, 10 * HOUR),)

    assert rules(day(Visit("v", 1, 1800, window, carers=2)), "v") == {"carers": 1}
    assert rules(day(Visit("v", 1, 1800, window), max_visits=0), "v") == {"visits": 1}
    barred = Visit("v", 1, 1800, window, forbidden=frozenset({"s"}))
    assert rules(day(barred), "v") == {"allowed": 1}


def test_a_full_shift_asks_for_the_least_room_that_is_enough() -> None:
    shift = Shift(8 * HOUR, 12 * HOUR, 0, 0, capacity=3)
    visit = Visit("v", 1, 1800, (Window(9 * HOUR, 10 * HOUR),), goods=5)
    problem = Problem((visit,), (Staff("s", (shift,)),), (np.full((2, 2), 300, dtype=np.int32),))

    assert rules(problem, "v") == {"goods": 2}


@pytest.mark.parametrize("limit", ["max_travel", "max_leg"])
def test_a_limit_of_ways_asks_for_the_seconds_it_lacks(limit: str) -> None:
    visit = Visit("v", 1, 1800, (Window(9 * HOUR, 10 * HOUR),))
    problem = day(visit, **{limit: 217})
    lacks = {"max_travel": {"travel": 2 * 300 - 217}, "max_leg": {"leg": 300 - 217}}

    assert rules(problem, "v") == lacks[limit]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_one_second_less_is_not_enough(seed: int) -> None:
    problem = full_day(seed, visits=6, staff=3)
    plan = replace(solve(problem, QUICK), cost={})
    for gone in plan.unserved[:2]:
        row = problem.visit_row(gone.visit)
        found = {r.rule: r.amount for r in relaxations(problem, plan, gone.visit, options=QUICK)}
        for rule in {"windows", "overtime"} & set(found):
            enough = stretched(problem, row, rule, found[rule])
            short = stretched(problem, row, rule, found[rule] - 1)
            assert suggest(enough, plan, gone.visit, options=QUICK)
            assert not suggest(short, plan, gone.visit, options=QUICK)


def stretched(problem: Problem, row: int, rule: str, by: int) -> Problem:
    """The visit's windows, or everybody's shifts, longer by so many seconds."""
    if rule == "windows":
        return _with_visit(problem, row, _wider(problem.visits[row], by))
    staff = tuple(replace(s, shifts=_longer(s.shifts, by)) for s in problem.staff)
    return replace(problem, staff=staff)


def test_a_visit_that_is_served_is_refused() -> None:
    problem = day(Visit("v", 1, 1800, (Window(9 * HOUR, 10 * HOUR),)))
    with pytest.raises(ProblemError):
        relaxations(problem, solve(problem, QUICK), "v")
