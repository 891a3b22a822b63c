"""Rosters made by hand: each content once for its day."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from carecoord.errors import Missing
from carecoord.model.visits import DayKey
from carecoord.store import rosters
from carecoord.store.engine import Database, Tx
from tests.build import DAY, STREET

KEY, NEXT = DayKey(STREET, DAY), DayKey(STREET, DAY + timedelta(days=1))
CALLS = [("c1", "v1", 30_600), ("c2", "v2", 34_200)]
AT = datetime(2026, 3, 4, 8, tzinfo=UTC)


def keep(tx: Tx, key: DayKey = KEY, calls: list[tuple[str, str, int]] = CALLS) -> tuple[str, bool]:
    found, new = rosters.keep(tx, key, "march", calls, at=AT, by="somebody")
    return found.id, new


def test_the_same_calls_are_kept_once_in_whatever_order_and_number(database: Database) -> None:
    with database.write() as tx:
        id_, new = keep(tx)
        again = keep(tx, calls=[CALLS[1], CALLS[0], CALLS[1]])
        other = keep(tx, calls=CALLS[:1])
        later = keep(tx, NEXT)

    assert new and again == (id_, False)
    assert other[1] and later[1] and len({id_, other[0], later[0]}) == 3
    with database.read() as tx:
        found = rosters.read(tx, KEY, id_)
        assert (found.calls, found.name, found.created_at) == (tuple(CALLS), "march", AT)
        assert {one.id for one in rosters.of_day(tx, STREET, DAY)} == {id_, other[0]}


def test_a_roster_is_found_only_on_its_day_and_gone_when_removed(database: Database) -> None:
    with database.write() as tx:
        id_, _ = keep(tx)
        assert not rosters.remove(tx, NEXT, id_)
        with pytest.raises(Missing) as caught:
            rosters.read(tx, NEXT, id_)
        assert caught.value.code == "roster.none"
        assert rosters.remove(tx, KEY, id_)
        assert not rosters.remove(tx, KEY, id_)
        assert rosters.of_day(tx, STREET, DAY) == ()


def test_two_who_send_the_same_file_at_once_keep_one_roster(database: Database) -> None:
    together = Barrier(2)
    found: list[tuple[str, bool]] = []

    def send() -> None:
        together.wait()
        with database.write() as tx:
            found.append(keep(tx))

    both = [Thread(target=send) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert len({id_ for id_, _ in found}) == 1
    assert sorted(new for _, new in found) == [False, True]
