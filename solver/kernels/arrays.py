"""What the compiled loops read and write: named tuples of plain arrays.

`Fixed` is the problem, never written. `Live` is one plan under change. Times and costs are int64,
row numbers int32. A visit row stands in as many routes as it has carers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.model import Model
from solver.timing import paid
from solver.types import MAX_TIME, UNREACHABLE

I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]
B1 = npt.NDArray[np.bool_]

#: Cost of the impossible.
BIG = 1 << 60
#: Later than any time.
FAR = 1 << 40

_KIND = {"any": 0, "same": 1, "different": 2}


# Columns of Fixed.vehicle.
MODE, WHO, FROM, TO, OPENS, SOFT, HARD, KIND, ROOM, PLAIN, BREAK, BREAK_END = range(12)
LEG, KM, HOUR = range(12, 15)
# Columns of Fixed.visit.
PLACE, LONG, ACCESS, GROUP, CREW, GOODS, WINDOW, WINDOW_END, FIRST, FINAL = range(10)
WISH_LOW, WISH_HIGH, PROMISED, TIMED, CLUSTER, LINK, LINK_END = range(10, 17)
LEADER, FOLLOWER, SIBLING, STRAIN, APART, APART_END, AIMED, REMOTE = range(17, 25)
# Columns of Fixed.cluster.
MEMBER, MEMBER_END, TIED, PENALTY, DEPTH = range(5)
# Columns of Fixed.link.
OTHER, GAP_LOW, GAP_HIGH, PEOPLE = range(4)
# Columns of Fixed.staff.
MOST, USE, SHARE, ROAD, FEW_HARD = range(5)
# Columns of Fixed.apart.
FROM_WHOM, DISTANCE = range(2)
# Positions in Fixed.weight.
TRAVEL, LATE, EARLY, WAITING, OVERTIME, LOAD, CHANGE, LARGEST, HARDNESS = range(9)
# Columns of Live.stop: what a place test reads, what timing reads, the window. The row after the
# last stop is the way home. ENDS, SOONEST: end, and breaks behind, when everything is as early as
# possible. DUE: starting later makes something late. NEED: travel and access before it; LIMIT:
# latest start that makes nothing late; AIM: start worth waiting for; START, RESTED, PRICE: the
# start, breaks behind, its cost. OPEN, SHUT: its only window or held start; SEVERAL 1: look them
# up; OWN 1: its start is its own and costs.
VISIT, ENDS, LAST, WAY, SPOT, ENTRY, CLAN, DUE = range(8)
NEED, LENGTH, LIMIT, AIM, START, RESTED, PRICE, SOONEST = range(8, 16)
OPEN, SHUT, SEVERAL, OWN = range(16, 20)
STOP_COLUMNS = 20
# Columns of Live.route. STARTS: cost of all starts. EAGER 1: it cannot wait for preferred times.
SIZE, COST, TIMES, CARRIED, WAYS, WORST, BROKEN, FINISH, STARTS, METRES, EAGER = range(11)
ROUTE_COLUMNS = 11
# Columns of Live.agreed: the held start, then the vehicles of a visit, then when the last is done.
HELD, HOME, UNTIL = 0, 1, 5
# Columns of Live.busy.
MADE, WORK, DRIVEN, HEAVY = range(4)


class Fixed(NamedTuple):
    """The problem. V vehicles, N visits, S staff, C clusters, P places.

    Few wide tables, because every array handed to compiled code costs at each call.
    """

    travel: I4  # (modes, P, P)
    travel_t: I4  # the same, to and from exchanged
    vehicle: I8  # (V, 15); FROM, TO -1: none; KIND: equal for every visit; ROOM: capacity
    breaks: I8  # (B, 3) first start, last start, length
    visit: I8  # (N, 25); WISH_HIGH FAR: none; PROMISED -1: none; TIMED 1: its start costs
    window: I8  # (W, 2)
    usable: B1  # (N, V)
    likes: I8  # (N, S)
    cluster: I8  # (C, 5); DEPTH: how many order pins lead to it from other clusters
    member: I8  # visits of the clusters, one cluster after the other
    link: I8  # (L, 4) bounds on start(visit) - start(other); PEOPLE 1 same, 2 different
    staff: I8  # (S, 5)
    near: I4  # (N, K) other visits, nearest first
    weight: I8  # (9,)
    long: I8  # (S, N) seconds of service
    metres: I4  # (modes, P, P), or (1, 1, 1) when nobody is paid by them
    apart: I8  # (A, 2) visits that may not overlap


class Live(NamedTuple):
    """A plan. M is the longest route possible."""

    stop: I8  # (V, M + 1, 20) visit, earliest end, latest start, travel before it (or home) …
    route: I8  # (V, 11) stops, cost, stops whose start costs, goods, travel, worst lateness …
    agreed: I8  # (N, 6) held start of a visit in a tied cluster (-1: none), its vehicles, its end
    busy: I8  # (S, 4) visits, seconds of service, of travel, hard visits
    absent: I8  # (C,) clusters left out
    total: I8  # (3,) cost of the plan; number of absent clusters; of broken routes and carers


def fixed_of(model: Model, *, near: bool = True) -> Fixed:
    """Lay a model out for the compiled loops; without `near` nobody has neighbours."""
    problem, w = model.problem, model.weights
    travel = np.stack(problem.travel)
    promised, promises = _promises(model)
    links, link_at = _links(model)
    members = _steps([len(c) for c in model.clusters])
    share, few_hard = model.fair_service(), model.fair_hard()
    apart_at = _steps([len(pairs) for pairs in model.apart])
    return Fixed(
        travel=travel,
        travel_t=np.ascontiguousarray(travel.transpose(0, 2, 1)),
        vehicle=_vehicles(model),
        breaks=_table(
            [(b.earliest, b.latest, b.duration) for s in model.shifts for b in s.breaks], 3
        ),
        visit=_visits(model, promised, link_at, apart_at),
        window=_table([(x.earliest, x.latest) for ws in model.windows for x in ws], 2),
        usable=model.usable,
        likes=model.affinity,
        cluster=_table(
            [
                (
                    int(members[k]),
                    int(members[k + 1]),
                    int(model.tied(c)),
                    # Serving costs what was promised and is not kept; likes give back what is.
                    int((model.penalty - promises)[list(c)].sum()),
                    max(_depth(model, row, c) for row in c),
                )
                for k, c in enumerate(model.clusters)
            ],
            5,
        ),
        # Placed in this order: whoever has the least choice of time first.
        member=_a([row for c in model.clusters for row in _narrow_first(model, c)]),
        link=links,
        staff=_table(
            [
                (
                    FAR if p.max_visits is None else p.max_visits,
                    p.cost_use,
                    share[k],
                    FAR if p.max_travel is None else p.max_travel,
                    few_hard[k],
                )
                for k, p in enumerate(problem.staff)
            ],
            5,
        ),
        near=_near(model, travel) if near else np.zeros((len(model.place), 0), dtype=np.int32),
        weight=_a(
            [
                *(w.travel, w.late, w.early, w.waiting, w.overtime, w.load),
                *(w.change_start, w.largest_late, w.hard),
            ]
        ),
        long=np.ascontiguousarray(model.long),
        metres=np.stack(problem.metres) if problem.metres else np.zeros((1, 1, 1), np.int32),
        apart=_table([pair for pairs in model.apart for pair in pairs], 2),
    )


def _narrow_first(model: Model, cluster: tuple[int, ...]) -> list[int]:
    def width(row: int) -> tuple[int, int]:
        free = sum(w.latest - w.earliest for w in model.windows[row])
        return _chain(model, row, cluster), free

    return sorted(cluster, key=width)


def _chain(model: Model, row: int, cluster: tuple[int, ...]) -> int:
    """How many visits of the cluster order pins put before this one."""
    long, row = 0, int(model.leader[row])
    while row in cluster:
        long, row = long + 1, int(model.leader[row])
    return long


def _depth(model: Model, row: int, cluster: tuple[int, ...]) -> int:
    """Order pins between a visit and the first one of its chain that lies outside its cluster."""
    deep, row = 0, int(model.leader[row])
    while row >= 0 and row not in cluster:
        deep, row = deep + 1, int(model.leader[row])
    return deep


def _followers(model: Model) -> tuple[list[int], list[int]]:
    """Per visit: one that an order pin puts directly after it, and the next such one beside it."""
    follower, sibling = [-1] * len(model.leader), [-1] * len(model.leader)
    for row, lead in enumerate(model.leader.tolist()):
        if lead >= 0:
            sibling[row], follower[lead] = follower[lead], row
    return follower, sibling


def _vehicles(model: Model) -> I8:
    kinds, breaks = _kinds(model), _steps([len(s.breaks) for s in model.shifts])
    staff = [model.problem.staff[int(row)] for row in model.staff_of]
    longest = [UNREACHABLE - 1 if (m := s.max_leg) is None else m for s in staff]
    return _table(
        [
            (
                int(model.mode[v]),
                int(model.staff_of[v]),
                -1 if s.start_place is None else s.start_place,
                -1 if s.end_place is None else s.end_place,
                s.start,
                s.end,
                s.latest_return,
                int(kinds[v]),
                FAR if s.capacity is None else s.capacity,
                int(not s.breaks and s.latest_return == s.end and not paid(model, v)),
                int(breaks[v]),
                int(breaks[v + 1]),
                longest[v],
                staff[v].cost_km,
                staff[v].cost_hour,
            )
            for v, s in enumerate(model.shifts)
        ],
        15,
    )


def _visits(model: Model, promised: I8, link_at: I8, apart_at: I8) -> I8:
    w = model.weights
    windows = _steps([len(ws) for ws in model.windows])
    cluster = {row: k for k, c in enumerate(model.clusters) for row in c}
    follower, sibling = _followers(model)
    remote = _remoteness(model)
    return _table(
        [
            (
                v.place,
                v.duration,
                v.access,
                int(model.group[row]),
                v.carers,
                v.goods,
                int(windows[row]),
                int(windows[row + 1]),
                model.windows[row][0].earliest,
                model.windows[row][-1].latest,
                v.preferred.earliest if v.preferred else 0,
                v.preferred.latest if v.preferred else FAR,
                int(promised[row]),
                int(
                    (v.preferred is not None and w.late + w.early + w.largest_late > 0)
                    or (int(promised[row]) >= 0 and w.change_start > 0)
                ),
                cluster[row],
                int(link_at[row]),
                int(link_at[row + 1]),
                int(model.leader[row]),
                follower[row],
                sibling[row],
                int(v.hard),
                int(apart_at[row]),
                int(apart_at[row + 1]),
                # What it waits for: what was promised, where moving that costs more than lateness.
                int(promised[row])
                if promised[row] >= 0 and w.change_start > w.late
                else (v.preferred.earliest if v.preferred else 0),
                remote[row],
            )
            for row, v in enumerate(model.problem.visits)
        ],
        25,
    )


def _remoteness(model: Model) -> list[int]:
    """Per visit: travel there and back from the first place of the first shift it may go to."""
    out = []
    for row, able in enumerate(model.usable):
        first = (
            v for v in np.flatnonzero(able).tolist() if model.shifts[v].start_place is not None
        )
        if (vehicle := next(first, None)) is None:
            out.append(0)
            continue
        travel = model.problem.travel[int(model.mode[vehicle])]
        here, there = model.shifts[vehicle].start_place, model.place[row]
        out.append(int(travel[here, there]) + int(travel[there, here]))
    return out


def most_stops(fixed: Fixed) -> int:
    """Stops of the longest route there can be: as many of the shortest visits as fill a shift."""
    most = 0
    for v, able in enumerate(fixed.usable.T):
        filled = np.cumsum(np.sort(fixed.long[fixed.vehicle[v, WHO], able]))
        room = fixed.vehicle[v, HARD] - fixed.vehicle[v, OPENS]
        most = max(most, int(np.searchsorted(filled, room, side="right")))
    return most


def live_of(fixed: Fixed) -> Live:
    """A plan with nothing in it: every cluster is absent."""
    vehicles, visits, clusters = len(fixed.vehicle), len(fixed.visit), len(fixed.cluster)
    agreed = np.full((visits, 6), -1, dtype=np.int64)
    stop = np.zeros((vehicles, most_stops(fixed) + 2, STOP_COLUMNS), dtype=np.int64)
    stop[:, 0, VISIT], stop[:, 0, CLAN], stop[:, 0, SPOT] = -1, -1, fixed.vehicle[:, TO]
    stop[:, 0, LAST] = fixed.vehicle[:, HARD]
    stop[:, 0, DUE] = fixed.vehicle[:, SOFT] if fixed.weight[OVERTIME] else FAR
    return Live(
        stop=stop,
        route=np.zeros((vehicles, ROUTE_COLUMNS), dtype=np.int64),
        agreed=agreed,
        busy=np.zeros((len(fixed.staff), 4), dtype=np.int64),
        absent=np.arange(clusters, dtype=np.int64),
        total=_a([int(fixed.cluster[:, PENALTY].sum()), clusters, 0]),
    )


def _a(values: list[int]) -> I8:
    return np.array(values, dtype=np.int64)


def _table(rows: list[tuple[int, ...]], columns: int) -> I8:
    return np.array(rows, dtype=np.int64).reshape(len(rows), columns)


def _steps(lengths: list[int]) -> I8:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(_a(lengths))])


def _promises(model: Model) -> tuple[I8, I8]:
    """Start in the previous plan (-1: none), and cost if every promised carer were lost."""
    problem = model.problem
    start = np.full(len(problem.visits), -1, dtype=np.int64)
    cost = np.zeros(len(problem.visits), dtype=np.int64)
    for route in problem.previous:
        for stop in route.stops:
            if problem.has_visit(stop.visit):
                row = problem.visit_row(stop.visit)
                start[row] = stop.start if start[row] < 0 else start[row]
                cost[row] += model.weights.change_carer
    return start, cost


def _kinds(model: Model) -> I8:
    seen: dict[tuple[object, ...], int] = {}
    out: list[int] = []
    for vehicle, shift in enumerate(model.shifts):
        row = int(model.staff_of[vehicle])
        staff = model.problem.staff[row]
        key = (
            shift,
            staff.mode,
            staff.max_visits,
            staff.cost_use,
            (staff.max_travel, staff.max_leg, staff.cost_hour, staff.cost_km),
            # With several shifts, what the others hold makes a difference.
            row if len(staff.shifts) > 1 else -1,
            model.usable[:, vehicle].tobytes(),
            model.affinity[:, row].tobytes(),
            model.long[row].tobytes(),
        )
        out.append(seen.setdefault(key, len(seen)))
    return _a(out)


def _links(model: Model) -> tuple[I8, I8]:
    problem = model.problem
    mine: list[list[tuple[int, ...]]] = [[] for _ in problem.visits]
    for link in problem.links:
        first, second = problem.visit_row(link.first), problem.visit_row(link.second)
        high = FAR if link.max_gap is None else link.max_gap
        kind = _KIND[link.carers]
        mine[second].append((first, link.min_gap, high, kind))
        mine[first].append((second, -high, -link.min_gap, kind))
    flat = [entry for entries in mine for entry in entries]
    return _table(flat, 4), _steps([len(entries) for entries in mine])


def _near(model: Model, travel: I4) -> I4:
    """Other visits by travel both ways on the quickest mode, pulled apart by time of day."""
    count = len(model.place)
    if count < 2:
        return np.zeros((count, 0), dtype=np.int32)
    quickest = travel.min(axis=0).astype(np.int64)
    at = quickest[np.ix_(model.place, model.place)]
    both = np.minimum(at, UNREACHABLE) + np.minimum(at.T, UNREACHABLE)
    np.fill_diagonal(both, 4 * UNREACHABLE + MAX_TIME)
    keep = min(count - 1, 300)
    return np.argsort(both, axis=1, kind="stable")[:, :keep].astype(np.int32)
