"""The days that property tests are made of ask for everything a problem can ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from solver import UNREACHABLE, Problem
from solver.sample import full_day

HOUR = 3600


def asked(problem: Problem) -> Iterator[str]:
    """Every rule of a problem that this one makes use of."""
    for visit in problem.visits:
        yield from ("several windows",) * (len(visit.windows) > 1)
        yield from ("no width of window",) * any(w.earliest == w.latest for w in visit.windows)
        yield f"{visit.carers} carers"
        yield from (f"level {level}" for level in visit.skills.values())
        yield "mandatory" if visit.mandatory else "optional"
        given = {
            "preferred time": visit.preferred,
            "pace by skill": visit.paces,
            "duration by carer": visit.duration_by,
            "required": visit.required,
            "forbidden": visit.forbidden,
            "continuity": visit.continuity,
            "strangers": visit.unfamiliar,
            "liked": any(x < 0 for x in visit.preference.values()),
            "disliked": any(x > 0 for x in visit.preference.values()),
            "priority": visit.priority,
            "own penalty": visit.penalty,
            "no penalty": visit.penalty == 0,
            "due": visit.due is not None,
            "access": visit.access,
            "group": visit.group,
            "goods": visit.goods,
            "area": visit.area,
            "hard": visit.hard,
        }
        yield from (name for name, value in given.items() if value)
    yield from _staff(problem)
    for link in problem.links:
        yield f"{link.carers} carers at links"
        yield "common start" if link.max_gap == 0 else "order"
        yield from ("no upper gap",) * (link.max_gap is None)
        yield from ("least gap",) * (link.min_gap > 0)
    for pin in problem.pins:
        parts = {"staff": pin.staff, "start": pin.start, "after": pin.after, "first": pin.first}
        yield from (f"pinned {name}" for name, value in parts.items() if value)
    yield from ("apart" if pair.gap == 0 else "apart by a gap" for pair in problem.apart)
    visits = {s.visit for route in problem.previous for s in route.stops}
    yield from ("promises",) * bool(problem.previous)
    yield from ("promise to nobody",) * any(not problem.has_visit(v) for v in visits)
    yield from ("promise of nobody",) * any(
        not problem.has_staff(r.staff) for r in problem.previous
    )
    yield from ("no way",) * any((m == UNREACHABLE).any() for m in problem.travel)
    yield from ("two modes",) * (len(problem.travel) == 2)


def _staff(problem: Problem) -> Iterator[str]:
    for staff in problem.staff:
        yield f"{len(staff.shifts)} shifts"
        for name in "max_visits max_travel max_leg".split():
            yield from (name,) * (getattr(staff, name) is not None)
        for name in "cost_use cost_hour cost_km areas skills".split():
            yield from (name,) * bool(getattr(staff, name))
        yield from ("second mode",) * (staff.mode == 1)
        for shift in staff.shifts:
            given = {
                "over midnight": shift.latest_return > 24 * HOUR,
                "free start": shift.start_place is None,
                "ends at the last visit": shift.end_place is None,
                "overtime": shift.latest_return > shift.end,
                "no overtime": shift.hard_end is None,
                "capacity": shift.capacity is not None,
                "fixed break": any(b.earliest == b.latest for b in shift.breaks),
                "floating break": any(b.earliest < b.latest for b in shift.breaks),
                "two breaks": len(shift.breaks) > 1,
            }
            yield from (name for name, value in given.items() if value)


RULES = """
several windows|no width of window|1 carers|2 carers|3 carers|level 1|level 2|mandatory|optional
preferred time|pace by skill|duration by carer|required|forbidden|continuity|strangers|liked
disliked|priority|own penalty|no penalty|due|access|group|goods|area|hard|0 shifts|1 shifts|2 shifts
max_visits|max_travel|max_leg|cost_use|cost_hour|cost_km|areas|skills|second mode|over midnight
free start|ends at the last visit|overtime|no overtime|capacity|fixed break|floating break
two breaks|any carers at links|same carers at links|different carers at links|common start|order
no upper gap|least gap|pinned staff|pinned start|pinned after|pinned first|apart|apart by a gap
promises|promise to nobody|promise of nobody|no way|two modes
"""


def test_every_rule_is_asked_for_by_some_day_in_a_hundred() -> None:
    days = Counter(rule for seed in range(200) for rule in set(asked(full_day(seed))))

    assert set(days) == {rule for line in RULES.split("\n") for rule in line.split("|") if rule}
    assert min(days.values()) >= 2
