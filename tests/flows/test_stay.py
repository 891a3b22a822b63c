"""Hospital and death: whose visits stop, from when on, and which come back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from carecoord.errors import Conflict, Invalid, Stale
from carecoord.fhir import beds as resources
from carecoord.flows import bed, day, plan, record, stay
from carecoord.model import time
from carecoord.model.beds import BedKind, BedState, Step
from carecoord.model.ids import BedId, DemandId, ElderId, PlanId, StaffId
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Homeward, Stop
from carecoord.store import days, demands, documents
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, CENTRE, ON_SQLITE, STATION, STREET
from tests.flows import steps

Json = dict[str, Any]
E1 = ElderId("e1")
TODAY = time.today()
TOMORROW = TODAY + timedelta(days=1)
KEY = DayKey(STREET, TOMORROW)
RULES = build.rules(TODAY)
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LONG_AGO = {"start": (TODAY - timedelta(days=90)).isoformat()}


def own_plan(*details: Json, **more: Any) -> Json:
    return build.care_plan("plan-e1", "e1", *details, period=LONG_AGO, **more)


def of(programme: str, item: str = "7", group: str = "") -> Json:
    extensions = [build.own("programme", valueCode=programme)]
    if group:
        extensions.append(build.own("visit-group", valueString=group))
    return build.detail(item, *extensions)


@pytest.fixture
def town(database: Database) -> Database:
    """The tiny street; e1 may have both beds and has a task of each and one of LTC insurance."""
    level = build.level("e1", "LTC37", 4, (TODAY - timedelta(days=9)).isoformat())
    details = (of("family-bed"), of("home-hospital-bed", "36"), of("ltci", "13"))
    others = [one for one in build.street() if one["resourceType"] != "CarePlan"]
    build.store(database, *others, level, own_plan(*details))
    return database


def both_beds(tx: Tx) -> dict[BedKind, BedId]:
    return {
        kind: BedId(bed.open_bed(tx, BOSS, E1, kind, keeper, TODAY, RULES).id)
        for kind, keeper in ((BedKind.FAMILY, STATION), (BedKind.HOME_HOSPITAL, CENTRE))
    }


def state(tx: Tx, id_: BedId) -> BedState:
    return resources.bed(documents.read(tx, "EpisodeOfCare", id_)).state


def take(tx: Tx, id_: BedId, what: Step, performer: str = "", **more: Any) -> None:
    version = documents.read(tx, "EpisodeOfCare", id_).version
    bed.step(tx, BOSS, id_, what, RULES, expected=version, performer=performer, **more)


def expand(tx: Tx, count: int = 3) -> None:
    day.expand_plans(tx, BOSS, STREET, TODAY, count, RULES)


def programmes(tx: Tx, on: Any = TOMORROW) -> set[str]:
    return {p for d in demands.on(tx, STREET, on) if d.elder == E1 for p in d.programmes}


def planned(tx: Tx, key: DayKey = KEY, starts: tuple[int, ...] = ()) -> DayPlan:
    """A plan of one carer for everything that is wanted, published."""
    wanted = demands.on(tx, STREET, key.day)
    at = starts or tuple(30_000 + 3600 * k for k in range(len(wanted)))
    stops = tuple(
        Stop(StaffId("c1"), d.id, k + 1, start, start, start + 1, 0)
        for k, (d, start) in enumerate(zip(wanted, at, strict=True))
    )
    home = (Homeward(StaffId("c1"), 0, 86_400),)
    made = DayPlan(key, stops, (), home, (), {"travel": 1}, estimated=True)
    version = days.replace_plan(tx, made, expected=days.version(tx, key), why=Why("run", "test"))
    day.publish(tx, BOSS, STREET, key.day, expected=version)
    return made


def undone(tx: Tx, key: DayKey = KEY) -> dict[DemandId, str]:
    return {u.demand: u.code for u in days.read(tx, key).unserved}


def hospital(status: str, id_: str = "stay", *, start: str = "", end: str = "") -> Json:
    period = {"start": start or (TODAY - timedelta(days=1)).isoformat()}
    if end:
        period["end"] = end
    return build.read(
        {
            "resourceType": "Encounter",
            "id": id_,
            "status": status,
            "class": {"system": ACT, "code": "IMP"},
            "subject": build.ref("Patient", "e1"),
            "period": period,
        }
    )


def told(tx: Tx, code: str) -> set[str]:
    return {
        one.resource["recipient"][0]["reference"]
        for one in documents.find(tx, "Communication", subject="Patient/e1")
        if one.resource["category"][0]["coding"][0]["code"] == code
    }


def test_a_suspended_bed_stops_its_own_visits_only_and_they_come_back(town: Database) -> None:
    with town.write() as tx:
        beds = both_beds(tx)
        expand(tx)
        take(tx, beds[BedKind.FAMILY], Step.SUSPEND, reason="away")
        during = programmes(tx)
        tasks = documents.read(tx, "CarePlan", "plan-e1").resource["activity"]
        other = state(tx, beds[BedKind.HOME_HOSPITAL])
        take(tx, beds[BedKind.FAMILY], Step.RESUME, "c1")
        after = programmes(tx)

    assert during == {"home-hospital-bed", "ltci"}
    assert [t["detail"]["status"] for t in tasks] == ["on-hold", "scheduled", "scheduled"]
    assert other is BedState.OPENED
    assert after == {"family-bed", "home-hospital-bed", "ltci"}


def test_a_visit_of_both_beds_goes_on_with_the_tasks_of_the_one_that_is_open(
    town: Database,
) -> None:
    build.store(
        town, own_plan(of("family-bed", "7", "joint"), of("home-hospital-bed", "36", "joint"))
    )
    with town.write() as tx:
        beds = both_beds(tx)
        expand(tx)
        planned(tx)
        (joint,) = demands.on(tx, STREET, TOMORROW)
        take(tx, beds[BedKind.HOME_HOSPITAL], Step.SUSPEND, reason="away")
        (left,) = demands.on(tx, STREET, TOMORROW)
        stops = days.read(tx, KEY).stops
        version = days.version(tx, KEY)
        take(tx, beds[BedKind.HOME_HOSPITAL], Step.RESUME, "d1")
        (back,) = demands.on(tx, STREET, TOMORROW)

    assert (joint.items, left.items) == (("7", "36"), ("7",))
    assert back == joint
    assert [s.demand for s in stops] == [joint.id]
    assert version == 3


def test_what_began_before_the_admission_stays_and_what_comes_after_does_not(
    town: Database,
) -> None:
    today = DayKey(STREET, TODAY)
    with town.write() as tx:
        both_beds(tx)
        expand(tx)
        before = planned(tx, today, (0, 1, 86_399))
        version = days.version(tx, today)
        stay.admit(tx, BOSS, E1, RULES)
        after = days.read(tx, today)
        grown = days.state(tx, today)

    assert [s.demand for s in after.stops] == [s.demand for s in before.stops[:2]]
    assert {u.demand: u.code for u in after.unserved} == {
        before.stops[2].demand: "unserved.hospital"
    }
    assert grown is not None
    assert (grown.version, grown.state) == (version + 1, "published")


def test_visits_that_a_published_day_never_had_come_back_as_undone(town: Database) -> None:
    build.store(town, build.care_plan("plan-e2", "e2", build.detail(), period=LONG_AGO))
    with town.write() as tx:
        both_beds(tx)
        stay.admit(tx, BOSS, E1, RULES)
        expand(tx)
        planned(tx)
        assert {d.elder for d in demands.on(tx, STREET, TOMORROW)} == {"e2"}
        home = stay.discharge(tx, BOSS, E1, RULES)
        for found in documents.find(tx, "EpisodeOfCare", patient="Patient/e1"):
            who = "d1" if "home" in str(found.resource["type"]) else "c1"
            take(tx, BedId(found.id), Step.RESUME, who)
        codes = set(undone(tx).values())
        mine = programmes(tx)
        held = day.inputs(tx, STREET, TOMORROW)[0].held

    assert home.resource["status"] == "finished"
    assert codes == {"unserved.back"}
    assert mine == {"family-bed", "home-hospital-bed", "ltci"}
    assert held == {}


def test_while_in_hospital_a_new_plan_of_the_day_keeps_the_reason(town: Database) -> None:
    with town.write() as tx:
        both_beds(tx)
        expand(tx)
        planned(tx)
        record.create(tx, BOSS, hospital("in-progress"))
        held = day.inputs(tx, STREET, TOMORROW)[0].held

    assert {u.code for u in held.values()} == {"unserved.hospital"}
    assert len(held) == 3


def test_somebody_without_a_bed_has_no_visits_in_hospital_and_has_them_again_at_home(
    town: Database,
) -> None:
    with town.write() as tx:
        expand(tx)
        record.create(tx, BOSS, hospital("in-progress"), id="stay")
        during = programmes(tx)
        held = documents.read(tx, "CarePlan", "plan-e1").resource["status"]
        record.update(tx, BOSS, "Encounter", "stay", hospital("finished", end=TODAY.isoformat()))
        after = programmes(tx)
        back = documents.read(tx, "CarePlan", "plan-e1").resource

    assert (during, held) == (set(), "on-hold")
    assert after == {"family-bed", "home-hospital-bed", "ltci"}
    assert back["status"] == "active"
    assert "extension" not in back


@pytest.mark.parametrize("way", ["finished", "cancelled", "deleted"])
def test_however_a_stay_ends_the_beds_wait_for_review(town: Database, way: str) -> None:
    with town.write() as tx:
        beds = both_beds(tx)
        record.update(tx, BOSS, "Encounter", "stay", hospital("in-progress"))
        if way == "deleted":
            record.delete(tx, BOSS, "Encounter", "stay")
        else:
            record.update(tx, BOSS, "Encounter", "stay", hospital(way, end=TODAY.isoformat()))
        assert {state(tx, one) for one in beds.values()} == {BedState.RESUME_REVIEW}
        assert told(tx, "notice.review") >= {f"Organization/{CENTRE}", f"Organization/{STATION}"}


def test_one_stay_that_ends_while_another_goes_on_brings_nothing_back(town: Database) -> None:
    with town.write() as tx:
        beds = both_beds(tx)
        record.update(tx, BOSS, "Encounter", "a", hospital("in-progress", "a"))
        record.update(tx, BOSS, "Encounter", "b", hospital("in-progress", "b"))
        record.update(tx, BOSS, "Encounter", "a", hospital("finished", "a", end=TODAY.isoformat()))
        assert {state(tx, one) for one in beds.values()} == {BedState.SUSPENDED}
        record.update(tx, BOSS, "Encounter", "b", hospital("finished", "b", end=TODAY.isoformat()))
        assert {state(tx, one) for one in beds.values()} == {BedState.RESUME_REVIEW}


def test_readmission_before_the_review_suspends_again(town: Database) -> None:
    with town.write() as tx:
        beds = both_beds(tx)
        stay.admit(tx, BOSS, E1, RULES)
        stay.discharge(tx, BOSS, E1, RULES)
        stay.admit(tx, BOSS, E1, RULES)
        assert {state(tx, one) for one in beds.values()} == {BedState.SUSPENDED}


def test_an_admission_told_twice_changes_nothing_more(town: Database) -> None:
    with town.write() as tx:
        both_beds(tx)
        expand(tx)
        record.update(tx, BOSS, "Encounter", "stay", hospital("in-progress"))
        before = steps.everything(tx)
        noted = {**hospital("in-progress"), "priority": {"text": "急"}}
        record.update(tx, BOSS, "Encounter", "stay", noted)
        after = steps.everything(tx)

    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"document", "document_version", "audit", "index_text", "index_date"}
    assert len(after["document"]) == len(before["document"])


def test_a_bundle_that_brings_person_bed_and_stay_at_once_suspends_the_bed(
    town: Database,
) -> None:
    episode: Json = {
        "resourceType": "EpisodeOfCare",
        "id": "theirs",
        "status": "active",
        "type": [build.concept("bed-kind", "family-bed")],
        "patient": build.ref("Patient", "new"),
        "managingOrganization": build.ref("Organization", STATION),
        "period": {"start": "2026-01-01"},
    }
    later = {**episode, "id": "later", "type": [build.concept("bed-kind", "home-hospital-bed")]}
    entered = {**hospital("in-progress"), "subject": build.ref("Patient", "new")}
    build.store(town, entered, episode, build.patient("new"))
    build.store(town, later)
    with town.read() as tx:
        assert state(tx, BedId("theirs")) is BedState.SUSPENDED
        assert state(tx, BedId("later")) is BedState.SUSPENDED


def test_a_home_visit_of_ours_is_no_stay_in_hospital(town: Database) -> None:
    visit = {**hospital("in-progress"), "class": {"system": ACT, "code": "HH"}}
    with town.write() as tx:
        beds = both_beds(tx)
        record.create(tx, BOSS, visit)
        assert {state(tx, one) for one in beds.values()} == {BedState.OPENED}


def test_a_plan_that_somebody_put_on_hold_is_not_released_by_a_discharge(town: Database) -> None:
    build.store(town, own_plan(of("ltci"), status="on-hold"))
    with town.write() as tx:
        stay.admit(tx, BOSS, E1, RULES)
        stay.discharge(tx, BOSS, E1, RULES)
        assert documents.read(tx, "CarePlan", "plan-e1").resource["status"] == "on-hold"


@ON_SQLITE
def test_a_stay_lies_in_the_past_and_ends_after_it_began(town: Database) -> None:
    ahead = time.now() + timedelta(hours=1)
    with town.write() as tx:
        with pytest.raises(Invalid) as future:
            stay.admit(tx, BOSS, E1, RULES, at=ahead)
        with pytest.raises(Conflict) as nowhere:
            stay.discharge(tx, BOSS, E1, RULES)
        entered = stay.admit(tx, BOSS, E1, RULES)
        with pytest.raises(Invalid) as reverse:
            stay.discharge(tx, BOSS, E1, RULES, at=time.now() - timedelta(days=1))
        with pytest.raises(Stale):
            stay.discharge(tx, BOSS, E1, RULES, expected=entered.version + 1)

    assert (future.value.code, reverse.value.code) == ("stay.when", "stay.when")
    assert nowhere.value.code == "stay.none"


def deceased(at: datetime) -> Json:
    return build.read(build.patient("e1", 1, 1, deceasedDateTime=at.isoformat()))


def test_death_in_hospital_closes_the_beds_and_the_discharge_does_not_open_them(
    town: Database,
) -> None:
    with town.write() as tx:
        beds = both_beds(tx)
        record.update(tx, BOSS, "Encounter", "stay", hospital("in-progress"))
        record.update(tx, BOSS, "Patient", "e1", deceased(time.now()))
        record.update(tx, BOSS, "Encounter", "stay", hospital("finished", end=TODAY.isoformat()))
        found = {kind: state(tx, one) for kind, one in beds.items()}
        plan_now = documents.read(tx, "CarePlan", "plan-e1").resource["status"]

    assert found == {
        BedKind.FAMILY: BedState.CLOSED,
        BedKind.HOME_HOSPITAL: BedState.CLOSING,
    }
    assert plan_now == "revoked"


def test_death_cancels_what_was_only_asked_for(town: Database) -> None:
    with town.write() as tx:
        asked = bed.apply(tx, BOSS, E1, BedKind.HOME_HOSPITAL, CENTRE, RULES)
        record.update(tx, BOSS, "Patient", "e1", deceased(time.now()))
        over = documents.read(tx, "EpisodeOfCare", asked.id)

    assert (over.resource["status"], resources.bed(over).state) == (
        "cancelled",
        BedState.CANCELLED,
    )


def test_a_death_told_twice_tells_nobody_twice_and_refuses_by_version(town: Database) -> None:
    with town.write() as tx:
        both_beds(tx)
        expand(tx)
        planned(tx)
        version = documents.read(tx, "Patient", "e1").version
        with pytest.raises(Stale):
            stay.died(tx, BOSS, E1, RULES, at=time.now(), expected=version + 1)
        dead = stay.died(tx, BOSS, E1, RULES, at=time.now(), expected=version)
        first = len(documents.find(tx, "Communication", subject="Patient/e1"))
        again = {**dead.resource, "gender": "male"}
        record.update(tx, BOSS, "Patient", "e1", again)
        second = len(documents.find(tx, "Communication", subject="Patient/e1"))
        with pytest.raises(Conflict) as caught:
            stay.died(tx, BOSS, E1, RULES, at=time.now(), expected=version + 2)
        who = told(tx, "notice.died")
        codes = set(undone(tx).values())

    assert second == first
    assert caught.value.code == "bed.dead"
    assert {"PractitionerRole/c1", f"Organization/{STATION}", f"Organization/{CENTRE}"} <= who
    assert codes == {"unserved.dead"}


def test_a_plan_signed_while_its_person_is_in_hospital_asks_for_no_visit_yet(
    town: Database,
) -> None:
    build.store(town, own_plan(of("ltci"), status="revoked"))
    with town.write() as tx:
        stay.admit(tx, BOSS, E1, RULES)
        draft = steps.drafted(tx, "e1", "station")
        plan.sign(tx, BOSS, PlanId(draft.id), RULES)
        expand(tx)
        assert programmes(tx) == set()


def test_a_stay_told_late_tells_the_keeper_how_many_days_the_bed_served_meanwhile(
    town: Database,
) -> None:
    with town.write() as tx:
        old = bed.open_bed(
            tx, BOSS, E1, BedKind.HOME_HOSPITAL, CENTRE, TODAY - timedelta(days=20), RULES
        )
        start, end = ((TODAY - timedelta(days=k)).isoformat() for k in (9, 4))
        record.create(tx, BOSS, hospital("finished", start=start, end=end), id="stay")
        first = told(tx, "notice.overlap")
        (notice,) = documents.find(tx, "Communication", subject="Patient/e1")
        now = state(tx, BedId(old.id))

    assert first == {f"Organization/{CENTRE}"}
    assert "5" in notice.resource["payload"][0]["contentString"]
    assert now is BedState.OPENED


def test_a_stay_told_on_its_day_has_no_day_in_common_with_the_bed(town: Database) -> None:
    with town.write() as tx:
        bed.open_bed(tx, BOSS, E1, BedKind.HOME_HOSPITAL, CENTRE, TODAY - timedelta(days=20), RULES)
        record.create(tx, BOSS, hospital("in-progress", start=TODAY.isoformat()), id="stay")
        record.update(
            tx,
            BOSS,
            "Encounter",
            "stay",
            hospital("finished", start=TODAY.isoformat(), end=TODAY.isoformat()),
        )
        assert told(tx, "notice.overlap") == set()
