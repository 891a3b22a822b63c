"""Why a visit stayed unserved: ruled out by the problem alone, or crowded out by the plan."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver.model import Model
from solver.plan import Unserved
from solver.types import UNREACHABLE

__all__ = ["why_unserved"]


def why_unserved(model: Model, row: int, unserved: set[int]) -> Unserved:
    """The first reason, in order of what would have to change, with its numbers."""
    problem = model.problem
    visit = problem.visits[row]
    at_work = np.zeros(len(problem.staff), dtype=np.bool_)
    at_work[model.staff_of] = True
    present = int(at_work.sum())
    facts: dict[str, str | int] = {"carers": visit.carers, "at_work": present}
    if present == 0:
        return Unserved(visit.id, "no_staff", facts)
    skilled: npt.NDArray[np.bool_] = np.array(
        [all(s.skills.get(k, 0) >= n for k, n in visit.skills.items()) for s in problem.staff],
    )
    able = int((skilled & at_work).sum())
    suitable = int((model.allowed[row] & at_work).sum())
    facts |= {"skilled": able, "suitable": suitable}
    if suitable < visit.carers:
        if able < visit.carers:
            facts |= {"skills": ",".join(f"{k}:{n}" for k, n in sorted(visit.skills.items()))}
            return Unserved(visit.id, "no_skill", facts)
        return Unserved(visit.id, "not_allowed", facts)
    reached = _reached(model, row)
    facts |= {"reached": len(reached)}
    if len(reached) < visit.carers:
        return Unserved(visit.id, "unreachable", facts)
    in_time = {int(model.staff_of[v]) for v in np.flatnonzero(model.usable[row])}
    facts |= {"in_time": len(in_time)}
    if len(in_time) < visit.carers:
        first, last = model.windows[row][0].earliest, model.windows[row][-1].latest
        return Unserved(visit.id, "no_window", facts | {"earliest": first, "latest": last})
    lead = int(model.leader[row])
    if lead >= 0 and lead in unserved:
        return Unserved(visit.id, "linked", facts | {"visit": problem.visits[lead].id})
    partners = _stuck_partner(model, row, unserved)
    if partners is not None:
        return Unserved(visit.id, "linked", facts | {"visit": partners})
    return Unserved(visit.id, "no_capacity", facts)


def _reached(model: Model, row: int) -> set[int]:
    """Carers at work with a way to the visit and home again."""
    place = int(model.place[row])
    out: set[int] = set()
    for vehicle, shift in enumerate(model.shifts):
        travel = model.problem.travel[int(model.mode[vehicle])]
        there = 0 if shift.start_place is None else int(travel[shift.start_place, place])
        back = 0 if shift.end_place is None else int(travel[place, shift.end_place])
        staff = int(model.staff_of[vehicle])
        if model.allowed[row, staff] and max(there, back) < UNREACHABLE:
            out.add(staff)
    return out


def _stuck_partner(model: Model, row: int, unserved: set[int]) -> str | None:
    """A linked visit that is impossible even alone."""
    for cluster in model.clusters:
        if row in cluster:
            for other in cluster:
                if other != row and other in unserved:
                    staff = {int(model.staff_of[v]) for v in np.flatnonzero(model.usable[other])}
                    if len(staff) < int(model.carers[other]):
                        return model.problem.visits[other].id
    return None
