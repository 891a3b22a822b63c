"""A person's decision about one visit; it outlives every re-expansion of the plan."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from carecoord.errors import Invalid
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import PlanId

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
