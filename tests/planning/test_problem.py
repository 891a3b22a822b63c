from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.model.demands import After
from carecoord.model.elders import Elder
from carecoord.model.ids import DemandId, ElderId, StaffId
from carecoord.model.places import Place
from carecoord.model.staff import Level, Role, Shift
from carecoord.planning import figures
from carecoord.planning.problem import (
    Built,
    Costs,
    DayInput,
    build,
    lost_places,
    places,
)
from carecoord.streets import EBIKE, UNREACHABLE, WALK, PlaceProblem, Travel, estimate
from solver import Options, check, solve
from tests.build import HOUR, demand, elder, place, rules, staff

RULES = figures.day_rules(rules())
NURSE = (Level.NURSE, Level.CAREGIVER_MEDICAL, Level.CAREGIVER)


def elders(*found: Elder) -> dict[ElderId, Elder]:
    return {one.id: one for one in found}


def built(day: DayInput, travel: Mapping[str, Travel] | None = None) -> Built:
    at = places(day)
    modes = {"e-bike": EBIKE, "walk": WALK}
    if travel is None:
        used = {one.mode for one in day.staff} or {"walk"}
        travel = {mode: estimate(at.rows, modes[mode]) for mode in used}
    return build(day, at, travel, RULES, Costs())


def unreachable(at: tuple[Place, ...], row: int, mode: str, code: str) -> Travel:
    found = estimate(at, WALK)
    seconds = found.seconds.copy()
    seconds[row, :] = seconds[:, row] = UNREACHABLE
    seconds[row, row] = 0
    return replace(
        found,
        mode=mode,
        seconds=seconds,
        problems=(PlaceProblem(row, code, {"mode": mode, "limit": 150}),),
    )


def test_staff_without_a_licence_in_force_are_not_in_the_problem() -> None:
    day = DayInput((demand(),), elders(elder(at=place(1))), (staff("a", levels=()), staff("b")))

    assert [s.id for s in built(day).problem.staff] == ["b"]


def test_staff_without_a_place_to_start_from_are_not_in_the_problem() -> None:
    day = DayInput((demand(),), elders(elder(at=place(1))), (staff("a", base=None), staff("b")))

    assert [s.id for s in built(day).problem.staff] == ["b"]


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (elders(), "unserved.elder"),
        (elders(elder(at=place(1), dead=True)), "unserved.dead"),
        (elders(elder(at=None)), "unserved.address"),
    ],
)
def test_who_cannot_be_visited_is_kept_out_with_the_reason(
    who: dict[ElderId, Elder], code: str
) -> None:
    day = DayInput((demand(), demand("v2", "e2")), who | elders(elder("e2", place(2))), (staff(),))

    found = built(day)

    assert [(u.demand, u.code) for u in found.kept_out] == [("v1", code)]
    assert [v.id for v in found.problem.visits] == ["v2"]


def test_an_address_without_position_is_named_in_the_reason() -> None:
    found = built(DayInput((demand(),), elders(elder(at=None)), (staff(),)))

    assert found.kept_out[0].facts == {"address": "home of e1"}


@pytest.mark.parametrize("code", ["place.outside", "place.cut_off", "place.unreachable"])
def test_a_place_that_no_mode_reaches_is_kept_out_with_what_to_correct(code: str) -> None:
    day = DayInput((demand(),), elders(elder(at=place(1))), (staff(mode="walk"),))
    at = places(day)
    travel = {"walk": unreachable(at.rows, at.row(place(1)), "walk", code)}

    found = built(day, travel)

    assert [(u.code, u.facts["mode"]) for u in found.kept_out] == [(code, "walk")]
    assert found.problem.visits == ()


def test_a_place_that_one_mode_reaches_stays_in_the_problem() -> None:
    day = DayInput((demand(),), elders(elder(at=place(1))), (staff("a"), staff("b", mode="e-bike")))
    at = places(day)
    travel = {
        "e-bike": unreachable(at.rows, at.row(place(1)), "e-bike", "place.outside"),
        "walk": estimate(at.rows, WALK),
    }

    assert lost_places(at, travel) == {}
    found = built(day, travel)
    assert [v.id for v in found.problem.visits] == ["v1"]
    plan = solve(found.problem, Options(seconds=5, iterations=50))
    assert [r.staff for r in plan.routes if r.stops] == ["a"]


