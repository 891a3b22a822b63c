"""The integrated plan over HTTP: tasks, order, team, and visits changed by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.scheduler import plans, visits
from carecoord.fhir import wire
from carecoord.model import time
from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import STATION, STREET
from tests.serving import create

Json = dict[str, Any]
FHIR = {"Content-Type": "application/fhir+json"}
GROUP = "ltci.bath"


@pytest.fixture
def monday() -> date:
    """The Monday after next: nothing around it is published."""
    today = time.today()
    return today + timedelta(days=14 - today.weekday())


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    start = (time.today() - timedelta(days=10)).isoformat()
    people = [one for one in build.street() if one["resourceType"] != "CarePlan"]
    levels = [build.level("e1", scale, 4, start) for scale in ("LTC37", "GB42195")]
    daughter = {
        "resourceType": "RelatedPerson",
        "id": "daughter",
        "patient": build.ref("Patient", "e1"),
    }
    with TestClient(create(database, Settings(data=tmp_path))) as found:
        bundle = build.bundle(*people, *levels, daughter)
        answer = found.post("/fhir", content=wire.dumps(build.read(bundle)), headers=FHIR)
        assert answer.status_code == 200, answer.text
        yield found


def done(client: TestClient, path: str, body: Json | None = None) -> Json:
    answer = client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    found: Json = answer.json()
    return found


def refused(client: TestClient, path: str, body: Json) -> tuple[int, str]:
    answer = client.post(path, json=body)
    return answer.status_code, str(answer.json()["code"])


def read(client: TestClient, path: str) -> Json:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def task(**more: Any) -> Json:
    """A weekly bath on Mondays by two carers."""
    return {
        "name": GROUP,
        "programme": "ltci",
        "items": ["6"],
        "frequency": 1,
        "period_days": 7,
        "weekdays": ["mon"],
        "windows": [{"start": "08:00:00", "end": "10:00:00"}],
        "carers": 2,
    } | more


def station_plan(client: TestClient, *, sign: bool = True) -> str:
    """A plan with the station's visits and the bath, in force."""
    made = done(client, "/v1/plans", {"elder": "e1", "programmes": ["station"]})
    plan = str(made["reference"].split("/")[1])
    done(client, f"/v1/plans/{plan}/tasks", task())
    if sign:
        done(client, f"/v1/plans/{plan}:sign")
    return plan


def baths(client: TestClient, plan: str, first: date, days: int = 28) -> dict[str, Json]:
    """Day → visit of the bath."""
    found = read(client, f"/v1/plans/{plan}/visits?first={first}&days={days}")
    return {v["day"]: v for v in found["visits"] if v["group"] == GROUP}


def expanded(client: TestClient, first: date) -> int:
    return int(done(client, f"/v1/streets/{STREET}/days/{first}:expand?count=28")["changed"])


def edit(client: TestClient, plan: str, due: date, /, **change: Any) -> Json:
    body = {"scope": "this", "reason": "asked by the daughter"} | change
    return done(client, f"/v1/plans/{plan}/visits/{due}/{GROUP}:edit", body)


def days(first: date, *weeks: int) -> set[str]:
    return {(first + timedelta(days=7 * week)).isoformat() for week in weeks}


def test_one_visit_moves_and_survives_every_expansion(client: TestClient, monday: date) -> None:
    plan = station_plan(client)
    expanded(client, monday)
    wednesday = monday + timedelta(days=2)

    edit(
        client,
        plan,
        monday,
        day=wednesday.isoformat(),
        window={"start": "14:00:00", "end": "15:00:00"},
        minutes=50,
        carer="c1",
    )
    again = expanded(client, monday)

    found = baths(client, plan, monday)
    assert set(found) == {wednesday.isoformat()} | days(monday, 1, 2, 3)
    moved = found[wednesday.isoformat()]
    assert moved["windows"] == [{"start": "14:00:00", "end": "15:00:00"}]
    assert (moved["minutes"], moved["preferred"], moved["edited"]) == (50, ["c1"], True)
    assert again == 0


def test_a_skipped_visit_stays_away_until_it_is_restored(client: TestClient, monday: date) -> None:
    plan = station_plan(client)
    expanded(client, monday)

    edit(client, plan, monday, skip=True)
    expanded(client, monday)
    assert set(baths(client, plan, monday)) == days(monday, 1, 2, 3)
    (kept,) = read(client, f"/v1/plans/{plan}/visits?first={monday}&days=7")["edits"]
    assert (kept["kind"], kept["reason"]) == ("skipped", "asked by the daughter")

    done(client, f"/v1/plans/{plan}/visits/{monday}/{GROUP}:restore")
    assert set(baths(client, plan, monday)) == days(monday, 0, 1, 2, 3)


