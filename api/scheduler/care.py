"""From a referral to a signed plan, step by step."""

from datetime import date

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import CallerNow, Expected, WriteTx
from api.scheduler.rules import PacksNow, today
from carecoord.flows import plan, referral, register
from carecoord.model import time
from carecoord.model.ids import ElderId, PlanId, ReferralId, StaffId
from carecoord.model.policy import Rules
from carecoord.model.staff import Role
from carecoord.packs.load import Packs
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

router = APIRouter(tags=["care"])


class _In(BaseModel):
    """Unknown names are refused: a misspelt one would otherwise be a wish nobody hears."""

    model_config = ConfigDict(extra="forbid")


class DocumentOut(BaseModel):
    """A FHIR resource that a step wrote; read it under `/fhir/{reference}`."""

    reference: str = Field(examples=["Task/5f0f6a8e-7a0e-4b55-9a56-1a0b7d6a9c11"])
    version: int = Field(examples=[2])
    status: str = Field(examples=["accepted"])

    @classmethod
    def of(cls, document: Document) -> "DocumentOut":
        """What a step wrote."""
        return cls(
            reference=document.reference,
            version=document.version,
            status=str(document.resource.get("status", "")),
        )


class WishesIn(_In):
    """What the person says; everything may be left out."""

    gender: str = Field(default="", pattern="^(female|male)?$")
    parts: dict[str, str] = Field(default_factory=dict, examples=[{"ltci.morning": "forenoon"}])
    carers: dict[Role, str] = Field(default_factory=dict, description="Role → PractitionerRole id")


class PlanIn(_In):
    """A plan to be drafted."""

    elder: str = Field(description="Id of the Patient")
    programmes: list[str] = Field(min_length=1, examples=[["home-hospital-bed", "ltci"]])
    start: date | None = Field(default=None, description="First day; today if left out")
    wishes: WishesIn = Field(default_factory=WishesIn)


def _rules(tx: Tx, packs: Packs, elder: str) -> Rules:
    return today(packs, register.jurisdiction(tx, ElderId(elder)))


@router.post("/referrals/{task}:accept")
def accept_referral(
    task: str, caller: CallerNow, tx: WriteTx, expected: Expected, response: Response
) -> DocumentOut:
    """Say yes to a referral. `If-Match` or nothing; an accepted one stays as it is."""
    moved = referral.accept(tx, caller, ReferralId(task), expected=expected)
    response.headers["ETag"] = f'W/"{moved.version}"'
    return DocumentOut.of(moved)


@router.post("/plans", status_code=201)
def draft_plan(body: PlanIn, caller: CallerNow, tx: WriteTx, packs: PacksNow) -> DocumentOut:
    """Draft the one integrated plan of a person from beds, levels and orders."""
    wishes = plan.Wishes(
        gender=body.wishes.gender,
        parts=body.wishes.parts,
        carers={role: StaffId(who) for role, who in body.wishes.carers.items()},
    )
    rules = _rules(tx, packs, body.elder)
    start = body.start or time.today()
    drafted = plan.draft(tx, caller, ElderId(body.elder), body.programmes, start, rules, wishes)
    return DocumentOut.of(drafted)


@router.post("/plans/{plan_id}:sign")
def sign_plan(
    plan_id: str, caller: CallerNow, tx: WriteTx, packs: PacksNow, expected: Expected
) -> DocumentOut:
    """Put a drafted plan in force."""
    signed = plan.sign(tx, caller, PlanId(plan_id), today(packs, "CN"), expected=expected)
    return DocumentOut.of(signed)
