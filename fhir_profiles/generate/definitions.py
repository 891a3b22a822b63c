"""What do the published definitions say about an element?"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

# The source package carries this type of R4B beside those of R4.
NOT_R4 = frozenset({"SubscriptionStatus"})

# To these types it adds elements of later releases; its data elements are those of R4.
ALTERED = frozenset({"DeviceDefinition", "EvidenceVariable", "ResearchStudy"})
_LATER_RULES = frozenset({"evv-1"})


@dataclass(frozen=True, slots=True)
class Field:
    """One JSON key that an element of a definition may appear as.

    `type` is a FHIR type, or the path of the element that defines it inside its resource.
    """

    key: str
    type: str
    targets: tuple[str, ...]


class Definitions:
    """The definitions of one folder, read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def bundle(self, name: str) -> list[dict[str, Any]]:
        """Resources of one file, such as `search-parameters.json`."""
        text = (self._folder / name).read_text(encoding="utf-8")
        return [entry["resource"] for entry in json.loads(text)["entry"]]

    def resource(self, name: str) -> dict[str, Any]:
        """The one resource of a file, such as `compartmentdefinition-patient.json`."""
        made: dict[str, Any] = json.loads((self._folder / name).read_text(encoding="utf-8"))
        return made

    @cached_property
    def structures(self) -> dict[str, dict[str, Any]]:
        """StructureDefinition of every base type and resource, by type name."""
        found = {}
        for name in ("profiles-types.json", "profiles-resources.json"):
            for resource in self.bundle(name):
                if (
                    resource["resourceType"] == "StructureDefinition"
                    and resource["name"] not in NOT_R4
                ):
                    name_ = resource["name"]
                    found[name_] = self._of_r4(resource) if name_ in ALTERED else resource
        return found

    @cached_property
    def _data_elements(self) -> dict[str, dict[str, Any]]:
        found = {}
        for resource in self.bundle("dataelements.json"):
            element = resource["snapshot"]["element"][0]
            found[element["path"]] = element
        return found

    def _of_r4(self, definition: dict[str, Any]) -> dict[str, Any]:
        """A resource's definition with the elements that R4 has, and no others."""
        name = definition["name"]
        known = [p for p in self._data_elements if p.startswith(f"{name}.")]
        parents = {p.rpartition(".")[0] for p in known}
        kept = [
            e
            for e in definition["snapshot"]["element"]
            if e["path"] in parents or e["path"] in self._data_elements
        ]
        present = {e["path"] for e in kept}
        kept += [self._data_elements[p] for p in known if p not in present]
        for element in kept:
            rules = element.get("constraint", ())
            element["constraint"] = [c for c in rules if c["key"] not in _LATER_RULES]
        return definition | {"snapshot": {"element": kept}}

    @cached_property
    def resource_types(self) -> tuple[str, ...]:
        """Names of the R4 resource types that can have instances, sorted."""
        return tuple(
            sorted(
                name
                for name, definition in self.structures.items()
                if definition["kind"] == "resource" and not definition["abstract"]
            )
        )

    @cached_property
    def _elements(self) -> dict[str, dict[str, Any]]:
        return {
            element["path"]: element
            for definition in self.structures.values()
            for element in definition["snapshot"]["element"]
        }

    def fields(self, parent: str, name: str) -> list[Field]:
        """JSON keys of the element `name` of a type or of an element path; empty if unknown."""
        element = self._elements.get(f"{parent}.{name}")
        if element is not None:
            return self._plain(parent, name, element)
        element = self._elements.get(f"{parent}.{name}[x]")
        if element is None:
            return []
        return [
            Field(name + t["code"][:1].upper() + t["code"][1:], t["code"], _targets(t))
            for t in element["type"]
        ]

    def _plain(self, parent: str, name: str, element: dict[str, Any]) -> list[Field]:
        if reference := element.get("contentReference"):
            return [Field(name, reference.removeprefix("#"), ())]
        targets = tuple(t for kind in element["type"] for t in _targets(kind))
        code = element["type"][0]["code"]
        if code in ("BackboneElement", "Element"):
            code = f"{parent}.{name}"
        elif code.startswith("http://hl7.org/fhirpath/"):
            code = "id" if name == "id" else "string"
        return [Field(name, code, targets)]


def _targets(kind: dict[str, Any]) -> tuple[str, ...]:
    return tuple(url.rsplit("/", 1)[1] for url in kind.get("targetProfile", ()))
