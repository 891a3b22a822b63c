"""A bed at home from application to close summary: one step = one function = one transaction.

Each step asks for the scope `bed.<step>`, that the caller acts for the organisation that keeps the
bed, and where the pack says so a licensed performer. It leaves a new version of the EpisodeOfCare
with its Provenance.
"""

from datetime import date, datetime, timedelta

from carecoord.access import Caller, audit
from carecoord.errors import Conflict, Invalid, Missing, Stale
from carecoord.fhir import beds, compose
from carecoord.fhir import documents as checked
from carecoord.flows import aliases, detect, linkage, provenance
from carecoord.flows import eligibility as may
from carecoord.flows import referral as referrals
from carecoord.model import time
from carecoord.model.beds import (
    HOSPITAL,
    OPEN_STATES,
    Bed,
    BedKind,
    BedState,
    Step,
    after,
    require_close_reason,
    require_suspend_reason,
)
from carecoord.model.ids import BedId, ElderId, ReferralId
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


def open_bed(
    tx: Tx,
    caller: Caller,
    elder: ElderId,
    kind: BedKind,
    organization: str,
    day: date,
    rules: Rules,
    *,
    referral: ReferralId | None = None,
) -> Document:
    """Open a bed from `day` on that was applied for and visited outside of this engine.

    Limits of the person and of the organisation count as for any other; a bed of the same kind
    that is open in this organisation already is answered again.

    referral
        The accepted referral that asked for it; it moves on to in-progress.

    Raises
    ------
    Missing
        No such elder or organisation.
    Conflict
        `bed.dead`, `bed.limit`, `bed.keeper`, `bed.capacity`, `bed.inpatient`; for a family bed
        `bed.no_birth_date`, `bed.too_young`, `bed.level`, `bed.assessment_old`;
        `referral.move`: the referral was not accepted.
    """
    documents.read(tx, "Patient", elder)
    _require_organization(tx, organization)
    may.require_owner(tx, caller, "bed.open", organization)
    documents.hold(tx, f"bed/{elder}")
    for bed in may.beds_of(tx, elder):
        if bed.kind is kind and bed.organization == organization and bed.state in OPEN_STATES:
            return documents.read(tx, "EpisodeOfCare", bed.id)
    _require_room(tx, elder, kind, organization, day, rules)
    request = ""
    if referral is not None:
        request = referrals.request_of(tx, referrals.start(tx, caller, referral)).id
    now = time.now()
    at = now if day == time.today() else time.instant(day, 0)
    id_ = _free_id(tx, kind, elder, day.isoformat())
    episode = beds.new(id_, kind, elder, organization, request)
    episode = beds.moved(episode, BedState.OPENED, at)
    if kind is BedKind.HOME_HOSPITAL:
        episode = beds.with_cycle(episode, day, _cycle_end(day, rules))
    opened = checked.create(tx, episode, id=id_).document
    provenance.sign(tx, caller, opened, "bed-opened", rules=_rows(kind, Step.OPEN))
    audit.record(tx, caller, "bed.open", opened.reference)
    opened = linkage.link(tx, caller, opened, rules)
    detect.touched(tx, [elder])
    return opened


def apply(
    tx: Tx,
    caller: Caller,
    elder: ElderId,
    kind: BedKind,
    organization: str,
    rules: Rules,
    *,
    referral: ReferralId | None = None,
    note: str = "",
) -> Document:
    """Ask for a bed; an application of the same kind that is still open is answered again.

    Raises
    ------
    Missing
        No such elder, organisation or referral.
    Conflict
        `bed.dead`, `bed.keeper`; `referral.move`: the referral was not accepted.
    """
    documents.read(tx, "Patient", elder)
    _require_organization(tx, organization)
    may.require_owner(tx, caller, "bed.apply", organization)
    documents.hold(tx, f"bed/{elder}")
    may.require_alive(tx, elder)
    may.require_keeper(tx, organization, kind, rules)
    waiting = (BedState.APPLIED, BedState.SCREENED, BedState.HOME_VISITED)
    for bed in may.beds_of(tx, elder):
        if bed.kind is kind and bed.organization == organization and bed.state in waiting:
            return documents.read(tx, "EpisodeOfCare", bed.id)
    request = ""
    if referral is not None:
        request = referrals.request_of(tx, referrals.start(tx, caller, referral)).id
    at = time.now()
    id_ = _free_id(tx, kind, elder, compose.stamp(at))
    episode = beds.new(id_, kind, elder, organization, request)
    stored = checked.create(tx, beds.moved(episode, BedState.APPLIED, at), id=id_).document
    provenance.sign(tx, caller, stored, "bed-applied", note=note)
    audit.record(tx, caller, "bed.apply", stored.reference)
    return stored


