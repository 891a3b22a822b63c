"""How does a hospital send somebody home? One transaction Bundle for each discharge.

Everything is created under the sender's own numbers, so that a Bundle sent twice changes
nothing; the elder is named by identity number and the receiver by its credit code, because a
hospital does not know the ids of the street.
"""

from datetime import date, datetime, time, timedelta

from carecoord.demo.elders import Profile
from carecoord.demo.illness import Diagnosis, Order, main
from carecoord.demo.organisations import CENTRE, HOSPITALS, Office
from carecoord.demo.parts import (
    ICD10,
    RESIDENT,
    Json,
    coding,
    concept,
    create,
    hl7,
    identifier,
    organisation_by_code,
    person_name,
    plain,
    sid,
    transaction,
)
from carecoord.demo.seeds import Seed
from carecoord.model.time import ZONE

_WHEN = {"forenoon": "MORN", "afternoon": "AFT"}

_LATEST, _EARLIEST = 1, 28
"""Days ago that the youngest and the oldest discharge lie."""


def referral(seed: Seed, elder: Profile, day: date) -> Json:
    """The hospital's discharge referral of one elder to the street's health centre."""
    return _Letter(seed, elder, day).bundle()


class _Letter:
    """One referral in the making; the entries name each other by temporary ids."""

    def __init__(self, seed: Seed, elder: Profile, day: date) -> None:
        dice = seed.dice("referral", elder.index)
        self.seed, self.elder = seed, elder
        self.hospital: Office = dice.choice(HOSPITALS)
        self.discharged = day - timedelta(days=dice.randint(_LATEST, _EARLIEST))
        self.admitted = self.discharged - timedelta(days=dice.randint(5, 21))
        self.diagnosis: Diagnosis = main(seed, elder)
        self.urgent = dice.random() < 0.1

    def bundle(self) -> Json:
        orders = [self._order(n, order) for n, order in enumerate(self.diagnosis.orders, 1)]
        entries = [
            create(self._temporary(kind), resource)
            for kind, resource in (
                ("patient", self._patient()),
                ("stay", self._stay()),
                ("problem", self._problem()),
                ("request", self._request()),
                ("task", self._task()),
                *((f"order-{n}", order) for n, order in enumerate(orders, 1)),
            )
        ]
        return transaction(self.seed.id("Bundle", "referral", self.elder.index), entries)

    def _temporary(self, part: str) -> str:
        return self.seed.id("temporary", self.elder.index, part)

    def _to(self, part: str) -> Json:
        return {"reference": f"urn:uuid:{self._temporary(part)}"}

    def _number(self, part: str) -> Json:
        prefix = self.hospital.key.upper()
        return identifier(sid("referral"), f"{prefix}-{self._serial()}-{part}")

    def _serial(self) -> str:
        return f"{self.seed.value}-{self.elder.index:05d}"

    def _patient(self) -> Json:
        elder = self.elder
        return {
            "resourceType": "Patient",
            "identifier": [identifier(RESIDENT, elder.number(self.seed))],
            "name": [person_name(*elder.name)],
            "gender": elder.gender,
            "birthDate": elder.birth.isoformat(),
        }

    def _stay(self) -> Json:
        return {
            "resourceType": "Encounter",
            "identifier": [self._number("stay")],
            "status": "finished",
            "class": plain(
                "http://terminology.hl7.org/CodeSystem/v3-ActCode", "IMP", "inpatient encounter"
            ),
            "subject": self._to("patient"),
            "period": {
                "start": _at(self.admitted, time(10, 30)),
                "end": _at(self.discharged, time(11)),
            },
            "hospitalization": {
                "dischargeDisposition": concept(hl7("discharge-disposition", "home"))
            },
            "serviceProvider": self._sender(),
        }

    def _sender(self) -> Json:
        return organisation_by_code(self.hospital.uscc(self.seed)) | {"display": self.hospital.name}

    def _receiver(self) -> Json:
        return organisation_by_code(CENTRE.uscc(self.seed)) | {"display": CENTRE.name}

    def _problem(self) -> Json:
        return {
            "resourceType": "Condition",
            "identifier": [self._number("problem")],
            "clinicalStatus": concept(hl7("condition-clinical", "active")),
            "verificationStatus": concept(hl7("condition-ver-status", "confirmed")),
            "category": [concept(hl7("condition-category", "encounter-diagnosis"))],
            "code": concept(plain(ICD10, self.diagnosis.code), text=self.diagnosis.name),
            "subject": self._to("patient"),
            "encounter": self._to("stay"),
            "recordedDate": self.discharged.isoformat(),
        }

    def _request(self) -> Json:
        return {
            "resourceType": "ServiceRequest",
            "identifier": [self._number("request")],
            "status": "active",
            "intent": "order",
            "category": [concept(coding("referral-direction", "down", "下转"))],
            "priority": "urgent" if self.urgent else "routine",
            "code": concept(coding("bed-kind", "home-hospital-bed", "家庭病床")),
            "subject": self._to("patient"),
            "encounter": self._to("stay"),
            "authoredOn": _at(self.discharged, time(9)),
            "requester": self._sender(),
            "performer": [self._receiver()],
            "reasonReference": [self._to("problem")],
            "note": [
                {
                    "text": f"{self.diagnosis.department}出院,诊断:{self.diagnosis.name}。"
                    "病情稳定,行动不便,建议建立家庭病床,继续治疗与护理。"
                }
            ],
        }

    def _task(self) -> Json:
        return {
            "resourceType": "Task",
            "identifier": [self._number("task")],
            "status": "requested",
            "intent": "order",
            "priority": "urgent" if self.urgent else "routine",
            "code": concept(plain("http://hl7.org/fhir/CodeSystem/task-code", "fulfill")),
            "focus": self._to("request"),
            "for": self._to("patient"),
            "authoredOn": _at(self.discharged, time(9)),
            "requester": self._sender(),
            "owner": self._receiver(),
        }

    def _order(self, number: int, order: Order) -> Json:
        repeat: Json = {
            "boundsPeriod": {
                "start": self.discharged.isoformat(),
                # One cycle of a home hospital bed; going on needs a new order.
                "end": (self.discharged + timedelta(days=59)).isoformat(),
            },
            "frequency": order.frequency,
            "period": order.period,
            "periodUnit": "d",
        }
        if order.part:
            repeat["when"] = [_WHEN[order.part]]
        return {
            "resourceType": "ServiceRequest",
            "identifier": [self._number(f"order-{number}")],
            "basedOn": [self._to("request")],
            "status": "active",
            "intent": "order",
            "code": concept(coding("service-item", order.item, order.text)),
            "subject": self._to("patient"),
            "occurrenceTiming": {"repeat": repeat},
            "authoredOn": _at(self.discharged, time(9)),
            "requester": self._sender(),
            "performer": [self._receiver()],
            "reasonReference": [self._to("problem")],
        }


def _at(day: date, clock: time) -> str:
    return datetime.combine(day, clock, ZONE).isoformat()
