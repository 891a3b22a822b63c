"""Which numbers a problem may hold, and the refusal of all others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from solver.errors import ProblemError

__all__ = ["MAX_COST", "MAX_TIME", "UNREACHABLE", "costs", "flag", "name", "names", "whole"]

#: In a travel matrix: there is no way from this row to this column.
UNREACHABLE = 1_000_000_000
#: Largest time of day, duration or travel time. Leaves room for files in thousandths of a second.
MAX_TIME = 100_000_000
#: Largest single cost, so that no sum over a day leaves 64 bits.
MAX_COST = 1_000_000_000


def whole(value: object, path: str, low: int, high: int) -> None:
    """Refuse anything but a whole number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ProblemError("number.range", path, value=str(value), low=low, high=high)


def name(value: object, path: str) -> None:
    """Refuse anything but a text of at least one letter."""
    if not isinstance(value, str) or not value:
        raise ProblemError("name.type", path, value=str(value))


def names(values: Iterable[object], path: str) -> None:
    """Refuse anything but such texts."""
    for value in values:
        name(value, path)


def flag(value: object, path: str) -> None:
    """Refuse anything but true or false."""
    if not isinstance(value, bool):
        raise ProblemError("flag.type", path, value=str(value))


def costs(named: Mapping[str, int], path: str) -> None:
    """Refuse a cost that is not a whole number, or too large either way."""
    for name, cost in named.items():
        whole(cost, f"{path}[{name}]", -MAX_COST, MAX_COST)
