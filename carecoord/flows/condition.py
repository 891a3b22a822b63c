"""What happened to a person since they were assessed, under every record they have."""

from collections.abc import Iterable
from datetime import date

from carecoord.access import Caller, audit, require
from carecoord.errors import Invalid
from carecoord.fhir import assessments, compose, read
from carecoord.fhir import documents as checked
from carecoord.flows import aliases, register
from carecoord.model import time
from carecoord.model.assessment import Change
from carecoord.model.ids import ElderId
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

KINDS = "assessment.change_events"
DIAGNOSES = "assessment.change_diagnoses"


def person(tx: Tx, elder: ElderId) -> tuple[str, tuple[ElderId, ...]]:
    """Key of a person, and every Patient with the same identity number or merged into one of them.

    Raises
    ------
    Missing, Gone
        No such elder.
    """
    patient = documents.read(tx, "Patient", elder).resource
    number = read.identifier(patient, read.RESIDENT)
    merged = aliases.known_as(tx, elder)
    if not number:
        return merged[0], merged
    same = documents.find(tx, "Patient", identifier=f"{read.RESIDENT}|{number}")
    return number, tuple(sorted({*merged, *(ElderId(one.id) for one in same)}))


def changes(tx: Tx, records: Iterable[ElderId], rules: Rules) -> list[Change]:
    """Changes of condition: reported ones, discharges from hospital, new diagnoses."""
    subjects = [f"Patient/{one}" for one in records]
    kinds = rules.texts(KINDS)
    codes = [f"{read.system('change-event')}|{kind}" for kind in kinds]
    reported = documents.find(tx, "Observation", subject=subjects, code=codes)
    stays = documents.find(tx, "Encounter", subject=subjects, status="finished")
    found = [
        *assessments.reported_changes(one.resource for one in reported),
        *assessments.discharges(one.resource for one in stays),
    ]
    if DIAGNOSES in rules:
        listed = {
            kind: [str(code) for code in codes if isinstance(code, str)]
            for kind, codes in rules.table(DIAGNOSES).items()
            if isinstance(codes, tuple)
        }
        known = documents.find(tx, "Condition", subject=subjects)
        found += assessments.new_diagnoses((one.resource for one in known), listed)
    return [one for one in found if one.kind in kinds]


def report(
    tx: Tx, caller: Caller, elder: ElderId, kind: str, day: date, note: str, rules: Rules
) -> Document:
    """Write down a change of condition; the same kind on the same day once.

    Raises
    ------
    Missing
        No such elder.
    Invalid
        `assessment.change_kind`; `assessment.change_day`: a day that lies ahead.
    """
    patient = documents.read(tx, "Patient", elder)
    require(caller, "assessment.write", register.elder_street(tx, patient.resource))
    kinds = rules.texts(KINDS)
    if kind not in kinds:
        allowed = ", ".join(kinds)
        raise Invalid("assessment.change_kind", field="kind", got=kind, allowed=allowed)
    if day > time.today():
        raise Invalid("assessment.change_day", field="day", got=day.isoformat())
    id_ = compose.derived_id("change", elder, kind, day.isoformat())
    made = assessments.change_event(id_, elder, kind, day, note, caller.id)
    stored = checked.update(tx, "Observation", id_, made).document
    audit.record(tx, caller, "assessment.change", stored.reference)
    return stored
