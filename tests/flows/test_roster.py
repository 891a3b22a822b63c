"""Who is at work: nights, split shifts, breaks, appointments and overtime, up to a checked plan."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from carecoord.flows import day as service_days
from carecoord.flows.standing import Standing, stand
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.staff import Shift, Staff
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Homeward, Stop
from carecoord.planning.result import day_plan
from carecoord.store import days, demands
from carecoord.store.engine import Database, Tx
from solver import Options, check, solve
from tests import build
from tests.build import BOSS, DAY, HOUR, ON_SQLITE, STREET, Json

RULES = build.rules()


def street(*extra: Json, times: list[Json], elders: int = 1, **more: Any) -> list[Json]:
    """One caregiver with these hours, and elders side by side."""
    return [
        *build.organizations(),
        build.practitioner("p1", "caregiver"),
        build.role("c1", "p1", times=times, **more),
        *(build.patient(f"e{k}", k) for k in range(1, elders + 1)),
        *extra,
    ]


def wanted(*windows: Json, elder: str = "e1", minutes: int = 60, item: str = "7") -> Json:
    repeat = {
        "frequency": 1,
        "period": 1,
        "periodUnit": "d",
        "duration": minutes,
        "durationUnit": "min",
    }
    return build.care_plan(f"plan-{elder}", elder, build.detail(item, *windows, repeat=repeat))


def planned(tx: Tx, data: Path, day: date = DAY) -> tuple[Standing, DayPlan]:
    """The day expanded, solved and looked at by the judge."""
    service_days.expand_plans(tx, BOSS, STREET, day, 1, RULES)
    standing = stand(tx, STREET, day, data, RULES)
    options = Options(seconds=60, iterations=200)
    solution = solve(standing.built.problem, options)
    assert check(standing.built.problem, solution, options).ok
    modes = {one.id: one.mode for one in standing.given.staff}
    return standing, day_plan(
        DayKey(STREET, day),
        standing.built,
        standing.at,
        solution,
        modes,
        lambda *_: (),
        estimated=True,
    )


def staff_of(tx: Tx, day: date = DAY) -> Staff:
    given, _ = service_days.inputs(tx, STREET, day, RULES)
    (one,) = given.staff
    return one


@ON_SQLITE
def test_a_night_visit_past_midnight_is_made_on_the_shift_that_began_in_the_evening(
    database: Database, tmp_path: Path
) -> None:
    night = build.hours("21:00:00", "05:00:00")
    late = build.window("23:30:00", "00:30:00")
    deep = build.window("02:00:00", "03:00:00")
    deep["extension"].append({"url": "after-midnight", "valueBoolean": True})
    build.store(
        database,
        *street(wanted(late), wanted(deep, elder="e2"), times=[night], elders=2),
    )
    with database.write() as tx:
        _, plan = planned(tx, tmp_path)

    first, second = sorted(plan.stops, key=lambda stop: stop.start)
    assert int(23.5 * HOUR) <= first.start <= int(24.5 * HOUR)
    assert 26 * HOUR <= second.start <= 27 * HOUR
    assert plan.unserved == ()


@ON_SQLITE
def test_the_day_after_a_night_begins_after_eleven_hours_of_rest(database: Database) -> None:
    build.store(database, *street(wanted(), times=[build.hours("08:00:00", "20:00:00")]))
    with database.write() as tx:
        demands.replace(tx, STREET, DAY, 1, [build.demand("v")])
        stop = Stop(StaffId("c1"), DemandId("v"), 1, 80_000, 80_100, 85_000, 0)
        home = Homeward(StaffId("c1"), 0, 25 * HOUR)
        plan = DayPlan(DayKey(STREET, DAY), (stop,), (), (home,), (), {}, estimated=True)
        days.replace_plan(tx, plan, expected=0, why=Why("run", "test"))
        given, _ = service_days.inputs(tx, STREET, DAY + timedelta(days=1), RULES)

    (one,) = given.staff
    assert (one.shifts[0].start, one.shifts[0].end) == (12 * HOUR, 20 * HOUR)
    assert {cut.rule for cut in given.labour[one.id]} == {
        "work.rest_between_hours",
        "work.day_hours",
    }


@ON_SQLITE
def test_a_split_day_goes_home_between_its_shifts(database: Database, tmp_path: Path) -> None:
    split = [build.hours("07:00:00", "11:00:00"), build.hours("16:00:00", "19:00:00")]
    build.store(
        database,
        *street(
            wanted(build.window("07:30:00", "09:00:00")),
            wanted(build.window("16:30:00", "17:30:00"), elder="e2"),
            wanted(build.window("12:00:00", "14:00:00"), elder="e3"),
            times=split,
            elders=3,
        ),
    )
    with database.write() as tx:
        standing, plan = planned(tx, tmp_path)

    assert [stop.start // HOUR for stop in plan.stops] == [7, 16]
    assert len(plan.homeward) == 2
    assert [one.code for one in plan.unserved] == ["unserved.no_window"]
    assert len(standing.given.staff[0].shifts) == 2


@ON_SQLITE
@pytest.mark.parametrize("booked", ["absence", "appointment", "slot"])
def test_a_personal_appointment_keeps_its_hours_free(
    database: Database, tmp_path: Path, booked: str
) -> None:
    start, end = (f"{DAY.isoformat()}T{at}:00:00+08:00" for at in ("10", "12"))
    during = {"start": start, "end": end}
    extra: list[Json] = []
    more: dict[str, Any] = {}
    if booked == "absence":
        more["notAvailable"] = [{"description": "dentist", "during": during}]
    elif booked == "appointment":
        extra = [
            {
                "resourceType": "Appointment",
                "id": "dentist",
                "status": "booked",
                **during,
                "participant": [{"actor": build.ref("Practitioner", "p1"), "status": "accepted"}],
            }
        ]
    else:
        extra = [
            {
                "resourceType": "Schedule",
                "id": "own",
                "actor": [build.ref("PractitionerRole", "c1")],
            },
            {
                "resourceType": "Slot",
                "id": "training",
                "schedule": build.ref("Schedule", "own"),
                "status": "busy-unavailable",
                **during,
            },
        ]
    build.store(
        database,
        *street(
            *extra,
            wanted(build.window("09:30:00", "12:30:00")),
            times=[build.hours("08:00:00", "16:00:00")],
            **more,
        ),
    )
    with database.write() as tx:
        one = staff_of(tx)
        _, plan = planned(tx, tmp_path)

    assert [(s.start // HOUR, s.end // HOUR) for s in one.shifts] == [(8, 10), (12, 16)]
    (stop,) = plan.stops
    assert stop.start >= 12 * HOUR


@ON_SQLITE
@pytest.mark.parametrize(("status", "answer"), [("cancelled", "accepted"), ("booked", "declined")])
def test_an_appointment_that_keeps_nobody_takes_no_time(
    database: Database, status: str, answer: str
) -> None:
    start, end = (f"{DAY.isoformat()}T{at}:00:00+08:00" for at in ("10", "12"))
    one: Json = {
        "resourceType": "Appointment",
        "id": "a",
        "status": status,
        "start": start,
        "end": end,
        "participant": [{"actor": build.ref("PractitionerRole", "c1"), "status": answer}],
    }
    build.store(database, *street(one, times=[build.hours("08:00:00", "16:00:00")]))
    with database.read() as tx:
        assert staff_of(tx).shifts == (Shift(8 * HOUR, 16 * HOUR),)


@ON_SQLITE
def test_the_visits_of_our_own_plan_are_nobodys_appointments(
    database: Database, tmp_path: Path
) -> None:
    hours = [build.hours("08:00:00", "16:00:00")]
    build.store(database, *street(wanted(build.window("09:00:00", "10:00:00")), times=hours))
    with database.write() as tx:
        _, plan = planned(tx, tmp_path)
        version = days.replace_plan(tx, plan, expected=0, why=Why("run", "test"))
        days.publish(tx, plan.key, Why("publish", "test"), expected=version)
    with database.read() as tx:
        assert staff_of(tx).shifts == (Shift(8 * HOUR, 16 * HOUR),)


def broken(start: str, end: str = "", minutes: int = 0) -> Json:
    """Hours from 8 to 16 with one break."""
    parts: list[Json] = [{"url": "start", "valueTime": start}]
    parts += [{"url": "end", "valueTime": end}] if end else []
    parts += [{"url": "minutes", "valuePositiveInt": minutes}] if minutes else []
    pause = {"url": build.own("shift-break")["url"], "extension": parts}
    return build.hours("08:00:00", "16:00:00") | {"extension": [pause]}


@ON_SQLITE
@pytest.mark.parametrize(
    ("hours", "first", "last"),
    [
        (broken("12:00:00", minutes=45), 12 * HOUR, 12 * HOUR),
        (broken("12:00:00", "12:45:00"), 12 * HOUR, 12 * HOUR),
        (broken("11:30:00", "13:30:00", 45), int(11.5 * HOUR), int(12.75 * HOUR)),
    ],
)
def test_a_fixed_and_a_floating_break_of_the_roster_are_kept(
    database: Database, tmp_path: Path, hours: Json, first: int, last: int
) -> None:
    visits = [
        wanted(build.window(f"{at:02d}:00:00", f"{at + 1:02d}:00:00"), elder=f"e{k}")
        for k, at in enumerate((9, 10, 13, 14), start=1)
    ]
    build.store(database, *street(*visits, times=[hours], elders=4))
    with database.write() as tx:
        _, plan = planned(tx, tmp_path)

    assert plan.unserved == ()
    (pause,) = plan.pauses
    assert first <= pause.start <= last
    assert pause.end - pause.start == 45 * 60
    assert all(s.end <= pause.start or pause.end <= s.start for s in plan.stops)


@ON_SQLITE
def test_a_break_without_a_length_is_a_data_problem(database: Database) -> None:
    build.store(database, *street(times=[broken("12:00:00")]))
    with database.read() as tx:
        given, problems = service_days.inputs(tx, STREET, DAY, RULES)

    assert [(p.code, p.path) for p in problems] == [
        ("staff.break", "PractitionerRole.availableTime[0]")
    ]
    assert given.staff[0].shifts == (Shift(8 * HOUR, 16 * HOUR),)


@ON_SQLITE
@pytest.mark.parametrize("agreed", [0, 60])
def test_a_visit_past_the_end_of_the_shift_needs_overtime_that_was_agreed_to(
    database: Database, tmp_path: Path, agreed: int
) -> None:
    more: dict[str, Any] = {
        "extension": [
            build.own("travel-mode", valueCode="e-bike"),
            build.own("overtime-minutes", valueUnsignedInt=agreed),
        ]
    }
    build.store(
        database,
        *street(
            wanted(build.window("16:20:00", "16:40:00"), minutes=30),
            times=[build.hours("10:00:00", "16:30:00")],
            **more,
        ),
    )
    with database.write() as tx:
        standing, plan = planned(tx, tmp_path)

    (shift,) = standing.given.staff[0].shifts
    assert shift.hard_end == (int(17.5 * HOUR) if agreed else None)
    assert len(plan.stops) == (1 if agreed else 0)
    assert (plan.cost.get("overtime", 0) > 0) == bool(agreed)
