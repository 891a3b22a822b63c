"""What may a FHIRPath expression refer to besides what it is asked about?"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fhir_profiles.fhirpath.values import Items


@dataclass(slots=True)
class Scope:
    """What an expression may refer to besides what it is asked about.

    resource
        `%resource`: the resource, or contained resource, that holds the focus.
    root
        `%rootResource`: the outermost one.
    resolve
        Finds the resource that a reference leads to; None where it cannot be had.
    member_of
        Whether a code, Coding or CodeableConcept is in a value set; None if not known.
    """

    resource: Any
    root: Any
    resolve: Callable[[str], Any] | None = None
    member_of: Callable[[Any, str], bool | None] | None = None
    focus: Any = None
    variables: dict[str, Any] = field(default_factory=dict)


Compiled = Callable[[Items, Scope], Items]
"""An expression as a function of its focus and scope."""
