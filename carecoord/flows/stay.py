"""Somebody is admitted to hospital, comes home, or dies: beds, plan and visits follow at once.

It is told either here or by the hospital, as an inpatient Encounter or as a deceased Patient that
comes in through FHIR; `react` answers both alike.
"""

from collections.abc import Iterable
from datetime import date, datetime

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Invalid, Missing, Stale
from carecoord.fhir import amend, beds, compose, read
from carecoord.fhir import documents as checked
from carecoord.fhir import referrals as papers
from carecoord.fhir.documents import Change
from carecoord.fhir.read import Json
from carecoord.flows import (
    detect,
    hospital,
    linkage,
    managed,
    notices,
    pauses,
    provenance,
    referral,
    register,
)
from carecoord.flows import eligibility as may
from carecoord.model import time
from carecoord.model.beds import DIED, OPEN_STATES, BedKind
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

_OPEN_TASKS = (
    "draft",
    "requested",
    "received",
    "accepted",
    "ready",
    "in-progress",
    "on-hold",
)


def admit(
    tx: Tx,
    caller: Caller,
    elder: ElderId,
    rules: Rules,
    *,
    at: datetime | None = None,
    organization: str = "",
    note: str = "",
) -> Document:
    """Record that somebody was admitted to hospital; their beds and visits stop from then on.

    Somebody who is in hospital already stays there: the Encounter is answered as it stands.

    organization
        The hospital, where it is registered.

    Raises
    ------
    Missing
        No such elder or organisation.
    Conflict
        `bed.dead`.
    Invalid
        `stay.when`: in the future.
    """
    require(caller, "stay.write", _street(tx, elder))
    documents.hold(tx, f"bed/{elder}")
    may.require_alive(tx, elder)
    if organization and documents.peek(tx, "Organization", organization) is None:
        raise Missing("document.missing", type="Organization", id=organization)
    present = next((s for s in hospital.stays(tx, elder) if s.present), None)
    if present is not None:
        return documents.read(tx, "Encounter", present.id)
    at = _past(at)
    encounter: Json = {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"system": hospital.ACT_CODE, "code": "IMP"},
        "subject": compose.ref("Patient", elder),
        "period": {"start": compose.stamp(at)},
    }
    if organization:
        encounter["serviceProvider"] = compose.ref("Organization", organization)
    if note:
        encounter["reasonCode"] = [{"text": note}]
    stored = checked.create(tx, encounter).document
    provenance.sign(tx, caller, stored, "stay-admitted", note=note)
    audit.record(tx, caller, "stay.admit", stored.reference)
    linkage.to_hospital(tx, caller, elder, at, rules, f"{stored.reference}:in")
    detect.touched(tx, [elder])
    return stored


def discharge(
    tx: Tx,
    caller: Caller,
    elder: ElderId,
    rules: Rules,
    *,
    at: datetime | None = None,
    expected: int | None = None,
) -> Document:
    """Record that somebody came home; suspended beds wait for their review.

    Raises
    ------
    Conflict
        `stay.none`: the person is in no hospital.
    Stale
        The Encounter is no longer at version `expected`.
    Invalid
        `stay.when`: in the future, or before the admission.
    """
    require(caller, "stay.write", _street(tx, elder))
    documents.hold(tx, f"bed/{elder}")
    present = next((s for s in hospital.stays(tx, elder) if s.present), None)
    if present is None:
        raise Conflict("stay.none", elder=elder)
    stored = documents.read(tx, "Encounter", present.id)
    if expected is not None and expected != stored.version:
        raise Stale(
            "document.moved",
            type="Encounter",
            id=stored.id,
            expected=expected,
            present=stored.version,
        )
    at = _past(at, since=hospital.moment(stored.resource, "start"))
    changed = amend.with_status(stored.resource, "finished")
    changed.setdefault("period", {})["end"] = compose.stamp(at)
    home = checked.update(tx, "Encounter", stored.id, changed, expected=stored.version).document
    provenance.sign(tx, caller, home, "stay-discharged")
    audit.record(tx, caller, "stay.discharge", home.reference)
    _after_stay(tx, caller, elder, at, rules, home.reference)
    detect.touched(tx, [elder])
    return home


