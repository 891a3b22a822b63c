"""CP-SAT on a whole period: improves a spread that is there, and proves how good one can get."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

from ortools.sat.python import cp_model

from solver.period import Care, Week, WeekPlan, limits_of

_Key = tuple[str, int, str]
_Flags = dict[tuple[str, int], cp_model.IntVar]


def size(week: Week) -> int:
    """How many visits (care, day, worker) are possible."""
    return sum(len({d for p in care.patterns for d in p}) * len(care.people) for care in week.cares)


def least(week: Week) -> int:
    """A bound that needs no search: the cheapest face and pattern for every visit."""
    return sum(
        min(
            care.pattern_cost(number)
            + len(pattern) * min(0, care.carers * min([care.stranger, *care.known.values()]))
            for number, pattern in enumerate(care.patterns)
        )
        for care in week.cares
    )


def improve(
    week: Week, found: WeekPlan, *, end: float, seed: int, steps: float | None, threads: int
) -> WeekPlan:
    """The best plan known when the time is over, `found` if nothing better turns up."""
    left = end - monotonic()
    if left < 0.2:
        return WeekPlan(found.visits, found.unserved, found.cost, least(week))
    model = cp_model.CpModel()
    picks, comes, lost = _variables(model, week)
    _limits(model, week, comes)
    model.minimize(_cost(model, week, picks, comes, lost))
    _hint(model, week, found, picks, comes, lost)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = left
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = threads
    if steps is not None:
        solver.parameters.max_deterministic_time = steps
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return WeekPlan(found.visits, found.unserved, found.cost, least(week))
    bound = max(least(week), round(solver.best_objective_bound))
    cost = round(solver.objective_value)
    if cost >= found.cost:
        return WeekPlan(found.visits, found.unserved, found.cost, min(bound, found.cost))
    visits = tuple(sorted(key for key, var in comes.items() if solver.value(var)))
    unserved = tuple(sorted(key for key, var in lost.items() if solver.value(var)))
    return WeekPlan(visits, unserved, cost, bound)


def _hint(
    model: cp_model.CpModel,
    week: Week,
    found: WeekPlan,
    picks: _Flags,
    comes: Mapping[_Key, cp_model.IntVar],
    lost: _Flags,
) -> None:
    """Tell CP-SAT the plan that is there."""
    made, missing = set(found.visits), set(found.unserved)
    for key, var in comes.items():
        model.add_hint(var, key in made)
    for visit, flag in lost.items():
        model.add_hint(flag, visit in missing)
    days: dict[str, set[int]] = {care.id: set() for care in week.cares}
    for name, day, _ in found.visits:
        days[name].add(day)
    for name, day in found.unserved:
        days[name].add(day)
    for care in week.cares:
        for number, pattern in enumerate(care.patterns):
            model.add_hint(picks[care.id, number], set(pattern) == days[care.id])


def _variables(
    model: cp_model.CpModel, week: Week
) -> tuple[_Flags, dict[_Key, cp_model.IntVar], _Flags]:
    """Pattern picked; worker comes on day; visit lost. A visit has its carers, or is lost."""
    picks: _Flags = {}
    comes: dict[_Key, cp_model.IntVar] = {}
    lost: _Flags = {}
    by_id = {w.id: w for w in week.workers}
    for care in week.cares:
        for number in range(len(care.patterns)):
            picks[care.id, number] = model.new_bool_var("")
        model.add_exactly_one([picks[care.id, k] for k in range(len(care.patterns))])
        for day in sorted({d for p in care.patterns for d in p}):
            wanted = sum(picks[care.id, k] for k, p in enumerate(care.patterns) if day in p)
            lost[care.id, day] = model.new_bool_var("")
            able = [n for n in sorted(care.people) if by_id[n].room(care, day)]
            for name in able:
                comes[care.id, day, name] = model.new_bool_var("")
            here = sum(comes[care.id, day, n] for n in able)
            model.add(here + care.carers * lost[care.id, day] == care.carers * wanted)
    for care in week.cares:
        if care.follows:
            for number in range(len(care.patterns)):
                model.add(picks[care.id, number] == picks[care.follows, number])
    cares = {c.id: c for c in week.cares}
    for spacing in week.spacings:
        for one, first in enumerate(cares[spacing.first].patterns):
            for two, second in enumerate(cares[spacing.second].patterns):
                if not spacing.keeps(first, second):
                    both = (picks[spacing.first, one], picks[spacing.second, two])
                    model.add_bool_or([flag.negated() for flag in both])
    return picks, comes, lost


def _limits(model: cp_model.CpModel, week: Week, comes: Mapping[_Key, cp_model.IntVar]) -> None:
    cares = {c.id: c for c in week.cares}
    for worker in week.workers:
        mine = [(cares[key[0]], key[1], var) for key, var in comes.items() if key[2] == worker.id]
        works: list[cp_model.IntVar] = []
        loads: list[cp_model.LinearExprT] = []
        for day in range(week.days):
            today = [(care, var) for care, on, var in mine if on == day]
            load = sum(care.seconds * var for care, var in today)
            model.add(load <= worker.seconds[day])
            for band, seconds in worker.bands.items():
                inside = sum(care.seconds * var for care, var in today if band in care.bands)
                model.add(inside <= seconds[day])
            at_work = model.new_bool_var("")
            for _, var in today:
                model.add_implication(var, at_work)
            works.append(at_work)
            loads.append(load)
        for limit in limits_of(worker, week.days):
            if limit.seconds is not None:
                model.add(sum(loads[limit.first : limit.last + 1]) <= limit.seconds)
            if limit.days is not None:
                model.add(sum(works[limit.first : limit.last + 1]) <= limit.days)


def _cost(
    model: cp_model.CpModel,
    week: Week,
    picks: _Flags,
    comes: Mapping[_Key, cp_model.IntVar],
    lost: _Flags,
) -> cp_model.LinearExprT:
    cares = {c.id: c for c in week.cares}
    terms: list[cp_model.LinearExprT] = [week.lost(cares[id_]) * v for (id_, _), v in lost.items()]
    terms += [cares[id_].cost(name) * var for (id_, _, name), var in comes.items()]
    terms += [cares[id_].pattern_cost(number) * var for (id_, number), var in picks.items()]
    terms += [week.faces * extra for care in week.cares for extra in _faces(model, care, comes)]
    terms += _fairness(model, week, comes)
    return sum(terms)


def _faces(
    model: cp_model.CpModel, care: Care, comes: Mapping[_Key, cp_model.IntVar]
) -> list[cp_model.IntVar]:
    """Different workers beyond as many as a visit takes."""
    by_name: dict[str, list[cp_model.IntVar]] = {}
    for day in sorted({d for p in care.patterns for d in p}):
        for name in sorted(care.people):
            if (care.id, day, name) in comes:
                by_name.setdefault(name, []).append(comes[care.id, day, name])
    if len(by_name) <= care.carers:
        return []
    seen = []
    for visits in by_name.values():
        face = model.new_bool_var("")
        for var in visits:
            model.add_implication(var, face)
        seen.append(face)
    extra = model.new_int_var(0, len(seen), "")
    model.add(extra >= sum(seen) - care.carers)
    return [extra]


def _fairness(
    model: cp_model.CpModel, week: Week, comes: Mapping[_Key, cp_model.IntVar]
) -> list[cp_model.LinearExprT]:
    """Most loaded worker's seconds above the mean, and the most hard visits of one worker."""
    if not week.workers:
        return []
    long = {c.id: c.seconds for c in week.cares}
    hard = {c.id for c in week.cares if c.hard_work}
    above = model.new_int_var(0, sum(long.values()) * week.days + 1, "")
    most = model.new_int_var(0, len(week.cares) * week.days, "")
    for worker in week.workers:
        mine = [(key, var) for key, var in comes.items() if key[2] == worker.id]
        model.add(above >= sum(long[k[0]] * v for k, v in mine) - week.mean)
        model.add(most >= sum(v for k, v in mine if k[0] in hard))
    return [week.unfair * above, week.unfair_hard * most]
