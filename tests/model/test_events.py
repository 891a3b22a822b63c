"""How far is a visit, whatever order the reports come in?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.model.events import EventKind, Progress, VisitEvent, progress
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.visits import DayKey
from tests.build import DAY, STREET

NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)


def event(kind: EventKind, minute: int) -> VisitEvent:
    at = NOON + timedelta(minutes=minute)
    return VisitEvent(
        f"{kind}-{minute}",
        DayKey(STREET, DAY),
        DemandId("v"),
        StaffId("s"),
        kind,
        at,
        at,
        "somebody",
    )


def test_a_visit_without_a_report_is_planned() -> None:
    assert progress([]) is Progress.PLANNED


def test_the_last_thing_that_happened_counts() -> None:
    started = event(EventKind.STARTED, 9)
    assert progress([started, event(EventKind.ARRIVED, 5)]) is Progress.STARTED
    assert progress([event(EventKind.UNANSWERED, 12), started]) is Progress.NOT_MADE


@given(st.permutations(list(EventKind)))
def test_a_finished_visit_stays_finished_whatever_else_arrives(kinds: list[EventKind]) -> None:
    assert progress(event(k, m) for m, k in enumerate(kinds)) is Progress.FINISHED


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        VisitEvent(
            "x",
            DayKey(STREET, DAY),
            DemandId("v"),
            StaffId("s"),
            EventKind.STARTED,
            datetime(2026, 3, 5, 4),  # noqa: DTZ001 - what is refused
            NOON,
            "somebody",
        )
    assert caught.value.field == "at"
