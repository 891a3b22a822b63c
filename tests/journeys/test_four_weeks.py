"""Four weeks of a small street, day by day: no visit is lost or made twice, and nobody overworks.

Everything goes through the flows that HTTP and the clock use; only the clock itself is set.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from carecoord.flows import day as service_days
from carecoord.flows import door, horizon, repair, stay
from carecoord.flows.repair import How
from carecoord.jobs import ahead
from carecoord.jobs.worker import work
from carecoord.model import time
from carecoord.model.demands import VisitDemand
from carecoord.model.events import EventKind, Progress, progress
from carecoord.model.happenings import DoorUnanswered, Happening, StaffAbsent, UrgentVisit
from carecoord.model.ids import DemandId, ElderId, RunId, StaffId
from carecoord.model.visits import DayKey, DayPlan
from carecoord.store import days, demands, documents, runs, visit_events
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, CENTRE, HOUR, ON_SQLITE, STATION, STREET, Json
from tests.planned import searched

FIRST = date(2026, 3, 9)
"""A Monday; no public holiday in the four weeks but Qingming on the last two days."""

DAYS, ELDERS, AHEAD = 28, 25, 3
SEED = 5
RULES = build.rules(FIRST)
PLANS = [
    ("7", {"frequency": 1, "period": 1, "periodUnit": "d"}),
    ("8", {"frequency": 3, "period": 1, "periodUnit": "wk"}),
    ("37", {"frequency": 2, "period": 1, "periodUnit": "wk"}),
    ("101", {"frequency": 1, "period": 1, "periodUnit": "wk"}),
]


@dataclass(slots=True)
class Clock:
    """The time it is in the story."""

    now: datetime

    def at(self, day: date, seconds: int) -> None:
        """Set it; it never goes back."""
        self.now = max(self.now, time.instant(day, seconds))


@dataclass(slots=True)
class Story:
    """What has happened so far.

    refused
        Visits that nobody opened the door to.
    runs
        Every run that was asked for.
    """

    database: Database
    data: Path
    clock: Clock
    dice: random.Random
    away: dict[str, int] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    runs: list[RunId] = field(default_factory=list)


def street() -> Iterator[Json]:
    """Two organisations, eight people with different hours, 25 elders with three kinds of care."""
    yield from build.organizations()
    hours = {
        "c1": (STATION, "caregiver", [build.hours("07:00:00", "15:00:00", *_off(0))]),
        "c2": (STATION, "caregiver", [build.hours("07:00:00", "15:00:00", *_off(1))]),
        "c3": (STATION, "caregiver", _split(2)),
        "c4": (STATION, "caregiver", [build.hours("10:00:00", "19:00:00", *_off(3))]),
        "c5": (CENTRE, "caregiver", [build.hours("07:00:00", "16:00:00")]),
        "n1": (CENTRE, "nurse", [build.hours("08:00:00", "17:00:00", *_off(5))]),
        "n2": (CENTRE, "nurse", [build.hours("08:00:00", "17:00:00", *_off(6))]),
        "d1": (CENTRE, "doctor", [build.hours("08:00:00", "17:00:00", *_off(5, 6))]),
    }
    for id_, (organization, kind, times) in hours.items():
        yield build.practitioner(f"p-{id_}", kind)
        yield build.role(id_, f"p-{id_}", kind=kind, organization=organization, times=times)
    for k in range(1, ELDERS + 1):
        yield build.patient(f"e{k}", k % 7 - 3, k // 5 - 2)
        chosen = [PLANS[0]] if k % 2 else [PLANS[1]]
        chosen += [PLANS[2]] if k % 3 == 0 else []
        chosen += [PLANS[3]] if k % 4 == 0 else []
        details = [build.detail(item, repeat=repeat) for item, repeat in chosen]
        yield build.care_plan(f"plan-e{k}", f"e{k}", *details)


def _off(*weekdays: int) -> list[str]:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return [name for k, name in enumerate(names) if k not in weekdays]


def _split(off: int) -> list[Json]:
    return [
        build.hours("07:00:00", "11:00:00", *_off(off)),
        build.hours("15:30:00", "19:00:00", *_off(off)),
    ]


@ON_SQLITE
def test_four_weeks_lose_no_visit_and_make_none_twice(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(time.instant(FIRST - timedelta(days=1), 8 * HOUR))
    monkeypatch.setattr(time, "now", lambda: clock.now)
    build.store(database, *street())
    story = Story(database, tmp_path, clock, random.Random(SEED))
    for k in range(DAYS):
        day = FIRST + timedelta(days=k)
        evening(story, day)
        through(story, day)

    with database.read() as tx:
        asked = [runs.read(tx, id_) for id_ in story.runs]
        last = FIRST + timedelta(days=DAYS - 1)
        breaches = horizon.breaches(tx, BOSS, STREET, FIRST, last, RULES)
        for k in range(DAYS):
            accounted(tx, story, FIRST + timedelta(days=k))
    assert breaches == []
    # A plan that the judge refuses fails its run.
    assert {run.state for run in asked} == {"committed"}
    assert len(asked) >= DAYS
    for kind in ("absent", "urgent", "admitted", "returned", "died", "unanswered", "finished"):
        assert story.counts[kind] > 0, kind


def evening(story: Story, day: date) -> None:
    """The night's planning of the days from `day` on, and telling people of the first."""
    story.clock.at(day - timedelta(days=1), 19 * HOUR)
    options = {"iterations": 40, "spread_steps": 0.02, "seconds": 60}
    with story.database.write() as tx:
        asked = horizon.ask(
            tx, BOSS, STREET, RULES, first=day, count=AHEAD, by_night=True, options=options
        )
        twin = horizon.ask(
            tx, BOSS, STREET, RULES, first=day, count=AHEAD, by_night=True, options=options
        )
    assert asked.id == twin.id

    def each(run: RunId) -> None:
        story.runs.append(run)
        work(story.database, story.data, RULES, run, solve=searched)

    found = ahead.work_off(story.database, story.data, asked.id, each)
    assert found.state == "done", found.outcome
    with story.database.write() as tx:
        version = days.version(tx, DayKey(STREET, day))
        service_days.publish(tx, BOSS, STREET, day, expected=version)


