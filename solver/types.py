"""One service day as the solver sees it: seconds, row numbers and names, nothing else.

All times are integer seconds on one axis (after 00:00 of the service day; a shift past midnight
simply goes beyond 86400). All costs are dimensionless integers; `solver.options.Weights` says what
a second is worth. Everything is frozen and refused with a `ProblemError` when impossible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from solver.errors import ProblemError
from solver.plan import Route

__all__ = [
    "MAX_COST",
    "MAX_TIME",
    "UNREACHABLE",
    "Break",
    "Link",
    "Pin",
    "Problem",
    "Shift",
    "Staff",
    "Visit",
    "Window",
]

#: In a travel matrix: there is no way from this row to this column.
UNREACHABLE = 1_000_000_000
#: Largest time of day, duration or travel time. Leaves room for files in thousandths of a second.
MAX_TIME = 100_000_000
#: Largest single cost, so that no sum over a day leaves 64 bits.
MAX_COST = 1_000_000_000


def _whole(value: object, path: str, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ProblemError("number.range", path, value=str(value), low=low, high=high)


def _costs(costs: Mapping[str, int], path: str) -> None:
    for name, cost in costs.items():
        _whole(cost, f"{path}[{name}]", -MAX_COST, MAX_COST)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Closed interval in seconds: `earliest` <= t <= `latest`."""

    earliest: int
    latest: int

    def __post_init__(self) -> None:
        _whole(self.earliest, "window.earliest", 0, MAX_TIME)
        _whole(self.latest, "window.latest", 0, MAX_TIME)
        if self.earliest > self.latest:
            raise ProblemError("window.order", "window", earliest=self.earliest, latest=self.latest)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit that is wanted.

    id
        Unique among the visits.
    place
        Row of the travel matrices.
    duration
        Seconds at the bedside; travel and `access` excluded.
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
    access
        Seconds between arriving at the place and starting: parking, gate, floors without a lift.
    group
        Visits of one group directly after each other by the same carer pay `access` once.
    goods
        Units to carry there (meals, oxygen, linen); a shift carries at most its `capacity`.
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

    def __post_init__(self) -> None:
        me = f"visits[{self.id}]"
        if not self.id or not isinstance(self.id, str):
            raise ProblemError("visit.id", "visits", value=str(self.id))
        _whole(self.place, f"{me}.place", 0, MAX_TIME)
        _whole(self.duration, f"{me}.duration", 1, MAX_TIME)
        _whole(self.carers, f"{me}.carers", 1, 4)
        _whole(self.priority, f"{me}.priority", 0, 9)
        _whole(self.access, f"{me}.access", 0, MAX_TIME)
        _whole(self.goods, f"{me}.goods", 0, MAX_TIME)
        _whole(self.unfamiliar, f"{me}.unfamiliar", -MAX_COST, MAX_COST)
        if self.penalty is not None:
            _whole(self.penalty, f"{me}.penalty", 0, MAX_COST)
        _costs(self.continuity, f"{me}.continuity")
        _costs(self.preference, f"{me}.preference")
        for name, level in self.skills.items():
            _whole(level, f"{me}.skills[{name}]", 1, 100)
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
class Break:
    """A pause of `duration` seconds that starts between `earliest` and `latest`.

    Fixed when both are equal. It lies between visits and may interrupt travel; when it falls
    before leaving the start place or after coming home it needs nothing.
    """

    earliest: int
    latest: int
    duration: int

    def __post_init__(self) -> None:
        _whole(self.earliest, "break.earliest", 0, MAX_TIME)
        _whole(self.latest, "break.latest", 0, MAX_TIME)
        _whole(self.duration, "break.duration", 1, MAX_TIME)
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
        _whole(self.start, "shift.start", 0, MAX_TIME)
        _whole(self.end, "shift.end", 0, MAX_TIME)
        if self.start > self.end:
            raise ProblemError("shift.order", "shift", start=self.start, end=self.end)
        if self.hard_end is not None:
            _whole(self.hard_end, "shift.hard_end", self.end, MAX_TIME)
        if self.capacity is not None:
            _whole(self.capacity, "shift.capacity", 0, MAX_TIME)
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
    """

    id: str
    shifts: tuple[Shift, ...]
    skills: Mapping[str, int] = field(default_factory=dict)
    mode: int = 0
    max_visits: int | None = None
    cost_use: int = 0

    def __post_init__(self) -> None:
        me = f"staff[{self.id}]"
        if not self.id or not isinstance(self.id, str):
            raise ProblemError("staff.id", "staff", value=str(self.id))
        _whole(self.mode, f"{me}.mode", 0, 99)
        _whole(self.cost_use, f"{me}.cost_use", 0, MAX_COST)
        if self.max_visits is not None:
            _whole(self.max_visits, f"{me}.max_visits", 0, MAX_TIME)
        for name, level in self.skills.items():
            _whole(level, f"{me}.skills[{name}]", 1, 100)
        for before, after in zip(self.shifts, self.shifts[1:], strict=False):
            if before.latest_return > after.start:
                raise ProblemError(
                    "staff.shifts_overlap",
                    f"{me}.shifts",
                    end=before.latest_return,
                    start=after.start,
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
        _whole(self.min_gap, f"{me}.min_gap", 0, MAX_TIME)
        if self.max_gap is not None:
            _whole(self.max_gap, f"{me}.max_gap", 0, MAX_TIME)
            if self.max_gap < self.min_gap:
                raise ProblemError("link.gap", me, min_gap=self.min_gap, max_gap=self.max_gap)
        if self.first == self.second:
            raise ProblemError("link.self", me, visit=self.first)
        if self.carers not in ("any", "same", "different"):
            raise ProblemError("link.carers", f"{me}.carers", value=str(self.carers))


@dataclass(frozen=True, slots=True)
class Pin:
    """What a new plan must keep of one visit.

    staff
        Exactly these carers (as many as the visit's `carers`); empty: anybody.
    start
        Exactly this second, in place of the visit's windows; None: anytime in the windows.
    A pinned carer is a fact already decided: skills and allowed staff are not asked again.
    """

    visit: str
    staff: tuple[str, ...] = ()
    start: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """One day to plan.

    travel
        One int32 matrix per mode, shape (places, places), row = from, seconds;
        `UNREACHABLE` where there is no way.
    previous
        Routes of the plan in force; differences cost what `Weights.change_*` say.
    """

    visits: tuple[Visit, ...]
    staff: tuple[Staff, ...]
    travel: tuple[npt.NDArray[np.int32], ...]
    links: tuple[Link, ...] = ()
    pins: tuple[Pin, ...] = ()
    previous: tuple[Route, ...] = ()
    _visit_row: dict[str, int] = field(init=False, repr=False)
    _staff_row: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "visits", tuple(self.visits))
        put(self, "staff", tuple(self.staff))
        put(self, "links", tuple(self.links))
        put(self, "pins", tuple(self.pins))
        put(self, "previous", tuple(self.previous))
        put(self, "travel", _matrices(self.travel))
        put(self, "_visit_row", _rows([v.id for v in self.visits], "visits"))
        put(self, "_staff_row", _rows([s.id for s in self.staff], "staff"))
        places = len(self.travel[0])
        for visit in self.visits:
            if visit.place >= places:
                raise ProblemError(
                    "visit.place", f"visits[{visit.id}].place", place=visit.place, places=places
                )
        self._check_staff(places)
        self._check_links()
        self._check_pins()

    def visit_row(self, id: str) -> int:  # noqa: A002
        """Position of a visit id in `visits`; KeyError when there is none."""
        return self._visit_row[id]

    def staff_row(self, id: str) -> int:  # noqa: A002
        """Position of a staff id in `staff`; KeyError when there is none."""
        return self._staff_row[id]

    def has_visit(self, id: str) -> bool:  # noqa: A002
        """Whether a visit of this id is asked for."""
        return id in self._visit_row

    def has_staff(self, id: str) -> bool:  # noqa: A002
        """Whether a carer of this id is known."""
        return id in self._staff_row

    def _check_staff(self, places: int) -> None:
        for staff in self.staff:
            if staff.mode >= len(self.travel):
                raise ProblemError(
                    "staff.mode",
                    f"staff[{staff.id}].mode",
                    mode=staff.mode,
                    modes=len(self.travel),
                )
            for shift in staff.shifts:
                for place in (shift.start_place, shift.end_place):
                    if place is not None and not 0 <= place < places:
                        raise ProblemError(
                            "staff.place", f"staff[{staff.id}].shifts", place=place, places=places
                        )

    def _check_links(self) -> None:
        after: dict[str, list[str]] = {}
        for link in self.links:
            for end in (link.first, link.second):
                if end not in self._visit_row:
                    raise ProblemError("link.visit", "links", visit=end)
            if link.carers == "same":
                a, b = (self.visits[self._visit_row[e]] for e in (link.first, link.second))
                if a.carers != b.carers:
                    raise ProblemError("link.same_carers", "links", first=a.carers, second=b.carers)
            after.setdefault(link.first, []).append(link.second)
        _refuse_cycles(after)

    def _check_pins(self) -> None:
        for pin in self.pins:
            if pin.visit not in self._visit_row:
                raise ProblemError("pin.visit", "pins", visit=pin.visit)
            asked = self.visits[self._visit_row[pin.visit]].carers
            if pin.staff and (len(pin.staff) != asked or len(set(pin.staff)) != asked):
                raise ProblemError(
                    "pin.carers", f"pins[{pin.visit}].staff", given=len(pin.staff), carers=asked
                )
            for person in pin.staff:
                if person not in self._staff_row:
                    raise ProblemError("pin.staff", f"pins[{pin.visit}].staff", staff=person)
            if pin.start is not None:
                _whole(pin.start, f"pins[{pin.visit}].start", 0, MAX_TIME)


def _rows(ids: Sequence[str], path: str) -> dict[str, int]:
    rows = {id_: row for row, id_ in enumerate(ids)}
    if len(rows) != len(ids):
        twice = next(id_ for row, id_ in enumerate(ids) if rows[id_] != row)
        raise ProblemError("id.twice", path, id=twice)
    return rows


def _matrices(given: Sequence[Any]) -> tuple[npt.NDArray[np.int32], ...]:
    if len(given) == 0:
        raise ProblemError("travel.none", "travel")
    done: list[npt.NDArray[np.int32]] = []
    for mode, one in enumerate(given):
        path = f"travel[{mode}]"
        raw = np.asarray(one)
        if raw.ndim != 2 or raw.shape[0] != raw.shape[1]:
            raise ProblemError("travel.shape", path, shape="x".join(map(str, raw.shape)))
        if raw.shape != (done[0].shape if done else raw.shape):
            raise ProblemError("travel.sizes", path, rows=raw.shape[0], expected=len(done[0]))
        if raw.dtype.kind not in "iu":
            raise ProblemError("travel.type", path, type=str(raw.dtype))
        bad = (raw < 0) | ((raw > MAX_TIME) & (raw != UNREACHABLE))
        if bad.any():
            row, column = (int(x) for x in np.argwhere(bad)[0])
            raise ProblemError(
                "travel.value", f"{path}[{row}][{column}]", value=int(raw[row, column])
            )
        matrix: npt.NDArray[np.int32] = np.array(raw, dtype=np.int32, order="C", copy=True)
        matrix.setflags(write=False)
        done.append(matrix)
    return tuple(done)


def _refuse_cycles(after: Mapping[str, list[str]]) -> None:
    """Order links must not lead back to where they began."""
    state: dict[str, int] = {}
    for root in after:
        stack = [(root, iter(after[root]))] if root not in state else []
        state.setdefault(root, 1)
        while stack:
            node, following = stack[-1]
            child = next(following, None)
            if child is None:
                state[node] = 2
                stack.pop()
            elif state.get(child) == 1:
                raise ProblemError("link.cycle", "links", visit=child)
            elif child not in state:
                state[child] = 1
                stack.append((child, iter(after.get(child, ()))))
