"""Two at once: no bed above a limit, and no visit that a stay had stopped."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from carecoord.errors import CareError
from carecoord.flows import bed, day, rounds, stay
from carecoord.model import time
from carecoord.model.beds import BedKind
from carecoord.model.ids import ElderId
from carecoord.store import demands, documents
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS, CENTRE, STREET

TODAY = time.today()
RULES = build.rules(TODAY)


def test_of_two_openings_at_once_the_last_licensed_bed_goes_to_one(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        version = documents.read(tx, "Organization", CENTRE).version
        rounds.license_beds(tx, BOSS, CENTRE, BedKind.HOME_HOSPITAL, 1, expected=version)
    together = Barrier(2)

    def open_one(elder: str) -> str:
        together.wait()
        try:
            with database.write() as tx:
                bed.open_bed(tx, BOSS, ElderId(elder), BedKind.HOME_HOSPITAL, CENTRE, TODAY, RULES)
        except CareError as error:
            return error.code
        return "opened"

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(open_one, ["e1", "e2"]))

    assert found == ["bed.capacity", "opened"]


def test_an_expansion_beside_an_admission_leaves_no_visit_of_who_is_in_hospital(
    database: Database,
) -> None:
    start = {"start": (TODAY - timedelta(days=9)).isoformat()}
    plans = [build.care_plan(f"plan-e{k}", f"e{k}", build.detail(), period=start) for k in (1, 2)]
    build.store(database, *build.street())
    build.store(database, *plans)
    with database.write() as tx:
        bed.open_bed(tx, BOSS, ElderId("e1"), BedKind.HOME_HOSPITAL, CENTRE, TODAY, RULES)
        day.expand_plans(tx, BOSS, STREET, TODAY, 3, RULES)
    together = Barrier(2)

    def admit() -> None:
        together.wait()
        with database.write() as tx:
            stay.admit(tx, BOSS, ElderId("e1"), RULES)

    def expand() -> None:
        together.wait()
        with database.write() as tx:
            day.expand_plans(tx, BOSS, STREET, TODAY, 3, RULES)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(admit), pool.submit(expand)]:
            done.result()

    with database.read() as tx:
        wanted = {d.elder for k in (1, 2) for d in demands.on(tx, STREET, TODAY + timedelta(k))}
    assert wanted == {"e2", "e3"}
