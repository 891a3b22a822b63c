"""A recurrence says the same after a way through FHIR Timing, in both directions."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.fhir.timing import UnreadableError, recurrence, timing
from carecoord.model.plans import Recurrence
from fhir_profiles import check
from tests.build import care_plan, detail, own, read

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@st.composite
def recurrences(draw: st.DrawFn) -> Recurrence:
    weekly = draw(st.booleans())
    frequency = draw(st.integers(1, 7)) if weekly else 1
    period = 7 * draw(st.integers(1, 5)) if weekly else draw(st.integers(1, 60))
    weekdays = tuple(sorted(draw(st.sets(st.integers(0, 6))))) if weekly else ()
    plain = Recurrence(frequency, period, weekdays)
    first = draw(st.none() | days)
    return Recurrence(
        frequency,
        period,
        weekdays,
        first=first,
        last=draw(st.none() | days.map(lambda d: max(d, first or d))),
        spacing=draw(st.integers(0, plain.least_gap)),
        holidays=draw(st.sampled_from(["keep", "skip", "next-working-day"])),
        make_up=draw(st.booleans()),
        anchor=draw(st.none() | days),
    )


@settings(max_examples=100, deadline=None)
@given(recurrences(), st.lists(st.integers(0, 1439).map(lambda m: 60 * m), unique=True))
def test_a_recurrence_reads_back_as_it_was_written(wanted: Recurrence, times: list[int]) -> None:
    written = timing(wanted, times=times, minutes=30)

    assert recurrence(read(written), {}) == wanted
    assert timing(recurrence(written, {}), times=times, minutes=30) == written


@settings(max_examples=25, deadline=None)
@given(recurrences())
def test_a_written_timing_is_valid_fhir(wanted: Recurrence) -> None:
    one = detail("7")
    one["scheduledTiming"] = timing(wanted, when=["MORN", "EVE"])

    found = check.findings(read(care_plan("p", "e1", one)))

    assert [f for f in found if f.severity == "error"] == []


@pytest.mark.parametrize(
    "part",
    [
        {"count": 10},
        {"countMax": 12},
        {"frequencyMax": 3},
        {"periodMax": 2},
        {"offset": 30},
        {"boundsDuration": {"value": 3, "unit": "wk"}},
        {"boundsRange": {"low": {"value": 1}}},
    ],
)
def test_a_part_that_would_change_the_days_is_not_overlooked(part: dict[str, Any]) -> None:
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d"} | part

    with pytest.raises(UnreadableError) as caught:
        recurrence({"repeat": repeat}, {})

    assert caught.value.code == "plan.activity.timing_part"
    assert caught.value.path == f".repeat.{next(iter(part))}"


def test_an_unknown_way_with_holidays_is_refused() -> None:
    asked = {"extension": [own("holidays", valueCode="sometimes")], "repeat": {"frequency": 1}}

    with pytest.raises(UnreadableError) as caught:
        recurrence(asked, {})

    assert caught.value.code == "plan.activity.holidays"


def test_spacing_wider_than_the_frequency_allows_contradicts_it() -> None:
    with pytest.raises(Invalid) as caught:
        Recurrence(3, 7, spacing=4)

    assert (caught.value.code, caught.value.facts["gap"]) == ("plan.spacing", 2)


def test_clock_times_and_named_parts_of_the_day_exclude_each_other() -> None:
    with pytest.raises(Invalid) as caught:
        timing(Recurrence(1, 1), times=[3600], when=["MORN"])

    assert caught.value.code == "plan.times_and_when"


def test_bounds_of_the_plan_narrow_those_of_the_task() -> None:
    first = date(2026, 3, 1)
    written = timing(Recurrence(1, 1, first=first, last=first + timedelta(days=60)))

    found = recurrence(written, {"start": "2026-03-15", "end": "2026-04"})

    assert (found.first, found.last) == (date(2026, 3, 15), date(2026, 4, 30))
