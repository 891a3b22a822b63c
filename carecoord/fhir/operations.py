"""What do the operations on patients, plans and terminologies answer?"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from carecoord.errors import Invalid, Missing
from carecoord.fhir import definitions
from carecoord.fhir.wire import Json, splice
from carecoord.store import documents, lookup
from carecoord.store.criteria import Query, RefersTo, Span, Updated
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from fhir_profiles import search as parameters
from fhir_profiles.check import Finding
from fhir_profiles.compared import fold
from fhir_profiles.terms import Concept

MOST = 20_000
"""Resources that `$everything` answers at most; more are an error, never a silent cut."""


def patient_everything(
    tx: Tx,
    id: str,  # noqa: A002 - FHIR's own word
    base: str,
    *,
    since: datetime | None = None,
    types: Sequence[str] = (),
) -> Json:
    """The patient, all that belongs to them, and what that refers to.

    Raises
    ------
    Missing, Gone
        There is no such patient.
    Invalid
        `operation.too_much`: more than `MOST` resources; narrow it with `types` or `since`.
    """
    patient = documents.read(tx, "Patient", id)
    wanted = tuple(t for t in parameters.compartment() if not types or t in types)
    params = tuple(p.number for t in wanted for p in parameters.compartment()[t])
    conditions: list[Any] = [RefersTo(params, "Patient", id)]
    if since is not None:
        moment = int(since.timestamp() * 1_000_000)
        conditions.append(Updated(Span("ge", moment, moment)))
    own = (
        documents.select_all(tx, Query(wanted, tuple(conditions), limit=MOST + 1)) if wanted else []
    )
    if len(own) > MOST:
        raise Invalid("operation.too_much", field="_type", limit=MOST)
    beside = _referenced(tx, [patient, *own])
    return _bundle(base, [patient, *own], beside)


def plan_everything(tx: Tx, id: str, base: str) -> Json:  # noqa: A002
    """A care plan, its part plans, the visits made for them, and all that they refer to.

    Raises
    ------
    Missing, Gone
        There is no such plan.
    Invalid
        `operation.too_much`: more than `MOST` resources.
    """
    plan = documents.read(tx, "CarePlan", id)
    family = {plan.row: plan}
    part_of = parameters.number_of("CarePlan.part-of")
    level = [plan]
    while level:
        places = [(d.id, d.type) for d in level]
        found = lookup.referring(tx, places, [part_of], limit=MOST)
        level = [d for d in found if d.row not in family]
        family |= {d.row: d for d in level}
    visits = _referring(tx, list(family.values()), "Appointment.supporting-info")
    visits += _referring(tx, visits, "Encounter.appointment")
    found = [*family.values(), *visits]
    return _bundle(base, found, _referenced(tx, found))


def _referring(tx: Tx, targets: Sequence[Document], parameter: str) -> list[Document]:
    """What refers to any of these by a search parameter, each once."""
    number = [parameters.number_of(parameter)]
    places = [(d.id, d.type) for d in targets]
    found: dict[int, Document] = {}
    for first in range(0, len(places), 500):
        some = lookup.referring(tx, places[first : first + 500], number, limit=MOST + 1)
        found |= {d.row: d for d in some}
    if len(found) > MOST:
        raise Invalid("operation.too_much", field="id", limit=MOST)
    return list(found.values())


def _referenced(tx: Tx, found: Sequence[Document]) -> list[Document]:
    rows = [d.row for d in found]
    seen = set(rows)
    beside: dict[int, Document] = {}
    for first in range(0, len(rows), 500):
        for document in lookup.referenced(tx, rows[first : first + 500]):
            if document.row not in seen:
                beside[document.row] = document
    return list(beside.values())


def _bundle(base: str, found: Sequence[Document], beside: Sequence[Document]) -> Json:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found),
        "entry": [
            *(_entry(base, d, {"mode": "match"}) for d in found),
            *(_entry(base, d, {"mode": "include"}) for d in beside),
        ],
    }


def _entry(base: str, document: Document, search: Json) -> Json:
    return {
        "fullUrl": f"{base}/{document.reference}",
        "resource": splice(document.text),
        "search": search,
    }


CERTAIN, PROBABLE, POSSIBLE = 1.0, 0.8, 0.5
"""Scores of the three grades of a duplicate."""


def match(tx: Tx, sent: Json, base: str, *, only_certain: bool = False, count: int = 20) -> Json:
    """Patients who may be the one described, the likeliest first.

    Certain: an identifier is the same. Probable: name and birth date, and a phone number or an
    address too. Possible: name and birth date.

    Raises
    ------
    Invalid
        `operation.no_patient`: what was sent is no Patient.
    """
    if sent.get("resourceType") != "Patient":
        raise Invalid("operation.no_patient", field="resource")
    scores: dict[int, tuple[float, Document]] = {}
    for identifier in _dicts(sent.get("identifier")):
        if "value" in identifier:
            wanted = f"{identifier.get('system', '')}|{identifier['value']}"
            for found in documents.find(tx, "Patient", identifier=wanted):
                scores[found.row] = (CERTAIN, found)
    names = _names(sent)
    born = sent.get("birthDate")
    if not only_certain and names and isinstance(born, str):
        for found in documents.find(tx, "Patient", birthdate=born):
            if found.row not in scores and names & _names(found.resource):
                score = PROBABLE if _reached_alike(sent, found.resource) else POSSIBLE
                scores[found.row] = (score, found)
    ranked = sorted(scores.values(), key=lambda pair: (-pair[0], pair[1].row))[:count]
    grades = {CERTAIN: "certain", PROBABLE: "probable", POSSIBLE: "possible"}
    entries = [
        _entry(
            base,
            found,
            {
                "extension": [{"url": _GRADE, "valueCode": grades[score]}],
                "mode": "match",
                "score": score,
            },
        )
        for score, found in ranked
    ]
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return bundle | {"entry": entries} if entries else bundle


_GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"


def _dicts(value: Any) -> list[Json]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _names(patient: Json) -> set[str]:
    """Names of a person, folded: as one text, whichever way they are written."""
    found = set()
    for name in _dicts(patient.get("name")):
        given = [g for g in name.get("given", ()) if isinstance(g, str)]
        family = name.get("family", "")
        for text in (name.get("text", ""), family + "".join(given), " ".join([*given, family])):
            if folded := fold(text).replace(" ", ""):
                found.add(folded)
    return found


def _reached_alike(one: Json, other: Json) -> bool:
    return bool(_phones(one) & _phones(other) or _addresses(one) & _addresses(other))


def _phones(patient: Json) -> set[str]:
    sent = (str(t.get("value", "")) for t in _dicts(patient.get("telecom")))
    return {digits for text in sent if len(digits := "".join(filter(str.isdigit, text))) >= 7}


def _addresses(patient: Json) -> set[str]:
    found = set()
    for address in _dicts(patient.get("address")):
        lines = [line for line in address.get("line", ()) if isinstance(line, str)]
        text = address.get("text") or " ".join([*lines, address.get("city", "")])
        if folded := fold(text).replace(" ", ""):
            found.add(folded)
    return found


def expand(
    tx: Tx, url: str, *, text: str = "", count: int = 1000, offset: int = 0, language: str = ""
) -> Json:
    """A value set with its codes.

    Raises
    ------
    Missing
        `operation.value_set`: it is not known here, or its codes cannot be listed.
    """
    known = definitions.current(tx).terms
    found = known.expand(url)
    if found is None:
        raise Missing("operation.value_set", field="url", url=url)
    if text:
        wanted = fold(text)
        found = [c for c in found if wanted in fold(f"{c.code} {' '.join(c.displays.values())}")]
    page = found[offset : offset + count]
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    expansion: Json = {"timestamp": now, "total": len(found), "offset": offset}
    if page:
        expansion["contains"] = [_contained(c, language) for c in page]
    return {"resourceType": "ValueSet", "url": url, "status": "active", "expansion": expansion}


def _contained(concept: Concept, language: str) -> Json:
    made: Json = {"system": concept.system, "code": concept.code}
    if display := concept.display(language):
        made["display"] = display
    return made


def look_up(tx: Tx, system: str, code: str, *, language: str = "") -> Json:
    """What a code of a system means, as Parameters.

    Raises
    ------
    Missing
        `operation.code`: no such code in a code system known here.
    """
    terms = definitions.current(tx).terms
    found = terms.look_up(system, code)
    if found is None:
        raise Missing("operation.code", field="code", system=system, sent=code)
    name = str(terms.systems[system.partition("|")[0]].get("name", system))
    parts: list[Json] = [
        {"name": "name", "valueString": name},
        {"name": "display", "valueString": found.display(language) or code},
    ]
    for tag, display in found.displays.items():
        if tag:
            value = [
                {"name": "language", "valueCode": tag},
                {"name": "value", "valueString": display},
            ]
            parts.append({"name": "designation", "part": value})
    return {"resourceType": "Parameters", "parameter": parts}


def data_quality(tx: Tx) -> list[Finding]:
    """What partners sent that hangs in the air: references to resources that are not here."""
    return [
        Finding("warning", "fhir.dangling", source, {"reference": target})
        for source, target in lookup.dangling(tx, limit=LISTED)
    ]


LISTED = 1_000
"""Findings that a list of data quality shows at most."""


def argument(sent: Json, name: str) -> Any:
    """Value of one parameter of a Parameters resource; None if it is not there."""
    for parameter in _dicts(sent.get("parameter")):
        if parameter.get("name") == name:
            values: Iterable[Any] = (v for k, v in parameter.items() if k != "name")
            return next(iter(values), None)
    return None
