"""Where does a visit fit: asked over HTTP, taken, gone, asked again; on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from carecoord.flows import day, drawing, prepared
from carecoord.flows.standing import stand
from carecoord.model import time
from carecoord.model.events import EventKind, VisitEvent
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store import day_versions, days, demands, visit_events
from carecoord.store.engine import Database
from solver import Options, solve
from tests import build
from tests.build import BOSS, STREET
from tests.serving import create

MORNING = [{"start": "08:00:00", "end": "16:00:00"}]


@dataclass
class Town:
    database: Database
    data: Path
    tomorrow: date
    client: TestClient

    def url(self, verb: str = "", k: int = 0) -> str:
        return f"/v1/streets/{STREET}/days/{self.on(k).isoformat()}{verb}"

    def on(self, k: int) -> date:
        return self.tomorrow + timedelta(days=k)

    def ask(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def plan(self, k: int) -> None:
        """A first plan of a day, as a run would store it."""
        on = self.on(k)
        with self.database.write() as tx:
            now = stand(tx, STREET, on, self.data, load().on(on, STREET))
            found = solve(now.built.problem, Options(seconds=60, iterations=20))
            new = drawing.drawn(now.key, now.built, now.at, found, now.given, now.network)
            days.replace_plan(tx, new, expected=0, why=Why("run", "test"), attribution="")

    def rows(self) -> tuple[object, ...]:
        with self.database.read() as tx:
            key = DayKey(STREET, self.tomorrow)
            return (days.state(tx, key), demands.on(tx, STREET, self.tomorrow))


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Iterator[Town]:
    """The tiny street; tomorrow is planned, the days after are not."""
    build.store(database, *build.street(), build.patient("e4", 4, 2))
    tomorrow = time.today() + timedelta(days=1)
    rules = load().on(tomorrow, STREET)
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, tomorrow, 3, rules)
    app = create(database, Settings(data=tmp_path), work=False)
    with TestClient(app) as client:
        client.headers["accept-language"] = "en"
        made = Town(database, tmp_path, tomorrow, client)
        made.plan(0)
        yield made


def wish(elder: str = "e1", **more: Any) -> dict[str, Any]:
    return {"elder": elder, "minutes": 40, "level": "C", "windows": MORNING} | more


def test_places_are_told_with_who_when_and_what_changes_and_nothing_is_stored(town: Town) -> None:
    before = town.rows()
    found = town.ask(town.url(":fit"), visit=wish(), top=3)

    assert (found["basis"], found["version"], found["fits"]) == ("plan", 1, True)
    assert len(found["places"]) == 3
    assert [p["total"] for p in found["places"]] == sorted(p["total"] for p in found["places"])
    first = found["places"][0]
    assert first["staff"][0]["name"].endswith("name")
    assert first["start"].startswith(town.tomorrow.isoformat())
    assert first["start"].endswith("+08:00") and first["start"] < first["end"]
    assert set(first["cost"]) <= {"travel", "late", "early", "overtime", "preference", "change"} | {
        "continuity"
    }
    nurse = next((p for p in found["places"] if p["staff"][0]["id"] == "n1"), None)
    if nurse is not None:
        assert any(w["rule"] == "preference" and w["text"] for w in nurse["worse"])
    assert town.rows() == before


def test_two_carers_begin_together(town: Town) -> None:
    found = town.ask(town.url(":fit"), visit=wish(carers=2))

    assert found["places"]
    assert all(len({s["id"] for s in p["staff"]}) == 2 for p in found["places"])


def test_a_place_that_is_taken_is_a_new_version_by_hand_with_the_visit_in_the_route(
    town: Town,
) -> None:
    body = wish(items=["7"], programme="station")
    first = town.ask(town.url(":fit"), visit=body)["places"][0]
    chosen = {"visit": body, "staff": [s["id"] for s in first["staff"]], "start": first["start"]}
    without = town.client.post(town.url(":take"), json=chosen)
    answer = town.client.post(town.url(":take"), json=chosen, headers={"If-Match": 'W/"1"'})

    assert without.status_code == 428
    assert answer.status_code == 200, answer.text
    taken = answer.json()
    assert (taken["version"], answer.headers["etag"]) == (2, 'W/"2"')
    shown = town.client.get(town.url()).json()
    visit = next(v for r in shown["routes"] for v in r["visits"] if v["demand"] == taken["demand"])
    assert (visit["start"], visit["elder"]) == (first["start"], "e1")
    with town.database.read() as tx:
        versions = day_versions.of_day(tx, DayKey(STREET, town.tomorrow))
    assert [one.why.cause for one in versions] == ["run", "hand"]
    stale = town.client.post(town.url(":take"), json=chosen, headers={"If-Match": 'W/"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "day.moved")
    rules = load().on(town.tomorrow, STREET)
    with town.database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, town.tomorrow, 1, rules)
        assert taken["demand"] in {d.id for d in demands.on(tx, STREET, town.tomorrow)}


def test_a_place_taken_in_a_day_that_people_know_keeps_it_told_and_lists_whom_to_tell(
    town: Town,
) -> None:
    _published(town)
    body = wish(items=["7"], programme="station")
    first = town.ask(town.url(":fit"), visit=body)["places"][0]
    who = first["staff"][0]["id"]
    answer = town.client.post(
        town.url(":take"),
        json={"visit": body, "staff": [who], "start": first["start"], "reason": "asked by phone"},
        headers={"If-Match": 'W/"2"'},
    )

    assert answer.status_code == 200, answer.text
    taken = answer.json()
    assert {(t["kind"], t["reference"]) for t in taken["told"]} >= {
        ("staff", f"PractitionerRole/{who}"),
        ("elder", "Patient/e1"),
    }
    assert all(t["texts"] and "{" not in " ".join(t["texts"]) for t in taken["told"])
    shown = town.client.get(town.url()).json()
    assert (shown["state"], shown["version"]) == ("published", 3)
    with town.database.read() as tx:
        assert taken["demand"] in {d.id for d in demands.on(tx, STREET, town.tomorrow)}


def test_a_visit_that_has_begun_stays_and_nothing_is_put_before_it(town: Town) -> None:
    with town.database.write() as tx:
        plan = days.read(tx, DayKey(STREET, town.tomorrow))
        first = min(plan.stops, key=lambda s: s.start)
        for kind, at in ((EventKind.STARTED, first.start + 60), (EventKind.FINISHED, first.end)):
            moment = time.instant(town.tomorrow, at)
            event = VisitEvent(
                str(uuid4()), plan.key, first.demand, first.staff, kind, moment, moment, "test"
            )
            visit_events.append(tx, [event])
    body = wish(items=["7"], programme="station")
    found = town.ask(town.url(":fit"), visit=body, top=20)
    begun = time.instant(town.tomorrow, first.end)

    mine = [p for p in found["places"] if p["staff"][0]["id"] == first.staff]
    assert mine and all(datetime.fromisoformat(p["start"]) >= begun for p in mine)
    chosen = {"visit": body, "staff": [first.staff], "start": mine[0]["start"]}
    answer = town.client.post(town.url(":take"), json=chosen, headers={"If-Match": 'W/"1"'})
    assert answer.status_code == 200, answer.text
    with town.database.read() as tx:
        after = days.read(tx, plan.key)
    assert first.demand in {s.demand for s in after.stops if s.staff == first.staff}
    assert answer.json()["demand"] in {s.demand for s in after.stops if s.staff == first.staff}
    assert {(s.demand, s.staff) for s in plan.stops} <= {(s.demand, s.staff) for s in after.stops}


def test_a_place_that_is_gone_is_refused_with_new_places(town: Town) -> None:
    body = wish(items=["7"], programme="station")
    first = town.ask(town.url(":fit"), visit=body)["places"][0]
    (who,) = (s["id"] for s in first["staff"])
    away = {"staff": who, "start": f"{town.tomorrow.isoformat()}T00:00:00+08:00", "reason": "ill"}
    told = town.client.post(f"/v1/streets/{STREET}/absences", json=away)
    assert told.status_code in (200, 201), told.text
    before = town.rows()
    answer = town.client.post(
        town.url(":take"),
        json={"visit": body, "staff": [who], "start": first["start"]},
        headers={"If-Match": 'W/"1"'},
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "fit.gone")
    anew = answer.json()["places"]
    assert anew and all(who not in [s["id"] for s in p["staff"]] for p in anew)
    assert town.rows() == before


def test_a_demand_that_came_after_the_plan_is_fitted_and_taken(town: Town) -> None:
    build.store(town.database, build.care_plan("plan-e4", "e4", build.detail()))
    rules = load().on(town.tomorrow, STREET)
    with town.database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, town.tomorrow, 1, rules)
        (new,) = (d for d in demands.on(tx, STREET, town.tomorrow) if d.elder == "e4")
    first = town.ask(town.url(":fit"), demand=new.id)["places"][0]
    answer = town.client.post(
        town.url(":take"),
        json={"demand": new.id, "staff": [first["staff"][0]["id"]], "start": first["start"]},
        headers={"If-Match": 'W/"1"'},
    )

    assert answer.status_code == 200, answer.text
    again = town.client.post(town.url(":fit"), json={"demand": new.id})
    assert (again.status_code, again.json()["code"]) == (409, "fit.served")


def test_a_day_without_a_plan_answers_from_the_roster_and_says_so(town: Town) -> None:
    found = town.ask(town.url(":fit", 1), visit=wish())

    assert (found["basis"], found["fits"], found["version"]) == ("roster", True, 0)
    assert found["places"][0]["staff"] == [] and found["places"][0]["start"] is None
    body = wish(items=["7"], programme="station")
    answer = town.client.post(
        town.url(":take", 1), json={"visit": body}, headers={"If-Match": 'W/"0"'}
    )
    assert answer.status_code == 200, answer.text
    with town.database.read() as tx:
        assert answer.json()["demand"] in {d.id for d in demands.on(tx, STREET, town.on(1))}


def test_over_several_days_planned_ones_come_first(town: Town) -> None:
    days_ = [town.on(k).isoformat() for k in range(3)]
    found = town.ask(f"/v1/streets/{STREET}:fit", visit=wish(), days=days_, top=6)

    assert found["places"][0]["basis"] == "plan"
    assert {p["basis"] for p in found["places"]} == {"plan", "roster"}
    few = town.ask(f"/v1/streets/{STREET}:fit", visit=wish(), days=days_, top=6, max_per_window=1)
    assert [p["day"] for p in few["places"]] == days_


def test_a_series_keeps_its_number_its_distance_and_its_carer(town: Town) -> None:
    town.plan(1)
    town.plan(2)
    asked = {
        "visit": wish(),
        "first": town.tomorrow.isoformat(),
        "per_week": 3,
        "weeks": 2,
        "spacing": 2,
    }
    found = town.ask(f"/v1/streets/{STREET}:fit", series=asked)

    best = found["series"][0]
    assert best["missing"] == 0 and len(best["visits"]) == 6
    on = [date.fromisoformat(v["day"]) for v in best["visits"]]
    assert all((b - a).days >= 2 for a, b in pairwise(on))
    assert best["kept"] == 6
    planned = [v for v in best["visits"] if v["basis"] == "plan"]
    assert {v["staff"][0]["id"] for v in planned} == {best["carer"]["id"]}


def test_a_list_is_placed_together(town: Town) -> None:
    visits = [{"visit": wish("e1")}, {"visit": wish("e2")}, {"visit": wish("e3", carers=2)}]
    found = town.ask(f"/v1/streets/{STREET}:fit", visits=visits, days=[town.tomorrow.isoformat()])

    places = [v["places"][0] for v in found["visits"]]
    busy: list[tuple[str, str, str]] = sorted(
        (s["id"], p["start"], p["end"]) for p in places for s in p["staff"]
    )
    assert len(busy) == 4
    for (who, _, end), (other, start, _) in pairwise(busy):
        assert who != other or end <= start


def test_a_visit_that_nobody_can_take_names_the_nearest_and_their_reasons(town: Town) -> None:
    found = town.ask(town.url(":fit"), visit=wish(level="D", carers=2), explain=True)

    assert not found["fits"] and found["refused"]["code"] == "fit.none"
    rules = {r["rule"] for c in found["nearest"] for r in c["reasons"]}
    assert rules & {"skills", "partner"}
    assert all(r["text"] and "{" not in r["text"] for c in found["nearest"] for r in c["reasons"])


def test_the_answer_follows_every_change_and_is_kept_while_nothing_changes(town: Town) -> None:
    rules = load().on(town.tomorrow, STREET)

    def ready() -> prepared.Prepared:
        with town.database.read() as tx:
            return prepared.prepare(tx, STREET, town.tomorrow, town.data, rules)

    first = ready()
    assert ready() is first
    changes = [
        lambda: build.store(town.database, build.patient("e1", 6, 6)),
        lambda: build.store(
            town.database,
            build.practitioner("p9", "caregiver"),
            build.role("c9", "p9", kind="caregiver"),
        ),
        lambda: town.client.post(
            f"/v1/streets/{STREET}/absences",
            json={
                "reason": "ill",
                "staff": "c1",
                "start": f"{town.tomorrow.isoformat()}T00:00:00+08:00",
            },
        ),
        lambda: build.store(
            town.database,
            build.practitioner("p2", "caregiver", end="2020-02-02"),
        ),
        lambda: _expanded(town),
        lambda: _published(town),
    ]
    for change in changes:
        before = ready()
        change()
        after = ready()
        assert after is not before
        assert ready() is after
        with town.database.read() as tx:
            fresh = prepared.read(tx, STREET, town.tomorrow, town.data, rules)
        assert fresh.standing.given == after.standing.given
        assert fresh.standing.version == after.standing.version


def _published(town: Town) -> None:
    key = DayKey(STREET, town.tomorrow)
    with town.database.write() as tx:
        days.publish(tx, key, Why("publish", "test"), expected=1)


def _expanded(town: Town) -> None:
    build.store(town.database, build.care_plan("plan-e4", "e4", build.detail()))
    with town.database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, town.tomorrow, 1, load().on(town.tomorrow, STREET))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "fit.one_of"),
        ({"demand": "x", "visit": wish()}, 400, "fit.one_of"),
        ({"demand": "x"}, 404, "fit.demand"),
        ({"visit": wish("nobody")}, 404, "fit.elder"),
        ({"visit": {"elder": "e1", "level": "C", "windows": MORNING}}, 400, "fit.minutes"),
        ({"visit": {"elder": "e1", "minutes": 5, "windows": MORNING}}, 400, "fit.level"),
        ({"visit": wish(), "profile": "none"}, 404, "profile.none"),
        ({"visit": wish(colour="red")}, 422, "http.field_unknown"),
        ({"visit": wish(windows=[{"start": "10:00", "end": "9:00"}])}, 422, "http.invalid"),
        ({"visit": wish(windows=[{"start": "10:00", "end": "09:00"}])}, 400, "demand.window"),
        ({"visit": wish(wish={"start": "10:00", "end": "09:00"})}, 400, "demand.window"),
    ],
)
@build.ON_SQLITE
def test_what_cannot_be_answered_is_refused(
    town: Town, body: dict[str, Any], status: int, code: str
) -> None:
    answer = town.client.post(town.url(":fit"), json=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@build.ON_SQLITE
def test_days_that_are_over_take_nothing(town: Town) -> None:
    answer = town.client.post(town.url(":fit", -2), json={"visit": wish()})
    far = f"/v1/streets/{STREET}/days/9999-12-31:fit"
    later = town.client.post(far, json={"visit": wish()})

    assert (answer.status_code, answer.json()["code"]) == (409, "fit.past")
    assert (later.status_code, later.json()["code"]) == (409, "fit.far")
