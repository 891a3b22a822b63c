"""Travel times worked out by hand on the town of `town`."""

from pathlib import Path

import numpy as np
import pytest

from carecoord.streets import EBIKE, UNREACHABLE, WALK, Mode, Network, Place, Travel
from tests.streets.town import POINTS, WAYS, load, place

# km/h of a residential street in metres per second.
ON_FOOT, RIDING = 1.25, 15 / 3.6


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return load(tmp_path_factory.mktemp("town"))


def go(town: Network, mode: Mode, *at: tuple[float, float]) -> Travel:
    return town.travel([place(*spot) for spot in at], mode)


def test_across_the_river_the_way_leads_over_the_bridge(town: Network) -> None:
    travel = go(town, WALK, (250, 10), (250, 290))

    assert travel.seconds[0, 1] == pytest.approx((10 + 250 + 300 + 250 + 10) / ON_FOOT, abs=1)
    assert travel.metres[0, 1] == pytest.approx(820, abs=1)
    assert travel.snap_metres == pytest.approx([10, 10], abs=0.1)
    assert travel.problems == ()
    assert not travel.estimated


def test_two_places_on_one_street_go_straight(town: Network) -> None:
    travel = go(town, EBIKE, (120, 0), (380, 0))

    assert travel.seconds[0, 1] == travel.seconds[1, 0]
    assert travel.seconds[0, 1] == pytest.approx(260 / RIDING, abs=1)


def test_against_a_one_way_street_the_bicycle_goes_round(town: Network) -> None:
    travel = go(town, EBIKE, (600, -200), (900, -200))
    round_trip = 500 + 200 + 500 + 200

    assert travel.metres[0, 1] == pytest.approx(300, abs=1)
    assert travel.metres[1, 0] == pytest.approx(round_trip - 300, abs=1)
    assert travel.seconds[1, 0] == pytest.approx((round_trip - 300) / RIDING, abs=1)


def test_people_on_foot_ignore_one_way_streets(town: Network) -> None:
    travel = go(town, WALK, (600, -200), (900, -200))

    assert travel.seconds[0, 1] == travel.seconds[1, 0] == pytest.approx(300 / ON_FOOT, abs=1)


def test_a_place_at_the_end_of_a_one_way_street_may_leave_by_any_street(tmp_path: Path) -> None:
    # Three streets meet at B at the same distance: whichever is taken, none may bind it.
    ways = [
        ("A B", {"highway": "residential", "oneway": "yes"}),
        ("B P", {"highway": "residential", "oneway": "yes"}),
        ("P A", {"highway": "residential", "oneway": "yes"}),
        ("B C", {"highway": "residential"}),
    ]
    for order in (ways, ways[::-1]):
        town = load(tmp_path, ways=order)
        travel = go(town, EBIKE, POINTS["B"], (500, -100), (900, 0), (100, 0))

        ring = 500 + 200 + np.hypot(500, 200)
        assert travel.metres[0].tolist() == pytest.approx([0, 100, 400, ring - 400], abs=1)
        assert travel.metres[:, 0].tolist() == pytest.approx([0, ring - 100, 400, 400], abs=1)


def test_a_one_way_street_that_begins_in_mid_street_binds_only_behind_it(tmp_path: Path) -> None:
    ways = [
        ("A B", {"highway": "residential"}),
        ("B C", {"highway": "residential", "oneway": "yes"}),
        ("C Q P B", {"highway": "residential", "oneway": "yes"}),
    ]
    travel = go(load(tmp_path, ways=ways), EBIKE, (250, 0), (400, 0), (750, 0))

    assert travel.metres[1, 0] == pytest.approx(150, abs=1)
    assert travel.metres[0, 2] == pytest.approx(500, abs=1)
    assert travel.metres[2, 0] == pytest.approx(250 + 200 + 500 + 200 + 250, abs=1)


def test_the_island_is_a_problem_and_never_at_zero_distance(town: Network) -> None:
    travel = go(town, WALK, (250, 0), (1500, 155), (1500, 155))

    assert travel.seconds[0].tolist() == [0, UNREACHABLE, UNREACHABLE]
    assert travel.seconds[1].tolist() == [UNREACHABLE, 0, UNREACHABLE]
    assert travel.metres[2].tolist() == [UNREACHABLE, UNREACHABLE, 0]
    assert [(p.row, p.code, p.reachable) for p in travel.problems] == [
        (1, "place.cut_off", False),
        (2, "place.cut_off", False),
    ]


