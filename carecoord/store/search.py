"""Which SQL selects the documents that match a search?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
    tuple_,
)

from carecoord.store.criteria import (
    Chain,
    Condition,
    Either,
    Has,
    Ids,
    Match,
    Missing,
    Order,
    Query,
    RefersTo,
    Span,
    Text,
    Updated,
)
from carecoord.store.tables import document, index_date, index_number, index_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

COMMON = 2_000
"""Documents from which on a value is common: newest first, scanning beats collecting."""


def probe(query: Query) -> Select[Any] | None:
    """Counts, up to `COMMON`, what the likely rarest condition leaves of a query that wants the
    newest first; None where the answer would change nothing."""
    leads = [c for c in query.conditions if isinstance(c, Match) and not c.negated]
    if not leads or query.limit is None or [o.kind for o in query.order] != ["_lastUpdated"]:
        return None
    lead = min(leads, key=lambda c: c.rank)
    t = _match_table(lead).alias()
    found = select(t.c.row).where(t.c.param == lead.param, _wanted(t, lead)).limit(COMMON)
    return select(func.count()).select_from(found.subquery())


def statement(
    query: Query, columns: Sequence[ColumnElement[Any]], *, scan: bool = False
) -> Select[Any]:
    """The documents of a query in its order, as many as its limit.

    `scan` goes through the documents in order and looks each up, which finds the first page of
    common values without collecting them all.
    """
    if (rows := _rows(query)) is not None:
        chosen = rows.limit(query.limit).subquery()
        return (
            select(*columns)
            .join_from(chosen, document, document.c.row == chosen.c.row)
            .order_by(document.c.row)
        )
    chosen_documents = select(*columns).where(*_filters(query, scan=scan))
    if query.after is not None:
        chosen_documents = chosen_documents.where(_beyond(query, query.after))
    keys = (_directed(o, _sort_key(o)) for o in query.order)
    return chosen_documents.order_by(*keys, document.c.row).limit(query.limit)


def sort_values(query: Query, row: int) -> Select[Any]:
    """What the document in `row` is sorted by."""
    return select(*(_sort_key(o) for o in query.order)).where(document.c.row == row)


def _beyond(query: Query, row: int) -> ColumnElement[bool]:
    """Documents that come after one with these sort values in this row; no value comes last."""
    same: list[ColumnElement[bool]] = []
    later: list[ColumnElement[bool]] = []
    for order, value in zip(query.order, query.beyond, strict=True):
        key = _sort_key(order)
        if value is None:
            same.append(key.is_(None))
            continue
        edge: Any = datetime.fromisoformat(str(value)) if order.kind == "_lastUpdated" else value
        next_ones = key < edge if order.descending else key > edge
        later.append(and_(*same, or_(next_ones, key.is_(None))))
        same.append(key == edge)
    return or_(*later, and_(*same, document.c.row > row))


def counting(query: Query) -> Select[Any]:
    """How many documents a query selects."""
    if (rows := _rows(replace(query, order=(), limit=None))) is not None:
        return select(func.count()).select_from(rows.order_by(None).subquery())
    return select(func.count()).select_from(document).where(*_filters(query))


def _rows(query: Query) -> Select[Any] | None:
    """Rows of a query that the index alone answers, in order; None where it cannot.

    The page is cut before any document is looked at, and an index entry tells by itself that its
    document is of the type and not deleted.
    """
    leads = [c for c in query.conditions if isinstance(c, Match) and not c.negated]
    others_fit = all(isinstance(c, Match | Missing | RefersTo) for c in query.conditions)
    if not leads or not others_fit or query.order:
        return None
    lead = min(leads, key=lambda c: c.rank)
    t = _match_table(lead).alias()
    chosen = select(t.c.row).where(t.c.param == lead.param, _wanted(t, lead)).distinct()
    others = [c for c in query.conditions if c is not lead]
    chosen = chosen.where(*(_one(t, c) for c in others))
    if query.after is not None:
        chosen = chosen.where(t.c.row > query.after)
    if query.until is not None:
        chosen = chosen.where(t.c.row <= query.until)
    return chosen.order_by(t.c.row)


def _filters(query: Query, *, scan: bool = False) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = [document.c.method != "DELETE"]
    if len(query.types) == 1:
        filters.append(document.c.type == query.types[0])
    elif query.types:
        filters.append(document.c.type.in_(query.types))
    if query.until is not None:
        filters.append(document.c.row <= query.until)
    if scan:
        filters.extend(_looked_up(c) for c in query.conditions)
    else:
        filters.extend(_all(document, query.conditions))
    return filters


def _all(at: FromClause, conditions: Sequence[Condition]) -> list[ColumnElement[bool]]:
    """SQL of conditions on the documents `at`; the likely rarest one leads."""
    ordered = sorted(conditions, key=lambda c: c.rank if isinstance(c, Match) else 5)
    made = []
    leading = True
    for condition in ordered:
        if isinstance(condition, Match) and not condition.negated:
            made.append(_match(at, condition, leading=leading))
            leading = False
        else:
            made.append(_one(at, condition))
    return made


def _one(at: FromClause, condition: Condition) -> ColumnElement[bool]:
    match condition:
        case Match():
            found = _match(at, condition, leading=False)
            return not_(found) if condition.negated else found
        case Missing(param, kind, missing):
            table = _table(kind)
            there = exists().where(table.c.row == at.c.row, table.c.param == param)
            return not_(there) if missing else there
        case Ids(ids, negated):
            inside = at.c.id.in_(ids)
            return not_(inside) if negated else inside
        case Updated(span):
            return _updated(at, span)
        case Chain(param, types, conditions):
            target = document.alias()
            inner = select(target.c.id, target.c.type).where(
                target.c.type.in_(types), target.c.method != "DELETE", *_all(target, conditions)
            )
            t = index_text.alias()
            return at.c.row.in_(
                select(t.c.row).where(t.c.param == param, tuple_(t.c.value, t.c.detail).in_(inner))
            )
        case Has(kind, param, conditions):
            source = document.alias()
            t = index_text.alias()
            inner = (
                select(t.c.value, t.c.detail)
                .join_from(source, t, t.c.row == source.c.row)
                .where(
                    source.c.type == kind,
                    t.c.param == param,
                    *_all(source, conditions),
                )
            )
            return tuple_(at.c.id, at.c.type).in_(inner)
        case RefersTo(params, kind, name):
            t = index_text.alias()
            named = and_(t.c.value == name, t.c.detail == kind)
            return at.c.row.in_(select(t.c.row).where(t.c.param.in_(params), named))
        case Either(conditions):
            return or_(false(), *(_one(at, c) for c in conditions))


def _looked_up(condition: Condition) -> ColumnElement[bool]:
    """SQL of a condition that is asked of one document after the other, in their order.

    OFFSET keeps PostgreSQL from collecting all rows of a common value first, which it takes for a
    rare one: it knows parameters and values apart, not together.
    """
    if not isinstance(condition, Match):
        return _one(document, condition)
    t = _match_table(condition).alias()
    found = select(t.c.row).where(
        t.c.row == document.c.row, t.c.param == condition.param, _wanted(t, condition)
    )
    there = found.correlate(document).offset(0).exists()
    return not_(there) if condition.negated else there


def _match(at: FromClause, match: Match, *, leading: bool) -> ColumnElement[bool]:
    """Documents with one of the wanted values.

    The leading condition names its rows, and the others are looked up for each of them: SQLite
    would otherwise list every row of a common status.
    """
    t = _match_table(match).alias()
    if leading:
        return at.c.row.in_(select(t.c.row).where(t.c.param == match.param, _wanted(t, match)))
    return exists().where(t.c.row == at.c.row, t.c.param == match.param, _wanted(t, match))


def _match_table(match: Match) -> Table:
    return index_text if isinstance(match.wanted[0], Text) else _span_table(match)


def _wanted(t: FromClause, match: Match) -> ColumnElement[bool]:
    return or_(*(_text(t, w) if isinstance(w, Text) else _span(t, w) for w in match.wanted))


def _text(t: FromClause, wanted: Text) -> ColumnElement[bool]:
    c = t.c
    detail = true() if wanted.detail is None else c.detail == wanted.detail
    if wanted.how == "any":
        return detail
    if wanted.how == "starts":
        # The last code point there is ends the range of texts with this beginning.
        return and_(c.value >= wanted.value, c.value < wanted.value + "\U0010ffff", detail)
    if wanted.how == "contains":
        return and_(c.value.contains(wanted.value, autoescape=True), detail)
    return and_(c.value == wanted.value, detail)


def _span(t: FromClause, wanted: Span) -> ColumnElement[bool]:
    made = _compare(t.c.low, t.c.high, wanted)
    if wanted.system is not None:
        made = and_(made, t.c.system == wanted.system)
    if wanted.code is not None:
        made = and_(made, t.c.code == wanted.code)
    return made


def _compare(
    low: ColumnElement[Any], high: ColumnElement[Any], wanted: Span
) -> ColumnElement[bool]:
    if wanted.exact is not None and wanted.compare not in ("eq", "ne", "ap"):
        wanted = replace(wanted, low=wanted.exact, high=wanted.exact, exact=None)
    match wanted.compare:
        case "eq" if wanted.exact is not None:
            # A number half-way to the next belongs to the next.
            return and_(low >= wanted.low, low < wanted.high, high < wanted.high)
        case "eq":
            return and_(low >= wanted.low, low <= wanted.high, high <= wanted.high)
        case "ne":
            return or_(low < wanted.low, high > wanted.high)
        case "gt":
            return high > wanted.high
        case "lt":
            return low < wanted.low
        case "ge":
            return or_(high > wanted.high, and_(low >= wanted.low, high <= wanted.high))
        case "le":
            return or_(low < wanted.low, and_(low >= wanted.low, high <= wanted.high))
        case "sa":
            return low > wanted.high
        case "eb":
            return high < wanted.low
        case "ap":
            return and_(low <= wanted.high, high >= wanted.low)


def _updated(at: FromClause, span: Span) -> ColumnElement[bool]:
    column = at.c.updated
    low, high = (_EPOCH + timedelta(microseconds=int(edge)) for edge in (span.low, span.high))
    match span.compare:
        case "eq" | "ap":
            return and_(column >= low, column <= high)
        case "ne":
            return or_(column < low, column > high)
        case "gt" | "sa":
            return column > high
        case "lt" | "eb":
            return column < low
        case "ge":
            return column >= low
        case "le":
            return column <= high


def referenced(rows: Sequence[int], params: Sequence[int] | None) -> ColumnElement[bool]:
    """Documents that those in `rows` refer to by one of the parameters, or by any."""
    t = index_text.alias()
    named = select(t.c.value, t.c.detail).where(t.c.row.in_(rows))
    if params is not None:
        named = named.where(t.c.param.in_(params))
    return and_(tuple_(document.c.id, document.c.type).in_(named), document.c.method != "DELETE")


def referring(places: Sequence[tuple[str, str]], params: Sequence[int]) -> ColumnElement[bool]:
    """Documents that refer to one of `places` (id, type) by one of the parameters."""
    t = index_text.alias()
    rows = select(t.c.row).where(t.c.param.in_(params), tuple_(t.c.value, t.c.detail).in_(places))
    return and_(document.c.row.in_(rows), document.c.method != "DELETE")


def _sort_key(order: Order) -> ColumnElement[Any]:
    if order.kind in ("_id", "_lastUpdated"):
        column: ColumnElement[Any] = document.c.id if order.kind == "_id" else document.c.updated
    else:
        table = _table(order.kind)
        value = table.c.value if table is index_text else table.c.low
        pick = func.max if order.descending else func.min
        column = (
            select(pick(value))
            .where(table.c.row == document.c.row, table.c.param == order.param)
            .scalar_subquery()
        )
    return column


def _directed(order: Order, key: ColumnElement[Any]) -> ColumnElement[Any]:
    made = key.desc() if order.descending else key.asc()
    # A column that is never empty keeps its index: PostgreSQL has empty values first going down.
    return made if order.kind in ("_id", "_lastUpdated") else made.nulls_last()


def _table(kind: str) -> Table:
    if kind == "date":
        return index_date
    return index_number if kind in ("number", "quantity") else index_text


def _span_table(match: Match) -> Table:
    first = match.wanted[0]
    return (
        index_date
        if isinstance(first, Span) and first.system is None and isinstance(first.low, int)
        else index_number
    )
