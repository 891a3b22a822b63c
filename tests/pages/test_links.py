"""Addresses and lines."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.lines import UNITS, encode, straight
from api.pages.links import Links, position, telephone
from carecoord.model.places import Place

DAY = date(2026, 3, 5)
points = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def test_a_chosen_language_stays_in_every_address() -> None:
    to = Links("en")

    assert to.day("110108022", DAY) == "/streets/110108022/days/2026-03-05?lang=en"
    assert to.sheet("1", DAY, "a") == "/streets/1/days/2026-03-05/staff/a?lang=en"
    assert to.streets() == "/?list=1&lang=en"
    assert Links().day("1", DAY) == "/streets/1/days/2026-03-05"


def test_an_id_cannot_leave_its_place_in_an_address() -> None:
    assert Links().sheet("1/../2", DAY, "x?y#z") == (
        "/streets/1%2F..%2F2/days/2026-03-05/staff/x%3Fy%23z"
    )


@pytest.mark.parametrize(
    ("number", "address"),
    [("010-6255 1234", "tel:01062551234"), ("+86 (10) 1", "tel:+86101"), ("无", ""), ("", "")],
)
def test_a_telephone_address_holds_only_what_can_be_dialled(number: str, address: str) -> None:
    assert telephone(number) == address


def test_a_position_is_latitude_first_and_its_label_is_quoted() -> None:
    assert position(39.9, 116.3, "1号(东)") == (
        "geo:39.900000,116.300000?q=39.900000,116.300000(1%E5%8F%B7%28%E4%B8%9C%29)"
    )


@given(st.lists(points, max_size=30))
def test_a_line_comes_back_within_a_metre(line: list[tuple[float, float]]) -> None:
    numbers = encode(tuple(line))

    lon = lat = 0
    back = []
    for step in range(0, len(numbers), 2):
        lon, lat = lon + numbers[step], lat + numbers[step + 1]
        back.append((lon, lat))
    rounded = [(round(x * UNITS), round(y * UNITS)) for x, y in line]
    kept = [p for n, p in enumerate(rounded) if n == 0 or p != rounded[n - 1]]
    assert back == kept


def test_no_line_is_drawn_to_a_place_that_is_not_known() -> None:
    assert straight(None, Place(116.3, 39.9)) == []
    assert straight(Place(116.3, 39.9), Place(116.4, 39.9)) == [11630000, 3990000, 10000, 0]
