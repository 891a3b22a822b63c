"""What is one version of one resource, and what does storing add to it?"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from carecoord.errors import Invalid
from carecoord.store.tables import document
from fhir_profiles import search as parameters
from fhir_profiles.wire import Json, trusted

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
"""What FHIR allows as the logical id of a resource."""


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one resource.

    text
        The JSON as stored and answered; empty for a version that records a deletion.
    method
        How this version came about: POST, PUT, PATCH or DELETE.
    row
        Place in the store, in order of creation; 0 for a superseded version.
    """

    type: str
    id: str
    version: int
    updated: datetime
    text: str
    method: str
    row: int = 0
    _parsed: list[Json] = field(default_factory=list, repr=False, compare=False)

    @property
    def deleted(self) -> bool:
        """Whether this version records that the resource was deleted."""
        return self.method == "DELETE"

    @property
    def resource(self) -> Json:
        """The resource, parsed at the first use; shared, so copy it before a change."""
        if not self._parsed:
            self._parsed.append(trusted(self.text))
        return self._parsed[0]

    @property
    def reference(self) -> str:
        """The relative reference, such as `Patient/1`."""
        return f"{self.type}/{self.id}"


# Columns of a current version, as `as_document` takes them.
CURRENT = (
    document.c.type,
    document.c.id,
    document.c.version,
    document.c.updated,
    document.c.text,
    document.c.method,
    document.c.row,
)


def stamped(resource: Json, id: str, version: int, updated: datetime) -> Json:  # noqa: A002
    """The resource with its id, version and instant; all else as it was sent."""
    meta = {
        **resource.get("meta", {}),
        "versionId": str(version),
        "lastUpdated": updated.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return {"resourceType": resource["resourceType"]} | resource | {"id": id, "meta": meta}


_TYPES = frozenset(parameters.types())


def require_address(type: str, id: str, resource: Json) -> None:  # noqa: A002
    """Refuse a resource that does not belong under this type and id.

    Raises
    ------
    Invalid
        `document.id`, `document.type` or `document.id_differs`.
    """
    require_id(id)
    if resource["resourceType"] != type:
        sent = str(resource["resourceType"])
        raise Invalid("document.type", field="resourceType", type=type, sent=sent)
    if resource.get("id", id) != id:
        raise Invalid("document.id_differs", field="id", id=id, sent=str(resource["id"]))


def known_type(resource: Json) -> str:
    """The type of a resource.

    Raises
    ------
    Invalid
        `document.unknown_type`.
    """
    kind = str(resource.get("resourceType"))
    if kind not in _TYPES:
        raise Invalid("document.unknown_type", field="resourceType", type=kind)
    return kind


def require_id(id: str) -> None:  # noqa: A002
    """Refuse what FHIR does not allow as an id.

    Raises
    ------
    Invalid
        `document.id`.
    """
    if not ID.fullmatch(id):
        raise Invalid("document.id", field="id", id=id)


def this_instant() -> datetime:
    """Now in UTC, to the millisecond that `meta.lastUpdated` shows."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def as_document(row: Row[*tuple[Any, ...]]) -> Document:
    """The document of a row with the columns `CURRENT`."""
    return Document(row.type, row.id, row.version, row.updated, row.text, row.method, row.row)
