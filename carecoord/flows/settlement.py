"""A month's services per payer with what proves them: as data, as a file, as Claims."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from carecoord.access import Caller, audit, require
from carecoord.errors import Invalid
from carecoord.fhir import claims, compose, evidence, read, wire
from carecoord.fhir import documents as checked
from carecoord.fhir.claims import Line
from carecoord.fhir.evidence import Evidence
from carecoord.fhir.read import Json
from carecoord.flows import register, sheets
from carecoord.flows.coverage import person, plans_of, uses, whole_weeks
from carecoord.model import time
from carecoord.model.catalogue import Catalogue
from carecoord.model.charges import Account, Charge, Use
from carecoord.model.costs import Cost, together, visit_cost
from carecoord.model.coverage import Payer
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import DemandId, ElderId, StaffId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.visits import DayKey, Stop
from carecoord.packs.load import Packs
from carecoord.store import days, demands, documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from carecoord.text import Language

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_AT_ONCE = 200

Visit = tuple[VisitDemand, tuple[Stop, ...]]
"""A visit of a published day and everybody who was sent."""


@dataclass(frozen=True, slots=True)
class Service:
    """One task of the month.

    planned, actual
        `HH:MM–HH:MM`; the second is empty without check-in and check-out.
    evidence, missing
        Kinds of evidence that the pack asks for, there and not there.
    provider
        `Organization/…` of the first carer, or empty.
    """

    charge: Charge
    elder: ElderId
    elder_name: str
    staff: tuple[StaffId, ...]
    staff_names: tuple[str, ...]
    planned: str
    actual: str
    zh: str
    en: str
    evidence: tuple[str, ...]
    missing: tuple[str, ...]
    encounter: str
    provider: str

    @property
    def proven(self) -> bool:
        """Whether all evidence is there."""
        return not self.missing

    def name(self, language: Language) -> str:
        """Name of the service item."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Month:
    """Services of a street in one month, by day, elder and time."""

    street: StreetId
    name: str
    month: str
    payer: Payer | None
    lines: tuple[Service, ...]
    costs: Cost


def month(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    month: str,
    packs: Packs,
    *,
    payer: Payer | None = None,
) -> Month:
    """Every task of a month's published days, with its one payer.

    Each day is decided by the rows of that day. Quotas run over whole weeks, so the days of the
    month before that share its first week are counted, not listed.

    Raises
    ------
    Missing
        `street.none`.
    Invalid
        `settlement.month`: not `YYYY-MM`.
    """
    require(caller, "settlement.read", street)
    if not _MONTH.fullmatch(month):
        raise Invalid("settlement.month", field="month", got=month)
    of = register.street(tx, street)
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    visits = _visits(tx, street, whole_weeks(first, last)[0], last)
    rules = {day: _Day.of(packs.on(day, street)) for day in {one.day for one, _ in visits}}
    people, _ = register.elders(tx, of)
    staff = _Staff(tx, visits)
    proof = _evidence(tx, visits)
    by_elder: dict[ElderId, list[Visit]] = {}
    for one in visits:
        by_elder.setdefault(one[0].elder, []).append(one)
    lines: list[Service] = []
    for elder, mine in sorted(by_elder.items()):
        name = people[elder].name if elder in people else elder
        for found in _services(tx, elder, name, mine, rules, proof, staff):
            if found.charge.use.day >= first and payer in (None, found.charge.payer):
                lines.append(found)
    kept = {line.charge.use.visit for line in lines}
    costs = together(
        visit_cost(
            one.level,
            one.duration // 60,
            rules[one.day].rules,
            travel=sum(s.travel for s in stops) // len(stops),
            carers=len(stops),
        )
        for one, stops in visits
        if one.id in kept
    )
    audit.record(tx, caller, "settlement.read", f"{street}/{month}/{payer or '*'}")
    ordered = sorted(lines, key=lambda s: (s.charge.use.day, s.elder, s.charge.use.start))
    return Month(street, of.name, month, payer, tuple(ordered), costs)


