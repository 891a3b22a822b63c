"""The generated neighbourhood is fit for a demo, whatever the seed."""

import pytest

from carecoord.streets import EBIKE, UNREACHABLE, WALK, Network, Place, synthetic

SEEDS = [0, 1, 7, 2026]


@pytest.fixture(scope="module", params=SEEDS)
def town(request: pytest.FixtureRequest) -> Network:
    seed: int = request.param
    return synthetic.network(seed)


def homes(town: Network) -> list[Place]:
    return [building.place for building in town.buildings]


def test_one_seed_gives_one_town() -> None:
    hashes = [synthetic.network(seed).content_hash for seed in (*SEEDS, *SEEDS)]

    assert hashes[: len(SEEDS)] == hashes[len(SEEDS) :]
    assert len(set(hashes)) == len(SEEDS)
    assert synthetic.network(7).buildings == synthetic.network(7).buildings


def test_every_home_reaches_every_other_by_both_modes(town: Network) -> None:
    for mode in (WALK, EBIKE):
        travel = town.travel(homes(town), mode)
        assert travel.seconds.max() < UNREACHABLE
        assert travel.problems == ()
        assert not travel.estimated


def test_it_has_homes_enough_with_addresses_floors_and_lifts(town: Network) -> None:
    assert len(town.buildings) >= 250
    assert len({(b.street, b.housenumber) for b in town.buildings}) == len(town.buildings)
    assert len({b.place for b in town.buildings}) == len(town.buildings)
    assert {b.has_lift for b in town.buildings} == {True, False}
    for building in town.buildings:
        assert building.street
        assert building.housenumber
        assert building.levels
        assert town.street_near(building.place)


def test_it_is_as_large_as_a_small_street_unit(town: Network) -> None:
    west, south, east, north = town.bounds
    square = (east - west) * 95_200 * (north - south) * 111_200 / 1e6

    assert 2 <= square <= 3.2
    for home in homes(town):
        assert west <= home.lon <= east
        assert south <= home.lat <= north


def test_the_river_makes_people_go_round_and_one_way_streets_bind_riders(town: Network) -> None:
    walk, ride = (town.travel(homes(town), mode) for mode in (WALK, EBIKE))

    assert (walk.seconds == walk.seconds.T).all()
    assert (ride.seconds != ride.seconds.T).any()
    # The foot bridge has steps: some pairs are nearer on foot.
    assert (walk.metres < ride.metres * 0.6).any()


def test_it_lies_where_nobody_lives_and_needs_no_credit(town: Network) -> None:
    west, south, east, north = town.bounds

    # The open water of Lake Tai.
    assert 120.1 < west < east < 120.2
    assert 31.15 < south < north < 31.25
    assert town.attribution == ""
