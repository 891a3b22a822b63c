"""Duplicates, omissions, mismatches: found on every change and every night, decided by people."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass

from carecoord.access import Caller, audit, everything, require
from carecoord.errors import Conflict, Invalid, Missing
from carecoord.fhir import compose, issues, read
from carecoord.fhir import documents as checked
from carecoord.fhir.issues import Deed, Issue
from carecoord.fhir.read import Json
from carecoord.flows import aliases, facts, lookalikes, register, wording
from carecoord.model import time
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.issues import STATES, Finding, move
from carecoord.model.matching import matches
from carecoord.model.policy import Rules
from carecoord.packs.load import load
from carecoord.planning.detect import (
    PersonFacts,
    Rate,
    duplicates,
    mismatches,
    omissions,
    rates,
    same_persons,
)
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from carecoord.text import sentence

_TYPES = frozenset(
    "Patient CarePlan EpisodeOfCare ServiceRequest QuestionnaireResponse Observation Encounter "
    "Appointment Communication Claim Condition".split()
)
"""Types of resources whose change can bring or end a finding."""

PAIR = "duplicate.person"
"""The kind that is about two records."""

_ACTOR = everything("detectors")
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the detectors changed; `found` counts everything that is there now."""

    found: int = 0
    opened: int = 0
    updated: int = 0
    closed: int = 0
    reopened: int = 0


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


# ---- detection ----


def street(tx: Tx, caller: Caller, code: StreetId, rules: Rules) -> Outcome:
    """Run every detector over a street; doing it twice changes nothing.

    rules
        Of the street on the day that is looked at.

    Raises
    ------
    Missing
        No such street.
    """
    require(caller, "issue.detect", code)
    documents.hold(tx, f"issues/{code}")
    patients = _patients(tx, code)
    found = [*_of_persons(facts.gather(tx, code, patients, rules), rules)]
    found += same_persons(matches(map(lookalikes.comparable, _current(patients)), rules))
    return _settle(tx, code, found, _stored(tx, code), rules)


def touched(tx: Tx, elders: Iterable[ElderId], *, registered: Collection[ElderId] = ()) -> Outcome:
    """Run the detectors for persons whose record has just changed, each in their street.

    registered
        Those whose Patient changed: only they are compared with the other records.
    """
    by_street: dict[StreetId, dict[ElderId, Json]] = defaultdict(dict)
    seen: set[ElderId] = set()
    for elder in elders:
        # A record that was merged is settled too: what was found about it is found above now.
        for one in aliases.upwards(tx, elder):
            if one.id not in seen and (code := register.elder_street(tx, one.resource)):
                by_street[code][ElderId(one.id)] = one.resource
            seen.add(ElderId(one.id))
    did: Counter[str] = Counter()
    for code, patients in sorted(by_street.items()):
        documents.hold(tx, f"issues/{code}")
        did.update(asdict(_of_some(tx, code, patients, registered)))
    return Outcome(**did)


def react(tx: Tx, changed: Iterable[Document]) -> Outcome:
    """Run the detectors for whoever these documents are about."""
    written = list(changed)
    registered = {ElderId(one.id) for one in written if one.type == "Patient"}
    about = dict.fromkeys(elder for document in written for elder in _about(tx, document))
    return touched(tx, about, registered=registered)


def _about(tx: Tx, document: Document) -> Iterable[ElderId]:
    if document.type not in _TYPES:
        return
    if document.deleted:
        versions = documents.history(tx, document.type, document.id, limit=2)
        document = versions[-1]
        if document.deleted:
            return
    if document.type == "Patient":
        yield ElderId(document.id)
        return
    resource = document.resource
    named = [resource.get("subject"), resource.get("patient")]
    named += [p.get("actor") for p in resource.get("participant", ()) if isinstance(p, dict)]
    for one in named:
        if id_ := read.reference(one, "Patient"):
            yield ElderId(id_)


def _of_some(
    tx: Tx, code: StreetId, patients: Mapping[ElderId, Json], registered: Collection[ElderId]
) -> Outcome:
    rules = load().on(time.today(), code)
    found = [*_of_persons(facts.gather(tx, code, patients, rules), rules)]
    compared = {elder: one for elder, one in patients.items() if elder in registered}
    present = {
        id_: issue
        for id_, issue in _stored_of(tx, patients).items()
        if issue.code != PAIR or compared.keys() & {issue.elder, *issue.others}
    }
    # Records that an issue names stay candidates, however the pair was first found.
    named = {other for one in present.values() for other in (one.elder, *one.others)}
    for elder, patient in compared.items():
        if aliases.survivor(patient) is None:
            others = lookalikes.candidates(tx, code, patient, named - {elder})
            records = map(lookalikes.comparable, [patient, *others])
            found += same_persons(matches(records, rules, of=elder))
    unique = {one.id: one for one in found}
    return _settle(tx, code, unique.values(), present, rules)


