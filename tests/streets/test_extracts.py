"""Real street extracts, among them a thin one and a broken one."""

from itertools import pairwise

import numpy as np
import pytest

from carecoord.streets import EBIKE, MODES, UNREACHABLE, WALK, Network, Place
from tests.streets.town import extract

NAMES = [
    "beijing-haidian-tsinghua-2017",
    "beijing-haidian-cau-2026",
    "shenzhen-longgang-2019",
    "shanghai-baoshan-shu-2022",
    "shanghai-huangpu-drive-2026",
]


def spread(network: Network, count: int) -> list[Place]:
    """Places all over the middle of the extract, the same in every run."""
    west, south, east, north = network.bounds
    share = np.random.default_rng(5).uniform(0.2, 0.8, (count, 2))
    return [
        Place(float(west + (east - west) * x), float(south + (north - south) * y)) for x, y in share
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_place_is_either_reachable_or_a_problem(name: str) -> None:
    network = Network.load(extract(name))
    places = spread(network, 150)
    for mode in MODES.values():
        travel = network.travel(places, mode)
        lost = {problem.row for problem in travel.problems if not problem.reachable}
        kept = [row for row in range(len(places)) if row not in lost]
        inside = travel.seconds[np.ix_(kept, kept)]

        assert inside.max() < UNREACHABLE
        assert (inside > 0).sum() == len(kept) * (len(kept) - 1)
        assert [problem.row for problem in travel.problems] == sorted(
            problem.row for problem in travel.problems
        )


def test_the_thin_map_reports_homes_far_from_any_street() -> None:
    travel = (network := Network.load(extract("shenzhen-longgang-2019"))).travel(
        spread(network, 300), WALK
    )
    far = [problem for problem in travel.problems if problem.code == "place.far_from_street"]

    assert len(far) > 30
    assert all(int(problem.facts["metres"]) > 150 for problem in far)
    assert all(travel.snap_metres[problem.row] > 150 for problem in far)


def test_the_broken_map_reports_homes_on_cut_off_streets() -> None:
    network = Network.load(extract("shanghai-huangpu-drive-2026"))
    cut_off = [
        problem
        for problem in network.travel(spread(network, 300), EBIKE).problems
        if problem.code == "place.cut_off"
    ]
    row = cut_off[0].row
    travel = network.travel(spread(network, 300), EBIKE)

    assert len(cut_off) > 10
    assert (np.delete(travel.seconds[row], row) == UNREACHABLE).all()
    assert (np.delete(travel.seconds[:, row], row) == UNREACHABLE).all()


def test_homes_stand_at_real_buildings_with_names_of_real_streets() -> None:
    network = Network.load(extract("beijing-haidian-tsinghua-2017"))
    places = [building.place for building in network.buildings]

    assert len(places) > 500
    assert len([place for place in places if network.street_near(place)]) == len(places)
    assert {building.levels for building in network.buildings} > {None, 6}
    assert network.attribution == "© OpenStreetMap contributors, ODbL 1.0"


def test_four_hundred_legs_are_drawn_along_the_streets() -> None:
    network = Network.load(extract("beijing-haidian-tsinghua-2017"))
    places = [building.place for building in network.buildings][:401]
    legs = list(pairwise(places))
    travel = network.travel(places, WALK)
    lines = network.lines(legs, WALK)

    for row, line in enumerate(lines):
        assert bool(line) == (travel.seconds[row, row + 1] < UNREACHABLE)
    assert sum(len(line) > 4 for line in lines) > 250
