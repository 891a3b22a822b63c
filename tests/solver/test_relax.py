"""What would have to give for a visit to fit."""

from __future__ import annotations

import numpy as np
import pytest

from solver import Options, Problem, ProblemError, Shift, Staff, Visit, Window, solve
from solver.relax import relaxations

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


def test_a_visit_that_is_served_is_refused() -> None:
    problem = day(Visit("v", 1, 1800, (Window(9 * HOUR, 10 * HOUR),)))
    with pytest.raises(ProblemError):
        relaxations(problem, solve(problem, QUICK), "v")
