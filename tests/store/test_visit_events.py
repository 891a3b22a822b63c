"""Reports from the door: kept once, never lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from carecoord.model.events import EventKind, VisitEvent
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.visits import DayKey
from carecoord.store import visit_events
from carecoord.store.engine import Database
from tests.build import DAY, STREET

KEY = DayKey(STREET, DAY)
AT = datetime(2026, 3, 5, 1, 30, tzinfo=UTC)
STARTED = VisitEvent(
    "e1", KEY, DemandId("v1"), StaffId("li"), EventKind.STARTED, AT, AT, "li", "门口有狗"
)


def test_an_event_sent_twice_is_kept_once(database: Database) -> None:
    later = replace(STARTED, id="e2", kind=EventKind.FINISHED, at=AT + timedelta(minutes=30))
    with database.write() as tx:
        assert visit_events.append(tx, [later, STARTED]) == 2
        assert visit_events.append(tx, [STARTED, later]) == 0
    with database.read() as tx:
        assert visit_events.on(tx, KEY) == (STARTED, later)
        assert visit_events.between(tx, STREET, DAY + timedelta(days=1), DAY) == ()


def test_two_phones_at_once_add_one_row(database: Database) -> None:
    def send(_: int) -> int:
        with database.write() as tx:
            return visit_events.append(tx, [STARTED])

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 1
