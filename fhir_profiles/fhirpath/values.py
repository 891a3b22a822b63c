"""How are values of FHIR JSON reached, typed and compared?"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from fhir_profiles.compared import moment

Items = list[Any]


class UnknownError(Exception):
    """Two values cannot be compared: the question has no answer."""


class Bare:
    """A primitive without value, that has only extensions."""

    __slots__ = ("element",)

    def __init__(self, element: Any) -> None:
        self.element = element


def navigate(items: Items, name: str) -> Items:
    """Children of that name; a choice such as `value` is found by whatever type it has."""
    found: Items = []
    for item in items:
        if type(item) is not dict:
            if type(item) is Bare and type(item.element) is dict:
                found += _own(item.element, name)
            continue
        value = item.get(name)
        if value is not None:
            if type(value) is list:
                if None in value:
                    found += _paired(value, item.get("_" + name))
                else:
                    found += value
            else:
                found.append(value)
        elif (bare := item.get("_" + name)) is not None:
            found += [Bare(b) for b in bare] if type(bare) is list else [Bare(bare)]
        elif name not in _NEVER_CHOICE:
            for key in item:
                if key.startswith(name) and _suffix(name, key):
                    found += _own(item, key)
    return found


def navigate_type(items: Items, name: str, wanted: str) -> Items:
    """Children of that name and FHIR type."""
    key = name + wanted[:1].upper() + wanted[1:]
    found: Items = []
    for item in items:
        if type(item) is dict:
            there = _own(item, key)
            found += there or [i for i in _own(item, name) if is_type(i, wanted)]
    return found


# Names that no choice has, looked for often and mostly absent.
_NEVER_CHOICE = frozenset(
    {"id", "extension", "contained", "meta", "code", "system", "text", "identifier", "reference"}
)


def _own(item: dict[str, Any], key: str) -> Items:
    value = item.get(key)
    if value is None:
        bare = item.get("_" + key)
        if bare is None:
            return []
        return [Bare(b) for b in bare] if type(bare) is list else [Bare(bare)]
    if type(value) is list:
        return _paired(value, item.get("_" + key)) if None in value else value
    return [value]


def _paired(values: list[Any], bare: Any) -> Items:
    others = bare if type(bare) is list else []
    return [
        v if v is not None else Bare(others[n] if n < len(others) else None)
        for n, v in enumerate(values)
    ]


_TYPE_SUFFIX = re.compile(r"[A-Z][A-Za-z0-9]*")


@cache
def _suffix(name: str, key: str) -> bool:
    return bool(_TYPE_SUFFIX.fullmatch(key[len(name) :])) and key[len(name) :] in _CHOICES


_CHOICES = frozenset(
    "Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Markdown Oid "
    "PositiveInt String Time UnsignedInt Uri Url Uuid Address Age Annotation Attachment "
    "CodeableConcept Coding ContactPoint Count Distance Duration HumanName Identifier Money Period "
    "Quantity Range Ratio Reference SampledData Signature Timing ContactDetail Contributor "
    "DataRequirement Expression ParameterDefinition RelatedArtifact TriggerDefinition UsageContext "
    "Dosage Meta".split()
)

_PLAIN_TYPES = {
    "boolean": bool,
    "integer": int,
    "positiveint": int,
    "unsignedint": int,
    "decimal": (Decimal, int),
    "quantity": dict,
}


def is_type(item: Any, wanted: str) -> bool:
    """Whether an item is of a FHIR or System type, as far as JSON tells."""
    if type(item) is dict:
        kind = item.get("resourceType")
        if kind is None:
            return wanted in ("Quantity", "Reference", "Coding", "Element")
        return kind == wanted or wanted in ("Resource", "DomainResource")
    expected = _PLAIN_TYPES.get(wanted.lower())
    if expected is None:
        return isinstance(item, str) and wanted[:1].islower() | (wanted == "String")
    if expected is int and isinstance(item, bool):
        return False
    return isinstance(item, expected)  # type: ignore[arg-type]


def truth(items: Items) -> bool | None:
    """A collection as true, false or unknown: one value that is no boolean counts as true."""
    if not items:
        return None
    first = items[0]
    return first if first is True or first is False else True


def equal(a: Any, b: Any) -> bool:
    """Whether two values are the same; decimals of other precision are."""
    if type(a) is Bare or type(b) is Bare:
        raise UnknownError
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return bool(a == b)


def member(item: Any, items: Items) -> bool:
    """Whether one of the items equals it."""
    return any(equal(item, other) for other in items)


def number(item: Any) -> Decimal:
    """A number of FHIR JSON."""
    if isinstance(item, bool) or not isinstance(item, (int, Decimal)):
        raise UnknownError
    return Decimal(item)


def less(a: Any, b: Any) -> bool:
    """Whether a comes before b.

    Raises
    ------
    UnknownError
        They cannot be compared: other units, or dates of other precision that overlap.
    """
    if isinstance(a, dict) and isinstance(b, dict):
        if any(a.get(k) != b.get(k) for k in ("system", "code", "unit")):
            raise UnknownError
        return less(a.get("value"), b.get("value"))
    if isinstance(a, str) and isinstance(b, str):
        first, second = moment(a), moment(b)
        if first is None or second is None:
            return a < b
        if first == second or first[1] < second[0] or second[1] < first[0]:
            return first[1] < second[0]
        raise UnknownError
    try:
        return number(a) < number(b)
    except InvalidOperation as error:
        raise UnknownError from error


def children(item: Any) -> Iterator[Any]:
    """Everything directly below an item."""
    if type(item) is dict:
        for key, value in item.items():
            if key == "resourceType" or (key.startswith("_") and key[1:] in item):
                continue
            if type(value) is list:
                yield from (v for v in value if v is not None)
            else:
                yield value


def descendants(items: Items) -> Items:
    """Everything below the items, at any depth."""
    found: Items = []
    level = items
    while level:
        level = [child for item in level for child in children(item)]
        found += level
    return found
