"""Whom do the references of a Bundle mean?"""

import re
from collections.abc import Callable, Iterable, Iterator

from carecoord.errors import CareError
from carecoord.fhir import search
from carecoord.fhir.entries import Entry
from carecoord.fhir.outcome import Refused
from carecoord.store.engine import Tx
from fhir_profiles.search import local
from fhir_profiles.wire import Json


class Links:
    """Makes references of entries name what is stored.

    places
        Relative reference of each `fullUrl`.
    searches
        References such as `Patient?identifier=…` that stand in the entries; asked together.
    before_search
        Called before the store is searched, so that what waits to be written is found.
    """

    def __init__(
        self,
        tx: Tx,
        places: dict[str, str],
        searches: Iterable[str],
        before_search: Callable[[], None],
    ) -> None:
        self._tx, self._places, self._before_search = tx, places, before_search
        self._searched: dict[str, str] = {}
        self._waiting = list(dict.fromkeys(searches))
        self._changed: list[tuple[Json, str]] = []

    def resolve(self, entry: Entry, resource: Json) -> None:
        """Change the references of an entry's resource in place.

        Raises
        ------
        Refused
            `bundle.unresolved`, `bundle.reference_matches`, or what the search refuses.
        """
        base = _base(entry)
        places = self._places
        for path, node in references(resource, ""):
            sent = node["reference"]
            place = places.get(sent) or (places.get(base + sent) if base and local(sent) else None)
            if place is None and is_search(sent):
                place = self._search(sent, f"{entry.path}.resource{path}.reference")
            if place is not None:
                self._changed.append((node, sent))
                node["reference"] = place
            elif sent.startswith("urn:uuid:"):
                where = f"{entry.path}.resource{path}.reference"
                raise Refused("bundle.unresolved", field=where, reference=sent)
        _replace_uris(resource, places)

    def undo(self) -> None:
        """Put back what the entries said before."""
        for node, sent in reversed(self._changed):
            node["reference"] = sent
        self._changed.clear()

    def _search(self, reference: str, place: str) -> str:
        """What a reference such as `Patient?identifier=…` means; asked once in a Bundle."""
        if reference in self._searched:
            return self._searched[reference]
        self._before_search()
        self._search_waiting()
        if reference in self._searched:
            return self._searched[reference]
        kind, _, query = reference.partition("?")
        try:
            found = search.matching(self._tx, kind, query, limit=2)
        except CareError as error:
            raise Refused(error.code, field=place, **error.facts) from error
        if len(found) != 1:
            code = "bundle.reference_matches"
            raise Refused(code, field=place, reference=reference, found=len(found))
        self._searched[reference] = found[0].reference
        return found[0].reference

    def _search_waiting(self) -> None:
        """Ask for all that the entries search, once; what is not found may be written yet."""
        asked = {one: (one.partition("?")[0], one.partition("?")[2]) for one in self._waiting}
        self._waiting.clear()
        try:
            found = search.matching_all(self._tx, asked.values(), limit=2)
        except CareError:
            return  # Whoever searches so is refused when their turn comes.
        for reference, name in asked.items():
            if len(found[name]) == 1:
                self._searched[reference] = found[name][0].reference


def _base(entry: Entry) -> str:
    """Where relative references of the entry point: its `fullUrl` without type and id."""
    parts = entry.full_url.rsplit("/", 2)
    is_http = entry.full_url.startswith(("http://", "https://"))
    return parts[0] + "/" if is_http and len(parts) == 3 and parts[1] == entry.type else ""


def is_search(reference: str) -> bool:
    """Whether a reference is a search instead of an address."""
    return bool(re.match(r"[A-Z][A-Za-z]+\?", reference))


def references(node: Json, path: str) -> Iterator[tuple[str, Json]]:
    """Every Reference inside a resource, with its path."""
    if isinstance(node.get("reference"), str):
        yield path, node
    for key, value in node.items():
        if isinstance(value, dict):
            yield from references(value, f"{path}.{key}")
        elif isinstance(value, list):
            for at, item in enumerate(value):
                if isinstance(item, dict):
                    yield from references(item, f"{path}.{key}[{at}]")


# Elements of type uri, url, canonical and uuid that may name another entry.
_URI_KEYS = frozenset({"url", "uri", "valueUri", "valueUrl", "valueCanonical", "valueUuid"})


def _replace_uris(node: Json, places: dict[str, str]) -> None:
    for key, value in node.items():
        if isinstance(value, dict):
            _replace_uris(value, places)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    _replace_uris(item, places)
        elif key in _URI_KEYS and isinstance(value, str) and value.startswith("urn:"):
            node[key] = places.get(value, value)
        elif key == "div" and isinstance(value, str) and "urn:uuid:" in value:
            node[key] = _URN.sub(lambda m: places.get(m[0], m[0]), value)


_URN = re.compile(r"urn:uuid:[0-9a-fA-F-]{36}")
