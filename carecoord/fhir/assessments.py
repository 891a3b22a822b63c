"""Assessments in FHIR: the filled-in form, levels, recognition, disputes, changes.

An interview is a QuestionnaireResponse, a level an Observation, a recognition a Provenance, a
dispute a Task, a change of condition an Observation.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from carecoord.fhir import compose, read, rules
from carecoord.fhir.read import Json
from carecoord.model.assessment import Answers, AnyLevel, Change, Past
from carecoord.model.assessment.levels import SCALES
from carecoord.model.policy import RuleRef

DISPUTE = "assessment-dispute"
RECOGNISED = "assessment-recognised"
INPATIENT = ("IMP", "ACUTE", "NONAC")
"""v3-ActCode classes of a stay in hospital."""

_PERFORMERS = ("Practitioner", "PractitionerRole", "Organization", "RelatedPerson", "Patient")
_SURVEY = "http://terminology.hl7.org/CodeSystem/observation-category"
_REVOKED = ("entered-in-error", "cancelled", "unknown")


@dataclass(frozen=True, slots=True)
class About:
    """What an interview is made for and by whom.

    assessors
        `PractitionerRole/…` or `Practitioner/…`, the lead first.
    valid
        `Observation/…` that was valid when it was opened all the same; empty = none.
    despite
        Why it was opened although a valid one exists.
    disputes
        `QuestionnaireResponse/…` whose result is in dispute.
    """

    programme: str = ""
    reason: str = ""
    assessors: tuple[str, ...] = ()
    valid: str = ""
    despite: str = ""
    disputes: str = ""


def response(
    form: Json,
    elder: str,
    answers: Answers,
    about: About,
    *,
    id_: str,
    status: str,
    authored: str,
) -> Json:
    """A form filled in with what is known; questions without an answer are left out."""
    filled = [f for q in form["item"] for f in _filled(q, answers, about.reason)]
    made: Json = {
        "resourceType": "QuestionnaireResponse",
        "id": id_,
        "questionnaire": form["url"],
        "status": status,
        "subject": compose.ref("Patient", elder),
        "authored": authored,
    }
    if extensions := list(_about(about)):
        made["extension"] = extensions
    if about.assessors:
        made["author"] = {"reference": about.assessors[0]}
    if filled:
        made["item"] = filled
    return made


def about(response: Json) -> About:
    """What a stored interview says of itself."""

    def target(name: str) -> str:
        value = read.extension_value(response, name)
        return str(value.get("reference", "")) if isinstance(value, Mapping) else ""

    return About(
        programme=str(read.extension_value(response, "programme") or ""),
        reason=_reason(response.get("item", ())),
        assessors=assessors(response),
        valid=target("valid-assessment"),
        despite=str(read.extension_value(response, "opened-despite") or ""),
        disputes=target("disputed-assessment"),
    )


def with_valid(response: Json, valid: str) -> Json:
    """A copy that says which assessment was valid when this one was made."""
    marked = deepcopy(response)
    extension = {"url": read.extension_url("valid-assessment"), "valueReference": _to(valid)}
    marked.setdefault("extension", []).append(extension)
    return marked


def assessors(response: Json) -> tuple[str, ...]:
    """Who made the interview: the author, and everybody in an `assessor` extension; each once."""
    named = [response.get("author", {})]
    for one in read.extensions(response, read.extension_url("assessor")):
        named.append(one.get("valueReference", {}))
    found = [str(one["reference"]) for one in named if one.get("reference")]
    return tuple(dict.fromkeys(r for r in found if r.startswith(("Practitioner", "http", "urn:"))))


def level(
    id_: str,
    response: Json,
    result: AnyLevel,
    name: str,
    refs: Iterable[RuleRef],
    *,
    at: str,
    valid_until: date | None,
) -> Json:
    """The level on one scale as an Observation, with the rows it rests on."""
    refs = tuple(refs)
    elder = read.reference(response.get("subject"), "Patient")
    made = compose.assessment_level(
        id_,
        elder,
        str(response["id"]),
        result.scale,
        result.number,
        name,
        at,
        [f"{ref.rule_id} ({ref.doc_no}, {ref.mark.value})" for ref in refs],
    )
    extensions = rules.extensions(refs)
    if valid_until is not None:
        extensions.append(
            {"url": read.extension_url("valid-until"), "valueDate": valid_until.isoformat()}
        )
    made["extension"] = extensions
    if who := [a for a in assessors(response) if a.split("/")[0] in _PERFORMERS]:
        made["performer"] = [_to(one) for one in who]
    return made


def past(observation: Json, person: str, disputed: Iterable[str] = ()) -> Past | None:
    """A level as something to be recognised; None when it is no level of a known scale.

    disputed
        `QuestionnaireResponse/…` with an open or decided dispute.
    """
    scales = read.codes(observation.get("code"), read.system("assessment-scale"))
    day = read.day(observation.get("effectiveDateTime"))
    if not scales or scales[0] not in SCALES or day is None:
        return None
    source = source_of(observation)
    until = read.extension_value(observation, "valid-until")
    return Past(
        id=str(observation["id"]),
        person=person,
        scale=scales[0],
        assessed_on=day,
        complete="valueInteger" in observation,
        valid_until=read.day(until) if isinstance(until, str) else None,
        revoked=observation.get("status") in _REVOKED or source in set(disputed),
    )


def source_of(observation: Json) -> str:
    """`QuestionnaireResponse/…` that a level was derived from, or an empty text."""
    sources = (str(one.get("reference", "")) for one in observation.get("derivedFrom", ()))
    return next((s for s in sources if s.startswith("QuestionnaireResponse/")), "")


def recognition(
    level: Json,
    version: int,
    elder: str,
    programme: str,
    who: str,
    organization: str,
    refs: Iterable[RuleRef],
    at: datetime,
) -> Json:
    """A programme takes over a level: whom it is for, what is reused, and the visit it saves."""
    made = compose.provenance(
        f"Observation/{level['id']}", version, RECOGNISED, who, organization, at
    )
    made["id"] = recognition_id(str(level["id"]), programme, elder)
    made["target"].append(compose.ref("Patient", elder))
    made["entity"] = [{"role": "source", "what": _to(source_of(level))}] if source_of(level) else []
    if not made["entity"]:
        del made["entity"]
    made["extension"] = [
        {"url": read.extension_url("programme"), "valueCode": programme},
        {
            "url": read.extension_url("reused-from"),
            "valueReference": compose.ref("Observation", str(level["id"])),
        },
        {"url": read.extension_url("saved-visits"), "valueUnsignedInt": 1},
        *rules.extensions(refs),
    ]
    return made


def recognition_id(level: str, programme: str, elder: str) -> str:
    """A programme recognises one result once."""
    return compose.derived_id("recognition", level, programme, elder)


def dispute(
    response: str, elder: str, text: str, who: str, organization: str, at: datetime
) -> Json:
    """Somebody does not accept a result: other assessors have to look again."""
    requester: Json = {"display": who}
    if organization:
        requester = compose.ref("Organization", organization)
    return {
        "resourceType": "Task",
        "id": compose.derived_id("dispute", response),
        "status": "requested",
        "intent": "proposal",
        "code": compose.concept("task", DISPUTE),
        "focus": compose.ref("QuestionnaireResponse", response),
        "for": compose.ref("Patient", elder),
        "requester": requester,
        "authoredOn": compose.stamp(at),
        "description": text,
    }


def decided(task: Json, response: str) -> Json:
    """The dispute is over: this interview decided it."""
    done = deepcopy(task)
    done["status"] = "completed"
    done["output"] = [
        {
            "type": compose.concept("task", DISPUTE),
            "valueReference": compose.ref("QuestionnaireResponse", response),
        }
    ]
    return done


def change_event(id_: str, elder: str, kind: str, day: date, note: str, who: str) -> Json:
    """Something happened to a person that may end the use of their assessment."""
    made: Json = {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": compose.concept("change-event", kind),
        "subject": compose.ref("Patient", elder),
        "effectiveDateTime": day.isoformat(),
        "performer": [{"display": who}],
    }
    if note:
        made["note"] = [{"text": note}]
    return made


def reported_changes(observations: Iterable[Json]) -> Iterator[Change]:
    """Changes that were written down as such."""
    for one in observations:
        day = read.day(one.get("effectiveDateTime"))
        if day is None or one.get("status") in _REVOKED:
            continue
        for kind in read.codes(one.get("code"), read.system("change-event")):
            yield Change(kind, day)


def discharges(encounters: Iterable[Json]) -> Iterator[Change]:
    """Every end of a stay in hospital."""
    for one in encounters:
        if one.get("class", {}).get("code") in INPATIENT and one.get("status") == "finished":
            day = read.day(one.get("period", {}).get("end"))
            if day is not None:
                yield Change("hospital_discharge", day)


def new_diagnoses(
    conditions: Iterable[Json], kinds: Mapping[str, Sequence[str]]
) -> Iterator[Change]:
    """Diagnoses that call for a re-assessment, by their first day.

    kinds
        Kind of change → ICD-10 categories (`I63`), as the pack lists them.
    """
    for one in conditions:
        status = one.get("verificationStatus", {}).get("coding", [{}])[0].get("code", "")
        day = read.day(one.get("onsetDateTime") or one.get("recordedDate"))
        if day is None or status in ("refuted", "entered-in-error"):
            continue
        codes = [str(c.get("code", "")) for c in one.get("code", {}).get("coding", ())]
        for kind, categories in kinds.items():
            if any(code.startswith(tuple(categories)) for code in codes):
                yield Change(kind, day)


def _filled(question: Json, answers: Answers, reason: str) -> Iterator[Json]:
    """The answers to one question of the form; nothing where nothing is known."""
    link = str(question["linkId"])
    if link in answers.scores:
        yield {"linkId": link, "answer": [_chosen(question, str(answers.scores[link]))]}
    elif link == "B.3.9.state" and answers.coma is not None:
        state = "coma" if answers.coma else "stupor"
        yield {"linkId": link, "answer": [_chosen(question, state)]}
    elif link == "diagnosis":
        for one in answers.diagnoses:
            items: list[Json] = [{"linkId": "diagnosis.code", "answer": [_string(one.code)]}]
            if one.by_psychiatrist:
                yes = {"linkId": "diagnosis.psychiatrist", "answer": [{"valueBoolean": True}]}
                items.append(yes)
            yield {"linkId": link, "item": items}
    elif link == "risk":
        kinds = next(q for q in question["item"] if q["linkId"] == "risk.kind")
        for event in answers.risk_events:
            yield {
                "linkId": link,
                "item": [
                    {"linkId": "risk.kind", "answer": [_chosen(kinds, event.kind)]},
                    {"linkId": "risk.date", "answer": [{"valueDate": event.day.isoformat()}]},
                ],
            }
    elif link == "reason" and reason:
        yield {"linkId": link, "answer": [_chosen(question, reason)]}
    elif below := [f for q in question.get("item", ()) for f in _filled(q, answers, reason)]:
        yield {"linkId": link, "item": below}


def _chosen(question: Json, code: str) -> Json:
    options = (option["valueCoding"] for option in question["answerOption"])
    found = next(option for option in options if option["code"] == code)
    return {"valueCoding": {k: found[k] for k in ("system", "code", "display")}}


def _string(text: str) -> Json:
    return {"valueString": text}


def _about(about: About) -> Iterator[Json]:
    if about.programme:
        yield {"url": read.extension_url("programme"), "valueCode": about.programme}
    for one in about.assessors:
        yield {"url": read.extension_url("assessor"), "valueReference": _to(one)}
    if about.valid:
        yield {"url": read.extension_url("valid-assessment"), "valueReference": _to(about.valid)}
    if about.despite:
        yield {"url": read.extension_url("opened-despite"), "valueString": about.despite}
    if about.disputes:
        url = read.extension_url("disputed-assessment")
        yield {"url": url, "valueReference": _to(about.disputes)}


def _reason(items: Any) -> str:
    for item in items:
        if item.get("linkId") == "reason":
            for answer in item.get("answer", ()):
                return str(answer.get("valueCoding", {}).get("code", ""))
        if found := _reason(item.get("item", ())):
            return found
    return ""


def _to(reference: str) -> Json:
    return {"reference": reference}
