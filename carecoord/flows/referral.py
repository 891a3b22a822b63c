"""A referral moves: whoever asks, by whatever door, through the one state machine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from carecoord.access import Caller, audit, everything, require
from carecoord.errors import Conflict, Forbidden, Invalid, Missing, Stale
from carecoord.fhir import compose, read
from carecoord.fhir import documents as checked
from carecoord.fhir import referrals as papers
from carecoord.fhir.read import Json
from carecoord.fhir.referrals import is_referral
from carecoord.flows import deadlines, notify, register
from carecoord.model import time
from carecoord.model.ids import ElderId, ReferralId, StreetId
from carecoord.model.referrals import (
    ENDED,
    REASONS,
    Direction,
    Need,
    Position,
    Role,
    State,
    move,
    steps,
)
from carecoord.packs.load import load
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

_ENGINE = everything("engine")
_SCOPES = {Role.FILLER: "referral.decide", Role.PLACER: "referral.send"}


@dataclass(frozen=True, slots=True)
class Brought:
    """What a move brings along; everything may be empty.

    reason
        Code of `model.referrals.REASONS`, or empty.
    text
        Words: of the reason, the question or the answer.
    outputs
        `Task.output` entries.
    receiver
        Organization id.
    """

    reason: str = ""
    text: str = ""
    outputs: Sequence[Json] = field(default_factory=tuple)
    receiver: str = ""

    def __post_init__(self) -> None:
        if self.reason and self.reason not in REASONS:
            raise Invalid(
                "referral.reason", field="reason", reason=self.reason, known=", ".join(REASONS)
            )


def receive(tx: Tx, caller: Caller, task: Document) -> Document | None:
    """Acknowledge a referral that has just come in for an organisation of a street.

    A down-referral that lacks what the pack requires is asked back at once.

    Returns
    -------
    Document | None
        The Task as it stands then; None when it is no referral, not ours, or received before.
    """
    resource = task.resource
    if not is_referral(resource) or resource.get("status") != "requested":
        return None
    street = register.street_of(tx, papers.owner(resource))
    if street is None:
        return None
    _require_readable(tx, task)
    at = time.now()
    number = f"{street}-{at.astimezone(time.ZONE):%Y%m%d}-{task.id[:8]}"
    numbered = papers.with_filler_number(resource, number)
    received = _write(tx, caller, task, Position(State.RECEIVED), numbered)
    missing = lacking(tx, received, "required")
    if not missing:
        return received
    return act(
        tx,
        _ENGINE,
        ReferralId(task.id),
        State.AWAITING,
        Brought(text=", ".join(missing)),
        expected=received.version,
    )


def sent(tx: Tx, caller: Caller, task: Document) -> None:
    """A referral has just been sent: its first limit runs, and whoever listens is told."""
    if papers.position(task.resource).state is State.REQUESTED:
        deadlines.moved(tx, task, request_of(tx, task), Position(State.REQUESTED), time.now())
        notify.referral(tx, "referral.requested", task, by=caller.organization)


def accept(
    tx: Tx, caller: Caller, referral: ReferralId, *, expected: int | None = None
) -> Document:
    """Say yes for the owner of a referral; an accepted one stays as it is.

    expected
        None only for a step of the engine itself, in one transaction with what it read.

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
    _require_version(task, task.version if expected is None else expected)
    if task.resource["status"] in ("accepted", "in-progress", "completed"):
        return task
    return act(tx, caller, referral, State.ACCEPTED, Brought(), expected=task.version)


def accept_on(tx: Tx, caller: Caller, referral: ReferralId, *, expected: int | None) -> Document:
    """Say yes on the version the caller has seen; as `accept`, for callers from outside.

    Raises
    ------
    Conflict
        `referral.version`: no expected version.
    """
    _require_version(documents.read(tx, "Task", referral), expected)
    return accept(tx, caller, referral, expected=expected)


def start(tx: Tx, caller: Caller, referral: ReferralId) -> Document:
    """Work on an accepted referral has begun: its bed is open."""
    task = documents.read(tx, "Task", referral)
    if task.resource["status"] == "in-progress":
        return task
    return act(tx, caller, referral, State.IN_PROGRESS, Brought(), expected=task.version)


