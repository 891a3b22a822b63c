"""What people do about findings: look, take on, resolve, dismiss."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Invalid, Missing
from carecoord.fhir import compose, issues, read
from carecoord.fhir import documents as checked
from carecoord.fhir.issues import Issue
from carecoord.fhir.read import Json
from carecoord.flows import detect, register
from carecoord.model import time
from carecoord.model.ids import StreetId
from carecoord.model.issues import STATES, move
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


@dataclass(frozen=True, slots=True)
class Listing:
    """Issues of a street.

    states, codes
        How many there are of each, whatever the filter.
    total
        How many match the filter.
    """

    issues: tuple[Issue, ...]
    total: int
    states: Mapping[str, int]
    codes: Mapping[str, int]


def listing(
    tx: Tx,
    caller: Caller,
    code: StreetId,
    *,
    states: Collection[str] = ("open", "acknowledged"),
    codes: Collection[str] = (),
    severities: Collection[str] = (),
    elder: str = "",
    offset: int = 0,
    limit: int = 100,
) -> Listing:
    """Issues of a street, the gravest and newest first.

    codes
        Kinds (`duplicate.item`) or families (`duplicate`); empty = every kind.

    Raises
    ------
    Missing
        No such street.
    Invalid
        `issue.state`: not a state.
    """
    require(caller, "issue.read", code)
    register.street(tx, code)
    for state in states:
        if state not in STATES:
            allowed = ", ".join(STATES)
            raise Invalid("issue.state", field="state", state=state, allowed=allowed)
    every = list(detect.stored(tx, code).values())
    shown = [
        one
        for one in every
        if (not states or one.state in states)
        and (not codes or one.code in codes or one.family in codes)
        and (not severities or one.severity in severities)
        and (not elder or elder in (one.elder, *one.others))
    ]
    shown.sort(key=lambda one: one.id)
    shown.sort(key=lambda one: one.since, reverse=True)
    shown.sort(key=lambda one: _GRAVITY.get(one.severity, 9))
    return Listing(
        issues=tuple(shown[offset : offset + limit]),
        total=len(shown),
        states=Counter(one.state for one in every),
        codes=Counter(one.code for one in every if one.state in ("open", "acknowledged")),
    )


_GRAVITY = {"high": 0, "moderate": 1, "low": 2}


def one(tx: Tx, caller: Caller, code: StreetId, issue: str) -> Issue:
    """One issue of a street.

    Raises
    ------
    Missing
        `issue.none`: the street has no such issue.
    """
    require(caller, "issue.read", code)
    return _read(tx, code, issue)[1]


def acknowledge(
    tx: Tx, caller: Caller, code: StreetId, issue: str, *, note: str, expected: int | None
) -> Issue:
    """Somebody has seen it and takes care of it."""
    return _decide(tx, caller, code, issue, "acknowledged", note, expected)


def resolve(
    tx: Tx, caller: Caller, code: StreetId, issue: str, *, action: str, expected: int | None
) -> Issue:
    """Something was done about it; `action` says what.

    Raises
    ------
    Invalid
        `issue.action_missing`.
    """
    if not action.strip():
        raise Invalid("issue.action_missing", field="action")
    return _decide(tx, caller, code, issue, "resolved", action, expected)


def dismiss(
    tx: Tx, caller: Caller, code: StreetId, issue: str, *, reason: str, expected: int | None
) -> Issue:
    """It is none; it stays dismissed until its facts change.

    Raises
    ------
    Invalid
        `issue.reason_missing`.
    """
    if not reason.strip():
        raise Invalid("issue.reason_missing", field="reason")
    return _decide(tx, caller, code, issue, "dismissed", reason, expected)


def _decide(
    tx: Tx,
    caller: Caller,
    code: StreetId,
    issue: str,
    to: str,
    text: str,
    expected: int | None,
) -> Issue:
    """One step of the workflow.

    Raises
    ------
    Conflict
        `document.precondition`: no version was given; `issue.move`.
    Stale
        It is no longer at version `expected`.
    """
    require(caller, "issue.write", code)
    stored, known = _read(tx, code, issue)
    if expected is None:
        raise Conflict("document.precondition", field="If-Match")
    move(issue, known.state, to)
    changed = issues.moved(stored.resource, to, detect.deed_now(to, text.strip(), caller.id))
    made = checked.update(tx, "DetectedIssue", issue, changed, expected=expected).document
    provenance = compose.provenance(
        made.reference, made.version, f"issue-{to}", caller.id, caller.organization, time.now()
    )
    documents.create(tx, provenance)
    audit.record(tx, caller, f"issue.{to}", made.reference)
    found = issues.issue(made.resource)
    assert found is not None
    return found


def _read(tx: Tx, code: StreetId, issue: str) -> tuple[Document, Issue]:
    stored = documents.peek(tx, "DetectedIssue", issue)
    known = None if stored is None or stored.deleted else issues.issue(stored.resource)
    if stored is None or known is None or not _of_street(stored.resource, code):
        raise Missing("issue.none", issue=issue, street=code)
    return stored, known


def _of_street(resource: Json, code: StreetId) -> bool:
    tags = resource.get("meta", {}).get("tag", ())
    return any(t.get("system") == read.DIVISION and t.get("code") == code for t in tags)
