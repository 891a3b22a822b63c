"""What a step with one bed brings with it: plans, visits, the other bed, and who is told.

Rows `bed_link.*` of the pack: both beds of a person follow a stay in hospital together, and who
keeps the one hears of the other.
"""

from collections.abc import Iterable
from datetime import date, datetime

from carecoord.access import Caller, audit
from carecoord.fhir import beds, compose
from carecoord.fhir import documents as checked
from carecoord.flows import eligibility as may
from carecoord.flows import notices, pauses, provenance
from carecoord.model import time
from carecoord.model.beds import HOSPITAL, OPEN_STATES, TO_HOSPITAL, Bed, BedKind, BedState
from carecoord.model.ids import ElderId
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


def to_hospital(
    tx: Tx, caller: Caller, elder: ElderId, at: datetime, rules: Rules, occasion: str
) -> list[Document]:
    """Suspend every open bed of a person who is in hospital and stop all visits; the beds.

    occasion
        What the stay is known by; the same one told twice is told to people once.
    """
    changed = []
    for bed in may.beds_of(tx, elder):
        if bed.state is BedState.SUSPENDED and bed.reason != HOSPITAL:
            stored = documents.read(tx, "EpisodeOfCare", bed.id)
            said = beds.with_reason(stored.resource, HOSPITAL)
            changed.append(amended(tx, caller, stored, said, "bed-suspended"))
        elif bed.state in (BedState.OPENED, BedState.ACTIVE, BedState.RESUME_REVIEW):
            stored = documents.read(tx, "EpisodeOfCare", bed.id)
            changed.append(move(tx, caller, stored, BedState.SUSPENDED, at, reason=HOSPITAL))
            pauses.programme(tx, caller, elder, bed.kind.value, "hold")
    plans = pauses.hold_plans(tx, caller, elder, HOSPITAL)
    touched = pauses.settle(
        tx, caller, elder, at, rules, "unserved.hospital", {"since": day_of(at).isoformat()}
    )
    if changed or plans or touched.dropped:
        callers = pauses.callers_of(tx, touched)
        told = [*keepers(may.beds_of(tx, elder)), *(f"Organization/{o}" for o in callers)]
        notices.tell(
            tx,
            caller,
            elder,
            "notice.hospital",
            {"elder": elder, "day": day_of(at).isoformat(), "visits": touched.dropped},
            told,
            [one.reference for one in changed],
            occasion=occasion,
        )
    return changed


def to_review(
    tx: Tx, caller: Caller, elder: ElderId, at: datetime, rules: Rules, occasion: str
) -> list[Document]:
    """Put the beds of a person who came home to `resume_review`; without any, visits come back."""
    review = BedState(rules.text("bed_link.after_discharge"))
    waiting = []
    for bed in may.beds_of(tx, elder):
        if bed.state is BedState.SUSPENDED and bed.reason == HOSPITAL:
            stored = documents.read(tx, "EpisodeOfCare", bed.id)
            waiting.append(move(tx, caller, stored, review, at))
    if waiting:
        notices.tell(
            tx,
            caller,
            elder,
            "notice.review",
            {"elder": elder, "day": day_of(at).isoformat()},
            keepers(beds.bed(one) for one in waiting),
            [one.reference for one in waiting],
            occasion=occasion,
        )
    if not any(b.state is BedState.RESUME_REVIEW for b in may.beds_of(tx, elder)):
        pauses.release_plans(tx, caller, elder)
        pauses.settle(tx, caller, elder, at, rules, "unserved.suspended")
    return waiting


def after_death(
    tx: Tx, caller: Caller, elder: ElderId, reasons: dict[BedKind, str], at: datetime
) -> list[Document]:
    """Close every open bed of somebody who has died, and cancel what was applied for."""
    changed = []
    for bed in may.beds_of(tx, elder):
        stored = documents.read(tx, "EpisodeOfCare", bed.id)
        if bed.state in OPEN_STATES:
            closing = move(tx, caller, stored, BedState.CLOSING, at, reason=reasons[bed.kind])
            if bed.kind is BedKind.FAMILY:
                closing = move(tx, caller, closing, BedState.CLOSED, at)
            changed.append(closing)
        elif bed.state in (BedState.APPLIED, BedState.SCREENED, BedState.HOME_VISITED):
            changed.append(
                move(tx, caller, stored, BedState.CANCELLED, at, reason=reasons[bed.kind])
            )
    return changed


def after_suspension(
    tx: Tx, caller: Caller, bed: Bed, reason: str, at: datetime, rules: Rules
) -> None:
    pauses.programme(tx, caller, bed.elder, bed.kind.value, "hold")
    if reason == HOSPITAL:
        to_hospital(tx, caller, bed.elder, at, rules, f"{bed.id}@{compose.stamp(at)}")
        return
    touched = pauses.settle(
        tx, caller, bed.elder, at, rules, "unserved.suspended", {"reason": reason}
    )
    _tell_callers(tx, caller, bed, "notice.suspended", touched, at)


def after_resumption(tx: Tx, caller: Caller, bed: Bed, at: datetime, rules: Rules) -> None:
    pauses.programme(tx, caller, bed.elder, bed.kind.value, "release")
    pauses.release_plans(tx, caller, bed.elder)
    touched = pauses.settle(tx, caller, bed.elder, at, rules, "unserved.suspended")
    others = [b for b in may.beds_of(tx, bed.elder) if b.id in bed.linked]
    notices.tell(
        tx,
        caller,
        bed.elder,
        "notice.resumed",
        {"elder": bed.elder, "day": day_of(at).isoformat(), "visits": touched.back},
        keepers([bed, *others]),
        [f"EpisodeOfCare/{bed.id}"],
        occasion=f"{bed.id}@{compose.stamp(at)}",
    )


