"""Duplicates, omissions, mismatches: found on every change and every night, decided by people."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field

from carecoord.access import Caller, audit, everything, require
from carecoord.fhir import compose, issues, read
from carecoord.fhir import documents as checked
from carecoord.fhir.issues import Deed, Issue
from carecoord.fhir.read import Json
from carecoord.flows import aliases, facts, lookalikes, register, wording
from carecoord.model import time
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.issues import Finding
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
    patients = _patients(tx, code)
    found = [*_of_persons(facts.gather(tx, code, patients, rules), rules)]
    found += same_persons(matches(map(lookalikes.comparable, _current(patients)), rules))
    return _settle(tx, code, found, stored(tx, code), rules)


@dataclass(slots=True)
class Waiting:
    """Persons whose records changed while the detectors were postponed.

    registered
        Those whose Patient changed.
    """

    elders: dict[ElderId, None] = field(default_factory=dict)
    registered: set[ElderId] = field(default_factory=set)


_postponed: ContextVar[Waiting | None] = ContextVar("postponed", default=None)


@contextmanager
def postponed() -> Iterator[Waiting]:
    """Let many changes pass and only note whom they are about.

    For a load of many resources, where looking at each person after each change would take
    longer than the load: afterwards run `touched` for those noted, or `street` for all.
    """
    waiting = Waiting()
    before = _postponed.set(waiting)
    try:
        yield waiting
    finally:
        _postponed.reset(before)


def touched(tx: Tx, elders: Iterable[ElderId], *, registered: Collection[ElderId] = ()) -> Outcome:
    """Run the detectors for persons whose record has just changed, each in their street.

    registered
        Those whose Patient changed: only they are compared with the other records.
    """
    if (waiting := _postponed.get()) is not None:
        waiting.elders |= dict.fromkeys(elders)
        waiting.registered |= set(registered)
        return Outcome()
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


def stored(tx: Tx, code: StreetId) -> dict[str, Issue]:
    """Every finding kept of a street, by id."""
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
    # In the order of ids, so that two runs never wait for each other crosswise.
    for _, finding in sorted(now.items()):
        known = present.get(finding.id) or _elsewhere(tx, finding.id)
        if known is None:
            text = words.say(finding.code, finding.facts)
            made = issues.detected(finding, code, text, time.now())
            checked.update(tx, "DetectedIssue", finding.id, made)
            audit.record(tx, _ACTOR, "issue.open", f"DetectedIssue/{finding.id}")
            did["opened"] += 1
        elif deed := _again(known, finding, code):
            did[deed] += _rewrite(tx, known, finding, code, words, reopen=deed == "reopened")
    for _, known in sorted(present.items()):
        if known.id not in now and known.state in ("open", "acknowledged", "resolved"):
            did["closed"] += _close(tx, known)
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
) -> bool:
    stored = _unmoved(tx, known)
    if stored is None:
        return False
    text = words.say(finding.code, finding.facts)
    changed = issues.described(stored.resource, finding, code, text)
    if reopen:
        changed = issues.moved(
            changed, "open", deed_now("reopened", sentence("issue.reopened", {}))
        )
        audit.record(tx, _ACTOR, "issue.reopen", stored.reference)
    checked.update(tx, "DetectedIssue", known.id, changed, expected=stored.version)
    return True


def _unmoved(tx: Tx, known: Issue) -> Document | None:
    """The stored issue, unless somebody changed it since it was read: the next run looks again."""
    stored = documents.peek(tx, "DetectedIssue", known.id, lock=True)
    return stored if stored is not None and stored.version == known.version else None


def _close(tx: Tx, known: Issue) -> bool:
    stored = _unmoved(tx, known)
    if stored is None:
        return False
    deed = deed_now("closed", sentence("issue.gone", {}))
    changed = issues.moved(stored.resource, "closed", deed)
    checked.update(tx, "DetectedIssue", known.id, changed, expected=stored.version)
    audit.record(tx, _ACTOR, "issue.close", stored.reference)
    return True


def deed_now(action: str, text: str, who: str = "") -> Deed:
    """Something that is done to an issue now; `who` is empty for the engine."""
    return Deed(action, text, compose.stamp(time.now()), who)


def street_rates(tx: Tx, caller: Caller, code: StreetId, rules: Rules) -> list[Rate]:
    """The indicators K1 to K6 and the rate of every kind, counted from the facts of now."""
    require(caller, "issue.read", code)
    patients = _patients(tx, code)
    known = facts.gather(tx, code, patients, rules)
    found = [*_of_persons(known, rules)]
    found += same_persons(matches(map(lookalikes.comparable, _current(patients)), rules))
    return rates(known, found, rules, persons=len(_current(patients)))
