"""Spread visits over days and people: patterns, spacing, labour limits, continuity.

A day's routes are not made here. Travel is a flat allowance per visit; `solver.solve` then plans
each day with the people chosen here as preference (`day_preferences`), not as a rule.

A search that takes visits out and puts them back gives a good spread within seconds on one core;
CP-SAT then looks for a better one where the period is small enough, and says how good it can get.
"""

from __future__ import annotations

from time import monotonic

from solver.period import Care, Limit, Spacing, Week, WeekPlan, Worker, check_week
from solver.week_exact import improve, least, size
from solver.week_search import Search

__all__ = [
    "Care",
    "Limit",
    "Spacing",
    "Week",
    "WeekPlan",
    "Worker",
    "check_week",
    "day_preferences",
    "spread",
]

_ROUNDS = 400
"""Rounds of search per unit of `steps`."""

_EACH = 30
"""Rounds of search for each care, where CP-SAT comes after it."""


def spread(
    week: Week,
    *,
    seconds: int = 20,
    seed: int = 1,
    steps: float | None = None,
    threads: int = 1,
    exact: int = 4_000,
) -> WeekPlan:
    """The cheapest plan found.

    seconds
        Wall clock, of everything.
    steps
        Measure of work instead: with it (and `seconds` long enough) the same week and seed give
        the same plan on one thread.
    threads
        Of CP-SAT; its strategies differ, so eight threads prove far more than one.
    exact
        Possible visits (care, day, worker) up to which CP-SAT has its turn.

    Raises
    ------
    ProblemError
        ``week.spacing``: no patterns of the cares it ties keep every spacing.
    """
    end = monotonic() + seconds
    proven = size(week) <= exact
    search = Search(week, seed)
    search.start()
    rounds = None if steps is None else max(1, round(_ROUNDS * steps))
    if proven and rounds is None:
        rounds = _EACH * len(week.cares)
    search.run(end=end - (seconds * 0.7 if proven else 0), rounds=rounds)
    found = search.plan()
    if not proven:
        return WeekPlan(found.visits, found.unserved, found.cost, least(week))
    return improve(week, found, end=end, seed=seed, steps=steps, threads=threads)


def day_preferences(plan: WeekPlan, day: int, *, gain: int = 1_200) -> dict[str, dict[str, int]]:
    """For `Visit.preference` of one day: the worker the week chose is worth `gain`."""
    found: dict[str, dict[str, int]] = {}
    for care, on, name in plan.visits:
        if on == day:
            found.setdefault(care, {})[name] = -gain
    return found
