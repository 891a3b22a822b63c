"""Spread visits over days and people with CP-SAT: patterns, spacing, labour limits, continuity.

A day's routes are not made here. Travel is a flat allowance per visit; `solver.solve` then plans
each day with the people chosen here as preference (`day_preferences`), not as a rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from solver.errors import ProblemError

__all__ = ["Care", "Week", "WeekPlan", "Worker", "check_week", "day_preferences", "spread"]


@dataclass(frozen=True, slots=True)
class Care:
    """Visits one person needs in the period.

    patterns
        Allowed sets of day numbers, e.g. ``((0, 2, 4), (1, 3, 5))``; exactly one is taken.
    seconds
        Of one visit, travel allowance included.
    people
        Names of the workers who may come; empty: nobody may.
    known
        Cost per visit by worker name; anyone else costs `stranger`.
    hard_work
        Counts for the fairness of hard visits.
    """

    id: str
    patterns: tuple[tuple[int, ...], ...]
    seconds: int
    people: frozenset[str]
    known: Mapping[str, int] = field(default_factory=dict)
    stranger: int = 600
    hard_work: bool = False


@dataclass(frozen=True, slots=True)
class Worker:
    """Seconds a worker can give on each day, and limits over the period.

    most_seconds, most_days
        Over all days together; `in_a_row`: longest run of working days.
    """

    id: str
    seconds: tuple[int, ...]
    most_seconds: int | None = None
    most_days: int | None = None
    in_a_row: int | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """A period to plan, and what things cost.

    faces
        Per different worker beyond the first that one person sees.
    unfair, unfair_hard
        Per second of the most loaded worker above the mean; per hard visit of the one with most.
    unserved
        Per visit nobody makes.
    """

    days: int
    cares: tuple[Care, ...]
    workers: tuple[Worker, ...]
    faces: int = 3_000
    unfair: int = 1
    unfair_hard: int = 600
    unserved: int = 1_000_000

    def __post_init__(self) -> None:
        if not 1 <= self.days <= 62:
            raise ProblemError("number.range", "week.days", value=self.days, low=1, high=62)
        for name, ids in (
            ("cares", [c.id for c in self.cares]),
            ("workers", [w.id for w in self.workers]),
        ):
            if len(set(ids)) != len(ids):
                raise ProblemError(
                    "id.twice", f"week.{name}", id=next(i for i in ids if ids.count(i) > 1)
                )
        for worker in self.workers:
            if len(worker.seconds) != self.days:
                raise ProblemError(
                    "week.seconds",
                    f"workers[{worker.id}].seconds",
                    given=len(worker.seconds),
                    days=self.days,
                )
        known = {w.id for w in self.workers}
        for care in self.cares:
            if not care.patterns or any(not p for p in care.patterns):
                raise ProblemError("week.patterns", f"cares[{care.id}].patterns", value="empty")
            if any(not 0 <= d < self.days for p in care.patterns for d in p):
                raise ProblemError("week.day", f"cares[{care.id}].patterns", days=self.days)
            if care.seconds <= 0:
                raise ProblemError(
                    "number.range",
                    f"cares[{care.id}].seconds",
                    value=care.seconds,
                    low=1,
                    high=86_400,
                )
            for name in care.people - known:
                raise ProblemError("week.people", f"cares[{care.id}].people", worker=name)


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """Who comes to whom on which day.

    visits
        (care id, day, worker id), sorted.
    unserved
        (care id, day) of the chosen pattern that nobody makes.
    bound
        No plan costs less; equal to `cost` when this one is proven best.
    """

    visits: tuple[tuple[str, int, str], ...]
    unserved: tuple[tuple[str, int], ...]
    cost: int
    bound: int


def spread(
    week: Week,
    *,
    seconds: int = 20,
    seed: int = 1,
    steps: float | None = None,
    threads: int = 8,
) -> WeekPlan:
    """The cheapest plan found.

    steps
        Deterministic time of CP-SAT: with it (and `seconds` long enough) the same week and seed
        give the same plan on one thread.
    threads
        Of CP-SAT; its strategies differ, so eight threads prove far more than one.
    """
    model = cp_model.CpModel()
    picks, comes, lost = _variables(model, week)
    _limits(model, week, comes)
    model.minimize(_cost(model, week, comes, lost))
    _hint(model, week, picks, comes, lost)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = threads
    if steps is not None:
        solver.parameters.max_deterministic_time = steps
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        # Leaving everything out is always possible, so only a limit that short ends here.
        days = [(c.id, d) for c in week.cares for d in c.patterns[0]]
        return WeekPlan((), tuple(days), len(days) * week.unserved, 0)
    visits = tuple(sorted(key for key, var in comes.items() if solver.value(var)))
    unserved = tuple(sorted(key for key, var in lost.items() if solver.value(var)))
    bound = max(_least(week), round(solver.best_objective_bound))
    return WeekPlan(visits, unserved, round(solver.objective_value), bound)


def _least(week: Week) -> int:
    """A bound that needs no search: nothing but the gains of known faces."""
    return sum(
        min(0, care.stranger, *care.known.values()) * max(len(p) for p in care.patterns)
        for care in week.cares
    )


_Key = tuple[str, int, str]
_Flags = dict[tuple[str, int], cp_model.IntVar]


def _hint(
    model: cp_model.CpModel,
    week: Week,
    picks: _Flags,
    comes: Mapping[_Key, cp_model.IntVar],
    lost: _Flags,
) -> None:
    """Tell CP-SAT the greedy plan, so that a feasible one is never far."""
    first = set(_greedy(week))
    for key, var in comes.items():
        model.add_hint(var, key in first)
    made = {(care, day) for care, day, _ in first}
    for care in week.cares:
        fit = [len({(care.id, d) for d in p} & made) for p in care.patterns]
        chosen = fit.index(max(fit))
        for k in range(len(care.patterns)):
            model.add_hint(picks[care.id, k], k == chosen)
        for day in {d for p in care.patterns for d in p}:
            missing = day in care.patterns[chosen] and (care.id, day) not in made
            model.add_hint(lost[care.id, day], missing)


def _greedy(week: Week) -> list[_Key]:
    """A first plan: the most work first, each to whoever is known and has most time left."""
    left = {w.id: list(w.seconds) for w in week.workers}
    limits = {w.id: w for w in week.workers}
    total = dict.fromkeys(left, 0)
    days: dict[str, set[int]] = {name: set() for name in left}
    out: list[_Key] = []

    def free(name: str, day: int, seconds: int) -> bool:
        worker = limits[name]
        with_it = sorted(days[name] | {day})
        runs = _longest_run(with_it)
        return (
            left[name][day] >= seconds
            and (worker.most_seconds is None or total[name] + seconds <= worker.most_seconds)
            and (worker.most_days is None or len(with_it) <= worker.most_days)
            and (worker.in_a_row is None or runs <= worker.in_a_row)
        )

    for care in sorted(week.cares, key=lambda c: (-c.seconds * len(c.patterns[0]), c.id)):
        for pattern in care.patterns:
            mine: list[_Key] = []
            for day in pattern:
                used = {name for _, _, name in mine}
                able = [n for n in sorted(care.people) if free(n, day, care.seconds)]
                if not able:
                    break
                best = min(
                    able,
                    key=lambda n: (n not in used, care.known.get(n, care.stranger), total[n], n),
                )
                mine.append((care.id, day, best))
            if len(mine) == len(pattern):
                break
        for _, day, name in mine:
            if free(name, day, care.seconds):
                left[name][day] -= care.seconds
                total[name] += care.seconds
                days[name].add(day)
        out += mine
    return out


def _longest_run(days: Sequence[int]) -> int:
    longest, run, before = 0, 0, -2
    for day in days:
        run = run + 1 if day == before + 1 else 1
        longest, before = max(longest, run), day
    return longest


def _variables(
    model: cp_model.CpModel, week: Week
) -> tuple[_Flags, dict[_Key, cp_model.IntVar], _Flags]:
    """Pattern picked; worker comes on day; visit lost. A visit has one worker, or is lost."""
    picks: dict[tuple[str, int], cp_model.IntVar] = {}
    comes: dict[_Key, cp_model.IntVar] = {}
    lost: dict[tuple[str, int], cp_model.IntVar] = {}
    by_id = {w.id: w for w in week.workers}
    for care in week.cares:
        for k in range(len(care.patterns)):
            picks[care.id, k] = model.new_bool_var("")
        model.add_exactly_one([picks[care.id, k] for k in range(len(care.patterns))])
        for day in sorted({d for p in care.patterns for d in p}):
            wanted = sum(picks[care.id, k] for k, p in enumerate(care.patterns) if day in p)
            lost[care.id, day] = model.new_bool_var("")
            able = [n for n in sorted(care.people) if by_id[n].seconds[day] >= care.seconds]
            for name in able:
                comes[care.id, day, name] = model.new_bool_var("")
            model.add_at_most_one(comes[care.id, day, n] for n in able)
            model.add(sum(comes[care.id, day, n] for n in able) + lost[care.id, day] == wanted)
    return picks, comes, lost


def _limits(model: cp_model.CpModel, week: Week, comes: Mapping[_Key, cp_model.IntVar]) -> None:
    long = {c.id: c.seconds for c in week.cares}
    for worker in week.workers:
        mine = [(key, var) for key, var in comes.items() if key[2] == worker.id]
        days: list[cp_model.IntVar] = []
        for day in range(week.days):
            today = [(key, var) for key, var in mine if key[1] == day]
            model.add(sum(long[k[0]] * v for k, v in today) <= worker.seconds[day])
            works = model.new_bool_var("")
            for _, var in today:
                model.add_implication(var, works)
            days.append(works)
        if worker.most_seconds is not None:
            model.add(sum(long[k[0]] * v for k, v in mine) <= worker.most_seconds)
        if worker.most_days is not None:
            model.add(sum(days) <= worker.most_days)
        if worker.in_a_row is not None:
            for first in range(week.days - worker.in_a_row):
                model.add(sum(days[first : first + worker.in_a_row + 1]) <= worker.in_a_row)


def _cost(
    model: cp_model.CpModel,
    week: Week,
    comes: Mapping[_Key, cp_model.IntVar],
    lost: Mapping[tuple[str, int], cp_model.IntVar],
) -> cp_model.LinearExprT:
    by_care = {c.id: c for c in week.cares}
    terms: list[cp_model.LinearExprT] = [week.unserved * var for var in lost.values()]
    terms += [
        by_care[care].known.get(name, by_care[care].stranger) * var
        for (care, _, name), var in comes.items()
    ]
    for care in week.cares:
        seen = []
        for name in sorted(care.people):
            visits = [var for key, var in comes.items() if key[0] == care.id and key[2] == name]
            if visits:
                face = model.new_bool_var("")
                for var in visits:
                    model.add_implication(var, face)
                seen.append(face)
        if len(seen) > 1:
            extra = model.new_int_var(0, len(seen), "")
            model.add(extra >= sum(seen) - 1)
            terms.append(week.faces * extra)
    terms += _fairness(model, week, comes)
    return sum(terms)


def _fairness(
    model: cp_model.CpModel, week: Week, comes: Mapping[_Key, cp_model.IntVar]
) -> list[cp_model.LinearExprT]:
    """Most loaded worker's seconds above the mean, and the most hard visits of one worker."""
    if not week.workers:
        return []
    long = {c.id: c.seconds for c in week.cares}
    hard = {c.id for c in week.cares if c.hard_work}
    mean = _mean(week)
    above = model.new_int_var(0, sum(long.values()) * week.days + 1, "")
    most = model.new_int_var(0, len(week.cares) * week.days, "")
    for worker in week.workers:
        mine = [(key, var) for key, var in comes.items() if key[2] == worker.id]
        model.add(above >= sum(long[k[0]] * v for k, v in mine) - mean)
        model.add(most >= sum(v for k, v in mine if k[0] in hard))
    return [week.unfair * above, week.unfair_hard * most]


