"""A referral answered against real capacity: offered, accepted, reserved; or refused again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.access import everything
from carecoord.errors import Conflict
from carecoord.fhir import wire
from carecoord.flows import day, offer, register
from carecoord.jobs.worker import work
from carecoord.model import time
from carecoord.model.ids import ReferralId, StreetId
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store import days, demands, documents
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS, CENTRE, STREET
from tests.conftest import Fill
from tests.flows import steps
from tests.planned import searched
from tests.serving import create

BOTH = {"Content-Type": "application/json"}


@dataclass
class Town:
    database: Database
    data: Path
    tomorrow: date
    client: TestClient


def planned_town(database: Database, folder: Path) -> None:
    """The tiny street with a plan for each of the coming four days, a hospital beside it."""
    build.store(database, *build.street(), build.organization("hospital", "hospital"))
    tomorrow = time.today() + timedelta(days=1)
    rules = load().on(tomorrow, STREET)
    for k in range(4):
        with database.write() as tx:
            day.expand_plans(tx, BOSS, STREET, tomorrow + timedelta(days=k), 1, rules)
            run = day.request(
                tx, BOSS, STREET, tomorrow + timedelta(days=k), seconds=30, iterations=20
            )
        done = work(database, folder, rules, run.id, solve=searched)
        assert done is not None and done.state == "committed"


@pytest.fixture
def begun() -> Fill:
    """Every database begins with the town."""
    return planned_town


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Iterator[Town]:
    """The town over HTTP."""
    data = tmp_path / "data"
    app = create(database, Settings(data=data), work=False)
    with TestClient(app) as client:
        yield Town(database, data, time.today() + timedelta(days=1), client)


def referral_body(**more: Any) -> dict[str, Any]:
    at = build.place(2, 1)
    return {
        "sender": "hospital",
        "receiver": CENTRE,
        "person": {
            "resident_number": "990101194005010029",
            "name": "王秀英",
            "birth": "1940-05-01",
            "gender": "female",
            "address": "幸福路1号",
            "longitude": at.lon,
            "latitude": at.lat,
        },
        "number": "H-1",
        "diagnosis_code": "I63.9",
        "diagnosis": "脑梗死恢复期",
        "summary": "病情稳定",
        "orders": [{"item": "37", "frequency": 7}],
    } | more


def sent(town: Town, **more: Any) -> tuple[str, int]:
    """A referral by JSON; its id and version."""
    answer = town.client.post("/v1/referrals", json=referral_body(**more))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return made["reference"].split("/")[1], made["version"]


def offered(town: Town, task: str, **body: Any) -> list[dict[str, Any]]:
    answer = town.client.post(f"/v1/referrals/{task}/offers", json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def rows(town: Town) -> list[int]:
    with town.database.read() as tx:
        return [
            len(documents.find(tx, kind, limit=None))
            for kind in ("CarePlan", "EpisodeOfCare", "ServiceRequest", "Provenance", "Task")
        ] + [len(demands.on(tx, STREET, town.tomorrow + timedelta(days=k))) for k in range(14)]


def test_offers_say_from_when_which_visits_and_by_whom_and_change_nothing(town: Town) -> None:
    task, version = sent(town)
    before = rows(town)
    made = offered(town, task)

    assert [one["start"] for one in made] == [
        (town.tomorrow + timedelta(days=k)).isoformat() for k in range(3)
    ]
    first = made[0]
    on_plan = [v for v in first["visits"] if v["basis"] == "plan"]
    assert {v["basis"] for v in first["visits"]} == {"plan", "roster"}
    assert first["wanted"] == len(first["visits"]) > 14
    assert first["travel"] > 0 and first["overtime"] >= 0
    assert any(v["items"] == ["123"] for v in first["visits"])
    for visit in on_plan:
        assert visit["fits"] and visit["staff"] and visit["start"], visit
    assert {one["staff"] for one in first["team"]} == {s for v in on_plan for s in v["staff"]}
    assert rows(town) == before
    assert town.client.get(f"/fhir/Task/{task}").json()["meta"]["versionId"] == str(version)


def test_a_preview_answers_what_sending_would_and_leaves_no_row(town: Town) -> None:
    with town.database.read() as tx:
        before = steps.everything(tx)
    answer = town.client.post("/v1/referrals:preview", json=referral_body())
    with town.database.read() as tx:
        after = steps.everything(tx)
    assert answer.status_code == 200, answer.text
    assert after == before

    shown = answer.json()
    task, _ = sent(town)
    real = offered(town, task)
    assert [_said(one) for one in shown["offers"]] == [_said(one) for one in real]
    assert shown["earliest"] == town.tomorrow.isoformat()
    assert (shown["planned"], shown["missing"], shown["refused"]) == (True, [], "")
    assert "consent" in shown["wanted"]


def _said(one: dict[str, Any]) -> dict[str, Any]:
    """An offer without what follows from ids that are drawn anew: on which days weekly visits are
    and which of them are joined."""
    return {
        "start": one["start"],
        "items": {"37", "123"} <= {item for v in one["visits"] for item in v["items"]},
        "days": {v["day"]: v["basis"] for v in one["visits"]},
        "fits": all(v["fits"] for v in one["visits"]),
    }


def test_a_preview_names_what_is_missing_and_refuses_at_the_field(town: Town) -> None:
    bare = town.client.post(
        "/v1/referrals:preview", json=referral_body(summary="", diagnosis="", diagnosis_code="")
    )
    elsewhere = town.client.post(
        "/v1/referrals:preview", json=referral_body(receiver="hospital", direction="up")
    )
    wrong = town.client.post("/v1/referrals:preview", json=referral_body(receiver="nobody"))

    assert bare.json()["missing"] == ["diagnosis", "summary"]
    assert bare.json()["offers"]
    assert (elsewhere.json()["planned"], elsewhere.json()["offers"]) == (False, [])
    assert (wrong.status_code, wrong.json()["field"]) == (400, "receiver")


def test_a_visit_that_nobody_can_make_is_offered_as_not_fitting_with_the_reason(
    town: Town,
) -> None:
    for role in ("n1",):
        found = town.client.get(f"/fhir/PractitionerRole/{role}").json()
        town.client.put(
            f"/fhir/PractitionerRole/{role}",
            content=wire.dumps(found | {"active": False}),
            headers={"Content-Type": "application/fhir+json"},
        )
    task, _ = sent(town)
    (first, *_) = offered(town, task)

    nursing = [v for v in first["visits"] if v["level"] == "N"]
    assert nursing
    assert {v["code"] for v in nursing} == {"unserved.no_skill"}
    assert all(v["reason"] for v in nursing)
    assert first["fitting"] < first["wanted"]


def test_accepting_an_offer_opens_the_bed_signs_the_plan_and_reserves_the_visits(
    town: Town,
) -> None:
    task, version = sent(town)
    first = offered(town, task)[0]
    with town.database.read() as tx:
        kept = days.state(tx, days.DayKey(STREET, town.tomorrow))
    answer = town.client.post(
        f"/v1/offers/{first['id']}:accept", headers={"If-Match": f'W/"{version}"'}
    )
    assert answer.status_code == 200, answer.text

    assert answer.json()["state"] == "in-progress"
    with town.database.read() as tx:
        elder = read_elder(tx, task)
        beds = documents.find(tx, "EpisodeOfCare", patient=f"Patient/{elder}", status="active")
        plans = documents.find(tx, "CarePlan", subject=f"Patient/{elder}", status="active")
        for visit in first["visits"]:
            wanted = {d.id for d in demands.on(tx, STREET, date.fromisoformat(visit["day"]))}
            assert visit["demand"] in wanted
            if visit["basis"] == "plan":
                key = days.DayKey(STREET, date.fromisoformat(visit["day"]))
                stops = [s for s in days.read(tx, key).stops if s.demand == visit["demand"]]
                assert [s.staff for s in stops] == visit["staff"]
                assert stops[0].start == visit["start"]
        after = days.state(tx, days.DayKey(STREET, town.tomorrow))
    assert len(beds) == 1
    assert any("integrated" in str(p.resource["category"]) for p in plans)
    assert kept is not None and after is not None and after.version == kept.version + 1

    again = town.client.post(
        f"/v1/offers/{first['id']}:accept", headers={"If-Match": f'W/"{version}"'}
    )
    assert (again.status_code, again.json()["code"]) == (409, "offer.closed")


def read_elder(tx: Any, task: str) -> str:
    return str(documents.read(tx, "Task", task).resource["for"]["reference"]).split("/")[1]


def test_reserved_visits_survive_the_next_expansion(town: Town) -> None:
    task, version = sent(town)
    first = offered(town, task)[0]
    town.client.post(f"/v1/offers/{first['id']}:accept", headers={"If-Match": f'W/"{version}"'})
    rules = load().on(town.tomorrow, STREET)
    with town.database.write() as tx:
        expanded = day.expand_plans(tx, BOSS, STREET, town.tomorrow, 14, rules)
        of = register.street(tx, STREET)
        found = {d.id for k in range(14) for d in demands.on(tx, of.id, _on(town, k))}

    assert expanded.wanted > 0
    assert {v["demand"] for v in first["visits"]} <= found


def _on(town: Town, k: int) -> date:
    return town.tomorrow + timedelta(days=k)


def test_an_offer_that_has_become_impossible_is_refused_whole_and_offered_anew(
    town: Town,
) -> None:
    task, version = sent(town)
    first = offered(town, task)[0]
    role = town.client.get("/fhir/PractitionerRole/n1").json() | {"active": False}
    town.client.put(
        "/fhir/PractitionerRole/n1",
        content=wire.dumps(role),
        headers={"Content-Type": "application/fhir+json"},
    )
    before = rows(town)
    answer = town.client.post(
        f"/v1/offers/{first['id']}:accept", headers={"If-Match": f'W/"{version}"'}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "offer.gone")
    assert answer.json()["facts"]["reason"] == "unserved.no_skill"
    assert "unserved" not in answer.json()["detail"] and "{" not in answer.json()["detail"]
    assert rows(town) == before
    assert town.client.get(f"/fhir/Task/{task}").json()["status"] == "received"
    anew = town.client.get(f"/v1/referrals/{task}/offers").json()
    still_open = {one["id"] for one in anew if one["state"] == "open"}
    assert still_open == set(answer.json()["facts"]["offers"].split(", "))
    assert first["id"] not in still_open


def test_no_offer_is_taken_without_the_version_of_the_referral(town: Town) -> None:
    task, _ = sent(town)
    first = offered(town, task)[0]
    answer = town.client.post(f"/v1/offers/{first['id']}:accept")

    assert (answer.status_code, answer.json()["code"]) == (428, "referral.version")


def test_visits_of_the_street_may_be_edited_before_they_are_offered(town: Town) -> None:
    task, _ = sent(town)
    plain = offered(town, task)[0]
    edited = offered(town, task, extras=[])[0]

    assert edited["wanted"] < plain["wanted"]
    assert not any(v["items"] == ["123"] for v in edited["visits"])


def test_a_referral_that_was_answered_gets_no_offers(town: Town) -> None:
    task, version = sent(town)
    town.client.post(
        f"/v1/referrals/{task}:move",
        json={"to": "rejected", "reason": "no-capacity"},
        headers={"If-Match": f'W/"{version}"'},
    )
    with town.database.write() as tx, pytest.raises(Conflict) as caught:
        offer.propose(tx, everything("test"), ReferralId(task), town.data)

    assert caught.value.code == "offer.state"
    assert StreetId(STREET)
