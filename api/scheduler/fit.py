"""Where does a visit fit? Asked of one day, of many days, for a series or a list; then taken."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api import problems
from api.context import CallerNow, Expected, ReadTx, Speak, database
from api.scheduler.profiles import DataFolder, ProfileName
from api.scheduler.reasons import CarerOut, Names, PersonOut, PlaceOut, RefusedOut
from api.scheduler.visits import WindowIn
from carecoord.errors import Conflict, Invalid
from carecoord.flows import fit, fit_list, taking
from carecoord.flows.fit import Ask, DayAnswer, Described, SeriesAnswer, Wanted
from carecoord.flows.telling import ToTell
from carecoord.model.ids import DemandId, ElderId, StaffId, StreetId
from carecoord.model.staff import Level
from carecoord.model.time import of_clock, seconds_of
from carecoord.planning.fit import Place
from carecoord.planning.series import Pattern, Series
from carecoord.planning.weights import STANDARD
from carecoord.text import Language, sentence

router = APIRouter(prefix="/streets/{street}", tags=["fit"])
OTHER_CARER = 3_600
"""What another face costs in a series for which the same carer is wished."""


class _In(BaseModel):
    """Unknown names are refused: a misspelt one would otherwise be a wish nobody hears."""

    model_config = ConfigDict(extra="forbid")


class VisitIn(_In):
    """A visit that nobody has asked for yet."""

    elder: str = Field(examples=["e1"])
    windows: list[WindowIn] = Field(min_length=1, max_length=6)
    items: list[str] = Field(
        default_factory=list, max_length=20, description="Needed to take a place", examples=[["7"]]
    )
    programme: str = Field(default="", description="Needed to take a place", examples=["ltci"])
    minutes: int | None = Field(default=None, ge=1, le=600, description="As the items ask for")
    level: Level | None = Field(default=None, description="Of the carer, if above the items' own")
    carers: int = Field(default=1, ge=1, le=2)
    wish: WindowIn | None = Field(default=None, description="Preferred start inside the windows")
    gender: str = Field(default="", pattern="^(female|male|)$")
    language: str = Field(default="", max_length=20)
    carer: str | None = Field(default=None, description="Wished; others cost more")
    priority: int | None = Field(default=None, ge=1, le=9)
    order: str = Field(default="", description="ServiceRequest, for items that need one")

    def described(self) -> Described:
        """As the flow takes it."""
        return Described(
            elder=ElderId(self.elder),
            windows=tuple(_window(one) for one in self.windows),
            items=tuple(self.items),
            programme=self.programme,
            minutes=self.minutes,
            level=self.level,
            carers=self.carers,
            wish=_window(self.wish) if self.wish else None,
            gender=self.gender,
            language=self.language,
            carer=StaffId(self.carer) if self.carer else None,
            priority=self.priority,
            order=self.order,
        )


class WantedIn(_In):
    """One visit: `demand` that is due and that nobody makes, or a `visit` described."""

    demand: str | None = None
    visit: VisitIn | None = None

    def wanted(self) -> Wanted:
        """As the flow takes it."""
        if (self.demand is None) == (self.visit is None):
            raise Invalid("fit.one_of", field="/body", names="demand, visit")
        if self.visit is None:
            return Wanted(demand=DemandId(self.demand or ""))
        return Wanted(described=self.visit.described())


Top = Annotated[int, Field(ge=1, le=20)]
PerWindow = Annotated[
    int | None, Field(ge=1, le=20, description="At most so many in each window of a visit and day")
]


Explain = Annotated[
    bool, Field(description="Where there is no place, also name the nearest carers and why")
]


class FitIn(WantedIn):
    """A visit to be placed in one day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"demand": "5c1f7a3e", "top": 3},
                {
                    "visit": {
                        "elder": "e1",
                        "minutes": 40,
                        "level": "C",
                        "windows": [{"start": "09:00:00", "end": "11:00:00"}],
                    },
                    "max_per_window": 2,
                },
            ]
        }
    )

    top: Top = 3
    max_per_window: PerWindow = None
    explain: Explain = False
    profile: ProfileName = STANDARD


class SeriesIn(_In):
    """A visit repeated: `per_week` times in each of `weeks` weeks from `first`."""

    visit: VisitIn
    first: date
    per_week: int = Field(ge=1, le=7)
    weeks: int = Field(ge=1, le=12)
    spacing: int = Field(default=1, ge=1, le=14, description="Days between two visits at least")
    same_carer: bool = True


