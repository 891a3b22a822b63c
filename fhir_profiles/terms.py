"""Which codes are in a value set, and what do they mean?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fhir_profiles.structure import Codes, codes_of
from fhir_profiles.wire import Json


@dataclass(frozen=True, slots=True)
class Concept:
    """A code of a system. `displays` has its names by language; the empty one is the default."""

    system: str
    code: str
    displays: Mapping[str, str] = field(default_factory=dict)

    def display(self, language: str = "") -> str:
        """Its name in a language such as `zh-CN`, else the default one; may be empty."""
        main = language.partition("-")[0]
        for tag, name in self.displays.items():
            if tag and (tag == language or tag.partition("-")[0] == main):
                return name
        return self.displays.get("", "")


class Terms:
    """Value sets and code systems by canonical URL; those of base R4 stand behind them."""

    def __init__(self, resources: Iterable[Json] = ()) -> None:
        self.sets: dict[str, Json] = {}
        self.systems: dict[str, Json] = {}
        for resource in resources:
            if resource["resourceType"] not in ("ValueSet", "CodeSystem"):
                continue
            kind = self.sets if resource["resourceType"] == "ValueSet" else self.systems
            if "url" in resource:
                kind[resource["url"]] = resource

    def expand(self, url: str, *, depth: int = 0) -> list[Concept] | None:
        """Concepts of a value set in order; None where it is unknown or cannot be listed."""
        plain = url.partition("|")[0]
        definition = self.sets.get(plain)
        if definition is None:
            base = codes_of(plain)
            if base is None or not base.by_system:
                return None
            return [Concept(s, c) for s, codes in base.by_system.items() for c in sorted(codes)]
        if depth > 8:
            return None
        compose = definition.get("compose")
        if compose is None:
            return list(_expansion(definition.get("expansion", {}).get("contains", ())))
        found: dict[tuple[str, str], Concept] = {}
        for include in compose.get("include", ()):
            part = self._part(include, depth)
            if part is None:
                return None
            found |= {(c.system, c.code): c for c in part}
        for exclude in compose.get("exclude", ()):
            for concept in self._part(exclude, depth) or ():
                found.pop((concept.system, concept.code), None)
        return list(found.values())

    def codes(self, url: str) -> Codes | None:
        """The codes of a value set as a check needs them; None if it is not known here."""
        if url not in self.sets:
            return None
        systems: dict[str, set[str]] = {}
        for concept in self.expand(url) or ():
            systems.setdefault(concept.system, set()).add(concept.code)
        frozen = {s: frozenset(c) for s, c in systems.items()}
        return Codes(url, frozen, frozenset(c for codes in frozen.values() for c in codes))

    def look_up(self, system: str, code: str) -> Concept | None:
        """One concept of a code system; None if there is none."""
        definition = self.systems.get(system.partition("|")[0])
        if definition is None:
            return None
        return next((c for c in _concepts(definition) if c.code == code), None)

    def _part(self, include: Json, depth: int) -> list[Concept] | None:
        parts: list[list[Concept]] = []
        for url in include.get("valueSet", ()):
            imported = self.expand(url, depth=depth + 1)
            if imported is None:
                return None
            parts.append(imported)
        if "system" in include:
            own = self._of_system(include)
            if own is None:
                return None
            parts.append(own)
        if not parts:
            return []
        # Several conditions of one include must hold together.
        first, *others = parts
        for other in others:
            keys = {(c.system, c.code) for c in other}
            first = [c for c in first if (c.system, c.code) in keys]
        return first

    def _of_system(self, include: Json) -> list[Concept] | None:
        system = include["system"]
        definition = self.systems.get(system)
        if "concept" in include:
            return [
                _named(system, c)
                if "display" in c
                else self.look_up(system, c["code"]) or _named(system, c)
                for c in include["concept"]
            ]
        if definition is None or definition.get("content") not in ("complete", "fragment"):
            return None
        found = list(_concepts(definition))
        for rule in include.get("filter", ()):
            chosen = _below(definition, rule)
            if chosen is None:
                return None
            found = [c for c in found if c.code in chosen]
        return found


def _below(definition: Json, rule: Json) -> set[str] | None:
    """Codes that a filter selects; None for a filter that is not covered."""
    if rule.get("op") not in ("is-a", "descendent-of"):
        return None
    found: set[str] = set()

    def walk(concepts: Iterable[Json], inside: bool) -> None:
        for concept in concepts:
            here = concept["code"] == rule["value"]
            if inside or (here and rule["op"] == "is-a"):
                found.add(concept["code"])
            walk(concept.get("concept", ()), inside or here)

    walk(definition.get("concept", ()), False)
    return found


def _concepts(definition: Json) -> Iterator[Concept]:
    def walk(concepts: Iterable[Json]) -> Iterator[Concept]:
        for concept in concepts:
            yield _named(definition["url"], concept)
            yield from walk(concept.get("concept", ()))

    return walk(definition.get("concept", ()))


def _named(system: str, concept: Json) -> Concept:
    displays = {"": concept["display"]} if "display" in concept else {}
    for designation in concept.get("designation", ()):
        if "language" in designation:
            displays[designation["language"]] = designation["value"]
    return Concept(system, concept["code"], displays)


def _expansion(contains: Iterable[Any]) -> Iterator[Concept]:
    for item in contains:
        if "code" in item and not item.get("abstract"):
            yield _named(item.get("system", ""), item)
        yield from _expansion(item.get("contains", ()))
