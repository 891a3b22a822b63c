"""Which codes may stand where a binding is required?

Written as JSON `{value set: {system: [code, ...]}}`, one system a line. A value set whose codes
nobody can list (media types, units) is `null` and judged by its grammar elsewhere.
"""

import json
from collections.abc import Iterator
from typing import Any

from fhir_profiles.generate.definitions import Definitions

FILES = (
    "valuesets.json",
    "v3-codesystems.json",
    "v2-tables.json",
    "valuesets-medplum-generated.json",
)


def table(definitions: Definitions, wanted: set[str]) -> str:
    """JSON text of the expansions of the value sets `wanted`."""
    return _Expander(definitions).text(wanted)


class _Expander:
    def __init__(self, definitions: Definitions) -> None:
        self.sets: dict[str, dict[str, Any]] = {}
        self.systems: dict[str, dict[str, Any]] = {}
        for name in FILES:
            for resource in definitions.bundle(name):
                kind = self.sets if resource["resourceType"] == "ValueSet" else self.systems
                kind[resource["url"]] = resource

    def text(self, wanted: set[str]) -> str:
        parts = []
        for url in sorted(wanted):
            expanded = self.expand(url)
            if expanded is None:
                parts.append(f" {json.dumps(url)}: null")
                continue
            rows = ",\n".join(f"  {_text(s)}: {_text(c)}" for s, c in expanded.items())
            parts.append(f" {json.dumps(url)}: {{\n{rows}}}")
        return "{\n" + ",\n".join(parts) + "}\n"

    def expand(self, url: str) -> dict[str, list[str]] | None:
        """Codes by system; None where they cannot be listed."""
        compose = self.sets.get(url, {}).get("compose")
        if compose is None:
            return None
        found: dict[str, list[str]] = {}
        for include in compose["include"]:
            part = self._part(include)
            if part is None:
                return None
            for system, codes in part.items():
                found[system] = list(dict.fromkeys([*found.get(system, ()), *codes]))
        for exclude in compose.get("exclude", ()):
            without = self._part(exclude) or {}
            for system, codes in without.items():
                found[system] = [c for c in found.get(system, ()) if c not in codes]
        return found

    def _part(self, include: dict[str, Any]) -> dict[str, list[str]] | None:
        found: dict[str, list[str]] = {}
        for url in include.get("valueSet", ()):
            imported = self.expand(url.partition("|")[0])
            if imported is None:
                return None
            found |= imported
        if "system" not in include:
            return found
        system = include["system"]
        if "concept" in include:
            return found | {system: [c["code"] for c in include["concept"]]}
        definition = self.systems.get(system)
        if definition is None or definition["content"] != "complete" or "filter" in include:
            return None
        return found | {system: list(_codes(definition.get("concept", ())))}


def _text(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _codes(concepts: list[dict[str, Any]]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", []))
