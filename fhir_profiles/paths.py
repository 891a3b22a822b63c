"""Does an element path of a StructureDefinition exist in its type?"""

from typing import TYPE_CHECKING

from fhir_profiles.findings import Place
from fhir_profiles.primitives import shown
from fhir_profiles.structure import TypeDef, type_of
from fhir_profiles.wire import Json

if TYPE_CHECKING:
    from fhir_profiles.walk import Walk


def check_structure(walk: "Walk", definition: Json, place: Place) -> None:
    """Note paths of a constraint that lead nowhere in the type they constrain."""
    if definition.get("derivation") != "constraint":
        return
    kind = definition.get("type")
    for part in ("differential", "snapshot"):
        view = definition.get(part)
        elements = view.get("element", ()) if type(view) is dict else ()
        for at, element in enumerate(elements):
            path = element.get("path") if type(element) is dict else None
            if type(path) is str and type(kind) is str and not _exists(kind, path):
                spot: Place = ((place, part), "element", at)
                walk.add("fhir.element_path", (spot, "path"), path=shown(path), type=shown(kind))


def _exists(kind: str, path: str) -> bool:
    first, *steps = path.split(".")
    if first != kind:
        return False
    try:
        below = [type_of(kind)]
    except KeyError:
        # A type of someone's own: nothing is known about its elements.
        return True
    for step in steps:
        below = [child for parent in below for child in _children(parent, step)]
        if not below:
            return False
    return True


def _children(parent: TypeDef, step: str) -> list[TypeDef]:
    name = step.removesuffix("[x]")
    own = [k for key, k in parent.keys.items() if name in (key, k.element)]
    if name != step:
        own = [k for k in own if k.element == name]
    return [_type(k.type) for k in own]


def _type(name: str) -> TypeDef:
    try:
        return type_of(name)
    except KeyError:
        # Primitives have the children of Element, and a value.
        element = type_of("Element")
        return TypeDef(name, "primitive-type", {**element.keys, "value": element.keys["id"]})
