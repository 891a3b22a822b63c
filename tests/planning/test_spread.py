"""Which days visits without named weekdays may fall on, and what expansions make of a choice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.model.demands import VisitDemand
from carecoord.model.ids import ElderId, StaffId
from carecoord.model.plans import Follow, Plan, Recurrence
from carecoord.model.spread import Placed
from carecoord.model.staff import Level, Shift
from carecoord.planning import expand
from carecoord.planning.labour import Work, labour_rules
from carecoord.planning.recur import days_of
from carecoord.planning.spread import Ahead, Question, question
from solver.week import check_week, spread
from tests import build
from tests.build import HOUR, STREET

FIRST = date(2026, 3, 2)
DAYS = 14
RULES = labour_rules(build.rules(FIRST))
SPAN = [FIRST + timedelta(days=k) for k in range(DAYS)]


def expanded(
    plan: Plan, placed: Sequence[Placed] = (), first: date = FIRST, days: int = DAYS
) -> list[VisitDemand]:
    found, problems = expand.demands(plan, STREET, first, days, (), placed)
    assert problems == []
    return found


def asked(plan: Plan, placed: Sequence[Placed] = (), **more: object) -> Question:
    people = [build.staff(f"c{k}", levels=(Level.NURSE, Level.CAREGIVER)) for k in range(2)]
    given = Ahead(
        first=FIRST,
        days=DAYS,
        told=frozenset(),
        plans={plan.id: plan},
        demands=tuple(expanded(plan, placed)),
        fixed=frozenset(),
        placed=tuple(placed),
        staff=dict.fromkeys(SPAN, tuple(people)),
        history={},
        known={},
        rules=RULES,
    )
    return question(replace(given, **more))  # type: ignore[arg-type]


def solved(asking: Question) -> tuple[Placed, ...]:
    plan = spread(asking.week, seconds=30, steps=0.05)
    assert check_week(asking.week, plan) == ([], plan.cost)
    return asking.answer(plan)


often = st.sampled_from(
    [(1, 7, 0), (2, 7, 0), (2, 7, 3), (3, 7, 2), (3, 7, 0), (5, 7, 0), (1, 14, 0), (2, 14, 5)]
)


@settings(max_examples=40, deadline=None)
@given(often, st.integers(0, 40), st.booleans())
def test_every_pattern_keeps_spacing_and_frequency(
    how: tuple[int, int, int], salt: int, settled: bool
) -> None:
    times, period, spacing = how
    task = build.task("g", recurrence=Recurrence(times, period, spacing=spacing))
    plan = build.plan(task, id=f"p{salt}")
    known = {plan.elder: (StaffId("c0"),)} if settled else {}
    asking = asked(plan, known=known)
    start = expand.anchor(plan.id, "g")
    before = list(days_of(task.recurrence, start, FIRST - timedelta(days=20), 20))[-1:]
    for care in asking.week.cares:
        count = len(care.patterns[0])
        for pattern in care.patterns[1:]:
            days = [FIRST + timedelta(days=k) for k in pattern]
            if settled:
                days = [*before, *days]
            gaps = [(b - a).days for a, b in pairwise(days)]
            assert len(pattern) == count
            assert all(gap >= max(1, spacing) for gap in gaps)
            assert all(gap <= -(-period // times) + (times > 1) for gap in gaps)


@settings(max_examples=25, deadline=None)
@given(often, st.integers(0, 40), st.integers(0, 6))
def test_what_is_chosen_is_what_later_expansions_give_from_any_day_on(
    how: tuple[int, int, int], salt: int, off: int
) -> None:
    times, period, spacing = how
    task = build.task("g", recurrence=Recurrence(times, period, spacing=spacing))
    plan = build.plan(task, id=f"p{salt}")
    free = {day: () if day.weekday() == off else staff for day, staff in _everybody().items()}
    chosen = solved(asked(plan, staff=free))
    after = expanded(plan, chosen)

    assert [(d.day) for d in after] == sorted(one.day for one in chosen)
    for k in (1, 5, 9):
        later = expanded(plan, chosen, FIRST + timedelta(days=k), DAYS - k)
        assert [d.id for d in later] == [d.id for d in after if d.day >= FIRST + timedelta(days=k)]


def _everybody() -> dict[date, tuple[object, ...]]:
    return dict.fromkeys(SPAN, (build.staff("c0"), build.staff("c1")))


def test_named_weekdays_agreed_days_and_daily_visits_have_one_pattern() -> None:
    tasks = [
        build.task("a", recurrence=Recurrence(2, 7, weekdays=(0, 3))),
        build.task("b", recurrence=Recurrence(1, 7, anchor=date(2026, 3, 4))),
        build.task("c", recurrence=Recurrence(1, 1)),
    ]
    asking = asked(build.plan(*tasks))

    assert {len(care.patterns) for care in asking.week.cares} == {1}


def test_what_a_person_decided_stays_and_the_others_go_round_it() -> None:
    plan = build.plan(build.task("g", recurrence=Recurrence(2, 7)))
    visits = expanded(plan)
    asking = asked(plan, fixed=frozenset({visits[1].id}))
    still = (visits[1].day - FIRST).days
    (care,) = asking.week.cares

    assert len(care.patterns) > 1
    assert all(still in pattern for pattern in care.patterns)


def test_visits_that_follow_one_another_move_together() -> None:
    weekly = Recurrence(1, 7)
    plan = replace(
        build.plan(
            build.task("bath", recurrence=weekly),
            build.task("nurse", recurrence=weekly, level=Level.NURSE),
        ),
        follows=(Follow("bath", "nurse", carers="different"),),
    )
    off = expanded(plan)[0].day.weekday()
    free = {
        day: ()
        if day.weekday() == off
        else (
            build.staff("c0", levels=(Level.CAREGIVER,)),
            build.staff("n1", levels=(Level.NURSE,)),
        )
        for day in SPAN
    }
    chosen = solved(asked(plan, staff=free))
    days = {group: {o.day for o in chosen if o.group == group} for group in ("bath", "nurse")}

    assert days["bath"] == days["nurse"]
    assert off not in {day.weekday() for day in days["bath"]}
    after = expanded(plan, chosen)
    assert sum(bool(d.after) for d in after) == len(days["bath"])


def test_the_one_who_comes_is_known_and_has_hours_left() -> None:
    plan = build.plan(build.task("g", recurrence=Recurrence(3, 7), minutes=10))
    known = {ElderId("e1"): (StaffId("c1"),)}
    tired = {StaffId("c1"): {FIRST - timedelta(days=k): Work(0, 1, 8 * HOUR) for k in range(1, 6)}}

    rested = solved(asked(plan, known=known))
    assert {o.staff for o in rested} == {("c1",)}
    limited = solved(asked(plan, known=known, history=tired))
    early = [o for o in limited if o.day <= FIRST + timedelta(days=1)]
    assert all(o.staff != ("c1",) for o in early)
    assert any(o.staff == ("c1",) for o in limited)


def test_a_night_shift_is_no_use_for_a_morning_visit() -> None:
    plan = build.plan(build.task("g", recurrence=Recurrence(2, 7)))
    night = replace(build.staff("c0"), shifts=(Shift(20 * HOUR, 28 * HOUR),))
    chosen = solved(asked(plan, staff=dict.fromkeys(SPAN, (night,))))

    assert {o.staff for o in chosen} == {()}


def test_choices_that_the_plan_no_longer_allows_count_no_more() -> None:
    task = build.task("g", recurrence=Recurrence(1, 7))
    plan = build.plan(task)
    usual = expanded(plan)
    due = usual[0].day

    def with_choice(day: date) -> list[date]:
        return [d.day for d in expanded(plan, [Placed(plan.id, "g", due, 0, day)])]

    plain = [d.day for d in usual]
    assert with_choice(due + timedelta(days=1)) == [due + timedelta(days=1), *plain[1:]]
    assert with_choice(due + timedelta(days=7)) == plain
    assert with_choice(plain[1]) == plain
    fixed = build.plan(build.task("g", recurrence=Recurrence(1, 7, weekdays=(due.weekday(),))))
    assert [d.day for d in expanded(fixed, [Placed(plan.id, "g", due, 0, due + timedelta(1))])] == [
        d.day for d in expanded(fixed)
    ]
