"""Hospital stays and death: what they do to beds, plans and visits happens at once.

A hospital says the same through FHIR with an inpatient Encounter or a deceased Patient.
"""

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.context import CallerNow, Expected, ReadTx, WriteTx
from api.scheduler.bed_bodies import BedOut
from api.scheduler.beds import Version, get_beds, rules_of
from api.scheduler.rules import PacksNow
from carecoord.flows import stay
from carecoord.model.ids import ElderId
from carecoord.store.documents import Document

router = APIRouter(tags=["stays"])


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AdmissionIn(_In):
    """Somebody was admitted to hospital."""

    at: AwareDatetime | None = Field(default=None, description="When; now if left out")
    organization: str = Field(
        default="", description="Id of the hospital, if registered", examples=["first-hospital"]
    )
    note: str = Field(default="", examples=["突发胸痛，120 转运"])


class DischargeIn(_In):
    """Somebody came home."""

    at: AwareDatetime | None = Field(default=None, description="When; now if left out")


class DeathIn(_In):
    """Somebody has died."""

    at: AwareDatetime


class StayOut(BaseModel):
    """What was recorded, and the beds of the person as they stand now."""

    reference: str = Field(examples=["Encounter/7e3a5b1c-8a90-4c67-9d0e-3f9f0a1b2c3d"])
    version: int
    beds: list[BedOut]


def _answer(
    stored: Document, elder: str, caller: CallerNow, tx: ReadTx, response: Response
) -> StayOut:
    response.headers["ETag"] = f'W/"{stored.version}"'
    return StayOut(
        reference=stored.reference, version=stored.version, beds=get_beds(elder, caller, tx)
    )


@router.post("/elders/{elder}:admit", status_code=201)
def admit(
    elder: str,
    body: AdmissionIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    response: Response,
) -> StayOut:
    """Suspend both beds and stop every visit: somebody was admitted to hospital."""
    stored = stay.admit(
        tx,
        caller,
        ElderId(elder),
        rules_of(tx, packs, elder),
        at=body.at,
        organization=body.organization,
        note=body.note,
    )
    return _answer(stored, elder, caller, tx, response)


@router.post("/elders/{elder}:discharge")
def discharge(
    elder: str,
    body: DischargeIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    expected: Expected,
    response: Response,
) -> StayOut:
    """Put suspended beds up for review: somebody came home. `If-Match` or nothing."""
    rules = rules_of(tx, packs, elder)
    stored = stay.discharge(tx, caller, ElderId(elder), rules, at=body.at, expected=expected)
    return _answer(stored, elder, caller, tx, response)


@router.post("/elders/{elder}:died")
def died(
    elder: str,
    body: DeathIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    expected: Version,
    response: Response,
) -> StayOut:
    """Close beds, stop plan and visits, tell everybody. `If-Match`: the Patient's version."""
    rules = rules_of(tx, packs, elder)
    stored = stay.died(tx, caller, ElderId(elder), rules, at=body.at, expected=expected)
    return _answer(stored, elder, caller, tx, response)
