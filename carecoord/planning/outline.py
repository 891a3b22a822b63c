"""The visits of a draft, before they are tasks of a plan."""

from dataclasses import dataclass

from carecoord.model.plans import Window
from carecoord.model.staff import Level


@dataclass(frozen=True, slots=True)
class Outline:
    """One repeated visit that a programme asks for.

    items
        Numbers of the service items, in the order of doing.
    minutes
        Of the whole visit.
    frequency, period
        `frequency` visits in every `period` days.
    """

    group: str
    programme: str
    items: tuple[str, ...]
    level: Level
    minutes: int
    carers: int
    frequency: int
    period: int
    windows: tuple[Window, ...]


ROOM = 3_600
"""Seconds of starts that must be left to visits that are joined: with less, an arrival saved would
be a visit that nobody can make."""


def room(left: tuple[Window, ...], right: tuple[Window, ...]) -> bool:
    """Whether enough starts fit both, or all those of the narrower one."""
    both = sum(max(0, min(b, d) - max(a, c)) for a, b in left for c, d in right)
    narrower = min(sum(b - a for a, b in windows) for windows in (left, right))
    return overlap(left, right) and both >= min(ROOM, narrower)


def overlap(left: tuple[Window, ...], right: tuple[Window, ...]) -> bool:
    """Whether some start fits both."""
    return any(a <= d and c <= b for a, b in left for c, d in right)
