"""How is a FHIR document stored, changed and read back, with every version kept?"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import (
    Select,
    bindparam,
    insert,
    literal,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy import update as change

from carecoord.errors import Conflict, Gone, Missing, Stale
from carecoord.store import index, search, shapes
from carecoord.store.criteria import Query, simple
from carecoord.store.document import (
    CURRENT,
    ID,
    Document,
    as_document,
    known_type,
    require_address,
    require_id,
    stamped,
    this_instant,
)
from carecoord.store.engine import Tx
from carecoord.store.many import insert_numbered
from carecoord.store.tables import document, document_version
from fhir_profiles.wire import Json, dumps

__all__ = [
    "CURRENT",
    "ID",
    "Document",
    "as_document",
    "claim",
    "count",
    "create",
    "create_all",
    "create_unless",
    "find",
    "history",
    "hold",
    "peek",
    "read",
    "read_version",
    "remove",
    "require_address",
    "select_all",
    "stamped",
    "update",
]


def read(tx: Tx, type: str, id: str) -> Document:  # noqa: A002 - FHIR's own words
    """The current version.

    Raises
    ------
    Missing
        `document.missing`: there never was such a document.
    Gone
        `document.gone`: it was deleted.
    """
    found = peek(tx, type, id)
    if found is None:
        raise Missing("document.missing", type=type, id=id)
    if found.deleted:
        raise Gone("document.gone", type=type, id=id, version=found.version)
    return found


def peek(tx: Tx, type: str, id: str, *, lock: bool = False) -> Document | None:  # noqa: A002
    """The current version, deleted or not; None when there never was one.

    `lock` keeps other writers off this document until the transaction ends.
    """
    row = tx.execute(_AT_LOCKED if lock else _AT, {"of_type": type, "of_id": id}).first()
    return None if row is None else as_document(row)


# Built once: building costs more than the database takes to answer.
_AT = select(*CURRENT).where(
    document.c.type == bindparam("of_type"), document.c.id == bindparam("of_id")
)
_AT_LOCKED = _AT.with_for_update()


def read_version(tx: Tx, type: str, id: str, version: int) -> Document:  # noqa: A002
    """One version, old or current.

    Raises
    ------
    Missing
        `document.version`: no such version.
    Gone
        `document.gone`: the version records a deletion.
    """
    found = next((d for d in history(tx, type, id) if d.version == version), None)
    if found is None:
        raise Missing("document.version", type=type, id=id, version=version)
    if found.deleted:
        raise Gone("document.gone", type=type, id=id, version=version)
    return found


def history(
    tx: Tx,
    type: str | None = None,  # noqa: A002
    id: str | None = None,  # noqa: A002
    *,
    since: datetime | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Document]:
    """Versions of one document, one type or everything, newest first, deletions included."""
    parts = []
    for table in (document, document_version):
        row = table.c.row if table is document else literal(0).label("row")
        c = table.c
        part = select(c.type, c.id, c.version, c.updated, c.text, c.method, row)
        if type is not None:
            part = part.where(c.type == type)
        if id is not None:
            part = part.where(c.id == id)
        if since is not None:
            part = part.where(c.updated >= since)
        if limit is not None:
            # Each side gives no more than the page can hold, from the end of its index.
            newest_ones = part.order_by(c.updated.desc(), c.type, c.id, c.version.desc())
            part = select(newest_ones.limit(limit + offset).subquery())
        parts.append(part)
    both = union_all(*parts).subquery()
    newest = (both.c.updated.desc(), both.c.type, both.c.id, both.c.version.desc())
    found = tx.execute(select(both).order_by(*newest).limit(limit).offset(offset))
    return [as_document(row) for row in found]


def create(tx: Tx, resource: Json, *, id: str | None = None) -> Document:  # noqa: A002
    """Store a new document under a new id, or under `id`; an id inside is not used.

    Raises
    ------
    Conflict
        `document.exists`: the id is in use.
    Invalid
        `document.id`: not an id that FHIR allows.
    """
    if id is None:
        return _insert(tx, resource, str(uuid.uuid4()), "POST")
    require_id(id)
    present = _claim(tx, resource["resourceType"], id)
    if present is None:
        return _insert(tx, resource, id, "POST")
    if not present.deleted:
        raise Conflict("document.exists", field="id", type=present.type, id=id)
    return _replace(tx, present, resource, "POST")


def create_all(tx: Tx, new: Sequence[tuple[str, str, Json]]) -> list[Document]:
    """Store many new documents at once: (id, method, resource) each.

    Only for ids that are new or `claim`ed; one that is in use fails the transaction.
    """
    now = this_instant()
    stored = [stamped(resource, id_, 1, now) for id_, _, resource in new]
    rows = [
        {
            "type": known_type(one),
            "id": one["id"],
            "version": 1,
            "updated": now,
            "method": method,
            "text": dumps(one),
        }
        for one, (_, method, _) in zip(stored, new, strict=True)
    ]
    numbers = insert_numbered(tx, document, rows, ("type", "id"))
    index.add_all(tx, list(zip(numbers, stored, strict=True)))
    return [
        Document(r["type"], r["id"], 1, now, r["text"], r["method"], number, [one])
        for r, number, one in zip(rows, numbers, stored, strict=True)
    ]


def claim(tx: Tx, places: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Keep other writers off these (type, id); returns those that never existed."""
    present: set[tuple[str, str]] = set()
    keys = sorted(set(places))
    if keys and tx.dialect.name == "postgresql":
        lock = text(
            "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) "
            "FROM (SELECT unnest(CAST(:keys AS text[])) AS key) AS keys"
        )
        tx.execute(lock, {"keys": [f"{kind}/{id_}" for kind, id_ in keys]})
    c = document.c
    for first in range(0, len(keys), 500):
        some = keys[first : first + 500]
        wanted = select(c.type, c.id).where(tuple_(c.type, c.id).in_(some)).order_by(c.type, c.id)
        present |= {(kind, id_) for kind, id_ in tx.execute(wanted.with_for_update())}
    return set(keys) - present


