"""What this server can do, printed from the tables that drive it."""

from collections import defaultdict
from datetime import UTC, datetime
from functools import cache

from fastapi import APIRouter, Request, Response

from api.fhir import exchange
from api.fhir.operations import OFFERED
from carecoord.fhir import project
from carecoord.fhir.patch import JSON_PATCH, MERGE_PATCH
from carecoord.fhir.wire import Json
from fhir_profiles import search as definitions
from fhir_profiles.definitions import own

router = APIRouter(prefix="/fhir")

INTERACTIONS = (
    "read",
    "vread",
    "update",
    "patch",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
)
"""What can be done with every resource type."""

_HL7 = "http://hl7.org/fhir/OperationDefinition/"
_DEFINED = {
    ("", "validate"): f"{_HL7}Resource-validate",
    ("Patient", "everything"): f"{_HL7}Patient-everything",
    ("Patient", "match"): f"{_HL7}Patient-match",
    # R4 defines it for patients and encounters only.
    ("CarePlan", "everything"): "urn:carecoord:operation:CarePlan-everything",
    ("ValueSet", "expand"): f"{_HL7}ValueSet-expand",
    ("CodeSystem", "lookup"): f"{_HL7}CodeSystem-lookup",
}

_SHOWN = (
    f"Resources whose id begins with `{project.PREFIX}` show this system's own planning. They are "
    "read, searched, included and counted like all others and have versions, but are changed "
    "where planning is changed: a write is answered 405 and says where. Nobody else may use such "
    f"an id, `meta.source` {project.SOURCE} or identifiers of {project.VISIT}."
)

_STARTED = datetime.now(UTC)


@router.get("/metadata")
def metadata(request: Request) -> Response:
    """CapabilityStatement: exactly what works."""
    exchange.require_json(request)
    return exchange.json(_statement(exchange.base(request), request.app.version))


@cache
def _statement(base: str, version: str) -> Json:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _STARTED.isoformat(timespec="seconds"),
        "kind": "instance",
        "software": {"name": "carecoord", "version": version},
        "implementation": {"description": "carecoord", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "patchFormat": [JSON_PATCH, MERGE_PATCH],
        "rest": [
            {
                "mode": "server",
                "resource": [_resource(name) for name in definitions.types()],
                "interaction": [
                    {"code": code} for code in ("transaction", "batch", "search-system")
                ],
                "operation": [
                    {"name": "data-quality", "definition": "urn:carecoord:operation:data-quality"},
                    {
                        "name": "process-message",
                        "definition": f"{_HL7}MessageHeader-process-message",
                    },
                ],
            }
        ],
    }


@cache
def _supported() -> dict[str, list[str]]:
    """Our own profiles by type."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in own():
        if one["resourceType"] == "StructureDefinition" and one["type"] != "Extension":
            found[one["type"]].append(one["url"])
    return found


def _resource(name: str) -> Json:
    parameters = definitions.parameters(name)
    references = sorted(c for c, p in parameters.items() if p.kind == "reference")
    made: Json = {
        "type": name,
        "interaction": [{"code": code} for code in INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "searchParam": [
            {"name": "_id", "type": "token"},
            {"name": "_lastUpdated", "type": "date"},
            *({"name": code, "type": p.kind} for code, p in parameters.items()),
        ],
    }
    made["operation"] = [
        {"name": operation, "definition": url}
        for (kind, operation), url in _DEFINED.items()
        if kind in ("", name) and operation in OFFERED[kind]
    ]
    if name == "Subscription":
        backport = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/"
        made["operation"] += [
            {"name": one, "definition": f"{backport}backport-subscription-{one}"}
            for one in ("status", "events")
        ]
    if name in project.TYPES:
        made["documentation"] = _SHOWN
    if profiles := _supported().get(name):
        made["supportedProfile"] = profiles
    if references:
        made["searchInclude"] = [f"{name}:{code}" for code in references]
    return made
