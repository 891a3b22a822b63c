"""Rounds at beds: which are due by when, and recording one; how many beds are taken."""

from dataclasses import dataclass
from datetime import date, datetime

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Forbidden, Invalid, Stale
from carecoord.fhir import beds, plans, read
from carecoord.fhir import documents as checked
from carecoord.flows import bed as bed_flow
from carecoord.flows import eligibility as may
from carecoord.flows import linkage, provenance, register
from carecoord.model import time
from carecoord.model.beds import OPEN_STATES, SERVING, Bed, BedKind, BedState
from carecoord.model.ids import BedId, ElderId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.rounds import OF_KIND, Done, Due, RoundKind, due
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Beds of one kind of one organisation.

    licensed
        Number it is licensed for; None = the Organization does not say.
    taken
        Open or suspended.
    waiting
        Applied for, not opened yet.
    """

    kind: BedKind
    licensed: int | None
    taken: int
    waiting: int


def record_round(
    tx: Tx,
    caller: Caller,
    bed: BedId,
    kind: RoundKind,
    rules: Rules,
    *,
    performer: str = "",
    at: datetime | None = None,
    note: str = "",
    stable: bool | None = None,
    expected: int | None = None,
) -> Document:
    """Record a round as an Encounter of the bed; the same one recorded twice changes nothing.

    stable
        Whether the doctor finds the person stable: rounds may then be further apart.
    expected
        Version of the bed, needed to change `stable`.

    Raises
    ------
    Invalid
        `bed.round_kind`: not at this kind of bed; `bed.when`; `bed.performer…`.
    Conflict
        `bed.not_serving`: it is not open; `bed.cycle_over`; `bed.no_order`: a nurse comes on a
        doctor's order only; `bed.senior_same`: a senior round is another doctor's.
    Forbidden
        `bed.owner`.
    """
    stored = may.bed_document(tx, bed)
    found = beds.bed(stored)
    may.require_owner(tx, caller, "bed.round", found.organization)
    if kind not in OF_KIND[found.kind]:
        allowed = ", ".join(one.value for one in OF_KIND[found.kind])
        raise Invalid("bed.round_kind", field="kind", kind=kind.value, allowed=allowed)
    if found.state not in SERVING:
        raise Conflict("bed.not_serving", bed=bed, state=found.state.value)
    moment = _when(found, at)
    day = linkage.day_of(moment)
    bed_flow.require_in_cycle(found, day)
    may.require_performer(tx, found, kind.value, performer, day, rules)
    _require_round(tx, found, kind, performer, rules)
    encounter = beds.round_done(found, kind, performer, moment, note)
    present = documents.peek(tx, "Encounter", encounter["id"])
    if present is None:
        present = checked.create(tx, encounter, id=encounter["id"]).document
        deed = f"bed-{kind.value.replace('_', '-')}"
        provenance.sign(tx, caller, present, deed, performer=performer, note=note)
        audit.record(tx, caller, "bed.round", present.reference)
    if stable is not None and stable != found.stable:
        _say_stable(tx, caller, stored, expected, stable=stable)
    return present


def _require_round(tx: Tx, bed: Bed, kind: RoundKind, performer: str, rules: Rules) -> None:
    if kind is RoundKind.SENIOR and bed.manager is not None and performer == bed.manager:
        raise Conflict("bed.senior_same", field="performer", bed=bed.id, performer=performer)
    rule = "home_bed.nurse_needs_order"
    if kind is RoundKind.NURSE and rules.flag(rule):
        orders = documents.find(
            tx, "ServiceRequest", patient=f"Patient/{bed.elder}", status="active", intent="order"
        )
        if not any(read.codes(o.resource.get("code"), read.system("service-item")) for o in orders):
            raise Conflict("bed.no_order", bed=bed.id, elder=bed.elder, rule=rule)


def _say_stable(
    tx: Tx, caller: Caller, stored: Document, expected: int | None, *, stable: bool
) -> None:
    if expected is None:
        raise Conflict("document.precondition", field="If-Match")
    if expected != stored.version:
        raise Stale(
            "document.moved",
            type="EpisodeOfCare",
            id=stored.id,
            expected=expected,
            present=stored.version,
        )
    linkage.amended(tx, caller, stored, beds.with_stable(stored.resource, stable), "bed-stability")


def _when(bed: Bed, at: datetime | None) -> datetime:
    now = time.now()
    if at is None:
        return now
    opened = bed.opened
    if at.tzinfo is None or at > now or (opened is not None and linkage.day_of(at) < opened):
        raise Invalid("bed.when", field="at", at=at.isoformat(), since=str(opened or "-"))
    return at


def rounds_due(tx: Tx, caller: Caller, street: StreetId, rules: Rules, *, until: date) -> list[Due]:
    """What is due at the beds of a street until the end of a day, the most urgent first."""
    require(caller, "bed.read", street)
    of = register.street(tx, street)
    own = [caller.organization] if caller.organization else list(of.organizations)
    if caller.organization and caller.organization not in of.organizations:
        raise Forbidden("access.street", caller=caller.id, street=street)
    limit = time.instant(until, time.DAY)
    found = [
        one
        for organization in own
        for bed in may.kept(tx, organization)
        for one in due(bed, _done(tx, bed), rules)
    ]
    found += [one for o in own for bed in _closing(tx, o) for one in due(bed, _NOTHING, rules)]
    return sorted((d for d in found if d.by < limit), key=lambda d: (d.by, d.bed, d.what))


_NOTHING = Done({}, planned=True, assessed=None)


def due_at(tx: Tx, bed: Bed, rules: Rules) -> tuple[Due, ...]:
    """What is next due at one bed."""
    return due(bed, _done(tx, bed), rules)


def _closing(tx: Tx, organization: str) -> list[Bed]:
    """Beds whose close summary is awaited."""
    over = documents.find(
        tx, "EpisodeOfCare", organization=f"Organization/{organization}", status="finished"
    )
    every = [beds.bed(one) for one in over if beds.kind_of(one.resource)]
    return [bed for bed in every if bed.state is BedState.CLOSING]


def _done(tx: Tx, bed: Bed) -> Done:
    encounters = documents.find(
        tx, "Encounter", episode_of_care=f"EpisodeOfCare/{bed.id}", status="finished"
    )
    today = time.today()
    active = documents.find(tx, "CarePlan", subject=f"Patient/{bed.elder}", status="active")
    levels = may.assessed(tx, bed.elder)
    return Done(
        last=beds.last_rounds(one.resource for one in encounters),
        planned=any(plans.in_force(one.resource, today) for one in active),
        assessed=max((at for at, _ in levels.values()), default=None),
    )


def read_bed(tx: Tx, caller: Caller, bed: BedId) -> Document:
    """One bed, for whoever may see the beds of its street."""
    stored = may.bed_document(tx, bed)
    require(caller, "bed.read", register.street_of(tx, beds.bed(stored).organization))
    return stored


def beds_of_elder(tx: Tx, caller: Caller, elder: ElderId) -> list[Document]:
    """Every bed that a person has or had, oldest first."""
    patient = documents.read(tx, "Patient", elder)
    require(caller, "bed.read", register.elder_street(tx, patient.resource))
    return [documents.read(tx, "EpisodeOfCare", one.id) for one in may.beds_of(tx, elder)]


def occupancy(tx: Tx, caller: Caller, organization: str) -> list[Occupancy]:
    """Licensed, taken and waiting beds of an organisation, one entry per kind."""
    found = documents.read(tx, "Organization", organization)
    require(caller, "bed.read", register.street_of(tx, organization))
    licensed = beds.capacity(found.resource)
    own = may.kept(tx, organization)
    return [
        Occupancy(
            kind,
            licensed.get(kind),
            sum(1 for bed in own if bed.kind is kind and bed.state in OPEN_STATES),
            sum(1 for bed in own if bed.kind is kind and bed.state not in OPEN_STATES),
        )
        for kind in BedKind
    ]


def license_beds(
    tx: Tx, caller: Caller, organization: str, kind: BedKind, number: int, *, expected: int
) -> Document:
    """Set for how many beds of a kind an organisation is licensed.

    Fewer than are taken is allowed: nobody loses a bed, and none is opened until some are closed.

    Raises
    ------
    Stale
        The Organization is no longer at version `expected`.
    Invalid
        `bed.licence_number`: below 0.
    """
    stored = documents.read(tx, "Organization", organization)
    require(caller, "bed.license", register.street_of(tx, organization))
    if number < 0:
        raise Invalid("bed.licence_number", field="beds", beds=number)
    changed = beds.with_capacity(stored.resource, kind, number)
    done = checked.update(tx, "Organization", organization, changed, expected=expected).document
    provenance.sign(tx, caller, done, "beds-licensed")
    audit.record(tx, caller, "bed.license", done.reference)
    return done
