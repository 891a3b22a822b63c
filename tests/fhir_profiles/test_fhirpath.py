"""FHIRPath expressions mean what the specification says."""

from decimal import Decimal
from typing import Any

import pytest

from fhir_profiles.fhirpath import Scope, SyntaxFaultError, compile_text, evaluate, holds
from fhir_profiles.wire import Literal

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "active": True,
    "name": [{"family": "Wang", "given": ["Xiu", "Ying"], "use": "official"}, {"given": ["Amy"]}],
    "birthDate": "1940-05-01",
    "_gender": {"extension": [{"url": "urn:absent", "valueCode": "unknown"}]},
    "multipleBirthInteger": 2,
    "contained": [{"resourceType": "Organization", "id": "o", "name": "A"}],
    "managingOrganization": {"reference": "#o"},
    "extension": [{"url": "urn:w", "valueQuantity": {"value": Literal("70.50"), "unit": "kg"}}],
}


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("name.given", ["Xiu", "Ying", "Amy"]),
        ("Patient.name.family", ["Wang"]),
        ("Group.name", []),
        ("name.where(use = 'official').given.count()", [2]),
        ("name[1].given", ["Amy"]),
        ("name.given.first()", ["Xiu"]),
        ("name.given.tail().count()", [2]),
        ("name.exists(use = 'official')", [True]),
        ("name.all(given.exists())", [True]),
        ("name.all(family.exists())", [False]),
        ("multipleBirth", [2]),
        ("multipleBirth is integer", [True]),
        ("multipleBirth is boolean", [False]),
        ("multipleBirth.ofType(integer) + 1", [3]),
        ("(multipleBirth as integer) > 1", [True]),
        ("deceased.empty()", [True]),
        ("gender.exists()", [True]),
        ("gender.hasValue()", [False]),
        ("birthDate.hasValue()", [True]),
        ("gender.extension('urn:absent').value", ["unknown"]),
        ("extension('urn:w').value.value", [Decimal("70.50")]),
        ("extension.where(url = 'urn:w').value.as(Quantity).unit", ["kg"]),
        ("birthDate < '1950-01-01'", [True]),
        ("birthDate > @1941", [False]),
        ("1 + 2 * 3", [7]),
        ("-1 < 0", [True]),
        ("'a' & {} & 'b'", ["ab"]),
        ("('a' | 'b' | 'a').count()", [2]),
        ("'b' in ('a' | 'b')", [True]),
        ("('a' | 'b') contains 'c'", [False]),
        ("true and {}", []),
        ("false and {}", [False]),
        ("true or {}", [True]),
        ("{} implies true", [True]),
        ("{} implies false", []),
        ("true xor false", [True]),
        ("name.given.isDistinct()", [True]),
        ("name.select(given.first())", ["Xiu", "Amy"]),
        ("iif(active, 'yes', 'no')", ["yes"]),
        ("'Ab-1'.matches('^[A-Z]')", [True]),
        ("'a.b'.replaceMatches('\\\\..*', '')", ["a"]),
        ("'abc'.substring(1)", ["bc"]),
        ("'abc'.contains('b') and 'abc'.startsWith('a')", [True]),
        ("'12'.toInteger() >= 12", [True]),
        ("managingOrganization.resolve().name", ["A"]),
        ("contained.where(('#' + id in %resource.descendants().reference).not()).empty()", [True]),
        ("descendants().reference", ["#o"]),
        ("%ucum", ["http://unitsofmeasure.org"]),
        ("name.given.where($this = 'Amy')", ["Amy"]),
        ("name.first().given.combine(name.given).count()", [5]),
        ("1.0 = 1", [True]),
        ("'a' = 1", [False]),
        ("{} = 1", []),
        ("(1 | 2).count() = 2 and true", [True]),
    ],
)
def test_an_expression_has_its_value(expression: str, wanted: list[Any]) -> None:
    assert evaluate(expression, PATIENT) == wanted


@pytest.mark.parametrize("text", ["name.", "a b", "(a", "nonsense()", "a ! b", "'open"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(SyntaxFaultError):
        compile_text(text)


def test_an_invariant_that_cannot_be_judged_is_kept() -> None:
    period = {"start": "2024", "end": "2024-05"}

    assert holds(compile_text("start <= end"), period, Scope(period, period))
    assert not holds(compile_text("start > '2025'"), period, Scope(period, period))
