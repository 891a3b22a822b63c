"""Which resources show planning, and where are they changed instead?

`store.projections` keeps them beside the documents of others; a FHIR write on one is refused here,
and so is one that would pass for one.
"""

from carecoord.errors import Conflict, Invalid
from carecoord.store import projections
from carecoord.store.engine import Tx
from carecoord.store.visit_resources import PREFIX, SOURCE, TYPES, VISIT
from fhir_profiles.wire import Json

__all__ = ["PREFIX", "SOURCE", "TYPES", "VISIT", "require_foreign", "shows_planning"]


def shows_planning(resource: Json) -> bool:
    """Whether a stored resource shows a visit, a shift or a roster of our own."""
    return resource.get("resourceType") in TYPES and str(resource.get("id", "")).startswith(PREFIX)


def require_foreign(tx: Tx, type: str, id: str, resource: Json | None = None) -> None:  # noqa: A002
    """Refuse to write a resource that shows planning, or one that could be taken for it.

    id
        Empty for a resource that gets a new one.
    resource
        What is to be stored; None for a deletion.

    Raises
    ------
    Conflict
        `fhir.read_only`: the resource is ours; `where` says what changes it.
    Invalid
        `fhir.own_id`, `fhir.own_identifier`, `fhir.own_source`: only this engine writes those.
    """
    if type not in TYPES:
        return
    if id.startswith(PREFIX):
        where = _where(tx, type, id)
        if where:
            raise Conflict("fhir.read_only", field="id", type=type, id=id, where=where)
        if resource is not None:
            raise Invalid("fhir.own_id", field="id", prefix=PREFIX, id=id)
    if resource is None:
        return
    identifiers = resource.get("identifier", ())
    for at, one in enumerate(identifiers if isinstance(identifiers, list) else ()):
        if isinstance(one, dict) and one.get("system") == VISIT:
            field = f"{type}.identifier[{at}].system"
            raise Invalid("fhir.own_identifier", field=field, system=VISIT)
    meta = resource.get("meta")
    if isinstance(meta, dict) and meta.get("source") == SOURCE:
        raise Invalid("fhir.own_source", field=f"{type}.meta.source", source=SOURCE)


def _where(tx: Tx, type: str, id: str) -> str:  # noqa: A002
    """The address at which people change what a resource shows; empty when there is none such."""
    if type == "Schedule":
        staff = projections.staff_of(tx, id)
        return f"/fhir/PractitionerRole/{staff}" if staff else ""
    key = projections.home(tx, type, id)
    if key is None:
        return ""
    day = f"/v1/streets/{key.street}/days/{key.day.isoformat()}"
    return f"{day}/events" if type == "Encounter" else day
