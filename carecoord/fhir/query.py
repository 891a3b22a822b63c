"""What does the query of a FHIR search ask?"""

import base64
import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import get_args

from carecoord.errors import Invalid, Unsupported
from carecoord.store.criteria import (
    Chain,
    Compare,
    Condition,
    Either,
    Has,
    Ids,
    Match,
    Missing,
    Order,
    Span,
    Text,
    Updated,
    rank,
)
from fhir_profiles import search as definitions
from fhir_profiles.compared import fold, moment, spread
from fhir_profiles.search import Parameter

PAGE, LARGEST_PAGE = 50, 1000
"""Matches on a page unless `_count` says otherwise, and at most."""

DEPTH = 3
"""References that a chain may follow."""

CONTROLS = frozenset(
    {
        "_count",
        "_elements",
        "_format",
        "_include",
        "_page",
        "_pretty",
        "_revinclude",
        "_sort",
        "_summary",
        "_total",
        "_type",
    }
)
"""Parameters that shape the answer instead of choosing documents."""

MODIFIERS: dict[str, tuple[str, ...]] = {
    "token": ("not", "missing"),
    "string": ("exact", "contains", "missing"),
    "reference": ("identifier", "missing", "[type]"),
    "date": ("missing",),
    "quantity": ("missing",),
    "number": ("missing",),
    "uri": ("above", "below", "missing"),
}
"""Modifiers by kind of parameter; any other is refused."""

PREFIXES = get_args(Compare)


