"""Referrals as people look at them: lists, and one with its course, questions and next moves."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from carecoord.access import Caller, require
from carecoord.errors import Forbidden, Missing
from carecoord.fhir import read
from carecoord.fhir import referrals as papers
from carecoord.fhir.read import Json
from carecoord.flows import referral
from carecoord.model.ids import ReferralId
from carecoord.model.referrals import State, allowed
from carecoord.store import clocks, documents
from carecoord.store.clocks import Clock
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


@dataclass(frozen=True, slots=True)
class Line:
    """One referral in a list."""

    id: str
    version: int
    state: State
    direction: str
    urgency: str
    number: str
    elder: str
    elder_name: str
    sender: str
    sender_name: str
    receiver: str
    receiver_name: str
    sent: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of its course: state, when, and why where a reason was given."""

    version: int
    state: State
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class View:
    """One referral in full.

    allowed
        States that the caller may move it to.
    missing
        What the checklist asks for and it lacks: required first, then wanted.
    """

    line: Line
    before: str
    course: tuple[Moment, ...]
    notes: tuple[Json, ...]
    outputs: tuple[Json, ...]
    limits: tuple[Clock, ...]
    allowed: tuple[State, ...]
    missing: tuple[str, ...]
    wanted: tuple[str, ...]
    diagnosis: str
    summary: str
    orders: tuple[Json, ...]
    files: tuple[Json, ...]
    aborts: tuple[Document, ...]
    reason: str


def listing(
    tx: Tx,
    caller: Caller,
    *,
    sender: str = "",
    receiver: str = "",
    states: Collection[str] = (),
    limit: int = 200,
) -> list[Line]:
    """Referrals of the caller's sides, newest first.

    Raises
    ------
    Forbidden
        `access.scope`.
    """
    require(caller, "referral.read")
    criteria: dict[str, str] = {"code": f"{papers.TASK_CODE}|fulfill"}
    if sender:
        criteria["requester"] = f"Organization/{sender}"
    if receiver:
        criteria["owner"] = f"Organization/{receiver}"
    found = [
        one
        for one in documents.find(tx, "Task", limit=None, **criteria)
        if papers.is_referral(one.resource)
        and papers.owner(one.resource)
        and (not states or _state(one) in states)
        and referral.sides(tx, caller, one)
    ]
    found.sort(key=lambda one: (one.updated, one.id), reverse=True)
    names: dict[str, str] = {}
    return [line for one in found[:limit] if (line := _line(tx, one, names)) is not None]


def look(tx: Tx, caller: Caller, id_: ReferralId) -> View:
    """One referral with everything that belongs to it.

    Raises
    ------
    Missing
        There is no such referral.
    Forbidden
        The caller is on neither side of it.
    """
    require(caller, "referral.read")
    task = documents.read(tx, "Task", id_)
    line = _line(tx, task, {}) if papers.is_referral(task.resource) else None
    if line is None:
        raise Missing("referral.none", referral=id_)
    roles = referral.sides(tx, caller, task)
    if not roles:
        raise Forbidden("referral.stranger", referral=id_, caller=caller.id)
    position = papers.position(task.resource)
    request = referral.request_of(tx, task).resource
    return View(
        line=line,
        before=position.before.value if position.before else "",
        course=_course(tx, task),
        notes=tuple(papers.notes(task.resource)),
        outputs=tuple(task.resource.get("output", ())),
        limits=clocks.of_task(tx, id_),
        allowed=allowed(position, roles),
        missing=tuple(referral.lacking(tx, task, "required")),
        wanted=tuple(referral.lacking(tx, task, "wanted")),
        diagnosis=_diagnosis(tx, request),
        summary="\n".join(str(n.get("text", "")) for n in request.get("note", ())),
        orders=tuple(referral.orders_of(tx, str(request["id"]))),
        files=tuple(_files(tx, request)),
        aborts=tuple(
            one
            for one in documents.find(tx, "Task", focus=task.reference, status="requested")
            if papers.is_abort(one.resource)
        ),
        reason=_reason(task.resource),
    )


