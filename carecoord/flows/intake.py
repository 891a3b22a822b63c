"""A referral from somebody without FHIR: plain facts become the very Bundle a hospital would send.

Both go through `record.submit_bundle`, so that the form, the JSON endpoint, a transaction and a
message leave the same rows.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4, uuid5

from carecoord.access import Caller, require
from carecoord.errors import Invalid
from carecoord.fhir import read
from carecoord.fhir import referrals as papers
from carecoord.fhir.compose import NAMESPACE, concept, ref, stamp
from carecoord.fhir.read import Json, system
from carecoord.flows import record, register
from carecoord.model import time
from carecoord.model.referrals import Direction, Urgency
from carecoord.packs.load import load
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

ATTACHMENT_LIMIT = 10_000_000
"""Bytes of one attachment."""

ATTACHMENT_TYPES = frozenset(
    {"application/pdf", "image/jpeg", "image/png", "text/plain", "application/dicom"}
)
"""Media types that are taken."""

ICD10 = "http://hl7.org/fhir/sid/icd-10"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is about: `id` of a registered elder, or who they are.

    longitude, latitude
        Of the home, WGS-84 degrees, where known.
    """

    id: str = ""
    resident_number: str = ""
    name: str = ""
    gender: str = "unknown"
    birth: date | None = None
    phone: str = ""
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """One repeated item: so many times in so many days."""

    item: str
    frequency: int = 0
    period: int = 7


@dataclass(frozen=True, slots=True)
class Attached:
    """A file, base64."""

    title: str
    media_type: str
    data: str


@dataclass(frozen=True, slots=True)
class Sending:
    """A referral as somebody fills it in.

    sender, receiver
        Organization ids.
    number
        The sender's own; the same one sent again changes nothing.
    wanted
        `home-hospital-bed` or `family-bed`, or empty.
    considered
        Receivers the family was shown, by Organization id; the one chosen is `receiver`.
    """

    sender: str
    receiver: str
    person: Person
    direction: Direction = Direction.DOWN
    urgency: Urgency = Urgency.PLANNED
    number: str = ""
    wanted: str = "home-hospital-bed"
    diagnosis_code: str = ""
    diagnosis: str = ""
    summary: str = ""
    discharge: date | None = None
    orders: Sequence[Ordered] = field(default_factory=tuple)
    attachments: Sequence[Attached] = field(default_factory=tuple)
    consent: bool = False
    considered: Sequence[str] = field(default_factory=tuple)
    chosen_by: str = ""


def send(tx: Tx, caller: Caller, sending: Sending) -> Document:
    """Send a referral; the coordination Task as it stands then.

    Raises
    ------
    Invalid
        A field that is missing or unknown, by its JSON name; an attachment too large or of a
        kind that is not taken.
    """
    require(caller, "referral.send")
    _require_known(tx, sending)
    made = record.submit_bundle(tx, caller, bundle(sending, time.now()))
    (task,) = (c.document for c in made.changes if c.document.type == "Task")
    return documents.read(tx, "Task", task.id)


def keep(tx: Tx, caller: Caller, elder: str, at: int, one: Attached) -> str:
    """Store a file that is the result of a referral; its reference.

    Raises
    ------
    Invalid
        Too large, or of a kind that is not taken; `field` is `attachments[at]…`.
    """
    _require_file(at, one)
    return record.create(tx, caller, _file(one, ref("Patient", elder), time.now())).reference


def bundle(sending: Sending, at: datetime) -> Json:
    """The transaction that a hospital with FHIR would have sent."""
    number = sending.number or f"F-{uuid4()}"
    entries = [_entry(part, resource) for part, resource in _resources(sending, number, at)]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _resources(sending: Sending, number: str, at: datetime) -> Iterator[tuple[str, Json]]:
    who = ref("Patient", sending.person.id) if sending.person.id else {"reference": _url("patient")}
    if not sending.person.id:
        yield "patient", _patient(sending.person)
    if sending.diagnosis:
        yield "problem", _numbered(number, "problem", _problem(sending, who, at))
    for k, one in enumerate(sending.attachments, 1):
        yield f"file-{k}", _numbered(number, f"file-{k}", _file(one, who, at))
    if sending.consent:
        yield "consent", _numbered(number, "consent", _consent(who, sending, at))
    yield "request", _numbered(number, "request", _request(sending, who, at))
    for k, order in enumerate(sending.orders, 1):
        yield f"order-{k}", _numbered(number, f"order-{k}", _order(order, sending, who, at))
    task = papers.task(
        "",
        sending.person.id,
        sender=sending.sender,
        receiver=sending.receiver,
        urgency=sending.urgency,
        number=f"{number}-task",
        at=at,
    )
    yield "task", task | {"focus": {"reference": _url("request")}, "for": who}


def _url(part: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE, part)}"


def _entry(part: str, resource: Json) -> Json:
    kind = resource["resourceType"]
    (number,) = [one for one in resource["identifier"] if one.get("value")][:1]
    return {
        "fullUrl": _url(part),
        "resource": resource,
        "request": {
            "method": "POST",
            "url": kind,
            "ifNoneExist": f"identifier={number['system']}|{number['value']}",
        },
    }


def _numbered(number: str, part: str, resource: Json) -> Json:
    identifier = {"system": read.REFERRAL_NUMBER, "value": f"{number}-{part}"}
    return resource | {"identifier": [identifier]}


def _patient(person: Person) -> Json:
    made: Json = {
        "resourceType": "Patient",
        "identifier": [{"system": read.RESIDENT, "value": person.resident_number}],
        "name": [{"text": person.name}],
        "gender": person.gender,
    }
    if person.birth:
        made["birthDate"] = person.birth.isoformat()
    if person.phone:
        made["telecom"] = [{"system": "phone", "value": person.phone}]
    if person.address:
        made["address"] = [_home(person)]
    return made


