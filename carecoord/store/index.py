"""Which index rows does a document have?"""

from sqlalchemy import delete, insert, select

from carecoord.store.engine import Tx
from carecoord.store.tables import document, index_date, index_number, index_text, store_note
from fhir_profiles import search as parameters
from fhir_profiles.wire import Json, trusted

_NOTE = "search definitions"


def add(tx: Tx, row: int, stored: Json) -> None:
    """Write what the document in `row` can be found by."""
    found = parameters.entries(stored)
    if found.texts:
        tx.execute(
            insert(index_text),
            [{"param": p, "value": v, "row": row, "detail": d} for p, v, d in found.texts],
        )
    if found.dates:
        tx.execute(
            insert(index_date),
            [{"param": p, "low": lo, "high": hi, "row": row} for p, lo, hi in found.dates],
        )
    if found.numbers:
        tx.execute(
            insert(index_number),
            [
                {"param": p, "low": lo, "high": hi, "row": row, "system": s, "code": c}
                for p, lo, hi, s, c in found.numbers
            ],
        )


def clear(tx: Tx, row: int) -> None:
    """Remove every index row of the document in `row`."""
    for table in (index_text, index_date, index_number):
        tx.execute(delete(table).where(table.c.row == row))


def rebuild(tx: Tx) -> int:
    """Build every index row anew; returns how many documents there are."""
    for table in (index_text, index_date, index_number):
        tx.execute(delete(table))
    rows = tx.execute(select(document.c.row, document.c.text).where(document.c.method != "DELETE"))
    done = 0
    for row, stored in rows.all():
        add(tx, row, trusted(stored))
        done += 1
    return done


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
