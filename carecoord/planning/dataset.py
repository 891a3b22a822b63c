"""What exactly would a run plan from? One street-day as plain data, to be read, edited, checked.

Unlike the domain types it may hold what is impossible, so that `planning.validate` can say where.
Its shape is the JSON of `GET /v1/streets/{street}/days/{day}/dataset`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from carecoord.errors import CareError
from carecoord.model.demands import After, VisitDemand
from carecoord.model.elders import Elder
from carecoord.model.ids import DemandId, ElderId, PlanId, StaffId, StreetId
from carecoord.model.places import Place
from carecoord.model.staff import Level, Qualification, Staff
from carecoord.planning.problem import DayInput

FORMAT: Literal[1] = 1
"""Version of the shape."""

_STRICT: dict[str, Any] = {"extra": "forbid"}
"""Read by pydantic at the edge: a name that we do not know is refused, not lost."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one second of the day to another, counted from 00:00 Asia/Shanghai."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AfterData:
    """A visit that comes first on the same day; gaps in seconds from its end."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    visit: str
    min_gap: int = 0
    max_gap: int | None = None
    carers: Literal["any", "same", "different"] = "any"


@dataclass(frozen=True, slots=True)
class VisitData:
    """One visit that is wanted.

    windows
        Bounds on its start.
    duration
        Seconds at the bedside.
    level
        `C`, `C+`, `N` or `D`.
    held
        Code of why it must not be planned for now; empty otherwise.
    """

    __pydantic_config__: ClassVar[Any] = _STRICT

    id: str
    elder: str
    windows: tuple[Span, ...]
    duration: int
    level: str
    carers: int = 1
    priority: int = 5
    plan: str = ""
    items: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()
    wish: Span | None = None
    gender: str = ""
    language: str = ""
    after: tuple[AfterData, ...] = ()
    held: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """WGS-84 degrees."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class ElderData:
    """Somebody who is visited; `place` None: the address has no position."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    id: str
    name: str = ""
    address: str = ""
    place: Point | None = None
    floor: int = 1
    lift: bool | None = None
    dead: bool = False


@dataclass(frozen=True, slots=True)
class LicenceData:
    """A licence with its first and last day; None = open."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    licence: str
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class StaffData:
    """Somebody who can be sent.

    levels
        In force on the day, own level first.
    base
        Where the routes start and end.
    """

    __pydantic_config__: ClassVar[Any] = _STRICT

    id: str
    name: str = ""
    organization: str = ""
    role: str = "caregiver"
    gender: str = "unknown"
    mode: str = "walk"
    base: Point | None = None
    levels: tuple[str, ...] = ()
    licences: tuple[LicenceData, ...] = ()
    shifts: tuple[Span, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PinData:
    """What a plan must keep of a visit: its carers, its start, the visit directly before it."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    visit: str
    staff: tuple[str, ...] = ()
    start: int | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class KnownData:
    """Staff who called at an elder before, the most frequent first."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    elder: str
    staff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everything one street-day is planned from."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    street: str
    day: date
    visits: tuple[VisitData, ...]
    elders: tuple[ElderData, ...]
    staff: tuple[StaffData, ...]
    known: tuple[KnownData, ...] = ()
    pins: tuple[PinData, ...] = ()
    format: Literal[1] = FORMAT


def of(
    street: StreetId,
    day: date,
    given: DayInput,
    licences: Mapping[StaffId, Sequence[Qualification]],
) -> Dataset:
    """The stored input of a day; of the elders those who are visited."""
    visited = sorted({one.elder for one in given.demands})
    return Dataset(
        street=street,
        day=day,
        visits=tuple(
            _visit(one, held.code if (held := given.held.get(one.id)) else "")
            for one in sorted(given.demands, key=lambda d: d.id)
        ),
        elders=tuple(_elder(given.elders[id_]) for id_ in visited if id_ in given.elders),
        staff=tuple(
            _staff(one, licences.get(one.id, ())) for one in sorted(given.staff, key=lambda s: s.id)
        ),
        known=tuple(
            KnownData(id_, tuple(given.known[id_])) for id_ in visited if id_ in given.known
        ),
        pins=tuple(PinData(pin.demand, pin.carers, pin.start, pin.after) for pin in given.pins),
    )


def demands(data: Dataset) -> list[VisitDemand]:
    """The visits of a dataset that are possible in themselves."""
    found = []
    for one in data.visits:
        try:
            found.append(_demand(one, StreetId(data.street), data.day))
        except (CareError, ValueError):
            continue
    return found


def _demand(one: VisitData, street: StreetId, day: date) -> VisitDemand:
    return VisitDemand(
        id=DemandId(one.id),
        street=street,
        day=day,
        elder=ElderId(one.elder),
        plan=PlanId(one.plan),
        items=one.items,
        windows=tuple((w.start, w.end) for w in one.windows),
        duration=one.duration,
        level=Level(one.level),
        carers=one.carers,
        priority=one.priority,
        programmes=one.programmes,
        preferred=tuple(StaffId(id_) for id_ in one.preferred),
        wish=(one.wish.start, one.wish.end) if one.wish else None,
        gender=one.gender,
        language=one.language,
        after=tuple(After(DemandId(a.visit), a.min_gap, a.max_gap, a.carers) for a in one.after),
    )


def _visit(one: VisitDemand, held: str) -> VisitData:
    return VisitData(
        id=one.id,
        elder=one.elder,
        windows=tuple(Span(*window) for window in one.windows),
        duration=one.duration,
        level=one.level.value,
        carers=one.carers,
        priority=one.priority,
        plan=one.plan,
        items=one.items,
        programmes=one.programmes,
        preferred=one.preferred,
        wish=Span(*one.wish) if one.wish else None,
        gender=one.gender,
        language=one.language,
        after=tuple(AfterData(a.demand, a.min_gap, a.max_gap, a.carers) for a in one.after),
        held=held,
    )


def _elder(one: Elder) -> ElderData:
    return ElderData(
        id=one.id,
        name=one.name,
        address=one.home.text,
        place=_point(one.home.place),
        floor=one.home.floor,
        lift=one.home.lift,
        dead=one.dead,
    )


def _staff(one: Staff, licences: Sequence[Qualification]) -> StaffData:
    return StaffData(
        id=one.id,
        name=one.name,
        organization=one.organization,
        role=one.role.value,
        gender=one.gender,
        mode=one.mode,
        base=_point(one.base),
        levels=tuple(level.value for level in one.levels),
        licences=tuple(LicenceData(q.licence.value, q.start, q.end) for q in licences),
        shifts=tuple(Span(shift.start, shift.end) for shift in one.shifts),
        languages=one.languages,
    )


def _point(place: Place | None) -> Point | None:
    return None if place is None else Point(place.lon, place.lat)
