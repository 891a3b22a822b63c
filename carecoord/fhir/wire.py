"""How does FHIR JSON come in and go out without one altered number?

The reading itself is `fhir_profiles.wire`; here its refusals become errors of ours.
"""

from typing import Any

from carecoord.errors import Invalid
from fhir_profiles import wire
from fhir_profiles.wire import Json, Literal, dumps, encode, splice

__all__ = ["Json", "Literal", "dumps", "encode", "loads", "loose", "splice"]


def loads(data: str | bytes) -> Json:
    """Parse one FHIR JSON object; fractions become `Literal`, a `Decimal` that keeps its text.

    Raises
    ------
    Invalid
        `json.syntax`, `json.text` (not UTF-8, a lone surrogate), `json.number` (NaN, Infinity,
        beyond a double), `json.depth`, `json.object` (the top is no object), `json.duplicate`,
        `json.null`, `json.empty`, `json.nested`; `field` is the path, such as
        `Patient.name[0].given`.
    """
    try:
        return wire.loads(data)
    except wire.UnreadableError as error:
        raise Invalid(error.code, field=error.path, **error.facts) from error


def loose(data: bytes) -> Any:
    """Parse any JSON value, with null and empty arrays, as patches have them.

    Raises
    ------
    Invalid
        `json.syntax`, `json.text`, `json.number`, `json.depth`.
    """
    try:
        return wire.loose(data)
    except wire.UnreadableError as error:
        raise Invalid(error.code, field=error.path, **error.facts) from error
