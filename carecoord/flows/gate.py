"""Plain FHIR writes on what has a life cycle of its own: on which version were they decided, and
do those on referrals pass through the state machine like everything else?"""

from typing import Any

from carecoord.access import Caller
from carecoord.errors import Conflict, Forbidden, Invalid, Stale
from carecoord.fhir import beds, issues, read
from carecoord.fhir import referrals as papers
from carecoord.fhir.documents import Change
from carecoord.fhir.read import Json
from carecoord.flows import managed, notify, referral
from carecoord.model.referrals import Need, Position, Role, State, move, steps
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

_FIRST = (State.DRAFT, State.REQUESTED)
_REFERRAL = ("Task", "ServiceRequest")
_LIFE = (*_REFERRAL, "EpisodeOfCare", "CarePlan", "DetectedIssue")
"""Types of which some resources are managed: referrals, beds, plans and findings."""


def expected(tx: Tx, type: str, id: str, resource: Json, given: int | None) -> int | None:  # noqa: A002
    """The version that a write of a managed resource was decided on.

    That of `If-Match`, else `meta.versionId` of the body; anything else is left as it is.

    Raises
    ------
    Conflict
        `referral.version`, `document.precondition`: it is to be changed, and neither is there.
    """
    if given is not None or type not in _LIFE:
        return given
    found = documents.peek(tx, type, id)
    if found is None or found.deleted or not _has_life(tx, found):
        return None
    if _same(found.resource, resource):
        return None
    said = str((resource.get("meta") or {}).get("versionId", ""))
    if not said.isdigit():
        raise _unversioned(found)
    if int(said) != found.version:
        raise Stale("document.moved", type=type, id=id, expected=int(said), present=found.version)
    return int(said)


def require_version(tx: Tx, present: Document, given: int | None) -> None:
    """Refuse a patch of a managed resource whose sender does not say which version they have seen.

    Raises
    ------
    Conflict
        `referral.version`, `document.precondition`.
    """
    if given is None and present.type in _LIFE and _has_life(tx, present):
        raise _unversioned(present)


def _unversioned(found: Document) -> Conflict:
    if found.type in _REFERRAL:
        return Conflict("referral.version", field="If-Match", referral=found.id)
    return Conflict("document.precondition", field="If-Match")


def _has_life(tx: Tx, document: Document) -> bool:
    """Whether changes of a document must say on which version they were decided."""
    resource = document.resource
    match document.type:
        case "EpisodeOfCare":
            return beds.kind_of(resource) is not None and managed.is_ours(tx, resource)
        case "CarePlan":
            # A plan from elsewhere is its sender's until somebody here decides on it.
            ours = read.codes(resource.get("category"), read.system("plan-category"))
            return bool(
                ours and documents.find(tx, "Provenance", target=document.reference, limit=1)
            )
        case "DetectedIssue":
            return issues.issue(resource) is not None
        case _:
            return _managed(tx, document)


def named(tx: Tx, type: str, id: str, resource: Json) -> Json:  # noqa: A002
    """A sent Task with its state named in full, so that it is stored as the machine says it."""
    found = documents.peek(tx, type, id) if type == "Task" else None
    if found is None or found.deleted or not papers.is_referral(found.resource):
        return resource
    old = papers.position(found.resource)
    sent = _sent(resource, old)
    return papers.at(resource, sent) if sent is not None else resource


def concerns(bundle: Json) -> bool:
    """Whether a Bundle writes any resource of a type that may be managed."""
    entries = bundle.get("entry")
    return isinstance(entries, list) and any(
        isinstance(one, dict) and str((one.get("request") or {}).get("url", "")).startswith(_LIFE)
        for one in entries
    )


def versioned(tx: Tx, bundle: Json) -> Json:
    """A Bundle whose entries that change something managed say on which version they decided.

    Raises
    ------
    Conflict
        `referral.version`, `document.precondition`; `field` names the entry.
    """
    entries = bundle.get("entry")
    if bundle.get("type") not in ("transaction", "batch", "collection") or not isinstance(
        entries, list
    ):
        return bundle
    return bundle | {"entry": [_entry(tx, at, one) for at, one in enumerate(entries)]}


def judge(tx: Tx, caller: Caller, change: Change) -> None:
    """Let a stored change of a referral stand, or refuse it: the transaction is then undone.

    Raises
    ------
    Conflict
        `referral.move`, `referral.frozen`, `referral.first`, `referral.delete`.
    Forbidden
        `referral.role`, `referral.stranger`, `referral.placer_only`.
    """
    document = change.document
    if change.deed == "deleted":
        _deleted(tx, document)
    elif change.deed == "created":
        _created(tx, caller, document)
    elif change.deed == "updated":
        before = documents.read_version(tx, document.type, document.id, document.version - 1)
        _updated(tx, caller, before, document)


def _created(tx: Tx, caller: Caller, task: Document) -> None:
    if task.type != "Task" or not papers.is_referral(task.resource):
        return
    if not papers.owner(task.resource) or not _resolved(tx, task):
        return
    if papers.position(task.resource).state not in _FIRST:
        raise Conflict(
            "referral.first", field="Task.status", status=str(task.resource["status"]),
            allowed=", ".join(_FIRST),
        )  # fmt: skip
    if task.resource["status"] == State.REQUESTED:
        referral.sent(tx, caller, task)


