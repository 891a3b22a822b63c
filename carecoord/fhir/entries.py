"""What does one entry of a Bundle ask?"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from carecoord.errors import Invalid
from carecoord.fhir.outcome import Refused
from carecoord.store.documents import Document
from fhir_profiles.wire import Json

ORDER = ("DELETE", "POST", "PUT", "GET")
"""The order in which a transaction carries out its entries, wherever they stand."""


@dataclass(slots=True)
class Entry:
    """One entry on its way: what it asks, and whom it turned out to mean.

    query
        Criteria of a conditional request, or of a search.
    version
        The one to read; None for the current one.
    expected
        The version that a change was decided on; None for any.
    """

    at: int
    method: str
    type: str
    id: str = ""
    query: str = ""
    resource: Json | None = None
    full_url: str = ""
    version: int | None = None
    expected: int | None = None
    found: Document | None = None

    @property
    def path(self) -> str:
        """Where the entry stands in its Bundle."""
        return f"Bundle.entry[{self.at}]"

    @property
    def key(self) -> str:
        """What a conditional write locks on; empty for any other."""
        if not self.query or self.method == "GET":
            return ""
        return f"{self.type}?{urlencode(sorted(parse_qsl(self.query)))}"


def parse(at: int, item: Json, collection: bool) -> Entry:
    """Understand one entry; those of a collection are put under their id.

    Raises
    ------
    Refused
        `bundle.resource`, `bundle.request`, `bundle.url`, `bundle.criteria`, `document.type`.
    """
    place = f"Bundle.entry[{at}]"
    resource = item.get("resource")
    if resource is not None and not isinstance(resource, dict):
        raise Refused("bundle.resource", field=f"{place}.resource")
    full_url = item.get("fullUrl", "")
    request = _as_request(resource, place) if collection else item.get("request")
    if not isinstance(request, dict) or not isinstance(full_url, str):
        raise Refused("bundle.request", field=f"{place}.request")
    method, url = request.get("method"), request.get("url")
    if method not in ORDER or not isinstance(url, str):
        raise Refused("bundle.request", field=f"{place}.request")
    entry = _addressed(Entry(at, method, "", resource=resource, full_url=full_url), url)
    if "ifMatch" in request:
        entry.expected = version_of(str(request["ifMatch"]), f"{place}.request.ifMatch")
    if "ifNoneExist" in request and method == "POST":
        sent = str(request["ifNoneExist"]).rpartition("?")[2]
        entry.query = _criteria(sent, f"{place}.request.ifNoneExist")
    if method in ("POST", "PUT"):
        if resource is None:
            raise Refused("bundle.resource", field=f"{place}.resource")
        sent_type = str(resource.get("resourceType", ""))
        if sent_type != entry.type:
            field = f"{place}.resource.resourceType"
            raise Refused("document.type", field=field, type=entry.type, sent=sent_type)
    return entry


def _as_request(resource: Json | None, place: str) -> Json:
    if resource is None:
        raise Refused("bundle.resource", field=f"{place}.resource")
    kind, name = str(resource.get("resourceType", "")), resource.get("id", "")
    if not name:
        return {"method": "POST", "url": kind}
    return {"method": "PUT", "url": f"{kind}/{name}"}


def _addressed(entry: Entry, url: str) -> Entry:
    """The entry with what its address says."""
    path, question, query = url.partition("?")
    parts = path.strip("/").split("/")
    place = f"{entry.path}.request.url"
    fits = all(parts) and (len(parts) == 1 if question or entry.method == "POST" else True)
    if entry.method == "GET":
        versioned = len(parts) == 4 and parts[2] == "_history" and parts[3].isdigit()
        fits = fits and (len(parts) in (1, 2) or versioned)
        entry.version = int(parts[3]) if fits and versioned else None
    elif entry.method != "POST" and not question:
        fits = fits and len(parts) == 2
    if not fits or (question and entry.method == "POST"):
        raise Refused("bundle.url", field=place, url=url)
    entry.type, entry.id = parts[0], parts[1] if len(parts) > 1 else ""
    if question:
        entry.query = query if entry.method == "GET" else _criteria(query, place)
    return entry


def _criteria(query: str, place: str) -> str:
    if not parse_qsl(query):
        raise Refused("bundle.criteria", field=place, sent=query)
    return query


def version_of(text: str, place: str) -> int:
    """The version in an ETag such as `W/"3"`.

    Raises
    ------
    Invalid
        `fhir.etag`: not an ETag of this server.
    """
    found = re.fullmatch(r'(?:W/)?"?([0-9]{1,9})"?', text.strip())
    if not found:
        raise Invalid("fhir.etag", field=place, sent=text)
    return int(found[1])
