"""Which profiles and extensions does HL7 publish with R4, and what do they ask?

Written as a JSON list, one compacted profile a line (`fhir_profiles.profile.compact`).
"""

import json
from collections.abc import Iterator
from typing import Any

from fhir_profiles.generate.definitions import Definitions
from fhir_profiles.profile import UnusableError, compact

FILES = ("profiles-others.json", "extension-definitions.json")


def compacted(definitions: Definitions) -> list[dict[str, Any]]:
    """Every published profile and extension that can be checked, by URL."""
    found = {}
    for name in FILES:
        for resource in definitions.bundle(name):
            if resource["resourceType"] == "StructureDefinition":
                try:
                    found[resource["url"]] = compact(resource)
                except UnusableError:
                    continue
    return [found[url] for url in sorted(found)]


def table(profiles: list[dict[str, Any]]) -> str:
    """JSON text of compacted profiles."""
    lines = [json.dumps(p, ensure_ascii=False, separators=(",", ":")) for p in profiles]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def value_sets(profiles: list[dict[str, Any]]) -> set[str]:
    """Canonical URLs of the value sets that the profiles bind."""
    return {url for profile in profiles for url in _bound(profile.get("root", {}))}


def _bound(node: dict[str, Any]) -> Iterator[str]:
    if "codes" in node:
        yield node["codes"]
    for group in ("children", "slices"):
        for child in node.get(group, {}).values():
            yield from _bound(child)
