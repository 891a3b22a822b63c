from dataclasses import FrozenInstanceError

import pytest

from carecoord.model.ids import DemandId, StaffId
from carecoord.model.visits import DayKey, DayPlan, Stop, Unserved
from tests.build import DAY, STREET


def test_a_plan_of_a_day_cannot_be_changed_in_place() -> None:
    plan = DayPlan(DayKey(STREET, DAY), (), (), (), (), {}, estimated=False)

    with pytest.raises(FrozenInstanceError):
        plan.stops = ()  # type: ignore[misc]


def test_equal_stops_are_equal_plans() -> None:
    def plan(start: int) -> DayPlan:
        stop = Stop(StaffId("s"), DemandId("d"), 1, 0, start, 90, 5)
        return DayPlan(DayKey(STREET, DAY), (stop,), (), (), (), {}, estimated=False)

    assert plan(30) == plan(30) != plan(31)


def test_a_reason_needs_no_facts() -> None:
    assert dict(Unserved(DemandId("d"), "unserved.dead").facts) == {}
