"""One interview is recorded once and gives a level on each scale.

Before it comes `recognition`; a result that is not accepted goes through `dispute` to others.
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
from carecoord.flows import detect, dispute, recognition, register
from carecoord.model import time
from carecoord.model.assessment import (
    AnyLevel,
    Past,
    Results,
    answers_from,
    assess,
)
from carecoord.model.assessment.recognition import VALIDITY, valid_until
from carecoord.model.ids import ElderId
from carecoord.model.policy import RuleRef, Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from fhir_profiles.questionnaires import questionnaire

OPEN = ("in-progress",)
DONE = ("completed", "amended")
ASSESSORS = {"LTC37": "ltc37.assessors", "GB42195": "gb42195.assessors"}
"""Which row says how many people make an assessment on a scale."""


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
class Opening:
    """An assessment was opened, or one that is valid is offered instead.

    response
        The opened form; None when `found.offer` should be recognised.
    """

    found: recognition.Found
    response: Document | None


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
    recognition.require_programme(programme)
    _require_reason(reason, rules)
    people = tuple(assessor(tx, one) for one in assessors)
    found = recognition.search(tx, elder, rules)
    if reason == dispute.REASON:
        dispute.require_open(tx, elder, disputes, people, rules)
    elif found.offer is not None and not despite:
        return Opening(found, None)
    valid = found.offer.reference if found.offer is not None else ""
    about = About(
        programme=programme,
        reason=reason,
        assessors=people,
        valid=valid if reason != dispute.REASON else "",
        despite=despite if valid else "",
        disputes=f"QuestionnaireResponse/{disputes}" if reason == dispute.REASON else "",
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
        `assessment.not_completed`, `assessment.authored`; or an answer that is not on its
        ladder, `field` naming it.
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
    for scored in levels:
        checked.require_profile(tx, response, f"{scored.level.scale.lower()}-response")
    refs = _require_assessors(response, levels, rules)
    about = assessments.about(response)
    if about.disputes:
        disputed = about.disputes.removeprefix("QuestionnaireResponse/")
        dispute.require_open(tx, elder, disputed, about.assessors, rules)
    stored = _store(tx, _with_valid(tx, elder, response, about, rules))
    at = str(response.get("authored") or rules.day.isoformat())
    found = tuple(_level(tx, stored, at, level, refs, rules) for level in levels)
    _drop_others(tx, stored, {one.id for one in found})
    if about.disputes:
        dispute.decide(tx, about.disputes.removeprefix("QuestionnaireResponse/"), stored.id)
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
    if about.valid or about.disputes or about.reason == dispute.REASON:
        return response
    id_ = str(response.get("id", ""))
    present = documents.peek(tx, "QuestionnaireResponse", id_) if id_ else None
    if present is not None and not present.deleted:
        valid = assessments.about(present.resource).valid
        return assessments.with_valid(response, valid) if valid else response
    found = recognition.search(tx, elder, rules, besides=f"QuestionnaireResponse/{id_}")
    if found.offer is None:
        return response
    return assessments.with_valid(response, found.offer.reference)


def _require_reason(reason: str, rules: Rules) -> None:
    listed = rules.entries("gb42195.reasons")
    known = [str(entry[0]) for entry in listed if isinstance(entry, tuple)]
    if reason not in known:
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
