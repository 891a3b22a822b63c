"""The check finds what is wrong, says where, and lets everything right pass."""

import copy
import json
from typing import Any

import pytest

from fhir_profiles import check, wire
from fhir_profiles.definitions import standard

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">a</div>'},
    "identifier": [{"system": "urn:card", "value": "1", "period": {"start": "2024-01-01"}}],
    "active": True,
    "name": [{"family": "Wang", "given": ["Xiu"]}],
    "gender": "female",
    "birthDate": "1940-02-29",
    "deceasedBoolean": False,
    "contact": [{"name": {"text": "A"}}],
    "managingOrganization": {"reference": "Organization/o"},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The patient with one element put in or, for None, taken out."""
    made = copy.deepcopy(PATIENT)
    *steps, last = path.split(".")
    node: Any = made
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return made


def errors(resource: dict[str, Any]) -> list[tuple[str, str]]:
    return [(f.code, f.path) for f in check.findings(resource) if f.severity == "error"]


def test_a_right_resource_has_no_findings() -> None:
    assert check.findings(PATIENT) == []


@pytest.mark.parametrize(
    ("path", "value", "code", "where"),
    [
        ("colour", "red", "fhir.unknown_element", "Patient.colour"),
        ("_colour", {"id": "x"}, "fhir.unknown_element", "Patient._colour"),
        ("name", {"text": "x"}, "fhir.array", "Patient.name"),
        ("birthDate", ["1940"], "fhir.single", "Patient.birthDate"),
        ("active", "true", "fhir.primitive", "Patient.active"),
        ("birthDate", "1941-02-29", "fhir.primitive", "Patient.birthDate"),
        ("birthDate", "1941-13-01", "fhir.primitive", "Patient.birthDate"),
        ("birthDate", "01.05.1940", "fhir.primitive", "Patient.birthDate"),
        ("id", "a b", "fhir.primitive", "Patient.id"),
        ("language", " de", "fhir.primitive", "Patient.language"),
        ("implicitRules", "a b", "fhir.primitive", "Patient.implicitRules"),
        ("multipleBirthInteger", 1.5, "fhir.primitive", "Patient.multipleBirthInteger"),
        ("multipleBirthInteger", 2**31, "fhir.primitive", "Patient.multipleBirthInteger"),
        ("multipleBirthInteger", True, "fhir.primitive", "Patient.multipleBirthInteger"),
        ("name.0.family", "", "fhir.primitive", "Patient.name[0].family"),
        ("name.0.family", "a\u0007b", "fhir.primitive", "Patient.name[0].family"),
        ("name.0.given", [None], "json.null", "Patient.name[0].given[0]"),
        ("name", ["Wang"], "fhir.object", "Patient.name[0]"),
        ("gender", "woman", "fhir.code", "Patient.gender"),
        ("name.0.use", "best", "fhir.code", "Patient.name[0].use"),
        ("deceasedDateTime", "2024", "fhir.choice", "Patient"),
        (
            "managingOrganization.reference",
            "Patient/x",
            "fhir.target",
            "Patient.managingOrganization",
        ),
        (
            "managingOrganization.reference",
            "#x",
            "fhir.fragment",
            "Patient.managingOrganization.reference",
        ),
        ("identifier.0.period.end", "2023", "fhir.period", "Patient.identifier[0].period"),
        ("contact", [{"gender": "male"}], "fhir.invariant", "Patient.contact[0]"),
        ("link", [{"type": "seealso"}], "fhir.required", "Patient.link[0]"),
        ("contained", [{"resourceType": "Basic"}], "fhir.contained_id", "Patient.contained[0]"),
        (
            "contained",
            [{"resourceType": "Basic", "id": "b", "code": {"text": "x"}}],
            "fhir.contained_unused",
            "Patient.contained[0]",
        ),
        ("extension", [{"url": "urn:x"}], "fhir.extension_content", "Patient.extension[0]"),
        (
            "extension",
            [{"url": "urn:x", "valueCode": "a", "valueString": "b"}],
            "fhir.choice",
            "Patient.extension[0]",
        ),
        (
            "extension",
            [{"url": "x", "valueCode": "a"}],
            "fhir.extension_url",
            "Patient.extension[0].url",
        ),
        (
            "modifierExtension",
            [{"url": "urn:x", "valueCode": "a"}],
            "fhir.modifier_unknown",
            "Patient.modifierExtension[0]",
        ),
        (
            "extension",
            [
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
                    "valueString": "Beijing",
                }
            ],
            "fhir.profile_type",
            "Patient.extension[0].valueString",
        ),
        (
            "resourceType",
            "SubscriptionStatus",
            "fhir.type_unknown",
            "SubscriptionStatus.resourceType",
        ),
    ],
)
def test_each_kind_of_fault_is_found_where_it_is(
    path: str, value: Any, code: str, where: str
) -> None:
    assert (code, where) in errors(changed(path, value))


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        '<p onclick="x()">a</p>',
        '<a href="javascript:x()">a</a>',
        "<iframe>a</iframe>",
        "<p>a",
        "<?php a ?>b",
        "<form>a</form>",
        '<img src="data:text/html,x"/>',
        "&unknown;",
    ],
)
def test_a_narrative_that_could_run_is_refused(inner: str) -> None:
    text = {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>',
    }

    assert errors(changed("text", text)) == [("fhir.narrative", "Patient.text.div")]


@pytest.mark.parametrize(
    "inner", ["a &nbsp; b &lt; c", "<p><b>a</b><br/></p>", '<a href="https://x">a</a>', "王秀英"]
)
def test_a_harmless_narrative_is_accepted(inner: str) -> None:
    text = {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>',
    }

    assert errors(changed("text", text)) == []


@pytest.mark.parametrize(
    "text",
    [
        '{"resourceType":"Patient","_birthDate":{"extension":[{"url":"urn:x","valueCode":"a"}]}}',
        '{"resourceType":"Patient","name":[{"given":["A",null],'
        '"_given":[null,{"extension":[{"url":"urn:x","valueCode":"a"}]}]}]}',
        '{"resourceType":"Observation","status":"final","code":{"text":"x"},'
        '"valueQuantity":{"value":1E3}}',
        '{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o",'
        '"name":"x"}],"managingOrganization":{"reference":"#o"}}',
        '{"resourceType":"Patient","extension":[{"url":"https://hospital.example.cn/unknown",'
        '"valueString":"kept"}]}',
    ],
)
def test_what_fhir_allows_is_accepted(text: str) -> None:
    assert errors(wire.loads(text)) == []


VITAL: dict[str, Any] = {
    "resourceType": "Observation",
    "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/bodytemp"]},
    "status": "final",
    "category": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                    "code": "vital-signs",
                }
            ]
        }
    ],
    "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
    "subject": {"reference": "Patient/p"},
    "effectiveDateTime": "2024-05-01",
    "valueQuantity": {
        "value": 36.5,
        "unit": "C",
        "system": "http://unitsofmeasure.org",
        "code": "Cel",
    },
}


def test_a_claimed_profile_is_kept() -> None:
    assert errors(VITAL) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"category": [{"text": "x"}]}, "fhir.profile_min"),
        ({"code": {"coding": [{"system": "http://loinc.org", "code": "1-1"}]}}, "fhir.profile_min"),
        ({"subject": {"reference": "Group/g"}}, "fhir.profile_target"),
        ({"valueQuantity": {"value": 36.5, "unit": "C"}}, "fhir.profile_min"),
        ({"valueQuantity": VITAL["valueQuantity"] | {"code": "K"}}, "fhir.profile_codes"),
        ({"effectiveDateTime": "2024"}, "fhir.profile_invariant"),
    ],
)
def test_a_broken_profile_is_found(change: dict[str, Any], code: str) -> None:
    assert code in [c for c, _ in errors(VITAL | change)]


def test_a_value_of_another_type_breaks_a_profile() -> None:
    other = {k: v for k, v in VITAL.items() if k != "valueQuantity"} | {"valueString": "warm"}

    assert "fhir.profile_type" in [c for c, _ in errors(other)]


def test_an_unknown_profile_is_a_warning() -> None:
    resource = PATIENT | {"meta": {"profile": ["urn:nobody"]}}

    assert [(f.severity, f.code) for f in check.findings(resource)] == [
        ("warning", "fhir.profile_unknown")
    ]


def test_a_profile_asked_for_must_be_known_and_fit() -> None:
    bp = "http://hl7.org/fhir/StructureDefinition/bp"

    assert check.findings(PATIENT, profiles=["urn:nobody"])[0].code == "fhir.profile_unknown"
    assert check.findings(PATIENT, profiles=[bp])[0].code == "fhir.profile_for"


def test_a_check_stops_after_a_hundred_findings() -> None:
    flawed = changed("name", [{"use": "x"}] * 500)

    assert len(check.findings(flawed)) == 100


def test_every_committed_invariant_is_fhirpath() -> None:
    from fhir_profiles import structure

    count = 0
    for name in structure.resource_types():
        for rule in structure.type_of(name).invariants:
            assert callable(rule.function())
            count += 1

    assert count > 50


def test_definitions_of_others_take_effect() -> None:
    profile = {
        "resourceType": "StructureDefinition",
        "url": "urn:test:named",
        "type": "Patient",
        "snapshot": {
            "element": [
                {"id": "Patient", "path": "Patient"},
                {
                    "id": "Patient.name",
                    "path": "Patient.name",
                    "min": 1,
                    "max": "1",
                    "base": {"path": "Patient.name", "min": 0, "max": "*"},
                },
            ]
        },
    }
    definitions = standard().extended([profile], {})
    nameless = {"resourceType": "Patient", "meta": {"profile": ["urn:test:named"]}}

    assert [f.code for f in check.findings(nameless, definitions=definitions)] == [
        "fhir.profile_min"
    ]


def test_numbers_of_any_precision_are_decimals() -> None:
    text = (
        '{"resourceType":"RiskAssessment","status":"final","subject":{"reference":"Patient/p"},'
        '"prediction":[{"probabilityDecimal":0.30}]}'
    )
    resource = wire.loads(text)

    assert errors(resource) == []
    assert json.loads(wire.dumps(resource), parse_float=str)["prediction"] == [
        {"probabilityDecimal": "0.30"}
    ]
