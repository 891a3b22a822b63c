"""JSON in, JSON out."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from solver import Options, solve
from solver.codec import (
    problem_from_json,
    problem_hash,
    problem_to_json,
    solution_from_json,
    solution_to_json,
)
from solver.sample import full_day


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_a_problem_survives_its_json_byte_for_byte(seed: int) -> None:
    problem = full_day(seed)
    again = problem_from_json(problem_to_json(problem))

    assert problem_to_json(again) == problem_to_json(problem)
    assert problem_hash(again) == problem_hash(problem)
    assert again.visits == problem.visits
    assert again.staff == problem.staff
    assert again.pins == problem.pins
    assert again.apart == problem.apart


def test_a_solution_survives_its_json() -> None:
    solution = solve(full_day(5, visits=9, staff=4), Options(iterations=50))

    assert solution_from_json(solution_to_json(solution)) == solution


def test_a_file_from_before_order_pins_is_still_read() -> None:
    seed = next(n for n in range(100) if len(full_day(n).pins) > 1)
    body = json.loads(problem_to_json(full_day(seed)))
    for pin in body["pins"]:
        del pin["after"], pin["first"]
    pins = problem_from_json(json.dumps(body)).pins

    assert [p.visit for p in pins] == [p.visit for p in full_day(seed).pins]
    assert all(p.after is None and not p.first for p in pins)
