"""What is sent and answered about an integrated plan."""

from datetime import date, time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.scheduler.care import DocumentOut
from api.scheduler.policy import RuleOut, rules_out
from api.scheduler.visits import ClockOut, PlanProblemOut
from carecoord.flows import tasks
from carecoord.flows.overview import Overview
from carecoord.model import time as clock
from carecoord.model.ids import StaffId
from carecoord.model.plans import FamilyCare, Follow
from carecoord.model.policy import Rules
from carecoord.model.staff import Level, Role
from carecoord.text import Language

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class _In(BaseModel):
    """Unknown names are refused: a misspelt one would otherwise be a wish nobody hears."""

    model_config = ConfigDict(extra="forbid")


class WishesIn(_In):
    """What the person says; everything may be left out."""

    gender: str = Field(default="", pattern="^(female|male)?$")
    language: str = Field(
        default="",
        description="Language or dialect that carers should speak, BCP 47",
        examples=["wuu"],
    )
    parts: dict[str, str] = Field(default_factory=dict, examples=[{"ltci.morning": "forenoon"}])
    carers: dict[Role, str] = Field(default_factory=dict, description="Role → PractitionerRole id")


class FamilyIn(_In):
    """What a relative does at home in a week, without pay."""

    related_person: str = Field(description="Id of the RelatedPerson")
    hours_per_week: float = Field(gt=0, le=168, examples=[21])
    items: list[str] = Field(
        default_factory=list, description="Numbers of service items", examples=[["7", "18"]]
    )

    def to_model(self) -> FamilyCare:
        """As rules see it."""
        return FamilyCare(self.related_person, round(60 * self.hours_per_week), tuple(self.items))


