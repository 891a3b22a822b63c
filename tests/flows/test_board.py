"""The board: names beside bare stops, and nothing left to look up."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from carecoord.errors import Missing
from carecoord.flows import board, day, networks
from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Homeward, Pause, Stop, Unserved
from carecoord.store import days, demands
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, DAY, ON_SQLITE, STREET

KEY = DayKey(STREET, DAY)


def planned(tx: Tx) -> list[str]:
    """A day with a visit for two, one that nobody makes, and one whose demand is gone."""
    day.expand_plans(tx, BOSS, STREET, DAY, 1, build.rules())
    first, second, _ = (d.id for d in demands.on(tx, STREET, DAY))
    stops = [
        Stop(StaffId(who), first, 1, 30_000, 30_300, 32_000, 250, ((1.0, 2.0),))
        for who in ("c1", "c2")
    ]
    plan = DayPlan(
        KEY,
        tuple(stops),
        (Pause(StaffId("c1"), 40_000, 41_800),),
        (Homeward(StaffId("c1"), 100, 32_100), Homeward(StaffId("c1"), 50, 60_000, ((3.0, 4.0),))),
        (Unserved(second, "unserved.no_skill", {"skill": "N"}),
         Unserved(DemandId("gone"), "unserved.dead")),
        {},
        estimated=True,
    )  # fmt: skip
    days.replace_plan(tx, plan, expected=0, why=Why("run", "test"), attribution="© map")
    return [first, second]


@ON_SQLITE
def test_a_day_without_a_plan_is_empty(database: Database) -> None:
    build.store(database, *build.street())
    with database.read() as tx:
        found = board.day(tx, BOSS, STREET, DAY)

    assert (found.state, found.version, found.routes) == ("empty", 0, ())
    assert found.street_name == "office name"


def test_a_planned_day_names_people_addresses_and_partners(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        first, second = planned(tx)
        found = board.day(tx, BOSS, STREET, DAY)
        elder = next(d.elder for d in demands.on(tx, STREET, DAY) if d.id == first)

    routes = {route.staff: route for route in found.routes}
    assert set(routes) == {"d1", "n1", "c1", "c2"}
    (visit,) = routes[StaffId("c1")].visits
    assert (visit.elder_name, visit.partner) == (f"{elder} name", "p2 name")
    assert visit.address.startswith("Lane")
    assert routes[StaffId("c1")].home_travel == 150
    assert routes[StaffId("c1")].home_arrival == 60_000
    assert routes[StaffId("c1")].service == 1700
    assert routes[StaffId("c1")].travel == 400
    assert routes[StaffId("n1")].visits == ()
    assert routes[StaffId("c1")].organization == "station name"
    assert [u.demand for u in found.unserved] == [second]
    assert (found.state, found.version, found.attribution) == ("draft", 1, "© map")
    assert found.catalogue["7"]["en"]


@ON_SQLITE
def test_staff_without_shift_and_visits_are_not_on_the_board(database: Database) -> None:
    off = build.role("x1", "p1", times=[build.hours("08:00:00", "16:00:00", "mon")])
    build.store(database, *build.street(), off)
    with database.write() as tx:
        planned(tx)
        found = board.day(tx, BOSS, STREET, DAY)

    assert "x1" not in {route.staff for route in found.routes}


def test_streets_are_listed_with_the_numbers_of_their_days(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        planned(tx)
        (found,) = board.streets(tx, BOSS)

    (one,) = found.days
    assert (found.name, one.day, one.state, one.visits) == ("office name", DAY, "draft", 1)


@ON_SQLITE
def test_an_unknown_street_has_no_board_and_no_map(database: Database) -> None:
    other = StreetId("990101009")
    with database.read() as tx:
        for look in (
            lambda: board.day(tx, BOSS, other, DAY + timedelta(days=1)),
            lambda: board.network(tx, BOSS, other, Path("x")),
        ):
            with pytest.raises(Missing) as caught:
                look()
            assert caught.value.code == "street.none"


@ON_SQLITE
def test_a_street_without_a_network_has_no_map(database: Database) -> None:
    build.store(database, *build.organizations())
    with database.read() as tx, pytest.raises(Missing) as caught:
        board.network(tx, BOSS, STREET, Path("x"))

    assert caught.value.code == "street.no_network"


@ON_SQLITE
def test_the_map_is_geojson_of_every_street(database: Database) -> None:
    build.store(database, *build.organizations())
    with database.write() as tx:
        network = networks.use_synthetic(tx, BOSS, STREET, 3)
        found = json.loads(board.network(tx, BOSS, STREET, Path("x")))

    assert found["type"] == "FeatureCollection"
    assert len(found["features"]) == len(list(network.drawing())) > 10
    lon, lat = found["features"][0]["geometry"]["coordinates"][0]
    west, south, east, north = network.bounds
    assert west <= lon <= east and south <= lat <= north
