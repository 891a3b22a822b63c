"""Whether the cost of any plan of a day fits the whole numbers of the search."""

from __future__ import annotations

from solver.errors import ProblemError
from solver.options import Weights
from solver.types import MAX_TIME, UNREACHABLE, Problem

__all__ = ["MOST", "refuse_overflow"]

#: Costs are added in 64 bits; from here on a number means "impossible" to the search.
MOST = 2**60


def refuse_overflow(problem: Problem, weights: Weights) -> None:
    """Refuse a day some plan of which could cost more than `MOST`.

    Raises
    ------
    ProblemError
        ``cost.overflow``; its field is what the largest part of the cost comes from.
    """
    parts = _parts(problem, weights)
    if sum(parts.values()) > MOST:
        field = max(parts, key=lambda name: parts[name])
        raise ProblemError("cost.overflow", field, value=str(parts[field]), most=str(MOST))


def _parts(problem: Problem, weights: Weights) -> dict[str, int]:
    """By field: more than it can ever come to in one plan."""
    visits, staff = problem.visits, problem.staff
    shifts = [shift for person in staff for shift in person.shifts]
    stops = sum(v.carers for v in visits)
    long = max((shift.latest_return - shift.start for shift in shifts), default=0)
    wishes = [(v.preferred, v.windows) for v in visits if v.preferred is not None]
    wait = max((max(0, ws[-1].latest - wish.latest) for wish, ws in wishes), default=0)
    hurry = max((max(0, wish.earliest - ws[0].earliest) for wish, ws in wishes), default=0)
    legs = stops + len(shifts)
    ways, metres = (
        legs * max((int(m[m < UNREACHABLE].max(initial=0)) for m in matrices), default=0)
        for matrices in (problem.travel, problem.metres)
    )
    promised = sum(len(route.stops) for route in problem.previous)
    liking = sum(
        v.carers * max((abs(cost) for cost in (*v.continuity.values(), v.unfamiliar)), default=0)
        for v in visits
    )
    wishing = sum(
        v.carers * max((abs(cost) for cost in v.preference.values()), default=0) for v in visits
    )
    steps = sum(1 + v.priority for v in visits)
    return {
        "weights.unserved_mandatory": weights.unserved_mandatory * steps,
        "weights.unserved_optional": weights.unserved_optional * steps,
        "weights.unserved_due": weights.unserved_due * len(visits),
        "weights.overtime": weights.overtime * sum(s.latest_return - s.end for s in shifts),
        "weights.late": weights.late * wait * len(wishes),
        "weights.early": weights.early * hurry * len(wishes),
        "weights.largest_late": weights.largest_late * wait,
        "weights.travel": weights.travel * ways,
        "weights.waiting": weights.waiting * long * len(shifts),
        "weights.continuity": weights.continuity * liking,
        "weights.preference": weights.preference * wishing,
        "weights.outside_area": weights.outside_area * stops,
        "weights.load": weights.load * sum(v.duration * v.carers for v in visits),
        "weights.hard": weights.hard * stops,
        "weights.change_carer": weights.change_carer * promised,
        "weights.change_dropped": weights.change_dropped * promised,
        "weights.change_start": weights.change_start * promised * MAX_TIME,
        "staff.cost_km": max((s.cost_km for s in staff), default=0) * metres,
        "staff.cost_hour": max((s.cost_hour for s in staff), default=0) * long * len(shifts),
    }
