"""A referral as FHIR: the coordination Task, the ServiceRequest it carries out, abort Tasks.

Task.status is the state where FHIR has one; Task.businessStatus always names it. What a pause
goes back to stands in the extension `referral-resumes`.
"""

from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime

from carecoord.errors import Conflict
from carecoord.fhir import read
from carecoord.fhir.compose import concept, ref, stamp
from carecoord.fhir.read import Json, extension_url, system
from carecoord.model.referrals import PAUSES, Direction, Position, State, Urgency

TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
COW = "http://hl7.org/fhir/uv/cow/CodeSystem/temp"
"""Codes of HL7 Clinical Order Workflows, read beside our own."""

FILLER_NUMBER = f"{read.BASE}/sid/referral-filler"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"

FROZEN = ("focus", "for", "code", "intent", "requester", "authoredOn", "groupIdentifier")
"""Elements of a coordination Task that nobody changes after it was sent."""

_URGENCY = {"stat": Urgency.EMERGENCY, "asap": Urgency.EMERGENCY, "urgent": Urgency.URGENT}
PRIORITY = {Urgency.EMERGENCY: "stat", Urgency.URGENT: "urgent", Urgency.PLANNED: "routine"}


def is_referral(task: Json) -> bool:
    """Whether a Task coordinates a referral: code `fulfill`, focus a ServiceRequest."""
    return "fulfill" in read.codes(task.get("code"), TASK_CODE) and bool(
        read.reference(task.get("focus"), "ServiceRequest")
    )


def is_abort(task: Json) -> bool:
    """Whether a Task asks to end the work of another Task."""
    return "abort" in read.codes(task.get("code"), TASK_CODE) and bool(
        read.reference(task.get("focus"), "Task")
    )


def position(task: Json) -> Position:
    """Where a coordination Task stands.

    Raises
    ------
    Conflict
        `referral.status`: a status that no referral has.
    """
    status = str(task.get("status", ""))
    named = {
        *read.codes(task.get("businessStatus"), system("referral-state")),
        *read.codes(task.get("businessStatus"), COW),
    }
    if status == "on-hold":
        paused = next(
            (s for s in (State.EXPIRED, State.AWAITING) if s.value in named), State.ON_HOLD
        )
        if paused is State.EXPIRED:
            return Position(paused)
        before = str(read.extension_value(task, "referral-resumes") or "")
        usual = PAUSES[paused][0]
        known = before in {s.value for s in PAUSES[paused]}
        return Position(paused, State(before) if known else usual)
    if status not in set(State) or State(status) in PAUSES or status == State.EXPIRED:
        raise Conflict("referral.status", field="Task.status", status=status)
    return Position(State(status))


def at(task: Json, position: Position) -> Json:
    """A copy that says it stands at `position`, all else kept."""
    changed = deepcopy(task)
    changed["status"] = position.state.task_status
    changed["businessStatus"] = concept("referral-state", position.state.value)
    kept = [
        e for e in changed.get("extension", ()) if e.get("url") != extension_url("referral-resumes")
    ]
    if position.before is not None:
        kept.append({"url": extension_url("referral-resumes"), "valueCode": position.before.value})
    if kept:
        changed["extension"] = kept
    else:
        changed.pop("extension", None)
    return changed


def with_reason(task: Json, code: str, text: str) -> Json:
    """A copy whose statusReason says why."""
    reason = concept("referral-reason", code) if code else {}
    return task | {"statusReason": reason | ({"text": text} if text else {})}


def with_note(task: Json, kind: str, text: str, who: str, moment: datetime) -> Json:
    """A copy with one more remark: a `question`, an `answer` or a `remark`."""
    note = {
        "extension": [{"url": extension_url("note-kind"), "valueCode": kind}],
        "authorString": who,
        "time": stamp(moment),
        "text": text,
    }
    return task | {"note": [*task.get("note", ()), note]}


def with_output(task: Json, outputs: Iterable[Json]) -> Json:
    """A copy with what came of the work."""
    return task | {"output": [*task.get("output", ()), *outputs]}


def output(kind: str, *, text: str = "", reference: str = "") -> Json:
    """One result: a text or a reference."""
    value: Json = (
        {"valueReference": {"reference": reference}} if reference else {"valueString": text}
    )
    return {"type": concept("referral-output", kind)} | value


def with_owner(task: Json, organization: str) -> Json:
    """A copy for another receiver."""
    return task | {"owner": ref("Organization", organization)}


def with_filler_number(task: Json, number: str) -> Json:
    """A copy that also carries the number under which the receiver keeps it."""
    if any(one.get("system") == FILLER_NUMBER for one in task.get("identifier", ())):
        return task
    own = {
        "type": {"coding": [{"system": IDENTIFIER_TYPE, "code": "FILL"}]},
        "system": FILLER_NUMBER,
        "value": number,
    }
    return task | {"identifier": [*task.get("identifier", ()), own]}


def notes(task: Json) -> list[Json]:
    """Remarks in order: kind, who, when, text."""
    return [
        {
            "kind": str(read.extension_value(note, "note-kind") or "remark"),
            "who": note.get("authorString")
            or (note.get("authorReference") or {}).get("reference", ""),
            "at": note.get("time", ""),
            "text": note.get("text", ""),
        }
        for note in task.get("note", ())
    ]


def direction(request: Json) -> Direction:
    """Which way; a request that does not say is a down-referral."""
    found = read.codes(request.get("category"), system("referral-direction"))
    return Direction(found[0]) if found and found[0] in set(Direction) else Direction.DOWN


def urgency(request: Json) -> Urgency:
    """How soon an answer is needed, from `priority`."""
    return _URGENCY.get(str(request.get("priority", "")), Urgency.PLANNED)


def owner(task: Json) -> str:
    """Organization id of who is asked, or empty."""
    return read.reference(task.get("owner"), "Organization")


def placer(task: Json) -> str:
    """Organization id of who asks, or empty."""
    return read.reference(task.get("requester"), "Organization")


def task(
    request: str, elder: str, *, sender: str, receiver: str, urgency: Urgency, number: str,
    at: datetime, state: State = State.REQUESTED,
) -> Json:  # fmt: skip
    """A new coordination Task."""
    return {
        "resourceType": "Task",
        "identifier": [
            {
                "type": {"coding": [{"system": IDENTIFIER_TYPE, "code": "PLAC"}]},
                "system": read.REFERRAL_NUMBER,
                "value": number,
            }
        ],
        "status": state.value,
        "businessStatus": concept("referral-state", state.value),
        "intent": "order",
        "priority": PRIORITY[urgency],
        "code": {"coding": [{"system": TASK_CODE, "code": "fulfill"}]},
        "focus": ref("ServiceRequest", request),
        "for": ref("Patient", elder),
        "authoredOn": stamp(at),
        "requester": ref("Organization", sender),
        "owner": ref("Organization", receiver),
    }


def abort_task(target: Json, *, reason: str, at: datetime) -> Json:
    """A Task by which the placer asks the owner of `target` to end work that has begun."""
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK_CODE, "code": "abort"}]},
        "focus": ref("Task", str(target["id"])),
        "for": target["for"],
        "authoredOn": stamp(at),
        "reasonCode": {"text": reason},
        **{k: target[k] for k in ("requester", "owner") if k in target},
    }
