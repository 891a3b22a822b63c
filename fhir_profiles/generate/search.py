"""Which search parameters are there, and which JSON keys feed each?

A parameter becomes `[kind, [path, ...], [target type, ...]]`; a path is written
`participant.actor?Patient:Reference`: keys from the resource down, a condition, and the type of
the last key; the target `*` stands for any. Conditions: `?Type` keeps references to that type,
`[key=value]` keeps elements with that value. The type `truth` asks whether a boolean or date is
there and not false.
"""

import json
import re
from typing import Any
from zlib import crc32

from fhir_profiles.generate.definitions import Definitions, Field

# Answered from columns of the store, or needing a text engine: no index rows.
UNINDEXED = frozenset({"_id", "_lastUpdated", "_text", "_content", "_query", "_filter", "_list"})
KINDS = frozenset({"token", "string", "reference", "date", "quantity", "number", "uri"})

# Parameters that lead to this many types lead to any: written `*`.
MANY = 100

# Of our own: when an Appointment or Slot ends, for overlap queries together with its start.
OWN = [
    {"code": "end", "base": ["Appointment"], "type": "date", "expression": "Appointment.end"},
    {"code": "end", "base": ["Slot"], "type": "date", "expression": "Slot.end"},
]

_AS = re.compile(
    r"^\((?P<path>[\w.]+) as (?P<type>\w+)\)(?P<rest>\.\w+)?$"
    r"|^(?P<path2>[\w.]+)\.as\((?P<type2>\w+)\)$"
)
_RESOLVE = re.compile(r"^(?P<path>[\w.]+)\.where\(resolve\(\) is (?P<type>\w+)\)$")
_WHERE = re.compile(
    r"^(?P<path>[\w.]+)\.where\((?P<key>\w+)='(?P<value>[\w-]+)'\)(?P<rest>[\w.]*)$"
)
_TRUTH = re.compile(r"^(?P<path>[\w.]+)\.exists\(\) and (?P=path) != false$")
_PLAIN = re.compile(r"^[\w.]+$")


def table(definitions: Definitions) -> str:
    """JSON text `{type: {code: [kind, paths, targets]}}` for every R4 resource type."""
    published = definitions.bundle("search-parameters.json")
    types = {
        name: parameters
        for name in definitions.resource_types
        if (parameters := _of_type(definitions, name, [*published, *OWN]))
    }
    numbers = [crc32(f"{t}.{c}".encode()) & 0x7FFFFFFF for t, p in types.items() for c in p]
    if len(set(numbers)) != len(numbers):
        raise ValueError("two search parameters share a number; the numbering must change")
    rows = ",\n".join(
        f' "{name}": {{\n'
        + ",\n".join(f'  "{c}": {json.dumps(p, separators=(",", ":"))}' for c, p in params.items())
        + "\n }"
        for name, params in types.items()
    )
    return f"{{\n{rows}\n}}\n"


def compartment(definitions: Definitions) -> str:
    """JSON text `{type: [code, ...]}`: parameters that make a resource part of a patient."""
    rows = [
        f' "{r["code"]}": {json.dumps(r["param"])}'
        for r in definitions.resource("compartmentdefinition-patient.json")["resource"]
        if "param" in r and r["code"] in definitions.resource_types
    ]
    return "{\n" + ",\n".join(sorted(rows)) + "\n}\n"


def _of_type(
    definitions: Definitions, name: str, published: list[dict[str, Any]]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    bases = {name, "Resource", "DomainResource"}
    for parameter in published:
        if parameter["code"] in UNINDEXED or parameter["type"] not in KINDS:
            continue
        if not bases & set(parameter["base"]):
            continue
        paths = []
        for part in parameter["expression"].split("|"):
            paths += _paths(definitions, name, part.strip())
        if paths:
            targets = sorted(set(parameter.get("target", ())) & {*definitions.resource_types})
            if len(targets) > MANY:
                targets = ["*"]
            found[parameter["code"]] = [parameter["type"], paths, targets]
    return dict(sorted(found.items()))


def _paths(definitions: Definitions, name: str, expression: str) -> list[str]:
    """Paths of one alternative of an expression, as far as it concerns the resource type."""
    if found := _AS.match(expression):
        path, wanted = found["path"] or found["path2"], found["type"] or found["type2"]
        rest = (found["rest"] or "").removeprefix(".")
        made = _walk(definitions, name, path, wanted=wanted)
        if rest:
            made = [
                ((*keys, f.key), f)
                for keys, field in made
                for f in definitions.fields(field.type, rest)
            ]
        return _write(made)
    if found := _RESOLVE.match(expression):
        return _write(_walk(definitions, name, found["path"]), condition=f"?{found['type']}")
    if found := _WHERE.match(expression):
        depth = found["path"].count(".")
        made = _walk(definitions, name, found["path"] + found["rest"])
        condition = f"[{found['key']}={found['value']}]"
        return _write(
            [((*k[: depth - 1], k[depth - 1] + condition, *k[depth:]), field) for k, field in made]
        )
    if found := _TRUTH.match(expression):
        made = _walk(definitions, name, found["path"])
        return [f"{'.'.join(keys)}:truth" for keys, _ in made]
    if _PLAIN.match(expression):
        return _write(_walk(definitions, name, expression))
    if expression == "Bundle.entry[0].resource":
        return []
    raise ValueError(f"search expression of an unknown form: {expression}")


Made = list[tuple[tuple[str, ...], Field]]


def _walk(definitions: Definitions, name: str, path: str, wanted: str = "") -> Made:
    first, *steps = path.split(".")
    if first not in (name, "Resource", "DomainResource"):
        if first[:1].isupper():
            return []
        steps = [first, *steps]
    made: Made = [((), Field("", name, ()))]
    for step in steps:
        made = [
            ((*keys, field.key), field)
            for keys, parent in made
            for field in definitions.fields(parent.type, step)
        ]
    return [(k, f) for k, f in made if not wanted or f.type == wanted]


def _write(made: Made, condition: str = "") -> list[str]:
    return [f"{'.'.join(keys)}{condition}:{field.type}" for keys, field in made]