def update(
    tx: Tx,
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    resource: Json,
    *,
    expected: int | None = None,
    method: str = "PUT",
) -> Document:
    """Store a new version; a document that is not there yet, or was deleted, is created.

    A resource equal to the stored one makes no new version.

    Parameters
    ----------
    expected
        The version that the caller decided on; None accepts any, and also none at all.

    Raises
    ------
    Stale
        `document.moved`: the document is no longer at that version; nothing was written.
    Invalid
        `document.type` or `document.id`: the body names another type or id.
    """
    require_address(type, id, resource)
    present = _claim(tx, type, id)
    version = 0 if present is None else present.version
    if expected is not None and expected != version:
        raise Stale("document.moved", type=type, id=id, expected=expected, present=version)
    if present is None:
        return _insert(tx, resource, id, method)
    same = stamped(resource, id, version, present.updated)
    if not present.deleted and dumps(same) == present.text:
        return present
    return _replace(tx, present, resource, method)


def remove(tx: Tx, type: str, id: str, *, expected: int | None = None) -> Document | None:  # noqa: A002
    """Delete a document; its versions stay readable. None when there was nothing to delete.

    Raises
    ------
    Stale
        `document.moved`: the document is no longer at version `expected`.
    """
    present = peek(tx, type, id, lock=True)
    if present is None or present.deleted:
        return None
    if expected is not None and expected != present.version:
        raise Stale("document.moved", type=type, id=id, expected=expected, present=present.version)
    return _write_version(tx, present, "", this_instant(), "DELETE")


def _claim(tx: Tx, type: str, id: str) -> Document | None:  # noqa: A002
    """The current version, with other writers kept off the id even where there is none yet."""
    present = peek(tx, type, id, lock=True)
    if present is None and tx.dialect.name == "postgresql":
        hold(tx, f"{type}/{id}")
        present = peek(tx, type, id, lock=True)
    return present


def hold(tx: Tx, key: str) -> None:
    """Let one transaction at a time pass for this key, until it ends.

    Makes "look whether it is there, else create it" safe under parallel calls. SQLite has one
    writer at a time anyway.
    """
    if tx.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
        tx.execute(lock, {"key": key})


