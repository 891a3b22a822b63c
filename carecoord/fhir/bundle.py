"""How is a Bundle of requests carried out?"""

import uuid
from dataclasses import dataclass
from urllib.parse import parse_qsl

from carecoord.errors import CareError, Conflict, Invalid, Unsupported
from carecoord.fhir import definitions, documents, project, query, search
from carecoord.fhir.documents import Change
from carecoord.fhir.entries import ORDER, Entry, parse
from carecoord.fhir.links import Links, is_search, references
from carecoord.fhir.outcome import Refused, of_error, under
from carecoord.store import documents as store
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from carecoord.text.catalogue import DEFAULT, Language
from fhir_profiles.check import Finding
from fhir_profiles.wire import Json

ENTRIES = 20_000
"""Entries that one Bundle may have, unless the caller says otherwise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a Bundle did.

    response
        The Bundle to answer with, its entries in the order of the request's.
    changes
        Everything written, in the order of the request's entries.
    """

    response: Json
    changes: tuple[Change, ...]

    @property
    def stored(self) -> tuple[Document, ...]:
        """Documents that were created or got a new version."""
        return tuple(c.document for c in self.changes if c.deed in ("created", "updated"))


def process(tx: Tx, bundle: Json, *, language: Language = DEFAULT, limit: int = ENTRIES) -> Outcome:
    """Carry out a transaction, a batch or a collection.

    A transaction is all or nothing; its entries may stand in any order and refer to one another
    by `fullUrl` or by search (`Patient?identifier=urn:x|1`); their resources are changed in
    place to name what is stored. The entries of a batch succeed or
    fail alone. A collection counts as a transaction that puts each entry under its id.

    Raises
    ------
    CareError
        A transaction or collection was refused, `field` leading to the entry at fault
        (`Bundle.entry[3].resource.status`); the caller's transaction must be undone.
    """
    if bundle.get("resourceType") != "Bundle":
        sent = str(bundle.get("resourceType", ""))
        raise Invalid("bundle.expected", field="resourceType", sent=sent)
    kind = bundle.get("type")
    items = bundle.get("entry", [])
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        raise Invalid("bundle.entries", field="Bundle.entry")
    if len(items) > limit:
        raise Invalid("bundle.too_many", field="Bundle.entry", limit=limit, sent=len(items))
    if kind == "batch":
        return _batch(tx, items, language)
    if kind in ("transaction", "collection"):
        entries = [parse(at, item, kind == "collection") for at, item in enumerate(items)]
        changes, parts = _transact(tx, entries, definitions.Judge(tx))
        return Outcome(_response("transaction-response", parts), changes)
    raise Unsupported("bundle.type", field="Bundle.type", sent=str(kind))


def _batch(tx: Tx, items: list[Json], language: Language) -> Outcome:
    changes: list[Change] = []
    parts: list[Json] = []
    judge = definitions.Judge(tx)
    for group in _groups(items):
        done = _together(tx, group, judge) if len(group) > 1 else None
        if done is not None:
            changes.extend(done[0])
            parts.extend(done[1])
            continue
        for at, item in group:
            try:
                with tx.begin_nested():
                    made, answers = _transact(tx, [parse(at, item, False)], definitions.Judge(tx))
            except CareError as error:
                parts.append({"response": refusal(error, language)})
            else:
                changes.extend(made)
                parts.extend(answers)
    return Outcome(_response("batch-response", parts), tuple(changes))


_Item = tuple[int, Json]
_Done = tuple[tuple[Change, ...], list[Json]]


def _groups(items: list[Json]) -> list[list[_Item]]:
    """Entries of a batch that may be carried out together: creations and updates in a row.

    What defines other resources stands alone, so that it holds for those behind it.
    """
    groups: list[list[_Item]] = []
    joined = False
    for at, item in enumerate(items):
        request, resource = item.get("request"), item.get("resource")
        writes = isinstance(request, dict) and request.get("method") in ("POST", "PUT")
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        joins = writes and kind not in definitions.KINDS
        if joins and joined:
            groups[-1].append((at, item))
        else:
            groups.append([(at, item)])
        joined = joins
    return groups