@dataclass(frozen=True, slots=True)
class Include:
    """One `_include` or `_revinclude`: from a type, by a parameter, to a type (empty = any)."""

    source: str
    code: str
    target: str
    iterate: bool
    reverse: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page begins: after a row with these sort values, in a set that ends at `until`."""

    after: int
    until: int
    beyond: tuple[str | int | float | None, ...]


@dataclass(slots=True)
class Search:
    """A search, understood.

    unknown
        Parameters that the type does not have; they were ignored.
    used
        The pairs that took effect, for the self link.
    """

    types: tuple[str, ...]
    conditions: list[Condition] = field(default_factory=list)
    order: list[Order] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    count: int = PAGE
    count_only: bool = False
    total: bool = False
    elements: tuple[str, ...] = ()
    summary: str = ""
    page: Page | None = None
    unknown: list[str] = field(default_factory=list)
    used: list[tuple[str, str]] = field(default_factory=list)


def parse(type: str, pairs: Iterable[tuple[str, str]], *, strict: bool = False) -> Search:  # noqa: A002
    """Understand the query of a search on one type, or on the system (`type` empty).

    Raises
    ------
    Invalid
        `search.value`, `search.count`, `search.page`, `search.sort`, `search.include`; with
        `strict` also `search.parameter`. `field` is the parameter.
    Unsupported
        `search.modifier`, `search.chain`.
    """
    pairs = list(pairs)
    wanted = [v for name, v in pairs if name == "_type" for v in v.split(",")]
    found = Search((type,) if type else tuple(wanted))
    for name in found.types:
        if name not in definitions.types():
            raise Invalid("fhir.type_unknown", field="_type", type=name)
    for name, value in pairs:
        if value == "":
            continue
        if name.partition(":")[0] in CONTROLS:
            _control(found, name, value)
        elif (condition := _condition(found.types, name, value, 0)) is None:
            if strict:
                raise Invalid("search.parameter", field=name, type=type, parameter=name)
            found.unknown.append(name)
            continue
        else:
            found.conditions.append(condition)
        if name != "_page":
            found.used.append((name, value))
    if found.page is not None and len(found.page.beyond) != len(found.order):
        raise Invalid("search.page", field="_page")
    return found


def _control(found: Search, name: str, value: str) -> None:
    if name == "_count":
        if not re.fullmatch(r"[0-9]{1,6}", value):
            raise Invalid("search.count", field=name, value=value)
        found.count = min(int(value), LARGEST_PAGE)
        found.count_only = found.count_only or found.count == 0
    elif name == "_summary":
        if value not in ("count", "true", "text", "data", "false"):
            raise Invalid("search.summary", field=name, value=value)
        found.count_only = found.count_only or value == "count"
        found.summary = "" if value in ("count", "false") else value
    elif name == "_total":
        found.total = value in ("accurate", "estimate")
    elif name == "_elements":
        found.elements = tuple(e for e in value.split(",") if e)
    elif name == "_sort":
        found.order.extend(_order(found.types, key) for key in value.split(","))
    elif name == "_page":
        found.page = _page(value)
    elif name.startswith(("_include", "_revinclude")):
        found.includes.append(_include(name, value))


def _order(types: Sequence[str], key: str) -> Order:
    descending, code = key.startswith("-"), key.removeprefix("-")
    if code in ("_id", "_lastUpdated"):
        return Order(code, descending=descending)
    parameter = definitions.parameters(types[0]).get(code) if len(types) == 1 else None
    if parameter is None:
        raise Invalid("search.sort", field="_sort", value=code)
    return Order(parameter.kind, parameter.number, descending)


def _include(name: str, value: str) -> Include:
    control, _, modifier = name.partition(":")
    parts = value.split(":")
    if modifier not in ("", "iterate", "recurse") or len(parts) not in (2, 3):
        raise Invalid("search.include", field=name, value=value)
    source, code = parts[0], parts[1]
    known = definitions.parameters(source).get(code)
    if known is None or known.kind != "reference":
        raise Invalid("search.include", field=name, value=value)
    target = parts[2] if len(parts) == 3 else ""
    return Include(source, code, target, bool(modifier), control == "_revinclude")


def _condition(types: Sequence[str], name: str, value: str, depth: int) -> Condition | None:
    """The condition of one parameter; None when a type does not have it."""
    if name.startswith("_has:"):
        return _has(name, value, depth)
    head, dot, rest = name.partition(".")
    code, _, modifier = head.partition(":")
    if code == "_id" and not dot:
        return Ids(tuple(_split(value)), negated=modifier == "not")
    if code == "_lastUpdated" and not dot:
        return Updated(_date(name, value))
    if not types:
        # What every type has can be asked of all of them at once.
        types = definitions.types() if code in _COMMON else ()
    parameters = [definitions.parameters(t).get(code) for t in types]
    if not parameters or None in parameters:
        return None
    made = [
        _chain(p, modifier, rest, value, depth) if dot else _own(p, modifier, name, value)
        for p in parameters
        if p is not None
    ]
    return made[0] if len(made) == 1 else _either(made)


_COMMON = frozenset({"_profile", "_security", "_source", "_tag"})


def _either(made: Sequence[Condition]) -> Condition:
    return Either(tuple(made))


def _chain(parameter: Parameter, modifier: str, rest: str, value: str, depth: int) -> Condition:
    if parameter.kind != "reference" or depth >= DEPTH:
        raise Unsupported("search.chain", field=f"{parameter.code}.{rest}", limit=DEPTH)
    targets = [modifier] if modifier else sorted(parameter.targets or definitions.types())
    by_type = [
        (target, condition)
        for target in targets
        if (condition := _condition((target,), rest, value, depth + 1)) is not None
    ]
    if not by_type:
        raise Invalid(
            "search.parameter", field=rest, type=modifier or parameter.code, parameter=rest
        )
    return _either([Chain(parameter.number, (t,), (c,)) for t, c in by_type])


def _has(name: str, value: str, depth: int) -> Condition | None:
    parts = name.split(":", 3)
    if len(parts) < 4 or depth >= DEPTH:
        raise Invalid("search.has", field=name)
    _, source, code, inner = parts
    link = definitions.parameters(source).get(code)
    if link is None or link.kind != "reference":
        raise Invalid("search.has", field=name)
    condition = _condition((source,), inner, value, depth + 1)
    if condition is None:
        raise Invalid("search.parameter", field=name, type=source, parameter=inner)
    return Has(source, link.number, (condition,))


def _own(parameter: Parameter, modifier: str, name: str, value: str) -> Condition:
    if modifier == "missing":
        if value not in ("true", "false"):
            raise Invalid("search.value", field=name, value=value)
        return Missing(parameter.number, parameter.kind, value == "true")
    is_type = parameter.kind == "reference" and modifier in definitions.types()
    if modifier and not is_type and modifier not in MODIFIERS[parameter.kind]:
        raise Unsupported("search.modifier", field=name, modifier=modifier)
    values = _split(value)
    if not values:
        raise Invalid("search.value", field=name, value=value)
    if modifier == "identifier":
        number = definitions.identifier_of(parameter.number)
        return Match(number, tuple(_token(v, True) for v in values), rank=1)
    if modifier == "above" and parameter.kind == "uri":
        values = [prefix for v in values for prefix in _prefixes(v)]
    wanted = tuple(_wanted(parameter, modifier, name, v) for v in values)
    return Match(parameter.number, wanted, negated=modifier == "not", rank=rank(parameter))


def _wanted(parameter: Parameter, modifier: str, name: str, value: str) -> Text | Span:
    match parameter.kind:
        case "token":
            return _token(value, not parameter.leaves <= _BARE)
        case "string":
            plain, folded = _plain(value), fold(_plain(value))
            if modifier == "exact":
                return Text(folded[:300], plain[:300])
            return Text(folded[:300], how="contains" if modifier == "contains" else "starts")
        case "uri":
            if modifier == "below":
                return Text(_plain(value), how="starts")
            return _canonical(_plain(value))
        case "reference":
            return _reference(value, modifier)
        case "date":
            return _date(name, value)
        case "number":
            return _number(name, value)
        case "quantity":
            amount, *unit = _bars(value)
            made = _number(name, amount)
            if not unit:
                return made
            if len(unit) != 2:
                raise Invalid("search.value", field=name, value=value)
            system, code = unit
            return Span(made.compare, made.low, made.high, system or None, code or None, made.exact)


# Tokens without a system: whatever system is asked for stands for the element's own.
_BARE = frozenset({"code", "boolean", "id", "string", "uri", "truth", "ContactPoint"})


def _token(value: str, has_system: bool) -> Text:
    parts = _bars(value)
    if len(parts) == 1:
        return Text(parts[0])
    system, code = parts[0], parts[1]
    if not code:
        return Text("", system, how="any")
    return Text(code, system if has_system else None)


def _reference(value: str, modifier: str) -> Text:
    plain = _plain(value)
    if modifier:
        return Text(plain.rsplit("/", 1)[-1], modifier)
    place = definitions.local(plain)
    return Text(place[1], place[0]) if place else _canonical(plain)


def _canonical(url: str) -> Text:
    """An address, of one version only where it names one."""
    plain, bar, version = url.partition("|")
    return Text(plain, version) if bar else Text(plain)


def _date(name: str, value: str) -> Span:
    compare, rest = _prefix(value)
    # A plus that was not escaped in the URL arrives as a blank.
    span = moment(rest.replace(" ", "+"))
    if span is None:
        raise Invalid("search.value", field=name, value=value)
    low, high = span
    if compare == "ap":
        slack = abs(int(time.time() * 1_000_000) - low) // 10
        low, high = low - slack, high + slack
    return Span(compare, low, high)


def _number(name: str, value: str) -> Span:
    compare, rest = _prefix(value)
    try:
        exact, low, high = spread(rest)
    except ValueError as error:
        raise Invalid("search.value", field=name, value=value) from error
    if compare == "ap":
        low, high = min(low, exact - abs(exact) / 10), max(high, exact + abs(exact) / 10)
    return Span(compare, low, high, exact=exact)


def _prefix(value: str) -> tuple[Compare, str]:
    for prefix in PREFIXES:
        if value.startswith(prefix):
            return prefix, value[2:]
    return "eq", value


def _split(value: str) -> list[str]:
    """Alternatives of a value; `\\,` is a comma of the text."""
    return [part for part in re.split(r"(?<!\\),", value) if part]


def _bars(value: str) -> list[str]:
    return [_plain(part) for part in re.split(r"(?<!\\)\|", value)]


def _plain(value: str) -> str:
    return re.sub(r"\\([,|$\\])", r"\1", value)


def _page(value: str) -> Page:
    try:
        made = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
        after, until, beyond = made
        if not all(v is None or isinstance(v, str | int | float) for v in beyond):
            raise ValueError
        return Page(int(after), int(until), tuple(beyond))
    except (ValueError, TypeError) as error:
        raise Invalid("search.page", field="_page") from error


def _prefixes(uri: str) -> list[str]:
    """A URI and all that it lies below."""
    parts = uri.split("/")
    return ["/".join(parts[:n]) for n in range(len(parts), 2, -1)] or [uri]
