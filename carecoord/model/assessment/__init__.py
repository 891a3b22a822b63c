"""Assess once, two results: answers to scores, bands and a level of each scale."""

from carecoord.model.assessment.instruments import (
    GB42195Table,
    Item,
    LTC37Table,
    Option,
    gb42195,
    ltc37,
    prefills,
)
from carecoord.model.assessment.levels import (
    AnyLevel,
    GB42195Level,
    LTC37Level,
    SHLTCLevel,
    level_of,
)
from carecoord.model.assessment.recognition import Change, Due, Past, Recognition, due, recognise
from carecoord.model.assessment.response import answers_from
from carecoord.model.assessment.scoring import (
    Answers,
    Diagnosis,
    GB42195Result,
    LTC37Result,
    Results,
    RiskEvent,
    Suggestion,
    assess,
    confirm,
    suggest,
)

__all__ = [
    "Answers",
    "AnyLevel",
    "Change",
    "Diagnosis",
    "Due",
    "GB42195Level",
    "GB42195Result",
    "GB42195Table",
    "Item",
    "LTC37Level",
    "LTC37Result",
    "LTC37Table",
    "Option",
    "Past",
    "Recognition",
    "Results",
    "RiskEvent",
    "SHLTCLevel",
    "Suggestion",
    "answers_from",
    "assess",
    "confirm",
    "due",
    "gb42195",
    "level_of",
    "ltc37",
    "prefills",
    "recognise",
    "suggest",
]
