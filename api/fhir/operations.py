"""Operations: what is not create, read, update, delete or search."""

from fastapi import APIRouter, Request, Response

from api.context import Body, Speak, database
from api.fhir import exchange
from carecoord.errors import Invalid
from carecoord.fhir import definitions, operations, outcome, wire
from carecoord.fhir.wire import Json
from carecoord.store import documents
from fhir_profiles import check

router = APIRouter(prefix="/fhir")

OFFERED: dict[str, tuple[str, ...]] = {
    "": ("validate",),
    "Patient": ("everything", "match"),
    "CarePlan": ("everything",),
    "ValueSet": ("expand",),
    "CodeSystem": ("lookup",),
}
"""Operations by resource type; those under the empty name are offered for every type."""


@router.get("/$data-quality")
def data_quality(request: Request, language: Speak) -> Response:
    """References to resources that are not here, as partners may send things in any order."""
    exchange.require_json(request)
    with database(request).read() as tx:
        return exchange.json(outcome.of_findings(operations.data_quality(tx), language))


@router.post("/{type}/$validate")
def validate_type(request: Request, type: str, body: Body, language: Speak) -> Response:  # noqa: A002
    """Judge a resource without storing it; `?extensions=known` refuses those not known here."""
    return _validate(request, type, "", body, language)


@router.post("/{type}/{id}/$validate")
def validate_instance(
    request: Request,
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    body: Body,
    language: Speak,
) -> Response:
    """Judge a new version of a resource, or the stored one when none is sent."""
    return _validate(request, type, id, body, language)


@router.get("/{type}/{id}/$validate")
def validate_stored(request: Request, type: str, id: str, language: Speak) -> Response:  # noqa: A002
    """Judge the stored resource."""
    return _validate(request, type, id, b"", language)


def _validate(request: Request, type: str, id: str, body: bytes, language: Speak) -> Response:  # noqa: A002
    exchange.require_json(request)
    exchange.require_type(type)
    asked = request.query_params
    profiles = asked.getlist("profile")
    resource: Json | None = None
    strict = asked.get("extensions") == "known"
    if body:
        exchange.require_sent_json(request)
        resource = wire.loads(body)
        if resource.get("resourceType") == "Parameters" and type != "Parameters":
            if isinstance(wanted := operations.argument(resource, "profile"), str):
                profiles = [*profiles, wanted]
            resource = operations.argument(resource, "resource")
    with database(request).read() as tx:
        if resource is None and id:
            resource = documents.read(tx, type, id).resource
        if not isinstance(resource, dict) or resource.get("resourceType") != type:
            sent = str(resource.get("resourceType", "")) if isinstance(resource, dict) else ""
            raise Invalid("document.type", field="resourceType", type=type, sent=sent)
        rules = check.VALIDATOR if strict else check.RECEIVER
        found = definitions.findings(tx, resource, profiles=profiles, rules=rules)
    return exchange.json(outcome.of_findings(found, language))


@router.get("/Patient/{id}/$everything")
def patient_everything(request: Request, id: str) -> Response:  # noqa: A002
    """A patient and everything about them."""
    exchange.require_json(request)
    asked = request.query_params
    since = exchange.instant(asked["_since"], "_since") if "_since" in asked else None
    types = [t for t in asked.get("_type", "").split(",") if t]
    with database(request).read() as tx:
        base = exchange.base(request)
        return exchange.json(operations.patient_everything(tx, id, base, since=since, types=types))


@router.get("/CarePlan/{id}/$everything")
def plan_everything(request: Request, id: str) -> Response:  # noqa: A002
    """A care plan with its parts, its visits, and all that they refer to."""
    exchange.require_json(request)
    with database(request).read() as tx:
        return exchange.json(operations.plan_everything(tx, id, exchange.base(request)))


@router.post("/Patient/$match")
def match(request: Request, body: Body) -> Response:
    """Patients who may be the one described."""
    exchange.require_json(request)
    exchange.require_sent_json(request)
    sent = wire.loads(body)
    certain, count = False, 20
    if sent.get("resourceType") == "Parameters":
        certain = operations.argument(sent, "onlyCertainMatches") is True
        asked = operations.argument(sent, "count")
        count = asked if isinstance(asked, int) and asked > 0 else count
        sent = operations.argument(sent, "resource") or {}
    with database(request).read() as tx:
        base = exchange.base(request)
        return exchange.json(operations.match(tx, sent, base, only_certain=certain, count=count))


@router.get("/ValueSet/$expand")
def expand_by_url(request: Request) -> Response:
    """The codes of a value set that `url` names."""
    url = request.query_params.get("url", "")
    if not url:
        raise Invalid("operation.parameter", field="url")
    return _expand(request, url)


@router.get("/ValueSet/{id}/$expand")
def expand(request: Request, id: str) -> Response:  # noqa: A002
    """The codes of a stored value set."""
    with database(request).read() as tx:
        stored = documents.read(tx, "ValueSet", id).resource
    return _expand(request, str(stored.get("url", "")))


def _expand(request: Request, url: str) -> Response:
    exchange.require_json(request)
    asked = request.query_params
    with database(request).read() as tx:
        made = operations.expand(
            tx,
            url,
            text=asked.get("filter", ""),
            count=min(exchange.whole_number(asked.get("count", "1000"), "count"), 1000),
            offset=exchange.whole_number(asked.get("offset", "0"), "offset"),
            language=asked.get("displayLanguage", ""),
        )
    return exchange.json(made)


@router.get("/CodeSystem/$lookup")
def look_up(request: Request) -> Response:
    """What a code means."""
    exchange.require_json(request)
    asked = request.query_params
    for name in ("system", "code"):
        if not asked.get(name):
            raise Invalid("operation.parameter", field=name)
    with database(request).read() as tx:
        made = operations.look_up(
            tx, asked["system"], asked["code"], language=asked.get("displayLanguage", "")
        )
    return exchange.json(made)