def died(
    tx: Tx, caller: Caller, elder: ElderId, rules: Rules, *, at: datetime, expected: int
) -> Document:
    """Record that somebody has died: everything stops, and everybody concerned is told.

    Raises
    ------
    Stale
        The Patient is no longer at version `expected`.
    Conflict
        `bed.dead`: recorded before.
    Invalid
        `stay.when`: in the future.
    """
    require(caller, "stay.write", _street(tx, elder))
    documents.hold(tx, f"bed/{elder}")
    may.require_alive(tx, elder)
    at = _past(at)
    stored = documents.read(tx, "Patient", elder)
    changed = {k: v for k, v in stored.resource.items() if k != "deceasedBoolean"}
    changed["deceasedDateTime"] = compose.stamp(at)
    dead = checked.update(tx, "Patient", elder, changed, expected=expected).document
    provenance.sign(tx, caller, dead, "person-died")
    audit.record(tx, caller, "stay.died", dead.reference)
    _stop_everything(tx, caller, dead, rules)
    detect.touched(tx, [elder], registered=[elder])
    return dead


def react(tx: Tx, caller: Caller, changes: Iterable[Change]) -> None:
    """Let beds, plans and visits follow what has just come in through FHIR.

    Raises
    ------
    Conflict
        `bed.managed`: a bed of a street moves by its steps only; `bed.limit`.
    """
    for change in changes:
        document = change.document
        if change.deed == "unchanged":
            continue
        if document.type == "EpisodeOfCare":
            managed.require_steps(tx, change)
            _recorded(tx, caller, change)
        elif document.type == "Encounter":
            _encounter(tx, caller, change)
        elif document.type == "Patient" and change.deed != "deleted":
            facts, _ = read.elder(document.resource, None)
            if facts.dead:
                documents.hold(tx, f"bed/{document.id}")
                _stop_everything(tx, caller, document, managed.rules_of(tx, facts.id))


def _encounter(tx: Tx, caller: Caller, change: Change) -> None:
    document = change.document
    before = managed.before(tx, document)
    after = None if change.deed == "deleted" else document.resource
    was = hospital.stay(before) if before and hospital.is_stay(before) else None
    now = hospital.stay(after) if after and hospital.is_stay(after) else None
    if now is not None:
        _tell_of_overlap(tx, caller, now, document)
    if now is not None and now.present:
        _admitted(tx, caller, now, document)
    if (
        was is not None
        and was.present
        and (now is None or not now.present or was.elder != now.elder)
    ):
        documents.hold(tx, f"bed/{was.elder}")
        end = hospital.moment(after, "end") if after else None
        at = min(end or time.now(), time.now())
        _after_stay(tx, caller, was.elder, at, managed.rules_of(tx, was.elder), document.reference)


def _admitted(tx: Tx, caller: Caller, stay: hospital.Stay, document: Document) -> None:
    patient = documents.peek(tx, "Patient", stay.elder) if stay.elder else None
    if patient is None or patient.deleted:
        return
    documents.hold(tx, f"bed/{stay.elder}")
    at = min(hospital.moment(document.resource, "start") or time.now(), time.now())
    rules = managed.rules_of(tx, stay.elder)
    linkage.to_hospital(tx, caller, stay.elder, at, rules, f"{document.reference}:in")


def _tell_of_overlap(tx: Tx, caller: Caller, stay: hospital.Stay, document: Document) -> None:
    """A stay that is told late may lie over days that a bed has served: its keeper is told."""
    if stay.admitted is None or not (stay.present or stay.discharged):
        return
    today = time.today()
    limit: int | None = None
    for bed in may.beds_of(tx, stay.elder):
        days = bed.served_days(stay.admitted, stay.discharged or today, today)
        if bed.kind is not BedKind.HOME_HOSPITAL or not days:
            continue
        rule = "home_bed.overlap_inpatient_days"
        limit = managed.rules_of(tx, stay.elder).number(rule) if limit is None else limit
        if days > limit:
            notices.tell(
                tx,
                caller,
                stay.elder,
                "notice.overlap",
                {"elder": stay.elder, "days": days, "since": stay.admitted.isoformat()},
                linkage.keepers([bed]),
                [f"EpisodeOfCare/{bed.id}", document.reference],
                occasion=f"{document.reference}:{bed.id}:{days}",
            )


def _after_stay(
    tx: Tx, caller: Caller, elder: ElderId, at: datetime, rules: Rules, stay: str
) -> None:
    """Beds go to review unless another hospital has the person, or death has closed them."""
    patient = documents.peek(tx, "Patient", elder)
    if patient is None or patient.deleted or read.elder(patient.resource, None)[0].dead:
        return
    if any(one.present for one in hospital.stays(tx, elder)):
        return
    linkage.to_review(tx, caller, elder, at, rules, f"{stay}:out")