def test_this_and_following_overrides_what_was_edited_by_hand(
    client: TestClient, monday: date
) -> None:
    plan = station_plan(client)
    expanded(client, monday)
    later = monday + timedelta(days=14)
    edit(client, plan, later, window={"start": "16:00:00", "end": "17:00:00"})

    second = monday + timedelta(days=7)
    edit(
        client,
        plan,
        second,
        scope="following",
        window={"start": "09:00:00", "end": "09:30:00"},
    )

    found = baths(client, plan, monday)
    windows = {day: one["windows"][0]["start"] for day, one in found.items()}
    assert windows[monday.isoformat()] == "08:00:00"
    assert {windows[day] for day in days(monday, 1, 2, 3)} == {"09:00:00"}


def test_following_not_edited_by_hand_leaves_the_edited_alone(
    client: TestClient, monday: date
) -> None:
    plan = station_plan(client)
    expanded(client, monday)
    third = monday + timedelta(days=14)
    edit(client, plan, third, day=(third + timedelta(days=3)).isoformat())

    second = monday + timedelta(days=7)
    edit(
        client,
        plan,
        second,
        scope="following-unedited",
        day=(second + timedelta(days=1)).isoformat(),
    )

    tuesday = monday + timedelta(days=1)
    found = baths(client, plan, monday)
    by_hand = (third + timedelta(days=3)).isoformat()
    assert set(found) == days(monday, 0) | days(tuesday, 1, 3) | {by_hand}
    assert found[by_hand]["edited"] is True
    assert expanded(client, monday) == 0


def test_skipping_all_that_follow_ends_the_task_in_fhir_too(
    client: TestClient, monday: date
) -> None:
    plan = station_plan(client)
    expanded(client, monday)
    second = monday + timedelta(days=7)

    edit(client, plan, second, scope="following", skip=True)

    assert set(baths(client, plan, monday)) == days(monday, 0)
    activities = read(client, f"/fhir/CarePlan/{plan}")["activity"]
    bounds = [
        one["detail"]["scheduledTiming"]["repeat"]["boundsPeriod"]
        for one in activities
        if one["detail"]["code"]["coding"][0]["code"] == "6"
    ]
    assert [b["end"] for b in bounds] == [(second - timedelta(days=1)).isoformat()]


def test_an_added_visit_is_there_with_its_origin(client: TestClient, monday: date) -> None:
    plan = station_plan(client)
    expanded(client, monday)
    friday = monday + timedelta(days=4)

    made = done(
        client,
        f"/v1/plans/{plan}/visits",
        {
            "day": friday.isoformat(),
            "programme": "ltci",
            "items": ["5"],
            "window": {"start": "15:00:00", "end": "16:00:00"},
            "reason": "after an accident in bed",
        },
    )
    expanded(client, monday)

    found = read(client, f"/v1/plans/{plan}/visits?first={friday}&days=1")["visits"]
    (extra,) = [one for one in found if one["origin"] == "hand"]
    assert (extra["items"], extra["group"]) == (["5"], made["group"])


def test_the_visits_of_a_published_day_are_changed_on_its_board(
    client: TestClient, monday: date
) -> None:
    from tests.journeys.test_referral_to_route import planned

    plan = station_plan(client)
    expanded(client, monday)
    version = planned(client, STREET, monday)
    path = f"/v1/streets/{STREET}/days/{monday}:publish"
    assert client.post(path, headers={"If-Match": f'W/"{version}"'}).status_code == 200

    body = {"scope": "this", "skip": True, "reason": "-"}
    found = refused(client, f"/v1/plans/{plan}/visits/{monday}/{GROUP}:edit", body)

    assert found == (409, "visit.told")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({}, 422, "visit.nothing"),
        ({"skip": True, "minutes": 30}, 422, "visit.nothing"),
        ({"carer": "nobody"}, 404, "document.missing"),
        ({"carer": "d1"}, 409, "visit.carer_level"),
        ({"day": "2001-01-01"}, 422, "visit.outside"),
        ({"window": {"start": "10:00:00", "end": "09:00:00"}}, 422, "plan.window"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    client: TestClient, monday: date, change: Json, status: int, code: str
) -> None:
    plan = station_plan(client)
    body = {"scope": "this", "reason": "-"} | change

    found = refused(client, f"/v1/plans/{plan}/visits/{monday}/{GROUP}:edit", body)

    assert found[1] == code
    assert found[0] in (status, 400, 422)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"items": ["9999"]}, "catalogue.item_unknown"),
        ({"frequency": 3}, "plan.frequency"),
        ({"frequency": 5, "weekdays": [], "spacing_days": 3}, "plan.spacing"),
        ({"programme": "wellness"}, "plan.programme"),
        ({"programme": "family-bed"}, "plan.no_bed"),
        ({"items": ["37"]}, "plan.order_needed"),
        ({"name": "station.meal"}, "plan.group_exists"),
        ({"minutes": 5}, "plan.block_short"),
        ({"times": ["08:00:00"], "when": ["EVE"]}, "plan.times_and_when"),
    ],
)
def test_a_task_that_contradicts_itself_or_a_rule_is_refused(
    client: TestClient, change: Json, code: str
) -> None:
    made = done(client, "/v1/plans", {"elder": "e1", "programmes": ["station"]})

    path = f"/v1/{made['reference'].replace('CarePlan', 'plans')}/tasks"

    assert refused(client, path, task(**change))[1] == code