def results(tx: Tx, view: View) -> dict[str, str]:
    """`DocumentReference/id` → title, of the files among what came of a referral."""
    found = {}
    for one in view.outputs:
        id_ = read.reference(one.get("valueReference"), "DocumentReference")
        kept = documents.peek(tx, "DocumentReference", id_) if id_ else None
        if kept is not None and not kept.deleted:
            found[kept.reference] = str(kept.resource.get("description", id_))
    return found


def file(tx: Tx, caller: Caller, id_: ReferralId, file_id: str) -> dict[str, str]:
    """An attachment or result of a referral: `contentType`, `title`, `data` (base64).

    Raises
    ------
    Missing
        `referral.file`: no document of that id belongs to the referral, or it is kept elsewhere.
    """
    view = look(tx, caller, id_)
    results = (read.reference(o.get("valueReference"), "DocumentReference") for o in view.outputs)
    if file_id in {str(one["id"]) for one in view.files} | {*results} - {""}:
        found = documents.read(tx, "DocumentReference", file_id).resource
        for content in found.get("content", ()):
            attachment = content.get("attachment", {})
            if attachment.get("data"):
                return {
                    "contentType": str(attachment.get("contentType", "application/octet-stream")),
                    "title": str(attachment.get("title") or found.get("description") or file_id),
                    "data": str(attachment["data"]),
                }
    raise Missing("referral.file", referral=id_, file=file_id)


def name_of(tx: Tx, organization: str, known: dict[str, str]) -> str:
    """Name of an organisation, looked up once."""
    if organization not in known:
        found = documents.peek(tx, "Organization", organization) if organization else None
        known[organization] = (
            str(found.resource.get("name", organization))
            if found is not None and not found.deleted
            else organization
        )
    return known[organization]


def _state(task: Document) -> str:
    return papers.position(task.resource).state.value


def _line(tx: Tx, task: Document, names: dict[str, str]) -> Line | None:
    resource = task.resource
    elder = documents.peek(tx, "Patient", referral.elder_of(task)) if resource.get("for") else None
    focus = read.reference(resource.get("focus"), "ServiceRequest")
    request = documents.peek(tx, "ServiceRequest", focus)
    if elder is None or elder.deleted or request is None or request.deleted:
        return None
    sender, receiver = papers.placer(resource), papers.owner(resource)
    return Line(
        id=task.id,
        version=task.version,
        state=papers.position(resource).state,
        direction=papers.direction(request.resource).value,
        urgency=papers.urgency(request.resource).value,
        number=read.identifier(resource, read.REFERRAL_NUMBER) or "",
        elder=elder.id,
        elder_name=read.name(elder.resource),
        sender=sender,
        sender_name=name_of(tx, sender, names),
        receiver=receiver,
        receiver_name=name_of(tx, receiver, names),
        sent=str(resource.get("authoredOn", "")),
    )


def _course(tx: Tx, task: Document) -> tuple[Moment, ...]:
    moments: list[Moment] = []
    for version in reversed(documents.history(tx, "Task", task.id)):
        if version.deleted:
            continue
        state = papers.position(version.resource).state
        reason = _reason(version.resource)
        if not moments or moments[-1].state is not state or state is State.REQUESTED:
            told = reason if not moments or reason != _last(moments) else ""
            moments.append(Moment(version.version, state, version.updated, told))
    return tuple(moments)


def _last(moments: list[Moment]) -> str:
    return next((one.reason for one in reversed(moments) if one.reason), "")


def _reason(task: Json) -> str:
    why = task.get("statusReason") or {}
    coded = read.codes(why, read.system("referral-reason"))
    return str(why.get("text") or (coded[0] if coded else ""))


def _diagnosis(tx: Tx, request: Json) -> str:
    said = [str(one.get("text", "")) for one in request.get("reasonCode", ())]
    for one in request.get("reasonReference", ()):
        found = documents.peek(tx, "Condition", read.reference(one, "Condition"))
        if found is not None and not found.deleted:
            code = found.resource.get("code", {})
            coding = (code.get("coding") or [{}])[0]
            said.append(str(code.get("text") or coding.get("display") or coding.get("code", "")))
    return "；".join(one for one in said if one)


def _files(tx: Tx, request: Json) -> list[Json]:
    found = []
    for one in request.get("supportingInfo", ()):
        document = documents.peek(tx, "DocumentReference", read.reference(one, "DocumentReference"))
        if document is not None and not document.deleted:
            found.append(document.resource)
    return found
