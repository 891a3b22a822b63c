"""The days ahead: asked for once a night, spread over days, planned in date order."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from carecoord.errors import Invalid, Missing
from carecoord.flows import day as service_days
from carecoord.flows import horizon, visits
from carecoord.jobs import ahead
from carecoord.jobs.clock import Clock
from carecoord.jobs.worker import work
from carecoord.model import time
from carecoord.model.edits import Change, Which
from carecoord.model.horizon import Horizon, Zone
from carecoord.model.ids import PlanId, RunId
from carecoord.model.visits import DayKey
from carecoord.store import days, demands, horizons, runs, spread
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS, ON_SQLITE, STREET

TODAY = time.today()
TOMORROW = TODAY + timedelta(days=1)
RULES = build.rules(TOMORROW)
QUICK = {"iterations": 60, "spread_steps": 0.05}


def weekly(times: int, id_: str = "plan-w", elder: str = "e1", item: str = "7") -> build.Json:
    """So many visits a week, no weekday named."""
    repeat = {"frequency": times, "period": 1, "periodUnit": "wk"}
    return build.care_plan(id_, elder, build.detail(item, repeat=repeat))


def asked(database: Database, count: int = 3, **more: object) -> Horizon:
    with database.write() as tx:
        return horizon.ask(tx, BOSS, STREET, RULES, count=count, options=QUICK | more)


def done(database: Database, data: Path, id_: str) -> Horizon:
    def each(run: RunId) -> None:
        work(database, data, RULES, run)

    return ahead.work_off(database, data, id_, each)


@ON_SQLITE
def test_the_days_ahead_are_spread_and_planned_one_after_the_other(
    database: Database, tmp_path: Path
) -> None:
    build.store(database, *build.street())
    found = done(database, tmp_path, asked(database, 2).id)
    with database.read() as tx:
        made = [runs.read(tx, entry["run"]) for entry in found.outcome["days"].values()]
        out = horizon.outlook(tx, BOSS, STREET, RULES)

    assert found.state == "done"
    assert [run.state for run in made] == ["committed"] * 2
    assert all(a.finished_at <= b.requested_at for a, b in pairwise(made))  # type: ignore[operator]
    assert found.outcome["spread"]["wanted"] == 6
    drafts = [one for one in out.days if one.version]
    assert [(one.day, one.zone, one.served) for one in drafts] == [
        (TOMORROW + timedelta(days=k), Zone.DRAFT, 3) for k in range(2)
    ]
    assert [one.zone for one in out.days[:7]] == [Zone.HISTORIC] * 7
    assert out.last == found


@ON_SQLITE
def test_a_day_is_planned_again_only_when_what_it_is_planned_from_changed(
    database: Database, tmp_path: Path
) -> None:
    build.store(database, *build.street())
    done(database, tmp_path, asked(database, 2).id)
    again = done(database, tmp_path, asked(database, 2).id)
    assert [e.get("why") for e in again.outcome["days"].values()] == ["same"] * 2

    # Somebody's day off.
    gone = (TOMORROW + timedelta(days=1)).isoformat()
    away: dict[str, Any] = {
        "notAvailable": [{"description": "leave", "during": {"start": gone, "end": gone}}]
    }
    build.store(database, build.role("c1", "p1", kind="caregiver", **away))
    third = done(database, tmp_path, asked(database, 2).id)

    assert "run" in third.outcome["days"][gone]


@ON_SQLITE
def test_days_that_people_know_and_days_without_visits_are_left_alone(
    database: Database, tmp_path: Path
) -> None:
    build.store(database, *build.street())
    done(database, tmp_path, asked(database, 1).id)
    with database.write() as tx:
        service_days.publish(tx, BOSS, STREET, TOMORROW, expected=1)
    for one in ("e1", "e2", "e3"):
        ended = build.care_plan(
            f"plan-{one}",
            one,
            build.detail(),
            period={"end": str(TOMORROW)},
            meta={"versionId": "1"},
        )
        build.store(database, ended)
    found = done(database, tmp_path, asked(database).id)

    assert [e.get("why") for e in found.outcome["days"].values()] == ["told", "empty", "empty"]


@ON_SQLITE
def test_the_pack_may_let_people_be_told_by_themselves(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "told.toml"
    pack.write_text(
        'format = 1\npack = "own"\njurisdiction = "990101001"\n'
        'zh = "自"\nen = "own"\n'
        '[[document]]\ndoc_no = "own"\ntitle = "own"\nvalid_from = 2020-01-01\n'
        'rule = [{ rule_id = "plan.publish_ahead_days", mark = "A", zh = "自动", en = "auto", '
        'unit = "days", value = 1 }]\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("CARECOORD_PACKS", str(pack))
    build.store(database, *build.street())
    found = done(database, tmp_path, asked(database, 2).id)
    with database.read() as tx:
        told = days.published(tx, STREET)

    assert found.outcome["told"] == [TOMORROW.isoformat()]
    assert told == {TOMORROW}


@ON_SQLITE
def test_two_clocks_ask_once_a_night_and_a_missed_night_is_made_up_for(database: Database) -> None:
    build.store(database, *build.street())
    assert Clock(database).catch_up() == []
    assert Clock(database).nightly() == [STREET]
    assert Clock(database).nightly() == []
    with database.read() as tx:
        assert len(horizons.waiting(tx, time.now())) == 1
    assert Clock(database).catch_up() == []


@ON_SQLITE
def test_after_nights_without_a_clock_the_last_one_is_asked_for(database: Database) -> None:
    build.store(database, *build.street())
    long_ago = TODAY - timedelta(days=5)
    with database.write() as tx:
        horizon.ask(tx, BOSS, STREET, RULES, first=long_ago, by_night=True)
    assert Clock(database).catch_up() == [STREET]
    assert Clock(database).catch_up() == []
    with database.read() as tx:
        found = horizons.latest_night(tx, STREET)

    assert found is not None and found.first in (TODAY, TOMORROW)


@ON_SQLITE
def test_asking_by_hand_while_the_same_is_open_is_one_planning(database: Database) -> None:
    build.store(database, *build.street())
    first = asked(database)

    assert asked(database).id == first.id
    assert asked(database, 4).id != first.id
    with database.write() as tx, pytest.raises(Invalid) as caught:
        horizon.ask(tx, BOSS, STREET, RULES, count=63)
    assert caught.value.code == "horizon.days"


@ON_SQLITE
def test_what_two_workers_take_at_once_is_advanced_by_one(
    database: Database, tmp_path: Path
) -> None:
    build.store(database, *build.street())
    id_ = asked(database).id
    with database.write() as tx:
        now = time.now()
        held = horizons.claim(tx, id_, now=now, until=now + timedelta(minutes=5))
    assert held is not None
    assert ahead.advance(database, tmp_path, id_) is None
    with database.write() as tx:
        later = now + timedelta(minutes=6)
        assert horizons.claim(tx, id_, now=later, until=later) is not None
        assert not horizons.save(tx, held, "done", {})


@ON_SQLITE
def test_a_planning_that_cannot_go_on_ends_and_says_why(database: Database, tmp_path: Path) -> None:
    build.store(database, *build.street())
    with database.write() as tx, pytest.raises(Missing):
        horizon.ask(tx, BOSS, STREET, RULES, options={"profile": "no-such"})
    options = asked(database).options | {"profile": "gone"}
    with database.write() as tx:
        id_ = horizons.ask(
            tx, "hand/x", STREET, TOMORROW, 2, options=options, by="test", at=time.now()
        ).id
    found = ahead.advance(database, tmp_path, id_)

    assert found is not None
    assert (found.state, found.outcome["code"]) == ("failed", "profile.none")


@ON_SQLITE
def test_visits_without_weekdays_leave_the_day_on_which_nobody_works(
    database: Database, tmp_path: Path
) -> None:
    build.store(
        database,
        *build.organizations(),
        build.practitioner("pn", "nurse"),
        build.role("n1", "pn", kind="nurse"),
        build.patient("e1", 1),
        weekly(2),
    )
    with database.write() as tx:
        service_days.expand_plans(tx, BOSS, STREET, TOMORROW, 14, RULES)
    before = falls(database)
    off = before[0].weekday()
    works = [build_day(k) for k in range(7) if k != off]
    hours = build.hours("08:00:00", "17:00:00", *works)
    build.store(database, build.role("n1", "pn", kind="nurse", times=[hours]))
    ahead.advance(database, tmp_path, asked(database, 14).id)
    after = falls(database)

    assert off not in {day.weekday() for day in after}
    assert len(after) == len(before) == 4
    assert all(2 <= (b - a).days <= 4 for a, b in pairwise(after))
    with database.write() as tx:
        service_days.expand_plans(tx, BOSS, STREET, TOMORROW, 14, RULES)
        rows = [one for day in after for one in spread.on(tx, STREET, day)]
    assert falls(database) == after
    assert {one.day for one in rows} == set(after)


@ON_SQLITE
def test_what_people_were_told_or_decided_does_not_move(database: Database, tmp_path: Path) -> None:
    build.store(database, *build.street(), weekly(2, item="8"), weekly(3, "plan-v", "e2", "8"))
    done(database, tmp_path, asked(database, 1, iterations=20).id)
    with database.write() as tx:
        version = days.version(tx, DayKey(STREET, TOMORROW))
        service_days.publish(tx, BOSS, STREET, TOMORROW, expected=version)
        told = demands.on(tx, STREET, TOMORROW)
    ahead.advance(database, tmp_path, asked(database, 14).id)
    with database.read() as tx:
        assert demands.on(tx, STREET, TOMORROW) == told


@ON_SQLITE
def test_what_a_person_moved_stays_and_is_there_once_however_often_days_are_spread(
    database: Database, tmp_path: Path
) -> None:
    build.store(database, *build.organizations(), build.practitioner("pn", "nurse"))
    build.store(database, build.role("n1", "pn", kind="nurse"), build.patient("e1", 1), weekly(2))
    with database.write() as tx:
        service_days.expand_plans(tx, BOSS, STREET, TOMORROW, 14, RULES)
    before = falls(database)
    to = before[1] + timedelta(days=1)
    with database.write() as tx:
        which = Which(before[1], demands.on(tx, STREET, before[1])[0].group)
        change = Change(day=to)
        visits.edit(tx, BOSS, PlanId("plan-w"), which, "this", change, "family asks", RULES)
    for off in (before[0].weekday(), before[2].weekday()):
        works = [build_day(k) for k in range(7) if k != off]
        hours = build.hours("08:00:00", "17:00:00", *works)
        build.store(database, build.role("n1", "pn", kind="nurse", times=[hours]))
        ahead.advance(database, tmp_path, asked(database, 14, seed=off).id)
    with database.read() as tx:
        edited = [
            d for day in set(falls(database)) for d in demands.on(tx, STREET, day) if d.edited
        ]

    assert [d.day for d in edited] == [to]
    assert len(falls(database)) == len(set(falls(database))) == 4


def build_day(weekday: int) -> str:
    return ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[weekday]


def falls(database: Database) -> list[date]:
    with database.read() as tx:
        return [
            TOMORROW + timedelta(days=k)
            for k in range(14)
            for _ in demands.on(tx, STREET, TOMORROW + timedelta(days=k))
        ]
