"""Who has to be assessed again and when; how often was somebody assessed for nothing?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from carecoord.access import Caller, require
from carecoord.fhir import assessments, read
from carecoord.flows import register
from carecoord.flows.assess import OPEN
from carecoord.flows.condition import changes, person
from carecoord.flows.recognition import pasts
from carecoord.model.assessment import Due, Past, due
from carecoord.model.assessment.recognition import VALIDITY
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class DueOne:
    """A person whose next assessment on one scale has a day."""

    elder: ElderId
    name: str
    past: Past
    due: Due

    def overdue(self, on: date) -> bool:
        """Whether the day has passed."""
        return self.due.on < on


@dataclass(frozen=True, slots=True)
class Burden:
    """Assessments of a street in a span of days.

    assessments
        Opened or recorded.
    repeated
        Among them, made although a valid one existed: K2 = repeated ÷ assessments.
    recognised, saved
        Recognitions, and the visits they saved.
    """

    assessments: int
    repeated: int
    recognised: int
    saved: int

    @property
    def rate(self) -> float | None:
        """K2 repeat_assessment_rate, 0 to 1; None when nobody was assessed."""
        return self.repeated / self.assessments if self.assessments else None


def of_elder(tx: Tx, elder: ElderId, name: str, rules: Rules) -> list[DueOne]:
    """The next assessment of one person on each scale that they have a result of."""
    key, records = person(tx, elder)
    newest: dict[str, Past] = {}
    for _, past in pasts(tx, key, records):
        before = newest.get(past.scale)
        if past.revoked or not past.complete or VALIDITY[past.scale] not in rules:
            continue
        if before is None or before.assessed_on <= past.assessed_on:
            newest[past.scale] = past
    if not newest:
        return []
    happened = changes(tx, records, rules)
    return [DueOne(elder, name, p, due(p, rules, changes=happened)) for p in newest.values()]


def of_street(
    tx: Tx, caller: Caller, street: StreetId, rules: Rules, *, within: int = 0
) -> list[DueOne]:
    """Everybody in a street whose notice has begun by `within` days from the day of the rules.

    Earliest day first; the dead are left out.
    """
    require(caller, "assessment.read", street)
    people, _ = register.elders(tx, register.street(tx, street))
    until = rules.day + timedelta(days=within)
    found = [
        one
        for elder in people.values()
        if not elder.dead
        for one in of_elder(tx, elder.id, elder.name, rules)
        if one.due.notice_from <= until
    ]
    return sorted(found, key=lambda one: (one.due.on, one.elder, one.past.scale))


def burden(tx: Tx, caller: Caller, street: StreetId, first: date, last: date) -> Burden:
    """How often people of a street were assessed, in vain, or not because it was not needed."""
    require(caller, "assessment.read", street)
    people, _ = register.elders(tx, register.street(tx, street))
    subjects = [f"Patient/{one}" for one in sorted(people)]
    made = [
        one
        for one in _of(tx, "QuestionnaireResponse", "subject", subjects)
        if one.resource.get("status") in (*OPEN, "completed", "amended")
        and _between(read.day(one.resource.get("authored")), first, last)
    ]
    taken = [
        one
        for one in _of(tx, "Provenance", "patient", subjects)
        if assessments.RECOGNISED
        in read.codes(one.resource.get("activity"), read.system("activity"))
        and _between(read.day(one.resource.get("recorded")), first, last)
    ]
    return Burden(
        assessments=len(made),
        repeated=sum(bool(assessments.about(one.resource).valid) for one in made),
        recognised=len(taken),
        saved=sum(int(read.extension_value(one.resource, "saved-visits") or 0) for one in taken),
    )


def _of(tx: Tx, kind: str, parameter: str, targets: Sequence[str]) -> list[Document]:
    return [
        one
        for start in range(0, len(targets), _AT_ONCE)
        for one in documents.find(
            tx, kind, limit=None, **{parameter: targets[start : start + _AT_ONCE]}
        )
    ]


def _between(day: date | None, first: date, last: date) -> bool:
    return day is not None and first <= day <= last
