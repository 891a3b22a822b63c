"""One interview is recorded once and gives a level on each scale; a valid level is not asked twice.

`search` → `recognise` or `open_assessment` → `record`; a result that is not accepted goes through
`dispute` to other assessors.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Invalid, Missing
from carecoord.fhir import amend, assessments, compose, read
from carecoord.fhir import documents as checked
from carecoord.fhir.assessments import About
from carecoord.fhir.read import Json
from carecoord.flows import consent, detect, register
from carecoord.flows.condition import changes, person
from carecoord.model import time
from carecoord.model.assessment import (
    AnyLevel,
    Past,
    Recognition,
    Results,
    answers_from,
    assess,
    recognise,
)
from carecoord.model.assessment.recognition import VALIDITY, valid_until
from carecoord.model.catalogue import PROGRAMMES
from carecoord.model.ids import ElderId
from carecoord.model.policy import RuleRef, Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from fhir_profiles.questionnaires import questionnaire

DISPUTED = "dispute"
"""Reason of an assessment that decides a dispute (`gb42195.reasons`)."""

OPEN = ("in-progress",)
DONE = ("completed", "amended")
ASSESSORS = {"LTC37": "ltc37.assessors", "GB42195": "gb42195.assessors"}
"""Which row says how many people make an assessment on a scale."""

OTHERS = {"LTC37": "ltc37.dispute_other_assessors", "GB42195": "gb42195.dispute_other_assessors"}
"""Which row says that a dispute goes to other assessors."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an interview.

    response
        The stored QuestionnaireResponse.
    levels
        One Observation per scale whose items are all answered; none for the other.
    """

    response: Document
    levels: tuple[Document, ...]
    results: Results


@dataclass(frozen=True, slots=True)
class Found:
    """What a search before an assessment came to.

    offer
        The level Observation that can be taken over, or None.
    """

    recognition: Recognition
    offer: Document | None


@dataclass(frozen=True, slots=True)
class Opening:
    """An assessment was opened, or one that is valid is offered instead.

    response
        The opened form; None when `found.offer` should be recognised.
    """

    found: Found
    response: Document | None


# ---- before an assessment ----


def offer(tx: Tx, caller: Caller, elder: ElderId, rules: Rules) -> Found:
    """Is there a valid assessment of a person? Nothing is written."""
    patient = documents.read(tx, "Patient", elder)
    require(caller, "assessment.read", register.elder_street(tx, patient.resource))
    return search(tx, elder, rules)


def read_one(tx: Tx, caller: Caller, response: str) -> Document:
    """One interview.

    Raises
    ------
    Missing
        No such interview.
    """
    stored = documents.read(tx, "QuestionnaireResponse", response)
    elder = read.reference(stored.resource.get("subject"), "Patient")
    patient = documents.read(tx, "Patient", elder)
    require(caller, "assessment.read", register.elder_street(tx, patient.resource))
    return stored


def search(tx: Tx, elder: ElderId, rules: Rules, *, besides: str = "") -> Found:
    """Look for a valid assessment of any programme, under every record of the same person.

    besides
        A `QuestionnaireResponse/…` that does not count: the one being recorded.
    """
    key, records = person(tx, elder)
    known = {
        one.id: (past, one)
        for one, past in pasts(tx, key, records)
        if not besides or assessments.source_of(one.resource) != besides
    }
    found = recognise(
        [past for past, _ in known.values()],
        rules,
        person=key,
        changes=changes(tx, records, rules),
    )
    offer = known[found.offer.id][1] if found.offer else None
    return Found(found, offer)


def pasts(tx: Tx, key: str, records: Iterable[ElderId]) -> list[tuple[Document, Past]]:
    """Every level of a person on any scale, in the order of recording."""
    subjects = [f"Patient/{one}" for one in records]
    disputed = [
        str(task.resource.get("focus", {}).get("reference", ""))
        for task in documents.find(
            tx, "Task", subject=subjects, code=f"{read.system('task')}|{assessments.DISPUTE}"
        )
        if task.resource.get("status") not in ("cancelled", "rejected", "entered-in-error")
    ]
    levels = documents.find(tx, "Observation", subject=subjects, category="survey")
    found = ((one, assessments.past(one.resource, key, disputed)) for one in levels)
    return [(one, past) for one, past in found if past is not None]


def open_assessment(
    tx: Tx,
    caller: Caller,
    elder: ElderId,
    programme: str,
    rules: Rules,
    *,
    reason: str = "first",
    assessors: Sequence[str] = (),
    despite: str = "",
    disputes: str = "",
) -> Opening:
    """Search first; open an assessment only when there is nothing to recognise.

    despite
        Why it is opened although a valid one exists: it is counted as a repeated assessment.
    disputes
        QuestionnaireResponse whose result other assessors look at again; reason `dispute`.

    Raises
    ------
    Missing
        No such elder or assessor.
    Invalid
        `assessment.programme`, `assessment.reason`: not one of the lists.
    Conflict
        `assessment.dead`; `assessment.no_dispute`: that result is not in dispute;
        `assessment.same_assessors`: the dispute goes to others.
    """
    patient = _elder(tx, caller, elder)
    if read.elder(patient.resource, None)[0].dead:
        raise Conflict("assessment.dead", elder=elder)
    _require_listed(programme, reason, rules)
    people = tuple(assessor(tx, one) for one in assessors)
    found = search(tx, elder, rules)
    if reason == DISPUTED:
        _require_dispute(tx, elder, disputes, people, rules)
    elif found.offer is not None and not despite:
        return Opening(found, None)
    valid = found.offer.reference if found.offer is not None else ""
    about = About(
        programme=programme,
        reason=reason,
        assessors=people,
        valid=valid if reason != DISPUTED else "",
        despite=despite if valid else "",
        disputes=f"QuestionnaireResponse/{disputes}" if reason == DISPUTED else "",
    )
    form = questionnaire("interview")
    resource = assessments.response(
        form,
        elder,
        answers_from({"resourceType": "QuestionnaireResponse"}),
        about,
        id_=str(uuid4()),
        status="in-progress",
        authored=compose.stamp(time.now()),
    )
    opened = checked.create(tx, resource, id=resource["id"]).document
    _signed(tx, caller, opened, "assessment-opened")
    return Opening(found, opened)


def accept(
    tx: Tx, caller: Caller, elder: ElderId, programme: str, level: str, rules: Rules
) -> Document:
    """A programme recognises a valid level instead of assessing; the Provenance of it.

    Doing it twice counts one saved visit.

    Raises
    ------
    Missing
        No such elder or level.
    Invalid
        `assessment.programme`.
    Conflict
        `assessment.not_valid`: it cannot be recognised, with the reason;
        `consent.withdrawn`: the person no longer agrees to share.
    """
    _elder(tx, caller, elder)
    _require_listed(programme, "", rules)
    consent.require_sharing(tx, elder, rules)
    key, records = person(tx, elder)
    known = {one.id: (one, past) for one, past in pasts(tx, key, records)}
    if level not in known:
        raise Missing("document.missing", type="Observation", id=level)
    document, past = known[level]
    found = recognise([past], rules, person=key, changes=changes(tx, records, rules))
    if found.offer is None:
        raise Conflict(
            "assessment.not_valid",
            field="assessment",
            assessment=level,
            reason=found.refused[0].reason,
            rule=VALIDITY[past.scale],
        )
    id_ = assessments.recognition_id(level, programme, elder)
    if (present := documents.peek(tx, "Provenance", id_)) is not None and not present.deleted:
        return present
    resource = assessments.recognition(
        document.resource,
        document.version,
        elder,
        programme,
        caller.id,
        caller.organization,
        found.refs,
        time.now(),
    )
    made = checked.update(tx, "Provenance", id_, resource).document
    audit.record(tx, caller, "assessment.recognise", document.reference)
    return made


def dispute(tx: Tx, caller: Caller, response: str, text: str) -> Document:
    """Somebody does not accept a result; it is not recognised until others have looked again.

    Raises
    ------
    Missing
        No such interview.
    Conflict
        `assessment.no_result`: it has no result yet.
    """
    stored = documents.read(tx, "QuestionnaireResponse", response)
    elder = ElderId(read.reference(stored.resource.get("subject"), "Patient"))
    _elder(tx, caller, elder)
    if stored.resource.get("status") not in DONE:
        raise Conflict("assessment.no_result", assessment=response)
    task = assessments.dispute(response, elder, text, caller.id, caller.organization, time.now())
    present = documents.peek(tx, "Task", task["id"])
    if present is not None and not present.deleted:
        return present
    made = checked.update(tx, "Task", task["id"], task).document
    audit.record(tx, caller, "assessment.dispute", stored.reference)
    return made


# ---- the assessment ----


def record(tx: Tx, caller: Caller, response: Json, rules: Rules) -> Recorded:
    """Store an interview and the levels that follow from it.

    An unfinished one (`in-progress`) is stored and gives no level; one entered in error takes its
    levels back. The same response recorded twice changes nothing.

    rules
        Those in force on the day of the interview.

    Raises
    ------
    Missing
        No such elder.
    Invalid
        `assessment.not_completed`, `assessment.authored`; or an answer that is not on its ladder, `field` naming it.
    Conflict
        `assessment.assessors`: fewer people than the pack asks for;
        `assessment.same_assessors`: a dispute goes to others; `assessment.closed`.
    """
    elder = ElderId(read.reference(response.get("subject"), "Patient"))
    _elder(tx, caller, elder)
    status = str(response.get("status", "-"))
    if status == "entered-in-error":
        return _withdraw(tx, caller, response, rules)
    if status not in (*OPEN, *DONE):
        raise Invalid(
            "assessment.not_completed", field="QuestionnaireResponse.status", status=status
        )
    day_of(response, rules.day)
    results = assess(answers_from(response), rules)
    if status in OPEN:
        _require_unfinished(tx, response)
        stored = _store(tx, response)
        audit.record(tx, caller, "assessment.save", stored.reference)
        return Recorded(stored, (), results)
    levels = _levels(results)
    refs = _require_assessors(response, levels, rules)
    about = assessments.about(response)
    if about.disputes:
        disputed = about.disputes.removeprefix("QuestionnaireResponse/")
        _require_dispute(tx, elder, disputed, about.assessors, rules)
    stored = _store(tx, _with_valid(tx, elder, response, about, rules))
    at = str(response.get("authored") or rules.day.isoformat())
    found = tuple(_level(tx, stored, at, level, refs, rules) for level in levels)
    _drop_others(tx, stored, {one.id for one in found})
    if about.disputes:
        _decide(tx, about.disputes.removeprefix("QuestionnaireResponse/"), stored.id)
    audit.record(tx, caller, "assessment.record", stored.reference)
    detect.touched(tx, [elder])
    return Recorded(stored, found, results)


@dataclass(frozen=True, slots=True)
class Scored:
    """A level as it follows from the answers."""

    level: AnyLevel
    name: str
    refs: tuple[RuleRef, ...]


def levels_of(tx: Tx, response: str) -> list[Document]:
    """The level Observations of one interview."""
    return documents.find(
        tx, "Observation", derived_from=f"QuestionnaireResponse/{response}", category="survey"
    )


def _elder(tx: Tx, caller: Caller, elder: ElderId) -> Document:
    patient = documents.read(tx, "Patient", elder)
    require(caller, "assessment.write", register.elder_street(tx, patient.resource))
    return patient


def _store(tx: Tx, response: Json) -> Document:
    if "id" in response:
        return checked.update(tx, "QuestionnaireResponse", response["id"], response).document
    return checked.create(tx, response).document


def _levels(results: Results) -> list[Scored]:
    return [
        Scored(result.level, result.zh, result.refs)
        for result in (results.ltc37, results.gb42195)
        if result.level is not None
    ]


def _level(
    tx: Tx,
    response: Document,
    at: str,
    scored: Scored,
    refs: Sequence[RuleRef],
    rules: Rules,
) -> Document:
    scale = scored.level.scale
    reading = rules.reading()
    day = read.day(at)
    until = None
    if day is not None and VALIDITY[scale] in rules:
        until = valid_until(Past(response.id, "-", scale, day), reading)
    id_ = compose.derived_id("level", response.id, scale)
    mine = [ref for ref in refs if ref.rule_id == ASSESSORS[scale]]
    observation = assessments.level(
        id_,
        response.resource,
        scored.level,
        scored.name,
        (*scored.refs, *mine, *reading.refs),
        at=at,
        valid_until=until,
    )
    return checked.update(tx, "Observation", id_, observation).document


def _drop_others(tx: Tx, response: Document, kept: set[str]) -> None:
    """A corrected interview that no longer gives a level on a scale takes that level back."""
    for one in levels_of(tx, response.id):
        if one.id not in kept and one.resource.get("status") != "entered-in-error":
            changed = amend.with_status(one.resource, "entered-in-error")
            checked.update(tx, "Observation", one.id, changed)


def _withdraw(tx: Tx, caller: Caller, response: Json, rules: Rules) -> Recorded:
    id_ = str(response.get("id", ""))
    documents.read(tx, "QuestionnaireResponse", id_)
    stored = checked.update(tx, "QuestionnaireResponse", id_, response).document
    _drop_others(tx, stored, set())
    audit.record(tx, caller, "assessment.withdraw", stored.reference)
    empty = answers_from({"resourceType": "QuestionnaireResponse"})
    return Recorded(stored, (), assess(empty, rules))


def _require_unfinished(tx: Tx, response: Json) -> None:
    present = documents.peek(tx, "QuestionnaireResponse", str(response.get("id", "")))
    if present is not None and present.resource and present.resource.get("status") in DONE:
        raise Conflict("assessment.closed", field="status", assessment=present.id)


def _require_assessors(
    response: Json, levels: Iterable[Scored], rules: Rules
) -> tuple[RuleRef, ...]:
    """Refuse a result that too few people signed; the rows that say how many."""
    reading = rules.reading()
    named = len(assessments.assessors(response))
    for scored in levels:
        row = ASSESSORS[scored.level.scale]
        if row in rules and named < (needed := reading.number(row)):
            raise Conflict(
                "assessment.assessors",
                field="QuestionnaireResponse.author",
                named=named,
                needed=needed,
                rule=row,
            )
    return reading.refs


def _with_valid(tx: Tx, elder: ElderId, response: Json, about: About, rules: Rules) -> Json:
    """Mark an interview that was made although a valid one existed, however it came in."""
    if about.valid or about.disputes or about.reason == DISPUTED:
        return response
    id_ = str(response.get("id", ""))
    present = documents.peek(tx, "QuestionnaireResponse", id_) if id_ else None
    if present is not None and not present.deleted:
        valid = assessments.about(present.resource).valid
        return assessments.with_valid(response, valid) if valid else response
    found = search(tx, elder, rules, besides=f"QuestionnaireResponse/{id_}")
    if found.offer is None:
        return response
    return assessments.with_valid(response, found.offer.reference)


def _require_listed(programme: str, reason: str, rules: Rules) -> None:
    if programme not in PROGRAMMES:
        allowed = ", ".join(PROGRAMMES)
        raise Invalid("assessment.programme", field="programme", got=programme, allowed=allowed)
    listed = rules.entries("gb42195.reasons")
    known = [str(entry[0]) for entry in listed if isinstance(entry, tuple)]
    if reason and reason not in known:
        raise Invalid("assessment.reason", field="reason", got=reason, allowed=", ".join(known))


def assessor(tx: Tx, id_: str) -> str:
    """Reference of who assesses: a PractitionerRole id, or `Practitioner/…`.

    Raises
    ------
    Missing
        `document.missing`: nobody has that id.
    """
    kind, _, rest = id_.partition("/")
    if not rest:
        kind, rest = "PractitionerRole", kind
    if kind not in ("PractitionerRole", "Practitioner") or documents.peek(tx, kind, rest) is None:
        raise Missing("document.missing", type=kind, id=rest)
    return f"{kind}/{rest}"


def _open_dispute(tx: Tx, response: str) -> Document | None:
    found = documents.peek(tx, "Task", compose.derived_id("dispute", response))
    if (
        found is None
        or found.deleted
        or found.resource.get("status")
        not in (
            "requested",
            "accepted",
            "in-progress",
            "completed",
        )
    ):
        return None
    return found


def _require_dispute(
    tx: Tx, elder: ElderId, response: str, people: Sequence[str], rules: Rules
) -> None:
    """The result is in dispute, and nobody who made it decides the dispute."""
    task = _open_dispute(tx, response) if response else None
    if task is None or read.reference(task.resource.get("for"), "Patient") != elder:
        raise Conflict("assessment.no_dispute", field="disputes", assessment=response or "-")
    earlier = set(
        assessments.assessors(documents.read(tx, "QuestionnaireResponse", response).resource)
    )
    for row in OTHERS.values():
        if row in rules and rules.flag(row) and (same := earlier & set(people)):
            raise Conflict(
                "assessment.same_assessors",
                field="assessors",
                assessors=", ".join(sorted(same)),
                rule=row,
            )


def _decide(tx: Tx, disputed: str, response: str) -> None:
    task = _open_dispute(tx, disputed)
    if task is not None and task.resource["status"] != "completed":
        checked.update(tx, "Task", task.id, assessments.decided(task.resource, response))


def _signed(tx: Tx, caller: Caller, document: Document, activity: str) -> None:
    documents.create(
        tx,
        compose.provenance(
            document.reference,
            document.version,
            activity,
            caller.id,
            caller.organization,
            time.now(),
        ),
    )
    audit.record(tx, caller, activity.replace("-", ".", 1), document.reference)


def day_of(response: Json, otherwise: date) -> date:
    """The day an interview was made, whose rows it is scored by.

    Raises
    ------
    Invalid
        `assessment.authored`: not a time, or one that lies ahead.
    """
    authored = response.get("authored")
    if authored is None:
        return otherwise
    try:
        found = read.day(str(authored))
    except ValueError:
        found = None
    if found is None or found > time.today():
        raise Invalid(
            "assessment.authored", field="QuestionnaireResponse.authored", got=str(authored)
        )
    return found
