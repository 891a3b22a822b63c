"""Taking visits out of a planned day moves nobody else."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.model.ids import DemandId, StaffId
from carecoord.model.visits import DayKey, DayPlan, Homeward, Pause, Stop, Unserved
from carecoord.planning.withdraw import without
from tests.build import DAY, STREET

POINT = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda p: (float(p[0]), float(p[1])))


@st.composite
def plans(draw: st.DrawFn) -> DayPlan:
    """Routes of up to three people, in one or two shifts, with connected lines; some pairs."""
    stops: list[Stop] = []
    home: list[Homeward] = []
    pauses: list[Pause] = []
    number = 0
    for who in range(draw(st.integers(1, 3))):
        staff, clock, order = StaffId(f"s{who}"), 28_800, 0
        for _ in range(draw(st.integers(1, 2))):
            here = base = (float(who), 0.0)
            for _ in range(draw(st.integers(1, 4))):
                there = draw(POINT)
                travel = draw(st.integers(0, 900))
                arrival = clock + travel + draw(st.integers(0, 300))
                end = arrival + 1800
                order += 1
                pair = who > 0 and draw(st.booleans()) and f"d{number}" not in _of(stops, staff)
                number += 0 if pair else 1
                demand = DemandId(f"d{number}")
                if any(s.staff == staff and s.demand == demand for s in stops):
                    number += 1
                    demand = DemandId(f"d{number}")
                stops.append(
                    Stop(staff, demand, order, arrival, arrival, end, travel, (here, there))
                )
                here, clock = there, end
            back = draw(st.integers(0, 900))
            clock += back
            home.append(Homeward(staff, back, clock, (here, base)))
        pauses.append(Pause(staff, 41_000, 42_800))
    old = (Unserved(DemandId("old"), "unserved.no_staff", {}),)
    return DayPlan(
        DayKey(STREET, DAY), tuple(stops), tuple(pauses), tuple(home), old, {}, estimated=False
    )


def _of(stops: list[Stop], staff: StaffId) -> set[str]:
    return {s.demand for s in stops if s.staff == staff}


@given(plans(), st.data())
@settings(max_examples=50, deadline=None)
def test_the_others_keep_carer_and_times_and_the_left_out_are_told(
    plan: DayPlan, data: st.DataObject
) -> None:
    every = sorted({s.demand for s in plan.stops})
    gone = data.draw(st.sets(st.sampled_from(every)))
    undone = {d: Unserved(d, "unserved.hospital", {"since": "2026-03-05"}) for d in gone}

    left = without(plan, undone)

    times = {(s.staff, s.demand): (s.arrival, s.start, s.end) for s in plan.stops}
    assert {(s.staff, s.demand): (s.arrival, s.start, s.end) for s in left.stops} == {
        key: when for key, when in times.items() if key[1] not in gone
    }
    assert {u.demand for u in left.unserved} == {*gone, DemandId("old")}
    for staff in {s.staff for s in plan.stops}:
        own = [s for s in left.stops if s.staff == staff]
        assert [s.order for s in own] == list(range(1, len(own) + 1))
        assert [s.start for s in own] == sorted(s.start for s in own)
    at_work = {s.staff for s in left.stops}
    assert {p.staff for p in left.pauses} == at_work == {h.staff for h in left.homeward}


@given(plans(), st.data())
@settings(max_examples=50, deadline=None)
def test_ways_stay_whole_and_fit_into_the_times_told(plan: DayPlan, data: st.DataObject) -> None:
    every = sorted({s.demand for s in plan.stops})
    gone = data.draw(st.sets(st.sampled_from(every)))

    left = without(plan, {d: Unserved(d, "unserved.hospital", {}) for d in gone})

    for back in left.homeward:
        shift = [
            s
            for s in left.stops
            if s.staff == back.staff
            and s.end <= back.arrival
            and not any(
                h.staff == back.staff and s.end <= h.arrival < back.arrival for h in left.homeward
            )
        ]
        legs = [*(s.line for s in shift), back.line]
        assert all(a[-1] == b[0] for a, b in pairwise(legs))
        assert legs[0][0] == legs[-1][-1]
        for before, after in pairwise(shift):
            assert before.end + after.travel <= after.arrival
        assert shift[-1].end + back.travel <= back.arrival


@given(plans())
@settings(max_examples=20, deadline=None)
def test_taking_nothing_out_changes_nothing(plan: DayPlan) -> None:
    left = without(plan, {})

    assert sorted(left.stops, key=str) == sorted(plan.stops, key=str)
    assert sorted(left.homeward, key=str) == sorted(plan.homeward, key=str)
    assert (left.pauses, left.unserved) == (plan.pauses, plan.unserved)