def test_a_place_far_from_the_street_is_reported_but_planned() -> None:
    day = DayInput((demand(),), elders(elder(at=place(1))), (staff(),))
    at = places(day)
    far = PlaceProblem(at.row(place(1)), "place.far_from_street", {"mode": "walk"})
    travel = {"walk": replace(estimate(at.rows, WALK), problems=(far,))}

    assert [v.id for v in built(day, travel).problem.visits] == ["v1"]


def test_parking_is_added_to_rides_to_homes_only_and_never_to_walks() -> None:
    day = DayInput(
        (demand(), demand("v2", "e2")),
        elders(elder(at=place(1)), elder("e2", place(2))),
        (staff("a"), staff("b", mode="e-bike")),
    )
    at = places(day)
    travel = {"e-bike": estimate(at.rows, EBIKE), "walk": estimate(at.rows, WALK)}

    ride, walk = built(day, travel).problem.travel

    assert RULES.access.parking > 0
    assert np.array_equal(walk, travel["walk"].seconds)
    extra = ride - travel["e-bike"].seconds
    homes = [at.row(place(1)), at.row(place(2))]
    for row in range(len(at.rows)):
        for column in range(len(at.rows)):
            parks = column in homes and row != column
            assert extra[row, column] == (RULES.access.parking if parks else 0)


def test_parking_makes_no_unreachable_place_reachable() -> None:
    day = DayInput((demand(),), elders(elder(at=place(1))), (staff(mode="e-bike"),))
    at = places(day)
    cut = unreachable(at.rows, at.row(place(1)), "e-bike", "place.far_from_street")

    (ride,) = built(day, {"e-bike": cut}).problem.travel

    assert ride[0, 1] == UNREACHABLE


@pytest.mark.parametrize(
    ("shift", "breaks"),
    [
        (Shift(8 * HOUR, 17 * HOUR), 1),
        (Shift(RULES.meal_window[0], RULES.meal_window[1]), 1),
        (Shift(8 * HOUR, 12 * HOUR), 0),
        (Shift(12 * HOUR, 20 * HOUR), 0),
        (Shift(RULES.meal_window[0] + 1, RULES.meal_window[1]), 0),
        (Shift(20 * HOUR, 32 * HOUR), 0),
    ],
)
def test_a_meal_break_is_due_when_the_shift_covers_the_meal_window(
    shift: Shift, breaks: int
) -> None:
    day = DayInput((demand(),), elders(elder(at=place(1))), (staff(shifts=(shift,)),))

    (found,) = built(day).problem.staff[0].shifts

    assert len(found.breaks) == breaks
    for pause in found.breaks:
        assert RULES.meal_window[0] <= pause.earliest
        assert pause.latest + pause.duration <= RULES.meal_window[1]


def test_visits_a_day_are_limited_by_role() -> None:
    day = DayInput(
        (demand(),),
        elders(elder(at=place(1))),
        (staff("a"), staff("n", role=Role.NURSE, levels=NURSE)),
    )

    assert [s.max_visits for s in built(day).problem.staff] == [
        rules().entry("visit.max_per_day", "caregiver"),
        rules().entry("visit.max_per_day", "nurse"),
    ]


def test_a_day_without_staff_leaves_every_visit_unserved_with_that_reason() -> None:
    day = DayInput(
        (demand(), demand("v2", "e2")), elders(elder(at=place(1)), elder("e2", place(2))), ()
    )

    found = built(day)
    plan = solve(found.problem, Options(seconds=5, iterations=10))

    assert {(u.visit, u.reason) for u in plan.unserved} == {("v1", "no_staff"), ("v2", "no_staff")}


def test_a_day_on_which_all_are_absent_leaves_every_visit_unserved_with_that_reason() -> None:
    day = DayInput((demand(),), elders(elder(at=place(1))), (staff(shifts=()),))

    plan = solve(built(day).problem, Options(seconds=5, iterations=10))

    assert [(u.visit, u.reason) for u in plan.unserved] == [("v1", "no_staff")]


