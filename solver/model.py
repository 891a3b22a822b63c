"""A problem as plain arrays, the way the search reads it. The judge never imports this.

Rows: visits as in `Problem.visits`; vehicles are the shifts of all staff, in order. A visit for n
carers has n places in n vehicles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.bounds import refuse_overflow
from solver.options import Weights
from solver.types import MAX_TIME, UNREACHABLE, Problem, Shift, Visit, Window

__all__ = ["FIRST", "Model", "build", "unserved_cost"]

#: In `Model.leader`: first stop of its route.
FIRST = -2

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Arrays of one problem.

    staff_of, shift_of
        Per vehicle: row of the carer and position of the shift.
    shifts, mode
        Per vehicle.
    place, duration, access, carers, penalty, group
        Per visit; group -1 for none. `duration` is the nominal one; `penalty` what leaving it out
        costs, `dropped` how much of that is a promise of the previous plan.
    long
        Shape (staff, visits): seconds each carer takes for each visit.
    apart
        Per visit: (other visit, gap) of those it may not overlap.
    hours
        Per carer: seconds of all shifts together.
    windows
        Per visit, a pinned start already put in place of the windows, and what links to other
        visits rule out already cut off.
    allowed
        Shape (visits, staff): skills, required, forbidden and pins.
    usable
        Shape (visits, vehicles): allowed, a window inside the shift, and reachable.
    affinity
        Shape (visits, staff): weighted continuity, preference and lost promises.
    leader
        Per visit: the row its order pin puts directly before it, FIRST for the first stop of a
        route, -1 for none.
    clusters
        Visits tied to each other by links, each in an order links allow; every visit is in one.
    """

    problem: Problem
    weights: Weights
    staff_of: Ints
    shift_of: Ints
    shifts: tuple[Shift, ...]
    mode: Ints
    place: Ints
    duration: Ints
    access: Ints
    carers: Ints
    penalty: Ints
    dropped: Ints
    group: Ints
    long: Ints
    apart: tuple[tuple[tuple[int, int], ...], ...]
    hours: Ints
    windows: tuple[tuple[Window, ...], ...]
    allowed: Bools
    usable: Bools
    affinity: Ints
    leader: Ints
    clusters: tuple[tuple[int, ...], ...]

    def lasts(self, vehicle: int, row: int) -> int:
        """Seconds the carer of a vehicle takes for a visit."""
        return int(self.long[self.staff_of[vehicle], row])

    def tied(self, cluster: Sequence[int]) -> bool:
        """Whether starts in this cluster tie several routes together."""
        row = cluster[0]
        return len(cluster) > 1 or int(self.carers[row]) > 1 or bool(self.apart[row])

    def fair_service(self) -> list[int]:
        """Per carer: a fair share of all nominal service, by length of shifts. Seconds."""
        asked = int((self.duration * self.carers).sum())
        return [asked * int(h) // max(1, int(self.hours.sum())) for h in self.hours]

    def fair_hard(self) -> list[int]:
        """Per carer: a fair share of the hard visits, rounded up."""
        asked = sum(v.carers for v in self.problem.visits if v.hard)
        return [-(-asked * int(h) // max(1, int(self.hours.sum()))) for h in self.hours]

    @property
    def promises(self) -> int:
        """Cost if no promised carer of the previous plan were kept."""
        problem = self.problem
        stops = [s for r in problem.previous for s in r.stops if problem.has_visit(s.visit)]
        return self.weights.change_carer * len(stops)


def unserved_cost(weights: Weights, visit: Visit) -> int:
    """Cost of leaving a visit out."""
    if visit.penalty is not None:
        return visit.penalty
    each = weights.unserved_mandatory if visit.mandatory else weights.unserved_optional
    due = 0 if visit.due is None else weights.unserved_due // (1 + visit.due)
    return each * (1 + visit.priority) + due


def build(problem: Problem, weights: Weights) -> Model:
    """Lay a problem out as arrays.

    Raises
    ------
    ProblemError
        ``cost.overflow``: its costs could leave the whole numbers of the search.
    """
    refuse_overflow(problem, weights)
    vehicles = [(s, k) for s, staff in enumerate(problem.staff) for k in range(len(staff.shifts))]
    shifts = tuple(problem.staff[s].shifts[k] for s, k in vehicles)
    pins = {pin.visit: pin for pin in problem.pins}
    windows = tuple(
        (Window(pin.start, pin.start),)
        if (pin := pins.get(v.id)) is not None and pin.start is not None
        else v.windows
        for v in problem.visits
    )
    windows = _within_links(problem, windows)
    allowed, long = _allowed(problem), _long(problem)
    promised = {stop.visit for route in problem.previous for stop in route.stops}
    dropped = _ints([weights.change_dropped * (v.id in promised) for v in problem.visits])
    staff_of = _ints([s for s, _ in vehicles])
    mode = _ints([problem.staff[s].mode for s, _ in vehicles])
    groups = {g: row for row, g in enumerate(sorted({v.group for v in problem.visits if v.group}))}
    return Model(
        problem=problem,
        weights=weights,
        staff_of=staff_of,
        shift_of=_ints([k for _, k in vehicles]),
        shifts=shifts,
        mode=mode,
        place=_ints([v.place for v in problem.visits]),
        duration=_ints([v.duration for v in problem.visits]),
        access=_ints([v.access for v in problem.visits]),
        carers=_ints([v.carers for v in problem.visits]),
        penalty=_ints([unserved_cost(weights, v) for v in problem.visits]) + dropped,
        dropped=dropped,
        group=_ints([groups.get(v.group or "", -1) for v in problem.visits]),
        long=long,
        apart=_apart(problem),
        hours=_ints([sum(s.end - s.start for s in staff.shifts) for staff in problem.staff]),
        windows=windows,
        allowed=allowed,
        usable=_usable(problem, windows, allowed, shifts, staff_of, mode, long),
        affinity=_affinity(problem, weights),
        leader=_leaders(problem),
        clusters=_clusters(problem),
    )


def _long(problem: Problem) -> Ints:
    nominal = [v.duration for v in problem.visits]
    out = np.tile(_ints(nominal), (len(problem.staff), 1)).reshape(len(problem.staff), len(nominal))
    for row, visit in enumerate(problem.visits):
        for pace in sorted(visit.paces, key=lambda p: -p.duration):
            for who, staff in enumerate(problem.staff):
                if staff.skills.get(pace.skill, 0) >= pace.level:
                    out[who, row] = pace.duration
        for name, seconds in visit.duration_by.items():
            if problem.has_staff(name):
                out[problem.staff_row(name), row] = seconds
    return out


def _apart(problem: Problem) -> tuple[tuple[tuple[int, int], ...], ...]:
    out: list[list[tuple[int, int]]] = [[] for _ in problem.visits]
    for pair in problem.apart:
        a, b = problem.visit_row(pair.first), problem.visit_row(pair.second)
        out[a].append((b, pair.gap))
        out[b].append((a, pair.gap))
    return tuple(tuple(pairs) for pairs in out)


def _within_links(
    problem: Problem, windows: tuple[tuple[Window, ...], ...]
) -> tuple[tuple[Window, ...], ...]:
    """Windows without the starts no partner's windows could ever answer."""
    out = list(windows)
    links = [
        (problem.visit_row(k.first), problem.visit_row(k.second), k.min_gap, k.max_gap)
        for k in problem.links
    ]
    # A chain of links passes its bounds on one link at a time.
    for _ in range(min(len(links), 8)):
        for first, second, low, high in links:
            a, b = out[first], out[second]
            least = b[0].earliest - high if high is not None else 0
            most = MAX_TIME if high is None else a[-1].latest + high
            out[first] = _cut(a, least, b[-1].latest - low)
            out[second] = _cut(b, a[0].earliest + low, most)
    return tuple(out)


def _cut(windows: tuple[Window, ...], low: int, high: int) -> tuple[Window, ...]:
    """The parts between two bounds; all of them when nothing would be left."""
    kept = tuple(
        Window(max(w.earliest, low), min(w.latest, high))
        for w in windows
        if max(w.earliest, low) <= min(w.latest, high)
    )
    return kept or windows


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _allowed(problem: Problem) -> Bools:
    pins = {pin.visit: pin for pin in problem.pins if pin.staff}
    out = np.zeros((len(problem.visits), len(problem.staff)), dtype=np.bool_)
    have: dict[tuple[str, int], Bools] = {}
    for row, visit in enumerate(problem.visits):
        if (pin := pins.get(visit.id)) is not None:
            for who in pin.staff:
                out[row, problem.staff_row(who)] = True
            continue
        fits = np.ones(len(problem.staff), dtype=np.bool_)
        for need in visit.skills.items():
            if need not in have:
                have[need] = np.array(
                    [s.skills.get(need[0], 0) >= need[1] for s in problem.staff], dtype=np.bool_
                )
            fits = fits & have[need]
        if visit.required:
            fits = fits & np.array([s.id in visit.required for s in problem.staff], dtype=np.bool_)
        if visit.forbidden:
            fits = fits & np.array(
                [s.id not in visit.forbidden for s in problem.staff], dtype=np.bool_
            )
        out[row] = fits
    return out


def _usable(
    problem: Problem,
    windows: tuple[tuple[Window, ...], ...],
    allowed: Bools,
    shifts: tuple[Shift, ...],
    staff_of: Ints,
    mode: Ints,
    long: Ints,
) -> Bools:
    """Whether a vehicle could make a visit if it had nothing else to do (breaks left out)."""
    count = len(problem.visits)
    place = np.array([v.place for v in problem.visits], dtype=np.int64)
    access = np.array([v.access for v in problem.visits], dtype=np.int64)
    out = np.zeros((count, len(shifts)), dtype=np.bool_)
    most = max((len(ws) for ws in windows), default=0)
    # Where a visit has fewer windows than another: one that nothing meets.
    low = np.zeros((count, most), dtype=np.int64)
    high = np.full((count, most), -1, dtype=np.int64)
    for row, ws in enumerate(windows):
        for k, window in enumerate(ws):
            low[row, k], high[row, k] = window.earliest, window.latest
    for vehicle, shift in enumerate(shifts):
        travel = problem.travel[int(mode[vehicle])]
        there = np.zeros(count, dtype=np.int64)
        back = np.zeros(count, dtype=np.int64)
        if shift.start_place is not None:
            there = travel[shift.start_place, place].astype(np.int64)
        if shift.end_place is not None:
            back = travel[place, shift.end_place].astype(np.int64)
        first = shift.start + there + access
        last = shift.latest_return - back - long[staff_of[vehicle]]
        meets = (np.maximum(low, first[:, None]) <= np.minimum(high, last[:, None])).any(axis=1)
        reach = (there < UNREACHABLE) & (back < UNREACHABLE)
        out[:, vehicle] = allowed[:, staff_of[vehicle]] & meets & reach
    return out


def _affinity(problem: Problem, weights: Weights) -> Ints:
    out = np.zeros((len(problem.visits), len(problem.staff)), dtype=np.int64)
    # Visits that wish alike often share one mapping.
    wishes: dict[int, Ints] = {}
    for row, visit in enumerate(problem.visits):
        out[row, :] = weights.continuity * visit.unfamiliar
        for who, cost in visit.continuity.items():
            if problem.has_staff(who):
                out[row, problem.staff_row(who)] = weights.continuity * cost
        if id(visit.preference) not in wishes:
            wish = np.zeros(len(problem.staff), dtype=np.int64)
            for who, cost in visit.preference.items():
                if problem.has_staff(who):
                    wish[problem.staff_row(who)] = weights.preference * cost
            wishes[id(visit.preference)] = wish
        out[row, :] += wishes[id(visit.preference)]
        if visit.area is not None:
            outside = [bool(s.areas) and visit.area not in s.areas for s in problem.staff]
            out[row, :] += weights.outside_area * np.array(outside, dtype=np.int64)
    for route in problem.previous:
        for stop in route.stops:
            if problem.has_visit(stop.visit) and problem.has_staff(route.staff):
                # A kept promise is worth what a lost one costs; the constant part never matters.
                row, who_row = problem.visit_row(stop.visit), problem.staff_row(route.staff)
                out[row, who_row] -= weights.change_carer
    return out


def _leaders(problem: Problem) -> Ints:
    out = np.full(len(problem.visits), -1, dtype=np.int64)
    for pin in problem.pins:
        if pin.first:
            out[problem.visit_row(pin.visit)] = FIRST
        elif pin.after is not None:
            out[problem.visit_row(pin.visit)] = problem.visit_row(pin.after)
    return out


def _clusters(problem: Problem) -> tuple[tuple[int, ...], ...]:
    count = len(problem.visits)
    root = list(range(count))

    def find(x: int) -> int:
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        return x

    before: list[set[int]] = [set() for _ in range(count)]
    for link in problem.links:
        a, b = problem.visit_row(link.first), problem.visit_row(link.second)
        root[find(a)] = find(b)
        before[b].add(a)
    linked = {problem.visit_row(end) for k in problem.links for end in (k.first, k.second)}
    for pin in problem.pins:
        if pin.after is None:
            continue
        a, b = problem.visit_row(pin.after), problem.visit_row(pin.visit)
        # Beside links an order pin would be a second tie; alone the pinned visit just follows.
        if a in linked or b in linked:
            root[find(a)] = find(b)
            before[b].add(a)
    members: dict[int, list[int]] = {}
    for row in range(count):
        members.setdefault(find(row), []).append(row)
    return tuple(tuple(_in_order(rows, before)) for rows in members.values())


def _in_order(rows: list[int], before: list[set[int]]) -> list[int]:
    done: list[int] = []
    left = list(rows)
    while left:
        ready = next(row for row in left if before[row] <= set(done))
        left.remove(ready)
        done.append(ready)
    return done
