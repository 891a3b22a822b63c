"""One run from claim to commit, proposal or failure."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from carecoord.errors import Conflict, Invalid
from carecoord.flows import day, networks
from carecoord.flows.drawing import judged
from carecoord.flows.standing import travel_times
from carecoord.jobs.worker import Stopwatch, refuse, work
from carecoord.model import time
from carecoord.model.ids import ElderId, RunId
from carecoord.model.places import Place
from carecoord.model.visits import DayKey
from carecoord.planning import figures
from carecoord.planning.problem import Costs, DayInput, build, places
from carecoord.store import days, runs, territory
from carecoord.store.engine import Database
from carecoord.store.runs import Run
from carecoord.store.territory import NetworkSource
from solver import Options, solve
from tests import build as town
from tests.build import BOSS, DAY, ON_SQLITE, STREET

KEY = DayKey(STREET, DAY)
RULES = town.rules()


@pytest.fixture
def asked(database: Database) -> RunId:
    """A run for the tiny street, its plans expanded."""
    town.store(database, *town.street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        return day.request(tx, BOSS, STREET, DAY, seconds=300, iterations=20).id


def done(database: Database, data: Path, run: RunId) -> Run:
    found = work(database, data, RULES, run)
    assert found is not None
    return found


def test_a_run_is_solved_checked_and_committed(
    database: Database, asked: RunId, tmp_path: Path
) -> None:
    watch = Stopwatch()
    found = work(database, tmp_path, RULES, asked, watch=watch)
    with database.read() as tx:
        plan = days.read(tx, KEY)

    assert found is not None
    assert (found.state, found.outcome["served"], found.outcome["unserved"]) == ("committed", 3, 0)
    assert found.outcome["version"] == 1 and found.problem_hash
    assert {s.staff for s in plan.stops} <= {"n1", "c1", "c2"}
    assert plan.estimated and all(s.line == () for s in plan.stops)
    assert set(watch.seconds) == {"read", "travel", "solve", "check", "routes", "commit"}


@ON_SQLITE
def test_routes_on_a_network_follow_its_streets(
    database: Database, asked: RunId, tmp_path: Path
) -> None:
    with database.write() as tx:
        network = networks.use_synthetic(tx, BOSS, STREET, 3)
    west, south, east, north = network.bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    near = {
        "position": {"longitude": round(lon, 5), "latitude": round(lat, 5)},
    }
    homes = [
        town.patient(f"e{k}") | {"address": [{"use": "home", "text": "x", "extension": [
            town.geolocation(Place(round(lon + k / 2000, 5), round(lat, 5)))]}]}
        for k in (1, 2, 3)
    ]  # fmt: skip
    doors = [
        town.location(id_, organization) | near
        for id_, organization in (("centre-door", town.CENTRE), ("station-door", town.STATION))
    ]
    town.store(database, *homes, *doors)

    found = done(database, tmp_path, asked)
    with database.read() as tx:
        plan = days.read(tx, KEY)

    assert found.outcome["served"] == 3
    assert not plan.estimated
    assert all(len(stop.line) >= 2 for stop in plan.stops if stop.travel > 60)
    assert any((tmp_path / "cache").iterdir())


@ON_SQLITE
def test_a_run_whose_day_moved_ends_as_a_proposal(
    database: Database, asked: RunId, tmp_path: Path
) -> None:
    with database.write() as tx:
        other = day.request(tx, BOSS, STREET, DAY, seconds=300, iterations=20, seed=2)
    done(database, tmp_path, other.id)
    with database.write() as tx:
        day.publish(tx, BOSS, STREET, DAY, expected=1)

    found = done(database, tmp_path, asked)
    with database.read() as tx:
        state = days.state(tx, KEY)

    assert (found.state, found.outcome["version"]) == ("proposal", 2)
    assert state is not None and state.state == "published"


def test_a_run_that_another_worker_holds_is_left_alone(
    database: Database, asked: RunId, tmp_path: Path
) -> None:
    with database.write() as tx:
        now = time.now()
        runs.claim(tx, asked, now=now, until=now + timedelta(minutes=5))

    assert work(database, tmp_path, RULES, asked) is None


@ON_SQLITE
def test_a_run_of_a_worker_that_died_is_taken_over(
    database: Database, asked: RunId, tmp_path: Path
) -> None:
    with database.write() as tx:
        past = time.now() - timedelta(hours=1)
        runs.claim(tx, asked, now=past, until=past + timedelta(minutes=5))

    found = done(database, tmp_path, asked)

    assert (found.state, found.lease) == ("committed", 2)


@ON_SQLITE
def test_a_failure_is_kept_with_its_code_and_facts(
    database: Database, asked: RunId, tmp_path: Path
) -> None:
    with database.write() as tx:
        territory.set_network(tx, STREET, NetworkSource("osm", "gone.osm.pbf", "h"))

    found = done(database, tmp_path, asked)

    assert found.state == "failed"
    assert found.outcome["code"] == "street.network_file"
    assert found.outcome["facts"] == {"file": "gone.osm.pbf"}
    assert found.finished_at is not None


@ON_SQLITE
def test_a_crash_of_the_child_is_a_failure_and_no_plan(
    database: Database, asked: RunId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nonexistent")

    found = done(database, tmp_path, asked)
    with database.read() as tx:
        version = days.version(tx, KEY)

    assert (found.state, found.outcome["code"], version) == ("failed", "solver.crashed", 0)


@ON_SQLITE
def test_a_run_that_cannot_begin_is_ended_with_the_reason(database: Database, asked: RunId) -> None:
    found = refuse(database, asked, Invalid("pack.jurisdiction", jurisdiction="x"))

    assert found is not None
    assert (found.state, found.outcome["code"]) == ("failed", "pack.jurisdiction")
    assert refuse(database, asked, Invalid("pack.jurisdiction", jurisdiction="x")) is None


@ON_SQLITE
def test_a_day_without_staff_is_planned_with_every_visit_unserved(
    database: Database, tmp_path: Path
) -> None:
    homes = [town.patient("e1", 1), town.patient("e2", None)]
    plans = [town.care_plan(f"p{k}", f"e{k}", town.detail()) for k in (1, 2)]
    town.store(database, *town.organizations(), *homes, *plans)
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        run = day.request(tx, BOSS, STREET, DAY, seconds=300, iterations=20)

    found = done(database, tmp_path, run.id)
    with database.read() as tx:
        plan = days.read(tx, KEY)

    assert (found.state, found.outcome["served"]) == ("committed", 0)
    assert sorted(u.code for u in plan.unserved) == ["unserved.address", "unserved.no_staff"]


@ON_SQLITE
def test_who_has_no_licence_on_the_day_has_no_stop(database: Database, tmp_path: Path) -> None:
    expired = [town.practitioner("p1", "caregiver", end="2026-03-04"),
               town.practitioner("p2", "caregiver-medical", end="2026-03-05")]  # fmt: skip
    town.store(database, *town.street())
    town.store(database, *expired)
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        run = day.request(tx, BOSS, STREET, DAY, seconds=300, iterations=20)

    done(database, tmp_path, run.id)
    with database.read() as tx:
        staff = {stop.staff for stop in days.read(tx, KEY).stops}

    assert staff and "c1" not in staff and "d1" not in staff


def test_the_judge_refuses_a_plan_that_breaks_a_rule_or_claims_another_cost() -> None:
    given = DayInput(
        (town.demand(),), {ElderId("e1"): town.elder(at=town.place(1))}, (town.staff(),)
    )
    at = places(given)
    travel = travel_times(None, at, given.staff, Path("unused"))
    built = build(given, at, travel, figures.day_rules(RULES), Costs())
    options = Options(seconds=5, iterations=10)
    solution = solve(built.problem, options)
    judged(built, solution, options)
    wrong = replace(solution, cost={**solution.cost, "travel": 0})

    with pytest.raises(Conflict) as caught:
        judged(built, wrong, options)

    assert caught.value.code == "plan.refused"


@ON_SQLITE
@pytest.mark.parametrize(
    ("options", "field"),
    [({"seed": -1}, "options.seed"), ({"iterations": -1}, "options.iterations")],
)
def test_what_the_solver_refuses_is_a_failure_and_not_a_crash(
    database: Database, asked: RunId, tmp_path: Path, options: dict[str, int], field: str
) -> None:
    with database.write() as tx:
        wrong = day.request(tx, BOSS, STREET, DAY, **options)

    found = done(database, tmp_path, wrong.id)

    assert (found.state, found.outcome["code"]) == ("failed", "solver.number.range")
    assert found.outcome["field"] == field


@ON_SQLITE
def test_one_plan_with_an_impossible_number_spoils_no_other(
    database: Database, tmp_path: Path
) -> None:
    endless = town.detail("7", town.own("visit-minutes", valuePositiveInt=2_000_000_000))
    plan = town.care_plan("odd", "e1", endless)
    town.store(database, *town.street(), plan)
    with database.write() as tx:
        expansion = day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        run = day.request(tx, BOSS, STREET, DAY, seconds=300, iterations=20)

    found = done(database, tmp_path, run.id)

    assert sorted(p.code for p in expansion.problems) == ["plan.minutes"]
    assert (found.state, found.outcome["served"]) == ("committed", 3)
