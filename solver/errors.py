"""What can be wrong with a problem, named so that a caller can translate it."""

from __future__ import annotations

__all__ = ["ProblemError"]


class ProblemError(ValueError):
    """A problem, option or file the solver refuses before any search.

    code
        Stable dotted name of the fault, e.g. ``visit.window``.
    field
        Path of the faulty value, e.g. ``visits[3].windows[0]``.
    facts
        The values that explain the fault.
    """

    def __init__(self, code: str, field: str, **facts: str | int) -> None:
        super().__init__(f"{code} at {field}: {facts}")
        self.code, self.field, self.facts = code, field, facts
