"""Reasons, places and what they change, as they are told over HTTP."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from carecoord.errors import Fact
from carecoord.model.time import ZONE, instant
from carecoord.planning.fit import NoPlace, Place
from carecoord.planning.ground import Shifted, Worse
from carecoord.planning.reasons import CarerAnswer, Reason
from carecoord.text import Language, sentence

SECONDS = ("late", "early", "overtime")
"""Soft rules that are counted in seconds; the others in cost."""


class Names:
    """Names of people and of whom visits are for, and the language to speak."""

    def __init__(
        self, day: date, staff: Mapping[str, str], elders: Mapping[str, str], language: Language
    ) -> None:
        self.day, self.language = day, language
        self._staff, self._elders = staff, elders

    def person(self, staff: str) -> str:
        """Name of somebody; somebody new has none yet."""
        if staff.startswith("+"):
            return sentence("explain.somebody", {}, self.language)
        return self._staff.get(staff, staff)

    def elder(self, visit: str) -> str:
        """Name of the elder whose visit it is; empty for one that is not stored yet."""
        return self._elders.get(visit, "")

    def at(self, seconds: int) -> datetime:
        """An instant in the time of the street."""
        return instant(self.day, seconds).astimezone(ZONE)

    def say(self, code: str, facts: Mapping[str, Fact]) -> str:
        """A sentence with ids replaced by names."""
        told = dict(facts)
        for key in ("staff", "to"):
            if isinstance(told.get(key), str):
                told[key] = ", ".join(self.person(one) for one in str(told[key]).split(", "))
        if "visit" in told:
            told["visit"] = self.elder(str(told["visit"])) or told["visit"]
        return sentence(code, told, self.language)


class PersonOut(BaseModel):
    """Somebody who makes visits."""

    id: str
    name: str


class WorseOut(BaseModel):
    """A soft rule kept less well: seconds for lateness and overtime, 1 for `area`, else cost."""

    rule: str = Field(examples=["late"])
    visit: str = Field(description="Empty for overtime")
    elder: str
    staff: str
    before: int
    after: int
    text: str

    @classmethod
    def of(cls, one: Worse, names: Names) -> "WorseOut":
        """One rule."""
        facts: dict[str, Fact] = {
            "elder": names.elder(one.visit),
            "staff": one.staff,
            "minutes": -(-(one.after - one.before) // 60),
            "cost": one.after - one.before,
        }
        return cls(
            rule=one.rule,
            visit=one.visit,
            elder=names.elder(one.visit),
            staff=one.staff,
            before=one.before,
            after=one.after,
            text=names.say(f"fit.worse.{one.rule}", facts),
        )


class ShiftedOut(BaseModel):
    """A visit of somebody else that would begin at another time."""

    visit: str
    elder: str
    before: datetime
    after: datetime

    @classmethod
    def of(cls, one: Shifted, names: Names) -> "ShiftedOut":
        """One visit."""
        return cls(
            visit=one.visit,
            elder=names.elder(one.visit),
            before=names.at(one.before),
            after=names.at(one.after),
        )


class CompanionOut(BaseModel):
    """A visit that comes with it: both are made, or neither."""

    visit: str
    elder: str
    staff: list[PersonOut]
    start: datetime


class PlaceOut(BaseModel):
    """One way to take a visit in. Nothing is stored until it is taken."""

    day: date
    version: int = Field(description="Of the day it was found in; for `If-Match` of `:take`")
    basis: str = Field(examples=["plan"], description="`plan`, or `roster` where only estimated")
    staff: list[PersonOut]
    start: datetime | None
    end: datetime | None
    travel_seconds: int = Field(description="Change over all carers")
    overtime_seconds: int
    cost: dict[str, int] = Field(description="Change by rule, without `unserved`")
    total: int
    worse: list[WorseOut]
    moved: list[ShiftedOut]
    with_visits: list[CompanionOut]

    @classmethod
    def of(cls, place: Place, version: int, names: Names) -> "PlaceOut":
        """One place in a planned day."""
        step = place.step
        return cls(
            day=names.day,
            version=version,
            basis="plan",
            staff=people(place.staff, names),
            start=names.at(place.start),
            end=names.at(place.end),
            travel_seconds=step.travel,
            overtime_seconds=step.overtime,
            cost={rule: cost for rule, cost in step.cost.items() if rule != "unserved"},
            total=step.total,
            worse=[WorseOut.of(one, names) for one in step.worse],
            moved=[ShiftedOut.of(one, names) for one in step.shifted],
            with_visits=[
                CompanionOut(
                    visit=one.visit,
                    elder=names.elder(one.visit),
                    staff=people(one.staff, names),
                    start=names.at(one.start),
                )
                for one in place.companions
            ],
        )

    @classmethod
    def estimated(cls, version: int, names: Names) -> "PlaceOut":
        """Room on a day without a plan: nobody is named and no time."""
        return cls(
            day=names.day,
            version=version,
            basis="roster",
            staff=[],
            start=None,
            end=None,
            travel_seconds=0,
            overtime_seconds=0,
            cost={},
            total=0,
            worse=[],
            moved=[],
            with_visits=[],
        )


class ReasonOut(BaseModel):
    """One rule in the way, with its numbers."""

    rule: str = Field(examples=["gap"])
    code: str = Field(examples=["explain.gap"])
    facts: dict[str, Any]
    text: str

    @classmethod
    def of(cls, one: Reason, names: Names) -> "ReasonOut":
        """One reason."""
        text = names.say(one.code, one.facts)
        return cls(rule=one.rule, code=one.code, facts=dict(one.facts), text=text)


class CarerOut(BaseModel):
    """What one carer says to a visit. With the rules before it away, each still forbids it."""

    staff: str
    name: str
    fits: bool
    start: datetime | None
    reasons: list[ReasonOut]

    @classmethod
    def of(cls, one: CarerAnswer, names: Names) -> "CarerOut":
        """One carer."""
        return cls(
            staff=one.staff,
            name=names.person(one.staff),
            fits=not one.reasons,
            start=names.at(one.found.start) if one.found is not None else None,
            reasons=[ReasonOut.of(reason, names) for reason in one.reasons],
        )


class RefusedOut(BaseModel):
    """Why there is no place."""

    code: str = Field(examples=["fit.none"])
    facts: dict[str, Any]
    text: str

    @classmethod
    def of(cls, one: NoPlace, names: Names) -> "RefusedOut":
        """One refusal."""
        return cls(code=one.code, facts=one.facts, text=names.say(one.code, one.facts))


def people(staff: tuple[str, ...], names: Names) -> list[PersonOut]:
    """Carers with their names."""
    return [PersonOut(id=one, name=names.person(one)) for one in staff]
