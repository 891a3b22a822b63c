import re
import string
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Category, Conflict
from carecoord.model.assessment import recognition
from carecoord.model.referrals import Need, Position, Role, State, move
from carecoord.model.visits import HELD
from carecoord.text import LANGUAGES, Language, negotiate, sentence
from carecoord.text.catalogue import entries
from tests.text import codes

ADDED_WHERE_CAUGHT = {"plan.block_short": {"rule"}}
"""Facts that a handler adds to an error on its way."""


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def literal_uses() -> list[codes.Use]:
    return [*codes.used(), *codes.templates()]


def test_every_code_that_the_source_gives_has_a_sentence_in_every_language() -> None:
    given_codes = {use.code: use.where for use in literal_uses()}
    given_codes |= dict.fromkeys(codes.solver_codes(), "solver")

    missing = {
        (code, language): where
        for code, where in given_codes.items()
        for language in LANGUAGES
        if code not in entries(language)
    }

    assert len(given_codes) > 300
    assert missing == {}


def test_every_placeholder_of_a_sentence_is_a_fact_that_is_given() -> None:
    open_ones = {
        (use.code, use.where, name)
        for use in literal_uses()
        if use.facts is not None
        for language in LANGUAGES
        for name in placeholders(entries(language).get(use.code, ""))
        - use.facts
        - ADDED_WHERE_CAUGHT.get(use.code, set())
    }

    assert open_ones == set()


def test_facts_of_the_solver_fill_the_sentences_of_its_refusals() -> None:
    given_facts = codes.solver_facts()

    assert {
        (code, name)
        for code, facts in given_facts.items()
        for language in LANGUAGES
        for name in placeholders(entries(language).get(code, "")) - facts
    } == set()


def test_reasons_of_the_solver_are_all_said_with_facts_it_gives() -> None:
    source = (codes.ROOT / "solver" / "explain.py").read_text(encoding="utf-8")
    reasons = set(re.findall(r'Unserved\(visit\.id, "(\w+)"', source))

    assert len(reasons) == 7
    for reason in reasons:
        for language in LANGUAGES:
            # `no_skill` names the level; the others need no number to be understood.
            assert placeholders(entries(language)[f"unserved.{reason}"]) <= {"skill"}


def test_reasons_for_which_a_visit_is_held_are_said() -> None:
    for language in LANGUAGES:
        assert set(HELD) <= set(entries(language))


def test_stages_of_the_demo_are_named() -> None:
    source = (codes.ROOT / "carecoord" / "demo" / "run.py").read_text(encoding="utf-8")
    stages = set(re.findall(r'\bstep\(\s*"(\w+)"', source))

    assert {"register", "referrals", "plans", "expand", "solve"} <= stages
    for language in LANGUAGES:
        assert stages <= {c.removeprefix("cli.stage.") for c in entries(language)}


def test_coordinates_out_of_range_have_a_sentence() -> None:
    for language in LANGUAGES:
        for axis in ("lon", "lat"):
            assert placeholders(entries(language)[f"place.{axis}"]) <= {"value", "limit"}


def test_categories_of_failure_have_a_heading_on_pages() -> None:
    for language in LANGUAGES:
        assert {f"page.error.{category}" for category in get_args(Category)} <= set(
            entries(language)
        )


def test_reasons_against_recognition_have_a_sentence() -> None:
    source = (codes.ROOT / "carecoord/model/assessment/recognition.py").read_text(encoding="utf-8")
    known = {code.rpartition(".")[2] for code in entries("en") if code.startswith("recognition.")}

    assert recognition.recognise
    assert len(known) == 7
    assert all(f'"{reason}"' in source for reason in known)


def test_the_languages_have_the_same_codes_and_placeholders() -> None:
    chinese, english = entries("zh_CN"), entries("en")

    assert set(chinese) == set(english)
    assert {
        code for code in chinese if placeholders(chinese[code]) != placeholders(english[code])
    } == set()


