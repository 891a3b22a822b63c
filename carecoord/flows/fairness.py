"""Continuity, fairness and equity of a street over weeks, from what people were told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from carecoord.access import Caller, audit, require
from carecoord.errors import Invalid
from carecoord.fhir import coverage as covering
from carecoord.fhir import read
from carecoord.fhir.read import Json
from carecoord.flows import register
from carecoord.model import holidays, time
from carecoord.model.coverage import Payer
from carecoord.model.demands import VisitDemand
from carecoord.model.elders import Elder
from carecoord.model.events import EventKind, VisitEvent
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.visits import DayKey, DayPlan, Stop
from carecoord.planning import continuity, equity
from carecoord.planning.continuity import Called, ClientMonth, Load, Spread
from carecoord.planning.equity import Cell
from carecoord.store import days, demands, documents, visit_events
from carecoord.store.engine import Tx

MOST_DAYS = 366
LOOK_BACK = timedelta(days=90)
"""Somebody who did not come to a person for so long is new to them again."""

HARD_FLOOR = 4
"""From this floor on, without a lift, a visit is hard."""

HARD_BEFORE, HARD_AFTER = 7 * 3600, 19 * 3600
"""A start before or after is hard, seconds after 00:00."""

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Report:
    """What the published days of a span say.

    days
        Published days in it, those to come left out.
    within
        Share of client-months with no more carers and no smaller main share than the pack asks.
    main_share, top_share
        Over all visits.
    """

    street: StreetId
    name: str
    first: date
    last: date
    days: int
    visits: int
    main_share: float | None
    top_share: float | None
    carers: float | None
    introductions: int
    within: float | None
    months: tuple[ClientMonth, ...]
    loads: tuple[Load, ...]
    spreads: tuple[Spread, ...]
    equity: tuple[Cell, ...]
    names: Mapping[str, str]


def report(
    tx: Tx, caller: Caller, street: StreetId, first: date, last: date, rules: Rules
) -> Report:
    """Look at all published days from `first` to `last` that have passed.

    Raises
    ------
    Missing
        There is no such street.
    Invalid
        `continuity.span`: backwards, or longer than a year.
    """
    require(caller, "day.read", street)
    of = register.street(tx, street)
    if not first <= last < first + timedelta(days=MOST_DAYS):
        raise Invalid("continuity.span", field="to", most=MOST_DAYS)
    told = [d for d in sorted(days.published(tx, street)) if first <= d <= min(last, time.today())]
    elders, _ = register.elders(tx, of)
    tolerance = 60 * rules.number("continuity.window_minutes")
    calls = [one for day in told for one in _calls(tx, DayKey(street, day), elders, tolerance)]
    before = _before(tx, street, first)
    months = continuity.client_months(calls, before)
    strange = continuity.first_calls(calls, before).values()
    staff = _Staff(tx, of, told)
    loads = continuity.loads(calls, staff.roles, staff.at_work)
    visits = sum(one.visits for one in months)
    audit_target = f"{street}/{first.isoformat()}..{last.isoformat()}"
    audit.record(tx, caller, "continuity.read", audit_target)
    return Report(
        street=street,
        name=of.name,
        first=first,
        last=last,
        days=len(told),
        visits=visits,
        main_share=_mean((one.main_share, one.visits) for one in months),
        top_share=_mean((one.top_share, one.visits) for one in months),
        carers=_mean((one.carers, 1) for one in months),
        introductions=sum(len(one.new) for one in months),
        within=_mean((_is_within(one, rules), 1) for one in months),
        months=months,
        loads=loads,
        spreads=continuity.spreads(loads),
        equity=equity.table(calls, strange, _groups(tx, elders, last)),
        names={id_: one.name for id_, one in elders.items()} | staff.names,
    )


def _is_within(one: ClientMonth, rules: Rules) -> bool:
    least = rules.number("continuity.main_share_percent")
    most = rules.number("continuity.carers_per_month")
    return one.carers <= most and 100 * one.main_share >= least


def _mean(pairs: Iterable[tuple[float, int]]) -> float | None:
    found = list(pairs)
    whole = sum(weight for _, weight in found)
    return sum(value * weight for value, weight in found) / whole if whole else None


def _before(tx: Tx, street: StreetId, first: date) -> dict[str, frozenset[str]]:
    """Elder → staff who came in the days before."""
    found: dict[str, set[str]] = defaultdict(set)
    for elder, staff, _ in days.calls(tx, street, first - LOOK_BACK, first):
        found[elder].add(staff)
    return {elder: frozenset(staff) for elder, staff in found.items()}


def _calls(
    tx: Tx, key: DayKey, elders: Mapping[ElderId, Elder], tolerance: int
) -> Iterable[Called]:
    plan: DayPlan = days.read(tx, key)
    wanted = {one.id: one for one in demands.on(tx, key.street, key.day)}
    sent: dict[str, list[Stop]] = defaultdict(list)
    for stop in plan.stops:
        sent[stop.demand].append(stop)
    events: dict[str, list[VisitEvent]] = defaultdict(list)
    for event in visit_events.on(tx, key):
        events[event.demand].append(event)
    for id_, demand in sorted(wanted.items()):
        home = elders[demand.elder].home if demand.elder in elders else None
        upstairs = home is not None and home.floor >= HARD_FLOOR and not home.lift
        yield _called(key, demand, sent.get(id_, []), events[id_], tolerance, upstairs=upstairs)


def _called(
    key: DayKey,
    demand: VisitDemand,
    stops: list[Stop],
    events: list[VisitEvent],
    tolerance: int,
    *,
    upstairs: bool,
) -> Called:
    if not stops:
        return Called(demand.id, key.day, demand.elder, (), "unserved")
    kinds = {one.kind for one in events}
    vain = {EventKind.UNANSWERED, EventKind.REFUSED}
    came = {EventKind.STARTED, EventKind.FINISHED}
    promised = min(stop.start for stop in stops)
    begun = [time.seconds_of(e.at, key.day) for e in events if e.kind is EventKind.STARTED]
    start = min(begun, default=promised)
    agreed = demand.wish[1] if demand.wish else demand.windows[-1][1]
    late = start - agreed if start > agreed else 0
    if not late and start - promised > tolerance:
        late = start - promised
    return Called(
        visit=demand.id,
        day=key.day,
        elder=demand.elder,
        staff=tuple(sorted(stop.staff for stop in stops)),
        outcome="not-made" if kinds & vain and not kinds & came else "made",
        late=late,
        service=stops[0].end - stops[0].start,
        hard=upstairs
        or len(stops) > 1
        or not HARD_BEFORE <= promised <= HARD_AFTER
        or holidays.is_public_holiday(key.day),
    )


def _groups(tx: Tx, elders: Mapping[ElderId, Elder], day: date) -> dict[str, dict[str, str]]:
    """Age band, square of the map and payers of everybody."""
    payers = _payers(tx, elders, day)
    return {
        "age": {id_: equity.age_band(one.birth, day) for id_, one in elders.items()},
        "place": {id_: equity.cluster(one.home.place) for id_, one in elders.items()},
        "payer": {id_: payers.get(id_, Payer.SELF.value) for id_ in elders},
    }


def _payers(tx: Tx, elders: Iterable[ElderId], day: date) -> dict[str, str]:
    """Elder → payers in force, such as `ltci+medical`."""
    subjects = [f"Patient/{one}" for one in sorted(elders)]
    resources: dict[str, list[Json]] = defaultdict(list)
    for start in range(0, len(subjects), _AT_ONCE):
        for one in documents.find(tx, "Coverage", beneficiary=subjects[start : start + _AT_ONCE]):
            who = read.reference(one.resource.get("beneficiary"), "Patient")
            resources[who].append(one.resource)
    found = {}
    for who, mine in resources.items():
        covers, _ = covering.covers(mine)
        payers = sorted({cover.payer.value for cover in covers if cover.on(day)})
        if payers:
            found[who] = "+".join(payers)
    return found


class _Staff:
    """Names, roles and time at work of everybody employed in a street."""

    def __init__(self, tx: Tx, of: register.Street, told: list[date]) -> None:
        known, _ = register.staff_on(tx, of, told[-1] if told else time.today())
        roles = {
            one.id: one.resource
            for one in documents.find(tx, "PractitionerRole", organization=of.references)
        }
        self.names: dict[str, str] = {one.id: one.name for one in known}
        self.roles: dict[str, str] = {one.id: one.role.value for one in known}
        self.at_work: dict[str, int] = {
            id_: sum(s.end - s.start for day in told for s in read.shifts(role, day))
            for id_, role in roles.items()
        }
