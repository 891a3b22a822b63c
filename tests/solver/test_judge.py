"""Every rule the judge knows has a plan that breaks it alone; and the judge stands alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import solver
from solver import (
    UNREACHABLE,
    Apart,
    Break,
    Link,
    Options,
    Pace,
    Pause,
    Pin,
    Problem,
    Route,
    Shift,
    Solution,
    Staff,
    Stop,
    Unserved,
    Visit,
    Weights,
    Window,
    check,
)
from solver.check import RULES

HOUR = 3600
EIGHT = 8 * HOUR
#: Places 0 to 3 in a line, ten minutes from one to the next.
ALONG = (np.abs(np.arange(4)[:, None] - np.arange(4)[None, :]) * 600).astype(np.int32)
SHIFT = Shift(EIGHT, 16 * HOUR, 0, 0, breaks=(Break(11 * HOUR, 13 * HOUR, 1800),))


def visit(name: str, place: int, **more: object) -> Visit:
    base = {"duration": 1800, "windows": (Window(EIGHT, 15 * HOUR),), "access": 60}
    return Visit(name, place, **(base | more))  # type: ignore[arg-type]


def stop(name: str, arrival: int) -> Stop:
    return Stop(name, arrival, arrival + 60, arrival + 60 + 1800)


PROBLEM = Problem(
    visits=(
        visit("a", 1),
        visit("b", 2, carers=2),
        visit("c", 3),
        visit("d", 3, mandatory=False),
    ),
    staff=(Staff("s", (SHIFT,), skills={"care": 1}), Staff("t", (SHIFT,)), Staff("u", (SHIFT,))),
    travel=(ALONG,),
)
#: s: a at 8:11, b at 8:52; rest at 11:00; home at 11:50. t: b with s, c at 9:34; home at 10:34.
A, B, C = EIGHT + 600, EIGHT + 600 + 1860 + 600, EIGHT + 600 + 1860 + 600 + 1860 + 600
HOME = 11 * HOUR + 3000
PLAN = Solution(
    routes=(
        Route(
            "s",
            0,
            EIGHT,
            HOME,
            (stop("a", A), stop("b", B)),
            (Pause(0, 11 * HOUR, 11 * HOUR + 1800),),
        ),
        Route(
            "t",
            0,
            EIGHT,
            C + 1860 + 1800,
            (stop("b", B), stop("c", C)),
            (Pause(0, 12 * HOUR, 12 * HOUR + 1800),),
        ),
    ),
    unserved=(Unserved("d", "no_capacity"),),
    cost={},
)


def asked(name: str, **more: object) -> Callable[[], tuple[Problem, Solution]]:
    """The plan stays; one visit asks for something else."""
    wanted = [replace(v, **more) if v.id == name else v for v in PROBLEM.visits]  # type: ignore[arg-type]
    return lambda: (replaced(visits=tuple(wanted)), PLAN)


def given(**more: object) -> Callable[[], tuple[Problem, Solution]]:
    """The plan stays; carer s is somebody else."""
    first, *others = PROBLEM.staff
    return lambda: (replaced(staff=(replace(first, **more), *others)), PLAN)  # type: ignore[arg-type]


def tied(**more: object) -> Callable[[], tuple[Problem, Solution]]:
    """The plan stays; the problem also asks for this."""
    return lambda: (replaced(**more), PLAN)


def replaced(**more: object) -> Problem:
    parts = {n: getattr(PROBLEM, n) for n in ("visits", "staff", "travel", "metres")}
    return Problem(**(parts | more))


def routed(at: int, change: Callable[[Route], Route]) -> Callable[[], tuple[Problem, Solution]]:
    """The problem stays; one route is another."""
    routes = list(PLAN.routes)
    routes[at] = change(routes[at])
    return planned(routes=tuple(routes))


def planned(**more: object) -> Callable[[], tuple[Problem, Solution]]:
    """The problem stays; the plan is another."""
    return lambda: (PROBLEM, replace(PLAN, **more))  # type: ignore[arg-type]


def at_stop(route: Route, k: int, **more: int) -> Route:
    stops = list(route.stops)
    stops[k] = replace(stops[k], **more)
    return replace(route, stops=tuple(stops))


def rest(start: int, end: int) -> Callable[[Route], Route]:
    return lambda r: replace(r, pauses=(Pause(0, start, end),))


FIRST, SECOND = PLAN.routes
NO_WAY = np.where(np.arange(4)[:, None] + np.arange(4)[None, :] == 3, UNREACHABLE, ALONG)
HARD_END = replace(SHIFT, end=11 * HOUR)
LATE = 9 * HOUR

BROKEN: dict[tuple[str, str], Callable[[], tuple[Problem, Solution]]] = {
    ("routes", "route.unknown"): routed(0, lambda r: replace(r, staff="nobody")),
    ("routes", "route.twice"): planned(routes=(*PLAN.routes, SECOND)),
    ("routes", "route.empty"): planned(routes=(*PLAN.routes, Route("u", 0, LATE, LATE, ()))),
    ("routes", "visit.unknown"): planned(unserved=(*PLAN.unserved, Unserved("x", "linked"))),
    ("hours", "shift.early"): routed(0, lambda r: replace(r, departure=EIGHT - 1)),
    ("hours", "shift.late"): given(shifts=(HARD_END,)),
    ("hours", "staff.visits"): given(max_visits=1),
    ("travel", "travel.none"): tied(travel=(NO_WAY,)),
    ("travel", "travel.short"): routed(0, lambda r: replace(r, departure=EIGHT + 1)),
    ("travel", "staff.leg"): given(max_leg=601),
    ("travel", "staff.travel"): given(max_travel=2399),
    ("goods", "shift.goods"): lambda: (
        replaced(
            visits=tuple(replace(v, goods=3) for v in PROBLEM.visits),
            staff=tuple(
                replace(s, shifts=(replace(SHIFT, capacity=6 - (s.id == "s")),))
                for s in PROBLEM.staff
            ),
        ),
        PLAN,
    ),
    ("duration", "visit.duration"): asked("a", paces=(Pace("care", 1, 1200),)),
    ("breaks", "break.missing"): routed(0, lambda r: replace(r, pauses=())),
    ("breaks", "break.window"): given(
        shifts=(replace(SHIFT, breaks=(Break(11 * HOUR + 1, 13 * HOUR, 1800),)),)
    ),
    ("breaks", "break.duration"): routed(0, rest(11 * HOUR, 11 * HOUR + 1799)),
    ("breaks", "break.visit"): lambda: (
        replaced(staff=tuple(replace(s, shifts=(EARLY_REST,)) for s in PROBLEM.staff)),
        replace(PLAN, routes=(rest(A + 60, A + 1860)(FIRST), rest(HOME, HOME + 1800)(SECOND))),
    ),
    ("breaks", "break.travel"): lambda: (
        replaced(staff=tuple(replace(s, shifts=(EARLY_REST,)) for s in PROBLEM.staff)),
        replace(
            PLAN,
            routes=(
                replace(rest(B + 1860, B + 3660)(FIRST), finish=B + 3660),
                SECOND,
            ),
        ),
    ),
    ("breaks", "break.edge"): routed(0, lambda r: replace(r, finish=11 * HOUR + 600)),
    ("served", "visit.lost"): planned(unserved=()),
    ("served", "visit.listed"): planned(unserved=(*PLAN.unserved, Unserved("a", "linked"))),
    ("together", "visit.carers"): asked("c", carers=2),
    ("together", "visit.starts"): routed(0, lambda r: at_stop(r, 1, start=B + 61, end=B + 1861)),
    ("windows", "visit.window"): asked("a", windows=(Window(EIGHT, A + 59), Window(LATE, LATE))),
    ("pins", "pin.start"): tied(pins=(Pin("a", start=A + 61),)),
    ("pins", "pin.staff"): tied(pins=(Pin("a", ("u",)),)),
    ("pins", "pin.order"): tied(pins=(Pin("c", first=True),)),
    ("skills", "visit.skill"): asked("a", skills={"care": 2}),
    ("allowed", "visit.staff"): asked("a", forbidden=frozenset({"s"})),
    ("links", "link.half"): tied(links=(Link("a", "d"),)),
    ("links", "link.gap"): tied(links=(Link("a", "c", 0, C - A - 1),)),
    ("links", "link.carers"): tied(links=(Link("a", "c", carers="same"),)),
    ("apart", "apart.overlap"): tied(apart=(Apart("a", "c", C - A - 1799),)),
    ("cost", "cost.differs"): planned(cost={"travel": 1}),
}
EARLY_REST = replace(SHIFT, breaks=(Break(EIGHT, 13 * HOUR, 1800),))


def test_the_plan_the_others_are_made_from_breaks_nothing() -> None:
    assert check(PROBLEM, PLAN).violations == ()


@pytest.mark.parametrize("rule", BROKEN, ids="-".join)
def test_a_plan_that_breaks_one_rule_is_refused_by_that_rule_alone(rule: tuple[str, str]) -> None:
    found = check(*BROKEN[rule]()).violations

    assert {(v.rule, v.code) for v in found} == {rule}


@pytest.mark.parametrize(
    "more",
    [
        {"required": frozenset({"t"})},
        {"required": frozenset({"u", "t"}), "forbidden": frozenset({"t"})},
    ],
)
def test_only_required_staff_come(more: dict[str, object]) -> None:
    found = check(*asked("a", **more)()).violations

    assert {v.code for v in found} == {"visit.staff"}


def test_everything_the_judge_can_say_is_tried_here() -> None:
    files = _files()
    said = {
        pair
        for path in files.values()
        for pair in re.findall(r'blame\(\s*"(\w+)",\s*"([\w.]+)"', path.read_text("utf-8"))
    }

    assert said == set(BROKEN)


PRICED = Problem(
    visits=(
        visit("a", 1, preferred=Window(A + 160, A + 160), unfamiliar=7, area="north", hard=True),
        visit("b", 2, carers=2, preferred=Window(B - 40, B - 40), preference={"s": -5, "t": 9}),
        visit("c", 3, preferred=Window(C, C)),
        visit("d", 3, mandatory=False, priority=2, due=1),
    ),
    staff=(
        Staff("s", (SHIFT,), cost_use=11, areas=frozenset({"south"}), cost_hour=600, cost_km=100),
        Staff("t", (SHIFT,)),
        Staff("u", (SHIFT,)),
    ),
    travel=(ALONG,),
    metres=(ALONG * 2,),
    previous=(
        Route(
            "t", 0, EIGHT, LATE, (Stop("a", A, A + 90, A + 1890), Stop("d", B, B + 60, B + 1860))
        ),
    ),
)
#: Worked out by hand from PLAN; the duty of s is from 8:00 to 11:50 without half an hour.
PRICES = {
    "unserved": 3 * 100 + 1000 // 2,
    "overtime": 0,
    "late": 100 + 60,
    "early": 100,
    "largest_late": 100,
    "travel": 2400 + 3600,
    # t has 1860 to wait for s at b.
    "waiting": (HOME - EIGHT - 1800) - 2400 - 2 * 1860 + 1860,
    "staff": 11,
    "continuity": 7,
    "preference": 4,
    "area": 1,
    "duty": 600 * (HOME - EIGHT - 1800) // 3600,
    "distance": 100 * 4800 // 1000,
    # Nine thousand seconds are asked for, three thousand of each; s and t do 3600.
    "load": 2 * 600,
    # One hard visit, one each is fair.
    "hard": 0,
    "change": 50 + 30 + 400,
}
UNITS = Weights(
    unserved_mandatory=10_000,
    unserved_optional=100,
    unserved_due=1000,
    **dict.fromkeys(
        "overtime late early travel waiting largest_late outside_area load hard".split(), 1
    ),
    change_carer=50,
    change_dropped=400,
)


def test_every_cost_is_what_one_reckons_by_hand() -> None:
    assert check(PRICED, PLAN, Options(weights=UNITS)).cost == PRICES


def test_overtime_and_hard_work_are_reckoned_too() -> None:
    short = replace(SHIFT, end=HOME - 100, hard_end=16 * HOUR)
    staff = tuple(replace(s, shifts=(short,)) for s in PROBLEM.staff)
    visits = tuple(replace(v, hard=v.id in "ab") for v in PROBLEM.visits)
    cost = check(replaced(staff=staff, visits=visits), PLAN, Options(weights=UNITS)).cost

    # Three of them for three people: one each; s made two.
    assert (cost["overtime"], cost["hard"]) == (100, 1)


def test_the_judge_reads_the_problem_and_the_plan_and_nothing_of_the_search() -> None:
    allowed = {"crew", "errors", "limits", "options", "plan", "types", "wanted"}
    own = set(_files())
    seen, left = set[str](), set(own)
    while left:
        name = left.pop()
        seen.add(name)
        left |= _imports(Path(solver.__file__).with_name(f"{name}.py")) - seen

    assert seen == own | allowed


def _files() -> dict[str, Path]:
    return {p.stem: p for p in Path(solver.__file__).parent.glob("check*.py")}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("solver"):
            found.add(str(node.module).partition(".")[2] or "__init__")
        elif isinstance(node, ast.Import):
            found |= {"__init__" for a in node.names if a.name.startswith("solver")}
    return found


def test_all_rules_of_cost_have_a_number_by_hand() -> None:
    assert tuple(PRICES) == RULES
