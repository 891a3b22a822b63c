"""Which search parameters exist, and what does a resource offer to each?"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple
from zlib import crc32

from fhir_profiles.compared import fold, period
from fhir_profiles.wire import Json

Kind = Literal["token", "string", "reference", "date", "quantity", "number", "uri"]

# What an index of PostgreSQL can hold (2,700 bytes) is shared by the two texts of a row.
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter of one resource type.

    number
        Its stable number in the index.
    targets
        Types that a reference may lead to; empty when it may be any.
    leaves
        FHIR types of the elements that feed it.
    """

    type: str
    code: str
    kind: Kind
    number: int
    targets: frozenset[str]
    leaves: frozenset[str]


class TextEntry(NamedTuple):
    """A token (code, system), string (folded, as sent), uri or reference (id, type)."""

    param: int
    value: str
    detail: str


class DateEntry(NamedTuple):
    """First and last microsecond covered, since 1970-01-01T00:00Z."""

    param: int
    low: int
    high: int


class NumberEntry(NamedTuple):
    """Lowest and highest number meant; unit of a quantity, else empty."""

    param: int
    low: float
    high: float
    system: str
    code: str


@dataclass(frozen=True, slots=True)
class Entries:
    """Everything one resource can be found by; each list without repetition."""

    texts: list[TextEntry]
    dates: list[DateEntry]
    numbers: list[NumberEntry]


def parameters(resource_type: str) -> dict[str, Parameter]:
    """Search parameters of a type by code; empty for a type that does not exist."""
    return _compiled().get(resource_type, _NOTHING)[0]


def types() -> tuple[str, ...]:
    """Every R4 resource type that can have instances, sorted."""
    return tuple(_compiled())


@cache
def compartment() -> dict[str, tuple[Parameter, ...]]:
    """Parameters by which a resource of each type belongs to a patient."""
    text = resources.files("fhir_profiles").joinpath("data", "compartment.json").read_bytes()
    return {
        name: tuple(known[code] for code in codes if code in known)
        for name, codes in json.loads(text).items()
        if (known := parameters(name))
    }


def fingerprint() -> str:
    """Changes whenever stored index rows would have to be built again."""
    return f"3-{crc32(_source()):08x}"


def entries(resource: Json) -> Entries:
    """What a valid resource can be found by; what cannot be indexed is left out."""
    texts: set[TextEntry] = set()
    dates: set[DateEntry] = set()
    numbers: set[NumberEntry] = set()
    for parameter, paths in _compiled().get(resource["resourceType"], _NOTHING)[1]:
        number, kind = parameter.number, parameter.kind
        for steps, leaf, target in paths:
            for value in _values(resource, steps):
                if kind == "token":
                    texts.update(TextEntry(number, _fit(c), _fit(s)) for c, s in token(value, leaf))
                elif kind == "reference":
                    texts.update(_reference(number, value, target))
                elif kind == "date":
                    if (span := period(value, leaf)) is not None:
                        dates.add(DateEntry(number, *span))
                elif kind == "string":
                    texts.update(
                        TextEntry(number, _fit(fold(s)), _fit(s)) for s in _strings(value, leaf)
                    )
                elif kind == "uri":
                    if isinstance(value, str):
                        url, _, version = value.partition("|")
                        texts.add(TextEntry(number, _fit(url), _fit(version)))
                else:
                    numbers.update(NumberEntry(number, *q) for q in _quantities(value, leaf))
        if parameter.leaves == _TRUTH and not any(entry.param == number for entry in texts):
            # Whoever has no mark of being dead is to be found among the living.
            texts.add(TextEntry(number, "false", ""))
    return Entries(sorted(texts), sorted(dates), sorted(numbers))


def token(value: Any, leaf: str) -> Iterator[tuple[str, str]]:
    """(code, system) pairs of a token element; the system is empty where there is none."""
    if leaf == "CodeableConcept":
        for coding in value.get("coding", ()):
            if "code" in coding:
                yield coding["code"], coding.get("system", "")
    elif leaf == "Coding":
        if "code" in value:
            yield value["code"], value.get("system", "")
    elif leaf == "Identifier":
        if "value" in value:
            yield value["value"], value.get("system", "")
    elif leaf == "ContactPoint":
        if "value" in value:
            yield value["value"], ""
    elif leaf == "truth":
        yield ("false" if value is False else "true"), ""
    elif isinstance(value, bool):
        yield ("true" if value else "false"), ""
    elif isinstance(value, str):
        yield value, ""


def number_of(parameter: str) -> int:
    """Stable number of a parameter written `Type.code`."""
    return crc32(parameter.encode()) & 0x7FFFFFFF


def identifier_of(number: int) -> int:
    """Number under which the identifiers inside a parameter's references are indexed."""
    return number_of(f"{number}:identifier")


_TRUTH = frozenset({"truth"})
Step = tuple[str, tuple[str, str] | None]
Path = tuple[tuple[Step, ...], str, str]
Compiled = tuple[dict[str, Parameter], list[tuple[Parameter, list[Path]]]]
_NOTHING: Compiled = ({}, [])


