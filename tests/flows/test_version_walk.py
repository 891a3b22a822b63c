"""Whatever way somebody walks through the history of a day, every version stays what it was."""

from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from carecoord.flows import day, versions
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan
from carecoord.store import day_versions, days
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, DAY, STREET
from tests.flows.plans import planned, swapped

KEY = DayKey(STREET, DAY)
RULES = build.rules()
DATA = Path("unused")


def street(database: Database) -> tuple[DayPlan, ...]:
    """Store the tiny street; three plans of its day that the judge accepts."""
    build.store(database, *build.street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, RULES)
        first = planned(tx, DATA)
        other = swapped(tx, first, "c2" if first.stops[0].staff == "c1" else "c1")
        return first, other, swapped(tx, other, "n1")


class Walk(RuleBasedStateMachine):
    """Changes, undo, redo, restore and telling people, in any order, beside a plain list."""

    database: Database
    plans: tuple[DayPlan, ...]

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[DayPlan] = []
        self.undone: list[DayPlan] = []
        self.done: list[DayPlan] = []
        with self.database.write() as tx:
            _forget(tx)

    @property
    def now(self) -> int:
        return len(self.kept)

    @rule(which=st.integers(0, 2), cause=st.sampled_from(("run", "hand", "repair")))
    def change(self, which: int, cause: str) -> None:
        plan = self.plans[which]
        same = bool(self.kept) and self.kept[-1] == plan
        with self.database.write() as tx:
            why = Why(cause, "somebody")  # type: ignore[arg-type]
            found = days.replace_plan(tx, plan, expected=self.now, why=why)
        if not same:
            if self.kept:
                self.done.append(self.kept[-1])
            self.undone.clear()
            self.kept.append(plan)
        assert found == self.now

    @precondition(lambda self: self.done)
    @rule()
    def undo(self) -> None:
        self.undone.append(self.kept[-1])
        self._step(versions.walk, self.done.pop(), to="undo")

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self) -> None:
        self.done.append(self.kept[-1])
        self._step(versions.walk, self.undone.pop(), to="redo")

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        version = data.draw(st.integers(1, self.now))
        self.done.append(self.kept[-1])
        self.undone.clear()
        self._step(versions.restore, self.kept[version - 1], version=version, reason="again")

    @precondition(lambda self: self.kept)
    @rule()
    def publish(self) -> None:
        with self.database.write() as tx:
            found = versions.publish(tx, BOSS, STREET, DAY, expected=self.now)
        if found.version > self.now:
            self.undone.clear()
            self.kept.append(self.kept[-1])

    def _step(self, how: Callable[..., versions.Step], plan: DayPlan, **more: object) -> None:
        with self.database.write() as tx:
            found = how(tx, BOSS, STREET, DAY, DATA, RULES, expected=self.now, **more)
        self.kept.append(plan)
        assert (found.version, found.lost) == (self.now, ())

    @invariant()
    def every_version_is_what_it_was_and_the_day_is_the_newest(self) -> None:
        with self.database.read() as tx:
            assert [v.version for v in day_versions.of_day(tx, KEY)] == list(range(1, self.now + 1))
            for version, plan in enumerate(self.kept, start=1):
                assert day_versions.plan(tx, KEY, version) == plan
            if self.kept:
                assert days.read(tx, KEY) == self.kept[-1]
                found = versions.listed(tx, BOSS, STREET, DAY)
                assert bool(found.history.back) == bool(self.done)
                assert bool(found.history.forward) == bool(self.undone)


def _forget(tx: Tx) -> None:
    for table in ("day_version", "day_plan", "stop", "pause", "homeward", "unserved"):
        tx.exec_driver_sql(f'DELETE FROM "{table}"')


def test_after_any_walk_every_version_restored_is_what_it_was(database: Database) -> None:
    walk = type("Walking", (Walk,), {"database": database, "plans": street(database)})
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
