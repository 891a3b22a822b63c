"""Which row counts: by day, by place, and how a misspelt or ended one is told."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid, Missing
from carecoord.model.assessment import LTC37Level
from carecoord.model.policy import Mark, places_over
from carecoord.packs.load import load

DAY = date(2026, 7, 1)
STREET = "990101001"

HEAD = 'format = 1\npack = "test"\njurisdiction = "{place}"\nzh = "测试"\nen = "Test"\n'
DOCUMENT = '[[document]]\ndoc_no = "T1"\nvalid_from = {start}\n{end}\nrule = [\n{rows}\n]\n'
ROUND = '{{ rule_id = "home_bed.round_days", mark = "V", zh = "查床", en = "Round", value = {n} }},'


def pack(folder: Path, *, place: str, rounds: int, start: str, end: str = "") -> Path:
    """A pack file with the round interval of one place."""
    ending = f"valid_to = {end}" if end else ""
    rows = ROUND.format(n=rounds)
    path = folder / f"{place}-{start}.toml"
    path.write_text(
        HEAD.format(place=place) + DOCUMENT.format(start=start, end=ending, rows=rows),
        encoding="utf-8",
    )
    return path


def test_a_city_row_wins_over_the_national_one_within_that_city_only(tmp_path: Path) -> None:
    packs = load(pack(tmp_path, place="320500", rounds=5, start="2024-01-01"))

    assert packs.on(DAY, "320508001").number("home_bed.round_days") == 5
    assert packs.on(DAY, "320500").row("home_bed.round_days").mark is Mark.CONFIRMED
    assert packs.on(DAY, STREET).number("home_bed.round_days") == 7
    assert packs.on(DAY, "CN").number("home_bed.round_days") == 7


def test_the_nearest_division_wins_whatever_the_dates(tmp_path: Path) -> None:
    packs = load(
        pack(tmp_path, place="320000", rounds=10, start="2025-01-01"),
        pack(tmp_path, place="320500", rounds=5, start="2020-06-01"),
    )

    assert packs.on(DAY, "320508").number("home_bed.round_days") == 5
    assert packs.on(DAY, "320102").number("home_bed.round_days") == 10


def test_rows_follow_one_another_by_date_and_the_old_one_is_still_told(tmp_path: Path) -> None:
    packs = load(
        pack(tmp_path, place="320500", rounds=5, start="2024-01-01", end="2025-12-31"),
        pack(tmp_path, place="320500", rounds=6, start="2026-01-01"),
    )

    assert packs.on(date(2025, 12, 31), "320500").number("home_bed.round_days") == 5
    assert packs.on(date(2026, 1, 1), "320500").number("home_bed.round_days") == 6
    old = packs.on(date(2025, 12, 31), "320500").row("home_bed.round_days").ref
    assert (old.doc_no, old.valid_from) == ("T1", date(2024, 1, 1))
    kept = [(r.jurisdiction, r.value) for r in packs.history("home_bed.round_days")]
    assert kept == [("CN", 7), ("320500", 5), ("320500", 6)]


def test_after_a_city_row_has_ended_the_national_one_counts_again(tmp_path: Path) -> None:
    packs = load(pack(tmp_path, place="320500", rounds=5, start="2024-01-01", end="2024-12-31"))

    assert packs.on(DAY, "320500").number("home_bed.round_days") == 7


def test_two_rows_of_one_place_on_one_day_are_refused(tmp_path: Path) -> None:
    first = pack(tmp_path, place="320500", rounds=5, start="2024-01-01", end="2026-01-01")
    second = pack(tmp_path, place="320500", rounds=6, start="2026-01-01")

    with pytest.raises(Invalid) as caught:
        load(first, second)

    assert caught.value.code == "pack.overlap"
    assert caught.value.facts["rule"] == "home_bed.round_days"


def test_an_unknown_rule_is_told_apart_from_one_not_in_force() -> None:
    rules = load().on(date(2021, 1, 1), STREET)

    with pytest.raises(Missing) as misspelt:
        rules.number("home_bed.rond_days")
    with pytest.raises(Missing) as early:
        rules.entries("gb42195.items")

    assert misspelt.value.code == "rule.unknown"
    assert early.value.code == "rule.not_in_force"


def test_a_reader_of_the_wrong_kind_names_the_row() -> None:
    rules = load().on(DAY, STREET)

    with pytest.raises(Invalid) as caught:
        rules.number("family_bed.requires")
    with pytest.raises(Invalid):
        rules.number("gb42195.gb_stack")
    with pytest.raises(Invalid):
        rules.text("home_bed.round_days")

    assert caught.value.code == "rule.kind"
    assert caught.value.facts["rule"] == "family_bed.requires"
    assert caught.value.facts["expected"] == "integer"


@pytest.mark.parametrize("place", ["", "31", "Shanghai", "3101060071", "31010６", "cn"])
def test_a_place_that_is_no_division_code_is_refused(place: str) -> None:
    with pytest.raises(Invalid) as caught:
        load().on(DAY, place)

    assert caught.value.code == "pack.jurisdiction"


def test_a_street_lies_in_its_county_city_province_and_the_nation() -> None:
    assert places_over("310106007") == ("310106007", "310106", "310100", "310000", "CN")
    assert places_over("310106007001")[0:2] == ("310106007001", "310106007")
    assert places_over("310000") == ("310000", "CN")
    assert places_over("CN") == ("CN",)


def test_a_reading_lists_each_row_once_in_the_order_of_use() -> None:
    read = load().on(DAY, STREET).reading()

    assert read.number("home_bed.round_days") == 7
    assert read.entry("visit.max_per_day", "nurse") == 10
    assert read.number("home_bed.round_days") == 7

    assert read.used == ("home_bed.round_days", "visit.max_per_day")
    assert [ref.confirmed for ref in read.refs] == [False, False]


def test_values_are_exact_and_clock_times_are_seconds() -> None:
    rules = load().on(DAY, STREET)

    assert rules.decimal("travel.walk_speed") == Decimal("4.5")
    assert rules.table("referral.up.U3")["glucose_from"] == Decimal("16.7")
    assert rules.value("work.meal_window") == (11 * 3600, 13 * 3600 + 1800)
    assert rules.windows("clinic") == ((28800, 39600), (48600, 59400))


def test_a_template_for_a_level_without_one_is_missing() -> None:
    rules = load().on(DAY, STREET)

    with pytest.raises(Missing) as caught:
        rules.plan_blocks("family-bed", LTC37Level(1))

    assert caught.value.facts["rule"] == "plan.family-bed.LTC37.1"


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing) as caught:
        load(tmp_path / "nowhere.toml")

    assert caught.value.code == "pack.file"


@given(days=st.integers(-12000, 12000), place=st.sampled_from(["CN", "310106", STREET]))
def test_every_row_in_force_is_in_force_on_that_day_at_that_place(days: int, place: str) -> None:
    day = DAY + timedelta(days=days)
    rules = load().on(day, place)

    assert all(row.in_force(day) for row in rules.rows.values())
    assert all(row.jurisdiction in places_over(place) for row in rules.rows.values())
    assert all(row.rule_id == rule_id for rule_id, row in rules.rows.items())
