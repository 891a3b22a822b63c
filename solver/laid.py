"""A plan laid out as curves of cost, so that many questions about new visits can be answered.

Orders and carers stand; times are free inside the rules, except agreed starts of visits that are
shared, linked or kept apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from solver.kernels.arrays import (
    BIG,
    BREAK,
    BREAK_END,
    FAR,
    I8,
    PROMISED,
    WINDOW,
    WINDOW_END,
    WISH_HIGH,
    WISH_LOW,
    Fixed,
    fixed_of,
)
from solver.kernels.gaps import Laid, behind_order, lay_out, read
from solver.model import Model
from solver.plan import Route, Solution
from solver.routes import in_pinned_order
from solver.timing import Timed, metres_of, on_duty, route_cost, timed_from, ways_of

__all__ = ["Standing", "orders_of"]

#: Rows of the tables in which curves of one route are made.
_ROOM = 1 << 15


def orders_of(model: Model, solution: Solution) -> tuple[dict[int, int], dict[int, Route]]:
    """Agreed starts of shared, linked and parted visits, and the route of each vehicle."""
    problem = model.problem
    tied = {row for c in model.clusters if model.tied(c) for row in c}
    vehicles = {
        (problem.staff[int(s)].id, int(k)): v
        for v, (s, k) in enumerate(zip(model.staff_of, model.shift_of, strict=True))
    }
    held: dict[int, int] = {}
    routes: dict[int, Route] = {}
    for route in solution.routes:
        for stop in route.stops:
            if problem.has_visit(stop.visit) and (row := problem.visit_row(stop.visit)) in tied:
                held[row] = stop.start
        vehicle = vehicles.get((route.staff, route.shift))
        if vehicle is not None:
            routes[vehicle] = route
    return held, routes


@dataclass(frozen=True, slots=True)
class Work:
    """Room in which curves are made, shared by all questions."""

    curves: I8
    behind: I8
    exact: I8
    wide: I8

    @classmethod
    def new(cls) -> Work:
        """Fresh room."""
        one = np.empty((_ROOM, 4), dtype=np.int64)
        return cls(
            np.empty((8, 4096, 4), dtype=np.int64), one, np.empty_like(one), np.empty_like(one)
        )


class Standing:
    """The routes of a plan as they stand, each timed, priced and laid out.

    now
        The timing of each route that has stops: as given, or anew where the given times cannot be.
    offset
        Per vehicle: what does not depend on time, less what the route costs now.
    """

    def __init__(self, model: Model, solution: Solution) -> None:
        self.model = model
        self.fixed: Fixed = fixed_of(model, near=False)
        self.work = Work.new()
        held, given = orders_of(model, solution)
        self.held: I8 = np.full(len(model.place), -1, dtype=np.int64)
        for row, start in held.items():
            self.held[row] = start
        self.now: dict[int, Timed] = {}
        for vehicle, route in sorted(given.items()):
            timed = self._as_given(vehicle, route)
            if timed is not None:
                self.now[vehicle] = timed
        self.served = {row for timed in self.now.values() for row in timed.visits}
        self.offset: I8 = np.zeros(len(model.shifts), dtype=np.int64)
        for vehicle, timed in self.now.items():
            self.offset[vehicle] = self._fixed_cost(timed) - self.cost(timed)
        self.laid = self._lay_out()

    def order(self, vehicle: int) -> tuple[int, ...]:
        """Visits of a vehicle."""
        return self.now[vehicle].visits if vehicle in self.now else ()

    def timed(
        self,
        vehicle: int,
        rows: Sequence[int],
        windows: Mapping[int, I8],
        costs: Mapping[int, bool],
    ) -> Timed | None:
        """The least-cost times of an order; None: impossible.

        windows, costs
            Of new visits: the starts to choose from, and whether the start costs here.
        """
        f = self.fixed
        visit, parts = f.visit.copy(), [f.window]
        size = len(f.window)
        for row, mine in windows.items():
            visit[row, WINDOW], visit[row, WINDOW_END] = size, size + len(mine)
            if not costs[row]:
                visit[row, WISH_LOW], visit[row, WISH_HIGH], visit[row, PROMISED] = 0, FAR, -1
            parts.append(mine)
            size += len(mine)
        return self._best(vehicle, rows, f._replace(visit=visit, window=np.concatenate(parts)))

    def cost(self, timed: Timed) -> int:
        """What a route costs by itself; agreed starts cost nothing more."""
        cost = route_cost(self.model, timed)
        weights = self.model.weights
        for row, start in zip(timed.visits, timed.starts, strict=True):
            if self.held[row] >= 0:
                wish = self.model.problem.visits[row].preferred
                if wish is not None:
                    cost -= weights.late * max(0, start - wish.latest)
                    cost -= weights.early * max(0, wish.earliest - start)
            elif (told := int(self.fixed.visit[row, PROMISED])) >= 0:
                cost += weights.change_start * abs(start - told)
        return cost

    def _fixed_cost(self, timed: Timed) -> int:
        """The part of `cost` that no timing of the order changes, without kilometres."""
        model, staff = self.model, int(self.model.staff_of[timed.vehicle])
        duty, idle = on_duty(model, timed)
        likes = sum(int(model.affinity[row, staff]) for row in timed.visits)
        return model.weights.travel * timed.way + likes - model.weights.waiting * (duty - idle)

    def _as_given(self, vehicle: int, route: Route) -> Timed | None:
        """The route with its own times when they can be, else with the best; last stops may go."""
        model, problem = self.model, self.model.problem
        known = [s for s in route.stops if problem.has_visit(s.visit)]
        rows = in_pinned_order(model, [problem.visit_row(s.visit) for s in known])
        best = None
        while rows and (best := self._best(vehicle, rows, self.fixed)) is None:
            rows.pop()
        if best is None:
            return None
        if len(rows) < len(route.stops):
            return best
        given = Timed(
            vehicle=vehicle,
            visits=tuple(rows),
            starts=tuple(s.start for s in route.stops),
            arrivals=tuple(s.arrival for s in route.stops),
            pauses=tuple((p.index, p.start) for p in route.pauses),
            departure=route.departure,
            finish=route.finish,
            way=best.way,
        )
        if route.finish < route.stops[-1].end and not route.pauses:
            # Whoever names only orders and starts leaves the ends open.
            given = timed_from(model, vehicle, rows, given.starts, [])
        # Nothing costs less than the best times: what does was never timed.
        complete = len(route.pauses) == len(model.shifts[vehicle].breaks)
        return given if complete and self.cost(given) >= self.cost(best) else best

    def _best(self, vehicle: int, rows: Sequence[int], f: Fixed) -> Timed | None:
        work = self.work
        if ways_of(self.model, vehicle, rows) is None:
            return None
        order = np.array(rows, dtype=np.int64)
        count = int(f.vehicle[vehicle, BREAK_END] - f.vehicle[vehicle, BREAK])
        behind_at = np.zeros((len(order) + 1, count + 1, 2), dtype=np.int64)
        exact_at = np.zeros_like(behind_at)
        behind_order(
            f, self.held, vehicle, order, work.behind, behind_at, work.exact, exact_at, work.curves
        )
        starts = np.zeros(len(order), dtype=np.int64)
        pauses = np.zeros((count, 2), dtype=np.int64)
        leave, value = read(
            f,
            vehicle,
            order,
            work.behind,
            behind_at,
            work.exact,
            exact_at,
            starts,
            pauses,
            work.curves,
        )
        if value >= BIG:
            return None
        gaps = [(int(begin), int(gap)) for begin, gap in pauses]
        return timed_from(self.model, vehicle, rows, starts.tolist(), gaps, int(leave))

    def _lay_out(self) -> Laid:
        f, work = self.fixed, self.work
        most = max((len(s.breaks) for s in self.model.shifts), default=0) + 1
        ahead, behind, ahead_at, behind_at, stops = [], [], [], [], []
        spare = np.zeros((_ROOM // 4, most, 2), dtype=np.int64)
        exact_at = np.zeros_like(spare)
        used = [0, 0]
        for vehicle in range(len(self.model.shifts)):
            order = np.array(self.order(vehicle), dtype=np.int64)
            stops.append(order)
            size = len(order) + 1
            at = np.zeros((size, most, 2), dtype=np.int64)
            n = lay_out(f, self.held, vehicle, order, work.wide, at, work.curves)
            ahead.append(work.wide[:n].copy())
            at[:, :, 0] += used[0]
            ahead_at.append(at)
            at = np.zeros((size, most, 2), dtype=np.int64)
            m = behind_order(
                f, self.held, vehicle, order, work.behind, at, work.exact, exact_at, work.curves
            )
            behind.append(work.behind[:m].copy())
            at[:, :, 0] += used[1]
            behind_at.append(at)
            used[0] += n
            used[1] += m
        sizes = [len(order) for order in stops]
        metres = np.zeros(len(stops), dtype=np.int64)
        for vehicle, timed in self.now.items():
            metres[vehicle] = metres_of(self.model, timed)
        return Laid(
            stop=_joined(stops, 0),
            stop_at=np.cumsum([0, *sizes]).astype(np.int64),
            gap_at=np.cumsum([0, *(n + 1 for n in sizes)]).astype(np.int64),
            ahead=_joined(ahead, 4),
            ahead_at=_joined(ahead_at, most),
            behind=_joined(behind, 4),
            behind_at=_joined(behind_at, most),
            held=self.held,
            metres=metres,
        )


def _joined(parts: list[I8], columns: int) -> I8:
    """Tables one below the other; an empty day has tables without rows."""
    if parts:
        return np.concatenate(parts)
    if columns == 0:
        return np.zeros(0, dtype=np.int64)
    shape = (0, 4) if columns == 4 else (0, columns, 2)
    return np.zeros(shape, dtype=np.int64)
