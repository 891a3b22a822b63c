"""What hangs together in the store: references, sort values, the newest of each type."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, func, select, union_all

from carecoord.store import search
from carecoord.store.criteria import Query, Text
from carecoord.store.documents import CURRENT, Document, as_document
from carecoord.store.engine import Tx
from carecoord.store.tables import document, index_text
from fhir_profiles.search import types


def sort_values(tx: Tx, query: Query, row: int) -> list[str | int | float | None]:
    """What the document in `row` is sorted by, so that the next page can begin after it."""
    values = tx.execute(search.sort_values(query, row)).one()
    return [v.isoformat() if isinstance(v, datetime) else v for v in values]


def referenced(tx: Tx, rows: Sequence[int], params: Sequence[int] | None = None) -> list[Document]:
    """Current documents that those in `rows` refer to by one of the parameters, or by any."""
    return _where(tx, search.referenced(rows, params))


def referring(
    tx: Tx, places: Sequence[tuple[str, str]], params: Sequence[int], *, limit: int
) -> list[Document]:
    """Current documents that refer to one of `places` (id, type) by one of the parameters."""
    return _where(tx, search.referring(places, params), limit)


def stamp(tx: Tx, types: Sequence[str]) -> str:
    """A text that changes whenever a document of one of the types does."""
    found = {kind: rest for kind, *rest in tx.execute(_newest(tuple(types)))}
    return "/".join(" ".join(map(str, found.get(kind, "-"))) for kind in types)


@cache
def _newest(types: tuple[str, ...]) -> CompoundSelect[Any]:
    """One look at the end of an index for each type: counting them would read a large table."""
    c = document.c
    newest = select(c.type, c.updated, c.row, c.version).order_by(c.updated.desc(), c.row.desc())
    return union_all(
        *(select(newest.where(c.type == kind).limit(1).subquery(f"of_{kind}")) for kind in types)
    )


def by_text(
    tx: Tx, param: int, wanted: Sequence[Text], *, limit: int
) -> dict[Text, list[Document]]:
    """Current documents that have one of these values, at most `limit` for each that is found."""
    t = index_text
    found: dict[tuple[str, str], list[Document]] = defaultdict(list)
    values = sorted({one.value for one in wanted})
    for first in range(0, len(values), 500):
        some = values[first : first + 500]
        rows = (
            select(*CURRENT, t.c.value, t.c.detail)
            .join_from(t, document, document.c.row == t.c.row)
            .where(t.c.param == param, t.c.value.in_(some))
            .order_by(document.c.row)
        )
        for row in tx.execute(rows):
            found[row.value, row.detail].append(as_document(row))
    every: dict[str, dict[int, Document]] = defaultdict(dict)
    for (value, _), documents in found.items():
        every[value] |= {one.row: one for one in documents}
    return {
        one: (
            list(every[one.value].values()) if one.detail is None else found[one.value, one.detail]
        )[:limit]
        for one in wanted
    }


def dangling(tx: Tx, *, limit: int) -> list[tuple[str, str]]:
    """(document, reference) of references by search parameters to documents that are not here."""
    source, target, t = document.alias(), document.alias(), index_text
    here = and_(target.c.type == t.c.detail, target.c.id == t.c.value, target.c.method != "DELETE")
    names = (source.c.type, source.c.id, t.c.detail, t.c.value)
    found = (
        select(*names)
        .join_from(t, source, source.c.row == t.c.row)
        .join(target, here, isouter=True)
        .where(t.c.detail.in_(types()), target.c.row.is_(None))
        .distinct()
        .order_by(*names)
        .limit(limit)
    )
    return [(f"{a}/{b}", f"{c}/{d}") for a, b, c, d in tx.execute(found)]


def last_row(tx: Tx) -> int:
    """The highest place in use: what is stored later has a higher one."""
    return int(tx.execute(select(func.max(document.c.row))).scalar_one() or 0)


def _where(tx: Tx, condition: ColumnElement[bool], limit: int | None = None) -> list[Document]:
    rows = select(*CURRENT).where(condition).order_by(document.c.row).limit(limit)
    return [as_document(row) for row in tx.execute(rows)]
