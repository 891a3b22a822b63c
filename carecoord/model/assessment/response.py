"""Answers out of a FHIR R4 QuestionnaireResponse, as plain JSON data; linkId = item code."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from carecoord.errors import Invalid
from carecoord.model.assessment.scoring import WHICH, Answers, Diagnosis, RiskEvent

ITEM = re.compile(r"[acp]\d{1,2}|B\.\d\.\d")
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
_UNREADABLE = ("entered-in-error",)

Found = tuple[str, Mapping[str, Any]]
"""Where an item stands (FHIRPath), and the item."""


def answers_from(response: Mapping[str, Any]) -> Answers:
    """The answers in a QuestionnaireResponse to one of the instruments, or to both.

    Items of other questions are left alone: a sender may ask more. Scores are read from
    `valueInteger`, from a `valueCoding` (its ordinal value, else its code) or from a whole
    `valueDecimal`. Whether a score is allowed is decided when it is scored.

    Raises
    ------
    Invalid
        `assessment.response`: not a QuestionnaireResponse, or entered in error;
        `assessment.answer_twice`: one item answered more than once;
        `assessment.answer_unreadable`: a value that is no score, date or code.
        `field` is the FHIRPath of the item.
    """
    kind, status = response.get("resourceType"), response.get("status")
    if kind != "QuestionnaireResponse" or status in _UNREADABLE:
        raise Invalid(
            "assessment.response", field="QuestionnaireResponse", got=str(kind), status=str(status)
        )
    scores: dict[str, int] = {}
    coma: bool | None = None
    diagnoses: list[Diagnosis] = []
    events: list[RiskEvent] = []
    for path, item in _walk("QuestionnaireResponse", response):
        link = item.get("linkId")
        if not isinstance(link, str):
            continue
        if ITEM.fullmatch(link) and item.get("answer"):
            if link in scores:
                raise Invalid("assessment.answer_twice", field=path, item=link)
            scores[link] = _score(path, link, _answer(path, item))
        elif link == WHICH and item.get("answer"):
            coma = _code(path, link, _answer(path, item)) == "coma"
        elif link == "diagnosis":
            diagnoses += _diagnosis(path, item)
        elif link == "risk":
            events += _risk(path, item)
    return Answers(scores, coma, tuple(diagnoses), tuple(events))


def _walk(path: str, parent: Mapping[str, Any]) -> Iterator[Found]:
    children = parent.get("item", [])
    if not isinstance(children, list):
        raise Invalid("assessment.answer_unreadable", field=f"{path}.item", item="item")
    for n, item in enumerate(children):
        here = f"{path}.item[{n}]"
        if not isinstance(item, Mapping):
            raise Invalid("assessment.answer_unreadable", field=here, item="item")
        yield here, item
        yield from _walk(here, item)
        for m, answer in enumerate(_list(here, item)):
            yield from _walk(f"{here}.answer[{m}]", answer)


def _list(path: str, item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    answers = item.get("answer", [])
    if not isinstance(answers, list) or not all(isinstance(a, Mapping) for a in answers):
        raise _unreadable(path, item.get("linkId"))
    return answers


def _answer(path: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
    answers = _list(path, item)
    if len(answers) != 1:
        raise Invalid("assessment.answer_twice", field=path, item=str(item.get("linkId")))
    return answers[0]


def _score(path: str, link: str, answer: Mapping[str, Any]) -> int:
    coding = answer.get("valueCoding")
    if isinstance(coding, Mapping):
        ordinal = [
            e.get("valueDecimal")
            for e in coding.get("extension", [])
            if isinstance(e, Mapping) and e.get("url") == ORDINAL
        ]
        value = ordinal[0] if ordinal else coding.get("code")
    else:
        value = answer.get("valueInteger", answer.get("valueDecimal"))
    if isinstance(value, str) and re.fullmatch(r"\d{1,3}", value):
        return int(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        whole = Decimal(str(value))
        if whole == whole.to_integral_value():
            return int(whole)
    raise _unreadable(path, link)


def _code(path: str, link: str, answer: Mapping[str, Any]) -> str:
    coding = answer.get("valueCoding")
    value = coding.get("code") if isinstance(coding, Mapping) else answer.get("valueString")
    if not isinstance(value, str):
        raise _unreadable(path, link)
    return value


def _parts(path: str, group: Mapping[str, Any]) -> dict[str, tuple[str, Mapping[str, Any]]]:
    return {
        str(item.get("linkId")): (here, _answer(here, item))
        for here, item in _walk(path, group)
        if item.get("answer")
    }


def _diagnosis(path: str, group: Mapping[str, Any]) -> Iterator[Diagnosis]:
    parts = _parts(path, group)
    if "diagnosis.code" not in parts:
        return
    where, answer = parts["diagnosis.code"]
    code = _code(where, "diagnosis.code", answer)
    psychiatrist = parts.get("diagnosis.psychiatrist", ("", {}))[1].get("valueBoolean", False)
    yield Diagnosis(code, psychiatrist is True)


def _risk(path: str, group: Mapping[str, Any]) -> Iterator[RiskEvent]:
    parts = _parts(path, group)
    if not parts:
        return
    if not {"risk.kind", "risk.date"} <= set(parts):
        raise _unreadable(path, "risk")
    (at_kind, kind), (at_day, day) = parts["risk.kind"], parts["risk.date"]
    try:
        when = date.fromisoformat(str(day.get("valueDate")))
    except ValueError:
        raise _unreadable(at_day, "risk.date") from None
    yield RiskEvent(_code(at_kind, "risk.kind", kind), when)


def _unreadable(path: str, link: object) -> Invalid:
    return Invalid("assessment.answer_unreadable", field=path, item=str(link))
