"""Audit rows: in order, and only together with the change."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from carecoord.store import audit
from carecoord.store.audit import AuditRow
from carecoord.store.engine import Database

ROW = AuditRow(datetime(2026, 3, 5, 1, tzinfo=UTC), "me", "centre", "day.write", "Run/1")


def test_entries_about_a_thing_come_back_oldest_first(database: Database) -> None:
    second, other = replace(ROW, action="day.publish"), replace(ROW, target="Run/2")
    with database.write() as tx:
        audit.append(tx, ROW)
        audit.append_all(tx, [other, second])
        audit.append_all(tx, [])
        assert audit.of_target(tx, "Run/1") == (ROW, second)


def test_an_undone_change_leaves_no_entry(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as tx:
        audit.append(tx, ROW)
        raise RuntimeError
    with database.read() as tx:
        assert audit.of_target(tx, "Run/1") == ()
