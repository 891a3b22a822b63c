"""The week: patterns, people and labour limits over days."""

from __future__ import annotations

import random
from itertools import product

import pytest

from solver import ProblemError
from solver.week import (
    Care,
    Limit,
    Spacing,
    Week,
    WeekPlan,
    Worker,
    check_week,
    day_preferences,
    spread,
)

HOUR = 3600


def sample(seed: int, cares: int, workers: int) -> Week:
    rng = random.Random(seed)
    people = [f"w{k}" for k in range(workers)]
    choices = (((0, 2, 4), (1, 3, 5)), ((0, 3), (1, 4), (2, 5)), ((0, 1, 2, 3, 4),), ((2,), (5,)))
    return Week(
        days=7,
        cares=tuple(
            Care(
                id=f"c{k}",
                patterns=rng.choice(choices),
                seconds=rng.choice([1800, 3600]),
                people=frozenset(rng.sample(people, max(1, workers * 2 // 3))),
                known={rng.choice(people): 0},
                hard_work=rng.random() < 0.3,
            )
            for k in range(cares)
        ),
        workers=tuple(
            Worker(
                p,
                tuple(6 * HOUR for _ in range(7)),
                most_seconds=30 * HOUR,
                most_days=5,
                in_a_row=4,
            )
            for p in people
        ),
    )


@pytest.mark.parametrize("seed", range(5))
def test_every_week_passes_its_judge_at_the_stated_cost(seed: int) -> None:
    week = sample(seed, 20, 5)
    plan = spread(week, seconds=60, steps=1.0, threads=1)
    wrong, cost = check_week(week, plan)

    assert wrong == []
    assert cost == plan.cost
    assert plan.bound <= plan.cost


def test_a_small_week_is_as_cheap_as_trying_everything() -> None:
    week = Week(
        days=3,
        cares=(
            Care("a", ((0,), (1, 2)), 3600, frozenset({"x", "y"}), {"x": 0}),
            Care("b", ((1,),), 3600, frozenset({"x", "y"}), {"y": 100}),
        ),
        workers=(Worker("x", (HOUR, HOUR, HOUR)), Worker("y", (HOUR, HOUR, HOUR))),
    )
    best = min(
        check_week(week, plan)[1] for plan in everything(week) if check_week(week, plan)[0] == []
    )

    found = spread(week)
    assert found.cost == best == found.bound


def everything(week: Week) -> list[WeekPlan]:
    choices = []
    for care in week.cares:
        mine = []
        for pattern in care.patterns:
            for crew in product([*sorted(care.people), None], repeat=len(pattern)):
                mine.append([(care.id, d, w) for d, w in zip(pattern, crew, strict=True)])
        choices.append(mine)
    return [
        WeekPlan(
            tuple((c, d, w) for part in parts for c, d, w in part if w is not None),
            tuple((c, d) for part in parts for c, d, w in part if w is None),
            0,
            0,
        )
        for parts in product(*choices)
    ]


def test_nobody_able_leaves_visits_unserved() -> None:
    week = Week(2, (Care("a", ((0, 1),), 3600, frozenset()),), ())

    assert spread(week).unserved == (("a", 0), ("a", 1))


def test_the_chosen_worker_is_a_preference_of_the_day() -> None:
    week = Week(1, (Care("a", ((0,),), 3600, frozenset({"x"})),), (Worker("x", (HOUR,)),))

    assert day_preferences(spread(week), 0) == {"a": {"x": -1200}}


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("number.range", {"days": 0}),
        ("week.seconds", {"workers": (Worker("x", (1, 2, 3)),)}),
        ("week.patterns", {"cares": (Care("a", (), 60, frozenset()),)}),
        ("week.day", {"cares": (Care("a", ((9,),), 60, frozenset()),)}),
        ("week.people", {"cares": (Care("a", ((0,),), 60, frozenset({"q"})),)}),
        ("week.follows", {"cares": (Care("a", ((0,),), 60, frozenset(), follows="b"),)}),
        ("week.day", {"workers": (Worker("x", (1,), limits=(Limit(0, 1),)),)}),
        ("week.spacing", {"spacings": (Spacing("a", "b"),)}),
    ],
)
def test_an_impossible_week_is_refused(code: str, more: dict[str, object]) -> None:
    with pytest.raises(ProblemError) as caught:
        Week(**({"days": 1, "cares": (), "workers": ()} | more))  # type: ignore[arg-type]

    assert caught.value.code == code


def crowded(seed: int) -> Week:
    """Two weeks that use every rule: pairs, groups that go together, parts of the day, limits."""
    rng = random.Random(seed)
    people = [f"w{k}" for k in range(6)]
    choices = (((0, 3, 7, 10), (1, 4, 8, 11), (2, 5, 9, 12)), (tuple(range(14)),) * 3)
    cares = []
    for k in range(14):
        patterns = rng.choice(choices)
        able = frozenset(rng.sample(people, 4))
        cares.append(
            Care(
                id=f"c{k}",
                patterns=patterns,
                seconds=rng.choice([1800, 3600]),
                people=able,
                known={min(able): 0},
                carers=rng.choice([1, 1, 2]),
                pattern_costs=(0, 300, 500),
                bands=rng.choice([frozenset(), frozenset({0}), frozenset({0, 1})]),
                never=frozenset({(max(able), 3)}),
                unserved=rng.choice([None, 50_000]),
            )
        )
        if rng.random() < 0.3:
            cares.append(Care(f"d{k}", patterns, 1800, able, follows=f"c{k}"))
    limits = tuple(Limit(f, f + 6, 30 * HOUR, 6) for f in range(8))
    workers = tuple(
        Worker(p, (7 * HOUR,) * 14, limits=limits, bands={0: (3 * HOUR,) * 14, 1: (2 * HOUR,) * 14})
        for p in people
    )
    return Week(14, tuple(cares), workers)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("exact", [0, 4_000])
def test_pairs_bands_limits_and_cares_that_go_together_are_kept(seed: int, exact: int) -> None:
    week = crowded(seed)
    plan = spread(week, seconds=60, steps=0.3, exact=exact)
    wrong, cost = check_week(week, plan)

    assert wrong == []
    assert cost == plan.cost
    assert plan.bound <= plan.cost
    assert plan == spread(week, seconds=60, steps=0.3, exact=exact)


def test_the_search_alone_serves_what_can_be_served_and_keeps_to_few_faces() -> None:
    people = [f"w{k}" for k in range(12)]
    cares = tuple(
        Care(
            f"c{k}",
            tuple(tuple(d + 7 * w for w in (0, 1) for d in p) for p in ((0, 2, 4), (1, 3, 5))),
            3600,
            frozenset(people),
            {people[k % 12]: 0},
        )
        for k in range(60)
    )
    limits = tuple(Limit(f, f + 6, 40 * HOUR, 6) for f in range(8))
    week = Week(14, cares, tuple(Worker(p, (6 * HOUR,) * 14, limits=limits) for p in people))
    plan = spread(week, seconds=60, steps=0.5)

    assert check_week(week, plan) == ([], plan.cost)
    assert plan.unserved == ()
    faces = {(care, name) for care, _, name in plan.visits}
    assert len(faces) <= 66


def test_without_time_the_first_plan_is_given_and_it_is_a_plan() -> None:
    week = crowded(1)
    plan = spread(week, seconds=0)

    assert check_week(week, plan) == ([], plan.cost)
    assert plan.visits


def spaced(seed: int) -> Week:
    """Baths, wounds and a doctor of four people, with days between them."""
    rng = random.Random(seed)
    people = frozenset({"x", "y", "z"})
    cares, spacings = [], []
    for k in range(4):
        twice = ((0, 3), (1, 4), (2, 5), (3, 6), (0, 4), (1, 5))
        each = tuple((d,) for d in range(7))
        cares += [
            Care(f"bath{k}", twice, 3600, people, {rng.choice("xyz"): 0}),
            Care(f"wound{k}", twice, 1800, people, {rng.choice("xyz"): 0}),
            Care(f"doctor{k}", each, 1800, people, pattern_costs=tuple(rng.sample(range(700), 7))),
            Care(f"dress{k}", twice, 1800, people, follows=f"bath{k}"),
        ]
        spacings += [
            Spacing(f"bath{k}", f"wound{k}", least=1),
            Spacing(f"doctor{k}", f"wound{k}", most=0),
            Spacing(f"doctor{k}", f"bath{k}", least=1, most=2),
        ]
    workers = tuple(Worker(n, (2 * HOUR,) * 7, most_days=5) for n in sorted(people))
    return Week(7, tuple(cares), workers, spacings=tuple(spacings))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("exact", [0, 4_000])
def test_visits_of_two_cares_keep_their_days_between(seed: int, exact: int) -> None:
    week = spaced(seed)
    plan = spread(week, seconds=60, steps=0.2, exact=exact)

    assert check_week(week, plan) == ([], plan.cost)
    days = {c.id: {d for i, d, _ in plan.visits if i == c.id} for c in week.cares}
    for k in range(4):
        assert not days[f"bath{k}"] & days[f"wound{k}"]
        assert days[f"doctor{k}"] <= days[f"wound{k}"] | {d for _, d in plan.unserved}


def test_the_judge_names_visits_too_near_or_too_far_from_each_other() -> None:
    cares = tuple(Care(n, ((0,), (3,)), 60, frozenset({"x"})) for n in "ab")
    worker = Worker("x", (HOUR,) * 7)
    plan = WeekPlan((("a", 0, "x"), ("b", 3, "x")), (), 0, 0)
    near = Week(7, cares, (worker,), spacings=(Spacing("a", "b", least=4),))
    far = Week(7, cares, (worker,), spacings=(Spacing("a", "b", most=2),))

    assert check_week(near, plan)[0] == ["a and b are too near on day 0"]
    assert check_week(far, plan)[0] == ["a has no b near day 0"]


def test_spacings_that_no_patterns_keep_together_are_refused_before_the_search() -> None:
    cares = tuple(Care(n, ((0,), (1,)), 60, frozenset({"x"})) for n in "abc")
    pairs = (("a", "b"), ("b", "c"), ("c", "a"))
    spacings = tuple(Spacing(one, two, least=1) for one, two in pairs)
    with pytest.raises(ProblemError) as caught:
        spread(Week(2, cares, (Worker("x", (HOUR,) * 2),), spacings=spacings))

    assert caught.value.code == "week.spacing"


def test_a_small_week_with_a_spacing_is_as_cheap_as_trying_everything() -> None:
    week = Week(
        days=3,
        cares=(
            Care("a", ((0,), (1,)), 3600, frozenset({"x", "y"}), {"x": 0}),
            Care("b", ((0,), (1,), (2,)), 3600, frozenset({"x", "y"}), {"y": 100}),
        ),
        workers=(Worker("x", (HOUR, 0, HOUR)), Worker("y", (HOUR, HOUR, 0))),
        spacings=(Spacing("a", "b", least=1, most=1),),
    )
    best = min(
        check_week(week, plan)[1] for plan in everything(week) if check_week(week, plan)[0] == []
    )

    found = spread(week, seconds=30, steps=1.0)
    assert found.cost == best == found.bound
