"""One interview is recorded once and gives a level on each scale."""

from dataclasses import dataclass

from carecoord.access import Caller, audit, require
from carecoord.errors import Invalid
from carecoord.fhir import compose, read
from carecoord.fhir import documents as checked
from carecoord.fhir.read import Json
from carecoord.flows import register
from carecoord.model.assessment import Results, answers_from, assess
from carecoord.model.policy import RuleRef, Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

Level = tuple[str, int, str, tuple[RuleRef, ...]]
"""Scale, number, name in Chinese, and the rows it rests on."""


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


def record(tx: Tx, caller: Caller, response: Json, rules: Rules) -> Recorded:
    """Store a completed interview and the levels that follow from it.

    The same response recorded twice changes nothing.

    Raises
    ------
    Missing
        No such elder.
    Invalid
        `assessment.not_completed`; or an answer that is not on its ladder, `field` naming it.
    """
    elder = read.reference(response.get("subject"), "Patient")
    patient = documents.read(tx, "Patient", elder)
    require(caller, "assessment.write", register.elder_street(tx, patient.resource))
    if response.get("status") not in ("completed", "amended"):
        status = str(response.get("status", "-"))
        raise Invalid(
            "assessment.not_completed", field="QuestionnaireResponse.status", status=status
        )
    results = assess(answers_from(response), rules)
    stored = _store(tx, response)
    at = str(response.get("authored") or rules.day.isoformat())
    levels = tuple(_level(tx, elder, stored.id, at, level) for level in _levels(results))
    audit.record(tx, caller, "assessment.record", stored.reference)
    return Recorded(stored, levels, results)


def _store(tx: Tx, response: Json) -> Document:
    if "id" in response:
        return checked.update(tx, "QuestionnaireResponse", response["id"], response).document
    return checked.create(tx, response).document


def _levels(results: Results) -> list[Level]:
    found: list[Level] = []
    for result in (results.ltc37, results.gb42195):
        if (level := result.level) is not None:
            found.append((level.scale, level.number, result.zh, result.refs))
    return found


def _level(tx: Tx, elder: str, response: str, at: str, level: Level) -> Document:
    scale, number, name, refs = level
    id_ = compose.derived_id("level", response, scale)
    observation = compose.assessment_level(
        id_,
        elder,
        response,
        scale,
        number,
        name,
        at,
        [f"{ref.rule_id} ({ref.doc_no}, {ref.mark.value})" for ref in refs],
    )
    return checked.update(tx, "Observation", id_, observation).document
