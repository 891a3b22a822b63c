"""Creating, changing and deleting resources."""

from fastapi import APIRouter, Request, Response

from api.context import Body, CallerNow, Expected, Speak, database
from api.fhir import exchange
from carecoord.errors import CareError, Invalid, Unsupported
from carecoord.fhir import outcome, wire
from carecoord.fhir import patch as patches
from carecoord.fhir.wire import Json
from carecoord.flows import gate, record
from carecoord.store import documents
from fhir_profiles.check import Finding

router = APIRouter(prefix="/fhir")


@router.post("")
def submit(request: Request, body: Body, caller: CallerNow, language: Speak) -> Response:
    """Carry out a transaction or batch Bundle."""
    exchange.require_json(request)
    exchange.require_sent_json(request)
    sent = wire.loads(body)
    with database(request).write() as tx:
        done = record.submit_bundle(tx, caller, sent, language=language)
    return exchange.json(done.response)


@router.post("/{type}", status_code=201)
def create(
    request: Request,
    type: str,  # noqa: A002 - FHIR's own words
    body: Body,
    caller: CallerNow,
    language: Speak,
) -> Response:
    """Create a resource under a new id; with `If-None-Exist` only if none matches."""
    resource = _received(request, type, body)
    criteria = request.headers.get("if-none-exist")
    if criteria is not None:
        asked = {"method": "POST", "url": type, "ifNoneExist": criteria}
        return _single(request, caller, asked, resource, language)
    with database(request).write() as tx:
        made = record.create(tx, caller, resource)
    return exchange.written(request, made, 201, _said("fhir.created", language))


@router.put("/{type}/{id}")
def update(
    request: Request,
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    body: Body,
    caller: CallerNow,
    expected: Expected,
    language: Speak,
) -> Response:
    """Store a new version, or create the resource. 412: `If-Match` names an old version."""
    resource = _received(request, type, body)
    if "id" not in resource:
        raise Invalid("document.id_missing", field=f"{type}.id", id=id)
    with database(request).write() as tx:
        change = record.update(tx, caller, type, id, resource, expected=expected)
    status = 201 if change.deed == "created" else 200
    return exchange.written(request, change.document, status, _said("fhir.updated", language))


@router.patch("/{type}/{id}")
def patch(
    request: Request,
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    body: Body,
    caller: CallerNow,
    expected: Expected,
    language: Speak,
) -> Response:
    """Change parts of a resource, by JSON Patch or JSON Merge Patch."""
    exchange.require_json(request)
    exchange.require_type(type)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in (patches.JSON_PATCH, patches.MERGE_PATCH):
        raise Unsupported("http.content_type", field="Content-Type", sent=media)
    with database(request).write() as tx:
        present = documents.read(tx, type, id)
        gate.require_version(tx, present, expected)
        changed = patches.apply(present.resource, body, media)
        # Whoever writes in between is not overwritten: the patch was made for this version.
        version = present.version if expected is None else expected
        change = record.update(tx, caller, type, id, changed, expected=version)
    return exchange.written(request, change.document, 200, _said("fhir.updated", language))


@router.put("/{type}")
def conditional_update(
    request: Request,
    type: str,  # noqa: A002
    body: Body,
    caller: CallerNow,
    language: Speak,
) -> Response:
    """Store a new version of the one resource that matches the query, or create it."""
    resource = _received(request, type, body)
    asked = {"method": "PUT", "url": f"{type}?{request.url.query}"}
    if sent := request.headers.get("if-match"):
        asked["ifMatch"] = sent
    return _single(request, caller, asked, resource, language)


@router.delete("/{type}/{id}", status_code=204)
def delete(
    request: Request,
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    caller: CallerNow,
    expected: Expected,
) -> Response:
    """Delete a resource; its versions stay readable. Deleting what is not there succeeds."""
    exchange.require_type(type)
    with database(request).write() as tx:
        gone = record.delete(tx, caller, type, id, expected=expected)
    return Response(None, 204, headers={} if gone is None else exchange.headers(gone))


@router.delete("/{type}", status_code=204)
def conditional_delete(
    request: Request,
    type: str,  # noqa: A002
    caller: CallerNow,
    language: Speak,
) -> Response:
    """Delete the one resource that matches the query. 412: several match."""
    exchange.require_type(type)
    asked = {"method": "DELETE", "url": f"{type}?{request.url.query}"}
    return _single(request, caller, asked, None, language)


def _received(request: Request, type: str, body: bytes) -> Json:  # noqa: A002
    exchange.require_json(request)
    exchange.require_type(type)
    exchange.require_sent_json(request)
    resource = wire.loads(body)
    if resource.get("resourceType") != type:
        sent = str(resource.get("resourceType", ""))
        raise Invalid("document.type", field="resourceType", type=type, sent=sent)
    return resource


def _single(
    request: Request, caller: CallerNow, asked: Json, resource: Json | None, language: Speak
) -> Response:
    """Carry out one conditional request as a transaction of one entry."""
    entry: Json = {"request": asked}
    if resource is not None:
        entry["resource"] = resource
    bundle: Json = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    with database(request).write() as tx:
        try:
            done = record.submit_bundle(tx, caller, bundle, language=language)
        except CareError as error:
            raise outcome.alone(error, asked["url"].partition("?")[0]) from error
        answer = done.response["entry"][0]["response"]
        status = int(answer["status"][:3])
        if "location" not in answer:
            return Response(None, status)
        type, id, _, _ = answer["location"].split("/")  # noqa: A001
        document = documents.read(tx, type, id)
    said = "fhir.created" if status == 201 else "fhir.updated"
    return exchange.written(request, document, status, _said(said, language))


def _said(code: str, language: Speak) -> Json:
    return outcome.of_findings([Finding("information", code, "")], language)
