"""What `carecoord packs check` says about a pack file, line by line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.packs.check import read
from carecoord.packs.load import BUNDLED, check_file, load

GOOD = """format = 1
pack = "city"
jurisdiction = "320500"
zh = "某市"
en = "A city"

[[document]]
doc_no = "T1"
valid_from = 2024-01-01

[[document.rule]]
rule_id = "home_bed.round_days"
mark = "M"
zh = "查床"
en = "Round"
value = 5

[[document.rule]]
rule_id = "home_bed.cycle_days"
mark = "V"
zh = "周期"
en = "Cycle"
value = 90
"""


def codes(text: str) -> list[tuple[int, str]]:
    """Line and code of each finding on the form of a file."""
    return [(f.line, f.code) for f in read(text, "city.toml")[1]]


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """Where a test writes its pack."""
    return tmp_path / "city.toml"


def beside(city: Path, text: str) -> list[tuple[int, str, str]]:
    """Line, severity and code of each finding beside the bundled packs."""
    city.write_text(text, encoding="utf-8")
    return [(f.line, f.severity, f.code) for f in check_file(city)]


@pytest.mark.parametrize("path", sorted(BUNDLED.glob("*.toml")), ids=lambda p: p.name)
def test_a_bundled_pack_has_no_finding(path: Path) -> None:
    assert [str(f) for f in check_file(path)] == []


def test_a_good_city_pack_has_no_finding(city: Path) -> None:
    assert beside(city, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ('mark = "M"\n', 'mark = "X"\n', 12, "pack.mark"),
        ('mark = "M"\n', "", 12, "pack.field_missing"),
        ('"home_bed.round_days"', '"Round days"', 12, "pack.rule_id"),
        ("value = 5", "value = 1979-05-27", 12, "pack.value"),
        ("value = 5", "value = nan", 12, "pack.value"),
        ("value = 5", "value = [1, inf]", 12, "pack.value"),
        ("value = 5", "value = 5\nleast = nan", 12, "pack.field_type"),
        ("value = 5", "value = 5\ncolour = 1", 12, "pack.field_unknown"),
        ("value = 5", "value = 5\nleast = 7", 12, "pack.range"),
        ("value = 5", 'value = 5\nmost = "9"', 12, "pack.field_type"),
        ("value = 5", "value = 5\nvalid_to = 2023-12-31", 12, "pack.dates"),
        ("value = 5", 'value = 5\nvalid_to = "soon"', 12, "pack.field_type"),
        ("value = 90", "value = 90\nunit = 3", 19, "pack.field_type"),
        ('"home_bed.cycle_days"', '"home_bed.round_days"', 19, "pack.overlap"),
        ('doc_no = "T1"\n', "", 7, "pack.field_missing"),
        ("format = 1", "format = 2", 1, "pack.format"),
        ('"320500"', '"Suzhou"', 1, "pack.jurisdiction"),
        ("value = 5", "value = ", 16, "pack.syntax"),
    ],
)
def test_an_error_of_form_is_told_with_its_line(old: str, new: str, line: int, code: str) -> None:
    assert old in GOOD
    found = codes(GOOD.replace(old, new, 1))

    assert found == [(line, code)]


def test_all_errors_are_listed_in_one_run() -> None:
    text = GOOD.replace('mark = "M"', 'mark = "?"').replace('mark = "V"', 'mark = "!"')

    assert [code for _, code in codes(text)] == ["pack.mark", "pack.mark"]


def test_an_empty_file_is_no_pack() -> None:
    assert [code for _, code in codes("")] == ["pack.format", "pack.jurisdiction"]


def test_a_rule_no_bundled_pack_knows_is_a_warning(city: Path) -> None:
    text = GOOD.replace("home_bed.round_days", "home_bed.rond_days")

    assert beside(city, text) == [(12, "warning", "pack.new_rule")]


def test_a_city_row_of_another_kind_is_an_error(city: Path) -> None:
    assert beside(city, GOOD.replace("value = 5", 'value = "5"')) == [(12, "error", "pack.kind")]


def test_a_number_outside_what_cities_are_known_to_use_is_a_warning(city: Path) -> None:
    text = GOOD.replace("value = 90", "value = 900")

    assert beside(city, text) == [(19, "warning", "pack.unusual")]


def test_a_national_row_for_days_already_covered_is_an_error(city: Path) -> None:
    found = beside(city, GOOD.replace('"320500"', '"CN"'))

    assert [(severity, code) for _, severity, code in found] == [("error", "pack.overlap")] * 2


def test_a_table_that_a_rule_could_not_read_is_an_error(city: Path) -> None:
    matrix = "value = [[0, 0, 1, 1], [1, 1, 1, 2], [2, 2, 2, 3], [3, 3, 4, 9]]"
    text = GOOD.replace("home_bed.round_days", "ltc37.matrix").replace("value = 5", matrix)

    assert beside(city, text) == [(12, "error", "instrument.table")]


def test_a_plan_block_shorter_than_its_items_is_an_error(city: Path) -> None:
    block = 'value = [{ key = "b", items = ["6"], per_week = 1, part = "noon", minutes = 39 }]'
    text = GOOD.replace("home_bed.round_days", "plan.ltci.LTC37.3").replace("value = 5", block)

    assert beside(city, text) == [(12, "error", "plan.block_short")]


def test_a_service_item_without_minutes_is_an_error(city: Path) -> None:
    item = 'value = { category = "cleaning", by = "C" }'
    text = GOOD.replace("home_bed.round_days", "catalogue.item.6").replace("value = 5", item)

    assert beside(city, text) == [(12, "error", "catalogue.field")]


def test_loading_a_faulty_file_names_file_and_line(city: Path) -> None:
    city.write_text(GOOD.replace('mark = "M"', 'mark = "X"'), encoding="utf-8")

    with pytest.raises(Invalid) as caught:
        load(city)

    assert (caught.value.code, caught.value.field) == ("pack.mark", "city.toml:12")


def test_a_file_that_is_not_utf8_is_refused(city: Path) -> None:
    city.write_bytes("中".encode("gbk"))

    with pytest.raises(Invalid) as caught:
        check_file(city)

    assert caught.value.code == "pack.encoding"


@given(
    st.sampled_from(GOOD.splitlines()),
    st.sampled_from(["", "document = 5", "rule = 3", "value = [", "value = {}", "zh = 1", "[x]"]),
    st.booleans(),
)
def test_no_damage_to_a_file_goes_without_a_finding_or_a_row(
    old: str, new: str, once: bool
) -> None:
    rows, findings = read(GOOD.replace(old, new, 1 if once else -1), "city.toml")

    assert rows or findings
    assert all(f.line >= 1 and f.file == "city.toml" for f in findings)
    assert all(row.value is not None for row in rows)
