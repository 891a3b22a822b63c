"""The cheapest way to take several visits into a plan together, all or none.

A carer takes one of the visits (priced by its curve) or a bundle of them (priced in every order and
place). Starts that tie routes together - of shared visits, and between links - are chosen from
the ends of the pieces of the curves and from chains of ways and services that lead to such ends:
with orders given, the cost is a straight line between them, so some cheapest plan has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations, product
from math import comb

import numpy as np

from solver.asking import Asked, Curves, Desk
from solver.candidates import chained, closed, corners
from solver.kernels.arrays import BIG, I8
from solver.kernels.bundles import bundle
from solver.kernels.gaps import start_values
from solver.timing import Timed

__all__ = ["Joint", "several"]

Bounds = dict[int, tuple[int, int]]
#: (vehicle, visits in order, gaps they go into)
Part = tuple[int, tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Tie:
    """start(second) - start(first) in [low, high], both among the visits asked for."""

    first: int
    second: int
    low: int
    high: int
    carers: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A carer who takes several of the visits; `least` whatever the others do."""

    least: int
    staff: int
    rows: frozenset[int]


@dataclass(frozen=True, slots=True)
class Joint:
    """One choice: what is left of each visit's starts, its carers, and the vehicles' new orders."""

    cost: int
    bounds: Bounds
    crews: tuple[tuple[int, ...], ...]
    parts: tuple[Part, ...]


@dataclass(slots=True)
class _Found:
    """The cheapest choice per crews so far."""

    top: int
    best: dict[tuple[tuple[int, ...], ...], Joint] = field(default_factory=dict)

    def limit(self) -> int:
        """What a choice must be below to matter."""
        if len(self.best) < self.top:
            return BIG
        return sorted(j.cost for j in self.best.values())[self.top - 1]

    def add(self, one: Joint) -> None:
        if one.crews not in self.best or one.cost < self.best[one.crews].cost:
            self.best[one.crews] = one


def several(desk: Desk, rows: Sequence[int], top: int) -> list[tuple[Joint, list[Timed]]]:
    """The cheapest ways to take all visits in, cheapest first, one per choice of crews."""
    question = _Question(desk, tuple(rows), top)
    question.search()
    best = sorted(question.found.best.values(), key=lambda j: (j.cost, j.crews))[:top]
    return [(one, [question.timed(part, one.bounds) for part in one.parts]) for one in best]


