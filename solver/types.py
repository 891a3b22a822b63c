"""One service day as the solver sees it: seconds, row numbers and names, nothing else.

All times are integer seconds on one axis (after 00:00 of the service day; a shift past midnight
simply goes beyond 86400). All costs are dimensionless integers; `solver.options.Weights` says what
a second is worth. Everything is frozen and refused with a `ProblemError` when impossible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from solver.crew import Break, Shift, Staff
from solver.errors import ProblemError
from solver.limits import MAX_COST, MAX_TIME, UNREACHABLE
from solver.plan import Route
from solver.wanted import Apart, Link, Pace, Pin, Visit, Window

__all__ = [
    "MAX_COST",
    "MAX_TIME",
    "UNREACHABLE",
    "Apart",
    "Break",
    "Link",
    "Pace",
    "Pin",
    "Problem",
    "Shift",
    "Staff",
    "Visit",
    "Window",
]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """One day to plan.

    travel
        One int32 matrix per mode, shape (places, places), row = from, seconds;
        `UNREACHABLE` where there is no way.
    previous
        Routes of the plan in force; differences cost what `Weights.change_*` say.
    apart
        Pairs of visits that may not overlap.
    metres
        One int32 matrix per mode, shape (places, places), for carers with a `cost_km`; or empty.
    """

    visits: tuple[Visit, ...]
    staff: tuple[Staff, ...]
    travel: tuple[npt.NDArray[np.int32], ...]
    links: tuple[Link, ...] = ()
    pins: tuple[Pin, ...] = ()
    previous: tuple[Route, ...] = ()
    apart: tuple[Apart, ...] = ()
    metres: tuple[npt.NDArray[np.int32], ...] = ()
    _visit_row: dict[str, int] = field(init=False, repr=False)
    _staff_row: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "visits", tuple(self.visits))
        put(self, "staff", tuple(self.staff))
        put(self, "links", tuple(self.links))
        put(self, "pins", tuple(self.pins))
        put(self, "previous", tuple(self.previous))
        put(self, "apart", tuple(self.apart))
        put(self, "travel", _matrices(self.travel, "travel"))
        if self.metres:
            put(self, "metres", _matrices(self.metres, "metres"))
            if (len(self.metres), self.metres[0].shape) != (len(self.travel), self.travel[0].shape):
                raise ProblemError("metres.sizes", "metres", expected=len(self.travel[0]))
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
        for pair in self.apart:
            for end in (pair.first, pair.second):
                if end not in self._visit_row:
                    raise ProblemError("apart.visit", "apart", visit=end)
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
            if staff.cost_km and not self.metres:
                raise ProblemError("metres.none", f"staff[{staff.id}].cost_km", cost=staff.cost_km)
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
        _refuse_cycles(after, "link.cycle", "links")

    def _check_pins(self) -> None:
        told: set[str] = set()
        for pin in self.pins:
            if pin.visit not in self._visit_row:
                raise ProblemError("pin.visit", "pins", visit=pin.visit)
            if pin.visit in told:
                raise ProblemError("pin.twice", f"pins[{pin.visit}]", visit=pin.visit)
            told.add(pin.visit)
            asked = self.visits[self._visit_row[pin.visit]].carers
            if pin.staff and (len(pin.staff) != asked or len(set(pin.staff)) != asked):
                raise ProblemError(
                    "pin.carers", f"pins[{pin.visit}].staff", given=len(pin.staff), carers=asked
                )
            for person in pin.staff:
                if person not in self._staff_row:
                    raise ProblemError("pin.staff", f"pins[{pin.visit}].staff", staff=person)
        self._check_order()

    def _check_order(self) -> None:
        """Order pins name visits, never lead back, and ask no more carers than are before them."""
        following: dict[str, list[str]] = {}
        for pin in self.pins:
            if pin.after is None:
                continue
            if pin.after not in self._visit_row:
                raise ProblemError("pin.after", f"pins[{pin.visit}].after", visit=pin.after)
            following.setdefault(pin.after, []).append(pin.visit)
        for leader, visits in following.items():
            carers = self.visits[self._visit_row[leader]].carers
            asked = sum(self.visits[self._visit_row[v]].carers for v in visits)
            if asked > carers:
                raise ProblemError(
                    "pin.followers", f"pins[{visits[-1]}].after", visit=leader, carers=carers
                )
        # Starts never go back along a link either.
        for link in self.links if following else ():
            following.setdefault(link.first, []).append(link.second)
        _refuse_cycles(following, "pin.cycle", "pins")


def _rows(ids: Sequence[str], path: str) -> dict[str, int]:
    rows = {id_: row for row, id_ in enumerate(ids)}
    if len(rows) != len(ids):
        twice = next(id_ for row, id_ in enumerate(ids) if rows[id_] != row)
        raise ProblemError("id.twice", path, id=twice)
    return rows


def _matrices(given: Sequence[Any], name: str) -> tuple[npt.NDArray[np.int32], ...]:
    if len(given) == 0:
        raise ProblemError("travel.none", name)
    done: list[npt.NDArray[np.int32]] = []
    for mode, one in enumerate(given):
        path = f"{name}[{mode}]"
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


def _refuse_cycles(after: Mapping[str, list[str]], code: str, path: str) -> None:
    """What comes after what must not lead back to where it began."""
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
                raise ProblemError(code, path, visit=child)
            elif child not in state:
                state[child] = 1
                stack.append((child, iter(after.get(child, ()))))
