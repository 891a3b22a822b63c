"""The input of a street-day over HTTP: as data, and what is wrong with it."""

from datetime import date
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.context import CallerNow, ReadTx, Speak
from api.scheduler.profiles import DataFolder
from api.scheduler.rules import PacksNow, on
from carecoord.flows import validation
from carecoord.flows.validation import Checked
from carecoord.model.ids import StreetId
from carecoord.planning.dataset import Dataset
from carecoord.planning.findings import Finding
from carecoord.text import Language, sentence

router = APIRouter(prefix="/streets/{street}", tags=["days"])


class FindingOut(BaseModel):
    """One thing to correct."""

    severity: Literal["error", "warning"] = Field(
        description="`error`: something is left out of the plan; `warning`: the plan is weaker"
    )
    code: str = Field(examples=["dataset.outside_shifts"])
    pointer: str = Field(examples=["/visits/17/windows"], description="Into the dataset")
    text: str
    right: str = Field(description="What would be right")
    facts: dict[str, Any]

    @classmethod
    def of(cls, one: Finding, found: Checked, language: Language) -> "FindingOut":
        """One finding in the caller's language, with names."""
        said = found.said(one)
        return cls(
            severity=one.severity,
            code=one.code,
            pointer=one.pointer,
            text=sentence(one.code, said, language),
            right=sentence(one.right, said, language),
            facts=dict(one.facts),
        )


class ValidationOut(BaseModel):
    """What was found; nothing was planned or stored."""

    street: str
    day: date
    visits: int
    staff: int
    errors: int
    warnings: int
    findings: list[FindingOut]


@router.get("/days/{day}/dataset")
def get_dataset(street: str, day: date, caller: CallerNow, tx: ReadTx) -> Dataset:
    """Everything a run of this day would plan from. Times are seconds after 00:00 of the day."""
    return validation.stored(tx, caller, StreetId(street), day)


@router.post("/days/{day}:validate")
def validate(
    street: str,
    day: date,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    data: DataFolder,
    language: Speak,
    body: Dataset | None = None,
) -> ValidationOut:
    """Errors and warnings without planning; of the dataset sent, or of what is stored."""
    found = validation.validate(
        tx, caller, StreetId(street), day, data, on(packs, street, day), body
    )
    return ValidationOut(
        street=street,
        day=day,
        visits=len(found.data.visits),
        staff=len(found.data.staff),
        errors=found.errors,
        warnings=len(found.findings) - found.errors,
        findings=[FindingOut.of(one, found, language) for one in found.findings],
    )
