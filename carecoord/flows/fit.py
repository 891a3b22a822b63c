"""Where would a visit fit, in a day or over many? Nothing is stored; `take` stores one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from carecoord.access import Caller, require
from carecoord.errors import Conflict, Fact, Invalid, Missing
from carecoord.flows import prepared
from carecoord.flows.prepared import Prepared
from carecoord.model import time
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import DemandId, ElderId, PlanId, StaffId, StreetId
from carecoord.model.plans import Window
from carecoord.model.policy import Rules
from carecoord.model.staff import Level, highest
from carecoord.packs.load import load
from carecoord.planning import fit, offers
from carecoord.planning.fit import NoPlace, Place
from carecoord.planning.ground import Ground
from carecoord.planning.insertions import Insertions
from carecoord.planning.reasons import CarerAnswer, answers
from carecoord.planning.series import DayOptions, Option, Pattern, Series, series
from carecoord.planning.weights import STANDARD
from carecoord.store.engine import Tx

NEW = "new"
"""Id of a visit that is described and not stored; with a number behind it in a list."""
_FAR = timedelta(days=366)
_PER_DAY = 8
"""Places of each day that a series is chosen from."""


@dataclass(frozen=True, slots=True)
class Described:
    """A visit that nobody has asked for yet.

    items
        Numbers of service items; needed to take a place, and for `minutes` and `level` where those
        are left out.
    windows, wish
        Bounds on the start, hard and soft, seconds after 00:00.
    """

    elder: ElderId
    windows: tuple[Window, ...]
    items: tuple[str, ...] = ()
    programme: str = ""
    minutes: int | None = None
    level: Level | None = None
    carers: int = 1
    wish: Window | None = None
    gender: str = ""
    language: str = ""
    carer: StaffId | None = None
    priority: int | None = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A visit to be placed: one that is due and that nobody makes, or one described."""

    demand: DemandId | None = None
    described: Described | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """How many places, and by which weights.

    per_window
        At most so many in each window of a visit and day.
    explain
        Where there is no place, also what the nearest carers have against it; takes longer.
    """

    data: Path
    profile: str = STANDARD
    top: int = 3
    per_window: int | None = None
    explain: bool = False


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """What one day says.

    basis
        `plan`: inserted into its routes; `roster`: nothing is planned yet, so whether people of
        the roster have time left was estimated.
    fits
        On a day that is only estimated, whether there is room.
    refused
        Why there is no place.
    nearest
        On a planned day without a place, when asked: the carers with least against it.
    staff
        Names of everybody in the answer.
    elders
        Visit → elder's name, of visits that would move or be worse.
    """

    day: date
    version: int
    state: str
    basis: str
    wanted: VisitDemand
    places: tuple[Place, ...] = ()
    fits: bool = False
    refused: NoPlace | None = None
    nearest: tuple[CarerAnswer, ...] = ()
    staff: Mapping[str, str] = field(default_factory=dict)
    elders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeriesAnswer:
    """Series for a repeated visit, and what each day said."""

    series: tuple[Series, ...]
    days: Mapping[date, DayAnswer]


def fit_day(
    tx: Tx, caller: Caller, street: StreetId, day: date, wanted: Wanted, ask: Ask
) -> DayAnswer:
    """The best places of a visit in one day.

    Raises
    ------
    Missing
        `street.none`, `profile.none`, `fit.demand`, `fit.elder`, `catalogue.item_unknown`.
    Conflict
        `fit.served`: somebody makes it already; `fit.past`.
    Invalid
        `fit.minutes`, `fit.level`: neither said nor known from items.
    """
    require(caller, "day.read", street)
    ready, rules = ready_for(tx, street, day, ask)
    return _answer(ready, demand_of(ready, street, day, wanted, rules), rules, ask)


def fit_days(
    tx: Tx, caller: Caller, street: StreetId, on: Sequence[date], wanted: Wanted, ask: Ask
) -> tuple[DayAnswer, ...]:
    """What each of several days says to a described visit. Raises as `fit_day`."""
    require(caller, "day.read", street)
    found = []
    for day in on:
        ready, rules = ready_for(tx, street, day, ask)
        found.append(_answer(ready, demand_of(ready, street, day, wanted, rules), rules, ask))
    return tuple(found)


def fit_series(
    tx: Tx, caller: Caller, street: StreetId, pattern: Pattern, described: Described, ask: Ask
) -> SeriesAnswer:
    """Days and places for a repeated visit, best around one person each. Raises as `fit_day`."""
    if pattern.first > time.today():
        require_coming(pattern.first)
    wide = replace(ask, top=_PER_DAY)
    coming = [day for day in pattern.days if day >= time.today()]
    found = fit_days(tx, caller, street, coming, Wanted(described=described), wide)
    rules = load().on(pattern.first, street)
    way = 2 * rules.number("referral.offer_travel_seconds")
    offered = [_options(one, way) for one in found]
    chosen = series(pattern, offered, top=ask.top)
    return SeriesAnswer(chosen, {one.day: one for one in found})


# ---- one day ----


def ready_for(tx: Tx, street: StreetId, day: date, ask: Ask) -> tuple[Prepared, Rules]:
    require_coming(day)
    rules = load().on(day, street)
    return prepared.prepare(tx, street, day, ask.data, rules, ask.profile), rules


def require_coming(day: date) -> None:
    """Refuse a day that is over (`fit.past`), or too far ahead to know who works (`fit.far`)."""
    if day < time.today():
        raise Conflict("fit.past", field="day", day=day.isoformat())
    if day > time.today() + _FAR:
        raise Conflict("fit.far", field="day", day=day.isoformat(), days=_FAR.days)


