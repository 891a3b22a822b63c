"""By which way is a person reached, and who is their family?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from carecoord.fhir import read
from carecoord.fhir.read import Json

Channel = Literal["phone", "app", ""]

_CHANNELS: dict[str, Channel] = {"phone": "phone", "sms": "phone", "url": "app", "other": "app"}
"""`ContactPoint.system` to the way it means; e-mail and fax are read too late for today's visit."""


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody is reached; an empty channel = nobody wrote it down."""

    channel: Channel = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody of the family.

    reference
        `RelatedPerson/…`, or `Patient/…#contact[0]` for one who is only named in the Patient.
    relation
        As written down, such as `女儿`; else the code.
    """

    reference: str
    name: str
    relation: str
    way: Way


def way(holder: Json, on: date) -> Way:
    """The preferred way in force on a day, of anything that has `telecom`."""
    usable = [
        (int(one.get("rank", 99)), at, _CHANNELS[one["system"]], str(one["value"]))
        for at, one in enumerate(holder.get("telecom", ()))
        if one.get("system") in _CHANNELS
        and one.get("value")
        and one.get("use") != "old"
        and read.within(one.get("period", {}), on)
    ]
    if not usable:
        return Way()
    _, _, channel, address = min(usable)
    return Way(channel, address)


def family(patient: Json, related: Iterable[Json], on: date) -> Iterator[Relative]:
    """Family of a patient on a day: RelatedPersons in force, then contacts who are none of them."""
    known: set[str] = set()
    for one in related:
        if one.get("active") is False or not read.within(one.get("period", {}), on):
            continue
        reached = way(one, on)
        known.add(reached.address)
        yield Relative(f"RelatedPerson/{one['id']}", read.name(one), _relation(one), reached)
    for at, one in enumerate(patient.get("contact", ())):
        reached = way(one, on)
        if "name" not in one or not read.within(one.get("period", {}), on):
            continue
        if reached.address and reached.address in known:
            continue
        yield Relative(
            f"Patient/{patient['id']}#contact[{at}]", read.name(one), _relation(one), reached
        )


def _relation(one: Json) -> str:
    for concept in one.get("relationship", ()):
        if text := concept.get("text"):
            return str(text)
        for coding in concept.get("coding", ()):
            if found := coding.get("display") or coding.get("code"):
                return str(found)
    return ""
