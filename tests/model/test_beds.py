import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Conflict
from carecoord.model.beds import NEXT, move

states = st.sampled_from(sorted(NEXT))


@given(states, states)
def test_a_bed_moves_only_where_its_state_allows_and_the_refusal_says_where(
    state: str, to: str
) -> None:
    if to in NEXT[state]:
        assert move("b1", state, to) == to
        return
    with pytest.raises(Conflict) as caught:
        move("b1", state, to)
    assert caught.value.code == "bed.move"
    assert caught.value.facts["allowed"] == ", ".join(NEXT[state])


@pytest.mark.parametrize("state", ["finished", "cancelled"])
def test_a_closed_bed_stays_closed(state: str) -> None:
    assert NEXT[state] == ()


def test_a_state_that_no_bed_has_is_refused_and_not_a_crash() -> None:
    with pytest.raises(Conflict):
        move("b1", "waitlist", "active")
