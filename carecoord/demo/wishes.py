"""What does an elder wish when the plan is made?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from carecoord.demo.elders import BED, FAMILY_BED, LTCI, Profile
from carecoord.demo.illness import main
from carecoord.demo.seeds import Seed, pick
from carecoord.demo.staff import Member
from carecoord.model.ids import StaffId
from carecoord.model.staff import Role

# Where the template puts nearly everything into the morning, people do not: shares of the parts
# of the day that are wished for a block of a default plan.
_PARTS = {
    "ltci.morning": (("", 75), ("forenoon", 25)),
    "family-bed.care": (("", 20), ("afternoon", 80)),
    "home-hospital-bed.nurse": (("", 50), ("afternoon", 50)),
}
_PROGRAMME = {"ltci.morning": LTCI, "family-bed.care": FAMILY_BED, "home-hospital-bed.nurse": BED}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person says when the plan is made; everything may be empty.

    gender
        Of who does intimate care: `female`, `male` or empty.
    parts
        `programme.key` of a plan block → part of the day, where another than the template's
        is wished.
    carers
        Role → who is wished, or in a home hospital bed: who is responsible.
    """

    gender: str = ""
    parts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    carers: Mapping[Role, StaffId] = field(default_factory=lambda: MappingProxyType({}))


def wishes(seed: Seed, elder: Profile, staff: Sequence[Member], day: date) -> Wishes:
    """The wishes of one elder; carers only among staff at work with a licence in force."""
    dice = seed.dice("wishes", elder.index)
    same = 0.85 if elder.gender == "female" else 0.1
    gender = elder.gender if dice.random() < same else ""
    parts = {
        block: part
        for block, shares in _PARTS.items()
        if _PROGRAMME[block] in elder.programmes and (part := pick(dice.random(), shares))
    }
    if BED in elder.programmes:
        ordered = main(seed, elder).orders
        parts |= {f"{BED}.order-{o.item}": o.part for o in ordered if o.part}
    able = [m for m in staff if m.until >= day and not m.away]
    carers: dict[Role, StaffId] = {}
    if BED in elder.programmes:
        _name(carers, seed, elder, [m for m in able if m.role is Role.DOCTOR])
    if {LTCI, FAMILY_BED} & set(elder.programmes) and dice.random() < 0.6:
        own = [m for m in able if m.role is Role.CAREGIVER and gender in ("", m.gender)]
        near = [m for m in own if m.office is elder.office]
        _name(carers, seed, elder, near or own)
    return Wishes(gender, MappingProxyType(parts), MappingProxyType(carers))


def _name(carers: dict[Role, StaffId], seed: Seed, elder: Profile, among: list[Member]) -> None:
    if among:
        chosen = among[int(seed.even("carer", elder.index) * len(among))]
        carers[chosen.role] = chosen.id(seed)
