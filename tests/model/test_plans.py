import pytest

from carecoord.errors import Invalid
from carecoord.model.plans import Recurrence
from carecoord.model.time import DAY
from tests.build import task


def test_weekdays_are_counted_from_monday_as_nought() -> None:
    assert Recurrence(1, 7, (0, 6)).weekdays == (0, 6)
    for wrong in (-1, 7):
        with pytest.raises(Invalid) as caught:
            Recurrence(1, 7, (wrong,))
        assert caught.value.code == "plan.weekday"


@pytest.mark.parametrize("minutes", [0, -5, 1441])
def test_a_task_takes_at_least_a_minute_and_at_most_a_day(minutes: int) -> None:
    with pytest.raises(Invalid) as caught:
        task(minutes=minutes)

    assert (caught.value.code, caught.value.facts["minutes"]) == ("plan.minutes", minutes)


@pytest.mark.parametrize("carers", [0, 3])
def test_a_task_is_done_by_one_or_two(carers: int) -> None:
    with pytest.raises(Invalid) as caught:
        task(carers=carers)

    assert caught.value.code == "plan.carers"


@pytest.mark.parametrize("window", [(-1, 5), (9, 8), (0, 2 * DAY)])
def test_a_window_lies_inside_the_day_and_ends_after_it_begins(window: tuple[int, int]) -> None:
    with pytest.raises(Invalid) as caught:
        task(occasions=((window,),))

    assert caught.value.code == "plan.window"


def test_a_window_may_be_one_moment_and_the_last_second_of_the_day() -> None:
    assert task(occasions=(((DAY - 1, DAY - 1),),)).occasions == (((DAY - 1, DAY - 1),),)


def test_a_visit_takes_at_most_a_day() -> None:
    assert task(visit_minutes=1440).visit_minutes == 1440
    with pytest.raises(Invalid) as caught:
        task(visit_minutes=1441)

    assert caught.value.code == "plan.minutes"


@pytest.mark.parametrize("priority", [0, 10])
def test_priorities_go_from_one_to_nine(priority: int) -> None:
    with pytest.raises(Invalid) as caught:
        task(priority=priority)

    assert (caught.value.code, caught.value.facts["priority"]) == ("plan.priority", priority)
