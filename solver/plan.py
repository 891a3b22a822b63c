"""A plan for one day: who calls where and when, and what stayed unserved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Pause", "Route", "Solution", "Stop", "Unserved"]


@dataclass(frozen=True, slots=True)
class Stop:
    """One carer at one visit. Seconds.

    arrival
        At the place, before the visit's access time.
    start, end
        Of the service; `end` = `start` + the visit's duration.
    """

    visit: str
    arrival: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pause:
    """A break as planned; `index` is its position in the shift's `breaks`."""

    index: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Route:
    """One shift of one carer with at least one stop.

    shift
        Position in the carer's `shifts`.
    departure, finish
        Leaving the start place and reaching the end place. Seconds.
    """

    staff: str
    shift: int
    departure: int
    finish: int
    stops: tuple[Stop, ...]
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class Unserved:
    """A visit nobody makes, and why.

    reason
        ``no_staff`` nobody is at work; ``no_skill`` nobody at work has the skills (or enough
        people); ``not_allowed`` the allowed staff are not at work; ``no_window`` no shift of a
        suitable carer meets a window; ``unreachable`` no way for a suitable carer;
        ``no_capacity`` possible alone, but not together with the rest of the plan;
        ``linked`` the visit it is linked to is not served.
    facts
        Numbers and names for the sentence, e.g. ``{"skill": "wound_care", "suitable": 0}``.
    """

    visit: str
    reason: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Solution:
    """Routes, what is unserved, and what it costs.

    cost
        Rule name to cost; the total is their sum. Same names and values as `solver.check`.
    stats
        ``rounds``, ``seconds_milli`` (wall clock), ``cpu_milli``, ``peak_kb`` (of the largest
        process), ``seed``; with several processes ``processes`` and ``lost`` (those that died);
        ``fallback`` 1 where OR-Tools planned because compiled code cannot run.
        Never part of a comparison between two plans.
    problem_hash
        SHA-256 of the problem in `solver.codec`'s canonical form.
    """

    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...]
    cost: Mapping[str, int]
    stats: Mapping[str, int] = field(default_factory=dict)
    problem_hash: str = ""

    @property
    def total(self) -> int:
        """Sum of the cost of all rules."""
        return sum(self.cost.values())
