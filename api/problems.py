"""Which HTTP answer does a failure get?"""

import logging
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.change_bodies import LostOut, moved
from api.context import ADMINISTRATOR, TooLarge, database, language_of
from carecoord.access import Caller
from carecoord.errors import CareError, Category
from carecoord.fhir import outcome, wire
from carecoord.flows import versions
from carecoord.model.ids import StreetId
from carecoord.model.visits import DayKey
from carecoord.text import catalogue
from carecoord.text.catalogue import Language
from fhir_profiles.check import Finding

STATUS: dict[Category, int] = {
    "invalid": 400,
    "missing": 404,
    "gone": 410,
    "stale": 412,
    "conflict": 409,
    "forbidden": 403,
    "unsupported": 400,
    "unavailable": 503,
}
"""HTTP status by category of failure."""

BY_CODE = {
    # FHIR gives these their own answers.
    "document.several": 412,
    "document.precondition": 428,
    "fhir.read_only": 405,
    "http.format": 406,
    "http.content_type": 415,
    "bundle.too_many": 413,
    # A referral is changed only by somebody who says on which version they decided, and only to
    # a state that may follow.
    "referral.version": 428,
    "referral.move": 422,
    "referral.needs": 422,
    # The same Idempotency-Key with another body (draft-ietf-httpapi-idempotency-key-header).
    "run.key_used": 422,
    # A single weight in a request that no profile knows.
    "profile.key": 422,
    "profile.value": 422,
}
"""HTTP status of single codes that differ from their category."""

PATH = "/fhir"
"""Below this path failures are OperationOutcomes, elsewhere problem JSON (RFC 9457)."""

_log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Make every failure of the application a coded answer in the caller's language."""
    app.add_exception_handler(CareError, _expected)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def status_of(error: CareError) -> int:
    """HTTP status of an expected failure."""
    if isinstance(error, TooLarge):
        return 413
    if isinstance(error, outcome.Refused) and error.code in _UNPROCESSABLE:
        return 422
    return BY_CODE.get(error.code, STATUS[error.category])


# Well-formed FHIR that a rule forbids; what is not FHIR at all is answered 400.
_UNPROCESSABLE = frozenset({"bundle.reference_matches"})


def _expected(request: Request, error: Exception) -> Response:
    if not isinstance(error, CareError):
        raise error
    language = language_of(request)
    status = status_of(error)
    if _is_fhir(request):
        answer = _fhir(status, outcome.of_error(error, language))
        if status == 405:
            answer.headers["Allow"] = "GET, HEAD"
        return answer
    more = _more(request, error)
    return _problem(status, error.code, error.field, error.facts, language, **more)


def _more(request: Request, error: CareError) -> dict[str, object]:
    """What a scheduler needs beside the sentence: what happened meanwhile, or what is lost."""
    if isinstance(error, versions.NotFeasible):
        return {"lost": [LostOut.of(one).model_dump() for one in error.lost]}
    if error.code != "day.moved":
        return {}
    facts = error.facts
    key = DayKey(StreetId(str(facts["street"])), date.fromisoformat(str(facts["day"])))
    with database(request).read() as tx:
        caller: Caller = getattr(request.state, "caller", ADMINISTRATOR)
        found = versions.since(tx, caller, key, int(facts["expected"]))
    return {"since": moved(found, language_of(request))}


def _unfit(request: Request, error: Exception) -> Response:
    """A parameter or body that does not fit the route: 422 with the place of the first fault."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    pointer = "/" + "/".join(str(part) for part in first["loc"])
    code, facts = misfit(first)
    return _either(request, 422, code, pointer, facts)


def misfit(one: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Code and facts of one misfit that pydantic reports."""
    limits = {name: str(value) for name, value in one.get("ctx", {}).items()}
    facts = {"detail": str(one["msg"])} | {"limit": next(iter(limits.values()), "")}
    return _UNFIT.get(one["type"], "http.invalid"), facts


_UNFIT = {
    "missing": "http.field_missing",
    "extra_forbidden": "http.field_unknown",
    "unexpected_keyword_argument": "http.field_unknown",
    "date_parsing": "http.date",
    "date_from_datetime_parsing": "http.date",
    "int_parsing": "http.whole_number",
    "int_type": "http.whole_number",
    "int_from_float": "http.whole_number",
    "enum": "http.choice",
    "literal_error": "http.choice",
    "greater_than_equal": "http.too_small",
    "less_than_equal": "http.too_big",
    "too_short": "http.too_few",
    "string_too_short": "http.too_few",
    "string_pattern_mismatch": "http.pattern",
    "json_invalid": "http.json",
}
"""Misfits that pydantic reports, to the code of a sentence; its fact `limit` is the bound."""


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = {404: "http.not_found", 405: "http.method"}.get(error.status_code, "http.status")
    facts: dict[str, str | int] = {
        "status": error.status_code,
        "method": request.method,
        "path": request.url.path,
    }
    answer = _either(request, error.status_code, code, "", facts)
    answer.headers.update(error.headers or {})
    return answer


def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _either(request, 500, "http.failed", "", {})


def _either(
    request: Request, status: int, code: str, place: str, facts: Mapping[str, str | int]
) -> Response:
    language = language_of(request)
    if _is_fhir(request):
        kinds = {404: "not-found", 405: "not-supported", 500: "exception"}
        finding = Finding("error", code, place, {**facts})
        issue = outcome.issue(finding, language, kind=kinds.get(status, "invalid"))
        return _fhir(status, outcome.outcome([issue]))
    return _problem(status, code, place, {**facts}, language)


def _is_fhir(request: Request) -> bool:
    path = request.url.path
    return path == PATH or path.startswith(PATH + "/")


def _fhir(status: int, body: wire.Json) -> Response:
    return Response(wire.encode(body), status, media_type="application/fhir+json")


def answer(request: Request, error: CareError, **more: object) -> Response:
    """Problem JSON of a refusal that also says what is possible instead."""
    language = language_of(request)
    return _problem(status_of(error), error.code, error.field, error.facts, language, **more)


def _problem(
    status: int,
    code: str,
    place: str,
    facts: dict[str, str | int],
    language: Language,
    **more: object,
) -> Response:
    body: dict[str, object] = {
        "type": f"urn:carecoord:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": catalogue.sentence(code, facts, language),
        "facts": facts,
        **more,
    }
    if place:
        body["field"] = place
    headers = {"Content-Language": language.replace("_", "-")}
    return Response(
        wire.encode(body), status, media_type="application/problem+json", headers=headers
    )
