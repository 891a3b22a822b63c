"""Planned days show the shifts that they would be planned with now."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from carecoord.flows import absences, day, record, shifts
from carecoord.model import time
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.time import instant
from carecoord.model.visits import DayKey
from carecoord.store import days, demands, documents, projections
from carecoord.store.engine import Database, Tx
from carecoord.store.tables import day_shift
from tests import build, visit_day
from tests.build import BOSS, HOUR, STREET

TOMORROW = time.today() + timedelta(days=1)
KEY = DayKey(STREET, TOMORROW)
PLAN = replace(
    visit_day.PLAN, key=KEY, stops=visit_day.PLAN.stops[:1], pauses=(), homeward=(), unserved=()
)


def told(database: Database) -> None:
    """Tomorrow published with one visit of c1 at nine."""
    short = [build.hours("08:00:00", "14:00:00")]
    people = {"d1": ("pd", "doctor"), "n1": ("pn", "nurse"), "c1": ("p1", ""), "c2": ("p2", "")}
    roles = [build.role(one, who, kind=kind, times=short) for one, (who, kind) in people.items()]
    build.store(database, *build.street())
    build.store(database, *roles)
    wanted = replace(visit_day.WANTED[0], day=TOMORROW)
    with database.write() as tx:
        visit_day.draft(tx, PLAN, [wanted])
        tx.execute(delete(day_shift))
        day.publish(tx, BOSS, STREET, TOMORROW, expected=days.version(tx, KEY))


def free(tx: Tx, staff: str) -> list[str]:
    """Free stretches of somebody, such as `08:00-14:00`."""
    found = documents.find(tx, "Slot", schedule=f"Schedule/carecoord.{staff}", status="free")
    spans = [(one.resource["start"][11:16], one.resource["end"][11:16]) for one in found]
    return sorted(f"{start}-{end}" for start, end in spans)


def test_a_published_day_shows_everybody_s_hours(database: Database) -> None:
    told(database)
    with database.read() as tx:
        assert free(tx, "c1") == ["08:00-08:49", "09:30-14:00"]
        assert free(tx, "d1") == ["08:00-14:00"]
        assert {one.id for one in documents.find(tx, "Schedule")} == {
            f"carecoord.{staff}" for staff in ("c1", "c2", "d1", "n1")
        }


def test_other_hours_of_a_role_are_shown_at_once_and_a_role_that_is_gone_has_none(
    database: Database,
) -> None:
    told(database)
    with database.write() as tx:
        role: dict[str, Any] = build.role("c2", "p2", times=[build.hours("10:00:00", "12:00:00")])
        record.update(tx, BOSS, "PractitionerRole", "c2", build.read(role))
        record.delete(tx, BOSS, "PractitionerRole", "d1")

        assert free(tx, "c2") == ["10:00-12:00"]
        assert free(tx, "d1") == []
        assert free(tx, "c1") == ["08:00-08:49", "09:30-14:00"]


def test_who_is_away_is_not_free_until_they_are_back(database: Database) -> None:
    told(database)
    with database.write() as tx:
        start, end = instant(TOMORROW, 10 * HOUR), instant(TOMORROW, 24 * HOUR)
        made = absences.add(tx, BOSS, STREET, StaffId("c2"), start, end, "sick")
        assert free(tx, "c2") == ["08:00-10:00"]
        absences.end(tx, BOSS, STREET, made.id, instant(TOMORROW, 12 * HOUR))

        assert free(tx, "c2") == ["08:00-10:00", "12:00-14:00"]


def test_who_is_booked_elsewhere_is_not_free_until_it_is_called_off(database: Database) -> None:
    told(database)
    day = TOMORROW.isoformat()
    lesson: dict[str, Any] = {
        "resourceType": "Appointment",
        "id": "lesson",
        "status": "booked",
        "start": f"{day}T10:00:00+08:00",
        "end": f"{day}T12:00:00+08:00",
        "participant": [{"actor": build.ref("Practitioner", "p2"), "status": "accepted"}],
    }
    with database.write() as tx:
        record.create(tx, BOSS, build.read(lesson), id="lesson")
        assert free(tx, "c2") == ["08:00-10:00", "12:00-14:00"]
        assert free(tx, "n1") == ["08:00-14:00"]
        record.update(tx, BOSS, "Appointment", "lesson", lesson | {"status": "cancelled"})

        assert free(tx, "c2") == ["08:00-14:00"]


def test_a_day_of_which_no_shifts_were_written_down_is_completed_once(database: Database) -> None:
    told(database)
    with database.write() as tx:
        tx.execute(delete(day_shift))
        shifts.complete(tx, STREET)
        before = documents.history(tx, "Slot")
        shifts.complete(tx, STREET)

        assert free(tx, "c2") == ["08:00-14:00"]
        assert documents.history(tx, "Slot") == before


def test_a_visit_taken_back_leaves_its_carer_busy_until_the_day_is_planned_again(
    database: Database,
) -> None:
    told(database)
    with database.write() as tx:
        demands.remove(tx, [DemandId("v1")])
        projections.of_day(tx, KEY)
        busy = documents.find(tx, "Slot", schedule="Schedule/carecoord.c1", status="busy")
        days.replace_plan(
            tx, replace(PLAN, stops=()), expected=days.version(tx, KEY), why=visit_day.RUN
        )

        assert [one.id for one in busy] == ["carecoord.v1.c1"]
        assert free(tx, "c1") == ["08:00-14:00"]
