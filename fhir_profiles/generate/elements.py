"""Which elements does each type have, and what must hold of them?

Written as JSON, one element a line: `[name, min, max, types, details]`. `types` lists FHIR types
with their targets, `Reference(Patient|Group)`; a name with a dot is an element that has children
of its own, listed under that name. `details` may hold `b` (value set of a required binding), `i`
(invariants, `[key, expression]`), `s` (part of a summary) and `m` (modifier). Elements that a
type inherits from Element, Resource and their like are listed there only.
"""

import json
from typing import Any

from fhir_profiles.generate.definitions import Definitions

ROOTS = ("Element", "BackboneElement", "Resource", "DomainResource")
# Written where an element's type is narrowed to one of them.
PROFILED = frozenset({"SimpleQuantity", "MoneyQuantity"})
_REGEX = "http://hl7.org/fhir/StructureDefinition/regex"
# Everything that is JSON of ours to judge obeys these already, or they are checked by hand.
BY_HAND = frozenset(
    {"ele-1", "ext-1", "dom-2", "dom-3", "dom-4", "dom-5", "ref-1", "per-1", "txt-1", "txt-2"}
)


def table(definitions: Definitions) -> str:
    """JSON text of `{"primitives": {...}, "types": {...}}`."""
    primitives: dict[str, str] = {}
    types: dict[str, dict[str, Any]] = {}
    for name, definition in definitions.structures.items():
        if definition.get("derivation") == "constraint":
            types[name] = _constraint(definition)
            continue
        if definition["kind"] == "primitive-type":
            primitives[name] = _regex(definition)
        else:
            types.update(_types(name, definition))
    lines = ['{"primitives": {']
    lines.append(",\n".join(f" {json.dumps(n)}: {json.dumps(r)}" for n, r in primitives.items()))
    lines.append('}, "types": {')
    lines.append(",\n".join(_write(name, types[name]) for name in sorted(types)))
    lines.append("}}\n")
    return "\n".join(lines)


def required_bindings(definitions: Definitions) -> set[str]:
    """Canonical URLs, without version, of every value set with a required binding."""
    found = set()
    for definition in definitions.structures.values():
        for element in definition["snapshot"]["element"]:
            binding = element.get("binding", {})
            if binding.get("strength") == "required" and "valueSet" in binding:
                found.add(binding["valueSet"].partition("|")[0])
    return found


def _write(name: str, made: dict[str, Any]) -> str:
    head = {k: v for k, v in made.items() if k != "elements"}
    rows = ",\n".join(f"  {_text(row)}" for row in made["elements"])
    return f' {json.dumps(name)}: {{{_text(head)[1:-1]}, "elements": [\n{rows}]}}'


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _regex(definition: dict[str, Any]) -> str:
    for element in definition["snapshot"]["element"]:
        if element["path"].endswith(".value"):
            for extension in element["type"][0].get("extension", ()):
                if extension["url"] == _REGEX:
                    return str(extension["valueString"])
    return ""


def _constraint(definition: dict[str, Any]) -> dict[str, Any]:
    """A type that only adds invariants to another, such as SimpleQuantity."""
    root = definition["snapshot"]["element"][0]
    base = definition["baseDefinition"].rsplit("/", 1)[-1]
    invariants = _invariants(root, definition["name"])
    return {
        "kind": definition["kind"],
        "base": base,
        "invariants": invariants,
        "elements": [],
    }


def _types(name: str, definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    base = str(definition.get("baseDefinition", "")).rsplit("/", 1)[-1]
    made: dict[str, dict[str, Any]] = {}
    for element in definition["snapshot"]["element"]:
        path = element["path"]
        invariants = _invariants(element, name)
        if path == name:
            made[name] = {"kind": definition["kind"], "base": base, "elements": []}
            if definition["abstract"]:
                made[name]["abstract"] = True
            if invariants:
                made[name]["invariants"] = invariants
            continue
        origin = element["base"]["path"].partition(".")[0]
        if origin in ROOTS and origin != name:
            continue
        parent, _, own = path.rpartition(".")
        made[parent]["elements"].append(_row(path, own, element, invariants))
        code = element.get("type", [{"code": ""}])[0]["code"]
        if code in ("BackboneElement", "Element") and name not in ROOTS:
            made[path] = {"kind": "element", "base": code, "elements": []}
    return made


def _row(path: str, own: str, element: dict[str, Any], invariants: list[list[str]]) -> list[Any]:
    maximum = element["max"]
    details: dict[str, Any] = {}
    binding = element.get("binding", {})
    if binding.get("strength") == "required" and "valueSet" in binding:
        details["b"] = binding["valueSet"].partition("|")[0]
    if invariants:
        details["i"] = invariants
    if element.get("isSummary"):
        details["s"] = 1
    if element.get("isModifier"):
        details["m"] = 1
    row = [own, element["min"], maximum if maximum == "*" else int(maximum), _names(path, element)]
    return [*row, details] if details else row


def _names(path: str, element: dict[str, Any]) -> list[str]:
    if reference := element.get("contentReference"):
        return [reference.partition("#")[2]]
    names = []
    for kind in element.get("type", ()):
        code = kind["code"]
        if code in ("BackboneElement", "Element") and path not in ("Element", "BackboneElement"):
            code = path
        elif code.startswith("http://hl7.org/fhirpath/"):
            # Ids of resources are ids; other system types stand for plain strings.
            resource_id = path.count(".") == 1 and path.endswith(".id") and path[0].isupper()
            is_id = resource_id and element["base"]["path"] == "Resource.id"
            code = "id" if is_id else "string"
        profiles = {url.rsplit("/", 1)[1] for url in kind.get("profile", ())}
        code = next(iter(profiles & PROFILED), code)
        targets = sorted(url.rsplit("/", 1)[1] for url in kind.get("targetProfile", ()))
        if targets and targets != ["Resource"]:
            code += f"({'|'.join(targets)})"
        names.append(code)
    return names


def _invariants(element: dict[str, Any], name: str) -> list[list[str]]:
    return [
        [c["key"], c["expression"]]
        for c in element.get("constraint", ())
        if c["severity"] == "error"
        and "expression" in c
        and c["key"] not in BY_HAND
        and not (c["key"].startswith("dom-") and name != "DomainResource")
    ]
