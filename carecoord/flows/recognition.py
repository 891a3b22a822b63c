"""Is there a valid assessment of any programme, and does another programme take it over?"""

from collections.abc import Iterable
from dataclasses import dataclass

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Invalid, Missing
from carecoord.fhir import assessments, read
from carecoord.fhir import documents as checked
from carecoord.flows import consent, register
from carecoord.flows.condition import changes, person
from carecoord.model import time
from carecoord.model.assessment import Past, Recognition, recognise
from carecoord.model.assessment.recognition import VALIDITY
from carecoord.model.catalogue import PROGRAMMES
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


@dataclass(frozen=True, slots=True)
class Found:
    """What a search before an assessment came to.

    offer
        The level Observation that can be taken over, or None.
    """

    recognition: Recognition
    offer: Document | None


def offer(tx: Tx, caller: Caller, elder: ElderId, rules: Rules) -> Found:
    """Is there a valid assessment of a person? Nothing is written."""
    require(caller, "assessment.read", _street(tx, elder))
    return search(tx, elder, rules)


def search(tx: Tx, elder: ElderId, rules: Rules, *, besides: str = "") -> Found:
    """Look for a valid assessment of any programme, under every record of the same person.

    besides
        A `QuestionnaireResponse/…` that does not count: the one being recorded.
    """
    key, records = person(tx, elder)
    known = {
        one.id: (past, one)
        for one, past in pasts(tx, key, records)
        if not besides or assessments.source_of(one.resource) != besides
    }
    found = recognise(
        [past for past, _ in known.values()],
        rules,
        person=key,
        changes=changes(tx, records, rules),
    )
    offer = known[found.offer.id][1] if found.offer else None
    return Found(found, offer)


def pasts(tx: Tx, key: str, records: Iterable[ElderId]) -> list[tuple[Document, Past]]:
    """Every level of a person on any scale, in the order of recording."""
    subjects = [f"Patient/{one}" for one in records]
    disputed = [
        str(task.resource.get("focus", {}).get("reference", ""))
        for task in documents.find(
            tx, "Task", subject=subjects, code=f"{read.system('task')}|{assessments.DISPUTE}"
        )
        if task.resource.get("status") not in ("cancelled", "rejected", "entered-in-error")
    ]
    levels = documents.find(tx, "Observation", subject=subjects, category="survey")
    found = ((one, assessments.past(one.resource, key, disputed)) for one in levels)
    return [(one, past) for one, past in found if past is not None]


def accept(
    tx: Tx, caller: Caller, elder: ElderId, programme: str, level: str, rules: Rules
) -> Document:
    """A programme recognises a valid level instead of assessing; the Provenance of it.

    Doing it twice counts one saved visit.

    Raises
    ------
    Missing
        No such elder or level.
    Invalid
        `assessment.programme`.
    Conflict
        `assessment.not_valid`: it cannot be recognised, with the reason;
        `consent.withdrawn`: the person no longer agrees to share.
    """
    require(caller, "assessment.write", _street(tx, elder))
    require_programme(programme)
    consent.require_sharing(tx, elder, rules)
    key, records = person(tx, elder)
    known = {one.id: (one, past) for one, past in pasts(tx, key, records)}
    if level not in known:
        raise Missing("document.missing", type="Observation", id=level)
    document, past = known[level]
    found = recognise([past], rules, person=key, changes=changes(tx, records, rules))
    if found.offer is None:
        raise Conflict(
            "assessment.not_valid",
            field="assessment",
            assessment=level,
            reason=found.refused[0].reason,
            rule=VALIDITY[past.scale],
        )
    id_ = assessments.recognition_id(level, programme, elder)
    if (present := documents.peek(tx, "Provenance", id_)) is not None and not present.deleted:
        return present
    resource = assessments.recognition(
        document.resource,
        document.version,
        elder,
        programme,
        caller.id,
        caller.organization,
        found.refs,
        time.now(),
    )
    made = checked.update(tx, "Provenance", id_, resource).document
    audit.record(tx, caller, "assessment.recognise", document.reference)
    return made


def require_programme(programme: str) -> None:
    """Refuse a programme that does not exist.

    Raises
    ------
    Invalid
        `assessment.programme`.
    """
    if programme not in PROGRAMMES:
        allowed = ", ".join(PROGRAMMES)
        raise Invalid("assessment.programme", field="programme", got=programme, allowed=allowed)


def _street(tx: Tx, elder: ElderId) -> StreetId | None:
    return register.elder_street(tx, documents.read(tx, "Patient", elder).resource)
