"""Who may use which street, and the last metres to a door."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.streets import EBIKE, WALK, AccessTimes, access_seconds

Tags = dict[str, str]


@pytest.mark.parametrize(
    ("tags", "on_foot", "riding"),
    [
        ({"highway": "residential"}, 4.5, 15),
        ({"highway": "primary"}, 4.5, 20),
        ({"highway": "cycleway"}, 4.5, 15),
        ({"highway": "footway"}, 4.5, 4.5),
        ({"highway": "footway", "bicycle": "yes"}, 4.5, 12),
        ({"highway": "footway", "bicycle": "no"}, 4.5, 0),
        ({"highway": "residential", "bicycle": "dismount"}, 4.5, 4.5),
        ({"highway": "cycleway", "foot": "no"}, 0, 15),
        ({"highway": "cycleway", "electric_bicycle": "no", "bicycle": "yes"}, 4.5, 0),
        ({"highway": "steps"}, 2.2, 0),
        ({"highway": "motorway"}, 0, 0),
        ({"highway": "trunk"}, 0, 0),
        ({"highway": "trunk", "sidewalk": "both"}, 4.5, 0),
        ({"highway": "trunk", "cycleway:right": "track"}, 0, 12),
        ({"highway": "trunk", "foot": "yes", "bicycle": "yes"}, 4.5, 12),
        ({"highway": "primary", "motorroad": "yes"}, 0, 0),
        ({"highway": "service", "access": "private"}, 0, 0),
        ({"highway": "service", "access": "no", "foot": "yes"}, 4.5, 0),
        ({"highway": "service", "access": "permissive"}, 4.5, 12),
        ({"highway": "service", "vehicle": "no"}, 4.5, 0),
        ({"highway": "construction"}, 0, 0),
        ({"highway": "primary", "maxspeed": "10"}, 4.5, 10),
        ({"highway": "primary", "maxspeed": "5 mph"}, 4.5, 8.04672),
        ({"highway": "primary", "maxspeed": "CN:urban"}, 4.5, 20),
    ],
)
def test_class_and_access_tags_decide_the_speed(tags: Tags, on_foot: float, riding: float) -> None:
    assert WALK.speeds_on(tags) == (on_foot, on_foot)
    assert EBIKE.speeds_on(tags) == pytest.approx((riding, riding))


@pytest.mark.parametrize(
    ("tags", "directions"),
    [
        ({"oneway": "yes"}, (15, 0)),
        ({"oneway": "1"}, (15, 0)),
        ({"oneway": "-1"}, (0, 15)),
        ({"oneway": "no"}, (15, 15)),
        ({"oneway": "yes", "oneway:bicycle": "no"}, (15, 15)),
        ({"oneway": "yes", "cycleway:left": "opposite_lane"}, (15, 15)),
        ({"oneway:bicycle": "yes"}, (15, 0)),
        ({"junction": "roundabout"}, (15, 0)),
        ({"junction": "roundabout", "oneway": "-1"}, (0, 15)),
    ],
)
def test_one_way_streets_bind_bicycles_and_not_people(
    tags: Tags, directions: tuple[float, float]
) -> None:
    tags = {"highway": "residential", **tags}

    assert EBIKE.speeds_on(tags) == directions
    assert WALK.speeds_on(tags) == (4.5, 4.5)


@pytest.mark.parametrize(
    ("gate", "on_foot", "riding"),
    [
        ({"barrier": "gate"}, True, True),
        ({"barrier": "lift_gate", "access": "private"}, False, False),
        ({"barrier": "gate", "access": "no", "foot": "yes"}, True, False),
        ({"barrier": "gate", "locked": "yes"}, False, False),
        ({"barrier": "bollard"}, True, True),
        ({"barrier": "stile"}, True, False),
        ({"barrier": "stile", "bicycle": "yes"}, True, True),
        ({"barrier": "wall"}, False, False),
    ],
)
def test_barriers_stop_or_let_pass(gate: Tags, on_foot: bool, riding: bool) -> None:
    assert (WALK.passes(gate), EBIKE.passes(gate)) == (on_foot, riding)


@given(
    st.sampled_from([WALK, EBIKE]),
    st.sampled_from([name for name, _ in (*WALK.speeds, *EBIKE.speeds)] + ["motorway", "trunk"]),
    st.dictionaries(
        st.sampled_from(["access", "foot", "bicycle", "oneway", "maxspeed", "cycleway"]),
        st.sampled_from(["yes", "no", "private", "designated", "30", "track", "-1"]),
    ),
)
def test_no_tags_make_a_mode_faster_than_its_top_speed(mode, highway: str, tags: Tags) -> None:  # type: ignore[no-untyped-def]
    assert max(mode.speeds_on({"highway": highway, **tags})) <= mode.top_speed <= 25


def test_a_profile_faster_than_its_top_speed_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        replace(EBIKE, speeds=(("primary", 32),))

    assert (caught.value.code, caught.value.field) == ("mode.speed", "primary")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"walking": 0}, "mode.walking"),
        ({"direct": float("nan")}, "mode.speed"),
        ({"top_speed": float("inf")}, "mode.top_speed"),
        ({"snap_reported": 200, "snap_limit": 100}, "mode.snap"),
    ],
)
def test_impossible_profiles_are_refused(change: dict[str, float], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        replace(EBIKE, **change)  # type: ignore[arg-type]

    assert caught.value.code == code


TIMES = AccessTimes(parking=180, building=180, per_floor=60, free_floors=3, lift_assumed_from=7)


@pytest.mark.parametrize(
    ("floor", "has_lift", "minutes"),
    [
        (1, False, 3),
        (3, False, 3),
        (4, False, 4),
        (6, False, 6),
        (6, True, 3),
        (6, None, 6),
        (18, None, 3),
        (18, False, 18),
        (-1, False, 3),
        (None, False, 3),
    ],
)
def test_each_floor_above_the_third_costs_a_minute_without_a_lift(
    floor: int | None, has_lift: bool | None, minutes: int
) -> None:
    assert access_seconds(WALK, floor, has_lift, TIMES) == 60 * minutes
    # Only a vehicle has to be parked.
    assert access_seconds(EBIKE, floor, has_lift, TIMES) == 60 * (minutes + 3)


@pytest.mark.parametrize("field", ["parking", "building", "per_floor", "free_floors"])
def test_negative_access_times_are_refused_by_name(field: str) -> None:
    with pytest.raises(Invalid) as caught:
        replace(TIMES, **{field: -1})

    assert (caught.value.code, caught.value.field) == ("access_times.negative", field)
