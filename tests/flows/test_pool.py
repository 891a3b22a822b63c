"""One pool of several organisations: whose visit it is costs a little and forbids nothing."""

from pathlib import Path

import pytest

from carecoord.flows import day as service_days
from carecoord.flows.standing import stand
from carecoord.planning.problem import Costs
from carecoord.store import demands
from carecoord.store.engine import Database
from solver import Options, solve
from tests import build
from tests.build import BOSS, CENTRE, DAY, ON_SQLITE, STATION, STREET, Json

RULES = build.rules()


def part(plan: str, elder: str, programme: str, organization: str) -> Json:
    """What one programme brought into a plan, and who answers for it."""
    return build.care_plan(
        f"{plan}-{programme}",
        elder,
        partOf=[build.ref("CarePlan", plan)],
        author=build.ref("Organization", organization),
    ) | {
        "category": [
            build.concept("plan-category", "programme"),
            build.concept("programme", programme),
        ]
    }


def pool(*parts: Json, programme: str = "family-bed") -> list[Json]:
    """A caregiver of the centre next door to the elder, one of the station farther away."""
    return [
        *build.organizations(),
        build.practitioner("p1", "caregiver"),
        build.practitioner("p2", "caregiver"),
        build.role("of-centre", "p1", organization=CENTRE),
        build.role("of-station", "p2", organization=STATION),
        build.patient("e1", 4, 0),
        build.care_plan(
            "plan-e1",
            "e1",
            build.detail("7", build.own("programme", valueCode=programme)),
        ),
        *parts,
    ]


@ON_SQLITE
@pytest.mark.parametrize("keeper", [CENTRE, STATION])
@pytest.mark.parametrize("cost", [0, 100_000])
def test_staff_of_the_organisation_that_answers_come_when_it_is_worth_it(
    database: Database, tmp_path: Path, keeper: str, cost: int
) -> None:
    build.store(database, *pool(part("plan-e1", "e1", "family-bed", keeper)))
    with database.write() as tx:
        service_days.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        (wanted,) = demands.on(tx, STREET, DAY)
        costs = Costs(other_organization=cost)
        problem = stand(tx, STREET, DAY, tmp_path, RULES, costs).built.problem
    (route,) = solve(problem, Options(seconds=60, iterations=100)).routes

    assert wanted.organization == keeper
    nearer = "of-station"
    own = {CENTRE: "of-centre", STATION: "of-station"}[keeper]
    assert route.staff == (own if cost else nearer)


@ON_SQLITE
def test_nobody_else_at_work_means_another_organisation_comes(
    database: Database, tmp_path: Path
) -> None:
    off = build.role("of-station", "p2", organization=STATION, times=[])
    build.store(database, *pool(part("plan-e1", "e1", "family-bed", STATION)))
    build.store(database, off)
    with database.write() as tx:
        service_days.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        problem = stand(tx, STREET, DAY, tmp_path, RULES).built.problem
    solution = solve(problem, Options(seconds=60, iterations=100))

    assert [route.staff for route in solution.routes] == ["of-centre"]
    assert solution.unserved == ()


@ON_SQLITE
def test_a_visit_for_which_several_answer_belongs_to_none(database: Database) -> None:
    build.store(
        database,
        *pool(part("plan-e1", "e1", "ltci", STATION), programme="family-bed"),
    )
    with database.write() as tx:
        service_days.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        (wanted,) = demands.on(tx, STREET, DAY)

    assert wanted.organization == ""
