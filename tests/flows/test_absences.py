"""Absences are told, known to every plan from then on, and ended."""

from datetime import timedelta

import pytest

from carecoord.errors import CareError
from carecoord.flows import absences, day
from carecoord.model import time
from carecoord.model.ids import StaffId
from carecoord.model.staff import Shift
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, DAY, HOUR, STREET

NINE = time.instant(DAY, 9 * HOUR)
C1 = StaffId("c1")


def shifts(tx: Tx) -> tuple[Shift, ...]:
    given, _ = day.inputs(tx, STREET, DAY)
    return next(one.shifts for one in given.staff if one.id == C1)


def test_whoever_is_away_is_not_planned_until_they_are_back(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        whole = shifts(tx)
        made = absences.add(tx, BOSS, STREET, C1, NINE, None, "sick")
        assert [(s.start, s.end) for s in shifts(tx)] == [(8 * HOUR, 9 * HOUR)]
        assert absences.of_days(tx, BOSS, STREET, DAY, DAY) == (made,)
        assert absences.of_days(tx, BOSS, STREET, DAY - timedelta(days=2), DAY - timedelta(1)) == ()
        back = absences.end(tx, BOSS, STREET, made.id, NINE + timedelta(hours=2))
        assert back.end == NINE + timedelta(hours=2)
        assert [(s.start, s.end) for s in shifts(tx)] == [
            (8 * HOUR, 9 * HOUR),
            (11 * HOUR, 17 * HOUR),
        ]
        with pytest.raises(CareError) as caught:
            absences.end(tx, BOSS, STREET, made.id, None)
        assert caught.value.code == "absence.ended"
    assert whole[0].start == 8 * HOUR


def test_an_absence_that_is_ended_before_it_begins_never_was(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        whole = shifts(tx)
        made = absences.add(tx, BOSS, STREET, C1, NINE, None, "")
        absences.end(tx, BOSS, STREET, made.id, NINE - timedelta(hours=3))
        assert shifts(tx) == whole


@pytest.mark.parametrize(
    ("staff", "hours", "code"), [("none", 1, "absence.staff"), ("c1", -1, "absence.order")]
)
def test_a_wrong_absence_is_refused(database: Database, staff: str, hours: int, code: str) -> None:
    build.store(database, *build.street())
    with database.write() as tx, pytest.raises(CareError) as caught:
        absences.add(tx, BOSS, STREET, StaffId(staff), NINE, NINE + timedelta(hours=hours), "")
    assert caught.value.code == code


def test_an_unknown_absence_is_missing(database: Database) -> None:
    build.store(database, *build.street())
    with database.write() as tx, pytest.raises(CareError) as caught:
        absences.end(tx, BOSS, STREET, "none", None)
    assert caught.value.code == "absence.none"