def act(
    tx: Tx,
    caller: Caller,
    referral: ReferralId,
    to: str,
    brought: Brought,
    *,
    expected: int | None,
) -> Document:
    """Move a referral for its placer or its owner.

    Raises
    ------
    Conflict
        `referral.version`: no expected version; `referral.move`: not a next state.
    Stale
        It is no longer at version `expected`.
    Forbidden
        The caller is not of the side that makes this move.
    Invalid
        `referral.needs`: a reason, question, answer, output or receiver is missing.
    """
    task = _referral(tx, referral)
    _require_version(task, expected)
    position = papers.position(task.resource)
    roles = sides(tx, caller, task)
    if to == State.REQUESTED and brought.receiver:
        _require_receiver(tx, brought.receiver)
    given = _given(tx, task, brought)
    new = move(referral, position, to, roles, given)
    require_scope(tx, caller, task, set(steps(position)[new.state].roles & roles))
    changed = _amended(task.resource, position, new, caller, brought)
    moved = _write(tx, caller, task, new, changed)
    if new.state is State.REQUESTED:
        return receive(tx, _ENGINE, moved) or moved
    return moved


def remark(
    tx: Tx, caller: Caller, referral: ReferralId, text: str, *, expected: int | None
) -> Document:
    """Add a remark without a move."""
    task = _referral(tx, referral)
    _require_version(task, expected)
    roles = sides(tx, caller, task)
    if not roles:
        raise Forbidden("referral.stranger", referral=referral, caller=caller.id)
    require_scope(tx, caller, task, roles)
    changed = papers.with_note(task.resource, "remark", text, _name(caller), time.now())
    noted = checked.update(tx, "Task", task.id, changed, expected=task.version).document
    settle(tx, caller, task, noted)
    return noted


def expire(tx: Tx, referral: ReferralId) -> Document:
    """The clock found no answer: the referral stands out until somebody decides."""
    task = documents.read(tx, "Task", referral)
    position = move(referral, papers.position(task.resource), State.EXPIRED, {Role.CLOCK})
    reasoned = papers.with_reason(task.resource, "expired", "")
    return _write(tx, everything("clock"), task, position, reasoned)


def end_by_death(tx: Tx, caller: Caller, task: Document) -> Document:
    """Nothing is left to be done: cancelled wherever it stands, and told as any other move."""
    reasoned = papers.with_reason(task.resource, "died", "")
    return _write(tx, caller, task, Position(State.CANCELLED), reasoned)


def ask_abort(
    tx: Tx, caller: Caller, referral: ReferralId, reason: str, *, expected: int | None
) -> Document:
    """Ask the owner to end work that has begun; the abort Task that they will answer.

    Raises
    ------
    Conflict
        `referral.abort`: work has not begun (withdraw it instead) or has ended.
    """
    task = _referral(tx, referral)
    _require_version(task, expected)
    position = papers.position(task.resource)
    if State.IN_PROGRESS not in (position.state, position.before):
        raise Conflict("referral.abort", referral=referral, state=str(position))
    if Role.PLACER not in sides(tx, caller, task):
        raise Forbidden("referral.stranger", referral=referral, caller=caller.id)
    require_scope(tx, caller, task, {Role.PLACER})
    if not reason:
        raise Invalid(
            "referral.needs", field="reason", referral=referral, state=str(position),
            to="abort", needs="reason",
        )  # fmt: skip
    asked = papers.abort_task(task.resource, reason=reason, at=time.now())
    stored = checked.create(tx, asked).document
    _recorded(tx, caller, stored, "abort-requested")
    notify.referral(tx, "referral.abort-requested", task, abort=stored.reference)
    return stored