def _together(tx: Tx, group: list[_Item], judge: definitions.Judge) -> _Done | None:
    """Entries of a batch in one go, which is much faster; None if one of them cannot succeed."""
    links: list[Links] = []
    try:
        with tx.begin_nested():
            entries = [parse(at, item, False) for at, item in group]
            return _transact(tx, entries, judge, apart=links)
    except CareError:
        for one in links:
            one.undo()
        return None


STATUS = {
    "missing": "404 Not Found",
    "gone": "410 Gone",
    "stale": "412 Precondition Failed",
    "conflict": "409 Conflict",
    "forbidden": "403 Forbidden",
    "unsupported": "501 Not Implemented",
    "unavailable": "503 Service Unavailable",
}
"""HTTP status of each category of failure other than 400."""


def refusal(error: CareError, language: Language) -> Json:
    """The `response` of an entry of a batch that failed alone."""
    status = STATUS.get(error.category, "400 Bad Request")
    if error.code == "fhir.read_only":
        status = "405 Method Not Allowed"
    return {"status": status, "outcome": of_error(error, language)}


def _response(kind: str, parts: list[Json]) -> Json:
    made: Json = {"resourceType": "Bundle", "id": str(uuid.uuid4()), "type": kind}
    return made | {"entry": parts} if parts else made


def _transact(
    tx: Tx, entries: list[Entry], judge: definitions.Judge, *, apart: list[Links] | None = None
) -> _Done:
    """Carry out entries; those of a batch, `apart`, do not refer to each other's `fullUrl`."""
    _check(judge, entries)
    places = _identify(tx, entries)
    run = _Run(tx, entries, places if apart is None else {})
    if apart is not None:
        apart.append(run.links)
    for entry in sorted(entries, key=_turn):
        try:
            run.carry_out(entry)
        except CareError as error:
            if error.field.startswith("Bundle."):
                raise
            raise under(entry.path, error) from error
    run.flush()
    changes = tuple(run.changes[at] for at in sorted(run.changes))
    return changes, [run.answers[e.at] for e in entries]


def _turn(entry: Entry) -> tuple[int, bool, int]:
    """Deletions first, reads last; who is looked for by a search before who searches."""
    searches = entry.resource is not None and any(
        is_search(reference["reference"]) for _, reference in references(entry.resource, "")
    )
    return ORDER.index(entry.method), searches, entry.at


def _check(judge: definitions.Judge, entries: list[Entry]) -> None:
    """Refuse faulty resources and entries that speak of the same thing, all at once."""
    found: list[Finding] = []
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.resource is not None and entry.method in ("POST", "PUT"):
            own = judge.findings(entry.resource)
            if any(f.severity == "error" for f in own):
                error = under(f"{entry.path}.resource", Refused.of(own))
                found.extend(error.findings if isinstance(error, Refused) else ())
        writes = entry.method in ("PUT", "DELETE") and entry.id
        names = {entry.full_url, f"{entry.type}/{entry.id}" if writes else "", entry.key}
        for name in names - {""}:
            if name in seen:
                facts: dict[str, str | int] = {"name": name, "other": seen[name]}
                found.append(Finding("error", "bundle.duplicate", entry.path, facts))
            seen[name] = entry.at
    if found:
        raise Refused.of(found)


def _identify(tx: Tx, entries: list[Entry]) -> dict[str, str]:
    """Give every written entry its id; returns the relative reference of each `fullUrl`."""
    conditional = [e for e in entries if e.key]
    # Everyone takes these locks in the same order, so that no two wait for each other.
    for key in sorted({e.key for e in conditional}):
        store.hold(tx, key)
    _resolve(tx, conditional)
    places: dict[str, str] = {}
    taken: dict[str, int] = {}
    for entry in entries:
        if not entry.id and entry.method in ("POST", "PUT"):
            entry.id = _new_id(entry)
        if entry.method == "GET" or not entry.id:
            continue
        name = f"{entry.type}/{entry.id}"
        if name in taken and entry.method != "POST":
            raise Refused("bundle.duplicate", field=entry.path, name=name, other=taken[name])
        taken[name] = entry.at
        if entry.full_url:
            places[entry.full_url] = name
    return places


def _new_id(entry: Entry) -> str:
    # A conditional update that finds nothing may bring its own id; a creation never does.
    sent = entry.resource.get("id") if entry.resource and entry.method == "PUT" else None
    return str(sent) if sent else str(uuid.uuid4())


