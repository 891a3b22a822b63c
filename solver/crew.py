"""Who works on a day: staff, their shifts and breaks. Seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from solver.errors import ProblemError
from solver.limits import MAX_COST, MAX_TIME, names, whole

__all__ = ["Break", "Shift", "Staff"]


@dataclass(frozen=True, slots=True)
class Break:
    """A pause of `duration` seconds that starts between `earliest` and `latest`.

    Fixed when both are equal. It lies between visits and may interrupt travel; when it falls
    before leaving the start place or after coming home it needs nothing.
    """

    earliest: int
    latest: int
    duration: int

    def __post_init__(self) -> None:
        whole(self.earliest, "break.earliest", 0, MAX_TIME)
        whole(self.latest, "break.latest", 0, MAX_TIME)
        whole(self.duration, "break.duration", 1, MAX_TIME)
        if self.earliest > self.latest:
            raise ProblemError("window.order", "break", earliest=self.earliest, latest=self.latest)


@dataclass(frozen=True, slots=True)
class Shift:
    """One stretch of work: leave not before `start`, be back by `end`.

    hard_end
        Latest return; seconds after `end` cost `Weights.overtime`. None: no overtime.
    start_place, end_place
        Rows of the travel matrices. None: the first visit is reached, or the last one left, free.
    breaks
        In order of time, each over before the next may start.
    capacity
        Most `goods` of all visits of the shift together; None: any.
    """

    start: int
    end: int
    start_place: int | None = None
    end_place: int | None = None
    hard_end: int | None = None
    breaks: tuple[Break, ...] = ()
    capacity: int | None = None

    def __post_init__(self) -> None:
        whole(self.start, "shift.start", 0, MAX_TIME)
        whole(self.end, "shift.end", 0, MAX_TIME)
        for place in (self.start_place, self.end_place):
            if place is not None:
                whole(place, "shift.place", 0, MAX_TIME)
        if self.start > self.end:
            raise ProblemError("shift.order", "shift", start=self.start, end=self.end)
        if self.hard_end is not None:
            whole(self.hard_end, "shift.hard_end", self.end, MAX_TIME)
        if self.capacity is not None:
            whole(self.capacity, "shift.capacity", 0, MAX_TIME)
        for before, after in zip(self.breaks, self.breaks[1:], strict=False):
            if before.latest + before.duration > after.earliest:
                raise ProblemError(
                    "shift.breaks_overlap",
                    "shift.breaks",
                    latest=before.latest + before.duration,
                    earliest=after.earliest,
                )

    @property
    def latest_return(self) -> int:
        """Second by which the carer must be at `end_place`."""
        return self.end if self.hard_end is None else self.hard_end


@dataclass(frozen=True, slots=True)
class Staff:
    """One carer.

    skills
        Skill name to level, valid on the whole service day.
    mode
        Index of the travel matrix.
    shifts
        In order of time and apart from each other. Empty: not at work.
    max_visits
        Visits over all shifts; None: any number.
    cost_use
        Cost when at least one visit is given to this carer.
    max_travel, max_leg
        Most seconds on the way over all shifts, and between two stops (or a stop and the start or
        end place); None: any.
    cost_hour, cost_km
        Cost of an hour between leaving and coming home (breaks excluded), and of a kilometre of
        `Problem.metres`; both by the route, rounded down.
    areas
        Parts of the street this carer belongs to; empty: all.
    """

    id: str
    shifts: tuple[Shift, ...]
    skills: Mapping[str, int] = field(default_factory=dict)
    mode: int = 0
    max_visits: int | None = None
    cost_use: int = 0
    max_travel: int | None = None
    max_leg: int | None = None
    cost_hour: int = 0
    cost_km: int = 0
    areas: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        me = f"staff[{self.id}]"
        if not self.id or not isinstance(self.id, str):
            raise ProblemError("staff.id", "staff", value=str(self.id))
        whole(self.mode, f"{me}.mode", 0, 99)
        whole(self.cost_use, f"{me}.cost_use", 0, MAX_COST)
        whole(self.cost_hour, f"{me}.cost_hour", 0, MAX_COST)
        whole(self.cost_km, f"{me}.cost_km", 0, MAX_COST)
        for name in ("max_visits", "max_travel", "max_leg"):
            if getattr(self, name) is not None:
                whole(getattr(self, name), f"{me}.{name}", 0, MAX_TIME)
        names(self.areas, f"{me}.areas")
        for name, level in self.skills.items():
            whole(level, f"{me}.skills[{name}]", 1, 100)
        for before, after in zip(self.shifts, self.shifts[1:], strict=False):
            if before.latest_return > after.start:
                raise ProblemError(
                    "staff.shifts_overlap",
                    f"{me}.shifts",
                    end=before.latest_return,
                    start=after.start,
                )
