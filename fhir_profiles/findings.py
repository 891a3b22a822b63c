"""What can be wrong with a resource, and where?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "information"]

Place = tuple[Any, ...] | None
"""Where the walk is: `(place above, key)` or `(place above, key, index)`; None at the top.
Written out only for a finding, as most places have none."""


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


def written(top: str, place: Place) -> str:
    """The location as FHIRPath, from the name of the outermost resource."""
    steps: list[str] = []
    while place is not None:
        above, key, *index = place
        steps.append(f".{key}[{index[0]}]" if index else f".{key}")
        place = above
    return top + "".join(reversed(steps))
