"""Does a Bundle hang together: links, addresses, and references between its entries?"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fhir_profiles.findings import Place
from fhir_profiles.primitives import shown
from fhir_profiles.structure import resource_types
from fhir_profiles.wire import Json

if TYPE_CHECKING:
    from fhir_profiles.walk import Walk

_ONCE = frozenset({"self", "first", "last", "next", "previous", "prev"})
_RESTFUL = re.compile(
    r"^(https?://.+/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/([A-Za-z0-9\-.]{1,64}))?$",
    re.ASCII,
)
REQUESTS = frozenset({"transaction", "batch"})


def check_bundle(walk: "Walk", bundle: Json, place: Place) -> None:
    """Note what the definitions cannot say of a Bundle."""
    entries = [e if type(e) is dict else {} for e in _list(bundle.get("entry"))]
    kind = bundle.get("type")
    _links(walk, _list(bundle.get("link")), place)
    for at, entry in enumerate(entries):
        spot: Place = (place, "entry", at)
        _full_url(walk, entry, kind, spot)
        resource = entry.get("resource")
        if kind == "searchset" and type(resource) is dict:
            _match(walk, bundle, entry, resource, spot)
    index = _Index(entries)
    for at, entry in enumerate(entries):
        resource = entry.get("resource")
        if type(resource) is dict:
            whole = kind in ("document", "message") and at == 0
            _references(walk, index, entry, resource, (place, "entry", at), whole=whole)


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []


def _links(walk: "Walk", links: list[Any], place: Place) -> None:
    seen: set[str] = set()
    for at, link in enumerate(links):
        relation = link.get("relation") if type(link) is dict else None
        if relation in seen and relation in _ONCE:
            walk.add("fhir.bundle_link", (place, "link", at), relation=shown(relation))
        seen.add(str(relation))


def _full_url(walk: "Walk", entry: Json, kind: Any, place: Place) -> None:
    url, resource = entry.get("fullUrl"), entry.get("resource")
    if type(url) is not str:
        if kind in ("document", "message"):
            walk.add("fhir.bundle_address_missing", place)
        return
    if ":" not in url:
        walk.add("fhir.bundle_address", (place, "fullUrl"), url=shown(url))
        return
    found = _RESTFUL.match(url)
    if found and found[2] in resource_types() and type(resource) is dict and kind not in REQUESTS:
        sent, name = resource.get("resourceType"), resource.get("id")
        if sent != found[2] or (type(name) is str and name != found[3]):
            # Official examples do so: a hint, no refusal.
            spot: Place = (place, "fullUrl")
            walk.add("fhir.bundle_address_differs", spot, "warning", url=shown(url))


def _match(walk: "Walk", bundle: Json, entry: Json, resource: Json, place: Place) -> None:
    kind = resource.get("resourceType")
    if kind == "OperationOutcome":
        return
    if "id" not in resource:
        walk.add("fhir.bundle_no_id", (place, "resource"))
    search = entry.get("search")
    if type(search) is not dict or search.get("mode") != "match":
        return
    for link in _list(bundle.get("link")):
        if type(link) is dict and link.get("relation") == "self":
            asked = urlsplit(str(link.get("url", ""))).path.rstrip("/").rsplit("/", 1)[-1]
            if asked in resource_types() and asked != kind:
                walk.add("fhir.bundle_match", (place, "resource"), type=shown(kind), wanted=asked)


class _Index:
    """Entries by address, with and without version."""

    def __init__(self, entries: list[Json]) -> None:
        self.found: dict[str, list[Json]] = {}
        for entry in entries:
            url, resource = entry.get("fullUrl"), entry.get("resource")
            if type(url) is not str or type(resource) is not dict:
                continue
            self.found.setdefault(url, []).append(resource)
            meta = resource.get("meta")
            if type(meta) is dict and "versionId" in meta:
                versioned = f"{url}/_history/{meta['versionId']}"
                self.found.setdefault(versioned, []).append(resource)


def _references(
    walk: "Walk", index: _Index, entry: Json, resource: Json, place: Place, *, whole: bool
) -> None:
    """References that must lead to an entry: by urn, and all of what heads a document."""
    full_url = str(entry.get("fullUrl", ""))
    found = _RESTFUL.match(full_url)
    base = found[1] or "" if found else ""
    for spot, text in references(resource, (place, "resource")):
        if text.startswith(("urn:uuid:", "urn:oid:")):
            if text not in index.found:
                walk.add("fhir.bundle_unresolved", spot, reference=shown(text))
            continue
        relative = _RESTFUL.match(text)
        if not whole or relative is None or relative[2] not in resource_types():
            continue
        address = text if relative[1] else base + text
        matches = index.found.get(address, [])
        if not matches and not relative[1]:
            walk.add("fhir.bundle_unresolved", spot, reference=shown(text))
        elif len(matches) > 1:
            walk.add("fhir.bundle_several", spot, reference=shown(text), found=len(matches))


def references(node: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Text and place of every Reference inside a node."""
    text = node.get("reference")
    if type(text) is str:
        yield (place, "reference"), text
    for key, value in node.items():
        if type(value) is dict:
            yield from references(value, (place, key))
        elif type(value) is list:
            for at, item in enumerate(value):
                if type(item) is dict:
                    yield from references(item, (place, key, at))
