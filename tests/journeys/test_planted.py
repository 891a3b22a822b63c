"""200 persons with planted duplicates, omissions and mismatches, and near-misses beside them."""

from datetime import timedelta

from carecoord.demo import planted
from carecoord.flows import detect, findings
from carecoord.model import time
from carecoord.packs.load import load
from carecoord.planning.detect.rates import CODES
from carecoord.store.engine import Database
from tests.build import BOSS

TODAY = time.today()


def test_every_planted_case_of_200_persons_is_found_and_no_near_miss(database: Database) -> None:
    made = planted.plant(11, 200, TODAY)
    planted.store(database, BOSS, made)
    rules = load().on(TODAY, made.street)
    with database.write() as tx:
        detect.street(tx, BOSS, made.street, rules)
        again = detect.street(tx, BOSS, made.street, rules)
    with database.read() as tx:
        listed = findings.listing(tx, BOSS, made.street, limit=1000).issues
        rates = detect.street_rates(tx, BOSS, made.street, rules)

    found = {(one.code, frozenset({one.elder, *one.others})) for one in listed}
    assert found == made.truth
    assert {code for code, _ in made.truth} == set(CODES)
    assert (again.opened, again.updated, again.closed, again.reopened) == (0, 0, 0, 0)
    plain = {rate.code: rate.count for rate in rates if not rate.indicator}
    for code in CODES:
        about = [elders for kind, elders in made.truth if kind == code]
        assert plain[code] == len(about)


def test_equal_seeds_plant_equal_streets_and_others_do_not() -> None:
    first, again = planted.plant(5, 50, TODAY), planted.plant(5, 50, TODAY)

    assert first == again
    assert planted.plant(6, 50, TODAY).truth != first.truth
    assert sum(first.kinds.values()) == 50
    days = {visit.day for visit in first.visits}
    assert all(TODAY - timedelta(days=28) <= day < TODAY for day in days)
