"""Nobody assesses, quotes or exports beyond their actions and streets."""

from collections.abc import Callable
from datetime import date

import pytest

from carecoord.access import Caller
from carecoord.errors import Forbidden
from carecoord.flows import (
    assess,
    condition,
    coverage,
    dispute,
    forms,
    policy,
    reassess,
    recognition,
    settlement,
)
from carecoord.model import time
from carecoord.model.ids import ElderId, PlanId
from carecoord.model.policy import Rules
from carecoord.packs.load import load
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import STREET

E1 = ElderId("e1")
TODAY = time.today()
Step = Callable[[Tx, Caller, Rules], object]

STEPS: dict[str, tuple[str, Step]] = {
    "search": ("assessment.read", lambda tx, c, r: recognition.offer(tx, c, E1, r)),
    "open": ("assessment.write", lambda tx, c, r: assess.open_assessment(tx, c, E1, "ltci", r)),
    "recognise": (
        "assessment.write",
        lambda tx, c, r: recognition.accept(tx, c, E1, "ltci", "level", r),
    ),
    "record": (
        "assessment.write",
        lambda tx, c, r: assess.record(
            tx, c, build.interview("e1", {"B.1.1": 4}, status="in-progress"), r
        ),
    ),
    "read": ("assessment.read", lambda tx, c, r: assess.read_one(tx, c, "interview-e1")),
    "dispute": (
        "assessment.write",
        lambda tx, c, r: dispute.raise_dispute(tx, c, "interview-e1", "no"),
    ),
    "change": (
        "assessment.write",
        lambda tx, c, r: condition.report(tx, c, E1, "stroke", TODAY, "", r),
    ),
    "due": ("assessment.read", lambda tx, c, r: reassess.of_street(tx, c, STREET, r)),
    "burden": (
        "assessment.read",
        lambda tx, c, r: reassess.burden(tx, c, STREET, date(2026, 1, 1), TODAY),
    ),
    "quote": ("plan.quote", lambda tx, c, r: coverage.quote(tx, c, PlanId("plan-e1"), r)),
    "use": ("plan.read", lambda tx, c, r: coverage.used(tx, c, E1, TODAY, r)),
    "month": (
        "settlement.read",
        lambda tx, c, r: settlement.month(tx, c, STREET, "2026-03", load()),
    ),
}


@pytest.fixture
def street(database: Database) -> Database:
    build.store(
        database, *build.street(), build.interview("e1", {"B.1.1": 4}, status="in-progress")
    )
    return database


@pytest.mark.parametrize("step", STEPS)
def test_a_step_needs_its_action_and_its_street(street: Database, step: str) -> None:
    action, call = STEPS[step]
    rules = build.rules(TODAY)

    with street.write() as tx:
        with pytest.raises(Forbidden) as caught:
            call(tx, build.caller("other.action"), rules)
        assert caught.value.code == "access.scope"
        with pytest.raises(Forbidden) as caught:
            call(tx, build.caller(action, streets=["990101002"]), rules)
        assert caught.value.code == "access.street"


@pytest.mark.parametrize("step", ["search", "open", "record", "change", "due", "quote", "month"])
def test_a_step_is_open_to_who_has_its_action_in_the_street(street: Database, step: str) -> None:
    action, call = STEPS[step]

    with street.write() as tx:
        assert call(tx, build.caller(action), build.rules(TODAY)) is not None


def test_rows_and_forms_need_their_actions(street: Database) -> None:
    nobody = build.caller()

    with pytest.raises(Forbidden):
        policy.in_force(load(), nobody, TODAY, "CN")
    with pytest.raises(Forbidden):
        policy.history(load(), nobody, "work.day_hours")
    with street.write() as tx:
        with pytest.raises(Forbidden):
            forms.seed(tx, nobody)
        found = settlement.month(tx, build.caller("settlement.read"), STREET, "2026-03", load())
        with pytest.raises(Forbidden):
            settlement.claim(tx, nobody, found)
