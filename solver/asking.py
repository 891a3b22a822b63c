"""The cheapest place of one visit in routes laid out as curves: one carer, or a crew together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from solver.insertion import Offer, Placed
from solver.kernels.arrays import BIG, I8, PROMISED
from solver.kernels.gaps import in_place, rate_of, start_values, survey
from solver.laid import Standing
from solver.model import Model
from solver.plan import Solution
from solver.price import price
from solver.timing import Timed, to_route, ways_of

__all__ = ["Asked", "Curves", "Desk"]

_LAST = 1 << 40


@dataclass(frozen=True, slots=True)
class Asked:
    """One visit as it is asked for.

    windows
        Its own without what links to visits in the plan rule out.
    vehicles
        Shifts it may go to.
    held
        Its start is agreed between several routes: chosen first, then kept.
    """

    row: int
    need: int
    windows: tuple[tuple[int, int], ...]
    vehicles: tuple[int, ...]
    busy: tuple[tuple[int, int, int], ...]
    held: bool


@dataclass(frozen=True, slots=True)
class Curves:
    """Per vehicle the least change of cost by start, scaled; own start costs apart if shared."""

    rows: I8
    at: I8
    vehicles: tuple[int, ...]


class Desk:
    """Answers questions about one plan."""

    def __init__(self, model: Model, solution: Solution) -> None:
        self.stand = Standing(model, solution)
        self._ready(model)

    def _ready(self, model: Model) -> None:
        self.model = model
        self.served = self.stand.served
        vehicles = len(model.shifts)
        self.steps = np.empty((2, 4096, 4), dtype=np.int64)
        self.scale = [rate_of(self.stand.fixed, v)[0] for v in range(vehicles)]
        self._crew: dict[int, set[int]] = {}
        self._count = np.zeros(len(model.problem.staff), dtype=np.int64)
        self._work = np.zeros_like(self._count)
        self._heavy = np.zeros_like(self._count)
        self._way = np.zeros_like(self._count)
        for vehicle, timed in self.stand.now.items():
            staff = int(model.staff_of[vehicle])
            self._way[staff] += timed.way
            for row in timed.visits:
                self._crew.setdefault(row, set()).add(staff)
                self._count[staff] += 1
                self._work[staff] += model.long[staff, row]
                self._heavy[staff] += model.problem.visits[row].hard
        self.promises = np.zeros(len(model.place), dtype=np.int64)
        for route in model.problem.previous:
            for stop in route.stops:
                if model.problem.has_visit(stop.visit):
                    self.promises[model.problem.visit_row(stop.visit)] += 1
        self.promises *= model.weights.change_carer
        self._tied = {row for c in model.clusters if model.tied(c) for row in c}
        self._fair = model.fair_service(), model.fair_hard()

    def told(self, row: int) -> int:
        """Start promised by the plan in force, or -1."""
        return int(self.stand.fixed.visit[row, PROMISED])

    def made(self, staff: int) -> int:
        """Visits a carer makes now."""
        return int(self._count[staff])

    def also(self, model: Model, solution: Solution) -> Desk:
        """The same plan under a problem with more visits."""
        return Desk(model, solution)

    # ---- what is asked ----

    def asked(self, row: int, among: Sequence[int] = ()) -> Asked:
        """A visit with what visits in the plan leave of its times and carers."""
        model = self.model
        low, high, barred, only = self._bounds(row)
        windows = tuple(
            (max(w.earliest, low), min(w.latest, high))
            for w in model.windows[row]
            if max(w.earliest, low) <= min(w.latest, high)
        )
        lead = int(model.leader[row])
        crew = None if lead < 0 or lead in among else self._crew.get(lead, set())
        vehicles = []
        # Not `usable`: between other stops a visit may be in reach that is not so alone.
        for v in np.flatnonzero(model.allowed[row, model.staff_of]).tolist():
            staff = int(model.staff_of[v])
            if staff in barred or (only is not None and staff not in only):
                continue
            if (crew is None or staff in crew) and self.room(v, (row,)):
                vehicles.append(v)
        return Asked(
            row=row,
            need=int(model.carers[row]),
            windows=windows,
            vehicles=tuple(vehicles),
            busy=self._busy(row),
            held=row in self._tied,
        )

    def _bounds(self, row: int) -> tuple[int, int, set[int], set[int] | None]:
        """What links to visits in the plan leave: starts, carers barred, the only carers."""
        problem = self.model.problem
        low, high = 0, _LAST
        barred: set[int] = set()
        only: set[int] | None = None
        for link in problem.links:
            first, second = problem.visit_row(link.first), problem.visit_row(link.second)
            other = second if row == first else first
            if row not in (first, second) or other not in self._crew:
                continue
            at = int(self.stand.held[other])
            if row == second:
                low = max(low, at + link.min_gap)
                high = high if link.max_gap is None else min(high, at + link.max_gap)
            else:
                high = min(high, at - link.min_gap)
                low = low if link.max_gap is None else max(low, at - link.max_gap)
            if link.carers == "same":
                only = self._crew[other] if only is None else only & self._crew[other]
            elif link.carers == "different":
                barred |= self._crew[other]
        return low, high, barred, only

    def _busy(self, row: int) -> tuple[tuple[int, int, int], ...]:
        """(start, end, gap) of services of the plan that this one may not overlap."""
        model = self.model
        out = []
        for other, gap in model.apart[row]:
            if other in self._crew:
                begin = int(self.stand.held[other])
                end = begin + max(int(model.long[s, other]) for s in self._crew[other])
                out.append((begin, end, gap))
        return tuple(out)

    def room(self, vehicle: int, rows: Sequence[int]) -> bool:
        """Whether goods and the most visits of a carer leave room for visits in one shift."""
        model, problem = self.model, self.model.problem
        capacity = model.shifts[vehicle].capacity
        if capacity is not None:
            aboard = (*self.stand.order(vehicle), *rows)
            if sum(problem.visits[r].goods for r in aboard) > capacity:
                return False
        staff = int(model.staff_of[vehicle])
        most = problem.staff[staff].max_visits
        return most is None or int(self._count[staff]) + len(rows) <= most

    def road(self, vehicle: int) -> int:
        """Seconds of travel that a carer may still take on."""
        staff = int(self.model.staff_of[vehicle])
        most = self.model.problem.staff[staff].max_travel
        return _LAST if most is None else most - int(self._way[staff])

    def fair(self, staff: int, rows: Sequence[int]) -> int:
        """What visits add to a carer's cost of use, of service and hard work above a fair share."""
        model, w = self.model, self.model.weights
        used = bool(self._count[staff])
        cost = 0 if used else model.problem.staff[staff].cost_use
        if w.load:
            share = self._fair[0][staff]
            now, more = int(self._work[staff]), sum(int(model.long[staff, r]) for r in rows)
            cost += w.load * (max(0, now + more - share) - max(0, now - share) * used)
        if w.hard:
            share = self._fair[1][staff]
            now, more = int(self._heavy[staff]), sum(model.problem.visits[r].hard for r in rows)
            cost += w.hard * (max(0, now + more - share) - max(0, now - share) * used)
        return cost

    def open_windows(self, asked: Asked, vehicle: int) -> I8:
        """Starts of a visit in one vehicle, away from what it is kept apart from."""
        long = self.model.lasts(vehicle, asked.row)
        parts = list(asked.windows)
        for begin, end, gap in asked.busy:
            low, high = begin - gap - long, end + gap
            parts = [
                (a, b)
                for first, last in parts
                for a, b in ((first, min(last, low)), (max(first, high), last))
                if a <= b
            ]
        return np.array(sorted(set(parts)), dtype=np.int64).reshape(len(set(parts)), 2)

    # ---- one visit ----

    def curves(self, asked: Asked) -> Curves:
        """What each vehicle would ask for the visit, by start."""
        model, stand = self.model, self.stand
        alike: dict[int, list[int]] = {}
        for v in asked.vehicles:
            alike.setdefault(model.lasts(v, asked.row) if asked.busy else 0, []).append(v)
        at = np.zeros((len(model.shifts), 2), dtype=np.int64)
        offset, road = stand.offset.copy(), np.zeros_like(stand.offset)
        for v in asked.vehicles:
            offset[v] += self.fair(int(model.staff_of[v]), (asked.row,))
            road[v] = self.road(v)
        used, out = 0, stand.work.wide
        for vehicles in alike.values():
            used += survey(
                stand.fixed,
                stand.laid,
                asked.row,
                self.open_windows(asked, vehicles[0]),
                asked.need == 1,
                np.array(vehicles, dtype=np.int64),
                offset,
                road,
                out[used:],
                at,
                used,
                stand.work.curves,
            )
        return Curves(out[:used].copy(), at, asked.vehicles)

    def one(self, row: int, top: int) -> tuple[Offer, ...]:
        """The cheapest ways to take one visit in, one per crew."""
        asked = self.asked(row)
        if len({int(self.model.staff_of[v]) for v in asked.vehicles}) < asked.need:
            return ()
        curves = self.curves(asked)
        ways = self.cheapest(curves) if asked.need == 1 else self._together(asked, curves, top)
        offers: list[Offer] = []
        for _, start, vehicles in sorted(ways)[:top]:
            only = np.array([[start, start]], dtype=np.int64)
            routes = [self.routed((v, (row,), ()), {row: only}, {row: False}) for v in vehicles]
            staff = tuple(
                self.model.problem.staff[int(self.model.staff_of[v])].id for v in vehicles
            )
            at = next(
                s for t in routes for r, s in zip(t.visits, t.starts, strict=True) if r == row
            )
            cost = self.change(routes, (row,))
            offers.append(Offer(staff, at, cost, tuple(to_route(self.model, t) for t in routes)))
        return tuple(offers)

    def cheapest(self, curves: Curves) -> list[tuple[int, int, tuple[int, ...]]]:
        """(cost, start, vehicle) of each carer's cheapest place."""
        best: dict[int, tuple[int, int, tuple[int, ...]]] = {}
        for v in curves.vehicles:
            first, count = (int(x) for x in curves.at[v])
            if count == 0:
                continue
            part = curves.rows[first : first + count]
            steps = np.where(part[:, 3] < 0, part[:, 1] - part[:, 0], 0)
            values = (part[:, 2] + part[:, 3] * steps) // self.scale[v]
            k = int(np.argmin(values))
            found = (int(values[k]), int(part[k, 0] + steps[k]), (v,))
            staff = int(self.model.staff_of[v])
            best[staff] = min(best.get(staff, found), found)
        return list(best.values())

    def _together(
        self, asked: Asked, curves: Curves, top: int
    ) -> list[tuple[int, int, tuple[int, ...]]]:
        """(cost, common start, vehicles) of the cheapest crews.

        Between two neighbouring ends of pieces the cost of every crew is a straight line, so the
        least lies at an end. Only hours paid by the second are rounded in between; where two of a
        crew are paid so, every second is looked at.
        """
        times = np.unique(curves.rows[:, :2])
        times = times[(times >= 0) & (times < _LAST)]
        cost, chosen = self.by_staff(curves, times)
        own = start_values(self.stand.fixed, asked.row, times)
        found: dict[tuple[int, ...], tuple[int, int, tuple[int, ...]]] = {}
        slack = asked.need
        for staff, k, value in _crews(cost, own, asked.need, top, slack):
            vehicles = tuple(int(chosen[s, k]) for s in staff)
            paid = sum(self.scale[v] > 1 for s in staff for v in self._mine(s, curves))
            best = (value, int(times[k]), vehicles)
            if paid > 1:
                best = self._every_second(asked, curves, staff)
            found[staff] = min(found.get(staff, best), best)
        return sorted(found.values())[:top]

    def _mine(self, staff: int, curves: Curves) -> Iterator[int]:
        return (v for v in curves.vehicles if int(self.model.staff_of[v]) == staff)

    def _every_second(
        self, asked: Asked, curves: Curves, staff: tuple[int, ...]
    ) -> tuple[int, int, tuple[int, ...]]:
        times = np.concatenate([np.arange(a, b + 1) for a, b in asked.windows])
        only = Curves(
            curves.rows, curves.at, tuple(v for s in staff for v in self._mine(s, curves))
        )
        cost, chosen = self.by_staff(only, times)
        total = cost[list(staff)].sum(axis=0) + start_values(self.stand.fixed, asked.row, times)
        k = int(np.argmin(total))
        return int(total[k]), int(times[k]), tuple(int(chosen[s, k]) for s in staff)

    def by_staff(self, curves: Curves, times: I8) -> tuple[I8, I8]:
        """Cost of each carer at each start, and the vehicle it is for; shape (staff, times)."""
        count = len(self.model.problem.staff)
        cost = np.full((count, len(times)), BIG, dtype=np.int64)
        chosen = np.full((count, len(times)), -1, dtype=np.int64)
        for v in curves.vehicles:
            first, n = (int(x) for x in curves.at[v])
            if n == 0:
                continue
            part = curves.rows[first : first + n]
            k = np.searchsorted(part[:, 0], times, side="right") - 1
            inside = (k >= 0) & (times <= part[np.maximum(k, 0), 1])
            k = np.maximum(k, 0)
            values = (part[k, 2] + part[k, 3] * (times - part[k, 0])) // self.scale[v]
            staff = int(self.model.staff_of[v])
            better = inside & (values < cost[staff])
            cost[staff][better] = values[better]
            chosen[staff][better] = v
        return cost, chosen

    def series(self, rows: Sequence[int], top: int) -> tuple[Placed, ...]:
        """The cheapest ways to take several visits in."""
        from solver.several import several

        problem = self.model.problem
        out: list[Placed] = []
        for one, routes in several(self, rows, top):
            at = {r: s for t in routes for r, s in zip(t.visits, t.starts, strict=True)}
            out.append(
                Placed(
                    visits=tuple(problem.visits[r].id for r in rows),
                    staff=tuple(tuple(problem.staff[s].id for s in crew) for crew in one.crews),
                    starts=tuple(at[r] for r in rows),
                    cost=self.change(routes, rows),
                    routes=tuple(to_route(self.model, t) for t in routes),
                )
            )
        return tuple(out)

    # ---- from a choice to routes ----

    def more_way(self, vehicle: int, rows: Sequence[int], gaps: Sequence[int]) -> int:
        """Seconds of travel that visits add in these gaps of a vehicle."""
        ways = ways_of(self.model, vehicle, self._mixed(vehicle, rows, gaps))
        assert ways is not None
        now = self.stand.now.get(vehicle)
        return sum(way for way, _ in ways) - (0 if now is None else now.way)

    def _mixed(self, vehicle: int, rows: Sequence[int], gaps: Sequence[int]) -> tuple[int, ...]:
        order = self.stand.order(vehicle)
        out: list[int] = []
        for g in range(len(order) + 1):
            out += [row for row, gap in zip(rows, gaps, strict=True) if gap == g]
            out += order[g : g + 1]
        return tuple(out)

    def routed(
        self,
        part: tuple[int, tuple[int, ...], tuple[int, ...]],
        windows: dict[int, I8],
        costs: dict[int, bool],
    ) -> Timed:
        """A vehicle's route with visits in given gaps; without gaps, one visit at its best."""
        vehicle, rows, gaps = part
        if not gaps:
            (row,) = rows
            stand, road = self.stand, self.road(vehicle)
            gaps = (
                int(
                    in_place(
                        stand.fixed,
                        stand.laid,
                        vehicle,
                        row,
                        windows[row],
                        costs[row],
                        road,
                        stand.work.curves,
                    )
                ),
            )
        timed = self.stand.timed(vehicle, self._mixed(vehicle, rows, gaps), windows, costs)
        assert timed is not None
        return timed

    def change(self, routes: Sequence[Timed], rows: Iterable[int]) -> dict[str, int]:
        """Change of cost by rule; only people concerned are priced, unless the latest counts."""
        model = self.model
        people = {int(model.staff_of[t.vehicle]) for t in routes}
        everyone = model.weights.largest_late > 0
        now = {
            v: t for v, t in self.stand.now.items() if everyone or int(model.staff_of[v]) in people
        }
        before = price(model, list(now.values()), rows)
        after = price(model, list((now | {t.vehicle: t for t in routes}).values()), ())
        return {rule: after[rule] - before[rule] for rule in before}