def test_two_unreachable_sums_fit_the_matrix_type() -> None:
    assert np.int32(UNREACHABLE) + np.int32(UNREACHABLE) == 2 * UNREACHABLE


def test_a_door_far_from_the_street_is_planned_and_reported(town: Network) -> None:
    travel = go(town, EBIKE, (0, -170), (500, 0))

    assert travel.seconds[0, 1] == pytest.approx(170 / ON_FOOT + 500 / RIDING, abs=1)
    (problem,) = travel.problems
    assert (problem.row, problem.code, problem.reachable) == (0, "place.far_from_street", True)
    assert problem.facts == {"mode": "ebike", "metres": 170, "limit": 150}


def test_a_place_outside_the_map_is_unreachable(town: Network) -> None:
    travel = town.travel([place(0, 0), place(-1200, 0), Place(2.35, 48.85)], WALK)

    assert (travel.seconds[1:, 0] == UNREACHABLE).all()
    assert [problem.code for problem in travel.problems] == ["place.outside"] * 2
    assert travel.problems[0].facts == {"mode": "walk", "limit": 1000}
    assert travel.snap_metres[1] == pytest.approx(1200, abs=5)


def test_homes_with_equal_coordinates_share_a_door(town: Network) -> None:
    travel = go(town, WALK, (250, 40), (250, 40), (251, 40))

    assert travel.seconds[0, 1] == travel.metres[0, 1] == 0
    assert travel.seconds[0, 2] == pytest.approx(81 / ON_FOOT, abs=1)


def test_without_the_bridge_the_smaller_bank_is_reported(tmp_path: Path) -> None:
    town = load(tmp_path, ways=[way for way in WAYS if "bridge" not in way[1]])
    travel = go(town, WALK, (100, 0), (200, 0), (100, 300), (600, 300))

    assert travel.seconds[0, 2] == UNREACHABLE
    assert travel.seconds[2, 3] == pytest.approx(500 / ON_FOOT, abs=1)
    assert [(p.row, p.code) for p in travel.problems] == [
        (2, "place.unreachable"),
        (3, "place.unreachable"),
    ]


def test_a_street_one_cannot_ride_back_from_is_not_used(tmp_path: Path) -> None:
    ways = [*WAYS, ("F K", {"highway": "residential", "oneway": "yes"})]
    travel = go(load(tmp_path, ways=ways), EBIKE, (0, 0), (1040, 290))

    assert travel.snap_metres[1] == pytest.approx(np.hypot(40, 10), abs=0.5)


def test_a_home_on_such_a_street_is_reached_on_foot_from_the_next_one(tmp_path: Path) -> None:
    ways = [*WAYS, ("F K", {"highway": "residential", "oneway": "yes"})]
    travel = go(load(tmp_path, ways=ways), EBIKE, (0, 300), (1200, 240))

    (problem,) = travel.problems
    assert problem.code == "place.far_from_street"
    assert travel.seconds[0, 1] == pytest.approx(1000 / RIDING + np.hypot(200, 60) / ON_FOOT, abs=1)


def test_a_ring_road_is_used_both_ways_round(tmp_path: Path) -> None:
    ways = [("A B P A", {"highway": "residential"})]
    travel = go(load(tmp_path, ways=ways), EBIKE, (100, 0), (490, 0), (500, -190))

    assert travel.metres[0, 1] == pytest.approx(390, abs=1)
    assert travel.metres[1, 2] == pytest.approx(200, abs=1)


def test_no_places_give_an_empty_matrix(town: Network) -> None:
    travel = town.travel([], WALK)

    assert travel.seconds.shape == (0, 0)
    assert travel.problems == ()


def test_a_mode_without_any_street_reaches_nothing(tmp_path: Path) -> None:
    town = load(tmp_path, ways=[("A B", {"highway": "steps"})])
    travel = go(town, EBIKE, (0, 0), (500, 0))

    assert travel.seconds[0, 1] == travel.seconds[1, 0] == UNREACHABLE
    assert {problem.code for problem in travel.problems} == {"place.outside"}
    assert town.line(place(0, 0), place(500, 0), EBIKE) == []


def test_a_wall_across_a_street_stops_and_a_bollard_does_not(tmp_path: Path) -> None:
    for barrier, expected in (("bollard", 500), ("wall", UNREACHABLE)):
        town = load(tmp_path, ways=[WAYS[0]], node_tags={"B": {"barrier": barrier}})
        assert go(town, WALK, (250, 0), (750, 0)).metres[0, 1] == pytest.approx(expected, abs=1)
