"""How are changes of a day, and the people to be told of them, shown over HTTP?"""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from carecoord.errors import Fact
from carecoord.flows.telling import News, ToTell
from carecoord.flows.versions import Difference, Moved, Step
from carecoord.model.time import ZONE, instant
from carecoord.model.versions import DayVersion
from carecoord.planning.changes import Promise
from carecoord.planning.indicators import Indicators
from carecoord.planning.restoring import Lost
from carecoord.text import Language, sentence

_CAUSES = {
    "run": "version.run",
    "accept": "version.accept",
    "repair": "version.repair",
    "hand": "version.hand",
    "undo": "version.undo",
    "redo": "version.redo",
    "restore": "version.restore",
    "publish": "version.publish",
    "pause": "version.pause",
    "offer": "version.offer",
}


class PromiseOut(BaseModel):
    """Who comes and when."""

    staff: list[str]
    start: datetime
    end: datetime

    @classmethod
    def of(cls, promise: Promise | None, day: date) -> "PromiseOut | None":
        """One promise, if the visit is made."""
        if promise is None:
            return None
        return cls(
            staff=list(promise.staff),
            start=instant(day, promise.start).astimezone(ZONE),
            end=instant(day, promise.end).astimezone(ZONE),
        )


class ChangeOut(BaseModel):
    """One thing that is different about one visit; null: it is not made in that plan."""

    demand: str
    elder: str
    kind: str = Field(examples=["added", "removed", "carer", "start"])
    before: PromiseOut | None
    after: PromiseOut | None
    code: str
    facts: dict[str, Fact]
    text: str

    @classmethod
    def of(cls, one: News, day: date, language: Language) -> "ChangeOut":
        """One change."""
        return cls(
            demand=one.change.demand,
            elder=one.elder,
            kind=one.change.kind,
            before=PromiseOut.of(one.change.before, day),
            after=PromiseOut.of(one.change.after, day),
            code=one.code,
            facts=dict(one.facts),
            text=sentence(one.code, one.facts, language),
        )


class ToTellOut(BaseModel):
    """One person to be told; an empty channel: nobody wrote down how they are reached."""

    kind: str = Field(examples=["staff", "elder", "family"])
    reference: str = Field(examples=["PractitionerRole/c1", "Patient/e1", "RelatedPerson/r1"])
    name: str
    relation: str
    about: str
    channel: str = Field(examples=["phone", "app", ""])
    address: str
    reason: str
    changes: list[ChangeOut]

    @classmethod
    def of(cls, one: ToTell, day: date, language: Language) -> "ToTellOut":
        """One person."""
        return cls(
            kind=one.kind,
            reference=one.reference,
            name=one.name,
            relation=one.relation,
            about=one.about,
            channel=one.channel,
            address=one.address,
            reason=one.reason,
            changes=[ChangeOut.of(news, day, language) for news in one.news],
        )


class LostOut(BaseModel):
    """A visit of an earlier plan that cannot be made so any more."""

    demand: str
    rule: str = Field(examples=["wanted", "staff", "hours"])
    facts: dict[str, Fact]

    @classmethod
    def of(cls, one: Lost) -> "LostOut":
        """One visit."""
        return cls(demand=one.demand, rule=one.rule, facts=dict(one.facts))


class StepOut(BaseModel):
    """What came of a change; `version` is the new ETag of the day."""

    version: int
    lost: list[LostOut] = Field(description="Visits of the earlier plan that were left out")
    to_tell: list[ToTellOut] = Field(description="On a published day: who has to be told")

    @classmethod
    def of(cls, step: Step, day: date, language: Language) -> "StepOut":
        """One step."""
        return cls(
            version=step.version,
            lost=[LostOut.of(one) for one in step.lost],
            to_tell=[ToTellOut.of(one, day, language) for one in step.told],
        )


class VersionOut(BaseModel):
    """One version of a day: who made it, when, why and from what."""

    version: int
    state: str
    cause: str = Field(examples=["run", "repair", "hand", "undo", "restore", "publish"])
    text: str
    by: str
    at: datetime
    reason: str
    based_on: int
    source: str = Field(description="Run that computed the plan; empty when there is none")
    served: int
    unserved: int

    @classmethod
    def of(cls, one: DayVersion, language: Language) -> "VersionOut":
        """One version."""
        return cls(
            version=one.version,
            state=one.state,
            cause=one.why.cause,
            text=cause_text(one, language),
            by=one.why.by,
            at=one.why.at.astimezone(ZONE),
            reason=one.why.reason,
            based_on=one.why.based_on or 0,
            source=one.why.source,
            served=one.served,
            unserved=one.unserved,
        )


def cause_text(one: DayVersion, language: Language) -> str:
    """What made a version, in words."""
    return sentence(_CAUSES[one.why.cause], {"based_on": one.why.based_on or 0}, language)


class MovedOut(VersionOut):
    """One version since the one that was decided on, and what it changed."""

    changes: list[ChangeOut]

    @classmethod
    def since(cls, one: Moved, language: Language) -> "MovedOut":
        """One version."""
        shown = VersionOut.of(one.version, language).model_dump()
        day = one.version.key.day
        return cls(**shown, changes=[ChangeOut.of(news, day, language) for news in one.news])


class FiguresOut(BaseModel):
    """A plan in figures; seconds, shares between 0 and 1."""

    asked: int
    served: int
    unserved: int
    staff_available: int
    staff_used: int
    service_seconds: int
    travel_seconds: int
    travel_share: float
    late_seconds: int
    continuity: float | None

    @classmethod
    def of(cls, found: Indicators | None) -> "FiguresOut | None":
        """Figures of a plan, if there is one."""
        if found is None:
            return None
        return cls(
            asked=found.asked,
            served=found.served,
            unserved=len(found.unserved),
            staff_available=found.available,
            staff_used=found.used,
            service_seconds=found.service,
            travel_seconds=found.travel,
            travel_share=round(found.travel_share, 4),
            late_seconds=found.late,
            continuity=found.continuity,
        )


class DifferenceOut(BaseModel):
    """What one plan has otherwise than another, visit by visit, and both in figures."""

    changes: list[ChangeOut]
    before: FiguresOut | None
    after: FiguresOut | None

    @classmethod
    def of(cls, found: Difference, day: date, language: Language) -> "DifferenceOut":
        """One difference."""
        return cls(
            changes=[ChangeOut.of(one, day, language) for one in found.news],
            before=FiguresOut.of(found.before),
            after=FiguresOut.of(found.after),
        )


def moved(found: tuple[Moved, ...], language: Language) -> list[dict[str, Any]]:
    """Versions since another one, ready for problem JSON."""
    return [MovedOut.since(one, language).model_dump(mode="json") for one in found]
