"""Functions of FHIRPath that work on whole collections."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from fhir_profiles.fhirpath.values import Bare, Items, UnknownError, children, descendants, equal


def distinct(items: Items) -> Items:
    """The items without repetition, in order."""
    seen: Items = []
    keys: set[Any] = set()
    for item in items:
        try:
            key = (isinstance(item, bool), item)
            if key not in keys:
                keys.add(key)
                seen.append(item)
        except TypeError:
            if item not in seen:
                seen.append(item)
    return seen


def _to_integer(items: Items) -> Items:
    if len(items) != 1:
        return []
    item = items[0]
    if isinstance(item, int):
        return [int(item)]
    if isinstance(item, str) and re.fullmatch(r"[+-]?\d+", item):
        return [int(item)]
    return []


def _to_decimal(items: Items) -> Items:
    try:
        return [Decimal(items[0])] if len(items) == 1 else []
    except (InvalidOperation, TypeError, ValueError):
        return []


def _to_text(items: Items) -> Items:
    if len(items) != 1 or isinstance(items[0], (dict, Bare)):
        return []
    item = items[0]
    if isinstance(item, bool):
        return ["true" if item else "false"]
    return [str(item)]


PLAIN: dict[str, Callable[[Items], Items]] = {
    "exists": lambda items: [bool(items)],
    "empty": lambda items: [not items],
    "not": lambda items: [items[0] is False] if items else [],
    "count": lambda items: [len(items)],
    "first": lambda items: items[:1],
    "last": lambda items: items[-1:],
    "tail": lambda items: items[1:],
    "single": lambda items: items[:1],
    "distinct": distinct,
    "isDistinct": lambda items: [len(distinct(items)) == len(items)],
    "hasValue": lambda items: [len(items) == 1 and not isinstance(items[0], (dict, Bare))],
    "allTrue": lambda items: [all(i is True for i in items)],
    "allFalse": lambda items: [all(i is False for i in items)],
    "anyTrue": lambda items: [any(i is True for i in items)],
    "anyFalse": lambda items: [any(i is False for i in items)],
    "children": lambda items: [c for i in items for c in children(i)],
    "descendants": descendants,
    "toInteger": _to_integer,
    "toDecimal": _to_decimal,
    "toString": _to_text,
    "length": lambda items: [len(i) for i in items if isinstance(i, str)],
    "lower": lambda items: [i.lower() for i in items if isinstance(i, str)],
    "upper": lambda items: [i.upper() for i in items if isinstance(i, str)],
    "trim": lambda items: [i.strip() for i in items if isinstance(i, str)],
    # Narratives are judged where they stand.
    "htmlChecks": lambda _: [True],
    "trace": lambda items: items,
}
"""Functions without arguments."""


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.DOTALL)
    except re.error as error:
        raise UnknownError from error


def _on_text(act: Callable[..., Any]) -> Callable[[Items, list[Items]], Items]:
    def run(items: Items, values: list[Items]) -> Items:
        if len(items) != 1 or not isinstance(items[0], str) or not all(values):
            return []
        return [act(items[0], *(v[0] for v in values))]

    return run


def _substring(text: str, start: int, length: int | None = None) -> str:
    return text[start:] if length is None else text[start : start + length]


def _intersect(items: Items, values: list[Items]) -> Items:
    return distinct([i for i in items if any(equal(i, v) for v in values[0])])


def _exclude(items: Items, values: list[Items]) -> Items:
    return [i for i in items if not any(equal(i, v) for v in values[0])]


def _extension(items: Items, values: list[Items]) -> Items:
    found: Items = []
    for item in items:
        element = item.element if isinstance(item, Bare) else item
        if isinstance(element, dict) and values[0]:
            found += [e for e in element.get("extension", ()) if e.get("url") == values[0][0]]
    return found


WITH_VALUES: dict[str, Callable[[Items, list[Items]], Items]] = {
    "startsWith": _on_text(lambda text, part: text.startswith(part)),
    "endsWith": _on_text(lambda text, part: text.endswith(part)),
    "contains": _on_text(lambda text, part: part in text),
    "indexOf": _on_text(lambda text, part: text.find(part)),
    "matches": _on_text(lambda text, regex: bool(_pattern(regex).search(text))),
    "replace": _on_text(lambda text, old, new: text.replace(old, new)),
    "replaceMatches": _on_text(lambda text, regex, new: _pattern(regex).sub(new, text)),
    "substring": _on_text(_substring),
    "skip": lambda items, values: items[values[0][0] :],
    "take": lambda items, values: items[: values[0][0]],
    "combine": lambda items, values: [*items, *values[0]],
    "union": lambda items, values: distinct([*items, *values[0]]),
    "intersect": _intersect,
    "exclude": _exclude,
    "subsetOf": lambda items, values: [all(any(equal(i, v) for v in values[0]) for i in items)],
    "supersetOf": lambda items, values: [all(any(equal(i, v) for i in items) for v in values[0])],
    "extension": _extension,
}
"""Functions whose arguments are values, computed where the function stands."""