def _crews(
    cost: I8, own: I8, need: int, top: int, slack: int
) -> list[tuple[tuple[int, ...], int, int]]:
    """(staff, time, cost) of the cheapest crews, each at its best time, and those hardly dearer."""
    width = min(need + top - 1, len(cost))
    if width < need:
        return []
    ranked = np.argsort(cost, axis=0, kind="stable")[:width]
    values = np.take_along_axis(cost, ranked, axis=0)
    best: dict[tuple[int, ...], tuple[int, int]] = {}
    for members in combinations(range(width), need):
        part = values[list(members)]
        total = np.where((part < BIG).all(axis=0), part.sum(axis=0) + own, BIG)
        staff = np.sort(ranked[list(members)], axis=0)
        key = np.zeros(len(total), dtype=np.int64)
        for line in staff:
            key = key * len(cost) + line
        order = np.lexsort((np.arange(len(total)), total, key))
        _, first = np.unique(key[order], return_index=True)
        for k in order[first].tolist():
            if total[k] < BIG:
                who, found = tuple(staff[:, k].tolist()), (int(total[k]), k)
                best[who] = min(best.get(who, found), found)
    ordered = sorted((total, k, who) for who, (total, k) in best.items())
    if not ordered:
        return []
    limit = ordered[min(top, len(ordered)) - 1][0] + slack
    return [(who, k, total) for total, k, who in ordered if total <= limit]
