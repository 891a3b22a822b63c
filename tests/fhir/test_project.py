"""What FHIR shows of planning: valid, as it stands, with versions that mean something."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, event

from carecoord.errors import Gone
from carecoord.model.events import EventKind
from carecoord.model.ids import DemandId
from carecoord.model.visits import DayKey, DayPlan, Unserved
from carecoord.store import days, demands, documents, projections
from carecoord.store.documents import ID, Document
from carecoord.store.engine import Database, Tx
from carecoord.store.shift_resources import Route, slots
from carecoord.store.tables import (
    document,
    document_version,
    index_date,
    index_text,
    projection,
    store_note,
)
from carecoord.store.visit_resources import PREFIX, PROFILE, TYPES, Call, own_id
from fhir_profiles import check
from tests import build, visit_day
from tests.build import DAY, HOUR, ON_SQLITE, STREET
from tests.visit_day import KEY, PLAN, RUN, TOLD, WANTED, report, shown

Json = dict[str, Any]
ARRIVED, STARTED, FINISHED = EventKind.ARRIVED, EventKind.STARTED, EventKind.FINISHED


def everything(tx: Tx) -> dict[str, Document]:
    """All that shows planning, by reference."""
    found = [one for kind in TYPES for one in documents.find(tx, kind)]
    return {one.reference: one for one in found if one.id.startswith(PREFIX)}


def statuses(tx: Tx, kind: str) -> dict[str, str]:
    return {one.id.removeprefix(PREFIX): one.resource["status"] for one in documents.find(tx, kind)}


def faults(one: Document) -> list[str]:
    found = check.findings(one.resource, profiles=one.resource["meta"].get("profile", ()))
    return [f"{one.reference} {f.path} {f.code}" for f in found if f.severity == "error"]


def test_a_draft_proposes_and_a_published_day_books(database: Database) -> None:
    with database.write() as tx:
        version = visit_day.draft(tx)
        assert statuses(tx, "Appointment") == {"v1": "proposed", "v2": "proposed", "v3": "waitlist"}
        assert statuses(tx, "Encounter") == {}
        days.publish(tx, KEY, TOLD, expected=version)
        assert statuses(tx, "Appointment") == {"v1": "booked", "v2": "booked", "v3": "cancelled"}
        assert statuses(tx, "Encounter") == {"v1": "planned", "v2": "planned"}


def test_a_visit_names_who_comes_to_whom_when_and_for_which_plan(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        visit_day.published(tx)
        visit = shown(tx, "Appointment", "v2").resource
        encounter = shown(tx, "Encounter", "v2").resource

    assert (visit["start"], visit["end"]) == (
        "2026-03-05T10:00:00+08:00",
        "2026-03-05T10:30:00+08:00",
    )
    assert [one["actor"]["reference"] for one in visit["participant"]] == [
        "Patient/e2",
        "PractitionerRole/c1",
        "Practitioner/p1",
        "PractitionerRole/c2",
        "Practitioner/p2",
    ]
    assert visit["supportingInformation"] == [{"reference": "CarePlan/plan"}]
    assert [one["reference"] for one in visit["slot"]] == [
        "Slot/carecoord.v2.c1",
        "Slot/carecoord.v2.c2",
    ]
    assert encounter["class"]["code"] == "HH"
    assert encounter["appointment"] == [{"reference": "Appointment/carecoord.v2"}]
    assert encounter["serviceProvider"] == {"reference": f"Organization/{build.STATION}"}
    assert encounter["location"][0]["location"]["identifier"]["value"] == "e2"


def test_all_that_is_shown_is_valid_and_keeps_our_profile(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        version = visit_day.draft(tx)
        found = list(everything(tx).values())
        days.publish(tx, KEY, TOLD, expected=version)
        for visit, kinds in (("v1", (ARRIVED, STARTED, FINISHED)), ("v2", (EventKind.REFUSED,))):
            for step, kind in enumerate(kinds):
                report(tx, visit, kind, 9 * HOUR + step * 60, metres=20, items=("7",))
                found += everything(tx).values()
        demands.remove(tx, [DemandId("v2")])
        found += everything(tx).values()

    assert [fault for one in found for fault in faults(one)] == []
    profiled = {one.id for one in found if PROFILE in one.resource["meta"].get("profile", ())}
    assert profiled == {"carecoord.v1", "carecoord.v2"}
    assert {one.type for one in found} == set(TYPES)


@pytest.mark.parametrize(
    ("kinds", "appointment", "encounter"),
    [
        ([EventKind.DEPARTED], "booked", "planned"),
        ([ARRIVED], "arrived", "arrived"),
        ([ARRIVED, STARTED], "arrived", "in-progress"),
        ([ARRIVED, STARTED, FINISHED], "fulfilled", "finished"),
        ([FINISHED, ARRIVED], "fulfilled", "finished"),
        ([ARRIVED, EventKind.UNANSWERED], "noshow", "cancelled"),
        ([EventKind.REFUSED], "cancelled", "cancelled"),
    ],
)
def test_what_is_reported_from_the_door_moves_the_status(
    database: Database, kinds: list[EventKind], appointment: str, encounter: str
) -> None:
    with database.write() as tx:
        visit_day.published(tx)
        for step, kind in enumerate(kinds):
            report(tx, "v1", kind, 9 * HOUR + 60 * step)

        assert statuses(tx, "Appointment")["v1"] == appointment
        assert statuses(tx, "Encounter")["v1"] == encounter
        assert statuses(tx, "Appointment")["v2"] == "booked"


def test_an_encounter_lasts_from_the_door_to_the_door_and_carries_its_proof(
    database: Database,
) -> None:
    with database.write() as tx:
        visit_day.published(tx)
        report(tx, "v2", ARRIVED, 10 * HOUR + 120, metres=80)
        report(tx, "v2", ARRIVED, 10 * HOUR + 180, staff="c2", metres=35)
        report(tx, "v2", FINISHED, 10 * HOUR + 1500, items=("7", "9"))
        report(tx, "v2", FINISHED, 10 * HOUR + 1800, staff="c2", confirmed=True, items=("9",))
        encounter = shown(tx, "Encounter", "v2").resource

    assert encounter["period"] == {
        "start": "2026-03-05T10:02:00+08:00",
        "end": "2026-03-05T10:30:00+08:00",
    }
    values = [next(v for k, v in e.items() if k != "url") for e in encounter["extension"]]
    assert values == [35, True, "7", "9"]


def test_why_nobody_comes_stands_in_the_appointment(database: Database) -> None:
    with database.write() as tx:
        visit_day.published(tx)
        visit = shown(tx, "Appointment", "v3").resource

    assert visit["cancelationReason"]["coding"][0]["code"] == "unserved.no_skill"
    assert visit["cancelationReason"]["text"]
    assert "start" not in visit and "profile" not in visit["meta"]
    assert visit["requestedPeriod"][0]["start"] == "2026-03-05T08:00:00+08:00"


def test_a_visit_that_nobody_has_planned_yet_is_proposed(database: Database) -> None:
    with database.write() as tx:
        visit_day.published(tx)
        demands.put(tx, [build.demand("v4", "e1")])

        assert statuses(tx, "Appointment")["v4"] == "proposed"
        assert "v4" not in statuses(tx, "Encounter")


def test_only_what_changed_gets_a_new_version(database: Database) -> None:
    with database.write() as tx:
        version = visit_day.published(tx)
        before = everything(tx)
        later = visit_day.moved(PLAN, "v1", 300)
        version = days.replace_plan(tx, later, expected=version, why=replace(RUN, cause="hand"))
        after = everything(tx)
        days.replace_plan(
            tx, later, expected=version, why=replace(RUN, cause="hand"), even_equal=True
        )
        demands.put(tx, WANTED)

        assert everything(tx) == after
    changed = {name for name, one in after.items() if one != before.get(name)}
    assert changed == {
        "Appointment/carecoord.v1",
        "Encounter/carecoord.v1",
        "Slot/carecoord.v1.c1",
        "Slot/carecoord.c1.20260305.f0",
        "Slot/carecoord.c1.20260305.f1",
    }
    assert after["Appointment/carecoord.v1"].version == 3
    assert after["Appointment/carecoord.v2"].version == 2


def test_a_told_visit_that_is_withdrawn_is_cancelled_and_a_draft_one_is_gone(
    database: Database,
) -> None:
    with database.write() as tx:
        visit_day.published(tx)
        demands.remove(tx, [DemandId("v1")])
        visit = shown(tx, "Appointment", "v1").resource
        encounter = shown(tx, "Encounter", "v1").resource
        other = replace(PLAN, key=DayKey(STREET, DAY + timedelta(days=1)))
        moved = [replace(one, id=DemandId(f"n{one.id}"), day=other.key.day) for one in WANTED]
        visit_day.draft(tx, renamed(other, "n"), moved)
        demands.remove(tx, [moved[0].id])

        with pytest.raises(Gone):
            shown(tx, "Appointment", "nv1")
    assert (visit["status"], visit["start"]) == ("cancelled", "2026-03-05T09:00:00+08:00")
    assert visit["cancelationReason"]["text"]
    assert (encounter["status"], "period" in encounter) == ("cancelled", False)


def renamed(plan: DayPlan, prefix: str) -> DayPlan:
    return replace(
        plan,
        stops=tuple(replace(one, demand=DemandId(prefix + one.demand)) for one in plan.stops),
        unserved=tuple(
            Unserved(DemandId(prefix + u.demand), u.code, u.facts) for u in plan.unserved
        ),
    )


def test_what_took_place_stays_when_the_visit_is_taken_back(database: Database) -> None:
    with database.write() as tx:
        visit_day.published(tx)
        report(tx, "v1", ARRIVED, 9 * HOUR)
        report(tx, "v1", FINISHED, 10 * HOUR)
        before = shown(tx, "Encounter", "v1")
        demands.remove(tx, [DemandId("v1")])

        assert shown(tx, "Encounter", "v1") == before
        assert shown(tx, "Appointment", "v1").resource["status"] == "fulfilled"


def test_a_visit_moved_to_another_planned_day_keeps_its_id_and_its_history(
    database: Database,
) -> None:
    next_day = DayKey(STREET, DAY + timedelta(days=1))
    with database.write() as tx:
        visit_day.published(tx)
        demands.put(tx, [replace(WANTED[0], day=next_day.day)])
        plan = replace(PLAN, key=next_day, stops=PLAN.stops[:1], unserved=())
        days.replace_plan(tx, plan, expected=0, why=RUN)
        visit = shown(tx, "Appointment", "v1")
        past = documents.history(tx, "Appointment", visit.id)

        assert visit.resource["start"] == "2026-03-06T09:00:00+08:00"
        assert [d.resource["status"] for d in past] == [
            "proposed",
            "cancelled",
            "booked",
            "proposed",
        ]
        assert projections.home(tx, "Appointment", visit.id) == next_day


def test_a_day_planned_again_keeps_told_visits_expected(database: Database) -> None:
    with database.write() as tx:
        version = visit_day.published(tx)
        days.replace_plan(tx, visit_day.moved(PLAN, "v1", 60), expected=version, why=RUN)

        assert statuses(tx, "Appointment")["v1"] == "proposed"
        assert statuses(tx, "Encounter")["v1"] == "planned"


def test_slots_show_who_is_free_and_schedules_how_far(database: Database) -> None:
    with database.write() as tx:
        visit_day.published(tx)
        found = documents.find(tx, "Slot", schedule="Schedule/carecoord.c2")
        schedule = documents.read(tx, "Schedule", "carecoord.c2").resource

    told = sorted(
        (s.resource["start"][11:16], s.resource["end"][11:16], s.resource["status"]) for s in found
    )
    assert told == [
        ("08:00", "09:49", "free"),
        ("09:49", "10:30", "busy"),
        ("10:30", "10:55", "free"),
        ("10:55", "11:00", "busy-unavailable"),
        ("11:00", "17:00", "free"),
    ]
    assert schedule["planningHorizon"] == {"start": "2026-03-05", "end": "2026-03-05"}


def test_a_schedule_reaches_from_the_first_to_the_last_planned_day(database: Database) -> None:
    with database.write() as tx:
        for shift in (2, 0, 1):
            day = DAY + timedelta(days=shift)
            wanted = [replace(one, id=DemandId(f"{shift}{one.id}"), day=day) for one in WANTED]
            visit_day.draft(tx, renamed(replace(PLAN, key=DayKey(STREET, day)), str(shift)), wanted)
        schedule = documents.read(tx, "Schedule", "carecoord.c1")

    assert schedule.resource["planningHorizon"] == {"start": "2026-03-05", "end": "2026-03-07"}
    assert schedule.version == 2


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Statements sent meanwhile."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(database._engine, "before_cursor_execute", note)
    yield sent
    event.remove(database._engine, "before_cursor_execute", note)


def large(visits: int) -> tuple[DayPlan, list[Any]]:
    wanted = [build.demand(f"w{n:03d}", "e1") for n in range(visits)]
    stops = [visit_day.stop(f"s{n}", one.id, 1, 9 * HOUR) for n, one in enumerate(wanted)]
    return replace(PLAN, stops=tuple(stops), pauses=(), homeward=(), unserved=()), wanted


def test_an_event_costs_as_many_statements_in_a_large_day_as_in_a_small_one(
    database: Database,
) -> None:
    costs = []
    for visits in (3, 90):
        plan, wanted = large(visits)
        with database.write() as tx:
            visit_day.published(tx, plan, wanted)
        with counted(database) as sent, database.write() as tx:
            report(tx, "w001", ARRIVED, 9 * HOUR + visits)
        costs.append(len(sent))

    assert costs[1] <= costs[0] < 30


def test_a_day_that_did_not_change_is_read_in_few_statements_and_nothing_is_written(
    database: Database,
) -> None:
    plan, wanted = large(90)
    with database.write() as tx:
        visit_day.published(tx, plan, wanted)
    with counted(database) as sent, database.write() as tx:
        projections.of_day(tx, KEY)

    assert len(sent) < 20
    assert not [one for one in sent if one.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_days_stored_before_are_shown_when_the_database_is_opened(
    database: Database, database_url: str
) -> None:
    with database.write() as tx:
        visit_day.published(tx)
        before = {
            name: one.resource["status"]
            for name, one in everything(tx).items()
            if one.type != "Schedule"
        }
        for table in (document, document_version, index_date, index_text, projection, store_note):
            tx.execute(delete(table))
    opened = Database.open(database_url)
    with opened.read() as tx:
        after = {
            name: one.resource["status"]
            for name, one in everything(tx).items()
            if one.type != "Schedule"
        }
    opened.close()

    assert after == before


def test_what_two_writers_change_of_a_day_at_once_is_both_shown(database: Database) -> None:
    with database.write() as tx:
        version = visit_day.published(tx)
    start = Barrier(2)

    def replan() -> None:
        start.wait()
        with database.write() as tx:
            why = replace(RUN, cause="hand")
            days.replace_plan(tx, visit_day.moved(PLAN, "v1", 600), expected=version, why=why)

    def arrive() -> None:
        start.wait()
        with database.write() as tx:
            report(tx, "v1", ARRIVED, 9 * HOUR)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(replan), pool.submit(arrive)]:
            done.result()
    with database.read() as tx:
        visit = shown(tx, "Appointment", "v1").resource

    assert (visit["status"], visit["start"]) == ("arrived", "2026-03-05T09:10:00+08:00")


def test_two_days_planned_at_once_share_the_schedules(database: Database) -> None:
    start = Barrier(3)

    def plan(shift: int) -> None:
        day = DAY + timedelta(days=shift)
        wanted = [replace(one, id=DemandId(f"{shift}{one.id}"), day=day) for one in WANTED]
        start.wait()
        with database.write() as tx:
            visit_day.draft(tx, renamed(replace(PLAN, key=DayKey(STREET, day)), str(shift)), wanted)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(plan, range(3)))
    with database.read() as tx:
        schedule = documents.read(tx, "Schedule", "carecoord.c1").resource

    assert schedule["planningHorizon"] == {"start": "2026-03-05", "end": "2026-03-07"}


hours = st.integers(0, 24 * HOUR)


@given(
    st.lists(st.tuples(hours, hours), max_size=3),
    st.lists(st.tuples(hours, st.integers(1, HOUR), hours), max_size=6),
)
def test_free_stretches_and_busy_ones_never_overlap_and_free_ones_lie_in_shifts(
    shifts: list[tuple[int, int]], calls: list[tuple[int, int, int]]
) -> None:
    kept = [(a, b) for a, b in shifts if a < b]
    route = Route(
        "s",
        shifts=kept,
        calls=[
            Call("s", f"v{n}", max(0, start - 60), start, start + length, travel)
            for n, (start, length, travel) in enumerate(calls)
        ],
    )
    made = [one.resource for one in slots(KEY, route, published=True)]
    free = [(r["start"], r["end"]) for r in made if r["status"] == "free"]
    busy = [(r["start"], r["end"]) for r in made if r["status"] != "free"]

    assert all(a < b for a, b in [*free, *busy])
    assert all(end <= first or last <= start for start, end in free for first, last in busy)
    assert len({one.id for one in slots(KEY, route, published=True)}) == len(made)


@given(st.text(min_size=1, max_size=90), st.text(min_size=1, max_size=90))
def test_an_own_id_is_one_that_fhir_allows_and_says_whose_it_is(one: str, other: str) -> None:
    made = own_id(one, other)

    assert ID.fullmatch(made) and made.startswith(PREFIX)
    assert own_id("v1") == "carecoord.v1"


@ON_SQLITE
def test_a_day_that_is_not_planned_shows_nothing(database: Database) -> None:
    with database.write() as tx:
        demands.put(tx, WANTED)
        projections.of_day(tx, KEY)

        assert everything(tx) == {}
        assert projections.home(tx, "Appointment", "carecoord.v1") is None
