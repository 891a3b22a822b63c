"""Up-referral: criteria on what comes in, a proposal with its pack, hospital stay, follow-up."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from carecoord.access import Caller, audit, everything, require
from carecoord.fhir import documents as checked
from carecoord.fhir import facts as told
from carecoord.fhir import packs, read
from carecoord.fhir import referrals as papers
from carecoord.fhir.compose import concept, ref, stamp
from carecoord.fhir.documents import Change
from carecoord.fhir.read import Json, system
from carecoord.flows import hospital, notify, referral, register, stay
from carecoord.model import criteria, time
from carecoord.model.criteria import Findings, Met
from carecoord.model.ids import ElderId, ReferralId
from carecoord.model.policy import NATION, Rules
from carecoord.model.referrals import ENDED, Direction, State, Urgency
from carecoord.packs.load import load
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

RECENT = timedelta(hours=24)
"""What was measured or seen longer ago says nothing about today."""

_MEASURED = {
    "8480-6": "sbp",
    "8462-4": "dbp",
    "1558-6": "glucose",
    "14771-0": "glucose",
    "8310-5": "temperature",
    "8867-4": "heart_rate",
    "2708-6": "spo2",
    "59408-5": "spo2",
}
"""LOINC code → measurement of `Findings`; glucose only where the code says fasting."""

_PANEL = "85354-9"
_SIGN, _CONTROL, _STAGE = "referral-sign", "follow-up-control", "pressure-injury-stage"
_VITALS = [*_MEASURED, _PANEL]
_FINDING = ("Observation", "DiagnosticReport")
_OPEN = tuple(s.task_status for s in State if s not in (*ENDED, State.REJECTED))


def react(tx: Tx, caller: Caller, change: Change) -> None:
    """An observation or report has come in: propose an up-referral where a criterion is met."""
    document = change.document
    if document.type == "Task" and change.deed == "updated":
        after(tx, caller, document)
        return
    if document.type not in _FINDING or change.deed not in ("created", "updated"):
        return
    resource = document.resource
    if not any(_tells(one) for one in _stated(resource)):
        return
    elder = ElderId(read.reference(resource.get("subject"), "Patient"))
    patient = documents.peek(tx, "Patient", elder) if elder else None
    if patient is None or patient.deleted:
        return
    if register.elder_street(tx, patient.resource) is None:
        return
    met = examine(tx, elder, time.now())
    if met:
        propose(tx, everything("criteria"), elder, met)


def examine(tx: Tx, elder: ElderId, at: datetime) -> tuple[Met, ...]:
    """Criteria that somebody meets by what was observed in the last day (fever: days)."""
    rules = _rules(tx, elder)
    return criteria.evaluate(findings(tx, elder, at, rules), rules)


def findings(tx: Tx, elder: ElderId, at: datetime, rules: Rules) -> Findings:
    """The latest measurements and the signs seen, for the criteria."""
    held = [
        (moment, stated)
        for kind in _FINDING
        for one in documents.find(tx, kind, subject=f"Patient/{elder}")
        for stated in _stated(one.resource)
        if (moment := _when(stated) or _when(one.resource)) is not None and moment <= at
    ]
    held.sort(key=lambda pair: pair[0])
    latest: dict[str, Decimal] = {}
    signs: set[str] = set()
    stage = 0
    hot: set[date] = set()
    limit = criteria.fever_over(rules)
    for moment, resource in held:
        for name, value in _values(resource):
            if name == "temperature" and value > limit:
                hot.add(moment.astimezone(time.ZONE).date())
            if moment >= at - RECENT:
                latest[name] = value
        if moment >= at - RECENT:
            signs |= _signs(resource)
            if read.codes(resource.get("code"), system("observation")) == [_STAGE]:
                stage = int(resource.get("valueInteger", 0))
    return Findings(
        sbp=latest.get("sbp"),
        dbp=latest.get("dbp"),
        glucose=latest.get("glucose"),
        temperature=latest.get("temperature"),
        heart_rate=latest.get("heart_rate"),
        spo2=latest.get("spo2"),
        fever_days=_in_a_row(hot, at.astimezone(time.ZONE).date()),
        uncontrolled=_uncontrolled([r for _, r in held]),
        injury_stage=stage,
        signs=frozenset(signs),
    )


def propose(tx: Tx, caller: Caller, elder: ElderId, met: tuple[Met, ...]) -> Document | None:
    """A draft referral to hospital with its pack; one that is open is made more urgent at most.

    Returns
    -------
    Document | None
        The draft Task; None where nobody of a street keeps the elder.
    """
    patient = documents.read(tx, "Patient", elder)
    require(caller, "referral.send", register.elder_street(tx, patient.resource))
    documents.hold(tx, f"upward/{elder}")
    urgency = criteria.urgency(met)
    sender = _keeper(tx, patient)
    if urgency is None or not sender:
        return None
    reasons = [f"{m.code}: {', '.join(m.because)}" for m in met]
    if (present := opened(tx, elder)) is not None:
        return _sharpen(tx, caller, present, urgency, reasons)
    at = time.now()
    request = checked.create(
        tx,
        {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "proposal",
            "category": [concept("referral-direction", Direction.UP.value)],
            "priority": papers.PRIORITY[urgency],
            "subject": ref("Patient", elder),
            "authoredOn": stamp(at),
            "requester": ref("Organization", sender),
            "reasonCode": [
                concept("referral-criterion", m.code, r) for m, r in zip(met, reasons, strict=True)
            ],
        },
    ).document
    pack = checked.create(tx, document_of(tx, patient, sender, reasons, at)).document
    draft = papers.task(
        request.id,
        elder,
        sender=sender,
        receiver="",
        urgency=urgency,
        number=f"UP-{request.id[:8]}",
        at=at,
        state=State.DRAFT,
    )
    draft["input"] = [
        {"type": concept("referral-input", "pack"), "valueReference": ref("Bundle", pack.id)}
    ]
    del draft["owner"]
    made = checked.create(tx, draft).document
    audit.record(tx, caller, "referral.proposed", made.reference)
    notify.referral(tx, "referral.proposed", made, urgency=urgency.value)
    return made


def opened(tx: Tx, elder: ElderId) -> Document | None:
    """The up-referral of an elder that has not ended, or None."""
    for task in documents.find(tx, "Task", patient=f"Patient/{elder}", status=_OPEN):
        if papers.is_referral(task.resource):
            request = referral.request_of(tx, task).resource
            if papers.direction(request) is Direction.UP:
                return task
    return None


def send(
    tx: Tx, caller: Caller, id_: ReferralId, receiver: str, *, expected: int | None
) -> Document:
    """Send a proposal: the doctor has decided. The request becomes an order in force."""
    task = documents.read(tx, "Task", id_)
    request = referral.request_of(tx, task)
    moved = referral.act(
        tx, caller, id_, State.REQUESTED, referral.Brought(receiver=receiver), expected=expected
    )
    decided = request.resource | {
        "status": "active",
        "intent": "order",
        "performer": [ref("Organization", receiver)],
    }
    checked.update(tx, "ServiceRequest", request.id, decided, expected=request.version)
    return moved


def after(tx: Tx, caller: Caller, task: Document) -> None:
    """Let stay and visits follow an up-referral: admitted when it begins, home when it is over."""
    if not papers.is_referral(task.resource):
        return
    position = papers.position(task.resource)
    if position.state not in (State.IN_PROGRESS, State.COMPLETED):
        return
    request = referral.request_of(tx, task).resource
    if papers.direction(request) is not Direction.UP:
        return
    elder = referral.elder_of(task)
    inside = any(one.present for one in hospital.stays(tx, elder))
    rules = _rules(tx, elder)
    engine = everything(caller.id)
    if position.state is State.IN_PROGRESS and not inside:
        stay.admit(tx, engine, elder, rules, organization=papers.owner(task.resource))
    elif position.state is State.COMPLETED and inside:
        stay.discharge(tx, engine, elder, rules)


def document_of(tx: Tx, patient: Document, sender: str, reasons: list[str], at: datetime) -> Json:
    """The pack: plan, problems, medicines, allergies, vitals, visits, contacts, consent."""
    who = patient.reference

    def newest(kind: str, limit: int, by: str = "subject", **more: str | list[str]) -> list[Json]:
        found = documents.find(tx, kind, limit=None, **{by: who}, **more)
        found.sort(key=lambda one: (_moment(one.resource), one.id), reverse=True)
        return [one.resource for one in found[:limit]]

    return packs.document(
        patient.resource,
        documents.read(tx, "Organization", sender).resource,
        reasons,
        {
            "plan": newest("CarePlan", 5, status="active"),
            "problems": newest("Condition", 50),
            "medicines": newest("MedicationRequest", 50),
            "allergies": newest("AllergyIntolerance", 50, by="patient"),
            "vitals": newest("Observation", 30, code=_VITALS),
            "visits": newest("Encounter", 5, status=list(told.SAYING)),
            "contacts": newest("RelatedPerson", 10, by="patient"),
            "consent": newest("Consent", 10, by="patient"),
        },
        at,
    )


def _sharpen(
    tx: Tx, caller: Caller, task: Document, urgency: Urgency, reasons: list[str]
) -> Document:
    request = referral.request_of(tx, task)
    order = list(papers.PRIORITY)
    if order.index(urgency) < order.index(papers.urgency(request.resource)):
        sharper = request.resource | {"priority": papers.PRIORITY[urgency]}
        checked.update(tx, "ServiceRequest", request.id, sharper, expected=request.version)
        said = papers.with_note(
            task.resource | {"priority": papers.PRIORITY[urgency]},
            "remark",
            "; ".join(reasons),
            caller.id,
            time.now(),
        )
        changed = checked.update(tx, "Task", task.id, said, expected=task.version).document
        referral.settle(tx, caller, task, changed)
        return changed
    return task


def _keeper(tx: Tx, patient: Document) -> str:
    """Who sends: the keeper of an open bed, else who manages the person's record."""
    for one in documents.find(tx, "EpisodeOfCare", patient=patient.reference, status="active"):
        keeper = read.reference(one.resource.get("managingOrganization"), "Organization")
        if keeper:
            return keeper
    return read.reference(patient.resource.get("managingOrganization"), "Organization")


