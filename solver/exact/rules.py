"""The hard rules that hold over several visits or shifts, for CP-SAT."""

from __future__ import annotations

from ortools.sat.python import cp_model

from solver.exact.lanes import Day, total
from solver.types import Apart, Link

__all__ = ["obey"]


def obey(day: Day) -> None:
    """Links, apart, and limits of carers and shifts."""
    problem = day.scope.model.problem
    for link in problem.links:
        _link(day, link)
    for pair in problem.apart:
        _apart(day, pair)
    for run in day.runs:
        if run.shift.capacity is not None:
            goods = total(problem.visits[row].goods * made for row, made in run.has.items())
            day.model.add(goods <= run.shift.capacity)
    for person, staff in enumerate(problem.staff):
        mine = [run for run in day.runs if run.person == person]
        if not mine:
            continue
        if staff.max_visits is not None:
            made_all = [made for run in mine for made in run.has.values()]
            day.model.add(total(made_all) <= staff.max_visits)
        if staff.max_travel is not None:
            roads = total(arc.way * arc.taken for run in mine for arc in run.arcs.values())
            day.model.add(roads <= staff.max_travel)


def _link(day: Day, link: Link) -> None:
    """Both or neither; the gap between their starts; the same people, or nobody in common."""
    problem = day.scope.model.problem
    a, b = problem.visit_row(link.first), problem.visit_row(link.second)
    one, two = day.served.get(a), day.served.get(b)
    if one is None or two is None:
        # The other one takes no part and is not made.
        for flag in (one, two):
            if flag is not None:
                day.model.add(flag == 0)
        return
    day.model.add(one == two)
    gap = day.starts[b] - day.starts[a]
    day.model.add(gap >= link.min_gap).only_enforce_if(one)
    if link.max_gap is not None:
        day.model.add(gap <= link.max_gap).only_enforce_if(one)
    if link.carers == "any":
        return
    for person in {run.person for run in day.runs}:
        if link.carers == "same":
            day.model.add(day.by(a, person) == day.by(b, person))
        else:
            day.model.add(day.by(a, person) + day.by(b, person) <= 1)


def _apart(day: Day, pair: Apart) -> None:
    """One begins after the last carer of the other is done."""
    problem = day.scope.model.problem
    a, b = problem.visit_row(pair.first), problem.visit_row(pair.second)
    if a not in day.served or b not in day.served:
        return
    first = day.model.new_bool_var("")
    _after(day, a, b, pair.gap, first)
    _after(day, b, a, pair.gap, first.negated())


def _after(day: Day, one: int, two: int, gap: int, so: cp_model.BoolVarT) -> None:
    for run in day.runs:
        if one in run.has:
            rule = day.model.add(day.starts[two] >= day.starts[one] + run.long[one] + gap)
            rule.only_enforce_if(so, run.has[one], day.served[two])