def file(found: Month, form: str, language: Language) -> tuple[bytes, str, str]:
    """A month as a file: its bytes, media type and name.

    form
        `csv`, `xlsx` or `fhir`.

    Raises
    ------
    Invalid
        `settlement.format`.
    """
    stem = f"settlement-{found.street}-{found.month}" + (f"-{found.payer}" if found.payer else "")
    if form == "csv":
        return sheets.csv_file(found.lines, language), "text/csv; charset=utf-8", f"{stem}.csv"
    if form == "xlsx":
        return sheets.workbook(found.lines, language), sheets.XLSX, f"{stem}.xlsx"
    if form == "fhir":
        made = claims.bundle(claims_of(found), time.now())
        return wire.encode(made), "application/fhir+json", f"{stem}.json"
    raise Invalid("settlement.format", field="format", got=form, allowed="csv, xlsx, fhir")


def claims_of(found: Month) -> list[Json]:
    """One Claim for each person, payer and provider; a draft while something is not proven."""
    together: dict[tuple[ElderId, Payer, str], list[Service]] = {}
    for line in found.lines:
        together.setdefault((line.elder, line.charge.payer, line.provider), []).append(line)
    first = date.fromisoformat(f"{found.month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return [
        _claim(found, elder, payer, provider, lines, (first, last))
        for (elder, payer, provider), lines in sorted(together.items())
    ]


def claim(tx: Tx, caller: Caller, found: Month) -> list[Document]:
    """Store the Claims of a month; written again they change only where a service changed."""
    require(caller, "settlement.write", found.street)
    made = [checked.update(tx, "Claim", one["id"], one).document for one in claims_of(found)]
    audit.record_all(tx, caller, "settlement.claim", (one.reference for one in made))
    return made


def _claim(
    found: Month,
    elder: ElderId,
    payer: Payer,
    provider: str,
    lines: Sequence[Service],
    period: tuple[date, date],
) -> Json:
    cover = next((line.charge.cover for line in lines if line.charge.cover), None)
    insured = cover is not None and payer is not Payer.SELF
    payor = cover.payor if cover is not None else ""
    return claims.claim(
        compose.derived_id("claim", found.street, found.month, elder, payer, provider),
        elder,
        provider or found.name,
        [
            Line(
                line.charge,
                line.zh,
                line.encounter,
                line.proven,
                tuple(f"PractitionerRole/{one}" for one in line.staff),
            )
            for line in lines
        ],
        use="claim",
        status="active" if all(line.proven for line in lines) else "draft",
        created=period[1],
        period=period,
        coverages=(cover.id,) if insured and cover is not None else (),
        insurer=payor if payor.startswith("Organization/") else "",
    )


def _visits(tx: Tx, street: StreetId, first: date, last: date) -> list[Visit]:
    """Visits of published days that somebody was sent to."""
    found: list[Visit] = []
    for day in sorted(days.published(tx, street)):
        if not first <= day <= last:
            continue
        sent: dict[str, list[Stop]] = {}
        for stop in days.read(tx, DayKey(street, day)).stops:
            sent.setdefault(stop.demand, []).append(stop)
        wanted = demands.on(tx, street, day)
        found += [(one, tuple(sent[one.id])) for one in wanted if one.id in sent]
    return found


def _services(
    tx: Tx,
    elder: ElderId,
    name: str,
    visits: Sequence[Visit],
    rules: dict[date, "_Day"],
    proof: dict[str, Evidence],
    staff: "_Staff",
) -> Iterable[Service]:
    """The tasks of one person in the order of time."""
    who, _ = person(tx, elder)
    ordered = sorted(visits, key=lambda v: (v[0].day, v[1][0].start))
    present = rules[ordered[0][0].day]
    plans = plans_of(tx, {one.plan for one, _ in ordered}, present.rules)
    account = Account(who, present.rules, present.catalogue)
    for day in sorted({one.day for one, _ in ordered}):
        account.rules, account.catalogue = rules[day].rules, rules[day].catalogue
        mine = {one.id: (one, stops) for one, stops in ordered if one.day == day}
        tasks: list[Use] = []
        for one, stops in mine.values():
            done = proof.get(one.id)
            times = (min(s.start for s in stops), max(s.end for s in stops))
            for use in uses(one, plans.get(one.plan), account.catalogue, times):
                if done is None or not done.items or use.item in done.items:
                    tasks.append(use)
        for charge in account.charge(tasks):
            one, stops = mine[DemandId(charge.use.visit)]
            yield _service(charge, elder, name, stops, rules[day], proof.get(one.id), staff)


