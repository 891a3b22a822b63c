"""What may a search ask of the store?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from carecoord.errors import Invalid
from fhir_profiles import search as parameters
from fhir_profiles.compared import fold, moment

Compare = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]


@dataclass(frozen=True, slots=True)
class Text:
    """One wanted value of a token, string, uri or reference.

    detail
        Wanted system, type or exact text; None accepts any.
    how
        `is` the value, `starts` with it, `contains` it; `any` value with that detail.
    """

    value: str
    detail: str | None = None
    how: Literal["is", "starts", "contains", "any"] = "is"


@dataclass(frozen=True, slots=True)
class Span:
    """One wanted date (whole microseconds) or number (floats).

    Equality is being inside low..high; `exact` is what greater and less compare with, where
    that differs.
    """

    compare: Compare
    low: int | float
    high: int | float
    system: str | None = None
    code: str | None = None
    exact: float | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The parameter has one of the wanted values (or, `negated`, has none of them)."""

    param: int
    wanted: tuple[Text | Span, ...]
    negated: bool = False
    # How few documents this is likely to leave: 0 one, 9 most of them.
    rank: int = 5


@dataclass(frozen=True, slots=True)
class Missing:
    """The parameter has no value at all (or, not `missing`, has some)."""

    param: int
    kind: str
    missing: bool


@dataclass(frozen=True, slots=True)
class Ids:
    """The logical id is one of these."""

    ids: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Updated:
    """The current version was made then; bounds in microseconds since 1970."""

    span: Span


@dataclass(frozen=True, slots=True)
class Chain:
    """The parameter refers to a document of one of the types that meets all conditions."""

    param: int
    types: tuple[str, ...]
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Has:
    """A document of the type, meeting all conditions, refers here by that parameter."""

    type: str
    param: int
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class RefersTo:
    """One of the parameters, of whatever types, refers to one resource."""

    params: tuple[int, ...]
    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of several conditions holds."""

    conditions: "tuple[Condition, ...]"


Condition = Match | Missing | Ids | Updated | Chain | Has | RefersTo | Either


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key: a parameter's number and kind, or the columns `_id` and `_lastUpdated`."""

    kind: str
    param: int = 0
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What to select.

    types
        Resource types; empty for all.
    after
        Row of the last document of the page before.
    beyond
        What that document is sorted by (`sort_values`); empty without an order.
    until
        Highest row that belongs to the set, so that later documents do not shift its pages.
    """

    types: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    after: int | None = None
    beyond: tuple[str | int | float | None, ...] = ()
    until: int | None = None


def simple(
    type: str,  # noqa: A002
    criteria: Mapping[str, str | Sequence[str]],
    *,
    limit: int | None = None,
) -> Query:
    """A query of plain criteria, by search parameter with `-` written `_`.

    Raises
    ------
    Invalid
        `search.parameter`: the type has no such parameter; `search.value`: not its kind of
        value.
    """
    conditions: list[Condition] = []
    known = parameters.parameters(type)
    for name, given in criteria.items():
        values = (given,) if isinstance(given, str) else tuple(given)
        if name == "_id":
            conditions.append(Ids(values))
            continue
        parameter = known.get(name) or known.get(name.replace("_", "-"))
        if parameter is None:
            raise Invalid("search.parameter", field=name, type=type, parameter=name)
        wanted = tuple(_plain(parameter, value) for value in values)
        conditions.append(Match(parameter.number, wanted, rank=rank(parameter)))
    return Query((type,), tuple(conditions), limit=limit)


def _plain(parameter: parameters.Parameter, value: str) -> Text | Span:
    if parameter.kind == "token":
        system, bar, code = value.partition("|")
        return Text(code, system) if bar else Text(value)
    if parameter.kind == "reference":
        place = parameters.local(value)
        return Text(place[1], place[0]) if place else Text(value)
    if parameter.kind == "string":
        return Text(fold(value), how="starts")
    if parameter.kind == "date":
        span = moment(value)
        if span is None:
            raise Invalid("search.value", field=parameter.code, value=value)
        return Span("eq", *span)
    if parameter.kind == "uri":
        return Text(value)
    raise Invalid("search.value", field=parameter.code, value=value)


def rank(parameter: parameters.Parameter) -> int:
    """How few documents one value of a parameter is likely to leave: 0 one, 9 most."""
    if parameter.kind == "token":
        return 1 if parameter.leaves & {"Identifier", "ContactPoint"} else 8
    return {"reference": 2, "uri": 4, "string": 3}.get(parameter.kind, 6)
