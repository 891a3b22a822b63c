"""Why nobody comes, what would help, why this carer, who could take over: nothing is stored."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.context import CallerNow, ReadTx, Speak
from api.scheduler.profiles import DataFolder, ProfileName
from api.scheduler.reasons import (
    CarerOut,
    Names,
    PersonOut,
    PlaceOut,
    RefusedOut,
    ShiftedOut,
    WorseOut,
    people,
)
from carecoord.errors import Fact
from carecoord.flows import explain
from carecoord.flows.explain import Cover, Explanation, Why
from carecoord.flows.fit import Ask
from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.planning.fit import NoPlace
from carecoord.planning.relaxations import Relaxation
from carecoord.planning.replacements import HALF, StandIn
from carecoord.planning.weights import STANDARD
from carecoord.text import Language

router = APIRouter(prefix="/streets/{street}/days/{day}", tags=["explain"])

Profile = Annotated[ProfileName, Query()]
Top = Annotated[int, Query(ge=1, le=20)]


class RelaxationOut(BaseModel):
    """One thing that gives, alone enough; the plan it leads to was judged."""

    kind: str = Field(examples=["later"])
    code: str = Field(examples=["relax.later"])
    amount: int = Field(description="Seconds where there is something to measure, else 1")
    facts: dict[str, Any]
    text: str
    staff: list[PersonOut]
    start: datetime
    cost: dict[str, int] = Field(description="Change by rule, without `unserved`")
    total: int
    worse: list[WorseOut]
    moved: list[ShiftedOut]

    @classmethod
    def of(cls, one: Relaxation, names: Names) -> "RelaxationOut":
        """One relaxation."""
        code = f"relax.{one.kind}"
        who = ", ".join(names.person(staff) for staff in one.staff)
        facts: dict[str, Fact] = {**one.facts, "who": who, "at": f"{names.at(one.start):%H:%M}"}
        return cls(
            kind=one.kind,
            code=code,
            amount=one.amount,
            facts=facts,
            text=names.say(code, facts),
            staff=people(one.staff, names),
            start=names.at(one.start),
            cost={rule: cost for rule, cost in one.step.cost.items() if rule != "unserved"},
            total=one.step.total,
            worse=[WorseOut.of(worse, names) for worse in one.step.worse],
            moved=[ShiftedOut.of(moved, names) for moved in one.step.shifted],
        )


class ExplanationOut(BaseModel):
    """Why nobody makes a visit: every carer's reasons, and the least that would help."""

    demand: str
    elder: str
    version: int
    planned: RefusedOut | None = Field(description="What the plan says")
    lacks: RefusedOut | None = Field(description="Data for want of which nothing can be planned")
    places: list[PlaceOut] = Field(description="Where it fits as things are")
    carers: list[CarerOut]
    relaxations: list[RelaxationOut]

    @classmethod
    def of(cls, one: Explanation, language: Language) -> "ExplanationOut":
        """One visit."""
        names = Names(one.demand.day, one.staff, one.elders, language)

        def refused(found: Any) -> RefusedOut | None:
            if found is None:
                return None
            return RefusedOut.of(NoPlace(found.demand, found.code, dict(found.facts)), names)

        return cls(
            demand=one.demand.id,
            elder=names.elder(one.demand.id),
            version=one.version,
            planned=refused(one.told),
            lacks=refused(one.lacks),
            places=[PlaceOut.of(place, one.version, names) for place in one.places],
            carers=[CarerOut.of(carer, names) for carer in one.carers],
            relaxations=[RelaxationOut.of(found, names) for found in one.relaxations],
        )


class WhyOut(BaseModel):
    """Why these carers and not another one: the difference by rule, positive = costs more."""

    demand: str
    elder: str
    version: int
    staff: list[PersonOut] = Field(description="Who makes it")
    instead_of: PersonOut = Field(description="Who was asked about")
    out: PersonOut = Field(description="Who would not make it then")
    possible: bool
    start: datetime | None
    cost: dict[str, int]
    total: int | None
    code: str = Field(examples=["explain.instead.dearer"])
    text: str
    worse: list[WorseOut]
    moved: list[ShiftedOut]
    reasons: CarerOut | None

    @classmethod
    def of(cls, one: Why, language: Language) -> "WhyOut":
        """One question."""
        names = Names(one.demand.day, one.staff, one.elders, language)
        found, step = one.answer, one.answer.step
        total = None if step is None else step.total
        code = "explain.instead." + (
            "cannot" if total is None else "cheaper" if total < 0 else "dearer"
        )
        facts: dict[str, Fact] = {
            "name": names.person(found.staff),
            "crew": ", ".join(names.person(who) for who in found.crew),
            "cost": abs(total or 0),
        }
        return cls(
            demand=one.demand.id,
            elder=names.elder(one.demand.id),
            version=one.version,
            staff=people(found.crew, names),
            instead_of=PersonOut(id=found.staff, name=names.person(found.staff)),
            out=PersonOut(id=found.out, name=names.person(found.out)),
            possible=step is not None,
            start=None if found.start is None else names.at(found.start),
            cost={} if step is None else dict(step.cost),
            total=total,
            code=code,
            text=names.say(code, facts),
            worse=[] if step is None else [WorseOut.of(worse, names) for worse in step.worse],
            moved=[] if step is None else [ShiftedOut.of(m, names) for m in step.shifted],
            reasons=None if found.against is None else CarerOut.of(found.against, names),
        )


