"""One item from two programmes in one time span is planned once, and nobody gets less."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.model.plans import Withdrawn
from carecoord.model.staff import Level
from carecoord.planning import bundle, merge
from carecoord.planning.outline import Outline, overlap
from tests.build import HOUR, rules

RULES = rules()
MINUTES = {item.code: item.minutes for item in RULES.catalogue()}
FORENOON, AFTERNOON = ((8 * HOUR, 11 * HOUR),), ((13 * HOUR, 17 * HOUR),)
ITEMS = ["1", "5", "6", "9", "10", "18", "37"]


def visit(
    group: str,
    items: tuple[str, ...] = ("5",),
    *,
    programme: str = "family-bed",
    level: Level = Level.CAREGIVER,
    minutes: int = 0,
    carers: int = 1,
    frequency: int = 3,
    windows: tuple[tuple[int, int], ...] = FORENOON,
) -> Outline:
    least = sum(MINUTES[i] for i in items)
    return Outline(
        group, programme, items, level, max(minutes, least), carers, frequency, 7, windows
    )


def merged(*outlines: Outline) -> tuple[list[Outline], list[Withdrawn]]:
    return merge.merge(outlines, MINUTES, RULES.reading())


def test_the_programme_that_comes_more_often_keeps_the_item() -> None:
    kept, gone = merged(
        visit("care", ("1", "5"), frequency=4, minutes=60),
        visit("bath", ("5",), programme="home-hospital-bed", frequency=2),
    )

    assert [(one.group, one.items) for one in kept] == [("care", ("1", "5"))]
    assert [(g.item, g.programme, g.kept_programme) for g in gone] == [
        ("5", "home-hospital-bed", "family-bed")
    ]
    assert gone[0].rule_id == "detect.same_item_days"


def test_at_equal_frequency_the_order_of_the_pack_decides() -> None:
    _, gone = merged(visit("a"), visit("b", programme="ltci"))

    assert (gone[0].programme, gone[0].kept_programme) == ("family-bed", "ltci")


def test_a_visit_becomes_shorter_by_what_is_taken_out() -> None:
    (_, other), _ = merged(
        visit("care", frequency=7),
        visit("more", ("1", "5"), programme="ltci", minutes=70, frequency=2),
    )

    assert (other.items, other.minutes) == (("1",), 70 - MINUTES["5"])


def test_the_same_item_at_another_time_of_day_is_no_duplicate() -> None:
    kept, gone = merged(visit("a"), visit("b", programme="ltci", windows=AFTERNOON))

    assert (len(kept), gone) == (2, [])


def test_a_bath_is_one_too_many_within_days_whatever_the_time() -> None:
    _, gone = merged(
        visit("a", ("6",)), visit("b", ("6",), programme="ltci", windows=AFTERNOON, frequency=1)
    )

    assert [one.item for one in gone] == ["6"]


def test_one_programme_may_repeat_an_item_as_it_likes() -> None:
    kept, gone = merged(visit("a"), visit("b"))

    assert (len(kept), gone) == (2, [])


outlines = st.lists(
    st.builds(
        lambda k, items, programme, frequency, windows: visit(
            f"g{k}", tuple(items), programme=programme, frequency=frequency, windows=windows
        ),
        st.integers(0, 9),
        st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4, unique=True),
        st.sampled_from(["ltci", "family-bed", "home-hospital-bed"]),
        st.integers(1, 7),
        st.sampled_from([FORENOON, AFTERNOON]),
    ),
    max_size=6,
    unique_by=lambda one: one.group,
)


@settings(max_examples=50, deadline=None)
@given(outlines)
def test_after_merging_no_item_clashes_and_each_comes_as_often_as_anybody_asked(
    asked: list[Outline],
) -> None:
    kept, gone = merged(*asked)
    read = RULES.reading()

    for k, one in enumerate(kept):
        for other in kept[k + 1 :]:
            if one.programme != other.programme:
                for item in set(one.items) & set(other.items):
                    assert merge.same_span(item, read) == 0
                    assert not overlap(one.windows, other.windows)
    for lost in gone:
        asked_rate = max(Fraction(o.frequency, o.period) for o in asked if o.group in (lost.group,))
        assert any(
            lost.item in o.items and Fraction(o.frequency, o.period) >= asked_rate for o in kept
        )
    assert all(one.minutes >= sum(MINUTES[i] for i in one.items) for one in kept)


def arranged(*outlines_: Outline) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for one in bundle.arrange(outlines_, RULES.reading()):
        found.setdefault((one.first, one.second), set()).add(one.how)
    return found


def test_the_nurse_who_dresses_a_wound_comes_after_the_bath() -> None:
    found = arranged(
        visit("nurse", ("37",), programme="home-hospital-bed", level=Level.NURSE),
        visit("bath", ("6",), minutes=60),
    )

    assert found == {("bath", "nurse"): {"order", "joint"}}


def test_medicine_comes_before_the_dressing() -> None:
    found = arranged(
        visit("nurse", ("37",), programme="home-hospital-bed", level=Level.NURSE),
        visit("care", ("18",), minutes=45),
    )

    assert "order" in found["care", "nurse"]


def test_a_short_care_visit_is_done_by_the_nurse_in_one_go() -> None:
    found = arranged(
        visit("nurse", ("32",), programme="home-hospital-bed", level=Level.NURSE),
        visit("care", ("10",)),
    )

    assert found == {("care", "nurse"): {"one-visit"}}


def test_two_nursing_visits_that_meet_are_one() -> None:
    found = arranged(
        visit("a", ("32",), programme="home-hospital-bed", level=Level.NURSE),
        visit("b", ("37",), programme="home-hospital-bed", level=Level.NURSE),
    )

    assert list(found.values()) == [{"one-visit"}]


def test_windows_that_only_touch_are_no_common_time() -> None:
    touching = ((11 * HOUR, 17 * HOUR),)
    found = arranged(
        visit("nurse", ("32",), programme="home-hospital-bed", level=Level.NURSE),
        visit("care", ("10",), windows=touching),
    )

    assert "one-visit" not in {how for hows in found.values() for how in hows}


def test_doctors_are_never_joined_to_others() -> None:
    found = arranged(
        visit("round", ("101",), programme="home-hospital-bed", level=Level.DOCTOR),
        visit("care", ("10",)),
    )

    assert found == {}


@pytest.mark.parametrize(
    ("items", "sorted_"),
    [
        (("37", "30"), ("30", "37")),
        (("37", "5", "18"), ("18", "5", "37")),
        (("18", "37"), ("18", "37")),
        (("9", "10"), ("9", "10")),
    ],
)
def test_inside_one_visit_what_must_come_first_is_done_first(
    items: tuple[str, ...], sorted_: tuple[str, ...]
) -> None:
    assert bundle.sort_items(items, RULES.reading()) == sorted_
