"""A street of persons with planted cases: generated, stored, and compared with what was found."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from carecoord.access import Caller
from carecoord.demo.parts import Json, coding, concept, identifier, person_name, refer
from carecoord.demo.planted.case import CENTRE, STATION, Case, PastVisit
from carecoord.demo.planted.near import NEAR
from carecoord.demo.planted.plants import PLANTS, Plant
from carecoord.demo.planted.sound import CAREGIVERS, DOCTOR, LAPSED, NURSE, cared, plain
from carecoord.fhir.read import DIVISION
from carecoord.flows import day as days
from carecoord.flows import record
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import DemandId, ElderId, PlanId, StaffId, StreetId
from carecoord.model.staff import Level
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Stop, Unserved
from carecoord.store import days as routes
from carecoord.store import demands
from carecoord.store.engine import Database

Found = tuple[str, frozenset[str]]
"""Kind of a finding, and the persons it is about."""

SOUND = 9
"""Persons without anything for each of every plant and near-miss."""

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Planted:
    """Persons of a street, their past visits, and everything that is true about them.

    truth
        Findings that have to be made; any other is a false alarm.
    kinds
        Kind of plant, near-miss or sound person to how many there are.
    """

    street: StreetId
    register: list[Json]
    resources: list[Json]
    visits: list[PastVisit]
    truth: frozenset[Found]
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class Score:
    """How well a kind was found."""

    code: str
    planted: int
    hit: int
    false: int

    @property
    def precision(self) -> float:
        """Hits ÷ everything found; 1 where nothing was found."""
        return self.hit / (self.hit + self.false) if self.hit + self.false else 1.0

    @property
    def recall(self) -> float:
        """Hits ÷ everything planted; 1 where nothing was planted."""
        return self.hit / self.planted if self.planted else 1.0


def plant(seed: int, persons: int, day: date) -> Planted:
    """`persons` persons of a street as they stand on `day`; equal seeds give equal streets."""
    makers: list[tuple[str, Plant]] = [*PLANTS.items(), *NEAR.items()]
    makers += [("sound", _sound)] * SOUND
    resources: list[Json] = []
    visits: list[PastVisit] = []
    truth: set[Found] = set()
    kinds: dict[str, int] = defaultdict(int)
    order = list(range(persons))
    Random(f"{seed}|order").shuffle(order)  # noqa: S311 - no secrets
    for place, index in enumerate(order):
        kind, make = makers[place % len(makers)]
        dice = Random(f"{seed}|{index}|{kind}")  # noqa: S311
        case = Case(seed, index, kind, day, dice)
        make(case, place // len(makers))
        kinds[kind] += 1
        resources += case.finished()
        visits += case.visits
        truth |= {(code, frozenset({case.elder})) for code in case.expected}
        truth |= {("duplicate.person", frozenset({case.elder, one})) for one in case.pairs}
    street = StreetId(f"990102{seed % 1000:03d}")
    return Planted(street, _register(street, day), resources, visits, frozenset(truth), dict(kinds))


def _sound(case: Case, _variant: int) -> None:
    (cared if case.index % 3 else plain)(case)


def store(database: Database, caller: Caller, planted: Planted) -> None:
    """Put everything in place through the flows, the routes of past days published."""
    for chunk in _chunks([*planted.register, *planted.resources]):
        entries = [{"resource": one} for one in chunk]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        with database.write() as tx:
            record.submit_bundle(tx, caller, bundle)
    by_day: dict[date, list[PastVisit]] = defaultdict(list)
    for visit in planted.visits:
        by_day[visit.day].append(visit)
    with database.write() as tx:
        for day, visits in sorted(by_day.items()):
            wanted = [_demand(planted.street, one) for one in visits]
            demands.replace(tx, planted.street, day, 1, wanted)
            plan = _routes(DayKey(planted.street, day), visits)
            version = routes.replace_plan(tx, plan, expected=0, why=Why("run", caller.id))
            days.publish(tx, caller, planted.street, day, expected=version)


def score(planted: Planted, found: Iterable[Found], codes: Sequence[str]) -> list[Score]:
    """Planted against found, one row a kind."""
    made = set(found)
    return [
        Score(
            code=code,
            planted=sum(one[0] == code for one in planted.truth),
            hit=sum(one[0] == code for one in planted.truth & made),
            false=sum(one[0] == code for one in made - planted.truth),
        )
        for code in codes
    ]


def _chunks(resources: list[Json]) -> Iterable[list[Json]]:
    for start in range(0, len(resources), _AT_ONCE):
        yield resources[start : start + _AT_ONCE]


def _demand(street: StreetId, visit: PastVisit) -> VisitDemand:
    return VisitDemand(
        id=DemandId(visit.demand),
        street=street,
        day=visit.day,
        elder=ElderId(visit.elder),
        plan=PlanId(f"plan-{visit.elder}"),
        items=visit.items,
        windows=visit.windows,
        duration=1800,
        level=Level(visit.level),
        programmes=visit.programmes,
        wish=visit.wish,
    )


def _routes(key: DayKey, visits: list[PastVisit]) -> DayPlan:
    order: dict[str, int] = defaultdict(int)
    stops = []
    for visit in sorted(visits, key=lambda one: (one.staff, one.start, one.demand)):
        if not visit.staff:
            continue
        order[visit.staff] += 1
        stops.append(
            Stop(
                staff=StaffId(visit.staff),
                demand=DemandId(visit.demand),
                order=order[visit.staff],
                arrival=visit.start,
                start=visit.start,
                end=visit.start + 1800,
                travel=0,
            )
        )
    return DayPlan(
        key=key,
        stops=tuple(stops),
        pauses=(),
        homeward=(),
        unserved=tuple(
            Unserved(DemandId(visit.demand), "unserved.no_staff")
            for visit in visits
            if not visit.staff
        ),
        cost={},
        estimated=True,
    )


def _register(street: StreetId, day: date) -> list[Json]:
    """The street, its centre and station, and who works there."""
    top = "planted-street"
    found = [
        _organization(top, "street", "试验街道", division=street),
        _organization(CENTRE, "health-centre", "试验社区卫生服务中心", top),
        _organization(STATION, "care-station", "试验养老服务站", top),
    ]
    start = day.replace(year=day.year - 5)
    lapsed = date.fromordinal(day.toordinal() - 10)
    found += _employed(NURSE, "nurse", start)
    found += _employed(DOCTOR, "doctor", start)
    found += _employed(LAPSED, "nurse", start, lapsed)
    for caregiver in CAREGIVERS:
        found += _employed(caregiver, "caregiver", start)
    return found


def _organization(id_: str, kind: str, name: str, above: str = "", division: str = "") -> Json:
    made: Json = {
        "resourceType": "Organization",
        "id": id_,
        "type": [concept(coding("organization-kind", kind))],
        "name": name,
    }
    if division:
        made["identifier"] = [identifier(DIVISION, division)]
    if above:
        made["partOf"] = refer("Organization", above)
    return made


def _employed(id_: str, licence: str, start: date, end: date | None = None) -> list[Json]:
    period = {"start": start.isoformat()} | ({"end": end.isoformat()} if end else {})
    held = {"code": concept(coding("licence", licence)), "period": period}
    return [
        {
            "resourceType": "Practitioner",
            "id": f"{id_}-person",
            "name": [person_name("方", id_.rpartition("-")[2])],
            "qualification": [held],
        },
        {
            "resourceType": "PractitionerRole",
            "id": id_,
            "practitioner": refer("Practitioner", f"{id_}-person"),
            "organization": refer("Organization", STATION),
            "code": [concept(coding("staff-role", licence))],
        },
    ]


__all__ = ["Planted", "Score", "plant", "score", "store"]
