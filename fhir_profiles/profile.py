"""What does a profile ask beyond the type it constrains?

`compact` keeps of a StructureDefinition what a check needs and the base type does not say
already; `load` turns that into nodes. A node stands for one element, or for one slice of it.
"""

from dataclasses import dataclass, field
from typing import Any

from fhir_profiles.fhirpath import SyntaxFaultError, compile_text
from fhir_profiles.structure import Invariant, rules_of_r4, type_of
from fhir_profiles.wire import Json

BASE = "http://hl7.org/fhir/StructureDefinition/"


class UnusableError(ValueError):
    """A StructureDefinition that cannot be checked against; the text says why."""


@dataclass(slots=True)
class Discriminator:
    """How a value is told to belong to a slice: `kind` is value, pattern, exists, type, profile."""

    kind: str
    path: str


@dataclass(slots=True)
class Node:
    """One element of a profile, or one slice.

    least, most
        How often it must and may occur; None where the base type says it.
    types
        FHIR types it may have; empty = as the base type says.
    profiles
        Profiles by type, one of which the value must keep.
    targets
        Types, or profiles, that a Reference may lead to.
    fixed, pattern
        What the value must be, or must contain; None for nothing.
    by_url
        Name of the slice by the `url` of its extension, where that alone tells slices apart.
    """

    least: int | None = None
    most: int | None = None
    types: frozenset[str] = frozenset()
    profiles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    fixed: Any = None
    pattern: Any = None
    codes: str = ""
    invariants: tuple[Invariant, ...] = ()
    discriminators: tuple[Discriminator, ...] = ()
    closed: bool = False
    children: dict[str, "Node"] = field(default_factory=dict)
    slices: dict[str, "Node"] = field(default_factory=dict)
    by_url: dict[str, str] | None = None


@dataclass(slots=True)
class Profile:
    """A profile: its canonical URL, the type it is for and what it asks of it."""

    url: str
    type: str
    root: Node
    # For extensions: where they may stand, as FHIRPath of elements.
    contexts: tuple[str, ...] = ()


def load(compacted: Json) -> Profile:
    """The nodes of a compacted profile."""
    return Profile(
        compacted["url"],
        compacted["type"],
        _node(compacted.get("root", {})),
        tuple(compacted.get("contexts", ())),
    )


def _node(raw: Json) -> Node:
    made = Node(
        least=raw.get("min"),
        most=raw.get("max"),
        types=frozenset(raw.get("types", ())),
        profiles={t: tuple(p) for t, p in raw.get("profiles", {}).items()},
        targets=tuple(raw.get("targets", ())),
        fixed=raw.get("fixed"),
        pattern=raw.get("pattern"),
        codes=raw.get("codes", ""),
        invariants=tuple(Invariant(*i) for i in raw.get("invariants", ())),
        discriminators=tuple(Discriminator(*d) for d in raw.get("by", ())),
        closed=raw.get("closed", False),
        children={name: _node(child) for name, child in raw.get("children", {}).items()},
        slices={name: _node(part) for name, part in raw.get("slices", {}).items()},
    )
    made.by_url = _by_url(made)
    return made


def _by_url(node: Node) -> dict[str, str] | None:
    """Slice names by url; None unless a fixed url tells every slice."""
    if [(d.kind, d.path) for d in node.discriminators] != [("value", "url")]:
        return None
    found: dict[str, str] = {}
    for name, part in node.slices.items():
        fixed = part.children["url"].fixed if "url" in part.children else None
        urls = [fixed] if fixed else list(part.profiles.get("Extension", ()))
        if len(urls) != 1 or type(urls[0]) is not str:
            return None
        found[urls[0].partition("|")[0]] = name
    return found if len(found) == len(node.slices) else None


def compact(definition: Json) -> Json:
    """What a StructureDefinition with snapshot asks beyond its type, as plain JSON.

    Raises
    ------
    UnusableError
        No snapshot, no known type, or an invariant that is no FHIRPath.
    """
    elements = definition.get("snapshot", {}).get("element")
    if not elements:
        raise UnusableError("snapshot")
    kind = definition.get("type", "")
    try:
        type_of(kind)
    except KeyError as error:
        raise UnusableError(f"type {kind}") from error
    root: Json = {}
    for element in elements:
        steps = str(element.get("id", element["path"])).split(".")[1:]
        _place(root, steps).update(_facts(element, is_root=not steps))
    _trim(root, kind)
    _prune(root)
    made: Json = {"url": definition["url"], "type": kind, "root": root}
    if kind == "Extension":
        made["contexts"] = [
            c["expression"] for c in definition.get("context", ()) if c.get("type") == "element"
        ]
    return made


