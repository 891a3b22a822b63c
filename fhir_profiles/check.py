"""Does a resource obey FHIR R4 and the profiles it claims?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fhir_profiles import release, search
from fhir_profiles.wire import Json

Severity = Literal["error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a resource.

    code
        Picks the sentence; `facts` fill it.
    path
        FHIRPath location, such as `Patient.name[0].given`.
    """

    severity: Severity
    code: str
    path: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


def findings(resource: Json) -> list[Finding]:
    """Everything that is wrong with a resource; empty when it may be stored."""
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        return [Finding("error", "fhir.type_missing", "resourceType")]
    if kind not in search.types():
        return [Finding("error", "fhir.type_unknown", "resourceType", {"type": kind})]
    return [
        Finding("error", "fhir.structure", path, {"detail": detail})
        for path, detail in release.shape_errors(resource)
    ]