def answer_abort(
    tx: Tx, caller: Caller, abort: str, *, agree: bool, reason: str, expected: int | None
) -> Document:
    """The owner answers an abort Task; agreeing cancels the referral. The coordination Task.

    Raises
    ------
    Missing
        No open abort Task has that id.
    """
    asked = documents.read(tx, "Task", abort)
    if not papers.is_abort(asked.resource) or asked.resource["status"] != "requested":
        raise Missing("referral.abort_none", abort=abort)
    _require_version(asked, expected)
    referral = ReferralId(read.reference(asked.resource["focus"], "Task"))
    task = _referral(tx, referral)
    roles = sides(tx, caller, task)
    if Role.FILLER not in roles:
        raise Forbidden("referral.stranger", referral=referral, caller=caller.id)
    require_scope(tx, caller, task, {Role.FILLER})
    done = checked.update(
        tx,
        "Task",
        abort,
        papers.with_reason(
            asked.resource | {"status": "completed" if agree else "rejected"}, "", reason or "-"
        ),
        expected=asked.version,
    ).document
    _recorded(tx, caller, done, "abort-answered")
    if not agree:
        notify.referral(tx, "referral.abort-rejected", task, abort=done.reference)
        return task
    text = reason or str(asked.resource.get("reasonCode", {}).get("text", "-"))
    return act(tx, caller, referral, State.CANCELLED, Brought(text=text), expected=task.version)


def sides(tx: Tx, caller: Caller, task: Document) -> set[Role]:
    """Which side of a referral somebody is on: placer, filler, both or none."""
    found = {
        Role.PLACER: papers.placer(task.resource),
        Role.FILLER: papers.owner(task.resource),
    }
    return {role for role, side in found.items() if _acts_for(tx, caller, side)}


def _acts_for(tx: Tx, caller: Caller, organization: str) -> bool:
    if caller.organization and caller.organization == organization:
        return True
    if "*" in caller.streets and not caller.organization:
        return True
    street = register.street_of(tx, organization) if organization else None
    return street is not None and caller.covers(street)


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


def lacking(tx: Tx, task: Document, part: str) -> list[str]:
    """What the pack's checklist (`required`, `wanted`) asks for and a down-referral lacks."""
    request = request_of(tx, task).resource
    if papers.direction(request) is not Direction.DOWN:
        return []
    rules = load().on(time.today(), deadlines.answerable(tx, task) or "CN")
    elder = f"Patient/{elder_of(task)}"
    has = {
        "diagnosis": bool(request.get("reasonReference") or request.get("reasonCode")),
        "summary": bool(request.get("note") or request.get("supportingInfo")),
        "discharge": bool(request.get("encounter") or request.get("occurrenceDateTime")),
        "medicines": bool(documents.find(tx, "MedicationRequest", limit=1, subject=elder)),
        "allergies": bool(documents.find(tx, "AllergyIntolerance", limit=1, patient=elder)),
        "consent": bool(documents.find(tx, "Consent", limit=1, patient=elder)),
        "contact": _reachable(tx, elder_of(task)),
    }
    return [
        one for one in rules.texts(f"referral.down_checklist.{part}") if not has.get(one, False)
    ]


def settle(tx: Tx, caller: Caller, before: Document | None, after: Document) -> None:
    """Put on record and pass on what has become of a referral: once for each new version."""
    position = papers.position(after.resource)
    old = papers.position(before.resource) if before is not None else None
    sent = before is not None and papers.owner(before.resource) != papers.owner(after.resource)
    if old == position and not sent:
        notify.referral(tx, "referral.updated", after)
        return
    _recorded(tx, caller, after, f"referral-{position.state}")
    audit.record(tx, caller, f"referral.{position.state}", after.reference)
    deadlines.moved(tx, after, request_of(tx, after), position, time.now())
    notify.referral(tx, f"referral.{position.state}", after)
    if position.state in ENDED:
        _close_aborts(tx, caller, after)


def _close_aborts(tx: Tx, caller: Caller, task: Document) -> None:
    """A referral that has ended leaves no question open."""
    for one in documents.find(tx, "Task", focus=task.reference, status="requested"):
        if papers.is_abort(one.resource):
            closed = one.resource | {"status": "cancelled"}
            checked.update(tx, "Task", one.id, closed, expected=one.version)
            _recorded(tx, caller, one, "abort-cancelled")


def _write(tx: Tx, caller: Caller, task: Document, to: Position, resource: Json) -> Document:
    moved = checked.update(
        tx, "Task", task.id, papers.at(resource, to), expected=task.version
    ).document
    settle(tx, caller, task, moved)
    return moved