@cache
def _source() -> bytes:
    return resources.files("fhir_profiles").joinpath("data", "search.json").read_bytes()


@cache
def _compiled() -> dict[str, Compiled]:
    table: dict[str, Compiled] = {}
    for name, rows in json.loads(_source()).items():
        known: dict[str, Parameter] = {}
        program: list[tuple[Parameter, list[Path]]] = []
        for code, (kind, texts, targets) in rows.items():
            paths = [_path(text) for text in texts]
            parameter = Parameter(
                type=name,
                code=code,
                kind=kind,
                number=number_of(f"{name}.{code}"),
                targets=frozenset() if targets == ["*"] else frozenset(targets),
                leaves=frozenset(leaf for _, leaf, _ in paths),
            )
            known[code] = parameter
            program.append((parameter, paths))
        table[name] = (known, program)
    return table


def _path(text: str) -> Path:
    keys, leaf = text.rsplit(":", 1)
    keys, _, target = keys.partition("?")
    steps: list[Step] = []
    for key in keys.split("."):
        name, bracket, condition = key.partition("[")
        left, _, right = condition.rstrip("]").partition("=")
        steps.append((name, (left, right) if bracket else None))
    return tuple(steps), leaf, target


def _values(node: Any, steps: tuple[Step, ...]) -> list[Any]:
    level = [node]
    for name, condition in steps:
        below: list[Any] = []
        for parent in level:
            value = parent.get(name) if type(parent) is dict else None
            if value is None:
                continue
            if type(value) is list:
                below.extend(v for v in value if v is not None)
            else:
                below.append(value)
        if condition is not None:
            key, wanted = condition
            below = [v for v in below if type(v) is dict and v.get(key) == wanted]
        if not below:
            return below
        level = below
    return level


def _fit(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST]


_LOCAL = re.compile(
    r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]+)?$"
)


def local(reference: str) -> tuple[str, str] | None:
    """(type, id) of a relative reference, with or without version; None for any other."""
    found = _LOCAL.match(reference)
    return (found[1], found[2]) if found else None


def _reference(number: int, value: Any, target: str) -> Iterator[TextEntry]:
    if isinstance(value, str):
        # A canonical, with the version it may name.
        if not target:
            url, _, version = value.partition("|")
            yield TextEntry(number, _fit(url), _fit(version))
        return
    text = value.get("reference", "")
    if text.startswith("#"):
        text = ""
    if text:
        place = local(text)
        if place is not None:
            if not target or target == place[0]:
                yield TextEntry(number, place[1], place[0])
        elif not target or target in (value.get("type"), _last_type(text)):
            yield TextEntry(number, _fit(text), "")
    identifier = value.get("identifier", {})
    if "value" in identifier and (not target or value.get("type", target) == target):
        yield TextEntry(
            identifier_of(number),
            _fit(identifier["value"]),
            _fit(identifier.get("system", "")),
        )


def _last_type(url: str) -> str:
    parts = url.split("/")
    return parts[-2] if len(parts) > 2 else ""


def _strings(value: Any, leaf: str) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        return
    for key in _PARTS.get(leaf, ()):
        part = value.get(key)
        if isinstance(part, str):
            yield part
        elif isinstance(part, list):
            yield from (p for p in part if p)


_PARTS = {
    "HumanName": ("text", "family", "given", "prefix", "suffix"),
    "Address": ("text", "line", "city", "district", "state", "postalCode", "country"),
}


def _quantities(value: Any, leaf: str) -> Iterator[tuple[float, float, str, str]]:
    try:
        if leaf in ("decimal", "integer", "positiveInt", "unsignedInt"):
            yield float(value), float(value), "", ""
        elif leaf == "Money":
            amount = float(value["value"])
            yield amount, amount, "urn:iso:std:iso:4217", value.get("currency", "")
        elif leaf == "Range":
            ends = [value.get("low", {}), value.get("high", {})]
            low = float(ends[0]["value"]) if "value" in ends[0] else float("-inf")
            high = float(ends[1]["value"]) if "value" in ends[1] else float("inf")
            for system, code in _units(ends[0] or ends[1]):
                yield (low, high, system, code)
        elif leaf in _QUANTITIES and "value" in value:
            low = high = float(value["value"])
            if "comparator" in value:
                low, high = (
                    (float("-inf"), high) if value["comparator"][0] == "<" else (low, float("inf"))
                )
            for system, code in _units(value):
                yield (low, high, system, code)
    except (KeyError, TypeError, ValueError, OverflowError):
        return


_QUANTITIES = frozenset({"Quantity", "Age", "Duration", "Distance", "Count", "SimpleQuantity"})


def _units(quantity: Json) -> set[tuple[str, str]]:
    system, code, unit = (quantity.get(k, "") for k in ("system", "code", "unit"))
    return {(system, code or unit), ("", unit)} if unit and unit != code else {(system, code)}