def step(
    tx: Tx,
    caller: Caller,
    bed: BedId,
    what: Step,
    rules: Rules,
    *,
    expected: int,
    performer: str = "",
    reason: str = "",
    note: str = "",
    at: datetime | None = None,
) -> Document:
    """Take one step with a bed.

    expected
        The version that the caller decided on.
    performer
        PractitionerRole that did it, where the pack names who may.
    reason
        Of a suspension or closing, as the pack lists them; of a rejection or cancellation in
        words.
    at
        When it happened; now if left out.

    Raises
    ------
    Missing
        `bed.none`.
    Stale
        The bed is no longer at version `expected`.
    Forbidden
        `access.scope`, `access.street`, `bed.owner`.
    Conflict
        `bed.step`: its state does not allow it; or the condition of the step that is not met.
    Invalid
        `bed.performer…`, `bed.reason`, `bed.when`.
    """
    stored = _decided_on(tx, caller, bed, f"bed.{what.value}", expected)
    found = beds.bed(stored)
    to = after(found, what, rules)
    at = _when(found, at)
    day = linkage.day_of(at)
    may.require_performer(tx, found, what.value, performer, day, rules)
    _require(tx, found, what, reason, day, rules)
    moved = linkage.move(
        tx,
        caller,
        stored,
        to,
        at,
        # What a rejection or cancellation gives is no code: it stands in the Provenance.
        reason=reason if what in (Step.SUSPEND, Step.CLOSE) else "",
        who=performer,
        note=note or reason,
        cycle=_first_cycle(found.kind, day, rules) if what is Step.OPEN else None,
        rows=_rows(found.kind, what),
    )
    if what is Step.OPEN:
        linkage.link(tx, caller, moved, rules)
    elif what is Step.SUSPEND:
        linkage.after_suspension(tx, caller, found, reason, at, rules)
    elif what is Step.RESUME:
        linkage.after_resumption(tx, caller, found, at, rules)
    elif what is Step.CLOSE:
        linkage.after_closing(tx, caller, found, reason, note, at, rules)
    detect.touched(tx, [found.elder])
    return documents.read(tx, "EpisodeOfCare", bed)


def extend(
    tx: Tx, caller: Caller, bed: BedId, rules: Rules, *, expected: int, performer: str, note: str
) -> Document:
    """Begin the next cycle of a home hospital bed after a re-assessment.

    Raises
    ------
    Conflict
        `bed.no_cycle`: the bed is not open, or has no cycle; `bed.reassess`.
    """
    stored = _decided_on(tx, caller, bed, "bed.extend", expected)
    found = beds.bed(stored)
    if found.cycle is None or found.state not in OPEN_STATES:
        raise Conflict("bed.no_cycle", bed=bed, state=found.state.value)
    today = time.today()
    may.require_performer(tx, found, "extend", performer, today, rules)
    may.require_reassessed(tx, found, rules)
    first = max(found.cycle[1] + timedelta(days=1), today)
    changed = beds.with_cycle(stored.resource, first, _cycle_end(first, rules))
    extended = checked.update(tx, "EpisodeOfCare", bed, changed, expected=expected).document
    rows = ("home_bed.cycle_days", "home_bed.extension_needs_assessment")
    provenance.sign(
        tx, caller, extended, "bed-extended", performer=performer, note=note, rules=rows
    )
    audit.record(tx, caller, "bed.extend", extended.reference)
    return extended


def active_beds(tx: Tx, elder: ElderId) -> list[Document]:
    """Beds of an elder that are open today."""
    records = [f"Patient/{one}" for one in aliases.known_as(tx, elder)]
    return documents.find(tx, "EpisodeOfCare", patient=records, status="active")


def assessed_levels(tx: Tx, elder: ElderId) -> dict[str, int]:
    """The newest level of each scale, by scale."""
    return {scale: level for scale, (_, level) in may.assessed(tx, elder).items()}


# ---- conditions ----

_RULES: dict[Step, tuple[str, ...]] = {
    Step.VISIT: ("home_bed.home_visit_hours",),
    Step.OPEN: (
        "home_bed.active_per_person",
        "home_bed.overlap_inpatient_days",
        "home_bed.cycle_days",
    ),
    Step.RECORD: ("home_bed.first_record_hours",),
    Step.FINISH: ("home_bed.close_summary_hours",),
}
"""Rows that a step of a home hospital bed rests on, beside its states and performers."""

_FAMILY_RULES: dict[Step, tuple[str, ...]] = {
    Step.OPEN: (
        "family_bed.min_age",
        "family_bed.min_level",
        "family_bed.assessment_months",
        "family_bed.requires",
    ),
}


