"""Facts that are missing or wrong in stored data: listed for people, never guessed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from carecoord.errors import Fact


@dataclass(frozen=True, slots=True)
class DataProblem:
    """Something planning needed and could not use.

    subject
        `Type/id` of the resource to be corrected.
    path
        Element inside it, as FHIRPath.
    """

    code: str
    subject: str
    path: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)


def distinct(problems: Iterable[DataProblem]) -> list[DataProblem]:
    """Each problem once, in the order of first appearance."""
    return list({repr(problem): problem for problem in problems}.values())