def through(story: Story, day: date) -> None:
    """One day: illness, an urgent visit, hospital, death, closed doors; every visit reported."""
    with story.database.read() as tx:
        plan = days.read(tx, DayKey(STREET, day))
    dice = story.dice
    story.clock.at(day, 6 * HOUR)
    if dice.random() < 0.25 and plan.stops:
        happens(story, day, StaffAbsent(_anybody(story, plan), *_whole(day), reason="ill"))
        story.counts["absent"] += 1
    story.clock.at(day, 7 * HOUR)
    for elder in sorted(story.away):
        story.away[elder] -= 1
        if story.away[elder] <= 0:
            del story.away[elder]
            with story.database.write() as tx:
                stay.discharge(tx, BOSS, ElderId(elder), RULES)
            story.counts["returned"] += 1
    if dice.random() < 0.3:
        elder = _at_home(story)
        window = (13 * HOUR, 16 * HOUR)
        happens(story, day, UrgentVisit(ElderId(elder), ("7",), window, minutes=30))
        story.counts["urgent"] += 1
    until(story, day, 10 * HOUR)
    if dice.random() < 0.25:
        elder = _at_home(story)
        with story.database.write() as tx:
            stay.admit(tx, BOSS, ElderId(elder), RULES)
        story.away[elder] = dice.randint(2, 5)
        story.counts["admitted"] += 1
    if day.day in (18, 29):
        elder = _at_home(story)
        with story.database.write() as tx:
            known = documents.read(tx, "Patient", elder).version
            stay.died(tx, BOSS, ElderId(elder), RULES, at=story.clock.now, expected=known)
        story.dead.add(elder)
        story.counts["died"] += 1
    until(story, day, 27 * HOUR)