class _Question:
    """One question, with what was already looked up for it."""

    def __init__(self, desk: Desk, rows: tuple[int, ...], top: int) -> None:
        self.desk, self.rows = desk, rows
        self.asked: dict[int, Asked] = {row: desk.asked(row, rows) for row in rows}
        self.found = _Found(min(top, self._choices()))
        self.curves: dict[int, Curves] = {r: desk.curves(a) for r, a in self.asked.items()}
        problem = desk.model.problem
        self.ties = [
            Tie(a, b, k.min_gap, 1 << 40 if k.max_gap is None else k.max_gap, k.carers)
            for k in problem.links
            if (a := problem.visit_row(k.first)) in rows
            and (b := problem.visit_row(k.second)) in rows
        ]
        self.apart = [
            (a, b, gap) for a in rows for b, gap in desk.model.apart[a] if b in rows and a < b
        ]
        ends = {r for t in self.ties for r in (t.first, t.second)}
        ends |= {r for a, b, _ in self.apart for r in (a, b)}
        self.coupled = [
            r for r in rows if r in ends or self.asked[r].need > 1 or self.asked[r].busy
        ]
        self.together = {r for t in self.ties if t.carers == "same" for r in (t.first, t.second)}
        self._packed: dict[object, tuple[int, Part, int] | None] = {}
        self._alone: dict[int, list[tuple[int, int]]] = {
            r: sorted((c, int(desk.model.staff_of[v])) for c, _, (v,) in desk.cheapest(curves))
            for r, curves in self.curves.items()
        }
        self._sitting: dict[int, I8] = {}

    # ---- who takes what ----

    def search(self) -> None:
        """Nobody takes two; then every set of bundles that could be cheaper."""
        bounds = self._tight({r: self._span(r) for r in self.rows})
        if bounds is None:
            return
        self.root = bounds
        self._solve(())
        bundles = sorted(self._bundles(bounds), key=lambda b: (b.least, b.staff))
        self._choose(bundles, 0, ())

    def _choices(self) -> int:
        """No more choices of crews than these."""
        out = 1
        for one in self.asked.values():
            people = {int(self.desk.model.staff_of[v]) for v in one.vehicles}
            out *= comb(len(people), one.need)
        return max(out, 1)

    def _span(self, row: int) -> tuple[int, int]:
        windows = self.asked[row].windows
        return (windows[0][0], windows[-1][1]) if windows else (1, 0)

    def _choose(self, bundles: list[Bundle], at: int, chosen: tuple[Bundle, ...]) -> None:
        for k in range(at, len(bundles)):
            one = bundles[k]
            more = (*chosen, one)
            if any(one.staff == b.staff for b in chosen) or min(self._left(more).values()) < 0:
                continue
            if self._least(more, self.root) < self.found.limit():
                self._solve(more)
            self._choose(bundles, k + 1, more)

    def _left(self, chosen: Sequence[Bundle]) -> dict[int, int]:
        """People still asked for."""
        return {r: self.asked[r].need - sum(r in b.rows for b in chosen) for r in self.rows}

    def _least(self, chosen: Sequence[Bundle], bounds: Bounds) -> int:
        """No way with these bundles costs less."""
        cost = sum(b.least for b in chosen) + self._own(bounds)
        for row, left in self._left(chosen).items():
            alone = self._alone[row] if row not in self.together else []
            if len(alone) < left:
                return BIG
            cost += sum(c for c, _ in alone[:left])
        return cost

    def _own(self, bounds: Bounds) -> int:
        """Least that starting the shared visits costs, which no route counts."""
        total = 0
        for row in self.rows:
            if self.asked[row].need > 1:
                low, high = bounds[row]
                marks = {low, high, *corners(self.desk, row).tolist()}
                times = np.array(sorted({min(max(t, low), high) for t in marks}))
                total += int(start_values(self.desk.stand.fixed, row, times).min())
        return total

    def _bundles(self, bounds: Bounds) -> Iterator[Bundle]:
        model = self.desk.model
        able = {r: {int(model.staff_of[v]) for v in self.asked[r].vehicles} for r in self.rows}
        parted = [{t.first, t.second} for t in self.ties if t.carers == "different"]
        same = [{t.first, t.second} for t in self.ties if t.carers == "same"]
        for size in range(2, len(self.rows) + 1):
            for rows in map(frozenset, combinations(self.rows, size)):
                if any(p <= rows for p in parted) or any(len(p & rows) == 1 for p in same):
                    continue
                for staff in sorted(set.intersection(*(able[r] for r in rows))):
                    found = self.pack(staff, rows, bounds)
                    if found is not None:
                        yield Bundle(found[0], staff, rows)

    # ---- what a bundle costs ----

    def pack(
        self, staff: int, rows: frozenset[int], bounds: Bounds
    ) -> tuple[int, tuple[Part, ...]] | None:
        """Least cost of a carer taking some visits, over all shifts, and the new orders."""
        desk, model = self.desk, self.desk.model
        most = model.problem.staff[staff].max_visits
        if most is not None and desk.made(staff) + len(rows) > most:
            return None
        shifts = [v for v in range(len(model.shifts)) if int(model.staff_of[v]) == staff]
        best: tuple[int, tuple[Part, ...]] | None = None
        for split in product(shifts, repeat=len(rows)):
            by = {
                v: tuple(r for r, s in zip(sorted(rows), split, strict=True) if s == v)
                for v in split
            }
            found = self._over(sorted(by.items()), bounds, desk.road(shifts[0]))
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        return None if best is None else (best[0] + desk.fair(staff, sorted(rows)), best[1])

    def _over(
        self, by: list[tuple[int, tuple[int, ...]]], bounds: Bounds, road: int
    ) -> tuple[int, tuple[Part, ...]] | None:
        """Visits given to shifts, which share the travel a carer may still take on."""
        (vehicle, rows), rest = by[0], by[1:]
        best: tuple[int, tuple[Part, ...]] | None = None
        limit = road if not rest else 1 << 40
        while (one := self._into(vehicle, rows, bounds, limit)) is not None:
            cost, part, way = one
            if not rest:
                return cost, (part,)
            more = self._over(rest, bounds, road - way)
            if more is not None and (best is None or cost + more[0] < best[0]):
                best = cost + more[0], (part, *more[1])
            if road >= 1 << 40:
                break
            limit = way - 1
        return best

    def _into(
        self, vehicle: int, rows: tuple[int, ...], bounds: Bounds, road: int
    ) -> tuple[int, Part, int] | None:
        """Least cost of one shift taking visits: (cost, part, more travel)."""
        key = (vehicle, rows, tuple(bounds[r] for r in rows), road)
        if key not in self._packed:
            self._packed[key] = self._tried(vehicle, rows, bounds, road)
        return self._packed[key]

    def _tried(
        self, vehicle: int, rows: tuple[int, ...], bounds: Bounds, road: int
    ) -> tuple[int, Part, int] | None:
        desk, stand = self.desk, self.desk.stand
        if any(vehicle not in self.asked[r].vehicles for r in rows) or not desk.room(vehicle, rows):
            return None
        windows = {r: self._windows(r, vehicle, bounds[r]) for r in rows}
        if not all(len(w) for w in windows.values()):
            return None
        best: tuple[int, Part, int] | None = None
        for order in permutations(rows):
            if any(order.index(t.first) > order.index(t.second) for t in self._among(order)):
                continue
            spot = np.zeros(len(order), dtype=np.int64)
            value = bundle(
                stand.fixed,
                stand.laid,
                vehicle,
                np.array(order, dtype=np.int64),
                np.concatenate([windows[r] for r in order]),
                np.cumsum([0, *(len(windows[r]) for r in order)]).astype(np.int64),
                np.array([self.asked[r].need == 1 for r in order]),
                int(stand.offset[vehicle]),
                road,
                spot,
                stand.work.curves,
                desk.steps,
            )
            cost = int(value) // desk.scale[vehicle]
            if value < BIG and (best is None or cost < best[0]):
                part = (vehicle, order, tuple(int(k) for k in spot))
                best = cost, part, desk.more_way(*part)
        return best

    def _among(self, rows: Sequence[int]) -> list[Tie]:
        return [t for t in self.ties if t.first in rows and t.second in rows]

    def _windows(self, row: int, vehicle: int, within: tuple[int, int]) -> I8:
        parts = self.desk.open_windows(self.asked[row], vehicle)
        cut = np.stack(
            [np.maximum(parts[:, 0], within[0]), np.minimum(parts[:, 1], within[1])], axis=1
        )
        return np.ascontiguousarray(cut[cut[:, 0] <= cut[:, 1]])

    # ---- when ----

    def _tight(self, bounds: Bounds) -> Bounds | None:
        """Bounds cut by the ties; None: nothing is left."""
        out = dict(bounds)
        for _ in range(len(self.rows)):
            for tie in self.ties:
                (a, b), (c, d) = out[tie.first], out[tie.second]
                out[tie.first] = max(a, c - tie.high), min(b, d - tie.low)
                out[tie.second] = max(c, a + tie.low), min(d, b + tie.high)
        return out if all(a <= b for a, b in out.values()) else None

    def _solve(self, chosen: tuple[Bundle, ...]) -> None:
        """The best times and single carers beside the bundles."""
        free = self._private(chosen)
        rows = [r for r in self.coupled if r not in free]
        if not chosen:
            self._nested(rows, 0, self.root, 0, {r: self._sums(r) for r in rows})
        elif not self._lucky(chosen):
            times = self._candidates(chosen, rows)
            self._branch(chosen, rows, self.root, times)

    def _private(self, chosen: Sequence[Bundle]) -> set[int]:
        """Coupled visits whose start one route may choose, once their partners' are fixed."""
        left = self._left(chosen)
        mine = [
            r
            for r in self.coupled
            if self.asked[r].need == 1
            and left[r] == 0
            and not any(r in (a, b) for a, b, _ in self.apart)
        ]
        free: set[int] = set()
        for row in reversed(mine):
            ties = [t for t in self.ties if row in (t.first, t.second)]
            if not any(e in free for t in ties for e in (t.first, t.second)):
                free.add(row)
        return free

    def _sums(self, row: int) -> tuple[I8, I8]:
        """Starts worth trying when each carer takes one visit, and the least of each."""
        if row not in self._sitting:
            self._sitting = closed(self.desk, self.curves, self.ties, self.apart, self.coupled)
        times = self._sitting[row]
        need = self.asked[row].need
        cost, _ = self.desk.by_staff(self.curves[row], times)
        if len(cost) < need:
            return times[:0], times[:0]
        part = np.partition(cost, need - 1, axis=0)[:need]
        total = np.where((part < BIG).all(axis=0), part.sum(axis=0), BIG)
        if need > 1:
            total = total + start_values(self.desk.stand.fixed, row, times)
        keep = total < BIG
        return times[keep], total[keep]

    def _nested(
        self,
        rows: Sequence[int],
        at: int,
        bounds: Bounds,
        base: int,
        sums: dict[int, tuple[I8, I8]],
    ) -> None:
        """Starts of coupled visits one after the other, cheapest first, nobody taking two."""
        if self.together:
            return
        loose = [r for r in self.rows if r not in self.coupled]
        rest = 0
        for row in loose:
            if not self._alone[row]:
                return
            rest += self._alone[row][0][0]
        if at == len(rows):
            if base + rest < self.found.limit():
                self._staffed((), bounds)
            return
        for row in rows[at + 1 :]:
            total = _within(sums[row], bounds[row])[1]
            if len(total) == 0:
                return
            rest += int(total.min())
        times, total = _within(sums[rows[at]], bounds[rows[at]])
        for k in np.argsort(total, kind="stable"):
            if base + int(total[k]) + rest >= self.found.limit():
                return
            t = int(times[k])
            cut = self._tight({**bounds, rows[at]: (t, t)})
            if cut is not None:
                self._nested(rows, at + 1, cut, base + int(total[k]), sums)

    def _lucky(self, chosen: Sequence[Bundle]) -> bool:
        """Whether the bundles' own best times already agree with each other."""
        if any(self._left(chosen)[r] for r in self.coupled):
            return False
        starts: dict[int, int] = {}
        for b in chosen:
            packed = self.pack(b.staff, b.rows, self.root)
            assert packed is not None
            for part in packed[1]:
                timed = self.timed(part, self.root)
                for row, start in zip(timed.visits, timed.starts, strict=True):
                    if row in b.rows and starts.setdefault(row, start) != start:
                        return False
        fixed = self._tight({**self.root, **{r: (starts[r], starts[r]) for r in self.coupled}})
        if fixed is None:
            return False
        again = [self.pack(b.staff, b.rows, fixed) for b in chosen]
        cost = sum(BIG if p is None else p[0] for p in again) + self._own(fixed)
        if cost > sum(b.least for b in chosen) + self._own(self.root):
            return False
        before = self._parted_at(fixed, chosen)
        if before:
            self._staffed(chosen, fixed)
        return before

    def _parted_at(self, fixed: Bounds, chosen: Sequence[Bundle]) -> bool:
        """Whether visits kept apart are so with only these carers."""
        crews = {r: [b.staff for b in chosen if r in b.rows] for r in self.rows}
        return all(
            not crews[a] or not crews[b] or self._clear(a, b, gap, crews, fixed)
            for a, b, gap in self.apart
        )

    def _candidates(self, chosen: Sequence[Bundle], rows: Sequence[int]) -> dict[int, I8]:
        if rows and not self._sitting:
            self._sitting = closed(self.desk, self.curves, self.ties, self.apart, self.coupled)
        return chained(
            self.desk,
            {b.staff: b.rows for b in chosen},
            {r: (self._sitting[r] if self._left(chosen)[r] else None) for r in self.coupled},
            self.asked,
            self.ties,
            self.apart,
        )

    def _branch(
        self,
        chosen: tuple[Bundle, ...],
        rows: Sequence[int],
        bounds: Bounds,
        times: dict[int, I8],
    ) -> None:
        """Starts one after the other with bundles, each priced again as its starts are known."""
        if not rows:
            self._staffed(chosen, bounds)
            return
        row, ways = rows[0], []
        low, high = bounds[row]
        for t in times[row][(times[row] >= low) & (times[row] <= high)].tolist():
            cut = self._tight({**bounds, row: (t, t)})
            cost = BIG if cut is None else self._bound(chosen, cut)
            if cut is not None and cost < self.found.limit():
                ways.append((cost, t, cut))
        for cost, _, cut in sorted(ways, key=lambda w: w[:2]):
            if cost >= self.found.limit():
                return
            self._branch(chosen, rows[1:], cut, times)

    def _bound(self, chosen: Sequence[Bundle], bounds: Bounds) -> int:
        cost = self._own(bounds)
        for b in chosen:
            packed = self.pack(b.staff, b.rows, bounds)
            if packed is None:
                return BIG
            cost += packed[0]
        for row, left in self._left(chosen).items():
            cost += sum(c for c, _ in self._alone[row][:left])
        return cost

    # ---- the single carers beside ----

    def _staffed(self, chosen: Sequence[Bundle], bounds: Bounds) -> None:
        """Fill what is left with one visit per carer and note every choice that matters."""
        cost = self._own(bounds)
        parts: list[Part] = []
        for b in chosen:
            packed = self.pack(b.staff, b.rows, bounds)
            if packed is None:
                return
            cost += packed[0]
            parts += packed[1]
        left = {r: n for r, n in self._left(chosen).items() if n}
        used = {b.staff for b in chosen}
        crews = {r: [b.staff for b in chosen if r in b.rows] for r in self.rows}
        wide = sum(left.values()) + len(used) + self.found.top - 1
        lists = {r: self._singles(r, bounds[r], used, wide) for r in left}
        self._fill(list(left.items()), lists, cost, crews, parts, bounds)

    def _singles(
        self, row: int, within: tuple[int, int], used: set[int], wide: int
    ) -> list[tuple[int, int, int]]:
        """(cost, staff, vehicle) of carers who take only this visit."""
        if row not in self.coupled:
            found = sorted(
                (c, int(self.desk.model.staff_of[v]), v)
                for c, _, (v,) in self.desk.cheapest(self.curves[row])
            )
        else:
            cost, chosen = self.desk.by_staff(self.curves[row], np.array([within[0]]))
            able = np.flatnonzero(cost[:, 0] < BIG).tolist()
            found = sorted((int(cost[s, 0]), s, int(chosen[s, 0])) for s in able)
        found = [one for one in found if one[1] not in used]
        return found if self.apart else found[:wide]

    def _fill(
        self,
        left: list[tuple[int, int]],
        lists: dict[int, list[tuple[int, int, int]]],
        cost: int,
        crews: dict[int, list[int]],
        parts: list[Part],
        bounds: Bounds,
    ) -> None:
        if cost >= self.found.limit():
            return
        if not left:
            self._note(cost, crews, parts, bounds)
            return
        (row, need), rest = left[0], left[1:]
        taken = {s for other, crew in crews.items() if other != row for s in crew}
        able = [one for one in lists[row] if one[1] not in taken]
        for crew in combinations(able, need):
            more = sum(c for c, _, _ in crew)
            self._fill(
                rest,
                lists,
                cost + more,
                {**crews, row: [*crews[row], *(s for _, s, _ in crew)]},
                [*parts, *((v, (row,), ()) for _, _, v in crew)],
                bounds,
            )

    def _note(
        self, cost: int, crews: dict[int, list[int]], parts: list[Part], bounds: Bounds
    ) -> None:
        if all(self._clear(a, b, gap, crews, bounds) for a, b, gap in self.apart):
            who = tuple(tuple(sorted(crews[r])) for r in self.rows)
            self.found.add(Joint(cost, bounds, who, tuple(parts)))

    def _clear(self, a: int, b: int, gap: int, crews: dict[int, list[int]], bounds: Bounds) -> bool:
        one, two = sorted((bounds[r][0], self._done(r, bounds[r][0], crews[r])) for r in (a, b))
        return two[0] >= one[1] + gap

    def _done(self, row: int, start: int, crew: Sequence[int]) -> int:
        return start + max(int(self.desk.model.long[s, row]) for s in crew)

    def timed(self, part: Part, bounds: Bounds) -> Timed:
        """The route a part gives."""
        windows = {r: self._windows(r, part[0], bounds[r]) for r in part[1]}
        return self.desk.routed(part, windows, {r: self.asked[r].need == 1 for r in part[1]})


def _within(sums: tuple[I8, I8], bounds: tuple[int, int]) -> tuple[I8, I8]:
    times, total = sums
    inside = (times >= bounds[0]) & (times <= bounds[1])
    return times[inside], total[inside]
