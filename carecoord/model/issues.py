"""What a detector found, and what people do about it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal
from uuid import UUID, uuid5

from carecoord.errors import Conflict, Fact
from carecoord.model.ids import ElderId
from carecoord.model.policy import RuleRef

Severity = Literal["high", "moderate", "low"]

DEMAND = "demand:"
"""Before the id of a visit demand in `Evidence.refs`; everything else is a FHIR reference."""

_NAMESPACE = UUID("c7c3a1f0-4a55-5b60-8f3c-6f8f1a2b9d04")

STATES = ("open", "acknowledged", "resolved", "dismissed", "closed")
NEXT: dict[str, tuple[str, ...]] = {
    "open": ("acknowledged", "resolved", "dismissed"),
    "acknowledged": ("resolved", "dismissed"),
    "resolved": (),
    "dismissed": (),
    "closed": (),
}
"""State to those that a person may bring about. Detection itself closes what is gone and opens
again what came back or changed."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that a finding rests on: a sentence (code + facts) and where to look."""

    code: str
    facts: Mapping[str, Fact]
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspected duplicate, omission or mismatch.

    code
        Kind, such as `duplicate.item`; also the code of the sentence.
    key
        What tells it from other findings of this kind about this person.
    facts
        For the sentence. They do not change by the mere passing of days: a date, no count of days.
    rules
        The pack rows that decided.
    others
        Further persons it is about.
    basis
        What else would make it another matter: a decision made about it holds until this or the
        facts change.
    """

    code: str
    elder: ElderId
    key: tuple[str, ...]
    severity: Severity
    facts: Mapping[str, Fact]
    evidence: tuple[Evidence, ...]
    rules: tuple[RuleRef, ...]
    others: tuple[ElderId, ...] = ()
    basis: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The same finding has the same id in every run."""
        return str(uuid5(_NAMESPACE, "|".join((self.code, self.elder, *self.key))))

    @property
    def family(self) -> str:
        """`duplicate`, `omission` or `mismatch`."""
        return self.code.partition(".")[0]

    @property
    def fingerprint(self) -> str:
        """Hash of facts and basis: a decision about a finding holds until it changes."""
        facts = [sorted(self.facts.items()), sorted(self.others), sorted(self.basis)]
        said = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
        return sha256(said.encode()).hexdigest()[:32]


def move(issue: str, state: str, to: str) -> str:
    """The new state of an issue, as a person decided.

    Raises
    ------
    Conflict
        `issue.move`: `to` may not follow `state`; the facts list what may.
    """
    allowed = NEXT.get(state, ())
    if to not in allowed:
        raise Conflict(
            "issue.move", issue=issue, state=state, to=to, allowed=", ".join(allowed) or "-"
        )
    return to
