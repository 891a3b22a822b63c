"""Searching by type and over all types."""

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from api.context import Body, database
from api.fhir import exchange
from carecoord.errors import Invalid, Unsupported
from carecoord.fhir import query, search

router = APIRouter(prefix="/fhir")
system = APIRouter(prefix="/fhir")


@system.get("")
def search_system(request: Request) -> Response:
    """Search resources of several types, `_type` naming them."""
    return _answer(request, "", request.query_params.multi_items())


@system.post("/_search")
def search_system_by_form(request: Request, body: Body) -> Response:
    """Search resources of several types, the parameters in a form."""
    return _answer(request, "", [*request.query_params.multi_items(), *_form(request, body)])


@router.get("/{type}")
def search_type(request: Request, type: str) -> Response:  # noqa: A002 - FHIR's own words
    """Search the resources of a type."""
    exchange.require_type(type)
    return _answer(request, type, request.query_params.multi_items())


@router.get("/Patient/{id}/{type}")
def search_compartment(request: Request, id: str, type: str) -> Response:  # noqa: A002
    """Search what belongs to a patient: resources of a type, or of all (`*`)."""
    if type != "*":
        exchange.require_type(type)
    pairs = request.query_params.multi_items()
    return _answer(request, "" if type == "*" else type, pairs, patient=id)


def search_type_by_form(request: Request, type: str, body: Body) -> Response:  # noqa: A002
    """Search the resources of a type, the parameters in a form."""
    exchange.require_type(type)
    return _answer(request, type, [*request.query_params.multi_items(), *_form(request, body)])


system.add_api_route("/{type}/_search", search_type_by_form, methods=["POST"])


def _form(request: Request, body: bytes) -> list[tuple[str, str]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Unsupported("http.content_type", field="Content-Type", sent=kind)
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=1000)
    except ValueError as error:
        raise Invalid("http.form") from error


def _answer(
    request: Request,
    type: str,  # noqa: A002
    pairs: list[tuple[str, str]],
    *,
    patient: str = "",
) -> Response:
    exchange.require_json(request)
    strict = exchange.preference(request, "handling") == "strict"
    asked = query.parse(type, pairs, strict=strict)
    path = type
    if patient:
        search.within_patient(asked, patient)
        path = f"Patient/{patient}/{type or '*'}"
    elif not asked.types:
        raise Invalid("search.types", field="_type")
    with database(request).read() as tx:
        return exchange.json(search.answer(tx, asked, exchange.base(request), path))
