"""Datums against an independent implementation, and the laws they obey."""

import math
from typing import get_args

import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.streets import Datum, Place, from_wgs84, to_wgs84

# Well inside China: at the edge of the box the offset jumps to nothing.
lons, lats = st.floats(74, 135), st.floats(4, 53)
places = st.builds(Place, lons, lats)
datums: st.SearchStrategy[Datum] = st.sampled_from(get_args(Datum))
shifted: st.SearchStrategy[Datum] = st.sampled_from(["gcj02", "bd09"])

THEIR_WAY = {"gcj02": prcoords.wgs_gcj, "bd09": prcoords.wgs_bd}


@given(places, shifted)
def test_offsets_equal_those_of_an_independent_implementation(place: Place, to: Datum) -> None:
    theirs = THEIR_WAY[to](prcoords.Coords(place.lat, place.lon))

    lon, lat = from_wgs84(place, to)
    # Their constants are rounded otherwise: 1e-7 degrees are 1 cm.
    assert (lon, lat) == pytest.approx((theirs.lon, theirs.lat), abs=1e-7)


@given(places, datums)
def test_there_and_back_is_the_same_place(place: Place, datum: Datum) -> None:
    back = to_wgs84(*from_wgs84(place, datum), datum)

    assert (back.lon, back.lat) == pytest.approx((place.lon, place.lat), abs=1e-8)


@given(lons, lats, datums)
def test_back_and_there_is_the_same_coordinate(lon: float, lat: float, datum: Datum) -> None:
    assert from_wgs84(to_wgs84(lon, lat, datum), datum) == pytest.approx((lon, lat), abs=1e-8)


def test_tiananmen_lies_half_a_kilometre_off_on_gcj02() -> None:
    lon, lat = from_wgs84(Place(116.39128, 39.90733), "gcj02")
    east, north = (lon - 116.39128) * 85_390, (lat - 39.90733) * 111_030

    assert 400 < math.hypot(east, north) < 700


def test_outside_china_gcj02_is_wgs84() -> None:
    assert from_wgs84(Place(-8.61, 41.15), "gcj02") == (-8.61, 41.15)


def test_an_unknown_datum_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Invalid) as caught:
        to_wgs84(116.3, 39.9, "bj54")  # type: ignore[arg-type]

    assert (caught.value.code, caught.value.field) == ("place.datum", "datum")
    assert caught.value.facts == {"value": "bj54", "known": "wgs84, gcj02, bd09"}


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [
        (180.001, 0.0, "lon"),
        (0.0, -90.5, "lat"),
        (math.nan, 0.0, "lon"),
        (116.3, math.inf, "lat"),
        (39.9, 116.3, "lat"),
    ],
)
def test_an_impossible_coordinate_is_refused_by_name(lon: float, lat: float, field: str) -> None:
    for make in (Place, lambda lon, lat: to_wgs84(lon, lat, "bd09")):
        with pytest.raises(Invalid) as caught:
            make(lon, lat)
        assert (caught.value.code, caught.value.field) == (f"place.{field}", field)