def _rows(kind: BedKind, what: Step) -> tuple[str, ...]:
    """Rows that a step rests on."""
    own = (_RULES if kind is BedKind.HOME_HOSPITAL else _FAMILY_RULES).get(what, ())
    return (f"{kind.rules}.states", f"{kind.rules}.performers", *own)


def _require(tx: Tx, bed: Bed, what: Step, reason: str, day: date, rules: Rules) -> None:
    """What must hold for a step beyond state and performer."""
    if what is Step.OPEN:
        _require_room(tx, bed.elder, bed.kind, bed.organization, day, rules)
        if bed.kind is BedKind.FAMILY:
            patient = documents.read(tx, "Patient", bed.elder).resource
            may.require_agreed(tx, patient, bed.organization, rules)
    elif what is Step.SUSPEND:
        require_suspend_reason(reason, rules)
    elif what is Step.CLOSE:
        require_close_reason(bed.kind, reason, rules)
    elif what in (Step.REVIEW, Step.RESUME):
        may.require_alive(tx, bed.elder)
        may.require_at_home(tx, bed.elder, day, rules)
        if what is Step.RESUME:
            if bed.state is BedState.SUSPENDED and bed.reason == HOSPITAL:
                raise Conflict("bed.review_first", bed=bed.id, rule="bed_link.after_discharge")
            require_in_cycle(bed, day)
    elif what in (Step.REJECT, Step.CANCEL) and not reason:
        raise Invalid("bed.reason_missing", field="reason", step=what.value)


def require_in_cycle(bed: Bed, day: date) -> None:
    """Refuse to go on with a bed whose cycle is over.

    Raises
    ------
    Conflict
        `bed.cycle_over`: extend it first, or close it.
    """
    if bed.cycle is not None and day > bed.cycle[1]:
        raise Conflict(
            "bed.cycle_over", bed=bed.id, last=bed.cycle[1].isoformat(), rule="home_bed.cycle_days"
        )


def _require_room(
    tx: Tx, elder: ElderId, kind: BedKind, organization: str, day: date, rules: Rules
) -> None:
    """Limits of the person and of the organisation on opening a bed."""
    documents.hold(tx, f"bed/{elder}")
    patient = may.require_alive(tx, elder)
    may.require_within_limit(tx, elder, kind, rules)
    if kind is BedKind.FAMILY:
        may.require_for_family_bed(tx, patient, day, rules)
    may.require_keeper(tx, organization, kind, rules)
    may.require_at_home(tx, elder, day, rules)
    may.require_capacity(tx, organization, kind)


def _require_organization(tx: Tx, organization: str) -> None:
    found = documents.peek(tx, "Organization", organization)
    if found is None or found.deleted:
        raise Missing("document.missing", type="Organization", id=organization)


def _decided_on(tx: Tx, caller: Caller, bed: BedId, action: str, expected: int) -> Document:
    """The bed, for whoever may act on it and has seen its present version."""
    documents.hold(tx, f"bed/{beds.bed(may.bed_document(tx, bed)).elder}")
    stored = may.bed_document(tx, bed)
    may.require_owner(tx, caller, action, beds.bed(stored).organization)
    if stored.version != expected:
        raise Stale(
            "document.moved",
            type="EpisodeOfCare",
            id=bed,
            expected=expected,
            present=stored.version,
        )
    return stored


def _when(bed: Bed, at: datetime | None) -> datetime:
    """The instant of a step: not in the future, and not before the step before it."""
    now = time.now()
    if at is None:
        return now
    last = bed.taken[-1][1] if bed.taken else None
    if at.tzinfo is None or at > now or (last is not None and at < last):
        since = compose.stamp(last) if last else "-"
        raise Invalid("bed.when", field="at", at=at.isoformat(), since=since)
    return at


def _free_id(tx: Tx, kind: BedKind, elder: str, since: str) -> str:
    """An id that follows from what the bed is, with a number where one of that day is over."""
    number = 0
    while True:
        parts = ("bed", kind.value, elder, since, *([str(number)] if number else []))
        id_ = compose.derived_id(*parts)
        if documents.peek(tx, "EpisodeOfCare", id_) is None:
            return id_
        number += 1


def _cycle_end(first: date, rules: Rules) -> date:
    return first + timedelta(days=rules.number("home_bed.cycle_days") - 1)


def _first_cycle(kind: BedKind, day: date, rules: Rules) -> tuple[date, date] | None:
    return (day, _cycle_end(day, rules)) if kind is BedKind.HOME_HOSPITAL else None
