"""Which network a street travels on, and who was counted to it by hand."""

from carecoord.model.ids import ElderId, StreetId
from carecoord.store import territory
from carecoord.store.engine import Database
from carecoord.store.territory import NetworkSource
from tests.build import STREET

OTHER = StreetId("990101002")
PEOPLE = [ElderId("a"), ElderId("b")]


def test_a_street_has_no_network_until_one_is_set_and_the_newest_counts(
    database: Database,
) -> None:
    first, second = NetworkSource("synthetic", "7", "h"), NetworkSource("osm", "x.osm.pbf", "i")
    with database.write() as tx:
        assert territory.network(tx, STREET) is None
        territory.set_network(tx, STREET, first)
        territory.set_network(tx, STREET, second)
        assert territory.network(tx, STREET) == second
        assert territory.network(tx, OTHER) is None


def test_a_patient_counts_to_the_street_that_was_said_last(database: Database) -> None:
    with database.write() as tx:
        territory.assign(tx, PEOPLE, STREET)
        territory.assign(tx, PEOPLE[:1], OTHER)
        assert territory.assigned(tx, STREET) == {"b"}
        assert territory.assigned(tx, OTHER) == {"a"}
        assert territory.assigned_to(tx, PEOPLE[0]) == OTHER
        assert territory.assigned_to(tx, ElderId("nobody")) is None


def test_assigning_twice_changes_nothing(database: Database) -> None:
    with database.write() as tx:
        territory.assign(tx, PEOPLE, STREET)
        territory.assign(tx, PEOPLE, STREET)
        assert territory.assigned(tx, STREET) == set(PEOPLE)
