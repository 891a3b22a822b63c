"""Which promises differ between two plans of a day, visit by visit?"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from carecoord.model.ids import DemandId, StaffId
from carecoord.model.visits import DayPlan, Stop

Kind = Literal["added", "removed", "carer", "start"]
"""A visit is made that was not, or no longer; others come; it begins at another time."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Who comes to a visit and when; seconds after 00:00, `staff` in order of their ids."""

    staff: tuple[StaffId, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different about one visit; `None` = it is not made in that plan."""

    demand: DemandId
    kind: Kind
    before: Promise | None
    after: Promise | None

    @property
    def staff(self) -> frozenset[StaffId]:
        """Everybody whose own day it changes.

        Whoever keeps a visit but goes with somebody else has to know that too.
        """
        return frozenset(
            (self.before.staff if self.before else ()) + (self.after.staff if self.after else ())
        )


def promises(plan: DayPlan | None) -> dict[DemandId, Promise]:
    """What a plan promises of each visit that is made."""
    stops: dict[DemandId, list[Stop]] = defaultdict(list)
    for stop in plan.stops if plan else ():
        stops[stop.demand].append(stop)
    return {
        demand: Promise(
            tuple(sorted(s.staff for s in together)),
            min(s.start for s in together),
            max(s.end for s in together),
        )
        for demand, together in stops.items()
    }


def changes(before: DayPlan | None, after: DayPlan | None, *, slack: int = 0) -> tuple[Change, ...]:
    """What is different in `after`, by time of day.

    A visit with other carers and another start gives two changes. `None` is a day without a plan.

    Parameters
    ----------
    slack
        Seconds by which a start may move without being a change.
    """
    old, new = promises(before), promises(after)
    found: list[Change] = []
    for demand in old.keys() | new.keys():
        was, now = old.get(demand), new.get(demand)
        if was is None:
            found.append(Change(demand, "added", None, now))
        elif now is None:
            found.append(Change(demand, "removed", was, None))
        else:
            if was.staff != now.staff:
                found.append(Change(demand, "carer", was, now))
            if abs(was.start - now.start) > slack:
                found.append(Change(demand, "start", was, now))
    return tuple(sorted(found, key=_order))


def _order(change: Change) -> tuple[int, DemandId, str]:
    promise = change.after or change.before
    assert promise is not None
    return promise.start, change.demand, change.kind
