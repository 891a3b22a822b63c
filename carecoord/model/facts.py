"""What does a detector have to know about one person?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from carecoord.model.assessment.recognition import VALIDITY, Change, Past, valid_until
from carecoord.model.ids import DemandId, ElderId, StaffId
from carecoord.model.issues import DEMAND
from carecoord.model.plans import Window
from carecoord.model.policy import Reading
from carecoord.model.staff import Level, Qualification


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One day and time at which a task is due; windows as in a VisitDemand."""

    day: date
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """One open task of a plan in force, with when it is due in the days looked at.

    plan
        `CarePlan/…`.
    level, needed
        Performer level that is planned, and that the catalogue asks for.
    minutes, visit_minutes
        Of the item, and the least of the whole visit of its group.
    payers
        Who is to pay, where the plan says so.
    performers
        PractitionerRole ids that the plan names.
    """

    plan: str
    item: str
    label: str
    group: str
    programme: str
    level: Level
    needed: Level | None
    minutes: int
    visit_minutes: int
    payers: tuple[str, ...]
    performers: tuple[str, ...]
    occurrences: tuple[Occurrence, ...]


VisitState = Literal["made", "missed", "planned"]


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of the routes or of the record.

    ref
        `demand:…` or a FHIR reference.
    start
        Seconds after 00:00 of `day`; None when nobody came or nobody knows.
    agreed
        Windows in which it should have started: the wish of the person, else the plan's.
    """

    ref: str
    day: date
    state: VisitState
    items: tuple[str, ...]
    programmes: tuple[str, ...]
    start: int | None = None
    agreed: tuple[Window, ...] = ()
    level: Level | None = None
    staff: tuple[StaffId, ...] = ()
    plan: str = ""

    @property
    def demand(self) -> DemandId | None:
        """The demand it serves, where it came from one."""
        known = self.ref.startswith(DEMAND)
        return DemandId(self.ref.removeprefix(DEMAND)) if known else None


@dataclass(frozen=True, slots=True)
class Assessed:
    """One completed assessment.

    ref
        `QuestionnaireResponse/…`, or the Observation where a level came without answers.
    levels
        Scale to level.
    scores
        Item code to score, of either instrument.
    reason
        Why it was made, as far as the answers say.
    """

    ref: str
    on: date
    levels: Mapping[str, int]
    scores: Mapping[str, int]
    reason: str = ""
    reused: bool = False

    def until(self, scale: str, read: Reading) -> date | None:
        """Last valid day of the result on a scale; None where no row limits it."""
        if VALIDITY.get(scale, "") not in read.rules:
            return None
        return valid_until(Past(self.ref, "", scale, self.on), read)


@dataclass(frozen=True, slots=True)
class Bed:
    """A bed at home; `since` is the first day of the present active time, None when not active."""

    ref: str
    kind: str
    since: date | None


@dataclass(frozen=True, slots=True)
class Order:
    """A medical order in force for one service item; the days it covers, open ends None."""

    ref: str
    item: str
    since: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Bill:
    """One item billed to one payer; aware instants."""

    ref: str
    item: str
    payer: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody spoke with the person or family."""

    ref: str
    day: date


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """All that the detectors know about one person on one day.

    in_hospital
        An inpatient stay is open: services at home rest.
    staff
        Licences of those who are named in tasks and visits.
    changes
        What happened to the person that calls for a new assessment.
    """

    elder: ElderId
    dead: bool = False
    in_hospital: bool = False
    assessments: tuple[Assessed, ...] = ()
    changes: tuple[Change, ...] = ()
    beds: tuple[Bed, ...] = ()
    orders: tuple[Order, ...] = ()
    tasks: tuple[PlannedTask, ...] = ()
    visits: tuple[Visit, ...] = ()
    bills: tuple[Bill, ...] = ()
    contacts: tuple[Contact, ...] = ()
    staff: Mapping[str, tuple[Qualification, ...]] | None = None

    def level(self, scale: str, read: Reading) -> tuple[int, Assessed] | None:
        """The newest level of a scale that is valid on the day of the rules, and its source."""
        found = [
            one
            for one in self.assessments
            if scale in one.levels
            and one.on <= read.rules.day
            and (until := one.until(scale, read)) is not None
            and until >= read.rules.day
        ]
        newest = max(found, key=lambda one: (one.on, one.ref), default=None)
        return None if newest is None else (newest.levels[scale], newest)

    def answers(self, read: Reading) -> Assessed | None:
        """The newest assessment with answers that is still valid on some scale."""
        found = [
            one
            for one in self.assessments
            if one.scores
            and one.on <= read.rules.day
            and any(
                (until := one.until(scale, read)) is not None and until >= read.rules.day
                for scale in one.levels
            )
        ]
        return max(found, key=lambda one: (one.on, one.ref), default=None)

    def disabled(self, read: Reading) -> tuple[str, int, Assessed] | None:
        """Scale, level and source, where a valid level reaches the pack's."""
        for scale, least in read.table("detect.disabled_from").items():
            known = self.level(scale, read)
            if known is not None and known[0] >= int(str(least)):
                return scale, known[0], known[1]
        return None

    def made(self, since: date) -> list[Visit]:
        """Visits that were made on `since` or later."""
        return [v for v in self.visits if v.state == "made" and v.day >= since]


def days_before(day: date, days: int) -> date:
    """The day so many days before."""
    return day - timedelta(days=days)