def test_a_day_without_demands_and_staff_is_a_valid_problem() -> None:
    found = built(DayInput((), {}, ()))

    assert found.problem.visits == () and found.kept_out == ()
    assert solve(found.problem, Options(seconds=5, iterations=10)).unserved == ()


def test_a_nurse_is_kept_for_nursing_when_a_caregiver_is_free() -> None:
    day = DayInput(
        (demand(),),
        elders(elder(at=place(1))),
        (staff("c", base=place(3)), staff("n", levels=NURSE, base=place(1))),
    )

    plan = solve(built(day).problem, Options(seconds=5, iterations=100))

    assert [r.staff for r in plan.routes if r.stops] == ["c"]


def test_who_is_wished_for_comes_before_who_is_known() -> None:
    wished = demand(preferred=(StaffId("a"),))
    day = DayInput(
        (wished,),
        elders(elder(at=place(1))),
        (staff("a"), staff("b")),
        {ElderId("e1"): (StaffId("b"),)},
    )

    assert set(built(day).problem.visits[0].continuity) == {"a"}
    assert set(built(replace(day, demands=(demand(),))).problem.visits[0].continuity) == {"b"}


def test_a_known_carer_who_has_left_costs_nobody_anything() -> None:
    day = DayInput(
        (demand(),),
        elders(elder(at=place(1))),
        (staff("a"),),
        {ElderId("e1"): (StaffId("gone"),)},
    )

    visit = built(day).problem.visits[0]

    assert (dict(visit.continuity), visit.unfamiliar) == ({}, 0)


def test_the_wished_gender_is_served_where_it_can_be() -> None:
    day = DayInput(
        (demand(gender="male"),),
        elders(elder(at=place(1))),
        (staff("a", base=place(1)), staff("b", gender="male", base=place(8))),
    )

    plan = solve(built(day).problem, Options(seconds=5, iterations=100))

    assert [r.staff for r in plan.routes if r.stops] == ["b"]


def test_who_speaks_the_dialect_comes_where_it_is_wished() -> None:
    fluent = replace(staff("b"), languages=("wuu",))
    day = DayInput((demand(language="wuu"),), elders(elder(at=place(1))), (staff("a"), fluent))

    done = solve(built(day).problem, Options(seconds=5, iterations=50))

    assert [route.staff for route in done.routes if route.stops] == ["b"]


BATH = DemandId("bath")


def morning(*people: Any, gap: tuple[int, int | None] = (0, 900)) -> DayInput:
    """A bath by a caregiver, then a nurse, with a gap from the end of the bath."""
    bath = demand("bath", duration=2700, windows=((8 * HOUR, 11 * HOUR),))
    nurse = demand(
        "nurse",
        level=Level.NURSE,
        windows=((8 * HOUR, 11 * HOUR),),
        after=(After(BATH, *gap),),
    )
    return DayInput((bath, nurse), elders(elder(at=place(1))), people)


def test_an_order_of_visits_counts_from_the_end_of_the_first() -> None:
    (link,) = built(morning(staff("c"), staff("n", levels=NURSE))).problem.links

    assert (link.first, link.second) == ("bath", "nurse")
    assert (link.min_gap, link.max_gap) == (2700, 2700 + 900)


def test_the_nurse_is_there_when_the_bath_is_over() -> None:
    problem = built(morning(staff("c"), staff("n", levels=NURSE))).problem

    done = solve(problem, Options(seconds=5, iterations=200))

    assert check(problem, done).ok
    times = {stop.visit: stop for route in done.routes for stop in route.stops}
    assert 0 <= times["nurse"].start - times["bath"].end <= 900


def test_without_a_nurse_at_work_the_bath_takes_place_all_the_same() -> None:
    problem = built(morning(staff("c"))).problem

    done = solve(problem, Options(seconds=5, iterations=50))

    assert problem.links == ()
    assert [stop.visit for route in done.routes for stop in route.stops] == ["bath"]
    assert [(u.visit, u.reason) for u in done.unserved] == [("nurse", "no_skill")]


