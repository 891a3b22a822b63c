"""Working time that is left: never negative, more work never more, a plan counts what it holds."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from carecoord.model.ids import DemandId, StaffId
from carecoord.model.staff import GRANTS, Level, Licence
from carecoord.model.visits import DayKey, DayPlan, Pause, Stop
from carecoord.planning import room
from tests import build

HOUR = build.HOUR


def plan(*stops: Stop, pauses: tuple[Pause, ...] = ()) -> DayPlan:
    return DayPlan(DayKey(build.STREET, build.DAY), stops, pauses, (), (), {}, estimated=True)


def test_a_plan_takes_ways_visits_and_breaks_but_not_waiting() -> None:
    nurse = build.staff("n1", levels=GRANTS[Licence.NURSE])
    hours = sum(s.end - s.start for s in nurse.shifts)
    stop = Stop(StaffId("n1"), DemandId("v"), 0, 9 * HOUR, 10 * HOUR, 11 * HOUR, travel=600)
    pause = Pause(StaffId("n1"), 12 * HOUR, 13 * HOUR)

    free = room.left([nurse], [], plan(stop, pauses=(pause,)), share=75, way=600)

    assert free[Level.NURSE] == free[Level.CAREGIVER] == hours - 600 - HOUR - HOUR
    assert free[Level.DOCTOR] == 0


def test_visits_that_others_may_make_too_take_nothing_from_the_nurses() -> None:
    people = [build.staff("n1", levels=GRANTS[Licence.NURSE]), build.staff("c1")]
    care = build.demand("v", level=Level.CAREGIVER, duration=HOUR)
    none = room.left(people, [], None, share=75, way=600)
    some = room.left(people, [care], None, share=75, way=600)
    nursing = room.left(people, [replace(care, level=Level.NURSE)], None, share=75, way=600)

    assert some[Level.NURSE] == none[Level.NURSE]
    assert some[Level.CAREGIVER] == none[Level.CAREGIVER] - HOUR - 600
    assert nursing[Level.NURSE] == none[Level.NURSE] - HOUR - 600


@given(st.lists(st.sampled_from(list(Level)), max_size=30), st.integers(0, 100))
def test_more_work_never_leaves_more_time(levels: list[Level], share: int) -> None:
    people = [build.staff("n1", levels=GRANTS[Licence.NURSE]), build.staff("c1")]
    wanted = [build.demand(f"v{k}", level=level) for k, level in enumerate(levels)]
    before = dict.fromkeys(Level, 10**9)
    for count in range(len(wanted) + 1):
        now = room.left(people, wanted[:count], None, share=share, way=600)
        assert all(0 <= now[level] <= before[level] for level in Level)
        before = now