def demand_of(
    ready: Prepared,
    street: StreetId,
    day: date,
    wanted: Wanted,
    rules: Rules,
    name: str = NEW,
) -> VisitDemand:
    """The visit as a demand of the day."""
    given = ready.standing.given
    if wanted.described is None:
        assert wanted.demand is not None
        found = next((d for d in given.demands if d.id == wanted.demand), None)
        if found is None:
            raise Missing("fit.demand", field="demand", demand=wanted.demand, day=day.isoformat())
        plan = ready.standing.plan
        if plan is not None and any(s.demand == found.id for s in plan.stops):
            raise Conflict("fit.served", field="demand", demand=found.id, day=day.isoformat())
        return found
    return _described(ready, street, day, wanted.described, rules, name)


def _described(
    ready: Prepared, street: StreetId, day: date, one: Described, rules: Rules, name: str = NEW
) -> VisitDemand:
    """A described visit as a demand; what is left out follows from its items."""
    if one.wish is not None and one.wish[0] > one.wish[1]:
        earliest, latest = one.wish
        raise Invalid(
            "demand.window", field="visit.wish", id=name, earliest=earliest, latest=latest
        )
    if one.elder not in ready.standing.given.elders:
        raise Missing("fit.elder", field="visit.elder", elder=one.elder, street=street)
    catalogue = rules.catalogue()
    minutes = catalogue.minutes(one.items) if one.minutes is None and one.items else one.minutes
    levels = [catalogue.item(code).performer for code in one.items]
    levels += [one.level] if one.level else []
    for known, code, key in (
        (minutes, "fit.minutes", "visit.minutes"),
        (levels, "fit.level", "visit.level"),
    ):
        if not known:
            raise Invalid(code, field=key)
    assert minutes is not None
    return VisitDemand(
        id=DemandId(name),
        street=street,
        day=day,
        elder=one.elder,
        plan=PlanId(""),
        items=one.items,
        windows=one.windows,
        duration=60 * minutes,
        level=highest(levels),
        carers=one.carers,
        priority=5 if one.priority is None else one.priority,
        programmes=(one.programme,) if one.programme else (),
        preferred=(one.carer,) if one.carer else (),
        wish=one.wish,
        gender=one.gender,
        language=one.language,
        origin="hand",
    )


def with_visit(ready: Prepared, demand: VisitDemand) -> tuple[Ground, NoPlace | None]:
    """The day with the visit in it; and why it cannot be planned, for want of data."""
    assert ready.ground is not None
    here = ready.standing
    grounded, out = ready.ground, here.built.kept_out
    if all(one.id != demand.id for one in here.given.demands):
        grounded, out = ready.with_visits([demand])
    missing = next((u for u in out if u.demand == demand.id), None)
    if missing is None:
        return grounded, None
    return grounded, NoPlace(missing.demand, missing.code, dict(missing.facts))


def _answer(ready: Prepared, demand: VisitDemand, rules: Rules, ask: Ask) -> DayAnswer:
    here = ready.standing
    bare = DayAnswer(here.key.day, here.version, here.state, "plan", demand)
    if ready.ground is None:
        return estimated(ready, replace(bare, basis="roster"), [], rules)
    grounded, out = with_visit(ready, demand)
    if out is not None:
        return replace(bare, refused=out)
    found = fit.places(grounded, demand.id, top=ask.top, per_window=ask.per_window)
    return named(ready, replace(bare, places=found, fits=bool(found)), grounded, ask)


def named(ready: Prepared, answer: DayAnswer, grounded: Ground, ask: Ask) -> DayAnswer:
    """The answer with names, and with the nearest carers where there is no place."""
    answer = replace(answer, staff=ready.names, elders=ready.elders)
    if answer.places:
        return answer
    demand = answer.wanted
    people = sum(1 for one in ready.standing.given.staff if one.shifts)
    facts: dict[str, Fact] = {"carers": demand.carers, "people": people}
    answer = replace(answer, refused=NoPlace(demand.id, "fit.none", facts))
    if not ask.explain:
        return answer
    tries = Insertions(grounded.problem, grounded.solution, demand.id, grounded.weights)
    return replace(answer, nearest=answers(tries, ready.people)[:3])


def estimated(
    ready: Prepared, answer: DayAnswer, planned: Sequence[VisitDemand], rules: Rules
) -> DayAnswer:
    here = ready.standing.given
    others = [d for d in (*here.demands, *planned) if d.id != answer.wanted.id]
    found = offers.estimate(
        here.staff,
        others,
        [answer.wanted],
        share=rules.number("referral.offer_estimate_percent"),
        way=rules.number("referral.offer_travel_seconds"),
    )
    refused = None
    if found.missed:
        missed = found.missed[0]
        refused = NoPlace(missed.demand, missed.code, dict(missed.facts))
    level = answer.wanted.level
    able = {str(one.id): one.name for one in here.staff if one.shifts and level in one.levels}
    return replace(answer, fits=not found.missed, refused=refused, staff=able)


# ---- many days, many visits ----


def _options(one: DayAnswer, way: int) -> DayOptions:
    if one.basis == "roster":
        options = (Option((), 0, way, None),) if one.fits else ()
        return DayOptions(one.day, options, frozenset(one.staff))
    return DayOptions(one.day, tuple(Option(p.staff, p.start, p.step.total, p) for p in one.places))
