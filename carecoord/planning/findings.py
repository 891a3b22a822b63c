"""What is wrong with the input of a day, where, and what would be right: the form of an answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from carecoord.errors import Fact
from carecoord.model import time
from carecoord.model.staff import Level
from carecoord.planning.dataset import Span, StaffData, VisitData

LEVELS = frozenset(level.value for level in Level)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to correct.

    severity
        `error`: something is left out of the plan, or a promise cannot be kept; `warning`: the
        plan is weaker for it, or will soon be.
    pointer
        JSON pointer into the dataset.
    code, facts
        The sentence; `dataset.right.…` with the same facts says what would be right.
    """

    severity: Literal["error", "warning"]
    code: str
    pointer: str
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def right(self) -> str:
        """Code of what would be right."""
        return f"dataset.right.{self.code.partition('.')[2]}"


def error(code: str, pointer: str, **facts: Fact) -> Finding:
    """Something that keeps a visit or a person out of the plan."""
    return Finding("error", code, pointer, facts)


def warning(code: str, pointer: str, **facts: Fact) -> Finding:
    """Something that makes the plan weaker."""
    return Finding("warning", code, pointer, facts)


def span(start: int, end: int) -> str:
    """From one time of the day to another, for people."""
    return f"{time.clock(start)}–{time.clock(end)}"


def possible(one: Span, limit: int) -> bool:
    """Whether a span is one, within the day or its night."""
    return 0 <= one.start <= one.end and one.end <= limit


def able(level: str, staff: Iterable[StaffData]) -> list[StaffData]:
    """Who may do visits of a level and has somewhere to start from."""
    return [one for one in staff if level in one.levels and one.base is not None]


def starts(visit: VisitData, one: StaffData) -> list[tuple[int, int]]:
    """When somebody could start a visit, the way not counted."""
    return [
        (max(window.start, shift.start), min(window.end, shift.end - visit.duration))
        for window in visit.windows
        for shift in one.shifts
        if max(window.start, shift.start) <= min(window.end, shift.end - visit.duration)
    ]
