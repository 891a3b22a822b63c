"""The three scales share a word and nothing else."""

import operator
from collections.abc import Callable
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.model.assessment import (
    AnyLevel,
    GB42195Level,
    LTC37Level,
    SHLTCLevel,
    level_of,
)

COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
LEVELS: list[AnyLevel] = [LTC37Level(3), GB42195Level(3), SHLTCLevel(3)]


@pytest.mark.parametrize("compare", COMPARISONS, ids=lambda c: c.__name__)
@pytest.mark.parametrize(("one", "other"), list(permutations(LEVELS, 2)), ids=str)
def test_levels_of_two_scales_cannot_be_compared(
    compare: Callable[[object, object], bool], one: AnyLevel, other: AnyLevel
) -> None:
    with pytest.raises(TypeError, match="cannot be compared"):
        compare(one, other)


def test_levels_of_two_scales_cannot_be_sorted_or_searched_together() -> None:
    with pytest.raises(TypeError):
        max(LEVELS, key=lambda level: level)
    with pytest.raises(TypeError):
        assert LTC37Level(3) in [GB42195Level(3)]


@pytest.mark.parametrize("compare", COMPARISONS[2:], ids=lambda c: c.__name__)
def test_a_level_cannot_be_ordered_against_a_number(
    compare: Callable[[object, object], bool],
) -> None:
    with pytest.raises(TypeError):
        compare(LTC37Level(3), 3)


def test_a_level_equals_no_number() -> None:
    assert LTC37Level(3) != 3


@given(st.integers(0, 5), st.integers(0, 5))
def test_levels_of_one_scale_are_ordered_by_number(a: int, b: int) -> None:
    one, other = LTC37Level(a), LTC37Level(b)

    assert (one == other, one < other, one <= other) == (a == b, a < b, a <= b)
    assert (one > other, one >= other) == (a > b, a >= b)
    assert hash(one) == hash(other) or a != b


@pytest.mark.parametrize(
    ("scale", "number"),
    [("LTC37", -1), ("LTC37", 6), ("GB42195", 5), ("SH_LTC", 0), ("SH_LTC", 7)],
)
def test_a_level_outside_its_scale_is_refused(scale: str, number: int) -> None:
    with pytest.raises(Invalid) as caught:
        level_of(scale, number)

    assert (caught.value.code, caught.value.facts["scale"]) == ("level.range", scale)


def test_an_unknown_scale_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        level_of("ADL", 1)

    assert caught.value.facts["allowed"] == "LTC37, GB42195, SH_LTC"
