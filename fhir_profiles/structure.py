"""Which JSON keys may an object of a FHIR type have, and what must each hold?

Compiled from `data/elements.json`, each type at its first use.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from fhir_profiles.fhirpath import Compiled, compile_text
from fhir_profiles.primitives import TESTS, Test

UNLIMITED = 1_000_000_000

MIME_TYPES = "http://hl7.org/fhir/ValueSet/mimetypes"
_MIME = re.compile(r"[\w.+-]+/[\w.+*-]+(?:\s*;.*)?|[\w.+-]+")


@dataclass(slots=True)
class Invariant:
    """A rule of FHIR, compiled at its first use."""

    key: str
    expression: str
    compiled: Compiled | None = None

    def function(self) -> Compiled:
        """The compiled expression."""
        if self.compiled is None:
            self.compiled = compile_text(self.expression)
        return self.compiled


@dataclass(slots=True)
class Codes:
    """The codes of a required binding; empty `by_system` where nobody can list them."""

    url: str
    by_system: dict[str, frozenset[str]]
    plain: frozenset[str]

    def has(self, code: str) -> bool:
        """Whether the code is one of them, whatever its system."""
        if self.url == MIME_TYPES:
            return _MIME.fullmatch(code) is not None
        return not self.by_system or code in self.plain

    def has_coding(self, system: str, code: str) -> bool:
        """Whether a Coding is one of them."""
        return not self.by_system or code in self.by_system.get(system, ())


@dataclass(slots=True)
class Key:
    """What one JSON key holds.

    element
        The element it belongs to, without `[x]`.
    test
        For primitives; None for objects.
    type
        Name of the FHIR type or of the element that has the children.
    targets
        Types that a Reference may lead to; empty = any.
    """

    element: str
    many: bool
    most: int
    type: str
    test: Test | None
    targets: frozenset[str]
    codes: Codes | None
    invariants: tuple[Invariant, ...]
    summary: bool
    modifier: bool


@dataclass(slots=True)
class TypeDef:
    """One type, or one element with children.

    required
        Elements that must be there, with the keys that count as them.
    choices
        Elements of several types, with their keys, `_key` too: one at most may be used.
    """

    name: str
    kind: str
    keys: dict[str, Key] = field(default_factory=dict)
    required: tuple[tuple[str, tuple[str, ...]], ...] = ()
    choices: tuple[tuple[str, frozenset[str]], ...] = ()
    invariants: tuple[Invariant, ...] = ()


@cache
def type_of(name: str) -> TypeDef:
    """The compiled type or element of that name.

    Raises
    ------
    KeyError
        R4 has none.
    """
    raw = _table()["types"][name]
    made = TypeDef(name, raw["kind"], invariants=_all_invariants(name))
    required: list[tuple[str, tuple[str, ...]]] = []
    choices: list[tuple[str, frozenset[str]]] = []
    for row in _rows(name):
        element, keys = row[0].removesuffix("[x]"), _keys(row)
        made.keys.update(keys)
        if row[1] > 0:
            required.append((element, tuple(keys)))
        if len(keys) > 1:
            choices.append((element, frozenset(keys) | {f"_{key}" for key in keys}))
    made.required, made.choices = tuple(required), tuple(choices)
    return made


def is_abstract(name: str) -> bool:
    """Whether a type only serves others to build on."""
    return bool(_table()["types"][name].get("abstract"))


@cache
def resource_types() -> frozenset[str]:
    """Names of the resource types that can have instances."""
    types = _table()["types"]
    return frozenset(n for n, t in types.items() if t["kind"] == "resource" and "abstract" not in t)


@cache
def rules_of_r4() -> frozenset[str]:
    """Keys of every invariant that the base definitions state."""
    types = _table()["types"].values()
    of_types = {key for t in types for key, _ in t.get("invariants", ())}
    rows = (row for t in types for row in t["elements"] if len(row) > 4)
    return frozenset(of_types | {key for row in rows for key, _ in row[4].get("i", ())})


@cache
def codes_of(url: str) -> Codes | None:
    """The codes of a value set of the base definitions; None if it is not one of them."""
    known = _codes()
    if url not in known:
        return None
    systems = {s: frozenset(c) for s, c in (known[url] or {}).items()}
    return Codes(url, systems, frozenset(c for codes in systems.values() for c in codes))


def _keys(row: list[Any]) -> dict[str, Key]:
    name, _, most, types = row[:4]
    details = row[4] if len(row) > 4 else {}
    choice = name.endswith("[x]")
    element = name.removesuffix("[x]")
    keys = {}
    for text in types:
        kind, _, targets = text.partition("(")
        plain = _plain(kind)
        key = element + plain[:1].upper() + plain[1:] if choice else element
        keys[key] = Key(
            element=element,
            many=most == "*" or most > 1,
            most=UNLIMITED if most == "*" else most,
            type=kind,
            test=TESTS.get(kind),
            targets=frozenset(targets.rstrip(")").split("|")) if targets else frozenset(),
            codes=codes_of(details["b"]) if "b" in details else None,
            invariants=tuple(Invariant(*i) for i in details.get("i", ())),
            summary="s" in details,
            modifier="m" in details,
        )
    return keys


def _plain(kind: str) -> str:
    """The type that a key names: profiles of Quantity are written as Quantity."""
    return "Quantity" if kind in ("SimpleQuantity", "MoneyQuantity") else kind


def _rows(name: str) -> list[Any]:
    """Rows of a type with those it inherits, the base's first."""
    raw = _table()["types"][name]
    own = list(raw["elements"])
    mine = {row[0] for row in own}
    inherited = _rows(raw["base"]) if raw["base"] else []
    return [row for row in inherited if row[0] not in mine] + own


def _all_invariants(name: str) -> tuple[Invariant, ...]:
    raw = _table()["types"][name]
    own = tuple(Invariant(*i) for i in raw.get("invariants", ()))
    inherited = _all_invariants(raw["base"]) if raw["base"] else ()
    keys = {i.key for i in own}
    return tuple(i for i in inherited if i.key not in keys) + own


@cache
def _table() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(_read("elements.json"))
    return made


@cache
def _codes() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(_read("codes.json"))
    return made


def _read(name: str) -> bytes:
    return resources.files("fhir_profiles").joinpath("data", name).read_bytes()
