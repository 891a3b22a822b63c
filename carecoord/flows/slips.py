"""双向转诊单: the out slip and the return slip, fields as the pack lists them, print and FHIR."""

from dataclasses import dataclass

from carecoord.access import Caller, require
from carecoord.fhir import documents as checked
from carecoord.fhir import packs, read
from carecoord.fhir import referrals as papers
from carecoord.flows import inbox, referral
from carecoord.model import time
from carecoord.model.ids import ReferralId
from carecoord.packs.load import load
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

ARCHIVE = f"{read.BASE}/sid/archive"


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip: field key → value, in the order of the form; `stub` stays with the sender."""

    kind: str
    stub: tuple[tuple[str, str], ...]
    slip: tuple[tuple[str, str], ...]


def out(tx: Tx, caller: Caller, id_: ReferralId) -> Slip:
    """The slip that goes along with somebody who is sent."""
    known = _known(tx, caller, id_)
    held = load().on(time.today(), "CN").table("referral.slip.out")
    return Slip("out", _picked(held["stub"], known), _picked(held["slip"], known))


def back(tx: Tx, caller: Caller, id_: ReferralId) -> Slip:
    """The slip that comes back from who took the person."""
    known = _known(tx, caller, id_)
    known["to_institution"], known["from_institution"] = (
        known["from_institution"],
        known["to_institution"],
    )
    fields = load().on(time.today(), "CN").texts("referral.slip.return")
    return Slip("return", (), _picked(fields, known))


def as_document(tx: Tx, caller: Caller, id_: ReferralId, kind: str) -> Document:
    """Store a slip as a FHIR Composition."""
    require(caller, "referral.send")
    made = back(tx, caller, id_) if kind == "return" else out(tx, caller, id_)
    task = documents.read(tx, "Task", id_)
    side = papers.owner(task.resource) if kind == "return" else papers.placer(task.resource)
    fields = [(key, key, value) for key, value in (*made.stub, *made.slip)]
    composition = packs.slip(made.kind, fields, str(referral.elder_of(task)), side, time.now())
    return checked.create(tx, composition).document


def _known(tx: Tx, caller: Caller, id_: ReferralId) -> dict[str, str]:
    view = inbox.look(tx, caller, id_)
    patient = documents.read(tx, "Patient", view.line.elder).resource
    person, _ = read.elder(patient, None)
    today = time.today()
    age = ""
    if person.birth is not None:
        born = person.birth
        age = str(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))
    said = [str(one.get("valueString", "")) for one in view.outputs]
    feedback = "\n".join(one for one in said if one)
    return {
        "name": view.line.elder_name,
        "sex": {"male": "男", "female": "女"}.get(person.gender, ""),
        "age": age,
        "archive_no": read.identifier(patient, ARCHIVE) or "",
        "address": person.home.text,
        "phone": person.phone,
        "date": today.isoformat(),
        "to_unit": view.line.receiver_name,
        "to_institution": view.line.receiver_name,
        "from_institution": view.line.sender_name,
        "first_impression": view.diagnosis,
        "diagnosis": view.diagnosis,
        "present_illness": view.summary,
        "key_results": "",
        "treatment": feedback,
        "next_plan_and_rehab": feedback,
    }


def _picked(fields: object, known: dict[str, str]) -> tuple[tuple[str, str], ...]:
    names = fields if isinstance(fields, tuple | list) else ()
    return tuple((str(one), known.get(str(one), "")) for one in names)
