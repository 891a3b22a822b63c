"""Which Bundle answers a FHIR search?"""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from carecoord.errors import Invalid, Unsupported
from carecoord.fhir.query import Include, Search, parse
from carecoord.fhir.wire import Json, splice
from carecoord.store import documents, lookup
from carecoord.store.criteria import Match, Query, RefersTo, Text
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from fhir_profiles import search as definitions
from fhir_profiles import structure

INCLUDED = 5_000
"""Documents that `_include` and `_revinclude` may add to one page."""


def matching(tx: Tx, type: str, query: str, *, limit: int) -> list[Document]:  # noqa: A002
    """Documents that the criteria of a conditional request match.

    Raises
    ------
    Invalid
        `bundle.criteria`: there are none; or what `parse` refuses, unknown parameters too.
    """
    return documents.select_all(tx, replace(criteria(type, query), limit=limit))


def criteria(type: str, query: str) -> Query:  # noqa: A002
    """What a conditional request asks, with the refusals of `matching`."""
    asked = parse(type, parse_qsl(query), strict=True)
    if not asked.conditions:
        raise Invalid("bundle.criteria", field="url", sent=query)
    return Query(asked.types, tuple(asked.conditions))


def matching_all(
    tx: Tx, asked: Iterable[tuple[str, str]], *, limit: int
) -> dict[tuple[str, str], list[Document]]:
    """What `matching` finds for many (type, criteria), asked together where that is possible.

    Those that want one value of one parameter, as an identifier, cost one question each 500.
    """
    found: dict[tuple[str, str], list[Document]] = {}
    together: dict[int, dict[tuple[str, str], Text]] = defaultdict(dict)
    for type_, query in dict.fromkeys(asked):
        match criteria(type_, query).conditions:
            case [Match(param, (Text(how="is") as wanted,), negated=False)]:
                together[param][type_, query] = wanted
            case _:
                found[type_, query] = matching(tx, type_, query, limit=limit)
    for param, named in together.items():
        by_value = lookup.by_text(tx, param, list(named.values()), limit=limit)
        found |= {name: by_value[wanted] for name, wanted in named.items()}
    return found


def within_patient(search: Search, id: str) -> None:  # noqa: A002
    """Narrow a search to what belongs to a patient.

    Raises
    ------
    Unsupported
        `search.compartment`: resources of that type belong to no patient.
    """
    types = search.types or tuple(definitions.compartment())
    params = [p.number for t in types for p in definitions.compartment().get(t, ())]
    if not params:
        raise Unsupported("search.compartment", field="type", type=types[0])
    search.types = types
    search.conditions.append(RefersTo(tuple(params), "Patient", id))


def answer(tx: Tx, search: Search, base: str, path: str) -> Json:
    """The searchset Bundle of a search; its resources are ready-made JSON text.

    Parameters
    ----------
    base
        Address of the FHIR service, such as `https://host/fhir`.
    path
        What was searched, below `base`.
    """
    bundle: Json = {"resourceType": "Bundle", "type": "searchset"}
    link = [{"relation": "self", "url": _url(base, path, search.used)}]
    page = search.page
    until = page.until if page else lookup.last_row(tx)
    query = Query(
        search.types,
        tuple(search.conditions),
        tuple(search.order),
        limit=search.count + 1,
        after=page.after if page else None,
        beyond=page.beyond if page else (),
        until=until,
    )
    if search.count_only:
        return bundle | {"total": documents.count(tx, query), "link": link}
    found = documents.select_all(tx, query)
    shown, more = found[: search.count], len(found) > search.count
    if more:
        token = _token_of(tx, query, shown[-1], until)
        link.append({"relation": "next", "url": _url(base, path, [*search.used, ("_page", token)])})
    if search.total or (not more and page is None):
        whole = replace(query, after=None, beyond=())
        bundle["total"] = documents.count(tx, whole) if more or page else len(shown)
    bundle["link"] = link
    entries = [_entry(base, d, "match", _kept(d, search)) for d in shown]
    entries += [_entry(base, d, "include", None) for d in _included(tx, search, shown)]
    return bundle | {"entry": entries} if entries else bundle


def _token_of(tx: Tx, query: Query, last: Document, until: int) -> str:
    """Where the next page begins: after the last document of this one, whatever is written."""
    beyond = lookup.sort_values(tx, query, last.row) if query.order else []
    text = json.dumps([last.row, until, beyond], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _url(base: str, path: str, pairs: Sequence[tuple[str, str]]) -> str:
    query = f"?{urlencode(pairs)}" if pairs else ""
    return "/".join(part for part in (base, path) if part) + query


def _kept(document: Document, search: Search) -> Sequence[str] | None:
    """Elements that the answer shows of a match; None for all."""
    if search.elements:
        return search.elements
    return summary(document.type, search.summary) if search.summary else None


def summary(type: str, kind: str) -> list[str]:  # noqa: A002
    """Elements of a type that a summary `true`, `text` or `data` shows."""
    known = structure.type_of(type)
    needed = {element for element, _ in known.required}
    if kind == "text":
        return ["text", *needed]
    if kind == "data":
        return [key for key in known.keys if key != "text"]
    return [key for key, spec in known.keys.items() if spec.summary or spec.element in needed]


def _entry(base: str, document: Document, mode: str, elements: Sequence[str] | None) -> Json:
    resource: Any = splice(document.text)
    if elements is not None:
        resource = subset(document.resource, elements)
    made = {"resource": resource, "search": {"mode": mode}}
    return {"fullUrl": f"{base}/{document.reference}"} | made if base else made


def subset(resource: Json, elements: Sequence[str]) -> Json:
    """Only the named top elements and those that identify a resource, marked as a subset."""
    kept = {"resourceType", "id", *elements, *(f"_{e}" for e in elements)}
    meta = dict(resource.get("meta", {}))
    mark = {
        "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
        "code": "SUBSETTED",
    }
    meta["tag"] = [*meta.get("tag", ()), mark]
    return {k: v for k, v in resource.items() if k in kept} | {"meta": meta}


def _included(tx: Tx, search: Search, page: Sequence[Document]) -> list[Document]:
    """Documents that the includes add to a page, each once."""
    seen = {d.row: d for d in page}
    added: list[Document] = []
    fresh, first = list(page), True
    while fresh and len(added) < INCLUDED:
        found: list[Document] = []
        for include in search.includes:
            if first or include.iterate:
                found += _follow(tx, include, fresh)
        fresh = []
        for document in found:
            if document.row not in seen:
                seen[document.row] = document
                fresh.append(document)
        added += fresh
        first = False
    return added[:INCLUDED]


def _follow(tx: Tx, include: Include, documents_: Sequence[Document]) -> list[Document]:
    number = definitions.number_of(f"{include.source}.{include.code}")
    if include.reverse:
        places = [(d.id, d.type) for d in documents_ if include.target in ("", d.type)]
        if not places:
            return []
        return lookup.referring(tx, places, [number], limit=INCLUDED)
    rows = [d.row for d in documents_ if d.type == include.source]
    if not rows:
        return []
    found = lookup.referenced(tx, rows, [number])
    return [d for d in found if include.target in ("", d.type)]
