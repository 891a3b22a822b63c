"""Cost of a plan over HTTP: by rule, by match, under a profile, and of plans made by hand."""

import ast
import inspect
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.model.staff import Level
from carecoord.model.time import of_clock
from carecoord.planning.figures import day_rules
from carecoord.planning.problem import Costs, DayInput, places, preference_parts
from carecoord.planning.problem import build as problem_of
from carecoord.settings import Settings
from carecoord.store.engine import Database
from carecoord.streets import WALK, estimate
from carecoord.text.catalogue import LANGUAGES, entries
from solver import check
from tests import build
from tests.build import DAY, ON_SQLITE, STREET
from tests.flows.steps import everything
from tests.planned import planned
from tests.serving import create

DAYS = f"/v1/streets/{STREET}/days/{DAY.isoformat()}"
Json = dict[str, Any]
EIGHT = 8 * 3600


@pytest.fixture
def http(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """Three visits of a caregiver's level, planned as a list says."""
    build.store(database, *build.street())
    planned(database, tmp_path)
    with TestClient(create(database, Settings(tmp_path), work=False)) as made:
        made.headers["accept-language"] = "en"
        yield made


def analysed(http: TestClient, body: Json, status: int = 200) -> Json:
    answer = http.post(f"{DAYS}:analyse", json=body)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


def stored_calls(http: TestClient) -> list[Json]:
    day = http.get(DAYS).json()
    return [
        {
            "staff": route["staff"],
            "visit": visit["demand"],
            "start": clock(visit["start"]),
        }
        for route in day["routes"]
        for visit in route["visits"]
    ]


def clock(text: str) -> int:
    return of_clock(datetime.fromisoformat(text).time())


def costs(found: Json) -> dict[str, int]:
    return {one["rule"]: one["cost"] for one in found["rules"]}


def test_the_stored_plan_is_judged_rule_by_rule_and_match_by_match(http: TestClient) -> None:
    plain = http.get(f"{DAYS}/analysis").json()
    found = http.get(f"{DAYS}/analysis", params={"detail": "matches"}).json()

    assert plain["ok"] and plain["hard"] == []
    assert all(one["matches"] is None for one in plain["rules"])
    assert costs(plain) == costs(found)
    assert found["total"] == sum(costs(found).values()) == found["medium"] + found["soft"]
    for rule in found["rules"]:
        assert rule["cost"] == sum(one["cost"] for one in rule["matches"])
    travel = next(one for one in found["rules"] if one["rule"] == "travel")
    assert travel["matches"][0]["name"].endswith("name")
    assert costs(found)["travel"] > 0


def test_the_same_plan_given_as_a_list_costs_the_same_and_stores_nothing(
    http: TestClient, database: Database
) -> None:
    with database.read() as tx:
        before = everything(tx)

    found = analysed(http, {"visits": stored_calls(http)})

    assert (found["ok"], found["version"], found["left_out"]) == (True, 0, [])
    stored = costs(http.get(f"{DAYS}/analysis").json())
    for rule in ("unserved", "travel", "late", "early", "continuity", "preference"):
        assert costs(found)[rule] == stored[rule]
    with database.read() as tx:
        assert everything(tx) == before


@ON_SQLITE
def test_an_impossible_list_names_the_rules_it_breaks(http: TestClient) -> None:
    calls = [one | {"staff": "c1", "start": EIGHT} for one in stored_calls(http)]

    found = analysed(http, {"visits": calls})

    codes = Counter(one["code"] for one in found["hard"])
    assert not found["ok"]
    assert codes["violation.travel.short"] == 2
    assert codes["violation.shift.early"] == 1
    assert all("{" not in one["text"] for one in found["hard"])
    assert any("p1 name" in one["text"] for one in found["hard"])


@ON_SQLITE
def test_nothing_planned_by_hand_costs_every_visit(http: TestClient) -> None:
    found = analysed(http, {"visits": []})

    assert found["ok"] and found["soft"] == 0
    unserved = next(one for one in found["rules"] if one["rule"] == "unserved")
    assert len(unserved["matches"]) == 3
    assert {one["weight"] for one in unserved["matches"]} == {"unserved_mandatory"}


@ON_SQLITE
def test_a_profile_and_single_weights_change_the_price_and_not_the_units(
    http: TestClient,
) -> None:
    calls = stored_calls(http)
    standard = costs(analysed(http, {"visits": calls}))["travel"]

    assert costs(analysed(http, {"visits": calls, "profile": "economy"}))["travel"] == 2 * standard
    single = analysed(http, {"visits": calls, "weights": {"travel": 6}})
    assert costs(single)["travel"] == 3 * standard
    economy = http.get(f"{DAYS}/analysis", params={"profile": "economy"}).json()
    assert costs(economy)["travel"] == 2 * standard


@ON_SQLITE
def test_somebody_above_the_level_costs_by_weight(http: TestClient) -> None:
    calls = [one | {"staff": "n1"} for one in stored_calls(http)[:1]]

    found = analysed(http, {"visits": calls})

    (match,) = next(one for one in found["rules"] if one["rule"] == "preference")["matches"]
    assert match["cost"] == 1800
    assert match["parts"] == {"above_level": 1800}


@ON_SQLITE
def test_a_published_promise_that_the_list_breaks_costs(http: TestClient) -> None:
    calls = stored_calls(http)
    assert http.post(f"{DAYS}:publish", headers={"if-match": 'W/"1"'}).status_code == 200

    assert costs(analysed(http, {"visits": calls}))["change"] == 0
    moved = [calls[0] | {"start": calls[0]["start"] + 60}, *calls[1:]]
    assert costs(analysed(http, {"visits": moved}))["change"] == 60


@ON_SQLITE
def test_who_is_off_duty_is_left_out_with_the_reason(http: TestClient, database: Database) -> None:
    build.store(database, build.role("n1", "pn", kind="nurse", times=[]))
    calls = [one | {"staff": "n1"} for one in stored_calls(http)]

    found = analysed(http, {"visits": calls})

    assert not found["ok"]
    assert {one["code"] for one in found["left_out"]} == {"analysis.off_duty"}
    assert found["left_out"][0]["text"] == "pn name has no shift that day."


@ON_SQLITE
@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"visits": [{"staff": "x", "visit": "y", "start": 1}]}, 400, "analysis.staff", "/staff"),
        ({"visits": [{"staff": "c1", "visit": "y", "start": 1}]}, 400, "analysis.visit", "/visit"),
        ({"visits": [], "weights": {"travle": 1}}, 422, "profile.key", "/weights/travle"),
        ({"visits": [], "weights": {"travel": -1}}, 422, "profile.value", "/weights/travel"),
        ({"visits": [], "profile": "none"}, 404, "profile.none", "profile"),
        ({"visits": [], "colour": 1}, 422, "http.field_unknown", "colour"),
        ({"visits": [{"staff": "c1", "visit": "y", "start": -1}]}, 422, "http.too_small", "start"),
        ({}, 422, "http.field_missing", "visits"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(
    http: TestClient, body: Json, status: int, code: str, field: str
) -> None:
    found = analysed(http, body, status)

    assert found["code"] == code
    assert found["field"].endswith(field)


@ON_SQLITE
def test_a_day_without_a_plan_has_nothing_to_judge(http: TestClient) -> None:
    answer = http.get(f"/v1/streets/{STREET}/days/2026-03-09/analysis")

    assert (answer.status_code, answer.json()["code"]) == (404, "day.none")


def test_everything_the_judge_can_say_has_a_sentence() -> None:
    judge = Path(inspect.getfile(check)).parent.glob("check*.py")
    codes = {
        node.args[1].value
        for file in judge
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "blame"
        and isinstance(node.args[1], ast.Constant)
    }

    assert len(codes) > 25
    for language in LANGUAGES:
        said = {c.removeprefix("violation.") for c in entries(language) if c[:10] == "violation."}
        assert codes == said


def test_parts_of_a_preference_sum_to_what_the_problem_carries() -> None:
    one = build.staff(levels=(Level.NURSE, Level.CAREGIVER_MEDICAL, Level.CAREGIVER))
    wanted = build.demand(gender="male", language="wuu", organization="another")
    given = DayInput(
        demands=(wanted,),
        elders={build.elder().id: build.elder(at=build.place(1))},
        staff=(one,),
        week={wanted.id: (one.id,)},
    )
    at = places(given)
    costs = Costs(
        above_level=7,
        other_gender=100,
        other_language=1000,
        other_organization=10_000,
        chosen_carer=100_000,
    )
    built = problem_of(
        given, at, {"walk": estimate(at.rows, WALK)}, day_rules(build.rules()), costs
    )

    parts = preference_parts(wanted, one, costs, chosen=True)

    assert {name: cost for name, cost in parts.items() if cost} == {
        "above_level": 14,
        "other_gender": 100,
        "other_language": 1000,
        "other_organization": 10_000,
        "chosen_carer": -100_000,
    }
    assert built.problem.visits[0].preference[one.id] == sum(parts.values())


@ON_SQLITE
def test_a_run_takes_single_weights_and_refuses_unknown_ones_by_name(http: TestClient) -> None:
    at = f"/v1/streets/{STREET}/runs"
    day: Json = {"day": DAY.isoformat()}

    wrong = http.post(at, json=day | {"weights": {"travle": 1}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "profile.key")
    assert wrong.json()["field"] == "/weights/travle" and "travel" in wrong.json()["detail"]
    right = http.post(at, json=day | {"profile": "economy", "weights": {"travel": 3}})
    assert right.status_code == 202, right.text