def happens(story: Story, day: date, event: Happening) -> None:
    """The day answers, and what it stores is possible as the day is known now."""
    with story.database.write() as tx:
        version = days.version(tx, DayKey(STREET, day))
        how = How(reason="story", iterations=20)
        repair.answer(tx, BOSS, STREET, day, [event], how, RULES, story.data, expected=version)


def until(story: Story, day: date, seconds: int) -> None:
    """Everybody follows the plan up to a time: each visit is finished, or nobody opens the door."""
    key = DayKey(STREET, day)
    while True:
        with story.database.read() as tx:
            plan = days.read(tx, key)
            known = {(e.demand, e.staff) for e in visit_events.on(tx, key)}
        coming = [s for s in plan.stops if s.start < seconds and (s.demand, s.staff) not in known]
        if not coming:
            return
        stop = min(coming, key=lambda s: (s.start, s.staff))
        story.clock.at(day, stop.start)
        kinds = [(EventKind.ARRIVED, stop.start), (EventKind.STARTED, stop.start)]
        if story.dice.random() < 0.02:
            reports = [_report(story, day, stop.demand, stop.staff, EventKind.ARRIVED, stop.start)]
            with story.database.write() as tx:
                door.report(tx, BOSS, STREET, day, reports)
            happens(story, day, DoorUnanswered(DemandId(stop.demand)))
            story.counts["unanswered"] += 1
            continue
        story.clock.at(day, stop.end)
        reports = [
            _report(story, day, stop.demand, stop.staff, kind, at)
            for kind, at in [*kinds, (EventKind.FINISHED, stop.end)]
        ]
        with story.database.write() as tx:
            door.report(tx, BOSS, STREET, day, reports)
            # A phone that was offline sends its day again.
            door.report(tx, BOSS, STREET, day, reports)
        story.counts["finished"] += 1


def _report(
    story: Story, day: date, demand: str, staff: str, kind: EventKind, at: int
) -> door.Report:
    id_ = str(UUID(int=story.dice.getrandbits(128), version=4))
    return door.Report(id_, DemandId(demand), StaffId(staff), kind, time.instant(day, at))


def _anybody(story: Story, plan: DayPlan) -> StaffId:
    return story.dice.choice(sorted({stop.staff for stop in plan.stops}))


def _at_home(story: Story) -> str:
    gone = story.dead | set(story.away)
    return story.dice.choice([f"e{k}" for k in range(1, ELDERS + 1) if f"e{k}" not in gone])


def _whole(day: date) -> tuple[datetime, datetime]:
    return time.instant(day, 0), time.instant(day, time.DAY)


def accounted(tx: Tx, story: Story, day: date) -> None:
    """Every visit of a day was made by as many as it needs, or stands there with a reason."""
    key = DayKey(STREET, day)
    plan = days.read(tx, key)
    wanted: dict[DemandId, VisitDemand] = {d.id: d for d in demands.on(tx, STREET, day)}
    events: dict[tuple[DemandId, StaffId], list[Any]] = defaultdict(list)
    for event in visit_events.on(tx, key):
        events[event.demand, event.staff].append(event)
    made: Counter[DemandId] = Counter()
    refused: set[DemandId] = set()
    for (demand, _), found in events.items():
        if progress(found) is Progress.FINISHED:
            made[demand] += 1
        if progress(found) is Progress.NOT_MADE:
            refused.add(demand)
    reasons = {one.demand: one.code for one in plan.unserved}
    for id_, demand in wanted.items():
        served = made[id_] == demand.carers and id_ not in reasons
        left_out = made[id_] == 0 and (bool(reasons.get(id_)) or id_ in refused)
        assert served != left_out, (day, id_, made[id_], reasons.get(id_), id_ in refused)
    assert set(made) <= set(wanted) | refused, (day, set(made) - set(wanted))
    twice = Counter((d.plan, d.group, d.occasion) for d in wanted.values())
    assert max(twice.values(), default=1) == 1
