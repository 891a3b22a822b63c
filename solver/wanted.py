"""What is asked of a day: visits, what ties them to each other, what must be kept. Seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from solver.errors import ProblemError
from solver.limits import MAX_COST, MAX_TIME, costs, flag, name, names, whole

__all__ = ["Apart", "Link", "Pace", "Pin", "Visit", "Window"]


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Closed interval in seconds: `earliest` <= t <= `latest`."""

    earliest: int
    latest: int

    def __post_init__(self) -> None:
        whole(self.earliest, "window.earliest", 0, MAX_TIME)
        whole(self.latest, "window.latest", 0, MAX_TIME)
        if self.earliest > self.latest:
            raise ProblemError("window.order", "window", earliest=self.earliest, latest=self.latest)


@dataclass(frozen=True, slots=True)
class Pace:
    """Whoever has at least this level of a skill takes `duration` seconds for a visit."""

    skill: str
    level: int
    duration: int

    def __post_init__(self) -> None:
        name(self.skill, "paces.skill")
        whole(self.level, f"paces[{self.skill}].level", 1, 100)
        whole(self.duration, f"paces[{self.skill}].duration", 1, MAX_TIME)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit that is wanted.

    id
        Unique among the visits.
    place
        Row of the travel matrices.
    duration
        Seconds at the bedside; travel and `access` excluded.
    paces, duration_by
        Seconds in place of `duration` for whoever has a skill (the shortest that applies), and for
        single staff ids, which count first. At a shared visit each carer stays their own time.
    windows
        Hard bounds on the start of service. Several may be given; they are sorted, apart from each
        other, and the start lies in one of them.
    preferred
        Soft bounds on the start inside the windows; each second before or after costs
        `Weights.early` or `Weights.late`.
    skills
        Skill name to lowest level, asked of every carer. The caller has already taken out staff
        skills whose licence ends before the service day.
    carers
        People who start together and stay for the whole duration.
    required, forbidden
        Staff ids: only these (when not empty), and none of those.
    continuity, unfamiliar
        Cost per staff id, and the cost of anyone not listed there.
    preference
        Cost (or, when negative, gain) per staff id on top; 0 for anyone not listed.
    mandatory, priority, penalty
        An unserved visit costs `penalty`, or if that is None what `Weights` says for `mandatory`
        and `priority` (0 lowest, 9 highest).
    due
        Of a visit that another day may still make: days left until the last one, 0 for today. Being
        left out costs `Weights.unserved_due` / (1 + `due`) more. None: nothing more.
    access
        Seconds between arriving at the place and starting: parking, gate, floors without a lift.
    group
        Visits of one group directly after each other by the same carer pay `access` once.
    goods
        Units to carry there (meals, oxygen, linen); a shift carries at most its `capacity`.
    area
        Name of a part of the street; carers whose `areas` lack it cost `Weights.outside_area`.
    hard
        Hard work, to be shared out: see `Weights.hard`.
    """

    id: str
    place: int
    duration: int
    windows: tuple[Window, ...]
    preferred: Window | None = None
    skills: Mapping[str, int] = field(default_factory=dict)
    carers: int = 1
    required: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    continuity: Mapping[str, int] = field(default_factory=dict)
    unfamiliar: int = 0
    preference: Mapping[str, int] = field(default_factory=dict)
    mandatory: bool = True
    priority: int = 0
    penalty: int | None = None
    access: int = 0
    group: str | None = None
    goods: int = 0
    paces: tuple[Pace, ...] = ()
    duration_by: Mapping[str, int] = field(default_factory=dict)
    due: int | None = None
    area: str | None = None
    hard: bool = False

    def __post_init__(self) -> None:
        me = f"visits[{self.id}]"
        if not self.id or not isinstance(self.id, str):
            raise ProblemError("visit.id", "visits", value=str(self.id))
        whole(self.place, f"{me}.place", 0, MAX_TIME)
        whole(self.duration, f"{me}.duration", 1, MAX_TIME)
        whole(self.carers, f"{me}.carers", 1, 4)
        whole(self.priority, f"{me}.priority", 0, 9)
        whole(self.access, f"{me}.access", 0, MAX_TIME)
        whole(self.goods, f"{me}.goods", 0, MAX_TIME)
        whole(self.unfamiliar, f"{me}.unfamiliar", -MAX_COST, MAX_COST)
        if self.penalty is not None:
            whole(self.penalty, f"{me}.penalty", 0, MAX_COST)
        if self.due is not None:
            whole(self.due, f"{me}.due", 0, 10_000)
        for who, long in self.duration_by.items():
            whole(long, f"{me}.duration_by[{who}]", 1, MAX_TIME)
        names(self.required, f"{me}.required")
        names(self.forbidden, f"{me}.forbidden")
        for part in ("group", "area"):
            if getattr(self, part) is not None:
                name(getattr(self, part), f"{me}.{part}")
        flag(self.mandatory, f"{me}.mandatory")
        flag(self.hard, f"{me}.hard")
        costs(self.continuity, f"{me}.continuity")
        costs(self.preference, f"{me}.preference")
        for skill, level in self.skills.items():
            whole(level, f"{me}.skills[{skill}]", 1, 100)
        if not self.windows:
            raise ProblemError("visit.windows", f"{me}.windows", value=0)
        for before, after in zip(self.windows, self.windows[1:], strict=False):
            if before.latest >= after.earliest:
                raise ProblemError(
                    "visit.windows_overlap",
                    f"{me}.windows",
                    latest=before.latest,
                    earliest=after.earliest,
                )


@dataclass(frozen=True, slots=True)
class Link:
    """Two visits that need each other: start(second) - start(first) in [min_gap, max_gap].

    max_gap
        None: no upper bound. `min_gap` = `max_gap` = 0 is a common start.
    carers
        ``same``: exactly the same people; ``different``: nobody in common; ``any``.
    Both are served, or neither is.
    """

    first: str
    second: str
    min_gap: int = 0
    max_gap: int | None = None
    carers: Literal["any", "same", "different"] = "any"

    def __post_init__(self) -> None:
        me = f"links[{self.first},{self.second}]"
        names((self.first, self.second), me)
        whole(self.min_gap, f"{me}.min_gap", 0, MAX_TIME)
        if self.max_gap is not None:
            whole(self.max_gap, f"{me}.max_gap", 0, MAX_TIME)
            if self.max_gap < self.min_gap:
                raise ProblemError("link.gap", me, min_gap=self.min_gap, max_gap=self.max_gap)
        if self.first == self.second:
            raise ProblemError("link.self", me, visit=self.first)
        if self.carers not in ("any", "same", "different"):
            raise ProblemError("link.carers", f"{me}.carers", value=str(self.carers))


@dataclass(frozen=True, slots=True)
class Apart:
    """Two visits that never overlap in time, whoever makes them, in whichever order.

    The later one starts at least `gap` seconds after the last carer of the earlier one is done.
    Either may be served without the other.
    """

    first: str
    second: str
    gap: int = 0

    def __post_init__(self) -> None:
        me = f"apart[{self.first},{self.second}]"
        names((self.first, self.second), me)
        whole(self.gap, f"{me}.gap", 0, MAX_TIME)
        if self.first == self.second:
            raise ProblemError("apart.self", me, visit=self.first)


@dataclass(frozen=True, slots=True)
class Pin:
    """What a new plan must keep of one visit; each part may be given without the others.

    staff
        Exactly these carers (as many as the visit's `carers`); empty: anybody.
    start
        Exactly this second, in place of the visit's windows; None: anytime in the windows.
    after
        On every route that has the visit, the stop directly before it is this other visit. If that
        is unserved, so is this one.
    first
        The visit is the first stop of every route that has it. Not together with `after`.
    A pinned carer is a fact already decided: skills and allowed staff are not asked again.
    """

    visit: str
    staff: tuple[str, ...] = ()
    start: int | None = None
    after: str | None = None
    first: bool = False

    def __post_init__(self) -> None:
        me = f"pins[{self.visit}]"
        names((self.visit, *self.staff), me)
        flag(self.first, f"{me}.first")
        if self.after is not None:
            name(self.after, f"{me}.after")
        if self.start is not None:
            whole(self.start, f"{me}.start", 0, MAX_TIME)
        if self.after is not None and (self.first or self.after == self.visit):
            raise ProblemError("pin.order", f"{me}.after", visit=self.visit, after=self.after)
