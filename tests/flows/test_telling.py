"""Who is told of changed promises, and by which way."""

from dataclasses import replace

from carecoord.flows import telling
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Stop
from carecoord.store import days, demands
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import DAY, STREET, Json

KEY = DayKey(STREET, DAY)


def telecom(value: str, system: str = "phone", **more: object) -> Json:
    return {"system": system, "value": value} | more


def relative(id_: str, elder: str, **more: object) -> Json:
    found = {
        "resourceType": "RelatedPerson",
        "id": id_,
        "patient": build.ref("Patient", elder),
        "relationship": [{"text": "daughter"}],
        "name": [{"text": f"{id_} name"}],
        "telecom": [telecom("old", use="old"), telecom("second", rank=2), telecom("first", rank=1)],
    }
    return found | more


def plan(*calls: tuple[str, str, int]) -> DayPlan:
    stops = tuple(
        Stop(StaffId(staff), DemandId(visit), order, start, start, start + 600, 0)
        for order, (visit, staff, start) in enumerate(calls)
    )
    return DayPlan(KEY, stops, (), (), (), {}, estimated=True)


def stored(database: Database) -> None:
    contact = {
        "name": {"text": "neighbour"},
        "telecom": [telecom("weixin-7", "other")],
        "relationship": [{"coding": [{"system": "urn:x", "code": "N"}]}],
    }
    same = {"name": {"text": "daughter again"}, "telecom": [telecom("first")]}
    build.store(database, *build.street())
    build.store(
        database,
        build.patient("e1", 1, 1, telecom=[telecom("111")], contact=[contact, same]),
        relative("r1", "e1"),
        relative("gone", "e1", active=False),
        relative("past", "e1", period={"end": "2026-01-01"}),
        build.practitioner("p1", "caregiver", telecom=[telecom("222", "sms")]),
        build.practitioner("p2", "caregiver-medical", telecom=[telecom("x@y", "email")]),
    )
    with database.write() as tx:
        demands.replace(tx, STREET, DAY, 1, [build.demand("v1", "e1"), build.demand("v2", "e2")])


def told(tx: Tx, before: DayPlan | None, after: DayPlan) -> list[tuple[str, str, str]]:
    found = telling.people_to_tell(tx, KEY, before, after, reason="ill")
    assert {one.reason for one in found} <= {"ill"}
    return [(one.reference, one.channel, one.address) for one in found]


def test_both_carers_the_elder_and_the_family_are_told_by_their_own_ways(
    database: Database,
) -> None:
    stored(database)
    before, after = plan(("v1", "c1", 30_000)), plan(("v1", "c2", 30_000))
    with database.read() as tx:
        assert told(tx, before, after) == [
            ("PractitionerRole/c1", "phone", "222"),
            ("PractitionerRole/c2", "app", "PractitionerRole/c2"),
            ("Patient/e1", "phone", "111"),
            ("RelatedPerson/r1", "phone", "first"),
            ("Patient/e1#contact[0]", "app", "weixin-7"),
        ]
        found = telling.people_to_tell(tx, KEY, before, after)
    (news,) = found[2].news
    assert (news.code, news.facts) == (
        "change.carer",
        {
            "elder": "e1 name",
            "was": "08:20",
            "now": "08:20",
            "was_carers": "p1 name",
            "now_carers": "p2 name",
        },
    )
    assert found[3].relation == "daughter" and found[4].relation == "N"


def test_only_those_whose_visits_changed_are_told(database: Database) -> None:
    stored(database)
    before = plan(("v1", "c1", 30_000), ("v2", "c2", 30_000))
    moved = plan(("v1", "c1", 30_000), ("v2", "c2", 33_000))
    a_little = plan(("v1", "c1", 30_000 + telling.SLACK), ("v2", "c2", 30_000))
    with database.read() as tx:
        assert [one for one, _, _ in told(tx, before, moved)] == [
            "PractitionerRole/c2",
            "Patient/e2",
        ]
        assert told(tx, before, a_little) == []
        assert {one for one, _, _ in told(tx, None, before)} >= {"Patient/e1", "Patient/e2"}


def test_somebody_without_a_number_is_listed_without_a_way(database: Database) -> None:
    stored(database)
    with database.read() as tx:
        assert ("Patient/e2", "", "") in told(tx, None, plan(("v2", "c2", 30_000)))


def test_the_elder_of_a_visit_taken_back_meanwhile_is_still_told(database: Database) -> None:
    stored(database)
    before = plan(("v1", "c1", 30_000))
    with database.write() as tx:
        days.replace_plan(tx, before, expected=0, why=Why("run", "test"))
        demands.remove(tx, [DemandId("v1")])
        assert "Patient/e1" in {one for one, _, _ in told(tx, before, replace(before, stops=()))}