def _place(root: Json, steps: list[str]) -> Json:
    """The raw node that an element id such as `code.coding:temp.system` leads to."""
    node = root
    for step in steps:
        name, _, part = step.partition(":")
        node = node.setdefault("children", {}).setdefault(name.removesuffix("[x]"), {})
        if part:
            node = node.setdefault("slices", {}).setdefault(part, {})
    return node


def _facts(element: Json, *, is_root: bool) -> Json:
    made: Json = {}
    base = element.get("base", {})
    if not is_root:
        if element.get("min", 0) > base.get("min", 0) or (
            element.get("min", 0) > 0 and "sliceName" in element
        ):
            made["min"] = element["min"]
        most = element.get("max", "*")
        if most != "*" and (most != base.get("max") or "sliceName" in element):
            made["max"] = int(most)
    made |= _typing(element)
    for key, value in element.items():
        if key.startswith("fixed"):
            made["fixed"] = value
        elif key.startswith("pattern"):
            made["pattern"] = value
    binding = element.get("binding", {})
    if binding.get("strength") == "required" and "valueSet" in binding:
        made["codes"] = binding["valueSet"].partition("|")[0]
    if invariants := _invariants(element):
        made["invariants"] = invariants
    if slicing := element.get("slicing"):
        made["by"] = [[d["type"], d["path"]] for d in slicing.get("discriminator", ())]
        if slicing.get("rules") == "closed":
            made["closed"] = True
    return made


def _typing(element: Json) -> Json:
    made: Json = {}
    names, profiles, targets = [], {}, []
    for kind in element.get("type", ()):
        names.append(kind["code"])
        own = [p for p in kind.get("profile", ()) if not _is_base(p)]
        if own:
            profiles[kind["code"]] = own
        targets += kind.get("targetProfile", ())
    if element["path"].endswith("[x]"):
        made["types"] = names
    if profiles:
        made["profiles"] = profiles
    if targets and not any(t == BASE + "Resource" for t in targets):
        made["targets"] = [t.removeprefix(BASE) if _is_base(t) else t for t in targets]
    return made


def _is_base(url: str) -> bool:
    """Whether a profile URL is the definition of a type itself."""
    name = url.partition("|")[0].removeprefix(BASE)
    try:
        type_of(name)
    except KeyError:
        return False
    return True


def _invariants(element: Json) -> list[list[str]]:
    made = []
    for constraint in element.get("constraint", ()):
        if constraint.get("severity") != "error" or "expression" not in constraint:
            continue
        # Only what is inherited names its source, so the rules of R4 are known by their keys.
        if constraint["key"] in rules_of_r4() or constraint["key"] in _ALREADY:
            continue
        try:
            compile_text(constraint["expression"])
        except SyntaxFaultError as error:
            raise UnusableError(f"{constraint['key']}: {constraint['expression']}") from error
        made.append([constraint["key"], constraint["expression"]])
    return made


_ALREADY = frozenset(
    {"ele-1", "ext-1", "dom-2", "dom-3", "dom-4", "dom-5", "dom-6", "ref-1", "per-1"}
)


def _prune(node: Json) -> None:
    """Remove what says nothing: empty children, slicing without slices."""
    for group in ("children", "slices"):
        for name, child in list(node.get(group, {}).items()):
            _prune(child)
            if not child:
                del node[group][name]
        if group in node and not node[group]:
            del node[group]
    if "slices" not in node:
        node.pop("by", None)
        node.pop("closed", None)


# Profiles of a type: snapshots name the type.
_PLAIN = {"SimpleQuantity": "Quantity", "MoneyQuantity": "Quantity"}


def _trim(node: Json, kind: str) -> None:
    """Remove from a compacted tree what the type `kind` asks anyway: types, targets, codes."""
    try:
        keys = type_of(kind).keys
    except KeyError:
        return
    for name, child in list(node.get("children", {}).items()):
        own = [k for k in keys.values() if k.element == name]
        if not own:
            continue
        if set(child.get("types", ())) >= {_PLAIN.get(k.type, k.type) for k in own}:
            child.pop("types", None)
        allowed = {t for k in own for t in k.targets}
        if allowed and set(child.get("targets", ())) >= allowed:
            child.pop("targets", None)
        if any(k.codes is not None and k.codes.url == child.get("codes") for k in own):
            child.pop("codes", None)
        inner = own[0].type if len(own) == 1 else ""
        for part in (child, *child.get("slices", {}).values()):
            _trim(part, inner)