def after_closing(
    tx: Tx, caller: Caller, bed: Bed, reason: str, note: str, at: datetime, rules: Rules
) -> None:
    pauses.programme(tx, caller, bed.elder, bed.kind.value, "stop")
    if reason == TO_HOSPITAL:
        _refer_up(tx, caller, bed, note)
        if rules.flag("bed_link.suspend_on_hospital"):
            to_hospital(tx, caller, bed.elder, at, rules, f"{bed.id}@{compose.stamp(at)}")
    touched = pauses.settle(tx, caller, bed.elder, at, rules, "unserved.closed", {"reason": reason})
    _tell_callers(tx, caller, bed, "notice.closed", touched, at)


def _tell_callers(
    tx: Tx, caller: Caller, bed: Bed, code: str, touched: pauses.Touched, at: datetime
) -> None:
    """The organisations whose visits are gone, and who keeps the linked beds."""
    others = [b for b in may.beds_of(tx, bed.elder) if b.id in bed.linked]
    callers = pauses.callers_of(tx, touched)
    notices.tell(
        tx,
        caller,
        bed.elder,
        code,
        {"elder": bed.elder, "day": day_of(at).isoformat(), "visits": touched.dropped},
        [*keepers(others), *(f"Organization/{one}" for one in callers)],
        [f"EpisodeOfCare/{bed.id}"],
        occasion=f"{bed.id}@{compose.stamp(at)}",
    )


def _refer_up(tx: Tx, caller: Caller, bed: Bed, note: str) -> None:
    """A draft of the up-referral that a bed closed to hospital asks for."""
    id_ = compose.derived_id("up-referral", bed.id)
    if documents.peek(tx, "ServiceRequest", id_) is not None:
        return
    request: compose.Json = {
        "resourceType": "ServiceRequest",
        "id": id_,
        "status": "draft",
        "intent": "order",
        "category": [compose.concept("referral-direction", "up")],
        "code": compose.concept("bed-kind", bed.kind.value),
        "subject": compose.ref("Patient", bed.elder),
        "requester": compose.ref("Organization", bed.organization),
        "authoredOn": compose.stamp(time.now()),
        "supportingInfo": [compose.ref("EpisodeOfCare", bed.id)],
    }
    if note:
        request["reasonCode"] = [{"text": note}]
    stored = checked.create(tx, request, id=id_).document
    audit.record(tx, caller, "referral.draft", stored.reference)


def link(tx: Tx, caller: Caller, opened: Document, rules: Rules) -> Document:
    """Name the other bed in each, and tell who keeps it in time; the opened bed as it stands."""
    bed = beds.bed(opened)
    for other in may.beds_of(tx, bed.elder):
        if other.kind is not bed.kind.other or other.state not in OPEN_STATES:
            continue
        stored = documents.read(tx, "EpisodeOfCare", other.id)
        both = beds.with_link(stored.resource, bed.id)
        amended(tx, caller, stored, both, "bed-linked")
        linked = beds.with_link(opened.resource, other.id)
        opened = amended(tx, caller, opened, linked, "bed-linked")
        told = notices.tell(
            tx,
            caller,
            bed.elder,
            "notice.opened",
            {"elder": bed.elder, "kind": bed.kind.value, "day": str(bed.opened)},
            keepers([other]),
            [opened.reference, stored.reference],
            occasion=bed.id,
        )
        due = notices.due_after(time.now(), rules.number("bed_link.notice_working_days"))
        for notice in told[:1]:
            notices.ask(tx, caller, notice, other.organization, opened.reference, due)
    return opened


def keepers(found: Iterable[Bed]) -> list[str]:
    """Who keeps some beds, and who is responsible for each."""
    told = []
    for bed in found:
        told.append(f"Organization/{bed.organization}")
        if bed.manager:
            told.append(f"PractitionerRole/{bed.manager}")
    return list(dict.fromkeys(told))


def move(
    tx: Tx,
    caller: Caller,
    stored: Document,
    to: BedState,
    at: datetime,
    *,
    reason: str = "",
    who: str = "",
    note: str = "",
    cycle: tuple[date, date] | None = None,
    rows: tuple[str, ...] = (),
) -> Document:
    at = _not_before(beds.bed(stored), at)
    manager = who if to is BedState.OPENED else ""
    changed = beds.moved(stored.resource, to, at, reason=reason, manager=manager)
    if cycle is not None:
        changed = beds.with_cycle(changed, *cycle)
    moved = checked.update(
        tx, "EpisodeOfCare", stored.id, changed, expected=stored.version
    ).document
    deed = f"bed-{to.value.replace('_', '-')}"
    provenance.sign(tx, caller, moved, deed, performer=who, note=note or reason, rules=rows)
    audit.record(tx, caller, f"bed.{to.value}", moved.reference)
    return moved


def _not_before(bed: Bed, at: datetime) -> datetime:
    """An instant at which a bed can change: what is told late counts from its last change."""
    known = [bed.taken[-1][1]] if bed.taken else []
    if bed.opened is not None:
        known.append(time.instant(bed.opened, 0))
    return max([at, *known])


def amended(tx: Tx, caller: Caller, stored: Document, changed: compose.Json, deed: str) -> Document:
    done = checked.update(tx, "EpisodeOfCare", stored.id, changed, expected=stored.version).document
    if done.version != stored.version:
        provenance.sign(tx, caller, done, deed)
        audit.record(tx, caller, deed.replace("-", "."), done.reference)
    return done


def day_of(at: datetime) -> date:
    return at.astimezone(time.ZONE).date()