def _home(person: Person) -> Json:
    home: Json = {"use": "home", "text": person.address}
    if person.longitude is not None and person.latitude is not None:
        parts = [
            {"url": "latitude", "valueDecimal": person.latitude},
            {"url": "longitude", "valueDecimal": person.longitude},
        ]
        home["extension"] = [{"url": read.GEOLOCATION, "extension": parts}]
    return home


def _problem(sending: Sending, who: Json, at: datetime) -> Json:
    code: Json = {"text": sending.diagnosis}
    if sending.diagnosis_code:
        code["coding"] = [{"system": ICD10, "code": sending.diagnosis_code}]
    status = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": status, "code": "active"}]},
        "code": code,
        "subject": who,
        "recordedDate": stamp(at),
    }


def _file(one: Attached, who: Json, at: datetime) -> Json:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": who,
        "date": stamp(at),
        "description": one.title,
        "content": [
            {
                "attachment": {
                    "contentType": one.media_type,
                    "title": one.title,
                    "data": one.data,
                }
            }
        ],
    }


def _consent(who: Json, sending: Sending, at: datetime) -> Json:
    scope = "http://terminology.hl7.org/CodeSystem/consentscope"
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": scope, "code": "treatment"}]},
        "category": [concept("consent-category", "referral")],
        "patient": who,
        "dateTime": stamp(at),
        "organization": [ref("Organization", sending.sender)],
        "policyRule": {"text": "referral"},
    }


def _request(sending: Sending, who: Json, at: datetime) -> Json:
    made: Json = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": [concept("referral-direction", sending.direction.value)],
        "priority": papers.PRIORITY[sending.urgency],
        "subject": who,
        "authoredOn": stamp(at),
        "requester": ref("Organization", sending.sender),
        "performer": [ref("Organization", sending.receiver)],
    }
    if sending.wanted:
        made["code"] = concept("bed-kind", sending.wanted)
    if sending.diagnosis:
        made["reasonReference"] = [{"reference": _url("problem")}]
    if sending.summary:
        made["note"] = [{"text": sending.summary}]
    if sending.discharge:
        made["occurrenceDateTime"] = sending.discharge.isoformat()
    if sending.attachments:
        made["supportingInfo"] = [
            {"reference": _url(f"file-{k}")} for k in range(1, len(sending.attachments) + 1)
        ]
    if sending.considered or sending.chosen_by:
        made["extension"] = [_choice(sending)]
    return made


def _choice(sending: Sending) -> Json:
    """What the family was shown, and who chose: on record with the request."""
    parts: list[Json] = [
        {"url": "considered", "valueReference": ref("Organization", one)}
        for one in sending.considered
    ]
    parts.append({"url": "chosen", "valueReference": ref("Organization", sending.receiver)})
    if sending.chosen_by:
        parts.append({"url": "by", "valueString": sending.chosen_by})
    return {"url": read.extension_url("receiver-choice"), "extension": parts}


def _order(order: Ordered, sending: Sending, who: Json, at: datetime) -> Json:
    made: Json = {
        "resourceType": "ServiceRequest",
        "basedOn": [{"reference": _url("request")}],
        "status": "active",
        "intent": "order",
        "code": {"coding": [{"system": system("service-item"), "code": order.item}]},
        "subject": who,
        "authoredOn": stamp(at),
        "requester": ref("Organization", sending.sender),
        "performer": [ref("Organization", sending.receiver)],
    }
    if order.frequency:
        made["occurrenceTiming"] = {
            "repeat": {"frequency": order.frequency, "period": order.period, "periodUnit": "d"}
        }
    return made


def _require_known(tx: Tx, sending: Sending) -> None:
    for name, organization in (("sender", sending.sender), ("receiver", sending.receiver)):
        found = documents.peek(tx, "Organization", organization) if organization else None
        if found is None or found.deleted:
            raise Invalid("referral.organization", field=name, organization=organization or "-")
    person = sending.person
    if person.id:
        documents.read(tx, "Patient", person.id)
    else:
        for name, value in (("resident_number", person.resident_number), ("name", person.name)):
            if not value:
                raise Invalid("referral.person", field=f"person.{name}", missing=name)
    catalogue = _items(tx, sending)
    for k, order in enumerate(sending.orders):
        if order.item not in catalogue:
            raise Invalid("referral.item", field=f"orders[{k}].item", item=order.item)
    for k, one in enumerate(sending.attachments):
        _require_file(k, one)


def _items(tx: Tx, sending: Sending) -> frozenset[str]:
    street = register.street_of(tx, sending.receiver) or register.street_of(tx, sending.sender)
    rules = load().on(time.today(), street or "CN")
    return frozenset(item.code for item in rules.catalogue())


def _require_file(at: int, one: Attached) -> None:
    field = f"attachments[{at}]"
    if one.media_type not in ATTACHMENT_TYPES:
        raise Invalid(
            "referral.attachment_type", field=f"{field}.media_type", sent=one.media_type,
            known=", ".join(sorted(ATTACHMENT_TYPES)),
        )  # fmt: skip
    try:
        size = len(base64.b64decode(one.data, validate=True))
    except (binascii.Error, ValueError) as error:
        raise Invalid("referral.attachment_data", field=f"{field}.data") from error
    if not 0 < size <= ATTACHMENT_LIMIT:
        raise Invalid(
            "referral.attachment_size", field=f"{field}.data", size=size, limit=ATTACHMENT_LIMIT
        )
