"""What does accepting a referral do? Bed open, the street's own items ordered, plan in force."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from carecoord.access import Caller
from carecoord.fhir import documents as checked
from carecoord.fhir import read
from carecoord.fhir import referrals as papers
from carecoord.fhir.compose import derived_id, ref, stamp
from carecoord.fhir.read import Json, system
from carecoord.flows import bed, plan, referral
from carecoord.model import time
from carecoord.model.beds import BedKind
from carecoord.model.ids import PlanId, ReferralId
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


@dataclass(frozen=True, slots=True)
class Extra:
    """An item that the street adds to what was ordered: so many times in so many days."""

    item: str
    frequency: int = 0
    period: int = 7


@contextmanager
def undone(tx: Tx) -> Iterator[None]:
    """Whatever happens inside is undone at its end."""
    point = tx.begin_nested()
    try:
        yield
    finally:
        point.rollback()


def carry_out(
    tx: Tx,
    caller: Caller,
    task: Document,
    start: date,
    items: Sequence[Extra],
    rules: Rules,
) -> None:
    """Open the bed, add the street's own items, and put the plan in force."""
    request = referral.request_of(tx, task)
    elder = referral.elder_of(task)
    kinds = read.codes(request.resource.get("code"), system("bed-kind"))
    programmes = list(kinds) or ["station"]
    if kinds:
        owner = papers.owner(task.resource)
        bed.open_bed(
            tx,
            caller,
            elder,
            BedKind(kinds[0]),
            owner,
            start,
            rules,
            referral=ReferralId(task.id),
        )
    for one in items:
        _order(tx, request, one, start)
    present = plan.integrated(tx, elder)
    if present is not None:
        programmes = [*dict.fromkeys([*_programmes(present.resource), *programmes])]
    drafted = plan.draft(
        tx,
        caller,
        elder,
        programmes,
        start,
        rules,
        replaces=PlanId(present.id) if present is not None else None,
    )
    plan.sign(tx, caller, PlanId(drafted.id), rules)


def template(tx: Tx, task: Document, rules: Rules) -> Iterator[Extra]:
    """Items of the pack for the diagnosis, those left out that were ordered anyway."""
    request = referral.request_of(tx, task)
    ordered = {
        code
        for order in referral.orders_of(tx, request.id)
        for code in read.codes(order.get("code"), system("service-item"))
    }
    table = rules.table("referral.template")
    for code in _diagnoses(tx, request.resource):
        for item in table.get(code[:3], ()):  # type: ignore[union-attr]
            if str(item) not in ordered:
                ordered.add(str(item))
                yield Extra(str(item))


def _diagnoses(tx: Tx, request: Json) -> Iterator[str]:
    for one in request.get("reasonReference", ()):
        found = documents.peek(tx, "Condition", read.reference(one, "Condition"))
        if found is not None and not found.deleted:
            for coding in found.resource.get("code", {}).get("coding", ()):
                yield str(coding.get("code", ""))


def _order(tx: Tx, request: Document, extra: Extra, start: date) -> None:
    """The street's own order beside the hospital's, based on the same referral."""
    id_ = derived_id("filler-order", request.id, extra.item)
    made: Json = {
        "resourceType": "ServiceRequest",
        "id": id_,
        "basedOn": [ref("ServiceRequest", request.id)],
        "status": "active",
        "intent": "filler-order",
        "code": {"coding": [{"system": system("service-item"), "code": extra.item}]},
        "subject": request.resource["subject"],
        "authoredOn": stamp(time.now()),
    }
    if performers := request.resource.get("performer"):
        made["requester"] = performers[0]
        made["performer"] = performers
    if extra.frequency:
        made["occurrenceTiming"] = {
            "repeat": {
                "boundsPeriod": {"start": start.isoformat()},
                "frequency": extra.frequency,
                "period": extra.period,
                "periodUnit": "d",
            }
        }
    checked.update(tx, "ServiceRequest", id_, made)


def _programmes(resource: Json) -> list[str]:
    """Programmes of the visits of a plan."""
    found = [
        str(read.extension_value(one.get("detail", {}), "programme") or "")
        for one in resource.get("activity", ())
    ]
    return [*dict.fromkeys(one for one in found if one)]
