"""JSON in, JSON out."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from solver import Options, ProblemError, check, solve
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


WRONG: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 3600, 10**15, 10**30, float("nan")),
    *("x", "", [], {}, [1], ["a"], [["a"]], [None], {"a": 1}, {"a": None}),
)


def places(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a file but most numbers of its matrices."""
    if way:
        yield way
    keys: Any = list(part) if isinstance(part, dict) else ()
    if isinstance(part, list):
        keys = range(len(part) if way[0] not in ("travel", "metres") else min(2, len(part)))
    for key in keys:
        yield from places(part[key], (*way, key))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6))
def test_a_file_with_a_wrong_value_is_refused_by_name_or_can_be_planned(seed: int) -> None:
    rng = random.Random(seed)
    body = json.loads(problem_to_json(full_day(seed, visits=4, staff=3)))
    ways = list(places(body))
    for _ in range(10):
        wrong = copy.deepcopy(body)
        *way, last = rng.choice(ways)
        part = wrong
        for key in way:
            part = part[key]
        part[last] = rng.choice(WRONG)
        try:
            problem = problem_from_json(json.dumps(wrong))
        except ProblemError as fault:
            assert fault.code
            assert fault.field
        else:
            solution = solve(problem, Options(seconds=60, iterations=3))
            assert check(problem, solution).violations == ()