class CoverPlaceOut(PlaceOut):
    """A carer who could make a visit."""

    known: bool = Field(description="Named for the elder, or called there before")


class ReplacedOut(BaseModel):
    """One visit of the absent person and who could make it, the cheapest first."""

    visit: str
    elder: str
    start: datetime
    partner: PersonOut | None
    carers: list[CoverPlaceOut]


class StandInOut(BaseModel):
    """One person for the whole day."""

    staff: PersonOut
    called_in: bool = Field(description="Not at work that day; would have to come")
    visits: list[str]
    missed: list[str]
    travel_seconds: int
    overtime_seconds: int
    total: int

    @classmethod
    def of(cls, one: StandIn, names: Names) -> "StandInOut":
        """One person."""
        return cls(
            staff=PersonOut(id=one.staff, name=names.person(one.staff)),
            called_in=one.called_in,
            visits=list(one.taken),
            missed=list(one.missed),
            travel_seconds=one.step.travel,
            overtime_seconds=one.step.overtime,
            total=one.step.total,
        )


class CoverOut(BaseModel):
    """Who could take over from somebody."""

    staff: PersonOut
    version: int
    visits: list[ReplacedOut]
    whole_day: list[StandInOut]

    @classmethod
    def of(cls, one: Cover, day: date, language: Language) -> "CoverOut":
        """One person's day."""
        half = {visit + HALF: name for visit, name in one.elders.items()}
        names = Names(day, one.staff, {**one.elders, **half}, language)
        visits = []
        for replaced in one.found.visits:
            known = one.known.get(replaced.visit, frozenset())
            shown = [PlaceOut.of(p, one.version, names) for p in replaced.places]
            visits.append(
                ReplacedOut(
                    visit=replaced.visit,
                    elder=names.elder(replaced.visit),
                    start=names.at(replaced.start),
                    partner=people((replaced.partner,), names)[0] if replaced.partner else None,
                    carers=[
                        CoverPlaceOut(
                            **place.model_dump(),
                            known=all(StaffId(who.id) in known for who in place.staff),
                        )
                        for place in shown
                    ],
                )
            )
        return cls(
            staff=PersonOut(id=one.person, name=names.person(one.person)),
            version=one.version,
            visits=visits,
            whole_day=[StandInOut.of(found, names) for found in one.found.whole],
        )


@router.get("/unserved/{demand}/explanation")
def explain_unserved(
    street: str,
    day: date,
    demand: str,
    caller: CallerNow,
    tx: ReadTx,
    data: DataFolder,
    language: Speak,
    profile: Profile = STANDARD,
    top: Top = 3,
) -> ExplanationOut:
    """Why nobody makes a visit.

    For every carer the rules in the way, each shown by trying every position of the routes; and
    what alone would be enough, each with the plan it leads to, judged.
    """
    ask = Ask(data, profile, top)
    found = explain.unserved(tx, caller, StreetId(street), day, DemandId(demand), ask)
    return ExplanationOut.of(found, language)


@router.get("/visits/{demand}/explanation")
def explain_visit(
    street: str,
    day: date,
    demand: str,
    instead_of: str,
    caller: CallerNow,
    tx: ReadTx,
    data: DataFolder,
    language: Speak,
    profile: Profile = STANDARD,
) -> WhyOut:
    """Why the carers of a visit and not `instead_of`: the visit is moved there and judged."""
    ask = Ask(data, profile)
    found = explain.instead_of(
        tx, caller, StreetId(street), day, DemandId(demand), StaffId(instead_of), ask
    )
    return WhyOut.of(found, language)


@router.get("/replacements")
def rank_replacements(
    street: str,
    day: date,
    staff: str,
    caller: CallerNow,
    tx: ReadTx,
    data: DataFolder,
    language: Speak,
    profile: Profile = STANDARD,
    top: Top = 5,
) -> CoverOut:
    """Who could take over from somebody: for each visit, and for the whole day."""
    ask = Ask(data, profile, top)
    found = explain.cover(tx, caller, StreetId(street), day, StaffId(staff), ask)
    return CoverOut.of(found, day, language)
