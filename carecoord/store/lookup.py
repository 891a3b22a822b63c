"""What hangs together in the store: references, sort values, the newest of each type."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from carecoord.store import search
from carecoord.store.criteria import Query
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
    c = document.c
    newest = select(c.updated, c.row, c.version).order_by(c.updated.desc(), c.row.desc()).limit(1)
    # One look at the end of an index for each type: counting them would read a large table.
    found = (tx.execute(newest.where(c.type == kind)).first() for kind in types)
    return "/".join("-" if one is None else " ".join(map(str, one)) for one in found)


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
