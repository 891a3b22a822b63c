"""The integrated plan as rules see it: tasks with a recurrence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from carecoord.errors import Invalid
from carecoord.model.ids import ElderId, PlanId
from carecoord.model.staff import Level
from carecoord.model.time import DAY

Window = tuple[int, int]
"""Bounds on a start, both included, seconds after 00:00 Asia/Shanghai of the service day.

Past midnight they go on counting: a night belongs to the day it began on.
"""


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


Holidays = Literal["keep", "skip", "next-working-day"]
"""What becomes of a visit due on a public holiday."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How often: `frequency` times in `period` days; or on `weekdays` (0 = Monday).

    first, last
        Days between which the task applies; `None` = open.
    spacing
        Least number of days from one visit day to the next; 0 or 1 = as they fall.
    holidays
        What becomes of a day that is a public holiday.
    make_up
        Also on make-up workdays, the Saturdays and Sundays worked in place of a holiday.
    anchor
        A day on which the spread is to fall; `None` = it follows from the plan's id.
    """

    frequency: int
    period: int
    weekdays: tuple[int, ...] = ()
    first: date | None = None
    last: date | None = None
    spacing: int = 0
    holidays: Holidays = "keep"
    make_up: bool = False
    anchor: date | None = None

    def __post_init__(self) -> None:
        if self.frequency < 1 or self.period < 1:
            raise Invalid("plan.recurrence", frequency=self.frequency, period=self.period)
        if any(not 0 <= day <= 6 for day in self.weekdays):
            raise Invalid("plan.weekday", weekdays=str(self.weekdays))
        if self.spacing < 0 or (self.spacing > 1 and self.least_gap < self.spacing):
            raise Invalid(
                "plan.spacing",
                frequency=self.frequency,
                period=self.period,
                spacing=self.spacing,
                gap=self.least_gap,
            )

    @property
    def least_gap(self) -> int:
        """Fewest days from one visit day to the next, holidays left aside."""
        if self.weekdays:
            days = sorted(set(self.weekdays))
            week = 7 * max(1, self.period // 7)
            return min(b - a for a, b in pairwise([*days, days[0] + week]))
        return self.period // min(self.frequency, self.period)


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
    language
        Language or dialect the carer should speak (BCP 47, such as `wuu` or `yue`), or empty.
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
    language: str = ""

    def __post_init__(self) -> None:
        self._refuse_contradiction()
        for minutes, least in ((self.minutes, 1), (self.visit_minutes, 0)):
            if not least <= minutes <= DAY // 60:
                raise Invalid("plan.minutes", item=self.item, minutes=minutes)
        if not 1 <= self.priority <= 9:
            raise Invalid("plan.priority", item=self.item, priority=self.priority)
        if self.carers not in (1, 2):
            raise Invalid("plan.carers", item=self.item, carers=self.carers)
        for windows in self.occasions:
            for start, end in windows:
                if not 0 <= start <= end < 2 * DAY:
                    raise Invalid("plan.window", item=self.item, start=start, end=end)

    def _refuse_contradiction(self) -> None:
        """More visits asked for than the days and times given can hold."""
        asked = self.recurrence
        weeks = asked.period % 7 == 0
        days = (len(set(asked.weekdays)) if weeks else 1) if asked.weekdays else asked.period
        if asked.frequency > days * len(self.occasions):
            raise Invalid(
                "plan.frequency",
                item=self.item,
                frequency=asked.frequency,
                period=asked.period,
                days=days,
                times=len(self.occasions),
            )


@dataclass(frozen=True, slots=True)
class Follow:
    """One visit of a plan comes after another, on days that have both.

    first, second
        Visit groups.
    min_gap, max_gap
        Seconds from the end of the first to the start of the second; `None` = no bound.
    carers
        `same` people, `different` ones, or `any`.
    how
        `order`: the second must not come sooner, a rule of care. `joint`: one arrival where the
        windows allow it, a wish. `one-visit`: the carer of the higher level does both where
        windows meet, else as `joint`.
    reason
        Why, as a key of the pack or a person's words.
    """

    first: str
    second: str
    min_gap: int = 0
    max_gap: int | None = None
    carers: Literal["any", "same", "different"] = "any"
    how: Literal["order", "joint", "one-visit"] = "order"
    reason: str = ""

    def __post_init__(self) -> None:
        if self.first == self.second:
            raise Invalid("plan.follow_self", group=self.first)
        if self.min_gap < 0 or (self.max_gap is not None and self.max_gap < self.min_gap):
            raise Invalid(
                "plan.follow_gap",
                first=self.first,
                second=self.second,
                min_gap=self.min_gap,
                max_gap=-1 if self.max_gap is None else self.max_gap,
            )


@dataclass(frozen=True, slots=True)
class FamilyCare:
    """What a relative or friend does at home without pay.

    who
        RelatedPerson id.
    minutes
        A week.
    items
        Numbers of the service items that they do.
    """

    who: str
    minutes: int
    items: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.minutes <= 7 * 24 * 60:
            raise Invalid("plan.family_minutes", who=self.who, minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An item of one programme that another one does in its place.

    group, kept_group
        Visit groups in which it would have been, and is.
    rule_id
        Row that says how near is too near.
    """

    item: str
    group: str
    programme: str
    kept_group: str
    kept_programme: str
    rule_id: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The tasks of one active CarePlan; `version` is that of the document."""

    id: PlanId
    version: int
    elder: ElderId
    tasks: tuple[Task, ...]
    follows: tuple[Follow, ...] = ()
    family: tuple[FamilyCare, ...] = ()
