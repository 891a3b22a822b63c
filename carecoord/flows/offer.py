"""A referral is answered against real capacity: offers, and one of them accepted.

What acceptance would do is done for a moment in a nested transaction - accepted, bed opened, plan
signed, visits expanded - and undone again: an offer is computed from the very visits that its
acceptance reserves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from carecoord.access import Caller, audit, everything, require
from carecoord.errors import Conflict, Missing
from carecoord.fhir import read
from carecoord.fhir import referrals as papers
from carecoord.flows import acceptance, day, fixed, networks, referral, register, roster
from carecoord.flows.drawing import drawn
from carecoord.flows.standing import travel_times
from carecoord.model import time
from carecoord.model.demands import VisitDemand
from carecoord.model.elders import Elder
from carecoord.model.ids import ElderId, ReferralId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.staff import Staff
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan
from carecoord.packs.load import load
from carecoord.planning import figures, offers
from carecoord.planning.fit import merged
from carecoord.planning.offers import DayFit
from carecoord.planning.problem import Built, Costs, DayInput, Places, build, places
from carecoord.store import days, demands, documents
from carecoord.store import offers as rows
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from carecoord.store.offers import Offer
from carecoord.streets import Network, Travel
from solver import Options, check

_ENGINE = everything("offer")


@dataclass(frozen=True, slots=True)
class _Day:
    """One coming day as it stands: what is planned, who is at work, what the plan says."""

    key: DayKey
    given: DayInput
    version: int
    plan: DayPlan | None


@dataclass(frozen=True, slots=True)
class _Look:
    """Everything that offers of one referral are computed from."""

    days: tuple[_Day, ...]
    wanted: Mapping[date, tuple[VisitDemand, ...]]
    at: Places
    travel: Mapping[str, Travel]
    network: Network | None


_Plan = tuple[int, DayPlan | None]
"""Version and plan of a day; 0 and None when nothing is planned yet."""


class _Street:
    """A street as it stands in this transaction, each part read once for all start dates."""

    def __init__(self, tx: Tx, street: StreetId, elder: ElderId, data: Path, rules: Rules) -> None:
        self._rules = rules
        self.of = register.street(tx, street)
        self.network = networks.of_street(tx, street, data)
        self.known = day.known(tx, street, time.today() + timedelta(days=1))
        self._tx, self._elder = tx, elder
        self._days: dict[date, tuple[tuple[Staff, ...], tuple[VisitDemand, ...], _Plan]] = {}
        self._elders: Mapping[ElderId, Elder] = {}

    def elders(self) -> Mapping[ElderId, Elder]:
        """Everybody of the street; first asked when the new bed is open, so it counts them."""
        if not self._elders:
            self._elders = register.elders(self._tx, self.of)[0]
        return self._elders

    def day(self, on: date) -> tuple[tuple[Staff, ...], tuple[VisitDemand, ...], _Plan]:
        """Staff, visits of everybody else, and the plan of a day."""
        if on not in self._days:
            key = DayKey(self.of.id, on)
            state = days.state(self._tx, key)
            found, _ = register.staff_on(self._tx, self.of, on)
            here = roster.at_work(self._tx, self.of.id, found, on)
            rules = load().on(on, self.of.id)
            staff, _ = roster.within_limits(self._tx, self.of.id, on, here, rules)
            others = demands.on(self._tx, self.of.id, on)
            stored = days.read(self._tx, key) if state is not None else None
            self._days[on] = (
                staff,
                tuple(d for d in others if d.elder != self._elder),
                (state.version if state else 0, stored),
            )
        return self._days[on]


def propose(
    tx: Tx,
    caller: Caller,
    id_: ReferralId,
    data: Path,
    *,
    extras: Sequence[acceptance.Extra] | None = None,
    first: date | None = None,
) -> list[Offer]:
    """Offers for a referral that waits for an answer, the earliest start first.

    extras
        Items beside what was ordered; None = those of the pack for the diagnosis.
    first
        Earliest start wished; else tomorrow or the day of discharge.

    Raises
    ------
    Missing
        There is no such referral to a street.
    Conflict
        `offer.state`: it does not wait for an answer; whatever forbids the bed or the plan.
    """
    task = documents.read(tx, "Task", id_)
    street = _street(tx, task)
    require(caller, "referral.decide", street)
    _require_waiting(task)
    rules = load().on(time.today(), street)
    items = list(acceptance.template(tx, task, rules) if extras is None else extras)
    starts = _starts(tx, task, rules, first)
    stands = _Street(tx, street, referral.elder_of(task), data, rules)
    looks = {start: _look(tx, task, stands, start, items, rules, data) for start in starts}
    rows.close(tx, id_)
    made: list[Offer] = []
    for start, look in looks.items():
        fits = {one.key.day: _fit(one, look, rules) for one in look.days}
        body = _body(start, items, look, fits)
        offer = Offer(str(uuid4()), id_, street, time.now(), "open", body)
        rows.put(tx, offer)
        made.append(offer)
    audit.record(tx, caller, "referral.offer", task.reference)
    return made


def accept(tx: Tx, caller: Caller, offer_id: str, data: Path, *, expected: int | None) -> Document:
    """Take an offer: referral accepted, bed open, plan in force, visits reserved - or nothing.

    Raises
    ------
    Conflict
        `offer.closed`: it was taken or withdrawn; `offer.gone`: a visit that it promised does
        not fit any more. `referral.version`: no expected version of the referral.
    """
    offer = rows.read(tx, offer_id)
    documents.hold(tx, f"offer/{offer.street}")
    require(caller, "referral.decide", offer.street)
    if offer.state != "open":
        raise Conflict("offer.closed", offer=offer_id, state=offer.state)
    task = documents.read(tx, "Task", offer.task)
    start = date.fromisoformat(offer.body["start"])
    rules = load().on(time.today(), offer.street)
    if start <= time.today():
        raise Conflict("offer.gone", offer=offer_id, day=start.isoformat(), reason="offer.past")
    items = [acceptance.Extra(**one) for one in offer.body["extras"]]
    # In the order in which opening a bed takes them, so that no two wait for each other.
    documents.hold(tx, f"bed/{referral.elder_of(task)}")
    referral.accept_on(tx, caller, offer.task, expected=expected)
    acceptance.carry_out(tx, caller, task, start, items, rules)
    stands = _Street(tx, offer.street, referral.elder_of(task), data, rules)
    look = _read(tx, stands, task, start, rules, data)
    promised = {v["demand"] for v in offer.body["visits"] if v["fits"]}
    for one in look.days:
        fit = _fit(one, look, rules)
        for missed in fit.missed:
            if missed.demand in promised:
                on = one.key.day.isoformat()
                gone = Conflict("offer.gone", offer=offer_id, day=on, reason=missed.code)
                gone.facts.update(missed.facts)
                raise gone
        _reserve(tx, caller, one, look, fit, rules)
    rows.close(tx, offer.task, taken=offer_id)
    audit.record(tx, caller, "referral.offer_taken", f"Task/{offer.task}")
    return documents.read(tx, "Task", offer.task)


def of_referral(tx: Tx, caller: Caller, id_: ReferralId) -> tuple[Offer, ...]:
    """Offers of a referral, newest first."""
    task = documents.read(tx, "Task", id_)
    require(caller, "referral.read")
    if not referral.sides(tx, caller, task):
        raise Missing("referral.none", referral=id_)
    return rows.of_task(tx, id_)


def waiting(tx: Tx) -> list[ReferralId]:
    """Referrals to streets that wait for an answer and were not offered anything yet."""
    found = documents.find(
        tx, "Task", code=f"{papers.TASK_CODE}|fulfill", status="received", limit=50
    )
    return [
        ReferralId(one.id)
        for one in found
        if papers.is_referral(one.resource) and not rows.of_task(tx, ReferralId(one.id))
    ]


# ---- what is looked at ----


def _look(
    tx: Tx,
    task: Document,
    stands: _Street,
    start: date,
    items: Sequence[acceptance.Extra],
    rules: Rules,
    data: Path,
) -> _Look:
    with acceptance.undone(tx):
        referral.act(
            tx,
            _ENGINE,
            ReferralId(task.id),
            "accepted",
            referral.Brought(),
            expected=task.version,
        )
        acceptance.carry_out(tx, _ENGINE, task, start, items, rules)
        return _read(tx, stands, task, start, rules, data)


def _read(tx: Tx, stands: _Street, task: Document, start: date, rules: Rules, data: Path) -> _Look:
    """The coming days as they stand, and the visits that the new plan asks for in them."""
    elder = referral.elder_of(task)
    count = rules.number("referral.offer_days")
    wanted, _ = day.asked_for(tx, stands.of, [elder], start, count, rules)
    by_day: dict[date, list[VisitDemand]] = {}
    for one in wanted:
        by_day.setdefault(one.day, []).append(one)
    found = []
    for on in sorted(by_day):
        staff, others, (version, stored) = stands.day(on)
        given = DayInput(
            demands=(*others, *by_day[on]),
            elders=stands.elders(),
            staff=staff,
            known=stands.known,
        )
        key = DayKey(stands.of.id, on)
        found.append(_Day(key, fixed.into(tx, key, given), version, stored))
    at = _places([one.given for one in found if one.plan is not None])
    network, everybody = stands.network, [s for one in found for s in one.given.staff]
    return _Look(
        days=tuple(found),
        wanted={on: tuple(some) for on, some in by_day.items()},
        at=at,
        travel=travel_times(network, at, everybody, data / "cache"),
        network=network,
    )


def _places(given: Sequence[DayInput]) -> Places:
    """All places of all days, bases first, so that one matrix serves every day."""
    found = [places(one) for one in given]
    bases = dict.fromkeys(p for one in found for p in one.rows[: one.bases])
    homes = dict.fromkeys(p for one in found for p in one.rows[one.bases :] if p not in bases)
    return Places((*bases, *homes), len(bases))


def _fit(one: _Day, look: _Look, rules: Rules) -> DayFit:
    wanted = look.wanted[one.key.day]
    if one.plan is None:
        return offers.estimate(
            one.given.staff,
            [d for d in one.given.demands if d not in wanted],
            wanted,
            share=rules.number("referral.offer_estimate_percent"),
            way=rules.number("referral.offer_travel_seconds"),
        )
    built = _built(one, look, rules)
    return offers.insert(built, offers.solution_of(built, one.plan), wanted)


def _built(one: _Day, look: _Look, rules: Rules) -> Built:
    return build(one.given, look.at, look.travel, figures.day_rules(rules), Costs())


def _reserve(tx: Tx, caller: Caller, one: _Day, look: _Look, fit: DayFit, rules: Rules) -> None:
    """Store the visits of a day; on a planned day put those that fit into the routes."""
    demands.put(tx, look.wanted[one.key.day])
    if one.plan is None or fit.solution is None:
        return
    built = _built(one, look, rules)
    verdict = check(built.problem, fit.solution, Options())
    broken = [v for v in verdict.violations if v.rule != "cost"]
    if broken:
        raise Conflict(
            "plan.refused", rule=broken[0].rule, broken=broken[0].code, count=len(broken)
        )
    touched = {s for p in fit.placed for s in p.staff} | {
        s.staff for s in one.plan.stops if s.demand in {m.demand for m in fit.moved}
    }
    solution = replace(fit.solution, cost=verdict.cost)
    new = drawn(one.key, built, look.at, solution, one.given, look.network)
    both = merged(one.plan, new, touched, [p.demand for p in fit.placed])
    missed = {m.demand for m in fit.missed}
    unserved = (*both.unserved, *(u for u in new.unserved if u.demand in missed))
    plan_now = replace(both, unserved=unserved)
    days.replace_plan(tx, plan_now, expected=one.version, why=Why("offer", caller.id))


def _body(
    start: date, items: Sequence[acceptance.Extra], look: _Look, fits: Mapping[date, DayFit]
) -> dict[str, Any]:
    visits: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    team: dict[str, str] = {}
    for one in look.days:
        fit = fits[one.key.day]
        basis = "plan" if one.plan is not None else "roster"
        names = {s.id: s.name for s in one.given.staff}
        by_id = {d.id: d for d in look.wanted[one.key.day]}
        for placed in fit.placed:
            team |= {s: names.get(s, s) for s in placed.staff}
            visits.append(
                _visit(by_id[placed.demand], basis)
                | {"fits": True, "staff": list(placed.staff), "start": placed.start}
            )
        for missed in fit.missed:
            visits.append(
                _visit(by_id[missed.demand], basis)
                | {"fits": False, "code": missed.code, "facts": dict(missed.facts)}
            )
        moved += [
            {
                "day": one.key.day.isoformat(),
                "demand": m.demand,
                "before": m.before,
                "after": m.after,
            }
            for m in fit.moved
        ]
    visits.sort(key=lambda v: (v["day"], v.get("start", 0), v["demand"]))
    return {
        "start": start.isoformat(),
        "extras": [asdict(one) for one in items],
        "team": [{"staff": k, "name": v} for k, v in sorted(team.items())],
        "visits": visits,
        "fitting": sum(1 for v in visits if v["fits"]),
        "wanted": len(visits),
        "moved": moved,
        "overtime": sum(fit.overtime for fit in fits.values()),
        "travel": sum(fit.travel for fit in fits.values()),
        "worse": [
            {
                "day": on.isoformat(),
                "rule": one.rule,
                "demand": one.visit,
                "before": one.before,
                "after": one.after,
            }
            for on, fit in sorted(fits.items())
            for one in fit.worse
        ],
        "days": {
            one.key.day.isoformat(): {
                "version": one.version,
                "basis": "plan" if one.plan is not None else "roster",
            }
            for one in look.days
        },
    }


def _visit(demand: VisitDemand, basis: str) -> dict[str, Any]:
    return {
        "day": demand.day.isoformat(),
        "demand": demand.id,
        "items": list(demand.items),
        "minutes": demand.duration // 60,
        "level": demand.level.value,
        "basis": basis,
    }


# ---- when, and where ----


def _starts(tx: Tx, task: Document, rules: Rules, first: date | None) -> list[date]:
    request = referral.request_of(tx, task).resource
    discharge = read.day(request.get("occurrenceDateTime"))
    earliest = max(d for d in (first, discharge, time.today() + timedelta(days=1)) if d)
    return [earliest + timedelta(days=k) for k in range(rules.number("referral.offer_starts"))]


def _street(tx: Tx, task: Document) -> StreetId:
    street = register.street_of(tx, papers.owner(task.resource))
    if not papers.is_referral(task.resource) or street is None:
        raise Missing("referral.none", referral=task.id)
    return street


def _require_waiting(task: Document) -> None:
    state = papers.position(task.resource).state
    if state not in ("requested", "received", "awaiting-information", "expired"):
        raise Conflict("offer.state", referral=task.id, state=state.value)


def reoffer(tx: Tx, caller: Caller, offer_id: str, data: Path) -> list[Offer]:
    """New offers in place of one that has become impossible."""
    gone = rows.read(tx, offer_id)
    extras = [acceptance.Extra(**one) for one in gone.body["extras"]]
    first = date.fromisoformat(gone.body["start"])
    return propose(tx, caller, gone.task, data, extras=extras, first=first)
