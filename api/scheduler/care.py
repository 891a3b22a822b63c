"""Referrals over HTTP, and the answer that every step gives."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.context import CallerNow, Expected, WriteTx
from carecoord.flows import referral
from carecoord.model.ids import ReferralId
from carecoord.store.documents import Document

router = APIRouter(tags=["care"])


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


@router.post("/referrals/{task}:accept")
def accept_referral(
    task: str, caller: CallerNow, tx: WriteTx, expected: Expected, response: Response
) -> DocumentOut:
    """Say yes to a referral. `If-Match` or nothing; an accepted one stays as it is."""
    moved = referral.accept(tx, caller, ReferralId(task), expected=expected)
    response.headers["ETag"] = f'W/"{moved.version}"'
    return DocumentOut.of(moved)
