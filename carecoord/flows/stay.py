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
from carecoord.fhir.documents import Change
from carecoord.fhir.read import Json
from carecoord.flows import detect, hospital, linkage, notices, pauses, provenance, register
from carecoord.flows import eligibility as may
from carecoord.model import time
from carecoord.model.beds import DIED, OPEN_STATES
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.policy import NATION, Rules
from carecoord.packs.load import load
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
            _require_managed(tx, change)
            _recorded(tx, caller, change)
        elif document.type == "Encounter":
            _encounter(tx, caller, change)
        elif document.type == "Patient" and change.deed != "deleted":
            facts, _ = read.elder(document.resource, None)
            if facts.dead:
                documents.hold(tx, f"bed/{document.id}")
                _stop_everything(tx, caller, document, _rules(tx, facts.id))


def _encounter(tx: Tx, caller: Caller, change: Change) -> None:
    document = change.document
    before = _before(tx, document)
    after = None if change.deed == "deleted" else document.resource
    was = hospital.stay(before) if before and hospital.is_stay(before) else None
    now = hospital.stay(after) if after and hospital.is_stay(after) else None
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
        _after_stay(tx, caller, was.elder, at, _rules(tx, was.elder), document.reference)


def _admitted(tx: Tx, caller: Caller, stay: hospital.Stay, document: Document) -> None:
    patient = documents.peek(tx, "Patient", stay.elder) if stay.elder else None
    if patient is None or patient.deleted:
        return
    documents.hold(tx, f"bed/{stay.elder}")
    at = min(hospital.moment(document.resource, "start") or time.now(), time.now())
    rules = _rules(tx, stay.elder)
    linkage.to_hospital(tx, caller, stay.elder, at, rules, f"{document.reference}:in")


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
    tasks = _stop(tx, caller, elder, "Task", _OPEN_TASKS, "cancelled")
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


def _require_managed(tx: Tx, change: Change) -> None:
    """Refuse to move a bed of one of our streets other than by its steps."""
    document, before = change.document, _before(tx, change.document)
    after = {} if change.deed == "deleted" else document.resource
    for episode in (before, after):
        if episode and beds.kind_of(episode) is not None and _is_ours(tx, episode):
            break
    else:
        return
    if change.deed == "created":
        bed = beds.bed(document)
        held = [b for b in may.beds_of(tx, bed.elder) if b.kind is bed.kind]
        rules = _rules(tx, bed.elder)
        limit = rules.number("home_bed.active_per_person")
        taken = sum(1 for one in held if one.state in OPEN_STATES)
        if bed.kind.rules == "home_bed" and bed.state in OPEN_STATES and taken > limit:
            raise Conflict(
                "bed.limit",
                field="EpisodeOfCare.patient",
                elder=bed.elder,
                limit=limit,
                rule="home_bed.active_per_person",
            )
        return
    if before is None or _managed(before) != _managed(after):
        raise Conflict("bed.managed", field="EpisodeOfCare.status", bed=document.id)


def _recorded(tx: Tx, caller: Caller, change: Change) -> None:
    """A bed that comes in for somebody who is in hospital is suspended like any other."""
    if change.deed != "created" or beds.kind_of(change.document.resource) is None:
        return
    elder = beds.bed(change.document).elder
    present = next((s for s in hospital.stays(tx, elder) if s.present), None)
    if present is not None:
        _admitted(tx, caller, present, documents.read(tx, "Encounter", present.id))


def _managed(episode: Json) -> object:
    """What only steps may change."""
    own = [
        e
        for e in episode.get("extension", ())
        if str(e.get("url", "")).rpartition("/")[2] in _OWN and e["url"].startswith(read.BASE)
    ]
    elements = ("status", "statusHistory", "type", "patient", "managingOrganization", "period")
    return [own, *(episode.get(name) for name in elements)]


_OWN = ("bed-state", "bed-step", "bed-cycle", "bed-reason")


def _is_ours(tx: Tx, episode: Json) -> bool:
    keeper = read.reference(episode.get("managingOrganization"), "Organization")
    return bool(keeper) and register.street_of(tx, keeper) is not None


def _before(tx: Tx, document: Document) -> Json | None:
    """The version before the one just written, or None for the first or a deleted one."""
    if document.version < 2:
        return None
    versions = documents.history(tx, document.type, document.id)
    found = next((d for d in versions if d.version == document.version - 1), None)
    return None if found is None or found.deleted else found.resource


def _rules(tx: Tx, elder: ElderId) -> Rules:
    patient = documents.peek(tx, "Patient", elder)
    here = None
    if patient is not None and not patient.deleted:
        here = register.elder_street(tx, patient.resource)
    return load().on(time.today(), here or NATION)


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