def _stop_everything(tx: Tx, caller: Caller, patient: Document, rules: Rules) -> None:
    """Close beds, revoke plan and orders, cancel visits, and tell everybody once."""
    elder = ElderId(patient.id)
    said = str(patient.resource.get("deceasedDateTime", ""))
    at = min(_instant(said), time.now())
    concerned = _concerned(tx, patient.resource)
    closed = linkage.after_death(tx, caller, elder, DIED, at)
    plans = pauses.stop_plans(tx, caller, elder)
    orders = _stop(tx, caller, elder, "ServiceRequest", ("draft", "active", "on-hold"), "revoked")
    tasks = _end_referrals(tx, caller, elder)
    tasks += _stop(tx, caller, elder, "Task", _OPEN_TASKS, "cancelled")
    touched = pauses.settle(tx, caller, elder, at, rules, "unserved.dead")
    if not (closed or plans or orders or tasks or touched.dropped):
        return
    callers = pauses.callers_of(tx, touched)
    who = [
        *notices.family(tx, elder),
        *concerned,
        *(f"Organization/{one}" for one in callers),
        *(f"PractitionerRole/{one}" for one in touched.cancelled),
    ]
    notices.tell(
        tx,
        caller,
        elder,
        "notice.died",
        {"elder": elder, "day": at.astimezone(time.ZONE).date().isoformat()},
        who,
        [patient.reference],
        occasion="death",
    )


def _concerned(tx: Tx, patient: Json) -> list[str]:
    """Who looks after a person: keepers and managers of open beds, care team, plan, doctor."""
    elder = ElderId(patient["id"])
    open_beds = [b for b in may.beds_of(tx, elder) if b.state in OPEN_STATES]
    found = linkage.keepers(open_beds)
    for plan in documents.find(
        tx, "CarePlan", subject=f"Patient/{elder}", status=("draft", "active", "on-hold")
    ):
        found += _named([plan.resource.get("author", {})])
    for team in documents.find(tx, "CareTeam", subject=f"Patient/{elder}", status="active"):
        found += _named(one.get("member", {}) for one in team.resource.get("participant", ()))
    found += _named(patient.get("generalPractitioner", ()))
    found += _named([patient.get("managingOrganization", {})])
    return found


_TOLD = ("Organization", "Practitioner", "PractitionerRole", "RelatedPerson")


def _named(references: Iterable[Json]) -> list[str]:
    targets = (str(one.get("reference", "")) for one in references)
    return [one for one in targets if one.partition("/")[0] in _TOLD]


def _end_referrals(tx: Tx, caller: Caller, elder: ElderId) -> list[Document]:
    """Referrals end as referrals: with their clocks, Provenance and word to both sides."""
    done = []
    for one in documents.find(tx, "Task", patient=f"Patient/{elder}", status=_OPEN_TASKS):
        request = read.reference(one.resource.get("focus"), "ServiceRequest")
        if papers.is_referral(one.resource) and documents.peek(tx, "ServiceRequest", request):
            done.append(referral.end_by_death(tx, caller, one))
    return done


def _stop(
    tx: Tx, caller: Caller, elder: ElderId, kind: str, states: tuple[str, ...], to: str
) -> list[Document]:
    """End what is still asked for a person."""
    done = []
    for one in documents.find(tx, kind, patient=f"Patient/{elder}", status=states):
        changed = amend.with_status(one.resource, to)
        stopped = checked.update(tx, kind, one.id, changed, expected=one.version).document
        provenance.sign(tx, caller, stopped, "stopped-by-death")
        audit.record(tx, caller, "stay.stop", stopped.reference)
        done.append(stopped)
    return done


def _recorded(tx: Tx, caller: Caller, change: Change) -> None:
    """A bed that comes in for somebody who is in hospital is suspended like any other."""
    episode = change.document.resource
    if change.deed != "created" or not (beds.kind_of(episode) and beds.state_of(episode)):
        return
    elder = beds.bed(change.document).elder
    present = next((s for s in hospital.stays(tx, elder) if s.present), None)
    if present is not None:
        _admitted(tx, caller, present, documents.read(tx, "Encounter", present.id))


def _street(tx: Tx, elder: ElderId) -> StreetId | None:
    return register.elder_street(tx, documents.read(tx, "Patient", elder).resource)


def _past(at: datetime | None, since: datetime | None = None) -> datetime:
    now = time.now()
    if at is None:
        return now
    if at.tzinfo is None or at > now or (since is not None and at < since):
        said = compose.stamp(since) if since else "-"
        raise Invalid("stay.when", field="at", at=at.isoformat(), since=said)
    return at


def _instant(text: str) -> datetime:
    """An instant of a FHIR dateTime; a day counts from its start, nothing from now."""
    if not text:
        return time.now()
    if "T" in text:
        return datetime.fromisoformat(text)
    on: date | None = read.day(text)
    assert on is not None
    return time.instant(on, 0)