class PlanIn(_In):
    """A plan to be drafted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "elder": "e9",
                    "programmes": ["family-bed", "home-hospital-bed"],
                    "coordinator": "n1",
                    "family": [{"related_person": "daughter", "hours_per_week": 21}],
                    "wishes": {"gender": "female", "language": "wuu"},
                    "replaces": "0f6c8a7e-5d39-5b0c-8f0e-7d0a5c1e9b42",
                }
            ]
        }
    )

    elder: str = Field(description="Id of the Patient")
    programmes: list[str] = Field(min_length=1, examples=[["home-hospital-bed", "ltci"]])
    start: date | None = Field(default=None, description="First day; today if left out")
    wishes: WishesIn = Field(default_factory=WishesIn)
    coordinator: str = Field(
        default="", description="PractitionerRole id; chosen from the beds' staff if left out"
    )
    family: list[FamilyIn] = Field(default_factory=list)
    replaces: str | None = Field(
        default=None, description="Id of the plan in force that ends when this one is signed"
    )


class MemberOut(BaseModel):
    """Somebody of the care team."""

    role: str = Field(examples=["coordinator"])
    reference: str = Field(examples=["PractitionerRole/n1"])
    name: str


class MergedItemOut(BaseModel):
    """An item that two programmes asked for and one does, with the reason."""

    item: str = Field(examples=["5"])
    programme: str = Field(examples=["home-hospital-bed"])
    group: str
    kept_by: str = Field(examples=["family-bed"])
    kept_group: str
    rule_id: str = Field(examples=["detect.same_item_days"])


class PartOut(BaseModel):
    """What one programme brings to the plan; a CarePlan that is part of it."""

    reference: str
    programme: str
    organization: str
    bed: str
    rules: list[str]
    orders: list[str]


class PlanTaskOut(BaseModel):
    """One service item as it repeats."""

    item: str
    group: str
    programme: str
    level: str
    minutes: int
    carers: int
    frequency: int
    period_days: int
    weekdays: list[str]
    spacing_days: int
    holidays: str
    make_up_workdays: bool
    first: date | None
    last: date | None
    windows: list[list[ClockOut]]


class VisitOrderIn(_In):
    """One visit after another; gaps in minutes from the end of the first."""

    first: str = Field(examples=["family-bed.care"])
    second: str = Field(examples=["home-hospital-bed.nurse"])
    how: Literal["order", "joint", "one-visit"] = "order"
    min_minutes: int = Field(default=0, ge=0)
    max_minutes: int | None = Field(default=None, ge=0)
    carers: Literal["any", "same", "different"] = "any"
    reason: str = ""

    def to_model(self) -> Follow:
        """As rules see it."""
        longest = None if self.max_minutes is None else 60 * self.max_minutes
        return Follow(
            self.first,
            self.second,
            60 * self.min_minutes,
            longest,
            self.carers,
            self.how,
            self.reason,
        )

    @classmethod
    def of(cls, one: Follow) -> "VisitOrderIn":
        """One order."""
        return cls(
            first=one.first,
            second=one.second,
            how=one.how,
            min_minutes=one.min_gap // 60,
            max_minutes=None if one.max_gap is None else one.max_gap // 60,
            carers=one.carers,
            reason=one.reason,
        )


class ArrivalsOut(BaseModel):
    """How often somebody arrives a day in the coming four weeks; joint arrivals count once."""

    most: int
    limit: int
    days_above: int


class PlanOut(DocumentOut):
    """The one integrated plan of a person."""

    elder: str
    coordinator: MemberOut | None
    team: list[MemberOut]
    parts: list[PartOut]
    tasks: list[PlanTaskOut]
    orders: list[VisitOrderIn]
    family: list[FamilyIn]
    merged: list[MergedItemOut]
    arrivals: ArrivalsOut
    problems: list[PlanProblemOut]
    rules: list[RuleOut]

    @classmethod
    def made(cls, found: Overview, present: Rules, language: Language) -> "PlanOut":
        """An overview as JSON; `present`: the rows in force today."""
        team = [
            MemberOut(role=p.member.role, reference=f"{p.member.kind}/{p.member.id}", name=p.name)
            for p in found.team
        ]
        return cls(
            **DocumentOut.of(found.document).model_dump(),
            elder=found.elder,
            coordinator=next((one for one in team if one.role == "coordinator"), None),
            team=team,
            parts=[
                PartOut(
                    reference=one.document.reference,
                    programme=one.programme,
                    organization=one.organization,
                    bed=one.bed,
                    rules=list(one.rules),
                    orders=list(one.orders),
                )
                for one in found.parts
            ],
            tasks=_tasks(found),
            orders=[VisitOrderIn.of(one) for one in found.follows],
            family=[
                FamilyIn(
                    related_person=one.who,
                    hours_per_week=one.minutes / 60,
                    items=list(one.items),
                )
                for one in found.family
            ],
            merged=[
                MergedItemOut(
                    item=one.item,
                    programme=one.programme,
                    group=one.group,
                    kept_by=one.kept_programme,
                    kept_group=one.kept_group,
                    rule_id=one.rule_id,
                )
                for part in found.parts
                for one in part.withdrawn
            ],
            arrivals=ArrivalsOut(
                most=found.arrivals[0], limit=found.limit, days_above=found.arrivals[1]
            ),
            problems=[PlanProblemOut.of(one, language) for one in found.problems],
            rules=rules_out(found.refs, present),
        )


def _tasks(found: Overview) -> list[PlanTaskOut]:
    return [
        PlanTaskOut(
            item=one.item,
            group=one.group,
            programme=one.programme,
            level=one.level.value,
            minutes=one.minutes,
            carers=one.carers,
            frequency=one.recurrence.frequency,
            period_days=one.recurrence.period,
            weekdays=[WEEKDAYS[day] for day in one.recurrence.weekdays],
            spacing_days=one.recurrence.spacing,
            holidays=one.recurrence.holidays,
            make_up_workdays=one.recurrence.make_up,
            first=one.recurrence.first,
            last=one.recurrence.last,
            windows=[[ClockOut.of(w) for w in windows] for windows in one.occasions],
        )
        for one in found.tasks
    ]


class ClockIn(_In):
    """Bounds on the start of a visit, clock times of the street."""

    start: time = Field(examples=["08:00:00"])
    end: time = Field(examples=["10:00:00"])


class TaskIn(_In):
    """A repeated visit to be put into the plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "ltci.bath",
                    "programme": "ltci",
                    "items": ["6"],
                    "frequency": 2,
                    "period_days": 7,
                    "windows": [{"start": "13:00:00", "end": "16:00:00"}],
                    "carers": 2,
                    "spacing_days": 3,
                    "holidays": "next-working-day",
                }
            ]
        }
    )

    name: str = Field(min_length=1, max_length=60, examples=["ltci.bath"])
    programme: str = Field(examples=["ltci"])
    items: list[str] = Field(min_length=1, examples=[["6"]])
    frequency: int = Field(ge=1, examples=[2])
    period_days: int = Field(ge=1, examples=[7], description="7: a week; 1: a day")
    weekdays: list[Weekday] = Field(default_factory=list)
    windows: list[ClockIn] = Field(default_factory=list)
    times: list[time] = Field(default_factory=list, description="Several: several visits a day")
    when: list[Literal["MORN", "NOON", "AFT", "EVE", "NIGHT"]] = Field(default_factory=list)
    minutes: int | None = Field(default=None, ge=1, le=600)
    carers: int = Field(default=1, ge=1, le=2)
    spacing_days: int = Field(default=0, ge=0, le=90)
    holidays: Literal["keep", "skip", "next-working-day"] = "keep"
    make_up_workdays: bool = False
    first: date | None = Field(default=None, description="Today if left out")
    last: date | None = None
    level: Level | None = None
    carer: str | None = Field(default=None, description="PractitionerRole id")
    gender: str = Field(default="", pattern="^(female|male)?$")
    language: str = ""
    priority: int | None = Field(default=None, ge=1, le=9)
    order: str = Field(default="", description="ServiceRequest id, for items that need one")

    def to_model(self) -> tasks.Wanted:
        """As rules see it."""
        return tasks.Wanted(
            name=self.name,
            programme=self.programme,
            items=tuple(self.items),
            frequency=self.frequency,
            period=self.period_days,
            first=self.first or clock.today(),
            last=self.last,
            minutes=self.minutes,
            weekdays=tuple(sorted(WEEKDAYS.index(day) for day in self.weekdays)),
            windows=tuple((clock.of_clock(w.start), clock.of_clock(w.end)) for w in self.windows),
            times=tuple(sorted(clock.of_clock(at) for at in self.times)),
            when=tuple(self.when),
            spacing=self.spacing_days,
            holidays=self.holidays,
            make_up=self.make_up_workdays,
            carers=self.carers,
            level=self.level,
            carer=StaffId(self.carer) if self.carer else None,
            gender=self.gender,
            language=self.language,
            priority=self.priority,
            order=self.order,
        )


class EndIn(_In):
    """The last day of a repeated visit."""

    last: date


class VisitOrdersIn(_In):
    """All orders of visits of a plan, anew."""

    orders: list[VisitOrderIn]
    from_day: date | None = Field(default=None, description="Today if left out")


class FamilyCareIn(_In):
    """All care by the family, anew."""

    family: list[FamilyIn]


class CoordinatorIn(_In):
    """Who holds the threads from now on."""

    practitioner_role: str
