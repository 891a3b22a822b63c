"""A person's decision about one visit; it outlives every re-expansion of the plan."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from carecoord.errors import Invalid
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import PlanId, StaffId
from carecoord.model.plans import Window

Part = tuple[str, int]
"""Visit group and time of day (`occasion`) of a plan."""

Scope = Literal["this", "following", "following-unedited"]
"""This visit; it and all later ones; it and those later ones that nobody edited by hand."""


@dataclass(frozen=True, slots=True)
class VisitEdit:
    """What was decided by hand about one visit.

    day, group, occasion
        Which visit of the plan it was, before it was moved; an added one has a group of its own.
    kind
        `changed`: `demand` is how it is now; `skipped`: it does not take place (a tombstone);
        `added`: the recurrence never asked for it.
    parts
        Visit groups and occasions that the visit stands for.
    demand
        The visit as decided, or None when it is skipped.
    by, at
        Who decided, and when (aware instant).
    """

    plan: PlanId
    day: date
    group: str
    occasion: int
    kind: Literal["changed", "skipped", "added"]
    parts: tuple[Part, ...]
    demand: VisitDemand | None
    reason: str
    by: str
    at: datetime

    def __post_init__(self) -> None:
        if (self.demand is None) != (self.kind == "skipped"):
            raise Invalid("visit.edit_kind", kind=self.kind, group=self.group)

    @property
    def falls_on(self) -> date:
        """The day on which it takes place now, or would have."""
        return self.demand.day if self.demand else self.day


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a visit; None = as it is.

    window
        Hard bounds on the start, seconds after 00:00.
    minutes
        At the bedside.
    carer
        PractitionerRole wished; `carers` = how many come.
    """

    skip: bool = False
    day: date | None = None
    window: Window | None = None
    minutes: int | None = None
    carer: StaffId | None = None
    carers: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was asked for."""
        return self == Change()


@dataclass(frozen=True, slots=True)
class Which:
    """A visit of a plan: the day it was due by the plan, its group and time of the day."""

    day: date
    group: str
    occasion: int = 0
