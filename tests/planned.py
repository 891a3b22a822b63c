"""A day with a plan for tests, made from a list instead of a search, which would take seconds."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from carecoord.flows import day as days_of
from carecoord.flows import standing
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning.handmade import Call, solution
from carecoord.planning.result import day_plan
from carecoord.store import days
from carecoord.store.engine import Database, Tx
from solver import Options, Problem, Solution, check, solve
from tests import build
from tests.build import BOSS, DAY, STREET

MORNING = {"e1": ("c1", 30_000), "e2": ("c1", 32_417), "e3": ("c2", 30_600)}
"""Elder → who calls there and when, for the three elders of `build.street`."""


def searched(problem: Problem, options: Options, *_: object) -> Solution:
    """The search of a run in this process: a child takes a second to start."""
    return solve(problem, options)


def calls_of(tx: Tx, folder: Path, made: Mapping[str, tuple[str, int]], day: date) -> list[Call]:
    """The same with the ids of visits."""
    given = standing.stand(tx, STREET, day, folder, build.rules(day)).given
    return [
        Call(made[one.elder][0], one.id, made[one.elder][1])
        for one in given.demands
        if one.elder in made
    ]


def store_plan(
    tx: Tx, folder: Path, calls: Sequence[Call], day: date = DAY, *, cause: str = "run"
) -> DayPlan:
    """Make a list the plan of a day; the judge must find nothing wrong with it."""
    now = standing.stand(tx, STREET, day, folder, build.rules(day))
    found = solution(now.built.problem, calls)
    verdict = check(now.built.problem, found)
    assert verdict.ok, verdict.violations
    plan = day_plan(
        now.key,
        now.built,
        now.at,
        found,
        {one.id: one.mode for one in now.given.staff},
        lambda *_: (),
        estimated=True,
    )
    plan.cost.update(verdict.cost)
    why = Why("hand" if cause == "hand" else "run", "test")
    days.replace_plan(tx, plan, expected=now.version, why=why)
    return plan


def planned(
    database: Database,
    folder: Path,
    made: Mapping[str, tuple[str, int]] = MORNING,
    day: date = DAY,
    *,
    publish: bool = False,
) -> None:
    """Expand a day of `build.street` and plan it as `made` says."""
    with database.write() as tx:
        days_of.expand_plans(tx, BOSS, STREET, day, 1, build.rules(day))
        store_plan(tx, folder, calls_of(tx, folder, made, day), day)
        if publish:
            version = days.version(tx, DayKey(STREET, day))
            days_of.publish(tx, BOSS, STREET, day, expected=version)
