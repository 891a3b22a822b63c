"""What of any given plan can be kept? The plan in force, a caller's draft, another engine's routes.

A plan need not fit the problem: people fell ill, windows moved, a link is new. What breaks a rule
is taken out, everything else stays where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from solver.routes import Plan, in_pinned_order
from solver.timing import schedule
from solver.types import Link

__all__ = ["mend"]


def mend(plan: Plan) -> None:
    """Take out of `plan` every visit that breaks a rule, and whatever cannot be without it."""
    while True:
        bad = {row for find in (_unfit, _incomplete, _unlinked, _overlapping) for row in find(plan)}
        if bad:
            for row in bad:
                plan.drop(row)
        elif not _shorten(plan):
            return


def _unfit(plan: Plan) -> Iterator[int]:
    """Visits whose carer or held start is not allowed, or whose pinned order is lost."""
    model = plan.model
    for vehicle, timed in plan.routes.items():
        kept = set(in_pinned_order(model, timed.visits))
        yield from (r for r in timed.visits if r not in kept or not model.usable[r, vehicle])
    for row, start in plan.held.items():
        if not any(w.earliest <= start <= w.latest for w in model.windows[row]):
            yield row


def _incomplete(plan: Plan) -> Iterator[int]:
    """Visits of clusters that lack people, or have one person twice."""
    model = plan.model
    crews = _crews(plan)
    for cluster in model.clusters:
        whole = all(
            len(set(crews.get(row, []))) == len(crews.get(row, [])) == int(model.carers[row])
            for row in cluster
        )
        if not whole:
            yield from (row for row in cluster if row in crews)


def _unlinked(plan: Plan) -> Iterator[int]:
    """Visits of broken links."""
    problem, crews = plan.model.problem, _crews(plan)
    for link in problem.links:
        one, two = problem.visit_row(link.first), problem.visit_row(link.second)
        if one in crews and two in crews and not _keeps(plan, link, one, two, crews):
            yield from (one, two)


def _keeps(plan: Plan, link: Link, one: int, two: int, crews: dict[int, list[int]]) -> bool:
    gap = plan.held[two] - plan.held[one]
    if gap < link.min_gap or (link.max_gap is not None and gap > link.max_gap):
        return False
    first, second = set(crews[one]), set(crews[two])
    if link.carers == "any":
        return True
    return first == second if link.carers == "same" else not first & second


def _overlapping(plan: Plan) -> Iterator[int]:
    """Of two visits that overlap and may not, the one that costs less to leave out."""
    model, served = plan.model, plan.served()
    for row in served:
        for begin, end, gap in plan.kept_apart(row):
            mine = plan.held[row]
            long = max(model.lasts(v, row) for v, t in plan.routes.items() if row in t.visits)
            if mine < end + gap and mine + long + gap > begin:
                others = [o for o, _ in model.apart[row] if plan.held.get(o) == begin]
                yield min([row, *others], key=lambda r: (int(model.penalty[r]), r))


def _crews(plan: Plan) -> dict[int, list[int]]:
    """Carers per visit."""
    out: dict[int, list[int]] = {}
    for vehicle, timed in plan.routes.items():
        for row in timed.visits:
            out.setdefault(row, []).append(int(plan.model.staff_of[vehicle]))
    return out


def _shorten(plan: Plan) -> bool:
    """Take the cheapest visit out of one route above its limits; False: none is."""
    model = plan.model
    visits, roads = Counter[int](), Counter[int]()
    for vehicle, timed in plan.routes.items():
        visits[int(model.staff_of[vehicle])] += len(timed.visits)
        roads[int(model.staff_of[vehicle])] += timed.way
    for vehicle, timed in plan.routes.items():
        row = int(model.staff_of[vehicle])
        staff, capacity = model.problem.staff[row], model.shifts[vehicle].capacity
        goods = sum(model.problem.visits[r].goods for r in timed.visits)
        over = (
            (staff.max_visits is not None and visits[row] > staff.max_visits)
            or (staff.max_travel is not None and roads[row] > staff.max_travel)
            or (capacity is not None and goods > capacity)
            or schedule(model, vehicle, timed.visits, plan.held) is None
        )
        if over:
            plan.drop(min(timed.visits, key=lambda r: (int(model.penalty[r]), r)))
            return True
    return False
