"""How evenly something is spread."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.planning.fairness import gini, most_to_mean

shares = st.lists(st.floats(0, 1000), min_size=1, max_size=12)


def by_definition(found: list[float]) -> float:
    n, mean = len(found), sum(found) / len(found)
    return sum(abs(a - b) for a, b in product(found, found)) / (2 * n * n * mean)


@given(shares)
def test_gini_is_the_mean_difference_by_twice_the_mean(found: list[float]) -> None:
    if sum(found) > 1e-6:
        assert gini(found) == pytest.approx(by_definition(found), abs=1e-9)


@given(shares, st.randoms())
def test_neither_order_nor_unit_matters(found: list[float], random: object) -> None:
    turned = sorted(found, reverse=True)
    if sum(found) > 1e-6:
        assert gini(turned) == pytest.approx(gini(found))
        assert gini([7 * one for one in found]) == pytest.approx(gini(found))
        assert most_to_mean([7 * one for one in found]) == pytest.approx(most_to_mean(found))


def test_known_cases() -> None:
    assert gini([3, 3, 3]) == 0
    assert gini([0, 0, 0, 8]) == 0.75
    assert most_to_mean([2, 2, 5]) == pytest.approx(5 / 3)
    assert gini([]) is None and gini([0, 0]) is None
    assert most_to_mean([]) is None and most_to_mean([0]) is None
