"""U1-U8 at their limits."""

from decimal import Decimal
from typing import Any

import pytest

from carecoord.model.criteria import Findings, evaluate, urgency
from tests import build

RULES = build.rules()


def found(*signs: str, **more: Any) -> list[tuple[str, str]]:
    met = evaluate(Findings(signs=frozenset(signs), **more), RULES)
    return [(one.code, one.urgency.value) for one in met]


@pytest.mark.parametrize(
    ("signs", "measured", "expected"),
    [
        ((), {}, []),
        ((), {"sbp": Decimal(179), "dbp": Decimal(109)}, []),
        ((), {"sbp": Decimal(180)}, [("U2", "urgent")]),
        ((), {"dbp": Decimal(110)}, [("U2", "urgent")]),
        (("chest_pain",), {"sbp": Decimal(180)}, [("U1", "emergency")]),
        (("chest_pain",), {"sbp": Decimal(179)}, []),
        ((), {"glucose": Decimal("16.6")}, []),
        ((), {"glucose": Decimal("16.7")}, [("U4", "urgent")]),
        ((), {"glucose": Decimal("3.9")}, [("U4", "urgent")]),
        ((), {"glucose": Decimal("4.0")}, []),
        ((), {"glucose": Decimal("3.9"), "heart_rate": Decimal(101)}, [("U3", "emergency")]),
        ((), {"glucose": Decimal("3.9"), "heart_rate": Decimal(100)}, [("U4", "urgent")]),
        ((), {"glucose": Decimal(17), "temperature": Decimal("39.1")}, [("U3", "emergency")]),
        (("coma",), {"glucose": Decimal(2)}, [("U3", "emergency")]),
        ((), {"uncontrolled": 1}, []),
        ((), {"uncontrolled": 2}, [("U5", "planned")]),
        (("drug_reaction",), {}, [("U5", "planned")]),
        ((), {"spo2": Decimal(90)}, []),
        ((), {"spo2": Decimal(89)}, [("U6", "emergency")]),
        (("fracture",), {}, [("U6", "urgent")]),
        (("fracture", "stroke_sign"), {}, [("U6", "emergency")]),
        ((), {"fever_days": 3}, [("U6", "urgent")]),
        ((), {"fever_days": 2}, []),
        (("pressure_injury_infected",), {"injury_stage": 3}, [("U7", "urgent")]),
        (("pressure_injury_infected",), {"injury_stage": 2}, []),
        (("tube_blocked_or_out",), {}, [("U7", "urgent")]),
        (("test_not_available",), {}, [("U8", "planned")]),
    ],
)
def test_each_criterion_is_met_from_its_limit_on(
    signs: tuple[str, ...], measured: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(*signs, **measured) == expected


def test_the_most_urgent_criterion_decides() -> None:
    met = evaluate(
        Findings(glucose=Decimal(17), spo2=Decimal(85), signs=frozenset({"skill_not_available"})),
        RULES,
    )

    assert [one.code for one in met] == ["U6", "U4", "U8"]
    assert urgency(met) == "emergency"
    assert urgency(()) is None
    assert met[0].rule.rule_id == "referral.up.U6"
