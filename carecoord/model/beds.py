"""Beds at home and what may become of them."""

from enum import StrEnum

from carecoord.errors import Conflict


class BedKind(StrEnum):
    """The two beds an elder can hold at home."""

    FAMILY = "family-bed"
    HOME_HOSPITAL = "home-hospital-bed"


NEXT: dict[str, tuple[str, ...]] = {
    "planned": ("active", "cancelled"),
    "active": ("onhold", "finished"),
    "onhold": ("active", "finished"),
    "finished": (),
    "cancelled": (),
}
"""EpisodeOfCare.status to the states that may follow it."""


def move(bed: str, state: str, to: str) -> str:
    """The new state of a bed.

    Raises
    ------
    Conflict
        `to` may not follow `state`; the facts list what may.
    """
    allowed = NEXT.get(state, ())
    if to not in allowed:
        raise Conflict("bed.move", bed=bed, state=state, to=to, allowed=", ".join(allowed))
    return to
