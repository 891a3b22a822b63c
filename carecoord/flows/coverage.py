"""What a plan will cost whom, said before anybody agrees to it; what is used of an entitlement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Invalid
from carecoord.fhir import assessments, claims, compose, plans, read
from carecoord.fhir import coverage as covering
from carecoord.fhir import documents as checked
from carecoord.fhir.claims import Line
from carecoord.flows import register
from carecoord.flows.condition import person as one_person
from carecoord.flows.recognition import pasts
from carecoord.model import time
from carecoord.model.catalogue import Catalogue
from carecoord.model.charges import Account, Charge, Usage, Use, split
from carecoord.model.costs import Cost, together, visit_cost
from carecoord.model.coverage import Assessed, Payer, Person, Stacking, Why, stacking
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import ElderId, PlanId, StreetId
from carecoord.model.plans import Plan
from carecoord.model.policy import RuleRef, Rules
from carecoord.model.problems import DataProblem
from carecoord.planning import expand, figures
from carecoord.store import demands, documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

MOST_WEEKS = 13


@dataclass(frozen=True, slots=True)
class Share:
    """Tasks of one activity that one payer pays.

    times
        Occurrences in the span that was asked for.
    price, fund, copay, out_of_pocket
        Of all of them, fen.
    why
        Why payers asked before do not pay, each reason once.
    """

    payer: Payer
    times: int
    price: int
    fund: int
    copay: int
    out_of_pocket: int
    why: tuple[Why, ...]
    refs: tuple[RuleRef, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """One item of one programme in a plan, with who pays how often."""

    item: str
    zh: str
    en: str
    programme: str
    minutes: int
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class VisitPrice:
    """Visits with the same items: their price beside what they cost those who make them, fen."""

    items: tuple[str, ...]
    times: int
    price: int
    cost: Cost


@dataclass(frozen=True, slots=True)
class Quote:
    """What a plan costs whom in a span of whole weeks.

    costs
        Of the visits; beside their price. K15 is its `per_hour`.
    kinds
        The same by kind of visit.
    claim
        The predetermination in FHIR; None when nothing would be done.
    """

    plan: PlanId
    elder: ElderId
    first: date
    last: date
    activities: tuple[Activity, ...]
    usage: tuple[Usage, ...]
    stacking: tuple[Stacking, ...]
    charges: tuple[Charge, ...]
    costs: Cost
    kinds: tuple[VisitPrice, ...]
    visits: int
    problems: tuple[DataProblem, ...]
    claim: Document | None


def person(tx: Tx, elder: ElderId) -> tuple[Person, list[DataProblem]]:
    """Payers, levels, orders and hospital stays of somebody, under every record they have."""
    key, records = one_person(tx, elder)
    subjects = [f"Patient/{one}" for one in records]
    found, problems = covering.covers(
        one.resource for one in documents.find(tx, "Coverage", beneficiary=subjects)
    )
    orders = documents.find(tx, "ServiceRequest", subject=subjects, status="active")
    stays = documents.find(
        tx, "Encounter", subject=subjects, status=("in-progress", "onleave", "finished")
    )
    since = [c.first for c in found if c.payer is Payer.LTCI and c.first is not None]
    return (
        Person(
            elder=elder,
            covers=found,
            levels=_levels(tx, key, records),
            ordered=frozenset(
                code
                for one in orders
                for code in read.codes(one.resource.get("code"), read.system("service-item"))
            ),
            inpatient=tuple(_stays(one.resource for one in stays)),
            care_since=min(since, default=None),
        ),
        problems,
    )


def quote(
    tx: Tx, caller: Caller, plan: PlanId, rules: Rules, *, start: date | None = None, weeks: int = 4
) -> Quote:
    """Payer, quota, price and own share of every task of a plan, before anybody agrees.

    start
        Any day of the first week; the plan's first day, or today if that is later, if left out.
        Weeks are whole, Monday to Sunday, because quotas are.

    The quote is kept as a Claim of use `predetermination`, one for each version of the plan and
    span of days.

    Raises
    ------
    Missing
        No such plan.
    Invalid
        `quote.weeks`.
    Conflict
        `plan.state`: the plan is over.
    """
    stored = documents.read(tx, "CarePlan", plan)
    elder = ElderId(read.reference(stored.resource.get("subject"), "Patient"))
    patient = documents.read(tx, "Patient", elder)
    street = register.elder_street(tx, patient.resource)
    require(caller, "plan.quote", street)
    if not 1 <= weeks <= MOST_WEEKS:
        raise Invalid("quote.weeks", field="weeks", weeks=weeks, most=MOST_WEEKS)
    state = str(stored.resource.get("status"))
    if state not in ("draft", "active", "on-hold"):
        raise Conflict("plan.state", plan=plan, state=state)
    catalogue = rules.catalogue()
    tasks, problems = plans.plan(stored.resource, catalogue, figures.day_times(rules), {})
    begins = read.day(stored.resource.get("period", {}).get("start"))
    first = start or max(time.today(), begins or time.today())
    first -= timedelta(days=first.weekday())
    wanted, clashes = expand.demands(tasks, street or StreetId(""), first, 7 * weeks)
    who, unknown = person(tx, elder)
    account = Account(who, rules, catalogue)
    charges = account.charge(use for one in wanted for use in uses(one, tasks, catalogue))
    kinds = _kinds(wanted, charges, rules)
    last = first + timedelta(days=7 * weeks - 1)
    present = [c.payer for c in who.covers if c.on(first) or c.on(last)]
    made = _predetermined(tx, stored, patient, charges, catalogue, (first, last))
    audit.record(tx, caller, "plan.quote", stored.reference)
    return Quote(
        plan=plan,
        elder=elder,
        first=first,
        last=last,
        activities=_activities(charges, catalogue),
        usage=tuple(account.usage()),
        stacking=stacking(present, rules),
        charges=tuple(charges),
        costs=together(kind.cost for kind in kinds),
        kinds=kinds,
        visits=len(wanted),
        problems=(*problems, *clashes, *unknown),
        claim=made,
    )


@dataclass(frozen=True, slots=True)
class Used:
    """What a person uses of their entitlements in the week and month of a day."""

    elder: ElderId
    first: date
    last: date
    usage: tuple[Usage, ...]
    charges: tuple[Charge, ...]
    stacking: tuple[Stacking, ...]


def used(tx: Tx, caller: Caller, elder: ElderId, day: date, rules: Rules) -> Used:
    """Entitlements in the month of a day and in its weeks, from the visits that are wanted.

    Raises
    ------
    Missing
        No such elder, or one of no street.
    """
    patient = documents.read(tx, "Patient", elder)
    street = register.elder_street(tx, patient.resource)
    require(caller, "plan.read", street)
    first, last = whole_weeks(day.replace(day=1), _month_end(day))
    catalogue = rules.catalogue()
    who, _ = person(tx, elder)
    found: list[VisitDemand] = []
    if street is not None:
        for offset in range((last - first).days + 1):
            on = first + timedelta(days=offset)
            found += [one for one in demands.on(tx, street, on) if one.elder == elder]
    known = plans_of(tx, {one.plan for one in found}, rules)
    account = Account(who, rules, catalogue)
    charges = account.charge(
        use for one in found for use in uses(one, known.get(one.plan), catalogue)
    )
    present = [c.payer for c in who.covers if c.on(day)]
    return Used(
        elder, first, last, tuple(account.usage()), tuple(charges), stacking(present, rules)
    )


def uses(
    wanted: VisitDemand,
    plan: Plan | None,
    catalogue: Catalogue,
    times: tuple[int, int] | None = None,
) -> Iterable[Use]:
    """The tasks of a visit, each with its programme and its share of the time.

    plan
        Whose task says which programme asks for an item; without it the visit's only programme.
    times
        Start and end at the bedside, seconds of the day; the window of the visit if left out.
    """
    start, end = times or (wanted.windows[0][0], wanted.windows[-1][1] + wanted.duration)
    usual = [catalogue.item(i).minutes if i in catalogue else 1 for i in wanted.items]
    minutes = split(wanted.duration // 60, usual) if usual else []
    seen: dict[str, int] = {}
    for item, share in zip(wanted.items, minutes, strict=True):
        asked = _programmes(item, wanted, plan)
        nth = seen.get(item, 0)
        seen[item] = nth + 1
        programme = asked[min(nth, len(asked) - 1)] if asked else ""
        yield Use(str(wanted.id), wanted.day, start, end, item, programme, share)


def plans_of(tx: Tx, ids: Iterable[PlanId], rules: Rules) -> dict[PlanId, Plan]:
    """Plans as tasks, by id; those that are gone are left out."""
    catalogue, times = rules.catalogue(), figures.day_times(rules)
    found = {}
    for id_ in ids:
        stored = documents.peek(tx, "CarePlan", id_)
        if stored is not None and not stored.deleted:
            found[id_] = plans.plan(stored.resource, catalogue, times, {})[0]
    return found


def whole_weeks(first: date, last: date) -> tuple[date, date]:
    """The Monday on or before `first` and the Sunday on or after `last`."""
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def _month_end(day: date) -> date:
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def _programmes(item: str, wanted: VisitDemand, plan: Plan | None) -> list[str]:
    if plan is None:
        return list(wanted.programmes[:1])
    groups = {group for group, _ in wanted.parts} or {wanted.group}
    tasks = [t for t in plan.tasks if (t.item or t.label) == item]
    mine = [t.programme for t in tasks if t.group in groups]
    found = mine or [t.programme for t in tasks if t.programme in wanted.programmes]
    return found or list(wanted.programmes[:1])


def _levels(tx: Tx, key: str, records: Iterable[ElderId]) -> tuple[Assessed, ...]:
    newest: dict[str, Assessed] = {}
    for document, past in pasts(tx, key, records):
        final = document.resource.get("status") in ("final", "amended", "corrected")
        if not final or not past.complete:
            continue
        before = newest.get(past.scale)
        if before is None or before.assessed_on <= past.assessed_on:
            number = int(document.resource["valueInteger"])
            newest[past.scale] = Assessed(past.scale, number, past.assessed_on, past.valid_until)
    return tuple(newest.values())


def _stays(encounters: Iterable[read.Json]) -> Iterable[tuple[date, date | None]]:
    for one in encounters:
        if one.get("class", {}).get("code") not in assessments.INPATIENT:
            continue
        period = one.get("period", {})
        if first := read.day(period.get("start")):
            yield first, read.day(period.get("end"))


def _kinds(
    wanted: Sequence[VisitDemand], charges: Sequence[Charge], rules: Rules
) -> tuple[VisitPrice, ...]:
    """Visits by what is done in them, in the order in which they first come."""
    prices: dict[str, int] = {}
    for charge in charges:
        prices[charge.use.visit] = prices.get(charge.use.visit, 0) + charge.price
    by_kind: dict[tuple[str, ...], list[VisitDemand]] = {}
    for one in wanted:
        by_kind.setdefault(one.items, []).append(one)
    return tuple(
        VisitPrice(
            items=items,
            times=len(mine),
            price=sum(prices.get(str(one.id), 0) for one in mine),
            cost=together(
                visit_cost(one.level, one.duration // 60, rules, carers=one.carers) for one in mine
            ),
        )
        for items, mine in by_kind.items()
    )


def _activities(charges: Sequence[Charge], catalogue: Catalogue) -> tuple[Activity, ...]:
    by_activity: dict[tuple[str, str], list[Charge]] = {}
    for one in charges:
        by_activity.setdefault((one.use.programme, one.use.item), []).append(one)
    found = []
    for (programme, item), mine in by_activity.items():
        known = catalogue.item(item) if item in catalogue else None
        shares = [
            _share(payer, [c for c in mine if c.payer is payer])
            for payer in dict.fromkeys(c.payer for c in mine)
        ]
        found.append(
            Activity(
                item=item,
                zh=known.zh if known else item,
                en=known.en if known else item,
                programme=programme,
                minutes=sum(c.use.minutes for c in mine),
                shares=tuple(shares),
            )
        )
    return tuple(found)


def _share(payer: Payer, charges: Sequence[Charge]) -> Share:
    why: dict[tuple[str, str], Why] = {}
    for charge in charges:
        for one in charge.why:
            why.setdefault((one.payer, one.code), one)
    refs = dict.fromkeys(ref for charge in charges for ref in charge.refs)
    return Share(
        payer=payer,
        times=len(charges),
        price=sum(c.price for c in charges),
        fund=sum(c.fund for c in charges),
        copay=sum(c.copay for c in charges),
        out_of_pocket=sum(c.out_of_pocket for c in charges),
        why=tuple(why.values()),
        refs=tuple(refs),
    )


def _predetermined(
    tx: Tx,
    plan: Document,
    patient: Document,
    charges: Sequence[Charge],
    catalogue: Catalogue,
    period: tuple[date, date],
) -> Document | None:
    """The quote in FHIR; asking again for the same version and days changes nothing."""
    if not charges:
        return None
    lines = [Line(c, _name(c.use.item, catalogue)) for c in charges]
    first, last = period
    id_ = compose.derived_id("quote", plan.id, str(plan.version), f"{first}..{last}")
    named = (plan.resource.get("author"), patient.resource.get("managingOrganization"))
    keepers = list(filter(None, (read.reference(one, "Organization") for one in named)))
    asked = (c.cover for c in charges if c.payer is not Payer.SELF)
    covers = dict.fromkeys(cover.id for cover in asked if cover is not None)
    present = documents.peek(tx, "Claim", id_)
    created = time.today()
    if present is not None and not present.deleted:
        created = read.day(present.resource.get("created")) or created
    made = claims.claim(
        id_,
        patient.id,
        f"Organization/{keepers[0]}" if keepers else str(plan.resource.get("title") or plan.id),
        lines,
        use="predetermination",
        status="active",
        created=created,
        period=period,
        coverages=tuple(covers),
        about=plan.reference,
    )
    return checked.update(tx, "Claim", id_, made).document


def _name(item: str, catalogue: Catalogue) -> str:
    return catalogue.item(item).zh if item in catalogue else item
