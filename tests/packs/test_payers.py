"""A pack that nobody could be paid by is found before it is used."""

from pathlib import Path

import pytest

from carecoord.packs.load import check_file, load
from carecoord.packs.readers import failures

HEAD = """format = 1
pack = "city"
jurisdiction = "320500"
zh = "某市"
en = "A city"
[[document]]
doc_no = "T1"
valid_from = 2024-01-01
[[document.rule]]
mark = "M"
zh = "规则"
en = "Rule"
"""


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ('rule_id = "payer.by_programme"\nvalue = { ltci = ["ltci", "shelf"] }', "payer.unknown"),
        ('rule_id = "payer.by_programme"\nvalue = { ltci = [] }', "payer.unknown"),
        (
            'rule_id = "payer.stacking"\nvalue = [["subsidy", "ltci", "maybe"]]',
            "payer.stacking_row",
        ),
        ('rule_id = "payer.stacking"\nvalue = [["subsidy", "x", "both"]]', "payer.stacking_row"),
        ('rule_id = "price.hour"\nvalue = { C = 5000 }', "rule.kind"),
        ('rule_id = "cost.labour_hour"\nvalue = { C = "a" }', "rule.kind"),
    ],
)
def test_a_row_that_nobody_could_be_paid_by_is_an_error(
    tmp_path: Path, row: str, code: str
) -> None:
    city = tmp_path / "city.toml"
    city.write_text(HEAD + row + "\n", encoding="utf-8")

    found = check_file(city)

    assert [(one.severity, one.code) for one in found] == [("error", code)]
    assert found[0].line == 13


def test_the_bundled_rows_can_all_be_read() -> None:
    packs = load()
    places = {row.jurisdiction for row in packs.rows}

    for place in places:
        days = {row.valid_from for row in packs.rows if row.jurisdiction == place}
        assert [str(e) for e in failures(packs.on(max(days), place))] == []