def _amended(
    resource: Json, old: Position, new: Position, caller: Caller, brought: Brought
) -> Json:
    at: datetime = time.now()
    who = _name(caller)
    changed = resource
    if brought.outputs:
        changed = papers.with_output(changed, brought.outputs)
    if new.state is State.AWAITING:
        changed = papers.with_note(changed, "question", brought.text, who, at)
    elif old.state is State.AWAITING and new.state is old.before:
        changed = papers.with_note(changed, "answer", brought.text, who, at)
    elif brought.reason or brought.text:
        changed = papers.with_reason(changed, brought.reason, brought.text)
    if new.state is State.REQUESTED and brought.receiver:
        changed = papers.with_owner(changed, brought.receiver)
    return changed


def _given(tx: Tx, task: Document, brought: Brought) -> set[Need]:
    given: set[Need] = set()
    if brought.reason or brought.text:
        given.add(Need.REASON)
    if brought.text:
        given |= {Need.QUESTION, Need.ANSWER}
    if brought.outputs:
        given.add(Need.OUTPUT)
    if brought.receiver and (
        brought.receiver != papers.owner(task.resource) or task.resource["status"] == "draft"
    ):
        given.add(Need.RECEIVER)
    if agreed_abort(tx, task):
        given.add(Need.ABORT)
    return given


def agreed_abort(tx: Tx, task: Document) -> bool:
    """Whether the owner has agreed to end the work."""
    return any(
        papers.is_abort(one.resource)
        for one in documents.find(tx, "Task", focus=task.reference, status="completed")
    )


def _recorded(tx: Tx, caller: Caller, of: Document, activity: str) -> None:
    documents.create(
        tx,
        compose.provenance(
            of.reference, of.version, activity, caller.id, caller.organization, time.now()
        ),
    )


def _name(caller: Caller) -> str:
    return caller.organization or caller.id


def _referral(tx: Tx, referral: ReferralId) -> Document:
    task = documents.read(tx, "Task", referral)
    if not is_referral(task.resource):
        raise Missing("referral.none", referral=referral)
    return task


def _require_version(task: Document, expected: int | None) -> None:
    if expected is None:
        raise Conflict("referral.version", field="If-Match", referral=task.id)
    if task.version != expected:
        raise Stale(
            "document.moved", type="Task", id=task.id, expected=expected, present=task.version
        )


def require_scope(tx: Tx, caller: Caller, task: Document, roles: set[Role]) -> None:
    """Refuse unless the caller has the scope of the side they act for, in its street.

    Raises
    ------
    Forbidden
        `access.scope` or `access.street`.
    """
    if not roles & set(_SCOPES):
        return
    role = Role.FILLER if Role.FILLER in roles else Role.PLACER
    side = papers.owner(task.resource) if role is Role.FILLER else papers.placer(task.resource)
    require(caller, _SCOPES[role])
    if caller.organization != side and (street := register.street_of(tx, side)) is not None:
        require(caller, _SCOPES[role], street)


def _require_receiver(tx: Tx, organization: str) -> None:
    found = documents.peek(tx, "Organization", organization)
    if found is None or found.deleted:
        raise Invalid("referral.receiver", field="receiver", receiver=organization)


def _require_readable(tx: Tx, task: Document) -> None:
    """A flow refuses what it needs and cannot resolve, or what breaks its profiles."""
    for element, kind in (("focus", "ServiceRequest"), ("for", "Patient")):
        target = read.reference(task.resource.get(element), kind)
        found = documents.peek(tx, kind, target) if target else None
        if found is None or found.deleted:
            raise Conflict("referral.unresolved", field=f"Task.{element}", expected=kind)
    checked.require_profile(tx, task.resource, "coordination-task")
    checked.require_profile(tx, request_of(tx, task).resource, "referral-service-request")


def _reachable(tx: Tx, elder: ElderId) -> bool:
    found = documents.peek(tx, "Patient", elder)
    if found is not None and found.resource.get("telecom"):
        return True
    return bool(documents.find(tx, "RelatedPerson", limit=1, patient=f"Patient/{elder}"))


def _street(tx: Tx, task: Document) -> StreetId:
    street = register.street_of(tx, papers.owner(task.resource))
    if not is_referral(task.resource) or street is None:
        raise Missing("referral.none", referral=task.id)
    return street
