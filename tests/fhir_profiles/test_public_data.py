"""Judgement of the public FHIR data agrees with those who published it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from fhir_profiles import check, wire

SHARED = Path(os.environ.get("CARECOORD_SHARED", Path(__file__).parents[3] / "shared")) / "fhir"

AGREEMENT = 0.9
"""Share of the HL7 validator's verdicts that ours must agree with."""


def published(folder: str) -> list[Path]:
    if not (SHARED / folder).is_dir():
        pytest.skip("the folder of public data is not beside the repository")
    return sorted((SHARED / folder).glob("*.json"))


def is_valid(text: bytes, rules: check.Rules) -> bool:
    try:
        resource = wire.loads(text)
    except wire.UnreadableError:
        return False
    return all(f.severity != "error" for f in check.findings(resource, rules=rules))


def test_every_official_example_is_valid() -> None:
    files = published("r4-examples")
    refused = [f.name for f in files if not is_valid(f.read_bytes(), check.RECEIVER)]

    assert len(files) > 100
    assert refused == []


def test_every_official_example_is_written_as_it_was_read() -> None:
    def literal(text: str | bytes) -> Any:
        return json.loads(text, parse_float=str, parse_int=str)

    for file in published("r4-examples"):
        text = file.read_bytes()
        assert literal(wire.dumps(wire.loads(text))) == literal(text), file.name


def test_verdicts_agree_with_the_hl7_validator_without_false_alarm() -> None:
    published("hl7-validator-cases")
    cases = json.loads((SHARED / "hl7-validator-cases" / "expected.json").read_text("utf-8"))
    alarms, agreed = [], 0
    for case in cases:
        text = (SHARED / "hl7-validator-cases" / case["file"]).read_bytes()
        valid = is_valid(text, check.VALIDATOR)
        agreed += valid == (case["verdict"] == "valid")
        if case["verdict"] == "valid" and not valid:
            alarms.append(case["file"])

    assert alarms == []
    assert agreed >= AGREEMENT * len(cases)
