"""A plan under construction: orders of visits in vehicles, timed, with held starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from solver.model import FIRST, Model
from solver.timing import Timed, route_cost, schedule

__all__ = ["Plan", "Spot", "in_pinned_order"]


def in_pinned_order(model: Model, rows: Sequence[int]) -> list[int]:
    """Visits of one route without those whose order pin is not kept."""
    kept = list(rows)
    at = 0
    while at < len(kept):
        lead = int(model.leader[kept[at]])
        good = lead == -1 or (at == 0 if lead == FIRST else at > 0 and kept[at - 1] == lead)
        if good:
            at += 1
        else:
            del kept[at]
            at = 0
    return kept


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for one visit in one vehicle: the route it gives and its extra cost."""

    extra: int
    vehicle: int
    position: int
    timed: Timed


@dataclass(slots=True)
class Plan:
    """Routes by vehicle. Starts of visits shared or linked are held once chosen."""

    model: Model
    held: dict[int, int] = field(default_factory=dict)
    routes: dict[int, Timed] = field(default_factory=dict)
    costs: dict[int, int] = field(default_factory=dict)

    def order(self, vehicle: int) -> tuple[int, ...]:
        """Visits of a vehicle in order."""
        timed = self.routes.get(vehicle)
        return () if timed is None else timed.visits

    def served(self) -> set[int]:
        """Rows of visits in any route."""
        return {row for timed in self.routes.values() for row in timed.visits}

    def put(self, timed: Timed) -> None:
        """Set one vehicle's route."""
        if timed.visits:
            self.routes[timed.vehicle] = timed
            self.costs[timed.vehicle] = route_cost(self.model, timed)
        else:
            self.routes.pop(timed.vehicle, None)
            self.costs.pop(timed.vehicle, None)

    def drop(self, visit: int) -> None:
        """Take a visit out of every route and let its start go."""
        self.held.pop(visit, None)
        for vehicle in [v for v, t in self.routes.items() if visit in t.visits]:
            left = [row for row in self.routes[vehicle].visits if row != visit]
            left = in_pinned_order(self.model, left)
            timed = schedule(self.model, vehicle, left, self.held) if left else None
            if timed is None:
                # Empty, or the matrix breaks the triangle inequality: give the rest up too.
                self.routes.pop(vehicle)
                self.costs.pop(vehicle)
            else:
                self.put(timed)

    def kept_apart(self, row: int) -> list[tuple[int, int, int]]:
        """(start, end, gap) of the services a visit may not overlap."""
        out: list[tuple[int, int, int]] = []
        for other, gap in self.model.apart[row]:
            if other in self.held:
                ends = [
                    self.held[other] + self.model.lasts(v, other)
                    for v, timed in self.routes.items()
                    if other in timed.visits
                ]
                if ends:
                    out.append((self.held[other], max(ends), gap))
        return out

    def state(self) -> tuple[dict[int, int], dict[int, Timed], dict[int, int]]:
        """A copy to go back to with `restore`."""
        return dict(self.held), dict(self.routes), dict(self.costs)

    def restore(self, state: tuple[dict[int, int], dict[int, Timed], dict[int, int]]) -> None:
        """Go back to an earlier `state`."""
        self.held, self.routes, self.costs = state

    def spots(
        self,
        visit: int,
        vehicles: Sequence[int],
        *,
        start: int | None = None,
        extra: Mapping[int, int] | None = None,
    ) -> list[Spot]:
        """Cheapest spot in each vehicle that has one, cheapest first.

        start
            Hold the visit's start there.
        extra
            Cost per vehicle to add, for ordering only.
        """
        held = self.held if start is None else {**self.held, visit: start}
        found: list[Spot] = []
        for vehicle in vehicles:
            best = self._best(visit, vehicle, held)
            if best is not None:
                more = 0 if extra is None else extra.get(vehicle, 0)
                found.append(Spot(best.extra + more, vehicle, best.position, best.timed))
        return sorted(found, key=lambda s: (s.extra, s.vehicle))

    def _best(self, visit: int, vehicle: int, held: Mapping[int, int]) -> Spot | None:
        model, order = self.model, self.order(vehicle)
        if not model.usable[visit, vehicle] or not self._has_room(visit, vehicle):
            return None
        before, road = self.costs.get(vehicle, 0), self._road_left(vehicle)
        span = (
            (held[visit], held[visit])
            if visit in held
            else (model.windows[visit][0].earliest, model.windows[visit][-1].latest)
        )
        soonest = span[0] + model.lasts(vehicle, visit)
        best: Spot | None = None
        for position in self._positions(visit, order):
            if position > 0 and self._first(order[position - 1], held) > span[1]:
                break
            if position < len(order) and self._last(order[position], held) < soonest:
                continue
            timed = schedule(model, vehicle, (*order[:position], visit, *order[position:]), held)
            if timed is None or timed.way > road:
                continue
            extra = route_cost(model, timed) - before
            if best is None or extra < best.extra:
                best = Spot(extra, vehicle, position, timed)
        return best

    def _positions(self, visit: int, order: Sequence[int]) -> list[int]:
        """Where order pins let a visit go in."""
        leader = self.model.leader
        mine = int(leader[visit])
        open_ = [k for k in range(len(order) + 1) if k == len(order) or leader[order[k]] == -1]
        if mine == -1:
            return open_
        if mine == FIRST:
            return open_[:1] if 0 in open_ else []
        return [k for k in open_ if k > 0 and order[k - 1] == mine]

    def _first(self, visit: int, held: Mapping[int, int]) -> int:
        return held.get(visit, self.model.windows[visit][0].earliest)

    def _last(self, visit: int, held: Mapping[int, int]) -> int:
        return held.get(visit, self.model.windows[visit][-1].latest)

    def _has_room(self, visit: int, vehicle: int) -> bool:
        capacity = self.model.shifts[vehicle].capacity
        if capacity is not None:
            aboard = (*self.order(vehicle), visit)
            if sum(self.model.problem.visits[row].goods for row in aboard) > capacity:
                return False
        staff = int(self.model.staff_of[vehicle])
        most = self.model.problem.staff[staff].max_visits
        if most is None:
            return True
        return sum(len(t.visits) for t in self._day(staff)) < most

    def _day(self, staff: int) -> list[Timed]:
        """All routes of a carer."""
        return [t for v, t in self.routes.items() if int(self.model.staff_of[v]) == staff]

    def _road_left(self, vehicle: int) -> int:
        """Seconds of travel the carer's other routes leave for this one."""
        staff = int(self.model.staff_of[vehicle])
        most = self.model.problem.staff[staff].max_travel
        if most is None:
            return 1 << 60
        return most - sum(t.way for t in self._day(staff) if t.vehicle != vehicle)
