"""What differs between two plans of a day."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from carecoord.model.ids import DemandId, StaffId
from carecoord.model.visits import DayKey, DayPlan, Stop
from carecoord.planning.changes import changes, promises
from tests.build import DAY, STREET

KEY = DayKey(STREET, DAY)


def plan(*calls: tuple[str, str, int]) -> DayPlan:
    """Visit, carer and start of each stop."""
    stops = tuple(
        Stop(StaffId(staff), DemandId(visit), order, start, start, start + 600, 0)
        for order, (visit, staff, start) in enumerate(calls)
    )
    return DayPlan(KEY, stops, (), (), (), {}, estimated=True)


PLANS = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from("xyz"), st.integers(0, 5)),
    unique_by=lambda one: one[:2],
).map(lambda calls: plan(*calls))


def test_each_kind_of_change_is_told_apart_in_order_of_the_day() -> None:
    before = plan(("gone", "x", 10), ("same", "x", 20), ("later", "x", 30), ("other", "x", 40))
    after = plan(("same", "x", 20), ("later", "x", 99), ("other", "y", 40), ("new", "y", 5))

    found = changes(before, after)

    assert [(c.demand, c.kind) for c in found] == [
        ("new", "added"),
        ("gone", "removed"),
        ("other", "carer"),
        ("later", "start"),
    ]
    assert found[2].staff == {"x", "y"}


def test_a_visit_with_other_carers_and_another_start_is_two_changes() -> None:
    kinds = [c.kind for c in changes(plan(("v", "x", 1)), plan(("v", "y", 2)))]
    assert kinds == ["carer", "start"]


def test_the_one_who_stays_with_another_partner_is_concerned() -> None:
    before, after = plan(("v", "x", 1), ("v", "y", 1)), plan(("v", "x", 1), ("v", "z", 1))
    (found,) = changes(before, after)
    assert (found.kind, found.staff) == ("carer", {"x", "y", "z"})


def test_a_start_within_the_slack_is_no_change() -> None:
    before, after = plan(("v", "x", 100)), plan(("v", "x", 160))
    assert changes(before, after, slack=60) == ()
    assert [c.kind for c in changes(before, after, slack=59)] == ["start"]


@given(PLANS, PLANS)
def test_changes_name_exactly_the_visits_whose_promise_differs(a: DayPlan, b: DayPlan) -> None:
    old, new = promises(a), promises(b)
    differing = {
        visit
        for visit in old.keys() | new.keys()
        if visit not in old
        or visit not in new
        or (old[visit].staff, old[visit].start) != (new[visit].staff, new[visit].start)
    }
    assert {c.demand for c in changes(a, b)} == differing
    assert changes(a, a) == () == changes(a, replace(a, stops=a.stops[::-1]))
    assert len(changes(None, b)) == len(new)


@given(PLANS, PLANS)
def test_the_way_back_is_the_same_change_turned_round(a: DayPlan, b: DayPlan) -> None:
    turned = {"added": "removed", "removed": "added"}
    there = {(c.demand, turned.get(c.kind, c.kind), c.after, c.before) for c in changes(a, b)}
    assert there == {(c.demand, c.kind, c.before, c.after) for c in changes(b, a)}
