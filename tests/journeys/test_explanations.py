"""Why a visit stays undone and what would help, over HTTP: proven in the street as it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.flows import day
from carecoord.model import time
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store import demands
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS, STREET
from tests.journeys.test_fit import Town
from tests.serving import create

CROWD = 16
"""Elders who all want breakfast between seven and eight."""


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Iterator[Town]:
    """More breakfasts than four people can make; the plan of tomorrow leaves some undone."""
    more = [build.patient(f"e{k}", k % 7, k % 5) for k in range(4, CROWD)]
    early = build.detail("7", build.window("08:00:00", "08:40:00"))
    build.store(
        database,
        *build.street(),
        *more,
        *(build.care_plan(f"plan-{p['id']}", p["id"], early) for p in more),
    )
    tomorrow = time.today() + timedelta(days=1)
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, tomorrow, 1, load().on(tomorrow, STREET))
    app = create(database, Settings(data=tmp_path), work=False)
    with TestClient(app) as client:
        client.headers["accept-language"] = "en"
        made = Town(database, tmp_path, tomorrow, client)
        made.plan(0)
        yield made


def undone(town: Town) -> list[str]:
    found = town.client.get(town.url()).json()
    return [one["demand"] for one in found["unserved"]]


def explained(town: Town, demand: str, lang: str = "en") -> dict[str, Any]:
    url = town.url(f"/unserved/{demand}/explanation?lang={lang}")
    answer = town.client.get(url)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_carer_is_answered_for_in_both_languages_and_something_would_help(
    town: Town,
) -> None:
    gone = undone(town)
    assert gone
    english, chinese = explained(town, gone[0]), explained(town, gone[0], "zh")

    assert {c["staff"] for c in english["carers"]} == {"d1", "n1", "c1", "c2"}
    assert not any(c["fits"] for c in english["carers"]) and english["places"] == []
    doctor = next(c for c in english["carers"] if c["staff"] == "d1")
    assert doctor["reasons"][0]["rule"] == "skills"
    for told in (english, chinese):
        for carer in told["carers"]:
            assert all(r["text"] and "{" not in r["text"] for r in carer["reasons"])
        for one in told["relaxations"]:
            assert one["text"] and "{" not in one["text"] and one["staff"]
    assert english["relaxations"][0]["text"] != chinese["relaxations"][0]["text"]
    kinds = {one["kind"]: one for one in english["relaxations"]}
    assert {"later", "hour"} <= set(kinds)
    assert kinds["later"]["amount"] % 60 == 0
    assert kinds["later"]["start"] > f"{town.tomorrow.isoformat()}T08:40"


def test_the_board_leads_to_a_page_that_says_the_same_to_people(town: Town) -> None:
    gone = undone(town)[0]
    page = f"/streets/{STREET}/days/{town.tomorrow.isoformat()}"
    address = f"{page}/unserved/{gone}"
    board = town.client.get(f"{page}?lang=zh-CN").text

    assert f"{address}?lang=zh-CN" in board
    for lang in ("zh-CN", "en"):
        shown = town.client.get(address, params={"lang": lang})
        told = explained(town, gone, lang)
        assert shown.status_code == 200
        text = unescape(shown.text)
        assert all(one["text"] in text for one in told["relaxations"])
        assert all(r["text"] in text for c in told["carers"] for r in c["reasons"])
    nothing = town.client.get(f"{page}/unserved/none", params={"lang": "en"})
    assert nothing.status_code == 404 and "text/html" in nothing.headers["content-type"]


def test_what_would_help_really_helps_once_it_is_done(town: Town) -> None:
    """Widen the window by the least that was named: the visit then fits as it was told."""
    gone = undone(town)[0]
    later = next(r for r in explained(town, gone)["relaxations"] if r["kind"] == "later")
    with town.database.write() as tx:
        (asked,) = (d for d in demands.on(tx, STREET, town.tomorrow) if d.id == gone)
        (window,) = asked.windows
        less = replace(asked, windows=((window[0], window[1] + later["amount"] - 60),))
        demands.put(tx, [less])
    before = town.ask(town.url(":fit"), demand=gone, top=1)
    with town.database.write() as tx:
        enough = replace(asked, windows=((window[0], window[1] + later["amount"]),))
        demands.put(tx, [enough])
    after = town.ask(town.url(":fit"), demand=gone, top=20)

    assert not before["fits"]
    assert (later["staff"], later["start"]) in [(p["staff"], p["start"]) for p in after["places"]]
    assert explained(town, gone)["relaxations"] == []
    page = f"/streets/{STREET}/days/{town.tomorrow.isoformat()}/unserved/{gone}"
    shown = town.client.get(page, params={"lang": "en"})
    assert shown.status_code == 200 and "It fits now" in shown.text


def test_a_visit_that_lacks_data_says_so_and_asks_nobody(town: Town) -> None:
    build.store(
        town.database, build.patient("e99", None), build.care_plan("p99", "e99", build.detail())
    )
    with town.database.write() as tx:
        rules = load().on(town.tomorrow, STREET)
        day.expand_plans(tx, BOSS, STREET, town.tomorrow, 1, rules)
        (lost,) = (d for d in demands.on(tx, STREET, town.tomorrow) if d.elder == "e99")
    found = explained(town, lost.id)

    assert found["lacks"]["code"] == "unserved.address" and found["lacks"]["text"]
    assert found["carers"] == [] == found["relaxations"]


def test_why_this_carer_and_not_that_one_is_told_by_rule_and_by_reason(town: Town) -> None:
    shown = town.client.get(town.url()).json()
    mine = {r["staff"]: [v["demand"] for v in r["visits"]] for r in shown["routes"] if r["visits"]}
    who, visits = next(iter(mine.items()))
    url = town.url(f"/visits/{visits[0]}/explanation?instead_of=")
    others = {s: town.client.get(url + s).json() for s in ("d1", "n1", "c1", "c2") if s != who}

    assert others["d1"]["possible"] is False
    assert others["d1"]["code"] == "explain.instead.cannot"
    assert others["d1"]["reasons"]["reasons"][0]["rule"] == "skills"
    for one in others.values():
        assert [s["id"] for s in one["staff"]] == [who] and one["text"]
        if one["possible"]:
            assert sum(one["cost"].values()) == one["total"] and one["start"]
        else:
            assert one["reasons"]["reasons"]
    same = town.client.get(url + who)
    assert (same.status_code, same.json()["code"]) == (409, "explain.same")


def test_replacements_are_ranked_before_and_after_somebody_is_told_away(town: Town) -> None:
    build.store(
        town.database,
        build.practitioner("p5", "caregiver"),
        build.role("c5", "p5", kind="caregiver", times=[]),
    )
    shown = town.client.get(town.url()).json()
    who = next(r["staff"] for r in shown["routes"] if r["visits"])
    visits = [v["demand"] for r in shown["routes"] if r["staff"] == who for v in r["visits"]]
    url = town.url(f"/replacements?staff={who}")
    before = town.client.get(url).json()
    told = town.client.post(
        f"/v1/streets/{STREET}/absences",
        json={"staff": who, "start": f"{town.tomorrow.isoformat()}T00:00:00+08:00"},
    )
    assert told.status_code == 201
    after = town.client.get(url).json()

    for found in (before, after):
        assert [v["visit"] for v in found["visits"]] == visits
        for visit in found["visits"]:
            totals = [c["total"] for c in visit["carers"]]
            assert totals == sorted(totals)
            assert who not in [s["id"] for c in visit["carers"] for s in c["staff"]]
            assert all(isinstance(c["known"], bool) for c in visit["carers"])
        called = next(s for s in found["whole_day"] if s["staff"]["id"] == "c5")
        assert called["called_in"] and called["visits"]
        missed = [len(s["missed"]) for s in found["whole_day"]]
        assert missed == sorted(missed)


@build.ON_SQLITE
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/unserved/none/explanation", 404, "fit.demand"),
        ("/visits/none/explanation?instead_of=c1", 404, "fit.demand"),
        ("/replacements?staff=nobody", 404, "explain.staff"),
        ("/replacements", 422, "http.field_missing"),
    ],
)
def test_what_is_not_there_cannot_be_explained(
    town: Town, path: str, status: int, code: str
) -> None:
    answer = town.client.get(town.url(path))

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@build.ON_SQLITE
def test_a_day_without_a_plan_has_nothing_to_explain(town: Town) -> None:
    answer = town.client.get(town.url("/replacements?staff=c1", 3))

    assert (answer.status_code, answer.json()["code"]) == (404, "day.none")
