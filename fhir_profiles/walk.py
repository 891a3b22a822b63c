"""Does every object of a resource have the keys, types and values that its type says?"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from fhir_profiles import narrative
from fhir_profiles.bundles import check_bundle
from fhir_profiles.compared import moment
from fhir_profiles.conform import check_profile
from fhir_profiles.definitions import Definitions
from fhir_profiles.extensions import check_extension
from fhir_profiles.fhirpath import Scope, holds
from fhir_profiles.findings import Finding, Place, Severity, written
from fhir_profiles.paths import check_structure
from fhir_profiles.primitives import shown
from fhir_profiles.structure import (
    UNLIMITED,
    Codes,
    Invariant,
    Key,
    TypeDef,
    is_abstract,
    resource_types,
    type_of,
)
from fhir_profiles.targets import ADDRESS, target_type
from fhir_profiles.vital_signs import vital_signs
from fhir_profiles.wire import Json

LIMIT = 100
"""Findings after which a check stops: nobody reads more."""


class EnoughError(Exception):
    """So many findings that the rest does not matter."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How strict to be where FHIR leaves it open.

    extensions
        `any` takes extensions whose definition is not known, as a receiver must; `known`
        refuses them, as a validator of one's own resources may.
    vital_signs
        Whether observations with a vital sign's code must keep its HL7 profile unasked.
    """

    extensions: Literal["any", "known"] = "any"
    vital_signs: bool = False


class Walk:
    """One check of one outermost resource."""

    def __init__(self, resource: Json, definitions: Definitions, rules: Rules) -> None:
        self.root = resource
        self.top = str(resource.get("resourceType", ""))
        self.definitions, self.rules = definitions, rules
        self.found: list[Finding] = []
        # Whether this walk only asks if something fits: what it finds is told to nobody.
        self.quiet = False
        self.scope = Scope(resource, resource, member_of=self._member_of)

    def aside(self) -> "Walk":
        """A walk over the same resource whose findings are its own."""
        made = Walk(self.root, self.definitions, self.rules)
        made.quiet = True
        made.scope.resource, made.scope.root = self.scope.resource, self.scope.root
        return made

    def _member_of(self, value: Any, url: str) -> bool | None:
        codes = self.definitions.codes_of(url)
        if codes is None:
            return None
        if type(value) is str:
            return codes.has(value)
        if type(value) is not dict:
            return None
        codings = value.get("coding", [value] if "code" in value else [])
        return any(_is_in(codes, c) for c in codings)

    def add(
        self, code: str, place: Place, severity: Severity = "error", **facts: str | int
    ) -> None:
        """Note one finding."""
        self.found.append(Finding(severity, code, written(self.top, place), facts))
        if len(self.found) >= LIMIT:
            raise EnoughError

    def resource(self, node: Json, place: Place, *, outer: Json | None = None) -> None:
        """Check a resource; `outer` is the one that contains it."""
        name = node.get("resourceType")
        if type(name) is not str or name not in resource_types():
            code = "fhir.type_missing" if name is None else "fhir.type_unknown"
            self.add(code, (place, "resourceType"), type=shown(name))
            return
        before = self.scope.resource, self.scope.root
        if outer is None:
            self.scope.root = node
        self.scope.resource = node
        self._object(node, type_of(name), place)
        if outer is None:
            self._contained(node, place)
        self._profiles(node, name, place)
        self.scope.resource, self.scope.root = before

    def _profiles(self, node: Json, name: str, place: Place) -> None:
        """Every profile that the resource claims to keep, each once."""
        meta = node.get("meta")
        claimed = meta.get("profile", ()) if type(meta) is dict else ()
        urls = dict.fromkeys(u for u in claimed if type(u) is str)
        if self.rules.vital_signs and name == "Observation":
            urls |= dict.fromkeys(vital_signs(node))
        for url in urls:
            profile = self.definitions.profile(url)
            if profile is None:
                self.add("fhir.profile_unknown", place, "warning", profile=shown(url))
            elif profile.type != name:
                self.add("fhir.profile_for", place, profile=shown(url), type=profile.type)
            else:
                check_profile(self, node, profile, place, name)

    def _object(self, node: Any, kind: TypeDef, place: Place) -> None:
        keys = kind.keys
        for name, value in node.items():
            key = keys.get(name)
            if key is None:
                self._odd_key(node, name, value, kind, place)
            elif type(value) is list:
                self._many(node, name, value, key, place)
            elif key.many:
                self.add("fhir.array", (place, name), element=name)
            else:
                self._one(value, key, (place, name))
        for element, names in kind.required:
            if not any(n in node or "_" + n in node for n in names):
                self.add("fhir.required", place, element=element)
        for element, several in kind.choices:
            used = several.intersection(node)
            if len(used) > 1 and len({n.lstrip("_") for n in used}) > 1:
                self.add("fhir.choice", place, element=element + "[x]")
        if kind.invariants:
            self._invariants(kind.invariants, node, place)
        if (special := _SPECIAL.get(kind.name)) is not None:
            special(self, node, place)

    def _many(self, node: Json, name: str, value: list[Any], key: Key, place: Place) -> None:
        if not key.many:
            self.add("fhir.single", (place, name), element=name)
            return
        if key.most != UNLIMITED and len(value) > key.most:
            self.add("fhir.too_many", (place, name), element=name, max=key.most)
        for at, item in enumerate(value):
            if item is None:
                bare = node.get("_" + name)
                has_bare = type(bare) is list and len(bare) > at and bare[at] is not None
                if key.test is None or not has_bare:
                    self.add("json.null", (place, name, at))
            else:
                self._one(item, key, (place, name, at))

    def _one(self, value: Any, key: Key, place: Place) -> None:
        test = key.test
        if test is not None:
            if not test(value):
                self.add("fhir.primitive", place, type=key.type, value=shown(value))
            elif key.codes is not None and not key.codes.has(value):
                self.add("fhir.code", place, sent=shown(value), set=key.codes.url)
            elif key.type == "xhtml":
                self._narrative(value, place)
            elif key.targets:
                self._canonical(value, key.targets, place)
        elif type(value) is not dict:
            self.add("fhir.object", place, type=key.type, value=shown(value))
        elif key.type == "Resource":
            outer = None if key.element != "contained" else self.scope.resource
            self.resource(value, place, outer=outer)
        else:
            self._object(value, type_of(key.type), place)
            if key.targets and key.type == "Reference":
                self._target(value, key.targets, place)
            if key.codes is not None:
                self._bound(value, key.type, key.codes, place)
        if key.invariants and type(value) is dict:
            self._invariants(key.invariants, value, place)

    def _odd_key(self, node: Json, name: str, value: Any, kind: TypeDef, place: Place) -> None:
        if name == "resourceType" and kind.kind == "resource":
            return
        key = kind.keys.get(name[1:]) if name[:1] == "_" else None
        if key is None or key.test is None:
            self.add("fhir.unknown_element", (place, name), element=shown(name), type=kind.name)
            return
        if key.many != (type(value) is list):
            self.add("fhir.array" if key.many else "fhir.single", (place, name), element=name)
            return
        values = node.get(name[1:], ())
        if key.many and values and type(values) is list and len(values) != len(value):
            self.add("fhir.uneven", (place, name), element=name)
        for at, part in enumerate(value if key.many else [value]):
            spot: Place = (place, name, at) if key.many else (place, name)
            if part is None:
                there = type(values) is list and len(values) > at and values[at] is not None
                if not there:
                    self.add("json.null", spot)
            elif type(part) is not dict:
                self.add("fhir.object", spot, type="Element", value=shown(part))
            else:
                self._object(part, type_of("Element"), spot)

    def _invariants(self, rules: tuple[Invariant, ...], node: Any, place: Place) -> None:
        for rule in rules:
            if not holds(rule.compiled or rule.function(), node, self.scope):
                self.add("fhir.invariant", place, key=rule.key, expression=rule.expression)

    def _narrative(self, text: str, place: Place) -> None:
        if problem := narrative.problem(text):
            severity: Severity = "warning" if problem == narrative.EMPTY else "error"
            self.add("fhir.narrative", place, severity, problem=problem)

    def _bound(self, value: Json, kind: str, codes: Codes, place: Place) -> None:
        if kind == "CodeableConcept":
            codings = _codings(value)
            if not any(_is_in(codes, c) for c in codings) and "extension" not in value:
                self.add("fhir.coding", place, sent=_shown_coding(codings), set=codes.url)
        elif kind == "Coding":
            if not _is_in(codes, value) and "extension" not in value:
                self.add("fhir.coding", place, sent=_shown_coding([value]), set=codes.url)
        elif "code" in value and not _is_in(codes, value):
            self.add("fhir.coding", place, sent=_shown_coding([value]), set=codes.url)

    def _target(self, value: Json, allowed: frozenset[str], place: Place) -> None:
        kind = target_type(value, self.scope.root)
        if kind and kind not in allowed:
            self.add("fhir.target", place, type=kind, allowed=", ".join(sorted(allowed)))

    def _canonical(self, value: str, allowed: frozenset[str], place: Place) -> None:
        found = _CANONICAL.match(value)
        if found and found[1] in resource_types() and found[1] not in allowed:
            self.add("fhir.target", place, type=found[1], allowed=", ".join(sorted(allowed)))

    def _contained(self, node: Json, place: Place) -> None:
        inside = node.get("contained")
        if type(inside) is not list:
            return
        named: set[str] = set()
        _fragments(node, named)
        seen: set[str] = set()
        for at, part in enumerate(inside):
            if type(part) is not dict:
                continue
            spot: Place = (place, "contained", at)
            name = part.get("id")
            if type(name) is not str:
                self.add("fhir.contained_id", spot)
                continue
            if name in seen:
                self.add("fhir.contained_twice", spot, id=name)
            seen.add(name)
            own: set[str] = set()
            _fragments(part, own)
            if name not in named and "" not in own:
                self.add("fhir.contained_unused", spot, id=name)
            if "contained" in part:
                self.add("fhir.contained_nested", spot)
            meta = part.get("meta")
            if type(meta) is dict and meta.keys() & {"versionId", "lastUpdated", "security"}:
                self.add("fhir.contained_meta", spot)


def _codings(concept: Json) -> list[Json]:
    return [c for c in concept.get("coding", ()) if type(c) is dict]


# In these addresses the type of what they name is known without looking.
_CANONICAL = re.compile(r"http://hl7\.org/fhir/([A-Z][A-Za-z]+)/")


def _is_in(codes: Codes, coding: Json) -> bool:
    code = coding.get("code")
    return type(code) is str and codes.has_coding(str(coding.get("system", "")), code)


def _shown_coding(codings: list[Json]) -> str:
    if not codings:
        return "-"
    return shown(f"{codings[0].get('system', '')}|{codings[0].get('code', '')}")


def _fragments(node: Any, found: set[str]) -> None:
    """Ids of contained resources that anything in a node names as `#id`."""
    for value in node.values() if type(node) is dict else node:
        if type(value) is str:
            if value[:1] == "#":
                found.add(value[1:])
        elif type(value) is dict or type(value) is list:
            _fragments(value, found)


def _reference(walk: Walk, node: Json, place: Place) -> None:
    text = node.get("reference")
    if type(text) is str and text.startswith("#") and len(text) > 1:
        inside = walk.scope.root.get("contained", ())
        if not any(type(c) is dict and c.get("id") == text[1:] for c in inside):
            walk.add("fhir.fragment", (place, "reference"), reference=shown(text))
    stated = node.get("type")
    if type(text) is str and type(stated) is str and (found := ADDRESS.search(text)):
        known = found[1] in resource_types()
        if known and stated in resource_types() and found[1] != stated:
            walk.add("fhir.reference_type", place, type=stated, reference=shown(text))


def _period(walk: Walk, node: Json, place: Place) -> None:
    start, end = node.get("start"), node.get("end")
    if type(start) is str and type(end) is str:
        first, last = moment(start), moment(end)
        # Of other precision, they must not overlap: a day does not come before its own morning.
        if first is not None and last is not None and first != last and last[0] <= first[1]:
            walk.add("fhir.period", place, start=shown(start), end=shown(end))


def _attachment(walk: Walk, node: Json, place: Place) -> None:
    data, size = node.get("data"), node.get("size")
    if type(data) is str and type(size) is int:
        compact = re.sub(r"\s", "", data)
        actual = len(compact) // 4 * 3 - compact.count("=", -2)
        if size != actual:
            walk.add("fhir.attachment_size", place, stated=size, actual=actual)


def _quantity(walk: Walk, node: Json, place: Place) -> None:
    value = node.get("value")
    if isinstance(value, Decimal) and abs(value.adjusted()) > 300:
        walk.add("fhir.primitive", (place, "value"), type="decimal", value=shown(str(value)))


_SPECIAL: dict[str, Callable[[Walk, Json, Place], None]] = {
    "Bundle": check_bundle,
    "StructureDefinition": check_structure,
    "Extension": check_extension,
    "Reference": _reference,
    "Period": _period,
    "Attachment": _attachment,
    "Quantity": _quantity,
}


def abstract(name: str) -> bool:
    """Whether no resource may call itself by this name."""
    return name not in resource_types() or is_abstract(name)
