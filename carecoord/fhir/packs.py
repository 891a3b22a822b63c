"""What goes along with somebody who is sent to hospital: one FHIR document Bundle, and slips."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from uuid import uuid4

from carecoord.fhir import read
from carecoord.fhir.compose import concept, ref, stamp
from carecoord.fhir.read import Json

LOINC = "http://loinc.org"

SECTIONS: tuple[tuple[str, str, str], ...] = (
    ("plan", "18776-5", "照护计划 Plan of care"),
    ("problems", "11450-4", "诊断与问题 Problems"),
    ("medicines", "10160-0", "用药 Medicines"),
    ("allergies", "48765-2", "过敏 Allergies"),
    ("vitals", "8716-3", "近期体征与趋势 Vital signs and trend"),
    ("visits", "46240-8", "近期上门 Last visits"),
    ("contacts", "79191-3", "联系人 Contacts"),
    ("consent", "59284-0", "知情同意 Consent"),
)
"""Key, LOINC code and title of each section of an up-referral, in order."""


def document(
    patient: Json,
    author: Json,
    reasons: Sequence[str],
    sections: Mapping[str, Sequence[Json]],
    at: datetime,
) -> Json:
    """The pack of an up-referral: a Composition first, then everything it names."""
    entries = {"patient": patient, "author": author}
    parts: list[Json] = [
        {
            "title": "转诊原因 Reason",
            "code": {"coding": [{"system": LOINC, "code": "42349-1"}]},
            "text": _text(reasons or ("-",)),
        }
    ]
    for key, code, title in SECTIONS:
        held = sections.get(key, ())
        part: Json = {"title": title, "code": {"coding": [{"system": LOINC, "code": code}]}}
        if held:
            part["text"] = _text(_told(one) for one in held)
            part["entry"] = [ref(str(o["resourceType"]), str(o["id"])) for o in held]
        else:
            part["text"] = _text(["无记录 None recorded"])
            empty = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
            part["emptyReason"] = {"coding": [{"system": empty, "code": "unavailable"}]}
        parts.append(part)
        entries |= {f"{one['resourceType']}/{one['id']}": one for one in held}
    composition = {
        "resourceType": "Composition",
        "id": str(uuid4()),
        "status": "final",
        "type": {"coding": [{"system": LOINC, "code": "57133-1", "display": "Referral note"}]},
        "subject": ref("Patient", str(patient["id"])),
        "date": stamp(at),
        "author": [ref("Organization", str(author["id"]))],
        "title": "上转资料 Up-referral",
        "section": parts,
    }
    return {
        "resourceType": "Bundle",
        "identifier": {"system": f"{read.BASE}/sid/document", "value": str(uuid4())},
        "type": "document",
        "timestamp": stamp(at),
        "entry": [
            {
                "fullUrl": f"{read.BASE}/{one['resourceType']}/{one['id']}",
                "resource": one,
            }
            for one in (composition, *entries.values())
        ],
    }


def slip(kind: str, fields: Iterable[tuple[str, str, str]], subject: str, author: str,
         at: datetime) -> Json:  # fmt: skip
    """An out slip (`out`) or return slip (`return`) as a Composition, a section for each field.

    fields
        Key, title, value.
    """
    return {
        "resourceType": "Composition",
        "status": "final",
        "type": concept("referral-slip", kind),
        "subject": ref("Patient", subject),
        "date": stamp(at),
        "author": [ref("Organization", author)] if author else [{"display": "-"}],
        "title": "双向转诊(转出)单" if kind == "out" else "双向转诊(回转)单",
        "section": [
            {
                "title": title,
                "code": concept("referral-slip-field", key),
                "text": _text([value or "-"]),
            }
            for key, title, value in fields
        ],
    }


def _text(lines: Iterable[str]) -> Json:
    said = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{said or "<p>-</p>"}</div>',
    }


def _told(one: Json) -> str:
    """One resource in a line: what, how much, when."""
    code = (
        one.get("code")
        or one.get("medicationCodeableConcept")
        or next(iter(one.get("category", ())), None)
        or {}
    )
    coding = (code.get("coding") or [{}])[0]
    name = code.get("text") or coding.get("display") or coding.get("code") or one["resourceType"]
    if one["resourceType"] in ("RelatedPerson", "Practitioner"):
        name = f"{read.name(one)} {read.phone(one)}"
    if one["resourceType"] == "CarePlan":
        name = one.get("title", name)
    measured = [_value(one), *(f"{_name(c)} {_value(c)}" for c in one.get("component", ()))]
    when = one.get("effectiveDateTime") or one.get("recordedDate") or one.get("authoredOn") or ""
    return " ".join(part for part in (str(name), *measured, str(when)) if part)


def _name(component: Json) -> str:
    coding = (component.get("code", {}).get("coding") or [{}])[0]
    return str(component.get("code", {}).get("text") or coding.get("code", ""))


def _value(one: Json) -> str:
    if quantity := one.get("valueQuantity"):
        return f"{quantity.get('value', '')} {quantity.get('unit') or quantity.get('code', '')}"
    return str(one.get("valueString") or one.get("valueInteger") or "")
