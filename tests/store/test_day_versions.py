"""Every version of a day is kept as it was."""

from dataclasses import replace

import pytest

from carecoord.errors import Missing
from carecoord.model.versions import Why
from carecoord.store import day_versions, days, demands
from carecoord.store.engine import Database
from tests.build import DAY, STREET, demand
from tests.store.test_days import AT, KEY, PLAN

LESS = replace(PLAN, stops=PLAN.stops[:1], unserved=())


def why(cause: str, **more: object) -> Why:
    return Why(cause, "somebody", at=AT, **more)  # type: ignore[arg-type]


def test_each_version_keeps_its_plan_its_author_and_its_cause(database: Database) -> None:
    with database.write() as tx:
        demands.replace(tx, STREET, DAY, 1, [demand("v1", "e1")])
        days.replace_plan(
            tx, PLAN, expected=0, why=why("run", source="run-1", based_on=0), attribution="©"
        )
        days.publish(tx, KEY, why("publish", reason="tomorrow"), expected=1)
        days.replace_plan(tx, LESS, expected=2, why=why("hand", reason="ill"))
        demands.replace(tx, STREET, DAY, 1, [])
    with database.read() as tx:
        found = day_versions.of_day(tx, KEY)
        assert [(v.version, v.state, v.why.cause, v.why.reason) for v in found] == [
            (1, "draft", "run", ""),
            (2, "published", "publish", "tomorrow"),
            (3, "published", "hand", "ill"),
        ]
        assert [(v.served, v.unserved) for v in found] == [(2, 1), (2, 1), (1, 0)]
        assert found[0].why == why("run", source="run-1", based_on=0)
        assert found[2].why.based_on == 2
        assert [day_versions.plan(tx, KEY, n) for n in (1, 2, 3)] == [PLAN, PLAN, LESS]
        assert day_versions.attribution(tx, KEY, 3) == "©"
        assert day_versions.told(tx, KEY) == 2
        assert day_versions.elders(tx, KEY) == {"v1": "e1"}
        assert [v.version for v in day_versions.of_day(tx, KEY, after=2)] == [3]


def test_an_equal_plan_makes_no_version_unless_its_visits_changed(database: Database) -> None:
    with database.write() as tx:
        days.replace_plan(tx, PLAN, expected=0, why=why("run"))
        assert days.replace_plan(tx, PLAN, expected=1, why=why("hand")) == 1
        assert days.replace_plan(tx, PLAN, expected=1, why=why("pause"), even_equal=True) == 2
        assert [v.version for v in day_versions.of_day(tx, KEY)] == [1, 2]


def test_a_version_that_never_was_is_missing(database: Database) -> None:
    with database.write() as tx:
        days.replace_plan(tx, PLAN, expected=0, why=why("run"))
        with pytest.raises(Missing) as caught:
            day_versions.plan(tx, KEY, 2)
        assert day_versions.told(tx, KEY) == 0
    assert (caught.value.code, caught.value.facts["version"]) == ("day.no_version", 2)
