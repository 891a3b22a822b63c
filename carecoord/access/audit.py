"""Who did what, written in the transaction of the change."""

from collections.abc import Iterable

from carecoord.access.callers import Caller
from carecoord.model import time
from carecoord.store import audit as rows
from carecoord.store.engine import Tx


def record(tx: Tx, caller: Caller, action: str, target: str) -> None:
    """Write one audit row.

    target
        `Type/id` or `street/day@version`: never a name or a number of a person.
    """
    record_all(tx, caller, action, [target])


def record_all(tx: Tx, caller: Caller, action: str, targets: Iterable[str]) -> None:
    """Write one audit row for each target."""
    at = time.now()
    rows.append_all(
        tx,
        [rows.AuditRow(at, caller.id, caller.organization, action, target) for target in targets],
    )
