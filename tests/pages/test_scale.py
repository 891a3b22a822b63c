"""The time axis."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from api.pages.scale import HOUR, USUAL, Scale, fit
from carecoord.model.staff import Shift

from .build import small

hours = st.integers(0, 47)
times = st.integers(-HOUR, 50 * HOUR)


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    start = draw(hours)
    return Scale(start * HOUR, draw(st.integers(start + 1, 48)) * HOUR)


@given(scales(), times, times)
def test_what_is_seen_of_a_stretch_lies_on_the_axis(scale: Scale, start: int, end: int) -> None:
    bar = scale.bar(start, end)

    seen = max(min(end, scale.end) - max(start, scale.start), 0)
    assert (bar is not None) == (seen > 0 and scale.at(end) > scale.at(start))
    if bar is not None:
        assert 0 <= bar.x < bar.x + bar.width <= 100.001
        assert abs(bar.width - 100 * seen / (scale.end - scale.start)) < 0.002


@given(scales(), times, times)
def test_a_later_time_is_never_further_left(scale: Scale, one: int, other: int) -> None:
    assert (scale.at(one) <= scale.at(other)) or one > other


def test_the_axis_shows_all_work_and_ends_on_whole_hours() -> None:
    routes = small().routes

    scale = fit(routes)

    assert scale.start % HOUR == scale.end % HOUR == 0
    for route in routes:
        assert scale.start <= route.visits[0].arrival - route.visits[0].travel
        assert route.home_arrival <= scale.end


def test_a_night_shift_without_visits_does_not_squeeze_the_day() -> None:
    day = small().routes
    idle = replace(day[0], shifts=(Shift(20 * HOUR, 32 * HOUR),), visits=(), pauses=())

    assert fit((*day, idle)).end == 21 * HOUR


def test_a_day_without_work_has_the_usual_axis() -> None:
    assert fit(()) == Scale(*USUAL)
