import pytest

from carecoord.errors import Invalid
from carecoord.model.problems import DataProblem, distinct
from carecoord.model.time import DAY
from tests.build import demand


@pytest.mark.parametrize("windows", [(), ((-1, 5),), ((9, 8),), ((0, 2 * DAY),), ((0, 5), (9, 8))])
def test_every_window_of_a_visit_must_be_possible(windows: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(Invalid) as caught:
        demand("v7", windows=windows)

    assert (caught.value.code, caught.value.facts["id"]) == ("demand.window", "v7")


@pytest.mark.parametrize("duration", [0, -60, DAY + 1])
def test_a_visit_takes_time_and_at_most_a_day(duration: int) -> None:
    with pytest.raises(Invalid) as caught:
        demand(duration=duration)

    assert caught.value.code == "demand.duration"


@pytest.mark.parametrize("carers", [0, 3])
def test_one_or_two_people_make_a_visit(carers: int) -> None:
    with pytest.raises(Invalid) as caught:
        demand(carers=carers)

    assert caught.value.code == "demand.carers"


def test_the_same_problem_is_listed_once_in_the_order_of_appearance() -> None:
    first, second = DataProblem("a", "Patient/1"), DataProblem("b", "Patient/1", "x", {"n": 1})

    assert distinct([second, first, DataProblem("a", "Patient/1"), second]) == [second, first]
