"""What would have to give for one unserved visit to fit: each wish loosened alone, least first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from solver.insertion import Offer, suggest
from solver.options import Options
from solver.plan import Solution
from solver.types import MAX_TIME, Apart, Pin, Problem, Shift, Staff, Visit, Window

__all__ = ["Relaxation", "relaxations"]

#: Seconds by which windows and shifts are stretched, one after the other.
_STEPS = (900, 1800, 3600, 7200)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One rule loosened as little as makes the visit fit, all other rules as they are.

    rule
        ``pin_carer``, ``pin_start``, ``pin_order`` (that part of the visit's pin given up),
        ``windows``, ``skills``, ``allowed``, ``carers``, ``apart``, ``overtime``, or of a carer
        ``visits``, ``travel`` (most of them) and longest ``leg``.
    amount
        Seconds, or 1 where there is nothing to measure; for ``carers`` the people left.
    detail
        The skill given up, or the visit it need not come after any more; empty otherwise.
    offer
        The cheapest way to take the visit in then.
    """

    rule: str
    amount: int
    detail: str
    offer: Offer


def relaxations(
    problem: Problem, solution: Solution, visit: str, *, options: Options | None = None
) -> tuple[Relaxation, ...]:
    """For each rule that alone stands in the way, the least loosening that is enough.

    Empty when the visit already fits, or when no single rule is to blame.

    Raises
    ------
    ProblemError
        ``suggest.visit``: not a visit of the problem, or already served.
    """
    if suggest(problem, solution, visit, top=1, options=options):
        return ()
    row = problem.visit_row(visit)
    found: dict[tuple[str, str], Relaxation] = {}
    for rule, amount, detail, looser in _looser(problem, row):
        if (rule, detail) in found or (rule == "overtime" and ("overtime", "") in found):
            continue
        offers = suggest(looser, solution, visit, top=1, options=options)
        if offers:
            # Whoever is chosen is the one whose shift grows.
            found[rule, detail] = Relaxation(rule, amount, detail, offers[0])
    return tuple(found.values())


def _with_visit(problem: Problem, row: int, visit: Visit) -> Problem:
    return _copy(problem, visits=(*problem.visits[:row], visit, *problem.visits[row + 1 :]))


def _copy(
    problem: Problem,
    *,
    visits: tuple[Visit, ...] | None = None,
    staff: tuple[Staff, ...] | None = None,
    pins: tuple[Pin, ...] | None = None,
    apart: tuple[Apart, ...] | None = None,
) -> Problem:
    return Problem(
        visits=problem.visits if visits is None else visits,
        staff=problem.staff if staff is None else staff,
        travel=problem.travel,
        links=problem.links,
        pins=problem.pins if pins is None else pins,
        previous=problem.previous,
        apart=problem.apart if apart is None else apart,
        metres=problem.metres,
    )


def _looser(problem: Problem, row: int) -> Iterator[tuple[str, int, str, Problem]]:
    """(rule, amount, detail, problem) from the least change to the greatest, rule by rule."""
    visit = problem.visits[row]
    for rule, detail, pins in _unpinned(problem, visit.id):
        yield rule, 1, detail, _copy(problem, pins=pins)
    for step in _STEPS:
        yield "windows", step, "", _with_visit(problem, row, _wider(visit, step))
    for skill in sorted(visit.skills):
        left = {name: level for name, level in visit.skills.items() if name != skill}
        yield "skills", 1, skill, _with_visit(problem, row, replace(visit, skills=left))
    if visit.required or visit.forbidden:
        free = replace(visit, required=frozenset(), forbidden=frozenset())
        yield "allowed", 1, "", _with_visit(problem, row, free)
    linked_same = {end for k in problem.links if k.carers == "same" for end in (k.first, k.second)}
    if visit.id not in linked_same:
        for people in range(visit.carers - 1, 0, -1):
            fewer = replace(visit, carers=people)
            yield "carers", people, "", _with_visit(problem, row, fewer)
    if any(visit.id in (pair.first, pair.second) for pair in problem.apart):
        free_pairs = tuple(p for p in problem.apart if visit.id not in (p.first, p.second))
        yield "apart", 1, "", _copy(problem, apart=free_pairs)
    for step in _STEPS:
        longer = tuple(replace(s, shifts=_longer(s.shifts, step)) for s in problem.staff)
        yield "overtime", step, "", _copy(problem, staff=longer)
    if any(s.max_visits is not None for s in problem.staff):
        more = tuple(
            replace(s, max_visits=None if s.max_visits is None else s.max_visits + 1)
            for s in problem.staff
        )
        yield "visits", 1, "", _copy(problem, staff=more)
    yield from _further(problem)


def _further(problem: Problem) -> Iterator[tuple[str, int, str, Problem]]:
    """More travel and longer legs for everybody who has a limit of them."""
    for rule, name in (("travel", "max_travel"), ("leg", "max_leg")):
        if all(getattr(s, name) is None for s in problem.staff):
            continue
        for step in _STEPS:
            staff = tuple(
                s if (most := getattr(s, name)) is None else replace(s, **{name: most + step})
                for s in problem.staff
            )
            yield rule, step, "", _copy(problem, staff=staff)


def _unpinned(problem: Problem, visit: str) -> Iterator[tuple[str, str, tuple[Pin, ...]]]:
    """(rule, detail, pins) for each part of the visit's pin given up alone."""
    for k, pin in enumerate(problem.pins):
        if pin.visit != visit:
            continue
        parts = {
            "pin_carer": (bool(pin.staff), replace(pin, staff=())),
            "pin_start": (pin.start is not None, replace(pin, start=None)),
            "pin_order": (
                pin.first or pin.after is not None,
                replace(pin, after=None, first=False),
            ),
        }
        for rule, (given, looser) in parts.items():
            if given:
                detail = (pin.after or "") if rule == "pin_order" else ""
                yield rule, detail, (*problem.pins[:k], looser, *problem.pins[k + 1 :])


def _wider(visit: Visit, by: int) -> Visit:
    """Every window stretched both ways; windows that meet become one."""
    out: list[Window] = []
    for window in visit.windows:
        low, high = max(0, window.earliest - by), min(MAX_TIME, window.latest + by)
        if out and out[-1].latest >= low:
            low = out.pop().earliest
        out.append(Window(low, high))
    return replace(visit, windows=tuple(out))


def _longer(shifts: tuple[Shift, ...], by: int) -> tuple[Shift, ...]:
    """Each shift's hard end later, but not into the next shift."""
    out: list[Shift] = []
    for k, shift in enumerate(shifts):
        limit = shifts[k + 1].start if k + 1 < len(shifts) else MAX_TIME
        out.append(replace(shift, hard_end=min(limit, shift.latest_return + by)))
    return tuple(out)