class FitDaysIn(_In):
    """One of `visit` over some days, `series`, or a list of `visits` over some days."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "series": {
                        "visit": {
                            "elder": "e1",
                            "items": ["7"],
                            "windows": [{"start": "08:00:00", "end": "10:00:00"}],
                        },
                        "first": "2026-12-07",
                        "per_week": 3,
                        "weeks": 4,
                        "spacing": 2,
                    }
                },
                {
                    "days": ["2026-12-07", "2026-12-08"],
                    "visits": [{"demand": "5c1f7a3e"}, {"demand": "77aa0c21"}],
                },
            ]
        }
    )

    days: list[date] = Field(default_factory=list, max_length=60)
    visit: VisitIn | None = None
    series: SeriesIn | None = None
    visits: list[WantedIn] | None = Field(default=None, min_length=1, max_length=100)
    top: Top = 3
    max_per_window: PerWindow = None
    explain: Explain = False
    profile: ProfileName = STANDARD


class DayFitOut(BaseModel):
    """What one day says; `nearest` are the carers with least against it."""

    day: date
    version: int
    state: str
    basis: str = Field(description="`plan`; `roster`: nothing is planned yet, room was estimated")
    fits: bool
    places: list[PlaceOut]
    refused: RefusedOut | None
    nearest: list[CarerOut]

    @classmethod
    def of(cls, one: DayAnswer, language: Language) -> "DayFitOut":
        """One day."""
        names = _names(one, language)
        return cls(
            day=one.day,
            version=one.version,
            state=one.state,
            basis=one.basis,
            fits=one.fits,
            places=_places(one, names),
            refused=RefusedOut.of(one.refused, names) if one.refused else None,
            nearest=[CarerOut.of(carer, names) for carer in one.nearest],
        )


class SeriesOut(BaseModel):
    """Days and places of a repeated visit, built around one carer."""

    carer: PersonOut | None
    kept: int = Field(description="Visits that this carer makes, or could where only estimated")
    missing: int
    total: int
    visits: list[PlaceOut]

    @classmethod
    def of(cls, one: Series, found: SeriesAnswer, language: Language) -> "SeriesOut":
        """One series."""
        visits = []
        name = one.anchor
        for chosen in one.chosen:
            answer = found.days[chosen.day]
            names = _names(answer, language)
            name = answer.staff.get(one.anchor, name)
            source = chosen.option.source
            visits.append(
                PlaceOut.of(source, answer.version, names)
                if isinstance(source, Place)
                else PlaceOut.estimated(answer.version, names)
            )
        return cls(
            carer=PersonOut(id=one.anchor, name=name) if one.anchor else None,
            kept=one.kept,
            missing=one.missing,
            total=one.cost,
            visits=visits,
        )


class FitDaysOut(BaseModel):
    """Places over many days, cheapest first; or series; or one answer per visit of a list."""

    places: list[PlaceOut] = Field(default_factory=list)
    series: list[SeriesOut] = Field(default_factory=list)
    visits: list[DayFitOut] = Field(default_factory=list)
    days: list[DayFitOut] = Field(default_factory=list, description="Days without a place")


class TakeIn(WantedIn):
    """A place as it was answered: who, and when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "demand": "5c1f7a3e",
                    "staff": ["c1"],
                    "start": "2026-12-07T09:20:00+08:00",
                    "reason": "asked by the daughter",
                }
            ]
        }
    )

    staff: list[str] = Field(default_factory=list, max_length=2)
    start: AwareDatetime | None = Field(default=None, description="Empty where only estimated")
    reason: str = Field(default="", max_length=500)
    profile: ProfileName = STANDARD


class NewsOut(BaseModel):
    """Who has to be told what."""

    kind: str = Field(examples=["staff"])
    reference: str
    name: str
    channel: str
    address: str
    texts: list[str]

    @classmethod
    def of(cls, one: ToTell, language: Language) -> "NewsOut":
        """One person."""
        return cls(
            kind=one.kind,
            reference=one.reference,
            name=one.name,
            channel=one.channel,
            address=one.address,
            texts=[sentence(news.code, news.facts, language) for news in one.news],
        )


class TakenOut(BaseModel):
    """A place that is stored; `told`: who has to know, on a day that people were told."""

    demand: str
    day: date
    version: int
    told: list[NewsOut]