def test_twice_daily_by_clock_gives_two_visits_a_day(client: TestClient, monday: date) -> None:
    plan = station_plan(client, sign=False)
    twice = task(
        name="meals",
        items=["7"],
        frequency=2,
        period_days=1,
        weekdays=[],
        windows=[],
        times=["08:00:00", "17:00:00"],
        carers=1,
    )
    done(client, f"/v1/plans/{plan}/tasks", twice)

    found = read(client, f"/v1/plans/{plan}/visits?first={monday}&days=1")["visits"]

    assert [one["occasion"] for one in found if one["group"] == "meals"] == [0, 1]


def test_expired_levels_and_withdrawn_consent_stop_a_plan(
    client: TestClient,
) -> None:
    old = build.level("e2", "LTC37", 4, "2019-01-01")
    consent = {
        "resourceType": "Consent",
        "id": "c-e3",
        "status": "inactive",
        "scope": {"text": "privacy"},
        "category": [{"text": "joint care"}],
        "patient": build.ref("Patient", "e3"),
        "policyRule": {"text": "joint care"},
    }
    answer = client.post(
        "/fhir", content=wire.dumps(build.read(build.bundle(old, consent))), headers=FHIR
    )
    assert answer.status_code == 200, answer.text

    expired = client.post("/v1/plans", json={"elder": "e2", "programmes": ["ltci"]})
    withdrawn = client.post("/v1/plans", json={"elder": "e3", "programmes": ["station"]})

    assert expired.json()["code"] == "plan.assessment_expired"
    assert expired.json()["facts"]["rule"] == "ltc37.valid_months"
    assert withdrawn.json()["code"] == "plan.consent"


def test_orders_family_and_coordinator_can_be_said_anew(client: TestClient) -> None:
    plan = station_plan(client)
    order = {"first": GROUP, "second": "station.meal", "min_minutes": 10, "max_minutes": 120}

    put = client.put(f"/v1/plans/{plan}/orders", json={"orders": [order]})
    assert put.status_code == 200, put.text
    family = [{"related_person": "daughter", "hours_per_week": 14, "items": ["7"]}]
    assert client.put(f"/v1/plans/{plan}/family", json={"family": family}).status_code == 200
    named = client.put(f"/v1/plans/{plan}/coordinator", json={"practitioner_role": "d1"})
    assert named.status_code == 200, named.text

    found = read(client, f"/v1/plans/{plan}")
    assert [(o["first"], o["second"]) for o in found["orders"]] == [(GROUP, "station.meal")]
    assert found["family"] == [
        {"related_person": "daughter", "hours_per_week": 14.0, "items": ["7"]}
    ]
    assert found["coordinator"]["reference"] == "PractitionerRole/d1"

    circle = [order, {"first": "station.meal", "second": GROUP}]
    answer = client.put(f"/v1/plans/{plan}/orders", json={"orders": circle})
    assert answer.json()["code"] == "plan.follow_circle"
    stranger = client.put(
        f"/v1/plans/{plan}/orders", json={"orders": [order | {"second": "nothing"}]}
    )
    assert stranger.json()["code"] == "plan.follow_group"


def test_a_bed_that_is_open_is_part_of_the_plan_drafted_for_it(client: TestClient) -> None:
    bed = done(client, "/v1/beds", {"elder": "e1", "kind": "family-bed", "organization": STATION})
    made = done(client, "/v1/plans", {"elder": "e1", "programmes": ["family-bed"]})

    (part,) = made["parts"]
    assert part["bed"] == bed["reference"].split("/")[1]
    assert part["organization"] == STATION
    assert part["rules"] == ["plan.family-bed.GB42195.4"]
    resource = read(client, f"/fhir/{part['reference']}")
    assert resource["partOf"] == [{"reference": made["reference"]}]
    assert made["team"][0]["role"] == "coordinator"


def test_every_body_of_a_plan_has_an_example_that_it_accepts(client: TestClient) -> None:
    schemas = read(client, "/openapi.json")["components"]["schemas"]

    for model in (plans.PlanIn, plans.TaskIn, visits.VisitEditIn, visits.ExtraVisitIn):
        examples = schemas[model.__name__]["examples"]
        assert examples
        for example in examples:
            model.model_validate(example)


def test_a_misspelt_wish_is_not_overheard(client: TestClient) -> None:
    body = {"elder": "e1", "programmes": ["station"], "wishes": {"gendre": "female"}}

    assert client.post("/v1/plans", json=body).status_code in (400, 422)


def test_restoring_what_nobody_decided_is_refused(client: TestClient, monday: date) -> None:
    plan = station_plan(client)

    found = refused(client, f"/v1/plans/{plan}/visits/{monday}/{GROUP}:restore", {})

    assert found == (404, "visit.no_edit")
