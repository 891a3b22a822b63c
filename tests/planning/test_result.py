from datetime import date

import pytest

from carecoord.model.demands import VisitDemand
from carecoord.model.ids import ElderId, StaffId, StreetId
from carecoord.model.staff import Level, Shift, Staff
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning import figures
from carecoord.planning.indicators import indicators
from carecoord.planning.problem import Costs, DayInput, build, places
from carecoord.planning.result import day_plan
from carecoord.streets import EBIKE, WALK, Travel, estimate
from solver import Options, solve
from tests.build import DAY, HOUR, STREET, demand, elder, place, rules, staff

RULES = figures.day_rules(rules())
Leg = tuple[object, object, str]


def planned(day: DayInput, asked: list[Leg] | None = None) -> DayPlan:
    at = places(day)
    modes = {"e-bike": EBIKE, "walk": WALK}
    travel: dict[str, Travel] = {s.mode: estimate(at.rows, modes[s.mode]) for s in day.staff}
    built = build(day, at, travel or {"walk": estimate(at.rows, WALK)}, RULES, Costs())
    solution = solve(built.problem, Options(seconds=5, iterations=50))

    def line(start: object, end: object, mode: str) -> tuple[tuple[float, float], ...]:
        if asked is not None:
            asked.append((start, end, mode))
        return ()

    key = DayKey(STREET, DAY)
    people = {s.id: s.mode for s in day.staff}
    return day_plan(key, built, at, solution, people, line, estimated=True)


def two_homes(*crew: Staff, wanted: tuple[VisitDemand, ...] = ()) -> DayInput:
    known = {ElderId("e1"): elder(at=place(1)), ElderId("e2"): elder("e2", place(2))}
    return DayInput(wanted or (demand(), demand("v2", "e2")), known, crew)


def test_a_route_leaves_the_base_and_comes_back_to_it() -> None:
    asked: list[Leg] = []
    found = planned(two_homes(staff(base=place(0))), asked)

    at = {"v1": place(1), "v2": place(2)}
    order = [at[s.demand] for s in found.stops]
    assert asked == [
        (a, b, "walk") for a, b in zip([place(0), *order], [*order, place(0)], strict=True)
    ]
    assert [s.order for s in found.stops] == [1, 2]
    assert [h.staff for h in found.homeward] == ["c1"]
    assert found.homeward[0].arrival >= found.stops[-1].end + found.homeward[0].travel


def test_times_of_a_stop_follow_one_another() -> None:
    found = planned(two_homes(staff(base=place(0))))

    for stop in found.stops:
        assert stop.arrival + RULES.access.building <= stop.start
        assert stop.end - stop.start == 1800
    first, second = found.stops
    assert second.arrival >= first.end + second.travel


def test_two_visits_in_one_home_have_no_way_between_them() -> None:
    wanted = (demand(), demand("v2", windows=((8 * HOUR, 12 * HOUR),)))
    found = planned(two_homes(staff(base=place(0)), wanted=wanted))

    assert sorted(s.travel == 0 and s.line == () for s in found.stops) == [False, True]


def test_orders_of_a_person_go_on_through_both_shifts() -> None:
    split = staff(shifts=(Shift(8 * HOUR, 10 * HOUR), Shift(14 * HOUR, 17 * HOUR)))
    wanted = (demand(), demand("v2", "e2", windows=((14 * HOUR, 16 * HOUR),)))

    found = planned(two_homes(split, wanted=wanted))

    assert [(s.demand, s.order) for s in found.stops] == [("v1", 1), ("v2", 2)]
    assert len(found.homeward) == 2


def test_who_has_no_visit_has_no_way_home_and_no_break() -> None:
    found = planned(two_homes(staff("a"), staff("b", levels=(Level.DOCTOR,))))

    assert {s.staff for s in found.stops} == {"a"}
    assert {h.staff for h in found.homeward} == {"a"}
    assert {p.staff for p in found.pauses} <= {"a"}


def test_the_level_that_nobody_holds_is_named() -> None:
    wanted = (demand(), demand("v2", "e2", level=Level.NURSE))
    found = planned(two_homes(staff(), wanted=wanted))

    (missing,) = found.unserved
    assert (missing.demand, missing.code) == ("v2", "unserved.no_skill")
    assert missing.facts["skill"] == "N"
    assert "skills" not in missing.facts


def test_visits_kept_out_and_visits_not_served_are_one_list_in_order() -> None:
    day = two_homes(wanted=(demand("a", "e2"), demand("b", "nobody"), demand("c", "e1")))

    found = planned(day)

    assert [(u.demand, u.code) for u in found.unserved] == [
        ("a", "unserved.no_staff"),
        ("b", "unserved.elder"),
        ("c", "unserved.no_staff"),
    ]


def test_a_visit_for_two_counts_once_and_uses_two() -> None:
    wanted = (demand(carers=2),)
    day = two_homes(staff("a"), staff("b"), staff("off", shifts=()), wanted=wanted)

    found = indicators(planned(day), day)

    assert (found.asked, found.served, found.used, found.available) == (1, 1, 2, 2)
    assert found.service == 2 * 1800


def test_staff_without_licence_or_base_are_not_available() -> None:
    day = two_homes(staff("a"), staff("b", levels=()), staff("c", base=None))

    assert indicators(planned(day), day).available == 1


def test_late_counts_from_the_wish_and_not_from_the_hard_window() -> None:
    wished = demand(windows=((9 * HOUR, 12 * HOUR),), wish=(8 * HOUR, 9 * HOUR - 600))
    day = two_homes(staff(), wanted=(wished,))

    plan = planned(day)

    assert indicators(plan, day).late == plan.stops[0].start - (9 * HOUR - 600)


def test_travel_counts_the_way_back_and_its_share_is_of_travel_and_service() -> None:
    day = two_homes(staff(base=place(0)))
    plan = planned(day)

    found = indicators(plan, day)

    assert found.travel == sum(s.travel for s in plan.stops) + plan.homeward[0].travel
    assert found.travel_share == pytest.approx(found.travel / (found.travel + found.service))


def test_a_day_with_nothing_to_do_has_no_travel_share_and_no_continuity() -> None:
    day = DayInput((), {}, ())

    found = indicators(planned(day), day)

    assert (found.travel_share, found.continuity, found.served) == (0.0, None, 0)


@pytest.mark.parametrize(("known", "kept"), [("a", 1.0), ("gone", 0.0)])
def test_continuity_is_the_share_of_calls_by_a_known_carer(known: str, kept: float) -> None:
    wanted = (demand(), demand("v2", "e2"))
    day = DayInput(
        wanted,
        two_homes().elders,
        (staff("a"),),
        {ElderId("e1"): (StaffId(known),)},
    )

    assert indicators(planned(day), day).continuity == kept


def test_figures_are_those_of_the_pack_in_seconds() -> None:
    times = figures.day_times(rules())

    assert times.day == (7 * HOUR, 18 * HOUR)
    assert set(times.when) == {"MORN", "NOON", "AFT", "EVE", "NIGHT"}
    assert times.tolerance == 60 * rules().number("visit.window_tolerance_minutes")
    assert RULES.meal_break == 60 * rules().number("work.meal_minutes")
    assert RULES.meal_window[1] - RULES.meal_window[0] >= RULES.meal_break
    assert rules(date(2026, 3, 5), StreetId("310106007")).number("work.meal_minutes") > 0
