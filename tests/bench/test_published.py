"""What others published reads as they meant it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from solver import Options, check, solve
from tests.bench.published import folder

from bench.formats import bredstrom, hconvrp, mankowska, solomon  # isort: skip
from bench.formats.consistent import plan_period  # isort: skip
from bench.formats.files import find, load, name_of  # isort: skip


@pytest.mark.parametrize(("family", "count"), [("mankowska2014", 49), ("ceschia2024_italian", 16)])
def test_every_published_solution_has_its_published_cost(family: str, count: int) -> None:
    data = folder(family)
    best = mankowska.best_known(data)
    paths = find(data, "*")
    for path in paths:
        (published,) = (data / "solutions").glob(f"sol-{name_of(path)}-*")
        problem = load(path, mankowska.read)
        solution = mankowska.read_solution(published, problem)
        verdict = check(problem, solution, Options(weights=mankowska.WEIGHTS))
        assert verdict.violations == ()
        assert verdict.total / mankowska.SCALE == pytest.approx(best[name_of(path)], abs=0.01)

    assert len(paths) >= count


def test_every_kummer_instance_has_a_best_known_value() -> None:
    data = folder("kummer2021")
    best = mankowska.best_known(data)

    assert {name_of(path) for path in find(data, "*")} <= set(best)
    assert best["HHCRSP_100_20_8_1.2_R_C"] == 604.667
    problem = load(find(data, "hhcrsp_100_20_8_1.2_r_c")[0], mankowska.read)
    assert len({visit.place for visit in problem.visits}) == 100
    assert len(problem.staff) == 20


def test_bredstrom_hours_are_travel_of_a_nine_hour_day() -> None:
    data = folder("bredstrom2008")
    best = bredstrom.best_known(data)
    paths = find(data, "*")
    problem = load(find(data, "case_1_20_4_2_1")[0], bredstrom.read)

    # 5.12806 h of nine, in a file whose day is 695 long; and the matrix of the others.
    assert best["case_1_20_4_2_1"] == 396
    assert {name_of(path) for path in paths} == set(best)
    assert (len(problem.visits), len(problem.staff), len(problem.links)) == (20, 4, 2)
    for path in paths:
        _, _, visits, staff, pairs, _ = name_of(path).split("_")
        problem = load(path, bredstrom.read)
        read = len(problem.visits), len(problem.staff), len(problem.links)
        assert read == (int(visits), int(staff), int(pairs))


def test_vrptw_routes_of_a_published_plan_cost_what_was_published() -> None:
    data = folder("vrptw")
    for name in ("C101", "R112", "RC2_2_6"):
        (path,) = find(data, name, deep=True)
        matrix = load(path, solomon.read).travel[0]
        lines = (data / "bks" / f"{name}.sol").read_text(encoding="ascii").splitlines()
        routes = [
            [0, *(int(word) for word in line.split(":")[1].split()), 0]
            for line in lines
            if line.startswith("Route")
        ]
        total = sum(matrix[a, b] for route in routes for a, b in pairwise(route))
        assert total == solomon.best_known(data, name.lower())


def test_consistent_periods_are_planned_with_one_driver_each_and_judged_apart() -> None:
    (path,) = find(folder("hconvrp"), "Small/b1", deep=True)
    period = load(path, hconvrp.read)
    routes, fine = plan_period(period, 5.0, seconds=1, seed=1)
    report = hconvrp.judge(period, routes, 5.0)

    assert fine
    assert (report.faults, report.unserved) == ((), 0)
    # One vehicle of the dear type or the cheap one must go out each day.
    assert report.cost > 3 * 100


def test_every_consistent_period_can_be_read() -> None:
    paths = find(folder("hconvrp"), "*", deep=True)
    periods = [load(path, hconvrp.read) for path in paths]

    assert len(periods) == 52
    assert {p.days for p in periods} == {3, 5}
    assert all(len(p.points) == len(p.demand) == len(p.service) for p in periods)


def test_solving_what_was_read_gives_judged_plans() -> None:
    for family, glob, read, weights in (
        ("mankowska2014", "*_10_1", mankowska.read, mankowska.WEIGHTS),
        ("bredstrom2008", "case_1_20_4_2_1", bredstrom.read, bredstrom.WEIGHTS),
    ):
        problem = load(find(folder(family), glob)[0], read)
        options = Options(seconds=60, iterations=2_000, weights=weights)
        solution = solve(problem, options)
        assert check(problem, solution, options).violations == ()
        assert solution.unserved == ()
