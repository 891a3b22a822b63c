"""Which statement answers a query, built once for all queries of the same shape?

Building a statement costs several times what the database takes to answer it. Two queries have
the same shape when they differ in values only: which patient, which status, how many.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam

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
    Text,
)

_Made = TypeVar("_Made", Select[Any], Select[Any] | None)

_KEPT = 512
_cache: OrderedDict[tuple[str, Query], Any] = OrderedDict()
_lock = Lock()


def prepared(
    name: str, build: Callable[[Query], _Made], query: Query
) -> tuple[_Made, Mapping[str, Any]]:
    """The statement that `build` makes of a query, and its values.

    It is kept under `name` and the query's shape. `build` may find bound parameters in place of
    values; it may answer None where there is nothing to ask.
    """
    values: dict[str, Any] = {}

    def taken(value: Any) -> Any:
        values[f"value_{len(values)}"] = value
        return "?"

    try:
        shape = _with(query, taken)
    except _OwnShapeError:
        return build(query), {}
    key = (name, shape)
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key], values
    names = iter(values)

    def named(value: Any) -> Any:
        return bindparam(next(names), expanding=isinstance(value, tuple))

    made = build(_with(query, named))
    with _lock:
        _cache[key] = made
        while len(_cache) > _KEPT:
            _cache.popitem(last=False)
    return made, values


class _OwnShapeError(Exception):
    """The statement depends on a value, so that no other query shares it."""


def _with(query: Query, hole: Callable[[Any], Any]) -> Query:
    """A query with `hole(value)` in place of each value, always in the same order."""
    if query.beyond:
        raise _OwnShapeError
    return replace(
        query,
        conditions=tuple(_condition(c, hole) for c in query.conditions),
        order=tuple(_order(o, hole) for o in query.order),
        limit=None if query.limit is None else hole(query.limit),
        after=None if query.after is None else hole(query.after),
        until=None if query.until is None else hole(query.until),
    )


def _order(order: Order, hole: Callable[[Any], Any]) -> Order:
    return replace(order, param=hole(order.param)) if order.param else order


def _condition(condition: Condition, hole: Callable[[Any], Any]) -> Condition:
    match condition:
        case Match(param, wanted, negated, rank):
            return Match(hole(param), tuple(_text(w, hole) for w in wanted), negated, rank)
        case Missing(param, kind, missing):
            return Missing(hole(param), kind, missing)
        case Ids(ids, negated):
            return Ids(hole(tuple(ids)), negated)
        case Chain(param, types, conditions):
            return Chain(hole(param), types, tuple(_condition(c, hole) for c in conditions))
        case Has(kind, param, conditions):
            return Has(kind, hole(param), tuple(_condition(c, hole) for c in conditions))
        case RefersTo(params, kind, name):
            return RefersTo(hole(tuple(params)), hole(kind), hole(name))
        case Either(conditions):
            return Either(tuple(_condition(c, hole) for c in conditions))
        case _:
            raise _OwnShapeError


def _text(wanted: object, hole: Callable[[Any], Any]) -> Text:
    """Spans of time and numbers, and parts of texts, shape their own statements."""
    if not isinstance(wanted, Text) or wanted.how not in ("is", "any"):
        raise _OwnShapeError
    detail = None if wanted.detail is None else hole(wanted.detail)
    return Text(hole(wanted.value) if wanted.how == "is" else "", detail, wanted.how)
