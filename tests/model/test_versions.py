"""Where undo and redo lead."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from carecoord.model.versions import DayVersion, History, Why, history
from carecoord.model.visits import DayKey
from tests.build import DAY, STREET


def versions(*causes: str) -> list[DayVersion]:
    key = DayKey(STREET, DAY)
    return [
        DayVersion(key, n, "draft", Why(cause, ""), 0, 0)  # type: ignore[arg-type]
        for n, cause in enumerate(causes, start=1)
    ]


def after(*causes: str) -> History:
    return history(versions(*causes))


def test_a_new_day_has_nothing_to_undo() -> None:
    assert after() == History()
    assert after("run") == History(current=1)
    assert after("run", "publish") == History(current=1)


def test_undo_goes_back_change_by_change_and_redo_forward_again() -> None:
    assert after("run", "hand", "repair") == History(3, back=2)
    assert after("run", "hand", "repair", "undo") == History(2, back=1, forward=3)
    assert after("run", "hand", "repair", "undo", "undo") == History(1, forward=2)
    assert after("run", "hand", "repair", "undo", "undo", "redo") == History(2, 1, 3)


def test_telling_people_is_no_step_and_ends_the_redo() -> None:
    assert after("run", "hand", "publish") == History(2, back=1)
    assert after("run", "hand", "undo", "publish") == History(1)


def test_a_new_change_after_an_undo_ends_the_redo() -> None:
    assert after("run", "hand", "undo", "hand") == History(4, back=1)
    assert after("run", "hand", "undo", "restore") == History(4, back=1)


@given(st.lists(st.sampled_from(("run", "repair", "hand", "restore", "publish"))))
def test_undo_then_redo_is_where_one_was(causes: Sequence[str]) -> None:
    before = after(*causes)
    if before.back:
        there = after(*causes, "undo")
        assert (there.current, there.forward) == (before.back, before.current)
        assert after(*causes, "undo", "redo").current == before.current