def _mean(week: Week) -> int:
    """Fair share in seconds: what all cares ask at least, over all workers."""
    asked = sum(min(len(p) for p in c.patterns) * c.seconds for c in week.cares)
    return asked // max(1, len(week.workers))


def check_week(week: Week, plan: WeekPlan) -> tuple[list[str], int]:
    """Broken rules in words for tests and logs, and the cost, recomputed without CP-SAT."""
    wrong: list[str] = []
    cares, workers = {c.id: c for c in week.cares}, {w.id: w for w in week.workers}
    cost = len(plan.unserved) * week.unserved
    days: dict[str, list[int]] = {c: [] for c in cares}
    for care, day, name in plan.visits:
        days[care].append(day)
        if name not in cares[care].people:
            wrong.append(f"{name} may not visit {care}")
        cost += cares[care].known.get(name, cares[care].stranger)
    for care, day in plan.unserved:
        days[care].append(day)
    for care, found in days.items():
        if tuple(sorted(found)) not in {tuple(sorted(p)) for p in cares[care].patterns}:
            wrong.append(f"{care} has days {sorted(found)}")
        faces = {name for c, _, name in plan.visits if c == care}
        cost += week.faces * max(0, len(faces) - 1)
    loads, hards = [0], [0]
    for name, worker in workers.items():
        mine = [(c, d) for c, d, n in plan.visits if n == name]
        for day in range(week.days):
            if sum(cares[c].seconds for c, d in mine if d == day) > worker.seconds[day]:
                wrong.append(f"{name} has too much on day {day}")
        wrong += _worker_faults(worker, mine, sum(cares[c].seconds for c, _ in mine))
        loads.append(sum(cares[c].seconds for c, _ in mine))
        hards.append(sum(cares[c].hard_work for c, _ in mine))
    if week.workers:
        cost += week.unfair * max(0, max(loads) - _mean(week)) + week.unfair_hard * max(hards)
    return wrong, cost


def _worker_faults(worker: Worker, mine: Sequence[tuple[str, int]], load: int) -> list[str]:
    days = sorted({d for _, d in mine})
    out: list[str] = []
    if worker.most_seconds is not None and load > worker.most_seconds:
        out.append(f"{worker.id} works {load} s")
    if worker.most_days is not None and len(days) > worker.most_days:
        out.append(f"{worker.id} works {len(days)} days")
    if worker.in_a_row is not None:
        run, before = 0, -2
        for day in days:
            run = run + 1 if day == before + 1 else 1
            before = day
            if run > worker.in_a_row:
                out.append(f"{worker.id} works {run} days in a row")
    return out


def day_preferences(plan: WeekPlan, day: int, *, gain: int = 1_200) -> dict[str, dict[str, int]]:
    """For `Visit.preference` of one day: the worker the week chose is worth `gain`."""
    return {care: {name: -gain} for care, d, name in plan.visits if d == day}