def test_an_order_that_no_shift_allows_is_left_aside() -> None:
    early = staff("n", levels=NURSE, shifts=(Shift(8 * HOUR, 9 * HOUR),))
    late = staff("c", shifts=(Shift(10 * HOUR, 14 * HOUR),))

    assert built(morning(late, early)).problem.links == ()


def test_an_order_with_a_visit_that_is_kept_out_is_left_aside() -> None:
    day = morning(staff("c"), staff("n", levels=NURSE))
    alone = replace(day, demands=day.demands[1:])

    assert built(alone).problem.links == ()


def test_stairs_take_time_before_the_visit_begins() -> None:
    day = DayInput(
        (demand(), demand("v2", "e2")),
        elders(elder(at=place(1)), elder("e2", place(2), floor=6, lift=False)),
        (staff(),),
    )

    ground, sixth = (v.access for v in built(day).problem.visits)

    floors = 6 - RULES.access.free_floors
    assert ground == RULES.access.building
    assert sixth == ground + floors * RULES.access.per_floor


def test_two_visits_in_one_home_share_the_way_to_the_door() -> None:
    day = DayInput(
        (demand(), demand("v2", "e2"), demand("v3", "e3")),
        elders(elder(at=place(1)), elder("e2", place(1)), elder("e3", place(1), floor=5)),
        (staff(),),
    )

    first, second, third = (v.group for v in built(day).problem.visits)

    assert first == second != third


def test_every_place_has_one_row_bases_first() -> None:
    day = DayInput(
        (demand(), demand("v2", "e2"), demand("v3", "e3")),
        elders(elder(at=place(1)), elder("e2", place(1)), elder("e3", place(0))),
        (staff("a", base=place(0)), staff("b", base=place(5)), staff("c", base=place(5))),
    )

    at = places(day)

    assert at.rows == (place(0), place(5), place(1)) and at.bases == 2
    assert at.row(place(1)) == 2
    with pytest.raises(ValueError):
        at.row(place(7))


@given(
    st.lists(
        st.tuples(st.integers(0, 70_000), st.integers(0, 9_000)).map(lambda w: (w[0], sum(w))),
        min_size=1,
        max_size=5,
    ),
    st.lists(st.integers(0, 79_000), max_size=20),
)
def test_windows_are_joined_without_changing_what_they_allow(
    windows: list[tuple[int, int]], moments: list[int]
) -> None:
    day = DayInput((demand(windows=tuple(windows)),), elders(elder(at=place(1))), (staff(),))

    joined = built(day).problem.visits[0].windows

    for moment in (*moments, *(t for w in windows for t in w)):
        assert any(a <= moment <= b for a, b in windows) == any(
            w.earliest <= moment <= w.latest for w in joined
        )


def test_a_visit_stands_for_its_demand() -> None:
    found = built(DayInput((demand("d-7"),), elders(elder(at=place(1))), (staff(),)))

    assert [v.id for v in found.problem.visits] == ["d-7"]


@given(st.integers(0, 2**32 - 1))
def test_what_is_asked_is_served_unserved_or_kept_out_and_the_judge_agrees(seed: int) -> None:
    dice = np.random.default_rng(seed)
    count = int(dice.integers(1, 7))
    people = elders(
        *(
            elder(f"e{k}", None if dice.random() < 0.2 else place(*dice.integers(0, 9, 2).tolist()))
            for k in range(count)
        )
    )
    wanted = tuple(
        demand(f"v{k}", f"e{k}", carers=1 + (k % 3 == 0), priority=1 + k % 9) for k in range(count)
    )
    crew = tuple(
        staff(f"s{k}", levels=() if dice.random() < 0.3 else (Level.CAREGIVER,))
        for k in range(int(dice.integers(0, 4)))
    )
    found = built(DayInput(wanted, people, crew))

    plan = solve(found.problem, Options(seconds=5, iterations=20))

    served = {stop.visit for route in plan.routes for stop in route.stops}
    parts = [served, {u.visit for u in plan.unserved}, {str(u.demand) for u in found.kept_out}]
    assert sorted(id_ for part in parts for id_ in part) == sorted(d.id for d in wanted)
    assert check(found.problem, plan).ok
    licensed = {s.id for s in crew if s.levels}
    assert {route.staff for route in plan.routes if route.stops} <= licensed
