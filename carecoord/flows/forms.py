"""The assessment instruments as documents of this server."""

from carecoord.access import Caller, audit, require
from carecoord.fhir import documents as checked
from carecoord.store import documents
from carecoord.store.engine import Tx
from fhir_profiles.questionnaires import NAMES, questionnaire


def seed(tx: Tx, caller: Caller) -> tuple[str, ...]:
    """Store the Questionnaires that are missing or of another version; what was written.

    Done where people or programs begin to ask for them: when the application starts to serve, and
    when the demo generates its street. Not in `Database.open`: a command that only looks must not
    write, and the store knows no clinical content. An installation that edits a form without
    changing its `version` keeps the edit.
    """
    require(caller, "fhir.write")
    written = []
    for name in NAMES:
        form = questionnaire(name)
        present = documents.peek(tx, "Questionnaire", name)
        stored = None if present is None or present.deleted else present.resource
        if stored is not None and stored.get("version") == form["version"]:
            continue
        written.append(checked.update(tx, "Questionnaire", name, form).document.reference)
    audit.record_all(tx, caller, "form.seed", written)
    return tuple(written)
