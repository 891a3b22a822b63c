"""Every flow asks first: without scope or street it is refused and nothing is written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from carecoord.access import Caller
from carecoord.errors import Forbidden
from carecoord.flows import assess, bed, board, day, networks, plan, record, referral
from carecoord.flows import runs as run_flow
from carecoord.model.beds import BedKind
from carecoord.model.ids import ElderId, PlanId, ReferralId, RunId
from carecoord.store import documents, runs
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, CENTRE, DAY, STREET, caller
from tests.flows import steps

Flow = Callable[[Tx, Caller], object]
E1 = ElderId("e1")
RULES = build.rules()


def task(tx: Tx) -> ReferralId:
    return ReferralId(documents.find(tx, "Task")[0].id)


def run(tx: Tx) -> RunId:
    found = runs.latest(tx, STREET, DAY)
    assert found is not None
    return found.id


IN_STREET: dict[str, tuple[str, Flow]] = {
    "accept": ("referral.decide", lambda tx, c: referral.accept(tx, c, task(tx))),
    "open bed": (
        "bed.open",
        lambda tx, c: bed.open_bed(tx, c, E1, BedKind.HOME_HOSPITAL, CENTRE, DAY, RULES),
    ),
    "assess": (
        "assessment.write",
        lambda tx, c: assess.record(tx, c, build.interview("e1", steps.answers()), RULES),
    ),
    "draft": ("plan.write", lambda tx, c: plan.draft(tx, c, E1, ["station"], DAY, RULES)),
    "sign": ("plan.sign", lambda tx, c: plan.sign(tx, c, PlanId("draft"), RULES)),
    "expand": ("demand.write", lambda tx, c: day.expand_plans(tx, c, STREET, DAY, 1, RULES)),
    "request": ("day.write", lambda tx, c: day.request(tx, c, STREET, DAY, seed=9)),
    "read run": ("day.read", lambda tx, c: run_flow.read(tx, c, run(tx))),
    "publish": ("day.publish", lambda tx, c: day.publish(tx, c, STREET, DAY, expected=1)),
    "board": ("day.read", lambda tx, c: board.day(tx, c, STREET, DAY)),
    "map": ("day.read", lambda tx, c: board.network(tx, c, STREET, Path("nowhere"))),
    "synthetic": ("street.write", lambda tx, c: networks.use_synthetic(tx, c, STREET, 1)),
    "map file": (
        "street.write",
        lambda tx, c: networks.use_file(tx, c, STREET, Path("gone.osm.pbf"), Path("nowhere")),
    ),
    "count": ("street.write", lambda tx, c: record.count_to_street(tx, c, (), STREET)),
}
OF_RESOURCES: dict[str, Flow] = {
    "bundle": lambda tx, c: record.submit_bundle(tx, c, build.bundle(build.patient("new"))),
    "create": lambda tx, c: record.create(tx, c, build.organization("new", "hospital")),
    "update": lambda tx, c: record.update(
        tx, c, "Organization", "new", build.organization("new", "hospital")
    ),
    "delete": lambda tx, c: record.delete(tx, c, "Patient", "e1"),
}


@pytest.fixture
def town(database: Database) -> Database:
    """The tiny street with a waiting referral, a draft plan and a requested run."""
    draft = build.care_plan("draft", "e2", build.detail(), status="draft")
    build.store(database, *build.street(), draft)
    with database.write() as tx:
        steps.receive(tx)
        day.request(tx, BOSS, STREET, DAY)
    return database


def refused(town: Database, flow: Flow, who: Caller) -> str:
    """The code of the refusal, in a transaction that is kept."""
    with town.write() as tx:
        before = steps.everything(tx)
        with pytest.raises(Forbidden) as caught:
            flow(tx, who)
        assert steps.everything(tx) == before
    return caught.value.code


def test_without_the_scope_every_flow_is_refused_and_nothing_is_written(town: Database) -> None:
    others = {scope for scope, _ in IN_STREET.values()} | {"fhir.write"}
    found = {
        name: refused(town, flow, caller(*(others - {scope})))
        for name, (scope, flow) in IN_STREET.items()
    }
    found |= {
        name: refused(town, flow, caller(*(others - {"fhir.write"})))
        for name, flow in OF_RESOURCES.items()
    }

    assert set(found.values()) == {"access.scope"}


def test_in_a_street_of_others_every_flow_is_refused_and_nothing_is_written(
    town: Database,
) -> None:
    found = {
        name: refused(town, flow, caller(scope, streets=["990101002"]))
        for name, (scope, flow) in IN_STREET.items()
    }

    assert set(found.values()) == {"access.street"}


def test_a_caller_sees_only_the_days_of_their_own_streets(town: Database) -> None:
    with town.read() as tx:
        assert board.streets(tx, caller("day.read", streets=[])) == ()
        assert [s.street for s in board.streets(tx, caller("day.read"))] == [STREET]


def test_scope_and_street_together_are_enough(town: Database) -> None:
    with town.write() as tx:
        referral.accept(tx, caller("referral.decide"), task(tx))
        day.expand_plans(tx, caller("demand.write"), STREET, DAY, 1, RULES)
        day.request(tx, caller("day.write"), STREET, DAY, seed=9)
        plan.sign(tx, caller("plan.sign"), PlanId("draft"), RULES)
        bed.open_bed(tx, caller("bed.open"), E1, BedKind.HOME_HOSPITAL, CENTRE, DAY, RULES)
        board.day(tx, caller("day.read"), STREET, DAY)
