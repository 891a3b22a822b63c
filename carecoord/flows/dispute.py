"""Somebody does not accept the result of an assessment: others look again."""

from collections.abc import Sequence

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict
from carecoord.fhir import assessments, compose, read
from carecoord.fhir import documents as checked
from carecoord.flows import register
from carecoord.model import time
from carecoord.model.ids import ElderId
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

REASON = "dispute"
"""Reason of an assessment that decides a dispute (`gb42195.reasons`)."""

OTHERS = {"LTC37": "ltc37.dispute_other_assessors", "GB42195": "gb42195.dispute_other_assessors"}
"""Which row says that a dispute goes to other assessors."""

_DONE = ("completed", "amended")
_OPEN = ("requested", "accepted", "in-progress", "completed")


def raise_dispute(tx: Tx, caller: Caller, response: str, text: str) -> Document:
    """Somebody does not accept a result; it is not recognised until others have looked again.

    Raises
    ------
    Missing
        No such interview.
    Conflict
        `assessment.no_result`: it has no result yet.
    """
    stored = documents.read(tx, "QuestionnaireResponse", response)
    elder = ElderId(read.reference(stored.resource.get("subject"), "Patient"))
    patient = documents.read(tx, "Patient", elder)
    require(caller, "assessment.write", register.elder_street(tx, patient.resource))
    if stored.resource.get("status") not in _DONE:
        raise Conflict("assessment.no_result", assessment=response)
    task = assessments.dispute(response, elder, text, caller.id, caller.organization, time.now())
    present = documents.peek(tx, "Task", task["id"])
    if present is not None and not present.deleted:
        return present
    made = checked.update(tx, "Task", task["id"], task).document
    audit.record(tx, caller, "assessment.dispute", stored.reference)
    return made


def require_open(
    tx: Tx, elder: ElderId, response: str, people: Sequence[str], rules: Rules
) -> None:
    """The result is in dispute, and nobody who made it decides the dispute."""
    task = _task_of(tx, response) if response else None
    if task is None or read.reference(task.resource.get("for"), "Patient") != elder:
        raise Conflict("assessment.no_dispute", field="disputes", assessment=response or "-")
    earlier = set(
        assessments.assessors(documents.read(tx, "QuestionnaireResponse", response).resource)
    )
    for row in OTHERS.values():
        if row in rules and rules.flag(row) and (same := earlier & set(people)):
            raise Conflict(
                "assessment.same_assessors",
                field="assessors",
                assessors=", ".join(sorted(same)),
                rule=row,
            )


def decide(tx: Tx, disputed: str, response: str) -> None:
    """A new interview has decided the dispute about another."""
    task = _task_of(tx, disputed)
    if task is not None and task.resource["status"] != "completed":
        checked.update(tx, "Task", task.id, assessments.decided(task.resource, response))


def _task_of(tx: Tx, response: str) -> Document | None:
    found = documents.peek(tx, "Task", compose.derived_id("dispute", response))
    if (
        found is None
        or found.deleted
        or found.resource.get("status")
        not in (
            "requested",
            "accepted",
            "in-progress",
            "completed",
        )
    ):
        return None
    return found
