"""One person of the planted street: what is written down about them, piece by piece."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from carecoord.demo.parts import (
    BASE,
    RESIDENT,
    Json,
    coding,
    concept,
    extension,
    hl7,
    identifier,
    parts,
    person_name,
    phone,
    plain,
    refer,
    sid,
)
from carecoord.demo.people import ELDER_MEN, ELDER_WOMEN, FAMILY, resident_number
from carecoord.model.time import ZONE

CENTRE, STATION = "planted-centre", "planted-station"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
MORNING, EVENING = ("07:00:00", "10:00:00"), ("15:30:00", "18:00:00")

INTACT = {
    "a1": 10, "a2": 10, "a3": 5, "a4": 10, "a5": 10, "a6": 10, "a7": 15, "a8": 15, "a9": 5,
    "a10": 5, "c1": 4, "c2": 4, "c3": 4, "c4": 4, "p1": 4, "p2": 4, "p3": 4,
}  # fmt: skip
"""Level 1 on LTC37: only the stairs are hard."""

SEVERE = INTACT | {
    "a1": 5, "a2": 5, "a3": 0, "a4": 5, "a5": 5, "a6": 5, "a7": 5, "a8": 5, "a9": 0, "a10": 0,
}  # fmt: skip
"""Level 3 on LTC37: help with everything of the body, the mind clear."""

_NAMESPACE = UUID("9b1fb2b8-7d6b-5b0e-9a54-2a0f8f1c6f10")


@dataclass(frozen=True, slots=True)
class PastVisit:
    """A visit of a day that is over; `staff` is empty when nobody went."""

    demand: str
    elder: str
    day: date
    items: tuple[str, ...]
    programmes: tuple[str, ...]
    start: int
    windows: tuple[tuple[int, int], ...]
    wish: tuple[int, int] | None
    level: str
    staff: str


@dataclass
class Case:
    """A person in the making.

    kind
        What is planted or nearly so.
    expected
        Codes that the detectors have to find; nothing else about this person is true.
    pairs
        Other records that are this person.
    """

    seed: int
    index: int
    kind: str
    day: date
    dice: Random
    expected: set[str] = field(default_factory=set)
    pairs: list[str] = field(default_factory=list)
    resources: list[Json] = field(default_factory=list)
    details: list[Json] = field(default_factory=list)
    plan_extensions: list[Json] = field(default_factory=list)
    visits: list[PastVisit] = field(default_factory=list)

    @property
    def elder(self) -> str:
        """Id of the Patient."""
        return self.name("elder")

    def name(self, what: str) -> str:
        """An id of this person's own."""
        return str(uuid5(_NAMESPACE, f"{self.seed}|{self.index}|{what}"))

    def before(self, days: int) -> date:
        """So many days before the day looked at."""
        return self.day - timedelta(days=days)

    def add(self, kind: str, what: str, **fields: Any) -> Json:
        """A resource about this person."""
        made: Json = {"resourceType": kind, "id": self.name(what), **fields}
        self.resources.append(made)
        return made

    def patient(self, what: str = "elder", **more: Any) -> Json:
        """The record in the register; `more` replaces what it would say."""
        gender = "female" if self.index % 2 else "male"
        given = ELDER_WOMEN if gender == "female" else ELDER_MEN
        dice = Random(f"{self.seed}|{self.index}|person")  # noqa: S311 - no secrets
        birth = date(1932 + dice.randrange(25), 1 + dice.randrange(12), 1 + dice.randrange(28))
        first, second = dice.sample(given, 2)
        name = person_name(dice.choice(FAMILY), first + second)
        number = resident_number(self.seed, self.index, birth, gender)
        line = f"{dice.choice('春夏秋冬')}晖里{self.index + 1}栋{dice.randint(1, 4)}单元"
        line += f"{dice.randint(1, 6)}0{dice.randint(1, 3)}"
        known: Json = {
            "identifier": [identifier(RESIDENT, number)],
            "active": True,
            "name": [name],
            "telecom": [phone(f"1990000{self.index:04d}")],
            "gender": gender,
            "birthDate": birth.isoformat(),
            "address": [{"use": "home", "text": line}],
            "managingOrganization": refer("Organization", STATION),
        }
        return self.add("Patient", what, **(known | more))

    def assessed(
        self,
        days: int,
        scores: Mapping[str, int] = SEVERE,
        level: int = 3,
        *,
        reason: str = "first",
    ) -> None:
        """An interview so many days ago, and its LTC37 level."""
        at = datetime.combine(self.before(days), datetime.min.time(), ZONE).replace(hour=14)
        what = f"assessed {days}"
        items: list[Json] = [
            {"linkId": item, "answer": [{"valueInteger": score}]} for item, score in scores.items()
        ]
        asked = {"valueCoding": coding("assessment-reason", reason)}
        self.add(
            "QuestionnaireResponse",
            what,
            questionnaire=f"{BASE}/Questionnaire/interview",
            status="completed",
            subject=refer("Patient", self.elder),
            authored=at.isoformat(),
            item=[{"linkId": "reason", "answer": [asked]}, *items],
        )
        self.add(
            "Observation",
            f"level {days}",
            status="final",
            category=[concept(hl7("observation-category", "survey"))],
            code=concept(coding("assessment-scale", "LTC37")),
            subject=refer("Patient", self.elder),
            effectiveDateTime=at.isoformat(),
            valueInteger=level,
            derivedFrom=[refer("QuestionnaireResponse", self.name(what))],
        )

    def task(
        self,
        item: str,
        programme: str,
        *,
        group: str,
        per_week: int = 7,
        window: tuple[str, str] = MORNING,
        minutes: int = 0,
        visit_minutes: int = 0,
        level: str = "",
        payers: tuple[str, ...] = (),
        performer: str = "",
    ) -> None:
        """A task of the plan in force."""
        start, end = window
        extensions = [
            extension("visit-group", valueString=group),
            extension("programme", valueCode=programme),
            parts(
                f"{BASE}/StructureDefinition/visit-window",
                start=("Time", start),
                end=("Time", end),
            ),
            *(extension("payer", valueCode=payer) for payer in payers),
        ]
        if visit_minutes:
            extensions.append(extension("visit-minutes", valuePositiveInt=visit_minutes))
        if level:
            extensions.append(extension("performer-level", valueCode=level))
        repeat: Json = {"frequency": per_week, "period": 1, "periodUnit": "wk"}
        if minutes:
            repeat |= {"duration": minutes, "durationUnit": "min"}
        detail: Json = {
            "extension": extensions,
            "code": concept(coding("service-item", item)),
            "status": "scheduled",
            "scheduledTiming": {"repeat": repeat},
        }
        if performer:
            detail["performer"] = [refer("PractitionerRole", performer)]
        self.details.append({"detail": detail})

    def bed(self, kind: str, days: int, status: str = "active") -> None:
        """A bed at home, opened so many days ago."""
        since = {"start": self.before(days).isoformat()}
        history = [{"status": "active", "period": since}]
        if status != "active":
            paused = self.before(min(days, 20)).isoformat()
            history = [
                {"status": "active", "period": since | {"end": paused}},
                {"status": status, "period": {"start": paused}},
            ]
        self.add(
            "EpisodeOfCare",
            kind,
            status=status,
            statusHistory=history,
            type=[concept(coding("bed-kind", kind))],
            patient=refer("Patient", self.elder),
            managingOrganization=refer("Organization", CENTRE),
            period=since,
        )

    def order(self, item: str, days: int, *, status: str = "active", until: int = -60) -> None:
        """A medical order in force from so many days ago to `until` days ago; below 0: ahead."""
        self.add(
            "ServiceRequest",
            f"order {item} {days}",
            status=status,
            intent="order",
            code=concept(coding("service-item", item)),
            subject=refer("Patient", self.elder),
            authoredOn=self.before(days).isoformat(),
            occurrencePeriod={
                "start": self.before(days).isoformat(),
                "end": self.before(until).isoformat(),
            },
        )

    def visit(
        self,
        days: int,
        items: tuple[str, ...],
        programme: str,
        *,
        start: int,
        staff: str,
        level: str = "C",
        window: tuple[int, int] = (25200, 36000),
        wish: tuple[int, int] | None = None,
    ) -> None:
        """A visit on a published day that is over."""
        name = self.name(f"visit {days} {','.join(items)} {programme}")
        self.visits.append(
            PastVisit(
                demand=name,
                elder=self.elder,
                day=self.before(days),
                items=items,
                programmes=(programme,),
                start=start,
                windows=(window,),
                wish=wish,
                level=level,
                staff=staff,
            )
        )

    def bill(self, item: str, payer: str, days: int, hour: int, minutes: int = 40) -> None:
        """One item billed to one payer."""
        day = self.before(days)
        begun = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)
        ended = begun + timedelta(minutes=minutes)
        what = f"claim {item} {payer} {days} {hour} {minutes}"
        self.add(
            "Claim",
            what,
            extension=[extension("payer", valueCode=payer)],
            identifier=[identifier(sid("claim"), self.name(what))],
            status="active",
            type=concept(hl7("claim-type", "professional")),
            use="claim",
            patient=refer("Patient", self.elder),
            created=self.day.isoformat(),
            provider=refer("Organization", STATION),
            priority=concept(hl7("processpriority", "normal")),
            insurance=[
                {"sequence": 1, "focal": True, "coverage": {"display": payer}},
            ],
            item=[
                {
                    "sequence": 1,
                    "productOrService": concept(coding("service-item", item)),
                    "servicedPeriod": {"start": begun.isoformat(), "end": ended.isoformat()},
                }
            ],
        )

    def hospital(self, first: int, last: int | None) -> None:
        """A stay in hospital from so many days ago; `last` None: still there."""
        period = {"start": f"{self.before(first).isoformat()}T10:00:00+08:00"}
        if last is not None:
            period["end"] = f"{self.before(last).isoformat()}T10:00:00+08:00"
        self.add(
            "Encounter",
            f"hospital {first}",
            status="in-progress" if last is None else "finished",
            **{"class": plain(ACT, "IMP")},
            subject=refer("Patient", self.elder),
            period=period,
        )

    def called(self, days: int) -> None:
        """Somebody spoke with the family so many days ago."""
        self.add(
            "Communication",
            f"called {days}",
            status="completed",
            subject=refer("Patient", self.elder),
            sent=f"{self.before(days).isoformat()}T15:00:00+08:00",
        )

    def finished(self) -> list[Json]:
        """All resources, the plan among them."""
        if self.details:
            plan: Json = {
                "resourceType": "CarePlan",
                "id": self.name("plan"),
                "status": "active",
                "intent": "plan",
                "category": [concept(coding("plan-category", "integrated"))],
                "subject": refer("Patient", self.elder),
                "period": {"start": self.before(50).isoformat()},
                "activity": self.details,
            }
            if self.plan_extensions:
                plan["extension"] = self.plan_extensions
            return [*self.resources, plan]
        return self.resources
