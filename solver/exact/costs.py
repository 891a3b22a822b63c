"""What a plan costs, as a sum CP-SAT can make small; entry by entry what the judge counts."""

from __future__ import annotations

from ortools.sat.python import cp_model

from solver.exact.lanes import HOME, Day, Expr, Run, total
from solver.types import MAX_TIME

__all__ = ["cost"]


def cost(day: Day) -> Expr:
    """Of everything that takes part."""
    terms: list[Expr] = [
        int(day.scope.model.penalty[row]) * flag.negated() for row, flag in day.served.items()
    ]
    for run in day.runs:
        terms += _of_route(day, run)
    terms += _of_starts(day)
    terms += _of_people(day)
    terms += _of_changes(day)
    return total(terms)


def _above(day: Day, what: Expr, most: int, *when: cp_model.BoolVarT) -> cp_model.IntVar:
    """A number not below 0 and, where `when` holds, not below `what`."""
    above = day.model.new_int_var(0, most, "")
    rule = day.model.add(above >= what)
    if when:
        rule.only_enforce_if(*when)
    return above


def _of_route(day: Day, run: Run) -> list[Expr]:
    """Travel, overtime, waiting, paid hours, kilometres."""
    weights = day.scope.model.weights
    shift, staff = run.shift, run.staff
    terms: list[Expr] = [weights.travel * arc.way * arc.taken for arc in run.arcs.values()]
    most = shift.latest_return - shift.start
    if weights.overtime and shift.latest_return > shift.end:
        late = _above(day, run.finish - shift.end, shift.latest_return - shift.end, run.used)
        terms.append(weights.overtime * late)
    if weights.waiting:
        busy = total((arc.way + arc.access) * arc.taken for arc in run.arcs.values())
        busy += total(run.long[row] * made for row, made in run.has.items())
        terms.append(weights.waiting * _above(day, run.duty - busy, most, run.used))
    if staff.cost_hour:
        paid = staff.cost_hour * run.duty
        terms.append(_rounded_down(day, paid, 3600, staff.cost_hour * most, run.used))
    if staff.cost_km:
        metres = total(arc.metres * arc.taken for arc in run.arcs.values())
        longest = sum(arc.metres for arc in run.arcs.values())
        terms.append(_rounded_down(day, staff.cost_km * metres, 1000, staff.cost_km * longest))
    return terms


def _rounded_down(
    day: Day, what: Expr, unit: int, most: int, *when: cp_model.BoolVarT
) -> cp_model.IntVar:
    """At least `what` // `unit`; being cheap keeps it there."""
    whole = day.model.new_int_var(0, most // unit, "")
    rule = day.model.add(unit * whole + unit - 1 >= what)
    if when:
        rule.only_enforce_if(*when)
    return whole


def _of_starts(day: Day) -> list[Expr]:
    """Before and after preferred times, and the largest lateness of the day."""
    model = day.scope.model
    weights, terms = model.weights, list[Expr]()
    largest = day.model.new_int_var(day.scope.late, MAX_TIME, "")
    for row, start in day.starts.items():
        wish = model.problem.visits[row].preferred
        if wish is None:
            continue
        first, last = model.windows[row][0].earliest, model.windows[row][-1].latest
        made = day.served[row]
        if last > wish.latest:
            late = _above(day, start - wish.latest, last - wish.latest, made)
            terms.append(weights.late * late)
            if weights.largest_late:
                day.model.add(largest >= late)
        if first < wish.earliest and weights.early:
            early = _above(day, wish.earliest - start, wish.earliest - first, made)
            terms.append(weights.early * early)
    if weights.largest_late:
        terms.append(weights.largest_late * largest)
    return terms


def _of_people(day: Day) -> list[Expr]:
    """Who comes to whom, who is used at all, and shares of service and of hard visits."""
    model = day.scope.model
    weights, terms = model.weights, list[Expr]()
    for run in day.runs:
        for row, made in run.has.items():
            visit, name, areas = model.problem.visits[row], run.staff.id, run.staff.areas
            liked = weights.continuity * visit.continuity.get(name, visit.unfamiliar)
            liked += weights.preference * visit.preference.get(name, 0)
            if areas and visit.area is not None and visit.area not in areas:
                liked += weights.outside_area
            terms.append(liked * made)
    service, hard = model.fair_service(), model.fair_hard()
    for person, staff in enumerate(model.problem.staff):
        mine = [run for run in day.runs if run.person == person]
        if not mine:
            continue
        if staff.cost_use:
            busy = day.model.new_bool_var("")
            for run in mine:
                day.model.add_implication(run.used, busy)
            terms.append(staff.cost_use * busy)
        made_by = [(run.long[row], row, made) for run in mine for row, made in run.has.items()]
        if weights.load:
            load = total(long * made for long, _, made in made_by) - service[person]
            most = sum(long for long, _, _ in made_by)
            terms.append(weights.load * _above(day, load, most))
        if weights.hard:
            heavy = total(made for _, row, made in made_by if model.problem.visits[row].hard)
            terms.append(weights.hard * _above(day, heavy - hard[person], len(made_by)))
    return terms


def _of_changes(day: Day) -> list[Expr]:
    """Promised people who do not come, and promised starts that move."""
    model = day.scope.model
    weights, problem, terms = model.weights, model.problem, list[Expr]()
    promised: dict[int, int] = {}
    for route in problem.previous:
        for stop in route.stops:
            if not problem.has_visit(stop.visit):
                continue
            row = problem.visit_row(stop.visit)
            if row not in day.served:
                continue
            promised.setdefault(row, stop.start)
            person = problem.staff_row(route.staff) if problem.has_staff(route.staff) else HOME
            terms.append(weights.change_carer * (day.served[row] - day.by(row, person)))
    for row, at in promised.items() if weights.change_start else ():
        windows, start, made = model.windows[row], day.starts[row], day.served[row]
        most = max(abs(windows[0].earliest - at), abs(windows[-1].latest - at))
        moved = _above(day, start - at, most, made)
        day.model.add(moved >= at - start).only_enforce_if(made)
        terms.append(weights.change_start * moved)
    return terms
