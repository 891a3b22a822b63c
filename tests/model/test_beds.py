"""The state machine of beds, and what is due at one."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.errors import Conflict, Invalid
from carecoord.model.beds import (
    OPEN_STATES,
    STATUS,
    STEPS,
    Bed,
    BedKind,
    BedState,
    Step,
    after,
    require_close_reason,
    require_suspend_reason,
    state_of_status,
)
from carecoord.model.ids import BedId, ElderId, OrganizationId
from carecoord.model.rounds import Done, RoundKind, due, months_later
from carecoord.model.time import ZONE
from tests import build

RULES = build.rules()
OPENED = date(2026, 3, 5)
NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)

kinds = st.sampled_from(list(BedKind))
states = st.sampled_from(list(BedState))
steps = st.sampled_from(list(Step))


def a_bed(kind: BedKind = BedKind.HOME_HOSPITAL, state: BedState = BedState.ACTIVE, **more) -> Bed:  # type: ignore[no-untyped-def]
    fields = {"opened": OPENED, "cycle": (OPENED, date(2026, 5, 3))} | more
    if kind is BedKind.FAMILY:
        fields["cycle"] = None
    return Bed(BedId("b"), kind, state, ElderId("e"), OrganizationId("o"), 1, **fields)


@given(kinds, states, steps)
def test_a_step_is_taken_where_the_state_allows_it_and_the_refusal_says_what_is(
    kind: BedKind, state: BedState, step: Step
) -> None:
    bed = a_bed(kind, state)
    before, to = STEPS[step]
    if state in before:
        assert after(bed, step, RULES) is to
        return
    with pytest.raises(Conflict) as caught:
        after(bed, step, RULES)
    assert caught.value.code == "bed.step"
    assert caught.value.facts["allowed"] == (", ".join(s.value for s in bed.steps()) or "-")


@given(kinds, st.lists(steps, max_size=12))
@settings(max_examples=50, deadline=None)
def test_whatever_is_done_a_bed_that_is_over_stays_over(kind: BedKind, taken: list[Step]) -> None:
    state, over = BedState.APPLIED, False
    for step in taken:
        bed = a_bed(kind, state)
        if step not in bed.steps():
            continue
        assert not over
        state = after(bed, step, RULES)
        over = state in (BedState.CLOSED, BedState.REJECTED, BedState.CANCELLED)


def test_the_machine_has_the_states_of_the_packs() -> None:
    known = {s.value for s in BedState} - {RULES.text("bed_link.after_discharge")}

    assert set(RULES.texts("home_bed.states")) == known
    assert set(RULES.texts("family_bed.states")) == known
    assert set(STATUS) == set(BedState)


@given(states)
def test_a_bed_is_taken_exactly_while_its_episode_is_active_or_on_hold(state: BedState) -> None:
    assert (state in OPEN_STATES) == (STATUS[state] in ("active", "onhold"))


def test_every_status_of_a_bed_from_elsewhere_means_a_state_of_that_status() -> None:
    for status in ("planned", "waitlist", "active", "onhold", "finished", "cancelled"):
        state = state_of_status(status)
        assert state is not None
        assert STATUS[state] == status
    assert state_of_status("entered-in-error") is None


@pytest.mark.parametrize(
    ("kind", "known"), [(BedKind.FAMILY, "institution"), (BedKind.HOME_HOSPITAL, "needs_hospital")]
)
def test_reasons_to_close_are_those_of_the_pack_and_kind(kind: BedKind, known: str) -> None:
    require_close_reason(kind, known, RULES)
    with pytest.raises(Invalid) as caught:
        require_close_reason(kind.other, known, RULES)
    assert caught.value.code == "bed.reason"
    with pytest.raises(Invalid):
        require_suspend_reason("because", RULES)


# ---- what is due ----

NOTHING = Done({}, planned=True, assessed=None)


def due_by(bed: Bed, done: Done = NOTHING) -> dict[str, date]:
    return {one.what: one.by.astimezone(ZONE).date() for one in due(bed, done, RULES)}


def test_a_new_home_hospital_bed_owes_record_rounds_and_the_end_of_its_cycle() -> None:
    bed = a_bed(state=BedState.OPENED, taken=((BedState.OPENED, NOON),))

    assert due_by(bed) == {
        "first_record": date(2026, 3, 6),
        "senior_round": date(2026, 3, 10),
        "nurse_visit": date(2026, 3, 12),
        "round": date(2026, 3, 12),
        "cycle_end": date(2026, 5, 3),
    }
    (record,) = (one for one in due(bed, NOTHING, RULES) if one.what == "first_record")
    assert record.by == NOON + timedelta(hours=24)
    assert record.rule.rule_id == "home_bed.first_record_hours"


def test_after_a_round_the_next_is_a_week_later_and_two_for_somebody_stable() -> None:
    done = Done({RoundKind.ROUND: date(2026, 3, 12)}, planned=True, assessed=None)

    assert due_by(a_bed(), done)["round"] == date(2026, 3, 19)
    assert due_by(a_bed(stable=True), done)["round"] == date(2026, 3, 26)


def test_a_senior_round_is_a_round_and_the_next_one_is_a_month_later() -> None:
    done = Done({RoundKind.SENIOR: date(2026, 3, 9)}, planned=True, assessed=None)

    found = due_by(a_bed(), done)

    assert (found["round"], found["senior_round"]) == (date(2026, 3, 16), date(2026, 4, 9))


@pytest.mark.parametrize("state", [BedState.SUSPENDED, BedState.RESUME_REVIEW])
@pytest.mark.parametrize("kind", list(BedKind))
def test_nothing_is_due_at_a_suspended_bed(kind: BedKind, state: BedState) -> None:
    assert due_by(a_bed(kind, state)) == {}


def test_after_a_stay_in_hospital_rounds_count_from_the_day_the_bed_is_resumed() -> None:
    back = NOON + timedelta(days=20)
    taken = (
        (BedState.OPENED, NOON),
        (BedState.ACTIVE, NOON),
        (BedState.SUSPENDED, NOON + timedelta(days=5)),
        (BedState.RESUME_REVIEW, back),
        (BedState.ACTIVE, back),
    )

    assert due_by(a_bed(taken=taken))["round"] == date(2026, 4, 1)


def test_home_visit_and_close_summary_are_due_in_hours() -> None:
    asked = due(a_bed(state=BedState.APPLIED, taken=((BedState.APPLIED, NOON),)), NOTHING, RULES)
    over = due(a_bed(state=BedState.CLOSING, taken=((BedState.CLOSING, NOON),)), NOTHING, RULES)

    assert [(o.what, o.by) for o in asked] == [("home_visit", NOON + timedelta(hours=48))]
    assert [(o.what, o.by) for o in over] == [("close_summary", NOON + timedelta(hours=72))]
    assert asked[0].late(NOON + timedelta(hours=49))
    assert not asked[0].late(NOON + timedelta(hours=48))


def test_a_family_bed_owes_plan_calls_reviews_and_assessment() -> None:
    bed = a_bed(BedKind.FAMILY)
    assessed = Done({}, planned=False, assessed=date(2026, 2, 1))

    assert due_by(bed, assessed) == {
        "plan": date(2026, 3, 12),
        "review_call": date(2026, 4, 5),
        "review_home": date(2026, 6, 5),
        "assessment": date(2027, 2, 1),
    }
    assert "plan" not in due_by(bed, NOTHING)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 40))
def test_months_later_keeps_the_day_or_ends_with_a_shorter_month(day: date, months: int) -> None:
    found = months_later(day, months)

    assert (found.year - day.year) * 12 + found.month - day.month == months
    assert found.day == day.day or (found.day < day.day and (found + timedelta(1)).day == 1)


def test_every_step_and_its_scope_are_described() -> None:
    page = (Path(__file__).parents[2] / "docs" / "beds.md").read_text(encoding="utf-8")

    for step in Step:
        assert f"`bed.{step.value}`" in page
        assert f":{step.value}`" in page
    for state in BedState:
        assert state.value in page