def _stated(resource: Json) -> Iterator[Json]:
    """An Observation, or a report and what it contains; nothing of what is not final."""
    if resource.get("status") not in ("final", "amended", "corrected", "appended"):
        return
    yield resource
    for one in resource.get("contained", ()):
        if one.get("resourceType") == "Observation":
            yield from _stated(one)


def _signs(resource: Json) -> set[str]:
    """Signs seen: the code of an Observation that is not denied, the conclusions of a report."""
    concluded = resource.get("conclusionCode", ())
    found = {code for one in concluded for code in read.codes(one, system(_SIGN))}
    if resource.get("valueBoolean") is not False:
        found |= set(read.codes(resource.get("code"), system(_SIGN)))
    return found


def _tells(resource: Json) -> bool:
    """Whether an observation or report can meet a criterion."""
    loinc = set(read.codes(resource.get("code"), packs.LOINC))
    return bool(
        loinc & {*_MEASURED, _PANEL}
        or _signs(resource)
        or set(read.codes(resource.get("code"), system("observation"))) & {_CONTROL, _STAGE}
    )


def _values(resource: Json) -> Iterator[tuple[str, Decimal]]:
    for one in (resource, *resource.get("component", ())):
        for code in read.codes(one.get("code"), packs.LOINC):
            value = one.get("valueQuantity", {}).get("value")
            if code in _MEASURED and value is not None:
                yield _MEASURED[code], Decimal(str(value))


def _uncontrolled(resources: list[Json]) -> int:
    """Follow-ups in a row, the newest last, that found a disease uncontrolled."""
    count = 0
    for one in reversed(resources):
        if read.codes(one.get("code"), system("observation")) != [_CONTROL]:
            continue
        if one.get("valueBoolean") is not False:
            break
        count += 1
    return count


def _in_a_row(days: set[date], last: date) -> int:
    count = 0
    while last - timedelta(days=count) in days:
        count += 1
    return count


def _when(resource: Json) -> datetime | None:
    said = _moment(resource)
    if not said:
        return None
    if "T" in said:
        return datetime.fromisoformat(said)
    day = read.day(said)
    return None if day is None else time.instant(day, 0)


def _moment(resource: Json) -> str:
    period = resource.get("effectivePeriod") or resource.get("period") or {}
    return str(
        resource.get("effectiveDateTime")
        or resource.get("effectiveInstant")
        or resource.get("recordedDate")
        or resource.get("authoredOn")
        or resource.get("dateTime")
        or period.get("end")
        or period.get("start")
        or resource.get("issued")
        or ""
    )


def _rules(tx: Tx, elder: ElderId) -> Rules:
    return load().on(time.today(), register.jurisdiction(tx, elder) or NATION)