def create_unless(tx: Tx, resource: Json, **criteria: str) -> tuple[Document, bool]:
    """Conditional create: the one document that matches, or a new one, and whether it is new.

    Safe under parallel calls with the same criteria, in this and other processes.

    Raises
    ------
    Conflict
        `document.several`: more than one matches.
    """
    kind = resource["resourceType"]
    hold(tx, f"{kind}?{urlencode(sorted(criteria.items()))}")
    found = find(tx, kind, limit=2, **criteria)
    if len(found) > 1:
        raise Conflict("document.several", type=kind)
    return (found[0], False) if found else (create(tx, resource), True)


def find(
    tx: Tx,
    type: str,  # noqa: A002
    /,
    *,
    limit: int | None = None,
    **criteria: str | Sequence[str],
) -> list[Document]:
    """Current documents of a type that match every criterion, in order of creation.

    Parameters
    ----------
    criteria
        By search parameter, `-` written `_`: `find(tx, "Task", patient="Patient/1",
        status=("requested", "received"), identifier="urn:system|123")`. Several values mean
        any of them. Dates match the day or instant they name.

    Raises
    ------
    Invalid
        `search.parameter`: the type has no such parameter.
    """
    return select_all(tx, simple(type, criteria, limit=limit))


def select_all(tx: Tx, query: Query) -> list[Document]:
    """Current documents that a query selects, in its order."""
    probe, values = shapes.prepared("probe", search.probe, query)
    if probe is not None and tx.execute(probe, values).scalar_one() >= search.COMMON:
        statement, values = shapes.prepared("scan", _scanning, query)
    else:
        statement, values = shapes.prepared("select", _selecting, query)
    return [as_document(row) for row in tx.execute(statement, values)]


def _selecting(query: Query) -> Select[Any]:
    return search.statement(query, CURRENT)


def _scanning(query: Query) -> Select[Any]:
    return search.statement(query, CURRENT, scan=True)


def count(tx: Tx, query: Query) -> int:
    """How many current documents a query selects, whatever its limit."""
    statement, values = shapes.prepared("count", search.counting, query)
    return int(tx.execute(statement, values).scalar_one())


def _insert(tx: Tx, resource: Json, id: str, method: str) -> Document:  # noqa: A002
    kind, now = known_type(resource), this_instant()
    stored = stamped(resource, id, 1, now)
    written = dumps(stored)
    row = tx.execute(
        _INSERT,
        {"type": kind, "id": id, "version": 1, "updated": now, "method": method, "text": written},
    ).scalar_one()
    index.add(tx, row, stored)
    return Document(kind, id, 1, now, written, method, row, [stored])


def _replace(tx: Tx, present: Document, resource: Json, method: str) -> Document:
    # Versions of one document follow one another in time even if the clock was set back.
    now = max(this_instant(), present.updated)
    stored = stamped(resource, present.id, present.version + 1, now)
    return _write_version(tx, present, dumps(stored), now, method, stored)


def _write_version(
    tx: Tx, present: Document, written: str, now: datetime, method: str, stored: Json | None = None
) -> Document:
    tx.execute(
        _INSERT_OLD,
        {
            "type": present.type,
            "id": present.id,
            "version": present.version,
            "updated": present.updated,
            "method": present.method,
            "text": present.text,
        },
    )
    now = max(now, present.updated)
    tx.execute(
        _NEW_VERSION,
        {
            "of_row": present.row,
            "version": present.version + 1,
            "updated": now,
            "method": method,
            "text": written,
        },
    )
    index.clear(tx, present.row)
    if stored is not None:
        index.add(tx, present.row, stored)
    parsed = [] if stored is None else [stored]
    return Document(
        present.type, present.id, present.version + 1, now, written, method, present.row, parsed
    )


_INSERT = insert(document).returning(document.c.row)
_INSERT_OLD = insert(document_version)
_NEW_VERSION = change(document).where(document.c.row == bindparam("of_row"))
