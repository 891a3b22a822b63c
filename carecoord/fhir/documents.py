"""How does a resource get in: checked, stored and indexed in one step?"""

from dataclasses import dataclass
from typing import Literal

from carecoord.errors import Invalid
from carecoord.fhir import definitions, project
from carecoord.fhir.outcome import Refused
from carecoord.fhir.read import extension_url
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from fhir_profiles.wire import Json

Deed = Literal["created", "updated", "deleted", "unchanged"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a write did to one document."""

    deed: Deed
    document: Document


def require_valid(tx: Tx, resource: Json) -> None:
    """Refuse a resource that breaks FHIR R4 or a profile it claims.

    Raises
    ------
    Refused
        With every finding.
    """
    found = definitions.findings(tx, resource)
    if any(f.severity == "error" for f in found):
        raise Refused.of(found)


def require_profile(tx: Tx, resource: Json, name: str) -> None:
    """Refuse a resource that breaks the profile of ours which a step of the engine needs.

    Raises
    ------
    Refused
        With every finding; each names the profile.
    """
    found = definitions.findings(tx, resource, profiles=[extension_url(name)])
    if any(f.severity == "error" for f in found):
        raise Refused.of(found)


def create(tx: Tx, resource: Json, *, id: str | None = None) -> Change:  # noqa: A002
    """Check and store a new document; see `store.documents.create`."""
    project.require_foreign(tx, resource["resourceType"], id or "", resource)
    require_valid(tx, resource)
    return Change("created", documents.create(tx, resource, id=id))


def update(
    tx: Tx,
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    resource: Json,
    *,
    expected: int | None = None,
) -> Change:
    """Check and store a new version; see `store.documents.update`.

    A body without id is taken for the one that is addressed. A body equal to what is stored
    makes no new version.

    Raises
    ------
    Invalid
        `document.id_differs`: the body has another id.
    """
    if resource.get("id", id) != id:
        raise Invalid("document.id_differs", field="id", id=id, sent=str(resource["id"]))
    project.require_foreign(tx, type, id, resource)
    require_valid(tx, resource)
    return put(tx, type, id, resource, expected=expected)


def put(
    tx: Tx,
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    resource: Json,
    *,
    expected: int | None = None,
) -> Change:
    """Store a new version of a resource that has been checked already."""
    before = documents.peek(tx, type, id, lock=True)
    after = documents.update(tx, type, id, resource, expected=expected)
    if before is None or before.deleted:
        return Change("created", after)
    return Change("unchanged" if after.version == before.version else "updated", after)


def delete(tx: Tx, type: str, id: str, *, expected: int | None = None) -> Change | None:  # noqa: A002
    """Delete a document; None when there was none."""
    project.require_foreign(tx, type, id)
    gone = documents.remove(tx, type, id, expected=expected)
    return None if gone is None else Change("deleted", gone)