@router.post("/days/{day}:fit")
def fit_day(
    street: str,
    day: date,
    body: FitIn,
    caller: CallerNow,
    tx: ReadTx,
    data: DataFolder,
    language: Speak,
) -> DayFitOut:
    """The best places of a visit in one day; nothing is stored.

    Every place was put into the routes and judged under every rule. Started visits, pins and
    absences stay.
    """
    ask = Ask(data, body.profile, body.top, body.max_per_window, body.explain)
    found = fit.fit_day(tx, caller, StreetId(street), day, body.wanted(), ask)
    return DayFitOut.of(found, language)


@router.post(":fit")
def fit_days(
    street: str, body: FitDaysIn, caller: CallerNow, tx: ReadTx, data: DataFolder, language: Speak
) -> FitDaysOut:
    """Places over many days: one visit, a series, or a list; nothing is stored."""
    ask = Ask(data, body.profile, body.top, body.max_per_window, body.explain)
    where = StreetId(street)
    given = [name for name in ("visit", "series", "visits") if getattr(body, name) is not None]
    if len(given) != 1:
        raise Invalid("fit.one_of", field="/body", names="visit, series, visits")
    if body.series is not None:
        series = body.series
        pattern = Pattern(
            series.first,
            series.per_week,
            series.weeks,
            series.spacing,
            OTHER_CARER if series.same_carer else 0,
        )
        answer = fit.fit_series(tx, caller, where, pattern, series.visit.described(), ask)
        return FitDaysOut(series=[SeriesOut.of(one, answer, language) for one in answer.series])
    if not body.days:
        raise Invalid("fit.days", field="/body/days")
    on = sorted(set(body.days))
    if body.visits is not None:
        many = [one.wanted() for one in body.visits]
        placed = fit_list.fit_many(tx, caller, where, on, many, ask)
        return FitDaysOut(visits=[DayFitOut.of(one, language) for one in placed])
    assert body.visit is not None
    wanted = Wanted(described=body.visit.described())
    found = fit.fit_days(tx, caller, where, on, wanted, ask)
    places = [place for one in found for place in _places(one, _names(one, language))]
    places.sort(key=lambda one: (one.basis != "plan", one.total, one.day))
    return FitDaysOut(
        places=places[: body.top],
        days=[DayFitOut.of(one, language) for one in found if not one.fits],
    )


@router.post("/days/{day}:take", response_model=TakenOut)
def take(
    street: str,
    day: date,
    body: TakeIn,
    request: Request,
    caller: CallerNow,
    data: DataFolder,
    language: Speak,
    expected: Expected,
    response: Response,
) -> TakenOut | Response:
    """Store one place as a new version of the day. `If-Match` names the version it was found in.

    412: the day has moved on. 409 `fit.gone`: the place does not exist any more; nothing was
    changed, and `places` are the best ones now.
    """
    if expected is None:
        raise Conflict("document.precondition", field="If-Match")
    ask, where, wanted = Ask(data, body.profile), StreetId(street), body.wanted()
    start = None if body.start is None else seconds_of(body.start, day)
    staff = [StaffId(one) for one in body.staff]
    try:
        with database(request).write() as tx:
            done = taking.take(
                tx, caller, where, day, wanted, staff, start, body.reason, ask, expected=expected
            )
    except Conflict as error:
        if error.code != "fit.gone":
            raise
        with database(request).read() as tx:
            anew = fit.fit_day(tx, caller, where, day, wanted, ask)
        shown = DayFitOut.of(anew, language).model_dump(mode="json")
        return problems.answer(request, error, places=shown["places"], version=anew.version)
    response.headers["ETag"] = f'W/"{done.version}"'
    return TakenOut(
        demand=done.demand,
        day=done.day,
        version=done.version,
        told=[NewsOut.of(one, language) for one in done.told],
    )


def _names(one: DayAnswer, language: Language) -> Names:
    return Names(one.day, one.staff, one.elders, language)


def _places(one: DayAnswer, names: Names) -> list[PlaceOut]:
    if one.basis == "roster" and one.fits:
        return [PlaceOut.estimated(one.version, names)]
    return [PlaceOut.of(place, one.version, names) for place in one.places]


def _window(one: WindowIn) -> tuple[int, int]:
    return of_clock(one.start), of_clock(one.end)
