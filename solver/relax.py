"""What would have to give for one unserved visit to fit: each wish loosened alone, least first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from solver.insertion import Offer, suggest
from solver.options import Options
from solver.plan import Solution
from solver.types import MAX_TIME, Apart, Pin, Problem, Shift, Staff, Visit, Window

__all__ = ["Relaxation", "relaxations"]

#: Most seconds by which windows, shifts, ways and legs are stretched.
_MOST = 7200

#: (rule, detail, most, problem loosened by so much): the more, the more fits.
Loosening = tuple[str, str, int, Callable[[int], Problem]]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One rule loosened as little as makes the visit fit, all other rules as they are.

    rule
        ``pin_carer``, ``pin_start``, ``pin_order`` (that part of the visit's pin given up),
        ``windows``, ``skills``, ``allowed``, ``carers``, ``apart``, ``overtime``, or of a carer
        ``visits``, ``travel`` (most of them), longest ``leg`` and ``goods`` of a shift.
    amount
        Seconds or goods, or 1 where there is nothing to measure; for ``carers`` the people left.
        One less would not be enough.
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
    found: list[Relaxation] = []
    for rule, detail, most, looser in _looser(problem, row):

        def offers(amount: int, looser: Callable[[int], Problem] = looser) -> tuple[Offer, ...]:
            return suggest(looser(amount), solution, visit, top=1, options=options)

        best, low, high = offers(most), 0, most
        while best and high - low > 1:
            middle = (low + high) // 2
            if tried := offers(middle):
                best, high = tried, middle
            else:
                low = middle
        if best:
            # Whoever is chosen is the one whose shift grows.
            left = problem.visits[row].carers - high if rule == "carers" else high
            found.append(Relaxation(rule, left, detail, best[0]))
    return tuple(found)


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


def _looser(problem: Problem, row: int) -> Iterator[Loosening]:
    """What may be loosened, rule by rule."""
    visit = problem.visits[row]
    for rule, detail, pins in _unpinned(problem, visit.id):
        yield rule, detail, 1, partial(_unpin, problem, pins)
    yield "windows", "", _MOST, lambda by: _with_visit(problem, row, _wider(visit, by))
    for skill in sorted(visit.skills):
        left = {name: level for name, level in visit.skills.items() if name != skill}
        yield "skills", skill, 1, partial(_instead, problem, row, replace(visit, skills=left))
    if visit.required or visit.forbidden:
        free = replace(visit, required=frozenset(), forbidden=frozenset())
        yield "allowed", "", 1, partial(_instead, problem, row, free)
    same = {end for k in problem.links if k.carers == "same" for end in (k.first, k.second)}
    pinned = any(p.visit == visit.id and (p.staff or p.after is not None) for p in problem.pins)
    followed = any(p.after == visit.id for p in problem.pins)
    if visit.carers > 1 and visit.id not in same and not pinned and not followed:
        yield (
            "carers",
            "",
            visit.carers - 1,
            lambda by: _with_visit(problem, row, replace(visit, carers=visit.carers - by)),
        )
    if any(visit.id in (pair.first, pair.second) for pair in problem.apart):
        pairs = tuple(p for p in problem.apart if visit.id not in (p.first, p.second))
        yield "apart", "", 1, lambda _: _copy(problem, apart=pairs)
    yield "overtime", "", _MOST, lambda by: _staffed(problem, partial(_stays, by=by))
    for rule, name, most in (
        ("visits", "max_visits", 1),
        ("travel", "max_travel", _MOST),
        ("leg", "max_leg", _MOST),
    ):
        if any(getattr(s, name) is not None for s in problem.staff):
            yield rule, "", most, partial(_further, problem, name)
    if visit.goods and any(x.capacity is not None for s in problem.staff for x in s.shifts):
        yield "goods", "", visit.goods, lambda by: _staffed(problem, partial(_carries, by=by))


def _unpin(problem: Problem, pins: tuple[Pin, ...], _: int) -> Problem:
    return _copy(problem, pins=pins)


def _instead(problem: Problem, row: int, visit: Visit, _: int) -> Problem:
    return _with_visit(problem, row, visit)


def _further(problem: Problem, name: str, by: int) -> Problem:
    """A limit so much higher for everybody who has one."""

    def higher(staff: Staff) -> Staff:
        most = getattr(staff, name)
        return staff if most is None else replace(staff, **{name: min(most + by, MAX_TIME)})

    return _staffed(problem, higher)


def _staffed(problem: Problem, change: Callable[[Staff], Staff]) -> Problem:
    return _copy(problem, staff=tuple(map(change, problem.staff)))


def _stays(staff: Staff, by: int) -> Staff:
    return replace(staff, shifts=_longer(staff.shifts, by))


def _carries(staff: Staff, by: int) -> Staff:
    shifts = tuple(
        x if x.capacity is None else replace(x, capacity=min(x.capacity + by, MAX_TIME))
        for x in staff.shifts
    )
    return replace(staff, shifts=shifts)


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
