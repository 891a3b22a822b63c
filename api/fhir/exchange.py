"""How does a FHIR request ask for its answer, and how is one written?"""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import Request, Response

from carecoord.errors import Invalid, Missing, Unsupported
from carecoord.fhir import wire
from carecoord.store.documents import Document
from fhir_profiles import search as definitions

MEDIA = "application/fhir+json"

_TYPES = frozenset(definitions.types())
_READABLE = ("application/fhir+json", "application/json", "text/json", "json")


def require_type(name: str) -> None:
    """Refuse a path that begins with no resource type of R4.

    Raises
    ------
    Missing
        `fhir.type_unknown`.
    """
    if name not in _TYPES:
        raise Missing("fhir.type_unknown", field="url", type=name)


def require_json(request: Request) -> None:
    """Refuse a request that accepts no JSON (this server speaks nothing else).

    Raises
    ------
    Unsupported
        `http.format`.
    """
    wanted = request.query_params.get("_format") or request.headers.get("accept") or "*/*"
    kinds = [part.partition(";")[0].strip().lower() for part in wanted.split(",")]
    if not any(k in _READABLE or k in ("*/*", "application/*") for k in kinds):
        raise Unsupported("http.format", field="Accept", sent=wanted)


def require_sent_json(request: Request, *also: str) -> str:
    """The media type of the body; it must be JSON or one of `also`.

    Raises
    ------
    Unsupported
        `http.content_type`.
    """
    sent = request.headers.get("content-type", MEDIA).partition(";")[0].strip().lower()
    if sent not in _READABLE and sent not in also:
        raise Unsupported("http.content_type", field="Content-Type", sent=sent)
    return sent


def base(request: Request) -> str:
    """Address of the FHIR service as the client sees it."""
    return f"{str(request.base_url).rstrip('/')}/fhir"


def preference(request: Request, name: str) -> str:
    """Value of one `Prefer` preference, such as `return`; empty if not given."""
    for part in request.headers.get("prefer", "").replace(",", ";").split(";"):
        key, _, value = part.strip().partition("=")
        if key.lower() == name:
            return value.strip('" ')
    return ""


def headers(document: Document) -> dict[str, str]:
    """`ETag` and `Last-Modified` of a version."""
    return {
        "ETag": f'W/"{document.version}"',
        "Last-Modified": format_datetime(document.updated, usegmt=True),
    }


def location(request: Request, document: Document) -> str:
    """Address of exactly this version."""
    return f"{base(request)}/{document.reference}/_history/{document.version}"


def unchanged(request: Request, document: Document) -> bool:
    """Whether the client says that it has this version already."""
    if sent := request.headers.get("if-none-match"):
        return f'"{document.version}"' in sent.replace("W/", "")
    if since := request.headers.get("if-modified-since"):
        try:
            return document.updated.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False
    return False


def resource(
    document: Document, *, status: int = 200, more: Mapping[str, str] | None = None
) -> Response:
    """Answer with a stored document, exactly as it is stored."""
    sent = headers(document) | dict(more or {})
    return Response(document.text, status, headers=sent, media_type=MEDIA)


def json(body: wire.Json, *, status: int = 200) -> Response:
    """Answer with a resource that was made for this answer."""
    return Response(wire.encode(body), status, media_type=MEDIA)


def written(request: Request, document: Document, status: int, said: wire.Json) -> Response:
    """Answer to a write, as long as the client prefers: `said` is the OperationOutcome."""
    sent = headers(document) | {"Location": location(request, document)}
    wanted = preference(request, "return")
    if wanted == "minimal":
        return Response(None, status, headers=sent, media_type=MEDIA)
    if wanted == "OperationOutcome":
        return Response(wire.encode(said), status, headers=sent, media_type=MEDIA)
    return resource(document, status=status, more=sent)


def whole_number(text: str, name: str) -> int:
    """A version or count in the address.

    Raises
    ------
    Invalid
        `search.count`.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("search.count", field=name, value=text)
    return int(text)


def instant(text: str, name: str) -> datetime:
    """An instant in the address.

    Raises
    ------
    Invalid
        `search.value`.
    """
    try:
        made = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise Invalid("search.value", field=name, value=text) from error
    if made.tzinfo is None:
        raise Invalid("search.value", field=name, value=text)
    return made
