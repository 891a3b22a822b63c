"""Reading resources and their history."""

from fastapi import APIRouter, Request, Response

from api.context import database
from api.fhir import exchange
from carecoord.errors import Missing
from carecoord.fhir.wire import Json, splice
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

router = APIRouter(prefix="/fhir")

PAGE = 100
"""Versions on a page of a history, unless `_count` says otherwise."""


# Before the address of one resource, which would take `_history` for its id.
@router.get("/{type}/_history")
def type_history(request: Request, type: str) -> Response:  # noqa: A002
    """Versions of every resource of a type, newest first."""
    exchange.require_json(request)
    exchange.require_type(type)
    with database(request).read() as tx:
        return exchange.json(_history(request, tx, type, None))


@router.head("/{type}/{id}", include_in_schema=False)
@router.get("/{type}/{id}")
def read(request: Request, type: str, id: str) -> Response:  # noqa: A002 - FHIR's own words
    """The current version. 304: the client has it; 410: it was deleted."""
    exchange.require_json(request)
    exchange.require_type(type)
    with database(request).read() as tx:
        found = documents.read(tx, type, id)
    if exchange.unchanged(request, found):
        return Response(None, 304, headers=exchange.headers(found))
    return exchange.resource(found)


@router.get("/{type}/{id}/_history/{version}")
def vread(request: Request, type: str, id: str, version: str) -> Response:  # noqa: A002
    """One version. 410: that version records the deletion."""
    exchange.require_json(request)
    exchange.require_type(type)
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise Missing("document.version", type=type, id=id, version=version)
    with database(request).read() as tx:
        return exchange.resource(documents.read_version(tx, type, id, int(version)))


@router.get("/{type}/{id}/_history")
def instance_history(request: Request, type: str, id: str) -> Response:  # noqa: A002
    """Versions of one resource, newest first, the deletion included."""
    exchange.require_json(request)
    exchange.require_type(type)
    with database(request).read() as tx:
        if documents.peek(tx, type, id) is None:
            raise Missing("document.missing", type=type, id=id)
        return exchange.json(_history(request, tx, type, id))


def _history(request: Request, tx: Tx, type: str, id: str | None) -> Json:  # noqa: A002
    asked = request.query_params
    count = min(exchange.whole_number(asked.get("_count", str(PAGE)), "_count"), PAGE * 10)
    offset = exchange.whole_number(asked.get("_offset", "0"), "_offset")
    since = exchange.instant(asked["_since"], "_since") if "_since" in asked else None
    found = documents.history(tx, type, id, since=since, limit=count + 1, offset=offset)
    base = exchange.base(request)
    path = f"{base}/{type}/{id}/_history" if id else f"{base}/{type}/_history"
    links = [{"relation": "self", "url": str(request.url)}]
    if len(found) > count:
        more = request.url.replace_query_params(
            **{k: v for k, v in asked.items() if k != "_offset"}, _offset=str(offset + count)
        )
        links.append({"relation": "next", "url": f"{path}?{more.query}"})
    bundle: Json = {"resourceType": "Bundle", "type": "history", "link": links}
    if id is not None and len(found) <= count and not offset and since is None:
        bundle["total"] = len(found)
    entries = [_entry(base, d) for d in found[:count]]
    return bundle | {"entry": entries} if entries else bundle


def _entry(base: str, document: Document) -> Json:
    created = document.version == 1
    url = document.type if document.method == "POST" else document.reference
    status = "204 No Content" if document.deleted else "201 Created" if created else "200 OK"
    entry: Json = {"fullUrl": f"{base}/{document.reference}"}
    if not document.deleted:
        entry["resource"] = splice(document.text)
    stamp = document.updated.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return entry | {
        "request": {"method": document.method, "url": url},
        "response": {
            "status": status,
            "etag": f'W/"{document.version}"',
            "lastModified": stamp,
        },
    }
