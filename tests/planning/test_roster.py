"""A table that people made becomes calls, and every row gets an answer of its own."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.planning.handmade import Call
from carecoord.planning.problem import DayInput
from carecoord.planning.roster import Read, read
from carecoord.planning.written import Cell
from tests import build
from tests.build import DAY, HOUR

ZH = ("日期", "人员", "老人", "开始时间")
EIGHT, TWO = 8 * HOUR, 14 * HOUR
MORNING, AFTERNOON = ((EIGHT, 10 * HOUR),), ((13 * HOUR, 16 * HOUR),)


def named(id_: str, name: str, **more: Any) -> Any:
    return replace(build.staff(id_, **more), name=name)


def given_day(**more: Any) -> DayInput:
    elders = {
        one.id: one
        for one in (
            replace(build.elder("e1"), name="王秀兰"),
            replace(build.elder("e2"), name="李桂英"),
            replace(build.elder("e3"), name="李桂英"),
            replace(build.elder("e4"), name="赵 四"),
        )
    }
    base: dict[str, Any] = {
        "demands": (
            build.demand("v1", "e1", windows=MORNING),
            build.demand("v2", "e1", windows=AFTERNOON),
            build.demand("v3", "e2", windows=MORNING, carers=2),
        ),
        "elders": elders,
        "staff": (
            named("c1", "李梅"),
            named("c2", "张伟"),
            named("c3", "张伟"),
            named("c4", "陈芳", shifts=()),
        ),
    }
    return DayInput(**(base | more))


def table(*rows: tuple[Cell, ...], heads: tuple[Cell, ...] = ZH) -> list[tuple[Cell, ...]]:
    return [heads, *rows]


def looked(*rows: tuple[Cell, ...], heads: tuple[Cell, ...] = ZH) -> Read:
    return read(table(*rows, heads=heads), given_day(), DAY)


def answers(found: Read) -> list[tuple[int, str, str]]:
    return [(row.number, row.status, row.code) for row in found.rows]


def test_names_and_times_become_calls_at_the_visit_whose_window_is_nearest() -> None:
    found = looked(("2026-03-05", "李梅", "王秀兰", "14:00"), ("3月5日", "李梅", "王秀兰", "8点半"))

    assert set(found.calls) == {Call("c1", "v2", TWO), Call("c1", "v1", EIGHT + 1800)}
    assert answers(found) == [(2, "taken", ""), (3, "taken", "")]


@pytest.mark.parametrize(
    "heads",
    [
        ("工号", "老人编号", "开始时间"),
        ("Staff ID", "Elder ID", "Start time"),
        ("员工编号（必填）", "服务对象编号", "时 间"),
        ("staff_id", "client_id", "START"),
    ],
)
def test_headings_are_known_in_both_languages(heads: tuple[str, ...]) -> None:
    assert looked(("c1", "e1", "8:30"), heads=heads).calls == (Call("c1", "v1", EIGHT + 1800),)


def test_headings_may_stand_below_a_title_and_beside_columns_nobody_knows() -> None:
    rows: list[tuple[Cell, ...]] = [
        ("清河街道3月5日排班表", None, None, None),
        (None, None, None, None),
        ("人员", "备注", "老人", "开始时间"),
        ("李梅", "带血压计", "王秀兰", "8:30"),
    ]

    found = read(rows, given_day(), DAY)

    assert (found.heading, found.ignored) == (3, ("备注",))
    assert found.calls == (Call("c1", "v1", EIGHT + 1800),)


@pytest.mark.parametrize(
    ("heads", "lacking"),
    [(("人员", "开始时间"), "老人 / elder"), (("a", "b"), "人员 / staff, 老人 / elder")],
)
def test_a_table_without_the_headings_says_which_are_lacking(
    heads: tuple[str, ...], lacking: str
) -> None:
    with pytest.raises(Invalid) as caught:
        looked(heads=heads)

    assert caught.value.code == "roster.headings"
    assert str(caught.value.facts["lacking"]).startswith(lacking)


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (("x", "李梅", "王秀兰", "8:30"), "roster.day", "day"),
        (("3/5", "无名", "王秀兰", "8:30"), "roster.staff", "staff"),
        (("3/5", "张伟", "王秀兰", "8:30"), "roster.staff_ambiguous", "staff"),
        (("3/5", "李梅", "无名", "8:30"), "roster.elder", "elder"),
        (("3/5", "李梅", "", "8:30"), "roster.no_elder", "elder"),
        (("3/5", "李梅", "赵四", "8:30"), "roster.elder_no_visit", "elder"),
        (("3/5", "李梅", "王秀兰", "早班"), "roster.start", "start"),
        (("3/5", "李梅", "王秀兰", ""), "roster.no_start", "start"),
        (("3/5", "", "王秀兰", "8:30"), "roster.no_staff", "staff"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why_and_in_which_column(
    row: tuple[Cell, ...], code: str, column: str
) -> None:
    (found,) = looked(row).rows

    assert (found.status, found.code, found.column) == ("refused", code, column)
    assert found.call is None


def test_an_ambiguous_name_lists_the_ids_and_an_id_in_brackets_settles_it() -> None:
    (row,) = looked(("3/5", "张伟", "王秀兰", "8:30")).rows
    assert row.facts["ids"] == "c2, c3"

    assert looked(("3/5", "张伟（c3）", "王秀兰", "8:30")).calls[0].staff == "c3"


def test_of_two_elders_of_one_name_the_one_who_is_visited_is_meant() -> None:
    assert looked(("3/5", "李梅", "李桂英", "8:30")).calls == (Call("c1", "v3", EIGHT + 1800),)


def test_a_blank_in_a_name_does_not_matter() -> None:
    assert looked(("3/5", " 李 梅", "王　秀兰", "8:30")).calls[0] == Call("c1", "v1", EIGHT + 1800)


def test_two_rows_at_one_time_are_the_two_carers_of_one_visit() -> None:
    found = looked(("3/5", "李梅", "李桂英", "8:30"), ("3/5", "张伟(c2)", "李桂英", "8:30"))

    assert set(found.calls) == {
        Call("c1", "v3", EIGHT + 1800),
        Call("c2", "v3", EIGHT + 1800),
    }


def test_staff_and_day_that_stand_once_for_several_rows_are_filled_down() -> None:
    found = looked(("3/5", "李梅", "王秀兰", "8:30"), ("", "", "李桂英", "9:30"))

    assert found.calls[1] == Call("c1", "v3", 9 * HOUR + 1800)
    assert answers(found)[1] == (3, "remark", "roster.filled")


def test_rows_of_other_days_repeated_rows_and_blank_ones_are_passed_over() -> None:
    found = looked(
        ("3/6", "李梅", "王秀兰", "8:30"),
        ("3/5", "李梅", "王秀兰", "8:30"),
        (None, None, None, None),
        ("3/5", "李梅", "王秀兰", "8：30"),
        ("3/5", "", "李桂英", ""),
    )

    assert answers(found) == [
        (2, "skipped", "roster.other_day"),
        (3, "taken", ""),
        (5, "skipped", "roster.duplicate"),
        (6, "skipped", "roster.blank"),
    ]


def test_a_start_outside_the_window_and_somebody_off_duty_are_taken_with_a_remark() -> None:
    found = looked(("3/5", "李梅", "李桂英", "12:00"), ("3/5", "陈芳", "王秀兰", "8:30"))

    assert answers(found) == [
        (2, "remark", "roster.outside_window"),
        (3, "remark", "roster.off_duty"),
    ]
    assert len(found.calls) == 2


def test_more_rows_than_visits_are_refused() -> None:
    found = looked(*(("3/5", "李梅", "王秀兰", clock) for clock in ("8:30", "14:00", "9:00")))

    assert len(found.calls) == 2
    assert [code for _, _, code in answers(found) if code] == ["roster.no_visit"]


def test_a_visit_id_settles_which_visit_is_meant() -> None:
    heads = ("人员编号", "上门编号", "开始时间")

    assert looked(("c1", "v2", "8:30"), heads=heads).calls == (Call("c1", "v2", EIGHT + 1800),)
    (row,) = looked(("c1", "v9", "8:30"), heads=heads).rows
    assert (row.code, row.column) == ("roster.visit", "visit")


cells = (
    st.none()
    | st.integers(0, 50_000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(["李梅", "张伟", "王秀兰", "李桂英", "8:30", "3/5", "c1", "e1"])
)


@given(st.lists(st.lists(cells, max_size=6), max_size=12))
def test_no_table_fails_and_every_row_that_says_something_is_answered_once(
    rows: list[list[Cell]],
) -> None:
    found = read([ZH, *rows], given_day(), DAY)

    numbers = [row.number for row in found.rows]
    assert numbers == sorted(set(numbers))
    for row in found.rows:
        assert (row.call is not None) == (row.status in ("taken", "remark"))
        assert row.status == "taken" or row.code


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["c1", "c2"]), st.sampled_from([8, 9, 13, 14]), st.integers(0, 59)
        ),
        max_size=2,
        unique_by=lambda one: one[1] < 12,
    )
)
def test_each_visit_of_an_elder_is_taken_at_most_once(wanted: list[tuple[str, int, int]]) -> None:
    heads = ("工号", "老人编号", "开始")
    found = looked(*((who, "e1", f"{h}:{m:02d}") for who, h, m in wanted), heads=heads)

    visits = [call.visit for call in found.calls]
    assert len(visits) == len(set(visits)) == len(wanted)
    for call in found.calls:
        assert call.visit == ("v1" if call.start < 12 * HOUR else "v2")
