"""A referral from arrival to acceptance."""

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Missing, Stale
from carecoord.fhir import amend, compose, read
from carecoord.fhir.read import Json
from carecoord.flows import register
from carecoord.model import time
from carecoord.model.ids import ElderId, ReferralId, StreetId
from carecoord.model.referrals import move
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"


def is_referral(task: Json) -> bool:
    """Whether a Task coordinates a referral: code `fulfill`, focus a ServiceRequest."""
    return "fulfill" in read.codes(task.get("code"), TASK_CODE) and bool(
        read.reference(task.get("focus"), "ServiceRequest")
    )


def receive(tx: Tx, caller: Caller, task: Document) -> Document | None:
    """Acknowledge a referral that has just come in for an organisation of a street.

    Returns
    -------
    Document | None
        The Task as `received`; None when it is no referral, not ours, or received before.
    """
    resource = task.resource
    if not is_referral(resource) or resource.get("status") != "requested":
        return None
    owner = read.reference(resource.get("owner"), "Organization")
    if register.street_of(tx, owner) is None:
        return None
    _require_readable(tx, task)
    return _move(tx, caller, task, "received")


def accept(
    tx: Tx, caller: Caller, referral: ReferralId, *, expected: int | None = None
) -> Document:
    """Say yes for the owner of a referral; an accepted one stays as it is.

    Raises
    ------
    Missing
        There is no such referral.
    Conflict
        Its state does not allow it; the facts list what may follow.
    Stale
        It is no longer at version `expected`.
    """
    task = documents.read(tx, "Task", referral)
    require(caller, "referral.decide", _street(tx, task))
    if expected is not None and task.version != expected:
        raise Stale(
            "document.moved", type="Task", id=task.id, expected=expected, present=task.version
        )
    if task.resource["status"] in ("accepted", "in-progress", "completed"):
        return task
    return _move(tx, caller, task, "accepted")


def start(tx: Tx, caller: Caller, referral: ReferralId) -> Document:
    """Work on an accepted referral has begun: its bed is open."""
    task = documents.read(tx, "Task", referral)
    if task.resource["status"] == "in-progress":
        return task
    return _move(tx, caller, task, "in-progress")


def request_of(tx: Tx, task: Document) -> Document:
    """The ServiceRequest that a referral's Task carries out."""
    return documents.read(
        tx, "ServiceRequest", read.reference(task.resource.get("focus"), "ServiceRequest")
    )


def orders_of(tx: Tx, request: str) -> list[Json]:
    """Orders that were sent with a referral: ServiceRequests based on it, still in force."""
    return [
        one.resource
        for one in documents.find(
            tx, "ServiceRequest", based_on=f"ServiceRequest/{request}", status="active"
        )
    ]


def elder_of(task: Document) -> ElderId:
    """The person a referral is about."""
    return ElderId(read.reference(task.resource.get("for"), "Patient"))


def _require_readable(tx: Tx, task: Document) -> None:
    """A flow refuses what it needs and cannot resolve."""
    for element, kind in (("focus", "ServiceRequest"), ("for", "Patient")):
        target = read.reference(task.resource.get(element), kind)
        found = documents.peek(tx, kind, target) if target else None
        if found is None or found.deleted:
            raise Conflict("referral.unresolved", field=f"Task.{element}", expected=kind)


def _street(tx: Tx, task: Document) -> StreetId:
    owner = read.reference(task.resource.get("owner"), "Organization")
    street = register.street_of(tx, owner)
    if not is_referral(task.resource) or street is None:
        raise Missing("referral.none", referral=task.id)
    return street


def _move(tx: Tx, caller: Caller, task: Document, to: str) -> Document:
    state = move(task.id, task.resource["status"], to)
    changed = amend.with_status(task.resource, state, compose.concept("referral-state", state))
    moved = documents.update(tx, "Task", task.id, changed, expected=task.version)
    documents.create(
        tx,
        compose.provenance(
            moved.reference,
            moved.version,
            f"referral-{state}",
            caller.id,
            caller.organization,
            time.now(),
        ),
    )
    audit.record(tx, caller, f"referral.{state}", moved.reference)
    return moved
