from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.model.staff import (
    GRANTS,
    Level,
    Licence,
    Qualification,
    Shift,
    highest,
    levels_on,
)
from carecoord.model.time import DAY
from tests.build import DAY as TODAY

PAST = TODAY - timedelta(days=1)
NEXT = TODAY + timedelta(days=1)
care_levels = st.sets(st.sampled_from([Level.CAREGIVER, Level.CAREGIVER_MEDICAL, Level.NURSE]),
                      min_size=1)  # fmt: skip


@pytest.mark.parametrize(
    ("licence", "levels"),
    [
        (Licence.DOCTOR, {"D"}),
        (Licence.NURSE, {"N", "C+", "C"}),
        (Licence.CAREGIVER_MEDICAL, {"C+", "C"}),
        (Licence.CAREGIVER, {"C"}),
    ],
)
def test_a_licence_covers_its_level_and_those_below_and_a_doctor_only_doctors_tasks(
    licence: Licence, levels: set[str]
) -> None:
    assert set(levels_on([Qualification(licence)], TODAY)) == levels


@pytest.mark.parametrize(
    ("start", "end", "valid"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (None, PAST, False),
        (NEXT, None, False),
        (PAST, NEXT, True),
    ],
)
def test_a_licence_counts_on_its_first_and_last_day_and_on_no_day_outside(
    start: date | None, end: date | None, valid: bool
) -> None:
    held = [Qualification(Licence.NURSE, start, end)]

    assert bool(levels_on(held, TODAY)) == valid


def test_an_expired_nurse_with_a_caregivers_licence_works_as_a_caregiver() -> None:
    held = [Qualification(Licence.NURSE, None, PAST), Qualification(Licence.CAREGIVER)]

    assert levels_on(held, TODAY) == (Level.CAREGIVER,)


@given(care_levels)
def test_the_level_needed_for_several_tasks_covers_each_of_them(levels: set[Level]) -> None:
    needed = highest(levels)
    able = [granted for granted in GRANTS.values() if needed in granted]

    assert needed in levels
    assert all(level in granted for granted in able for level in levels)


@given(care_levels)
def test_nobody_may_do_a_doctors_and_a_carers_task(levels: set[Level]) -> None:
    with pytest.raises(Invalid) as caught:
        highest(levels | {Level.DOCTOR})

    assert caught.value.code == "level.mixed"


def test_levels_held_begin_with_the_persons_own() -> None:
    assert levels_on([Qualification(Licence.NURSE)], TODAY)[0] is Level.NURSE
    assert highest([Level.DOCTOR]) is Level.DOCTOR


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 5), (DAY, DAY + 5), (5, 5), (9, 8), (0, 2 * DAY + 1)]
)
def test_a_shift_begins_on_its_day_and_ends_after_it_begins(start: int, end: int) -> None:
    with pytest.raises(Invalid) as caught:
        Shift(start, end)

    assert caught.value.code == "shift.hours"


def test_a_night_shift_ends_on_the_next_day() -> None:
    assert Shift(20 * 3600, 32 * 3600).end > DAY
