"""People are told what happened to a person's beds, plan and visits.

A notice is a Communication, readable by its recipient at once; one that asks for an answer comes
with a Task that has a due time. Delivery by other ways (message, phone) starts from these.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Fact, Forbidden, Stale
from carecoord.fhir import amend, compose, read
from carecoord.fhir import documents as checked
from carecoord.fhir.compose import Json
from carecoord.flows import provenance, register
from carecoord.model import time
from carecoord.model.holidays import next_working_day
from carecoord.model.ids import ElderId
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from carecoord.text import sentence
from carecoord.text.catalogue import LANGUAGES

_OPEN = ("requested", "received", "accepted", "in-progress")


def tell(
    tx: Tx,
    caller: Caller,
    elder: ElderId,
    code: str,
    facts: Mapping[str, Fact],
    recipients: Iterable[str],
    about: Iterable[str],
    *,
    occasion: str,
) -> list[Document]:
    """Tell each recipient once about one occasion.

    recipients, about
        References such as `Organization/1`.
    occasion
        What makes it another notice than the last one with the same code; telling somebody twice
        about the same occasion changes nothing.
    """
    told = []
    for recipient in dict.fromkeys(recipients):
        id_ = compose.derived_id("notice", code, elder, occasion, recipient)
        if documents.peek(tx, "Communication", id_) is not None:
            continue
        told.append(checked.create(tx, _notice(id_, elder, code, facts, recipient, about), id=id_))
    audit.record_all(tx, caller, "notice.send", (one.document.reference for one in told))
    return [one.document for one in told]


def _notice(
    id_: str,
    elder: str,
    code: str,
    facts: Mapping[str, Fact],
    recipient: str,
    about: Iterable[str],
) -> Json:
    notice: Json = {
        "resourceType": "Communication",
        "id": id_,
        "status": "completed",
        "category": [compose.concept("notice", code)],
        "subject": compose.ref("Patient", elder),
        "sent": compose.stamp(time.now()),
        "recipient": [{"reference": recipient}],
        "payload": [{"contentString": sentence(code, facts, language)} for language in LANGUAGES],
    }
    if targets := [{"reference": one} for one in about]:
        notice["about"] = targets
    return notice


def ask(
    tx: Tx, caller: Caller, notice: Document, owner: str, focus: str, due: datetime
) -> Document:
    """Ask an organisation to confirm by `due` that it has read a notice."""
    id_ = compose.derived_id("confirm", notice.id)
    present = documents.peek(tx, "Task", id_)
    if present is not None:
        return present
    task: Json = {
        "resourceType": "Task",
        "id": id_,
        "status": "requested",
        "intent": "order",
        "code": compose.concept("task", "confirm-notice"),
        "for": notice.resource["subject"],
        "focus": {"reference": focus},
        "reasonReference": {"reference": notice.reference},
        "authoredOn": compose.stamp(time.now()),
        "owner": compose.ref("Organization", owner),
        "restriction": {"period": {"end": compose.stamp(due)}},
    }
    asked = checked.create(tx, task, id=id_).document
    audit.record(tx, caller, "notice.ask", asked.reference)
    return asked


def confirm(tx: Tx, caller: Caller, task: str, *, expected: int) -> Document:
    """Say for the asked organisation that it has read a notice; a second time changes nothing.

    Raises
    ------
    Missing
        There is no such task.
    Conflict
        `notice.none`: the task asks for something else, or is over.
    Forbidden
        `notice.owner`: another organisation is asked.
    Stale
        The task is no longer at version `expected`.
    """
    asked = documents.read(tx, "Task", task)
    owner = read.reference(asked.resource.get("owner"), "Organization")
    require(caller, "notice.confirm", register.street_of(tx, owner))
    if caller.organization and caller.organization != owner:
        raise Forbidden("notice.owner", task=task, organization=caller.organization)
    if "confirm-notice" not in read.codes(asked.resource.get("code"), read.system("task")):
        raise Conflict("notice.none", task=task)
    if asked.version != expected:
        raise Stale(
            "document.moved", type="Task", id=task, expected=expected, present=asked.version
        )
    if asked.resource["status"] == "completed":
        return asked
    if asked.resource["status"] not in _OPEN:
        raise Conflict("notice.none", task=task)
    changed = amend.with_status(asked.resource, "completed")
    done = checked.update(tx, "Task", task, changed, expected=expected).document
    provenance.sign(tx, caller, done, "notice-confirmed")
    audit.record(tx, caller, "notice.confirm", done.reference)
    return done


def due_after(moment: datetime, working_days: int) -> datetime:
    """The end of the last of so many working days after `moment`."""
    on: date = moment.astimezone(time.ZONE).date()
    for _ in range(working_days):
        on = next_working_day(on)
    return time.instant(on, time.DAY) - timedelta(seconds=1)


def family(tx: Tx, elder: ElderId) -> list[str]:
    """Relatives of a person who are on record and still named as such."""
    found = documents.find(tx, "RelatedPerson", patient=f"Patient/{elder}")
    return [one.reference for one in found if one.resource.get("active") is not False]
