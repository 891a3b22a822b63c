"""Which index rows does a document have?"""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select

from carecoord.store.engine import Tx
from carecoord.store.many import insert_all
from carecoord.store.tables import document, index_date, index_number, index_text, store_note
from fhir_profiles import search as parameters
from fhir_profiles.wire import Json, trusted

_NOTE = "search definitions"


def add(tx: Tx, row: int, stored: Json) -> None:
    """Write what the document in `row` can be found by."""
    add_all(tx, [(row, stored)])


def add_all(tx: Tx, rows: Sequence[tuple[int, Json]]) -> None:
    """Write what the documents in these rows can be found by."""
    texts, dates, numbers = [], [], []
    for row, stored in rows:
        found = parameters.entries(stored)
        texts += [{"param": p, "value": v, "row": row, "detail": d} for p, v, d in found.texts]
        dates += [{"param": p, "low": lo, "high": hi, "row": row} for p, lo, hi in found.dates]
        numbers += [
            {"param": p, "low": lo, "high": hi, "row": row, "system": s, "code": c}
            for p, lo, hi, s, c in found.numbers
        ]
    for table, entries in ((index_text, texts), (index_date, dates), (index_number, numbers)):
        insert_all(tx, table, entries)


def clear(tx: Tx, row: int) -> None:
    """Remove every index row of the document in `row`."""
    clear_all(tx, [row])


def clear_all(tx: Tx, rows: Sequence[int]) -> None:
    """Remove every index row of the documents in these rows."""
    for first in range(0, len(rows), 500):
        for statement in _CLEAR:
            tx.execute(statement, {"of_rows": rows[first : first + 500]})


_CLEAR = [
    delete(table).where(table.c.row.in_(bindparam("of_rows", expanding=True)))
    for table in (index_text, index_date, index_number)
]


def rebuild(tx: Tx) -> int:
    """Build every index row anew; returns how many documents there are."""
    for table in (index_text, index_date, index_number):
        tx.execute(delete(table))
    rows = tx.execute(select(document.c.row, document.c.text).where(document.c.method != "DELETE"))
    found = [(row, text) for row, text in rows]
    for first in range(0, len(found), 500):
        add_all(tx, [(row, trusted(text)) for row, text in found[first : first + 500]])
    return len(found)


def follow(tx: Tx) -> bool:
    """Rebuild the index if it follows other search definitions than this program's."""
    wanted = parameters.fingerprint()
    name = store_note.c.name == _NOTE
    present = tx.execute(select(store_note.c.value).where(name)).scalar_one_or_none()
    if present == wanted:
        return False
    rebuild(tx)
    tx.execute(delete(store_note).where(name))
    tx.execute(insert(store_note), {"name": _NOTE, "value": wanted})
    return True
