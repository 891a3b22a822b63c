"""What the judge notes while it reads one plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from solver.options import Weights
from solver.plan import Stop
from solver.types import Pin, Problem, Staff, Visit

__all__ = ["Desk", "Violation", "Walk", "lasts"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: the rule's name, a stable code and the values that show it."""

    rule: str
    code: str
    facts: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Walk:
    """What one route came to. Seconds, and metres.

    way, metres
        From leaving the start place to reaching the end place.
    duty
        Between leaving and coming home, breaks excluded; `idle` is what of it is neither way, nor
        access, nor service.
    """

    way: int
    metres: int
    duty: int
    idle: int


@dataclass(slots=True)
class Desk:
    """One plan being judged.

    made
        Per visit: each carer at it and their stop, in the order of the routes.
    walks
        Per route, in the order of the routes.
    """

    problem: Problem
    weights: Weights
    found: list[Violation] = field(default_factory=list)
    cost: Counter[str] = field(default_factory=Counter)
    visits: dict[str, Visit] = field(init=False)
    staff: dict[str, Staff] = field(init=False)
    pins: dict[str, Pin] = field(init=False)
    made: dict[str, list[tuple[str, Stop]]] = field(default_factory=dict)
    walks: list[Walk] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.visits = {v.id: v for v in self.problem.visits}
        self.staff = {s.id: s for s in self.problem.staff}
        self.pins = {p.visit: p for p in self.problem.pins}

    def blame(self, broken: str, code: str, **facts: str | int) -> None:
        """Note a broken rule."""
        self.found.append(Violation(broken, code, facts))


def lasts(visit: Visit, staff: Staff) -> int:
    """Seconds this carer takes for a visit."""
    if staff.id in visit.duration_by:
        return visit.duration_by[staff.id]
    able = [p.duration for p in visit.paces if staff.skills.get(p.skill, 0) >= p.level]
    return min(able, default=visit.duration)
