"""Lines of routes on the map."""

from pathlib import Path

import pytest

from carecoord.streets import EBIKE, WALK, Network, Place
from tests.streets.town import POINTS, load, place


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return load(tmp_path_factory.mktemp("town"))


def corners(line: list[tuple[float, float]]) -> list[str | None]:
    """Names of the town's points along a line; None for any other point."""
    named = {name: place(*at) for name, at in POINTS.items()}
    return [
        next(
            (
                name
                for name, at in named.items()
                if abs(at.lon - lon) < 2e-7 and abs(at.lat - lat) < 2e-7
            ),
            None,
        )
        for lon, lat in line
    ]


def test_a_line_runs_from_door_to_door_along_the_streets(town: Network) -> None:
    start, end = place(250, 10), place(750, 290)
    line = town.line(start, end, WALK)

    # Door, where its path meets the street, bridge, where the other path leaves, door.
    assert corners(line) == [None, None, "B", "E", None, None]
    assert line[0] == pytest.approx((start.lon, start.lat), abs=1e-7)
    assert line[1] == pytest.approx((place(250, 0).lon, place(250, 0).lat), abs=3e-7)
    assert line[-1] == pytest.approx((end.lon, end.lat), abs=1e-7)


def test_a_rider_is_drawn_round_the_one_way_street(town: Network) -> None:
    there = town.line(place(600, -210), place(900, -190), EBIKE)
    back = town.line(place(900, -190), place(600, -210), EBIKE)

    assert corners(there) == [None] * 4
    assert corners(back) == [None, None, "Q", "C", "B", "P", None, None]


def test_a_line_on_one_street_follows_its_bends(town: Network) -> None:
    west, east = place(490, -150), place(1010, -150)

    assert corners(town.line(west, east, EBIKE)) == [None, None, "P", "Q", None, None]
    assert corners(town.line(east, west, WALK)) == [None, None, "Q", "P", None, None]


def test_lines_of_many_legs_equal_lines_of_each(town: Network) -> None:
    spots = [place(250, 10), place(750, 290), place(600, -200), place(1500, 150), place(250, 10)]
    legs = [(start, end) for start in spots for end in spots]

    for mode in (WALK, EBIKE):
        assert town.lines(legs, mode) == [town.line(*leg, mode) for leg in legs]


def test_to_the_island_there_is_no_line(town: Network) -> None:
    assert town.line(place(0, 0), place(1500, 150), WALK) == []
    assert town.line(place(1500, 150), place(0, 0), WALK) == []
    assert town.line(place(0, 0), Place(2.35, 48.85), WALK) == []


def test_no_legs_no_lines(town: Network) -> None:
    assert town.lines([], WALK) == []


def test_the_shorter_of_two_parallel_streets_is_drawn(tmp_path: Path) -> None:
    ways = [
        ("A P B", {"highway": "residential"}),
        ("A B", {"highway": "residential"}),
        ("B C", {"highway": "residential"}),
        ("A D", {"highway": "residential"}),
    ]
    line = load(tmp_path, ways=ways).line(place(0, 100), place(600, 0), WALK)

    assert corners(line) == [None, "A", "B", None]
