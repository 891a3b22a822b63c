import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Conflict
from carecoord.model.referrals import NEXT, move

states = st.sampled_from(sorted(NEXT))


@given(states, states)
def test_a_referral_moves_only_where_its_state_allows_and_the_refusal_says_where(
    state: str, to: str
) -> None:
    if to in NEXT[state]:
        assert move("r1", state, to) == to
        return
    with pytest.raises(Conflict) as caught:
        move("r1", state, to)
    assert caught.value.code == "referral.move"
    assert caught.value.facts["allowed"] == ", ".join(NEXT[state])


@pytest.mark.parametrize("state", ["completed", "failed", "rejected"])
def test_an_ended_referral_moves_no_more(state: str) -> None:
    assert NEXT[state] == ()


def test_every_state_can_be_reached_from_requested() -> None:
    seen, ahead = {"requested"}, ["requested"]
    while ahead:
        ahead = [n for state in ahead for n in NEXT[state] if n not in seen]
        seen |= set(ahead)

    assert seen == set(NEXT)


def test_a_state_that_no_referral_has_is_refused() -> None:
    with pytest.raises(Conflict) as caught:
        move("r1", "draft", "accepted")

    assert caught.value.facts["allowed"] == ""
