"""The rows of the policy packs over HTTP, and rows beside a decision."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.context import CallerNow
from api.scheduler.rules import PacksNow
from carecoord.flows import policy
from carecoord.model import time
from carecoord.model.policy import NATION, Row, RuleRef, Rules, Value

router = APIRouter(prefix="/rules", tags=["rules"])


class RuleOut(BaseModel):
    """A policy row that a decision rests on, as it was when it was decided."""

    rule_id: str = Field(examples=["ltc37.matrix"])
    jurisdiction: str = Field(examples=["CN"])
    doc_no: str = Field(examples=["医保办发〔2021〕37号"])
    clause: str
    valid_from: date
    mark: str = Field(examples=["M?"])
    confirmed: bool = Field(description="The value was seen in a published copy")
    in_force: bool = Field(description="false: the decision stands under a row that was replaced")


class RowOut(BaseModel):
    """One row of a pack."""

    rule_id: str
    jurisdiction: str
    doc_no: str
    clause: str
    valid_from: date
    valid_to: date | None
    mark: str
    confirmed: bool
    name: dict[str, str]
    unit: str
    note: str
    value: Any
    least: Any = None
    most: Any = None
    source: str
    line: int

    @classmethod
    def of(cls, row: Row) -> "RowOut":
        """One row."""
        return cls(
            rule_id=row.rule_id,
            jurisdiction=row.jurisdiction,
            doc_no=row.doc_no,
            clause=row.clause,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            mark=row.mark.value,
            confirmed=row.confirmed,
            name={"zh_CN": row.zh, "en": row.en},
            unit=row.unit,
            note=row.note,
            value=plain(row.value),
            least=None if row.least is None else plain(row.least),
            most=None if row.most is None else plain(row.most),
            source=row.source,
            line=row.line,
        )


class RowsOut(BaseModel):
    """The rows in force on a day at a place."""

    day: date
    jurisdiction: str
    total: int
    unconfirmed: int
    documents: list[str]
    rows: list[RowOut]


def plain(value: Value) -> Any:
    """A value as JSON: exact decimals become text, because a float would not be the same."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, Decimal) else value


def rules_out(refs: Iterable[RuleRef], present: Rules) -> list[RuleOut]:
    """Rows beside a decision; `present`: the rows in force today at the same place."""
    return [
        RuleOut(
            rule_id=ref.rule_id,
            jurisdiction=ref.jurisdiction,
            doc_no=ref.doc_no,
            clause=ref.clause,
            valid_from=ref.valid_from,
            mark=ref.mark.value,
            confirmed=ref.confirmed,
            in_force=policy.stands(ref, present),
        )
        for ref in refs
    ]


@router.get("")
def rows_in_force(
    caller: CallerNow,
    packs: PacksNow,
    day: date | None = None,
    jurisdiction: Annotated[str, Query(examples=["310106007"])] = NATION,
    document: str = "",
    prefix: Annotated[str, Query(description="Of the rule id, up to a dot")] = "",
    unconfirmed: bool = False,
) -> RowsOut:
    """Every number the engine decides by, on a day at a place; the nearest division wins."""
    found = policy.in_force(
        packs,
        caller,
        day or time.today(),
        jurisdiction,
        document=document,
        prefix=prefix,
        unconfirmed=unconfirmed,
    )
    return RowsOut(
        day=found.day,
        jurisdiction=found.jurisdiction,
        total=found.total,
        unconfirmed=found.unconfirmed,
        documents=list(found.documents),
        rows=[RowOut.of(row) for row in found.rows],
    )


@router.get("/{rule_id}")
def history(rule_id: str, caller: CallerNow, packs: PacksNow) -> list[RowOut]:
    """All rows of one rule, by place and date: what held when and where."""
    return [RowOut.of(row) for row in policy.history(packs, caller, rule_id)]
