"""Which values does an element have, whatever type a choice has?"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from fhir_profiles.findings import Place
from fhir_profiles.structure import Key, type_of
from fhir_profiles.wire import Json


@dataclass(frozen=True, slots=True)
class Item:
    """One value of an element: `value` is None for a primitive that has only extensions."""

    value: Any
    type: str
    place: Place
    bare: Any = None

    @property
    def holder(self) -> Any:
        """What the children of the value hang on."""
        return self.value if type(self.value) is dict else self.bare


def items_of(holder: Any, kind: str, name: str, place: Place) -> list[Item]:
    """Values of an element, whatever type a choice has."""
    if type(holder) is not dict:
        return []
    found: list[Item] = []
    for key, known in _used(_keys_of(kind), name, holder):
        value, bare = holder.get(key), holder.get("_" + key)
        if type(value) is list or (value is None and type(bare) is list):
            bares: list[Any] = bare if type(bare) is list else []
            values: list[Any] = value if type(value) is list else [None] * len(bares)
            for at, one in enumerate(values):
                other = bares[at] if at < len(bares) else None
                found.append(Item(one, _actual(one, known), (place, key, at), other))
        elif value is not None or bare is not None:
            found.append(Item(value, _actual(value, known), (place, key), bare))
    return found


@cache
def _keys_of(kind: str) -> dict[str, Key]:
    try:
        return type_of(kind).keys
    except KeyError:
        return type_of("Element").keys


def _used(keys: dict[str, Key], name: str, holder: Json) -> Iterable[tuple[str, str]]:
    """Keys of an element that a holder has, with their types."""
    single = keys.get(name)
    if single is not None:
        return ((name, single.type),) if name in holder or "_" + name in holder else ()
    # An extension may have any of fifty values: what is there is asked, not what might be.
    used = dict.fromkeys(key.removeprefix("_") for key in holder)
    known = ((key, keys[key]) for key in used if key in keys)
    return [(key, one.type) for key, one in known if one.element == name]


def _actual(value: Any, known: str) -> str:
    """A resource is of the type it says; everything else of the type of its element."""
    if known in ("Resource", "DomainResource") and type(value) is dict:
        return str(value.get("resourceType", known))
    return "Quantity" if known in ("SimpleQuantity", "MoneyQuantity") else known
