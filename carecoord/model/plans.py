"""The integrated plan as rules see it: tasks with a recurrence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from carecoord.errors import Invalid
from carecoord.model.ids import ElderId, PlanId
from carecoord.model.staff import Level
from carecoord.model.time import DAY

Window = tuple[int, int]
"""Bounds on a start, both included, seconds after 00:00 Asia/Shanghai."""


@dataclass(frozen=True, slots=True)
class DayTimes:
    """When visits may start, seconds after 00:00; from the policy pack.

    day
        Any time of day.
    when
        FHIR `Timing.repeat.when` → window.
    tolerance
        A given time of day means this many seconds earlier or later.
    """

    day: Window
    when: Mapping[str, Window]
    tolerance: int


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How often: `frequency` times in `period` days; or on `weekdays` (0 = Monday).

    first, last
        Days between which the task applies; `None` = open.
    """

    frequency: int
    period: int
    weekdays: tuple[int, ...] = ()
    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if self.frequency < 1 or self.period < 1:
            raise Invalid("plan.recurrence", frequency=self.frequency, period=self.period)
        if any(not 0 <= day <= 6 for day in self.weekdays):
            raise Invalid("plan.weekday", weekdays=str(self.weekdays))


@dataclass(frozen=True, slots=True)
class Task:
    """One service item of a plan.

    group
        Tasks of one plan with the same group are done in one visit.
    windows
        Hard windows on the start; one visit a day for each entry of `occasions`.
    occasions
        Times of day at which the task happens, each with its windows; one entry is the rule,
        two are "twice a day".
    minutes
        At the bedside.
    visit_minutes
        Least length of the whole visit of the group; 0 = the sum of its tasks.
    wishes
        Soft bounds on the start inside the windows, one for each occasion, or empty.
    gender
        Wished gender of the carer (`female`, `male`), or empty.
    priority
        1 (can wait) to 9 (must not be missed).
    """

    item: str
    label: str
    group: str
    level: Level
    minutes: int
    recurrence: Recurrence
    occasions: tuple[tuple[Window, ...], ...]
    carers: int = 1
    programme: str = ""
    preferred: tuple[str, ...] = ()
    order_needed: bool = False
    visit_minutes: int = 0
    wishes: tuple[Window, ...] = ()
    gender: str = ""
    priority: int = 5

    def __post_init__(self) -> None:
        if self.minutes < 1:
            raise Invalid("plan.minutes", item=self.item, minutes=self.minutes)
        if self.carers not in (1, 2):
            raise Invalid("plan.carers", item=self.item, carers=self.carers)
        for windows in self.occasions:
            for start, end in windows:
                if not 0 <= start <= end < DAY:
                    raise Invalid("plan.window", item=self.item, start=start, end=end)


@dataclass(frozen=True, slots=True)
class Plan:
    """The tasks of one active CarePlan; `version` is that of the document."""

    id: PlanId
    version: int
    elder: ElderId
    tasks: tuple[Task, ...]
