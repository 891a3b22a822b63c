"""A planned day answers what has happened: begun visits stay, the rest goes on, people are told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from carecoord.errors import CareError
from carecoord.flows import absences, day, door, fixed, pins, repair, standing
from carecoord.flows.door import Report
from carecoord.flows.repair import Answer, How
from carecoord.jobs import worker
from carecoord.model import time
from carecoord.model.events import EventKind
from carecoord.model.happenings import (
    ClientAbsent,
    ClientAdmitted,
    DoorUnanswered,
    Happening,
    RunningLate,
    StaffAbsent,
    UrgentVisit,
    VehicleBroken,
    VisitCancelled,
    VisitOverrun,
    WindowChanged,
)
from carecoord.model.ids import DemandId, ElderId, StaffId
from carecoord.model.pins import VisitPin
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Stop
from carecoord.planning.offers import solution_of
from carecoord.planning.result import day_plan
from carecoord.store import day_versions, days, demands, repairs
from carecoord.store.engine import Database, Tx
from solver import Options, check, solve
from tests import build
from tests.build import BOSS, DAY, HOUR, STREET

KEY = DayKey(STREET, DAY)
RULES = build.rules()
COUNT = 9
SEVEN = 7 * HOUR


def street() -> list[build.Json]:
    """Nine elders with a daily visit in the morning, two doors apart; four caregivers."""
    window = build.window("08:00:00", "11:30:00")
    people = [build.patient(f"e{k}", k, k % 3) for k in range(1, COUNT + 1)]
    plans = [
        build.care_plan(f"plan-{one['id']}", one["id"], build.detail("7", window)) for one in people
    ]
    return [
        *build.organizations(),
        *(build.practitioner(f"p{k}", "caregiver") for k in range(1, 5)),
        *(build.role(f"c{k}", f"p{k}", kind="caregiver") for k in range(1, 5)),
        *people,
        *plans,
    ]


def planned(database: Database, folder: Path, *, publish: bool = True) -> int:
    """The street with a searched plan; its version."""
    build.store(database, *street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        now = standing.stand(tx, STREET, DAY, folder, RULES)
        found = solve(now.built.problem, Options(seconds=60, iterations=200))
        assert not found.unserved
        modes = {one.id: one.mode for one in now.given.staff}
        plan = day_plan(KEY, now.built, now.at, found, modes, lambda *_: (), estimated=True)
        version = days.replace_plan(tx, plan, expected=0, why=Why("run", "test"))
        if publish:
            version = day.publish(tx, BOSS, STREET, DAY, expected=version)
    return version


def answer(
    tx: Tx, folder: Path, version: int, *events: Happening, at: int = SEVEN, **more: object
) -> Answer:
    how = How(frozen_before=time.instant(DAY, at), reason="test", **more)  # type: ignore[arg-type]
    return repair.answer(tx, BOSS, STREET, DAY, events, how, RULES, folder, expected=version)


def judge(tx: Tx, folder: Path) -> None:
    """What is stored is possible as the day is known now."""
    now = standing.stand(tx, STREET, DAY, folder, RULES)
    assert now.plan is not None
    verdict = check(now.built.problem, solution_of(now.built, now.plan))
    assert verdict.violations == ()
    wanted = {d.id for d in demands.on(tx, STREET, DAY)}
    made = {s.demand for s in now.plan.stops}
    open_ = {u.demand for u in now.plan.unserved}
    assert made | open_ == wanted
    assert not made & open_


def of(plan: DayPlan, staff: str) -> list[Stop]:
    return [s for s in plan.stops if s.staff == staff]


def busiest(plan: DayPlan) -> StaffId:
    return max({s.staff for s in plan.stops}, key=lambda who: (len(of(plan, who)), who))


def report(tx: Tx, stop: Stop, kind: EventKind, at: int | None = None) -> None:
    moment = time.instant(DAY, stop.start if at is None else at)
    one = Report(str(uuid4()), stop.demand, stop.staff, kind, moment)
    door.report(tx, BOSS, STREET, DAY, [one])


def test_a_repair_of_nothing_changes_nothing(database: Database, tmp_path: Path) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        found = answer(tx, tmp_path, version, at=10 * HOUR)
        assert (found.version, found.news, found.told) == (version, (), ())
        assert days.read(tx, KEY) == before
        assert repairs.on(tx, KEY) == ()


def test_somebody_ill_before_the_day_is_replaced_and_everybody_concerned_is_told(
    database: Database, tmp_path: Path
) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        ill = busiest(before)
        found = answer(tx, tmp_path, version, StaffAbsent(ill, reason="ill"))
        after = days.read(tx, KEY)
        judge(tx, tmp_path)
        assert found.version == version + 1
        assert (found.state, found.unserved) == ("published", ())
        assert of(after, ill) == []
        lost = {s.demand for s in of(before, ill)}
        assert lost <= {n.change.demand for n in found.news if n.change.kind == "carer"}
        whose = {d.elder for d in demands.on(tx, STREET, DAY) if d.id in lost}
        assert f"PractitionerRole/{ill}" in {t.reference for t in found.told}
        assert whose <= {t.about for t in found.told}
        (kept,) = repairs.on(tx, KEY)
        assert (kept.version, kept.by, kept.events[0]["kind"]) == (
            version + 1,
            "test",
            "staff_absent",
        )
        row = day_versions.of_day(tx, KEY)[-1]
        assert (row.why.cause, row.why.source) == ("repair", kept.id)
        assert [a.staff for a in absences.of_days(tx, BOSS, STREET, DAY, DAY)] == [ill]


def test_nobody_is_told_on_a_draft(database: Database, tmp_path: Path) -> None:
    version = planned(database, tmp_path, publish=False)
    with database.write() as tx:
        found = answer(tx, tmp_path, version, StaffAbsent(busiest(days.read(tx, KEY))))
        assert (found.state, found.told) == ("draft", ())
        assert found.news
        judge(tx, tmp_path)


def test_a_question_stores_nothing(database: Database, tmp_path: Path) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        ill = busiest(before)
        asked = answer(tx, tmp_path, version, StaffAbsent(ill), dry_run=True)
        assert days.read(tx, KEY) == before
        assert (days.version(tx, KEY), repairs.on(tx, KEY)) == (version, ())
        assert absences.of_days(tx, BOSS, STREET, DAY, DAY) == ()
        done = answer(tx, tmp_path, version, StaffAbsent(ill))
        assert (asked.dry_run, asked.plan) == (True, done.plan)
        assert [n.change for n in asked.news] == [n.change for n in done.news]


def test_begun_visits_stay_when_somebody_falls_ill_on_the_way(
    database: Database, tmp_path: Path
) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        ill = busiest(before)
        first, second = of(before, ill)[:2]
        report(tx, first, EventKind.STARTED)
        report(tx, first, EventKind.FINISHED, first.end)
        found = answer(tx, tmp_path, version, StaffAbsent(ill), at=second.start - 60)
        after = days.read(tx, KEY)
        judge(tx, tmp_path)
        assert of(after, ill) == [first]
        assert [h.staff for h in after.homeward].count(ill) == 1
        assert second.demand not in {u.demand for u in found.unserved}


def test_whoever_is_late_moves_and_what_no_longer_fits_goes_to_others(
    database: Database, tmp_path: Path
) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        late = busiest(before)
        stop = of(before, late)[1]
        found = answer(tx, tmp_path, version, RunningLate(late, 40), at=stop.start + 60)
        after = days.read(tx, KEY)
        judge(tx, tmp_path)
        now = next(s for s in of(after, late) if s.demand == stop.demand)
        assert now.start == stop.start + 2400
        rest = [s for s in of(after, late) if s.start > now.start]
        assert all(s.start >= now.end for s in rest)
        assert found.unserved == ()
        assert of(before, late)[0] in after.stops


def test_a_visit_that_takes_longer_ends_later_and_nothing_else_of_it_changes(
    database: Database, tmp_path: Path
) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        who = busiest(before)
        stop = of(before, who)[1]
        report(tx, stop, EventKind.STARTED)
        answer(tx, tmp_path, version, VisitOverrun(stop.demand, 45), at=stop.start + 600)
        after = days.read(tx, KEY)
        judge(tx, tmp_path)
        now = next(s for s in of(after, who) if s.demand == stop.demand)
        assert now == replace(stop, end=stop.end + 2700)
        # Longer visits are remembered: a second answer finds the day as the first has left it.
        again = answer(tx, tmp_path, version + 1, at=stop.start + 700)
        assert (again.version, again.news) == (version + 1, ())


@pytest.mark.parametrize("event", [ClientAbsent, DoorUnanswered, VisitCancelled])
def test_a_visit_that_is_not_made_is_left_out_for_good(
    database: Database, tmp_path: Path, event: type[ClientAbsent | DoorUnanswered | VisitCancelled]
) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        who = busiest(before)
        stop = of(before, who)[1]
        found = answer(tx, tmp_path, version, event(stop.demand), at=stop.start + 300)
        judge(tx, tmp_path)
        after = days.read(tx, KEY)
        assert stop.demand not in {s.demand for s in after.stops}
        assert [u.demand for u in found.unserved] == [stop.demand]
        # Whoever plans the day anew leaves it out as well.
        now = standing.stand(tx, STREET, DAY, tmp_path, RULES)
        assert stop.demand not in {v.id for v in now.built.problem.visits}
        if event is DoorUnanswered:
            given, _ = day.inputs(tx, STREET, DAY)
            assert given.past.seen[who][1] == stop.start + 300


def test_somebody_in_hospital_gets_no_visit_and_the_coming_days_follow(
    database: Database, tmp_path: Path
) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        today = time.today()
        day.expand_plans(tx, BOSS, STREET, today, 3, RULES)
        found = answer(tx, tmp_path, version, ClientAdmitted(ElderId("e3")))
        mine = {d.id for d in demands.on(tx, STREET, DAY) if d.elder == "e3"}
        assert {u.demand for u in found.unserved if u.code == "unserved.hospital"} == mine
        assert "e3" not in {d.elder for d in demands.on(tx, STREET, today + timedelta(days=2))}
        assert days.version(tx, KEY) == version + 1


def test_an_urgent_visit_finds_its_place(database: Database, tmp_path: Path) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        urgent = UrgentVisit(ElderId("e2"), ("5",), (14 * HOUR, 15 * HOUR))
        found = answer(tx, tmp_path, version, urgent)
        judge(tx, tmp_path)
        (news,) = found.news
        assert news.change.kind == "added"
        assert news.change.after is not None
        assert 14 * HOUR <= news.change.after.start <= 15 * HOUR
        assert found.unserved == ()


def test_a_changed_window_is_kept_and_survives_a_new_expansion(
    database: Database, tmp_path: Path
) -> None:
    version = planned(database, tmp_path, publish=False)
    with database.write() as tx:
        visit = days.read(tx, KEY).stops[0].demand
        answer(tx, tmp_path, version, WindowChanged(visit, (13 * HOUR, 14 * HOUR)))
        judge(tx, tmp_path)
        (stop,) = (s for s in days.read(tx, KEY).stops if s.demand == visit)
        assert 13 * HOUR <= stop.start <= 14 * HOUR
        day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        assert demands.read(tx, visit).windows == ((13 * HOUR, 14 * HOUR),)


def test_whoever_has_no_vehicle_goes_on_foot_from_now_on(
    database: Database, tmp_path: Path
) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        who = busiest(before)
        second = of(before, who)[1]
        found = answer(tx, tmp_path, version, VehicleBroken(who), at=second.start + 60)
        judge(tx, tmp_path)
        given, _ = day.inputs(tx, STREET, DAY)
        assert next(s.mode for s in given.staff if s.id == who) == "walk"
        assert of(days.read(tx, KEY), who)[:2] == of(before, who)[:2]
        assert found.unserved == ()


def test_several_events_are_one_version(database: Database, tmp_path: Path) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        ill = busiest(before)
        gone = next(s.demand for s in before.stops if s.staff != ill)
        found = answer(
            tx,
            tmp_path,
            version,
            StaffAbsent(ill),
            VisitCancelled(gone, "feels well"),
            UrgentVisit(ElderId("e1"), ("5",), (13 * HOUR, 16 * HOUR)),
        )
        judge(tx, tmp_path)
        assert found.version == version + 1
        assert len(repairs.on(tx, KEY)[0].events) == 3
        assert {u.demand for u in found.unserved} == {gone}


def test_pins_are_kept_beside_what_happens(database: Database, tmp_path: Path) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        ill = busiest(before)
        mine, other = of(before, ill)[0], next(s for s in before.stops if s.staff != ill)
        for stop in (mine, other):
            pin = VisitPin(stop.demand, (stop.staff,), stop.start)
            pins.put(tx, BOSS, STREET, DAY, pin, "promised", expected=version)
        found = answer(tx, tmp_path, version, StaffAbsent(ill))
        after = days.read(tx, KEY)
        judge(tx, tmp_path)
        assert [(b.demand, b.code) for b in found.breaches] == [(mine.demand, "pin.absent")]
        for stop in (mine, other):
            (now,) = (s for s in after.stops if s.demand == stop.demand)
            assert (now.staff, now.start) == (stop.staff, stop.start)


def nobody(_plan: DayPlan) -> Sequence[Happening]:
    return [StaffAbsent(StaffId("none"))]


@pytest.mark.parametrize(
    ("event", "code", "field"),
    [
        (StaffAbsent(StaffId("none")), "repair.staff", "/events/1/staff"),
        (RunningLate(StaffId("none"), 5), "repair.staff", "/events/1/staff"),
        (VehicleBroken(StaffId("none")), "repair.staff", "/events/1/staff"),
        (VisitOverrun(DemandId("none"), 5), "repair.visit", "/events/1/visit"),
        (ClientAbsent(DemandId("none")), "repair.visit", "/events/1/visit"),
        (VisitCancelled(DemandId("none")), "repair.visit", "/events/1/visit"),
        (ClientAdmitted(ElderId("none")), "repair.elder", "/events/1/elder"),
        (
            UrgentVisit(ElderId("none"), ("5",), (9 * HOUR, 10 * HOUR)),
            "repair.no_plan",
            "/events/1/elder",
        ),
    ],
)
@build.ON_SQLITE
def test_an_entry_that_names_nothing_is_named_and_nothing_is_kept(
    database: Database, tmp_path: Path, event: Happening, code: str, field: str
) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        with pytest.raises(CareError) as caught:
            answer(tx, tmp_path, version, StaffAbsent(StaffId("c1")), event)
        assert (caught.value.code, caught.value.field) == (code, field)
        assert days.read(tx, KEY) == before
        assert absences.of_days(tx, BOSS, STREET, DAY, DAY) == ()


def test_a_begun_visit_cannot_be_cancelled(database: Database, tmp_path: Path) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        stop = days.read(tx, KEY).stops[0]
        report(tx, stop, EventKind.STARTED)
        with pytest.raises(CareError) as caught:
            answer(tx, tmp_path, version, VisitCancelled(stop.demand))
    assert (caught.value.code, caught.value.field) == ("repair.begun", "/events/0/visit")


def test_of_two_schedulers_one_is_told_that_the_day_has_moved(
    database: Database, tmp_path: Path
) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        answer(tx, tmp_path, version, StaffAbsent(StaffId("c1")))
    with database.write() as tx, pytest.raises(CareError) as caught:
        answer(tx, tmp_path, version, StaffAbsent(StaffId("c2")))
    assert caught.value.category == "stale"


def test_a_day_without_a_plan_has_nothing_to_repair(database: Database, tmp_path: Path) -> None:
    build.store(database, *street())
    with database.write() as tx, pytest.raises(CareError) as caught:
        answer(tx, tmp_path, 0, StaffAbsent(StaffId("c1")))
    assert caught.value.code == "day.none"


def test_what_is_fixed_of_a_day_without_a_plan_are_its_pins(
    database: Database, tmp_path: Path
) -> None:
    build.store(database, *street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        visit = demands.on(tx, STREET, DAY)[0].id
        pin = VisitPin(visit, (StaffId("c1"),))
        pins.put(tx, BOSS, STREET, DAY, pin, "", expected=0)
        given, _ = day.inputs(tx, STREET, DAY)
        assert [one.carers for one in given.pins] == [(StaffId("c1"),)]
        assert fixed.into(tx, KEY, given).past.empty


@build.ON_SQLITE
def test_a_run_goes_on_from_the_answer_and_the_day_stays_told(
    database: Database, tmp_path: Path
) -> None:
    version = planned(database, tmp_path)
    with database.write() as tx:
        before = days.read(tx, KEY)
        ill = busiest(before)
        first, second = of(before, ill)[:2]
        how = How(frozen_before=time.instant(DAY, second.start - 60), improve=True)
        found = repair.answer(
            tx, BOSS, STREET, DAY, [StaffAbsent(ill)], how, RULES, tmp_path, expected=version
        )
        assert found.run is not None
    done = worker.work(database, tmp_path, RULES, found.run)
    assert done is not None
    assert done.state == "committed", done.outcome
    with database.read() as tx:
        judge(tx, tmp_path)
        state = days.state(tx, KEY)
        assert state is not None
        assert state.state == "published"
        assert first in days.read(tx, KEY).stops
        assert of(days.read(tx, KEY), ill) == [first]
