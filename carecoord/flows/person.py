"""Persons who may be one: search, merge with both histories kept, and take it back."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Stale
from carecoord.fhir import compose, read
from carecoord.fhir import documents as checked
from carecoord.fhir.read import Json
from carecoord.flows import aliases, detect, lookalikes, register
from carecoord.model import time
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.matching import Match, Person, matches, resident_numbers
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one person, side by side."""

    match: Match
    first: Person
    second: Person


@dataclass(frozen=True, slots=True)
class Merged:
    """Both records after a merge or its undoing."""

    survivor: Document
    other: Document


def duplicates(tx: Tx, caller: Caller, code: StreetId, rules: Rules) -> list[Pair]:
    """Pairs of a street that may be one person, the most likely first."""
    require(caller, "person.read", code)
    records = [lookalikes.comparable(patient) for patient in _patients(tx, code)]
    known = {one.id: one for one in records}
    return [
        Pair(match, known[match.first], known[match.second]) for match in matches(records, rules)
    ]


def _patients(tx: Tx, code: StreetId) -> Iterator[Json]:
    elders, _ = register.elders(tx, register.street(tx, code))
    wanted = sorted(elders)
    for start in range(0, len(wanted), _AT_ONCE):
        for one in documents.find(tx, "Patient", _id=wanted[start : start + _AT_ONCE]):
            if aliases.survivor(one.resource) is None:
                yield one.resource


def merge(
    tx: Tx, caller: Caller, survivor: ElderId, other: ElderId, *, expected: int | None
) -> Merged:
    """Let `survivor` stand for both records; nothing is moved or lost.

    What names the other record is found under the survivor from now on.

    Raises
    ------
    Missing, Gone
        No such person.
    Conflict
        `document.precondition`: no version was given; `person.same`: one record, not two;
        `person.replaced`: one of them was merged into a third already;
        `person.two_numbers`: their identity numbers are valid and differ.
    Stale
        The survivor is no longer at version `expected`.
    """
    kept, gone = _both(tx, caller, survivor, other, expected)
    for one in (kept, gone):
        if (above := aliases.survivor(one.resource)) is not None:
            raise Conflict("person.replaced", person=one.id, by=above)
    mine, theirs = (
        resident_numbers(lookalikes.comparable(d.resource).residents) for d in (kept, gone)
    )
    if mine and theirs and not mine & theirs:
        raise Conflict("person.two_numbers", field="other", person=survivor, other=other)
    first = deepcopy(kept.resource)
    first.setdefault("link", []).append(_link(other, "replaces"))
    second = deepcopy(gone.resource)
    second.setdefault("link", []).append(_link(survivor, "replaced-by"))
    second["active"] = False
    return _written(tx, caller, kept, first, gone, second, "merged")


def unmerge(
    tx: Tx, caller: Caller, survivor: ElderId, other: ElderId, *, expected: int | None
) -> Merged:
    """Take a merge back: both records stand for themselves again, as active as before.

    Raises
    ------
    Missing, Gone
        No such person.
    Conflict
        `document.precondition`; `person.not_merged`: the other is not merged into this one.
    Stale
        The survivor is no longer at version `expected`.
    """
    kept, gone = _both(tx, caller, survivor, other, expected)
    if aliases.survivor(gone.resource) != survivor:
        raise Conflict("person.not_merged", field="other", person=survivor, other=other)
    first = _without_link(kept.resource, other, "replaces")
    second = _without_link(gone.resource, survivor, "replaced-by")
    second.pop("active", None)
    was = _active_before(tx, gone)
    if was is not None:
        second["active"] = was
    return _written(tx, caller, kept, first, gone, second, "unmerged")


def _both(
    tx: Tx, caller: Caller, survivor: ElderId, other: ElderId, expected: int | None
) -> tuple[Document, Document]:
    if survivor == other:
        raise Conflict("person.same", field="other", person=survivor)
    # In one order, so that two merges of the same pair cannot wait for each other.
    for id_ in sorted((survivor, other)):
        documents.peek(tx, "Patient", id_, lock=True)
    found = [documents.read(tx, "Patient", id_) for id_ in (survivor, other)]
    for one in found:
        require(caller, "person.merge", register.elder_street(tx, one.resource))
    if expected is None:
        raise Conflict("document.precondition", field="If-Match")
    kept, gone = found
    if kept.version != expected:
        raise Stale(
            "document.moved",
            type="Patient",
            id=survivor,
            expected=expected,
            present=kept.version,
        )
    return kept, gone


def _written(
    tx: Tx,
    caller: Caller,
    kept: Document,
    first: Json,
    gone: Document,
    second: Json,
    deed: str,
) -> Merged:
    done = []
    for before, after in ((kept, first), (gone, second)):
        made = checked.update(tx, "Patient", before.id, after, expected=before.version).document
        provenance = compose.provenance(
            made.reference,
            made.version,
            f"person-{deed}",
            caller.id,
            caller.organization,
            time.now(),
        )
        documents.create(tx, provenance)
        audit.record(tx, caller, f"person.{deed}", made.reference)
        done.append(made)
    both = [ElderId(one.id) for one in done]
    detect.touched(tx, both, registered=both)
    return Merged(*done)


def _link(other: ElderId, kind: str) -> Json:
    return {"other": compose.ref("Patient", other), "type": kind}


def _without_link(patient: Json, other: ElderId, kind: str) -> Json:
    changed = deepcopy(patient)
    links = [
        link
        for link in changed.pop("link", ())
        if not (link.get("type") == kind and read.reference(link.get("other"), "Patient") == other)
    ]
    if links:
        changed["link"] = links
    return changed


def _active_before(tx: Tx, replaced: Document) -> bool | None:
    """What the newest version before the merge said of being active."""
    for version in documents.history(tx, "Patient", replaced.id):
        if not version.deleted and aliases.survivor(version.resource) is None:
            found = version.resource.get("active")
            return found if isinstance(found, bool) else None
    return None
