"""The person at whose door a visit happens, as far as planning has to know."""

from dataclasses import dataclass
from datetime import date

from carecoord.model.ids import ElderId, StreetId
from carecoord.model.places import Place


@dataclass(frozen=True, slots=True)
class Home:
    """Where a visit happens.

    place
        `None` when the address carries no position: a data problem, never planned.
    floor
        1 = ground floor.
    lift
        `None` = not known.
    """

    text: str
    place: Place | None
    floor: int = 1
    lift: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Elder:
    """A registered person; `street` is `None` until an organisation of a street manages them."""

    id: ElderId
    name: str
    gender: str
    birth: date | None
    street: StreetId | None
    home: Home
    phone: str = ""
    dead: bool = False
