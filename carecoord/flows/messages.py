"""FHIR messages about referrals: each is carried out once, and a replay gets the first answer."""

from copy import deepcopy
from hashlib import sha256
from uuid import uuid4

from carecoord.access import Caller, require
from carecoord.errors import CareError, Invalid
from carecoord.fhir import outcome, read, wire
from carecoord.fhir import referrals as papers
from carecoord.fhir.read import Json
from carecoord.flows import record
from carecoord.model import time
from carecoord.store import documents, messages
from carecoord.store.engine import Tx
from carecoord.text.catalogue import Language

NEW, UPDATE = "new-order", "order-update"
ENDPOINT = f"{read.BASE}/$process-message"

_TRANSIENT = frozenset({"unavailable"})


def process(tx: Tx, caller: Caller, bundle: Json, language: Language) -> Json:
    """Carry out a message Bundle; the response Bundle.

    `ok`, `fatal-error` (sending it again is of no use) or `transient-error` (it may be sent
    again). A message that was answered ok or fatal is answered the same for ever.

    Raises
    ------
    Invalid
        It is no message at all: `message.bundle`, `message.header`, `message.event`.
    """
    require(caller, "fhir.write")
    header = _header(bundle)
    source = str(header.get("source", {}).get("endpoint", ""))
    key = f"{source}|{header['id']}"
    documents.hold(tx, f"message/{key}")
    digest = sha256(wire.encode(bundle)).hexdigest()
    if (first := messages.read(tx, key)) is not None:
        if first.content_hash != digest:
            error = Invalid("message.reused", field="MessageHeader.id", message=str(header["id"]))
            return _answer(header, "fatal-error", [], error, language)
        return wire.loads(first.answer)
    try:
        with tx.begin_nested():
            done = record.submit_bundle(tx, caller, _transaction(tx, bundle, header))
    except CareError as error:
        passing = error.category in _TRANSIENT
        code = "transient-error" if passing else "fatal-error"
        answer = _answer(header, code, [], error, language)
        if passing:
            return answer
    else:
        tasks = [
            documents.read(tx, "Task", c.document.id).resource
            for c in done.changes
            if c.document.type == "Task"
        ]
        answer = _answer(header, "ok", tasks, None, language)
    messages.keep(tx, key, time.now(), digest, wire.dumps(answer))
    return answer


def _header(bundle: Json) -> Json:
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "message":
        raise Invalid("message.bundle", field="Bundle.type", sent=str(bundle.get("type", "")))
    entries = bundle.get("entry") or [{}]
    first = entries[0].get("resource") if isinstance(entries[0], dict) else None
    if not isinstance(first, dict) or first.get("resourceType") != "MessageHeader":
        raise Invalid("message.header", field="Bundle.entry[0].resource")
    if not first.get("id"):
        raise Invalid("message.header", field="MessageHeader.id")
    event = (first.get("eventCoding") or {}).get("code", "")
    if event not in (NEW, UPDATE):
        raise Invalid(
            "message.event", field="MessageHeader.event", sent=str(event), known=f"{NEW}, {UPDATE}"
        )
    return first


def _transaction(tx: Tx, bundle: Json, header: Json) -> Json:
    """The same resources as a transaction: each created once under its sender's number."""
    update = header["eventCoding"]["code"] == UPDATE
    entries = []
    for at, entry in enumerate(bundle["entry"][1:], 1):
        resource = deepcopy(entry.get("resource") or {})
        if resource.get("resourceType") == "Task" and update:
            entries.append(_changed(tx, at, entry, resource))
            continue
        kind = str(resource.get("resourceType", ""))
        number = _number(at, resource)
        request = {"method": "POST", "url": kind, "ifNoneExist": f"identifier={number}"}
        entries.append({**entry, "resource": resource, "request": request})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _changed(tx: Tx, at: int, entry: Json, task: Json) -> Json:
    """A Task that is known by its number: its id here, on the version the sender has seen."""
    found = documents.find(tx, "Task", limit=2, identifier=_number(at, task))
    if len(found) != 1:
        raise Invalid("message.unknown", field=f"Bundle.entry[{at}].resource.identifier")
    version = str((task.get("meta") or {}).get("versionId", ""))
    request: Json = {"method": "PUT", "url": f"Task/{found[0].id}"}
    if version.isdigit():
        request["ifMatch"] = f'W/"{version}"'
    # What the sender's copy does not carry is what has been decided here and stays.
    kept = {k: v for k, v in found[0].resource.items() if k != "meta"}
    merged = kept | {k: v for k, v in task.items() if k not in (*papers.FROZEN, "identifier")}
    return {**entry, "resource": merged | {"id": found[0].id}, "request": request}


def _number(at: int, resource: Json) -> str:
    for one in resource.get("identifier") or ():
        if one.get("system") and one.get("value"):
            return f"{one['system']}|{one['value']}"
    raise Invalid("message.identifier", field=f"Bundle.entry[{at}].resource.identifier")


def _answer(
    header: Json, code: str, tasks: list[Json], error: CareError | None, language: Language
) -> Json:
    response: Json = {"identifier": str(header["id"]), "code": code}
    said: list[Json] = []
    if error is not None:
        details = outcome.of_error(error, language) | {"id": str(uuid4())}
        response["details"] = {"reference": f"OperationOutcome/{details['id']}"}
        said = [details]
    made: Json = {
        "resourceType": "MessageHeader",
        "id": str(uuid4()),
        "eventCoding": header["eventCoding"],
        "source": {"endpoint": ENDPOINT},
        "response": response,
    }
    if tasks:
        made["focus"] = [{"reference": f"Task/{tasks[0]['id']}"}]
    if back := header.get("source", {}).get("endpoint"):
        made["destination"] = [{"endpoint": back}]
    entries = [
        {"fullUrl": f"{read.BASE}/{one['resourceType']}/{one['id']}", "resource": one}
        for one in (made, *tasks, *said)
    ]
    return {
        "resourceType": "Bundle",
        "id": str(uuid4()),
        "type": "message",
        "timestamp": time.now().isoformat(timespec="seconds"),
        "entry": entries,
    }
