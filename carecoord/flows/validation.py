"""Is the input of a street-day right? Looked at without planning, as stored or as it was sent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from carecoord.access import Caller, require
from carecoord.errors import Fact, Invalid
from carecoord.fhir import read
from carecoord.flows import coverage, register, standing
from carecoord.flows import day as days_of
from carecoord.model.charges import Account
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import ElderId, StaffId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.problems import DataProblem
from carecoord.model.staff import Qualification
from carecoord.planning import dataset
from carecoord.planning import validate as rules_of
from carecoord.planning.dataset import Dataset, Span
from carecoord.planning.findings import Finding, error, span, warning
from carecoord.store import demands, documents
from carecoord.store.engine import Tx

_AT_ONCE = 200

_IDS = frozenset({"visit", "other", "elder", "staff"})
"""Facts of a finding that name a visit or a person by id."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at and what was found, errors first."""

    data: Dataset
    findings: tuple[Finding, ...]

    def said(self, one: Finding) -> dict[str, Fact]:
        """Facts of a finding as people read them: visits and people by name."""
        elders = {e.id: e.name or e.id for e in self.data.elders}
        # A sentence that tells the windows itself needs only the name.
        timed = "windows" not in one.facts
        names: dict[str, str] = {
            v.id: f"{elders.get(v.elder, v.elder)} {_when(v.windows) if timed else ''}".strip()
            for v in self.data.visits
        }
        names |= elders | {s.id: s.name or s.id for s in self.data.staff}
        return {
            key: names.get(value, value)
            # Where the name is a fact of its own, the id stands beside it.
            if isinstance(value, str)
            and key in _IDS
            and not (key == "staff" and "name" in one.facts)
            else value
            for key, value in one.facts.items()
        }

    @property
    def errors(self) -> int:
        """How many findings keep something out of the plan."""
        return sum(one.severity == "error" for one in self.findings)


def stored(tx: Tx, caller: Caller, street: StreetId, day: date) -> Dataset:
    """Everything a run of this day would plan from, as stored now.

    Raises
    ------
    Missing
        There is no such street.
    """
    require(caller, "day.read", street)
    given, _ = days_of.inputs(tx, street, day)
    return dataset.of(street, day, given, licences(tx, street))


def validate(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    data: Path,
    rules: Rules,
    given: Dataset | None = None,
) -> Checked:
    """Look at a day without planning it.

    data
        Folder with the street networks.
    given
        In place of what is stored; homes and bases are then not looked up on the street network.

    Raises
    ------
    Missing
        There is no such street.
    Invalid
        `dataset.of_other`: `given` is of another street or day.
    """
    require(caller, "day.read", street)
    of = register.street(tx, street)
    found: list[Finding] = []
    if given is None:
        now = standing.stand(tx, street, day, data, rules)
        given = dataset.of(street, day, now.given, licences(tx, street))
        found += _on_the_ground(given, now.faults)
    elif (given.street, given.day) != (of.id, day):
        field = "/street" if given.street != of.id else "/day"
        raise Invalid("dataset.of_other", field=field, street=street, day=day.isoformat())
    found += rules_of.validate(given)
    found += _entitlements(tx, given, rules)
    ordered = sorted(found, key=lambda one: one.severity != "error")
    return Checked(given, tuple(ordered))


def licences(tx: Tx, street: StreetId) -> Mapping[StaffId, Sequence[Qualification]]:
    """Licences of everybody employed in a street, those that ended among them."""
    roles = register.practitioner_roles(tx, register.street(tx, street))
    people = sorted(set(roles) - {""})
    held: dict[StaffId, Sequence[Qualification]] = {}
    for start in range(0, len(people), _AT_ONCE):
        for one in documents.find(tx, "Practitioner", _id=people[start : start + _AT_ONCE]):
            held[StaffId(roles[one.id])] = read.qualifications(one.resource)
    return held


def _when(windows: Sequence[Span]) -> str:
    return ", ".join(span(one.start, one.end) for one in windows if 0 <= one.start <= one.end)


def _on_the_ground(given: Dataset, faults: Iterable[DataProblem]) -> Iterator[Finding]:
    """Homes and bases that the street network does not reach, or only just."""
    rows = {f"Patient/{one.id}": f"/elders/{row}/place" for row, one in enumerate(given.elders)}
    rows |= {
        f"PractitionerRole/{one.id}": f"/staff/{row}/base" for row, one in enumerate(given.staff)
    }
    for fault in faults:
        if not fault.code.startswith("place."):
            continue
        facts = {**fault.facts, "subject": fault.subject}
        pointer = rows.get(fault.subject, "")
        if fault.code == "place.far_from_street":
            yield warning("dataset.far_from_street", pointer, **facts)
        else:
            yield error("dataset.off_the_map", pointer, **facts)


def _entitlements(tx: Tx, given: Dataset, rules: Rules) -> Iterator[Finding]:
    """Visits of the day whose payer has nothing left in their week or month."""
    wanted = dataset.demands(given)
    row_of = {one.id: row for row, one in enumerate(given.visits)}
    insured = _insured(tx, {one.elder for one in wanted})
    before = _before(tx, StreetId(given.street), given.day, insured)
    catalogue = rules.catalogue()
    plans = coverage.plans_of(
        tx,
        {
            one.plan
            for one in [*wanted, *(d for mine in before.values() for d in mine)]
            if one.elder in insured and one.plan
        },
        rules,
    )
    for elder in sorted(insured):
        who, _ = coverage.person(tx, elder)
        account = Account(who, rules, catalogue)
        mine = [*before.get(elder, ()), *(one for one in wanted if one.elder == elder)]
        charges = account.charge(
            use for one in mine for use in coverage.uses(one, plans.get(one.plan), catalogue)
        )
        told: set[tuple[str, str]] = set()
        for charge in charges:
            row = row_of.get(charge.use.visit) if charge.use.day == given.day else None
            for why in charge.why:
                if row is None or why.code != "payer.quota":
                    continue
                if (charge.use.visit, why.payer) not in told:
                    told.add((charge.use.visit, why.payer))
                    facts = {**why.facts, "visit": charge.use.visit, "payer": why.payer.value}
                    yield warning("dataset.entitlement", f"/visits/{row}", **facts)


def _insured(tx: Tx, elders: Iterable[ElderId]) -> set[ElderId]:
    """Those of some elders for whom a payer has taken responsibility: only they have quotas."""
    people = sorted(elders)
    found: set[ElderId] = set()
    for start in range(0, len(people), _AT_ONCE):
        subjects = [f"Patient/{one}" for one in people[start : start + _AT_ONCE]]
        for cover in documents.find(tx, "Coverage", beneficiary=subjects):
            found.add(ElderId(read.reference(cover.resource.get("beneficiary"), "Patient")))
    return found


def _before(
    tx: Tx, street: StreetId, day: date, elders: set[ElderId]
) -> Mapping[ElderId, Sequence[VisitDemand]]:
    """Visits wanted earlier in the weeks of the month, which use up what the day may use."""
    first, _ = coverage.whole_weeks(day.replace(day=1), day)
    found: dict[ElderId, list[VisitDemand]] = defaultdict(list)
    for offset in range((day - first).days):
        for one in demands.on(tx, street, first + timedelta(days=offset)):
            if one.elder in elders:
                found[one.elder].append(one)
    return found
