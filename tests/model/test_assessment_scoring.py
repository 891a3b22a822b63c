"""Scores, bands and levels of both scales: the vectors of the facts, and laws."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid, Missing
from carecoord.model.assessment import (
    Answers,
    Diagnosis,
    GB42195Level,
    LTC37Level,
    RiskEvent,
    assess,
    confirm,
    gb42195,
    ltc37,
    prefills,
)
from carecoord.model.assessment.scoring import WHICH, changes_of, gb42195_level, ltc37_level
from carecoord.model.policy import Row, Rules
from carecoord.packs.load import load

DAY = date(2026, 7, 1)
RULES = load().on(DAY, "990101001")
LTC, GB = ltc37(RULES), gb42195(RULES)
ITEMS = {**LTC.items, **GB.items}
BEST = {code: item.scores[-1] for code, item in ITEMS.items()}
WORST = {code: item.scores[0] for code, item in ITEMS.items()}
FALL = RiskEvent("fall", DAY)

every_score = st.fixed_dictionaries({c: st.sampled_from(i.scores) for c, i in ITEMS.items()})


def with_stack(stack: bool) -> Rules:
    """The same rules with the switch `gb_stack`."""
    old = RULES.row("gb42195.gb_stack")
    row = Row(old.rule_id, "990101001", "T", "", old.valid_from, None, old.mark, stack)
    return Rules(DAY, RULES.jurisdiction, {**RULES.rows, old.rule_id: row}, RULES.known)


def total_of(total: int, *, clear: bool = True) -> dict[str, int]:
    """GB42195 answers with this total; consciousness scores 0 unless `clear`."""
    scores, left = dict.fromkeys(GB.items, 0), total
    for code in sorted(GB.items, key=lambda c: c != "B.3.9"):
        if code != "B.3.9" or clear:
            scores[code] = max(score for score in GB.items[code].scores if score <= left)
            left -= scores[code]
    assert sum(scores.values()) == total
    return scores


@pytest.mark.parametrize(
    ("adl", "cog", "per", "level"),
    [
        (100, 16, 12, 0),
        (100, 3, 12, 1),
        (100, 16, 4, 0),
        (95, 1, 12, 2),
        (65, 4, 4, 1),
        (60, 16, 12, 2),
        (45, 0, 12, 3),
        (40, 16, 12, 3),
        (40, 4, 4, 3),
        (40, 2, 12, 4),
        (0, 12, 3, 4),
        (0, 0, 0, 5),
        (5, 16, 1, 5),
    ],
)
def test_ltc37_vector(adl: int, cog: int, per: int, level: int) -> None:
    assert ltc37_level(adl, cog, per, LTC) == LTC37Level(level)


@pytest.mark.parametrize(
    ("adl", "cog", "per"), [(63, 16, 12), (105, 16, 12), (-5, 0, 0), (100, 17, 12), (100, 16, 13)]
)
def test_a_total_no_answers_can_give_is_refused(adl: int, cog: int, per: int) -> None:
    with pytest.raises(Invalid) as caught:
        ltc37_level(adl, cog, per, LTC)

    assert caught.value.code == "assessment.total"


@pytest.mark.parametrize(
    ("total", "level"), [(90, 0), (89, 1), (66, 1), (65, 2), (46, 2), (45, 3), (30, 3), (29, 4)]
)
def test_gb42195_vector(total: int, level: int) -> None:
    result = assess(Answers(total_of(total), coma=False), RULES).gb42195

    assert (result.total, result.level) == (total, GB42195Level(level))


@pytest.mark.parametrize(
    ("total", "diagnoses", "falls", "coma", "level", "stacked"),
    [
        (90, ("F00",), 0, False, 1, 1),
        (70, (), 2, False, 2, 2),
        (70, (), 1, False, 1, 1),
        (20, ("F03",), 0, False, 4, 4),
        (80, (), 0, True, 4, 4),
        (70, ("F03",), 2, False, 2, 3),
    ],
)
def test_gb42195_change_vector(
    total: int, diagnoses: tuple[str, ...], falls: int, coma: bool, level: int, stacked: int
) -> None:
    scores = total_of(total, clear=not coma)
    answers = Answers(scores, coma, tuple(map(Diagnosis, diagnoses)), (FALL,) * falls)

    assert assess(answers, RULES).gb42195.level == GB42195Level(level)
    assert assess(answers, with_stack(True)).gb42195.level == GB42195Level(stacked)


@pytest.mark.parametrize(
    ("code", "by_psychiatrist", "counts"),
    [
        ("F00", False, True),
        ("F03", False, True),
        ("F01.5", False, True),
        ("F04", False, False),
        ("F04", True, True),
        ("F99", True, True),
        ("G30", True, False),
        ("I63.9", False, False),
    ],
)
def test_which_diagnoses_count(code: str, by_psychiatrist: bool, counts: bool) -> None:
    answers = Answers({}, diagnoses=(Diagnosis(code, by_psychiatrist),))

    assert (changes_of(answers, GB, DAY) == ("diagnosis",)) is counts


@pytest.mark.parametrize(("days", "counts"), [(0, True), (30, True), (31, False)])
def test_risk_events_count_for_30_days(days: int, counts: bool) -> None:
    answers = Answers({}, risk_events=(FALL, RiskEvent("wandering", DAY - timedelta(days=days))))

    assert (changes_of(answers, GB, DAY) == ("risk",)) is counts


def test_one_interview_gives_both_results_with_names_and_documents() -> None:
    results = assess(Answers(BEST), RULES)

    assert (results.ltc37.level, results.ltc37.zh) == (LTC37Level(0), "基本正常")
    assert (results.gb42195.level, results.gb42195.en) == (GB42195Level(0), "Intact")
    assert results.ltc37.totals == {"adl": 100, "cog": 16, "per": 12}
    assert results.gb42195.totals == {"selfcare": 32, "mobility": 15, "mind": 28, "social": 15}
    assert {ref.doc_no for ref in results.ltc37.refs} == {"医保办发〔2021〕37号"}
    assert {ref.doc_no for ref in results.gb42195.refs} == {"GB/T 42195-2022"}
    assert not results.ltc37.confirmed
    assert results.suggestions == ()


def test_the_worst_answers_give_the_worst_levels() -> None:
    results = assess(Answers(WORST, coma=False), RULES)

    assert (results.ltc37.level, results.gb42195.level) == (LTC37Level(5), GB42195Level(4))


@pytest.mark.parametrize("code", sorted(ITEMS))
def test_one_unanswered_item_leaves_its_scale_without_a_level(code: str) -> None:
    results = assess(Answers({c: s for c, s in BEST.items() if c != code}), RULES)
    without, other = (
        (results.ltc37, results.gb42195) if code in LTC.items else (results.gb42195, results.ltc37)
    )

    assert (without.status, without.level, without.missing) == ("incomplete", None, (code,))
    assert other.status == "complete"


def test_stupor_or_coma_has_to_be_said() -> None:
    scores = BEST | {"B.3.9": 0}

    assert assess(Answers(scores), RULES).gb42195.missing == (WHICH,)
    assert assess(Answers(scores, coma=False), RULES).gb42195.level == GB42195Level(1)
    assert assess(Answers(scores, coma=True), RULES).gb42195.level == GB42195Level(4)


def test_coma_beside_clear_consciousness_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        assess(Answers(BEST, coma=True), RULES)

    assert (caught.value.code, caught.value.field) == ("assessment.coma_conflict", "B.3.9")


@pytest.mark.parametrize("code", sorted(ITEMS))
def test_an_answer_off_the_ladder_names_the_item_and_what_is_allowed(code: str) -> None:
    for score in (-1, ITEMS[code].scores[-1] + 1, 63):
        with pytest.raises(Invalid) as caught:
            assess(Answers(BEST | {code: score}), RULES)
        assert (caught.value.code, caught.value.field) == ("assessment.off_ladder", code)
        assert caught.value.facts["allowed"] == ", ".join(map(str, ITEMS[code].scores))


def test_an_item_of_no_instrument_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        assess(Answers(BEST | {"a11": 5}), RULES)

    assert (caught.value.code, caught.value.facts["item"]) == ("assessment.item_unknown", "a11")


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (RiskEvent("tripping", DAY), "assessment.risk_kind"),
        (RiskEvent("fall", DAY + timedelta(days=1)), "assessment.risk_date"),
    ],
)
def test_a_risk_event_that_cannot_be_is_refused(event: RiskEvent, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        assess(Answers(BEST, risk_events=(event,)), RULES)

    assert caught.value.code == code


@pytest.mark.parametrize("code", ["f03", "F3", "dementia", ""])
def test_a_diagnosis_that_is_no_icd_code_is_refused(code: str) -> None:
    with pytest.raises(Invalid) as caught:
        Diagnosis(code)

    assert caught.value.code == "assessment.icd"


def test_an_instrument_is_not_used_before_it_is_in_force() -> None:
    with pytest.raises(Missing) as caught:
        assess(Answers(BEST), load().on(date(2022, 1, 1), "CN"))

    assert caught.value.code == "rule.not_in_force"


PREFILL: list[tuple[Mapping[str, int], str, int]] = [
    ({"B.1.1": 4}, "a1", 10),
    ({"B.1.1": 3}, "a1", 10),
    ({"B.1.1": 2}, "a1", 5),
    ({"B.1.1": 1}, "a1", 0),
    ({"B.1.4": 4, "B.1.5": 2}, "a2", 5),
    ({"B.1.8": 3}, "a6", 10),
    ({"B.1.2": 4}, "a3", 5),
    ({"B.1.2": 3}, "a3", 0),
    ({"B.1.3": 3}, "a10", 5),
    ({"B.1.3": 2}, "a10", 0),
    ({"B.2.2": 4}, "a8", 15),
    ({"B.2.2": 2}, "a8", 10),
    ({"B.2.3": 1}, "a7", 5),
    ({"B.2.3": 0}, "a7", 0),
    ({"B.2.4": 3}, "a9", 10),
    ({"B.2.4": 1}, "a9", 5),
    ({"B.3.1": 3}, "c1", 3),
    ({"B.3.2": 2}, "c3", 2),
    ({"B.3.3": 1}, "c2", 1),
    ({"B.3.5": 4, "B.3.6": 2}, "p3", 2),
    ({"p1": 3}, "B.4.1", 1),
    ({"p2": 4}, "B.4.2", 2),
    ({"p2": 1}, "B.4.2", 0),
]


@pytest.mark.parametrize(("scores", "item", "score"), PREFILL)
def test_prefill_vector(scores: Mapping[str, int], item: str, score: int) -> None:
    found = {s.item: s.score for s in assess(Answers(scores), RULES).suggestions}

    assert found[item] == score


def test_a_suggestion_counts_only_after_it_is_confirmed() -> None:
    asked = {c: s for c, s in BEST.items() if c in GB.items} | {"p1": 4, "p2": 4}
    asked |= {"a4": 10, "a5": 10, "c4": 4}
    before = assess(Answers(asked), RULES)
    after = assess(confirm(Answers(asked), before.suggestions), RULES)

    assert before.ltc37.level is None
    assert set(before.ltc37.missing) == {s.item for s in before.suggestions}
    assert after.ltc37.level == LTC37Level(0)
    assert {"prefill.copy", "prefill.map"} <= {ref.rule_id for ref in after.ltc37.refs}
    assert not {ref.rule_id for ref in after.gb42195.refs} & {"prefill.copy", "prefill.map"}


def test_bowel_bladder_and_memory_are_always_asked_in_both_wordings() -> None:
    filled = {entry.item for entry in prefills(RULES, ITEMS)}

    assert set(RULES.texts("prefill.ask_both")) == {"a4", "a5", "c4"}
    assert not filled & {"a4", "a5", "c4", "B.1.6", "B.1.7", "B.3.4"}


def test_only_what_was_suggested_can_be_confirmed() -> None:
    answers = Answers({"B.1.1": 4})

    with pytest.raises(Invalid) as caught:
        confirm(answers, assess(answers, RULES).suggestions, ["a4"])

    assert (caught.value.code, caught.value.facts["allowed"]) == ("assessment.not_suggested", "a1")


def test_an_answer_given_is_never_suggested_over() -> None:
    answers = Answers({"B.1.1": 0, "a1": 10})

    assert "a1" not in {s.item for s in assess(answers, RULES).suggestions}


@given(every_score, st.sampled_from(sorted(ITEMS)), st.booleans(), st.booleans())
def test_a_better_answer_never_gives_a_worse_level(
    scores: dict[str, int], code: str, dementia: bool, stack: bool
) -> None:
    ladder = ITEMS[code].scores
    better = ladder[min(ladder.index(scores[code]) + 1, len(ladder) - 1)]
    diagnoses = (Diagnosis("F03"),) if dementia else ()
    rules = with_stack(stack)
    worse_off = assess(Answers(scores, False, diagnoses, (FALL, FALL)), rules)
    better_off = assess(Answers(scores | {code: better}, False, diagnoses, (FALL, FALL)), rules)

    assert worse_off.ltc37.level is not None and better_off.ltc37.level is not None
    assert worse_off.gb42195.level is not None and better_off.gb42195.level is not None
    assert better_off.ltc37.level <= worse_off.ltc37.level
    assert better_off.gb42195.level <= worse_off.gb42195.level


@given(every_score, st.lists(st.sampled_from(["coma", "diagnosis", "risk"]), unique=True))
def test_a_change_never_improves_the_level(scores: dict[str, int], changes: list[str]) -> None:
    total = sum(scores[code] for code in GB.items)

    assert gb42195_level(total, changes, GB) >= gb42195_level(total, (), GB)


@given(every_score)
def test_every_full_set_of_answers_has_exactly_one_band_each_and_a_level(
    scores: dict[str, int],
) -> None:
    results = assess(Answers(scores, coma=False), RULES)

    assert results.ltc37.level is not None and results.gb42195.level is not None
    for group, total in results.ltc37.totals.items():
        hits = [n for n, (low, high) in enumerate(LTC.bands[group]) if low <= total <= high]
        assert hits == [results.ltc37.bands[group]]
    assert results.gb42195.total == sum(scores[code] for code in GB.items)
    assert [low <= results.gb42195.total <= high for low, high in GB.levels].count(True) == 1


@given(every_score)
def test_the_answers_of_one_scale_do_not_move_the_other(scores: dict[str, int]) -> None:
    ltc_only = {c: s for c, s in scores.items() if c in LTC.items}
    gb_only = {c: s for c, s in scores.items() if c in GB.items}
    both = assess(Answers(scores, coma=False), RULES)

    assert assess(Answers(ltc_only), RULES).ltc37.level == both.ltc37.level
    assert assess(Answers(gb_only, coma=False), RULES).gb42195.level == both.gb42195.level
