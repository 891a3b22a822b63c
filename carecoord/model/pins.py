"""What did a person fix of a visit, and which of it cannot be kept?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from carecoord.errors import Fact, Invalid
from carecoord.model.ids import DemandId, StaffId

PinKind = Literal["carers", "start", "after"]
KINDS: tuple[PinKind, ...] = ("carers", "start", "after")


@dataclass(frozen=True, slots=True)
class Decided:
    """Who fixed one part of a visit, when and why; aware instant."""

    kind: PinKind
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class VisitPin:
    """What is fixed of one visit; each part may be given without the others.

    carers
        Exactly these people; empty = anybody.
    start
        Exactly this second after 00:00; None = any allowed one.
    after
        The visit directly before it on the route; None = any.
    decided
        Who fixed which part.
    """

    demand: DemandId
    carers: tuple[StaffId, ...] = ()
    start: int | None = None
    after: DemandId | None = None
    decided: tuple[Decided, ...] = ()

    def __post_init__(self) -> None:
        if self.after == self.demand:
            raise Invalid("pin.after_itself", field="after", visit=self.demand)
        if len(set(self.carers)) != len(self.carers):
            raise Invalid("pin.twice", field="carers", visit=self.demand)

    @property
    def kinds(self) -> tuple[PinKind, ...]:
        """Which parts are fixed."""
        held: dict[PinKind, bool] = {
            "carers": bool(self.carers),
            "start": self.start is not None,
            "after": self.after is not None,
        }
        return tuple(kind for kind, fixed in held.items() if fixed)


@dataclass(frozen=True, slots=True)
class Breach:
    """A pin that a rule forbids and the plan keeps all the same, as the person wanted it.

    code, facts
        Of the sentence that names the rule and its numbers.
    """

    demand: DemandId
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


def first_decided(pins: Iterable[VisitPin]) -> tuple[VisitPin, ...]:
    """Pins in the order in which people made them: an earlier one is kept before a later one."""

    def age(pin: VisitPin) -> tuple[float, str]:
        moments = [one.at.timestamp() for one in pin.decided]
        return min(moments, default=0.0), pin.demand

    return tuple(sorted(pins, key=age))
