"""Resources come in: through HTTP, from a file, from the engine's own steps, all through here."""

from collections.abc import Iterable

from carecoord.access import Caller, audit, require
from carecoord.errors import CareError
from carecoord.fhir import bundle as bundles
from carecoord.fhir import documents
from carecoord.fhir.bundle import Outcome
from carecoord.fhir.documents import Change
from carecoord.fhir.read import Json
from carecoord.flows import (
    detect,
    gate,
    referral,
    register,
    shifts,
    stay,
    subscriptions,
    upward,
)
from carecoord.model.ids import ElderId, StreetId
from carecoord.store import documents as store
from carecoord.store import territory
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from carecoord.text import Language
from carecoord.text.catalogue import DEFAULT


def submit_bundle(tx: Tx, caller: Caller, bundle: Json, *, language: Language = DEFAULT) -> Outcome:
    """Carry out a transaction, batch or collection, and receive the referrals in it.

    Raises
    ------
    CareError
        Refused as a whole; `field` names the entry. The transaction must be undone.
    """
    require(caller, "fhir.write")
    if bundle.get("type") == "batch" and gate.concerns(bundle):
        return _one_by_one(tx, caller, bundle, language)
    outcome = bundles.process(tx, gate.versioned(tx, bundle), language=language)
    _react(tx, caller, outcome.changes)
    return outcome


def _one_by_one(tx: Tx, caller: Caller, batch: Json, language: Language) -> Outcome:
    """A batch in which an entry may fail for what it does to a referral, and fails alone."""
    parts: list[Json] = []
    changes: list[Change] = []
    for item in batch["entry"]:
        single = batch | {"entry": [item]}
        try:
            with tx.begin_nested():
                done = bundles.process(tx, gate.versioned(tx, single), language=language)
                _react(tx, caller, done.changes)
        except CareError as error:
            parts.append({"response": bundles.refusal(error, language)})
        else:
            parts += done.response["entry"]
            changes += done.changes
    response: Json = {"resourceType": "Bundle", "type": "batch-response", "entry": parts}
    return Outcome(response, tuple(changes))


def count_to_street(
    tx: Tx, caller: Caller, changes: Iterable[Change], street: StreetId
) -> list[ElderId]:
    """Let a street plan for those new patients whose own resource names no organisation of one.

    Raises
    ------
    Missing
        There is no such street.
    """
    require(caller, "street.write", street)
    register.street(tx, street)
    homeless = [
        ElderId(change.document.id)
        for change in changes
        if change.document.type == "Patient"
        and change.deed != "deleted"
        and register.elder_street(tx, change.document.resource) is None
    ]
    territory.assign(tx, homeless, street)
    audit.record_all(tx, caller, "street.assign", (f"Patient/{patient}" for patient in homeless))
    return homeless


def create(tx: Tx, caller: Caller, resource: Json, *, id: str | None = None) -> Document:  # noqa: A002
    """Store one new resource."""
    require(caller, "fhir.write")
    change = documents.create(tx, resource, id=id)
    _react(tx, caller, (change,))
    return _as_it_stands(tx, change.document)


def update(
    tx: Tx,
    caller: Caller,
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    resource: Json,
    *,
    expected: int | None = None,
) -> Change:
    """Store a new version of one resource; a body equal to what is stored changes nothing."""
    require(caller, "fhir.write")
    expected = gate.expected(tx, type, id, resource, expected)
    resource = gate.named(tx, type, id, resource)
    change = documents.update(tx, type, id, resource, expected=expected)
    _react(tx, caller, (change,))
    return Change(change.deed, _as_it_stands(tx, change.document))


def delete(
    tx: Tx,
    caller: Caller,
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    *,
    expected: int | None = None,
) -> Document | None:
    """Delete one resource; None when there was none."""
    require(caller, "fhir.write")
    change = documents.delete(tx, type, id, expected=expected)
    if change is None:
        return None
    _react(tx, caller, (change,))
    return change.document


def _react(tx: Tx, caller: Caller, changes: tuple[Change, ...]) -> None:
    for deed in ("created", "updated", "deleted"):
        written = [c.document for c in changes if c.deed == deed]
        audit.record_all(tx, caller, f"fhir.{deed}", (d.reference for d in written))
    for change in changes:
        gate.judge(tx, caller, change)
        subscriptions.react(tx, change)
    for change in changes:
        upward.react(tx, caller, change)
        if change.document.type == "Task" and change.deed in ("created", "updated"):
            referral.receive(tx, caller, change.document)
    stay.react(tx, caller, changes)
    shifts.react(tx, changes)
    detect.react(tx, [change.document for change in changes if change.deed != "unchanged"])


def _as_it_stands(tx: Tx, written: Document) -> Document:
    """The newest version: receiving a referral may have made one more."""
    return store.read(tx, written.type, written.id)