def _deleted(tx: Tx, gone: Document) -> None:
    if gone.type not in ("Task", "ServiceRequest"):
        return
    last = documents.read_version(tx, gone.type, gone.id, gone.version - 1)
    if _managed(tx, last) and not (
        last.type == "Task" and papers.position(last.resource).state is State.DRAFT
    ):
        raise Conflict("referral.delete", type=gone.type, id=gone.id)


def _updated(tx: Tx, caller: Caller, before: Document, after: Document) -> None:
    if before.type == "ServiceRequest" and (tasks := _tasks(tx, before)):
        if not any(Role.PLACER in referral.sides(tx, caller, task) for task in tasks):
            raise Forbidden("referral.placer_only", request=before.id, caller=caller.id)
        notify.request(tx, "request.updated", after)
    if before.type == "Task" and papers.is_abort(before.resource):
        raise Conflict("referral.abort_route", field="Task.status", abort=before.id)
    if before.type == "Task" and papers.is_referral(before.resource) and _resolved(tx, before):
        _moved(tx, caller, before, after)


def _moved(tx: Tx, caller: Caller, before: Document, after: Document) -> None:
    for element in papers.FROZEN:
        if before.resource.get(element) != after.resource.get(element):
            raise Conflict("referral.frozen", field=f"Task.{element}", element=element)
    roles = referral.sides(tx, caller, before)
    if not roles:
        raise Forbidden("referral.stranger", referral=before.id, caller=caller.id)
    old = papers.position(before.resource)
    sent = _sent(after.resource, old)
    rerouted = papers.owner(before.resource) != papers.owner(after.resource)
    if sent == old and not rerouted:
        referral.settle(tx, caller, before, after)
        return
    to = str(after.resource["status"]) if sent is None else sent.state.value
    if rerouted and to != State.REQUESTED:
        raise Conflict("referral.frozen", field="Task.owner", element="owner")
    new = move(before.id, old, to, roles, _brought(tx, before, after))
    referral.require_scope(tx, caller, before, set(steps(old)[new.state].roles & roles))
    referral.settle(tx, caller, before, after)


def _sent(resource: Json, old: Position) -> Position | None:
    """Where a body says that the referral stands; None for a status that no referral has."""
    try:
        found = papers.position(resource)
    except Conflict:
        return None
    if found.before is None:
        return found
    if found.state is old.state:
        return old
    from_old = old.before or old.state
    try:
        return Position(found.state, from_old)
    except Invalid:
        return found


def _brought(tx: Tx, before: Document, after: Document) -> set[Need]:
    old, new = before.resource, after.resource
    given: set[Need] = set()
    if new.get("statusReason") and new.get("statusReason") != old.get("statusReason"):
        given |= {Need.REASON, Need.QUESTION, Need.ANSWER}
    if len(new.get("note", ())) > len(old.get("note", ())):
        given |= {Need.QUESTION, Need.ANSWER}
    if new.get("output"):
        given.add(Need.OUTPUT)
    if papers.owner(old) != papers.owner(new) or old["status"] == State.DRAFT:
        given.add(Need.RECEIVER)
    if referral.agreed_abort(tx, before):
        given.add(Need.ABORT)
    return given


def _entry(tx: Tx, at: int, entry: Any) -> Any:
    request = entry.get("request") if isinstance(entry, dict) else None
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict):
        return entry
    if request is None:
        request = {"method": "PUT", "url": f"{resource.get('resourceType')}/{resource.get('id')}"}
    if request.get("method") != "PUT":
        return entry
    kind, _, id_ = str(request.get("url", "")).strip("/").partition("/")
    if kind.partition("?")[0] in _LIFE and "?" in kind:
        criteria = notify.filters(kind)
        kind = kind.partition("?")[0]
        found = documents.find(tx, kind, limit=2, **criteria) if criteria else []
        id_ = found[0].id if len(found) == 1 else ""
    if kind not in _LIFE or not id_:
        return entry
    named_so = entry | {"resource": named(tx, kind, id_, resource)}
    if "ifMatch" in request:
        return named_so
    try:
        version = expected(tx, kind, id_, resource, None)
    except (Conflict, Stale) as error:
        error.field = f"Bundle.entry[{at}].request.ifMatch"
        raise
    if version is None or "request" not in entry:
        return named_so
    return named_so | {"request": request | {"ifMatch": f'W/"{version}"'}}


def _managed(tx: Tx, document: Document) -> bool:
    if document.type == "Task":
        return papers.is_referral(document.resource) and _resolved(tx, document)
    return bool(_tasks(tx, document))


def _tasks(tx: Tx, request: Document) -> list[Document]:
    """Coordination Tasks that carry a request out."""
    return [
        one
        for one in documents.find(tx, "Task", focus=request.reference)
        if papers.is_referral(one.resource)
    ]


def _resolved(tx: Tx, task: Document) -> bool:
    """Whether both what it carries out and for whom are here: a Task of elsewhere is only kept."""
    for element, kind in (("focus", "ServiceRequest"), ("for", "Patient")):
        target = read.reference(task.resource.get(element), kind)
        found = documents.peek(tx, kind, target) if target else None
        if found is None or found.deleted:
            return False
    return True


def _same(stored: Json, sent: Json) -> bool:
    def bare(resource: Json) -> Json:
        return {k: v for k, v in resource.items() if k not in ("meta", "id")}

    return bare(stored) == bare(sent)
