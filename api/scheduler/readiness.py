"""What blocks a first run of a street, over HTTP."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.context import CallerNow, ReadTx, Speak
from api.scheduler.rules import PacksNow, on
from carecoord.flows import readiness
from carecoord.model import time
from carecoord.model.ids import StreetId
from carecoord.planning.readiness import Item, Row, counts
from carecoord.text import Language, sentence

router = APIRouter(prefix="/streets/{street}", tags=["days"])

SHOWN = 200
"""Rows of one kind in an answer; `count` says how many there are."""


class RowOut(BaseModel):
    """One thing to correct."""

    subject: str = Field(examples=["Patient/7"])
    label: str
    href: str = Field(description="Where it is")


class ItemOut(BaseModel):
    """One kind of lack."""

    severity: Literal["blocks", "weakens"]
    code: str = Field(examples=["readiness.address"])
    count: int
    text: str
    next: str = Field(description="What to do about it")
    facts: dict[str, Any]
    rows: list[RowOut] = Field(description=f"The first {SHOWN}")

    @classmethod
    def of(cls, one: Item, street: str, language: Language) -> "ItemOut":
        """One kind in the caller's language."""
        facts = {**one.facts, "count": one.count}
        return cls(
            severity=one.severity,
            code=one.code,
            count=one.count,
            text=sentence(one.code, facts, language),
            next=sentence(one.next, facts, language),
            facts=facts,
            rows=[
                RowOut(subject=row.subject, label=row.label, href=href(street, row))
                for row in one.rows[:SHOWN]
            ],
        )


class ReadinessOut(BaseModel):
    """What a street lacks; `ready`: nothing blocks a run."""

    street: str
    name: str
    first: date
    last: date
    ready: bool
    blocking: int
    weakening: int
    elders: int
    planned: int
    staff: int
    visits: int
    items: list[ItemOut]


def href(street: str, row: Row) -> str:
    """Where a row is: a resource, or the day of a street."""
    return f"/fhir/{row.subject}" if "/" in row.subject else f"/streets/{street}/days/{row.subject}"


@router.get("/readiness")
def get_readiness(
    street: str,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    language: Speak,
    first: Annotated[date | None, Query(alias="from")] = None,
    days: int = 14,
) -> ReadinessOut:
    """What blocks a first run and what makes plans weaker, for some days ahead."""
    day = first or time.today()
    found = readiness.street(tx, caller, StreetId(street), day, on(packs, street, day), count=days)
    blocking, weakening = counts(found.items)
    return ReadinessOut(
        street=found.street,
        name=found.name,
        first=found.first,
        last=found.last,
        ready=found.ready,
        blocking=blocking,
        weakening=weakening,
        elders=found.elders,
        planned=found.planned,
        staff=found.staff,
        visits=found.visits,
        items=[ItemOut.of(one, street, language) for one in found.items],
    )