def _of_persons(known: Iterable[PersonFacts], rules: Rules) -> Iterable[Finding]:
    for person in known:
        yield from duplicates(person, rules)
        yield from omissions(person, rules)
        yield from mismatches(person, rules)


def _patients(tx: Tx, code: StreetId) -> dict[ElderId, Json]:
    ids, _ = register.elders(tx, register.street(tx, code))
    wanted = sorted(ids)
    return {
        ElderId(one.id): one.resource
        for start in range(0, len(wanted), _AT_ONCE)
        for one in documents.find(tx, "Patient", _id=wanted[start : start + _AT_ONCE])
    }


def _current(patients: Mapping[ElderId, Json]) -> list[Json]:
    return [one for one in patients.values() if aliases.survivor(one) is None]


def _stored(tx: Tx, code: StreetId) -> dict[str, Issue]:
    found = documents.find(tx, "DetectedIssue", _tag=f"{read.DIVISION}|{code}")
    return {one.id: known for one in found if (known := issues.issue(one.resource))}


def _stored_of(tx: Tx, elders: Iterable[ElderId]) -> dict[str, Issue]:
    """Issues of these persons, and those of others that name them."""
    refs = [f"Patient/{elder}" for elder in elders]
    found = [
        *documents.find(tx, "DetectedIssue", patient=refs),
        *documents.find(tx, "DetectedIssue", implicated=refs),
    ]
    return {one.id: known for one in found if (known := issues.issue(one.resource))}


def _settle(
    tx: Tx,
    code: StreetId,
    found: Iterable[Finding],
    present: Mapping[str, Issue],
    rules: Rules,
) -> Outcome:
    """Bring what is stored in line with what was found."""
    now = {finding.id: finding for finding in found}
    did: Counter[str] = Counter()
    words = wording.Words(rules)
    for finding in now.values():
        known = present.get(finding.id) or _elsewhere(tx, finding.id)
        if known is None:
            text = words.say(finding.code, finding.facts)
            made = issues.detected(finding, code, text, time.now())
            checked.update(tx, "DetectedIssue", finding.id, made)
            audit.record(tx, _ACTOR, "issue.open", f"DetectedIssue/{finding.id}")
            did["opened"] += 1
        elif deed := _again(known, finding, code):
            _rewrite(tx, known, finding, code, words, reopen=deed == "reopened")
            did[deed] += 1
    for known in present.values():
        if known.id not in now and known.state in ("open", "acknowledged", "resolved"):
            _close(tx, known)
            did["closed"] += 1
    return Outcome(found=len(now), **did)


def _elsewhere(tx: Tx, id_: str) -> Issue | None:
    """The issue as it was kept in the street from which the person moved here."""
    stored = documents.peek(tx, "DetectedIssue", id_)
    return None if stored is None or stored.deleted else issues.issue(stored.resource)


def _again(known: Issue, finding: Finding, code: StreetId) -> str:
    """What becomes of an issue that is found again: nothing while its facts are the same."""
    if known.state == "closed":
        return "reopened"
    if known.fingerprint == finding.fingerprint:
        return "" if known.street == code else "updated"
    return "updated" if known.state in ("open", "acknowledged") else "reopened"


def _rewrite(
    tx: Tx,
    known: Issue,
    finding: Finding,
    code: StreetId,
    words: wording.Words,
    *,
    reopen: bool,
) -> None:
    stored = documents.read(tx, "DetectedIssue", known.id)
    text = words.say(finding.code, finding.facts)
    changed = issues.described(stored.resource, finding, code, text)
    if reopen:
        changed = issues.moved(changed, "open", _deed("reopened", sentence("issue.reopened", {})))
        audit.record(tx, _ACTOR, "issue.reopen", stored.reference)
    checked.update(tx, "DetectedIssue", known.id, changed, expected=stored.version)


def _close(tx: Tx, known: Issue) -> None:
    stored = documents.read(tx, "DetectedIssue", known.id)
    deed = _deed("closed", sentence("issue.gone", {}))
    changed = issues.moved(stored.resource, "closed", deed)
    checked.update(tx, "DetectedIssue", known.id, changed, expected=stored.version)
    audit.record(tx, _ACTOR, "issue.close", stored.reference)


def _deed(action: str, text: str, who: str = "") -> Deed:
    return Deed(action, text, compose.stamp(time.now()), who)


# ---- reading ----


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
    every = list(_stored(tx, code).values())
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


def street_rates(tx: Tx, caller: Caller, code: StreetId, rules: Rules) -> list[Rate]:
    """The indicators K1 to K6 and the rate of every kind, counted from the facts of now."""
    require(caller, "issue.read", code)
    patients = _patients(tx, code)
    known = facts.gather(tx, code, patients, rules)
    found = [*_of_persons(known, rules)]
    found += same_persons(matches(map(lookalikes.comparable, _current(patients)), rules))
    return rates(known, found, rules, persons=len(_current(patients)))


# ---- deciding ----


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
    changed = issues.moved(stored.resource, to, _deed(to, text.strip(), caller.id))
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
