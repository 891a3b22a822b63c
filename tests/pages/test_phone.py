"""What a route sheet says."""

from dataclasses import replace

import pytest

from api.pages.links import Links
from api.pages.phone import present
from api.pages.stops import Call, Rest, sheet
from api.pages.words import Words
from carecoord.errors import Missing
from carecoord.model.board import BoardPause

from . import build

WORDS = Words("zh_CN")
DAY = build.small()


def test_steps_are_in_the_order_they_happen() -> None:
    route = DAY.routes[0]
    first, second = route.visits[:2]
    between = BoardPause(first.end, first.end + 60)

    steps = sheet(DAY, replace(route, visits=(first, second), pauses=(between,)), WORDS).steps

    assert [type(step) for step in steps] == [Call, Rest, Call]


def test_a_call_tells_everything_that_is_needed_at_the_door() -> None:
    route = DAY.routes[0]
    visit = replace(
        route.visits[0],
        partner="李梅",
        phone="010-62551234",
        floor=5,
        lift=False,
        note="门禁 1024#",
        items=("5", "32"),
        programmes=("ltci",),
    )

    (call,) = sheet(DAY, replace(route, visits=(visit,)), WORDS).calls

    assert call.partner == "李梅"
    assert call.dial == "tel:01062551234"
    assert call.navigate.startswith(f"geo:{visit.place.lat:.6f},{visit.place.lon:.6f}")
    assert (call.home, call.note) == ("5 楼，无电梯", "门禁 1024#")
    assert call.items == ("温水擦浴", "生命体征监测")
    assert call.programmes == ("长期护理保险",)


def test_somebody_without_visits_has_no_way_home() -> None:
    route = replace(DAY.routes[0], visits=(), pauses=(), home_travel=0, home_arrival=0)

    found = sheet(DAY, route, WORDS)

    assert (found.steps, found.home, found.home_travel) == ((), "", "")


def test_an_unknown_staff_member_is_missing_by_name() -> None:
    with pytest.raises(Missing) as caught:
        present(DAY, "ghost", WORDS, Links(), "http://x/")

    assert caught.value.code == "page.staff.missing"
    assert caught.value.field == "staff"


def test_the_printed_code_depends_on_the_address() -> None:
    one, other = (present(DAY, "staff-1", WORDS, Links(), f"http://x/{n}")["code"] for n in "12")

    assert one.startswith("<svg")
    assert one != other


def test_estimated_ways_are_marked_one_by_one() -> None:
    route = DAY.routes[0]

    found = sheet(replace(DAY, estimated=True), route, WORDS)
    exact = sheet(DAY, route, WORDS)

    for guess, known in ((found.travel, exact.travel), (found.home_travel, exact.home_travel)):
        assert (guess, known) == (f"约 {known}", known)
    assert all(call.travel.startswith("约 ") for call in found.calls)
