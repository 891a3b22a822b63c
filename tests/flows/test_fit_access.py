"""Who may ask where a visit fits, why it does not, and take a place."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from carecoord.access import Caller
from carecoord.errors import Forbidden
from carecoord.flows import explain, fit, fit_list, taking
from carecoord.flows.fit import Ask, Described, Wanted
from carecoord.model import time
from carecoord.model.ids import DemandId, ElderId, StaffId
from carecoord.planning.series import Pattern
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import STREET, caller
from tests.flows import steps

ASK = Ask(Path("nowhere"))
V1, C1 = DemandId("v1"), StaffId("c1")
VISIT = Described(ElderId("e1"), ((30_000, 40_000),), minutes=20)
WANTED = Wanted(described=VISIT)


def on() -> date:
    return time.today() + timedelta(days=1)


FLOWS: dict[str, tuple[str, Callable[[Tx, Caller], object]]] = {
    "fit": ("day.read", lambda tx, c: fit.fit_day(tx, c, STREET, on(), WANTED, ASK)),
    "days": ("day.read", lambda tx, c: fit.fit_days(tx, c, STREET, [on()], WANTED, ASK)),
    "series": (
        "day.read",
        lambda tx, c: fit.fit_series(tx, c, STREET, Pattern(on(), 1, 1), VISIT, ASK),
    ),
    "list": ("day.read", lambda tx, c: fit_list.fit_many(tx, c, STREET, [on()], [WANTED], ASK)),
    "take": (
        "day.write",
        lambda tx, c: taking.take(tx, c, STREET, on(), WANTED, [C1], 0, "", ASK, expected=0),
    ),
    "unserved": ("day.read", lambda tx, c: explain.unserved(tx, c, STREET, on(), V1, ASK)),
    "instead": ("day.read", lambda tx, c: explain.instead_of(tx, c, STREET, on(), V1, C1, ASK)),
    "cover": ("day.read", lambda tx, c: explain.cover(tx, c, STREET, on(), C1, ASK)),
}


@build.ON_SQLITE
@pytest.mark.parametrize("name", FLOWS)
def test_without_scope_or_street_it_is_refused_and_nothing_is_written(
    database: Database, name: str
) -> None:
    scope, flow = FLOWS[name]
    build.store(database, *build.street())
    with database.write() as tx:
        before = steps.everything(tx)
        for who in (caller("other.scope"), caller(scope, streets=["990101009"])):
            with pytest.raises(Forbidden):
                flow(tx, who)
        assert steps.everything(tx) == before
