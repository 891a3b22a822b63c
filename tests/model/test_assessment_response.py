"""QuestionnaireResponses of our own and of others become answers, or a clear error."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.model.assessment import (
    Diagnosis,
    GB42195Level,
    LTC37Level,
    RiskEvent,
    answers_from,
    assess,
    gb42195,
    ltc37,
)
from carecoord.packs.load import load
from fhir_profiles.questionnaires import ORDINAL, questionnaire

DAY = date(2026, 7, 1)
RULES = load().on(DAY, "990101001")
ITEMS = {**ltc37(RULES).items, **gb42195(RULES).items}


def response(*items: dict[str, Any], status: str = "completed") -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "status": status, "item": list(items)}


def answered(link: str, **value: Any) -> dict[str, Any]:
    return {"linkId": link, "answer": [value]}


def filled(resource: dict[str, Any], scores: dict[str, int]) -> list[dict[str, Any]]:
    """Items of a response in the shape of the questionnaire, each with its own option."""
    made = []
    for item in resource["item"]:
        if item["type"] == "group":
            made.append({"linkId": item["linkId"], "item": filled(item, scores)})
        elif item["linkId"] in scores:
            code = str(scores[item["linkId"]])
            options = [o["valueCoding"] for o in item["answerOption"]]
            chosen = next(c for c in options if c["code"] == code)
            made.append({"linkId": item["linkId"], "answer": [{"valueCoding": chosen}]})
    return made


@given(st.fixed_dictionaries({c: st.sampled_from(i.scores) for c, i in ITEMS.items()}))
def test_a_filled_interview_gives_back_its_scores(scores: dict[str, int]) -> None:
    sent = json.loads(json.dumps(response(*filled(questionnaire("interview"), scores))))

    assert answers_from(sent).scores == scores


def test_an_interview_is_scored_for_both_scales() -> None:
    worst = dict.fromkeys(ITEMS, 0)
    sent = response(
        *filled(questionnaire("interview"), worst),
        answered("B.3.9.state", valueCoding={"code": "stupor"}),
    )
    results = assess(answers_from(sent), RULES)

    assert results.ltc37.level == LTC37Level(5)
    assert results.gb42195.level == GB42195Level(4)


@pytest.mark.parametrize(
    "value",
    [
        {"valueInteger": 10},
        {"valueDecimal": 10.0},
        {"valueDecimal": Decimal("10")},
        {"valueCoding": {"code": "10"}},
        {"valueCoding": {"code": "A", "extension": [{"url": ORDINAL, "valueDecimal": 10}]}},
    ],
)
def test_a_score_is_read_in_each_of_its_forms(value: dict[str, Any]) -> None:
    assert answers_from(response(answered("a1", **value))).scores == {"a1": 10}


def test_circumstances_are_read() -> None:
    diagnosis = [
        answered("diagnosis.code", valueString="F20.0"),
        answered("diagnosis.psychiatrist", valueBoolean=True),
    ]
    risk = [
        answered("risk.kind", valueCoding={"code": "fall"}),
        answered("risk.date", valueDate="2026-06-20"),
    ]
    answers = answers_from(
        response(
            answered("B.3.9", valueInteger=0),
            answered("B.3.9.state", valueCoding={"code": "coma"}),
            {"linkId": "diagnosis", "item": diagnosis},
            {"linkId": "diagnosis", "item": [answered("diagnosis.code", valueString="F03")]},
            {"linkId": "risk", "item": risk},
            {"linkId": "risk"},
            {"linkId": "diagnosis"},
        )
    )

    assert answers.coma is True
    assert answers.diagnoses == (Diagnosis("F20.0", True), Diagnosis("F03"))
    assert answers.risk_events == (RiskEvent("fall", date(2026, 6, 20)),)


def test_questions_of_others_and_items_without_an_answer_are_left_alone() -> None:
    sent = response(
        answered("note", valueString="tired"), {"linkId": "a1"}, {"text": "x"}, {"linkId": "a2"}
    )

    assert answers_from(sent).scores == {}


def test_items_under_an_answer_are_found() -> None:
    inner = {
        "linkId": "x",
        "answer": [{"valueBoolean": True, "item": [answered("a1", valueInteger=5)]}],
    }

    assert answers_from(response(inner)).scores == {"a1": 5}


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ({"resourceType": "Patient"}, "assessment.response", "QuestionnaireResponse"),
        (response(status="entered-in-error"), "assessment.response", "QuestionnaireResponse"),
        (
            response(answered("a1", valueInteger=5), answered("a1", valueInteger=5)),
            "assessment.answer_twice",
            "QuestionnaireResponse.item[1]",
        ),
        (
            response({"linkId": "a1", "answer": [{"valueInteger": 5}, {"valueInteger": 0}]}),
            "assessment.answer_twice",
            "QuestionnaireResponse.item[0]",
        ),
        (
            response(answered("a1", valueString="5")),
            "assessment.answer_unreadable",
            "QuestionnaireResponse.item[0]",
        ),
        (
            response({"linkId": "g", "item": [answered("a1", valueDecimal=2.5)]}),
            "assessment.answer_unreadable",
            "QuestionnaireResponse.item[0].item[0]",
        ),
        (
            response(answered("a1", valueCoding={"code": "ten"})),
            "assessment.answer_unreadable",
            "QuestionnaireResponse.item[0]",
        ),
        (
            response(answered("a1", valueInteger=True)),
            "assessment.answer_unreadable",
            "QuestionnaireResponse.item[0]",
        ),
        (
            response({"linkId": "risk", "item": [answered("risk.date", valueDate="2026-06-20")]}),
            "assessment.answer_unreadable",
            "QuestionnaireResponse.item[0]",
        ),
        (
            {"resourceType": "QuestionnaireResponse", "item": "a1"},
            "assessment.answer_unreadable",
            "QuestionnaireResponse.item",
        ),
        (response("a1"), "assessment.answer_unreadable", "QuestionnaireResponse.item[0]"),  # type: ignore[arg-type]
        (
            response({"linkId": "a1", "answer": 5}),
            "assessment.answer_unreadable",
            "QuestionnaireResponse.item[0]",
        ),
    ],
)
def test_what_cannot_be_read_names_its_place(sent: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        answers_from(sent)

    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize("day", ["2026-06", "yesterday", None])
def test_a_risk_date_that_is_no_day_is_refused(day: object) -> None:
    risk = [
        answered("risk.kind", valueCoding={"code": "fall"}),
        answered("risk.date", valueDate=day),
    ]

    with pytest.raises(Invalid) as caught:
        answers_from(response({"linkId": "risk", "item": risk}))

    assert caught.value.field == "QuestionnaireResponse.item[0].item[1]"