def _resolve(tx: Tx, entries: list[Entry]) -> None:
    """Find the resource that each conditional entry means."""
    for entry in entries:
        try:
            search.criteria(entry.type, entry.query)
        except CareError as error:
            raise under(f"{entry.path}.request", error) from error
    found = search.matching_all(tx, ((e.type, e.query) for e in entries), limit=2)
    for entry in entries:
        present = found[entry.type, entry.query]
        if len(present) > 1:
            raise Conflict("document.several", field=f"{entry.path}.request", type=entry.type)
        if present:
            entry.found, entry.id = present[0], present[0].id


class _Run:
    """The entries of a transaction being carried out; new documents are written together."""

    def __init__(self, tx: Tx, entries: list[Entry], places: dict[str, str]) -> None:
        self.tx = tx
        self.answers: dict[int, Json] = {}
        self.changes: dict[int, Change] = {}
        resources = (e.resource for e in entries if e.resource is not None)
        named = (node["reference"] for r in resources for _, node in references(r, ""))
        self.links = Links(tx, places, filter(is_search, named), self.flush)
        self._new: list[tuple[Entry, Json]] = []
        puts = [(e.type, e.id) for e in entries if e.method == "PUT" and e.found is None]
        self._absent = store.claim(tx, puts)

    def carry_out(self, entry: Entry) -> None:
        """Do what one entry asks; the writing of a new document may wait until `flush`."""
        creates = entry.method != "GET" and not (entry.method == "POST" and entry.found)
        if creates and entry.id:
            project.require_foreign(self.tx, entry.type, entry.id, entry.resource)
        if entry.method == "POST" and entry.found is not None:
            self._done(entry, Change("unchanged", entry.found), "200 OK")
        elif entry.method in ("POST", "PUT") and entry.resource is not None:
            self.links.resolve(entry, entry.resource)
            absent = (entry.type, entry.id) in self._absent and entry.expected is None
            if entry.method == "PUT":
                store.require_address(entry.type, entry.id, entry.resource)
            if entry.method == "POST" or absent:
                self._new.append((entry, entry.resource))
            else:
                self._put(entry, entry.resource)
        elif entry.method == "DELETE":
            gone = documents.delete(self.tx, entry.type, entry.id, expected=entry.expected)
            if gone is not None:
                self.changes[entry.at] = gone
            self.answers[entry.at] = {"response": {"status": "204 No Content"}}
        else:
            self.flush()
            self.answers[entry.at] = _read(self.tx, entry)

    def flush(self) -> None:
        """Write the new documents that wait."""
        if not self._new:
            return
        new = [(e.id, e.method, resource) for e, resource in self._new]
        for (entry, _), made in zip(self._new, store.create_all(self.tx, new), strict=True):
            self._done(entry, Change("created", made), "201 Created")
        self._new.clear()

    def _put(self, entry: Entry, resource: Json) -> None:
        change = documents.put(self.tx, entry.type, entry.id, resource, expected=entry.expected)
        self._done(entry, change, "201 Created" if change.deed == "created" else "200 OK")

    def _done(self, entry: Entry, change: Change, status: str) -> None:
        self.changes[entry.at] = change
        self.answers[entry.at] = _answer(status, change.document)


def _read(tx: Tx, entry: Entry) -> Json:
    if entry.version is not None:
        found = store.read_version(tx, entry.type, entry.id, entry.version)
        return _answer("200 OK", found, resource=True)
    if entry.id:
        return _answer("200 OK", store.read(tx, entry.type, entry.id), resource=True)
    asked = query.parse(entry.type, parse_qsl(entry.query), strict=True)
    found_set = search.answer(tx, asked, "", entry.type)
    return {"resource": found_set, "response": {"status": "200 OK"}}


def _answer(status: str, document: Document, *, resource: bool = False) -> Json:
    made: Json = {
        "response": {
            "status": status,
            "location": f"{document.reference}/_history/{document.version}",
            "etag": f'W/"{document.version}"',
            "lastModified": document.resource["meta"]["lastUpdated"],
        }
    }
    return {"resource": document.resource} | made if resource else made
