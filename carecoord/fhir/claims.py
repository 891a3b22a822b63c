"""Charges as FHIR Claims: what a payer is asked for, or what it would come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from carecoord.fhir import compose, read, rules, wire
from carecoord.fhir.read import Json
from carecoord.model.charges import Charge
from carecoord.model.policy import RuleRef
from carecoord.model.time import ZONE, instant

Kind = Literal["claim", "predetermination"]

_TYPE = "http://terminology.hl7.org/CodeSystem/claim-type"
_PRIORITY = "http://terminology.hl7.org/CodeSystem/processpriority"


@dataclass(frozen=True, slots=True)
class Line:
    """A charge with what a Claim says about it.

    evidence
        `Encounter/…` of the visit, or empty.
    """

    charge: Charge
    name: str
    evidence: str = ""
    proven: bool = False
    staff: tuple[str, ...] = ()


def money(fen: int) -> Json:
    """An amount in yuan, exact."""
    return {"value": wire.Literal(f"{fen // 100}.{fen % 100:02d}"), "currency": "CNY"}


def claim(
    id_: str,
    elder: str,
    provider: str,
    lines: Sequence[Line],
    *,
    use: Kind,
    status: str,
    created: date,
    period: tuple[date, date],
    coverages: Sequence[str],
    insurer: str = "",
    about: str = "",
) -> Json:
    """One Claim of one person to one payer.

    provider
        `Organization/…`, or a name where no organisation is known.
    coverages
        Ids of the Coverages; empty for tasks without one, which name who pays instead.
    about
        `CarePlan/…` that a predetermination is made for.
    """
    first, last = period
    made: Json = {
        "resourceType": "Claim",
        "id": id_,
        "status": status,
        "type": {"coding": [{"system": _TYPE, "code": "professional"}]},
        "use": use,
        "patient": compose.ref("Patient", elder),
        "billablePeriod": {"start": first.isoformat(), "end": last.isoformat()},
        "created": created.isoformat(),
        "provider": {"reference": provider}
        if provider.startswith("Organization/")
        else {"display": provider},
        "priority": {"coding": [{"system": _PRIORITY, "code": "normal"}]},
        "insurance": [
            {"sequence": n, "focal": n == 1, "coverage": one}
            for n, one in enumerate(_insured(coverages, lines), 1)
        ],
        "item": [_item(n, line) for n, line in enumerate(lines, 1)],
        "total": money(sum(line.charge.price for line in lines)),
    }
    if not made["item"]:
        del made["item"]
    if insurer:
        made["insurer"] = {"reference": insurer}
    if about:
        made["supportingInfo"] = [
            {
                "sequence": 1,
                "category": {"text": "plan"},
                "valueReference": {"reference": about},
            }
        ]
    return made


def _insured(coverages: Sequence[str], lines: Sequence[Line]) -> list[Json]:
    if coverages:
        return [compose.ref("Coverage", one) for one in coverages]
    return [{"display": lines[0].charge.payer.value if lines else "self"}]


def bundle(claims: Iterable[Json], at: datetime) -> Json:
    """Claims in one collection."""
    entries = [{"fullUrl": f"{read.BASE}/Claim/{one['id']}", "resource": one} for one in claims]
    made: Json = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": compose.stamp(at),
    }
    return made | ({"entry": entries} if entries else {})


def _item(number: int, line: Line) -> Json:
    charge = line.charge
    use = charge.use
    item: Json = {
        "extension": [
            {"url": read.extension_url("payer"), "valueCode": charge.payer.value},
            {"url": read.extension_url("fund-share"), "valueMoney": money(charge.fund)},
            {"url": read.extension_url("own-share"), "valueMoney": money(charge.own)},
            {"url": read.extension_url("proven"), "valueBoolean": line.proven},
            *(
                {"url": read.extension_url("performer"), "valueReference": {"reference": one}}
                for one in line.staff
            ),
            *rules.extensions(_distinct(charge.refs)),
        ],
        "sequence": number,
        "productOrService": {
            "coding": [
                {"system": read.system("service-item"), "code": use.item, "display": line.name}
            ]
        },
        "servicedPeriod": {
            "start": instant(use.day, use.start).astimezone(ZONE).isoformat(timespec="seconds"),
            "end": instant(use.day, use.end).astimezone(ZONE).isoformat(timespec="seconds"),
        },
        "quantity": {
            "value": use.minutes,
            "unit": "min",
            "system": "http://unitsofmeasure.org",
            "code": "min",
        },
        "net": money(charge.price),
    }
    if use.programme:
        item["programCode"] = [compose.concept("programme", use.programme)]
    if line.evidence:
        item["encounter"] = [{"reference": line.evidence}]
    return item


def _distinct(refs: Iterable[RuleRef]) -> list[RuleRef]:
    return list(dict.fromkeys(refs))
