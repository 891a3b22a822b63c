"""A repeated visit: n a week, apart from each other, by the same person where that is possible."""

from datetime import date, timedelta
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.planning.series import MISSED, DayOptions, Option, Pattern, series

FIRST = date(2026, 3, 2)


def day(k: int, *options: tuple[str, int], able: tuple[str, ...] = ()) -> DayOptions:
    return DayOptions(
        FIRST + timedelta(days=k),
        tuple(Option((who,) if who else (), 30_000, cost) for who, cost in options),
        frozenset(able),
    )


def days_of(found: object) -> list[int]:
    return [(one.day - FIRST).days for one in found.chosen]  # type: ignore[attr-defined]


def test_the_same_person_comes_when_that_costs_less_than_another_face() -> None:
    offered = [day(0, ("a", 100), ("b", 50)), day(2, ("b", 50)), day(3, ("a", 200))]
    best, other = series(Pattern(FIRST, 2, 1, 2, other_carer=900), offered)

    assert (best.anchor, days_of(best), best.kept, best.cost) == ("b", [0, 2], 2, 100)
    assert (other.anchor, days_of(other), other.kept) == ("a", [0, 3], 2)


def test_visits_keep_their_distance_over_the_end_of_a_week() -> None:
    offered = [day(k, ("a", 10)) for k in (5, 6, 7, 8)]
    (found,) = series(Pattern(FIRST, 1, 2, 3), offered)

    assert days_of(found) == [5, 8]


def test_what_finds_no_day_is_missing() -> None:
    (found,) = series(Pattern(FIRST, 2, 2), [day(1, ("a", 10))])

    assert (days_of(found), found.missing) == ([1], 3)


def test_on_an_estimated_day_one_of_those_at_work_would_come() -> None:
    offered = [day(0, ("a", 10)), day(1, ("", 10), able=("b", "c")), day(4, ("b", 10))]
    best = series(Pattern(FIRST, 2, 1, 1, other_carer=500), offered)[0]

    assert (best.anchor, days_of(best), best.kept) == ("b", [1, 4], 2)


costs = st.lists(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 900)), max_size=2),
    min_size=14,
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(costs, st.integers(1, 3), st.integers(1, 3))
def test_no_other_choice_of_days_is_better(
    given_: list[list[tuple[str, int]]], per_week: int, spacing: int
) -> None:
    pattern = Pattern(FIRST, per_week, 2, spacing, other_carer=300)
    offered = [day(k, *options) for k, options in enumerate(given_)]

    def felt(anchor: str) -> int:
        each = {
            k: min(c + 300 * (who != anchor) for who, c in options)
            for k, options in enumerate(given_)
            if options
        }
        best = []
        for count in range(2 * per_week + 1):
            for chosen in combinations(each, count):
                far = all(b - a >= spacing for a, b in pairwise(chosen))
                weeks = [sum(k // 7 == w for k in chosen) for w in (0, 1)]
                if far and max(weeks) <= per_week:
                    missed = MISSED * (2 * per_week - count)
                    best.append(missed + sum(each[k] for k in chosen))
        return min(best)

    found = series(pattern, offered, top=9)
    if any(given_):
        people = {who for options in given_ for who, _ in options}
        least = min(felt(anchor) for anchor in people)
        best = found[0]
        others = len(best.chosen) - best.kept
        assert best.cost + 300 * others + MISSED * best.missing == least
