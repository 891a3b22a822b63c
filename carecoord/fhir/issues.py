"""Findings in FHIR: one DetectedIssue each, with evidence, pack rows and what people decided.

The state stands in `meta.tag` beside the street, so that both can be searched; `status` says the
same in FHIR's words.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from carecoord.errors import Fact
from carecoord.fhir import compose, evidence, read, rules
from carecoord.fhir.read import Json
from carecoord.model.ids import ElderId
from carecoord.model.issues import DEMAND, Evidence, Finding
from carecoord.model.policy import RuleRef

STATE = read.system("issue-state")
NUMBER = f"{read.BASE}/sid/finding"
STATUS = {
    "open": "preliminary",
    "acknowledged": "final",
    "resolved": "final",
    "dismissed": "entered-in-error",
    "closed": "final",
}
"""State to DetectedIssue.status, by codes that R4 and R4B both know. A dismissed one was none."""

_FACTS, _FINGERPRINT = "issue-facts", "issue-fingerprint"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was decided about an issue: `acknowledged`, `resolved`, `dismissed`,
    `closed`, `reopened`."""

    action: str
    text: str
    at: str
    who: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One stored finding and what became of it.

    since
        When it was first found, as stored.
    """

    id: str
    version: int
    street: str
    code: str
    state: str
    severity: str
    elder: ElderId
    others: tuple[ElderId, ...]
    facts: Mapping[str, Fact]
    evidence: tuple[Evidence, ...]
    rules: tuple[RuleRef, ...]
    deeds: tuple[Deed, ...]
    since: str
    fingerprint: str

    @property
    def family(self) -> str:
        """`duplicate`, `omission` or `mismatch`."""
        return self.code.partition(".")[0]


def detected(finding: Finding, street: str, sentence: str, at: datetime) -> Json:
    """A finding that was not there before, open."""
    found: Json = {
        "resourceType": "DetectedIssue",
        "id": finding.id,
        "meta": {"tag": [{"system": STATE, "code": "open"}]},
        "identifier": [{"system": NUMBER, "value": finding.id}],
        "status": STATUS["open"],
        "patient": compose.ref("Patient", finding.elder),
        "identifiedDateTime": compose.stamp(at),
    }
    return described(found, finding, street, sentence)


def described(issue: Json, finding: Finding, street: str, sentence: str) -> Json:
    """A copy that says what was found now, and in which street; state and history stay."""
    changed = deepcopy(issue)
    tags = [t for t in changed.get("meta", {}).get("tag", ()) if t.get("system") != read.DIVISION]
    place = {"system": read.DIVISION, "code": street}
    changed["meta"] = {**changed.get("meta", {}), "tag": [place, *tags]}
    changed["extension"] = [
        _facts(finding.facts),
        {"url": read.extension_url(_FINGERPRINT), "valueString": finding.fingerprint},
        *rules.extensions(finding.rules),
    ]
    changed["code"] = compose.concept("detected-issue", finding.code)
    changed["severity"] = finding.severity
    changed["detail"] = sentence
    implicated = dict.fromkeys(
        ref for one in finding.evidence for ref in one.refs if not ref.startswith(DEMAND)
    )
    implicated |= dict.fromkeys(f"Patient/{id_}" for id_ in finding.others)
    changed.pop("implicated", None)
    if implicated:
        changed["implicated"] = [{"reference": ref} for ref in implicated]
    changed.pop("evidence", None)
    if finding.evidence:
        changed["evidence"] = [_evidence(one) for one in finding.evidence]
    return changed


def moved(issue: Json, state: str, deed: Deed) -> Json:
    """A copy in another state, with the deed kept as a mitigation."""
    changed = deepcopy(issue)
    tags = [t for t in changed.get("meta", {}).get("tag", ()) if t.get("system") != STATE]
    changed.setdefault("meta", {})["tag"] = [*tags, {"system": STATE, "code": state}]
    changed["status"] = STATUS[state]
    mitigation: Json = {
        "action": compose.concept("issue-action", deed.action, deed.text),
        "date": deed.at,
    }
    if deed.who:
        mitigation["author"] = {"display": deed.who}
    changed.setdefault("mitigation", []).append(mitigation)
    return changed


def issue(resource: Json) -> Issue | None:
    """A stored finding; None for a DetectedIssue of somebody else."""
    codes = read.codes(resource.get("code"), read.system("detected-issue"))
    fingerprint = read.extension_value(resource, _FINGERPRINT)
    if not codes or not isinstance(fingerprint, str):
        return None
    tags = resource.get("meta", {}).get("tag", ())
    elder = read.reference(resource.get("patient"), "Patient")
    named = (read.reference(one, "Patient") for one in resource.get("implicated", ()))
    return Issue(
        id=str(resource["id"]),
        version=int(resource.get("meta", {}).get("versionId", 0) or 0),
        street=next((t["code"] for t in tags if t.get("system") == read.DIVISION), ""),
        code=codes[0],
        state=next((t["code"] for t in tags if t.get("system") == STATE), "open"),
        severity=str(resource.get("severity", "low")),
        elder=ElderId(elder),
        others=tuple(ElderId(id_) for id_ in named if id_ and id_ != elder),
        facts=_read_facts(resource),
        evidence=tuple(_read_evidence(one) for one in resource.get("evidence", ())),
        rules=rules.refs(resource),
        deeds=tuple(_deeds(resource.get("mitigation", ()))),
        since=str(resource.get("identifiedDateTime", "")),
        fingerprint=fingerprint,
    )


def _facts(facts: Mapping[str, Fact]) -> Json:
    parts: list[Json] = [
        {"url": name, "valueInteger" if isinstance(value, int) else "valueString": value}
        for name, value in facts.items()
    ]
    return {"url": read.extension_url(_FACTS), "extension": parts}


def _evidence(one: Evidence) -> Json:
    found: Json = {"code": [compose.concept("issue-evidence", one.code)]}
    if one.facts:
        found["extension"] = [_facts(one.facts)]
    if one.refs:
        found["detail"] = [_detail(ref) for ref in one.refs]
    return found


def _detail(ref: str) -> Json:
    if not ref.startswith(DEMAND):
        return {"reference": ref}
    number = {"system": evidence.VISIT, "value": ref.removeprefix(DEMAND)}
    return {"type": "Appointment", "identifier": number}


def _read_facts(element: Json) -> dict[str, Fact]:
    for one in read.extensions(element, read.extension_url(_FACTS)):
        return {k: v for k, v in read.parts(one).items() if isinstance(v, str | int)}
    return {}


def _read_evidence(one: Json) -> Evidence:
    codes = read.codes(one.get("code"), read.system("issue-evidence"))
    refs = tuple(filter(None, (_read_detail(detail) for detail in one.get("detail", ()))))
    return Evidence(codes[0] if codes else "", _read_facts(one), refs)


def _read_detail(detail: Json) -> str:
    named: dict[str, Any] = detail.get("identifier", {})
    if named.get("system") == evidence.VISIT:
        return f"{DEMAND}{named.get('value', '')}"
    return str(detail.get("reference", ""))


def _deeds(mitigations: Iterable[Json]) -> Iterable[Deed]:
    for one in mitigations:
        action = one.get("action", {})
        codes = read.codes(action, read.system("issue-action"))
        yield Deed(
            action=codes[0] if codes else "",
            text=str(action.get("text", "")),
            at=str(one.get("date", "")),
            who=str(one.get("author", {}).get("display", "")),
        )
