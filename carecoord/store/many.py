"""How are many rows written at once?"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, TextClause, insert, text
from sqlalchemy.dialects import postgresql

from carecoord.store.engine import Tx

_Rows = Sequence[Mapping[str, Any]]


def insert_all(tx: Tx, table: Table, rows: _Rows) -> None:
    """Write rows that all name the same columns; none is fine."""
    if not rows:
        return
    if tx.dialect.name == "postgresql":
        tx.execute(_from_arrays(table, tuple(rows[0]), ()), _arrays(rows))
    else:
        tx.execute(insert(table), rows)


def insert_numbered(tx: Tx, table: Table, rows: _Rows, key: tuple[str, ...]) -> list[int]:
    """Write rows whose `key` columns are unique; returns the number in `row` of each, in order."""
    if tx.dialect.name != "postgresql":
        chosen = insert(table).returning(table.c.row, sort_by_parameter_order=True)
        return list(tx.execute(chosen, rows).scalars())
    made = tx.execute(_from_arrays(table, tuple(rows[0]), key), _arrays(rows))
    numbers = {tuple(values): number for number, *values in made}
    return [numbers[tuple(row[name] for name in key)] for row in rows]


def _arrays(rows: _Rows) -> dict[str, list[Any]]:
    """Rows as one array for each column."""
    return {name: [row[name] for row in rows] for name in rows[0]}


@cache
def _from_arrays(table: Table, names: tuple[str, ...], key: tuple[str, ...]) -> TextClause:
    """The statement for any number of rows: its text does not grow with them.

    PostgreSQL so plans it once for a connection, and the driver reads its placeholders once.
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    kinds = (str(table.c[name].type.compile(dialect)).partition(" COLLATE")[0] for name in names)
    arrays = ", ".join(
        f"CAST(:{name} AS {kind}[])" for name, kind in zip(names, kinds, strict=True)
    )
    columns = ", ".join(f'"{name}"' for name in names)
    statement = (
        f'INSERT INTO "{table.name}" ({columns}) '  # noqa: S608 - names of our own tables
        f"SELECT {columns} FROM unnest({arrays}) WITH ORDINALITY AS sent ({columns}, nth) "
        "ORDER BY nth"
    )
    if key:
        statement += " RETURNING " + ", ".join(f'"{name}"' for name in ("row", *key))
    return text(statement)
