"""The one place that names a FHIR release: classes of R4B serve R4.

R4 and R4B differ in a few types only; which types exist here follows R4.
"""

from typing import Any

from pydantic import ValidationError

from fhir_profiles.wire import Json


def shape_errors(resource: Json) -> list[tuple[str, str]]:
    """(path, explanation) of everything the release's classes refuse; empty if they accept."""
    from fhir.resources.R4B import get_fhir_model_class

    name = resource["resourceType"]
    try:
        model = get_fhir_model_class(name)
    except KeyError:
        return [(name, "unknown type")]
    try:
        model.model_validate(resource)
    except ValidationError as error:
        return [(_path(name, e["loc"]), e["msg"]) for e in error.errors(include_url=False)]
    return []


def _path(name: str, location: tuple[Any, ...]) -> str:
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in location]
    return name + "".join(parts)