def test_no_sentence_is_empty_and_each_is_in_its_language() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")

    assert all(text.strip() for language in LANGUAGES for text in entries(language).values())
    assert {code for code, text in entries("en").items() if han.search(text)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_sorted_by_code_without_repetition(language: Language) -> None:
    text = (codes.ROOT / "carecoord" / "text" / f"{language}.po").read_text(encoding="utf-8")
    found = re.findall(r'^msgid "(.+)"$', text, re.MULTILINE)

    assert found == sorted(set(found))


def test_nothing_in_the_catalogue_is_never_said() -> None:
    said = {use.code for use in codes.templates()} | codes.constants() | codes.solver_codes()
    composed = (*codes.beginnings(), "page.", "recognition.refused.")

    assert {c for c in entries("en") if c not in said and not c.startswith(composed)} == set()


def test_a_sentence_shows_its_facts_in_the_language_asked_for() -> None:
    facts = {"street": "990101001", "day": "2026-03-05"}

    assert sentence("day.none", facts, "en") == "Street 990101001 has no plan for 2026-03-05."
    assert sentence("day.none", facts, "zh_CN") == "街道 990101001 2026-03-05 还没有计划。"


def test_an_unknown_code_is_shown_with_its_facts_rather_than_lost() -> None:
    assert sentence("no.such", {"a": 1, "b": "two"}, "en") == "no.such a=1 b=two"


def test_a_fact_that_is_not_given_leaves_its_name_and_fails_nothing() -> None:
    assert "{day}" in sentence("day.none", {"street": "1"}, "en")


@given(st.text(max_size=30))
def test_facts_with_braces_are_shown_as_they_are(value: str) -> None:
    assert sentence("street.none", {"street": "{x}" + value}, "en") == (
        f"There is no street with code {{x}}{value}."
    )


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN", "zh_CN"),
        ("zh", "zh_CN"),
        ("zh-Hant-TW", "zh_CN"),
        ("zh-CN;q=0.3, en;q=0.8", "en"),
        ("fr, de;q=0.9, en;q=0.1", "en"),
        ("fr", "zh_CN"),
        ("", "zh_CN"),
        ("*", "zh_CN"),
        ("en;q=0", "zh_CN"),
        ("en;q=nonsense", "zh_CN"),
        ("EN-us", "en"),
        ("zh_CN", "zh_CN"),
    ],
)
def test_the_best_language_is_negotiated(accepted: str, language: Language) -> None:
    assert negotiate(accepted) == language


@given(st.text(max_size=60))
def test_any_header_gets_some_language(accepted: str) -> None:
    assert negotiate(accepted) in LANGUAGES


def test_a_reason_that_is_a_code_is_said_as_its_sentence_and_any_other_stays() -> None:
    facts = {"offer": "o", "day": "2026-03-05", "needed": 90, "free": 10, "share": 75}
    coded = sentence("offer.gone", facts | {"reason": "offer.roster_full"}, "en")
    plain = sentence("offer.gone", facts | {"reason": "no such code"}, "en")

    assert "90 minutes are needed, 10 are free" in coded
    assert "no such code" in plain


def test_states_roles_and_needs_of_a_referral_are_said_in_words() -> None:
    going = Position(State.IN_PROGRESS)
    with pytest.raises(Conflict) as caught:
        move("t1", going, "draft", [Role.FILLER])
    said = sentence(caught.value.code, caught.value.facts, "zh_CN")

    assert said.startswith("转诊 t1 状态为 办理中，不能转为 草稿；允许：")
    assert not {one.value for one in State} & set(re.findall(r"[a-z-]+", said))
    for language in LANGUAGES:
        known = set(entries(language))
        assert {f"page.referral.state.{one}" for one in State} <= known
        assert {f"referral.role.{one}" for one in Role} <= known
        assert {f"referral.need.{one}" for one in Need} <= known


def test_a_state_that_is_none_is_said_as_it_was_sent() -> None:
    facts = {"referral": "t1", "state": "on-hold@accepted", "to": "nonsense", "allowed": "-"}

    assert sentence("referral.move", facts, "en") == (
        "Referral t1 is on hold and cannot become nonsense; allowed: -."
    )
