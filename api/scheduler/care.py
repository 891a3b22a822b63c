"""The answer that every step gives."""

from pydantic import BaseModel, Field

from carecoord.store.documents import Document


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
