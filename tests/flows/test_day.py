"""A street-day: demands from plans, a run, its end, and telling people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from carecoord.errors import Missing, Stale
from carecoord.fhir.documents import Change
from carecoord.flows import day, record, register
from carecoord.model.ids import DemandId, ElderId, StaffId, StreetId
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Stop
from carecoord.store import audit, days, demands, documents, runs
from carecoord.store.engine import Database, Tx
from carecoord.store.runs import Run
from tests import build
from tests.build import BOSS, DAY, STREET
from tests.flows import steps

KEY = DayKey(STREET, DAY)
NEXT = DAY + timedelta(days=1)
RULES = build.rules()


def expand(tx: Tx, count: int = 1) -> day.Expansion:
    return day.expand_plans(tx, BOSS, STREET, DAY, count, RULES)


def plan_of(tx: Tx, start: int = 30_000) -> DayPlan:
    wanted = demands.on(tx, STREET, DAY)
    stops = tuple(
        Stop(StaffId("c1"), d.id, k, start + 3600 * k, start + 3600 * k, start + 3600 * k + 900, 60)
        for k, d in enumerate(wanted)
    )
    return DayPlan(KEY, stops, (), (), (), {}, estimated=True)


def claimed(tx: Tx, **more: int) -> Run:
    run = day.request(tx, BOSS, STREET, DAY, **more)
    found = runs.claim(
        tx, run.id, now=run.requested_at, until=run.requested_at + timedelta(minutes=1)
    )
    assert found is not None
    return found


def commit(tx: Tx, run: Run, plan: DayPlan) -> str:
    return day.commit(tx, run, plan, attribution="", problem_hash="h", outcome={"served": 1})


def test_every_active_plan_becomes_demands_and_doing_it_twice_changes_nothing(
    database: Database,
) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        assert expand(tx, 3) == day.Expansion(9, 9, ())
        before = steps.everything(tx)
        assert expand(tx, 3) == day.Expansion(9, 0, ())
        assert steps.everything(tx) == before
        assert {d.elder for d in demands.on(tx, STREET, DAY)} == {"e1", "e2", "e3"}
        (entry,) = audit.of_target(tx, f"{STREET}/{DAY.isoformat()}+3")

    assert entry.action == "demand.write"


def test_the_dead_and_plans_that_ended_ask_for_nothing(database: Database) -> None:
    ended = build.care_plan("plan-e2", "e2", build.detail(), period={"end": "2026-03-04"})
    dead = build.patient("e1", 1, 1, deceasedBoolean=True)
    build.store(database, *build.street())
    build.store(database, ended, dead)
    with database.write() as tx:
        expand(tx)
        assert [d.elder for d in demands.on(tx, STREET, DAY)] == ["e3"]


def test_what_cannot_be_planned_is_listed_and_the_rest_is_planned(database: Database) -> None:
    build.store(
        database,
        *build.street(),
        build.patient("e4", None),
        build.care_plan("plan-e4", "e4", build.detail("9999"), build.detail()),
    )
    with database.write() as tx:
        found = expand(tx)

    assert found.wanted == 4
    assert sorted((p.code, p.subject) for p in found.problems) == [
        ("address.position", "Patient/e4"),
        ("plan.activity.no_level", "CarePlan/plan-e4"),
    ]


def test_a_day_that_people_were_told_keeps_its_demands(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        expand(tx, 2)
        commit(tx, claimed(tx), plan_of(tx))
        day.publish(tx, BOSS, STREET, DAY, expected=1)
    build.store(database, build.care_plan("plan-e1", "e1", build.detail(), status="revoked"))
    with database.write() as tx:
        expand(tx, 2)
        assert len(demands.on(tx, STREET, DAY)) == 3
        assert len(demands.on(tx, STREET, NEXT)) == 2


def test_an_unknown_street_is_missing(database: Database) -> None:
    with database.write() as tx:
        for step in (
            lambda: expand(tx),
            lambda: day.request(tx, BOSS, STREET, DAY),
            lambda: day.inputs(tx, STREET, DAY),
        ):
            with pytest.raises(Missing) as caught:
                step()
            assert caught.value.code == "street.none"


def test_asking_twice_for_a_plan_is_one_run(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        first = day.request(tx, BOSS, STREET, DAY)
        assert day.request(tx, BOSS, STREET, DAY).id == first.id
        assert day.request(tx, BOSS, STREET, DAY, seed=2).id != first.id
        assert first.base_version == 0


def test_a_result_for_the_version_it_was_made_from_becomes_the_plan(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        expand(tx)
        run, plan = claimed(tx), plan_of(tx)
        assert commit(tx, run, plan) == "committed"
        found = runs.read(tx, run.id)
        assert days.read(tx, KEY) == plan

    assert (found.state, found.outcome["version"], found.problem_hash) == ("committed", 1, "h")


def test_a_result_for_a_day_that_moved_is_a_proposal_and_overwrites_nothing(
    database: Database,
) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        expand(tx)
        late, quick = claimed(tx), claimed(tx, seed=2)
        by_hand = plan_of(tx)
        commit(tx, quick, by_hand)
        assert commit(tx, late, plan_of(tx, start=40_000)) == "proposal"
        assert days.read(tx, KEY) == by_hand
        assert runs.read(tx, late.id).outcome["version"] == 1


def test_a_worker_that_lost_its_run_writes_nothing(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        expand(tx)
        run = claimed(tx)
        after = run.requested_at + timedelta(hours=1)
        runs.claim(tx, run.id, now=after, until=after + timedelta(minutes=1))
    with pytest.raises(Stale) as caught, database.write() as tx:
        commit(tx, run, plan_of(tx))
    with database.read() as tx:
        assert days.version(tx, KEY) == 0

    assert caught.value.code == "run.lost"


def test_publishing_tells_once_and_an_old_version_is_stale(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        expand(tx)
        commit(tx, claimed(tx), plan_of(tx))
        assert day.publish(tx, BOSS, STREET, DAY, expected=1) == 2
        assert day.publish(tx, BOSS, STREET, DAY, expected=2) == 2
        with pytest.raises(Stale) as caught:
            day.publish(tx, BOSS, STREET, DAY, expected=1)
        (entry,) = audit.of_target(tx, f"{STREET}/{DAY.isoformat()}@2")

    assert (caught.value.code, entry.action) == ("day.moved", "day.publish")


def test_a_day_without_a_plan_cannot_be_published(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx, pytest.raises(Missing):
        day.publish(tx, BOSS, STREET, DAY, expected=0)


def test_who_called_most_on_told_days_of_the_last_weeks_is_known_first(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        for back, staff in ((1, "c2"), (2, "c1"), (3, "c1"), (4, "c1"), (29, "n1")):
            then = DAY - timedelta(days=back)
            wanted = build.demand(f"v{back}", "e1", day=then)
            demands.replace(tx, STREET, then, 1, [wanted])
            stop = Stop(StaffId(staff), DemandId(f"v{back}"), 1, 30_000, 30_000, 31_000, 0)
            past = DayPlan(DayKey(STREET, then), (stop,), (), (), (), {}, estimated=True)
            version = days.replace_plan(tx, past, expected=0, why=Why("run", "test"))
            if back != 4:
                days.publish(tx, past.key, Why("publish", "test"), expected=version)
        given, _ = day.inputs(tx, STREET, DAY)

    assert given.known == {ElderId("e1"): ("c1", "c2")}


def test_staff_who_lack_what_planning_needs_are_listed_on_days_they_work(
    database: Database,
) -> None:
    build.store(
        database,
        *build.organizations(),
        build.organization("bare", "care-station", part_of=build.OFFICE),
        build.practitioner("p1", "caregiver"),
        build.practitioner("p2", "caregiver", end="2026-03-04"),
        build.role("homeless", "p1", organization="bare"),
        build.role("expired", "p2"),
        build.role("off", "p2", times=[build.hours("08:00:00", "16:00:00", "mon")]),
        build.role("nobody", "gone"),
    )
    with database.read() as tx:
        given, problems = day.inputs(tx, STREET, DAY)

    assert sorted((p.code, p.subject.partition("/")[2]) for p in problems) == [
        ("staff.no_base", "homeless"),
        ("staff.no_licence", "expired"),
        ("staff.no_practitioner", "nobody"),
    ]
    assert [s.id for s in given.staff] == ["expired", "homeless", "off"]


def test_staff_start_at_their_own_place_else_at_their_organisations(database: Database) -> None:
    own = {"location": [build.ref("Location", "own-door")]}
    build.store(
        database,
        *build.organizations(),
        build.location("own-door", "elsewhere", 9, 9),
        build.practitioner("p1", "caregiver"),
        build.role("a", "p1"),
        build.role("b", "p1", **own),
    )
    with database.read() as tx:
        given, _ = day.inputs(tx, STREET, DAY)

    assert [s.base for s in given.staff] == [build.place(5), build.place(9, 9)]


def test_an_elder_belongs_to_the_street_that_manages_keeps_a_bed_or_was_named(
    database: Database,
) -> None:
    far = build.organization("far", "hospital")
    build.store(
        database,
        *build.organizations(),
        far,
        build.patient("managed", 1),
        build.patient("in-bed", 2, managed_by="far"),
        build.patient("named", 3, managed_by=""),
        build.patient("stranger", 4, managed_by="far"),
    )
    with database.write() as tx:
        steps.home_bed(tx, "in-bed")
        changes = [documents.read(tx, "Patient", one) for one in ("managed", "in-bed", "named")]
        counted = record.count_to_street(
            tx, BOSS, [Change("created", one) for one in changes], STREET
        )
        assert counted == ["named"]
        elders, _ = register.elders(tx, register.street(tx, STREET))
        assert sorted(elders) == ["in-bed", "managed", "named"]
        for one in ("managed", "in-bed", "named"):
            assert register.jurisdiction(tx, ElderId(one)) == STREET
        assert register.jurisdiction(tx, ElderId("stranger")) == "CN"


def test_an_elder_managed_by_another_street_stays_there_whatever_bed_they_hold(
    database: Database,
) -> None:
    other = StreetId("990101002")
    build.store(
        database,
        *build.organizations(),
        build.organization("office-2", "street", division=other),
        build.patient("e1", 1, managed_by="office-2"),
        build.care_plan("p", "e1", build.detail()),
    )
    with database.write() as tx:
        steps.home_bed(tx, "e1")
        assert expand(tx).wanted == 0
        assert day.expand_plans(tx, BOSS, other, DAY, 1, RULES).wanted == 1


def test_an_elder_who_moves_to_another_street_is_planned_for_there(database: Database) -> None:
    other = StreetId("990101002")
    build.store(database, *build.street(), build.organization("office-2", "street", division=other))
    with database.write() as tx:
        assert expand(tx).wanted == 3
    build.store(database, build.patient("e1", 1, 1, managed_by="office-2"))
    with database.write() as tx:
        assert day.expand_plans(tx, BOSS, other, DAY, 1, RULES).wanted == 1
        assert expand(tx).wanted == 2
        assert [d.elder for d in demands.on(tx, other, DAY)] == ["e1"]


def test_an_equal_plan_computed_again_keeps_a_told_day_told(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        expand(tx)
        plan = plan_of(tx)
        commit(tx, claimed(tx), plan)
        day.publish(tx, BOSS, STREET, DAY, expected=1)
        again = claimed(tx)
        assert commit(tx, again, replace(plan, stops=plan.stops[::-1])) == "committed"
        found = days.state(tx, KEY)

    assert found is not None and (found.version, found.state) == (2, "published")