def _service(
    charge: Charge,
    elder: ElderId,
    name: str,
    stops: Sequence[Stop],
    on: "_Day",
    done: Evidence | None,
    staff: "_Staff",
) -> Service:
    kinds = done.kinds(on.metres) if done else ()
    code = charge.use.item
    item = on.catalogue.item(code) if code in on.catalogue else None
    return Service(
        charge=charge,
        elder=elder,
        elder_name=name,
        staff=tuple(s.staff for s in stops),
        staff_names=tuple(staff.name(s.staff) for s in stops),
        planned=f"{time.clock(charge.use.start)}–{time.clock(charge.use.end)}",
        actual=_actual(done),
        zh=item.zh if item else code,
        en=item.en if item else code,
        evidence=tuple(kind for kind in on.evidence if kind in kinds),
        missing=tuple(kind for kind in on.evidence if kind not in kinds),
        encounter=done.encounter if done else "",
        provider=staff.organization(stops[0].staff),
    )


def _actual(done: Evidence | None) -> str:
    if done is None or not done.start or not done.end:
        return ""
    clocks = [
        datetime.fromisoformat(text).astimezone(time.ZONE).strftime("%H:%M")
        for text in (done.start, done.end)
    ]
    return "–".join(clocks)


def _evidence(tx: Tx, visits: Sequence[Visit]) -> dict[str, Evidence]:
    tokens = [f"{evidence.VISIT}|{one.id}" for one, _ in visits]
    found: dict[str, Evidence] = {}
    for start in range(0, len(tokens), _AT_ONCE):
        some = documents.find(tx, "Encounter", identifier=tokens[start : start + _AT_ONCE])
        found |= evidence.of_visits(one.resource for one in some)
    return found


@dataclass(frozen=True, slots=True)
class _Day:
    """The rows of a day, read once for everybody.

    evidence, metres
        Kinds of evidence asked for, and the distance at check-in that still counts.
    """

    rules: Rules
    catalogue: Catalogue
    evidence: tuple[str, ...]
    metres: int

    @classmethod
    def of(cls, rules: Rules) -> "_Day":
        """Read them."""
        return cls(
            rules,
            rules.catalogue(),
            rules.texts("ltci.evidence"),
            rules.number("ltci.evidence_metres"),
        )


class _Staff:
    """Names and organisations of everybody who was sent."""

    def __init__(self, tx: Tx, visits: Sequence[Visit]) -> None:
        ids = sorted({stop.staff for _, stops in visits for stop in stops})
        self._roles = {id_: self._resource(tx, "PractitionerRole", id_) for id_ in ids}
        people = {
            id_: read.reference(role.get("practitioner"), "Practitioner")
            for id_, role in self._roles.items()
        }
        self._names = {
            id_: read.name(found) if (found := self._resource(tx, "Practitioner", who)) else id_
            for id_, who in people.items()
        }

    def name(self, staff: StaffId) -> str:
        """Name of somebody, or their id."""
        return self._names.get(staff, staff)

    def organization(self, staff: StaffId) -> str:
        """`Organization/…` that employs somebody, or an empty text."""
        role = self._roles.get(staff, {})
        return str(role.get("organization", {}).get("reference", ""))

    @staticmethod
    def _resource(tx: Tx, kind: str, id_: str) -> Json:
        found = documents.peek(tx, kind, id_) if id_ else None
        return {} if found is None or found.deleted else found.resource
