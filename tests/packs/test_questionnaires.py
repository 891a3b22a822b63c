"""The Questionnaires are what the pack's tables give, and serve both scales."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire

from carecoord.model.assessment import gb42195, ltc37, prefills
from carecoord.packs.load import BUNDLED, load
from fhir_profiles import questionnaires

RULES = load().on(date(2026, 7, 1), "CN")
ITEMS = {**ltc37(RULES).items, **gb42195(RULES).items}


def leaves(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Items that are no groups, in the order of asking."""
    for item in resource.get("item", []):
        if item["type"] != "group":
            yield item
        yield from leaves(item)


def test_the_files_are_what_the_pack_gives() -> None:
    built = questionnaires.build((BUNDLED / "instruments.toml").read_text(encoding="utf-8"))

    assert set(built) == set(questionnaires.NAMES)
    for name, resource in built.items():
        path = questionnaires.DATA / f"{name}.json"
        assert path.read_text(encoding="utf-8") == questionnaires.render(resource)


@pytest.mark.parametrize("name", questionnaires.NAMES)
def test_a_questionnaire_is_valid_r4(name: str) -> None:
    Questionnaire.model_validate(questionnaires.questionnaire(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ltc37", set(ltc37(RULES).items)), ("gb42195", set(gb42195(RULES).items))],
)
def test_each_instrument_asks_exactly_its_items(name: str, expected: set[str]) -> None:
    asked = [item["linkId"] for item in leaves(questionnaires.questionnaire(name))]

    assert {link for link in asked if link in ITEMS} == expected


def test_the_interview_asks_every_item_of_both_once_and_sources_first() -> None:
    asked = [item["linkId"] for item in leaves(questionnaires.questionnaire("interview"))]

    assert len(asked) == len(set(asked))
    assert set(ITEMS) <= set(asked)
    for entry in prefills(RULES, ITEMS):
        assert all(asked.index(s) < asked.index(entry.item) for s in entry.sources)


@pytest.mark.parametrize("name", questionnaires.NAMES)
def test_options_are_the_scores_with_both_languages(name: str) -> None:
    for item in leaves(questionnaires.questionnaire(name)):
        if item["linkId"] not in ITEMS:
            continue
        codings = [option["valueCoding"] for option in item["answerOption"]]
        assert sorted(int(c["code"]) for c in codings) == list(ITEMS[item["linkId"]].scores)
        for coding in codings:
            assert coding["extension"][0]["valueDecimal"] == int(coding["code"])
            assert coding["_display"]["extension"][0]["extension"][0]["valueCode"] == "en"


def test_an_unknown_questionnaire_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        questionnaires.questionnaire("../search")


def test_the_command_refuses_a_pack_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert questionnaires.main(["nowhere.toml"]) == 2
    assert "PACK.toml" in capsys.readouterr().err
