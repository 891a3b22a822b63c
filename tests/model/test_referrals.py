from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.errors import Conflict, Forbidden, Invalid
from carecoord.model.referrals import (
    ENDED,
    Need,
    Position,
    Role,
    State,
    allowed,
    move,
    positions,
    steps,
)

P, F, C = "placer", "filler", "clock"

PERMITTED = {
    ("draft", "requested"): {P},
    ("draft", "cancelled"): {P},
    ("requested", "received"): {F},
    ("requested", "accepted"): {F},
    ("requested", "rejected"): {F},
    ("requested", "requested"): {P, F},
    ("requested", "cancelled"): {P},
    ("requested", "expired"): {C},
    ("received", "accepted"): {F},
    ("received", "rejected"): {F},
    ("received", "awaiting-information"): {P, F},
    ("received", "requested"): {P, F},
    ("received", "cancelled"): {P},
    ("received", "expired"): {C},
    ("awaiting-information@received", "received"): {P, F},
    ("awaiting-information@received", "accepted"): {F},
    ("awaiting-information@received", "rejected"): {F},
    ("awaiting-information@received", "requested"): {P, F},
    ("awaiting-information@received", "cancelled"): {P},
    ("awaiting-information@received", "expired"): {C},
    ("awaiting-information@accepted", "accepted"): {P, F},
    ("awaiting-information@accepted", "in-progress"): {F},
    ("awaiting-information@accepted", "failed"): {F},
    ("awaiting-information@accepted", "cancelled"): {P},
    ("awaiting-information@in-progress", "in-progress"): {P, F},
    ("awaiting-information@in-progress", "failed"): {F},
    ("awaiting-information@in-progress", "cancelled"): {F},
    ("accepted", "in-progress"): {F},
    ("accepted", "on-hold"): {F},
    ("accepted", "awaiting-information"): {P, F},
    ("accepted", "failed"): {F},
    ("accepted", "cancelled"): {P},
    ("on-hold@accepted", "accepted"): {F},
    ("on-hold@accepted", "failed"): {F},
    ("on-hold@accepted", "cancelled"): {P},
    ("in-progress", "completed"): {F},
    ("in-progress", "on-hold"): {F},
    ("in-progress", "awaiting-information"): {P, F},
    ("in-progress", "failed"): {F},
    ("in-progress", "cancelled"): {F},
    ("on-hold@in-progress", "in-progress"): {F},
    ("on-hold@in-progress", "failed"): {F},
    ("on-hold@in-progress", "cancelled"): {F},
    ("rejected", "requested"): {P},
    ("expired", "accepted"): {F},
    ("expired", "rejected"): {F},
    ("expired", "requested"): {P, F},
    ("expired", "cancelled"): {P},
}
"""Written down once more, by hand: every move that is permitted, and nobody else's."""


@pytest.mark.parametrize("position", positions(), ids=str)
def test_exactly_the_permitted_triples_of_from_to_and_role_pass(position: Position) -> None:
    for to, role in product(State, Role):
        roles = PERMITTED.get((str(position), to.value), set())
        try:
            move("r1", position, to, {role}, set(Need))
            passed = True
        except (Conflict, Forbidden):
            passed = False
        assert passed == (role.value in roles), (str(position), to, role)


def test_an_impossible_move_names_the_states_that_may_follow() -> None:
    with pytest.raises(Conflict) as caught:
        move("r1", Position(State.RECEIVED), "completed", set(Role), set(Need))

    assert caught.value.code == "referral.move"
    assert caught.value.facts["allowed"] == (
        "requested, awaiting-information, accepted, rejected, cancelled, expired"
    )


def test_a_move_of_somebody_else_names_who_may_and_what_the_caller_may() -> None:
    with pytest.raises(Forbidden) as caught:
        move("r1", Position(State.RECEIVED), "accepted", {Role.PLACER})

    assert caught.value.facts["role"] == "filler"
    assert caught.value.facts["allowed"] == "requested, awaiting-information, cancelled"


def test_every_move_refuses_to_go_without_each_thing_it_needs() -> None:
    seen = set()
    for position in positions():
        for to, step in steps(position).items():
            for need in step.needs:
                with pytest.raises(Invalid) as caught:
                    move("r1", position, to, step.roles, set(Need) - {need})
                assert (caught.value.code, caught.value.field) == ("referral.needs", need.value)
                seen.add(need)

    assert seen == set(Need)


def test_work_that_has_begun_is_cancelled_only_through_an_abort_that_the_owner_answers() -> None:
    begun = [p for p in positions() if State.IN_PROGRESS in (p.state, p.before)]

    assert len(begun) == 3
    for position in begun:
        step = steps(position)[State.CANCELLED]
        assert (step.roles, Need.ABORT in step.needs) == ({Role.FILLER}, True)


def test_nothing_follows_an_end_and_every_other_position_has_a_way_on() -> None:
    for position in positions():
        assert (allowed(position) == ()) == (position.state in ENDED)


def test_a_state_that_no_referral_has_is_refused() -> None:
    with pytest.raises(Conflict) as caught:
        move("r1", Position(State.RECEIVED), "ready", set(Role), set(Need))

    assert caught.value.facts["to"] == "ready"


@pytest.mark.parametrize(
    ("state", "before"),
    [("on-hold", None), ("accepted", "received"), ("on-hold", "received")],
)
def test_a_position_that_cannot_be_is_refused(state: str, before: str | None) -> None:
    with pytest.raises(Invalid) as caught:
        Position(State(state), State(before) if before else None)

    assert caught.value.code == "referral.position"


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_pause_always_leads_back_to_where_it_began(data: st.DataObject) -> None:
    paused = data.draw(st.sampled_from([p for p in positions() if p.before is not None]))
    assert paused.before is not None

    back = move("r1", paused, paused.before, set(Role), set(Need))

    assert back == Position(paused.before)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_random_walk_is_never_lost_an_end_stays_within_reach(data: st.DataObject) -> None:
    at = Position(State.DRAFT)
    for _ in range(data.draw(st.integers(0, 15))):
        if not (ways := allowed(at)):
            break
        at = move("r1", at, data.draw(st.sampled_from(ways)), set(Role), set(Need))
    reached, ahead = {at}, [at]
    while ahead:
        ahead = [n for p in ahead for n in _after(p) if n not in reached]
        reached |= set(ahead)

    assert any(p.state in ENDED for p in reached)


def _after(position: Position) -> list[Position]:
    return [step.to for step in steps(position).values()]
