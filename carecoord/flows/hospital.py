"""Who is in hospital, as the Encounters that hospitals send say?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from carecoord.fhir import read
from carecoord.fhir.read import Json
from carecoord.model.ids import ElderId
from carecoord.model.time import ZONE
from carecoord.store import documents
from carecoord.store.engine import Tx

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
INPATIENT = ("IMP", "ACUTE", "NONAC", "SS")
"""Encounter.class codes of a stay in hospital."""

_PRESENT = ("arrived", "triaged", "in-progress", "onleave")

_CLASS: dict[str, Any] = {"class": INPATIENT}
"""A search parameter whose name is a Python word."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in hospital.

    admitted, discharged
        Days; the day of discharge is no inpatient day, and None means still there.
    """

    id: str
    elder: ElderId
    present: bool
    admitted: date | None
    discharged: date | None

    def days_from(self, opened: date) -> int:
        """Inpatient days from `opened` on; a stay that goes on counts one at least."""
        start = max(opened, self.admitted or opened)
        if self.discharged is None:
            return 1
        return max(0, (self.discharged - start).days)


def is_stay(encounter: Json) -> bool:
    """Whether an Encounter is a stay in hospital."""
    return encounter.get("class", {}).get("code") in INPATIENT


def stay(encounter: Json) -> Stay:
    """The facts of an inpatient Encounter."""
    period = encounter.get("period", {})
    discharged = read.day(period.get("end"))
    return Stay(
        id=encounter["id"],
        elder=ElderId(read.reference(encounter.get("subject"), "Patient")),
        present=encounter.get("status") in _PRESENT and discharged is None,
        admitted=read.day(period.get("start")),
        discharged=discharged,
    )


def moment(encounter: Json, bound: str) -> datetime | None:
    """Start or end of an Encounter as an instant; a plain date counts from 00:00."""
    text = str(encounter.get("period", {}).get(bound, ""))
    if not text:
        return None
    if "T" in text:
        return datetime.fromisoformat(text)
    on = read.day(text)
    assert on is not None
    return datetime(on.year, on.month, on.day, tzinfo=ZONE)


def stays(tx: Tx, elder: ElderId) -> tuple[Stay, ...]:
    """Stays of one person that are going on or over."""
    found = documents.find(
        tx,
        "Encounter",
        subject=f"Patient/{elder}",
        status=(*_PRESENT, "finished"),
        **_CLASS,
    )
    return tuple(stay(one.resource) for one in found)


def inpatients(tx: Tx) -> Mapping[ElderId, str]:
    """Everybody who is in hospital now → the Encounter."""
    found = documents.find(tx, "Encounter", status=_PRESENT, **_CLASS)
    present = (stay(one.resource) for one in found)
    return {one.elder: one.id for one in present if one.present}
