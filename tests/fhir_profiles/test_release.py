"""Resources built with the classes of the release are valid R4."""

import pytest

from fhir_profiles import check, wire
from fhir_profiles.release import builder


def test_a_built_resource_is_valid() -> None:
    made = builder("Task")(status="requested", intent="order")

    assert check.findings(wire.loads(made.model_dump_json())) == []


def test_types_of_r4b_alone_have_no_builder() -> None:
    with pytest.raises(KeyError):
        builder("Citation")
