"""A faulty instrument table is refused when it is read, never met while scoring."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import CareError, Invalid
from carecoord.model.assessment import Answers, assess, gb42195, ltc37
from carecoord.model.policy import Rules, Value
from carecoord.packs.load import load

DAY = date(2026, 7, 1)
RULES = load().on(DAY, "990101001")
BEST = {
    code: item.scores[-1] for code, item in {**ltc37(RULES).items, **gb42195(RULES).items}.items()
}
TABLES = sorted(
    row.rule_id for prefix in ("ltc37", "gb42195", "prefill") for row in RULES.under(prefix)
)
junk: st.SearchStrategy[Value] = st.recursive(
    st.integers(-3, 101) | st.sampled_from(["", "a1", "B.1.1", "adl"]) | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(st.sampled_from(["adl", "cog", "per", "a1", "any", "steps"]), inner)
    ),
    max_leaves=12,
)


def with_value(rule_id: str, value: Value) -> Rules:
    row = replace(RULES.row(rule_id), value=value)
    return Rules(DAY, RULES.jurisdiction, {**RULES.rows, rule_id: row}, RULES.known)


@given(st.sampled_from(TABLES), junk)
def test_junk_in_a_table_is_a_coded_error_or_does_no_harm(rule_id: str, value: Value) -> None:
    try:
        results = assess(Answers(BEST), with_value(rule_id, value))
    except CareError:
        return
    assert results.ltc37.level is not None
    assert results.gb42195.level is not None


@pytest.mark.parametrize(
    ("rule_id", "value"),
    [
        ("ltc37.bands", {"adl": ((100, 100), (65, 95), (45, 60), (0, 40))}),
        ("ltc37.levels", (("基本正常", "Normal"),)),
        ("ltc37.matrix", ((0, 0, 1, 1),) * 3),
        ("ltc37.matrix", ((0, 0, 1, 6),) * 4),
        ("gb42195.levels", ((90, 90, "", ""), (0, 89, "", ""))),
        ("gb42195.group_maxima", {"selfcare": 31, "mobility": 15, "mind": 28, "social": 15}),
        ("prefill.copy", (("c1", ("B.9.9",)),)),
        ("prefill.copy", (("c1", ()),)),
        ("prefill.map", (("a1", ("B.1.1",), (0, 0, 5, 10)),)),
        ("prefill.map", (("a1", ("B.1.1",), (0, 0, 5, 10, 11)),)),
    ],
)
def test_a_table_that_does_not_fit_names_its_row(rule_id: str, value: Value) -> None:
    with pytest.raises(Invalid) as caught:
        assess(Answers(BEST), with_value(rule_id, value))

    assert (caught.value.code, caught.value.facts["rule"]) == ("instrument.table", rule_id)


def test_bands_with_a_gap_or_an_overlap_are_refused() -> None:
    for low in (60, 70):
        bands = dict(RULES.table("ltc37.bands"))
        bands["adl"] = ((100, 100), (low, 95), (45, 60), (0, 40))
        with pytest.raises(Invalid) as caught:
            assess(Answers(BEST), with_value("ltc37.bands", bands))
        assert caught.value.code == "instrument.table"
